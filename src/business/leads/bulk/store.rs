//! The `bulk_actions` table.

use super::{Bulk, Deed, Whom};
use crate::business::leads::filter::Filter;
use crate::platform::db::{Conn, Error, FromRow, Result, Row, Tx};
use crate::platform::word::Word as _;

crate::sql! {
    ADD = "INSERT INTO bulk_actions (id, kind, tag, query, ids, state, total, more, actor, created_at, updated_at)
           VALUES (?1, ?2, ?3, ?4, ?5, 'running', ?6, ?7, ?8, ?9, ?9)";
    BY_ID = "SELECT id, kind, tag, query, ids, state, position, done, changed, failed, total, more, actor, created_at, updated_at FROM bulk_actions WHERE id = ?1";
    RUNNING = "SELECT id FROM bulk_actions WHERE state = 'running' ORDER BY id DESC LIMIT 1";
    // Whoever has gone further changes nothing.
    STEP = "UPDATE bulk_actions SET position = ?3, done = done + ?4, changed = changed + ?5, failed = failed + ?6, updated_at = ?7
            WHERE id = ?1 AND state = 'running' AND coalesce(position, '') = ?2";
    END = "UPDATE bulk_actions SET state = ?2, query = NULL, ids = NULL, position = NULL, updated_at = ?3 WHERE id = ?1 AND state = 'running'";
    PRUNE = "DELETE FROM bulk_actions WHERE updated_at < ?1 AND state <> 'running'";
}

impl FromRow for Bulk {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let corrupt = |what: &str| Error::Corrupt(format!("work on many leads: {what}"));
        let (kind, tag): (String, String) = (row.get(1)?, row.get(2)?);
        let (query, ids): (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
        let whom = match (query, ids) {
            (Some(query), _) => {
                Whom::All(Filter::parse(&query).map_err(|_| corrupt("its filter"))?)
            }
            (None, Some(ids)) => {
                Whom::Ids(serde_json::from_str(&ids).map_err(|_| corrupt("its ids"))?)
            }
            (None, None) => Whom::Ids(Vec::new()),
        };
        Ok(Self {
            id: row.get(0)?,
            deed: Deed::of_word(&kind).ok_or_else(|| corrupt(&kind))?,
            tag,
            whom,
            state: row.get(5)?,
            position: row.get::<Option<String>>(6)?.unwrap_or_default(),
            done: row.get(7)?,
            changed: row.get(8)?,
            failed: row.get(9)?,
            total: row.get(10)?,
            more: row.get(11)?,
            actor: row.get(12)?,
            created_at: row.get(13)?,
            updated_at: row.get(14)?,
        })
    }
}

pub(super) fn add(tx: &mut Tx<'_>, bulk: &Bulk) -> Result<()> {
    let Bulk { id, deed, tag, whom, total, more, actor, created_at, .. } = bulk;
    let (query, ids) = match whom {
        Whom::All(filter) => (Some(filter.query()), None),
        Whom::Ids(ids) => (None, serde_json::to_string(ids).ok()),
    };
    tx.exec(ADD, &[id, &deed.word(), tag, &query, &ids, total, more, actor, created_at]).map(drop)
}

pub(super) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Bulk> {
    conn.one(BY_ID, &[&id])
}

pub(super) fn running(conn: &mut Conn<'_>) -> Result<Option<String>> {
    Ok(conn.opt::<(String,)>(RUNNING, &[])?.map(|(id,)| id))
}

/// How some of them went: how many were looked at, changed, could not be.
pub(super) type Went = (i64, i64, i64);

/// Whether this step is to be done now.
pub(super) fn step(
    tx: &mut Tx<'_>,
    id: &str,
    from: &str,
    to: &str,
    (done, changed, failed): Went,
    now: i64,
) -> Result<bool> {
    Ok(tx.exec(STEP, &[&id, &from, &to, &done, &changed, &failed, &now])? == 1)
}

pub(super) fn end(tx: &mut Tx<'_>, id: &str, state: &str, now: i64) -> Result<bool> {
    Ok(tx.exec(END, &[&id, &state, &now])? == 1)
}

pub(super) fn prune(tx: &mut Tx<'_>, before: i64) -> Result<()> {
    tx.exec(PRUNE, &[&before]).map(drop)
}
