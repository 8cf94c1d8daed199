//! Queued work and periodic tasks, as the owner sees them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use manero::platform::clock;
use manero::platform::db::{Conn, Db, Result, Sql};
use manero::platform::outbox::{Failure, Periodic, Standing, Task, Timetable};
use serde_json::{Value, json};

use crate::app::{TestApp, TestDatabase, count, post};
use crate::leads::good;

/// Far above what any of it takes; a hang must fail its test.
const LONG: Duration = Duration::from_secs(30);
const HOUR_MS: i64 = 3_600_000;

fn id(n: usize) -> String {
    format!("00000000-0000-7000-8000-{n:012}")
}

/// A job of this kind, waiting (`w`), running (`r`) or dead (`d`).
fn queue(app: &TestApp, n: usize, kind: &'static str, state: char) {
    let (now, id) = (clock::now_ms(), id(n));
    let lease = if state == 'r' { now + HOUR_MS } else { 0 };
    let (dead, why) = match state {
        'd' => (Some(now), Some("the relay is away".to_owned())),
        _ => (None, None),
    };
    let queued: Result<u64> = app.db().write_blocking(move |tx| {
        let sql = "INSERT INTO outbox (id, kind, payload, attempts, due_at, lease_until, last_error, dead_at, created_at)
                   VALUES (?1, ?2, '{\"lead\":\"ana@example.com\"}', 12, ?3, ?4, ?5, ?6, ?3)";
        tx.exec(Sql::portable(sql), &[&id, &kind, &now, &lease, &why, &dead])
    });
    assert_eq!(queued.unwrap(), 1);
}

fn site() -> (TestApp, String) {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    (app, owner)
}

/// Every job on the way from `path` along the links.
fn walk(app: &TestApp, token: &str, path: &str) -> Vec<Value> {
    let (mut path, mut found) = (path.to_owned(), Vec::new());
    for _ in 0..100 {
        let answer = app.get_as(token, &path);
        assert_eq!(answer.status, 200, "{}", answer.text());
        found.extend(answer.json()["items"].as_array().unwrap().iter().cloned());
        match answer.header("Link") {
            Some(link) => {
                let next = link.strip_prefix('<').unwrap().split('>').next().unwrap();
                path = next.to_string();
            }
            None => return found,
        }
    }
    panic!("the list has no end");
}

#[test]
fn every_filter_and_order_walks_its_jobs_once_whatever_the_size_of_a_page() {
    let (app, owner) = site();
    let of =
        [("welcome_mail", 'w'), ("welcome_mail", 'd'), ("pass_on_message", 'd'), ("chore", 'r')];
    for n in 0..12 {
        let (kind, state) = of[n % 4];
        queue(&app, n, kind, state);
    }
    for state in [None, Some("waiting"), Some("running"), Some("dead")] {
        for kind in [None, Some("welcome_mail"), Some("nothing")] {
            let fits = |n: &usize| {
                let (k, s) = of[n % 4];
                kind.is_none_or(|kind| kind == k) && state.is_none_or(|state| state.starts_with(s))
            };
            let oldest: Vec<String> = (0..12).filter(fits).map(id).collect();
            let newest: Vec<String> = oldest.iter().rev().cloned().collect();
            for limit in [1, 3, 100] {
                let filter = |name: &str, value: Option<&str>| {
                    value.map(|value| format!("&{name}={value}")).unwrap_or_default()
                };
                let (of_state, of_kind) = (filter("state", state), filter("kind", kind));
                let path = format!("/api/v1/jobs?limit={limit}{of_state}{of_kind}");
                let ids = |path: &str| -> Vec<String> {
                    let jobs = walk(&app, &owner, path);
                    jobs.iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
                };
                assert_eq!(ids(&path), newest, "{path}");
                assert_eq!(ids(&format!("{path}&sort=created_at")), oldest, "{path}");
            }
        }
    }
    app.get_as(&owner, "/api/v1/jobs?state=gone").problem(400);
    app.get_as(&owner, "/api/v1/jobs?kind=A").problem(400);
}

