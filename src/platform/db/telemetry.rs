//! The telemetry database: counts that may lose their last second, so that they never delay or
//! endanger the business database.
//!
//! Callers hand over small closures; one thread gathers them for a second and runs them in one
//! transaction. When too many wait, new ones are dropped and counted. On SQLite this is a file of
//! its own without fsync per commit; on Postgres its tables live in the same database.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::config::DbConfig;

use super::bell::{Bell, Listener};
use super::conn::{Conn, Engine};
use super::engine::Migrate;
use super::migrate::{self, Set};
use super::slow::SlowQueries;
use super::sqlite::{self, Mode};
use super::{Error, Result};
use crate::platform::config::Database;

const GATHER: Duration = Duration::from_secs(1);
const QUEUE: usize = 4096;

type Job = Box<dyn FnOnce(&mut Conn<'_>) -> Result<()> + Send>;

/// Where the telemetry lives.
#[derive(Debug, Clone)]
pub enum Place {
    File(PathBuf),
    /// The tables stand in the business database (Postgres).
    With(Database),
}

enum Store {
    Sqlite(rusqlite::Connection),
    #[cfg(feature = "postgres")]
    Postgres(super::postgres::PgEngine),
}

struct Shared {
    queue: Mutex<Vec<Job>>,
    dropped: AtomicU64,
    stopping: AtomicBool,
    bell: Arc<Bell>,
    slow: Arc<SlowQueries>,
    place: Place,
}

/// A handle to the batching writer; cheap to clone.
#[derive(Clone)]
pub struct Telemetry {
    shared: Arc<Shared>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Telemetry {
    /// Starts the writer thread. The database is opened when the first job arrives, and a failure
    /// to open it costs the counts, never the site.
    pub fn start(place: Place) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Vec::new()),
            dropped: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            bell: Arc::default(),
            slow: Arc::new(SlowQueries::new(Duration::MAX)),
            place,
        });
        let (worker, listener) = (Arc::clone(&shared), shared.bell.listener());
        let thread = std::thread::Builder::new()
            .name("telemetry".into())
            .spawn(move || run(&worker, listener))?;
        Ok(Self { shared, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// Queues `job` for the next batch.
    pub fn submit(&self, job: impl FnOnce(&mut Conn<'_>) -> Result<()> + Send + 'static) {
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.len() >= QUEUE {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        queue.push(Box::new(job));
        drop(queue);
        self.shared.bell.ring();
    }

    /// Reads with a connection of its own; blocks.
    pub fn read_blocking<T>(&self, work: impl FnOnce(&mut Conn<'_>) -> Result<T>) -> Result<T> {
        let mut store = open(&self.shared.place)?;
        store.with(&self.shared.slow, work)
    }

    /// Writes what waits and ends the thread.
    pub fn close(&self) {
        self.shared.stopping.store(true, Ordering::Release);
        self.shared.bell.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            thread.thread().unpark();
            if thread.join().is_err() {
                log::error!("the telemetry thread panicked");
            }
        }
    }
}

fn run(shared: &Shared, mut listener: Listener) {
    let mut store: Option<Store> = None;
    loop {
        listener.wait(Duration::from_hours(1));
        let stopping = shared.stopping.load(Ordering::Acquire);
        if !stopping {
            std::thread::park_timeout(GATHER);
        }
        let jobs =
            std::mem::take(&mut *shared.queue.lock().unwrap_or_else(PoisonError::into_inner));
        if !jobs.is_empty()
            && let Err(error) = write(&mut store, shared, jobs)
        {
            log::warn!("telemetry was lost: {error}");
            store = None;
        }
        let dropped = shared.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            log::warn!("{dropped} telemetry records were dropped because too many waited");
        }
        if stopping {
            return;
        }
    }
}

fn write(store: &mut Option<Store>, shared: &Shared, jobs: Vec<Job>) -> Result<()> {
    if store.is_none() {
        *store = Some(open(&shared.place)?);
    }
    let Some(store) = store else { return Ok(()) };
    store.with(&shared.slow, |conn| {
        conn.script("BEGIN")?;
        let outcome: Result<()> = jobs.into_iter().try_for_each(|job| job(conn));
        conn.script(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        outcome
    })
}

impl Store {
    fn with<T>(
        &mut self,
        slow: &Arc<SlowQueries>,
        work: impl FnOnce(&mut Conn<'_>) -> Result<T>,
    ) -> Result<T> {
        match self {
            Self::Sqlite(conn) => work(&mut Conn::new(Engine::Sqlite(conn), slow)),
            #[cfg(feature = "postgres")]
            Self::Postgres(engine) => engine.read(slow, work),
        }
    }
}

fn open(place: &Place) -> Result<Store> {
    match place {
        Place::File(path) => {
            let conn = sqlite::open(path, Mode::Write)?;
            // Nothing here was promised to anybody; it prunes and checkpoints itself.
            conn.pragma_update(None, "synchronous", "NORMAL")?;
            conn.pragma_update(None, "wal_autocheckpoint", 1000)?;
            conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
            let name = path.display().to_string();
            migrate::sqlite(conn, path, &Set::telemetry(), Migrate::Apply, &name)
                .map(Store::Sqlite)
                .map_err(|error| Error::Unavailable(error.to_string()))
        }
        #[cfg(feature = "postgres")]
        Place::With(database) => super::postgres::PgEngine::pool(database)
            .map(Store::Postgres)
            .map_err(|error| Error::Unavailable(error.to_string())),
        #[cfg(not(feature = "postgres"))]
        Place::With(_) => Err(Error::Unavailable("built without the postgres feature".into())),
    }
}
