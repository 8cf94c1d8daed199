//! One lead: what is shown of it, and what becomes of it.

use manero::business::leads;
use manero::platform::db::Sql;
use rocket::http::Method;
use serde_json::{Value, json};

use crate::app::{Ask, TestApp, request};
use crate::lead_desk::as_older_program;
use crate::leads::good;
use crate::lists::walk_as;

pub(crate) const NOBODY: &str = "0199f1c2-0000-7000-8000-000000000000";

/// A site with one lead: the owner's token, and the lead's address in the API.
pub(crate) fn one() -> (TestApp, String, String) {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let path = join(&app, "ana@example.com");
    (app, owner, path)
}

pub(crate) fn join(app: &TestApp, email: &str) -> String {
    let made = app.post_json("/api/v1/leads", &good(email)).json();
    format!("/api/v1/leads/{}", made["id"].as_str().unwrap())
}

pub(crate) fn put(token: &str, path: &str) -> Ask {
    request(Method::Put, path).bearer(token)
}

/// Tag and how many have it, as the API tells it.
pub(crate) fn tags(app: &TestApp, token: &str) -> Vec<(String, i64)> {
    let items = walk_as(app, token, "/api/v1/tags?limit=2");
    let pair =
        |tag: &Value| (tag["name"].as_str().unwrap().to_owned(), tag["leads"].as_i64().unwrap());
    items.iter().map(pair).collect()
}

