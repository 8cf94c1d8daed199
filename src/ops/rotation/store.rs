//! The data key's sentinel and when vendors' keys were first seen, among the facts; the signing keys.

use super::keys::KeyRow;
use crate::platform::clock;
use crate::platform::db::{Conn, FromRow, Result, Row, Tx};

crate::sql! {
    SENTINEL = "SELECT value FROM facts WHERE name = 'data-key-sentinel'";
    SET_SENTINEL = "INSERT INTO facts (name, value, updated_at) VALUES ('data-key-sentinel', ?1, ?2)
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
    SEEN = "SELECT value, updated_at FROM facts WHERE name = ?1";
    SET_SEEN = "INSERT INTO facts (name, value, updated_at) VALUES (?1, ?2, ?3)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
    KEYS = "SELECT id, sealed_secret, created_at, retired_at FROM signing_keys WHERE purpose = 'jwt' ORDER BY created_at DESC, id LIMIT 500";
    KEY = "SELECT id, sealed_secret, created_at, retired_at FROM signing_keys WHERE purpose = 'jwt' AND id = ?1";
    ACTIVE = "SELECT id, sealed_secret, created_at, retired_at FROM signing_keys WHERE purpose = 'jwt' AND retired_at IS NULL";
    ADD_KEY = "INSERT INTO signing_keys (id, purpose, sealed_secret, created_at) VALUES (?1, 'jwt', ?2, ?3)";
    RETIRE = "UPDATE signing_keys SET retired_at = ?1 WHERE purpose = 'jwt' AND retired_at IS NULL";
    RESEAL = "UPDATE signing_keys SET sealed_secret = ?2 WHERE id = ?1";
}

impl FromRow for KeyRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            sealed_secret: row.get(1)?,
            created_at: row.get(2)?,
            retired_at: row.get(3)?,
        })
    }
}

pub(super) fn sentinel(conn: &mut Conn<'_>) -> Result<Option<String>> {
    Ok(conn.opt::<(String,)>(SENTINEL, &[])?.map(|(value,)| value))
}

pub(super) fn set_sentinel(tx: &mut Tx<'_>, sealed: &str) -> Result<()> {
    tx.exec(SET_SENTINEL, &[&sealed, &clock::now_ms()]).map(drop)
}

/// The fingerprint of a vendor's key and since when it has been that one.
pub(super) fn seen(conn: &mut Conn<'_>, fact: &str) -> Result<Option<(String, i64)>> {
    conn.opt(SEEN, &[&fact])
}

pub(super) fn set_seen(tx: &mut Tx<'_>, fact: &str, print: &str, now_ms: i64) -> Result<()> {
    tx.exec(SET_SEEN, &[&fact, &print, &now_ms]).map(drop)
}

/// Every signing key there was, the newest first.
pub(super) fn keys(conn: &mut Conn<'_>) -> Result<Vec<KeyRow>> {
    conn.all(KEYS, &[])
}

pub(super) fn key(conn: &mut Conn<'_>, id: &str) -> Result<Option<KeyRow>> {
    conn.opt(KEY, &[&id])
}

pub(super) fn active(conn: &mut Conn<'_>) -> Result<Option<KeyRow>> {
    conn.opt(ACTIVE, &[])
}

pub(super) fn add(tx: &mut Tx<'_>, id: &str, sealed_secret: &str, now_ms: i64) -> Result<()> {
    tx.exec(ADD_KEY, &[&id, &sealed_secret, &now_ms]).map(drop)
}

/// The active key, if any, verifies until `until_ms` and signs no more.
pub(super) fn retire(tx: &mut Tx<'_>, until_ms: i64) -> Result<()> {
    tx.exec(RETIRE, &[&until_ms]).map(drop)
}

pub(super) fn reseal(tx: &mut Tx<'_>, id: &str, sealed_secret: &str) -> Result<()> {
    tx.exec(RESEAL, &[&id, &sealed_secret]).map(drop)
}
