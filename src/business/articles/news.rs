//! What other programs are told of articles, and when: what is public is announced once, whoever makes it so.
//!
//! A row that has been announced says so in `announced_at`. Of several transactions that want to announce it the one
//! whose UPDATE finds it unannounced does.

use serde_json::Value;

use super::edit;
use super::model::Summary;
use super::view::Item;
use crate::business::webhooks::{self, Event};
use crate::platform::db::{self, Conn, Db, Result, Tx};

/// Articles announced in one transaction at most.
const AT_ONCE: i64 = 100;

crate::sql! {
    SLUG_OF = "SELECT slug FROM articles WHERE id = ?1";
    DUE = "SELECT id, edited_at FROM articles WHERE announced_at IS NULL AND published_at <= ?1 ORDER BY published_at LIMIT ?2";
    ANNOUNCE = "UPDATE articles SET announced_at = ?2 WHERE id = ?1 AND announced_at IS NULL AND published_at <= ?2";
    TAKE_BACK = "UPDATE articles SET announced_at = NULL WHERE id = ?1 AND announced_at IS NOT NULL";
}

/// The article as it is now, without its text; `None` when it has been removed.
pub fn news(conn: &mut Conn<'_>, id: &str) -> Result<Option<Value>> {
    let Some((slug,)) = conn.opt::<(String,)>(SLUG_OF, &[&id])? else { return Ok(None) };
    let item = Item::from(edit::by_slug(conn, &slug)?.article.summary);
    let told = serde_json::to_value(item)
        .map_err(|error| db::Error::Engine(format!("an article as JSON: {error}")))?;
    Ok(Some(told))
}

/// Tells of an article that was written or changed, as far as the public sees it.
pub(super) fn changed(tx: &mut Tx<'_>, article: &Summary, now_ms: i64) -> Result<()> {
    let id = &article.id;
    if article.published_at.is_some_and(|at| at <= now_ms) {
        let is_new = tx.exec(ANNOUNCE, &[id, &now_ms])? == 1;
        let event = if is_new { Event::ArticlePublished } else { Event::ArticleUpdated };
        return webhooks::emit(tx, event, id);
    }
    removed(tx, id)
}

/// Tells that an article is public no more, if it ever was. To be called while it is still there.
pub(super) fn removed(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    if tx.exec(TAKE_BACK, &[&id])? == 1 {
        webhooks::emit(tx, Event::ArticleRemoved, id)?;
    }
    Ok(())
}

/// Tells of articles whose time has come by `now_ms`, each once among all processes. What came with the program or from
/// a folder, and nobody has edited, is no news.
pub fn announce_due(db: &Db, now_ms: i64) -> Result<()> {
    loop {
        // An idle site writes nothing.
        let due: Vec<(String, Option<i64>)> =
            db.read_blocking(|conn| conn.all(DUE, &[&now_ms, &AT_ONCE]))?;
        if due.is_empty() {
            return Ok(());
        }
        db.write_blocking(move |tx| -> Result<()> {
            for (id, edited_at) in due {
                if tx.exec(ANNOUNCE, &[&id, &now_ms])? == 1 && edited_at.is_some() {
                    webhooks::emit(tx, Event::ArticlePublished, &id)?;
                }
            }
            Ok(())
        })?;
    }
}
