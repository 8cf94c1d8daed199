//! Changes of pages in Markdown, and what follows from them.

use serde_json::{Value, json};

use super::model::RESERVED;
use super::store::{LEGAL, index};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::articles::model::html_of;
use crate::business::revisions::{self, Kind as Written};
use crate::business::search::{self, Kind};
use crate::business::{content, redirects};
use crate::platform::clock;
use crate::platform::db::{self, Conn, FromRow, Row, Tx};
use crate::platform::error::Error;
use crate::platform::id;
use crate::platform::lang::Lang;

/// What removed built-in pages are remembered as, under `es/terms`.
pub(super) const SEED_KIND: &str = "page";
/// More pages than a site of this kind has; the list has no pages of its own.
const MOST: i64 = 500;

crate::sql! {
    ANY = "SELECT id, slug, lang, title, description, body_markdown, body_html, dated_at, created_at, updated_at, edited_at FROM pages
           WHERE slug = ?1 AND lang = ?2";
    ALL = "SELECT id, slug, lang, title, description, body_markdown, body_html, dated_at, created_at, updated_at, edited_at FROM pages
           ORDER BY slug, lang LIMIT 500";
    COUNT = "SELECT CAST(count(*) AS BIGINT) FROM pages";
    ADD = "INSERT INTO pages (id, slug, lang, title, description, body_markdown, body_html, dated_at, created_at, updated_at, edited_at, seeded_from)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9, 'owner')";
    SET = "UPDATE pages SET slug = ?2, lang = ?3, title = ?4, description = ?5, body_markdown = ?6, body_html = ?7, dated_at = ?8, updated_at = ?9, edited_at = ?9
           WHERE id = ?1";
    REMOVE = "DELETE FROM pages WHERE id = ?1";
}

/// A page as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: String,
    pub slug: String,
    pub lang: Lang,
    pub title: String,
    pub description: String,
    pub body_markdown: String,
    pub body_html: String,
    /// None makes it a draft.
    pub dated_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub edited_at: Option<i64>,
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            slug: row.get(1)?,
            lang: Lang::from_code(&row.get::<String>(2)?).unwrap_or(Lang::En),
            title: row.get(3)?,
            description: row.get(4)?,
            body_markdown: row.get(5)?,
            body_html: row.get(6)?,
            dated_at: row.get(7)?,
            created_at: row.get(8)?,
            updated_at: row.get(9)?,
            edited_at: row.get(10)?,
        })
    }
}

/// A text with what is made of it; made before the transaction.
#[derive(Debug, Clone)]
pub struct Body {
    markdown: String,
    html: String,
}

impl Body {
    /// Some milliseconds for a long text.
    #[must_use]
    pub fn of(markdown: String) -> Self {
        Self { html: html_of(&markdown), markdown }
    }
}

/// What is to become of a page; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub slug: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub body: Option<Body>,
    /// `Some(None)` makes it a draft.
    pub dated_at: Option<Option<i64>>,
}

/// The page at this address, whether or not it is public.
pub fn by_slug(conn: &mut Conn<'_>, slug: &str, lang: Lang) -> db::Result<Stored> {
    conn.one(ANY, &[&slug, &lang.code()])
}

/// Every page.
pub fn all(conn: &mut Conn<'_>) -> db::Result<Vec<Stored>> {
    conn.all(ALL, &[])
}

/// Whether a page would be another after `edit`.
#[must_use]
pub fn changes(page: &Stored, edit: &Edit) -> bool {
    let after = changed(page.clone(), edit.clone(), page.updated_at);
    facts(page) != facts(&after) || page.body_markdown != after.body_markdown
}

/// A new page in `lang`.
///
/// # Errors
/// 409 when the address is taken, or there are too many.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    lang: Lang,
    edit: Edit,
    now_ms: i64,
) -> Result<Stored, Error> {
    let (count,): (i64,) = tx.one(COUNT, &[])?;
    if count >= MOST {
        return Err(Error::Conflict(format!("there are {MOST} pages, and no more fit")));
    }
    let nothing = Stored {
        id: id::new_id(),
        slug: String::new(),
        lang,
        title: String::new(),
        description: String::new(),
        body_markdown: String::new(),
        body_html: String::new(),
        dated_at: None,
        created_at: now_ms,
        updated_at: now_ms,
        edited_at: Some(now_ms),
    };
    let made = changed(nothing, edit, now_ms);
    check_address(&made.slug)?;
    write(tx, ADD, &made, now_ms)?;
    content::readmit(tx, SEED_KIND, &seed_name(&made))?;
    let change = Change::of("page.create", "page", &made.id).after(facts(&made));
    audit::record(tx, actor, &change, now_ms)?;
    revisions::note(tx, (Written::Page, &made.id), None, &version(&made), actor.label(), now_ms)?;
    settle(tx, &made)?;
    Ok(made)
}

