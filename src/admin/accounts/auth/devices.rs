//! `/api/v1/auth/sessions`: where somebody is logged in, and ending one of them.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, delete, get};
use serde::Serialize;

use super::store::{self, Device};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::audit::{self, Change};
use crate::admin::accounts::caller::Person;
use crate::platform::clock;
use crate::platform::db;
use crate::platform::error::Error;
use crate::platform::http::{Api, Done, Json};
use crate::platform::id;

#[derive(Serialize)]
pub struct List {
    items: Vec<Item>,
    /// Always null: there is one page.
    next: Option<String>,
}

#[derive(Serialize)]
struct Item {
    id: String,
    /// Whether this is the one that asks.
    current: bool,
    device: String,
    address: String,
    created_at: String,
    last_used_at: String,
    expires_at: String,
}

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

/// Somebody else's session is one that is not there.
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
