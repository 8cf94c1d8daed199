//! The settings table, and the number that grows with every change of it.

use super::Stored;
use crate::platform::db::{Conn, FromRow, Result, Row, Tx};

crate::sql! {
    ALL = "SELECT key, value, sealed, last_four, updated_at, updated_by FROM settings ORDER BY key LIMIT 1000";
    PUT = "INSERT INTO settings (key, value, sealed, last_four, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
           ON CONFLICT (key) DO UPDATE SET value = excluded.value, sealed = excluded.sealed, last_four = excluded.last_four,
               updated_at = excluded.updated_at, updated_by = excluded.updated_by";
    REMOVE = "DELETE FROM settings WHERE key = ?1";
    VERSION = "SELECT version FROM settings_version WHERE id = 1";
    // Whoever has written this row is the only one to change settings until the transaction ends.
    HOLD = "UPDATE settings_version SET version = version WHERE id = 1";
    RAISE = "UPDATE settings_version SET version = version + 1 WHERE id = 1 RETURNING version";
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            key: row.get(0)?,
            value: row.get(1)?,
            sealed: row.get(2)?,
            last_four: row.get(3)?,
            updated_at: row.get(4)?,
            updated_by: row.get(5)?,
        })
    }
}

/// Everything that is set.
pub(super) fn all(conn: &mut Conn<'_>) -> Result<Vec<Stored>> {
    conn.all(ALL, &[])
}

pub(super) fn put(tx: &mut Tx<'_>, row: &Stored) -> Result<()> {
    let Stored { key, value, sealed, last_four, updated_at, updated_by } = row;
    tx.exec(PUT, &[key, value, sealed, last_four, updated_at, updated_by]).map(drop)
}

pub(super) fn remove(tx: &mut Tx<'_>, key: &str) -> Result<()> {
    tx.exec(REMOVE, &[&key]).map(drop)
}

pub(super) fn version(conn: &mut Conn<'_>) -> Result<u64> {
    Ok(conn.one::<(i64,)>(VERSION, &[])?.0.unsigned_abs())
}

/// Nobody else changes settings until this transaction ends.
pub(super) fn hold(tx: &mut Tx<'_>) -> Result<()> {
    tx.exec(HOLD, &[]).map(drop)
}

/// The version that every process will see has come.
pub(super) fn raise(tx: &mut Tx<'_>) -> Result<u64> {
    Ok(tx.one::<(i64,)>(RAISE, &[])?.0.unsigned_abs())
}
