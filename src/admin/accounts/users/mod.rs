//! People: who they are, and what may become of them. What ends sessions does it in the same
//! transaction.

pub mod api;
pub mod store;

use serde::Serialize;
use serde_json::{Value, json};

use super::audit::{self, Actor, Change};
use super::auth;
use super::caller::Caller;
use super::model::Role;
use crate::platform::clock;
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::Error;
use crate::platform::http::paging::TimeOrder;
use crate::platform::id;

pub use store::QUERIES;

/// A row of `users`. Not serialisable: [`View`] is what may be shown.
#[derive(Clone)]
pub struct User {
    pub id: String,
    pub email: String,
    pub name: String,
    pub(super) password_hash: String,
    pub role: Role,
    /// Sealed.
    pub(super) totp_secret: Option<String>,
    pub has_totp: bool,
    pub suspended_at: Option<i64>,
    pub(super) epoch: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({} {})", self.id, self.role.code())
    }
}

/// A person as the API shows it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = User)]
pub struct View {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    pub id: String,
    #[schema(example = "ana@example.com", format = "email")]
    pub email: String,
    #[schema(example = "Ana Souza")]
    pub name: String,
    pub role: Role,
    /// Whether a second factor is asked for.
    #[schema(example = false)]
    pub totp: bool,
    /// Since when there is no way in; null for whoever may log in.
    #[schema(required = true, example = json!(null), format = "date-time")]
    pub suspended_at: Option<String>,
    #[schema(example = "2026-11-25T14:00:00.000Z", format = "date-time")]
    pub created_at: String,
    #[schema(example = "2026-11-25T14:00:00.000Z", format = "date-time")]
    pub updated_at: String,
}

/// The members of [`View`], as `fields` names them.
pub const FIELDS: &[&str] =
    &["id", "email", "name", "role", "totp", "suspended_at", "created_at", "updated_at"];

/// Which people somebody asks for.
pub struct Wanted {
    pub role: Option<Role>,
    pub suspended: Option<bool>,
    pub order: TimeOrder,
    /// Where the page begins.
    pub after: String,
}

impl From<User> for View {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            totp: user.has_totp,
            suspended_at: user.suspended_at.map(clock::rfc3339),
            created_at: clock::rfc3339(user.created_at),
            updated_at: clock::rfc3339(user.updated_at),
        }
    }
}

/// What the record shows of a person.
fn facts(user: &User) -> Value {
    json!({
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "suspended": user.suspended_at.is_some(),
    })
}

pub fn by_id(conn: &mut Conn<'_>, id: &str) -> db::Result<Option<User>> {
    store::by_id(conn, id)
}

/// Up to `limit` people.
pub fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> db::Result<Vec<User>> {
    store::list(conn, wanted, limit)
}

/// The person of this id, when `caller` reaches up to them.
///
/// # Errors
/// 404, or 403 for somebody above the caller's own role.
pub fn within_reach(conn: &mut Conn<'_>, caller: &Caller, id: &str) -> Result<User, Error> {
    let user = store::by_id(conn, id)?.ok_or(Error::NotFound)?;
    caller.reaches(user.role)?;
    Ok(user)
}

/// `email` in lower case.
pub fn by_email(conn: &mut Conn<'_>, email: &str) -> db::Result<Option<User>> {
    // PostgreSQL has no text with a zero in it.
    if email.contains('\0') { Ok(None) } else { store::by_email(conn, email) }
}

/// The owner who has been here longest.
pub fn first_owner(conn: &mut Conn<'_>) -> db::Result<Option<User>> {
    store::first_owner(conn)
}

/// Somebody new.
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub password_hash: String,
}

