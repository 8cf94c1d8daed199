//! The messages table.

use super::model::NewMessage;
use super::sync::PassOn;
use crate::business::webhooks::{self, Event};
use crate::platform::db::{Conn, FromRow, Result, Row, Tx};
use crate::platform::lang::Lang;
use crate::platform::{clock, id, outbox};

crate::sql! {
    INSERT = "INSERT INTO messages (id, name, email, message, lang, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    BY_ID = "SELECT name, email, message FROM messages WHERE id = ?1";
    FROM = "SELECT id FROM messages WHERE email = ?1";
    FORGET = "DELETE FROM messages WHERE email = ?1";
    PRUNE = "DELETE FROM messages WHERE created_at < ?1";
    OLDER = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM messages WHERE created_at < ?1 LIMIT ?2) o";
    FROM_ADDRESS = "SELECT id, name, message, lang, created_at FROM messages
                    WHERE email = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4";
}

/// A message as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: String,
    pub name: String,
    pub message: String,
    /// The code of the page's language.
    pub lang: String,
    /// Epoch milliseconds.
    pub created_at: i64,
}

impl FromRow for Message {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            message: row.get(2)?,
            lang: row.get(3)?,
            created_at: row.get(4)?,
        })
    }
}

/// Up to `limit` messages from this address, the newest first, of those before the place (time, id).
pub fn from_address(
    conn: &mut Conn<'_>,
    address: &str,
    (time, place): (i64, &str),
    limit: i64,
) -> Result<Vec<Message>> {
    conn.all(FROM_ADDRESS, &[&address, &time, &place, &limit])
}

/// How many are older than `before` (epoch milliseconds), up to `most`.
pub fn older(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<i64> {
    Ok(conn.one::<(i64,)>(OLDER, &[&before, &most])?.0)
}

/// Stores the message, and that the owner is owed a mail with it.
pub fn insert(tx: &mut Tx<'_>, message: &NewMessage, lang: Lang) -> Result<()> {
    let NewMessage { name, email, message } = message;
    let id = id::new_id();
    tx.exec(INSERT, &[&id, name, email, message, &lang.code(), &clock::now_ms()])?;
    webhooks::emit(tx, Event::ContactCreated, &id)?;
    outbox::enqueue(tx, &PassOn { message: id })
}

pub(super) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<NewMessage> {
    let (name, email, message) = conn.one(BY_ID, &[&id])?;
    Ok(NewMessage { name, email, message })
}

/// Removes what came from this address, and what is queued about it. Returns how many messages that were.
pub fn forget(tx: &mut Tx<'_>, address: &str) -> Result<u64> {
    let messages: Vec<(String,)> = tx.all(FROM, &[&address])?;
    for (message,) in messages {
        outbox::cancel(tx, &PassOn { message })?;
    }
    tx.exec(FORGET, &[&address])
}

/// Deletes what is older than `before` (epoch milliseconds); returns how many.
pub fn prune(tx: &mut Tx<'_>, before: i64) -> Result<u64> {
    tx.exec(PRUNE, &[&before])
}
