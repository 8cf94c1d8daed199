//! In and out: log-in with a second factor, refresh tokens that rotate, log-out.
//!
//! A log-in is a session; access tokens name it and end with it. A refresh token counts once. One
//! that comes twice was stolen, by one of the two who sent it: the whole session ends.

pub mod api;
pub mod devices;
pub mod factor;
pub mod store;

use std::sync::Arc;

use serde::Serialize;

use super::audit::{self, Actor, Change};
use super::jwt::{self, Claims};
use super::users::{self, User, View};
use super::{Accounts, settle_keys, totp};
use crate::ops::rotation::keys;
use crate::platform::crypto::{random_token, sha256_hex};
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Class, Limiter, Meta, limited};

pub use store::From as Origin;

const REFRESH_BYTES: usize = 32;
const DEVICE_MAX: usize = 120;

/// What whoever logged in gets. Times in seconds from now.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Granted {
    /// Sent as `Authorization: Bearer …`.
    #[schema(example = "eyJ…")]
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    #[schema(example = 604_800, minimum = 1)]
    expires_in: i64,
    /// Counts once, for the next pair.
    #[schema(example = "n0Jw…")]
    refresh_token: String,
    #[schema(example = 2_592_000, minimum = 1)]
    refresh_expires_in: i64,
    user: View,
}

/// What somebody typed to get in.
pub struct LogIn {
    /// Lower case.
    pub email: String,
    pub password: String,
    /// A code of the app, or a recovery code.
    pub totp: Option<String>,
}

/// The second factor that was shown, still to be taken.
enum Factor {
    None,
    Step(i64),
    Recovery(String),
}

fn refused() -> Error {
    Error::Unauthorized { detail: "e-mail address, password or code is not right", refused: false }
}

/// Whether the session is there and has not expired.
pub(super) fn session_is_there(
    conn: &mut Conn<'_>,
    session: &str,
    user_id: &str,
    now_ms: i64,
) -> db::Result<bool> {
    store::session_is_there(conn, session, user_id, now_ms)
}

/// What a client calls itself, fit to be stored and shown.
pub(super) fn device(user_agent: Option<&str>) -> String {
    let clean = user_agent.unwrap_or_default().chars().filter(|c| !c.is_control());
    clean.take(DEVICE_MAX).collect()
}

/// Counts an attempt against the client, before anything of it is looked at.
///
/// # Errors
/// 429 when it has failed too often.
pub fn count(limiter: &Limiter, meta: &Meta) -> Result<(), Error> {
    match limiter.take(Class::LogIn, meta.limit_key()) {
        Some(decision) if !decision.allowed => Err(limited(meta, decision)),
        Some(decision) => {
            meta.show_limit(decision);
            Ok(())
        }
        None => Ok(()),
    }
}

/// Lets a counted attempt in or not. It also counts against the account; what was not a failure is
/// taken back from the client, and the right person clears the account.
pub async fn log_in(
    accounts: &Arc<Accounts>,
    limiter: &Limiter,
    meta: &Meta,
    input: LogIn,
    from: Origin,
) -> Result<Granted, Error> {
    let desk = Arc::clone(accounts);
    let give =
        move |tx: &mut Tx<'_>, user, session: &str, now| grant(tx, &desk, user, session, now);
    log_in_for(accounts, limiter, meta, input, from, give).await
}

/// The same; `give` says what the new session brings.
pub(super) async fn log_in_for<T: Send + 'static>(
    accounts: &Arc<Accounts>,
    limiter: &Limiter,
    meta: &Meta,
    input: LogIn,
    from: Origin,
    give: impl FnOnce(&mut Tx<'_>, User, &str, i64) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let account = limiter.key_of_text(&input.email);
    if limiter.is_on() {
        let begun = accounts.throttle.begin(account);
        begun.map_err(|retry_after_s| Error::TooMany { retry_after_s })?;
    }
    let granted = let_in(accounts, input, from, give).await;
    if !matches!(granted, Err(Error::Unauthorized { .. })) {
        limiter.give_back(Class::LogIn, meta.limit_key());
    }
    // Not for a right password without its code: codes would be guessed between two of those.
    if granted.is_ok() {
        accounts.throttle.clear(account);
    }
    granted
}

/// Somebody who is in gives their password once more; wrong ones count as log-ins.
///
/// # Errors
/// 403 when it is another; 429 after too many.
pub async fn prove_password(
    accounts: &Arc<Accounts>,
    limiter: &Limiter,
    meta: &Meta,
    user: &User,
    password: String,
) -> Result<(), Error> {
    count(limiter, meta)?;
    let hash = Some(user.password_hash.clone());
    if !accounts.passwords.matches(password, hash).await? {
        return Err(Error::Forbidden("this is not your password".into()));
    }
    limiter.give_back(Class::LogIn, meta.limit_key());
    Ok(())
}

/// The same with the second factor of whoever has one.
///
/// # Errors
/// 403 when one of them is not right, 400 when a code is missing; 429 after too many.
pub async fn prove(
    accounts: &Arc<Accounts>,
    limiter: &Limiter,
    meta: &Meta,
    user: &User,
    password: String,
    code: Option<String>,
) -> Result<(), Error> {
    prove_password(accounts, limiter, meta, user, password).await?;
    let now = accounts.clock.now_ms();
    let wrong = |error| match error {
        Error::Unauthorized { .. } => Error::Forbidden("this is not the code".into()),
        other => other,
    };
    // A wrong code counts like a wrong password.
    count(limiter, meta)?;
    let factor = factor_of(accounts, user, code.as_deref(), now).map_err(wrong)?;
    let id = user.id.clone();
    accounts.db.write(move |tx| take_factor(tx, &id, &factor, now)).await.map_err(wrong)?;
    limiter.give_back(Class::LogIn, meta.limit_key());
    Ok(())
}

