//! `/api/v1/users`: for owners and admins.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, delete, get, patch, post};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Edit, NewUser, User, View, store};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::{Caller, ManageUsers};
use crate::admin::accounts::cursor;
use crate::admin::accounts::model::{Role, check_password, parse_role};
use crate::business::leads::model::{parse_email, parse_name};
use crate::platform::crypto::random_token;
use crate::platform::db::{self, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Api, Done, Json, JsonObject, RawQuery, query};
use crate::platform::id;

/// People in the order they were added.
#[derive(Serialize, ToSchema)]
#[schema(as = UserList)]
pub struct List {
    items: Vec<View>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// Somebody new, with the password that was made up for them; it is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedUser)]
pub struct Created {
    #[serde(flatten)]
    user: View,
    /// Only when it was made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "<made up, shown this once>")]
    password: Option<String>,
}

/// Somebody new.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUser)]
#[allow(
    dead_code,
    reason = "the shape that is documented; fields are read so that all faults are told at once"
)]
pub struct Body {
    /// An address that mail can reach from the internet. Stored in lower case.
    #[schema(example = "ana@example.com", format = "email", max_length = 255)]
    email: String,
    /// No hidden characters, no web address.
    #[schema(example = "Ana Souza", min_length = 2, max_length = 100)]
    name: String,
    /// Not above your own.
    #[schema(value_type = Role)]
    role: String,
    /// Made up when absent; at least 10 characters, not one that everybody thinks of.
    #[schema(min_length = 10, max_length = 256, format = "password")]
    password: Option<String>,
}

/// What becomes of somebody; what is absent stays.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserChanges)]
#[allow(
    dead_code,
    reason = "the shape that is documented; fields are read so that all faults are told at once"
)]
pub struct Changes {
    /// No hidden characters, no web address.
    #[schema(example = "Ana Souza", min_length = 2, max_length = 100)]
    name: Option<String>,
    /// Not above your own. Another one ends every session of the person.
    #[schema(value_type = Option<Role>, example = "editor")]
    role: Option<String>,
    /// No way in while it is true; every session ends.
    #[schema(example = false)]
    suspended: Option<bool>,
}

/// Everybody who may log in, in pages.
#[utoipa::path(
    get, path = "/api/v1/users", operation_id = "listUsers", tag = "People", security(("bearer" = [])),
    params(
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
    ),
    responses(
        (status = 200, description = "A page of people.", body = List),
    )
)]
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

/// One person.
#[utoipa::path(
    get, path = "/api/v1/users/{id}", operation_id = "showUser", tag = "People", security(("bearer" = [])),
    params(("id" = String, Path, description = "The person's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses(
        (status = 200, description = "The person.", body = View),
    )
)]
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

/// Adds somebody.
#[utoipa::path(
    post, path = "/api/v1/users", operation_id = "createUser", tag = "People", security(("bearer" = [])),
    request_body = Body,
    responses(
        (status = 201, description = "Added.", body = Created),
        (status = 403, description = "You may not do this, or not give a role above your own; `detail` says which."),
        (status = 409, description = "Somebody with this address is here already."),
    )
)]
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

/// Changes somebody's name or role, or keeps them out.
#[utoipa::path(
    patch, path = "/api/v1/users/{id}", operation_id = "updateUser", tag = "People", security(("bearer" = [])),
    params(("id" = String, Path, description = "The person's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    request_body = Changes,
    responses(
        (status = 200, description = "The person, as they are now.", body = View),
        (status = 403, description = "You may not do this, or not to somebody above your own role; `detail` says which."),
        (status = 409, description = "This is the last owner."),
    )
)]
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

/// Removes somebody, with their sessions and tokens.
#[utoipa::path(
    delete, path = "/api/v1/users/{id}", operation_id = "removeUser", tag = "People", security(("bearer" = [])),
    params(("id" = String, Path, description = "The person's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses(
        (status = 204, description = "Removed."),
        (status = 403, description = "You may not do this, or not to somebody above your own role; `detail` says which."),
        (status = 409, description = "This is the last owner."),
    )
)]
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
