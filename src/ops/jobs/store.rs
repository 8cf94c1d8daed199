//! The outbox as lists, and what the owner does to dead letters. Taking and settling work is
//! `platform::outbox`.

use super::model::{Job, State, Wanted};
use crate::platform::db::{Conn, FromRow, Result, Row, Tx};
use crate::platform::word::Word;

crate::sql! {
    NEWEST = "SELECT id, kind, attempts, due_at, lease_until, created_at, dead_at, last_error FROM outbox
              WHERE id < ?1 AND (?2 = '' OR kind = ?2)
                  AND (?3 = '' OR (dead_at IS NULL AND (?3 = 'running') = (lease_until > ?4))) ORDER BY id DESC LIMIT ?5";
    OLDEST = "SELECT id, kind, attempts, due_at, lease_until, created_at, dead_at, last_error FROM outbox
              WHERE id > ?1 AND (?2 = '' OR kind = ?2)
                  AND (?3 = '' OR (dead_at IS NULL AND (?3 = 'running') = (lease_until > ?4))) ORDER BY id LIMIT ?5";
    // Apart, so that they walk their own index: dead letters are few among much that waits.
    DEAD_NEWEST = "SELECT id, kind, attempts, due_at, lease_until, created_at, dead_at, last_error FROM outbox
                   WHERE dead_at IS NOT NULL AND id < ?1 AND (?2 = '' OR kind = ?2) ORDER BY id DESC LIMIT ?3";
    DEAD_OLDEST = "SELECT id, kind, attempts, due_at, lease_until, created_at, dead_at, last_error FROM outbox
                   WHERE dead_at IS NOT NULL AND id > ?1 AND (?2 = '' OR kind = ?2) ORDER BY id LIMIT ?3";
    BY_ID = "SELECT id, kind, attempts, due_at, lease_until, created_at, dead_at, last_error FROM outbox WHERE id = ?1";
    RETRY = "UPDATE outbox SET dead_at = NULL, due_at = ?2, lease_until = 0, attempts = 0 WHERE id = ?1 AND dead_at IS NOT NULL";
    RETRY_ALL = "UPDATE outbox SET dead_at = NULL, due_at = ?2, lease_until = 0, attempts = 0
                 WHERE id IN (SELECT id FROM outbox WHERE dead_at IS NOT NULL AND (?1 = '' OR kind = ?1) ORDER BY id LIMIT ?3)";
    DEAD_COUNT = "SELECT CAST(count(*) AS BIGINT) FROM outbox WHERE dead_at IS NOT NULL AND (?1 = '' OR kind = ?1)";
    KINDS = "SELECT DISTINCT kind FROM outbox ORDER BY kind LIMIT 50";
    REMOVE_ALL = "DELETE FROM outbox
                  WHERE id IN (SELECT id FROM outbox WHERE dead_at IS NOT NULL AND (?1 = '' OR kind = ?1) ORDER BY id LIMIT ?2)";
    REMOVE = "DELETE FROM outbox WHERE id = ?1 AND dead_at IS NOT NULL";
}

impl FromRow for Job {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            attempts: row.get(2)?,
            due_at: row.get(3)?,
            lease_until: row.get(4)?,
            created_at: row.get(5)?,
            dead_at: row.get(6)?,
            last_error: row.get(7)?,
        })
    }
}

/// Up to `limit` jobs.
pub(super) fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> Result<Vec<Job>> {
    let Wanted { state, kind, order, after, now_ms } = wanted;
    if *state == Some(State::Dead) {
        return conn.all(order.choose(DEAD_NEWEST, DEAD_OLDEST), &[after, kind, &limit]);
    }
    let state = state.map_or("", Word::word);
    conn.all(order.choose(NEWEST, OLDEST), &[after, kind, &state, now_ms, &limit])
}

pub(super) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Job> {
    conn.one(BY_ID, &[&id])
}

/// Due now, with all its tries before it. Whether it was dead.
pub(super) fn retry(tx: &mut Tx<'_>, id: &str, now_ms: i64) -> Result<bool> {
    Ok(tx.exec(RETRY, &[&id, &now_ms])? > 0)
}

/// The same for up to `at_most` dead letters, the oldest first, of one kind or of all; how many.
pub(super) fn retry_all(tx: &mut Tx<'_>, kind: &str, now_ms: i64, at_most: i64) -> Result<i64> {
    Ok(tx.exec(RETRY_ALL, &[&kind, &now_ms, &at_most])?.cast_signed())
}

/// Removes up to `at_most` dead letters, the oldest first, of one kind or of all; how many.
pub(super) fn remove_all(tx: &mut Tx<'_>, kind: &str, at_most: i64) -> Result<i64> {
    Ok(tx.exec(REMOVE_ALL, &[&kind, &at_most])?.cast_signed())
}

/// How many dead letters there are, of one kind or of all.
pub(super) fn dead(conn: &mut Conn<'_>, kind: &str) -> Result<i64> {
    Ok(conn.one::<(i64,)>(DEAD_COUNT, &[&kind])?.0)
}

/// The kinds of work in the queue.
pub(super) fn kinds(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    Ok(conn.all::<(String,)>(KINDS, &[])?.into_iter().map(|(kind,)| kind).collect())
}

/// Whether it was dead, and is gone.
pub(super) fn remove(tx: &mut Tx<'_>, id: &str) -> Result<bool> {
    Ok(tx.exec(REMOVE, &[&id])? > 0)
}