async fn let_in<T: Send + 'static>(
    accounts: &Arc<Accounts>,
    input: LogIn,
    from: Origin,
    give: impl FnOnce(&mut Tx<'_>, User, &str, i64) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let LogIn { email, password, totp } = input;
    let read = accounts.db.read(move |conn| users::by_email(conn, &email));
    let user: Option<User> = read.await.map_err(|error: db::Error| Error::from(error))?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    // Also for nobody: the answer takes as long.
    let same = accounts.passwords.matches(password, hash).await?;
    let user = user.filter(|user| same && user.suspended_at.is_none()).ok_or_else(refused)?;
    let now = accounts.clock.now_ms();
    let factor = factor_of(accounts, &user, totp.as_deref(), now)?;
    let desk = Arc::clone(accounts);
    accounts
        .db
        .write(move |tx| {
            // Between the look and here the password or the person may have changed.
            users::hold(tx, &user)?;
            let fresh = users::by_id(tx, &user.id)?.ok_or_else(refused)?;
            take_factor(tx, &fresh.id, &factor, now)?;
            let expires_at = now + desk.refresh_ms();
            let session = store::add_session(tx, &fresh.id, &from, now, expires_at)?;
            let actor = actor(&fresh, &from.address);
            audit::record(tx, &actor, &Change::of("auth.log_in", "session", &session), now)?;
            give(tx, fresh, &session, now)
        })
        .await
}

/// What a person does from `address`.
pub fn actor(user: &User, address: &str) -> Actor {
    Actor {
        kind: "user",
        id: user.id.clone(),
        label: user.email.clone(),
        address: address.to_owned(),
    }
}

/// Which second factor `given` is. Asked only after the password was right.
fn factor_of(
    accounts: &Accounts,
    user: &User,
    given: Option<&str>,
    now_ms: i64,
) -> Result<Factor, Error> {
    if !user.has_totp {
        return Ok(Factor::None);
    }
    let Some(given) = given.map(str::trim).filter(|given| !given.is_empty()) else {
        let message = "Enter the code of your authenticator app, or a recovery code";
        return Err(Error::Invalid(vec![Fault::of("totp", "required", message)]));
    };
    if !totp::is_code(given) {
        return Ok(Factor::Recovery(totp::recovery_hash(&user.id, given)));
    }
    let secret = factor::secret_of(accounts, user)?;
    totp::step_of(&secret, given, now_ms).map(Factor::Step).ok_or_else(refused)
}

fn take_factor(tx: &mut Tx<'_>, user: &str, factor: &Factor, now_ms: i64) -> Result<(), Error> {
    let taken = match factor {
        Factor::None => true,
        Factor::Step(step) => store::take_step(tx, user, *step)?,
        Factor::Recovery(hash) => store::take_code(tx, user, hash, now_ms)?,
    };
    if taken { Ok(()) } else { Err(refused()) }
}

/// An access token and the next refresh token of `session`.
fn grant(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    user: User,
    session: &str,
    now_ms: i64,
) -> Result<Granted, Error> {
    settle_keys(tx, &accounts.data_key, accounts.jwt_secret().as_ref(), now_ms)?;
    let key = keys::signing(tx, &accounts.data_key)?
        .ok_or_else(|| Error::Internal("there is no key to sign with".into()))?;
    let (role, access_s, refresh_ms) =
        (user.role.code(), accounts.access_s(), accounts.refresh_ms());
    let claims = Claims::new(&user.id, session, role, user.epoch, now_ms, access_s);
    let refresh_token = random_token(REFRESH_BYTES);
    let expires_at = now_ms + refresh_ms;
    store::add_refresh(tx, session, &user.id, &sha256_hex(&refresh_token), now_ms, expires_at)?;
    Ok(Granted {
        access_token: jwt::sign(&claims, &key)?,
        token_type: "Bearer",
        expires_in: access_s,
        refresh_token,
        refresh_expires_in: refresh_ms / 1000,
        user: user.into(),
    })
}

/// Takes a refresh token and gives the next.
pub async fn refresh(
    accounts: &Arc<Accounts>,
    token: &str,
    address: String,
) -> Result<Granted, Error> {
    let hash = sha256_hex(token);
    let (desk, now) = (Arc::clone(accounts), accounts.clock.now_ms());
    let granted: Result<Option<Granted>, Error> = accounts
        .db
        .write(move |tx| {
            let Some(known) = store::refresh(tx, &hash)? else { return Ok(None) };
            if known.revoked || known.expires_at <= now {
                return Ok(None);
            }
            if known.used || !store::use_refresh(tx, &known.id, now)? {
                // Kept, not rolled back: whoever has the other copy is out as well.
                store::end_session(tx, &known.family, now)?;
                let change = Change::of("auth.refresh_reused", "session", &known.family);
                audit::record(tx, &Actor::system(), &change, now)?;
                return Ok(None);
            }
            let there = store::session_is_there(tx, &known.family, &known.user_id, now)?;
            let user = users::by_id(tx, &known.user_id)?;
            let Some(user) = user.filter(|user| there && user.suspended_at.is_none()) else {
                return Ok(None);
            };
            users::hold(tx, &user)?;
            let expires_at = now + desk.refresh_ms();
            store::touch_session(tx, &known.family, &address, now, expires_at)?;
            grant(tx, &desk, user, &known.family, now).map(Some)
        })
        .await;
    let detail = "this refresh token does not count, or no longer; log in again";
    granted?.ok_or(Error::Unauthorized { detail, refused: true })
}
