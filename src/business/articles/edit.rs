//! Changes of articles, and what follows from them. An address that an article leaves leads to the new one; what came
//! with the program and is removed stays away.

use serde_json::{Value, json};

use super::model::{Article, Summary, html_of, reading_minutes, topic_slug};
use super::{drafts, news, store};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::revisions::{self, Kind as Written};
use crate::business::search::{self, Kind, plain_text};
use crate::business::{content, redirects};
use crate::platform::db::{self, Conn, FromRow, Row, Tx};
use crate::platform::error::Error;
use crate::platform::id;
use crate::platform::lang::Lang;

/// Characters of an excerpt that is made of the text.
const EXCERPT: usize = 200;
/// What removed built-in articles are remembered as.
pub(super) const SEED_KIND: &str = "article";

crate::sql! {
    SLUG_BY_ID = "SELECT slug FROM articles WHERE id = ?1";
    ANY_BY_SLUG = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at, body_html, body_markdown, created_at
                   FROM articles WHERE slug = ?1";
    SLUG_IS_TAKEN = "SELECT id FROM articles WHERE slug = ?1";
    ADD = "INSERT INTO articles (id, slug, lang, title, excerpt, author, body_markdown, body_html, tags, reading_minutes, published_at, created_at, updated_at, edited_at, seeded_from)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?12, 'owner')";
    SET = "UPDATE articles SET slug = ?2, lang = ?3, title = ?4, excerpt = ?5, author = ?6, body_markdown = ?7, body_html = ?8, tags = ?9,
               reading_minutes = ?10, published_at = ?11, updated_at = ?12, edited_at = ?12 WHERE id = ?1";
    REMOVE = "DELETE FROM articles WHERE id = ?1";
}

/// A whole article as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    pub article: Article,
    pub body_markdown: String,
    pub created_at: i64,
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        let article = Article::from_row(row)?;
        Ok(Self { article, body_markdown: row.get(12)?, created_at: row.get(13)? })
    }
}

/// A text with what is made of it. Made before the transaction: a long one takes its time.
#[derive(Debug, Clone)]
pub struct Body {
    markdown: String,
    html: String,
    minutes: i64,
}

impl Body {
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }

    /// Some milliseconds for a long text.
    #[must_use]
    pub fn of(markdown: String) -> Self {
        Self { html: html_of(&markdown), minutes: reading_minutes(&markdown), markdown }
    }
}

/// What is to become of an article; what is absent stays, or is made up for a new one.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub slug: Option<String>,
    pub lang: Option<Lang>,
    pub title: Option<String>,
    pub excerpt: Option<String>,
    pub author: Option<String>,
    pub tags: Option<Vec<String>>,
    pub body: Option<Body>,
    /// `Some(None)` makes it a draft.
    pub published_at: Option<Option<i64>>,
}

/// The article at this address, wherever it stands.
pub fn by_slug(conn: &mut Conn<'_>, slug: &str) -> db::Result<Stored> {
    conn.one(ANY_BY_SLUG, &[&slug])
}

/// Where the article of this id stands, if there is one.
pub fn slug_of(conn: &mut Conn<'_>, id: &str) -> db::Result<Option<String>> {
    Ok(conn.opt::<(String,)>(SLUG_BY_ID, &[&id])?.map(|(slug,)| slug))
}

/// The article of this id, if there is one.
pub fn by_id(conn: &mut Conn<'_>, id: &str) -> db::Result<Option<Stored>> {
    match slug_of(conn, id)? {
        Some(slug) => by_slug(conn, &slug).map(Some),
        None => Ok(None),
    }
}

/// Whether an article would be another after `edit`.
#[must_use]
pub fn changes(stored: &Stored, edit: &Edit) -> bool {
    let after = changed(stored.clone(), edit.clone(), stored.article.summary.updated_at);
    facts(stored) != facts(&after) || stored.body_markdown != after.body_markdown
}

/// A new article; `author` signs it unless it says otherwise.
///
/// # Errors
/// 409 when another article has the slug.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    edit: Edit,
    author: &str,
    now_ms: i64,
) -> Result<Stored, Error> {
    create_as(tx, actor, id::new_id(), edit, author, now_ms)
}

