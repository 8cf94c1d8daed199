//! The business database: `db.read(|conn| …).await` and `db.write(|tx| …).await`.
//!
//! Closures instead of connection guards, because a connection must never cross an await: the
//! synchronous Postgres client panics when it is used or dropped on an async worker. What a write
//! closure returns is handed over only after COMMIT and fsync. A write closure does no HTTP, no
//! hashing of passwords and no rendering: compute before, write, return. A request that goes away
//! does not cancel its write; it finishes whole or not at all.
//!
//! Not here: any statement of the product. Those live in each slice's `store.rs`.

mod bell;
mod checkpoint;
mod conn;
mod engine;
mod error;
mod freshness;
pub mod migrate;
#[cfg(feature = "postgres")]
mod postgres;
mod probe;
mod row;
mod slow;
mod sql;
mod sqlite;
pub mod telemetry;
mod wipe;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

pub use bell::Listener;
pub use conn::{Conn, Tx};
pub use engine::{Migrate, Options, has_content};
pub use error::{Error, OpenError, Result};
pub use row::{Column, FromRow, Param, Row};
pub use slow::{SlowCount, SlowQueries};
pub use sql::Sql;
pub use sqlite::version as sqlite_version;

use engine::{Backend, Storage};

/// How long a reader or writer waits for its turn before the client is told to come back.
const TURN: Duration = Duration::from_secs(2);

/// Statements of this floor, for the test that prepares every one on both engines.
pub fn queries() -> Vec<(&'static str, Sql)> {
    [conn::QUERIES, migrate::QUERIES, freshness::QUERIES, probe::QUERIES, wipe::QUERIES].concat()
}

/// A handle to the business database; cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    backend: Backend,
    read_turns: Arc<Semaphore>,
    storage: Storage,
    slow: Arc<SlowQueries>,
    freshness: freshness::Freshness,
    outbox_bell: Arc<bell::Bell>,
}

impl Db {
    /// Opens the database, migrating it first when `options.migrate` says so.
    ///
    /// # Errors
    /// Says in words for the owner what is wrong and which way leads back.
    pub fn open(options: &Options) -> std::result::Result<Self, OpenError> {
        let slow = Arc::new(SlowQueries::new(options.slow_query));
        let outbox_bell = Arc::new(bell::Bell::default());
        let freshness = freshness::Freshness::default();
        let storage = Storage::default();
        let wires = engine::Wires {
            slow: &slow,
            commits: freshness.commits(),
            outbox: Arc::clone(&outbox_bell),
            storage: &storage,
        };
        let backend = Backend::open(options, wires)?;
        let read_turns = Arc::new(Semaphore::new(backend.readers()));
        Ok(Self(Arc::new(Inner { backend, read_turns, storage, slow, freshness, outbox_bell })))
    }

    /// Opens a database that is there, only to read it: nothing is migrated and nothing can be
    /// written.
    ///
    /// # Errors
    /// Says in words for the owner what is wrong and which way leads back.
    pub fn look(options: &Options) -> std::result::Result<Self, OpenError> {
        let slow = Arc::new(SlowQueries::new(options.slow_query));
        let backend = Backend::look(options, &slow)?;
        let storage = Storage::default();
        storage.refuse("this command only reads".to_owned());
        let read_turns = Arc::new(Semaphore::new(backend.readers()));
        let (freshness, outbox_bell) = (freshness::Freshness::default(), Arc::default());
        Ok(Self(Arc::new(Inner { backend, read_turns, storage, slow, freshness, outbox_bell })))
    }

    /// Runs `work` on a read-only connection, off the async threads.
    pub async fn read<T, E, F>(&self, work: F) -> std::result::Result<T, E>
    where
        F: FnOnce(&mut Conn<'_>) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let turn = self.turn().await?;
        let db = self.clone();
        let run = move || {
            let read = db.read_blocking(work);
            drop(turn);
            read
        };
        tokio::task::spawn_blocking(run)
            .await
            .unwrap_or_else(|_| Err(Error::Engine("a read closure panicked".into()).into()))
    }

    /// [`Db::read`] for a few rows found by their keys. SQLite answers such a look-up in less time than
    /// another thread needs to wake up, so it is done here when a connection is free.
    pub async fn glance<T, E, F>(&self, work: F) -> std::result::Result<T, E>
    where
        F: FnOnce(&mut Conn<'_>) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        if matches!(self.0.backend, Backend::Sqlite(_))
            && let Ok(_turn) = Arc::clone(&self.0.read_turns).try_acquire_owned()
        {
            return self.read_blocking(work);
        }
        self.read(work).await
    }

