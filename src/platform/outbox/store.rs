//! The outbox table.

use crate::platform::db::{Conn, FromRow, Result, Row, Tx};

crate::sql! {
    INSERT = "INSERT INTO outbox (id, kind, payload, due_at, created_at) VALUES (?1, ?2, ?3, ?4, ?4)";
    REMOVE_WORK = "DELETE FROM outbox WHERE kind = ?1 AND payload = ?2";
    // The outer WHERE repeats the lease test: Postgres evaluates it again on the row as it is
    // after another claimer's commit, and without it two workers take the same row. One kind at a
    // time: a kind that this program does not know is never touched, and each claim is a walk along the
    // index of that kind's due times.
    CLAIM = "UPDATE outbox SET lease_until = ?3, attempts = attempts + 1
             WHERE dead_at IS NULL AND lease_until <= ?2 AND id IN (
                 SELECT id FROM outbox WHERE kind = ?1 AND dead_at IS NULL AND due_at <= ?2 AND lease_until <= ?2
                 ORDER BY due_at LIMIT ?4)
             RETURNING id, kind, payload, attempts, created_at";
    // `attempts` names the lease: a worker whose lease ran out must not touch the next holder's row.
    DONE = "DELETE FROM outbox WHERE id = ?1 AND attempts = ?2";
    REMOVE = "DELETE FROM outbox WHERE id = ?1";
    HAND_BACK = "UPDATE outbox SET lease_until = 0, attempts = attempts - 1 WHERE id = ?1 AND attempts = ?2";
    RETRY = "UPDATE outbox SET due_at = ?3, lease_until = 0, last_error = ?4 WHERE id = ?1 AND attempts = ?2";
    BURY = "UPDATE outbox SET dead_at = ?3, lease_until = 0, last_error = ?4 WHERE id = ?1 AND attempts = ?2";
    // Walks the index of due times and stops at the first row nobody holds: a long queue must not
    // make the look expensive.
    NEXT_DUE = "SELECT due_at FROM outbox WHERE kind = ?1 AND dead_at IS NULL AND lease_until <= ?2 ORDER BY due_at LIMIT 1";
    DEAD = "SELECT id, kind, attempts, last_error, dead_at FROM outbox WHERE dead_at IS NOT NULL
            ORDER BY dead_at DESC LIMIT ?1";
    COUNTS = "SELECT CAST(count(*) FILTER (WHERE dead_at IS NOT NULL) AS BIGINT),
                     CAST(count(*) FILTER (WHERE dead_at IS NULL) AS BIGINT) FROM outbox";
}

/// A row that this worker holds the lease of.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub id: String,
    pub kind: String,
    pub payload: String,
    /// Counts this attempt.
    pub attempts: i64,
    /// When it was queued, in epoch milliseconds.
    pub created_at: i64,
}

impl FromRow for Claimed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            payload: row.get(2)?,
            attempts: row.get(3)?,
            created_at: row.get(4)?,
        })
    }
}

/// Work that failed for good and waits for the owner.
#[derive(Debug, serde::Serialize)]
pub struct DeadLetter {
    pub id: String,
    pub kind: String,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub dead_at: i64,
}

impl FromRow for DeadLetter {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            attempts: row.get(2)?,
            last_error: row.get(3)?,
            dead_at: row.get(4)?,
        })
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, id: &str, kind: &str, payload: &str, now: i64) -> Result<()> {
    tx.exec(INSERT, &[&id, &kind, &payload, &now]).map(drop)
}

pub(super) fn remove_work(tx: &mut Tx<'_>, kind: &str, payload: &str) -> Result<()> {
    tx.exec(REMOVE_WORK, &[&kind, &payload]).map(drop)
}

pub(super) fn claim(
    tx: &mut Tx<'_>,
    kind: &str,
    now: i64,
    lease_until: i64,
    at_most: i64,
) -> Result<Vec<Claimed>> {
    tx.all(CLAIM, &[&kind, &now, &lease_until, &at_most])
}

/// Returns, like its neighbours, whether the row was still this attempt's.
pub(super) fn done(tx: &mut Tx<'_>, id: &str, attempt: i64) -> Result<bool> {
    Ok(tx.exec(DONE, &[&id, &attempt])? == 1)
}

/// Back in the queue as if it had not been claimed.
pub(super) fn hand_back(tx: &mut Tx<'_>, id: &str, attempt: i64) -> Result<bool> {
    Ok(tx.exec(HAND_BACK, &[&id, &attempt])? == 1)
}

pub(super) fn retry(tx: &mut Tx<'_>, id: &str, attempt: i64, at: i64, why: &str) -> Result<bool> {
    Ok(tx.exec(RETRY, &[&id, &attempt, &at, &why])? == 1)
}

pub(super) fn bury(tx: &mut Tx<'_>, id: &str, attempt: i64, now: i64, why: &str) -> Result<bool> {
    Ok(tx.exec(BURY, &[&id, &attempt, &now, &why])? == 1)
}

pub(super) fn remove(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.exec(REMOVE, &[&id]).map(drop)
}

/// When the next row of `kind` that nobody holds becomes due, if any waits.
pub(super) fn next_due(conn: &mut Conn<'_>, kind: &str, now: i64) -> Result<Option<i64>> {
    Ok(conn.opt::<(i64,)>(NEXT_DUE, &[&kind, &now])?.map(|(at,)| at))
}

/// The newest dead letters.
pub fn dead_letters(conn: &mut Conn<'_>, at_most: i64) -> Result<Vec<DeadLetter>> {
    conn.all(DEAD, &[&at_most])
}

/// How many are dead, and how many wait.
pub fn dead_or_due(conn: &mut Conn<'_>) -> Result<(i64, i64)> {
    conn.one(COUNTS, &[])
}