/// Adds somebody.
///
/// # Errors
/// 409 when the address is taken.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewUser, now_ms: i64) -> Result<User, Error> {
    let user = User {
        id: id::new_id(),
        email: new.email,
        name: new.name,
        password_hash: new.password_hash,
        role: new.role,
        totp_secret: None,
        has_totp: false,
        suspended_at: None,
        epoch: 1,
        created_at: now_ms,
        updated_at: now_ms,
    };
    store::add(tx, &user, now_ms).map_err(|error| match error {
        db::Error::Unique(_) => {
            Error::Conflict("somebody with this address is here already".into())
        }
        other => other.into(),
    })?;
    let change = Change::of("user.create", "user", &user.id).after(facts(&user));
    audit::record(tx, actor, &change, now_ms)?;
    Ok(user)
}

/// What is to become of somebody; `None` leaves a thing as it is.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub name: Option<String>,
    pub role: Option<Role>,
    pub suspended: Option<bool>,
}

/// Changes somebody. Another role and a suspension end every session.
///
/// # Errors
/// 409 when nobody could be owner any more.
pub fn edit(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: &User,
    edit: Edit,
    now_ms: i64,
) -> Result<User, Error> {
    let suspended_at = match edit.suspended {
        None => before.suspended_at,
        Some(true) => before.suspended_at.or(Some(now_ms)),
        Some(false) => None,
    };
    let after = User {
        name: edit.name.unwrap_or_else(|| before.name.clone()),
        role: edit.role.unwrap_or(before.role),
        suspended_at,
        ..before.clone()
    };
    let (was, is) = (facts(before), facts(&after));
    if was == is {
        return Ok(after);
    }
    let powers_change =
        after.role != before.role || after.suspended_at.is_some() != before.suspended_at.is_some();
    if powers_change && (after.role != Role::Owner || after.suspended_at.is_some()) {
        keep_an_owner(tx, before)?;
    }
    store::set(tx, &after, now_ms)?;
    if powers_change {
        end_sessions(tx, &after.id, now_ms)?;
    }
    let change = Change::of("user.update", "user", &after.id).before(was).after(is);
    audit::record(tx, actor, &change, now_ms)?;
    Ok(User { updated_at: now_ms, ..after })
}

/// Removes somebody with everything that is theirs alone.
///
/// # Errors
/// 409 when nobody could be owner any more.
pub fn remove(tx: &mut Tx<'_>, actor: &Actor, user: &User, now_ms: i64) -> Result<(), Error> {
    keep_an_owner(tx, user)?;
    store::remove(tx, &user.id)?;
    let change = Change::of("user.delete", "user", &user.id).before(facts(user));
    Ok(audit::record(tx, actor, &change, now_ms)?)
}

fn keep_an_owner(tx: &mut Tx<'_>, user: &User) -> Result<(), Error> {
    if user.role != Role::Owner || user.suspended_at.is_some() {
        return Ok(());
    }
    if store::other_owners(tx, &user.id)? == 0 {
        return Err(Error::Conflict(
            "this is the last owner; make somebody else owner first".into(),
        ));
    }
    Ok(())
}

/// Gives somebody another password and ends every session.
pub fn set_password(
    tx: &mut Tx<'_>,
    actor: &Actor,
    user_id: &str,
    hash: &str,
    now_ms: i64,
) -> db::Result<()> {
    store::set_password(tx, user_id, hash, now_ms)?;
    end_sessions(tx, user_id, now_ms)?;
    audit::record(tx, actor, &Change::of("user.password", "user", user_id), now_ms)
}

/// Holds the person as they were read until the transaction ends: what ends every session comes
/// wholly before or wholly after.
///
/// # Errors
/// 401 when something has ended their sessions since, or they are suspended or gone.
pub fn hold(tx: &mut Tx<'_>, user: &User) -> Result<(), Error> {
    if store::hold(tx, &user.id, user.epoch)? {
        return Ok(());
    }
    Err(Error::Unauthorized {
        detail: "every session has just been ended; log in again",
        refused: false,
    })
}

/// From now on no session, JWT or refresh token of this person counts.
pub fn end_sessions(tx: &mut Tx<'_>, user_id: &str, now_ms: i64) -> db::Result<()> {
    store::raise_epoch(tx, user_id)?;
    auth::store::end_all(tx, user_id, now_ms)
}
