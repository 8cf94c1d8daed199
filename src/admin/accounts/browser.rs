//! Browsers that are logged in to the dashboard: a session like any other, named by a cookie.
//!
//! The cookie holds 32 random bytes, the database their SHA-256. Every log-in makes a new one. The token against
//! forged forms is made of the cookie, so it needs no place of its own and ends with it.

use std::sync::Arc;

use rocket::Request;
use rocket::http::{Cookie, SameSite};
use rocket::time::Duration as CookieAge;

use super::auth::{self, LogIn, Origin, store};
use super::users::{self, User};
use super::{Accounts, audit};
use crate::platform::crypto::{random_token, sha256_hex};
use crate::platform::db::{self, Tx};
use crate::platform::error::Error;
use crate::platform::http::{Limiter, Meta};
use crate::platform::secret::Secret;

const TOKEN_BYTES: usize = 32;
const DAY_MS: i64 = 86_400_000;
/// A browser that is not used for so long is logged out.
const IDLE_MS: i64 = 14 * DAY_MS;
/// Any browser logs in again after this.
const LONGEST_MS: i64 = 60 * DAY_MS;
/// A use is written down at most this often.
const NOTE_EVERY_MS: i64 = 5 * 60_000;
/// So long a password that was just given counts for what asks for it again.
const CONFIRMED_MS: i64 = 10 * 60_000;

/// Only over https: a browser takes a cookie of this name from nobody but this very host.
const SECURE_NAME: &str = "__Host-manero";
/// Over http, where browsers refuse the other.
const PLAIN_NAME: &str = "manero_session";

/// A browser that is logged in.
#[derive(Debug, Clone)]
pub struct Browser {
    pub session: String,
    /// What its forms carry.
    pub csrf: Secret<String>,
    /// Until when nothing asks for the password again; epoch milliseconds.
    pub confirmed_until: i64,
}

/// What a browser is to keep.
pub struct Ticket(Secret<String>);

fn name(meta: &Meta) -> &'static str {
    if meta.https { SECURE_NAME } else { PLAIN_NAME }
}

/// The token that the request's cookie holds.
pub(super) fn cookie(request: &Request<'_>) -> Option<String> {
    let cookie = request.cookies().get(name(Meta::of(request)))?;
    Some(cookie.value().to_owned())
}

fn csrf_of(token: &str) -> Secret<String> {
    Secret::new(sha256_hex(format!("form/{token}")))
}

impl Ticket {
    /// As a cookie for the browser that `meta` came from.
    #[must_use]
    pub fn cookie(&self, meta: &Meta) -> Cookie<'static> {
        Cookie::build((name(meta), self.0.expose().clone()))
            .http_only(true)
            .same_site(SameSite::Lax)
            .path("/")
            .secure(meta.https)
            .max_age(CookieAge::milliseconds(LONGEST_MS))
            .build()
    }

    /// What its forms carry.
    #[must_use]
    pub fn csrf(&self) -> Secret<String> {
        csrf_of(self.0.expose())
    }
}

/// A cookie that ends the one there is.
#[must_use]
pub fn no_cookie(meta: &Meta) -> Cookie<'static> {
    let mut cookie = Ticket(Secret::new(String::new())).cookie(meta);
    cookie.make_removal();
    cookie
}

/// Makes `session` one of a browser.
pub fn bind(tx: &mut Tx<'_>, session: &str, now_ms: i64) -> db::Result<Ticket> {
    let token = random_token(TOKEN_BYTES);
    let (expires_at, confirmed) = (now_ms + IDLE_MS, now_ms + CONFIRMED_MS);
    store::bind(tx, session, &sha256_hex(&token), expires_at, confirmed)?;
    Ok(Ticket(Secret::new(token)))
}

