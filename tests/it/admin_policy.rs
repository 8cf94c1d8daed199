//! Every address of the dashboard, asked as everybody: who gets in is what the table says.

use std::collections::BTreeSet;

use manero::admin::accounts::model::Role;
use manero::admin::accounts::pages_policy::PAGES;
use manero::admin::accounts::policy::Access;

use crate::app::{Answer, Browser, TestApp, get, post};

/// An address of something that is not there.
fn address(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        parts.push(match part {
            "<id>" | "<note>" | "<delivery>" => "0199f1c2-0000-7000-8000-000000000000",
            "<key>" => "no.such_thing",
            part if part.starts_with('<') => "no-such-thing",
            part => part,
        });
    }
    parts.join("/")
}

/// Addresses that take a form with a file, and no other.
const FILES: [&str; 1] = ["/admin/leads/import"];

fn ask(app: &TestApp, browser: &Browser, method: &str, path: &str) -> Answer {
    match method {
        "GET" => browser.get(app, &address(path)),
        _ => browser.post(app, &address(path), &[]),
    }
}

fn guarded() -> impl Iterator<Item = (&'static str, &'static str, Access)> {
    PAGES.iter().copied().filter(|(_, _, access)| *access != Access::Public)
}

#[test]
fn every_address_of_the_dashboard_says_whom_it_answers() {
    let app = TestApp::start();
    let listed: BTreeSet<_> =
        PAGES.iter().map(|(m, p, _)| ((*m).to_owned(), (*p).to_owned())).collect();
    assert_eq!(listed.len(), PAGES.len(), "an address stands there twice");
    let plain = |(method, path): (String, String)| {
        (method, path.split('?').next().unwrap_or_default().to_owned())
    };
    let of_it = |(_, path): &(String, String)| path == "/admin" || path.starts_with("/admin/");
    let mounted: BTreeSet<_> = app.routes().into_iter().map(plain).filter(of_it).collect();
    let open: Vec<_> = mounted.difference(&listed).collect();
    assert!(open.is_empty(), "no policy says whom these answer: {open:?}");
    let gone: Vec<_> = listed.difference(&mounted).collect();
    assert!(gone.is_empty(), "only in the policy: {gone:?}");
}

#[test]
fn strangers_and_ended_sessions_are_led_to_the_log_in() {
    let app = TestApp::unlimited();
    app.person("root", "owner");
    let suspended = app.at_the_dashboard("owner");
    app.change("UPDATE users SET suspended_at = 1 WHERE email = 'owner@example.com'");
    app.person("eva", "owner");
    let removed = app.log_in_to_the_dashboard("eva");
    app.change("DELETE FROM users WHERE email = 'eva@example.com'");
    let root = app.log_in("root").access;
    for (method, path, _) in guarded() {
        let path = address(path);
        let asks = |cookie: Option<&str>| {
            let ask = if method == "GET" {
                get(&path)
            } else {
                post(&path).form(&[("_csrf", "x"), ("kept", "what was typed")])
            };
            match cookie {
                Some(cookie) => ask.header("Cookie", cookie),
                None => ask,
            }
        };
        let token = asks(None).bearer(&root);
        let made_up = format!("manero_session={}", "a".repeat(43));
        let all = [
            asks(None),
            asks(Some(&suspended.cookie)),
            asks(Some(&removed.cookie)),
            asks(Some(&made_up)),
            token,
        ];
        for ask in all {
            let answer = app.send(&ask);
            if method == "GET" {
                assert_eq!(answer.status, 303, "{path}");
                assert!(
                    answer.header("Location").unwrap().starts_with("/admin/log-in?next=%2Fadmin")
                );
            } else {
                assert!(answer.page(401).contains("Log in again"), "{path}");
                // Files are not carried through a log-in; everything that is typed is.
                let takes_files = path.starts_with("/admin/media") || path == "/admin/leads/import";
                assert!(takes_files || answer.text().contains("kept=what+was+typed"), "{path}");
            }
        }
    }
}

#[test]
fn each_role_sees_and_sends_what_it_may_and_nothing_else() {
    let app = TestApp::unlimited();
    for role in Role::ALL {
        app.person(role.code(), role.code());
        let mut browser = app.log_in_to_the_dashboard(role.code());
        for (method, path, access) in guarded() {
            // Some addresses end the session.
            if browser.get(&app, "/admin").status != 200 {
                browser = app.log_in_to_the_dashboard(role.code());
            }
            let may = match access {
                Access::Needs(capability) => role.may(capability),
                _ => true,
            };
            let answer = ask(&app, &browser, method, path);
            assert!(answer.status < 500, "{} {method} {path}", role.code());
            assert_eq!(
                answer.status != 403 && answer.status != 401,
                may,
                "{} {method} {path} {}",
                role.code(),
                answer.status
            );
            if !may {
                assert!(answer.page(403).contains("Not for you"), "{method} {path}");
            }
        }
    }
}

#[test]
fn every_form_wants_the_token_of_its_session() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    app.person("admin", "admin");
    let other = app.log_in_to_the_dashboard("admin");
    let mut walked = 0;
    for (_, path, _) in guarded().filter(|(method, ..)| *method == "POST") {
        for token in ["", "x", &other.csrf] {
            let forged = Browser { csrf: token.to_owned(), cookie: owner.cookie.clone() };
            let answer = if FILES.contains(&path) {
                app.send(&forged.upload(path, &[], ("a.csv", b"email\na@b.co\n")))
            } else {
                forged.post(&app, &address(path), &[])
            };
            assert!(matches!(answer.status, 403 | 409), "{path}: {}", answer.status);
            assert!(answer.page(answer.status).contains("out of date"), "{path}");
        }
        walked += 1;
    }
    assert!(walked >= 9, "{walked}");
    assert!(owner.get(&app, "/admin").status == 200, "still in");
}
