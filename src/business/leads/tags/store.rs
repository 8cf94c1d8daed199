//! The tags and `lead_tags` tables.

use super::model::{Order, Place, Tag};
use crate::business::leads::Lead;
use crate::platform::db::{Conn, FromRow, Result, Row, Tx};

crate::sql! {
    // As it is written already, or as ?2. Its row is ours until the transaction ends.
    TAKE = "INSERT INTO tags (tag, name, leads, created_at) VALUES (?1, ?2, 0, ?3)
            ON CONFLICT (tag) DO UPDATE SET leads = tags.leads RETURNING name, leads";
    COUNT = "SELECT CAST(count(*) AS BIGINT) FROM tags";
    LEADS_WITH = "SELECT leads FROM tags WHERE tag = ?1";
    GIVE = "INSERT INTO lead_tags (number, tag, name_key, email, created_at, program_slug, lang) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (number, tag) DO NOTHING";
    TAKE_BACK = "DELETE FROM lead_tags WHERE number = ?1 AND tag = ?2";
    CHANGE_COUNT = "UPDATE tags SET leads = leads + ?2 WHERE tag = ?1";
    DROP_UNUSED = "DELETE FROM tags WHERE tag = ?1 AND leads <= 0";
    BY_NAME = "SELECT tag, name, leads FROM tags WHERE tag > ?1 ORDER BY tag LIMIT ?2";
    BY_NAME_DOWN = "SELECT tag, name, leads FROM tags WHERE tag < ?1 ORDER BY tag DESC LIMIT ?2";
    BY_LEADS = "SELECT tag, name, leads FROM tags WHERE (leads, tag) > (?1, ?2) ORDER BY leads, tag LIMIT ?3";
    BY_LEADS_DOWN = "SELECT tag, name, leads FROM tags WHERE (leads, tag) < (?1, ?2) ORDER BY leads DESC, tag DESC LIMIT ?3";
}

impl FromRow for Tag {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { tag: row.get(0)?, name: row.get(1)?, leads: row.get(2)? })
    }
}

/// The name of the tag, and how many have it; a new one is added.
pub(super) fn take(tx: &mut Tx<'_>, tag: &str, name: &str, now_ms: i64) -> Result<(String, i64)> {
    tx.one(TAKE, &[&tag, &name, &now_ms])
}

/// How many tags there are.
pub(super) fn count(conn: &mut Conn<'_>) -> Result<i64> {
    Ok(conn.one::<(i64,)>(COUNT, &[])?.0)
}

pub(super) fn leads_with(conn: &mut Conn<'_>, tag: &str) -> Result<i64> {
    Ok(conn.opt::<(i64,)>(LEADS_WITH, &[&tag])?.map_or(0, |(leads,)| leads))
}

/// The lead has the tag from now on, and is one more of those who do.
pub(super) fn give(tx: &mut Tx<'_>, lead: &Lead, tag: &str) -> Result<()> {
    let Lead { number, name_key, email, created_at, program, lang, .. } = lead;
    let given = tx
        .exec(GIVE, &[number, &tag, name_key, email, created_at, program, &lang.code()])?
        .min(1) as i64;
    tx.exec(CHANGE_COUNT, &[&tag, &given]).map(drop)
}

/// The lead does not have the tag any more. One that nobody has is gone.
pub(super) fn take_back(tx: &mut Tx<'_>, number: i64, tag: &str) -> Result<()> {
    let taken = tx.exec(TAKE_BACK, &[&number, &tag])?.min(1) as i64;
    tx.exec(CHANGE_COUNT, &[&tag, &-taken])?;
    tx.exec(DROP_UNUSED, &[&tag]).map(drop)
}

pub(super) fn list(
    conn: &mut Conn<'_>,
    order: Order,
    after: &Place,
    limit: i64,
) -> Result<Vec<Tag>> {
    let Place { leads, tag } = after;
    match order {
        Order::Name => conn.all(BY_NAME, &[tag, &limit]),
        Order::NameDown => conn.all(BY_NAME_DOWN, &[tag, &limit]),
        Order::Fewest => conn.all(BY_LEADS, &[leads, tag, &limit]),
        Order::Most => conn.all(BY_LEADS_DOWN, &[leads, tag, &limit]),
    }
}
