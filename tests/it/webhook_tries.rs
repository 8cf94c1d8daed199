//! Telling somebody who does not listen: tried for a day, never elsewhere, and in nobody's way.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use manero::jobs;
use manero::platform::clock;
use manero::platform::db::{Db, Migrate};
use manero::platform::outbox::{Runner, Workers};
use serde_json::{Value, json};

use crate::app::{Hook, LiveApp, Receiver, Session, TestApp, answer, manero};

/// Far above what any of it takes; a hang must fail its test.
const LONG: Duration = Duration::from_secs(30);
const DAY: i64 = 86_400_000;

pub(crate) fn only(app: &TestApp, owner: &Session, hook: &Hook) -> Value {
    let all = app.deliveries(owner, hook);
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].clone()
}

pub(crate) fn ms(time: &Value) -> i64 {
    clock::parse_rfc3339(time.as_str().unwrap()).unwrap()
}

#[test]
fn what_does_not_go_through_is_tried_again_over_a_day_and_then_given_up() {
    let (app, owner) = TestApp::with_webhooks();
    let status = Arc::new(AtomicU16::new(500));
    let told = Arc::clone(&status);
    let receiver = Receiver::with(move |_| answer(told.load(Ordering::SeqCst), &[], "no"));
    let hook = app.hook(&owner, &receiver.url, &["lead.created"]);
    app.lead("ana@example.com");
    let clock = &app.context.accounts.clock;
    let mut delivery = only(&app, &owner, &hook);
    let event = ms(&delivery["created_at"]);
    assert_eq!((&delivery["state"], ms(&delivery["next_try_at"])), (&json!("waiting"), event));
    let (mut tries, mut ids, mut times) = (0, Vec::new(), vec![event]);
    app.drain_outbox();
    loop {
        tries += 1;
        let got = receiver.got();
        ids.push(got.header("webhook-id").to_owned());
        assert_eq!(got.signed_with(&[&hook.secret]), [&hook.secret]);
        delivery = only(&app, &owner, &hook);
        assert_eq!((&delivery["attempts"], &delivery["last_status"]), (&json!(tries), &json!(500)));
        assert_eq!(delivery["last_error"], "it answered with status 500");
        if delivery["next_try_at"].is_null() {
            break;
        }
        assert_eq!(delivery["state"], "failed");
        let next = ms(&delivery["next_try_at"]);
        times.push(next);
        clock.stop_at(next - 1);
        assert_eq!(app.drain_outbox(), 0, "not before its time");
        clock.stop_at(next);
        assert_eq!(app.drain_outbox(), 1);
        assert_eq!(got.header("webhook-timestamp").len(), 10);
    }
    assert_eq!(times.last().unwrap() - event, DAY, "{times:?}");
    assert!((12..=14).contains(&tries), "{tries}");
    assert!((24_000..40_000).contains(&(times[1] - event)), "{times:?}");
    assert_eq!((&delivery["state"], &delivery["delivered_at"]), (&json!("dead"), &Value::Null));
    assert!(ids.iter().all(|id| *id == delivery["event_id"].as_str().unwrap()), "{ids:?}");
    assert_eq!(app.count("outbox WHERE dead_at IS NOT NULL"), 1);
    receiver.got_nothing();

    // The owner has mended the other side, and sends it once more.
    status.store(200, Ordering::SeqCst);
    let path = format!("{}/deliveries/{}/resend", hook.path, delivery["id"].as_str().unwrap());
    let queued = app.post_as(&owner.access, &path, &json!({}));
    assert_eq!((queued.status, &queued.json()["state"]), (202, &json!("waiting")));
    assert_eq!(app.count("outbox WHERE dead_at IS NOT NULL"), 0, "the dead letter is called off");
    assert_eq!(app.drain_outbox(), 1);
    assert_eq!(receiver.got().header("webhook-id"), ids[0]);
    let delivery = only(&app, &owner, &hook);
    assert_eq!(
        (&delivery["state"], &delivery["attempts"]),
        (&json!("delivered"), &json!(tries + 1))
    );
    assert_eq!((&delivery["last_error"], app.count("outbox")), (&Value::Null, 0));
}

