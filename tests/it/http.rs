//! What every answer has in common: headers, limits, caching, hosts, links.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::time::{Duration, Instant};

use manero::platform::db::{Db, Result, Sql};
use rocket::http::Method;
use serde_json::json;

use crate::app::{Answer, Ask, TestApp, get, post, request};

/// Pages and lists that are rendered once and kept.
const CACHED: [&str; 12] = [
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

fn behind_a_proxy() -> TestApp {
    TestApp::with(&[
        ("FRONTEND_URL", "https://shop.example"),
        ("API_URL", "https://api.shop.example"),
        ("MANERO_TRUSTED_PROXIES", "10.0.0.0/8"),
    ])
}

/// Changes a text of the site as the owner would, through `db`.
fn edit(db: &Db, change: &'static str) {
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
        ("see other", app.post_form("/leads", &[("name", "Ana"), ("email", "a@b.co"), ("gdprConsent", "on")])),
        ("not modified", app.send(&get("/").header("If-None-Match", &etag))),
        ("preflight", app.send(&request(Method::Options, "/api/leads").header("Origin", "https://shop.example"))),
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
        ("too large json", app.send(&post("/api/leads").json(&json!({ "name": "x".repeat(20_000) })))),
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
        let csp = answer.header("Content-Security-Policy").unwrap_or_else(|| panic!("{what} has no CSP"));
        assert!(csp.starts_with("default-src 'none';") && !csp.contains("unsafe"), "{what}: {csp}");
        for (name, value) in [
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "strict-origin-when-cross-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("X-Permitted-Cross-Domain-Policies", "none"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{what}: {name}");
        }
        assert!(answer.header("Permissions-Policy").unwrap().contains("camera=()"), "{what}");
        assert!(answer.header("X-Request-Id").is_some(), "{what} has no request id");
        for absent in ["Server", "X-Powered-By", "Strict-Transport-Security", "Set-Cookie"] {
            assert_eq!(answer.header(absent), None, "{what}: {absent}");
        }
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
        app.send(&get("/programs/prime?from=mail&x=%2F").peer(peer).host(host).header("X-Forwarded-Proto", "http"))
    };
    for host in ["shop.example", "www.shop.example", "localhost"] {
        let answer = plain("10.0.0.1", host);
        assert_eq!(answer.status, 308, "{host}");
        assert_eq!(answer.header("Location"), Some("https://shop.example/programs/prime?from=mail&x=%2F"));
    }
    assert_eq!(plain("203.0.113.7", "shop.example").status, 200, "only a trusted proxy is believed");
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
        let last = app.query::<(String,)>("SELECT address FROM consents ORDER BY created_at DESC, id DESC LIMIT 1");
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
    for ours in ["shop.example", "www.shop.example", "SHOP.example:8000", "api.shop.example", "localhost", "127.0.0.1:8000", "[::1]:8000"] {
        assert_eq!(app.send(&get("/").host(ours)).status, 200, "{ours}");
    }
    for foreign in ["evil.example", "shop.example.evil.example", "shop.example@evil.example", "10.0.0.1", "shop.example:80:81"] {
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
        assert_eq!(answer.header("Access-Control-Allow-Methods"), Some("GET, POST, PUT, DELETE, PATCH"));
        assert_eq!(
            answer.header("Access-Control-Allow-Headers"),
            Some("Content-Type, Authorization, Idempotency-Key")
        );
        assert_eq!(answer.header("Access-Control-Max-Age"), Some("86400"));
        assert!(answer.all("Vary").contains(&"Origin"));
    }
    for origin in ["https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null"] {
        let answer = preflight("/api/leads", origin);
        let granted: Vec<_> = answer.headers.iter().filter(|(n, _)| n.starts_with("Access-Control-")).collect();
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
    assert!(answer.header("Access-Control-Expose-Headers").unwrap().contains("RateLimit-Remaining"));
    let vary = answer.all("Vary").join(", ");
    assert!(vary.contains("Origin") && vary.contains("Accept-Encoding"), "{vary}");
    assert_eq!(shared("https://evil.example").header("Access-Control-Allow-Origin"), None);
    assert!(app.get("/api/v1/programs").all("Vary").contains(&"Origin"), "also without an Origin");
}

