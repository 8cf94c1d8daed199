//! The redirects table.

use super::model::{Edit, Redirect, Wanted};
use crate::platform::db::{Conn, FromRow, Result, Row, Tx};
use crate::platform::{clock, id};

crate::sql! {
    ALL = "SELECT from_path, to_path FROM redirects ORDER BY from_path LIMIT 10000";
    PUT = "INSERT INTO redirects (id, from_path, to_path, created_at) VALUES (?1, ?2, ?3, ?4)
           ON CONFLICT (from_path) DO UPDATE SET to_path = excluded.to_path";
    FOLLOW = "UPDATE redirects SET to_path = ?2 WHERE to_path = ?1";
    FORGET = "DELETE FROM redirects WHERE from_path = ?1";
    COUNT = "SELECT CAST(count(*) AS BIGINT) FROM redirects";
    NEWEST = "SELECT id, from_path, to_path, created_at FROM redirects
              WHERE id < ?1 AND (?2 = '' OR from_path = ?2) AND (?3 = '' OR to_path = ?3)
                  AND (?5 = '' OR lower(from_path) LIKE ?5 ESCAPE '!' OR lower(to_path) LIKE ?5 ESCAPE '!') ORDER BY id DESC LIMIT ?4";
    OLDEST = "SELECT id, from_path, to_path, created_at FROM redirects
              WHERE id > ?1 AND (?2 = '' OR from_path = ?2) AND (?3 = '' OR to_path = ?3)
                  AND (?5 = '' OR lower(from_path) LIKE ?5 ESCAPE '!' OR lower(to_path) LIKE ?5 ESCAPE '!') ORDER BY id LIMIT ?4";
    BY_ID = "SELECT id, from_path, to_path, created_at FROM redirects WHERE id = ?1";
    TARGET = "SELECT to_path FROM redirects WHERE from_path = ?1";
    LEADING_TO = "SELECT from_path FROM redirects WHERE to_path = ?1 ORDER BY created_at DESC, from_path LIMIT 20";
    ADD = "INSERT INTO redirects (id, from_path, to_path, created_at) VALUES (?1, ?2, ?3, ?4)";
    SET = "UPDATE redirects SET from_path = ?2, to_path = ?3 WHERE id = ?1";
    REMOVE = "DELETE FROM redirects WHERE id = ?1";
    IGNORED = "SELECT path FROM ignored_paths ORDER BY ignored_at DESC LIMIT 5000";
    IGNORE = "INSERT INTO ignored_paths (path, ignored_at) VALUES (?1, ?2) ON CONFLICT (path) DO NOTHING";
    HEED = "DELETE FROM ignored_paths WHERE path = ?1";
    // The oldest go when there are too many.
    PRUNE_IGNORED = "DELETE FROM ignored_paths WHERE path NOT IN (SELECT path FROM ignored_paths ORDER BY ignored_at DESC LIMIT 5000)";
}

impl FromRow for Redirect {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { id: row.get(0)?, from: row.get(1)?, to: row.get(2)?, created_at: row.get(3)? })
    }
}

/// Every redirect: from, to.
pub(super) fn all(conn: &mut Conn<'_>) -> Result<Vec<(String, String)>> {
    conn.all(ALL, &[])
}

/// The addresses that lead elsewhere.
pub fn moved_from(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    Ok(all(conn)?.into_iter().map(|(from, _)| from).collect())
}

/// A page has moved: its old address leads to the new one, and so does what led to the old.
pub fn moved(tx: &mut Tx<'_>, old: &str, new: &str) -> Result<()> {
    tx.exec(FORGET, &[&new])?;
    tx.exec(FOLLOW, &[&old, &new])?;
    put(tx, old, new)
}

/// From now on `from` leads to `to`; both are paths with the language in front.
pub fn put(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<()> {
    tx.exec(PUT, &[&id::new_id(), &from, &to, &clock::now_ms()])?;
    tx.touch_content()
}

pub(super) fn count(conn: &mut Conn<'_>) -> Result<i64> {
    Ok(conn.one::<(i64,)>(COUNT, &[])?.0)
}

pub(super) fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> Result<Vec<Redirect>> {
    let sql = wanted.order.choose(NEWEST, OLDEST);
    let plain = wanted.words.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let like = if plain.is_empty() { plain } else { format!("%{}%", plain.to_lowercase()) };
    conn.all(sql, &[&wanted.after, &wanted.from, &wanted.to, &limit, &like])
}

pub(super) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Redirect> {
    conn.one(BY_ID, &[&id])
}

/// Where `from` leads.
pub(super) fn target(conn: &mut Conn<'_>, from: &str) -> Result<Option<String>> {
    Ok(conn.opt::<(String,)>(TARGET, &[&from])?.map(|(to,)| to))
}

/// Addresses that lead to `path`, the newest first.
pub fn leading_to(conn: &mut Conn<'_>, path: &str) -> Result<Vec<String>> {
    let found: Vec<(String,)> = conn.all(LEADING_TO, &[&path])?;
    Ok(found.into_iter().map(|(from,)| from).collect())
}

pub(super) fn add(tx: &mut Tx<'_>, redirect: &Redirect) -> Result<()> {
    let Redirect { id, from, to, created_at } = redirect;
    tx.exec(ADD, &[id, from, to, created_at]).map(drop)
}

pub(super) fn set(tx: &mut Tx<'_>, id: &str, edit: &Edit) -> Result<()> {
    tx.exec(SET, &[&id, &edit.from, &edit.to]).map(drop)
}

pub(super) fn remove(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.exec(REMOVE, &[&id]).map(drop)
}

/// The addresses that lead nowhere and may stay so.
pub fn ignored(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    let paths: Vec<(String,)> = conn.all(IGNORED, &[])?;
    Ok(paths.into_iter().map(|(path,)| path).collect())
}

pub(super) fn ignore(tx: &mut Tx<'_>, path: &str, now_ms: i64) -> Result<()> {
    tx.exec(IGNORE, &[&path, &now_ms])?;
    tx.exec(PRUNE_IGNORED, &[]).map(drop)
}

pub(super) fn heed(tx: &mut Tx<'_>, path: &str) -> Result<()> {
    tx.exec(HEED, &[&path]).map(drop)
}
