//! Pages, the words of consent and the navigation at the dashboard.

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
