//! `GET /api/v1/search`, and `POST /api/search`, the guide's name for it.

use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::model::{Kind, Query, path_of};
use super::snippet::{highlight, snippet};
use super::store::{self, Found};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Fault;
use crate::platform::http::{Api, Input, Json, JsonObject, Query as Asked, RawQuery};
use crate::platform::lang::Lang;

const LIMITS: (i64, i64) = (1, 50);
const LIMIT: i64 = 10;
/// Characters of a query at most.
const QUERY_MAX: usize = 200;

#[derive(OpenApi)]
#[openapi(
    paths(show, create, create_v1),
    tags((name = "Search", description = "Everything that can be found."))
)]
pub struct Described;

/// What was found, the best first.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchResults)]
pub struct Results {
    results: Vec<SearchHit>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SearchResult)]
pub struct SearchHit {
    #[schema(value_type = Kind)]
    kind: &'static str,
    #[schema(example = "two-hours-a-week")]
    slug: String,
    #[schema(value_type = Lang)]
    lang: &'static str,
    #[schema(example = "Two hours a week: a publishing routine you can keep")]
    title: String,
    /// About 180 characters where most of the words stand together.
    #[schema(example = "… a routine built on your clients’ questions …")]
    excerpt: String,
    /// Path of its page.
    #[schema(example = "/articles/two-hours-a-week")]
    url: String,
}

/// A search.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Search)]
#[allow(
    dead_code,
    reason = "the shape that is documented; fields are read so that all faults are told at once"
)]
pub struct Body {
    /// Beginnings of words, all of which have to occur; accents make no difference.
    #[schema(example = "routine", min_length = 1, max_length = 200)]
    query: String,
    /// The language of the texts; English when absent.
    #[schema(example = "en")]
    lang: Option<Lang>,
    /// Results at most; 10 when absent.
    #[schema(example = 10, minimum = 1, maximum = 50)]
    limit: Option<i64>,
}

/// Searches articles, programs and pages of one language.
#[utoipa::path(
    get, path = "/api/v1/search", operation_id = "search", tag = "Search",
    params(
        ("q" = String, Query, description = "Beginnings of words, all of which have to occur; accents make no difference.", min_length = 1, max_length = 200, example = "routine"),
        ("lang" = Option<Lang>, Query, description = "The language of the texts; English when absent."),
        ("limit" = Option<i64>, Query, description = "Results at most; 10 when absent.", minimum = 1, maximum = 50),
    ),
    responses((status = 200, description = "What was found, the best first.", body = Results))
)]
#[get("/v1/search")]
pub async fn show(db: &State<Db>, raw: RawQuery) -> Api<Json<Results>> {
    let mut asked = Asked::read(&raw);
    let q = asked.checked("q", |given| check("q", given));
    let lang = asked.word("lang").unwrap_or(Lang::En);
    let limit = asked.number("limit", LIMITS, LIMIT);
    asked.end()?;
    find(db, &q.unwrap_or_default(), lang, limit).await
}

/// Searches, with the words in the body.
///
/// The same as `GET /api/v1/search`.
#[utoipa::path(
    post, path = "/api/search", operation_id = "searchByBody", tag = "Search", request_body = Body,
    responses((status = 200, description = "What was found, the best first.", body = Results))
)]
#[post("/search", data = "<body>")]
pub async fn create(db: &State<Db>, body: JsonObject) -> Api<Json<Results>> {
    let object = body.0?;
    let mut input = Input::new(&object);
    input.require(&["query"]);
    let q = input.parsed("query", |text| check("query", Some(text)));
    let lang = input.word("lang").unwrap_or(Lang::En);
    let limit = input.number("limit", LIMITS).unwrap_or(LIMIT);
    input.end()?;
    find(db, &q.unwrap_or_default(), lang, limit).await
}

/// Searches, under the versioned name of the address.
///
/// The same as `POST /api/search`.
#[utoipa::path(
    post, path = "/api/v1/search", operation_id = "searchByBodyV1", tag = "Search", request_body = Body,
    responses((status = 200, description = "What was found, the best first.", body = Results))
)]
#[post("/v1/search", data = "<body>")]
pub async fn create_v1(db: &State<Db>, body: JsonObject) -> Api<Json<Results>> {
    create(db, body).await
}

fn check(name: &str, query: Option<&str>) -> Result<String, Fault> {
    match query {
        None | Some("") => {
            Err(Fault::of(name, "required", format!("{name} says what to search for")))
        }
        Some(text) if text.chars().count() > QUERY_MAX => {
            let message = format!("{name} must be {QUERY_MAX} characters or fewer");
            Err(Fault::of(name, "too_long", message))
        }
        Some(text) => Ok(text.to_owned()),
    }
}

async fn find(db: &Db, typed: &str, lang: Lang, limit: i64) -> Api<Json<Results>> {
    let query = Query::parse(typed);
    let asked = query.clone();
    let now = clock::now_ms();
    let found = db.read(move |conn| store::find(conn, lang, &asked, now, 0, limit)).await?;
    let results = found.into_iter().map(|found| SearchHit::new(found, &query, lang)).collect();
    Ok(Json(Status::Ok, Results { results }))
}

impl SearchHit {
    fn new(found: Found, query: &Query, lang: Lang) -> Self {
        let mut pieces = snippet(&found.body, query);
        // Found by its title or its summary: then the summary says best what it is.
        if !found.summary.is_empty() && !pieces.iter().any(|piece| piece.hit) {
            pieces = highlight(&found.summary, query);
        }
        Self {
            kind: found.kind.code(),
            url: lang.path(&path_of(found.kind, &found.slug)),
            slug: found.slug,
            lang: lang.code(),
            title: found.title,
            excerpt: pieces.into_iter().map(|piece| piece.text).collect(),
        }
    }
}
