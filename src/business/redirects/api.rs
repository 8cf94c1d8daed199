//! `/api/v1/redirects`: addresses that have moved.

use rocket::{State, delete, get, patch, post};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{OpenApi, ToSchema};

use super::model::{Edit, Redirect, Wanted};
use super::{edit, store};
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::platform::clock;
use crate::platform::db::{self, Db, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::http::query::Chosen;
use crate::platform::http::{
    Api, Done, IfMatch, Input, JsonObject, Kept, Once, Private, Query, RawQuery,
};
use crate::platform::id;
use crate::platform::text::{is_https, is_path};

const PATH: &str = "/api/v1/redirects";

#[derive(OpenApi)]
#[openapi(
    paths(list, show, create, update, remove),
    tags((name = "Redirects", description = "Addresses that have moved. Asked only where nothing else is found."))
)]
pub struct Described;

#[derive(Serialize, ToSchema)]
#[schema(as = RedirectList)]
pub struct List {
    #[schema(value_type = Vec<View>)]
    items: Vec<Chosen<View>>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// An address that has moved.
#[derive(Serialize, ToSchema)]
#[schema(as = Redirect)]
pub struct View {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    #[schema(example = "/about-me")]
    from: String,
    #[schema(example = "/articles/choose-one-thing")]
    to: String,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    created_at: String,
}

/// The members of [`View`], as `fields` names them.
const FIELDS: &[&str] = &["id", "from", "to", "created_at"];

impl From<Redirect> for View {
    fn from(redirect: Redirect) -> Self {
        let created_at = clock::rfc3339(redirect.created_at);
        Self { id: redirect.id, from: redirect.from, to: redirect.to, created_at }
    }
}

/// From where to where.
#[derive(ToSchema)]
#[schema(as = NewRedirect)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct Body {
    /// A path with the language in front, without a query.
    #[schema(example = "/about-me", format = "bare-path", max_length = 200)]
    from: String,
    /// A path of this site, or an address that begins with `https://`.
    #[schema(example = "/articles/choose-one-thing", format = "path-or-https", max_length = 2000)]
    to: String,
}

/// From where to where; what is absent or null stays.
#[derive(ToSchema)]
#[schema(as = RedirectChanges)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct Changes {
    #[schema(example = "/about-me", format = "bare-path", max_length = 200)]
    from: Option<String>,
    #[schema(example = "/articles/choose-one-thing", format = "path-or-https", max_length = 2000)]
    to: Option<String>,
}

/// Redirects in pages.
#[utoipa::path(
    get, path = "/api/v1/redirects", operation_id = "listRedirects", tag = "Redirects", security(("bearer" = [])),
    params(
        ("from" = Option<String>, Query, description = "Only the one from this address.", pattern = r"^[^\u0000]*$", min_length = 1, max_length = 2000),
        ("to" = Option<String>, Query, description = "Only those that lead there.", pattern = r"^[^\u0000]*$", min_length = 1, max_length = 2000),
        ("sort" = Option<TimeOrder>, Query, description = "The order; the newest first when absent."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of redirects.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/redirects")]
pub async fn list(_caller: ReadContent, db: &State<Db>, raw: RawQuery) -> Api<Private> {
    let mut query = Query::read(&raw);
    let limit = query.limit();
    let from = query.text("from", 2000).unwrap_or_default();
    let to = query.text("to", 2000).unwrap_or_default();
    let order = query.word("sort").unwrap_or(TimeOrder::Newest);
    let after = query.cursor(paging::decode).unwrap_or_else(|| order.start());
    let fields = query.fields(FIELDS);
    let asked = query.end()?;
    let wanted = Wanted { from, to, words: String::new(), order, after };
    let found: db::Result<Vec<Redirect>> =
        db.read(move |conn| store::list(conn, &wanted, limit + 1)).await;
    let mut found = found?;
    let next = paging::cut(&mut found, limit).map(|redirect| paging::encode(&redirect.id));
    let link = next.as_ref().map(|cursor| asked.next(PATH, cursor));
    let items = paging::chosen(found, &fields)?;
    Ok(Private::new(&List { items, next })?.followed_by(link.as_deref()))
}

/// One redirect.
#[utoipa::path(
    get, path = "/api/v1/redirects/{id}", operation_id = "showRedirect", tag = "Redirects", security(("bearer" = [])),
    params(("id" = String, Path, description = "The redirect's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses((status = 200, description = "The redirect.", body = View, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/redirects/<id>")]
pub async fn show(_caller: ReadContent, db: &State<Db>, id: &str) -> Api<Private> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<Redirect> = db.read(move |conn| store::by_id(conn, &id)).await;
    Ok(Private::new(&View::from(found?))?)
}

/// Adds a redirect.
#[utoipa::path(
    post, path = "/api/v1/redirects", operation_id = "createRedirect", tag = "Redirects", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$")),
    request_body = Body,
    responses(
        (status = 201, description = "Added.", body = View, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))),
        (status = 409, description = "The address is moved already, the redirect would lead in a circle, or a request with this `Idempotency-Key` is being worked on."),
    )
)]
#[post("/redirects", data = "<body>")]
pub async fn create(
    caller: EditContent,
    db: &State<Db>,
    once: Once<'_>,
    body: JsonObject,
) -> Api<Kept> {
    let JsonObject(object, hash) = body;
    let (from, to) = read(&object?, true)?;
    let edit = Edit { from: from.unwrap_or_default(), to: to.unwrap_or_default() };
    let (caller, now) = (caller.0, clock::now_ms());
    let who = caller.id().to_owned();
    let work = move |tx: &mut Tx<'_>| edit::create(tx, &caller.actor(), edit, now).map(View::from);
    Ok(once.create(db, &who, &hash, work).await?)
}