#[test]
fn a_job_says_how_it_stands_and_not_what_it_is_about() {
    let (app, owner) = site();
    queue(&app, 1, "welcome_mail", 'd');
    let one = app.get_as(&owner, &format!("/api/v1/jobs/{}", id(1)));
    let job = one.json();
    let (kind, state) = (&job["kind"], &job["state"]);
    assert_eq!(
        (kind, state, &job["attempts"]),
        (&json!("welcome_mail"), &json!("dead"), &json!(12))
    );
    assert_eq!(job["last_error"], "the relay is away");
    assert!(job["dead_at"].as_str().unwrap().ends_with('Z'));
    let list = app.get_as(&owner, "/api/v1/jobs");
    assert_eq!(list.json()["items"][0], job);
    for answer in [&one, &list] {
        assert!(!answer.text().contains("ana@") && !answer.text().contains("payload"));
    }
    app.get_as(&owner, &format!("/api/v1/jobs/{}", id(2))).problem(404);
    app.get_as(&owner, "/api/v1/jobs/x").problem(404);
    let odd = "/api/v1/jobs/retry";
    for answer in [app.get_as(&owner, odd), app.delete_as(&owner, odd)] {
        answer.problem(405);
        assert_eq!(answer.header("Allow"), Some("POST"));
    }
    let analyst = app.session_of("analyst").access;
    app.get_as(&analyst, "/api/v1/jobs").problem(403);
}

#[test]
fn a_dead_letter_is_tried_again_by_hand_with_all_its_tries_before_it() {
    let (app, owner) = site();
    assert_eq!(app.post_json("/api/leads", &good("ana@example.com")).status, 201);
    app.change("UPDATE outbox SET dead_at = 1, attempts = 12, last_error = 'the relay is away'");
    assert_eq!(app.drain_outbox(), 0);
    let rows: Vec<(String,)> = app.query("SELECT id FROM outbox");
    let path = format!("/api/v1/jobs/{}/retry", rows[0].0);
    let answer = app.send(&post(&path).bearer(&owner));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let job = answer.json();
    let (state, dead) = (&job["state"], &job["dead_at"]);
    assert_eq!((state, &job["attempts"], dead), (&json!("waiting"), &json!(0), &Value::Null));
    let again = app.send(&post(&path).bearer(&owner));
    assert!(again.problem(409)["detail"].as_str().unwrap().contains("waits for its turn"));
    assert_eq!(app.drain_outbox(), 1);
    assert_eq!(app.mails()[0].to, "ana@example.com");
    app.send(&post(&path).bearer(&owner)).problem(404);
    let record: Vec<(String, String)> =
        app.query("SELECT object_id, before_change FROM audit WHERE action = 'job.retry'");
    assert_eq!(record[0].0, rows[0].0);
    assert!(record[0].1.contains("the relay is away"), "{record:?}");
}

#[test]
fn all_dead_letters_or_those_of_one_kind_are_tried_again() {
    let (app, owner) = site();
    for (n, (kind, state)) in
        [("chore", 'd'), ("chore", 'd'), ("errand", 'd'), ("chore", 'w'), ("errand", 'r')]
            .into_iter()
            .enumerate()
    {
        queue(&app, n, kind, state);
    }
    let retry = |body: &Value| app.post_as(&owner, "/api/v1/jobs/retry", body);
    assert_eq!(retry(&json!({ "kind": "chore" })).json(), json!({ "retried": 2, "left": 0 }));
    assert_eq!(app.count("outbox WHERE dead_at IS NOT NULL"), 1);
    assert_eq!(retry(&json!({})).json(), json!({ "retried": 1, "left": 0 }));
    assert_eq!(retry(&json!({ "kind": null })).json(), json!({ "retried": 0, "left": 0 }));
    assert_eq!(app.count("outbox WHERE lease_until > 0"), 1, "what runs is left alone");
    retry(&json!({ "kind": "no kind" })).problem(400);
    retry(&json!({ "kinds": "chore" })).problem(400);
    assert_eq!(app.audit().iter().filter(|action| *action == "job.retry").count(), 2);
}

#[test]
fn a_dead_letter_is_discarded_with_a_reason_and_nothing_else_is() {
    let (app, owner) = site();
    queue(&app, 1, "chore", 'd');
    queue(&app, 2, "chore", 'w');
    queue(&app, 3, "chore", 'r');
    let path = |n: usize| format!("/api/v1/jobs/{}", id(n));
    let discard = |n: usize, query: &str| app.delete_as(&owner, &(path(n) + query));
    for without in ["", "?reason=", "?reason=%20", "?reason=a%0Ab", "?why=x"] {
        discard(1, without).problem(400);
    }
    for (n, why) in [(2, "waits"), (3, "worked on")] {
        let problem = discard(n, "?reason=x").problem(409);
        assert!(problem["detail"].as_str().unwrap().contains(why), "{problem}");
    }
    assert_eq!(discard(1, "?reason=the%20address%20does%20not%20exist").status, 204);
    app.get_as(&owner, &path(1)).problem(404);
    discard(1, "?reason=x").problem(404);
    let record: Vec<(String, String)> =
        app.query("SELECT object_id, after_change FROM audit WHERE action = 'job.discard'");
    let reason = json!({ "reason": "the address does not exist" }).to_string();
    assert_eq!(record, [(id(1), reason)]);
    assert_eq!(app.count("outbox"), 2);
}

