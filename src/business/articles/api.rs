//! `GET /api/v1/articles` and one of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::{State, get};
use serde::Serialize;

use super::model::{Article, Summary};
use super::store::{self, After};
use crate::platform::clock;
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Api, Cached, PageCache, RawQuery, Rendered, query};

#[derive(Serialize)]
struct List {
    items: Vec<Item>,
    /// Give this as `cursor` to read on; null on the last page.
    next: Option<String>,
}

#[derive(Serialize)]
struct Item {
    slug: String,
    lang: String,
    title: String,
    excerpt: String,
    author: String,
    tags: Vec<String>,
    reading_minutes: i64,
    url: String,
    published_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    item: Item,
    body_html: String,
}

impl From<Summary> for Item {
    fn from(summary: Summary) -> Self {
        Self {
            url: format!("/articles/{}", summary.slug),
            slug: summary.slug,
            lang: summary.lang,
            title: summary.title,
            excerpt: summary.excerpt,
            author: summary.author,
            tags: summary.tags,
            reading_minutes: summary.reading_minutes,
            published_at: clock::rfc3339(summary.published_at),
            updated_at: clock::rfc3339(summary.updated_at),
        }
    }
}

/// `?limit=` 1 to 100 (20), `?cursor=` from the page before.
#[get("/articles")]
pub async fn list(pages: &State<PageCache>, raw: RawQuery) -> Api<Cached> {
    let [limit, cursor] = query::parse(raw.0.as_deref(), ["limit", "cursor"])?;
    let limit = query::number("limit", limit.as_deref(), 1, 100, 20)?;
    let after = cursor.as_deref().map_or(Ok(After::start()), decode)?;
    // Only what has been understood is part of the key, so that noise cannot fill the memory.
    let key = format!("/api/v1/articles?{limit}&{}&{}", after.published_at, after.id);
    let list = pages
        .get(&key, move |conn| {
            let mut found = store::page(conn, &after, limit + 1)?;
            let more = found.len() as i64 > limit;
            found.truncate(usize::try_from(limit).unwrap_or(100));
            let next = if more { found.last().map(encode) } else { None };
            let items = found.into_iter().map(Item::from).collect();
            Rendered::public_json(&List { items, next })
        })
        .await?;
    Ok(list)
}

#[get("/articles/<slug>")]
pub async fn show(pages: &State<PageCache>, slug: &str) -> Api<Cached> {
    let key = format!("/api/v1/articles/{slug}");
    let slug = slug.to_owned();
    let shown = pages
        .get(&key, move |conn| {
            let Article { summary, body_html } = store::by_slug(conn, &slug)?;
            Rendered::public_json(&Whole { item: summary.into(), body_html })
        })
        .await?;
    Ok(shown)
}

fn encode(last: &Summary) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{}", last.published_at, last.id))
}

fn decode(cursor: &str) -> Result<After, Error> {
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (published_at, id) = text.split_once(':')?;
        let id = uuid::Uuid::parse_str(id).ok()?.hyphenated().to_string();
        Some(After { published_at: published_at.parse().ok()?, id })
    };
    read().ok_or_else(|| {
        let message = "cursor must be the `next` of an earlier page";
        Error::Invalid(vec![Fault::of("cursor", "invalid", message)])
    })
}