#[test]
fn what_has_not_changed_is_answered_with_304() {
    let app = TestApp::start();
    for path in CACHED {
        let first = app.get(path);
        assert_eq!(first.status, 200, "{path}");
        let etag = first.header("ETag").unwrap_or_else(|| panic!("{path} has no ETag"));
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{path}: {etag} is not strong");
        for tags in [etag.to_owned(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".into()] {
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
            assert!(packed.all("Vary").contains(&"Accept-Encoding"), "{path}");
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
        Some("gzip") => flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut plain).map(drop),
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

/// The values of `href` and `src` and a form's `action`.
fn links(html: &str) -> Vec<String> {
    let attribute = |name: &'static str| {
        html.split(name).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned)
    };
    attribute(" href=\"").chain(attribute(" src=\"")).collect()
}

#[test]
fn every_link_of_every_public_page_and_mail_leads_somewhere() {
    let app = TestApp::start();
    app.post_form("/leads", &[("name", "Ana"), ("email", "a@b.co"), ("gdprConsent", "on")]);
    app.drain_outbox();
    let mail = app.mail(&app.mails()[0].id);
    let site = "http://127.0.0.1:8000";
    let mut waiting: Vec<(String, String)> = links(&mail.html)
        .into_iter()
        .chain(mail.text.split_whitespace().filter(|word| word.starts_with("http")).map(str::to_owned))
        .filter_map(|link| link.strip_prefix(site).map(str::to_owned))
        .map(|path| (if path.is_empty() { "/".into() } else { path }, "welcome mail".to_owned()))
        .collect();
    assert!(waiting.len() >= 4, "the mail leads to the site: {waiting:?}");
    waiting.extend(["/", "/thanks"].map(|path| (path.to_owned(), "the test".to_owned())));
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    while let Some((link, on)) = waiting.pop() {
        let (path, fragment) = link.split_once('#').map_or((link.as_str(), None), |(p, f)| (p, Some(f)));
        let path = if path.is_empty() { on.clone() } else { path.to_owned() };
        if !seen.contains_key(&path) {
            let answer = app.get(&path);
            assert_eq!(answer.status, 200, "{path}, linked on {on}");
            let html = if path.contains("/static/") { String::new() } else { answer.text().to_owned() };
            for next in links(&html) {
                if next.starts_with("mailto:") {
                    continue;
                }
                let internal = next.starts_with('#') || (next.starts_with('/') && !next.starts_with("//"));
                assert!(internal, "{path} asks somebody else: {next}");
                waiting.push((next, path.clone()));
            }
            seen.insert(path.clone(), html);
        }
        if let Some(fragment) = fragment {
            assert!(seen[&path].contains(&format!("id=\"{fragment}\"")), "{path} has no #{fragment}, linked on {on}");
        }
    }
    for page in CACHED.iter().filter(|path| !path.starts_with("/api")) {
        assert!(seen.contains_key(*page), "no link leads to {page}");
    }
}

#[test]
fn pages_have_no_inline_script_style_or_handler_that_the_csp_would_block() {
    let app = TestApp::start();
    for path in CACHED.iter().filter(|path| !path.starts_with("/api")) {
        let answer = app.get(path);
        let html = answer.page(200);
        assert!(!html.contains("<style") && !html.contains(" style=\""), "{path}");
        assert_eq!(html.matches("<script").count(), html.matches("<script type=\"module\" src=\"").count(), "{path}");
        for handler in [" onclick=", " onload=", " onsubmit=", "javascript:"] {
            assert!(!html.contains(handler), "{path}: {handler}");
        }
    }
}

#[test]
fn unknown_repeated_and_wrong_query_parameters_are_refused_by_name() {
    let app = TestApp::start();
    let faults = |path: &str| {
        let problem = app.get(path).problem(400);
        let faults = problem["error"].as_array().unwrap().iter();
        faults.map(|f| format!("{} {}", f["path"][0].as_str().unwrap(), f["code"].as_str().unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(faults("/api/v1/articles?limt=5"), ["limt unknown"]);
    assert_eq!(faults("/api/v1/articles?limit=1&limit=2&foo=1"), ["limit repeated", "foo unknown"]);
    for limit in ["0", "101", "x", "1e1", ""] {
        assert_eq!(faults(&format!("/api/v1/articles?limit={limit}")), ["limit invalid"]);
    }
    for cursor in ["x", "%00", "MTIz"] {
        assert_eq!(faults(&format!("/api/v1/articles?cursor={cursor}")), ["cursor invalid"]);
    }
    assert_eq!(faults("/api/v1/programs?sort=price"), ["sort unknown"]);
}

#[test]
fn a_cursor_leads_through_all_articles_once() {
    let app = TestApp::start();
    let all = app.get("/api/v1/articles").json();
    assert_eq!(all["next"], json!(null));
    let slugs = |list: &serde_json::Value| -> Vec<String> {
        list["items"].as_array().unwrap().iter().map(|i| i["slug"].as_str().unwrap().to_owned()).collect()
    };
    let mut walked = Vec::new();
    let mut path = "/api/v1/articles?limit=1".to_owned();
    while walked.len() < 100 {
        let page = app.get(&path).json();
        walked.extend(slugs(&page));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/articles?limit=1&cursor={next}");
    }
    assert_eq!(walked, slugs(&all));
    assert!(walked.len() >= 3, "{walked:?}");
}

#[test]
fn the_api_shows_both_programs_with_their_prices() {
    let app = TestApp::start();
    let list = app.get("/api/v1/programs").json();
    let facts: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| json!([p["slug"], p["price"]["amount"], p["price"]["currency"], p["duration_weeks"], p["modules"].as_array().unwrap().len()]))
        .collect();
    assert_eq!(facts, [json!(["prime", 49_900, "EUR", 8, 8]), json!(["mastery", 129_900, "EUR", 12, 12])]);
    let one = app.get("/api/v1/programs/prime").json();
    assert_eq!(one, list["items"][0]);
}

#[test]
fn a_wrong_method_is_405_and_names_the_right_ones() {
    let app = TestApp::start();
    for (method, path, allow) in [
        (Method::Post, "/", "GET, HEAD"),
        (Method::Delete, "/programs/prime", "GET, HEAD"),
        (Method::Put, "/health", "GET, HEAD"),
        (Method::Options, "/programs", "GET, HEAD"),
        (Method::Patch, "/api/v1/programs", "GET, HEAD"),
        (Method::Post, "/api/v1/articles/two-hours-a-week", "GET, HEAD"),
        (Method::Get, "/leads", "POST"),
        (Method::Get, "/api/leads", "POST"),
    ] {
        let answer = app.send(&request(method, path));
        assert_eq!((answer.status, answer.header("Allow")), (405, Some(allow)), "{method} {path}");
    }
    for path in ["/nothing", "/programs/gold", "/api/v1/nothing", "/-/refused", "/api/-/refused", "/-/preflight"] {
        let answer = app.get(path);
        assert_eq!((answer.status, answer.header("Allow")), (404, None), "{path}");
    }
}

#[test]
fn every_request_has_an_id_of_our_own() {
    let app = TestApp::start();
    let ids: BTreeSet<String> = (0..20)
        .map(|_| app.send(&get("/").header("X-Request-Id", "forged")).header("X-Request-Id").unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 20);
    for id in ids {
        assert_eq!(uuid::Uuid::parse_str(&id).unwrap().get_version_num(), 7, "{id}");
    }
}

#[test]
fn the_api_takes_a_hundred_requests_a_client_and_says_so_in_draft_6() {
    let app = TestApp::start();
    let asks: Vec<Ask> = (0..150).map(|_| get("/api/v1/programs")).collect();
    let answers = app.send_all(&asks);
    let passed = answers.iter().filter(|a| a.status == 200).count();
    assert_eq!(passed, 100);
    assert!(answers.iter().all(|a| a.status == 200 || a.status == 429));
    let over = app.get("/api/v1");
    over.problem(429);
    assert_eq!(over.header("RateLimit-Policy"), Some("100;w=900"));
    assert_eq!(over.header("RateLimit-Limit"), Some("100"));
    assert_eq!(over.header("RateLimit-Remaining"), Some("0"));
    assert_eq!(over.header("RateLimit-Reset"), over.header("Retry-After"));
    let first = app.send(&get("/api/v1").peer("203.0.113.8"));
    assert_eq!((first.status, first.header("RateLimit-Remaining")), (200, Some("99")));
    assert_eq!(app.get("/").header("RateLimit-Limit"), None, "pages are not limited");
}

#[test]
fn a_client_cannot_escape_its_limit() {
    let app = TestApp::configured(&[], "[limits]\napi = { max = 3, window = \"15m\" }");
    for _ in 0..3 {
        assert_eq!(app.get("/api/v1").status, 200);
    }
    for ask in [
        get("/api/v1").header("X-Forwarded-For", "192.0.2.1"),
        get("/api/v1").header("X-Real-IP", "192.0.2.1"),
        get("/api/v1").header("Forwarded", "for=192.0.2.1"),
        get("/api/v1?x=1"),
        get("/api/v1/nothing"),
        get("/api//v1"),
        get("/api/v1/"),
        get("/api/v1").peer("::ffff:203.0.113.7"),
        request(Method::Head, "/api/v1"),
    ] {
        assert_eq!(app.send(&ask).status, 429, "{ask:?}");
    }
    for host in 1..=3 {
        assert_eq!(app.send(&get("/api/v1").peer(&format!("2001:db8::{host}"))).status, 200);
    }
    assert_eq!(app.send(&get("/api/v1").peer("2001:db8::ffff:1")).status, 429, "IPv6 counts by /64");
}

#[test]
fn draft_8_headers_are_a_setting() {
    let app = TestApp::configured(&[], "[http]\nrate_limit_headers = \"draft-8\"");
    let answer = app.get("/api/v1");
    assert_eq!(answer.header("RateLimit-Policy"), Some("\"api\"; q=100; w=900"));
    assert_eq!(answer.header("RateLimit"), Some("\"api\"; r=99; t=900"));
    assert_eq!(answer.header("RateLimit-Limit"), None);
}

#[test]
fn health_has_the_guides_shape_and_no_limit() {
    let app = behind_a_proxy();
    let answers = app.send_all(&vec![get("/health"); 150]);
    assert!(answers.iter().all(|a| a.status == 200 && a.header("RateLimit-Limit").is_none()));
    let health = answers[0].json();
    assert_eq!((&health["status"], &health["database"]), (&json!("healthy"), &json!("connected")));
    assert!(health["timestamp"].as_str().unwrap().ends_with('Z'));
    assert_eq!(health["api_url"], "https://api.shop.example/");
    assert_eq!(health["schema"], json!(manero::platform::db::migrate::Set::main().newest()));
    assert_eq!(health["engine"], if app.is_postgres() { "postgres" } else { "sqlite" });
    assert_eq!(answers[0].header("Cache-Control"), Some("no-store"));
    assert_eq!(app.get("/health/ready").json(), json!({ "status": "ready" }));
    assert_eq!(app.get("/health/live").json(), json!({ "status": "live" }));
}

#[test]
fn health_is_503_when_nothing_can_be_written_while_ready_stays_200() {
    let app = TestApp::start();
    if app.is_postgres() {
        return; // There the server refuses the write itself.
    }
    app.db().refuse_writes("the disk at /srv/secret-place is full".into());
    let health = app.get("/health");
    assert_eq!(health.status, 503);
    assert_eq!((&health.json()["status"], &health.json()["database"]), (&json!("unhealthy"), &json!("read-only")));
    assert!(!health.text().contains("secret-place"));
    assert_eq!(app.get("/health/ready").status, 200);
    assert_eq!(app.get("/health/live").status, 200);
    assert_eq!(app.get("/").status, 200);
    let lead = json!({ "name": "Ana", "email": "ana@example.com", "gdprConsent": true });
    let answer = app.post_json("/api/leads", &lead);
    answer.problem(503);
    assert_eq!(answer.header("Retry-After"), Some("5"));
}

#[test]
fn the_index_of_the_api_names_addresses_that_exist() {
    let app = TestApp::start();
    let index = app.get("/api/v1").json();
    for name in ["programs", "articles", "health"] {
        assert_eq!(app.get(index[name].as_str().unwrap()).status, 200, "{name}");
    }
    assert_eq!(app.get(index["leads"].as_str().unwrap()).status, 405, "leads are posted");
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
    assert_eq!(app.get("/privacy").header("ETag"), Some(etag.as_str()), "the same text has the same tag");
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
