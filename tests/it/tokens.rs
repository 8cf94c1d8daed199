//! Tokens for programs.

use serde_json::{Value, json};

use crate::app::{TestApp, manero, post};

#[test]
fn a_token_is_shown_once_listed_used_and_revoked() {
    let app = TestApp::start();
    let owner = app.session_of("owner");
    // 7.0 is a whole number to JSON.
    let scopes = ["users:manage", "users:manage"];
    let body = json!({ "name": " Import ", "scopes": scopes, "days": 7.0 });
    let created = app.post_as(&owner.access, "/api/v1/tokens", &body);
    assert_eq!(created.status, 201);
    let made = created.json();
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("manero_") && token.len() == 50, "{token}");
    assert!(token.ends_with(made["last_four"].as_str().unwrap()));
    assert_eq!((&made["name"], &made["scopes"]), (&json!("Import"), &json!(["users:manage"])));
    assert_eq!(made["last_used_at"], Value::Null);

    let me = app.get_as(token, "/api/v1/auth/me").json();
    assert_eq!((&me["through"], &me["capabilities"]), (&json!("token"), &json!(["users:manage"])));
    let list = app.get_as(&owner.access, "/api/v1/tokens");
    assert!(!list.text().contains(token));
    let listed = list.json()["items"][0].clone();
    assert!(listed["last_used_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(listed["user"], "owner@example.com");

    let path = format!("/api/v1/tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(app.delete_as(&owner.access, &path).status, 204);
    assert_eq!(app.me(token), 401);
    assert_eq!(app.delete_as(&owner.access, &path).status, 204, "once more changes nothing");
    assert_eq!(app.audit().iter().filter(|action| *action == "token.revoke").count(), 1);
    app.delete_as(&owner.access, "/api/v1/tokens/x").problem(404);
}

#[test]
fn a_token_expires_with_the_clock_and_outlives_its_owners_log_out() {
    let app = TestApp::start();
    let owner = app.session_of("owner");
    let clock = &app.context.accounts.clock;
    let now = clock.now_ms();
    clock.stop_at(now);
    let body = json!({ "name": "x", "scopes": ["audit:read"], "days": 1 });
    let made = app.post_as(&owner.access, "/api/v1/tokens", &body).json();
    let token = made["token"].as_str().unwrap();
    assert_eq!(app.send(&post("/api/v1/auth/logout").bearer(&owner.access)).status, 204);
    for (after, status) in [(0, 200), (86_399_999, 200), (86_400_000, 401)] {
        clock.stop_at(now + after);
        assert_eq!(app.me(token), status, "{after}");
    }
}

#[test]
fn nobody_gives_a_token_more_than_they_have() {
    let app = TestApp::start();
    let admin = app.session_of("admin");
    let owner = app.session_of("owner");
    let ask_for = |by: &str, scopes: &Value| {
        app.post_as(by, "/api/v1/tokens", &json!({ "name": "x", "scopes": scopes }))
    };
    ask_for(&admin.access, &json!(["keys:manage"])).problem(403);
    let made = ask_for(&owner.access, &json!(["tokens:manage", "leads:read"])).json();
    let token = made["token"].as_str().unwrap();
    ask_for(token, &json!(["users:manage"])).problem(403);
    let child = ask_for(token, &json!(["leads:read"]));
    assert_eq!(child.status, 201);
    let of_owner = format!("/api/v1/tokens/{}", made["id"].as_str().unwrap());
    app.delete_as(&admin.access, &of_owner).problem(403);
}

#[test]
fn what_is_wrong_with_a_token_is_said_at_once() {
    let app = TestApp::start();
    let owner = app.session_of("owner");
    let faults = |body: &Value| {
        let problem = app.post_as(&owner.access, "/api/v1/tokens", body).problem(400);
        problem["error"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| format!("{} {}", f["path"][0].as_str().unwrap(), f["code"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(faults(&json!({})), ["name required", "scopes required"]);
    let body = json!({ "name": "x", "scopes": ["leads:raed", "audit:read"] });
    assert_eq!(faults(&body), ["scopes unknown"]);
    let body = json!({ "name": 1, "scopes": [1], "days": 0, "dayz": 1 });
    assert_eq!(
        faults(&body),
        ["name invalid_type", "scopes invalid_type", "days invalid", "dayz unknown"]
    );
    assert_eq!(faults(&json!({ "name": "a\u{0}b", "scopes": ["audit:read"] })), ["name invalid"]);
    assert_eq!(app.count("api_tokens"), 0);
}

#[test]
fn the_command_makes_lists_and_revokes_tokens() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    assert!(manero(dir, &["seed"]).status.success());
    let create =
        ["token", "create", "--name", "import", "--scope", "leads:read,audit:read", "--json"];
    let early = manero(dir, &create);
    assert_eq!(early.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&early.stderr).contains("manero admin create"));
    let parsed = |args: &[&str]| -> Value {
        let output = manero(dir, args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    parsed(&["admin", "create", "--email", "ana@example.com", "--name", "Ana Souza", "--json"]);
    let made = parsed(&create);
    assert!(made["token"].as_str().unwrap().starts_with("manero_"));
    assert_eq!(made["scopes"], json!(["leads:read", "audit:read"]));
    let id = made["id"].as_str().unwrap();
    let list = String::from_utf8(manero(dir, &["token", "list"]).stdout).unwrap();
    assert!(list.contains(id) && list.contains("ana@example.com"), "{list}");
    assert!(!list.contains(made["token"].as_str().unwrap()));
    assert_eq!(parsed(&["token", "revoke", id, "--json"]), json!({ "revoked": true }));
    assert_eq!(parsed(&["token", "revoke", id, "--json"]), json!({ "revoked": false }));
    assert_eq!(manero(dir, &["token", "revoke", "x"]).status.code(), Some(1));
    let odd = manero(dir, &["token", "create", "--name", "x", "--scope", "everything"]);
    assert!(String::from_utf8_lossy(&odd.stderr).contains("there are content:read"));
}
