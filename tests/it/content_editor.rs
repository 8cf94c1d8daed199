//! The editor of articles: written, kept while it is typed, scheduled, published, taken back, compared and brought back.

use manero::business::articles::edit;
use manero::platform::clock;
use manero::platform::id::new_id;

use crate::app::{Answer, Browser, TestApp};

/// The value of a hidden field, or of any field, of a page.
pub(crate) fn value(html: &str, name: &str) -> String {
    let field = html.split(&format!("name=\"{name}\"")).nth(1);
    let field = field.unwrap_or_else(|| panic!("no field {name} in {html}"));
    let tag = field.split('>').next().unwrap();
    let value = tag.split("value=\"").nth(1).unwrap_or_default();
    value.split('"').next().unwrap_or_default().to_owned()
}

pub(crate) fn led_to(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("Location").unwrap().to_owned()
}

fn site() -> (TestApp, Browser) {
    let app = TestApp::unlimited();
    let browser = app.at_the_dashboard("editor");
    (app, browser)
}

/// The fields of the editor at `path`, with others in the place of some.
fn fields(
    app: &TestApp,
    who: &Browser,
    path: &str,
    other: &[(&str, &str)],
) -> Vec<(String, String)> {
    let page = who.get(app, path);
    let html = page.page(200);
    let names = ["id", "based_on", "title", "slug", "author", "tags", "date"];
    let mut found: Vec<(String, String)> =
        names.iter().map(|name| ((*name).to_owned(), value(html, name))).collect();
    for name in ["body", "excerpt"] {
        let area =
            html.split(&format!("name=\"{name}\"")).nth(1).unwrap().split_once('>').unwrap().1;
        let text = area.split("</textarea>").next().unwrap().trim_start_matches('\n');
        found.push((name.to_owned(), text.to_owned()));
    }
    found.push(("lang".into(), "en".into()));
    for (name, value) in other {
        found.retain(|(known, _)| known != name);
        found.push(((*name).to_owned(), (*value).to_owned()));
    }
    found
}

fn send(app: &TestApp, who: &Browser, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    who.post(app, path, &fields)
}

/// Opens the editor at `path`, changes some fields and saves.
pub(crate) fn save(app: &TestApp, who: &Browser, path: &str, other: &[(&str, &str)]) -> Answer {
    send(app, who, "/admin/articles", &fields(app, who, path, other))
}

#[test]
fn an_article_is_written_scheduled_published_and_taken_back() {
    let (app, ana) = site();
    assert!(ana.get(&app, "/admin/articles").page(200).contains("New article"));
    let written = save(
        &app,
        &ana,
        "/admin/articles/new",
        &[
            ("title", "Ask three clients"),
            ("body", "Ask **three** of them."),
            ("tags", "Clients, Habits, clients"),
            ("act", "save"),
        ],
    );
    let path = led_to(&written);
    assert_eq!(path, "/admin/articles/ask-three-clients");
    let page = ana.keeping(&written).get(&app, &path);
    for part in
        ["Draft saved.", "Save draft", "Ask <strong>three</strong> of them.", "Clients, Habits"]
    {
        assert!(page.page(200).contains(part), "{part} in {}", page.text());
    }
    app.get("/articles/ask-three-clients").page(404);

    let scheduled = save(&app, &ana, &path, &[("date", "2999-12-01T09:00"), ("act", "schedule")]);
    assert_eq!(led_to(&scheduled), path);
    assert!(
        ana.keeping(&scheduled)
            .get(&app, &path)
            .page(200)
            .contains("Saved. It appears on 1 Dec 2999, 09:00:00 UTC.")
    );
    assert!(
        ana.get(&app, "/admin/articles?state=scheduled").page(200).contains("Ask three clients")
    );
    app.get("/articles/ask-three-clients").page(404);

    let published = save(&app, &ana, &path, &[("act", "publish")]);
    assert_eq!(led_to(&published), path);
    let told = ana.keeping(&published).get(&app, &path);
    assert!(
        told.page(200).contains("Published. It is at /articles/ask-three-clients now.")
            && told.text().contains("Undo")
    );
    assert!(app.get("/articles/ask-three-clients").page(200).contains("<strong>three</strong>"));

    let undone = ana.post(&app, &format!("{path}/state"), &[("at", "")]);
    assert_eq!(led_to(&undone), path);
    app.get("/articles/ask-three-clients").page(404);
    save(&app, &ana, &path, &[("act", "publish")]);
    app.get("/articles/ask-three-clients").page(200);
    assert_eq!(save(&app, &ana, &path, &[("act", "take-back")]).status, 303);
    app.get("/articles/ask-three-clients").page(404);
}

