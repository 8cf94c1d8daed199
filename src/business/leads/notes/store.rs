//! The `lead_notes` table.

use super::Note;
use crate::platform::db::{Conn, FromRow, Result, Row, Tx};
use crate::platform::http::paging::TimeOrder;

crate::sql! {
    NEWEST = "SELECT id, author, text, created_at, updated_at FROM lead_notes WHERE lead_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
    OLDEST = "SELECT id, author, text, created_at, updated_at FROM lead_notes WHERE lead_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
    BEFORE = "SELECT id, author, text, created_at, updated_at FROM lead_notes
              WHERE lead_id = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4";
    BY_ID = "SELECT id, author, text, created_at, updated_at FROM lead_notes WHERE lead_id = ?1 AND id = ?2";
    COUNT = "SELECT CAST(count(*) AS BIGINT) FROM lead_notes WHERE lead_id = ?1";
    ADD = "INSERT INTO lead_notes (id, lead_id, author, text, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
    SET = "UPDATE lead_notes SET text = ?2, updated_at = ?3 WHERE id = ?1";
    REMOVE = "DELETE FROM lead_notes WHERE id = ?1";
}

impl FromRow for Note {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            author: row.get(1)?,
            text: row.get(2)?,
            created_at: row.get(3)?,
            updated_at: row.get(4)?,
        })
    }
}

pub(super) fn list(
    conn: &mut Conn<'_>,
    lead: &str,
    order: TimeOrder,
    after: &str,
    limit: i64,
) -> Result<Vec<Note>> {
    conn.all(order.choose(NEWEST, OLDEST), &[&lead, &after, &limit])
}

/// Up to `limit` notes, the newest first, of those before the place (time, id).
pub fn before(
    conn: &mut Conn<'_>,
    lead: &str,
    (time, place): (i64, &str),
    limit: i64,
) -> Result<Vec<Note>> {
    conn.all(BEFORE, &[&lead, &time, &place, &limit])
}

pub(super) fn by_id(conn: &mut Conn<'_>, lead: &str, id: &str) -> Result<Note> {
    conn.one(BY_ID, &[&lead, &id])
}

pub(super) fn count(conn: &mut Conn<'_>, lead: &str) -> Result<i64> {
    Ok(conn.one::<(i64,)>(COUNT, &[&lead])?.0)
}

pub(super) fn add(tx: &mut Tx<'_>, lead: &str, note: &Note) -> Result<()> {
    tx.exec(ADD, &[&note.id, &lead, &note.author, &note.text, &note.created_at]).map(drop)
}

pub(super) fn set(tx: &mut Tx<'_>, note: &Note) -> Result<()> {
    tx.exec(SET, &[&note.id, &note.text, &note.updated_at]).map(drop)
}

pub(super) fn remove(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.exec(REMOVE, &[&id]).map(drop)
}
