//! What leads are found and sorted by: folded words, and a folded name.
//!
//! Both are made in the transaction that changes a lead. A program of before does not know of them; what it leaves
//! behind is caught up with by a periodic task.

use super::model::Filing;
use crate::platform::db::{self, Conn, Db, FromRow, Result, Row, Tx};
use crate::platform::outbox::Failure;

crate::sql! {
    ADD_WORD = "INSERT INTO lead_words (word, created_at, number, in_name, in_email) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (word, created_at, number) DO UPDATE SET in_name = excluded.in_name, in_email = excluded.in_email";
    DROP_WORD = "DELETE FROM lead_words WHERE word = ?1 AND created_at = ?2 AND number = ?3";
    FILE = "UPDATE leads SET name_key = ?2, words = ?3, filed_at = updated_at WHERE number = ?1";
    COPY = "UPDATE lead_tags SET name_key = l.name_key, program_slug = l.program_slug, lang = l.lang
            FROM leads l WHERE l.number = ?1 AND lead_tags.number = ?1";
    UNFILED = "SELECT number, created_at, email, name, name_key, words FROM leads
               WHERE filed_at IS NULL OR filed_at <> updated_at ORDER BY id LIMIT ?1";
}

/// Leads that are caught up with in one transaction: some 20 ms of the writer's time.
const AT_ONCE: i64 = 200;
/// Transactions of one turn of the periodic task.
const TRANSACTIONS: usize = 25;

/// A lead as it is filed now, and what it should be filed as.
#[derive(Debug, Clone)]
pub(super) struct Filed {
    pub(super) number: i64,
    /// Epoch milliseconds.
    pub(super) created_at: i64,
    pub(super) email: String,
    pub(super) name: String,
    /// As they are filed, which may be for what the lead was before.
    pub(super) name_key: String,
    pub(super) words: String,
}

impl FromRow for Filed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            created_at: row.get(1)?,
            email: row.get(2)?,
            name: row.get(3)?,
            name_key: row.get(4)?,
            words: row.get(5)?,
        })
    }
}

/// Makes a lead found by `filing`: for one whose row holds it already.
pub(super) fn add(tx: &mut Tx<'_>, filing: &Filing, number: i64, created_at: i64) -> Result<()> {
    for (word, in_name, in_email) in filing.words() {
        tx.exec(ADD_WORD, &[&word, &created_at, &number, &in_name, &in_email])?;
    }
    Ok(())
}

/// Files a lead anew, after any change of it.
pub(super) fn renew(tx: &mut Tx<'_>, filed: &Filed) -> Result<()> {
    let filing = Filing::of(&filed.name, &filed.email);
    if filing.text != filed.words || filing.name_key != filed.name_key {
        let stays = |word: &str| filing.words().any(|(kept, _, _)| kept == word);
        for gone in filed.words.split_whitespace().filter(|word| !stays(word)) {
            tx.exec(DROP_WORD, &[&gone, &filed.created_at, &filed.number])?;
        }
        add(tx, &filing, filed.number, filed.created_at)?;
    }
    tx.exec(FILE, &[&filed.number, &filing.name_key, &filing.text])?;
    tx.exec(COPY, &[&filed.number])?;
    Ok(())
}

/// From now on the lead is not found by its words.
pub(super) fn remove(tx: &mut Tx<'_>, filed: &Filed) -> Result<()> {
    for word in filed.words.split_whitespace() {
        tx.exec(DROP_WORD, &[&word, &filed.created_at, &filed.number])?;
    }
    Ok(())
}

fn unfiled(conn: &mut Conn<'_>, at_most: i64) -> Result<Vec<Filed>> {
    conn.all(UNFILED, &[&at_most])
}

/// Files what an older program has stored or changed, up to 5,000 leads. Where there is nothing to do nothing is
/// written.
pub fn catch_up(db: &Db) -> std::result::Result<(), Failure> {
    for _ in 0..TRANSACTIONS {
        if db.read_blocking(|conn| unfiled(conn, 1))?.is_empty() {
            return Ok(());
        }
        db.write_blocking(|tx| -> db::Result<()> {
            for filed in unfiled(tx, AT_ONCE)? {
                renew(tx, &filed)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}