/// Changes a page. An edit that changes nothing leaves no trace.
///
/// # Errors
/// 409 when the address is taken, or the site cannot do without the page.
pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: Stored,
    edit: Edit,
    now_ms: i64,
) -> Result<Stored, Error> {
    let after = changed(before.clone(), edit, now_ms);
    let (was, is) = (facts(&before), facts(&after));
    if was == is && before.body_markdown == after.body_markdown {
        return Ok(before);
    }
    if after.slug != before.slug || after.dated_at.is_none() {
        keep_legal(&before)?;
    }
    if after.slug != before.slug {
        check_address(&after.slug)?;
    }
    write(tx, SET, &after, now_ms)?;
    if after.slug != before.slug {
        // The other languages of the page are put back right away.
        search::remove(tx, Kind::Page, &before.slug)?;
        content::remove(tx, SEED_KIND, &seed_name(&before))?;
        let path = |slug: &str| after.lang.path(&format!("/{slug}"));
        redirects::moved(tx, &path(&before.slug), &path(&after.slug))?;
        index_all(tx, &before.slug)?;
    }
    let change = Change::of("page.update", "page", &after.id).before(was).after(is);
    audit::record(tx, actor, &change, now_ms)?;
    let (was, is) = (version(&before), version(&after));
    let since = Some((&was, before.updated_at));
    revisions::note(tx, (Written::Page, &after.id), since, &is, actor.label(), now_ms)?;
    settle(tx, &after)?;
    Ok(after)
}

/// Removes a page for good.
///
/// # Errors
/// 409 when the site cannot do without it.
pub fn remove(tx: &mut Tx<'_>, actor: &Actor, gone: &Stored, now_ms: i64) -> Result<(), Error> {
    keep_legal(gone)?;
    tx.exec(REMOVE, &[&gone.id])?;
    revisions::forget(tx, (Written::Page, &gone.id))?;
    search::remove(tx, Kind::Page, &gone.slug)?;
    content::remove(tx, SEED_KIND, &seed_name(gone))?;
    index_all(tx, &gone.slug)?;
    let change = Change::of("page.delete", "page", &gone.id).before(facts(gone));
    audit::record(tx, actor, &change, now_ms)?;
    Ok(tx.touch_content()?)
}

fn seed_name(page: &Stored) -> String {
    format!("{}/{}", page.lang.code(), page.slug)
}

fn check_address(slug: &str) -> Result<(), Error> {
    if RESERVED.contains(&slug) {
        return Err(Error::Conflict(format!("/{slug} is an address of the site itself")));
    }
    Ok(())
}

fn keep_legal(page: &Stored) -> Result<(), Error> {
    if LEGAL.contains(&page.slug.as_str()) && page.dated_at.is_some() {
        let why = format!("the site cannot do without /{}; change its text instead", page.slug);
        return Err(Error::Conflict(why));
    }
    Ok(())
}

fn changed(page: Stored, edit: Edit, now_ms: i64) -> Stored {
    let (body_markdown, body_html) = match edit.body {
        Some(body) => (body.markdown, body.html),
        None => (page.body_markdown, page.body_html),
    };
    Stored {
        slug: edit.slug.unwrap_or(page.slug),
        title: edit.title.unwrap_or(page.title),
        description: edit.description.unwrap_or(page.description),
        body_markdown,
        body_html,
        dated_at: edit.dated_at.unwrap_or(page.dated_at),
        updated_at: now_ms,
        edited_at: Some(now_ms),
        ..page
    }
}

fn write(tx: &mut Tx<'_>, sql: db::Sql, page: &Stored, now_ms: i64) -> Result<(), Error> {
    let written = tx.exec(
        sql,
        &[
            &page.id,
            &page.slug,
            &page.lang.code(),
            &page.title,
            &page.description,
            &page.body_markdown,
            &page.body_html,
            &page.dated_at,
            &now_ms,
        ],
    );
    match written {
        Ok(_) => Ok(()),
        Err(db::Error::Unique(_)) => {
            Err(Error::Conflict("another page has this slug in this language".into()))
        }
        Err(other) => Err(other.into()),
    }
}

fn settle(tx: &mut Tx<'_>, page: &Stored) -> db::Result<()> {
    search::remove(tx, Kind::Page, &page.slug)?;
    index_all(tx, &page.slug)?;
    tx.touch_content()
}

/// Makes a page findable in each language in which it is public.
fn index_all(tx: &mut Tx<'_>, slug: &str) -> db::Result<()> {
    for lang in Lang::ALL {
        let found: Option<Stored> = tx.opt(ANY, &[&slug, &lang.code()])?;
        let Some(page) = found else { continue };
        if let Some(dated_at) = page.dated_at {
            let (title, description) = (&page.title, &page.description);
            index(tx, slug, lang, (title, description, &page.body_html), dated_at)?;
        }
    }
    Ok(())
}

/// What a version keeps of a page.
fn version(page: &Stored) -> Value {
    json!({
        "slug": page.slug,
        "title": page.title,
        "description": page.description,
        "dated_at": page.dated_at.map(clock::rfc3339),
        "body": page.body_markdown,
    })
}

/// What the record shows of a page: not the text, only how long it is.
fn facts(page: &Stored) -> Value {
    json!({
        "slug": page.slug,
        "lang": page.lang.code(),
        "title": page.title,
        "description": page.description,
        "dated_at": page.dated_at.map(clock::rfc3339),
        "characters": page.body_markdown.chars().count(),
    })
}
