//! Which engine runs, and how it is opened.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use r2d2_sqlite::SqliteConnectionManager;
use scheduled_thread_pool::ScheduledThreadPool;

use super::bell::Bell;
use super::checkpoint::Checkpointer;
use super::conn::{Conn, Engine};
use super::migrate::{self, Set};
use super::slow::SlowQueries;
use super::sqlite::{self, Mode};
use super::writer::{Signals, Writer};
use super::{Error, OpenError, Result};
use crate::platform::config::Database;

/// How to open the business database.
#[derive(Debug, Clone)]
pub struct Options {
    pub database: Database,
    /// Where migrations connect when it is not `database` (the guide's `DIRECT_URL`).
    pub migrate_at: Option<Database>,
    pub migrate: Migrate,
    /// Statements slower than this are logged and counted.
    pub slow_query: Duration,
}

/// What to do about a schema older than this program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrate {
    /// Apply what is missing.
    Apply,
    /// Refuse to open.
    Refuse,
    /// Open all the same: for commands that only look at or undo migrations.
    Ignore,
}

/// Whether writes are possible, and how often the file has been written anew.
#[derive(Debug, Default)]
pub(super) struct Storage(OnceLock<String>, Arc<AtomicU64>);

impl Storage {
    /// Why every write is refused for the life of this process, when it is.
    #[must_use]
    pub(super) fn refuses_writes(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    pub(super) fn wipes(&self) -> u64 {
        self.1.load(Ordering::Acquire)
    }

    pub(super) fn refuse(&self, why: String) {
        // The first reason stands.
        drop(self.0.set(why));
    }
}

pub(super) struct SqliteEngine {
    /// Absent when the file is frozen.
    pub(super) writer: Option<Writer>,
    readers: r2d2::Pool<SqliteConnectionManager>,
    /// Kept for `PRAGMA data_version`, which compares with what this very connection saw before.
    watch: Mutex<rusqlite::Connection>,
    checkpointer: Option<Checkpointer>,
}

impl SqliteEngine {
    /// How large the file is.
    pub(super) fn bytes(&self) -> Result<i64> {
        let conn = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |pragma| conn.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        Ok(of("page_count")? * of("page_size")?)
    }
}

pub(super) enum Backend {
    Sqlite(Box<SqliteEngine>),
    #[cfg(feature = "postgres")]
    Postgres(super::postgres::PgEngine),
}

/// What the backend reports to: shared by the parts of [`super::Db`].
pub(super) struct Wires<'a> {
    pub(super) slow: &'a Arc<SlowQueries>,
    pub(super) commits: Arc<AtomicU64>,
    pub(super) outbox: Arc<Bell>,
    pub(super) storage: &'a Storage,
}

impl Backend {
    pub(super) fn open(
        options: &Options,
        wires: Wires<'_>,
    ) -> std::result::Result<Self, OpenError> {
        match &options.database {
            Database::Sqlite { path } => {
                open_sqlite(path, options, wires).map(Box::new).map(Self::Sqlite)
            }
            #[cfg(feature = "postgres")]
            database @ Database::Postgres { .. } => {
                super::postgres::PgEngine::open(database, options, wires.slow).map(Self::Postgres)
            }
            #[cfg(not(feature = "postgres"))]
            Database::Postgres { .. } => Err(OpenError::Unavailable {
                place: "PostgreSQL".into(),
                why: "this program was built without the `postgres` feature".into(),
            }),
        }
    }

    /// For commands that only look: no writer, no checkpointer, no migration.
    pub(super) fn look(
        options: &Options,
        slow: &Arc<SlowQueries>,
    ) -> std::result::Result<Self, OpenError> {
        match &options.database {
            Database::Sqlite { path } => looked_at(path, slow).map(Box::new).map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            database @ Database::Postgres { .. } => {
                let options = Options { migrate: Migrate::Refuse, ..options.clone() };
                super::postgres::PgEngine::open(database, &options, slow).map(Self::Postgres)
            }
            #[cfg(not(feature = "postgres"))]
            Database::Postgres { .. } => Err(OpenError::Unavailable {
                place: "PostgreSQL".into(),
                why: "this program was built without the `postgres` feature".into(),
            }),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => "postgres",
        }
    }

    /// How many reads may run at once.
    pub(super) fn readers(&self) -> usize {
        match self {
            Self::Sqlite(engine) => engine.readers.max_size() as usize,
            #[cfg(feature = "postgres")]
            Self::Postgres(engine) => engine.connections(),
        }
    }

