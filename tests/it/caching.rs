//! What is rendered once: kept, compressed, asked about again, and made anew after an edit.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::time::{Duration, Instant};

use rocket::http::Method;
use serde_json::json;

use crate::app::{Answer, TestApp, get, request};
use crate::http::edit;
use crate::pages::links;

/// Pages and lists that are rendered once and kept.
pub(crate) const CACHED: [&str; 12] = [
    "/",
    "/programs",
    "/programs/prime",
    "/programs/mastery",
    "/articles",
    "/articles/two-hours-a-week",
    "/privacy",
    "/terms",
    "/thanks",
    "/api/v1/programs",
    "/api/v1/programs/prime",
    "/api/v1/articles",
];

#[test]
fn what_has_not_changed_is_answered_with_304() {
    let app = TestApp::start();
    for path in CACHED {
        let first = app.get(path);
        assert_eq!(first.status, 200, "{path}");
        let etag = first.header("ETag").unwrap_or_else(|| panic!("{path} has no ETag"));
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{path}: {etag} is not strong");
        for tags in [etag.to_owned(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".into()]
        {
            let again = app.send(&get(path).header("If-None-Match", &tags));
            assert_eq!((again.status, again.body.len()), (304, 0), "{path}: {tags}");
            for name in ["ETag", "Cache-Control"] {
                assert_eq!(again.header(name), first.header(name), "{path}: {name}");
            }
            assert_eq!(again.all("Vary"), first.all("Vary"), "{path}");
        }
        assert_eq!(app.send(&get(path).header("If-None-Match", "\"other\"")).status, 200, "{path}");
    }
}

#[test]
fn every_encoding_has_its_own_tag_and_decodes_to_the_same_bytes() {
    let app = TestApp::start();
    let css = stylesheet(&app);
    for path in CACHED.into_iter().chain([css.as_str()]) {
        let plain = app.get(path);
        assert_eq!(plain.header("Content-Encoding"), None, "{path}");
        let mut tags = BTreeSet::from([plain.header("ETag").unwrap().to_owned()]);
        for (accepted, encoding) in [("gzip, deflate, br", "br"), ("gzip", "gzip")] {
            let packed = app.send(&get(path).header("Accept-Encoding", accepted));
            assert_eq!(packed.header("Content-Encoding"), Some(encoding), "{path}");
            assert!(packed.all("Vary").join(", ").contains("Accept-Encoding"), "{path}");
            assert!(packed.body.len() < plain.body.len(), "{path} does not shrink with {encoding}");
            assert_eq!(unpacked(&packed), plain.body, "{path} in {encoding}");
            assert!(tags.insert(packed.header("ETag").unwrap().to_owned()), "{path}: a tag twice");
            let tag = packed.header("ETag").unwrap();
            let again = get(path).header("Accept-Encoding", accepted).header("If-None-Match", tag);
            assert_eq!(app.send(&again).status, 304, "{path} in {encoding}");
        }
        let refused = app.send(&get(path).header("Accept-Encoding", "br;q=0, gzip;q=0, identity"));
        assert_eq!(refused.header("Content-Encoding"), None, "{path}");
    }
}

fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    match answer.header("Content-Encoding") {
        Some("br") => brotli::BrotliDecompress(&mut &answer.body[..], &mut plain).map(drop),
        Some("gzip") => {
            flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut plain).map(drop)
        }
        other => panic!("unknown encoding {other:?}"),
    }
    .unwrap();
    plain
}

fn stylesheet(app: &TestApp) -> String {
    let home = app.get("/");
    let links = links(home.page(200));
    links.into_iter().find(|link| link.contains(".css")).expect("home has a style sheet")
}

#[test]
fn head_answers_like_get_without_the_body() {
    let app = TestApp::start();
    for path in CACHED.into_iter().chain(["/health", "/api/v1"]) {
        let (head, whole) = (app.send(&request(Method::Head, path)), app.get(path));
        assert_eq!((head.status, head.body.len()), (whole.status, 0), "{path}");
        for name in ["ETag", "Content-Type", "Cache-Control"] {
            assert_eq!(head.header(name), whole.header(name), "{path}: {name}");
        }
    }
    assert_eq!(app.send(&request(Method::Head, "/nothing")).status, 404);
    assert_eq!(app.send(&request(Method::Head, "/").host("evil.example")).status, 421);
}

