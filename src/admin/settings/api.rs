//! `/api/v1/settings`.

use std::sync::Arc;

use rocket::request::{FromRequest, Outcome};
use rocket::{Request, State, delete, get, put};
use serde_json::{Map, Value};
use utoipa::OpenApi;

use super::edit::{self, Changed, Ground};
use super::view::{Body, FIELDS, Item, List, OriginKind, TakesEffect};
use super::{Desk, Line, lines, store};
use crate::admin::accounts::caller::{EditSettings, ReadSettings};
use crate::platform::clock;
use crate::platform::config::keys::{self, Key};
use crate::platform::config::{Area, Plain};
use crate::platform::db::Tx;
use crate::platform::error::Error;
use crate::platform::http::{Api, IfMatch, Input, LargeJson, Private, Query, RawQuery};

#[derive(OpenApi)]
#[openapi(
    paths(list, show, update, remove, super::trial::create),
    components(schemas(Area, OriginKind, TakesEffect)),
    tags((name = "Settings", description = "What the owner changes while the site runs. Weakest first: built in, files, here, `.env`, environment."))
)]
pub struct Described;

/// The host that a request was sent to; the door has seen that there is one.
pub struct Host(pub(super) String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Host {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let host = request.headers().get_one("Host").unwrap_or_default();
        Outcome::Success(Self(host.to_owned()))
    }
}

/// Every setting, on one page.
///
/// Also those that only files and environment can change; `why_not` says why.
#[utoipa::path(
    get, path = "/api/v1/settings", operation_id = "listSettings", tag = "Settings", security(("bearer" = [])),
    params(
        ("group" = Option<Area>, Query, description = "Only those of this group."),
        ("q" = Option<String>, Query, description = "Only those in whose key, description or variable each of these words stands.", min_length = 1, max_length = 100, pattern = r"^[^\u0000]*$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "The settings.", body = List, headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/settings")]
pub async fn list(_caller: ReadSettings, desk: &State<Arc<Desk>>, raw: RawQuery) -> Api<Private> {
    let mut query = Query::read(&raw);
    let group = query.word::<Area>("group");
    let words = query.text("q", 100).unwrap_or_default().to_lowercase();
    let fields = query.fields(FIELDS);
    query.end()?;
    let db = desk.db.clone();
    let desk = Arc::clone(desk);
    let list = db
        .read(move |conn| {
            let rows = store::all(conn)?;
            let layered = desk.layered(&rows);
            let wanted = lines(&layered, &rows)
                .filter(|line| group.is_none_or(|group| line.entry.area == group))
                .filter(|line| has_words(line, &words));
            let items = wanted.map(|line| fields.of(Item::of(&line))).collect::<Result<_, _>>()?;
            Ok::<_, Error>(List { items, next: None })
        })
        .await?;
    Ok(Private::new(&list)?)
}

/// Whether each of `words`, in lower case, stands somewhere in what a setting is called.
pub(super) fn has_words(line: &Line<'_>, words: &str) -> bool {
    let row = line.entry.row;
    let said = format!("{} {} {}", row.path, row.help, row.env.join(" ")).to_lowercase();
    words.split_whitespace().all(|word| said.contains(word))
}

/// One setting.
#[utoipa::path(
    get, path = "/api/v1/settings/{key}", operation_id = "showSetting", tag = "Settings", security(("bearer" = [])),
    params(("key" = String, Path, description = "As in the files: group and name.", pattern = "^[a-z0-9_.]{1,60}$", example = "site.app_name")),
    responses((status = 200, description = "The setting.", body = Item, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/settings/<key>")]
pub async fn show(_caller: ReadSettings, desk: &State<Arc<Desk>>, key: &str) -> Api<Private> {
    let key = known(key)?;
    let (db, desk) = (desk.db.clone(), Arc::clone(desk));
    let item = db.read(move |conn| edit::show(conn, &desk, key)).await?;
    Ok(Private::new(&item)?)
}

pub(super) fn known(key: &str) -> Result<&'static Key, Error> {
    keys::by_path(key).ok_or(Error::NotFound)
}

/// Sets a setting.
///
/// What `takes_effect` at once counts for the next request, and in other processes on the same
/// database within a second.
#[utoipa::path(
    put, path = "/api/v1/settings/{key}", operation_id = "updateSetting", tag = "Settings", security(("bearer" = [])),
    params(("key" = String, Path, description = "As in the files: group and name.", pattern = "^[a-z0-9_.]{1,60}$", example = "site.app_name")),
    request_body = Body,
    responses(
        (status = 200, description = "The setting as it is now.", body = Item),
        (status = 409, description = "It cannot be changed here, or not to this value; `detail` says why, or what it must be."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[put("/settings/<key>", data = "<body>")]
pub async fn update(
    caller: EditSettings,
    desk: &State<Arc<Desk>>,
    key: &str,
    if_match: IfMatch,
    host: Host,
    body: LargeJson,
) -> Api<Private> {
    let key = known(key)?;
    let value = read(&body.0?)?;
    let ground = Ground { if_match, host: host.0 };
    let (at, now) = (Arc::clone(desk), clock::now_ms());
    let work =
        move |tx: &mut Tx<'_>| edit::set(tx, &at, &caller.0.actor(), (key, &value), &ground, now);
    settled(desk, desk.db.write(work).await?)
}

/// Takes back what was set here.
///
/// What counts then is what lies below: a file, or what is built in. To do it again changes nothing.
#[utoipa::path(
    delete, path = "/api/v1/settings/{key}", operation_id = "removeSetting", tag = "Settings", security(("bearer" = [])),
    params(("key" = String, Path, description = "As in the files: group and name.", pattern = "^[a-z0-9_.]{1,60}$", example = "site.app_name")),
    responses(
        (status = 200, description = "The setting as it is now.", body = Item),
        (status = 409, description = "It cannot be changed here, or the others would not do without it; `detail` says why."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[delete("/settings/<key>")]
pub async fn remove(
    caller: EditSettings,
    desk: &State<Arc<Desk>>,
    key: &str,
    if_match: IfMatch,
    host: Host,
) -> Api<Private> {
    let key = known(key)?;
    let ground = Ground { if_match, host: host.0 };
    let (at, now) = (Arc::clone(desk), clock::now_ms());
    let work = move |tx: &mut Tx<'_>| edit::remove(tx, &at, &caller.0.actor(), key, &ground, now);
    settled(desk, desk.db.write(work).await?)
}

/// What was committed counts from here on.
fn settled(desk: &Desk, changed: Changed) -> Api<Private> {
    if let Some((version, loaded)) = &changed.settings {
        desk.live.take(*version, loaded);
    }
    Ok(Private::new(&changed.item)?)
}

pub(super) fn read(object: &Map<String, Value>) -> Result<Plain, Error> {
    let mut input = Input::new(object);
    input.require(&["value"]);
    let value = input.plain("value");
    input.end()?;
    value.ok_or_else(|| Error::Internal("a value that is no fault and not there".into()))
}
