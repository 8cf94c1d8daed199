//! `GET /api/v1/programs` and one of them.

use rocket::{State, get};
use serde::Serialize;

use super::model::{Program, duration};
use super::store;
use crate::platform::clock;
use crate::platform::http::{Api, Cached, PageCache, RawQuery, Rendered, query};
use crate::platform::lang::{Lang, format};

#[derive(Serialize)]
struct List {
    items: Vec<Item>,
    /// Programs are few: there is never a next page.
    next: Option<String>,
}

/// A program as the API shows it; columns that are added do not leak.
#[derive(Serialize)]
struct Item {
    slug: String,
    name: String,
    tagline: String,
    description: String,
    price: Price,
    duration_weeks: i64,
    duration: String,
    modules: Vec<String>,
    checkout_url: Option<String>,
    url: String,
    updated_at: String,
}

#[derive(Serialize)]
struct Price {
    /// Minor units: 49900 is 499.00.
    amount: i64,
    currency: String,
    formatted: String,
}

impl From<Program> for Item {
    fn from(program: Program) -> Self {
        Self {
            duration: duration(program.lang, program.duration_weeks),
            url: format!("/programs/{}", program.slug),
            price: Price {
                amount: program.price_minor,
                formatted: format::money(program.lang, program.price_minor, &program.currency),
                currency: program.currency,
            },
            slug: program.slug,
            name: program.name,
            tagline: program.tagline,
            description: program.description,
            duration_weeks: program.duration_weeks,
            modules: program.details.modules.into_iter().map(|m| m.title).collect(),
            checkout_url: program.checkout_url,
            updated_at: clock::rfc3339(program.updated_at),
        }
    }
}

#[get("/programs")]
pub async fn list(pages: &State<PageCache>, raw: RawQuery) -> Api<Cached> {
    let [] = query::parse(raw.0.as_deref(), [])?;
    let list = pages
        .get("/api/v1/programs", |conn| {
            let items = store::published(conn, Lang::En)?.into_iter().map(Item::from).collect();
            Rendered::public_json(&List { items, next: None })
        })
        .await?;
    Ok(list)
}

#[get("/programs/<slug>")]
pub async fn show(pages: &State<PageCache>, slug: &str) -> Api<Cached> {
    let key = format!("/api/v1/programs/{slug}");
    let slug = slug.to_owned();
    let shown = pages
        .get(&key, move |conn| {
            Rendered::public_json(&Item::from(store::by_slug(conn, &slug, Lang::En)?))
        })
        .await?;
    Ok(shown)
}
