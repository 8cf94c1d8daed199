//! `/api/v1/tokens`.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, delete, get, post};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{DAYS_DEFAULT, DAYS_MAX, Listed, NewToken, View, parse_name, parse_scopes};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::ManageTokens;
use crate::admin::accounts::cursor;
use crate::admin::accounts::model::Capability;
use crate::platform::db;
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Api, Done, Json, JsonObject, RawQuery, query};
use crate::platform::id;

/// Tokens in the order they were made.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenList)]
pub struct List {
    items: Vec<View>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// A new token; `token` is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedToken)]
pub struct Created {
    #[serde(flatten)]
    view: View,
    /// Sent as `Authorization: Bearer manero_…`.
    #[schema(example = "manero_…")]
    token: String,
}

/// A token that is to be made.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
#[allow(
    dead_code,
    reason = "the shape that is documented; fields are read so that all faults are told at once"
)]
pub struct Body {
    /// What it is for; no hidden characters.
    #[schema(example = "newsletter tool", min_length = 1, max_length = 100)]
    name: String,
    /// What it may do; nothing that you may not do yourself.
    #[schema(value_type = Vec<Capability>, min_items = 1, max_items = 100)]
    scopes: Vec<String>,
    /// How long it counts; 90 when absent.
    #[schema(example = 90, minimum = 1, maximum = 366)]
    days: Option<i64>,
}

/// Tokens for programs, in pages.
///
/// Also those that were revoked or have expired.
#[utoipa::path(
    get, path = "/api/v1/tokens", operation_id = "listTokens", tag = "Tokens", security(("bearer" = [])),
    params(
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
    ),
    responses(
        (status = 200, description = "A page of tokens.", body = List),
    )
)]
#[get("/tokens")]
pub async fn list(
    _caller: ManageTokens,
    accounts: &State<Arc<Accounts>>,
    raw: RawQuery,
) -> Api<Json<List>> {
    let [limit, from] = query::parse(raw.0.as_deref(), ["limit", "cursor"])?;
    let limit = query::number("limit", limit.as_deref(), 1, 100, 20)?;
    let after = from.as_deref().map_or(Ok(cursor::FIRST.to_owned()), cursor::decode)?;
    let found: db::Result<Vec<Listed>> =
        accounts.db.read(move |conn| super::list(conn, &after, limit + 1)).await;
    let views = found?.into_iter().map(View::from).collect();
    let (items, next) = cursor::page(views, limit, |view: &View| &view.id);
    Ok(Json(Status::Ok, List { items, next }))
}

/// Makes a token for a program.
///
/// For the caller itself, and with nothing that the caller may not do.
#[utoipa::path(
    post, path = "/api/v1/tokens", operation_id = "createToken", tag = "Tokens", security(("bearer" = [])),
    request_body = Body,
    responses(
        (status = 201, description = "Made.", body = Created),
        (status = 403, description = "You may not do this, or not name a scope that you do not have; `detail` says which."),
    )
)]
#[post("/tokens", data = "<body>")]
pub async fn create(
    caller: ManageTokens,
    accounts: &State<Arc<Accounts>>,
    body: JsonObject,
) -> Api<Json<Created>> {
    let caller = caller.0;
    let new = input(&body.0?, &caller.user.id)?;
    if let Some(beyond) = new.scopes.iter().find(|scope| !caller.may(**scope)) {
        let what = format!("you may not do this yourself ({})", beyond.scope());
        return Err(Error::Forbidden(what).into());
    }
    let now = accounts.clock.now_ms();
    let made: db::Result<(View, String)> =
        accounts.db.write(move |tx| super::create(tx, &caller.actor(), &new, now)).await;
    let (view, token) = made?;
    Ok(Json(Status::Created, Created { view, token }))
}

fn input(object: &Map<String, Value>, user_id: &str) -> Result<NewToken, Error> {
    let mut faults = Vec::new();
    JsonObject::only(object, &["name", "scopes", "days"], &mut faults);
    let name = JsonObject::text(object, "name", &mut faults);
    let words: Vec<&str> = match object.get("scopes") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
            list.iter().filter_map(Value::as_str).collect()
        }
        Some(_) => {
            faults.push(Fault::of("scopes", "invalid_type", "scopes must be a list of texts"));
            Vec::new()
        }
    };
    let days = JsonObject::number(object, "days", (1, DAYS_MAX), DAYS_DEFAULT, &mut faults);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    match (parse_name(name.as_deref()), parse_scopes(words.into_iter())) {
        (Ok(name), Ok(scopes)) => Ok(NewToken { user_id: user_id.to_owned(), name, scopes, days }),
        (name, scopes) => {
            let scopes = scopes.err().unwrap_or_default();
            Err(Error::Invalid(name.err().into_iter().chain(scopes).collect()))
        }
    }
}

/// Revokes a token.
///
/// It counts for nothing from then on. Revoking it again changes nothing.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}", operation_id = "removeToken", tag = "Tokens", security(("bearer" = [])),
    params(("id" = String, Path, description = "The token's id, not the token.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses(
        (status = 204, description = "It no longer counts."),
        (status = 403, description = "You may not do this, or not to the token of somebody above your own role; `detail` says which."),
    )
)]
#[delete("/tokens/<id>")]
pub async fn remove(caller: ManageTokens, accounts: &State<Arc<Accounts>>, id: &str) -> Api<Done> {
    let (caller, id) = (caller.0, id::parse(id).ok_or(Error::NotFound)?);
    let now = accounts.clock.now_ms();
    accounts
        .db
        .write(move |tx| -> Result<(), Error> {
            let token = super::by_id(tx, &id)?.ok_or(Error::NotFound)?;
            if let Some(role) = token.owner_role() {
                caller.reaches(role)?;
            }
            super::revoke(tx, &caller.actor(), &id, now)?;
            Ok(())
        })
        .await?;
    Ok(Done)
}
