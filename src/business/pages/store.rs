//! The texts and pages tables.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::edit::SEED_KIND;
use super::model::{HomeTexts, MarkdownPage, Owner, PageMatter, SeedPage, SiteTexts};
use super::sections::{Footer, Sections};
use crate::business::articles::model::{epoch_ms_of_date, html_of};
use crate::business::content::{self, Content, SeedError};
use crate::business::search::{self, Doc, Kind, plain_text};
use crate::platform::db::{self, Conn, FromRow, Result, Row, Tx};
use crate::platform::lang::Lang;
use crate::platform::{clock, id};

/// The pages in Markdown that a site comes with.
pub(super) const LEGAL: [&str; 2] = ["privacy", "terms"];

crate::sql! {
    TEXT = "SELECT value FROM texts WHERE name = ?1 AND lang = ?2";
    PUT_TEXT = "INSERT INTO texts (name, lang, value, created_at, updated_at, edited_at, seeded_from) VALUES (?1, ?2, ?3, ?4, ?4, ?4, 'owner')
                ON CONFLICT (name, lang) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, edited_at = excluded.edited_at";
    SEED_TEXT = "INSERT INTO texts (name, lang, value, created_at, updated_at, seeded_from) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
                 ON CONFLICT (name, lang) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, seeded_from = excluded.seeded_from
                 WHERE texts.edited_at IS NULL AND (texts.seeded_from = excluded.seeded_from OR excluded.seeded_from = 'folder')
                     AND (texts.seeded_from <> excluded.seeded_from OR texts.value <> excluded.value)";
    PAGE = "SELECT slug, lang, title, description, body_html, dated_at, updated_at FROM pages
            WHERE slug = ?1 AND lang = ?2 AND dated_at IS NOT NULL";
    LANGUAGES = "SELECT lang FROM pages WHERE slug = ?1 AND dated_at IS NOT NULL";
    LISTED = "SELECT slug, lang, title, description, body_html, dated_at, updated_at FROM pages
              WHERE dated_at IS NOT NULL ORDER BY slug, lang LIMIT 500";
    SEED_PAGE = "INSERT INTO pages (id, slug, lang, title, description, body_markdown, body_html, dated_at, created_at, updated_at, seeded_from)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10)
                 ON CONFLICT (slug, lang) DO UPDATE SET title = excluded.title, description = excluded.description, body_markdown = excluded.body_markdown,
                     body_html = excluded.body_html, dated_at = excluded.dated_at, updated_at = excluded.updated_at, seeded_from = excluded.seeded_from
                 WHERE pages.edited_at IS NULL AND (pages.seeded_from = excluded.seeded_from OR excluded.seeded_from = 'folder')
                     AND (pages.seeded_from <> excluded.seeded_from OR pages.title <> excluded.title OR pages.description <> excluded.description
                     OR pages.body_markdown <> excluded.body_markdown OR pages.body_html <> excluded.body_html
                     OR coalesce(pages.dated_at, 0) <> excluded.dated_at)";
}

impl FromRow for MarkdownPage {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            slug: row.get(0)?,
            lang: row.get(1)?,
            title: row.get(2)?,
            description: row.get(3)?,
            body_html: row.get(4)?,
            dated_at: row.get(5)?,
            updated_at: row.get(6)?,
        })
    }
}

/// The text called `name` in `lang`, or in English; its type's default when there is none.
pub(super) fn text<T: DeserializeOwned + Default>(
    conn: &mut Conn<'_>,
    name: &str,
    lang: &str,
) -> Result<T> {
    let found: Option<(String,)> = match conn.opt(TEXT, &[&name, &lang])? {
        None if !lang.is_empty() => conn.opt(TEXT, &[&name, &Lang::En.code()])?,
        found => found,
    };
    let Some((value,)) = found else { return Ok(T::default()) };
    serde_json::from_str(&value)
        .map_err(|error| db::Error::Corrupt(format!("text {name} in {lang:?}: {error}")))
}

/// From now on the text called `name` in `lang` is this JSON.
pub(super) fn put_text(
    tx: &mut Tx<'_>,
    name: &str,
    lang: &str,
    json: &str,
    now_ms: i64,
) -> Result<()> {
    tx.exec(PUT_TEXT, &[&name, &lang, &json, &now_ms]).map(drop)
}

/// Whose site this is.
pub fn owner(conn: &mut Conn<'_>) -> Result<Owner> {
    text(conn, "owner", "")
}

/// What every page says in `lang`.
pub fn site_texts(conn: &mut Conn<'_>, lang: Lang) -> Result<SiteTexts> {
    text(conn, "site", lang.code())
}

/// The home page in `lang`.
pub fn home_texts(conn: &mut Conn<'_>, lang: Lang) -> Result<HomeTexts> {
    text(conn, "home", lang.code())
}

/// The links at the foot of each page in `lang`.
pub(super) fn footer(conn: &mut Conn<'_>, lang: Lang) -> Result<Footer> {
    let found: Option<(String,)> = conn.opt(TEXT, &[&"footer", &lang.code()])?;
    let Some((value,)) = found else { return Ok(Footer::default()) };
    serde_json::from_str(&value)
        .map_err(|error| db::Error::Corrupt(format!("the footer in {}: {error}", lang.code())))
}

