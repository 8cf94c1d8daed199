//! Who asks: the guards of the API. Each request is looked up in the database, so that a log-out, a
//! suspension, another role or a revoked token counts from the next request on.

use std::sync::Arc;

use rocket::request::{FromRequest, Outcome};
use rocket::{Request, State};

use super::audit::Actor;
use super::browser::{self, Browser};
use super::model::{Capability, Role};
use super::tokens::{self, PREFIX};
use super::users::User;
use super::{Accounts, auth, jwt, users};
use crate::ops::rotation::keys;
use crate::platform::db;
use crate::platform::error::Error;
use crate::platform::http::Meta;

/// A token's last use is written down at most this often.
const NOTE_EVERY_MS: i64 = 60_000;

/// Somebody who is known.
#[derive(Debug, Clone)]
pub struct Caller {
    pub user: User,
    pub through: Through,
    /// Truncated.
    pub address: String,
}

/// How a caller proved who it is.
#[derive(Debug, Clone)]
pub enum Through {
    /// A log-in; the session's id.
    Session(String),
    /// A log-in to the dashboard.
    Browser(Browser),
    Token {
        id: String,
        name: String,
        scopes: Vec<Capability>,
    },
}

impl Caller {
    /// What the role allows, and for a token only what its scopes name.
    #[must_use]
    pub fn may(&self, capability: Capability) -> bool {
        let named = match &self.through {
            Through::Session(_) | Through::Browser(_) => true,
            Through::Token { scopes, .. } => scopes.contains(&capability),
        };
        named && self.user.role.may(capability)
    }

    /// Its own id: the person's, or the token's.
    #[must_use]
    pub fn id(&self) -> &str {
        match &self.through {
            Through::Session(_) | Through::Browser(_) => &self.user.id,
            Through::Token { id, .. } => id,
        }
    }

    /// Everything that it may do.
    #[must_use]
    pub fn capabilities(&self) -> Vec<Capability> {
        Capability::ALL.iter().copied().filter(|capability| self.may(*capability)).collect()
    }

    /// Whether it may touch what belongs to somebody of `role`: nobody reaches above their own.
    ///
    /// # Errors
    /// 403.
    pub fn reaches(&self, role: Role) -> Result<(), Error> {
        if role <= self.user.role {
            return Ok(());
        }
        let own = self.user.role.code();
        Err(Error::Forbidden(format!("the role {own} does not reach up to {}", role.code())))
    }

    /// The browser that is logged in, if it is one.
    #[must_use]
    pub fn browser(&self) -> Option<&Browser> {
        match &self.through {
            Through::Browser(browser) => Some(browser),
            Through::Session(_) | Through::Token { .. } => None,
        }
    }

    /// For the record.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let (kind, id, label) = match &self.through {
            Through::Session(_) | Through::Browser(_) => {
                ("user", self.user.id.clone(), self.user.email.clone())
            }
            Through::Token { id, name, .. } => {
                ("token", id.clone(), format!("{name} of {}", self.user.email))
            }
        };
        Actor { kind, id, label, address: self.address.clone() }
    }
}

/// Why a credential does not count; the same words for all reasons.
fn refused() -> Error {
    Error::Unauthorized { detail: "this token does not count, or no longer", refused: true }
}

/// Somebody who may not have said who they are: for addresses that answer everybody, and some more.
pub struct Asker<'r> {
    accounts: &'r Arc<Accounts>,
    given: Vec<&'r str>,
    /// Below `/admin` a cookie counts and nothing else; elsewhere none does, so that no other site can make a browser
    /// ask the API for anything.
    cookie: Cookie,
    meta: &'r Meta,
}

/// What a request's cookie says.
enum Cookie {
    /// It is not asked for.
    CountsNot,
    Missing,
    Sent(String),
}

