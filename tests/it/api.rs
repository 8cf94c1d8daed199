//! The JSON API: its lists, its limits, and health.

use rocket::http::Method;
use serde_json::json;

use crate::app::{Ask, TestApp, get, request};
use crate::http::behind_a_proxy;

#[test]
fn unknown_repeated_and_wrong_query_parameters_are_refused_by_name() {
    let app = TestApp::start();
    let faults = |path: &str| {
        let problem = app.get(path).problem(400);
        let faults = problem["error"].as_array().unwrap().iter();
        faults
            .map(|f| format!("{} {}", f["path"][0].as_str().unwrap(), f["code"].as_str().unwrap()))
            .collect::<Vec<_>>()
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
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i["slug"].as_str().unwrap().to_owned())
            .collect()
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
        .map(|p| {
            json!([
                p["slug"],
                p["price"]["amount"],
                p["price"]["currency"],
                p["duration_weeks"],
                p["modules"].as_array().unwrap().len()
            ])
        })
        .collect();
    assert_eq!(
        facts,
        [json!(["prime", 49_900, "EUR", 8, 8]), json!(["mastery", 129_900, "EUR", 12, 12])]
    );
    let one = app.get("/api/v1/programs/prime").json();
    for (name, value) in list["items"][0].as_object().unwrap() {
        assert_eq!(&one[name], value, "{name}");
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
    assert_eq!(
        app.send(&get("/api/v1").peer("2001:db8::ffff:1")).status,
        429,
        "IPv6 counts by /64"
    );
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
    assert_eq!(
        (&health.json()["status"], &health.json()["database"]),
        (&json!("unhealthy"), &json!("read-only"))
    );
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
    for name in ["programs", "articles", "site", "openapi", "documentation", "health"] {
        assert_eq!(app.get(index[name].as_str().unwrap()).status, 200, "{name}");
    }
    assert_eq!(
        app.get(index["leads"].as_str().unwrap()).status,
        401,
        "whoever reads leads is known"
    );
    assert_eq!(app.get(index["search"].as_str().unwrap()).status, 400, "a search needs words");
}

#[test]
fn a_body_tells_all_its_faults_at_once_and_the_nearest_name_of_a_field() {
    let app = TestApp::start();
    let body = json!({ "nmae": "Ana", "email": 5, "gdprConsent": true, "x": 1, "elapsed_ms": "1" });
    let problem = app.post_json("/api/leads", &body).problem(400);
    let told: Vec<_> = problem["error"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| format!("{} {}", f["code"].as_str().unwrap(), f["message"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            "invalid_type email must be a text",
            "invalid_type elapsed_ms must be a number",
            "unknown nmae is not a field here; did you mean name?",
            "unknown x is not a field here; did you mean name?",
        ]
        .map(|line| if line.contains(" x ") { told[3].as_str() } else { line })
    );
    assert!(told[3].starts_with("unknown x is not a field here; did you mean "));
    assert_eq!(app.count("leads"), 0);
}

#[test]
fn what_the_pages_form_tells_beside_is_taken() {
    let app = TestApp::start();
    let body = json!({
        "name": "Ana Souza", "email": "ana@example.com", "gdprConsent": true, "website": "",
        "page": "/", "lang": "es", "elapsed_ms": 1200, "consent_version": "1", "program": null,
    });
    assert_eq!(app.post_json("/api/leads", &body).status, 201);
}

#[test]
fn a_body_in_which_a_name_stands_twice_is_refused() {
    let app = TestApp::start();
    let twice = r#"{"email":"a@b.co","name":"Ana","email":"c@d.co","gdprConsent":true}"#;
    let problem =
        app.send(&crate::app::post("/api/leads").body("application/json", twice)).problem(400);
    assert_eq!(
        problem["error"],
        json!([{ "code": "repeated", "path": ["email"], "message": "email is given twice" }])
    );
    let broken =
        app.send(&crate::app::post("/api/search").body("application/json", "{\n\"query\": }"));
    assert!(broken.problem(400)["detail"].as_str().unwrap().contains("line 2, column"));
    let text = app.send(&crate::app::post("/api/search").body("text/plain", "{}"));
    text.problem(415);
}

#[test]
fn a_lead_whose_language_is_wrong_hears_it_with_its_other_faults() {
    let app = TestApp::start();
    let body = json!({ "name": 1, "email": "ana@example.com", "gdprConsent": true, "lang": "de" });
    let problem = app.post_json("/api/leads", &body).problem(400);
    let told: Vec<_> =
        problem["error"].as_array().unwrap().iter().map(|f| f["path"][0].clone()).collect();
    assert_eq!(told, ["name", "lang"]);
}

#[test]
fn a_hidden_field_does_not_make_a_wrong_body_right() {
    let app = TestApp::start();
    let body = json!({ "name": "Ana", "email": "x", "gdprConsent": true, "website": "x" });
    app.post_json("/api/leads", &body).problem(400);
}
