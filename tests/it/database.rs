//! The floor under every store: nothing acknowledged is lost, and a database that is not ours to use says so.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use manero::ops::logs;
use manero::platform::config::Database;
use manero::platform::db::{Conn, Db, Error, Migrate, OpenError, Options, Result, Sql, migrate};
use rocket::futures::future::join_all;

use crate::app::{TestApp, TestDatabase, count};

const ADD: Sql = Sql::portable("INSERT INTO facts (name, value, updated_at) VALUES (?1, 'x', 0)");

fn add(db: &Db, name: impl Into<String>) -> Result<u64> {
    let name = name.into();
    db.write_blocking(move |tx| tx.exec(ADD, &[&name]))
}

/// A `SQLite` file, whatever engine the other tests run on.
fn file(dir: &Path) -> Options {
    Options {
        database: Database::Sqlite { path: dir.join("manero.db") },
        migrate_at: None,
        migrate: Migrate::Apply,
        slow_query: Duration::from_mins(1),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn refused(options: &Options) -> OpenError {
    Db::open(options).err().expect("this database must be refused")
}

#[test]
fn five_hundred_writes_at_once_are_all_stored() {
    let database = TestDatabase::new();
    let db = Db::open(&database.options()).unwrap();
    let writes = (0..500).map(|i| db.write(move |tx| tx.exec(ADD, &[&format!("fact-{i}")])));
    let stored: Vec<Result<u64>> = runtime().block_on(join_all(writes));
    assert!(stored.iter().all(|s| matches!(s, Ok(1))), "{stored:?}");
    assert_eq!(count(&db, "facts WHERE name LIKE 'fact-%'"), 500);
    db.close();
}

#[test]
fn a_failing_and_a_panicking_write_take_only_themselves_along() {
    let database = TestDatabase::new();
    let db = Db::open(&database.options()).unwrap();
    let writes = (0..90).map(|i| {
        db.write(move |tx| {
            tx.exec(ADD, &[&format!("fact-{i}")])?;
            match i % 3 {
                0 => Ok(i),
                1 => Err(Error::Engine("on purpose".into())),
                _ => panic!("on purpose"),
            }
        })
    });
    let outcomes: Vec<Result<i32>> = runtime().block_on(join_all(writes));
    for (i, outcome) in outcomes.iter().enumerate() {
        match i % 3 {
            0 => assert_eq!(outcome.as_ref().unwrap(), &(i as i32)),
            1 => assert_eq!(outcome.as_ref().unwrap_err().to_string(), "on purpose"),
            _ => assert_eq!(outcome.as_ref().unwrap_err().to_string(), "a write closure panicked"),
        }
    }
    let names: Vec<(String,)> = db
        .read_blocking(|c| {
            c.all(Sql::portable("SELECT name FROM facts WHERE name LIKE 'fact-%'"), &[])
        })
        .unwrap();
    let stored: BTreeSet<_> = names.into_iter().map(|(name,)| name).collect();
    assert_eq!(stored, (0..90).step_by(3).map(|i| format!("fact-{i}")).collect());
    db.close();
}

#[test]
fn a_panicking_read_is_an_error_and_the_next_one_works() {
    let database = TestDatabase::new();
    let db = Db::open(&database.options()).unwrap();
    let runtime = runtime();
    for _ in 0..40 {
        let panicked: Result<()> = runtime.block_on(db.read(|_| panic!("on purpose")));
        assert_eq!(panicked.unwrap_err().to_string(), "a read closure panicked");
    }
    let one: (i64,) = runtime
        .block_on(db.read(|c| c.one(Sql::portable("SELECT version FROM content_version"), &[])))
        .unwrap();
    assert!(one.0 >= 1);
}

#[test]
fn a_reader_cannot_write() {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&file(dir.path())).unwrap();
    let write = |conn: &mut Conn<'_>| conn.exec(ADD, &[&"fact"]);
    let refused: Result<u64> = db.read_blocking(write);
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(count(&db, "facts"), 0);
}

#[test]
fn a_second_row_with_the_same_key_is_told_apart_from_other_errors() {
    let database = TestDatabase::new();
    let db = Db::open(&database.options()).unwrap();
    add(&db, "twice").unwrap();
    let again = add(&db, "twice");
    assert!(matches!(again, Err(Error::Unique(_))), "{again:?}");
    let invalid: Result<u64> =
        db.write_blocking(|tx| tx.exec(Sql::portable("UPDATE content_version SET id = 2"), &[]));
    assert!(matches!(invalid, Err(Error::Engine(_))), "{invalid:?}");
    let missing: Result<(String,)> = db.read_blocking(|c| {
        c.one(Sql::portable("SELECT value FROM facts WHERE name = 'none'"), &[])
    });
    assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
    db.close();
}

#[test]
fn after_the_close_writes_are_refused_and_the_wal_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&file(dir.path())).unwrap();
    add(&db, "before").unwrap();
    db.close();
    assert!(matches!(add(&db, "after"), Err(Error::Unavailable(_))));
    let again: Result<u64> = runtime().block_on(db.write(|tx| tx.exec(ADD, &[&"after"])));
    assert!(matches!(again, Err(Error::Unavailable(_))));
    assert_eq!(std::fs::metadata(dir.path().join("manero.db-wal")).map_or(0, |m| m.len()), 0);
    assert_eq!(count(&Db::open(&file(dir.path())).unwrap(), "facts"), 1);
}