impl Asker<'_> {
    /// # Errors
    /// 401, or what is wrong with the database.
    pub async fn caller(&self) -> Result<Caller, Error> {
        match &self.cookie {
            Cookie::CountsNot => {}
            Cookie::Missing => return self.caller_of(None).await,
            Cookie::Sent(token) => return self.caller_of(Some(token)).await,
        }
        let bearer = match self.given.as_slice() {
            [] => None,
            [one] => one
                .split_once(' ')
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
                .map(|(_, token)| token.trim()),
            _ => return Err(Error::BadRequest("the request says twice who asks".into())),
        };
        let nobody = Error::Unauthorized {
            detail: "log in, or send a token: Authorization: Bearer …",
            refused: false,
        };
        let bearer = bearer.ok_or(nobody)?;
        let address = self.meta.truncated_client().to_string();
        let now = self.accounts.clock.now_ms();
        let (user, through) = if bearer.starts_with(PREFIX) {
            by_token(self.accounts, bearer, now).await?
        } else {
            by_jwt(self.accounts, bearer, now).await?
        };
        Ok(Caller { user, through, address })
    }

    async fn caller_of(&self, cookie: Option<&str>) -> Result<Caller, Error> {
        let nobody = Error::Unauthorized { detail: "log in to go on", refused: cookie.is_some() };
        let found = match cookie {
            Some(token) => browser::recognise(self.accounts, token, self.meta).await?,
            None => None,
        };
        let (user, browser) = found.ok_or(nobody)?;
        let address = self.meta.truncated_client().to_string();
        Ok(Caller { user, through: Through::Browser(browser), address })
    }

    /// Whether they say who they are, rightly, and may do `capability`. Whoever may not is one of everybody.
    ///
    /// # Errors
    /// What is wrong with the database.
    pub async fn is_one_who_may(&self, capability: Capability) -> Result<bool, Error> {
        if self.given.is_empty() {
            return Ok(false);
        }
        match self.who_may(capability).await {
            Ok(_) => Ok(true),
            Err(error) if error.status() < 500 => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A caller that may do `capability`.
    ///
    /// # Errors
    /// 401, 403, or what is wrong with the database.
    pub async fn who_may(&self, capability: Capability) -> Result<Caller, Error> {
        self.caller().await?.who_may(capability)
    }
}

impl Caller {
    /// Itself, when it may do `capability`.
    ///
    /// # Errors
    /// 403.
    pub fn who_may(self, capability: Capability) -> Result<Self, Error> {
        let caller = self;
        if caller.may(capability) {
            return Ok(caller);
        }
        let scope = capability.scope();
        Err(Error::Forbidden(match caller.through {
            Through::Session(_) | Through::Browser(_) => {
                format!("the role {} may not do this ({scope})", caller.user.role.code())
            }
            Through::Token { .. } => format!("the token may not do this ({scope})"),
        }))
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Asker<'r> {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let Some(accounts) = request.guard::<&State<Arc<Accounts>>>().await.succeeded() else {
            return Outcome::Forward(rocket::http::Status::InternalServerError);
        };
        let given = request.headers().get("Authorization").collect();
        let cookie = match browser::cookie(request) {
            _ if !is_dashboard(request) => Cookie::CountsNot,
            None => Cookie::Missing,
            Some(token) => Cookie::Sent(token),
        };
        Outcome::Success(Self {
            accounts: accounts.inner(),
            given,
            cookie,
            meta: Meta::of(request),
        })
    }
}

async fn asker<'r>(request: &'r Request<'_>) -> Result<Asker<'r>, Error> {
    let asker = request.guard::<Asker<'r>>().await.succeeded();
    asker.ok_or_else(|| Error::Internal("accounts are not managed".into()))
}

/// Whether the request is one of the dashboard's.
fn is_dashboard(request: &Request<'_>) -> bool {
    request.uri().path().segments().next() == Some("admin")
}

/// Who a request comes from, looked up once for all that ask.
struct Recognised(Result<Caller, Error>);

/// Who `request` comes from.
///
/// # Errors
/// 401, or what is wrong with the database.
pub async fn recognise(request: &Request<'_>) -> Result<Caller, Error> {
    let look = async { Recognised(look_up(request).await) };
    request.local_cache_async(look).await.0.clone()
}

async fn look_up(request: &Request<'_>) -> Result<Caller, Error> {
    asker(request).await?.caller().await
}

