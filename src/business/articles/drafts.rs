//! What somebody has typed into the editor and not saved: kept every few seconds, for them alone, until they save it or
//! throw it away.

use serde::{Deserialize, Serialize};

use crate::platform::db::{self, Conn, FromRow, Result, Row, Tx};

/// Kept for one person at most; the oldest go.
const MOST: i64 = 50;
/// Kept this long.
const DAYS: i64 = 90;

crate::sql! {
    OF = "SELECT article_id, fields, based_on, updated_at FROM article_drafts WHERE user_id = ?1 AND article_id = ?2";
    // Of articles that have never been saved.
    NEW = "SELECT d.article_id, d.fields, d.based_on, d.updated_at FROM article_drafts d
           WHERE d.user_id = ?1 AND NOT EXISTS (SELECT 1 FROM articles a WHERE a.id = d.article_id)
           ORDER BY d.updated_at DESC, d.article_id DESC LIMIT 20";
    PUT = "INSERT INTO article_drafts (user_id, article_id, fields, based_on, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)
           ON CONFLICT (user_id, article_id) DO UPDATE SET fields = excluded.fields, based_on = excluded.based_on, updated_at = excluded.updated_at";
    DROP = "DELETE FROM article_drafts WHERE user_id = ?1 AND article_id = ?2";
    FORGET = "DELETE FROM article_drafts WHERE article_id = ?1";
    PRUNE = "DELETE FROM article_drafts WHERE updated_at < ?2
                 OR (user_id = ?1 AND article_id NOT IN (SELECT article_id FROM article_drafts WHERE user_id = ?1 ORDER BY updated_at DESC LIMIT ?3))";
}

/// The fields of the editor as they stand in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    pub title: String,
    pub slug: String,
    pub lang: String,
    pub excerpt: String,
    pub author: String,
    /// Apart by commas.
    pub tags: String,
    pub body: String,
    /// `2026-12-01T09:00` on the clocks of the site.
    pub date: String,
}

/// What is kept of one article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub article_id: String,
    pub fields: Fields,
    /// The `updated_at` of the article that it was begun on; 0 for a new one.
    pub based_on: i64,
    /// Epoch milliseconds.
    pub updated_at: i64,
}

impl FromRow for Draft {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let fields: String = row.get(1)?;
        Ok(Self {
            article_id: row.get(0)?,
            fields: serde_json::from_str(&fields)
                .map_err(|error| db::Error::Corrupt(format!("an unsaved article: {error}")))?,
            based_on: row.get(2)?,
            updated_at: row.get(3)?,
        })
    }
}

/// What `user_id` has typed into this article and not saved.
pub fn of(conn: &mut Conn<'_>, user_id: &str, article_id: &str) -> Result<Option<Draft>> {
    conn.opt(OF, &[&user_id, &article_id])
}

/// The articles that `user_id` has begun and never saved, the newest first.
pub fn begun(conn: &mut Conn<'_>, user_id: &str) -> Result<Vec<Draft>> {
    conn.all(NEW, &[&user_id])
}

/// Keeps what `user_id` has typed.
pub fn put(tx: &mut Tx<'_>, user_id: &str, draft: &Draft) -> Result<()> {
    let fields = serde_json::to_string(&draft.fields)
        .map_err(|error| db::Error::Engine(format!("an unsaved article: {error}")))?;
    let Draft { article_id, based_on, updated_at, .. } = draft;
    tx.exec(PUT, &[&user_id, article_id, &fields, based_on, updated_at])?;
    tx.exec(PRUNE, &[&user_id, &(updated_at - DAYS * 86_400_000), &MOST]).map(drop)
}

/// Throws away what `user_id` has typed into this article.
pub fn remove(tx: &mut Tx<'_>, user_id: &str, article_id: &str) -> Result<()> {
    tx.exec(DROP, &[&user_id, &article_id]).map(drop)
}

/// Throws away what anybody has typed into an article that is removed.
pub(super) fn forget(tx: &mut Tx<'_>, article_id: &str) -> Result<()> {
    tx.exec(FORGET, &[&article_id]).map(drop)
}
