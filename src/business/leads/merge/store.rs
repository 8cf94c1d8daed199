//! Leads that may be one person, and the addresses that a merged lead had before.

use crate::business::leads::Lead;
use crate::platform::db::{Conn, Result, Tx};

crate::sql! {
    // Of an address that somebody left again, what is kept belongs to that lead.
    OWN_OTHERS = "SELECT a.address FROM lead_addresses a WHERE a.lead_id = ?1
                      AND NOT EXISTS (SELECT 1 FROM leads l WHERE l.email = a.address) ORDER BY a.address LIMIT 100";
    // An address of before is of whoever it was joined to last.
    ADD_OTHER = "INSERT INTO lead_addresses (address, lead_id, created_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (address) DO UPDATE SET lead_id = excluded.lead_id, created_at = excluded.created_at";
    MOVE_OTHERS = "UPDATE lead_addresses SET lead_id = ?2 WHERE lead_id = ?1";
    MOVE_CONSENTS = "UPDATE consents SET lead_id = ?2 WHERE lead_id = ?1";
    MOVE_NOTES = "UPDATE lead_notes SET lead_id = ?2 WHERE lead_id = ?1";
    HOLDER = "SELECT lead_id FROM lead_addresses WHERE address = ?1";
    FORGET = "DELETE FROM lead_addresses WHERE address = ?1";
    NAMES = "SELECT name_key FROM leads WHERE name_key > ?1 GROUP BY name_key HAVING count(*) > 1 ORDER BY name_key LIMIT ?2";
    OF_NAME = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
               WHERE name_key = ?1 ORDER BY number LIMIT ?2";
}

/// Addresses that it had before and that no other lead has now.
pub(super) fn own_others(conn: &mut Conn<'_>, lead: &str) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = conn.all(OWN_OTHERS, &[&lead])?;
    Ok(rows.into_iter().map(|(address,)| address).collect())
}

/// What stands beside `gone` stands beside `kept` from now on.
pub(super) fn join(tx: &mut Tx<'_>, gone: &Lead, kept: &Lead, now_ms: i64) -> Result<()> {
    let (from, to) = (&gone.id, &kept.id);
    tx.exec(MOVE_CONSENTS, &[from, to])?;
    tx.exec(MOVE_NOTES, &[from, to])?;
    tx.exec(MOVE_OTHERS, &[from, to])?;
    tx.exec(ADD_OTHER, &[&gone.email, to, &now_ms]).map(drop)
}

/// Which lead had this address before.
pub(super) fn holder(conn: &mut Conn<'_>, address: &str) -> Result<Option<String>> {
    Ok(conn.opt::<(String,)>(HOLDER, &[&address])?.map(|(id,)| id))
}

/// The address is nobody's of before.
pub(super) fn forget(tx: &mut Tx<'_>, address: &str) -> Result<()> {
    tx.exec(FORGET, &[&address]).map(drop)
}

/// Folded names that several leads have, in their order, of those after `after`.
pub(super) fn names(conn: &mut Conn<'_>, after: &str, limit: i64) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = conn.all(NAMES, &[&after, &limit])?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

pub(super) fn of_name(conn: &mut Conn<'_>, name: &str, limit: i64) -> Result<Vec<Lead>> {
    conn.all(OF_NAME, &[&name, &limit])
}