#[test]
fn two_programs_on_one_database_both_write() {
    let database = TestDatabase::new();
    let dbs = [(); 2].map(|()| Db::open(&database.options()).unwrap());
    std::thread::scope(|scope| {
        for (number, db) in dbs.iter().enumerate() {
            scope.spawn(move || {
                for i in 0..100 {
                    add(db, format!("fact-{number}-{i}")).unwrap();
                }
            });
        }
    });
    assert_eq!(count(&dbs[0], "facts WHERE name LIKE 'fact-%'"), 200);
    dbs.iter().for_each(Db::close);
}

#[test]
fn two_programs_that_start_at_once_migrate_once() {
    let database = TestDatabase::new();
    let options = database.options();
    let opened: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| Db::open(&options))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    for db in opened {
        let db = db.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(count(&db, "content_version"), 1);
        db.close();
    }
}

#[test]
fn what_was_acknowledged_is_there_after_a_power_cut() {
    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let db = Db::open(&file(before.path())).unwrap();
    for i in 0..50 {
        add(&db, format!("fact-{i}")).unwrap();
    }
    // What the disk holds at this moment, without any last word of the program.
    for name in ["manero.db", "manero.db-wal"] {
        std::fs::copy(before.path().join(name), after.path().join(name)).unwrap();
    }
    assert!(std::fs::metadata(after.path().join("manero.db-wal")).unwrap().len() > 0);
    let reopened = Db::open(&file(after.path())).unwrap();
    assert_eq!(count(&reopened, "facts"), 50);
    add(&reopened, "and-on").unwrap();
    reopened.close();
    db.close();
}

#[test]
fn the_newest_migration_can_be_undone_and_applied_again() {
    let database = TestDatabase::new();
    let db = Db::open(&database.options()).unwrap();
    let lines = db.read_blocking(migrate::status).unwrap();
    let newest = migrate::Set::main().newest();
    assert!(lines.iter().all(|line| line.applied));
    let last = lines.last().unwrap();
    assert_eq!((last.version, last.reversible), (newest, true));
    add(&db, "before").unwrap();

    let (undone, name) = db.write_blocking(migrate::down).unwrap();
    assert_eq!((undone, name.as_str()), (newest, last.name.as_str()));
    db.close();
    drop(db);

    let mut options = database.options();
    options.migrate = Migrate::Refuse;
    let error = refused(&options);
    assert!(matches!(error, OpenError::Behind { .. }), "{error}");

    let db = Db::open(&database.options()).unwrap();
    assert!(db.read_blocking(migrate::status).unwrap().iter().all(|line| line.applied));
    add(&db, "after").unwrap();
    db.close();
}