    /// Waiting happens here, in async land, and not as a pile of parked threads.
    async fn turn(&self) -> Result<tokio::sync::OwnedSemaphorePermit> {
        let turns = Arc::clone(&self.0.read_turns);
        match tokio::time::timeout(TURN, turns.acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Error::Busy),
        }
    }

    /// [`Db::read`] for threads of our own (outbox workers, periodic tasks, commands).
    pub fn read_blocking<T, E, F>(&self, work: F) -> std::result::Result<T, E>
    where
        F: FnOnce(&mut Conn<'_>) -> std::result::Result<T, E>,
        E: From<Error>,
    {
        self.0.backend.read(&self.0.slow, work)
    }

    /// Runs `work` in a transaction and returns its result after the commit is on the disk.
    pub async fn write<T, E, F>(&self, work: F) -> std::result::Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.0.backend {
            Backend::Sqlite(_) => self.sqlite_writer()?.write(work).await,
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => {
                let turn = self.turn().await?;
                let db = self.clone();
                let run = move || {
                    let written = db.write_blocking(work);
                    drop(turn);
                    written
                };
                tokio::task::spawn_blocking(run).await.unwrap_or_else(|_| {
                    Err(Error::Engine("a write closure panicked".into()).into())
                })
            }
        }
    }

    /// [`Db::write`] for threads of our own. Must not be called on an async worker.
    pub fn write_blocking<T, E, F>(&self, work: F) -> std::result::Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.0.backend {
            Backend::Sqlite(_) => self.sqlite_writer()?.write_blocking(work),
            #[cfg(feature = "postgres")]
            Backend::Postgres(engine) => {
                let (result, effects) = engine.write(&self.0.slow, work)?;
                if effects.content {
                    self.0.freshness.refresh(&self.0.backend, &self.0.slow);
                }
                if effects.outbox {
                    self.0.outbox_bell.ring();
                }
                Ok(result)
            }
        }
    }

    fn sqlite_writer(&self) -> Result<&writer::Writer> {
        if let Some(why) = self.0.storage.refuses_writes() {
            return Err(Error::Unavailable(why.to_owned()));
        }
        let writer = match &self.0.backend {
            Backend::Sqlite(engine) => engine.writer.as_ref(),
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => None,
        };
        writer.ok_or_else(|| Error::Unavailable("this database has no writer".into()))
    }

    fn last_write_failed(&self) -> bool {
        match &self.0.backend {
            Backend::Sqlite(engine) => {
                engine.writer.as_ref().is_none_or(writer::Writer::is_failing)
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(engine) => engine.is_failing(),
        }
    }

    /// Why every write is refused for the life of this process, when it is.
    #[must_use]
    pub fn refuses_writes(&self) -> Option<&str> {
        self.0.storage.refuses_writes()
    }

    /// From now on every write is refused with `why`: for a database that only stands in for one
    /// that cannot be written.
    pub fn refuse_writes(&self, why: String) {
        self.0.storage.refuse(why);
    }

    /// `sqlite` or `postgres`, for people.
    #[must_use]
    pub fn engine_name(&self) -> &'static str {
        self.0.backend.name()
    }

    /// A number that grows whenever what the public pages are made of changes, in this process or
    /// another. Cheap enough for every request: on SQLite it looks at `PRAGMA data_version` at most
    /// ten times a second, and at once after a commit of this process.
    #[must_use]
    pub fn content_version(&self) -> u64 {
        let inner = &self.0;
        #[cfg(feature = "postgres")]
        if let Backend::Postgres(_) = inner.backend {
            // The client must not run on an async thread: answer with what is known, and look aside.
            if inner.freshness.is_due() {
                let db = self.clone();
                let look = move || db.0.freshness.refresh(&db.0.backend, &db.0.slow);
                drop(tokio::runtime::Handle::try_current().map(|h| h.spawn_blocking(look)));
            }
            return inner.freshness.known();
        }
        inner.freshness.content_version(&inner.backend, &inner.slow)
    }

    /// Hears of every transaction that commits outbox work from now on.
    #[must_use]
    pub fn outbox_listener(&self) -> Listener {
        self.0.outbox_bell.listener()
    }

    /// From now on no listener waits any more: the workers are to end.
    pub fn release_outbox_waiters(&self) {
        self.0.outbox_bell.close();
    }

    /// The counts of slow statements, for the telemetry writer.
    #[must_use]
    pub fn slow_queries(&self) -> &Arc<SlowQueries> {
        &self.0.slow
    }

    /// Drains the writer, moves the whole WAL into the database file and ends the threads.
    /// Later writes are refused. The last step of a graceful stop.
    pub fn close(&self) {
        self.0.backend.close();
    }
}
