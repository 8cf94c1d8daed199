//! The list of articles, programs, the home page, redirects and missing pages at the dashboard.

use manero::ops::logs;

use crate::app::{Browser, TestApp};
use crate::content_editor::{led_to, save, value};

fn site() -> (TestApp, Browser) {
    let app = TestApp::unlimited();
    let browser = app.at_the_dashboard("editor");
    (app, browser)
}

#[test]
fn the_home_page_is_put_in_order_and_says_what_was_typed() {
    let (app, ana) = site();
    let page = ana.get(&app, "/admin/home");
    let html = page.page(200);
    let based_on = value(html, "based_on");
    let one = |name: &str| value(html, name);
    let names = [
        "hero_title",
        "hero_action",
        "promise_title",
        "fit_title",
        "for_title",
        "not_for_title",
        "programs_title",
        "steps_title",
        "testimonials_title",
        "articles_title",
        "join_title",
    ];
    let typed: Vec<(String, String)> =
        names.iter().map(|name| ((*name).to_owned(), one(name))).collect();
    let mut fields: Vec<(&str, &str)> =
        typed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    fields.retain(|(name, _)| *name != "hero_title");
    fields.extend([
        ("lang", "en"),
        ("based_on", based_on.as_str()),
        ("hero_title", "Said anew"),
        ("hero_lead", "Lead."),
        ("for_whom", "one\ntwo\n\n"),
    ]);
    fields.extend([
        ("step_title", "First"),
        ("step_text", "Do."),
        ("step_title", ""),
        ("step_text", ""),
    ]);
    fields.extend([
        ("voice_quote", "Good."),
        ("voice_name", "Ana"),
        ("voice_role", ""),
        ("voice_quote", "Better."),
        ("voice_name", "Bea"),
        ("voice_role", "x"),
        ("voice_sample", "1"),
    ]);
    for (index, section) in
        ["articles", "steps", "promise", "fit", "testimonials"].iter().enumerate()
    {
        let order = ["1", "2", "3", "4", "5"][index];
        fields.push((
            ["order_articles", "order_steps", "order_promise", "order_fit", "order_testimonials"]
                [index],
            order,
        ));
        let _ = section;
    }
    for shown in ["show_articles", "show_steps", "show_promise", "show_fit", "show_testimonials"] {
        fields.push((shown, "yes"));
    }
    let saved = ana.post(&app, "/admin/home", &fields);
    assert_eq!(led_to(&saved), "/admin/home?lang=en");
    let page = app.get("/");
    let html = page.page(200);
    let at = |part: &str| html.find(part).unwrap_or_else(|| panic!("{part} in {html}"));
    assert!(
        at("Said anew") < at("id=\"latest\"")
            && at("id=\"latest\"") < at("id=\"how\"")
            && at("id=\"how\"") < at("id=\"promise\"")
    );
    assert!(!html.contains("id=\"programs\""), "left out");
    assert_eq!(html.matches("class=\"sample\"").count(), 1, "the second voice is a sample");
    // Once more from the same page: somebody has changed it since.
    fields.push(("join_lead", "x"));
    assert!(
        ana.post(&app, "/admin/home", &fields)
            .page(422)
            .contains("Somebody else has changed the home page")
    );
    let long = "x".repeat(201);
    fields.retain(|(name, _)| *name != "hero_title");
    fields.push(("hero_title", &long));
    assert!(
        ana.post(&app, "/admin/home", &fields)
            .page(422)
            .contains("Hero title must be 200 characters or fewer.")
    );
}