    pub(super) fn read<T, E, F>(
        &self,
        slow: &Arc<SlowQueries>,
        work: F,
    ) -> std::result::Result<T, E>
    where
        F: FnOnce(&mut Conn<'_>) -> std::result::Result<T, E>,
        E: From<Error>,
    {
        match self {
            Self::Sqlite(engine) => {
                let conn = engine.readers.get().map_err(|_| Error::Busy)?;
                work(&mut Conn::new(Engine::Sqlite(&conn), slow))
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(engine) => engine.read(slow, work),
        }
    }

    /// Calls `look` with SQLite's `data_version`; does nothing on Postgres, whose client must not
    /// run on an async thread.
    pub(super) fn watch<T>(
        &self,
        slow: &Arc<SlowQueries>,
        look: impl FnOnce(&mut Conn<'_>, i64) -> Result<T>,
    ) -> Result<Option<T>> {
        match self {
            Self::Sqlite(engine) => {
                let conn = engine.watch.lock().unwrap_or_else(PoisonError::into_inner);
                let data_version = conn.pragma_query_value(None, "data_version", |r| r.get(0))?;
                look(&mut Conn::new(Engine::Sqlite(&conn), slow), data_version).map(Some)
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Ok(None),
        }
    }

    pub(super) fn close(&self) {
        match self {
            Self::Sqlite(engine) => {
                engine.writer.as_ref().inspect(|writer| writer.close());
                engine.checkpointer.as_ref().inspect(|checkpointer| checkpointer.close());
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => {}
        }
    }
}

fn open_sqlite(
    path: &Path,
    options: &Options,
    wires: Wires<'_>,
) -> std::result::Result<SqliteEngine, OpenError> {
    if rusqlite::version_number() < sqlite::OLDEST_GOOD {
        return Err(OpenError::OldSqlite { found: rusqlite::version() });
    }
    let place = || path.display().to_string();
    match prepare_file(path, options) {
        Ok(conn) => start_engine(path, conn, wires)
            .map_err(|error| OpenError::Unavailable { place: place(), why: error.to_string() }),
        // What exists can still be shown to visitors when nothing can be written.
        Err(OpenError::Unavailable { why, .. }) if has_content(path) => {
            log::warn!(
                "{} cannot be opened for writing ({why}); it is served as it stands",
                place()
            );
            wires.storage.refuse(format!("{why}; mend it and start again"));
            frozen_engine(path, wires.slow)
        }
        Err(error) => Err(error),
    }
}

/// Whether there is a database at `path`; SQLite leaves an empty file where it could not make one.
#[must_use]
pub fn has_content(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// The write connection on a migrated file.
fn prepare_file(
    path: &Path,
    options: &Options,
) -> std::result::Result<rusqlite::Connection, OpenError> {
    let place = path.display().to_string();
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(|error| OpenError::Unavailable {
            place: place.clone(),
            why: format!("the folder cannot be made: {error}"),
        })?;
    }
    let conn = sqlite::open(path, Mode::Write).map_err(|error| broken_or_away(&place, error))?;
    migrate::sqlite(conn, path, &Set::main(), options.migrate, &place)
}

pub(super) fn broken_or_away(place: &str, error: Error) -> OpenError {
    match error {
        Error::Corrupt(why) => OpenError::Broken { place: place.to_owned(), why },
        other => OpenError::Unavailable { place: place.to_owned(), why: other.to_string() },
    }
}

fn start_engine(path: &Path, conn: rusqlite::Connection, wires: Wires<'_>) -> Result<SqliteEngine> {
    let (wal, empty_wal) = (Arc::new(Bell::default()), Arc::default());
    let again: PathBuf = path.to_owned();
    let writer = Writer::start(
        Box::new(move || sqlite::open(&again, Mode::Write)),
        conn,
        Arc::clone(wires.slow),
        Signals {
            commits: wires.commits,
            outbox: wires.outbox,
            wal: Arc::clone(&wal),
            failing: Arc::default(),
            wipes: Arc::clone(&wires.storage.1),
            empty_wal: Arc::clone(&empty_wal),
        },
    )
    .map_err(|e| Error::Engine(e.to_string()))?;
    let checkpointer =
        Checkpointer::start(path, wal, empty_wal).map_err(|e| Error::Engine(e.to_string()))?;
    Ok(SqliteEngine {
        writer: Some(writer),
        readers: read_pool(path, false),
        watch: Mutex::new(sqlite::open(path, Mode::Read)?),
        checkpointer: Some(checkpointer),
    })
}

fn frozen_engine(
    path: &Path,
    slow: &Arc<SlowQueries>,
) -> std::result::Result<SqliteEngine, OpenError> {
    let place = path.display().to_string();
    let conn = sqlite::open(path, Mode::Frozen).map_err(|error| broken_or_away(&place, error))?;
    let view = &mut Conn::new(Engine::Sqlite(&conn), slow);
    migrate::check(view, &Set::main(), &place)?;
    migrate::refuse_pending(view, &Set::main(), &place)?;
    let wal = path.with_extension("db-wal");
    if has_content(&wal) {
        log::warn!("{} cannot be read here: what is only in it is not shown", wal.display());
    }
    let readers = read_pool(path, true);
    Ok(SqliteEngine { writer: None, readers, watch: Mutex::new(conn), checkpointer: None })
}

/// A file that is only looked at. Without a WAL nobody has it open, and then nothing is made beside
/// it either.
fn looked_at(path: &Path, slow: &Arc<SlowQueries>) -> std::result::Result<SqliteEngine, OpenError> {
    let place = path.display().to_string();
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    let is_still = !Path::new(&wal).exists();
    let mode = if is_still { Mode::Frozen } else { Mode::Read };
    let conn = sqlite::open(path, mode).map_err(|error| broken_or_away(&place, error))?;
    let view = &mut Conn::new(Engine::Sqlite(&conn), slow);
    migrate::check(view, &Set::main(), &place)?;
    migrate::refuse_pending(view, &Set::main(), &place)?;
    let readers = read_pool(path, is_still);
    Ok(SqliteEngine { writer: None, readers, watch: Mutex::new(conn), checkpointer: None })
}

/// Two readers for each processor; they open when first needed, so that the start stays short.
fn read_pool(path: &Path, frozen: bool) -> r2d2::Pool<SqliteConnectionManager> {
    let size = 2 * std::thread::available_parallelism().map_or(2, usize::from);
    r2d2::Pool::builder()
        .max_size(u32::try_from(size).unwrap_or(4))
        // r2d2's own default is three threads that do nothing here.
        .thread_pool(Arc::new(ScheduledThreadPool::new(1)))
        .min_idle(Some(0))
        .max_lifetime(None)
        .idle_timeout(Some(Duration::from_mins(5)))
        .connection_timeout(super::TURN)
        .test_on_check_out(false)
        .error_handler(Box::new(r2d2::NopErrorHandler))
        .build_unchecked(sqlite::read_manager(path, frozen))
}
