//! One row of the leads table, and its consents.

use crate::business::leads::Lead;
use crate::platform::db::{self, Conn, FromRow, Result, Row, Tx};

crate::sql! {
    BY_ID = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads WHERE id = ?1";
    BY_ADDRESS = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads WHERE email = ?1";
    // Nothing changes; on PostgreSQL the row is ours from then on.
    TAKE = "UPDATE leads SET updated_at = updated_at WHERE id = ?1
            RETURNING id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at, words";
    SET = "UPDATE leads SET name = ?2, program_slug = ?3, lang = ?4, tags = ?5, updated_at = ?6 WHERE id = ?1";
    // Nobody has changed it, it has not signed up again and has not written since.
    UNTOUCHED = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
                 WHERE updated_at < ?1 AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.email = leads.email AND m.created_at >= ?1)
                 ORDER BY updated_at, id LIMIT ?2";
    COUNT_UNTOUCHED = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM leads
                 WHERE updated_at < ?1 AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.email = leads.email AND m.created_at >= ?1)
                 LIMIT ?2) u";
    REMOVE = "DELETE FROM leads WHERE id = ?1";
    BESIDE = "SELECT (SELECT CAST(count(*) AS BIGINT) FROM consents WHERE lead_id = ?1),
                     (SELECT CAST(count(*) AS BIGINT) FROM lead_notes WHERE lead_id = ?1)";
    CONSENTS = "SELECT purpose, granted, text, text_version, page, address, created_at FROM consents
                WHERE lead_id = ?1 ORDER BY created_at DESC, id DESC LIMIT 100";
    CONSENTS_BEFORE = "SELECT purpose, granted, text, text_version, page, address, created_at, id FROM consents
                       WHERE lead_id = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4";
}

/// What somebody agreed to, in which words, where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub purpose: String,
    pub granted: bool,
    pub text: String,
    pub text_version: String,
    pub page: String,
    /// Truncated.
    pub address: String,
    /// Epoch milliseconds.
    pub created_at: i64,
}

impl FromRow for Consent {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            purpose: row.get(0)?,
            granted: row.get(1)?,
            text: row.get(2)?,
            text_version: row.get(3)?,
            page: row.get(4)?,
            address: row.get(5)?,
            created_at: row.get(6)?,
        })
    }
}

/// A lead, and the words it is filed under.
struct Taken(Lead, String);

impl FromRow for Taken {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self(Lead::from_row(row)?, row.get(10)?))
    }
}

pub(in crate::business::leads) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Lead> {
    conn.one(BY_ID, &[&id])
}

pub(super) fn by_address(conn: &mut Conn<'_>, address: &str) -> Result<Option<Lead>> {
    conn.opt(BY_ADDRESS, &[&address])
}

/// The lead and the words it is filed under, for whoever is going to change it.
pub(in crate::business::leads) fn take(tx: &mut Tx<'_>, id: &str) -> Result<(Lead, String)> {
    tx.one(TAKE, &[&id]).map(|Taken(lead, words)| (lead, words))
}

pub(super) fn untouched(conn: &mut Conn<'_>, before: i64, limit: i64) -> Result<Vec<Lead>> {
    conn.all(UNTOUCHED, &[&before, &limit])
}

pub(super) fn count_untouched(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<i64> {
    Ok(conn.one::<(i64,)>(COUNT_UNTOUCHED, &[&before, &most])?.0)
}

pub(super) fn consents(conn: &mut Conn<'_>, id: &str) -> Result<Vec<Consent>> {
    conn.all(CONSENTS, &[&id])
}

/// A consent and its id.
struct Identified(String, Consent);

impl FromRow for Identified {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self(row.get(7)?, Consent::from_row(row)?))
    }
}

/// Up to `limit` consents with their ids, the newest first, of those before the place (time, id).
pub fn consents_before(
    conn: &mut Conn<'_>,
    lead: &str,
    (time, place): (i64, &str),
    limit: i64,
) -> Result<Vec<(String, Consent)>> {
    let found: Vec<Identified> = conn.all(CONSENTS_BEFORE, &[&lead, &time, &place, &limit])?;
    Ok(found.into_iter().map(|Identified(id, consent)| (id, consent)).collect())
}

pub(in crate::business::leads) fn set(tx: &mut Tx<'_>, lead: &Lead) -> Result<()> {
    let Lead { id, name, program, lang, tags, updated_at, .. } = lead;
    let tags = serde_json::to_string(tags)
        .map_err(|error| db::Error::Engine(format!("tags of a lead: {error}")))?;
    tx.exec(SET, &[id, name, program, &lang.code(), &tags, updated_at]).map(drop)
}

/// How many consents and notes it has.
pub(super) fn beside(conn: &mut Conn<'_>, id: &str) -> Result<(i64, i64)> {
    conn.one(BESIDE, &[&id])
}

pub(in crate::business::leads) fn remove(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.exec(REMOVE, &[&id]).map(drop)
}