/// Which sections the home page has, in their order.
pub(super) fn sections(conn: &mut Conn<'_>) -> Result<Sections> {
    text(conn, "sections", "")
}

/// A page in Markdown.
pub fn page(conn: &mut Conn<'_>, slug: &str, lang: Lang) -> Result<MarkdownPage> {
    conn.one(PAGE, &[&slug, &lang.code()])
}

/// The languages that the page called `slug` exists in.
pub fn languages(conn: &mut Conn<'_>, slug: &str) -> Result<Vec<Lang>> {
    let found: Vec<(String,)> = conn.all(LANGUAGES, &[&slug])?;
    Ok(Lang::ALL
        .into_iter()
        .filter(|lang| found.iter().any(|(code,)| code == lang.code()))
        .collect())
}

/// Every page in Markdown, for the map of the site.
pub fn listed(conn: &mut Conn<'_>) -> Result<Vec<MarkdownPage>> {
    conn.all(LISTED, &[])
}

/// The words of a content folder, read and checked.
#[derive(Debug)]
pub struct SeedTexts {
    /// Name, language and JSON.
    texts: Vec<(&'static str, &'static str, String)>,
    pages: Vec<SeedPage>,
    /// What articles without an author are signed with.
    pub owner_name: String,
}

/// Reads `site.toml`, and of each language `site.toml`, `home.toml` and the legal texts. What a
/// folder does not hold stays as it is.
pub fn read_seed(content: &Content) -> std::result::Result<SeedTexts, SeedError> {
    let mut texts = Vec::new();
    let owner = read_text::<Owner>(content, "owner", "", "site.toml", &mut texts)?;
    let mut pages = Vec::new();
    for lang in Lang::ALL {
        let code = lang.code();
        let (site, home) = (format!("{code}/site.toml"), format!("{code}/home.toml"));
        read_text::<SiteTexts>(content, "site", code, &site, &mut texts)?;
        read_text::<HomeTexts>(content, "home", code, &home, &mut texts)?;
        for slug in LEGAL {
            let name = format!("{code}/{slug}.md");
            if !content.has(&name) {
                continue;
            }
            let file = content.file(&name)?;
            let (matter, body) = file.front_matter::<PageMatter>()?;
            let dated_at = epoch_ms_of_date(&matter.updated).ok_or_else(|| SeedError {
                file: file.name.clone(),
                line: None,
                why: "updated must be a date such as 2026-10-05".into(),
            })?;
            pages.push(SeedPage {
                slug: slug.to_owned(),
                lang,
                title: matter.title,
                description: matter.description,
                body_markdown: body.to_owned(),
                dated_at,
            });
        }
    }
    Ok(SeedTexts { texts, pages, owner_name: owner.map(|o| o.owner_name).unwrap_or_default() })
}

fn read_text<T: DeserializeOwned + Serialize>(
    content: &Content,
    name: &'static str,
    lang: &'static str,
    file: &str,
    texts: &mut Vec<(&'static str, &'static str, String)>,
) -> std::result::Result<Option<T>, SeedError> {
    if !content.has(file) {
        return Ok(None);
    }
    let read = content.file(file)?;
    let value: T = read.toml()?;
    let json = serde_json::to_string(&value).map_err(|error| SeedError {
        file: read.name,
        line: None,
        why: error.to_string(),
    })?;
    texts.push((name, lang, json));
    Ok(Some(value))
}

/// Brings in what is new; returns how many rows changed.
pub fn seed(tx: &mut Tx<'_>, seed: &SeedTexts, from: &str) -> Result<u64> {
    let now = clock::now_ms();
    let mut changed = 0;
    for (name, lang, value) in &seed.texts {
        changed += tx.exec(SEED_TEXT, &[name, lang, value, &now, &from])?;
    }
    let removed = content::removed(tx, SEED_KIND)?;
    for page in &seed.pages {
        let name = format!("{}/{}", page.lang.code(), page.slug);
        if removed.contains(&name) {
            if from == content::BUILT_IN {
                continue;
            }
            content::readmit(tx, SEED_KIND, &name)?;
        }
        let body_html = html_of(&page.body_markdown);
        let new = tx.exec(
            SEED_PAGE,
            &[
                &id::new_id(),
                &page.slug,
                &page.lang.code(),
                &page.title,
                &page.description,
                &page.body_markdown,
                &body_html,
                &page.dated_at,
                &now,
                &from,
            ],
        )?;
        changed += new;
        if new > 0 {
            let words = (page.title.as_str(), page.description.as_str(), body_html.as_str());
            index(tx, &page.slug, page.lang, words, page.dated_at)?;
        }
    }
    if changed > 0 {
        tx.touch_content()?;
    }
    Ok(changed)
}

/// Makes a page of this title, description and HTML findable.
pub(super) fn index(
    tx: &mut Tx<'_>,
    slug: &str,
    lang: Lang,
    (title, description, html): (&str, &str, &str),
    dated_at: i64,
) -> Result<()> {
    let doc = Doc {
        kind: Kind::Page,
        slug: slug.to_owned(),
        lang,
        title: title.to_owned(),
        summary: description.to_owned(),
        // The owner's details come in only when the page is shown.
        body: plain_text(html).replace(['{', '}'], ""),
        published_at: dated_at,
    };
    search::put(tx, &doc)
}
