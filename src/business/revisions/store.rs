//! The table of versions.

use serde_json::Value;

use super::model::{Kind, Listed, NEWEST, Revision, changed_members, superfluous};
use crate::platform::db::{self, Conn, FromRow, Result, Row, Tx};
use crate::platform::id;

crate::sql! {
    ANY = "SELECT id FROM revisions WHERE kind = ?1 AND object_id = ?2 LIMIT 1";
    ADD = "INSERT INTO revisions (id, kind, object_id, state, members, author, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    LIST = "SELECT id, members, author, created_at FROM revisions WHERE kind = ?1 AND object_id = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4";
    ONE = "SELECT id, members, author, created_at, state FROM revisions WHERE kind = ?1 AND object_id = ?2 AND id = ?3";
    BEFORE = "SELECT id, members, author, created_at, state FROM revisions WHERE kind = ?1 AND object_id = ?2 AND id < ?3 ORDER BY id DESC LIMIT 1";
    OLDER = "SELECT id, created_at FROM revisions WHERE kind = ?1 AND object_id = ?2 ORDER BY id DESC LIMIT 2000 OFFSET ?3";
    DROP = "DELETE FROM revisions WHERE id = ?1";
    FORGET = "DELETE FROM revisions WHERE kind = ?1 AND object_id = ?2";
}

/// Sorts after every id.
const LAST: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";

impl FromRow for Listed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let members: String = row.get(1)?;
        Ok(Self {
            id: row.get(0)?,
            members: serde_json::from_str(&members).map_err(|error| {
                db::Error::Corrupt(format!("the members of a version: {error}"))
            })?,
            author: row.get(2)?,
            created_at: row.get(3)?,
        })
    }
}

impl FromRow for Revision {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let state: String = row.get(4)?;
        let state = serde_json::from_str(&state)
            .map_err(|error| db::Error::Corrupt(format!("a version: {error}")))?;
        Ok(Self { listed: Listed::from_row(row)?, state })
    }
}

/// Keeps `after`, which `author` has saved. What there was before the first change that is kept becomes a version
/// too: `before`, with the time it is from.
pub fn note(
    tx: &mut Tx<'_>,
    (kind, object_id): (Kind, &str),
    before: Option<(&Value, i64)>,
    after: &Value,
    author: &str,
    now_ms: i64,
) -> Result<()> {
    let kind = kind.word();
    let is_first = tx.opt::<(String,)>(ANY, &[&kind, &object_id])?.is_none();
    let members = before.map(|(before, _)| changed_members(before, after)).unwrap_or_default();
    if let Some((before, at)) = before.filter(|_| is_first) {
        let (id, state) = (id::new_id(), before.to_string());
        tx.exec(ADD, &[&id, &kind, &object_id, &state, &"[]", &"", &at])?;
    }
    let (id, state) = (id::new_id(), after.to_string());
    let members = serde_json::json!(members).to_string();
    tx.exec(ADD, &[&id, &kind, &object_id, &state, &members, &author, &now_ms])?;
    let older: Vec<(String, i64)> = tx.all(OLDER, &[&kind, &object_id, &(NEWEST as i64)])?;
    for id in superfluous(&older) {
        tx.exec(DROP, &[&id])?;
    }
    Ok(())
}

/// Up to `limit` versions of a thing that are older than the one called `before`, the newest first; an empty `before`
/// begins with the newest.
pub fn list(
    conn: &mut Conn<'_>,
    (kind, object_id): (Kind, &str),
    before: &str,
    limit: i64,
) -> Result<Vec<Listed>> {
    let before = if before.is_empty() { LAST } else { before };
    conn.all(LIST, &[&kind.word(), &object_id, &before, &limit])
}

/// One version; not found when it is none of this thing.
pub fn one(conn: &mut Conn<'_>, (kind, object_id): (Kind, &str), id: &str) -> Result<Revision> {
    conn.one(ONE, &[&kind.word(), &object_id, &id])
}

/// The version before the one called `id`; before all, the last one there is.
pub fn before(
    conn: &mut Conn<'_>,
    (kind, object_id): (Kind, &str),
    id: &str,
) -> Result<Option<Revision>> {
    let id = if id.is_empty() { LAST } else { id };
    conn.opt(BEFORE, &[&kind.word(), &object_id, &id])
}

/// Removes every version of a thing that is removed.
pub fn forget(tx: &mut Tx<'_>, (kind, object_id): (Kind, &str)) -> Result<()> {
    tx.exec(FORGET, &[&kind.word(), &object_id]).map(drop)
}
