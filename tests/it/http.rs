//! What every answer has in common: security headers, hosts, proxies, CORS, errors.

use std::collections::BTreeSet;

use manero::platform::db::{Db, Result, Sql};
use rocket::http::Method;
use serde_json::json;

use crate::app::{Answer, Ask, TestApp, get, post, request};

pub(crate) fn behind_a_proxy() -> TestApp {
    TestApp::with(&[
        ("FRONTEND_URL", "https://shop.example"),
        ("API_URL", "https://api.shop.example"),
        ("MANERO_TRUSTED_PROXIES", "10.0.0.0/8"),
    ])
}

/// Changes a text of the site as the owner would, through `db`.
pub(crate) fn edit(db: &Db, change: &'static str) {
    let edited = db.write_blocking(move |tx| -> Result<u64> {
        tx.touch_content()?;
        tx.exec(Sql::portable(change), &[])
    });
    assert_eq!(edited.unwrap(), 1);
}

/// One answer of every kind that the site gives.
fn one_of_each() -> Vec<(&'static str, Answer)> {
    let app = behind_a_proxy();
    let etag = app.get("/").header("ETag").unwrap().to_owned();
    let lead = json!({ "name": "Ana", "email": "ana@example.com", "gdprConsent": true });
    let mut answers = vec![
        ("page", app.get("/")),
        ("head", app.send(&request(Method::Head, "/"))),
        ("api", app.get("/api/v1/programs")),
        ("index", app.get("/api/v1")),
        ("health", app.get("/health")),
        ("created", app.post_json("/api/leads", &lead)),
        (
            "see other",
            app.post_form("/leads", &[("name", "Ana"), ("email", "a@b.co"), ("gdprConsent", "on")]),
        ),
        ("not modified", app.send(&get("/").header("If-None-Match", &etag))),
        (
            "preflight",
            app.send(
                &request(Method::Options, "/api/leads").header("Origin", "https://shop.example"),
            ),
        ),
        ("to https", app.send(&get("/").peer("10.0.0.1").header("X-Forwarded-Proto", "http"))),
        ("favicon", app.get("/favicon.ico")),
        ("no host", app.send(&get("/").without("Host"))),
        ("refused form", app.post_form("/leads", &[])),
        ("refused lead", app.post_json("/api/leads", &json!({}))),
        ("cross-site", app.send(&post("/leads").header("Origin", "https://evil.example"))),
        ("no page", app.get("/nothing/here")),
        ("no program", app.get("/programs/gold")),
        ("no api", app.get("/api/v1/nothing")),
        ("no file", app.get("/static/css/site.000000000000.css")),
        ("wrong method", app.send(&request(Method::Delete, "/"))),
        ("wrong api method", app.send(&request(Method::Delete, "/api/v1/programs"))),
        ("options of a page", app.send(&request(Method::Options, "/"))),
        ("too large", app.send(&post("/leads").form(&[("name", &"x".repeat(20_000))]))),
        (
            "too large json",
            app.send(&post("/api/leads").json(&json!({ "name": "x".repeat(20_000) }))),
        ),
        ("wrong kind", app.send(&post("/leads").body("text/plain", "x"))),
        ("wrong kind of json", app.send(&post("/api/leads").body("text/plain", "x"))),
        ("misdirected", app.send(&get("/").host("evil.example"))),
        ("misdirected api", app.send(&get("/api/v1").host("evil.example"))),
    ];
    for _ in 0..11 {
        app.post_json("/api/leads", &json!({}));
    }
    answers.push(("too many", app.post_form("/leads", &[])));
    answers.push(("too many json", app.post_json("/api/leads", &json!({}))));
    edit(app.db(), "UPDATE programs SET details = 'broken' WHERE slug = 'prime'");
    answers.push(("broken page", app.get("/programs/prime")));
    answers.push(("broken api", app.get("/api/v1/programs/prime")));
    if !app.is_postgres() {
        app.db().refuse_writes("a test".into());
        let elsewhere = post("/api/leads").json(&lead).peer("192.0.2.1");
        answers.push(("no disk", app.send(&elsewhere)));
        answers.push(("ill", app.get("/health")));
    }
    answers
}

