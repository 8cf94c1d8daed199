//! People and the record: who may change whom, and what is written down.

use rocket::http::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, manero, manero_in, request};

fn user_path(id: &str) -> String {
    format!("/api/v1/users/{id}")
}

#[test]
fn somebody_is_added_shown_changed_and_removed() {
    let app = TestApp::start();
    let owner = app.session_of("owner");
    let body = json!({ "email": "Ana@Example.com", "name": "Ana Souza", "role": "editor" });
    let created = app.post_as(&owner.access, "/api/v1/users", &body);
    assert_eq!(created.status, 201);
    let ana = created.json();
    assert_eq!((&ana["email"], &ana["role"]), (&json!("ana@example.com"), &json!("editor")));
    let password = ana["password"].as_str().unwrap();
    assert!(password.len() >= 20);
    assert_eq!(app.try_log_in("ana", password).status, 200);
    app.post_as(&owner.access, "/api/v1/users", &body).problem(409);

    let path = user_path(ana["id"].as_str().unwrap());
    let shown = app.get_as(&owner.access, &path).json();
    assert_eq!((&shown["name"], &shown["password"]), (&json!("Ana Souza"), &Value::Null));
    let edit = json!({ "name": "Ana Lima", "role": "analyst", "suspended": true });
    let edited = app.patch_as(&owner.access, &path, &edit).json();
    assert_eq!((&edited["name"], &edited["role"]), (&json!("Ana Lima"), &json!("analyst")));
    assert!(edited["suspended_at"].as_str().unwrap().ends_with('Z'));
    app.try_log_in("ana", password).problem(401);
    let lifted = app.patch_as(&owner.access, &path, &json!({ "suspended": false })).json();
    assert_eq!(lifted["suspended_at"], Value::Null);
    assert_eq!(app.delete_as(&owner.access, &path).status, 204);
    app.get_as(&owner.access, &path).problem(404);
    app.delete_as(&owner.access, &path).problem(404);
}

