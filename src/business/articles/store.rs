//! The articles table.

use super::model::{Article, SeedArticle, Summary, epoch_ms_of_date, html_of, reading_minutes};
use crate::business::content::{Content, SeedError};
use crate::business::programs::is_slug;
use crate::platform::db::{self, Conn, Db, FromRow, Result, Row, Tx};
use crate::platform::{clock, id};

crate::sql! {
    // Keyset paging, newest first: after (?1, ?2), which for the first page is beyond everything.
    PAGE = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at
            FROM articles WHERE published_at <= ?1 AND (published_at, id) < (?2, ?3)
            ORDER BY published_at DESC, id DESC LIMIT ?4";
    BY_SLUG = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, body_html
               FROM articles WHERE slug = ?1 AND published_at <= ?2";
    DUE_BETWEEN = "SELECT CAST(count(*) AS BIGINT) FROM articles WHERE published_at > ?1 AND published_at <= ?2";
    SEED = "INSERT INTO articles (id, slug, lang, title, excerpt, author, body_markdown, body_html, tags, reading_minutes, published_at, created_at, updated_at, seeded_from)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13)
            ON CONFLICT (slug) DO UPDATE SET lang = excluded.lang, title = excluded.title, excerpt = excluded.excerpt, author = excluded.author,
                body_markdown = excluded.body_markdown, body_html = excluded.body_html, tags = excluded.tags,
                reading_minutes = excluded.reading_minutes, published_at = excluded.published_at,
                updated_at = excluded.updated_at, seeded_from = excluded.seeded_from
            WHERE articles.edited_at IS NULL AND (articles.seeded_from = excluded.seeded_from OR excluded.seeded_from = 'folder')
                AND (articles.seeded_from <> excluded.seeded_from OR articles.lang <> excluded.lang OR articles.title <> excluded.title
                OR articles.excerpt <> excluded.excerpt OR articles.author <> excluded.author OR articles.body_html <> excluded.body_html
                OR articles.body_markdown <> excluded.body_markdown OR articles.tags <> excluded.tags
                OR coalesce(articles.published_at, 0) <> excluded.published_at)";
}

/// Where a page of the list begins: after this publication time and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    pub published_at: i64,
    pub id: String,
}

impl After {
    /// Before the newest.
    #[must_use]
    pub fn start() -> Self {
        Self { published_at: i64::MAX, id: String::new() }
    }
}

impl FromRow for Summary {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let tags: String = row.get(6)?;
        Ok(Self {
            id: row.get(0)?,
            slug: row.get(1)?,
            lang: row.get(2)?,
            title: row.get(3)?,
            excerpt: row.get(4)?,
            author: row.get(5)?,
            tags: serde_json::from_str(&tags)
                .map_err(|error| db::Error::Corrupt(format!("tags of an article: {error}")))?,
            reading_minutes: row.get(7)?,
            published_at: row.get(8)?,
            updated_at: row.get(9)?,
        })
    }
}

impl FromRow for Article {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { summary: Summary::from_row(row)?, body_html: row.get(10)? })
    }
}

/// Up to `limit` published articles after `after`, newest first.
pub fn page(conn: &mut Conn<'_>, after: &After, limit: i64) -> Result<Vec<Summary>> {
    conn.all(PAGE, &[&clock::now_ms(), &after.published_at, &after.id, &limit])
}

/// The newest articles.
pub fn newest(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<Summary>> {
    page(conn, &After::start(), limit)
}

/// A published article.
pub fn by_slug(conn: &mut Conn<'_>, slug: &str) -> Result<Article> {
    conn.one(BY_SLUG, &[&slug, &clock::now_ms()])
}

/// An article dated ahead changes the lists when its time comes, though nobody edits anything:
/// marks the content as changed when one became due after `since` and by `now` (epoch ms).
pub fn publish_due(db: &Db, since: i64, now: i64) -> Result<()> {
    let (due,): (i64,) = db.read_blocking(|conn| conn.one(DUE_BETWEEN, &[&since, &now]))?;
    if due == 0 { Ok(()) } else { db.write_blocking(|tx: &mut Tx<'_>| tx.touch_content()) }
}

/// Reads the Markdown files of the content.
pub fn read_seed(content: &Content) -> std::result::Result<Vec<SeedArticle>, SeedError> {
    let read = |file: &crate::business::content::SeedFile| {
        let (matter, body) = file.front_matter::<super::model::FrontMatter>()?;
        if !is_slug(&matter.slug) {
            let why = format!("slug {:?}: use a-z, 0-9 and dashes, 63 at most", matter.slug);
            return Err(file.error_at(&matter.slug, 0, why));
        }
        let published_at = epoch_ms_of_date(&matter.published).ok_or_else(|| SeedError {
            file: file.name.clone(),
            line: None,
            why: "published must be a date such as 2026-10-05".into(),
        })?;
        Ok(SeedArticle { body_markdown: body.to_owned(), published_at, matter })
    };
    content.articles()?.iter().map(read).collect()
}

/// Brings in what is new; returns how many rows changed.
pub fn seed(tx: &mut Tx<'_>, articles: &[SeedArticle], author: &str, from: &str) -> Result<u64> {
    let now = clock::now_ms();
    let mut changed = 0;
    for article in articles {
        let matter = &article.matter;
        let tags = serde_json::to_string(&matter.tags)
            .map_err(|error| db::Error::Engine(format!("tags of an article: {error}")))?;
        changed += tx.exec(
            SEED,
            &[
                &id::new_id(),
                &matter.slug,
                &matter.lang,
                &matter.title,
                &matter.excerpt,
                &matter.author.as_deref().unwrap_or(author),
                &article.body_markdown,
                &html_of(&article.body_markdown),
                &tags,
                &reading_minutes(&article.body_markdown),
                &article.published_at,
                &now,
                &from,
            ],
        )?;
    }
    if changed > 0 {
        tx.touch_content()?;
    }
    Ok(changed)
}
