//! A post with an `Idempotency-Key`: sent again it is answered again, and done once.

use manero::platform::clock;
use manero::platform::http::idempotency;
use serde_json::{Value, json};

use crate::app::{Answer, Ask, TestApp, post};

fn lead(email: &str) -> Value {
    json!({ "name": "Ana Souza", "email": email, "gdprConsent": true })
}

fn keyed(path: &str, key: &str, body: &Value) -> Ask {
    post(path).header("Idempotency-Key", key).json(body)
}

fn is_replay(answer: &Answer) -> bool {
    answer.header("Idempotent-Replayed") == Some("true")
}

#[test]
fn the_same_key_and_body_get_the_same_answer_and_store_nothing_more() {
    let app = TestApp::start();
    let ask = keyed("/api/leads", "k-1", &lead("ana@example.com"));
    let first = app.send(&ask);
    assert_eq!((first.status, is_replay(&first)), (201, false));
    for _ in 0..3 {
        let again = app.send(&ask);
        assert_eq!((again.status, again.text()), (201, first.text()));
        assert!(is_replay(&again));
        assert_eq!(again.header("Content-Type"), Some("application/json"));
        assert_eq!(again.header("Cache-Control"), Some("no-store"));
    }
    assert_eq!((app.count("leads"), app.count("consents"), app.count("outbox")), (1, 1, 1));
    let without = app.post_json("/api/leads", &lead("ana@example.com"));
    assert_eq!((without.status, is_replay(&without)), (201, false));
    assert_eq!(app.count("consents"), 2, "without a key it is another consent");
}

#[test]
fn the_same_key_with_another_body_is_422_and_on_another_address_another_key() {
    let app = TestApp::start();
    assert_eq!(app.send(&keyed("/api/leads", "k", &lead("ana@example.com"))).status, 201);
    let other = app.send(&keyed("/api/leads", "k", &lead("bea@example.com")));
    assert_eq!(other.problem(422)["type"], "/api/docs#unprocessable");
    assert_eq!(app.count("leads"), 1);
    let elsewhere = app.send(&keyed("/api/v1/leads", "k", &lead("bea@example.com")));
    assert_eq!((elsewhere.status, is_replay(&elsewhere)), (201, false));
}

#[test]
fn of_many_at_once_one_is_done_and_the_others_wait_or_hear_the_same() {
    let app = TestApp::start();
    let ask = keyed("/api/leads", "race", &lead("ana@example.com"));
    let answers = app.send_all(&vec![ask.clone(); 20]);
    let (mut done, mut replayed, mut early) = (0, 0, 0);
    for answer in &answers {
        match answer.status {
            201 if is_replay(answer) => replayed += 1,
            201 => done += 1,
            _ => {
                assert_eq!(answer.problem(409)["type"], "/api/docs#conflict");
                early += 1;
            }
        }
    }
    assert_eq!((done, done + replayed + early), (1, 20));
    assert!(early > 0, "nobody came while the first was worked on");
    assert!(is_replay(&app.send(&ask)));
    assert_eq!((app.count("leads"), app.count("consents")), (1, 1));
}

#[test]
fn what_was_refused_is_not_kept_and_may_come_again_mended() {
    let app = TestApp::start();
    let mut body = lead("not-an-address");
    app.send(&keyed("/api/leads", "k", &body)).problem(400);
    assert_eq!(app.count("idempotency_keys"), 0);
    body["email"] = json!("ana@example.com");
    assert_eq!(app.send(&keyed("/api/leads", "k", &body)).status, 201);
    assert_eq!(app.count("idempotency_keys"), 1);
}