/// The task of this name as the API tells it.
fn task(app: &TestApp, token: &str, name: &str) -> Value {
    let list = app.get_as(token, "/api/v1/tasks").json();
    let items = list["items"].as_array().unwrap();
    items.iter().find(|item| item["name"] == name).expect("there is such a task").clone()
}

fn turn(app: &TestApp) {
    app.timetable.turn(app.db(), &AtomicBool::new(false));
}

#[test]
fn every_task_is_listed_with_what_it_does() {
    let (app, owner) = site();
    let list = app.get_as(&owner, "/api/v1/tasks").json();
    let items = list["items"].as_array().unwrap();
    assert!(items.len() >= 8, "{list}");
    for item in items {
        let said = item["description"].as_str().unwrap();
        assert!(said.len() > 20 && said.ends_with('.'), "{item}");
        assert!(item["every"].as_u64().unwrap() >= 5, "{item}");
        assert_eq!((&item["last_started_at"], &item["running"]), (&Value::Null, &json!(false)));
    }
    let pictures = task(&app, &owner, "make-picture-variants");
    assert_eq!((&pictures["scope"], &pictures["every"]), (&json!("local"), &json!(5)));
    assert_eq!(task(&app, &owner, "prune-sessions")["scope"], "shared");
    let part = app.get_as(&owner, "/api/v1/tasks?fields=name,every").json();
    assert_eq!(part["items"][0].as_object().unwrap().len(), 2);
}

#[test]
fn a_task_runs_when_asked_also_while_another_process_holds_its_lease() {
    let (app, owner) = site();
    let other = app.beside();
    let ask = |name: &str| app.send(&post(&format!("/api/v1/tasks/{name}/run")).bearer(&owner));
    app.change("INSERT INTO leases (name, holder, lease_until, last_run_at) VALUES ('prune-sessions', 'x', 9000000000000000, 5)");
    turn(&app);
    assert_eq!(task(&app, &owner, "prune-sessions")["last_duration_ms"], Value::Null);
    let asked = ask("prune-sessions");
    assert_eq!((asked.status, &asked.json()["asked"]), (202, &json!(true)));
    assert_eq!(task(&other, &owner, "prune-sessions")["asked"], true, "every process knows");
    turn(&other);
    let ran = task(&app, &owner, "prune-sessions");
    assert_eq!((&ran["asked"], &ran["running"]), (&json!(false), &json!(false)));
    assert!(ran["last_duration_ms"].is_i64() && ran["last_error"].is_null(), "{ran}");
    let began = ran["last_started_at"].clone();
    turn(&app);
    assert_eq!(task(&app, &owner, "prune-sessions")["last_started_at"], began, "once");

    // One of each process's own runs in the process that was asked.
    assert_eq!(ask("publish-due").status, 202);
    turn(&other);
    assert_eq!(task(&other, &owner, "publish-due")["last_started_at"], Value::Null);
    turn(&app);
    assert!(task(&app, &owner, "publish-due")["last_started_at"].is_string());
    assert_eq!(ask("no-such-task").status, 404);
    assert_eq!(app.audit().iter().filter(|action| *action == "task.run").count(), 2);
    let analyst = app.session_of("analyst").access;
    app.send(&post("/api/v1/tasks/publish-due/run").bearer(&analyst)).problem(403);
}

/// A database and a table of one task on it.
fn table(
    local: bool,
    run: impl Fn() -> std::result::Result<(), Failure> + Send + Sync + 'static,
) -> (TestDatabase, Db, Arc<Timetable>) {
    let database = TestDatabase::new();
    let db = Db::open(&database.options()).unwrap();
    let every = Duration::from_hours(1);
    let task = Task { name: "chore", description: "Does it.", every, local, run: Box::new(run) };
    (database, db, Timetable::new(vec![task]))
}

fn standing(db: &Db, table: &Timetable) -> Standing {
    db.read_blocking(|conn| table.standings(conn)).unwrap().remove(0)
}

