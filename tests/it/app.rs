//! The site as tests meet it: [`TestApp`] without a socket, [`LiveApp`] as the real program.
//!
//! A `TestApp` is put together by the same function as `manero serve`, on a database of its own:
//! a `SQLite` file, or a schema of the PostgreSQL that `MANERO_TEST_DATABASE_URL` names.

mod ask;
mod live;
mod people;
mod receiver;
#[cfg(feature = "postgres")]
mod schema;

use std::path::Path;
use std::sync::Arc;

use manero::admin::settings::Desk;
use manero::business::mail::{self, Mail, MailSummary};
use manero::cli::serve::{Assembled, assemble};
use manero::jobs::{self, Context};
use manero::platform::config::{Loaded, Sources, load};
use manero::platform::db::{Conn, Db, FromRow, Migrate, Options, Result, Sql};
use manero::platform::outbox::{self, Runner, Timetable};
use rocket::local::asynchronous::Client;
use tempfile::TempDir;

pub(crate) use ask::{Answer, Ask, get, post, request};
pub(crate) use live::{LiveApp, manero, manero_in};
pub(crate) use people::{Browser, PASSWORD, Session, browser, session};
pub(crate) use receiver::{Got, Hook, Receiver, answer};

/// A whole site for one test.
pub(crate) struct TestApp {
    // Dropped in this order: the last handle to the database must go on this thread.
    client: Client,
    runtime: tokio::runtime::Runtime,
    pub(crate) context: Arc<Context>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) timetable: Arc<Timetable>,
    pub(crate) loaded: Loaded,
    /// Held for its drop; by the first of several on one database.
    database: Option<TestDatabase>,
}

/// A place for one test's data, removed with it.
pub(crate) struct TestDatabase {
    #[cfg(feature = "postgres")]
    schema: Option<schema::Schema>,
    dir: TempDir,
}

