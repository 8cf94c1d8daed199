//! The audit table: rows are added and read, never changed.

use super::{Actor, Change, Deed, Line, Wanted};
use crate::platform::db::{Conn, FromRow, Result, Row, Tx};
use crate::platform::id;

crate::sql! {
    ADD = "INSERT INTO audit (id, created_at, actor_kind, actor_id, actor_label, action, object_kind, object_id, before_change, after_change, address)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    NEWEST = "SELECT id, created_at, actor_kind, actor_id, actor_label, action, object_kind, object_id, before_change, after_change, address
              FROM audit
              WHERE id < ?1 AND (?2 = '' OR actor_id = ?2) AND (?3 = '' OR action = ?3)
                  AND (?4 = '' OR object_kind = ?4) AND (?5 = '' OR object_id = ?5) AND created_at >= ?6 AND created_at < ?7
              ORDER BY id DESC LIMIT ?8";
    LAST = "SELECT id, created_at, actor_kind, actor_id, actor_label, action, object_kind, object_id, before_change, after_change, address
            FROM audit ORDER BY id DESC LIMIT ?1";
    OLDEST = "SELECT id, created_at, actor_kind, actor_id, actor_label, action, object_kind, object_id, before_change, after_change, address
              FROM audit
              WHERE id > ?1 AND (?2 = '' OR actor_id = ?2) AND (?3 = '' OR action = ?3)
                  AND (?4 = '' OR object_kind = ?4) AND (?5 = '' OR object_id = ?5) AND created_at >= ?6 AND created_at < ?7
              ORDER BY id LIMIT ?8";
    BY_ID = "SELECT id, created_at, actor_kind, actor_id, actor_label, action, object_kind, object_id, before_change, after_change, address
             FROM audit WHERE id = ?1";
    // Walks from one action to the next along their index; there are few among many lines.
    ACTIONS = "WITH RECURSIVE found (action) AS (
                   SELECT min(action) FROM audit
                   UNION ALL
                   SELECT (SELECT min(action) FROM audit WHERE action > found.action) FROM found WHERE found.action IS NOT NULL)
               SELECT action FROM found WHERE action IS NOT NULL LIMIT 200";
    HISTORY = "SELECT id, created_at, actor_label, action, before_change, after_change FROM audit
               WHERE object_kind = ?1 AND object_id = ?2 AND (created_at, id) < (?3, ?4)
               ORDER BY created_at DESC, id DESC LIMIT ?5";
    // Ids are made as time goes by, so that the oldest lines are the first.
    PRUNE = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE created_at < ?1 ORDER BY id LIMIT 1000)";
    OLDER = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM audit WHERE created_at < ?1 LIMIT ?2) o";
}

impl FromRow for Deed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            created_at: row.get(1)?,
            actor_label: row.get(2)?,
            action: row.get(3)?,
            before: row.get(4)?,
            after: row.get(5)?,
        })
    }
}

pub(super) fn history(
    conn: &mut Conn<'_>,
    (kind, id): (&str, &str),
    (time, place): (i64, &str),
    limit: i64,
) -> Result<Vec<Deed>> {
    conn.all(HISTORY, &[&kind, &id, &time, &place, &limit])
}

pub(super) fn prune(tx: &mut Tx<'_>, before: i64) -> Result<u64> {
    tx.exec(PRUNE, &[&before])
}

pub(super) fn older(conn: &mut Conn<'_>, before: i64, most: i64) -> Result<i64> {
    Ok(conn.one::<(i64,)>(OLDER, &[&before, &most])?.0)
}

impl FromRow for Line {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            created_at: row.get(1)?,
            actor_kind: row.get(2)?,
            actor_id: row.get(3)?,
            actor_label: row.get(4)?,
            action: row.get(5)?,
            object_kind: row.get(6)?,
            object_id: row.get(7)?,
            before: row.get(8)?,
            after: row.get(9)?,
            address: row.get(10)?,
        })
    }
}

pub(super) fn add(tx: &mut Tx<'_>, actor: &Actor, change: &Change<'_>, now_ms: i64) -> Result<()> {
    let text = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string);
    let (before, after) = (text(&change.before), text(&change.after));
    tx.exec(
        ADD,
        &[
            &id::new_id(),
            &now_ms,
            &actor.kind,
            &actor.id,
            &actor.label,
            &change.action,
            &change.object_kind,
            &change.object_id,
            &before,
            &after,
            &actor.address,
        ],
    )
    .map(drop)
}

pub(super) fn newest(conn: &mut Conn<'_>, at_most: i64) -> Result<Vec<Line>> {
    conn.all(LAST, &[&at_most])
}

pub(super) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Line> {
    conn.one(BY_ID, &[&id])
}

pub(super) fn actions(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    Ok(conn.all::<(String,)>(ACTIONS, &[])?.into_iter().map(|(action,)| action).collect())
}

/// Up to `limit` lines.
pub(super) fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> Result<Vec<Line>> {
    conn.all(
        wanted.order.choose(NEWEST, OLDEST),
        &[
            &wanted.after,
            &wanted.actor,
            &wanted.action,
            &wanted.object_kind,
            &wanted.object_id,
            &wanted.since,
            &wanted.until,
            &limit,
        ],
    )
}