/// The same under an id that was chosen before, so that a form that is sent twice makes one article.
///
/// # Errors
/// 409 when another article has the slug.
pub fn create_as(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: String,
    edit: Edit,
    author: &str,
    now_ms: i64,
) -> Result<Stored, Error> {
    let title = edit.title.clone().unwrap_or_default();
    let slug = match &edit.slug {
        Some(slug) => slug.clone(),
        None => free_slug(tx, &title)?,
    };
    let nothing = Stored {
        article: Article {
            summary: Summary {
                id,
                slug,
                lang: Lang::En.code().to_owned(),
                title,
                excerpt: String::new(),
                author: author.to_owned(),
                tags: Vec::new(),
                reading_minutes: 1,
                published_at: None,
                updated_at: now_ms,
                edited_at: Some(now_ms),
            },
            body_html: String::new(),
        },
        body_markdown: String::new(),
        created_at: now_ms,
    };
    let has_excerpt = edit.excerpt.is_some();
    let mut made = changed(nothing, edit, now_ms);
    let summary = &mut made.article.summary;
    if !has_excerpt {
        summary.excerpt = beginning(&plain_text(&made.article.body_html));
    }
    let summary = &made.article.summary;
    let tags = json!(summary.tags).to_string();
    tx.exec(
        ADD,
        &[
            &summary.id,
            &summary.slug,
            &summary.lang,
            &summary.title,
            &summary.excerpt,
            &summary.author,
            &made.body_markdown,
            &made.article.body_html,
            &tags,
            &summary.reading_minutes,
            &summary.published_at,
            &now_ms,
        ],
    )
    .map_err(slug_is_taken)?;
    content::readmit(tx, SEED_KIND, &summary.slug)?;
    let change = Change::of("article.create", "article", &summary.id).after(facts(&made));
    audit::record(tx, actor, &change, now_ms)?;
    let place = (Written::Article, summary.id.as_str());
    revisions::note(tx, place, None, &version(&made), actor.label(), now_ms)?;
    settle(tx, &made, now_ms)?;
    Ok(made)
}

/// Changes an article. An edit that changes nothing leaves no trace.
///
/// # Errors
/// 409 when another article has the slug.
pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: Stored,
    edit: Edit,
    now_ms: i64,
) -> Result<Stored, Error> {
    let (was, old_markdown) = (facts(&before), before.body_markdown.clone());
    let (old_slug, old_path) = (before.article.summary.slug.clone(), path_of(&before));
    let after = changed(before.clone(), edit, now_ms);
    let is = facts(&after);
    if was == is && old_markdown == after.body_markdown {
        return Ok(before);
    }
    let summary = &after.article.summary;
    let tags = json!(summary.tags).to_string();
    tx.exec(
        SET,
        &[
            &summary.id,
            &summary.slug,
            &summary.lang,
            &summary.title,
            &summary.excerpt,
            &summary.author,
            &after.body_markdown,
            &after.article.body_html,
            &tags,
            &summary.reading_minutes,
            &summary.published_at,
            &now_ms,
        ],
    )
    .map_err(slug_is_taken)?;
    if summary.slug != old_slug || summary.lang != before.article.summary.lang {
        search::remove(tx, Kind::Article, &old_slug)?;
        if summary.slug != old_slug {
            content::remove(tx, SEED_KIND, &old_slug)?;
        }
        redirects::moved(tx, &old_path, &path_of(&after))?;
    }
    let change = Change::of("article.update", "article", &summary.id).before(was).after(is);
    audit::record(tx, actor, &change, now_ms)?;
    let (place, was) = ((Written::Article, summary.id.as_str()), version(&before));
    let since = Some((&was, before.article.summary.updated_at));
    revisions::note(tx, place, since, &version(&after), actor.label(), now_ms)?;
    settle(tx, &after, now_ms)?;
    Ok(after)
}

/// Removes an article for good.
pub fn remove(tx: &mut Tx<'_>, actor: &Actor, gone: &Stored, now_ms: i64) -> db::Result<()> {
    let summary = &gone.article.summary;
    news::removed(tx, &summary.id)?;
    tx.exec(REMOVE, &[&summary.id])?;
    revisions::forget(tx, (Written::Article, &summary.id))?;
    drafts::forget(tx, &summary.id)?;
    search::remove(tx, Kind::Article, &summary.slug)?;
    content::remove(tx, SEED_KIND, &summary.slug)?;
    let change = Change::of("article.delete", "article", &summary.id).before(facts(gone));
    audit::record(tx, actor, &change, now_ms)?;
    tx.touch_content()
}

