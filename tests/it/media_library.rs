//! The library of pictures as programs see it: lists, what is said about a picture, where it is used.

use std::time::{Duration, SystemTime};

use manero::business::media;
use manero::platform::db::{Result, Sql};
use rocket::http::Method;
use serde_json::json;

use crate::app::{TestApp, request};
use crate::articles::{Piece, publish};
use crate::media_uploads::picture;

#[test]
fn pictures_are_found_by_words_by_what_they_lack_and_by_whether_they_are_used() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    for (name, seed) in [("Caf%C3%A9.png", 1), ("Harbour.png", 2), ("Stairs.png", 3)] {
        picture(&app, &editor, name, seed);
    }
    publish(&app, vec![Piece::new("h", "en", "H").saying("![H](media/harbour)")]);
    let names = |query: &str| -> Vec<String> {
        let list = app.get_as(&editor, &format!("/api/v1/media?{query}")).json();
        let items = list["items"].as_array().unwrap().iter();
        items.map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("q=CAFE"), ["cafe"]);
    assert_eq!(names("q=a+drawing"), ["stairs", "harbour", "cafe"]);
    assert_eq!(names("q=a+drawing&sort=created_at&limit=2"), ["cafe", "harbour"]);
    assert_eq!(names("q=a+drawing&is_used=false"), ["stairs", "cafe"]);
    assert_eq!(names("q=a+drawing&is_used=true"), ["harbour"]);
    assert_eq!(names("has_alt=false").len(), 2, "those that came with the program");
    assert_eq!(names("has_alt=false&is_used=false").len(), 0);
    assert!(names("q=%25").len() >= 5, "a sign is no word, and no pattern");
    app.get_as(&editor, "/api/v1/media?unused=true").problem(400);
}

#[test]
fn a_page_of_pictures_leads_to_the_next_also_among_those_that_are_not_used() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    for seed in 1..=5 {
        picture(&app, &editor, &format!("p{seed}.png"), seed);
    }
    let mut path = "/api/v1/media?limit=2&is_used=false&fields=name".to_owned();
    let mut seen = Vec::new();
    loop {
        let list = app.get_as(&editor, &path).json();
        for item in list["items"].as_array().unwrap() {
            assert_eq!(item.as_object().unwrap().len(), 1);
            seen.push(item["name"].as_str().unwrap().to_owned());
        }
        let Some(next) = list["next"].as_str() else { break };
        path = format!("/api/v1/media?limit=2&is_used=false&fields=name&cursor={next}");
    }
    assert_eq!(seen, ["p5", "p4", "p3", "p2", "p1"]);
}

#[test]
fn what_is_said_about_a_picture_changes_and_never_becomes_nothing() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let made = picture(&app, &editor, "one.png", 1);
    let at = format!("/api/v1/media/{}", made["id"].as_str().unwrap());
    let changed = app.patch_as(&editor, &at, &json!({ "alt": { "es": "Un dibujo" } })).json();
    assert_eq!(changed["alt"], json!({ "en": "A drawing", "es": "Un dibujo", "pt": "" }));
    let seen = app.get_as(&editor, &at);
    let tag = seen.header("ETag").unwrap();
    let nothing = json!({ "alt": { "en": "", "es": "" } });
    app.patch_as(&editor, &at, &nothing).problem(409);
    app.patch_as(&editor, &at, &json!({ "decorative": true, "alt": { "en": "x" } })).problem(409);
    let plain = app.patch_as(&editor, &at, &json!({ "decorative": true })).json();
    assert_eq!(plain["alt"], json!({ "en": "", "es": "", "pt": "" }));
    let stale = request(Method::Patch, &at).bearer(&editor).header("If-Match", tag);
    app.send(&stale.json(&json!({ "file_name": "x" }))).problem(412);
    let said = app.patch_as(&editor, &at, &json!({ "alt": { "pt": "Um desenho" } })).json();
    assert_eq!((&said["decorative"], &said["alt"]["pt"]), (&json!(false), &json!("Um desenho")));
    let long = json!({ "alt": { "en": "x".repeat(501) }, "file_name": "a\nb", "nmae": "x" });
    let problem = app.patch_as(&editor, &at, &long).problem(400);
    assert_eq!(problem["error"].as_array().unwrap().len(), 3, "{problem}");
    let lines = app.count("audit WHERE action = 'media.update'");
    assert_eq!(lines, 3, "what was refused has left no line");
}

#[test]
fn a_picture_knows_the_texts_that_show_it() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let made = picture(&app, &editor, "map.png", 1);
    let other = picture(&app, &editor, "map-2.png", 2);
    let uses = |one: &serde_json::Value| {
        let at = format!("/api/v1/media/{}/uses", one["id"].as_str().unwrap());
        app.get_as(&editor, &at).json()["items"].clone()
    };
    assert_eq!(uses(&made), json!([]));
    publish(&app, vec![Piece::new("m", "es", "Mapas").saying("![M](media/map)")]);
    let page = json!({ "slug": "about", "title": "About", "body": "![M](media/map-2)" });
    let page = app.post_as(&editor, "/api/v1/pages", &page);
    assert_eq!(page.status, 201, "{}", page.text());
    let expected = json!([{ "kind": "article", "title": "Mapas", "url": "/es/articles/m" }]);
    assert_eq!(uses(&made), expected);
    assert_eq!(uses(&other), json!([{ "kind": "page", "title": "About", "url": "/about" }]));
}

#[test]
fn an_analyst_looks_and_does_not_touch() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let made = picture(&app, &editor, "one.png", 1);
    let analyst = app.session_of("analyst").access;
    assert_eq!(app.get_as(&analyst, "/api/v1/media").status, 200);
    let at = format!("/api/v1/media/{}", made["id"].as_str().unwrap());
    app.patch_as(&analyst, &at, &json!({ "decorative": true })).problem(403);
    app.send(&request(Method::Delete, &at).bearer(&analyst)).problem(403);
}

#[test]
fn no_picture_of_a_large_library_is_swept_away() {
    // A hundred thousand and one, the last of them with a file.
    const MANY: Sql = Sql::portable(
        "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i <= 100000)
         INSERT INTO media (id, name, hash, content_type, width, height, bytes, variants, created_at, updated_at)
         SELECT 'z' || (1000000 + i), 'many-' || i, '0123456789' || (200000 + i), 'image/png', 1, 1, 1, '[]', 1, 1 FROM n",
    );
    let app = TestApp::unlimited();
    let filled: Result<()> = app.db().write_blocking(|tx| tx.exec(MANY, &[]).map(drop));
    filled.unwrap();
    let shelf = &app.context.shelf;
    let folder = app.loaded.settings.data.dir.join("media");
    // A file's name is the first 16 digits of its hash: those of the last row, and of no row.
    let (kept, unknown) = ("0123456789300001.png".to_owned(), "fedcba9876543210.png".to_owned());
    for name in [&kept, &unknown] {
        shelf.put(name, b"a picture").unwrap();
        let file = std::fs::File::options().write(true).open(folder.join(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_hours(24)).unwrap();
    }
    media::sweep(app.db(), shelf).unwrap();
    assert!(shelf.has(&kept), "a row speaks of it");
    assert!(!shelf.has(&unknown));
}
