//! Every address of the API, asked as everybody: who gets in is what the table says.

use std::collections::BTreeSet;

use manero::admin::accounts::model::{Capability, Role};
use manero::admin::accounts::policy::{Access, POLICY, policy};
use rocket::http::Method;
use serde_json::json;

use crate::app::{Answer, Ask, TestApp, request};

/// The addresses of the API that the site answers.
fn mounted(app: &TestApp) -> BTreeSet<(String, String)> {
    let api =
        |(_, path): &(String, String)| path.starts_with("/api") && !path.starts_with("/api/-/");
    app.routes().into_iter().filter(api).collect()
}

#[test]
fn every_address_of_the_api_says_whom_it_answers() {
    let app = TestApp::start();
    let listed: BTreeSet<_> =
        POLICY.iter().map(|(m, p, _)| ((*m).to_owned(), (*p).to_owned())).collect();
    assert_eq!(listed.len(), POLICY.len(), "an address stands there twice");
    let mounted = mounted(&app);
    let open: Vec<_> = mounted.difference(&listed).collect();
    assert!(open.is_empty(), "no policy says whom these answer: {open:?}");
    let gone: Vec<_> = listed.difference(&mounted).collect();
    assert!(gone.is_empty(), "only in the policy: {gone:?}");
}

/// A request for the address, about something that is not there.
fn ask(method: &str, path: &str) -> Ask {
    let path = path
        .replace("<id>", "0199f1c2-0000-7000-8000-000000000000")
        .replace("<slug>", "no-such-thing")
        .replace("<tag>", "no-such-thing")
        .replace("<note>", "0199f1c2-0000-7000-8000-000000000000")
        .replace("<delivery>", "0199f1c2-0000-7000-8000-000000000001")
        .replace("<key>", "no.such_thing")
        .replace("<name>", "no-such-thing");
    let ask = request(method.parse::<Method>().unwrap(), &path);
    if method == "GET" || method == "DELETE" { ask } else { ask.json(&json!({ "nothing": 1 })) }
}

fn is_let_in(answer: &Answer) -> bool {
    assert!(answer.status < 500, "{}", answer.text());
    answer.status != 401 && answer.status != 403
}

fn is_open(access: Access) -> bool {
    matches!(access, Access::Public | Access::PublicAnd(_))
}

fn guarded() -> impl Iterator<Item = (&'static str, &'static str, Access)> {
    POLICY.iter().copied().filter(|(_, _, access)| !is_open(*access))
}

#[test]
fn public_addresses_ask_nobody_who_they_are() {
    let app = TestApp::unlimited();
    for (method, path, access) in POLICY {
        // Without a right password there is no log-in; that is all it says.
        if is_open(*access) && !path.contains("/auth/") {
            assert!(is_let_in(&app.send(&ask(method, path))), "{method} {path}");
            let odd = ask(method, path).bearer("no-such-token");
            assert!(is_let_in(&app.send(&odd)), "{method} {path}");
        }
    }
}

#[test]
fn strangers_and_ended_sessions_get_401_everywhere() {
    let app = TestApp::unlimited();
    app.person("root", "owner");
    app.person("ana", "owner");
    let clock = &app.context.accounts.clock;
    let now = clock.now_ms();
    clock.stop_at(now - 8 * 86_400_000);
    let expired = app.log_in("ana").access;
    clock.stop_at(now);
    app.person("bea", "owner");
    let suspended = app.log_in("bea").access;
    app.change("UPDATE users SET suspended_at = 1 WHERE email = 'bea@example.com'");
    app.person("eva", "owner");
    let removed = app.log_in("eva").access;
    app.change("DELETE FROM users WHERE email = 'eva@example.com'");
    let root = app.log_in("root").access;
    let body = json!({ "name": "old", "scopes": ["users:manage", "tokens:manage", "audit:read"], "days": 1 });
    let made = |app: &TestApp| {
        app.post_as(&root, "/api/v1/tokens", &body).json()["token"].as_str().unwrap().to_owned()
    };
    let old_token = made(&app);
    app.change("UPDATE api_tokens SET expires_at = 5");
    let revoked_token = made(&app);
    app.change("UPDATE api_tokens SET revoked_at = 5 WHERE expires_at > 5");
    let mut walked = 0;
    for (method, path, _) in guarded() {
        let anonymous = app.send(&ask(method, path));
        anonymous.problem(401);
        assert_eq!(anonymous.header("WWW-Authenticate"), Some("Bearer"), "{method} {path}");
        for token in [&expired, &suspended, &removed, &old_token, &revoked_token] {
            let answer = app.send(&ask(method, path).bearer(token));
            answer.problem(401);
            let told = answer.header("WWW-Authenticate");
            assert_eq!(told, Some("Bearer error=\"invalid_token\""), "{method} {path}");
        }
        walked += 1;
    }
    assert!(walked >= 17, "{walked}");
}

