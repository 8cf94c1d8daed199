//! Lanes of queued work: each kind in one, none in another's way, and what is written down with an outcome.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use manero::jobs;
use manero::platform::clock::Clock;
use manero::platform::db::{Result, Sql};
use manero::platform::outbox::{self, Failure, Fate, Lane, Report, Runner, Work};
use serde::{Deserialize, Serialize};

use crate::app::{TestApp, count};
use crate::outbox::{Chore, Fixture, LONG, lane, start};
use crate::source;

/// The kinds that the source calls queued work.
fn kinds_of_the_source() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in source::files("src", "rs") {
        for part in file.text.split("\nimpl Work for ").skip(1) {
            let (_, kind) = part.split_once("const KIND: &'static str = \"").unwrap();
            found.insert(kind.split('"').next().unwrap().to_owned());
        }
    }
    found
}

#[test]
fn every_kind_of_work_is_in_one_lane_and_known_to_whoever_does_it() {
    let app = TestApp::start();
    let kinds: Vec<&str> = jobs::lanes(0).into_iter().flat_map(|lane| lane.kinds).collect();
    let distinct: BTreeSet<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    assert_eq!(kinds.len(), distinct.len(), "a kind is in two lanes: {kinds:?}");
    assert_eq!(distinct, kinds_of_the_source(), "a kind is in no lane, or in one and gone");
    let runner = jobs::runner(&app.context);
    for kind in kinds {
        let sql = Sql::portable(
            "INSERT INTO outbox (id, kind, payload, due_at, created_at) VALUES (?1, ?1, '{', 0, 0)",
        );
        let queued: Result<u64> = app.db().write_blocking(move |tx| tx.exec(sql, &[&kind]));
        assert_eq!(queued.unwrap(), 1);
        assert_eq!(app.drain_lanes(&runner), 1, "{kind}");
    }
    let told: Vec<(String, Option<String>)> = app.query("SELECT kind, last_error FROM outbox");
    for (kind, why) in told {
        let why = why.unwrap();
        assert!(why.starts_with(&format!("payload of {kind}: ")), "{why}");
    }
}

#[derive(Serialize, Deserialize)]
struct Errand {
    number: i64,
}

impl Work for Errand {
    const KIND: &'static str = "errand";
}

#[test]
fn a_lane_that_is_held_up_does_not_hold_up_another() {
    let fixture = Fixture::with(20);
    let (done, finished) = mpsc::channel();
    let (release, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let runner: Runner = Arc::new(move |work| {
        if work.kind == Chore::KIND {
            // Until the test lets go of its end.
            let _ = held.lock().unwrap().recv();
        }
        done.send(work.kind.clone()).map_err(|error| Failure::dead(error.to_string())).into()
    });
    let errands = Lane { name: "errands", kinds: vec![Errand::KIND], ..lane(1) };
    let workers = start(&fixture.db, &runner, vec![lane(2), errands]);
    let queued: Result<()> = fixture.db.write_blocking(|tx| {
        (0..20).try_for_each(|number| outbox::enqueue(tx, &Errand { number }))
    });
    queued.unwrap();
    for _ in 0..20 {
        assert_eq!(finished.recv_timeout(LONG).as_deref(), Ok(Errand::KIND));
    }
    assert_eq!(count(&fixture.db, "outbox WHERE kind = 'chore'"), 20);
    drop(release);
    for _ in 0..20 {
        assert_eq!(finished.recv_timeout(LONG).as_deref(), Ok(Chore::KIND));
    }
    workers.close();
}

#[test]
fn every_lane_hears_the_bell_and_none_has_to_look_for_itself() {
    /// Below the 15 seconds after which a worker looks without having been called.
    const SOON: Duration = Duration::from_secs(10);
    let fixture = Fixture::with(0);
    let (done, finished) = mpsc::channel();
    let runner: Runner = Arc::new(move |work| {
        done.send(work.kind.clone()).map_err(|error| Failure::dead(error.to_string())).into()
    });
    let errands = Lane { name: "errands", kinds: vec![Errand::KIND], ..lane(2) };
    let workers = start(&fixture.db, &runner, vec![lane(2), errands]);
    // Each round finds the workers asleep, or on their way there.
    for number in 0..50 {
        let queued: Result<()> = fixture.db.write_blocking(move |tx| {
            outbox::enqueue(tx, &Chore { number })?;
            outbox::enqueue(tx, &Errand { number })
        });
        queued.unwrap();
        let mut kinds = [(); 2].map(|()| finished.recv_timeout(SOON).expect("it is called"));
        kinds.sort();
        assert_eq!(kinds, [Chore::KIND, Errand::KIND]);
    }
    workers.close();
}

#[test]
fn what_is_written_down_about_work_is_stored_with_its_outcome_or_not_at_all() {
    let fixture = Fixture::with(3);
    let note = Sql::portable("INSERT INTO facts (name, value, updated_at) VALUES (?1, ?2, 0)");
    let runner: Runner = Arc::new(move |work| {
        let Chore { number } = serde_json::from_str(&work.payload).unwrap();
        let outcome = match number {
            0 => Ok(()),
            1 => Err(Failure::retry("later")),
            _ => Err(Failure::dead("never")),
        };
        Report::with(outcome, move |tx, fate| {
            let fate = match fate {
                Fate::Again(_) => "Again".to_owned(),
                other => format!("{other:?}"),
            };
            tx.exec(note, &[&number.to_string(), &fate]).map(drop)
        })
    });
    let drain =
        |runner: &Runner| outbox::drain(&fixture.db, &lane(1), runner, &Clock::default()).unwrap();
    assert_eq!(drain(&runner), 3);
    let facts: Vec<(String, String)> = fixture
        .db
        .read_blocking(|conn| {
            conn.all(
                Sql::portable("SELECT name, value FROM facts WHERE updated_at = 0 ORDER BY name"),
                &[],
            )
        })
        .unwrap();
    let told = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(facts, [told("0", "Done"), told("1", "Again"), told("2", "Dead")]);
    // The same row of facts once more cannot be stored, and so neither can the outcome.
    fixture.change("UPDATE outbox SET due_at = 0 WHERE dead_at IS NULL");
    assert_eq!(drain(&runner), 1);
    let leased =
        count(&fixture.db, "outbox WHERE dead_at IS NULL AND lease_until > 0 AND due_at = 0");
    assert_eq!(leased, 1, "the lease runs out, and it is done again");
}

#[test]
fn whoever_has_lost_the_lease_changes_nothing_any_more() {
    let fixture = Fixture::with(1);
    let db = fixture.db.clone();
    let runner: Runner = Arc::new(move |_| {
        // Another has taken it over meanwhile.
        let taken: Result<u64> = db.write_blocking(|tx| {
            tx.exec(Sql::portable("UPDATE outbox SET attempts = attempts + 1"), &[])
        });
        Report::with(taken.map(drop).map_err(Failure::from), |_, _| panic!("it is not ours"))
    });
    let tried = outbox::drain(&fixture.db, &lane(1), &runner, &Clock::default()).unwrap();
    assert_eq!((tried, fixture.row().0), (1, 2));
}

#[test]
fn work_that_is_called_off_is_not_done() {
    let fixture = Fixture::with(1);
    let called_off: Result<()> = fixture.db.write_blocking(|tx| {
        outbox::enqueue_as(tx, "mine", &Chore { number: 7 }, 0)?;
        outbox::call_off(tx, "mine")
    });
    called_off.unwrap();
    assert_eq!(
        fixture.drain(|work| {
            assert_ne!(work.id, "mine");
            Ok(())
        }),
        1
    );
}
