//! `/api/v1/users`: for owners and admins.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, delete, get, patch, post};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Edit, NewUser, User, View, store};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::{Caller, ManageUsers};
use crate::admin::accounts::cursor;
use crate::admin::accounts::model::{check_password, parse_role};
use crate::business::leads::model::{parse_email, parse_name};
use crate::platform::crypto::random_token;
use crate::platform::db::{self, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Api, Done, Json, JsonObject, RawQuery, query};
use crate::platform::id;

#[derive(Serialize)]
pub struct List {
    items: Vec<View>,
    /// Give this as `cursor` to read on; null on the last page.
    next: Option<String>,
}

/// Somebody new, with the password that was made up for them; it is shown this once.
#[derive(Serialize)]
pub struct Created {
    #[serde(flatten)]
    user: View,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

#[get("/users")]
pub async fn list(
    _caller: ManageUsers,
    accounts: &State<Arc<Accounts>>,
    raw: RawQuery,
) -> Api<Json<List>> {
    let [limit, from] = query::parse(raw.0.as_deref(), ["limit", "cursor"])?;
    let limit = query::number("limit", limit.as_deref(), 1, 100, 20)?;
    let after = from.as_deref().map_or(Ok(cursor::FIRST.to_owned()), cursor::decode)?;
    let found: db::Result<Vec<User>> =
        accounts.db.read(move |conn| store::list(conn, &after, limit + 1)).await;
    let (users, next) = cursor::page(found?, limit, |user| &user.id);
    Ok(Json(Status::Ok, List { items: users.into_iter().map(View::from).collect(), next }))
}

#[get("/users/<id>")]
pub async fn show(
    _caller: ManageUsers,
    accounts: &State<Arc<Accounts>>,
    id: &str,
) -> Api<Json<View>> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<Option<User>> =
        accounts.db.read(move |conn| store::by_id(conn, &id)).await;
    Ok(Json(Status::Ok, found?.ok_or(Error::NotFound)?.into()))
}

#[post("/users", data = "<body>")]
pub async fn create(
    caller: ManageUsers,
    accounts: &State<Arc<Accounts>>,
    body: JsonObject,
) -> Api<Json<Created>> {
    let caller = caller.0;
    let (mut new, given) = input(&body.0?)?;
    caller.reaches(new.role)?;
    let made_up = given.is_none().then(|| random_token(15));
    let password = given.or_else(|| made_up.clone()).unwrap_or_default();
    new.password_hash = accounts.passwords.hash(password).await?;
    let now = accounts.clock.now_ms();
    let created = accounts.db.write(move |tx| super::create(tx, &caller.actor(), new, now)).await?;
    Ok(Json(Status::Created, Created { user: created.into(), password: made_up }))
}

fn input(object: &Map<String, Value>) -> Result<(NewUser, Option<String>), Error> {
    let mut faults = Vec::new();
    JsonObject::only(object, &["email", "name", "role", "password"], &mut faults);
    let mut text = |name: &str| JsonObject::text(object, name, &mut faults);
    let (email, name) = (text("email"), text("name"));
    let (role, password) = (text("role"), text("password"));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let email = parse_email(email.as_deref());
    let name = parse_name(name.as_deref());
    let role = match role {
        None => Err(Fault::of("role", "required", "Choose a role")),
        Some(role) => parse_role(&role),
    };
    let (e, n) = (email.as_deref().unwrap_or_default(), name.as_deref().unwrap_or_default());
    let checked =
        password.as_ref().map_or(Ok(()), |password| check_password("password", password, e, n));
    match (email, name, role, checked) {
        (Ok(email), Ok(name), Ok(role), Ok(())) => {
            Ok((NewUser { email, name, role, password_hash: String::new() }, password))
        }
        (email, name, role, checked) => {
            let all = [email.err(), name.err(), role.err(), checked.err()];
            Err(Error::Invalid(all.into_iter().flatten().collect()))
        }
    }
}

#[patch("/users/<id>", data = "<body>")]
pub async fn update(
    caller: ManageUsers,
    accounts: &State<Arc<Accounts>>,
    id: &str,
    body: JsonObject,
) -> Api<Json<View>> {
    let (caller, id) = (caller.0, id::parse(id).ok_or(Error::NotFound)?);
    let edit = edit(&body.0?)?;
    if let Some(role) = edit.role {
        caller.reaches(role)?;
    }
    let now = accounts.clock.now_ms();
    let updated = accounts
        .db
        .write(move |tx| {
            let user = within_reach(tx, &caller, &id)?;
            super::edit(tx, &caller.actor(), &user, edit, now)
        })
        .await?;
    Ok(Json(Status::Ok, updated.into()))
}

fn edit(object: &Map<String, Value>) -> Result<Edit, Error> {
    let mut faults = Vec::new();
    JsonObject::only(object, &["name", "role", "suspended"], &mut faults);
    let name = JsonObject::text(object, "name", &mut faults).map(|name| parse_name(Some(&name)));
    let role = JsonObject::text(object, "role", &mut faults).map(|role| parse_role(&role));
    let suspended = JsonObject::truth(object, "suspended", &mut faults);
    let name = name.transpose().unwrap_or_else(|fault| {
        faults.push(fault);
        None
    });
    let role = role.transpose().unwrap_or_else(|fault| {
        faults.push(fault);
        None
    });
    if faults.is_empty() { Ok(Edit { name, role, suspended }) } else { Err(Error::Invalid(faults)) }
}

#[delete("/users/<id>")]
pub async fn remove(caller: ManageUsers, accounts: &State<Arc<Accounts>>, id: &str) -> Api<Done> {
    let (caller, id) = (caller.0, id::parse(id).ok_or(Error::NotFound)?);
    let now = accounts.clock.now_ms();
    accounts
        .db
        .write(move |tx| {
            let user = within_reach(tx, &caller, &id)?;
            super::remove(tx, &caller.actor(), &user, now)
        })
        .await?;
    Ok(Done)
}

fn within_reach(tx: &mut Tx<'_>, caller: &Caller, id: &str) -> Result<User, Error> {
    let user = store::by_id(tx, id)?.ok_or(Error::NotFound)?;
    caller.reaches(user.role)?;
    Ok(user)
}
