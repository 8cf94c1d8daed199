//! The tables of imports, and how a lead is written that somebody brings in.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::model::{Outcome, Person};
use super::reading::Line;
use super::{Import, State};
use crate::business::leads::model::Filing;
use crate::platform::db::{Conn, Error, FromRow, Result, Row, Tx};
use crate::platform::id;
use crate::platform::lang::Lang;
use crate::platform::word::Word as _;

crate::sql! {
    ADD = "INSERT INTO imports (id, file_name, state, sheet, total, parts, actor, created_at, updated_at)
           VALUES (?1, ?2, 'mapping', ?3, ?4, ?5, ?6, ?7, ?7)";
    ADD_PART = "INSERT INTO import_parts (import_id, part, lines) VALUES (?1, ?2, ?3)";
    BY_ID = "SELECT id, file_name, state, sheet, mapping, total, done, parts, done_parts, checked, ran, error, actor, created_at, updated_at, finished_at
             FROM imports WHERE id = ?1";
    NEWEST = "SELECT id, file_name, state, sheet, mapping, total, done, parts, done_parts, checked, ran, error, actor, created_at, updated_at, finished_at
              FROM imports ORDER BY id DESC LIMIT ?1";
    OPEN = "SELECT id FROM imports WHERE state IN ('mapping', 'checking', 'checked', 'running', 'undoing') ORDER BY id DESC LIMIT 1";
    PART = "SELECT lines FROM import_parts WHERE import_id = ?1 AND part = ?2";
    ALL_PARTS = "SELECT import_id, part, lines FROM import_parts";
    SET_PART = "UPDATE import_parts SET lines = ?3 WHERE import_id = ?1 AND part = ?2";
    DROP_PARTS = "DELETE FROM import_parts WHERE import_id = ?1";
    MAP = "UPDATE imports SET mapping = ?2, state = 'checking', done = 0, done_parts = 0, checked = NULL, updated_at = ?3
           WHERE id = ?1 AND state IN ('mapping', 'checked')";
    MOVE = "UPDATE imports SET state = ?3, updated_at = ?4 WHERE id = ?1 AND state = ?2";
    BEGIN = "UPDATE imports SET state = 'running', done = 0, done_parts = 0, actor = ?2, updated_at = ?3 WHERE id = ?1 AND state = 'checked'";
    SEEN = "UPDATE imports SET done = ?2 WHERE id = ?1 AND state = 'checking'";
    CHECKED = "UPDATE imports SET state = 'checked', done = total, checked = ?2, updated_at = ?3 WHERE id = ?1 AND state = 'checking'";
    // Whoever has done the part before changes nothing, and does not do it again.
    STEP = "UPDATE imports SET done_parts = done_parts + 1, done = done + ?3, updated_at = ?4
            WHERE id = ?1 AND done_parts = ?2 AND state = 'running'";
    RAN = "UPDATE imports SET ran = ?2 WHERE id = ?1";
    END = "UPDATE imports SET state = ?2, error = ?3, updated_at = ?4, finished_at = ?4 WHERE id = ?1";
    ADD_LEAD = "INSERT INTO leads (id, email, name, program_slug, lang, created_at, updated_at, name_key, words, filed_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?7) ON CONFLICT (email) DO NOTHING";
    REMEMBER = "INSERT INTO import_leads (import_id, lead_id, stored_at) VALUES (?1, ?2, ?3) ON CONFLICT (import_id, lead_id) DO NOTHING";
    REMEMBERED = "SELECT lead_id, stored_at FROM import_leads WHERE import_id = ?1 ORDER BY lead_id LIMIT ?2";
    FORGET = "DELETE FROM import_leads WHERE import_id = ?1 AND lead_id = ?2";
    // Not what the import itself has left.
    TOUCHED = "SELECT l.number FROM leads l WHERE l.id = ?1 AND (l.updated_at <> ?2
                   OR EXISTS (SELECT 1 FROM consents c WHERE c.lead_id = l.id AND c.purpose <> 'import')
                   OR EXISTS (SELECT 1 FROM lead_notes n WHERE n.lead_id = l.id)
                   OR EXISTS (SELECT 1 FROM mails m WHERE m.recipient = l.email)
                   OR EXISTS (SELECT 1 FROM messages m WHERE m.email = l.email))";
    ABANDONED = "SELECT id FROM imports WHERE state IN ('mapping', 'checked') AND updated_at < ?1 LIMIT 100";
    FORGET_OLD = "DELETE FROM import_leads WHERE import_id IN (SELECT id FROM imports WHERE finished_at < ?1 AND state <> 'undoing')";
    PRUNE = "DELETE FROM imports WHERE finished_at < ?1";
}