impl TestDatabase {
    pub(crate) fn new() -> Self {
        Self {
            #[cfg(feature = "postgres")]
            schema: postgres_url().map(schema::Schema::new),
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Settings for this database, with `env` on top.
    pub(crate) fn load(&self, env: &[(&str, &str)]) -> Loaded {
        let url = self.url();
        let database = url.as_deref().map(|url| ("DATABASE_URL", url));
        let env = database.into_iter().chain(env.iter().copied());
        load(&Sources::new(self.dir.path(), env)).unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// How to open this database beside a `TestApp`, or without one.
    pub(crate) fn options(&self) -> Options {
        options_of(&self.load(&[]))
    }

    #[cfg(feature = "postgres")]
    fn url(&self) -> Option<String> {
        self.schema.as_ref().map(schema::Schema::url)
    }

    #[cfg(not(feature = "postgres"))]
    #[allow(clippy::unused_self, reason = "the same call with and without the feature")]
    fn url(&self) -> Option<String> {
        None
    }
}

impl TestApp {
    /// The site as it is without any setting.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// The site with these environment variables.
    pub(crate) fn with(env: &[(&str, &str)]) -> Self {
        Self::configured(env, "")
    }

    /// The site with these environment variables and this `config/development.toml`.
    pub(crate) fn configured(env: &[(&str, &str)], toml: &str) -> Self {
        let database = TestDatabase::new();
        std::fs::create_dir(database.dir().join("config")).unwrap();
        std::fs::write(database.dir().join("config/development.toml"), toml).unwrap();
        let loaded = database.load(env);
        Self::assembled(loaded, Some(database))
    }

    /// Another process on the same data, with the same files and environment.
    pub(crate) fn beside(&self) -> Self {
        Self::assembled(self.loaded.clone(), None)
    }

    /// Another process on the same data, with these environment variables.
    pub(crate) fn beside_with(&self, env: &[(&str, &str)]) -> Self {
        let database = self.database.as_ref().expect("this one holds the data");
        Self::assembled(database.load(env), None)
    }

    fn assembled(loaded: Loaded, database: Option<TestDatabase>) -> Self {
        let Assembled { rocket, context, desk, timetable, .. } =
            assemble(&loaded).unwrap_or_else(|e| panic!("{e}"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let client = runtime.block_on(Client::untracked(rocket)).expect("the site launches");
        Self { client, runtime, context, desk, timetable, loaded, database }
    }

    /// The folder that it runs in.
    pub(crate) fn home(&self) -> &Path {
        self.database.as_ref().expect("this one holds the data").dir()
    }

    pub(crate) fn db(&self) -> &Db {
        &self.context.db
    }

    /// A second handle on the same database, as another process would have it.
    pub(crate) fn another_db(&self) -> Db {
        Db::open(&self.options()).unwrap()
    }

    pub(crate) fn options(&self) -> Options {
        options_of(&self.loaded)
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.loaded.settings.database.is_postgres()
    }

    /// The addresses that the site answers: method, template.
    pub(crate) fn routes(&self) -> Vec<(String, String)> {
        let route = |r: &rocket::Route| (r.method.to_string(), r.uri.to_string());
        self.client.rocket().routes().map(route).collect()
    }

    pub(crate) fn send(&self, ask: &Ask) -> Answer {
        self.runtime.block_on(ask.dispatch(&self.client))
    }

    /// Sends all at once; the answers come in the order of the questions.
    pub(crate) fn send_all(&self, asks: &[Ask]) -> Vec<Answer> {
        let all = rocket::futures::future::join_all(asks.iter().map(|a| a.dispatch(&self.client)));
        self.runtime.block_on(all)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&get(path))
    }

    pub(crate) fn post_json(&self, path: &str, body: &serde_json::Value) -> Answer {
        self.send(&post(path).json(body))
    }

    pub(crate) fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(&post(path).form(fields))
    }

    /// Waits for what a part of the program does without a request.
    pub(crate) fn wait<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// Runs what is due in the outbox; returns how many pieces were tried.
    pub(crate) fn drain_outbox(&self) -> usize {
        self.drain_lanes(&jobs::runner(&self.context))
    }

    /// The same, with another hand doing it.
    pub(crate) fn drain_lanes(&self, runner: &Runner) -> usize {
        let clock = &self.context.accounts.clock;
        let drain = |lane| outbox::drain(self.db(), &lane, runner, clock).unwrap();
        jobs::lanes(0).into_iter().map(drain).sum()
    }

    /// The mailbox, newest first.
    pub(crate) fn mails(&self) -> Vec<MailSummary> {
        self.db().read_blocking(|conn| mail::store::newest(conn, 1000)).unwrap()
    }

    pub(crate) fn mail(&self, id: &str) -> Mail {
        self.db().read_blocking(|conn| mail::store::by_id(conn, id)).unwrap()
    }

    /// Address, name and program of every lead, by address.
    pub(crate) fn leads(&self) -> Vec<(String, String, Option<String>)> {
        self.query("SELECT email, name, program_slug FROM leads ORDER BY email")
    }

    /// How many rows `table` has.
    pub(crate) fn count(&self, table: &str) -> i64 {
        count(self.db(), table)
    }

    /// All rows of a statement written in a test.
    pub(crate) fn query<T: FromRow>(&self, sql: &'static str) -> Vec<T> {
        self.db().read_blocking(|conn| conn.all(Sql::portable(sql), &[])).unwrap()
    }

    /// Runs a statement written in a test; returns the number of rows changed.
    pub(crate) fn change(&self, sql: &'static str) -> u64 {
        self.db()
            .write_blocking(move |tx| -> Result<u64> { tx.exec(Sql::portable(sql), &[]) })
            .unwrap()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.context.telemetry.close();
        self.context.db.close();
    }
}

pub(crate) fn count(db: &Db, table: &str) -> i64 {
    // The statement caches key on the text, which therefore lives as long as the program.
    let text = format!("SELECT CAST(count(*) AS BIGINT) FROM {table}").leak();
    let count = |conn: &mut Conn<'_>| conn.one::<(i64,)>(Sql::portable(text), &[]);
    db.read_blocking(count).unwrap().0
}

pub(crate) fn options_of(loaded: &Loaded) -> Options {
    Options {
        database: loaded.settings.database.clone(),
        migrate_at: loaded.settings.direct_url.clone(),
        migrate: Migrate::Apply,
        slow_query: std::time::Duration::from_mins(1),
    }
}

/// The server on which the tests run on PostgreSQL.
#[cfg(feature = "postgres")]
#[allow(clippy::disallowed_methods, reason = "the tests' own switch, not a setting of the product")]
fn postgres_url() -> Option<String> {
    std::env::var("MANERO_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}