#[test]
fn every_answer_has_every_security_header_whatever_its_status() {
    let mut statuses = BTreeSet::new();
    for (what, answer) in one_of_each() {
        statuses.insert(answer.status);
        let csp =
            answer.header("Content-Security-Policy").unwrap_or_else(|| panic!("{what} has no CSP"));
        assert!(csp.starts_with("default-src 'none';") && !csp.contains("unsafe"), "{what}: {csp}");
        for (name, value) in [
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "strict-origin-when-cross-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Embedder-Policy", "require-corp"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{what}: {name}");
        }
        assert!(answer.header("Permissions-Policy").unwrap().contains("camera=()"), "{what}");
        assert!(answer.header("X-Request-Id").is_some(), "{what} has no request id");
        for absent in ["Server", "X-Powered-By", "Strict-Transport-Security", "Set-Cookie"] {
            assert_eq!(answer.header(absent), None, "{what}: {absent}");
        }
        // Nobody keeps the answer to OPTIONS.
        let said = answer.status == 204 || answer.header("Cache-Control").is_some();
        assert!(said, "{what} does not say whether it may be kept");
        if answer.status >= 400 {
            assert_eq!(answer.header("Cache-Control"), Some("no-store"), "{what} may be kept");
        }
    }
    let every = [200, 201, 204, 301, 303, 304, 308, 400, 403, 404, 405, 413, 415, 421, 429, 500];
    for status in every {
        assert!(statuses.contains(&status), "no answer was {status}: {statuses:?}");
    }
}

#[test]
fn an_error_of_ours_says_nothing_about_its_cause() {
    for (what, answer) in one_of_each().into_iter().filter(|(_, a)| a.status >= 500) {
        let text = String::from_utf8_lossy(&answer.body).to_lowercase();
        for secret in ["details of a program", "expected value", "select", "a test"] {
            assert!(!text.contains(secret), "{what} tells {secret}: {text}");
        }
    }
}

#[test]
fn errors_are_pages_for_people_and_problems_for_programs() {
    for (what, answer) in one_of_each() {
        let kind = answer.header("Content-Type");
        let problem = kind == Some("application/problem+json");
        if what.contains("api") || what.contains("json") || what.contains("lead") {
            assert!(problem || answer.status < 400, "{what}: {kind:?}");
        } else {
            assert!(!problem || what == "no disk", "{what}: {kind:?}");
        }
    }
}

#[test]
fn hsts_is_sent_only_to_visitors_whom_a_trusted_proxy_saw_on_https() {
    let app = behind_a_proxy();
    let hsts = |peer: &str, proto: &str| {
        let ask = get("/").peer(peer).header("X-Forwarded-Proto", proto);
        app.send(&ask).header("Strict-Transport-Security").map(str::to_owned)
    };
    assert_eq!(hsts("10.0.0.1", "https").as_deref(), Some("max-age=31536000; includeSubDomains"));
    assert_eq!(hsts("10.0.0.1", "http"), None);
    assert_eq!(hsts("203.0.113.7", "https"), None, "anybody can write that header");
}

#[test]
fn a_visitor_on_plain_http_is_sent_to_the_configured_name_with_path_and_query() {
    let app = behind_a_proxy();
    let plain = |peer: &str, host: &str| {
        app.send(
            &get("/programs/prime?from=mail&x=%2F")
                .peer(peer)
                .host(host)
                .header("X-Forwarded-Proto", "http"),
        )
    };
    for host in ["shop.example", "www.shop.example", "localhost"] {
        let answer = plain("10.0.0.1", host);
        assert_eq!(answer.status, 308, "{host}");
        assert_eq!(
            answer.header("Location"),
            Some("https://shop.example/programs/prime?from=mail&x=%2F")
        );
    }
    assert_eq!(
        plain("203.0.113.7", "shop.example").status,
        200,
        "only a trusted proxy is believed"
    );
    assert_eq!(plain("10.0.0.1", "evil.example").status, 421);
}

