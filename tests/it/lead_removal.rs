//! Leads are personal: whoever may not see them sees none, and one that is removed leaves no trace.

use manero::business::leads::sync::WelcomeMail;
use manero::platform::outbox;
use rocket::http::Method;
use serde_json::json;

use crate::app::{Answer, TestApp, get, request};
use crate::contact::relay_to;
use crate::lead_details::{join, one, put};
use crate::leads::good;

/// Where `text` stands in the database: table and column.
pub(crate) fn traces(app: &TestApp, text: &str) -> Vec<String> {
    let columns: Vec<(String, String)> = app.query(if app.is_postgres() {
        "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, 2"
    } else {
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2"
    });
    assert!(columns.len() > 100, "{columns:?}");
    let has = |(table, column): &(String, String)| {
        app.count(&format!("{table} WHERE CAST({column} AS TEXT) LIKE '%{text}%'")) > 0
    };
    columns
        .iter()
        .filter(|place| has(place))
        .map(|(table, column)| format!("{table}.{column}"))
        .collect()
}

#[test]
fn a_lead_that_is_removed_leaves_no_trace_of_its_address() {
    let (app, owner, path) = one();
    let other = join(&app, "souzana@example.com");
    app.drain_outbox();
    let form = [
        ("name", "Ana Souza"),
        ("email", "ana@example.com"),
        ("message", "Is there room in March?"),
    ];
    assert_eq!(app.post_form("/contact", &form).status, 303);
    app.drain_outbox();
    assert_eq!(app.mails().len(), 3);
    // Another message that waits to be passed on, and another welcome.
    assert_eq!(app.post_form("/contact", &form).status, 303);
    let lead = path.rsplit('/').next().unwrap().to_owned();
    app.db().write_blocking(move |tx| outbox::enqueue(tx, &WelcomeMail { lead })).unwrap();
    assert_eq!(app.patch_as(&owner, &path, &json!({ "tags": ["vip"] })).status, 200);
    app.post_as(
        &owner,
        &format!("{path}/notes"),
        &json!({ "text": "writes from ana@example.com" }),
    );
    assert!(traces(&app, "ana@example.com").len() >= 8, "{:?}", traces(&app, "ana@example.com"));

    let tag = app.get_as(&owner, &path).header("ETag").unwrap().to_owned();
    app.post_json("/api/leads", &good("ana@example.com"));
    let stale = request(Method::Delete, &path).bearer(&owner).header("If-Match", &tag);
    app.send(&stale).problem(412);
    assert_eq!(app.delete_as(&owner, &path).status, 204);
    let left: Vec<String> = traces(&app, "ana@example.com");
    let of_other = traces(&app, "souzana@example.com");
    assert_eq!(left, of_other, "only what is another's");
    let id = path.rsplit('/').next().unwrap();
    assert_eq!(traces(&app, id), ["audit.object_id"], "and the id where it was written down");
    for (table, rows) in [
        ("messages", 0),
        ("lead_tags", 0),
        ("tags", 0),
        ("lead_notes", 0),
        ("consents", 1),
        ("outbox", 0),
        ("mails", 1),
    ] {
        assert_eq!(app.count(table), rows, "{table}");
    }
    assert_eq!(app.count("lead_words WHERE number = 1"), 0);
    let last: Vec<(String, Option<String>, Option<String>)> =
        app.query("SELECT action, before_change, after_change FROM audit WHERE object_kind = 'lead' ORDER BY id DESC LIMIT 1");
    assert_eq!(last, [("lead.delete".into(), None, None)]);
    app.get_as(&owner, &path).problem(404);
    app.delete_as(&owner, &path).problem(404);
    assert_eq!(app.get_as(&owner, &other).status, 200);
    assert_eq!(app.drain_outbox(), 0);
}

