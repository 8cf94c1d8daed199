//! Pages, programs, the home page, navigation, redirects and missing pages at the dashboard.

use manero::ops::logs;

use crate::app::{Answer, Browser, TestApp};
use crate::content_editor::{led_to, value};

fn site() -> (TestApp, Browser) {
    let app = TestApp::unlimited();
    let browser = app.at_the_dashboard("editor");
    (app, browser)
}

/// The text of an area of a page, as it was typed.
fn area(html: &str, name: &str) -> String {
    let area = html.split(&format!("name=\"{name}\"")).nth(1).unwrap().split_once('>').unwrap().1;
    let text = area.split("</textarea>").next().unwrap().trim_start_matches('\n').to_owned();
    text.replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
}

#[test]
fn a_legal_text_gets_a_version_of_today_and_the_old_one_stays_readable() {
    let (app, ana) = site();
    assert!(ana.get(&app, "/admin/pages").page(200).contains("/admin/pages/privacy?lang=es"));
    let page = ana.get(&app, "/admin/pages/privacy?lang=es");
    let html = page.page(200);
    let (id, based_on, body) = (value(html, "id"), value(html, "based_on"), area(html, "body"));
    let base = [
        ("id", id.as_str()),
        ("lang", "es"),
        ("slug", "privacy"),
        ("title", "Privacidad"),
        ("description", "Lo que guardamos."),
    ];
    let fields = [
        &base[..],
        &[("based_on", based_on.as_str()), ("body", "Palabras nuevas."), ("act", "publish")],
    ]
    .concat();
    let saved = ana.post(&app, "/admin/pages", &fields);
    assert_eq!(led_to(&saved), "/admin/pages/privacy?lang=es");
    assert!(app.get("/es/privacy").page(200).contains("Palabras nuevas."));
    let versions = ana.get(&app, "/admin/pages/privacy/versions?lang=es");
    let html = versions.page(200);
    let first = body
        .lines()
        .find(|line| line.len() > 30 && !line.contains(['[', '{', '*', '\'', '"', '&']))
        .unwrap();
    assert!(html.contains("editor@example.com") && html.contains(first), "{first} in {html}");

    // Somebody who opened it before hears of it.
    let late = [&base[..], &[("based_on", based_on.as_str()), ("body", "Otras."), ("act", "save")]]
        .concat();
    let late = ana.post(&app, "/admin/pages", &late);
    assert!(late.page(409).contains("Nothing is saved yet") && late.text().contains("Otras."));

    let back = ana.post(
        &app,
        "/admin/pages/privacy/restore?lang=es",
        &[("version", &value(html, "version"))],
    );
    assert_eq!(led_to(&back), "/admin/pages/privacy?lang=es");
    assert!(!app.get("/es/privacy").page(200).contains("Palabras nuevas."));
    let base = ana.get(&app, "/admin/pages/privacy?lang=es");
    let away = [
        ("id", id.as_str()),
        ("lang", "es"),
        ("slug", "privacidad"),
        ("title", "x"),
        ("based_on", &value(base.page(200), "based_on")),
    ];
    assert!(
        ana.post(&app, "/admin/pages", &away)
            .page(422)
            .contains("The site cannot do without /privacy")
    );
}

#[test]
fn a_page_of_the_owners_is_written_published_and_removed() {
    let (app, ana) = site();
    let fields = [
        ("lang", "en"),
        ("based_on", "0"),
        ("slug", "about"),
        ("title", "Who I am"),
        ("body", "I am **here**."),
        ("act", "save"),
    ];
    assert_eq!(led_to(&ana.post(&app, "/admin/pages", &fields)), "/admin/pages/about?lang=en");
    app.get("/about").page(404);
    let page = ana.get(&app, "/admin/pages/about");
    let (id, based_on) = (value(page.page(200), "id"), value(page.text(), "based_on"));
    let fields = [
        ("id", id.as_str()),
        ("lang", "en"),
        ("based_on", &based_on),
        ("slug", "about"),
        ("title", "Who I am"),
        ("body", "I am **here**."),
        ("act", "publish"),
    ];
    assert_eq!(ana.post(&app, "/admin/pages", &fields).status, 303);
    assert!(app.get("/about").page(200).contains("<strong>here</strong>"));
    for (slug, said) in [
        ("admin", "/admin is an address of the site itself"),
        ("about", "Another page has this slug"),
    ] {
        let fields = [
            ("lang", "en"),
            ("based_on", "0"),
            ("slug", slug),
            ("title", "T"),
            ("body", "kept as typed"),
        ];
        let refused = ana.post(&app, "/admin/pages", &fields);
        assert!(
            refused.page(422).contains(said) && refused.text().contains("kept as typed"),
            "{}",
            refused.text()
        );
    }
    let preview =
        ana.post(&app, "/admin/pages/preview", &[("lang", "en"), ("body", "*a*<script>")]);
    assert!(preview.page(200).contains("<em>a</em>") && !preview.text().contains("<script>"));
    assert_eq!(
        led_to(&ana.post(&app, "/admin/pages/about/remove?lang=en", &[("typed", "x")])),
        "/admin/pages/about?lang=en"
    );
    assert_eq!(
        led_to(&ana.post(&app, "/admin/pages/about/remove?lang=en", &[("typed", "Who I am")])),
        "/admin/pages"
    );
    app.get("/about").page(404);
}

