//! The tables of privacy: requests, certificates, rules.

use super::erase::Certificate;
use super::model::{Kept, Kind, Outcome};
use super::requests::Request;
use super::retention::Rule;
use crate::platform::db::{Conn, Error, FromRow, Result, Row, Tx};
use crate::platform::word::Word as _;

crate::sql! {
    ADD_ERASURE = "INSERT INTO privacy_erasures (id, address_hash, erased, remaining, actor_label, erased_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    ERASURE = "SELECT id, erased, remaining, actor_label, erased_at FROM privacy_erasures WHERE id = ?1";
    ERASURES = "SELECT id, erased, remaining, actor_label, erased_at FROM privacy_erasures
                WHERE (erased_at, id) < (?1, ?2) ORDER BY erased_at DESC, id DESC LIMIT ?3";
    ERASURES_OF = "SELECT id, erased, remaining, actor_label, erased_at FROM privacy_erasures
                   WHERE address_hash = ?1 ORDER BY erased_at DESC LIMIT 20";
    ADD_REQUEST = "INSERT INTO privacy_requests (id, kind, address, note, received_at, due_at, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)";
    REQUEST = "SELECT id, kind, address, note, received_at, due_at, closed_at, outcome, outcome_note, updated_at FROM privacy_requests WHERE id = ?1";
    OPEN_REQUESTS = "SELECT id, kind, address, note, received_at, due_at, closed_at, outcome, outcome_note, updated_at FROM privacy_requests
                     WHERE closed_at IS NULL AND (due_at, id) > (?1, ?2) ORDER BY due_at, id LIMIT ?3";
    CLOSED_REQUESTS = "SELECT id, kind, address, note, received_at, due_at, closed_at, outcome, outcome_note, updated_at FROM privacy_requests
                       WHERE closed_at IS NOT NULL AND (closed_at, id) < (?1, ?2) ORDER BY closed_at DESC, id DESC LIMIT ?3";
    REQUESTS_OF = "SELECT id, kind, address, note, received_at, due_at, closed_at, outcome, outcome_note, updated_at FROM privacy_requests
                   WHERE address = ?1 ORDER BY received_at DESC LIMIT 100";
    OVERDUE = "SELECT CAST(count(*) AS BIGINT) FROM privacy_requests WHERE closed_at IS NULL AND due_at < ?1";
    CLOSE = "UPDATE privacy_requests SET closed_at = ?2, outcome = ?3, outcome_note = ?4, updated_at = ?2 WHERE id = ?1 AND closed_at IS NULL";
    REOPEN = "UPDATE privacy_requests SET closed_at = NULL, outcome = NULL, outcome_note = '', updated_at = ?2 WHERE id = ?1 AND closed_at IS NOT NULL AND address <> ''";
    // That it was asked stays; by whom does not. An open wish to be erased is fulfilled by that.
    SCRUB = "UPDATE privacy_requests SET address = '', note = '', outcome_note = '', updated_at = ?2,
                 closed_at = coalesce(closed_at, ?2), outcome = coalesce(outcome, 'done') WHERE address = ?1";
    RULES = "SELECT kind, days, updated_at, updated_by FROM retention_rules";
    SET_RULE = "INSERT INTO retention_rules (kind, days, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (kind) DO UPDATE SET days = excluded.days, updated_at = excluded.updated_at, updated_by = excluded.updated_by";
    DROP_RULE = "DELETE FROM retention_rules WHERE kind = ?1";
}

impl FromRow for Certificate {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let corrupt = |error| Error::Corrupt(format!("a certificate: {error}"));
        Ok(Self {
            id: row.get(0)?,
            erased: serde_json::from_str(&row.get::<String>(1)?).map_err(corrupt)?,
            remaining: serde_json::from_str(&row.get::<String>(2)?).map_err(corrupt)?,
            actor_label: row.get(3)?,
            erased_at: row.get(4)?,
        })
    }
}

impl FromRow for Request {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let (kind, outcome): (String, Option<String>) = (row.get(1)?, row.get(7)?);
        Ok(Self {
            id: row.get(0)?,
            kind: Kind::of_word(&kind)
                .ok_or_else(|| Error::Corrupt(format!("a request is {kind}")))?,
            address: row.get(2)?,
            note: row.get(3)?,
            received_at: row.get(4)?,
            due_at: row.get(5)?,
            closed_at: row.get(6)?,
            outcome: outcome.and_then(|word| Outcome::of_word(&word)),
            outcome_note: row.get(8)?,
            updated_at: row.get(9)?,
        })
    }
}

