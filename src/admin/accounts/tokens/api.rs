//! `/api/v1/tokens`.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, delete, get, post};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{DAYS_DEFAULT, DAYS_MAX, Listed, NewToken, View, parse_name, parse_scopes};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::ManageTokens;
use crate::admin::accounts::cursor;
use crate::platform::db;
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Api, Done, Json, JsonObject, RawQuery, query};
use crate::platform::id;

#[derive(Serialize)]
pub struct List {
    items: Vec<View>,
    /// Give this as `cursor` to read on; null on the last page.
    next: Option<String>,
}

/// A new token; `token` is shown this once.
#[derive(Serialize)]
pub struct Created {
    #[serde(flatten)]
    view: View,
    token: String,
}

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

/// For the caller itself, and with nothing that the caller may not do.
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
    let days = match object.get("days") {
        None | Some(Value::Null) => DAYS_DEFAULT,
        Some(value) => {
            value.as_i64().filter(|days| (1..=DAYS_MAX).contains(days)).unwrap_or_else(|| {
                let message = format!("days must be a whole number from 1 to {DAYS_MAX}");
                faults.push(Fault::of("days", "invalid", message));
                DAYS_DEFAULT
            })
        }
    };
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
