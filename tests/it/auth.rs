//! Getting in and out: log-in, sessions, refresh tokens, the second factor.

use rocket::http::Method;
use serde_json::{Value, json};

use crate::app::{Ask, PASSWORD, Session, TestApp, get, post, request, session};

#[test]
fn a_log_in_gives_tokens_and_says_who_it_is() {
    let app = TestApp::start();
    let id = app.person("ana", "owner");
    let answer = app.try_log_in("ana", PASSWORD);
    let granted = answer.json();
    assert_eq!((answer.status, answer.header("Cache-Control")), (200, Some("no-store")));
    assert_eq!(granted["token_type"], "Bearer");
    assert_eq!(granted["expires_in"], 604_800);
    assert_eq!(granted["refresh_expires_in"], 2_592_000);
    assert_eq!(granted["user"]["id"], id.as_str());
    assert_eq!(granted["user"]["email"], "ana@example.com");
    assert!(!answer.text().contains("argon2") && !answer.text().contains("hash"));
    let me = app.get_as(granted["access_token"].as_str().unwrap(), "/api/v1/auth/me").json();
    assert_eq!((&me["role"], &me["through"]), (&json!("owner"), &json!("session")));
    assert!(me["capabilities"].as_array().unwrap().contains(&json!("users:manage")));
    let upper = json!({ "email": " ANA@Example.com ", "password": PASSWORD });
    assert_eq!(app.post_json("/api/v1/auth/login", &upper).status, 200);
    assert_eq!(app.audit(), ["keys.rotate", "user.create", "auth.log_in", "auth.log_in"]);
}