fn read<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Error::Corrupt(format!("{what} of an import: {error}")))
}

fn written<T: Serialize>(what: &T) -> Result<String> {
    serde_json::to_string(what).map_err(|error| Error::Engine(format!("an import: {error}")))
}

impl FromRow for Import {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let opt = |at: usize| -> Result<Option<String>> { row.get(at) };
        let state: String = row.get(2)?;
        Ok(Self {
            id: row.get(0)?,
            file_name: row.get(1)?,
            state: State::of_word(&state)
                .ok_or_else(|| Error::Corrupt(format!("an import is {state}")))?,
            sheet: read("sheet", &row.get::<String>(3)?)?,
            mapping: opt(4)?.map(|text| read("mapping", &text)).transpose()?,
            total: row.get(5)?,
            done: row.get(6)?,
            parts: row.get(7)?,
            done_parts: row.get(8)?,
            checked: opt(9)?.map(|text| read("check", &text)).transpose()?,
            ran: opt(10)?.map(|text| read("run", &text)).transpose()?,
            error: row.get(11)?,
            actor: row.get(12)?,
            created_at: row.get(13)?,
            updated_at: row.get(14)?,
            finished_at: row.get(15)?,
        })
    }
}

pub(super) fn add(tx: &mut Tx<'_>, import: &Import) -> Result<()> {
    let Import { id, file_name, sheet, total, parts, actor, created_at, .. } = import;
    tx.exec(ADD, &[id, file_name, &written(sheet)?, total, parts, actor, created_at]).map(drop)
}

pub(super) fn add_part(tx: &mut Tx<'_>, import: &str, part: i64, lines: &str) -> Result<()> {
    tx.exec(ADD_PART, &[&import, &part, &lines]).map(drop)
}

pub(super) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Import> {
    conn.one(BY_ID, &[&id])
}

