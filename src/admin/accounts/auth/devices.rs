//! `/api/v1/auth/sessions`: where somebody is logged in, and ending one of them.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, delete, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Device};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::audit::{self, Change};
use crate::admin::accounts::caller::Person;
use crate::platform::clock;
use crate::platform::db;
use crate::platform::error::Error;
use crate::platform::http::{Api, Done, Json};
use crate::platform::id;

/// Where somebody is logged in.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionList)]
pub struct List {
    items: Vec<Item>,
    /// Always null: there is one page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// One log-in that counts.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct Item {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    /// Whether this is the one that asks.
    current: bool,
    /// What the client calls itself.
    #[schema(
        example = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        max_length = 120
    )]
    device: String,
    /// From where it was used last, shortened.
    #[schema(example = "203.0.113.0")]
    address: String,
    #[schema(example = "2026-11-25T14:00:00.000Z", format = "date-time")]
    created_at: String,
    #[schema(example = "2026-11-25T14:00:00.000Z", format = "date-time")]
    last_used_at: String,
    #[schema(example = "2026-12-25T14:00:00.000Z", format = "date-time")]
    expires_at: String,
}

/// Where you are logged in.
#[utoipa::path(
    get, path = "/api/v1/auth/sessions", operation_id = "listSessions", tag = "Getting in", security(("bearer" = [])),
    responses(
        (status = 200, description = "Your sessions.", body = List),
        (status = 403, description = "This is for a person who has logged in, not for a token."),
    )
)]
#[get("/auth/sessions")]
pub async fn list(person: Person, accounts: &State<Arc<Accounts>>) -> Api<Json<List>> {
    let (user, now) = (person.caller.user.id, accounts.clock.now_ms());
    let found: db::Result<Vec<Device>> =
        accounts.db.read(move |conn| store::sessions(conn, &user, now)).await;
    let item = |(id, device, address, created, used, expires): Device| Item {
        current: id == person.session,
        id,
        device,
        address,
        created_at: clock::rfc3339(created),
        last_used_at: clock::rfc3339(used),
        expires_at: clock::rfc3339(expires),
    };
    Ok(Json(Status::Ok, List { items: found?.into_iter().map(item).collect(), next: None }))
}

/// Ends one of your sessions.
///
/// Somebody else's session is one that is not there.
#[utoipa::path(
    delete, path = "/api/v1/auth/sessions/{id}", operation_id = "removeSession", tag = "Getting in", security(("bearer" = [])),
    params(("id" = String, Path, description = "The session's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses(
        (status = 204, description = "Ended."),
        (status = 403, description = "This is for a person who has logged in, not for a token."),
    )
)]
#[delete("/auth/sessions/<id>")]
pub async fn remove(person: Person, accounts: &State<Arc<Accounts>>, id: &str) -> Api<Done> {
    let (caller, id) = (person.caller, id::parse(id).ok_or(Error::NotFound)?);
    let now = accounts.clock.now_ms();
    accounts
        .db
        .write(move |tx| -> Result<(), Error> {
            if !store::session_is_there(tx, &id, &caller.user.id, now)? {
                return Err(Error::NotFound);
            }
            store::end_session(tx, &id, now)?;
            let change = Change::of("auth.end_session", "session", &id);
            Ok(audit::record(tx, &caller.actor(), &change, now)?)
        })
        .await?;
    Ok(Done)
}
