//! The segments table.

use super::Segment;
use crate::platform::db::{Conn, FromRow, Result, Row, Tx};

crate::sql! {
    ALL = "SELECT id, name, query, created_at, updated_at FROM segments ORDER BY name_key LIMIT 200";
    BY_ID = "SELECT id, name, query, created_at, updated_at FROM segments WHERE id = ?1";
    COUNT = "SELECT CAST(count(*) AS BIGINT) FROM segments";
    ADD = "INSERT INTO segments (id, name_key, name, query, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
           ON CONFLICT (name_key) DO NOTHING";
    TAKEN = "SELECT id FROM segments WHERE name_key = ?1";
    SET = "UPDATE segments SET name_key = ?2, name = ?3, query = ?4, updated_at = ?5 WHERE id = ?1";
    REMOVE = "DELETE FROM segments WHERE id = ?1";
}

impl FromRow for Segment {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            query: row.get(2)?,
            created_at: row.get(3)?,
            updated_at: row.get(4)?,
        })
    }
}

pub(super) fn all(conn: &mut Conn<'_>) -> Result<Vec<Segment>> {
    conn.all(ALL, &[])
}

pub(super) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Segment> {
    conn.one(BY_ID, &[&id])
}

pub(super) fn count(conn: &mut Conn<'_>) -> Result<i64> {
    Ok(conn.one::<(i64,)>(COUNT, &[])?.0)
}

/// Whether its name was free.
pub(super) fn add(tx: &mut Tx<'_>, segment: &Segment, key: &str) -> Result<bool> {
    let Segment { id, name, query, created_at, .. } = segment;
    Ok(tx.exec(ADD, &[id, &key, name, query, created_at])? == 1)
}

/// Whose name it is.
pub(super) fn taken(conn: &mut Conn<'_>, key: &str) -> Result<Option<String>> {
    Ok(conn.opt::<(String,)>(TAKEN, &[&key])?.map(|(id,)| id))
}

pub(super) fn set(tx: &mut Tx<'_>, segment: &Segment, key: &str) -> Result<()> {
    let Segment { id, name, query, updated_at, .. } = segment;
    tx.exec(SET, &[id, &key, name, query, updated_at]).map(drop)
}

pub(super) fn remove(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.exec(REMOVE, &[&id]).map(drop)
}
