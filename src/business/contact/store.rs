//! The messages table.

use super::model::NewMessage;
use super::sync::PassOn;
use crate::business::webhooks::{self, Event};
use crate::platform::db::{Conn, Result, Tx};
use crate::platform::lang::Lang;
use crate::platform::{clock, id, outbox};

crate::sql! {
    INSERT = "INSERT INTO messages (id, name, email, message, lang, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    BY_ID = "SELECT name, email, message FROM messages WHERE id = ?1";
    FROM = "SELECT id FROM messages WHERE email = ?1";
    FORGET = "DELETE FROM messages WHERE email = ?1";
    PRUNE = "DELETE FROM messages WHERE created_at < ?1";
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

/// Removes what came from this address, and what is queued about it.
pub fn forget(tx: &mut Tx<'_>, address: &str) -> Result<()> {
    let messages: Vec<(String,)> = tx.all(FROM, &[&address])?;
    for (message,) in messages {
        outbox::cancel(tx, &PassOn { message })?;
    }
    tx.exec(FORGET, &[&address]).map(drop)
}

/// Deletes what is older than `before` (epoch milliseconds); returns how many.
pub fn prune(tx: &mut Tx<'_>, before: i64) -> Result<u64> {
    tx.exec(PRUNE, &[&before])
}