#[test]
fn each_role_gets_in_where_it_may_and_nowhere_else() {
    let app = TestApp::unlimited();
    for role in Role::ALL {
        app.person(role.code(), role.code());
        let mut token = app.log_in(role.code()).access;
        for (method, path, access) in guarded() {
            let may = match access {
                Access::Needs(capability) => role.may(capability),
                _ => true,
            };
            let answer = app.send(&ask(method, path).bearer(&token));
            assert_eq!(is_let_in(&answer), may, "{} {method} {path}", role.code());
            if !may {
                let problem = answer.problem(403);
                assert!(problem["detail"].as_str().unwrap().contains(role.code()));
            }
            if path.ends_with("/logout") {
                token = app.log_in(role.code()).access;
            }
        }
    }
}

/// What belongs to the owner: whoever else gets in at an address changes nothing of it there.
#[test]
fn nobody_changes_what_belongs_to_somebody_above_them() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner");
    let body = json!({ "name": "mine", "scopes": ["audit:read"] });
    let token = app.post_as(&owner.access, "/api/v1/tokens", &body).json();
    let sessions = app.get_as(&owner.access, "/api/v1/auth/sessions").json();
    let me = app.get_as(&owner.access, "/api/v1/auth/me").json();
    let belongings = [
        ("/auth/sessions/", &sessions["items"][0]["id"]),
        ("/tokens/", &token["id"]),
        ("/users/", &me["id"]),
    ];
    let mut walked = 0;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Owner) {
        app.person(role.code(), role.code());
        let other = app.log_in(role.code()).access;
        for (method, path, _) in guarded().filter(|(method, ..)| *method != "GET") {
            let found = belongings.iter().find(|(part, _)| path.contains(part));
            let Some((_, id)) = found.filter(|_| path.ends_with("<id>")) else { continue };
            let path = path.replace("<id>", id.as_str().unwrap());
            let ask = request(method.parse::<Method>().unwrap(), &path).bearer(&other);
            let ask =
                if method == "DELETE" { ask } else { ask.json(&json!({ "name": "Not Mine" })) };
            let status = app.send(&ask).status;
            assert!(status == 403 || status == 404, "{} {method} {path}: {status}", role.code());
            walked += 1;
        }
    }
    assert!(walked >= 12, "{walked}");
    assert_eq!(app.get_as(&owner.access, "/api/v1/auth/me").json(), me, "still in, still the same");
    let bearer = token["token"].as_str().unwrap();
    assert_eq!(app.get_as(bearer, "/api/v1/audit").status, 200, "the token still counts");
}

#[test]
fn a_token_does_what_its_scopes_name_as_far_as_its_owners_role_goes() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner");
    for scope in Capability::ALL {
        let body = json!({ "name": scope.scope(), "scopes": [scope] });
        let made = app.post_as(&owner.access, "/api/v1/tokens", &body).json();
        let token = made["token"].as_str().unwrap();
        for (method, path, access) in guarded() {
            let may = match access {
                Access::Known => true,
                Access::Needs(capability) => capability == *scope,
                Access::Public | Access::PublicAnd(_) | Access::Person => false,
            };
            let answer = app.send(&ask(method, path).bearer(token));
            assert_eq!(is_let_in(&answer), may, "{} {method} {path}", scope.scope());
            if !may {
                answer.problem(403);
            }
        }
    }
    let body = json!({ "name": "all", "scopes": ["users:manage", "audit:read"] });
    let made = app.post_as(&owner.access, "/api/v1/tokens", &body).json();
    let token = made["token"].as_str().unwrap();
    assert_eq!(app.get_as(token, "/api/v1/users").status, 200);
    app.change("UPDATE users SET role = 'editor'");
    app.get_as(token, "/api/v1/users").problem(403);
}

#[test]
fn the_table_knows_an_address_by_its_method_and_template() {
    assert_eq!(policy("GET", "/api/v1/audit"), Some(Access::Needs(Capability::ReadAudit)));
    assert_eq!(policy("DELETE", "/api/v1/audit"), None, "nothing removes a line of the record");
}
