//! Programs, pages, the site's words and redirects, written over the API.

use manero::cli::serve::assemble;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::editing::{editor, location};

#[test]
fn a_program_is_added_described_in_languages_hidden_and_shown() {
    let (app, token) = editor();
    let english = json!({ "name": "SPRINT", "tagline": "Two weeks.", "modules": [{ "title": "One", "summary": "Begin." }], "faq": [{ "question": "Why?", "answer": "Because." }] });
    let body = json!({ "slug": "sprint", "price": { "amount": 9900, "currency": "EUR" }, "duration_weeks": 2, "texts": { "en": english, "es": { "name": "SPRINT ES" } } });
    let made = app.post_as(&token, "/api/v1/programs", &body);
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!((&made["published"], &made["source"]["position"]), (&json!(false), &json!(3)));
    app.get("/programs/sprint").page(404);
    assert_eq!(app.get("/api/v1/programs").json()["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        app.get_as(&token, "/api/v1/programs?state=hidden").json()["items"][0]["slug"],
        "sprint"
    );

    let path = "/api/v1/programs/sprint";
    let shown =
        json!({ "published": true, "checkout_url": "https://pay.hotmart.com/S1", "position": 1 });
    assert_eq!(app.patch_as(&token, path, &shown).status, 200);
    assert!(app.get("/programs/sprint").page(200).contains("https://pay.hotmart.com/S1"));
    assert!(app.get("/es/programs/sprint").page(200).contains("SPRINT ES"));
    assert_eq!(app.get("/api/v1/programs?lang=es").json()["items"].as_array().unwrap().len(), 3);
    let odd = json!({ "checkout_url": "javascript:alert(1)", "price": { "amount": -1 }, "texts": { "fr": {}, "en": { "nam": "x" } } });
    let problem = app.patch_as(&token, path, &odd).problem(400);
    let told: Vec<String> = problem["error"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            f["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|p| p.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(".")
        })
        .collect();
    assert_eq!(
        told,
        [
            "price.currency",
            "price.amount",
            "texts.en.name",
            "texts.en.nam",
            "texts.fr",
            "checkout_url"
        ]
    );

    let without = json!({ "texts": { "es": null }, "checkout_url": null, "slug": "dash" });
    let after = app.patch_as(&token, path, &without).json();
    assert_eq!(
        (&after["source"]["texts"]["es"], &after["checkout_url"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(location(&app.get("/pt/programs/sprint")), (308, Some("/pt/programs/dash")));
    assert_eq!(app.delete_as(&token, "/api/v1/programs/dash").status, 204);
    app.get("/programs/dash").page(404);
    assert!(!app.get("/search?q=sprint").text().contains("/programs/dash"));
}

#[test]
fn a_page_of_the_owners_stands_at_its_own_address() {
    let (app, token) = editor();
    let body = json!({ "slug": "imprint", "title": "Imprint", "body": "This site is by {owner}. Write to {contact}." });
    assert_eq!(app.post_as(&token, "/api/v1/pages", &body).status, 201);
    app.get("/imprint").page(404);
    let dated = json!({ "dated_at": "2026-11-01T00:00:00Z" });
    assert_eq!(app.patch_as(&token, "/api/v1/pages/imprint", &dated).status, 200);
    let page = app.get("/imprint");
    assert!(page.page(200).contains("by Manuel Manero"), "{}", page.text());
    assert!(
        app.get("/api/v1/pages/imprint").json()["body_html"]
            .as_str()
            .unwrap()
            .contains("by Manuel Manero")
    );
    app.get("/es/imprint").page(404);
    assert!(app.get("/sitemap.xml").text().contains("/imprint"));
    let spanish = json!({ "slug": "imprint", "lang": "es", "title": "Aviso", "body": "Hola.", "dated_at": "2026-11-01T00:00:00Z" });
    assert_eq!(app.post_as(&token, "/api/v1/pages", &spanish).status, 201);
    app.get("/es/imprint").page(200);
    app.post_as(&token, "/api/v1/pages", &spanish).problem(409);
    let moved = app.patch_as(&token, "/api/v1/pages/imprint?lang=es", &json!({ "slug": "aviso" }));
    assert_eq!(moved.json()["url"], "/es/aviso");
    assert_eq!(location(&app.get("/es/imprint")), (308, Some("/es/aviso")));
    app.get("/imprint").page(200);
    for slug in ["articles", "admin", "api", "es"] {
        app.post_as(&token, "/api/v1/pages", &json!({ "slug": slug, "title": "x" })).problem(409);
    }
    for change in [json!({ "slug": "legal" }), json!({ "dated_at": null })] {
        app.patch_as(&token, "/api/v1/pages/privacy", &change).problem(409);
    }
    app.delete_as(&token, "/api/v1/pages/terms?lang=pt").problem(409);
    assert_eq!(app.delete_as(&token, "/api/v1/pages/aviso?lang=es").status, 204);
    app.get("/es/aviso").page(404);
}

#[test]
fn no_page_can_be_called_like_a_part_of_the_site() {
    let app = TestApp::start();
    for (_, path) in app.routes() {
        let first = path.trim_start_matches('/').split(['/', '?']).next().unwrap().to_owned();
        let plain = first.split('.').next().unwrap();
        let own = plain.is_empty()
            || plain.starts_with(['<', '-'])
            || ["privacy", "terms"].contains(&plain);
        let reserved = manero::business::pages::model::RESERVED.contains(&plain);
        assert!(own || reserved, "{path}: {plain} is not reserved");
    }
}

#[test]
fn the_sites_words_change_on_every_page_and_other_consent_has_another_version() {
    let (app, token) = editor();
    let owner = json!({ "owner_name": "Ana Souza", "contact_email": "Ana@Example.com" });
    let changed = app.patch_as(&token, "/api/v1/texts/owner", &owner);
    assert_eq!(
        changed.json(),
        json!({ "owner_name": "Ana Souza", "owner_address": "", "contact_email": "ana@example.com" })
    );
    assert!(app.get("/privacy").page(200).contains("ana@example.com"));
    let home =
        json!({ "hero_title": "Say it <plainly>.", "for_whom": ["you try"], "testimonials": [] });
    assert_eq!(app.patch_as(&token, "/api/v1/texts/home?lang=es", &home).status, 200);
    assert!(app.get("/es").page(200).contains("Say it &#60;plainly&#62;."), "escaped");
    assert!(!app.get("/").text().contains("plainly&#62;"), "English stays");

    let before = app.get_as(&token, "/api/v1/texts/site").json();
    let nav = json!({ "nav": [{ "label": "Start", "path": "/" }], "tagline": "A line" });
    let kept = app.patch_as(&token, "/api/v1/texts/site", &nav).json();
    assert_eq!(
        kept["consent_version"], before["consent_version"],
        "the same words, the same version"
    );
    let words = json!({ "consent_text": "Yes, write to me." });
    let version =
        app.patch_as(&token, "/api/v1/texts/site", &words).json()["consent_version"].clone();
    assert_ne!(version, before["consent_version"]);
    let lead = json!({ "name": "Ana", "email": "lead@example.com", "gdprConsent": true });
    assert_eq!(app.post_json("/api/leads", &lead).status, 201);
    let stored: Vec<(String, String)> = app.query("SELECT text, text_version FROM consents");
    assert_eq!(stored, [("Yes, write to me.".to_owned(), version.as_str().unwrap().to_owned())]);
    let bad = json!({ "nav": [{ "label": "x", "path": "//evil.example" }] });
    app.patch_as(&token, "/api/v1/texts/site", &bad).problem(400);
    let record = app.query::<(String,)>(
        "SELECT after_change FROM audit WHERE action = 'texts.update' ORDER BY id",
    );
    assert!(record.iter().any(|(after,)| after.contains("hero_title")));
}

#[test]
fn redirects_are_kept_over_the_api_and_none_leads_in_a_circle() {
    let (app, token) = editor();
    let add = |from: &str, to: &str| {
        app.post_as(&token, "/api/v1/redirects", &json!({ "from": from, "to": to }))
    };
    let made = add("/about-me", "/articles/choose-one-thing").json();
    assert_eq!(location(&app.get("/about-me")), (308, Some("/articles/choose-one-thing")));
    add("/about-me", "/programs").problem(409);
    assert_eq!(add("/a", "/about-me").status, 201);
    add("/articles/choose-one-thing", "/a").problem(409);
    add("/x", "/x").problem(409);
    for (from, to) in [
        ("x", "/"),
        ("/x?a=1", "/"),
        ("/x", "http://a.co"),
        ("//x", "/"),
        ("/x", "/\\evil.example"),
    ] {
        add(from, to).problem(400);
    }
    assert_eq!(add("/shop", "https://shop.example.com/a").status, 201);
    assert_eq!(location(&app.get("/shop")), (308, Some("https://shop.example.com/a")));
    let path = format!("/api/v1/redirects/{}", made["id"].as_str().unwrap());
    assert_eq!(
        app.patch_as(&token, &path, &json!({ "to": "/programs" })).json()["to"],
        "/programs"
    );
    assert_eq!(location(&app.get("/about-me")), (308, Some("/programs")));
    app.patch_as(&token, &path, &json!({ "to": "/a" })).problem(409);
    assert_eq!(location(&app.get("/about-me")), (308, Some("/programs")), "refused as a whole");
    let listed = app.get_as(&token, "/api/v1/redirects?from=/about-me&fields=to").json();
    assert_eq!(listed["items"], json!([{ "to": "/programs" }]));
    assert_eq!(app.delete_as(&token, &path).status, 204);
    app.get_as(&token, &path).problem(404);
    app.get("/about-me").page(404);
}

#[test]
fn what_the_owner_removed_renamed_or_changed_stays_so_at_the_next_start() {
    let (app, token) = editor();
    assert_eq!(app.delete_as(&token, "/api/v1/articles/two-hours-a-week").status, 204);
    app.patch_as(&token, "/api/v1/articles/choose-one-thing", &json!({ "slug": "one-thing" }));
    assert_eq!(app.delete_as(&token, "/api/v1/programs/mastery").status, 204);
    app.patch_as(&token, "/api/v1/programs/prime", &json!({ "texts": { "es": null } }));
    app.patch_as(&token, "/api/v1/texts/home", &json!({ "hero_title": "Mine" }));
    let count =
        |app: &TestApp| (app.count("articles"), app.count("programs"), app.count("program_texts"));
    let before = count(&app);
    // What `serve` does at every start.
    drop(assemble(&app.loaded).unwrap_or_else(|e| panic!("{e}")));
    assert_eq!(count(&app), before);
    app.get("/articles/two-hours-a-week").page(404);
    app.get("/programs/mastery").page(404);
    assert!(app.get("/").text().contains("Mine"));
}
