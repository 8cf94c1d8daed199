//! The table of what can be found, and the search.

use super::model::{Doc, Kind, Query, fold};
use crate::platform::db::{self, Conn, FromRow, Result, Row, Tx};
use crate::platform::lang::Lang;

crate::sql! {
    // Seeding puts everything at each start: what is the same already must not touch the index.
    PUT = "INSERT INTO search_docs (kind, slug, lang, title, summary, body, folded_title, folded_body, published_at)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
           ON CONFLICT (kind, slug, lang) DO UPDATE SET title = excluded.title, summary = excluded.summary, body = excluded.body,
               folded_title = excluded.folded_title, folded_body = excluded.folded_body, published_at = excluded.published_at
           WHERE search_docs.published_at <> excluded.published_at OR search_docs.title <> excluded.title
               OR search_docs.summary <> excluded.summary OR search_docs.body <> excluded.body
               OR search_docs.folded_title <> excluded.folded_title OR search_docs.folded_body <> excluded.folded_body";
    REMOVE = "DELETE FROM search_docs WHERE kind = ?1 AND slug = ?2";
    COUNT = "SELECT CAST(count(*) AS BIGINT) FROM search_docs WHERE kind = ?1";
    // Ranking all of 10,000 matches takes 50 ms and more, so only the 500 that came in last are
    // ranked; beside them, on SQLite, the last 500 with all words in the title, which must not be
    // lost. PostgreSQL would have to unpack every text for that. The long `body` is read for the
    // rows of one page only.
    FIND = {
        sqlite: "SELECT d.kind, d.slug, d.title, d.summary, d.body
            FROM (
                SELECT id, min(score) AS score, published_at
                FROM (
                    SELECT id, score, published_at FROM (
                        SELECT i.rowid AS id, bm25(search_index, 8.0, 1.0) AS score, d.published_at AS published_at
                        FROM search_index i CROSS JOIN search_docs d INDEXED BY search_docs_of_lang ON d.id = i.rowid
                        WHERE i.search_index MATCH 'folded_title : (' || ?1 || ')' AND d.lang = ?2 AND d.published_at <= ?3
                        ORDER BY i.rowid DESC LIMIT 500
                    )
                    UNION ALL
                    SELECT id, score, published_at FROM (
                        SELECT i.rowid AS id, bm25(search_index, 8.0, 1.0) AS score, d.published_at AS published_at
                        FROM search_index i CROSS JOIN search_docs d INDEXED BY search_docs_of_lang ON d.id = i.rowid
                        WHERE i.search_index MATCH ?1 AND d.lang = ?2 AND d.published_at <= ?3
                        ORDER BY i.rowid DESC LIMIT 500
                    )
                )
                GROUP BY id, published_at ORDER BY score, published_at DESC, id LIMIT ?4 OFFSET ?5
            ) f CROSS JOIN search_docs d ON d.id = f.id
            ORDER BY f.score, f.published_at DESC, f.id",
        postgres: "SELECT d.kind, d.slug, d.title, d.summary, d.body
            FROM (
                SELECT id, published_at, ts_rank('{0.125, 0.125, 0.125, 1}', words,
                    to_tsquery('simple', replace(replace(?1, ' ', ' & '), '*', ':*'))) AS score
                FROM (
                    SELECT id, published_at, words FROM search_docs
                    WHERE words @@ to_tsquery('simple', replace(replace(?1, ' ', ' & '), '*', ':*'))
                        AND lang = ?2 AND published_at <= ?3
                    ORDER BY id DESC LIMIT 500
                ) newest
                ORDER BY score DESC, published_at DESC, id LIMIT ?4 OFFSET ?5
            ) f JOIN search_docs d ON d.id = f.id
            ORDER BY f.score DESC, f.published_at DESC, f.id"
    };
}

/// A text that was found.
#[derive(Debug, Clone)]
pub struct Found {
    pub kind: Kind,
    pub slug: String,
    pub title: String,
    pub summary: String,
    pub body: String,
}

impl FromRow for Found {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let kind: String = row.get(0)?;
        Ok(Self {
            kind: Kind::from_code(&kind)
                .ok_or_else(|| db::Error::Corrupt(format!("kind of a search text: {kind}")))?,
            slug: row.get(1)?,
            title: row.get(2)?,
            summary: row.get(3)?,
            body: row.get(4)?,
        })
    }
}

/// Makes `doc` findable, in place of what stood under its kind, slug and language.
pub fn put(tx: &mut Tx<'_>, doc: &Doc) -> Result<()> {
    let folded_title = fold(&doc.title);
    // Words of the summary are found as well: a program has hardly more.
    let folded_body = fold(&format!("{} {}", doc.summary, doc.body));
    tx.exec(
        PUT,
        &[
            &doc.kind.code(),
            &doc.slug,
            &doc.lang.code(),
            &doc.title,
            &doc.summary,
            &doc.body,
            &folded_title,
            &folded_body,
            &doc.published_at,
        ],
    )?;
    Ok(())
}

/// How many texts of a kind there are, in all languages.
pub fn count(conn: &mut Conn<'_>, kind: Kind) -> Result<i64> {
    Ok(conn.one::<(i64,)>(COUNT, &[&kind.code()])?.0)
}

/// Takes a text out, in every language.
pub fn remove(tx: &mut Tx<'_>, kind: Kind, slug: &str) -> Result<()> {
    tx.exec(REMOVE, &[&kind.code(), &slug])?;
    Ok(())
}

/// What contains all words of `query`, in `lang` and published by `now_ms`, the best first.
pub fn find(
    conn: &mut Conn<'_>,
    lang: Lang,
    query: &Query,
    now_ms: i64,
    offset: i64,
    limit: i64,
) -> Result<Vec<Found>> {
    // Neither engine takes a search for nothing.
    if query.is_empty() {
        return Ok(Vec::new());
    }
    conn.all(FIND, &[&query.terms(), &lang.code(), &now_ms, &limit, &offset])
}
