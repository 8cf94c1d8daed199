//! Addresses that lead elsewhere: old ones, other spellings, and those the owner has moved.

use manero::business::redirects;
use manero::platform::db::Result;
use rocket::http::Method;

use crate::app::{Answer, TestApp, get, post, request};

fn target(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.header("Location"))
}

#[test]
fn old_addresses_of_articles_lead_to_the_new_ones() {
    let app = TestApp::start();
    for (old, new) in [
        ("/blog", "/articles"),
        ("/blog/two-hours-a-week", "/articles/two-hours-a-week"),
        ("/blog/2024/05/two-hours-a-week", "/articles/two-hours-a-week"),
        ("/blog/habits/two-hours-a-week", "/articles/two-hours-a-week"),
        // What cannot be a slug leads to the list and is not repeated.
        ("/blog/habits/a%20b", "/articles"),
        ("/blog/x%0d%0aset-cookie:a=b", "/articles"),
    ] {
        assert_eq!(target(&app.get(old)), (308, Some(new)), "{old}");
    }
}

#[test]
fn a_page_has_one_spelling_and_the_query_is_kept() {
    let app = TestApp::start();
    for (asked, plain) in [
        ("/programs/", "/programs"),
        ("/Programs", "/programs"),
        ("/ES/Programs/", "/es/programs"),
        ("/es/", "/es"),
        ("/programs/prime/?a=B&c=%20d", "/programs/prime?a=B&c=%20d"),
        ("/SEARCH?q=Ana+Souza", "/search?q=Ana+Souza"),
    ] {
        for method in [Method::Get, Method::Head] {
            let answer = app.send(&request(method, asked));
            assert_eq!(target(&answer), (308, Some(plain)), "{method} {asked}");
            assert_eq!(app.get(plain).status, 200, "{plain}");
        }
    }
    for own in ["/api/v1/Programs", "/static/", "/media/", "/.well-known/Security.txt"] {
        assert_ne!(app.get(own).status, 308, "{own} is its own spelling");
    }
}

#[test]
fn no_address_sends_a_visitor_to_another_site() {
    let app = TestApp::start();
    for path in [
        "//evil.example/",
        "//evil.example",
        "///evil.example/",
        "/\\evil.example/",
        "/%5Cevil.example/",
        "/%5c%5Cevil.example/",
        "/%2Fevil.example/",
        "/%2f%2Fevil.example/",
        "//EVIL.example/%2e%2e/",
        "/.//Evil.example/",
        "/es//evil.example/",
        "//user@evil.example:80/",
        "/blog//evil.example",
        "/blog/https://evil.example",
    ] {
        let answer = app.get(path);
        let Some(to) = answer.header("Location") else {
            assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
            continue;
        };
        let second = to.as_bytes().get(1).copied().unwrap_or(b'x');
        assert!(to.starts_with('/') && second != b'/' && second != b'\\', "{path} leads to {to}");
        let browser = url::Url::parse("http://127.0.0.1:8000/").unwrap().join(to).unwrap();
        assert_eq!(browser.host_str(), Some("127.0.0.1"), "{path} leads to {to}");
    }
}

#[test]
fn a_line_break_in_an_address_never_reaches_a_header() {
    let app = TestApp::start();
    for path in [
        "/Programs%0d%0aSet-Cookie:%20a=b/",
        "/programs%0D%0ASet-Cookie:a=b",
        "/es/%0d%0aLocation:%20https:%2f%2fevil.example/",
        "/search/?q=%0d%0aSet-Cookie:a",
        "/articles/topics/%0aSet-Cookie:a/",
        "/%00/",
    ] {
        let answer = app.get(path);
        assert!([308, 404, 400].contains(&answer.status), "{path}: {}", answer.status);
        for (name, value) in &answer.headers {
            assert!(!value.contains(['\r', '\n', '\0']), "{path}: {name}: {value:?}");
            assert!(!name.eq_ignore_ascii_case("Set-Cookie"), "{path}");
        }
    }
}

fn put(app: &TestApp, from: &'static str, to: &'static str) {
    let done =
        app.db().write_blocking(move |tx| -> Result<()> { redirects::store::put(tx, from, to) });
    done.unwrap();
}

#[test]
fn what_the_owner_moved_is_found_at_its_new_address_and_never_hides_a_page() {
    let app = TestApp::start();
    let old = "/articles/an-old-name";
    app.get(old).page(404);
    put(&app, old, "/articles/two-hours-a-week");
    put(&app, "/programs", "/articles");
    put(&app, "/es/viejo", "/es/programs");
    for method in [Method::Get, Method::Head] {
        let answer = app.send(&request(method, old));
        assert_eq!(
            target(&answer),
            (308, Some("/articles/two-hours-a-week")),
            "with the next request"
        );
        assert!(answer.body.is_empty());
        assert_eq!(
            answer.header("Cache-Control"),
            Some("no-store"),
            "the owner may change it again"
        );
    }
    assert_eq!(target(&app.get("/es/viejo")), (308, Some("/es/programs")));
    assert_eq!(target(&app.get("/es/viejo/?a=1")), (308, Some("/es/programs")));
    // Nobody is sent from one missing address to another, least of all with what he sent.
    assert_eq!(target(&app.get("/es/Nada/?token=geheim")), (404, None));
    app.get("/programs").page(200);
    app.get("/articles/another-name").page(404);

    put(&app, old, "/articles/choose-one-thing");
    assert_eq!(target(&app.get(old)), (308, Some("/articles/choose-one-thing")));
}

#[test]
fn what_is_sent_is_not_redirected() {
    let app = TestApp::start();
    put(&app, "/gone", "/programs");
    for path in ["/gone", "/leads/", "/LEADS", "/es/Contact/"] {
        let answer = app.send(&post(path).form(&[("name", "Ana")]));
        assert_eq!(answer.header("Location"), None, "{path}");
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
    }
    assert_eq!(app.count("leads"), 0);
}

#[test]
fn a_machine_s_address_is_missing_and_not_moved() {
    let app = TestApp::start();
    put(&app, "/api/v1/old", "/api/v1/programs");
    put(&app, "/media/old.png", "/programs");
    assert_eq!(app.get("/api/v1/old").problem(404)["status"], 404);
    assert_eq!(app.send(&get("/media/old.png")).status, 404);
    // Nor is it another spelling of itself, which would slip past its rate limit.
    for spelled in ["/API/v1/programs", "/Static/css/site.css"] {
        assert_eq!(app.get(spelled).status, 404, "{spelled}");
    }
}
