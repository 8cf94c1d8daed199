//! Articles from Markdown files, brought into the table.

use super::edit::SEED_KIND;
use super::model::{
    Article, FrontMatter, SeedArticle, Summary, epoch_ms_of_date, html_of, reading_minutes,
};
use super::store;
use crate::business::content::{self, Content, SeedError, SeedFile};
use crate::platform::db::{self, Result, Tx};
use crate::platform::lang::Lang;
use crate::platform::text::is_slug;
use crate::platform::{clock, id};

crate::sql! {
    SEED = "INSERT INTO articles (id, slug, lang, title, excerpt, author, body_markdown, body_html, tags, reading_minutes, published_at, created_at, updated_at, seeded_from, announced_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13, ?14)
            ON CONFLICT (slug) DO UPDATE SET lang = excluded.lang, title = excluded.title, excerpt = excluded.excerpt, author = excluded.author,
                body_markdown = excluded.body_markdown, body_html = excluded.body_html, tags = excluded.tags,
                reading_minutes = excluded.reading_minutes, published_at = excluded.published_at,
                updated_at = excluded.updated_at, seeded_from = excluded.seeded_from
            WHERE articles.edited_at IS NULL AND (articles.seeded_from = excluded.seeded_from OR excluded.seeded_from = 'folder')
                AND (articles.seeded_from <> excluded.seeded_from OR articles.lang <> excluded.lang OR articles.title <> excluded.title
                OR articles.excerpt <> excluded.excerpt OR articles.author <> excluded.author OR articles.body_html <> excluded.body_html
                OR articles.body_markdown <> excluded.body_markdown OR articles.tags <> excluded.tags
                OR coalesce(articles.published_at, 0) <> excluded.published_at)
            RETURNING id";
}

/// Reads the Markdown files of the content.
pub fn read_seed(content: &Content) -> std::result::Result<Vec<SeedArticle>, SeedError> {
    let read = |file: &SeedFile| {
        let (matter, body) = file.front_matter::<FrontMatter>()?;
        if !is_slug(&matter.slug) {
            let why = format!("slug {:?}: use a-z, 0-9 and dashes, 63 at most", matter.slug);
            return Err(file.error_at(&matter.slug, 0, why));
        }
        if Lang::from_code(&matter.lang).is_none() {
            let why = format!("lang {:?} must be en, es or pt", matter.lang);
            return Err(SeedError { file: file.name.clone(), line: None, why });
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
    let removed = content::removed(tx, SEED_KIND)?;
    let mut changed = 0;
    for article in articles {
        let matter = &article.matter;
        if removed.contains(&matter.slug) {
            if from == content::BUILT_IN {
                continue;
            }
            content::readmit(tx, SEED_KIND, &matter.slug)?;
        }
        let tags = serde_json::to_string(&matter.tags)
            .map_err(|error| db::Error::Engine(format!("tags of an article: {error}")))?;
        let author = matter.author.as_deref().unwrap_or(author);
        let body_html = html_of(&article.body_markdown);
        let reading_minutes = reading_minutes(&article.body_markdown);
        // What comes in with its date past is no news.
        let announced_at = Some(article.published_at).filter(|at| *at <= now);
        let stored: Option<(String,)> = tx.opt(
            SEED,
            &[
                &id::new_id(),
                &matter.slug,
                &matter.lang,
                &matter.title,
                &matter.excerpt,
                &author,
                &article.body_markdown,
                &body_html,
                &tags,
                &reading_minutes,
                &article.published_at,
                &now,
                &from,
                &announced_at,
            ],
        )?;
        let Some((id,)) = stored else { continue };
        changed += 1;
        let summary = Summary {
            id,
            slug: matter.slug.clone(),
            lang: matter.lang.clone(),
            title: matter.title.clone(),
            excerpt: matter.excerpt.clone(),
            author: author.to_owned(),
            tags: matter.tags.clone(),
            reading_minutes,
            published_at: Some(article.published_at),
            updated_at: now,
            edited_at: None,
        };
        store::index(tx, &Article { summary, body_html })?;
    }
    if changed > 0 {
        tx.touch_content()?;
    }
    Ok(changed)
}
