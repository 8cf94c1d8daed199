//! Work that is owed: each piece once, again after a failure, never lost.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use manero::platform::clock::{self, Clock};
use manero::platform::db::{Db, Error, Result, Sql};
use manero::platform::outbox::{
    self, Claimed, End, Failure, Lane, Patience, Periodic, Runner, Task, Timetable, Work, Workers,
};
use serde::{Deserialize, Serialize};

use crate::app::{TestApp, TestDatabase, count};

/// Far above what any of it takes; a hang must fail its test.
pub(crate) const LONG: Duration = Duration::from_secs(30);

#[derive(Serialize, Deserialize)]
pub(crate) struct Chore {
    pub(crate) number: i64,
}

impl Work for Chore {
    const KIND: &'static str = "chore";
}

/// A lane of `threads` that does chores, with the patience of mails.
pub(crate) fn lane(threads: usize) -> Lane {
    Lane {
        name: "chores",
        kinds: vec![Chore::KIND],
        threads,
        per_second: 0,
        at_once: 8,
        patience: Patience {
            first_wait: Duration::from_secs(30),
            longest_wait: Duration::from_hours(12),
            end: End::Tries(12),
        },
    }
}

pub(crate) fn start(db: &Db, runner: &Runner, lanes: Vec<Lane>) -> Workers {
    Workers::start(db, runner, lanes, &Arc::default()).unwrap()
}

pub(crate) struct Fixture {
    database: TestDatabase,
    pub(crate) db: Db,
}

impl Fixture {
    pub(crate) fn with(chores: i64) -> Self {
        let database = TestDatabase::new();
        let db = Db::open(&database.options()).unwrap();
        let queued: Result<()> = db.write_blocking(move |tx| {
            (0..chores).try_for_each(|number| outbox::enqueue(tx, &Chore { number }))
        });
        queued.unwrap();
        Self { database, db }
    }

    pub(crate) fn change(&self, sql: &'static str) {
        let changed: Result<u64> =
            self.db.write_blocking(move |tx| tx.exec(Sql::portable(sql), &[]));
        assert!(changed.unwrap() > 0, "{sql}");
    }

    /// Attempts, due time and last error of the one row.
    pub(crate) fn row(&self) -> (i64, i64, Option<String>) {
        let sql = Sql::portable("SELECT attempts, due_at, last_error FROM outbox");
        self.db.read_blocking(|conn| conn.one(sql, &[])).unwrap()
    }

    pub(crate) fn drain(
        &self,
        runner: impl Fn(&Claimed) -> std::result::Result<(), Failure> + Send + Sync + 'static,
    ) -> usize {
        let runner: Runner = Arc::new(move |work| runner(work).into());
        outbox::drain(&self.db, &lane(1), &runner, &Clock::default()).unwrap()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.db.close();
    }
}

#[test]
fn many_workers_of_two_programs_do_each_piece_exactly_once() {
    let fixture = Fixture::with(300);
    let other = Db::open(&fixture.database.options()).unwrap();
    let times: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
    let (done, finished) = mpsc::channel();
    let counting = Arc::clone(&times);
    let runner: Runner = Arc::new(move |work| {
        *counting.lock().unwrap().entry(work.id.clone()).or_default() += 1;
        done.send(()).map_err(|error| Failure::dead(error.to_string())).into()
    });
    let workers = [&fixture.db, &other].map(|db| start(db, &runner, vec![lane(4)]));
    for _ in 0..300 {
        finished.recv_timeout(LONG).expect("all work is done");
    }
    workers.iter().for_each(Workers::close);
    let times = times.lock().unwrap();
    assert_eq!(times.len(), 300);
    assert!(times.values().all(|n| *n == 1), "done twice: {times:?}");
    assert_eq!(count(&fixture.db, "outbox"), 0);
    other.close();
}

#[test]
fn a_transaction_that_fails_owes_nothing() {
    let fixture = Fixture::with(0);
    let failed: Result<()> = fixture.db.write_blocking(|tx| {
        outbox::enqueue(tx, &Chore { number: 1 })?;
        Err(Error::Busy)
    });
    assert!(failed.is_err());
    assert_eq!(fixture.drain(|_| Ok(())), 0);
}