#[test]
fn patience_that_is_asked_for_is_given_within_the_day() {
    let (app, owner) = TestApp::with_webhooks();
    for (asked, from, to) in [("7200", 7_200_000, 7_260_000), ("999999", DAY - 60_000, DAY + 1000)]
    {
        let busy = Receiver::with(move |_| answer(503, &[("Retry-After", asked)], ""));
        let hook = app.hook(&owner, &busy.url, &["webhook.test"]);
        app.post_as(&owner.access, &format!("{}/test", hook.path), &json!({}));
        app.drain_outbox();
        let delivery = only(&app, &owner, &hook);
        let wait = ms(&delivery["next_try_at"]) - ms(&delivery["created_at"]);
        assert!((from..=to).contains(&wait), "{asked}: {wait}");
    }
}

#[test]
fn two_secrets_sign_for_a_day_after_a_change() {
    let (app, owner) = TestApp::with_webhooks();
    let receiver = Receiver::answering(200);
    let hook = app.hook(&owner, &receiver.url, &["webhook.test"]);
    let clock = &app.context.accounts.clock;
    let made = app.post_as(&owner.access, &format!("{}/secret", hook.path), &json!({})).json();
    let until = ms(&made["old_secret_until"]);
    assert!((DAY - 60_000..=DAY).contains(&(until - clock::now_ms())), "{made}");
    let (old, new) = (hook.secret.as_str(), made["secret"].as_str().unwrap());
    for (at, secrets) in [(until - 1, vec![new, old]), (until, vec![new])] {
        clock.stop_at(at);
        app.post_as(&owner.access, &format!("{}/test", hook.path), &json!({}));
        app.drain_outbox();
        assert_eq!(receiver.got().signed_with(&[old, new]), secrets);
    }
}