#[test]
fn an_answer_is_kept_for_24_hours_and_not_a_second_longer() {
    let app = TestApp::start();
    let ask = keyed("/api/leads", "k", &lead("ana@example.com"));
    assert_eq!(app.send(&ask).status, 201);
    app.change("UPDATE idempotency_keys SET created_at = created_at - 86395000");
    assert!(is_replay(&app.send(&ask)), "five seconds before its end");
    app.change("UPDATE idempotency_keys SET created_at = created_at - 5001");
    let late = app.send(&ask);
    assert_eq!((late.status, is_replay(&late)), (201, false));
    assert_eq!(app.count("consents"), 2);
    assert!(is_replay(&app.send(&ask)), "the new answer counts from now");
    let (at,): (i64,) = app.query("SELECT created_at FROM idempotency_keys")[0];
    let prune = |now| app.db().write_blocking(move |tx| idempotency::prune(tx, now)).unwrap();
    assert_eq!((prune(at + 86_399_999), prune(at + 86_400_000)), (0, 1));
    assert!(clock::now_ms() - at < 60_000);
}

#[test]
fn a_key_survives_the_end_of_the_process_with_its_answer() {
    let app = TestApp::start();
    let ask = keyed("/api/leads", "k", &lead("ana@example.com"));
    let first = app.send(&ask);
    // Another process has no memory of this one: only what is stored.
    let rows: Vec<(i64, String)> = app
        .another_db()
        .read_blocking(|conn| {
            let sql = "SELECT status, answer FROM idempotency_keys";
            conn.all(manero::platform::db::Sql::portable(sql), &[])
        })
        .unwrap();
    assert_eq!((rows.len(), rows[0].0), (1, 201));
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert!(!rows[0].1.contains(&id), "an answer is kept sealed: {}", rows[0].1);
}

#[test]
fn a_filled_hidden_field_hears_the_same_when_it_comes_again() {
    let app = TestApp::start();
    let mut body = lead("bot@example.com");
    body["website"] = json!("https://spam.example");
    let ask = keyed("/api/leads", "k", &body);
    let (first, again) = (app.send(&ask), app.send(&ask));
    assert_eq!((first.status, first.text()), (201, again.text()));
    assert_eq!(app.count("leads"), 0);
}

#[test]
fn a_key_that_is_none_is_refused_by_name() {
    let app = TestApp::start();
    let longest = "k".repeat(256);
    for key in ["", "a b", "naïve", &longest] {
        let problem = app.send(&keyed("/api/leads", key, &lead("ana@example.com"))).problem(400);
        assert_eq!(problem["error"][0]["path"], json!(["Idempotency-Key"]), "{key}");
    }
    let twice = keyed("/api/leads", "a", &lead("ana@example.com")).header("Idempotency-Key", "b");
    assert_eq!(app.send(&twice).problem(400)["error"][0]["code"], "repeated");
    assert_eq!(app.count("leads"), 0);
}

#[test]
fn what_is_made_says_where_it_can_be_read() {
    let app = TestApp::unlimited();
    let token = app.session_of("owner").access;
    let page = |lang: &str| json!({ "slug": "about-me", "lang": lang, "title": "Me", "body": "Who I am." });
    let hook = json!({ "url": "https://hooks.example.com/x", "events": ["lead.created"] });
    let made = [
        ("/api/v1/redirects", json!({ "from": "/old-home", "to": "/programs" })),
        ("/api/v1/articles", json!({ "title": "One thing", "body": "Only one." })),
        ("/api/v1/pages", page("en")),
        ("/api/v1/pages", page("es")),
        ("/api/v1/webhooks", hook),
        ("/api/v1/leads", lead("ana@example.com")),
    ];
    let mut places = Vec::new();
    for (path, body) in made {
        let answer = app.post_as(&token, path, &body);
        assert_eq!(answer.status, 201, "{path} {}", answer.text());
        let place = answer.header("Location").expect(path).to_owned();
        assert!(place.starts_with(&format!("{path}/")), "{place}");
        let read = app.get_as(&token, &place);
        assert_eq!(read.status, 200, "{place}");
        assert!(
            place.contains(read.json()["id"].as_str().unwrap())
                || place.contains("/about-me")
                || place.contains("/one-thing"),
            "{place}"
        );
        places.push(place);
    }
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), 6, "each has a place of its own");
    // Nobody can read it below the public address.
    let public = app.post_json("/api/leads", &lead("bea@example.com"));
    assert_eq!((public.status, public.header("Location")), (201, None));
}