#[test]
fn nobody_learns_whether_an_address_is_known_and_the_work_is_the_same() {
    let app = TestApp::unlimited();
    app.person("ana", "owner");
    app.person("bea", "editor");
    app.change("UPDATE users SET suspended_at = 1 WHERE email = 'bea@example.com'");
    let mut bodies = Vec::new();
    for (name, password) in [("ana", "wrong password"), ("nobody", PASSWORD), ("bea", PASSWORD)] {
        let before = app.context.accounts.passwords.compared();
        let answer = app.try_log_in(name, password);
        let problem = answer.problem(401);
        assert_eq!(answer.header("WWW-Authenticate"), Some("Bearer"));
        bodies.push((problem["title"].clone(), problem["detail"].clone()));
        assert_eq!(app.context.accounts.passwords.compared(), before + 1, "{name}: one comparison");
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    let odd = json!({ "email": "a\u{0}b@example.com", "password": PASSWORD });
    app.post_json("/api/v1/auth/login", &odd).problem(401);
}

#[test]
fn a_body_that_is_no_log_in_is_told_what_is_missing() {
    let app = TestApp::start();
    let problem = app.post_json("/api/v1/auth/login", &json!({ "emial": "x", "password": 1 }));
    let faults = problem.problem(400)["error"].clone();
    let codes: Vec<_> = faults.as_array().unwrap().iter().map(|f| f["code"].clone()).collect();
    assert_eq!(codes, ["invalid_type", "required", "unknown"]);
    assert!(faults[2]["message"].as_str().unwrap().contains("did you mean email?"));
    app.send(&post("/api/v1/auth/login").body("text/plain", "x")).problem(415);
}

#[test]
fn ten_failures_from_one_client_close_the_door_to_it() {
    let app = TestApp::start();
    app.person("ana", "owner");
    for number in 0..10 {
        app.try_log_in(&format!("nobody{number}"), "wrong password").problem(401);
    }
    let over = app.try_log_in("ana", PASSWORD);
    over.problem(429);
    assert_eq!(over.header("RateLimit-Limit"), Some("10"));
    let body = json!({ "email": "ana@example.com", "password": PASSWORD });
    let elsewhere = post("/api/v1/auth/login").json(&body).peer("198.51.100.9");
    assert_eq!(app.send(&elsewhere).status, 200);
}

#[test]
fn who_knows_the_password_is_not_limited_by_logging_in() {
    let app = TestApp::start();
    app.person("ana", "owner");
    for _ in 0..25 {
        assert_eq!(app.try_log_in("ana", PASSWORD).status, 200);
    }
}

#[test]
fn one_account_is_not_tried_from_everywhere_at_once() {
    let app = TestApp::start();
    app.person("ana", "owner");
    let wrong = json!({ "email": "ana@example.com", "password": "wrong password" });
    let asks: Vec<Ask> = (0..30)
        .map(|n| post("/api/v1/auth/login").json(&wrong).peer(&format!("198.51.100.{n}")))
        .collect();
    let answers = app.send_all(&asks);
    let looked_at = answers.iter().filter(|a| a.status == 401).count();
    assert_eq!(looked_at, 6, "five are free, the sixth makes the next wait");
    let waiting = answers.iter().find(|a| a.status == 429).unwrap();
    let seconds: u64 = waiting.header("Retry-After").unwrap().parse().unwrap();
    assert!((1..=2).contains(&seconds), "{seconds}");
}

/// Everything that must end the sessions of `ana`, whose session is given.
fn ends_everything(end: impl FnOnce(&TestApp, &Session)) {
    let app = TestApp::start();
    app.person("root", "owner");
    app.person("ana", "admin");
    let (first, second) = (app.log_in("ana"), app.log_in("ana"));
    assert_eq!((app.me(&first.access), app.me(&second.access)), (200, 200));
    end(&app, &first);
    for session in [&first, &second] {
        assert_eq!(app.me(&session.access), 401);
        app.refresh(&session.refresh).problem(401);
    }
}

#[test]
fn a_log_out_ends_every_session_at_once() {
    ends_everything(|app, ana| {
        let ask = post("/api/v1/auth/logout").bearer(&ana.access);
        assert_eq!(app.send(&ask).status, 204);
    });
}

#[test]
fn another_password_ends_every_session_and_begins_one() {
    ends_everything(|app, ana| {
        let body = json!({ "current": PASSWORD, "new": "another good phrase" });
        let fresh = session(&app.post_as(&ana.access, "/api/v1/auth/password", &body));
        assert_eq!(app.me(&fresh.access), 200);
        app.try_log_in("ana", PASSWORD).problem(401);
        assert_eq!(app.try_log_in("ana", "another good phrase").status, 200);
    });
}

#[test]
fn a_suspension_ends_every_session() {
    ends_everything(|app, ana| {
        let root = app.log_in("root");
        let path = format!("/api/v1/users/{}", ana.user);
        let body = json!({ "suspended": true });
        assert_eq!(app.patch_as(&root.access, &path, &body).status, 200);
    });
}

#[test]
fn another_role_ends_every_session() {
    ends_everything(|app, ana| {
        let root = app.log_in("root");
        let path = format!("/api/v1/users/{}", ana.user);
        let body = json!({ "role": "editor" });
        assert_eq!(app.patch_as(&root.access, &path, &body).status, 200);
    });
}

#[test]
fn a_removed_person_is_out() {
    ends_everything(|app, ana| {
        let root = app.log_in("root");
        assert_eq!(app.delete_as(&root.access, &format!("/api/v1/users/{}", ana.user)).status, 204);
    });
}

#[test]
fn a_change_made_by_another_process_counts_as_well() {
    ends_everything(|app, _| {
        let another = app.another_db();
        let raised = another.write_blocking(|tx| {
            tx.exec(
                manero::platform::db::Sql::portable(
                    "UPDATE users SET session_epoch = session_epoch + 1, suspended_at = 1 WHERE email = 'ana@example.com'",
                ),
                &[],
            )
        });
        let raised: manero::platform::db::Result<u64> = raised;
        assert_eq!(raised.unwrap(), 1);
        another.close();
    });
}

#[test]
fn a_password_is_changed_only_by_who_knows_it_and_only_to_a_good_one() {
    let app = TestApp::start();
    let ana = app.session_of("admin");
    let change = |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        app.post_as(&ana.access, "/api/v1/auth/password", &body)
    };
    let refused = |new: &str| change(PASSWORD, new).problem(400)["error"][0]["code"].clone();
    let stranger = change("wrong", "another good phrase").problem(403);
    assert_eq!(stranger["detail"], "This is not your password.");
    assert_eq!(refused("short"), "too_short");
    assert_eq!(refused("password2026"), "invalid");
    assert_eq!(refused("admin@example.com"), "invalid");
    assert_eq!(app.me(&ana.access), 200);
}

#[test]
fn a_refresh_token_counts_once_and_one_that_comes_twice_ends_the_session() {
    let app = TestApp::start();
    app.person("ana", "owner");
    let (first, other) = (app.log_in("ana"), app.log_in("ana"));
    let second = session(&app.refresh(&first.refresh));
    assert_eq!((app.me(&first.access), app.me(&second.access)), (200, 200));
    let third = session(&app.refresh(&second.refresh));
    let again = app.refresh(&first.refresh);
    again.problem(401);
    assert_eq!(again.header("WWW-Authenticate"), Some("Bearer error=\"invalid_token\""));
    for ended in [&first, &second, &third] {
        assert_eq!(app.me(&ended.access), 401);
        app.refresh(&ended.refresh).problem(401);
    }
    assert_eq!(app.me(&other.access), 200, "another log-in is another family");
    assert_eq!(app.refresh(&other.refresh).status, 200);
    assert_eq!(app.audit().iter().filter(|action| *action == "auth.refresh_reused").count(), 1);
}

#[test]
fn of_many_refreshes_at_once_at_most_one_wins() {
    let app = TestApp::start();
    app.person("ana", "owner");
    let ana = app.log_in("ana");
    let ask = post("/api/v1/auth/refresh").json(&json!({ "refresh_token": ana.refresh }));
    let answers = app.send_all(&vec![ask; 8]);
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    assert_eq!(app.me(&ana.access), 401, "two had the token: the session is over");
}