#[test]
fn other_words_of_consent_are_another_version_and_the_earlier_ones_stay() {
    let (app, ana) = site();
    let page = ana.get(&app, "/admin/consent?lang=pt");
    let based_on = value(page.page(200), "based_on");
    let old = area(page.text(), "text");
    let fields = [("lang", "pt"), ("based_on", based_on.as_str()), ("text", "Sim,\nescreve-me.")];
    assert_eq!(led_to(&ana.post(&app, "/admin/consent", &fields)), "/admin/consent?lang=pt");
    assert!(app.get("/pt").page(200).contains("Sim, escreve-me."));
    let after = ana.get(&app, "/admin/consent?lang=pt");
    assert!(
        after.page(200).contains("Earlier versions") && after.text().contains(&old),
        "{old} in {}",
        after.text()
    );
    let version = app.get("/api/v1/site?lang=pt").json()["consent"]["version"].clone();
    assert_ne!(version, based_on.as_str());
    let late = ana.post(
        &app,
        "/admin/consent",
        &[("lang", "pt"), ("based_on", &based_on), ("text", "Outras.")],
    );
    assert!(
        late.page(422).contains("Somebody else has changed these words")
            && late.text().contains("Outras.")
    );
    let empty =
        ana.post(&app, "/admin/consent", &[("lang", "pt"), ("based_on", &based_on), ("text", " ")]);
    assert!(empty.page(422).contains("The text must not be empty."));
}

/// The fields of the navigation as they stand, with `head` in the place of the links at the head.
fn navigation(
    app: &TestApp,
    who: &Browser,
    head: &[(&str, &str, &str)],
    foot: &[(&str, &str)],
) -> Answer {
    let page = who.get(app, "/admin/navigation?lang=es");
    let based_on = value(page.page(200), "based_on");
    let mut fields = vec![("lang", "es"), ("based_on", based_on.as_str())];
    for (order, label, path) in head {
        fields.extend([("head_order", *order), ("head_label", *label), ("head_path", *path)]);
    }
    if foot.is_empty() {
        fields.push(("follows", "yes"));
    }
    for (label, path) in foot {
        fields.extend([("foot_order", "1"), ("foot_label", *label), ("foot_path", *path)]);
    }
    who.post(app, "/admin/navigation", &fields)
}

#[test]
fn links_are_set_in_order_and_lead_somewhere() {
    let (app, ana) = site();
    let set = navigation(
        &app,
        &ana,
        &[("2", "Programas", "/programs"), ("1", "PRIME", "/programs/prime"), ("", "", "")],
        &[("Fuera", "https://social.example/ana")],
    );
    assert_eq!(led_to(&set), "/admin/navigation?lang=es");
    let page = app.get("/es/contact");
    let html = page.page(200);
    assert!(
        html.find("/es/programs/prime\">PRIME").unwrap()
            < html.find("/es/programs\">Programas").unwrap(),
        "{html}"
    );
    assert!(html.contains("https://social.example/ana"));
    let odd = navigation(
        &app,
        &ana,
        &[("1", "Nada", "/program/prime"), ("2", "", "/articles"), ("3", "Mal", "//evil.example")],
        &[("x", "ftp://x")],
    );
    let html = odd.page(422);
    for said in [
        "“Nada”: nothing public stands at /es/program/prime yet. Did you mean /es/programs/prime?",
        "The label of “/articles” must not be empty.",
        "“Mal”: write a path of this site such as /programs.",
        "“x”: write a path of this site such as /programs, or an address",
    ] {
        let said = said.replace('\'', "&#39;");
        assert!(html.contains(&said), "{said} in {html}");
    }
    assert!(html.contains("value=\"/program/prime\""), "what was typed stays");
    assert_eq!(navigation(&app, &ana, &[("1", "Programas", "/programs")], &[]).status, 303);
    assert!(!app.get("/es/contact").page(200).contains("social.example"));
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
    assert!(
        after.page(200).contains("1 ignored") && !after.text().contains("two-hour-a-week"),
        "{}",
        after.text()
    );
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
