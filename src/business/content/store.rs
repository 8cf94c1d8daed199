//! The table of content that came with the program and was removed by the owner.

use std::collections::HashSet;

use crate::platform::clock;
use crate::platform::db::{Conn, Result, Tx};

crate::sql! {
    REMOVED = "SELECT name FROM removed_seeds WHERE kind = ?1 LIMIT 10000";
    REMOVE = "INSERT INTO removed_seeds (kind, name, removed_at) VALUES (?1, ?2, ?3) ON CONFLICT (kind, name) DO NOTHING";
    READMIT = "DELETE FROM removed_seeds WHERE kind = ?1 AND name = ?2";
}

/// The names of a kind that the built-in content must leave out.
pub fn removed(conn: &mut Conn<'_>, kind: &str) -> Result<HashSet<String>> {
    let found: Vec<(String,)> = conn.all(REMOVED, &[&kind])?;
    Ok(found.into_iter().map(|(name,)| name).collect())
}

/// From now on the built-in content leaves this out.
pub fn remove(tx: &mut Tx<'_>, kind: &str, name: &str) -> Result<()> {
    tx.exec(REMOVE, &[&kind, &name, &clock::now_ms()]).map(drop)
}

/// It is there again: the owner has brought it in or written it anew.
pub fn readmit(tx: &mut Tx<'_>, kind: &str, name: &str) -> Result<()> {
    tx.exec(READMIT, &[&kind, &name]).map(drop)
}
