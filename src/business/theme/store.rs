//! The table of themes: the one that the site wears, drafts, and those of before.

use super::model::{Choices, Written};
use crate::platform::db::{self, Conn, FromRow, Result, Row, Tx};

crate::sql! {
    LIVE = "SELECT id, state, choices, hash, created_at, created_by FROM themes WHERE state = 'live'";
    BY_ID = "SELECT id, state, choices, hash, created_at, created_by FROM themes WHERE id = ?1";
    BY_HASH = "SELECT id, state, choices, hash, created_at, created_by FROM themes WHERE hash = ?1 ORDER BY id DESC LIMIT 1";
    PAST = "SELECT id, state, choices, hash, created_at, created_by FROM themes WHERE state = 'past' ORDER BY id DESC LIMIT ?1";
    ADD = "INSERT INTO themes (id, state, choices, hash, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    TAKE_OFF = "UPDATE themes SET state = 'past' WHERE state = 'live'";
    PRUNE = "DELETE FROM themes WHERE state = ?1 AND id NOT IN (SELECT id FROM themes WHERE state = ?1 ORDER BY id DESC LIMIT ?2)";
}

/// A theme and its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    pub id: String,
    /// `live`, `draft` or `past`.
    pub state: String,
    pub choices: Choices,
    /// Of the style sheet, as it stands in its address.
    pub hash: String,
    /// Epoch milliseconds.
    pub created_at: i64,
    pub created_by: String,
}

impl Theme {
    /// The address of its style sheet.
    #[must_use]
    pub fn href(&self) -> String {
        format!("/theme/{}.css", self.hash)
    }
}

impl FromRow for Theme {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let choices: String = row.get(2)?;
        let written: Written = serde_json::from_str(&choices)
            .map_err(|error| db::Error::Corrupt(format!("choices of a theme: {error}")))?;
        Ok(Self {
            id: row.get(0)?,
            state: row.get(1)?,
            choices: written.into(),
            hash: row.get(3)?,
            created_at: row.get(4)?,
            created_by: row.get(5)?,
        })
    }
}

/// The theme that the site wears; none for the built-in look.
pub fn live(conn: &mut Conn<'_>) -> Result<Option<Theme>> {
    conn.opt(LIVE, &[])
}

/// # Errors
/// `NotFound`.
pub fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Theme> {
    conn.one(BY_ID, &[&id])
}

/// A theme, of whatever state, whose style sheet has this hash.
///
/// # Errors
/// `NotFound`.
pub fn by_hash(conn: &mut Conn<'_>, hash: &str) -> Result<Theme> {
    conn.one(BY_HASH, &[&hash])
}

/// What the site wore before, the newest first.
pub fn past(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<Theme>> {
    conn.all(PAST, &[&limit])
}

pub(super) fn add(tx: &mut Tx<'_>, theme: &Theme) -> Result<()> {
    let choices = serde_json::to_string(&Written::from(&theme.choices))
        .map_err(|error| db::Error::Engine(format!("choices of a theme: {error}")))?;
    let Theme { id, state, hash, created_at, created_by, .. } = theme;
    tx.exec(ADD, &[id, state, &choices, hash, created_at, created_by]).map(drop)
}

/// The site wears the built-in look.
pub(super) fn take_off(tx: &mut Tx<'_>) -> Result<()> {
    tx.exec(TAKE_OFF, &[]).map(drop)
}

/// Keeps the newest themes of a state.
pub(super) fn prune(tx: &mut Tx<'_>, state: &str, keep: i64) -> Result<()> {
    tx.exec(PRUNE, &[&state, &keep]).map(drop)
}