#[test]
fn failed_work_comes_back_later_and_after_the_last_try_waits_as_a_dead_letter() {
    let fixture = Fixture::with(1);
    let before = clock::now_ms();
    assert_eq!(
        fixture.drain(|_| Err(Failure::retry("the vendor is away"))),
        1,
        "once, then not due"
    );
    let (attempts, due_at, why) = fixture.row();
    assert_eq!((attempts, why.as_deref()), (1, Some("the vendor is away")));
    assert!((before + 24_000..=clock::now_ms() + 36_000).contains(&due_at), "in half a minute");
    let mut tries = 1;
    while outbox_counts(&fixture.db) == (0, 1) {
        fixture.change("UPDATE outbox SET due_at = 0");
        tries += fixture.drain(|_| Err(Failure::retry("still away")));
        assert!(tries < 100, "it never gives up");
    }
    assert_eq!(tries, 12);
    let dead = fixture.db.read_blocking(|conn| outbox::dead_letters(conn, 10)).unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (dead[0].kind.as_str(), dead[0].attempts, dead[0].last_error.as_deref()),
        ("chore", 12, Some("still away"))
    );
    fixture.change("UPDATE outbox SET due_at = 0");
    assert_eq!(fixture.drain(|_| Ok(())), 0, "a dead letter waits for the owner");
}

fn outbox_counts(db: &Db) -> (i64, i64) {
    db.read_blocking(outbox::dead_or_due).unwrap()
}

#[test]
fn hopeless_work_is_a_dead_letter_at_once() {
    let fixture = Fixture::with(1);
    fixture.drain(|_| Err(Failure::dead("no such recipient")));
    assert_eq!(outbox_counts(&fixture.db), (1, 0));
}

#[test]
fn a_vendor_that_asks_for_patience_gets_it() {
    let fixture = Fixture::with(1);
    let before = clock::now_ms();
    fixture.drain(|_| {
        Err(Failure {
            retryable: true,
            retry_after: Some(Duration::from_hours(2)),
            why: "later".into(),
        })
    });
    assert!(fixture.row().1 >= before + 7_200_000);
}

#[test]
fn work_that_panics_is_tried_again() {
    let fixture = Fixture::with(1);
    assert_eq!(fixture.drain(|_| panic!("on purpose")), 1);
    let (attempts, _, why) = fixture.row();
    assert_eq!((attempts, why.as_deref()), (1, Some("running chore panicked")));
    assert_eq!(outbox_counts(&fixture.db), (0, 1));
}

#[test]
fn leased_work_is_left_alone_until_the_lease_runs_out() {
    let fixture = Fixture::with(1);
    fixture.change("UPDATE outbox SET lease_until = 9000000000000000");
    assert_eq!(fixture.drain(|_| Ok(())), 0, "somebody else is at it");
    fixture.change("UPDATE outbox SET lease_until = 1");
    assert_eq!(fixture.drain(|_| Ok(())), 1, "its worker died");
    assert_eq!(count(&fixture.db, "outbox"), 0);
}

#[test]
fn stopped_workers_hand_back_what_they_have_not_begun() {
    let fixture = Fixture::with(8);
    let db = fixture.db.clone();
    let (begun, started) = mpsc::channel();
    let runner: Runner = Arc::new(move |_| {
        let mut stopped = db.outbox_listener();
        let told = begun.send(()).map_err(|error| Failure::dead(error.to_string()));
        // Ends when the workers stop.
        stopped.wait(LONG);
        told.into()
    });
    let workers = start(&fixture.db, &runner, vec![lane(1)]);
    started.recv_timeout(LONG).unwrap();
    workers.close();
    assert_eq!(count(&fixture.db, "outbox"), 7);
    assert_eq!(count(&fixture.db, "outbox WHERE lease_until = 0"), 7, "anybody may take them now");
}

#[test]
fn work_of_an_unknown_kind_is_left_untouched_for_a_newer_program() {
    let app = TestApp::start();
    app.change("INSERT INTO outbox (id, kind, payload, due_at, created_at) VALUES ('1', 'from_the_future', '{}', 0, 0)");
    app.change("INSERT INTO outbox (id, kind, payload, due_at, created_at) VALUES ('2', 'welcome_mail', '{\"lead\":\"x\"}', 1, 0)");
    assert_eq!(app.drain_outbox(), 1, "what is behind it is done");
    let rows: Vec<(String, i64, i64, i64, Option<String>)> =
        app.query("SELECT kind, attempts, due_at, lease_until, last_error FROM outbox");
    assert_eq!(rows, [("from_the_future".to_owned(), 0, 0, 0, None)]);
}