fn ask(db: &Db, table: &Arc<Timetable>) {
    let asking = Arc::clone(table);
    let asked: Result<()> = db.write_blocking(move |tx| asking.ask(tx, "chore", clock::now_ms()));
    asked.unwrap();
    table.hurry("chore");
}

#[test]
fn a_failed_run_is_remembered_until_the_next_one_succeeds() {
    for local in [true, false] {
        let fails = Arc::new(Mutex::new(true));
        let outcome = Arc::clone(&fails);
        let (_database, db, table) = table(local, move || {
            if *outcome.lock().unwrap() {
                return Err(Failure::retry("the disk is full"));
            }
            Ok(())
        });
        let go = AtomicBool::new(false);
        ask(&db, &table);
        table.turn(&db, &go);
        let failed = standing(&db, &table);
        assert_eq!(failed.last_error.as_deref(), Some("the disk is full"), "local: {local}");
        assert!(failed.last_started_at.is_some() && !failed.running && !failed.asked);
        *fails.lock().unwrap() = false;
        ask(&db, &table);
        table.turn(&db, &go);
        assert_eq!(standing(&db, &table).last_error, None, "local: {local}");
        let rows = count(&db, "leases");
        assert_eq!(rows, i64::from(!local), "a task of one's own writes nothing");
        db.close();
    }
}

#[test]
fn a_run_that_is_asked_for_begins_at_once_and_waits_for_one_that_is_under_way() {
    let (begun, begins) = mpsc::channel();
    let (end, ends) = mpsc::channel::<()>();
    let (ends, runs) = (Mutex::new(ends), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&runs);
    let (database, db, first) = table(false, move || {
        counted.fetch_add(1, Ordering::SeqCst);
        begun.send(()).map_err(|error| Failure::dead(error.to_string()))?;
        ends.lock().unwrap().recv_timeout(LONG).map_err(|error| Failure::dead(error.to_string()))
    });
    let periodic = Periodic::start(&db, &first).unwrap();
    ask(&db, &first);
    begins.recv_timeout(LONG).expect("it begins long before its hour");
    let under_way = standing(&db, &first);
    assert!(under_way.running && !under_way.asked && under_way.next_run_at.is_some());

    let other = Db::open(&database.options()).unwrap();
    let elsewhere = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&elsewhere);
    let run = Box::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    let every = Duration::from_hours(1);
    let task = Task { name: "chore", description: "Does it.", every, local: false, run };
    let second = Timetable::new(vec![task]);
    ask(&other, &second);
    let go = AtomicBool::new(false);
    second.turn(&other, &go);
    assert_eq!(elsewhere.load(Ordering::SeqCst), 0, "not while the first is at it");
    assert!(standing(&other, &second).asked);
    end.send(()).unwrap();
    // The first one ends; whoever looks next runs what was asked for.
    while runs.load(Ordering::SeqCst) + elsewhere.load(Ordering::SeqCst) < 2 {
        second.turn(&other, &go);
        if begins.try_recv().is_ok() {
            end.send(()).unwrap();
        }
    }
    periodic.close();
    assert!(!standing(&other, &second).asked);
    other.close();
    db.close();
}

#[test]
fn who_died_at_a_task_does_not_keep_others_from_a_run_that_is_asked_for() {
    let (_database, db, table) = table(false, || Ok(()));
    let change = |sql: &'static str, since: i64| {
        let changed: Result<u64> =
            db.write_blocking(move |tx| tx.exec(Sql::portable(sql), &[&since]));
        assert_eq!(changed.unwrap(), 1);
    };
    let insert = "INSERT INTO leases (name, holder, lease_until, last_run_at, running_since) VALUES ('chore', 'dead', 9000000000000000, ?1, ?1)";
    change(insert, clock::now_ms() - HOUR_MS + 60_000);
    ask(&db, &table);
    let go = AtomicBool::new(false);
    table.turn(&db, &go);
    assert!(standing(&db, &table).running, "it may still be at it");
    change("UPDATE leases SET running_since = ?1", clock::now_ms() - HOUR_MS - 1);
    assert!(!standing(&db, &table).running);
    table.turn(&db, &go);
    let ran = |conn: &mut Conn<'_>| {
        conn.one::<(String,)>(Sql::portable("SELECT holder FROM leases"), &[])
    };
    assert_ne!(db.read_blocking(ran).unwrap().0, "dead");
    db.close();
}