pub(super) fn newest(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<Import>> {
    conn.all(NEWEST, &[&limit])
}

/// The one that is not at its end.
pub(super) fn open(conn: &mut Conn<'_>) -> Result<Option<String>> {
    Ok(conn.opt::<(String,)>(OPEN, &[])?.map(|(id,)| id))
}

pub(super) fn part(conn: &mut Conn<'_>, import: &str, part: i64) -> Result<Vec<Line>> {
    let (lines,): (String,) = conn.one(PART, &[&import, &part])?;
    read("part", &lines)
}

/// Takes the lines that `is_theirs` names out of every file that waits here; returns how many.
pub(super) fn drop_lines(tx: &mut Tx<'_>, is_theirs: impl Fn(&str) -> bool) -> Result<i64> {
    let (mut changed, mut dropped) = (Vec::new(), 0);
    tx.each::<(String, i64, String)>(ALL_PARTS, &[], |(import, part, lines)| {
        let mut lines: Vec<Line> = read("part", &lines)?;
        let before = lines.len();
        lines.retain(|(_, fields)| !fields.iter().any(|field| is_theirs(field)));
        if lines.len() < before {
            dropped += (before - lines.len()) as i64;
            changed.push((import, part, lines));
        }
        Ok(())
    })?;
    for (import, part, lines) in changed {
        tx.exec(SET_PART, &[&import, &part, &written(&lines)?])?;
    }
    Ok(dropped)
}

pub(super) fn drop_parts(tx: &mut Tx<'_>, import: &str) -> Result<()> {
    tx.exec(DROP_PARTS, &[&import]).map(drop)
}

/// Whether it was in a state to be mapped.
pub(super) fn map(tx: &mut Tx<'_>, id: &str, mapping: &super::Mapping, now: i64) -> Result<bool> {
    Ok(tx.exec(MAP, &[&id, &written(mapping)?, &now])? == 1)
}

/// Whether it was in the state `from`.
pub(super) fn shift(tx: &mut Tx<'_>, id: &str, from: State, to: State, now: i64) -> Result<bool> {
    Ok(tx.exec(MOVE, &[&id, &from.word(), &to.word(), &now])? == 1)
}

pub(super) fn begin(tx: &mut Tx<'_>, id: &str, actor: &str, now: i64) -> Result<bool> {
    Ok(tx.exec(BEGIN, &[&id, &actor, &now])? == 1)
}

/// Whether it is still being checked.
pub(super) fn seen(tx: &mut Tx<'_>, id: &str, done: i64) -> Result<bool> {
    Ok(tx.exec(SEEN, &[&id, &done])? == 1)
}

pub(super) fn checked(tx: &mut Tx<'_>, id: &str, found: &Outcome, now: i64) -> Result<()> {
    tx.exec(CHECKED, &[&id, &written(found)?, &now]).map(drop)
}

/// Whether this part is to be done now.
pub(super) fn step(tx: &mut Tx<'_>, id: &str, part: i64, lines: i64, now: i64) -> Result<bool> {
    Ok(tx.exec(STEP, &[&id, &part, &lines, &now])? == 1)
}

pub(super) fn ran(tx: &mut Tx<'_>, id: &str, outcome: &Outcome) -> Result<()> {
    tx.exec(RAN, &[&id, &written(outcome)?]).map(drop)
}

pub(super) fn end(
    tx: &mut Tx<'_>,
    id: &str,
    state: State,
    error: Option<&str>,
    now: i64,
) -> Result<()> {
    tx.exec(END, &[&id, &state.word(), &error, &now])?;
    drop_parts(tx, id)
}

/// Writes a lead that nobody knew; `None` when somebody does by now.
pub(super) fn add_lead(
    tx: &mut Tx<'_>,
    person: &Person,
    lang: Lang,
    filing: &Filing,
    now: i64,
) -> Result<Option<String>> {
    let Person { email, name, program, created_at, .. } = person;
    let (id, created_at) = (id::new_id(), created_at.unwrap_or(now));
    let added = tx.exec(
        ADD_LEAD,
        &[
            &id,
            email,
            name,
            program,
            &lang.code(),
            &created_at,
            &now,
            &filing.name_key,
            &filing.text,
        ],
    )?;
    Ok((added == 1).then_some(id))
}

pub(super) fn remember(tx: &mut Tx<'_>, import: &str, lead: &str, now: i64) -> Result<()> {
    tx.exec(REMEMBER, &[&import, &lead, &now]).map(drop)
}

/// Ids of leads that are here because of it, with their `updated_at` then.
pub(super) fn remembered(
    conn: &mut Conn<'_>,
    import: &str,
    limit: i64,
) -> Result<Vec<(String, i64)>> {
    conn.all(REMEMBERED, &[&import, &limit])
}

pub(super) fn forget(tx: &mut Tx<'_>, import: &str, lead: &str) -> Result<()> {
    tx.exec(FORGET, &[&import, &lead]).map(drop)
}

/// Whether anything has happened with the lead since.
pub(super) fn is_touched(conn: &mut Conn<'_>, lead: &str, stored_at: i64) -> Result<bool> {
    Ok(conn.opt::<(i64,)>(TOUCHED, &[&lead, &stored_at])?.is_some())
}

/// Those that nobody has gone on with since.
pub(super) fn abandoned(conn: &mut Conn<'_>, before: i64) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = conn.all(ABANDONED, &[&before])?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) fn forget_old(tx: &mut Tx<'_>, before: i64) -> Result<()> {
    tx.exec(FORGET_OLD, &[&before]).map(drop)
}

pub(super) fn prune(tx: &mut Tx<'_>, before: i64) -> Result<()> {
    tx.exec(PRUNE, &[&before]).map(drop)
}