#[test]
fn a_program_gets_an_offer_and_words_in_another_language() {
    let (app, ana) = site();
    let fields = [
        ("lang", "en"),
        ("slug", "sprint"),
        ("price", "99"),
        ("currency", "eur"),
        ("weeks", "2"),
        ("name", "SPRINT"),
        ("published", "yes"),
        ("offer_name", "Early bird"),
        ("offer_price", "79,50"),
        ("offer_starts", ""),
        ("offer_ends", "2999-01-01T00:00"),
        ("offer_checkout", "https://pay.hotmart.com/E1"),
        ("module_title", "One"),
        ("module_summary", "Begin\nhere."),
        ("question", "Why?"),
        ("answer", "Because."),
    ];
    assert_eq!(led_to(&ana.post(&app, "/admin/programs", &fields)), "/admin/programs/sprint");
    let page = app.get("/programs/sprint");
    for part in ["€79.50", "Early bird", "https://pay.hotmart.com/E1", "Begin here.", "Because."]
    {
        assert!(page.page(200).contains(part), "{part} in {}", page.text());
    }
    assert!(ana.get(&app, "/admin/programs").page(200).contains("Early bird"));
    let form = ana.get(&app, "/admin/programs/sprint?lang=es");
    let html = form.page(200);
    assert!(
        html.contains("There are no words in this language yet")
            && !html.contains("name=\"price\"")
    );
    let (id, based_on) = (value(html, "id"), value(html, "based_on"));
    let spanish =
        [("id", id.as_str()), ("based_on", &based_on), ("lang", "es"), ("name", "SPRINT ES")];
    assert_eq!(
        led_to(&ana.post(&app, "/admin/programs", &spanish)),
        "/admin/programs/sprint?lang=es"
    );
    assert!(app.get("/es/programs/sprint").page(200).contains("SPRINT ES"));
    assert!(app.get("/programs/sprint").page(200).contains("€79.50"), "the facts stay");
    let late = [("id", id.as_str()), ("based_on", &based_on), ("lang", "es"), ("name", "OTRO")];
    let late = ana.post(&app, "/admin/programs", &late);
    assert!(
        late.page(409).contains("editor@example.com") && late.text().contains("value=\"OTRO\"")
    );
    assert!(ana.get(&app, "/admin/programs/sprint/versions").page(200).contains("SPRINT ES"));

    let odd = [
        ("lang", "en"),
        ("slug", "prime"),
        ("price", "much"),
        ("currency", "EUR"),
        ("weeks", "2"),
        ("name", "X"),
        ("offer_name", "Back"),
        ("offer_price", "1"),
        ("offer_starts", "2026-02-01T00:00"),
        ("offer_ends", "2026-01-01T00:00"),
    ];
    let html = ana.post(&app, "/admin/programs", &odd).page(422).to_owned();
    assert!(
        html.contains("Write the price as an amount such as 499 or 499.50.")
            && html.contains("value=\"much\"")
    );
    let odd: Vec<(&str, &str)> =
        odd.iter().map(|(n, v)| (*n, if *v == "much" { "5" } else { v })).collect();
    assert!(ana.post(&app, "/admin/programs", &odd).page(422).contains("ends before it begins"));
    let taken: Vec<(&str, &str)> =
        odd.into_iter().filter(|(name, _)| !name.starts_with("offer")).collect();
    assert!(
        ana.post(&app, "/admin/programs", &taken)
            .page(422)
            .contains("Another program has this slug.")
    );
    assert_eq!(
        led_to(&ana.post(&app, &format!("/admin/programs/{id}/remove"), &[("typed", "SPRINT")])),
        "/admin/programs"
    );
    app.get("/programs/sprint").page(404);
}

#[test]
fn a_missing_page_is_counted_led_on_with_one_click_or_ignored() {
    let (app, ana) = site();
    assert!(ana.get(&app, "/admin/missing").page(200).contains("Nobody has missed a page"));
    for _ in 0..3 {
        app.get("/articles/two-hour-a-week").page(404);
    }
    app.get("/wp-login.php").page(404);
    logs::flush(app.db(), &app.context.missing, &app.context.telemetry);
    app.context.telemetry.close();
    let report = ana.get(&app, "/admin/missing");
    let html = report.page(200);
    assert!(
        html.find("/articles/two-hour-a-week").unwrap() < html.find("/wp-login.php").unwrap(),
        "the most wanted first"
    );
    let way = "/admin/redirects/new?from=%2Farticles%2Ftwo-hour-a-week";
    assert!(html.contains(way), "{html}");
    let form = ana.get(&app, way);
    assert_eq!(
        (value(form.page(200), "from"), value(form.text(), "to")),
        ("/articles/two-hour-a-week".into(), "/articles/two-hours-a-week".into())
    );
    let made = ana.post(
        &app,
        "/admin/redirects",
        &[("from", "/articles/two-hour-a-week"), ("to", "/articles/two-hours-a-week")],
    );
    assert_eq!(led_to(&made), "/admin/redirects");
    assert_eq!(
        app.get("/articles/two-hour-a-week").header("Location"),
        Some("/articles/two-hours-a-week")
    );
    assert_eq!(
        led_to(&ana.post(&app, "/admin/missing/ignore", &[("path", "/wp-login.php")])),
        "/admin/missing"
    );
    let after = ana.get(&app, "/admin/missing");
    assert!(!after.text().contains("two-hour-a-week"), "{}", after.text());
    assert!(ana.get(&app, "/admin/missing?show=ignored").page(200).contains("/wp-login.php"));
    ana.post(&app, "/admin/missing/heed", &[("path", "/wp-login.php")]);
    assert!(ana.get(&app, "/admin/missing").page(200).contains("<code>/wp-login.php</code>"));
}