#[test]
fn an_old_address_leads_to_the_new_one_and_the_editor_says_so() {
    let (app, ana) = site();
    let path = "/admin/articles/two-hours-a-week";
    let moved = save(&app, &ana, path, &[("slug", "an-hour-a-week")]);
    assert_eq!(led_to(&moved), "/admin/articles/an-hour-a-week");
    let old = app.get("/articles/two-hours-a-week");
    assert_eq!((old.status, old.header("Location")), (308, Some("/articles/an-hour-a-week")));
    let page = ana.get(&app, "/admin/articles/an-hour-a-week");
    assert!(page.page(200).contains("<code>/articles/two-hours-a-week</code>"), "{}", page.text());
    let taken = save(&app, &ana, "/admin/articles/an-hour-a-week", &[("slug", "choose-one-thing")]);
    assert!(taken.page(422).contains("Another article has this slug."), "{}", taken.text());
}

#[test]
fn what_is_wrong_stands_beside_its_field_and_what_was_typed_stays() {
    let (app, ana) = site();
    let odd = save(
        &app,
        &ana,
        "/admin/articles/new",
        &[
            ("title", " "),
            ("slug", "Not So"),
            ("excerpt", "kept"),
            ("body", "kept too"),
            ("act", "schedule"),
            ("date", ""),
        ],
    );
    let html = odd.page(422);
    for part in [
        "It is not saved yet.",
        "Title must not be empty.",
        "Slug must be 1 to 63 of a-z, 0-9 and dashes.",
        "Choose a day and a time",
        "kept too",
        "value=\"Not So\"",
        "\nkept</textarea>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert_eq!(app.count("articles WHERE edited_at IS NOT NULL"), 0);
    let long =
        save(&app, &ana, "/admin/articles/new", &[("title", "T"), ("body", &"x".repeat(200_001))]);
    assert!(long.page(422).contains("Body must be 200000 characters or fewer."));
}

#[test]
fn a_form_that_is_sent_twice_makes_one_article_and_one_version() {
    let (app, ana) = site();
    let sent = fields(&app, &ana, "/admin/articles/new", &[("title", "Once"), ("body", "only")]);
    let first = send(&app, &ana, "/admin/articles", &sent);
    let second = send(&app, &ana, "/admin/articles", &sent);
    assert_eq!(
        (led_to(&first), led_to(&second)),
        ("/admin/articles/once".into(), "/admin/articles/once".into())
    );
    assert_eq!(app.count("articles WHERE title = 'Once'"), 1);
    let change =
        fields(&app, &ana, "/admin/articles/once", &[("body", "only this"), ("act", "publish")]);
    assert_eq!(send(&app, &ana, "/admin/articles", &change).status, 303);
    assert_eq!(
        send(&app, &ana, "/admin/articles", &change).status,
        303,
        "the same once more is no news"
    );
    assert_eq!(app.count("revisions"), 2);
}

#[test]
fn whoever_saves_over_a_newer_version_is_told_and_nothing_is_lost() {
    let (app, ana) = site();
    app.person("bea", "editor");
    let bea = app.log_in_to_the_dashboard("bea");
    let path = "/admin/articles/two-hours-a-week";
    let mine = fields(&app, &ana, path, &[("title", "Mine"), ("body", "My words.")]);
    assert_eq!(save(&app, &bea, path, &[("title", "Hers"), ("body", "Her words.")]).status, 303);
    let late = send(&app, &ana, "/admin/articles", &mine);
    let html = late.page(409);
    for part in [
        "bea@example.com",
        "saved this article",
        "Her",
        "My words.",
        "value=\"Mine\"",
        "Nothing is saved yet",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert_eq!(app.count("articles WHERE title = 'Hers'"), 1, "nothing was overwritten");
    // Sent from that page once more it is meant so.
    let meant: Vec<(String, String)> = mine
        .iter()
        .map(|(n, v)| {
            (n.clone(), if n == "based_on" { value(html, "based_on") } else { v.clone() })
        })
        .collect();
    assert_eq!(send(&app, &ana, "/admin/articles", &meant).status, 303);
    let versions = ana.get(&app, &format!("{path}/revisions"));
    let found = versions.page(200);
    assert!(found.contains("bea@example.com") && found.contains("editor@example.com"), "{found}");
    assert!(found.contains("<mark>My</mark>") && found.contains("<mark>Her</mark>"), "{found}");
}

#[test]
fn an_article_removed_meanwhile_can_be_saved_as_a_new_one() {
    let (app, ana) = site();
    let path = "/admin/articles/two-hours-a-week";
    let mine = fields(&app, &ana, path, &[("body", "My words.")]);
    let title = mine.iter().find(|(name, _)| name == "title").unwrap().1.clone();
    let wrong = ana.post(&app, &format!("{path}/remove"), &[("typed", "something")]);
    assert_eq!(led_to(&wrong), path, "the title was not typed");
    let title = title.replace("&#39;", "'").replace("&amp;", "&");
    let removed = ana.post(&app, &format!("{path}/remove"), &[("typed", &title)]);
    assert_eq!(led_to(&removed), "/admin/articles");
    app.get("/articles/two-hours-a-week").page(404);
    let late = send(&app, &ana, "/admin/articles", &mine);
    let html = late.page(409).to_owned();
    assert!(html.contains("was removed while you wrote") && html.contains("My words."), "{html}");
    let meant: Vec<(String, String)> = mine
        .iter()
        .map(|(n, v)| {
            (
                n.clone(),
                if ["based_on", "id"].contains(&n.as_str()) { value(&html, n) } else { v.clone() },
            )
        })
        .collect();
    assert_eq!(led_to(&send(&app, &ana, "/admin/articles", &meant)), path);
}

#[test]
fn what_is_typed_is_offered_again_until_it_is_saved_or_thrown_away() {
    let (app, ana) = site();
    let path = "/admin/articles/two-hours-a-week";
    let typed = fields(&app, &ana, path, &[("title", "Half a thought")]);
    assert_eq!(send(&app, &ana, "/admin/articles/draft", &typed).status, 204);
    let page = ana.get(&app, path);
    assert!(page.page(200).contains("Go on with it") && !page.text().contains("Half a thought"));
    assert!(
        ana.get(&app, &format!("{path}?draft=1")).page(200).contains("value=\"Half a thought\"")
    );
    app.person("bea", "editor");
    let bea = app.log_in_to_the_dashboard("bea");
    assert!(!bea.get(&app, path).page(200).contains("Go on with it"), "it is whose who typed it");
    let id = value(page.text(), "id");
    assert_eq!(led_to(&ana.post(&app, "/admin/articles/discard", &[("id", &id)])), path);
    assert!(!ana.get(&app, path).page(200).contains("Go on with it"));

    // One that was never saved.
    let begun =
        fields(&app, &ana, "/admin/articles/new", &[("title", "A beginning"), ("body", "Once.")]);
    assert_eq!(send(&app, &ana, "/admin/articles/draft", &begun).status, 204);
    let page = ana.get(&app, "/admin/articles/new");
    let html = page.page(200);
    assert!(html.contains("You began an article") && html.contains("A beginning"), "{html}");
    let address = html.split("<a href=\"/admin/articles/new?draft=").nth(1).unwrap();
    let address = format!("/admin/articles/new?draft={}", address.split('"').next().unwrap());
    assert!(ana.get(&app, &address).page(200).contains("value=\"A beginning\""));
    assert_eq!(save(&app, &ana, &address, &[]).status, 303);
    assert!(!ana.get(&app, "/admin/articles/new").page(200).contains("You began an article"));
    assert_eq!(app.count("article_drafts"), 0);
    let odd = ana.post(&app, "/admin/articles/draft", &[("id", "x")]);
    assert_eq!(odd.status, 400);
}

#[test]
fn a_preview_is_made_as_the_page_is() {
    let (app, ana) = site();
    let body = "## One\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n<script>alert(1)</script> ![x](https://evil.example/a.png)";
    let typed = fields(
        &app,
        &ana,
        "/admin/articles/new",
        &[("title", "Seen before"), ("body", body), ("tags", "Habits")],
    );
    let parts = send(&app, &ana, "/admin/articles/preview", &typed);
    let html = parts.page(200);
    for part in [
        "data-part=\"body\"",
        "<h2 id=\"one\">One</h2>",
        "<td class=\"right\">2</td>",
        "data-part=\"seo\"",
        "Write an excerpt",
        "Seen before – ",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("<script>") && !html.contains("evil.example"), "{html}");
    let whole = [&typed[..], &[("whole".to_owned(), "yes".to_owned())]].concat();
    let page = send(&app, &ana, "/admin/articles/preview", &whole);
    for part in
        ["<h1>Seen before</h1>", "noindex", "class=\"prose opening\"", "/articles/topics/habits"]
    {
        assert!(page.page(200).contains(part), "{part} in {}", page.text());
    }
    assert_eq!(app.count("articles WHERE title = 'Seen before'"), 0);
}

#[test]
fn a_version_is_compared_and_brought_back() {
    let (app, ana) = site();
    let path = "/admin/articles/two-hours-a-week";
    assert!(
        ana.get(&app, &format!("{path}/revisions")).page(200).contains("Nothing was changed yet")
    );
    save(&app, &ana, path, &[("body", "First thing to say."), ("title", "One")]);
    save(&app, &ana, path, &[("body", "Second thing to say."), ("title", "Two")]);
    let page = ana.get(&app, &format!("{path}/revisions"));
    let html = page.page(200);
    assert!(html.contains("Before the first change") && html.contains("text, title"), "{html}");
    assert!(html.contains("<mark>First</mark>") && html.contains("<mark>Second</mark>"), "{html}");
    let version = value(html, "version");
    let back = ana.post(&app, &format!("{path}/restore"), &[("version", &version)]);
    assert_eq!(led_to(&back), path);
    let stored = app.db().read_blocking(|conn| edit::by_slug(conn, "two-hours-a-week")).unwrap();
    assert_eq!(
        (stored.body_markdown.as_str(), stored.article.summary.title.as_str()),
        ("First thing to say.", "One")
    );
    assert!(ana.keeping(&back).get(&app, path).page(200).contains("Undo"));
    assert_eq!(ana.post(&app, &format!("{path}/restore"), &[("version", &new_id())]).status, 404);
    let of_other = format!("/admin/articles/choose-one-thing/revisions?to={version}");
    assert_eq!(ana.get(&app, &of_other).status, 404);
}

#[test]
fn a_date_in_the_past_is_a_date_and_publishing_keeps_it() {
    let (app, ana) = site();
    let made = save(
        &app,
        &ana,
        "/admin/articles/new",
        &[("title", "Old news"), ("date", "2020-02-03T04:05"), ("act", "schedule")],
    );
    let path = led_to(&made);
    let at = |app: &TestApp| {
        app.query::<(i64,)>("SELECT published_at FROM articles WHERE slug = 'old-news'")[0].0
    };
    assert_eq!(clock::rfc3339(at(&app)), "2020-02-03T04:05:00.000Z");
    save(&app, &ana, &path, &[("act", "publish"), ("body", "Changed.")]);
    assert_eq!(clock::rfc3339(at(&app)), "2020-02-03T04:05:00.000Z", "it is public already");
}