#[test]
fn a_refresh_token_expires_with_the_clock() {
    let app = TestApp::start();
    app.person("ana", "owner");
    let clock = &app.context.accounts.clock;
    let now = clock.now_ms();
    clock.stop_at(now);
    let ana = app.log_in("ana");
    clock.stop_at(now + 2_592_000_000);
    app.refresh(&ana.refresh).problem(401);
    clock.stop_at(now + 2_592_000_000 - 1);
    assert_eq!(app.refresh(&ana.refresh).status, 200);
    app.refresh("no-such-token").problem(401);
}

#[test]
fn refreshes_are_limited_by_client() {
    let app = TestApp::start();
    let answers = app.send_all(&vec![
        post("/api/v1/auth/refresh")
            .json(&json!({ "refresh_token": "guess" }));
        40
    ]);
    assert_eq!(answers.iter().filter(|a| a.status == 401).count(), 30);
    assert_eq!(answers.iter().filter(|a| a.status == 429).count(), 10);
}

#[test]
fn devices_are_listed_and_one_can_be_ended_by_its_owner_alone() {
    let app = TestApp::start();
    app.person("ana", "owner");
    app.person("bea", "owner");
    let body = json!({ "email": "ana@example.com", "password": PASSWORD });
    let ask = post("/api/v1/auth/login").json(&body).header("User-Agent", "Phone/1.0");
    let phone = session(&app.send(&ask));
    let (desk, bea) = (app.log_in("ana"), app.log_in("bea"));
    let list = app.get_as(&desk.access, "/api/v1/auth/sessions").json()["items"].clone();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!((&list[0]["current"], &list[1]["current"]), (&json!(true), &json!(false)));
    assert_eq!(
        (&list[1]["device"], &list[1]["address"]),
        (&json!("Phone/1.0"), &json!("203.0.113.0"))
    );
    let path = format!("/api/v1/auth/sessions/{}", list[1]["id"].as_str().unwrap());
    app.delete_as(&bea.access, &path).problem(404);
    assert_eq!(app.delete_as(&desk.access, &path).status, 204);
    assert_eq!((app.me(&phone.access), app.me(&desk.access)), (401, 200));
    app.refresh(&phone.refresh).problem(401);
    for odd in ["x", "%00", "00000000-0000-0000-0000-000000000000"] {
        app.delete_as(&desk.access, &format!("/api/v1/auth/sessions/{odd}")).problem(404);
    }
}

#[test]
fn nothing_secret_is_stored_readable() {
    let app = TestApp::start();
    app.person("ana", "owner");
    let ana = app.log_in("ana");
    let begun = app.post_as(&ana.access, "/api/v1/auth/totp", &json!({})).json();
    let body = json!({ "name": "import", "scopes": ["leads:read"] });
    let token = app.post_as(&ana.access, "/api/v1/tokens", &body).json();
    let mut stored = Vec::new();
    for sql in [
        "SELECT password_hash || coalesce(totp_secret, '') FROM users",
        "SELECT token_hash FROM refresh_tokens",
        "SELECT token_hash || last_four FROM api_tokens",
        "SELECT sealed_secret FROM signing_keys",
        "SELECT coalesce(before_change, '') || coalesce(after_change, '') || actor_label FROM audit",
    ] {
        stored.extend(app.query::<(String,)>(sql).into_iter().map(|(text,)| text));
    }
    let all = stored.join("\n");
    let secrets = [
        PASSWORD,
        &ana.refresh,
        &ana.access,
        token["token"].as_str().unwrap(),
        begun["secret"].as_str().unwrap(),
    ];
    for secret in secrets {
        assert!(!all.contains(secret), "{secret}");
    }
    assert!(all.contains("argon2id") && all.contains("v1."));
}

#[test]
fn who_asks_is_said_once_and_in_one_way() {
    let app = TestApp::start();
    let ana = app.session_of("owner");
    let me = || get("/api/v1/auth/me");
    let nobody = app.send(&me());
    nobody.problem(401);
    assert_eq!(nobody.header("WWW-Authenticate"), Some("Bearer"));
    for odd in ["Basic YTpi", "Bearer", &ana.access, "Token x"] {
        app.send(&me().header("Authorization", odd)).problem(401);
    }
    let lower = me().header("Authorization", &format!("bearer {}", ana.access));
    assert_eq!(app.send(&lower).status, 200);
    app.send(&me().bearer(&ana.access).bearer(&ana.access)).problem(400);
    let head = request(Method::Head, "/api/v1/auth/me").bearer(&ana.access);
    assert_eq!(app.send(&head).status, 200);
    let _: Value = app.send(&me().bearer(&ana.access)).json();
}