/// Begins a session for somebody who has proved who they are.
pub fn begin(tx: &mut Tx<'_>, user: &User, from: &Origin, now_ms: i64) -> db::Result<Ticket> {
    let session = store::add_session(tx, &user.id, from, now_ms, now_ms + IDLE_MS)?;
    let change = audit::Change::of("auth.log_in", "session", &session);
    audit::record(tx, &auth::actor(user, &from.address), &change, now_ms)?;
    bind(tx, &session, now_ms)
}

/// Lets a browser in; the attempt has been counted against the client.
pub async fn log_in(
    accounts: &Arc<Accounts>,
    limiter: &Limiter,
    meta: &Meta,
    input: LogIn,
    from: Origin,
) -> Result<Ticket, Error> {
    auth::count(limiter, meta)?;
    let give = |tx: &mut Tx<'_>, _: User, session: &str, now| Ok(bind(tx, session, now)?);
    auth::log_in_for(accounts, limiter, meta, input, from, give).await
}

/// Whose browser has the cookie `token`, and what it may still do without proof.
pub(super) async fn recognise(
    accounts: &Arc<Accounts>,
    token: &str,
    meta: &Meta,
) -> Result<Option<(User, Browser)>, Error> {
    let (hash, now) = (sha256_hex(token), accounts.clock.now_ms());
    let found = accounts
        .db
        .glance(move |conn| -> db::Result<_> {
            let Some(session) = store::by_cookie(conn, &hash, now)? else { return Ok(None) };
            let user = users::by_id(conn, &session.1)?;
            Ok(user.filter(|user| user.suspended_at.is_none()).map(|user| (user, session)))
        })
        .await?;
    let Some((user, (session, _, begun_at, used_at, confirmed_until))) = found else {
        return Ok(None);
    };
    if now >= begun_at + LONGEST_MS {
        return Ok(None);
    }
    if now - used_at >= NOTE_EVERY_MS || now < used_at {
        let expires_at = (now + IDLE_MS).min(begun_at + LONGEST_MS);
        let (id, address) = (session.clone(), meta.truncated_client().to_string());
        let noted: db::Result<()> = accounts
            .db
            .write(move |tx| store::touch_session(tx, &id, &address, now, expires_at))
            .await;
        // A page must not fail because nothing can be written.
        if let Err(error) = noted {
            log::warn!("the last use of a session could not be noted: {error}");
        }
    }
    Ok(Some((user, Browser { session, csrf: csrf_of(token), confirmed_until })))
}

impl Browser {
    /// Whether `given` is what a form of this browser carries.
    #[must_use]
    pub fn sent(&self, given: &str) -> bool {
        self.csrf.matches(given)
    }

    /// Whether whoever sits there has proved lately who they are.
    #[must_use]
    pub fn is_confirmed(&self, now_ms: i64) -> bool {
        now_ms < self.confirmed_until
    }
}

/// The password, and with a second factor its code, once more.
///
/// # Errors
/// 403 when one of them is not right; 429 after too many.
pub async fn confirm(
    accounts: &Arc<Accounts>,
    limiter: &Limiter,
    meta: &Meta,
    user: &User,
    session: &str,
    (password, code): (String, Option<String>),
) -> Result<(), Error> {
    auth::prove(accounts, limiter, meta, user, password, code).await?;
    let (session, until) = (session.to_owned(), accounts.clock.now_ms() + CONFIRMED_MS);
    let confirmed: db::Result<()> =
        accounts.db.write(move |tx| store::confirm(tx, &session, until)).await;
    Ok(confirmed?)
}

/// Ends the browser's own session.
pub async fn log_out(
    accounts: &Arc<Accounts>,
    user: &User,
    session: &str,
    meta: &Meta,
) -> Result<(), Error> {
    let (session, now) = (session.to_owned(), accounts.clock.now_ms());
    let actor = auth::actor(user, &meta.truncated_client().to_string());
    let ended: db::Result<()> = accounts
        .db
        .write(move |tx| {
            store::end_session(tx, &session, now)?;
            audit::record(tx, &actor, &audit::Change::of("auth.log_out", "session", &session), now)
        })
        .await;
    Ok(ended?)
}
