//! `/api/v1/users`: for owners and admins.

use std::sync::Arc;

use rocket::{State, delete, get, patch, post};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{OpenApi, ToSchema};

use super::{Edit, FIELDS, NewUser, User, View, Wanted, store};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::ManageUsers;
use crate::admin::accounts::model::Role;
use crate::platform::crypto::random_token;
use crate::platform::db::{self, Tx};
use crate::platform::error::Error;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::http::query::Chosen;
use crate::platform::http::{
    Api, Done, IfMatch, Input, JsonObject, Kept, Once, Private, Query, RawQuery,
};
use crate::platform::id;
use crate::platform::text::{parse_email, parse_name};

#[derive(OpenApi)]
#[openapi(
    paths(list, show, create, update, remove),
    tags((name = "People", description = "Who may log in, and as what. For whoever may `users:manage`."))
)]
pub struct Described;

/// People in the order they were added.
#[derive(Serialize, ToSchema)]
#[schema(as = UserList)]
pub struct List {
    #[schema(value_type = Vec<View>)]
    items: Vec<Chosen<View>>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// Somebody new, with the password that was made up for them.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedUser)]
pub struct Created {
    #[serde(flatten)]
    user: View,
    /// Nobody can read it again; to be changed by whoever logs in with it.
    #[schema(example = "<made up, shown this once>")]
    password: String,
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
    /// 2 to 100 characters; no hidden characters, no web address.
    #[schema(example = "Ana Souza", format = "person-name")]
    name: String,
    /// Not above your own.
    #[schema(value_type = Role)]
    role: String,
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
    /// 2 to 100 characters; no hidden characters, no web address.
    #[schema(example = "Ana Souza", format = "person-name")]
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
        ("role" = Option<Role>, Query, description = "Only people of this role."),
        ("suspended" = Option<bool>, Query, description = "Only people who may log in (`false`), or may not (`true`)."),
        ("sort" = Option<TimeOrder>, Query, description = "The order; the oldest first when absent."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of people.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/users")]
pub async fn list(
    _caller: ManageUsers,
    accounts: &State<Arc<Accounts>>,
    raw: RawQuery,
) -> Api<Private> {
    let mut query = Query::read(&raw);
    let limit = query.limit();
    let role = query.word::<Role>("role");
    let suspended = query.truth("suspended");
    let order = query.word("sort").unwrap_or(TimeOrder::Oldest);
    let after = query.cursor(paging::decode).unwrap_or_else(|| order.start());
    let fields = query.fields(FIELDS);
    let asked = query.end()?;
    let wanted = Wanted { role, suspended, order, after };
    let found: db::Result<Vec<User>> =
        accounts.db.read(move |conn| store::list(conn, &wanted, limit + 1)).await;
    let mut found = found?;
    let next = paging::cut(&mut found, limit).map(|user| paging::encode(&user.id));
    let link = next.as_ref().map(|cursor| asked.next("/api/v1/users", cursor));
    let items = paging::chosen(found, &fields)?;
    Ok(Private::new(&List { items, next })?.followed_by(link.as_deref()))
}

/// One person.
#[utoipa::path(
    get, path = "/api/v1/users/{id}", operation_id = "showUser", tag = "People", security(("bearer" = [])),
    params(("id" = String, Path, description = "The person's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses((status = 200, description = "The person.", body = View, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/users/<id>")]
pub async fn show(_caller: ManageUsers, accounts: &State<Arc<Accounts>>, id: &str) -> Api<Private> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<Option<User>> =
        accounts.db.read(move |conn| store::by_id(conn, &id)).await;
    Ok(Private::new(&View::from(found?.ok_or(Error::NotFound)?))?)
}

/// Adds somebody.
///
/// The password is made up and shown this once.
#[utoipa::path(
    post, path = "/api/v1/users", operation_id = "createUser", tag = "People", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$")),
    request_body = Body,
    responses(
        (status = 201, description = "Added.", body = Created, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))),
        (status = 403, description = "You may not do this, or not give a role above your own; `detail` says which."),
        (status = 409, description = "Somebody with this address is here already."),
    )
)]
#[post("/users", data = "<body>")]
pub async fn create(
    caller: ManageUsers,
    accounts: &State<Arc<Accounts>>,
    once: Once<'_>,
    body: JsonObject,
) -> Api<Kept> {
    let JsonObject(object, hash) = body;
    let mut new = input(&object?)?;
    let caller = caller.0;
    caller.reaches(new.role)?;
    let password = random_token(15);
    new.password_hash = accounts.passwords.hash(password.clone()).await?;
    let now = accounts.clock.now_ms();
    let who = caller.id().to_owned();
    let work = move |tx: &mut Tx<'_>| {
        let user = super::create(tx, &caller.actor(), new, now)?;
        Ok(Created { user: user.into(), password })
    };
    Ok(once.create(&accounts.db, &who, &hash, work).await?)
}

fn input(object: &Map<String, Value>) -> Result<NewUser, Error> {
    let mut input = Input::new(object);
    input.require(&["email", "name", "role"]);
    let email = input.parsed("email", |text| parse_email(Some(text)));
    let name = input.parsed("name", |text| parse_name(Some(text)));
    let role = input.word("role");
    input.end()?;
    Ok(NewUser {
        email: email.unwrap_or_default(),
        name: name.unwrap_or_default(),
        role: role.unwrap_or(Role::Analyst),
        password_hash: String::new(),
    })
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
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/users/<id>", data = "<body>")]
pub async fn update(
    caller: ManageUsers,
    accounts: &State<Arc<Accounts>>,
    id: &str,
    if_match: IfMatch,
    body: JsonObject,
) -> Api<Private> {
    let (caller, id) = (caller.0, id::parse(id).ok_or(Error::NotFound)?);
    let edit = edit(&body.0?)?;
    if let Some(role) = edit.role {
        caller.reaches(role)?;
    }
    let now = accounts.clock.now_ms();
    let updated = accounts
        .db
        .write(move |tx| {
            let user = super::within_reach(tx, &caller, &id)?;
            if_match.check(&View::from(user.clone()))?;
            super::edit(tx, &caller.actor(), &user, edit, now)
        })
        .await?;
    Ok(Private::new(&View::from(updated))?)
}

fn edit(object: &Map<String, Value>) -> Result<Edit, Error> {
    let mut input = Input::new(object);
    let edit = Edit {
        name: input.parsed("name", |text| parse_name(Some(text))),
        role: input.word("role"),
        suspended: input.truth("suspended"),
    };
    input.end()?;
    Ok(edit)
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
            let user = super::within_reach(tx, &caller, &id)?;
            super::remove(tx, &caller.actor(), &user, now)
        })
        .await?;
    Ok(Done)
}