#[test]
fn all_faults_of_a_new_person_come_at_once() {
    let app = TestApp::start();
    let owner = app.session_of("owner");
    let faults = |body: &Value| {
        let problem = app.post_as(&owner.access, "/api/v1/users", body).problem(400);
        let faults = problem["error"].as_array().unwrap().clone();
        faults
            .iter()
            .map(|f| format!("{} {}", f["path"][0].as_str().unwrap(), f["code"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(faults(&json!({})), ["email required", "name required", "role required"]);
    // Nobody chooses a password for somebody else.
    let body = json!({ "email": "x", "name": "A", "role": "king", "password": "password123" });
    assert_eq!(
        faults(&body),
        ["email invalid", "name too_short", "role unknown", "password unknown"]
    );
    let body = json!({ "rol": 1, "name": 2 });
    assert_eq!(
        faults(&body),
        ["email required", "role required", "name invalid_type", "rol unknown"]
    );
    let id = &owner.user;
    let edit = json!({ "role": "king", "suspended": "yes", "email": "new@example.com" });
    let problem = app.patch_as(&owner.access, &user_path(id), &edit).problem(400);
    assert_eq!(problem["error"].as_array().unwrap().len(), 3);
    app.patch_as(&owner.access, &user_path("x"), &json!({})).problem(404);
    app.get_as(&owner.access, &user_path("%00")).problem(404);
}

#[test]
fn nobody_reaches_above_their_own_role() {
    let app = TestApp::start();
    let owner_id = app.person("owner", "owner");
    let admin = app.session_of("admin");
    let other = app.person("other", "admin");
    let new = |role: &str| json!({ "email": format!("{role}2@example.com"), "name": "New One", "role": role });
    app.post_as(&admin.access, "/api/v1/users", &new("owner")).problem(403);
    assert_eq!(app.post_as(&admin.access, "/api/v1/users", &new("admin")).status, 201);
    app.patch_as(&admin.access, &user_path(&admin.user), &json!({ "role": "owner" })).problem(403);
    app.patch_as(&admin.access, &user_path(&other), &json!({ "role": "owner" })).problem(403);
    for body in
        [json!({ "suspended": true }), json!({ "role": "editor" }), json!({ "name": "Mine Now" })]
    {
        app.patch_as(&admin.access, &user_path(&owner_id), &body).problem(403);
    }
    app.delete_as(&admin.access, &user_path(&owner_id)).problem(403);
    assert_eq!(
        app.patch_as(&admin.access, &user_path(&other), &json!({ "role": "editor" })).status,
        200
    );
}

#[test]
fn the_last_owner_stays() {
    let app = TestApp::start();
    let owner = app.session_of("owner");
    let path = user_path(&owner.user);
    app.delete_as(&owner.access, &path).problem(409);
    app.patch_as(&owner.access, &path, &json!({ "role": "admin" })).problem(409);
    app.patch_as(&owner.access, &path, &json!({ "suspended": true })).problem(409);
    assert_eq!(app.patch_as(&owner.access, &path, &json!({ "name": "Still Owner" })).status, 200);
    let second = app.person("second", "owner");
    app.patch_as(&owner.access, &user_path(&second), &json!({ "suspended": true }));
    app.delete_as(&owner.access, &path).problem(409);
    app.patch_as(&owner.access, &user_path(&second), &json!({ "suspended": false }));
    assert_eq!(app.delete_as(&owner.access, &path).status, 204);
}

#[test]
fn of_two_owners_who_remove_each_other_one_stays() {
    for _ in 0..4 {
        let app = TestApp::start();
        app.person("ana", "owner");
        app.person("bea", "owner");
        let (ana, bea) = (app.log_in("ana"), app.log_in("bea"));
        let remove = |by: &str, whom: &str| request(Method::Delete, &user_path(whom)).bearer(by);
        let answers =
            app.send_all(&[remove(&ana.access, &bea.user), remove(&bea.access, &ana.user)]);
        assert!(answers.iter().all(|a| a.status < 500), "{answers:?}");
        assert_eq!(app.count("users"), 1);
    }
}

#[test]
fn people_are_listed_in_pages() {
    let app = TestApp::start();
    let owner = app.session_of("owner");
    for number in 0..4 {
        app.person(&format!("p{number}"), "editor");
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/users?limit=2".to_owned();
    loop {
        let page = app.get_as(&owner.access, &path).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|u| u["email"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/users?limit=2&cursor={next}");
    }
    assert_eq!(seen.len(), 5);
    let id = "01A203BC484E769287B12747FEAC7F2E";
    for wrong in ["x", id, "01a203bc-484e-7692-87b1-2747feac7f2e"] {
        app.get_as(&owner.access, &format!("/api/v1/users?cursor={wrong}")).problem(400);
    }
    let any = id.to_lowercase();
    assert_eq!(app.get_as(&owner.access, &format!("/api/v1/users?cursor={any}")).status, 200);
    app.get_as(&owner.access, "/api/v1/users?limt=1").problem(400);
}

#[test]
fn every_change_is_written_down_with_who_what_and_from_where() {
    let app = TestApp::start();
    let owner = app.session_of("owner");
    let ana = app.person("ana", "editor");
    app.patch_as(&owner.access, &user_path(&ana), &json!({ "role": "analyst" }));
    app.patch_as(&owner.access, &user_path(&ana), &json!({ "role": "analyst" }));
    let body = json!({ "name": "robot", "scopes": ["users:manage", "audit:read"] });
    let token = app.post_as(&owner.access, "/api/v1/tokens", &body).json();
    let key = token["token"].as_str().unwrap();
    assert_eq!(app.delete_as(key, &user_path(&ana)).status, 204);

    let list = |query: &str| {
        app.get_as(&owner.access, &format!("/api/v1/audit{query}")).json()["items"]
            .as_array()
            .unwrap()
            .clone()
    };
    let all = list("");
    let actions: Vec<_> = all.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "user.delete",
            "token.create",
            "user.update",
            "user.create",
            "auth.log_in",
            "user.create",
            "keys.rotate"
        ],
        "what changes nothing is not written down"
    );
    let removed = &all[0];
    assert_eq!(removed["actor"]["kind"], "token");
    assert_eq!(removed["actor"]["id"], token["id"]);
    assert_eq!(removed["actor"]["label"], "robot of owner@example.com");
    assert_eq!(
        (&removed["object"]["id"], &removed["address"]),
        (&json!(ana), &json!("203.0.113.0"))
    );
    assert_eq!(removed["before"]["email"], "ana@example.com");
    let updated = &all[2];
    assert_eq!(
        (&updated["before"]["role"], &updated["after"]["role"]),
        (&json!("editor"), &json!("analyst"))
    );
    assert_eq!((&all[3]["actor"]["kind"], &all[3]["address"]), (&json!("command"), &Value::Null));

    assert_eq!(list(&format!("?actor={}", owner.user)).len(), 3);
    assert_eq!(list("?action=user.create").len(), 2);
    assert_eq!(list("?object=user").len(), 4);
    assert_eq!(list(&format!("?object=user:{ana}")).len(), 3);
    assert_eq!(list("?object=user:nobody").len(), 0);
    app.get_as(&owner.access, "/api/v1/audit?action=%00").problem(400);
    app.get_as(&owner.access, "/api/v1/audit?who=x").problem(400);
    let mut walked = 0;
    let mut path = "/api/v1/audit?limit=3".to_owned();
    loop {
        let page = app.get_as(&owner.access, &path).json();
        walked += page["items"].as_array().unwrap().len();
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/audit?limit=3&cursor={next}");
    }
    assert_eq!(walked, 7);
}

#[test]
fn nothing_in_the_source_changes_or_removes_a_line_of_the_record() {
    for file in crate::source::files("src", "rs") {
        for statement in ["UPDATE audit", "DELETE FROM audit"] {
            assert!(!file.text.contains(statement), "{}: {statement}", file.path);
        }
    }
}

#[test]
fn the_command_adds_people_and_lets_them_in_again() {
    let home = tempfile::tempdir().unwrap();
    let fails = |args: &[&str]| {
        let output = manero(home.path(), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let create = ["admin", "create", "--email", "Ana@Example.com", "--name", "Ana Souza"];
    assert!(fails(&create).contains("start the site once"));
    assert!(manero(home.path(), &["seed"]).status.success());
    let created = manero(home.path(), &[&create[..], &["--json"]].concat());
    let ana: Value = serde_json::from_slice(&created.stdout).unwrap();
    assert_eq!((&ana["email"], &ana["role"]), (&json!("ana@example.com"), &json!("owner")));
    assert!(ana["password"].as_str().unwrap().len() >= 20);
    assert!(fails(&create).contains("already"));
    let bad = ["admin", "create", "--email", "x", "--name", "Ana Souza"];
    assert!(fails(&bad).contains("email address in the correct format"));
    let reset =
        manero(home.path(), &["admin", "reset", "--email", "ana@example.com", "--totp", "--lift"]);
    let text = String::from_utf8(reset.stdout).unwrap();
    assert!(reset.status.success() && text.contains("shown this once"), "{text}");
    assert!(fails(&["admin", "reset", "--email", "bea@example.com"]).contains("nobody here"));
    let typed = |password: &str| {
        std::fs::write(home.path().join("typed"), password).unwrap();
        let typed = std::fs::File::open(home.path().join("typed")).unwrap();
        manero_in(
            home.path(),
            &["admin", "reset", "--email", "ana@example.com", "--password-stdin"],
        )
        .stdin(typed)
        .output()
        .unwrap()
    };
    let done = typed("correct horse staple\n");
    assert!(done.status.success() && !String::from_utf8_lossy(&done.stdout).contains("horse"));
    assert_eq!(typed("password123\n").status.code(), Some(1));
}
