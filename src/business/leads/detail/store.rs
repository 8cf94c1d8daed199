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
    REMOVE = "DELETE FROM leads WHERE id = ?1";
    CONSENTS = "SELECT purpose, granted, text, text_version, page, address, created_at FROM consents
                WHERE lead_id = ?1 ORDER BY created_at DESC, id DESC LIMIT 100";
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

pub(super) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Lead> {
    conn.one(BY_ID, &[&id])
}

pub(super) fn by_address(conn: &mut Conn<'_>, address: &str) -> Result<Option<Lead>> {
    conn.opt(BY_ADDRESS, &[&address])
}

/// The lead and the words it is filed under, for whoever is going to change it.
pub(super) fn take(tx: &mut Tx<'_>, id: &str) -> Result<(Lead, String)> {
    tx.one(TAKE, &[&id]).map(|Taken(lead, words)| (lead, words))
}

pub(super) fn consents(conn: &mut Conn<'_>, id: &str) -> Result<Vec<Consent>> {
    conn.all(CONSENTS, &[&id])
}

pub(super) fn set(tx: &mut Tx<'_>, lead: &Lead) -> Result<()> {
    let Lead { id, name, program, lang, tags, updated_at, .. } = lead;
    let tags = serde_json::to_string(tags)
        .map_err(|error| db::Error::Engine(format!("tags of a lead: {error}")))?;
    tx.exec(SET, &[id, name, program, &lang.code(), &tags, updated_at]).map(drop)
}

pub(super) fn remove(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.exec(REMOVE, &[&id]).map(drop)
}
