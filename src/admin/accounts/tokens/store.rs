//! The `api_tokens` table.

use super::{Listed, Token, Wanted};
use crate::admin::accounts::model::Capability;
use crate::platform::db::{Conn, FromRow, Result, Row, Tx};
use crate::platform::word::Word;

crate::sql! {
    COUNTING = "SELECT id, user_id, name, scopes, last_used_at FROM api_tokens WHERE token_hash = ?1 AND revoked_at IS NULL AND expires_at > ?2";
    NEWEST = "SELECT t.id, t.name, t.last_four, t.scopes, u.email, u.role, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
              FROM api_tokens t JOIN users u ON u.id = t.user_id
              WHERE t.id < ?1 AND (?2 = '' OR (?2 = 'active') = (t.revoked_at IS NULL AND t.expires_at > ?3)) ORDER BY t.id DESC LIMIT ?4";
    OLDEST = "SELECT t.id, t.name, t.last_four, t.scopes, u.email, u.role, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
              FROM api_tokens t JOIN users u ON u.id = t.user_id
              WHERE t.id > ?1 AND (?2 = '' OR (?2 = 'active') = (t.revoked_at IS NULL AND t.expires_at > ?3)) ORDER BY t.id LIMIT ?4";
    BY_ID = "SELECT t.id, t.name, t.last_four, t.scopes, u.email, u.role, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
             FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE t.id = ?1";
    ADD = "INSERT INTO api_tokens (id, user_id, name, token_hash, last_four, scopes, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    REVOKE = "UPDATE api_tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
    NOTE_USE = "UPDATE api_tokens SET last_used_at = ?2 WHERE id = ?1";
}

/// A scope that this program does not know allows nothing.
fn scopes(json: &str) -> Vec<Capability> {
    let words: Vec<String> = serde_json::from_str(json).unwrap_or_default();
    words.iter().filter_map(|word| Capability::from_scope(word)).collect()
}

impl FromRow for Token {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let words: String = row.get(3)?;
        Ok(Self {
            id: row.get(0)?,
            user_id: row.get(1)?,
            name: row.get(2)?,
            scopes: scopes(&words),
            last_used_at: row.get(4)?,
        })
    }
}

impl FromRow for Listed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let words: String = row.get(3)?;
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            last_four: row.get(2)?,
            scopes: scopes(&words),
            owner: row.get(4)?,
            owner_role: row.get(5)?,
            created_at: row.get(6)?,
            expires_at: row.get(7)?,
            last_used_at: row.get(8)?,
            revoked_at: row.get(9)?,
        })
    }
}

pub(super) fn counting(conn: &mut Conn<'_>, hash: &str, now_ms: i64) -> Result<Option<Token>> {
    conn.opt(COUNTING, &[&hash, &now_ms])
}

pub(super) fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> Result<Vec<Listed>> {
    let standing = wanted.standing.map_or("", Word::word);
    let sql = wanted.order.choose(NEWEST, OLDEST);
    conn.all(sql, &[&wanted.after, &standing, &wanted.now_ms, &limit])
}

pub(super) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Option<Listed>> {
    conn.opt(BY_ID, &[&id])
}

pub(super) fn add(
    tx: &mut Tx<'_>,
    id: &str,
    new: &super::NewToken,
    (hash, last_four): (&str, &str),
    now_ms: i64,
) -> Result<()> {
    let scopes = serde_json::to_string(&new.scopes).unwrap_or_default();
    let expires_at = now_ms + new.days * 86_400_000;
    tx.exec(ADD, &[&id, &new.user_id, &new.name, &hash, &last_four, &scopes, &now_ms, &expires_at])
        .map(drop)
}

/// Whether it still counted.
pub(super) fn revoke(tx: &mut Tx<'_>, id: &str, now_ms: i64) -> Result<bool> {
    Ok(tx.exec(REVOKE, &[&id, &now_ms])? > 0)
}

pub(super) fn note_use(tx: &mut Tx<'_>, id: &str, now_ms: i64) -> Result<()> {
    tx.exec(NOTE_USE, &[&id, &now_ms]).map(drop)
}