#[test]
fn an_older_schema_is_refused_and_left_alone_by_a_command_that_must_not_migrate() {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&file(dir.path())).unwrap();
    db.write_blocking(migrate::down).unwrap();
    db.close();
    let error = refused(&Options { migrate: Migrate::Refuse, ..file(dir.path()) });
    assert!(matches!(error, OpenError::Behind { .. }), "{error}");
    assert!(error.to_string().contains("`manero migrate up`"), "{error}");
}

/// A migration from the future, as a newer program would have left it.
fn add_newer(db: &Db, oldest_app: i64) {
    let added: Result<()> = db.write_blocking(move |tx| {
        let version = 99_i64;
        tx.exec(
            Sql::portable(
                "INSERT INTO schema_rules (version, name, oldest_app) VALUES (?1, 'later', ?2)",
            ),
            &[&version, &oldest_app],
        )?;
        tx.exec(
            Sql::portable(
                "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
                 VALUES (99, 'later', '2030-01-01T00:00:00Z', '1')",
            ),
            &[],
        )?;
        Ok(())
    });
    added.unwrap();
    db.close();
}

#[test]
fn a_newer_database_that_allows_this_program_opens() {
    let database = TestDatabase::new();
    add_newer(&Db::open(&database.options()).unwrap(), migrate::Set::main().newest());
    let db = Db::open(&database.options()).unwrap_or_else(|error| panic!("{error}"));
    let last = db.read_blocking(migrate::status).unwrap().pop().unwrap();
    assert_eq!((last.version, last.applied, last.reversible), (99, true, false));
    db.close();
}

#[test]
fn a_newer_database_that_needs_a_newer_program_is_refused_with_the_way_back() {
    let database = TestDatabase::new();
    let ours = migrate::Set::main().newest();
    add_newer(&Db::open(&database.options()).unwrap(), ours + 1);
    let error = refused(&database.options());
    assert!(
        matches!(error, OpenError::TooNew { found: 99, needs, ours: o, .. } if needs == ours + 1 && o == ours),
        "{error}"
    );
    let text = error.to_string();
    for part in [
        "was written by a newer Manero",
        "schema 99",
        "Start the newer program again",
        "manero migrate down",
    ] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let options = file(dir.path());
    let garbage = "these are not the tables you are looking for\n".repeat(200);
    std::fs::write(dir.path().join("manero.db"), &garbage).unwrap();
    let error = refused(&options);
    assert!(matches!(error, OpenError::Broken { .. }), "{error}");
    for part in ["manero.db is not a usable database", "Nothing was changed", "restore a backup"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert_eq!(std::fs::read_to_string(dir.path().join("manero.db")).unwrap(), garbage);
}

#[test]
fn missing_pages_and_slow_statements_are_counted_by_day() {
    let app = TestApp::configured(&[], "[log]\nslow_query_ms = 1");
    for _ in 0..3 {
        assert_eq!(app.get("/wp-login.php?secret=1").status, 404);
    }
    let context = &app.context;
    logs::flush(&context.db, &context.missing, &context.telemetry);
    context.telemetry.close();
    let missing = context.telemetry.read_blocking(|conn| logs::store::missing(conn, 10)).unwrap();
    let counted: Vec<_> = missing.iter().map(|m| (m.path.as_str(), m.times)).collect();
    assert_eq!(counted, [("/wp-login.php", 3)]);
    assert_eq!(missing[0].day.len(), "2026-11-22".len());
}

#[test]
fn a_slow_statement_is_counted_without_its_values() {
    let database = TestDatabase::new();
    let options = Options { slow_query: Duration::ZERO, ..database.options() };
    let db = Db::open(&options).unwrap();
    add(&db, "a-secret-value").unwrap();
    let counts = db.slow_queries().take();
    let (_, count) = counts.iter().find(|(text, _)| text.starts_with("INSERT INTO facts")).unwrap();
    assert_eq!(count.times, 1);
    assert!(counts.iter().all(|(text, _)| !text.contains("a-secret-value")), "{counts:?}");
    assert!(db.slow_queries().take().is_empty(), "taken once");
    db.close();
}
