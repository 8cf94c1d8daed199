//! Faults that a review found and that came back in none of the other tests: one test each.

use manero::platform::db::{Db, Error, Result, Sql, Tx};
use manero::platform::outbox;
use rocket::http::Method;

use crate::app::{TestApp, TestDatabase, post, request};

#[test]
fn a_form_cannot_name_another_method() {
    let app = TestApp::start();
    for (path, method) in
        [("/leads", "HEAD"), ("/", "GET"), ("/leads", "DELETE"), ("/api/leads", "PUT")]
    {
        let answer = app.send(&post(path).form(&[("_method", method), ("name", "Ana")]));
        assert_eq!(answer.status, 400, "{method} {path}");
        assert!(!answer.body.is_empty(), "{method} {path}: a POST is answered with a body");
    }
    assert_eq!(app.count("leads"), 0);
}

#[test]
fn health_is_never_sent_to_https_but_pages_are() {
    let env = [("MANERO_TRUSTED_PROXIES", "127.0.0.0/8"), ("MANERO_DOMAIN", "site.example")];
    let app = TestApp::with(&env);
    let plain = |path: &str| {
        app.send(&request(Method::Get, path).peer("127.0.0.1").header("X-Forwarded-Proto", "HTTP"))
            .status
    };
    assert_eq!(plain("/health"), 200);
    assert_eq!(plain("/programs"), 308);
}

#[test]
fn the_honeypot_is_not_a_way_around_the_limit() {
    let app = TestApp::start();
    let trapped = || {
        app.post_form("/leads", &[("name", "Bot"), ("email", "b@c.de"), ("website", "x")]).status
    };
    let answers: Vec<u16> = (0..61).map(|_| trapped()).collect();
    assert!(answers[..60].iter().all(|status| *status == 303), "{answers:?}");
    assert_eq!(answers[60], 429);
}

#[test]
fn a_write_that_goes_on_after_a_failed_statement_is_never_half_stored() {
    let database = TestDatabase::new();
    let db = Db::open(&database.options()).unwrap();
    let put = |tx: &mut Tx<'_>, name: &str| {
        let sql = "INSERT INTO facts (name, value, updated_at) VALUES (?1, 'x', 1)";
        tx.exec(Sql::portable(sql), &[&name])
    };
    let first: Result<u64> = db.write_blocking(move |tx| put(tx, "a"));
    first.unwrap();
    let second: Result<()> = db.write_blocking(move |tx| {
        assert!(matches!(put(tx, "a"), Err(Error::Unique(_))));
        put(tx, "b").map(drop).or(Ok(()))
    });
    let sql = Sql::portable("SELECT name FROM facts WHERE name = 'b'");
    let stored: Result<Option<(String,)>> = db.read_blocking(|conn| conn.opt(sql, &[]));
    // SQLite keeps what follows the failure, Postgres loses it: the answer says which.
    assert_eq!(second.is_ok(), stored.unwrap().is_some());
}

#[test]
fn a_worker_whose_lease_ran_out_cannot_settle_the_next_holders_work() {
    let (_, done) = outbox::QUERIES.iter().find(|(name, _)| *name == "DONE").unwrap();
    let done = *done;
    let app = TestApp::start();
    assert_eq!(crate::leads::lead(&app, "ana@example.com"), 201);
    app.change("UPDATE outbox SET attempts = 2");
    let settle = |attempt: i64| {
        let changed: Result<u64> = app.db().write_blocking(move |tx| {
            let (id,): (String,) = tx.one(Sql::portable("SELECT id FROM outbox"), &[])?;
            tx.exec(done, &[&id, &attempt])
        });
        changed.unwrap()
    };
    assert_eq!(settle(1), 0, "the first holder comes too late");
    assert_eq!(settle(2), 1);
}