#[test]
fn the_client_is_the_rightmost_hop_that_is_not_ours_and_only_trusted_peers_are_asked() {
    let app = behind_a_proxy();
    let cases = [
        ("10.0.0.1", "198.51.100.5", "198.51.100.0"),
        ("10.0.0.1", "1.2.3.4, 198.51.101.5", "198.51.101.0"),
        ("10.0.0.1", "1.2.3.4, 198.51.102.5, 10.9.9.9", "198.51.102.0"),
        ("10.0.0.1", "198.51.103.5, nonsense", "10.0.0.0"),
        ("203.0.113.7", "198.51.104.5", "203.0.113.0"),
        ("10.0.0.1", "2001:db8:7:8:9::1", "2001:db8:7::"),
    ];
    for (number, (peer, forwarded, stored)) in cases.into_iter().enumerate() {
        let lead = json!({ "name": "Ana", "email": format!("a{number}@example.com"), "gdprConsent": true });
        let ask = post("/api/leads").json(&lead).peer(peer).header("X-Forwarded-For", forwarded);
        assert_eq!(app.send(&ask).status, 201);
        let last = app.query::<(String,)>(
            "SELECT address FROM consents ORDER BY created_at DESC, id DESC LIMIT 1",
        );
        assert_eq!(last[0].0, stored, "{forwarded} by {peer}");
    }
    let several = get("/api/v1")
        .peer("10.0.0.1")
        .header("X-Forwarded-For", "198.51.100.77")
        .header("X-Forwarded-For", "198.51.100.78");
    let left = |ask: &Ask| app.send(ask).header("RateLimit-Remaining").unwrap().to_owned();
    assert_eq!(left(&several), "99");
    let last = get("/api/v1").peer("10.0.0.1").header("X-Forwarded-For", "198.51.100.78");
    assert_eq!(left(&last), "98", "of several lines the last one counts");
}

#[test]
fn only_our_own_hosts_are_answered() {
    let app = behind_a_proxy();
    for ours in [
        "shop.example",
        "www.shop.example",
        "SHOP.example:8000",
        "api.shop.example",
        "localhost",
        "127.0.0.1:8000",
        "[::1]:8000",
    ] {
        assert_eq!(app.send(&get("/").host(ours)).status, 200, "{ours}");
    }
    for foreign in [
        "evil.example",
        "shop.example.evil.example",
        "shop.example@evil.example",
        "10.0.0.1",
        "shop.example:80:81",
    ] {
        app.send(&get("/").host(foreign)).page(421);
        app.send(&get("/api/v1").host(foreign)).problem(421);
    }
    app.send(&get("/").without("Host")).page(400);
    app.send(&get("/").host("")).page(400);
    app.send(&get("/").header("Host", "localhost")).page(400);
    app.send(&get("/api/v1").header("Host", "evil.example")).problem(400);
}

#[test]
fn preflights_of_our_front_end_are_allowed_and_of_others_are_not() {
    let app = behind_a_proxy();
    let preflight = |path: &str, origin: &str| {
        let ask = request(Method::Options, path).header("Origin", origin);
        app.send(&ask.header("Access-Control-Request-Method", "POST"))
    };
    for origin in ["https://shop.example", "https://www.shop.example"] {
        let answer = preflight("/api/leads", origin);
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("Access-Control-Allow-Origin"), Some(origin));
        assert_eq!(answer.header("Access-Control-Allow-Credentials"), Some("true"));
        assert_eq!(
            answer.header("Access-Control-Allow-Methods"),
            Some("GET, POST, PUT, DELETE, PATCH")
        );
        assert_eq!(
            answer.header("Access-Control-Allow-Headers"),
            Some("Content-Type, Authorization, Idempotency-Key")
        );
        assert_eq!(answer.header("Access-Control-Max-Age"), Some("86400"));
        assert!(answer.all("Vary").contains(&"Origin"));
    }
    for origin in
        ["https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null"]
    {
        let answer = preflight("/api/leads", origin);
        let granted: Vec<_> =
            answer.headers.iter().filter(|(n, _)| n.starts_with("Access-Control-")).collect();
        assert!(granted.is_empty(), "{origin}: {granted:?}");
        assert!(answer.all("Vary").contains(&"Origin"));
    }
    let page = preflight("/programs", "https://shop.example");
    assert_eq!(page.header("Access-Control-Allow-Origin"), None, "pages are not shared");
}