#[test]
fn a_slow_target_does_not_hold_up_mail() {
    let (app, owner) = TestApp::with_webhooks();
    let (release, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let slow = Receiver::with(move |_| {
        // Until the test lets go of its end.
        let _ = held.lock().unwrap().recv();
        answer(200, &[], "")
    });
    app.hook(&owner, &slow.url, &["lead.created"]);
    let (sent, mails) = mpsc::channel();
    let own = jobs::runner(&app.context);
    let runner: Runner = Arc::new(move |work| {
        let report = own(work);
        if work.kind == "welcome_mail" {
            sent.send(work.id.clone()).unwrap();
        }
        report
    });
    let workers =
        Workers::start(app.db(), &runner, jobs::lanes(0), &app.context.accounts.clock).unwrap();
    for number in 0..12 {
        app.lead(&format!("ana{number}@example.com"));
    }
    // Every thread of the other lane is at a target that does not answer.
    for _ in 0..4 {
        slow.got();
    }
    for _ in 0..12 {
        mails.recv_timeout(LONG).expect("mails go out");
    }
    assert_eq!(app.mails().len(), 12);
    assert_eq!(app.count("webhook_deliveries WHERE state = 'delivered'"), 0);
    drop(release);
    workers.close();
}

#[test]
fn two_programs_tell_each_event_once_when_it_is_taken() {
    let (app, owner) = TestApp::with_webhooks();
    let receiver = Receiver::answering(200);
    let hook = app.hook(&owner, &receiver.url, &["lead.created"]);
    let other = app.another_db();
    let runner = jobs::runner(&app.context);
    let workers = [app.db(), &other].map(|db| {
        Workers::start(db, &runner, jobs::lanes(0), &app.context.accounts.clock).unwrap()
    });
    for number in 0..40 {
        app.lead(&format!("ana{number}@example.com"));
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..40 {
        *seen.entry(receiver.got().header("webhook-id").to_owned()).or_default() += 1;
    }
    workers.iter().for_each(Workers::close);
    receiver.got_nothing();
    assert_eq!((seen.len(), seen.values().max()), (40, Some(&1)));
    let states = app.deliveries(&owner, &hook);
    assert!(states.iter().all(|delivery| delivery["state"] == "delivered"), "{states:?}");
    other.close();
}

#[test]
fn what_was_sent_and_not_settled_is_sent_again_under_the_same_id() {
    let (app, owner) = TestApp::with_webhooks();
    let receiver = Receiver::answering(200);
    let hook = app.hook(&owner, &receiver.url, &["webhook.test"]);
    app.post_as(&owner.access, &format!("{}/test", hook.path), &json!({}));
    let own = jobs::runner(&app.context);
    let is_first = AtomicBool::new(true);
    let runner: Runner = Arc::new(move |work| {
        let report = own(work);
        // Its worker dies with the lease, between the answer and writing it down.
        assert!(!is_first.swap(false, Ordering::SeqCst), "on purpose");
        report
    });
    app.drain_lanes(&runner);
    let first = receiver.got();
    assert_eq!(only(&app, &owner, &hook)["state"], "waiting", "nothing of it is known");
    app.change("UPDATE outbox SET due_at = 0");
    assert_eq!(app.drain_lanes(&runner), 1);
    let second = receiver.got();
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.json(), second.json());
    assert_eq!(only(&app, &owner, &hook)["state"], "delivered");
}

#[test]
fn a_program_that_is_killed_while_it_tells_tells_it_again_after_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("config")).unwrap();
    std::fs::write(
        home.path().join("config/development.toml"),
        "[webhooks]\nprivate_targets = true",
    )
    .unwrap();
    let (release, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let receiver = Receiver::with(move |_| {
        let _ = held.lock().unwrap().recv();
        answer(200, &[], "")
    });
    let json_of = |args: &[&str]| -> Value {
        let output = manero(home.path(), args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    json_of(&["seed", "--json"]);
    json_of(&["admin", "create", "--email", "ana@example.com", "--name", "Ana Souza", "--json"]);
    let token =
        json_of(&["token", "create", "--name", "x", "--scope", "webhooks:manage", "--json"]);
    let app = LiveApp::start_in(home.path(), &[]);
    let url = format!("{}/secret-path?token=geheim", receiver.url);
    let made =
        app.post_as(token["token"].as_str().unwrap(), "/api/v1/webhooks", &json!({ "url": url }));
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(app.post_lead("Eva", "eva@example.com").unwrap().status, 201);
    let first = receiver.got();
    let pid = rustix::process::Pid::from_raw(app.pid().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let database = app.database();
    drop(app);
    drop(release);

    // The lease of the dead would last five minutes.
    let options = manero::platform::db::Options {
        database: manero::platform::config::Database::Sqlite { path: database },
        migrate_at: None,
        migrate: Migrate::Refuse,
        slow_query: LONG,
    };
    let db = Db::open(&options).unwrap();
    let sql = manero::platform::db::Sql::portable(
        "UPDATE outbox SET lease_until = 1 WHERE kind = 'deliver_webhook' AND lease_until > 0",
    );
    let freed: manero::platform::db::Result<u64> = db.write_blocking(move |tx| tx.exec(sql, &[]));
    assert_eq!(freed.unwrap(), 1, "it was claimed");
    db.close();
    drop(db);
    let mut app = LiveApp::start_in(home.path(), &[]);
    let second = receiver.got();
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(second.signed_with(&[&secret]), [&secret]);
    app.terminate();
    let (_, log) = app.wait();
    assert!(log.contains("POST http://127.0.0.1"), "the call is logged: {log}");
    for hidden in ["geheim", "secret-path", &secret, "eva@example.com"] {
        assert!(!log.contains(hidden), "{hidden} is in the log: {log}");
    }
}