/// Changes a redirect.
#[utoipa::path(
    patch, path = "/api/v1/redirects/{id}", operation_id = "updateRedirect", tag = "Redirects", security(("bearer" = [])),
    params(("id" = String, Path, description = "The redirect's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    request_body = Changes,
    responses(
        (status = 200, description = "The redirect as it is now.", body = View),
        (status = 409, description = "The address is moved already, or the redirect would lead in a circle."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/redirects/<id>", data = "<body>")]
pub async fn update(
    caller: EditContent,
    db: &State<Db>,
    id: &str,
    if_match: IfMatch,
    body: JsonObject,
) -> Api<Private> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (from, to) = read(&body.0?, false)?;
    let now = clock::now_ms();
    let updated = db
        .write(move |tx| {
            let before = store::by_id(tx, &id)?;
            if_match.check(&View::from(before.clone()))?;
            let from = from.unwrap_or_else(|| before.from.clone());
            let to = to.unwrap_or_else(|| before.to.clone());
            edit::update(tx, &caller.0.actor(), before, Edit { from, to }, now)
        })
        .await?;
    Ok(Private::new(&View::from(updated))?)
}

/// Removes a redirect.
#[utoipa::path(
    delete, path = "/api/v1/redirects/{id}", operation_id = "removeRedirect", tag = "Redirects", security(("bearer" = [])),
    params(("id" = String, Path, description = "The redirect's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses((status = 204, description = "Removed."))
)]
#[delete("/redirects/<id>")]
pub async fn remove(caller: EditContent, db: &State<Db>, id: &str) -> Api<Done> {
    let (id, now) = (id::parse(id).ok_or(Error::NotFound)?, clock::now_ms());
    let removed: db::Result<()> = db
        .write(move |tx| {
            let gone = store::by_id(tx, &id)?;
            edit::remove(tx, &caller.0.actor(), &gone, now)
        })
        .await;
    removed?;
    Ok(Done)
}

fn read(
    object: &Map<String, Value>,
    is_new: bool,
) -> Result<(Option<String>, Option<String>), Error> {
    let mut input = Input::new(object);
    if is_new {
        input.require(&["from", "to"]);
    }
    let from = input.parsed("from", parse_from);
    let to = input.parsed("to", parse_to);
    input.end()?;
    Ok((from, to))
}

/// # Errors
/// The one fault of `from`.
pub(super) fn parse_from(text: &str) -> Result<String, Fault> {
    let fits = is_path(text) && !text.contains(['?', '#']);
    let message = "from must be a path of this site such as /about-me, without a query";
    if fits { Ok(text.to_owned()) } else { Err(Fault::of("from", "invalid", message)) }
}

/// # Errors
/// The one fault of `to`.
pub(super) fn parse_to(text: &str) -> Result<String, Fault> {
    let message = "to must be a path such as /programs, or an address such as https://example.com/";
    let fits = is_path(text) || is_https(text);
    if fits { Ok(text.to_owned()) } else { Err(Fault::of("to", "invalid", message)) }
}
