//! How many leads a client and an address may send.

use serde_json::json;

use crate::app::{Answer, Ask, TestApp, get, post};
use crate::leads::{good, lead};

#[test]
fn the_eleventh_refused_lead_of_a_client_is_429_and_others_are_free() {
    let app = TestApp::start();
    let bad = json!({ "name": "A" });
    for number in 1..=10 {
        let answer = app.post_json("/api/leads", &bad);
        answer.problem(400);
        assert_eq!(answer.header("RateLimit-Limit"), Some("10"));
        assert_eq!(answer.header("RateLimit-Remaining"), Some((10 - number).to_string().as_str()));
    }
    let answer = app.post_json("/api/leads", &bad);
    answer.problem(429);
    let wait: u64 = answer.header("Retry-After").unwrap().parse().unwrap();
    assert!((1..=3600).contains(&wait), "{wait}");
    app.post_json("/api/leads", &good("ana@example.com")).problem(429);
    assert!(app.post_form("/leads", &[]).page(429).contains("Too many tries"));
    let elsewhere = post("/api/leads").json(&good("ana@example.com")).peer("203.0.113.8");
    assert_eq!(app.send(&elsewhere).status, 201);
    assert_eq!(app.get("/").status, 200, "pages are not limited");
}

#[test]
fn stored_leads_do_not_count_as_refused_ones() {
    let app = TestApp::start();
    for number in 0..30 {
        assert_eq!(lead(&app, &format!("visitor{number}@example.com")), 201);
    }
    for _ in 0..10 {
        app.post_json("/api/leads", &json!({})).problem(400);
    }
}

#[test]
fn an_address_is_taken_five_times_an_hour_from_wherever_it_comes() {
    let app = TestApp::start();
    let from = |n: usize| {
        app.send(&post("/api/leads").json(&good("ana@example.com")).peer(&format!("203.0.113.{n}")))
    };
    for number in 1..=5 {
        assert_eq!(from(number).status, 201);
    }
    from(6).problem(429);
    assert_eq!(lead(&app, "bea@example.com"), 201);
    assert_eq!(app.count("consents"), 6);
}

#[test]
fn a_client_has_sixty_stored_leads_an_hour() {
    let app = TestApp::start();
    for number in 0..60 {
        assert_eq!(lead(&app, &format!("visitor{number}@example.com")), 201);
    }
    assert_eq!(lead(&app, "one-more@example.com"), 429);
    assert_eq!(app.leads().len(), 60);
}

#[test]
fn limits_are_exact_when_everything_comes_at_once() {
    let app = TestApp::start();
    let bad: Vec<Ask> = (0..50).map(|_| post("/api/leads").json(&json!({ "name": "A" }))).collect();
    let count = |asks: &[Ask], status: u16| {
        app.send_all(asks).iter().filter(|a| a.status == status).count()
    };
    assert_eq!(count(&bad, 400), 10);
    let same: Vec<Ask> = (0..50)
        .map(|i| post("/api/leads").json(&good("ana@example.com")).peer(&format!("198.51.100.{i}")))
        .collect();
    assert_eq!(count(&same, 201), 5);
    let many: Vec<Ask> = (0..100)
        .map(|i| post("/api/leads").json(&good(&format!("v{i}@example.com"))).peer("192.0.2.1"))
        .collect();
    assert_eq!(count(&many, 201), 60);
    assert_eq!(app.leads().len(), 61);
}

/// As express-rate-limit 8.7.4 was recorded with `limit: 2, windowMs: 60_000, standardHeaders: true`: the first and the third
/// request.
#[test]
fn a_limited_client_reads_what_the_guides_limiter_sends() {
    let app = TestApp::configured(&[], "[limits]\napi = { max = 2, window = \"1m\" }");
    let shown = |answer: &Answer| {
        [
            "RateLimit-Policy",
            "RateLimit-Limit",
            "RateLimit-Remaining",
            "RateLimit-Reset",
            "Retry-After",
            "RateLimit",
            "X-RateLimit-Limit",
        ]
        .map(|name| answer.header(name).map(str::to_owned))
    };
    let is = |values: [Option<&str>; 7]| values.map(|v| v.map(str::to_owned));
    let [first, second, third] = [(); 3].map(|()| app.get("/api/v1"));
    assert_eq!([first.status, second.status, third.status], [200, 200, 429]);
    let one = is([Some("2;w=60"), Some("2"), Some("1"), Some("60"), None, None, None]);
    assert_eq!(shown(&first), one);
    let wait = third.header("Retry-After").unwrap();
    assert!(["60", "59"].contains(&wait), "{wait}: the window began a moment ago");
    let three = is([Some("2;w=60"), Some("2"), Some("0"), Some(wait), Some(wait), None, None]);
    assert_eq!(shown(&third), three);
}

/// Recorded as `"2-in-1min"; q=2; w=60; pk=:MTJjYTE3YjQ5YWYy:` and `"2-in-1min"; r=1; t=60`; the name of a policy is the server's
/// to choose.
#[test]
fn draft_8_headers_are_a_setting_and_name_the_clients_partition() {
    let app = TestApp::configured(&[], "[http]\nrate_limit_headers = \"draft-8\"");
    let policy = |answer: &Answer| answer.header("RateLimit-Policy").unwrap().to_owned();
    let answer = app.get("/api/v1");
    assert_eq!(answer.header("RateLimit"), Some("\"api\"; r=99; t=900"));
    assert_eq!(answer.header("RateLimit-Limit"), None);
    let whole = policy(&answer);
    let key = whole.strip_prefix("\"api\"; q=100; w=900; pk=:").and_then(|k| k.strip_suffix(':'));
    assert_eq!(key.map(str::len), Some(16), "{whole}");
    assert_eq!(policy(&app.get("/api/v1/site")), whole, "one client has one partition");
    assert_ne!(policy(&app.send(&get("/api/v1").peer("203.0.113.8"))), whole);
}
