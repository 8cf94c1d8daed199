//! Where webhooks lead: what an answer means, and where nothing is sent.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use manero::business::webhooks::{Courier, deliver};
use manero::jobs;
use manero::platform::outbox::{Report, Runner};
use manero::platform::vendors::http::Boundary;
use serde_json::{Value, json};

use crate::app::{Receiver, TestApp, answer};
use crate::webhook_tries::{ms, only};

/// Does what the program does, with a courier of its own.
fn with_courier(app: &TestApp, courier: Courier) -> Runner {
    let db = app.db().clone();
    Arc::new(move |work| -> Report {
        let parsed = serde_json::from_str(&work.payload).unwrap();
        deliver(&parsed, &work.id, &db, &courier, jobs::told)
    })
}

#[test]
fn a_redirect_is_a_failure_and_is_not_followed() {
    let (app, owner) = TestApp::with_webhooks();
    let inside = Receiver::answering(200);
    for status in [301, 302, 303, 307, 308] {
        let location = inside.url.clone();
        let sly = Receiver::with(move |_| answer(status, &[("Location", &location)], ""));
        let hook = app.hook(&owner, &sly.url, &["webhook.test"]);
        app.post_as(&owner.access, &format!("{}/test", hook.path), &json!({}));
        app.drain_outbox();
        sly.got();
        let delivery = only(&app, &owner, &hook);
        assert_eq!(
            (&delivery["state"], &delivery["last_status"]),
            (&json!("failed"), &json!(status))
        );
    }
    inside.got_nothing();
}

#[test]
fn the_answers_status_counts_however_long_its_body_is() {
    let (app, owner) = TestApp::with_webhooks();
    let long = "x".repeat(1_000_000);
    let talker = Receiver::with(move |_| answer(201, &[], &long));
    let cut_off = Receiver::with(|_| b"HTTP/1.1 202 X\r\nContent-Length: 50\r\n\r\nhalf".to_vec());
    for (receiver, status) in [(&talker, 201), (&cut_off, 202)] {
        let hook = app.hook(&owner, &receiver.url, &["webhook.test"]);
        app.post_as(&owner.access, &format!("{}/test", hook.path), &json!({}));
        app.drain_outbox();
        let delivery = only(&app, &owner, &hook);
        assert_eq!(
            (&delivery["state"], &delivery["last_status"]),
            (&json!("delivered"), &json!(status))
        );
    }
}

#[test]
fn whoever_says_410_is_switched_off() {
    let (app, owner) = TestApp::with_webhooks();
    let receiver = Receiver::answering(410);
    let hook = app.hook(&owner, &receiver.url, &["lead.created"]);
    app.lead("ana@example.com");
    app.lead("eva@example.com");
    app.drain_outbox();
    receiver.got();
    receiver.got_nothing();
    let told: Vec<(Value, Value)> = app
        .deliveries(&owner, &hook)
        .iter()
        .rev()
        .map(|delivery| (delivery["state"].clone(), delivery["last_error"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            (json!("dead"), json!("it answered with status 410 and was switched off")),
            (json!("dead"), json!("it was switched off")),
        ]
    );
    let shown = app.get_as(&owner.access, &hook.path).json();
    assert_eq!((&shown["active"], shown["last_failure_at"].is_string()), (&json!(false), true));
    assert_eq!(app.audit().iter().filter(|action| *action == "webhook.switch_off").count(), 1);
    assert_eq!(app.count("outbox"), 0, "there is nothing the owner could mend");
    app.lead("bea@example.com");
    assert_eq!(app.count("webhook_deliveries"), 2, "it hears of nothing more");
    let delivery = app.deliveries(&owner, &hook)[0]["id"].as_str().unwrap().to_owned();
    app.post_as(&owner.access, &format!("{}/test", hook.path), &json!({})).problem(409);
    let resend = format!("{}/deliveries/{delivery}/resend", hook.path);
    app.post_as(&owner.access, &resend, &json!({})).problem(409);
    app.patch_as(&owner.access, &hook.path, &json!({ "active": true }));
    assert_eq!(app.post_as(&owner.access, &resend, &json!({})).status, 202);
}

#[test]
fn a_name_that_leads_inside_is_refused_at_every_try() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner");
    let hook = app.hook(&owner, "https://hooks.example.com/x?y", &["webhook.test"]);
    app.post_as(&owner.access, &format!("{}/test", hook.path), &json!({}));
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&lookups);
    let boundary = Boundary::internet().with_lookup(move |name| {
        assert_eq!(name, "hooks.example.com");
        let inside = [[127, 0, 0, 1], [10, 0, 0, 1], [169, 254, 169, 254]];
        vec![IpAddr::from(inside[counted.fetch_add(1, Ordering::SeqCst) % 3])]
    });
    let clock = &app.context.accounts.clock;
    let key = app.context.accounts.data_key.clone();
    let runner = with_courier(&app, Courier::within(boundary, false, key, clock).unwrap());
    for tries in 1..=4 {
        assert_eq!(app.drain_lanes(&runner), 1);
        let delivery = only(&app, &owner, &hook);
        assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("failed"), &json!(tries)));
        let why = "refused to call hooks.example.com: not an address of the public internet";
        assert_eq!(
            (&delivery["last_error"], &delivery["last_status"]),
            (&json!(why), &Value::Null)
        );
        assert_eq!(lookups.load(Ordering::SeqCst), tries, "judged anew each time");
        clock.stop_at(ms(&delivery["next_try_at"]));
    }
}

#[test]
fn what_was_taken_while_private_targets_were_allowed_is_not_called_without_the_setting() {
    let (app, owner) = TestApp::with_webhooks();
    let receiver = Receiver::answering(200);
    let hook = app.hook(&owner, &receiver.url, &["webhook.test"]);
    app.post_as(&owner.access, &format!("{}/test", hook.path), &json!({}));
    let clock = &app.context.accounts.clock;
    let key = app.context.accounts.data_key.clone();
    let runner =
        with_courier(&app, Courier::within(Boundary::internet(), false, key, clock).unwrap());
    assert_eq!(app.drain_lanes(&runner), 1);
    assert_eq!(only(&app, &owner, &hook)["state"], "failed");
    receiver.got_nothing();
}