pub(super) fn add_erasure(tx: &mut Tx<'_>, certificate: &Certificate, hash: &str) -> Result<()> {
    let Certificate { id, erased, remaining, actor_label, erased_at } = certificate;
    let written = |error| Error::Engine(format!("a certificate: {error}"));
    let erased = serde_json::to_string(erased).map_err(written)?;
    let remaining = serde_json::to_string(remaining).map_err(written)?;
    tx.exec(ADD_ERASURE, &[id, &hash, &erased, &remaining, actor_label, erased_at]).map(drop)
}

pub(super) fn erasure(conn: &mut Conn<'_>, id: &str) -> Result<Certificate> {
    conn.one(ERASURE, &[&id])
}

pub(super) fn erasures(
    conn: &mut Conn<'_>,
    (time, id): (i64, &str),
    limit: i64,
) -> Result<Vec<Certificate>> {
    conn.all(ERASURES, &[&time, &id, &limit])
}

pub(super) fn erasures_of(conn: &mut Conn<'_>, hash: &str) -> Result<Vec<Certificate>> {
    conn.all(ERASURES_OF, &[&hash])
}

pub(super) fn add_request(tx: &mut Tx<'_>, request: &Request) -> Result<()> {
    let Request { id, kind, address, note, received_at, due_at, updated_at, .. } = request;
    tx.exec(ADD_REQUEST, &[id, &kind.word(), address, note, received_at, due_at, updated_at])
        .map(drop)
}

pub(super) fn request(conn: &mut Conn<'_>, id: &str) -> Result<Request> {
    conn.one(REQUEST, &[&id])
}

pub(super) fn open_requests(
    conn: &mut Conn<'_>,
    (time, id): (i64, &str),
    limit: i64,
) -> Result<Vec<Request>> {
    conn.all(OPEN_REQUESTS, &[&time, &id, &limit])
}

pub(super) fn closed_requests(
    conn: &mut Conn<'_>,
    (time, id): (i64, &str),
    limit: i64,
) -> Result<Vec<Request>> {
    conn.all(CLOSED_REQUESTS, &[&time, &id, &limit])
}

pub(super) fn requests_of(conn: &mut Conn<'_>, address: &str) -> Result<Vec<Request>> {
    conn.all(REQUESTS_OF, &[&address])
}

pub(super) fn overdue(conn: &mut Conn<'_>, now: i64) -> Result<i64> {
    Ok(conn.one::<(i64,)>(OVERDUE, &[&now])?.0)
}

/// Whether it was open.
pub(super) fn close(
    tx: &mut Tx<'_>,
    id: &str,
    outcome: Outcome,
    note: &str,
    now: i64,
) -> Result<bool> {
    Ok(tx.exec(CLOSE, &[&id, &now, &outcome.word(), &note])? == 1)
}

/// Whether it was closed, and whose it is is still known.
pub(super) fn reopen(tx: &mut Tx<'_>, id: &str, now: i64) -> Result<bool> {
    Ok(tx.exec(REOPEN, &[&id, &now])? == 1)
}

pub(super) fn scrub(tx: &mut Tx<'_>, address: &str, now: i64) -> Result<u64> {
    tx.exec(SCRUB, &[&address, &now])
}

/// What somebody has set; a kind of a newer program is left out.
pub(super) fn rules(conn: &mut Conn<'_>) -> Result<Vec<Rule>> {
    let rows: Vec<(String, Option<i64>, i64, String)> = conn.all(RULES, &[])?;
    let rule = |(kind, days, at, by): (String, Option<i64>, i64, String)| {
        Kept::of_word(&kind).map(|kept| Rule { kept, days, set: Some((at, by)) })
    };
    Ok(rows.into_iter().filter_map(rule).collect())
}

pub(super) fn set_rule(
    tx: &mut Tx<'_>,
    kept: Kept,
    days: Option<i64>,
    now: i64,
    by: &str,
) -> Result<()> {
    tx.exec(SET_RULE, &[&kept.word(), &days, &now, &by]).map(drop)
}

pub(super) fn drop_rule(tx: &mut Tx<'_>, kept: Kept) -> Result<()> {
    tx.exec(DROP_RULE, &[&kept.word()]).map(drop)
}