#[test]
fn static_files_are_kept_for_a_year_and_other_hashes_do_not_exist() {
    let app = TestApp::start();
    let css = stylesheet(&app);
    let answer = app.get(&css);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Cache-Control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(answer.header("Content-Type"), Some("text/css; charset=utf-8"));
    let (stem, _) = css.trim_end_matches(".css").rsplit_once('.').unwrap();
    for missing in [
        format!("{stem}.000000000000.css"),
        format!("{stem}.css"),
        "/static/".into(),
        "/static/missing".into(),
        "/static/../Cargo.toml".into(),
        "/static/%2e%2e/Cargo.toml".into(),
    ] {
        assert_eq!(app.get(&missing).status, 404, "{missing}");
    }
}

#[test]
fn an_edit_shows_at_once_on_every_page_made_from_it() {
    let app = TestApp::start();
    let paths = ["/", "/programs", "/programs/prime", "/api/v1/programs", "/api/v1/programs/prime"];
    let before: Vec<_> = paths.map(|path| app.get(path).header("ETag").unwrap().to_owned()).into();
    edit(app.db(), "UPDATE programs SET tagline = 'Quite another promise' WHERE slug = 'prime'");
    for (path, etag) in paths.into_iter().zip(before) {
        let answer = app.send(&get(path).header("If-None-Match", &etag));
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().contains("Quite another promise"), "{path}");
    }
    let etag = app.get("/privacy").header("ETag").unwrap().to_owned();
    edit(app.db(), "UPDATE programs SET published = FALSE WHERE slug = 'mastery'");
    assert_eq!(app.get("/programs/mastery").status, 404);
    assert_eq!(
        app.get("/privacy").header("ETag"),
        Some(etag.as_str()),
        "the same text has the same tag"
    );
    let lead = json!({ "name": "Ana", "email": "ana@example.com", "program": "mastery", "gdprConsent": true });
    assert_eq!(app.post_json("/api/leads", &lead).problem(400)["error"][0]["code"], "unknown");
}

#[test]
fn an_edit_of_another_process_shows_soon() {
    let app = TestApp::start();
    assert_eq!(app.get("/").status, 200);
    let other = app.another_db();
    edit(&other, "UPDATE programs SET tagline = 'Said by somebody else' WHERE slug = 'prime'");
    other.close();
    let deadline = Instant::now() + Duration::from_secs(5);
    while !app.get("/").text().contains("Said by somebody else") {
        assert!(Instant::now() < deadline, "the old page is still shown after five seconds");
    }
}

#[test]
fn an_article_dated_ahead_changes_the_cached_lists_when_its_time_comes() {
    let app = TestApp::start();
    let due = manero::platform::clock::now_ms() + 60_000;
    let sql = "UPDATE articles SET published_at = published_at + 1000000000000 WHERE slug = 'two-hours-a-week'";
    assert_eq!(app.change(sql), 1);
    let version = || app.query::<(i64,)>("SELECT version FROM content_version")[0].0;
    let publish = |since, until| {
        manero::business::articles::publish_due(app.db(), since, until).unwrap();
        version()
    };
    let before = version();
    assert_eq!(publish(due, due + 60_000), before, "nothing is due yet");
    assert_eq!(publish(due, due + 2_000_000_000_000), before + 1);
}

#[test]
fn a_page_of_the_dashboard_is_packed_only_when_no_other_site_has_brought_about_the_request() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let ask = |from: Option<&str>| {
        let ask = get("/admin/leads").header("Cookie", &owner.cookie).without("Sec-Fetch-Site");
        let ask = ask.header("Accept-Encoding", "gzip, br");
        app.send(&match from {
            Some(from) => ask.header("Sec-Fetch-Site", from),
            None => ask,
        })
    };
    for from in ["same-origin", "none"] {
        let packed = ask(Some(from));
        assert_eq!((packed.status, packed.header("Content-Encoding")), (200, Some("br")), "{from}");
        assert!(String::from_utf8(unpacked(&packed)).unwrap().contains("</html>"));
    }
    for from in [Some("cross-site"), Some("same-site"), None] {
        let plain = ask(from);
        assert_eq!((plain.status, plain.header("Content-Encoding")), (200, None), "{from:?}");
    }
}