#[test]
fn a_mail_that_is_on_its_way_while_its_reader_is_removed_leaves_none_either() {
    let (arrived, mail) = std::sync::mpsc::sync_channel(0);
    let (go_on, removed) = std::sync::mpsc::sync_channel::<()>(0);
    let relay = relay_to(move |mail| {
        arrived.send(mail).unwrap();
        removed.recv().unwrap();
    });
    let app = TestApp::with(&[("SMTP_URL", &relay), ("MANERO_RATE_LIMITS", "off")]);
    let owner = app.session_of("owner").access;
    let path = join(&app, "ana@example.com");
    let form = [("name", "Ana"), ("email", "ana@example.com"), ("message", "Is there room?")];
    let patience = std::time::Duration::from_secs(20);
    for first in [true, false] {
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| app.drain_outbox());
            assert!(mail.recv_timeout(patience).unwrap().contains("ana@example.com"));
            let path = if first { path.clone() } else { join(&app, "ana@example.com") };
            // The one that is being done is not in the queue any more, nor is it done.
            assert_eq!(app.delete_as(&owner, &path).status, 204);
            go_on.send(()).unwrap();
            assert_eq!(worker.join().unwrap(), 1);
        });
        assert!(app.mails().is_empty(), "{first}");
        assert_eq!(app.post_form("/contact", &form).status, 303);
    }
    assert_eq!(app.count("messages"), 1);
}

#[test]
fn whoever_may_not_read_leads_sees_none_anywhere() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let body =
        json!({ "name": "Cleo Unseen", "email": "cleo@unseen.example", "gdprConsent": true });
    let made = app.post_json("/api/v1/leads", &body).json();
    let path = format!("/api/v1/leads/{}", made["id"].as_str().unwrap());
    app.post_as(&owner, &format!("{path}/notes"), &json!({ "text": "calls herself annie" }));
    app.send(&put(&owner, &format!("{path}/tags/annies")));
    app.drain_outbox();
    let id = path.rsplit('/').next().unwrap();
    let routes = app.routes();
    for role in ["editor", "analyst"] {
        let session = app.session_of(role).access;
        let mut walked = 0;
        for (method, route) in &routes {
            if method != "GET" || route.starts_with("/api/-/") {
                continue;
            }
            let path = route
                .replace("<id>", id)
                .replace("<slug>", "prime")
                .replace("<note>", id)
                .replace("<tag>", "annies");
            let path = path.split('<').next().unwrap();
            for query in ["", "?q=cleo", "?limit=100"] {
                let answer: Answer = app.send(&get(&format!("{path}{query}")).bearer(&session));
                let text = String::from_utf8_lossy(&answer.body);
                for secret in ["unseen", "Unseen", "annie"] {
                    assert!(!text.contains(secret), "{role} {path}{query}: {secret}");
                }
                walked += 1;
            }
        }
        assert!(walked > 150, "{walked}");
        for path in [
            "/api/v1/leads".to_owned(),
            "/api/v1/tags".to_owned(),
            path.clone(),
            format!("{path}/notes"),
        ] {
            app.get_as(&session, &path).problem(403);
        }
        app.patch_as(&session, &path, &json!({ "name": "Eva" })).problem(403);
        app.delete_as(&session, &path).problem(403);
    }
    let admin = app.session_of("admin").access;
    assert_eq!(app.get_as(&admin, &path).json()["email"], "cleo@unseen.example");
}

#[test]
fn a_token_that_may_read_leads_changes_none() {
    let (app, owner, path) = one();
    let body = json!({ "name": "reader", "scopes": ["leads:read"] });
    let made = app.post_as(&owner, "/api/v1/tokens", &body).json();
    let token = made["token"].as_str().unwrap();
    assert_eq!(app.get_as(token, &path).status, 200);
    app.patch_as(token, &path, &json!({ "name": "Eva" })).problem(403);
    app.send(&put(token, &format!("{path}/tags/x"))).problem(403);
    app.post_as(token, &format!("{path}/notes"), &json!({ "text": "x" })).problem(403);
    let body = json!({ "name": "writer", "scopes": ["leads:write"] });
    let made = app.post_as(&owner, "/api/v1/tokens", &body).json();
    let note = app.post_as(
        made["token"].as_str().unwrap(),
        &format!("{path}/notes"),
        &json!({ "text": "x" }),
    );
    assert_eq!(note.json()["author"], "writer of owner@example.com");
}