#[test]
fn answers_of_the_api_are_shared_with_our_front_end_alone() {
    let app = behind_a_proxy();
    let shared = |origin: &str| app.send(&get("/api/v1/programs").header("Origin", origin));
    let answer = shared("https://shop.example");
    assert_eq!(answer.header("Access-Control-Allow-Origin"), Some("https://shop.example"));
    assert!(
        answer.header("Access-Control-Expose-Headers").unwrap().contains("RateLimit-Remaining")
    );
    let vary = answer.all("Vary").join(", ");
    assert!(vary.contains("Origin") && vary.contains("Accept-Encoding"), "{vary}");
    assert_eq!(shared("https://evil.example").header("Access-Control-Allow-Origin"), None);
    assert!(app.get("/api/v1/programs").all("Vary").contains(&"Origin"), "also without an Origin");
}

#[test]
fn a_wrong_method_is_405_and_names_the_right_ones() {
    let app = TestApp::start();
    for (method, path, allow) in [
        (Method::Post, "/", "GET, HEAD"),
        (Method::Delete, "/programs/prime", "GET, HEAD"),
        (Method::Put, "/health", "GET, HEAD"),
        (Method::Options, "/programs", "GET, HEAD"),
        (Method::Patch, "/api/v1/programs", "GET, HEAD, POST"),
        (Method::Post, "/api/v1/articles/two-hours-a-week", "DELETE, GET, HEAD, PATCH"),
        (Method::Get, "/leads", "POST"),
        (Method::Get, "/api/leads", "POST"),
    ] {
        let answer = app.send(&request(method, path));
        assert_eq!((answer.status, answer.header("Allow")), (405, Some(allow)), "{method} {path}");
    }
    for path in [
        "/nothing",
        "/programs/gold",
        "/api/v1/nothing",
        "/-/refused",
        "/api/-/refused",
        "/-/preflight",
    ] {
        let answer = app.get(path);
        assert_eq!((answer.status, answer.header("Allow")), (404, None), "{path}");
    }
}

#[test]
fn every_request_has_an_id_of_our_own() {
    let app = TestApp::start();
    let ids: BTreeSet<String> = (0..20)
        .map(|_| {
            app.send(&get("/").header("X-Request-Id", "forged"))
                .header("X-Request-Id")
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 20);
    for id in ids {
        assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    }
}

#[test]
fn hostile_addresses_are_never_our_fault() {
    let app = TestApp::start();
    let long = format!("/{}", "a".repeat(6000));
    let slashes = "/".repeat(2000);
    for path in [
        "//evil.example",
        "/programs/%00",
        "/programs/%ff%fe",
        "/programs/%F0%9F%92%A9",
        "/programs/..%2f..%2fetc%2fpasswd",
        "/programs/' OR 1=1--".replace(' ', "%20").as_str(),
        "/articles/%",
        "/articles/<script>alert(1)</script>".replace(['<', '>'], "%3c").as_str(),
        "/static/css%2fsite.css",
        "/static/%2e%2e%2fCargo.toml",
        "/api/v1/programs/%00",
        "/api/v1/articles/%ff",
        "/?%ff=%fe&&&=",
        &long,
        &slashes,
    ] {
        let answer = app.get(path);
        assert!(answer.status < 500, "{path}: {}", answer.status);
        assert!(!answer.text().contains("alert(1)"), "{path} is repeated");
    }
}
