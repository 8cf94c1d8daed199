//! How a SQLite file is opened. The only place that opens one.
//!
//! Every connection has `wal_autocheckpoint=0` and no checkpoint on close: exactly one named
//! checkpointer moves the WAL (see `checkpoint`), because replication must see every frame first.

use std::path::{Path, PathBuf};
use std::time::Duration;

use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::Result;

/// Oldest SQLite without the WAL-reset corruption (<https://sqlite.org/wal.html#walresetbug>).
pub(super) const OLDEST_GOOD: i32 = 3_051_003;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The version of the SQLite that is built in.
#[must_use]
pub fn version() -> &'static str {
    rusqlite::version()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Write,
    Read,
    /// The file cannot change under us and nothing may be created beside it.
    Frozen,
}

#[allow(clippy::disallowed_methods, reason = "the home of opening databases")]
pub(super) fn open(path: &Path, mode: Mode) -> Result<Connection> {
    let conn = match mode {
        Mode::Frozen => Connection::open_with_flags(
            format!("file:{}?immutable=1", percent_encoded(path)),
            OpenFlags::SQLITE_OPEN_READ_ONLY
                | OpenFlags::SQLITE_OPEN_URI
                | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?,
        Mode::Write | Mode::Read => Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?,
    };
    prepare(&conn, mode)?;
    Ok(conn)
}

/// The pragmas, in the order that matters: the busy timeout first, so that the rest can wait.
fn prepare(conn: &Connection, mode: Mode) -> Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(128);
    if mode == Mode::Frozen {
        conn.pragma_update(None, "query_only", true)?;
        return Ok(());
    }
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(()))?;
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is overwritten: somebody who is erased is not found in the file either.
    conn.query_row("PRAGMA secure_delete=ON", [], |_| Ok(()))?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    // Readers serve short lists; the writer's hot pages are the tails of a few B-trees.
    conn.pragma_update(None, "cache_size", if mode == Mode::Write { -4096 } else { -1024 })?;
    conn.pragma_update(None, "query_only", mode == Mode::Read)?;
    Ok(())
}

fn percent_encoded(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// A manager for the pool of read connections.
pub(super) fn read_manager(path: &Path, frozen: bool) -> SqliteConnectionManager {
    let (mode, manager) = if frozen {
        let uri = PathBuf::from(format!("file:{}?immutable=1", percent_encoded(path)));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        (Mode::Frozen, SqliteConnectionManager::file(uri).with_flags(flags))
    } else {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        (Mode::Read, SqliteConnectionManager::file(path).with_flags(flags))
    };
    manager.with_init(move |conn| {
        prepare(conn, mode).map_err(|e| rusqlite::Error::InvalidParameterName(e.to_string()))
    })
}
