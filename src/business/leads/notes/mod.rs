//! Notes: what those who run the business write down about a lead. The lead never sees them.

pub mod api;
pub mod store;

use serde_json::json;

use super::detail;
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::Error;
use crate::platform::http::paging::TimeOrder;
use crate::platform::id;

/// Notes on one lead.
const MOST: i64 = 500;

/// Something written down about a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub id: String,
    /// What they were called when they wrote it.
    pub author: String,
    pub text: String,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// Epoch milliseconds.
    pub updated_at: i64,
}

/// Up to `limit` notes on a lead, after the one with the id `after`.
pub fn list(
    conn: &mut Conn<'_>,
    lead: &str,
    order: TimeOrder,
    after: &str,
    limit: i64,
) -> db::Result<Vec<Note>> {
    detail::check(conn, lead)?;
    store::list(conn, lead, order, after, limit)
}

/// One note on a lead.
pub fn by_id(conn: &mut Conn<'_>, lead: &str, id: &str) -> db::Result<Note> {
    store::by_id(conn, lead, id)
}

/// The same for whoever is going to change it: nobody else does until the transaction ends.
pub fn take(tx: &mut Tx<'_>, lead: &str, id: &str) -> db::Result<Note> {
    detail::hold(tx, lead)?;
    store::by_id(tx, lead, id)
}

/// Writes something down about a lead.
///
/// # Errors
/// 409 when there are 500 notes on it.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    lead: &str,
    text: String,
    now_ms: i64,
) -> Result<Note, Error> {
    detail::hold(tx, lead)?;
    if store::count(tx, lead)? >= MOST {
        return Err(Error::Conflict(format!(
            "there are {MOST} notes on this lead, and no more fit"
        )));
    }
    let (id, author) = (id::new_id(), actor.label().to_owned());
    let note = Note { id, author, text, created_at: now_ms, updated_at: now_ms };
    store::add(tx, lead, &note)?;
    record(tx, actor, "note.create", lead, &note, now_ms)?;
    Ok(note)
}

/// Changes a note. The same text leaves no trace.
pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    lead: &str,
    before: Note,
    text: Option<String>,
    now_ms: i64,
) -> Result<Note, Error> {
    let Some(text) = text.filter(|text| *text != before.text) else { return Ok(before) };
    let note = Note { text, updated_at: now_ms, ..before };
    store::set(tx, &note)?;
    record(tx, actor, "note.update", lead, &note, now_ms)?;
    Ok(note)
}

/// Removes a note.
pub fn remove(
    tx: &mut Tx<'_>,
    actor: &Actor,
    lead: &str,
    gone: &Note,
    now_ms: i64,
) -> db::Result<()> {
    store::remove(tx, &gone.id)?;
    record(tx, actor, "note.delete", lead, gone, now_ms)
}

/// What a note says does not stand in the record, which outlives the lead.
fn record(
    tx: &mut Tx<'_>,
    actor: &Actor,
    action: &'static str,
    lead: &str,
    note: &Note,
    now_ms: i64,
) -> db::Result<()> {
    let change = Change::of(action, "lead", lead);
    let which = json!({ "note": note.id });
    let change = match action {
        "note.delete" => change.before(which),
        _ => change.after(which),
    };
    audit::record(tx, actor, &change, now_ms)
}
