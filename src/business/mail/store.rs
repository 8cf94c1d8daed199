//! The mails table.

use super::model::{Draft, Mail, MailSummary};
use crate::platform::db::{Conn, FromRow, Result, Row, Tx};

crate::sql! {
    INSERT = "INSERT INTO mails (id, recipient, subject, text_body, html_body, transport, created_at, reply_to)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING";
    EXISTS = "SELECT id FROM mails WHERE id = ?1";
    NEWEST = "SELECT id, recipient, subject, transport, created_at FROM mails ORDER BY created_at DESC, id DESC LIMIT ?1";
    // Ids are in the order of time. The pattern is '' when all are meant.
    PAGE = "SELECT id, recipient, subject, transport, created_at FROM mails
            WHERE id < ?1 AND (?2 = '' OR lower(recipient) LIKE ?2 ESCAPE '!' OR lower(subject) LIKE ?2 ESCAPE '!') AND (?3 = '' OR transport = ?3)
            ORDER BY id DESC LIMIT ?4";
    BY_ID = "SELECT id, recipient, subject, transport, created_at, text_body, html_body FROM mails WHERE id = ?1";
    REMOVE = "DELETE FROM mails WHERE id = ?1";
    FORGET_TO = "DELETE FROM mails WHERE recipient = ?1";
    FORGET_FROM = "DELETE FROM mails WHERE reply_to = ?1";
    PRUNE = "DELETE FROM mails WHERE created_at < ?1";
    OLDER = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM mails WHERE created_at < ?1 LIMIT ?2) o";
    TO_ADDRESS = "SELECT id, recipient, subject, transport, created_at, text_body, html_body FROM mails
                  WHERE recipient = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4";
}

impl FromRow for MailSummary {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            to: row.get(1)?,
            subject: row.get(2)?,
            transport: row.get(3)?,
            created_at: row.get(4)?,
        })
    }
}

impl FromRow for Mail {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { summary: MailSummary::from_row(row)?, text: row.get(5)?, html: row.get(6)? })
    }
}

pub(super) fn exists(conn: &mut Conn<'_>, id: &str) -> Result<bool> {
    Ok(conn.opt::<(String,)>(EXISTS, &[&id])?.is_some())
}

pub(super) fn insert(tx: &mut Tx<'_>, draft: &Draft, transport: &str, now: i64) -> Result<()> {
    let Draft { id, to, subject, text, html, reply_to } = draft;
    tx.exec(INSERT, &[id, to, subject, text, html, &transport, &now, reply_to]).map(drop)
}

pub(super) fn remove(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.exec(REMOVE, &[&id]).map(drop)
}

/// Removes every mail to this address, and every one that passes on what its owner wrote. Returns how many that were.
pub fn forget(tx: &mut Tx<'_>, address: &str) -> Result<u64> {
    Ok(tx.exec(FORGET_TO, &[&address])? + tx.exec(FORGET_FROM, &[&address])?)
}

/// Up to `limit` mails to this address, the newest first, of those before the place (time, id).
pub fn to_address(
    conn: &mut Conn<'_>,
    address: &str,
    (time, place): (i64, &str),
    limit: i64,
) -> Result<Vec<Mail>> {
    conn.all(TO_ADDRESS, &[&address, &time, &place, &limit])
}

/// How many are older than `before` (epoch milliseconds), up to `most`.
pub fn older(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<i64> {
    Ok(conn.one::<(i64,)>(OLDER, &[&before, &most])?.0)
}

/// The newest mails, newest first.
pub fn newest(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<MailSummary>> {
    conn.all(NEWEST, &[&limit])
}

/// A page of mails, the newest first: before the id `after`, with `words` in address or subject, of one way or of all.
pub(super) fn page(
    conn: &mut Conn<'_>,
    (after, words, transport): (&str, &str, &str),
    limit: i64,
) -> Result<Vec<MailSummary>> {
    let mut pattern = String::new();
    if !words.is_empty() {
        pattern.push('%');
        for c in words.to_lowercase().chars() {
            if ['%', '_', '!'].contains(&c) {
                pattern.push('!');
            }
            pattern.push(c);
        }
        pattern.push('%');
    }
    conn.all(PAGE, &[&after, &pattern, &transport, &limit])
}

/// One mail.
pub fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Mail> {
    conn.one(BY_ID, &[&id])
}

/// Deletes what is older than `before` (epoch milliseconds); returns how many.
pub fn prune(tx: &mut Tx<'_>, before: i64) -> Result<u64> {
    tx.exec(PRUNE, &[&before])
}