fn settle(tx: &mut Tx<'_>, stored: &Stored, now_ms: i64) -> db::Result<()> {
    store::index(tx, &stored.article)?;
    news::changed(tx, &stored.article.summary, now_ms)?;
    tx.touch_content()
}

fn changed(stored: Stored, edit: Edit, now_ms: i64) -> Stored {
    let Stored { article: Article { summary, body_html }, body_markdown, created_at } = stored;
    let (body_markdown, body_html, reading_minutes) = match edit.body {
        Some(body) => (body.markdown, body.html, body.minutes),
        None => (body_markdown, body_html, summary.reading_minutes),
    };
    let summary = Summary {
        slug: edit.slug.unwrap_or(summary.slug),
        lang: edit.lang.map_or(summary.lang, |lang| lang.code().to_owned()),
        title: edit.title.unwrap_or(summary.title),
        excerpt: edit.excerpt.unwrap_or(summary.excerpt),
        author: edit.author.unwrap_or(summary.author),
        tags: edit.tags.unwrap_or(summary.tags),
        reading_minutes,
        published_at: edit.published_at.unwrap_or(summary.published_at),
        updated_at: now_ms,
        edited_at: Some(now_ms),
        id: summary.id,
    };
    Stored { article: Article { summary, body_html }, body_markdown, created_at }
}

fn path_of(stored: &Stored) -> String {
    let summary = &stored.article.summary;
    let lang = Lang::from_code(&summary.lang).unwrap_or(Lang::En);
    lang.path(&format!("/articles/{}", summary.slug))
}

/// What a version keeps of an article.
fn version(stored: &Stored) -> Value {
    let summary = &stored.article.summary;
    json!({
        "slug": summary.slug,
        "lang": summary.lang,
        "title": summary.title,
        "excerpt": summary.excerpt,
        "author": summary.author,
        "tags": summary.tags,
        "published_at": summary.published_at.map(crate::platform::clock::rfc3339),
        "body": stored.body_markdown,
    })
}

/// What brings the words of a version back. Address, language and date stay as they are: readers are there already.
#[must_use]
pub fn edit_back_to(version: &revisions::Revision) -> Edit {
    let text = |name: &str| Some(version.text(name).to_owned());
    let tags = version.state.get("tags").and_then(Value::as_array);
    let tag = |tag: &Value| tag.as_str().map(str::to_owned);
    Edit {
        title: text("title"),
        excerpt: text("excerpt"),
        author: text("author"),
        tags: tags.map(|tags| tags.iter().filter_map(tag).collect()),
        body: text("body").map(Body::of),
        ..Edit::default()
    }
}

/// What the record shows of an article: not the text, only how long it is.
fn facts(stored: &Stored) -> Value {
    let summary = &stored.article.summary;
    json!({
        "slug": summary.slug,
        "lang": summary.lang,
        "title": summary.title,
        "excerpt": summary.excerpt,
        "author": summary.author,
        "tags": summary.tags,
        "published_at": summary.published_at.map(crate::platform::clock::rfc3339),
        "characters": stored.body_markdown.chars().count(),
    })
}

fn slug_is_taken(error: db::Error) -> Error {
    match error {
        db::Error::Unique(_) => Error::Conflict("another article has this slug".into()),
        other => other.into(),
    }
}

/// A slug made of the title that no article has.
fn free_slug(conn: &mut Conn<'_>, title: &str) -> Result<String, Error> {
    let words: String = topic_slug(title).chars().take(56).collect();
    let stem = match words.trim_matches('-') {
        "" => "article",
        stem => stem,
    };
    for n in 1..=1000 {
        let slug = if n == 1 { stem.to_owned() } else { format!("{stem}-{n}") };
        if conn.opt::<(String,)>(SLUG_IS_TAKEN, &[&slug])?.is_none() {
            return Ok(slug);
        }
    }
    Err(Error::Conflict("a thousand articles have this title; give a slug".into()))
}

/// The first words of a text.
fn beginning(text: &str) -> String {
    if text.chars().count() <= EXCERPT {
        return text.trim().to_owned();
    }
    let cut: String = text.chars().take(EXCERPT).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", whole.trim_end_matches([',', ';', ':', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_made_of_whole_words() {
        assert_eq!(beginning(" short "), "short");
        let long = beginning(&"word, ".repeat(100));
        assert!(long.ends_with("word…") && long.chars().count() <= EXCERPT + 1, "{long}");
    }
}