#[test]
fn work_that_nobody_can_read_is_a_dead_letter() {
    let app = TestApp::start();
    app.change("INSERT INTO outbox (id, kind, payload, due_at, created_at) VALUES ('1', 'welcome_mail', '{', 0, 0)");
    assert_eq!(app.drain_outbox(), 1);
    assert_eq!(outbox_counts(app.db()), (1, 0));
}

#[test]
fn of_two_schedulers_one_runs_a_shared_task_and_both_their_own() {
    let fixture = Fixture::with(0);
    let other = Db::open(&fixture.database.options()).unwrap();
    let shared_runs = Arc::new(AtomicUsize::new(0));
    let (tick, ticks) = mpsc::channel();
    let scheduler = |db: &Db, number: usize| {
        let (runs, keeper, tick) = (Arc::clone(&shared_runs), db.clone(), tick.clone());
        let shared = move || {
            runs.fetch_add(1, Ordering::SeqCst);
            // From here on the lease never ends, so that whoever respects it does not run again.
            let keep = Sql::portable(
                "UPDATE leases SET lease_until = 9000000000000000 WHERE name = 'shared'",
            );
            keeper.write_blocking(move |tx| tx.exec(keep, &[])).map(drop).map_err(Failure::from)
        };
        let own = move || tick.send(number).map_err(|error| Failure::dead(error.to_string()));
        let every = Duration::from_millis(500);
        let tasks = vec![
            Task { name: "shared", description: "", every, local: false, run: Box::new(shared) },
            Task { name: "own", description: "", every, local: true, run: Box::new(own) },
        ];
        Periodic::start(db, &Timetable::new(tasks)).unwrap()
    };
    let schedulers = [scheduler(&fixture.db, 0), scheduler(&other, 1)];
    let mut turns = [0; 2];
    while turns.iter().any(|n| *n < 3) {
        turns[ticks.recv_timeout(LONG).expect("both schedulers go on")] += 1;
    }
    schedulers.iter().for_each(Periodic::close);
    assert_eq!(shared_runs.load(Ordering::SeqCst), 1);
    other.close();
}

#[test]
fn a_task_that_panics_does_not_end_the_others() {
    let fixture = Fixture::with(0);
    let (tick, ticks) = mpsc::channel();
    let every = Duration::from_millis(5);
    let own = move || tick.send(()).map_err(|error| Failure::dead(error.to_string()));
    let tasks = vec![
        Task {
            name: "bad",
            description: "",
            every,
            local: true,
            run: Box::new(|| panic!("on purpose")),
        },
        Task { name: "good", description: "", every, local: true, run: Box::new(own) },
    ];
    let periodic = Periodic::start(&fixture.db, &Timetable::new(tasks)).unwrap();
    for _ in 0..3 {
        ticks.recv_timeout(LONG).expect("the other task goes on");
    }
    periodic.close();
}

#[test]
fn looking_for_due_work_walks_an_index_so_that_a_long_queue_costs_no_more() {
    let fixture = Fixture::with(1);
    if fixture.db.engine_name() != "sqlite" {
        // PostgreSQL chooses a scan of so small a table whatever the index.
        return;
    }
    for (name, params) in [("NEXT_DUE", 2), ("CLAIM", 4)] {
        let (_, sql) = outbox::QUERIES.iter().find(|(n, _)| *n == name).unwrap();
        let explained: &'static str = format!("EXPLAIN QUERY PLAN {}", sql.for_people()).leak();
        let plan: Result<Vec<(i64, i64, i64, String)>> = fixture.db.write_blocking(move |tx| {
            let params_of: [&dyn manero::platform::db::Param; 4] =
                [&"chore", &0_i64, &0_i64, &0_i64];
            tx.all(Sql::portable(explained), &params_of[..params])
        });
        let plan: Vec<String> = plan.unwrap().into_iter().map(|(.., detail)| detail).collect();
        assert!(
            plan.iter().any(|step| step.contains("USING INDEX outbox_due_of_kind")),
            "{plan:?}"
        );
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
    }
}