async fn by_jwt(
    accounts: &Arc<Accounts>,
    bearer: &str,
    now: i64,
) -> Result<(User, Through), Error> {
    let (accounts, token) = (Arc::clone(accounts), bearer.to_owned());
    let kid = jwt::key_id(&token).filter(|kid| !kid.contains('\0')).ok_or_else(refused)?;
    let db = accounts.db.clone();
    let found: Option<(User, String)> = db
        .glance(move |conn| -> db::Result<_> {
            let Some(key) = keys::verifying(conn, &accounts.data_key, &kid, now)? else {
                return Ok(None);
            };
            let Some(claims) = jwt::verify(&token, &key, now) else { return Ok(None) };
            let user = users::by_id(conn, &claims.sub)?
                .filter(|user| user.suspended_at.is_none() && user.epoch == claims.epoch);
            let there = auth::session_is_there(conn, &claims.sid, &claims.sub, now)?;
            Ok(user.filter(|_| there).map(|user| (user, claims.sid)))
        })
        .await?;
    let (user, session) = found.ok_or_else(refused)?;
    Ok((user, Through::Session(session)))
}

async fn by_token(
    accounts: &Arc<Accounts>,
    bearer: &str,
    now: i64,
) -> Result<(User, Through), Error> {
    let hash = tokens::hash(bearer);
    let found = accounts
        .db
        .glance(move |conn| -> db::Result<_> {
            let Some(token) = tokens::counting(conn, &hash, now)? else { return Ok(None) };
            let user = users::by_id(conn, &token.user_id)?;
            Ok(user.filter(|user| user.suspended_at.is_none()).map(|user| (user, token)))
        })
        .await?;
    let (user, token) = found.ok_or_else(refused)?;
    if token.last_used_at.is_none_or(|last| now - last >= NOTE_EVERY_MS || now < last) {
        let id = token.id.clone();
        let noted: db::Result<()> =
            accounts.db.write(move |tx| tokens::note_use(tx, &id, now)).await;
        // A read must not fail because nothing can be written.
        if let Err(error) = noted {
            log::warn!("a token's last use could not be noted: {error}");
        }
    }
    let through = Through::Token { id: token.id, name: token.name, scopes: token.scopes };
    Ok((user, through))
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Caller {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match recognise(request).await {
            Ok(caller) => Outcome::Success(caller),
            Err(error) => Meta::of(request).refuse(error),
        }
    }
}

/// A person who has logged in; a token will not do.
pub struct Person {
    pub caller: Caller,
    pub session: String,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Person {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match recognise(request).await {
            Ok(caller) => match &caller.through {
                Through::Session(id) => Outcome::Success(Self { session: id.clone(), caller }),
                Through::Browser(browser) => {
                    Outcome::Success(Self { session: browser.session.clone(), caller })
                }
                Through::Token { .. } => Meta::of(request).refuse(Error::Forbidden(
                    "this is for a person who has logged in, not for a token".into(),
                )),
            },
            Err(error) => Meta::of(request).refuse(error),
        }
    }
}

/// Who `request` comes from, when they may do `capability`.
///
/// # Errors
/// 401, 403, or what is wrong with the database.
pub async fn allowed(request: &Request<'_>, capability: Capability) -> Result<Caller, Error> {
    recognise(request).await?.who_may(capability)
}

/// A guard that stands for one capability.
pub trait Guarded: Send {
    const CAPABILITY: Capability;
}

macro_rules! guards {
    ($($name:ident),+) => { $(
        #[doc = concat!("A caller that may do [`Capability::", stringify!($name), "`].")]
        pub struct $name(pub Caller);

        impl Guarded for $name {
            const CAPABILITY: Capability = Capability::$name;
        }

        #[rocket::async_trait]
        impl<'r> FromRequest<'r> for $name {
            type Error = ();

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
                match allowed(request, Capability::$name).await {
                    Ok(caller) => Outcome::Success(Self(caller)),
                    Err(error) => Meta::of(request).refuse(error),
                }
            }
        }
    )+ };
}

guards! {
    ReadContent, EditContent, ReadLeads, EditLeads, ReadInsights, ReadSettings, EditSettings,
    ReadJobs, RunJobs, ManageUsers, ManageTokens, ManageWebhooks, ReadAudit, ManageKeys
}