#[test]
fn redirects_are_listed_changed_and_removed_and_each_can_be_taken_back() {
    let (app, ana) = site();
    assert!(ana.get(&app, "/admin/redirects").page(200).contains("No redirects yet"));
    ana.post(&app, "/admin/redirects", &[("from", "/about-me"), ("to", "/privacy")]);
    let list = ana.get(&app, "/admin/redirects?q=ABOUT");
    let id = list.page(200).split("/admin/redirects/").find(|rest| rest.starts_with("01")).unwrap()
        [..36]
        .to_owned();
    assert!(ana.get(&app, "/admin/redirects?q=nothing").page(200).contains("Nothing fits"));
    let path = format!("/admin/redirects/{id}");
    assert_eq!(value(ana.get(&app, &path).page(200), "to"), "/privacy");
    let changed = ana.post(&app, &path, &[("from", "/about-me"), ("to", "https://example.com/")]);
    assert_eq!(app.get("/about-me").header("Location"), Some("https://example.com/"));
    assert!(ana.keeping(&changed).get(&app, "/admin/redirects").page(200).contains("Undo"));
    for (from, to, said) in [
        ("about", "/privacy", "Write a path of this site such as /about-me"),
        ("/x", "javascript:alert(1)", "Write a path such as /programs, or an address"),
        ("/about-me", "/terms", "This address is moved already."),
        ("/loop", "/loop", "This redirect would lead in a circle."),
    ] {
        let refused = ana.post(&app, "/admin/redirects", &[("from", from), ("to", to)]);
        assert!(
            refused.page(422).contains(said) && value(refused.text(), "from") == from,
            "{said} in {}",
            refused.text()
        );
    }
    let removed = ana.post(&app, "/admin/redirects/remove", &[("id", &id)]);
    assert!(
        ana.keeping(&removed)
            .get(&app, "/admin/redirects")
            .page(200)
            .contains("/about-me leads nowhere now.")
    );
    app.get("/about-me").page(404);
}

#[test]
fn an_analyst_reads_the_lists_and_changes_nothing() {
    let app = TestApp::unlimited();
    let ana = app.at_the_dashboard("analyst");
    for path in [
        "/admin/articles",
        "/admin/pages",
        "/admin/programs",
        "/admin/redirects",
        "/admin/missing",
        "/admin/home",
        "/admin/navigation",
    ] {
        let page = ana.get(&app, path);
        assert!(
            !page.page(200).contains(">Save</button>") && !page.text().contains("formaction"),
            "{path}"
        );
    }
    ana.get(&app, "/admin/articles/new").page(403);
    assert_eq!(ana.post(&app, "/admin/home", &[("lang", "en")]).status, 403);
}

#[test]
fn several_articles_are_published_taken_back_and_removed_at_once() {
    let (app, ana) = site();
    for title in ["One more", "Two more", "Three more"] {
        save(&app, &ana, "/admin/articles/new", &[("title", title)]);
    }
    let list = ana.get(&app, "/admin/articles?q=MORE&state=draft");
    assert_eq!(list.page(200).matches("name=\"id\"").count(), 3, "{}", list.text());
    let all = [("all", "yes"), ("filters", "q=more&state=draft")];
    let published = ana.post(&app, "/admin/bulk/articles/publish", &all);
    assert_eq!(led_to(&published), "/admin/articles");
    let told = ana.keeping(&published).get(&app, "/admin/articles");
    assert!(told.page(200).contains("3 articles are public now."), "{}", told.text());
    app.get("/articles/two-more").page(200);
    // The form in the message takes it back.
    let was: Vec<&str> = told
        .text()
        .split("name=\"was\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(was.len(), 3);
    let fields: Vec<(&str, &str)> = was.iter().map(|was| ("was", *was)).collect();
    ana.post(&app, "/admin/bulk/articles/undo", &fields);
    app.get("/articles/two-more").page(404);

    let asked = ana.post(&app, "/admin/bulk/articles/remove", &all);
    let html = asked.page(200);
    assert!(html.contains("remove 3") && html.contains("One more"), "{html}");
    let ids: Vec<&str> = html
        .split("name=\"id\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("id", *id)).collect();
    fields.push(("typed", "remove 2"));
    ana.post(&app, "/admin/bulk/articles/remove", &fields).page(422);
    fields.pop();
    fields.push(("typed", "remove 3"));
    assert_eq!(led_to(&ana.post(&app, "/admin/bulk/articles/remove", &fields)), "/admin/articles");
    assert_eq!(app.count("articles WHERE title LIKE '%more'"), 0);
}

#[test]
fn the_owners_details_are_changed_where_every_page_shows_them() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let hidden = |page: &str| crate::admin_settings::hidden(page, "/admin/owner", "based_on");
    let first = hidden(owner.get(&app, "/admin/owner").page(200));
    let form = |name, email, based_on| {
        [
            ("owner_name", name),
            ("owner_address", "Rua Direita 1, Lisboa"),
            ("contact_email", email),
            ("based_on", based_on),
        ]
    };
    let refused = owner.post(&app, "/admin/owner", &form("", "nobody", &first));
    assert_eq!(refused.page(422).matches("class=\"fault\"").count(), 2);
    assert!(refused.text().contains("Rua Direita 1, Lisboa"), "what was typed stays");
    let saved = owner.post(&app, "/admin/owner", &form("Ana Souza Lda", "Ana@Example.com", &first));
    assert_eq!(saved.header("Location"), Some("/admin/owner"));
    assert!(app.get("/").page(200).contains("Ana Souza Lda"));
    let late = owner.post(&app, "/admin/owner", &form("Somebody Else", "", &first));
    assert!(late.page(422).contains("Somebody else has changed"));
    let again = owner.post(&app, "/admin/owner", &form("Somebody Else", "", &hidden(late.text())));
    assert_eq!(again.status, 303);
    assert_eq!(app.audit().iter().filter(|action| *action == "texts.update").count(), 2);
}