pub(crate) fn found(app: &TestApp, token: &str, query: &str) -> Vec<String> {
    let items = walk_as(app, token, &format!("/api/v1/leads?sort=email&{query}"));
    items.iter().map(|item| item["email"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_lead_is_shown_with_what_it_agreed_to_the_newest_first() {
    let (app, owner, path) = one();
    let mut again = good("ana@example.com");
    again["page"] = json!("/");
    app.post_json("/api/leads", &again);
    let answer = app.get_as(&owner, &path);
    let lead = answer.json();
    assert_eq!(answer.header("Cache-Control"), Some("private, no-cache"));
    assert_eq!(
        (&lead["email"], &lead["program"], &lead["tags"]),
        (&json!("ana@example.com"), &json!("prime"), &json!([]))
    );
    let consents = lead["consents"].as_array().unwrap();
    let told: Vec<_> =
        consents.iter().map(|c| (&c["page"], &c["granted"], &c["address"])).collect();
    let address = json!("203.0.113.0");
    assert_eq!(
        told,
        [
            (&json!("/"), &json!(true), &address),
            (&json!("/programs/prime"), &json!(true), &address)
        ]
    );
    assert!(consents.iter().all(|c| !c["text"].as_str().unwrap().is_empty()));
    app.change("UPDATE consents SET page = 'x'");
    for n in 0..120 {
        let id = format!("00000000-0000-7000-8000-{n:012}");
        let lead = path.rsplit('/').next().unwrap().to_owned();
        app.db()
            .write_blocking(move |tx| {
                let sql = "INSERT INTO consents (id, lead_id, purpose, granted, text_version, text, page, address, created_at)
                           VALUES (?1, ?2, 'email', ?3, '', '', '/', '', 1)";
                tx.exec(Sql::portable(sql), &[&id, &lead, &true])
            })
            .unwrap();
    }
    let consents = app.get_as(&owner, &path).json()["consents"].as_array().unwrap().clone();
    assert_eq!((consents.len(), &consents[0]["page"]), (100, &json!("x")), "the newest 100");
    app.get_as(&owner, &format!("/api/v1/leads/{NOBODY}")).problem(404);
    app.get_as(&owner, "/api/v1/leads/x").problem(404);
    app.get_as(&owner, &format!("{path}?fields=id")).problem(400);
}

#[test]
fn a_lead_is_changed_found_anew_and_the_record_says_which_members() {
    let (app, owner, path) = one();
    let tag = app.get_as(&owner, &path).header("ETag").unwrap().to_owned();
    let change = json!({ "name": " Éva Ruiz ", "program": null, "lang": "pt", "tags": ["VIP", "vip", "Summer 26"] });
    let ask = request(Method::Patch, &path).bearer(&owner).json(&change);
    let changed = app.send(&ask.clone().header("If-Match", &tag));
    assert_eq!(changed.status, 200);
    let lead = changed.json();
    assert_eq!(
        json!([lead["name"], lead["program"], lead["lang"], lead["tags"], lead["email"]]),
        json!(["Éva Ruiz", null, "pt", ["Summer 26", "VIP"], "ana@example.com"])
    );
    assert_eq!(lead, app.get_as(&owner, &path).json());
    assert_eq!(changed.header("ETag"), app.get_as(&owner, &path).header("ETag"));
    app.send(&ask.clone().header("If-Match", &tag)).problem(412);
    assert_eq!(app.send(&ask).status, 200, "the same again");
    let record: Vec<(String, Option<String>, Option<String>)> = app
        .query("SELECT action, before_change, after_change FROM audit WHERE object_kind = 'lead'");
    let members = "{\"changed\":[\"name\",\"program\",\"lang\",\"tags\"]}";
    assert_eq!(
        record,
        [("lead.update".into(), None, Some(members.into()))],
        "once, and nothing about the person"
    );
    for (query, is_found) in [
        ("q=eva", true),
        ("q=ru", true),
        ("q=souza", false),
        ("q=ana", true),
        ("tag=vip&lang=pt", true),
        ("program=prime", false),
    ] {
        assert_eq!(!found(&app, &owner, query).is_empty(), is_found, "{query}");
    }
    assert_eq!(
        app.patch_as(&owner, &path, &json!({ "tags": ["Autumn"], "lang": null })).status,
        200
    );
    assert_eq!(tags(&app, &owner), [("Autumn".into(), 1)]);
    assert_eq!(found(&app, &owner, "tag=autumn&q=eva"), ["ana@example.com"]);
}

#[test]
fn what_a_lead_cannot_become_is_refused() {
    let (app, owner, path) = one();
    let codes = |body: &Value| -> Vec<String> {
        let problem = app.patch_as(&owner, &path, body).problem(400);
        let faults = problem["error"].as_array().unwrap().iter();
        faults
            .map(|f| format!("{} {}", f["path"][0].as_str().unwrap(), f["code"].as_str().unwrap()))
            .collect()
    };
    let body =
        json!({ "name": "A", "program": "A b", "lang": "de", "tags": ["", 1], "email": "x@y.zz" });
    assert_eq!(
        codes(&body),
        [
            "name too_short",
            "program invalid",
            "lang unknown",
            "tags required",
            "tags invalid_type",
            "email unknown"
        ]
    );
    assert_eq!(codes(&json!({ "tags": vec!["x"; 51] })), ["tags too_long"]);
    assert_eq!(codes(&json!({ "tags": ["x".repeat(41)] })), ["tags too_long"]);
    let problem = app.patch_as(&owner, &path, &json!({ "program": "platinum" })).problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("platinum"));
    app.patch_as(&owner, &format!("/api/v1/leads/{NOBODY}"), &json!({})).problem(404);
    assert_eq!(app.patch_as(&owner, &path, &json!({})).status, 200);
    app.change("UPDATE leads SET program_slug = 'retired'");
    let kept = app.patch_as(&owner, &path, &json!({ "program": "retired", "name": "Eva" }));
    assert_eq!(
        (kept.status, &kept.json()["program"]),
        (200, &json!("retired")),
        "it is what it was"
    );
}

#[test]
fn a_lead_that_comes_again_is_found_by_its_new_words_and_in_its_new_place() {
    let (app, owner, path) = one();
    assert_eq!(app.patch_as(&owner, &path, &json!({ "tags": ["vip"] })).status, 200);
    let again = json!({ "name": "Zoé Lima", "email": "ana@example.com", "gdprConsent": true, "lang": "es", "program": "mastery" });
    assert_eq!(app.post_json("/api/leads", &again).status, 201);
    for (query, is_found) in [
        ("q=zo+lima", true),
        ("q=souza", false),
        ("q=ana", true),
        ("tag=vip&program=mastery&lang=es", true),
        ("tag=vip&program=prime", false),
        ("tag=vip&lang=en", false),
    ] {
        assert_eq!(!found(&app, &owner, query).is_empty(), is_found, "{query}");
    }
    join(&app, "mia@example.com");
    app.patch_as(&owner, &path, &json!({ "tags": ["vip", "x"] }));
    let by_name = |query: &str| -> Vec<String> {
        let items = walk_as(&app, &owner, &format!("/api/v1/leads?sort=name{query}"));
        items.iter().map(|lead| lead["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(by_name(""), ["Ana Souza", "Zoé Lima"]);
    assert_eq!(by_name("&tag=vip"), ["Zoé Lima"]);
}

#[test]
fn what_an_older_program_stored_is_listed_at_once_and_found_soon() {
    let (app, owner, path) = one();
    app.patch_as(&owner, &path, &json!({ "tags": ["vip"] }));
    let id = "00000000-0000-7000-8000-000000000001";
    as_older_program(&app, id, "bea@example.com", "Béa Lima", Some("prime"), "pt", 5000);
    as_older_program(&app, NOBODY, "ana@example.com", "Eva Ruiz", Some("mastery"), "es", 6000);
    for query in ["", "program=prime", "lang=pt", "until=1971-01-01T00:00:00Z"] {
        assert!(found(&app, &owner, query).contains(&"bea@example.com".to_owned()), "{query}");
    }
    assert!(found(&app, &owner, "q=bea").is_empty(), "not yet");
    assert_eq!(app.get_as(&owner, &format!("/api/v1/leads/{id}")).json()["name"], "Béa Lima");
    leads::catch_up(app.db()).unwrap();
    for (query, wanted) in [
        ("q=bea", &["bea@example.com"][..]),
        ("q=lim", &["bea@example.com"]),
        ("q=ruiz", &["ana@example.com"]),
        ("q=souza", &[]),
        ("tag=vip&program=mastery&lang=es", &["ana@example.com"]),
        ("tag=vip&program=prime", &[]),
    ] {
        assert_eq!(found(&app, &owner, query), wanted, "{query}");
    }
    let unfiled = "SELECT CAST(count(*) AS BIGINT) FROM leads WHERE filed_at IS NULL OR filed_at <> updated_at";
    assert_eq!(app.query::<(i64,)>(unfiled), [(0,)]);
    let numbers: Vec<(i64,)> = app.query("SELECT DISTINCT number FROM leads");
    assert_eq!(numbers.len(), 2);
    // Whoever is removed and comes again is somebody new.
    assert_eq!(app.delete_as(&owner, &format!("/api/v1/leads/{id}")).status, 204);
    let again = join(&app, "bea@example.com");
    assert!(!again.ends_with(id));
    assert_eq!(found(&app, &owner, "q=bea"), ["bea@example.com"]);
}
