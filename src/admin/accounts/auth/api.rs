//! `/api/v1/auth`: log in, refresh, log out, another password, who am I.

use std::sync::Arc;

use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, State, get, post};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{OpenApi, ToSchema};

use super::{Granted, LogIn, Origin, devices, factor};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::audit::{self, Change};
use crate::admin::accounts::caller::{Caller, Person, Through};
use crate::admin::accounts::model::{Capability, check_password};
use crate::admin::accounts::users::{self, View};
use crate::platform::db;
use crate::platform::error::Error;
use crate::platform::http::{Api, Done, Input, Json, JsonObject, Limiter, Meta, Private};

#[derive(OpenApi)]
#[openapi(
    paths(
        log_in,
        refresh,
        log_out,
        change_password,
        me,
        factor::begin,
        factor::confirm,
        factor::remove,
        devices::list,
        devices::remove,
    ),
    tags((name = "Getting in", description = "Log in, stay in, a second factor. What needs a token takes it as `Authorization: Bearer …`."))
)]
pub struct Described;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Origin {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self {
            device: super::device(request.headers().get_one("User-Agent")),
            address: Meta::of(request).truncated_client().to_string(),
        })
    }
}

/// The texts of `names`, of which a body has nothing else; those before `required` must be there.
fn texts<const N: usize>(
    object: &Map<String, Value>,
    names: [&'static str; N],
    required: usize,
) -> Result<[Option<String>; N], Error> {
    let mut input = Input::new(object);
    let texts = names.map(|name| input.raw(name).map(str::to_owned));
    for (name, text) in names.iter().zip(&texts).take(required) {
        match text.as_deref() {
            None => input.require(&[name]),
            Some("") => input.fault(name, "required", format!("{name} is required")),
            Some(_) => {}
        }
    }
    input.end()?;
    Ok(texts)
}

/// The one text of a body that has nothing else.
pub(super) fn text(object: &Map<String, Value>, name: &'static str) -> Result<String, Error> {
    let [text] = texts(object, [name], 1)?;
    Ok(text.unwrap_or_default())
}

/// Who wants in.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LogIn)]
#[allow(
    dead_code,
    reason = "the shape that is documented; fields are read so that all faults are told at once"
)]
pub struct Credentials {
    #[schema(example = "ana@example.com", format = "email", min_length = 1)]
    email: String,
    #[schema(example = "<your password>", format = "password", min_length = 1)]
    password: String,
    /// A code of the authenticator app or a recovery code; needed with a second factor.
    totp: Option<String>,
}

/// Lets somebody in.
///
/// Fails in the same words whether the address is unknown, the password wrong or the person
/// suspended.
#[utoipa::path(
    post, path = "/api/v1/auth/login", operation_id = "logIn", tag = "Getting in",
    request_body = Credentials,
    responses(
        (status = 200, description = "In.", body = Granted),
        (status = 401, description = "Address, password or code is not right."),
        (status = 422, description = "Codes cannot be checked now; a recovery code counts all the same."),
        (status = 429, description = "Over the limit, or too many failures from this client or for this account; `Retry-After` says for how long."),
    )
)]
#[post("/auth/login", data = "<body>")]
pub async fn log_in(
    accounts: &State<Arc<Accounts>>,
    limiter: &State<Arc<Limiter>>,
    meta: &Meta,
    from: Origin,
    body: JsonObject,
) -> Api<Json<Granted>> {
    super::count(limiter, meta)?;
    let [email, password, totp] = texts(&body.0?, ["email", "password", "totp"], 2)?;
    let input = LogIn {
        email: email.unwrap_or_default().trim().to_lowercase(),
        password: password.unwrap_or_default(),
        totp,
    };
    let granted = super::log_in(accounts, limiter, meta, input, from).await?;
    Ok(Json(Status::Ok, granted))
}

/// What the next pair of tokens is given for.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Refresh)]
#[allow(
    dead_code,
    reason = "the shape that is documented; fields are read so that all faults are told at once"
)]
pub struct Refresh {
    #[schema(example = "n0Jw…", min_length = 1)]
    refresh_token: String,
}

/// Gives the next pair of tokens.
///
/// A refresh token counts once. One that comes a second time ends its session.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", operation_id = "refresh", tag = "Getting in",
    request_body = Refresh,
    responses(
        (status = 200, description = "The next pair.", body = Granted),
        (status = 401, description = "The refresh token does not count, or no longer: log in again."),
    )
)]
#[post("/auth/refresh", data = "<body>")]
pub async fn refresh(
    accounts: &State<Arc<Accounts>>,
    from: Origin,
    body: JsonObject,
) -> Api<Json<Granted>> {
    let token = text(&body.0?, "refresh_token")?;
    Ok(Json(Status::Ok, super::refresh(accounts, &token, from.address).await?))
}

/// Ends every session of the person, everywhere.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", operation_id = "logOut", tag = "Getting in", security(("bearer" = [])),
    responses(
        (status = 204, description = "Out."),
        (status = 403, description = "This is for a person who has logged in, not for a token."),
    )
)]
#[post("/auth/logout")]
pub async fn log_out(person: Person, accounts: &State<Arc<Accounts>>) -> Api<Done> {
    let now = accounts.clock.now_ms();
    let ended: db::Result<()> = accounts
        .db
        .write(move |tx| {
            let id = &person.caller.user.id;
            users::end_sessions(tx, id, now)?;
            let change = Change::of("auth.log_out", "user", id);
            audit::record(tx, &person.caller.actor(), &change, now)
        })
        .await;
    ended?;
    Ok(Done)
}

/// Another password.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordChange)]
#[allow(
    dead_code,
    reason = "the shape that is documented; fields are read so that all faults are told at once"
)]
pub struct Passwords {
    #[schema(example = "<your password>", format = "password", min_length = 1)]
    current: String,
    /// At least 10 characters, not one that everybody thinks of.
    #[schema(
        example = "<another password>",
        format = "password",
        min_length = 10,
        max_length = 256
    )]
    new: String,
}

/// Sets another password.
///
/// Ends every session and begins a new one.
#[utoipa::path(
    post, path = "/api/v1/auth/password", operation_id = "changePassword", tag = "Getting in", security(("bearer" = [])),
    request_body = Passwords,
    responses(
        (status = 200, description = "Changed; the new session.", body = Granted),
        (status = 403, description = "This is not your password, or you are a token: this is for a person who has logged in."),
        (status = 429, description = "Over the limit, or too many failures from this client or for this account; `Retry-After` says for how long."),
    )
)]
#[post("/auth/password", data = "<body>")]
pub async fn change_password(
    person: Person,
    accounts: &State<Arc<Accounts>>,
    limiter: &State<Arc<Limiter>>,
    meta: &Meta,
    from: Origin,
    body: JsonObject,
) -> Api<Json<Granted>> {
    let [current, new] = texts(&body.0?, ["current", "new"], 2)?;
    let (current, new) = (current.unwrap_or_default(), new.unwrap_or_default());
    let caller = person.caller;
    step_up(accounts, limiter, meta, &caller, current).await?;
    check_password("new", &new, &caller.user.email, &caller.user.name)
        .map_err(|fault| Error::Invalid(vec![fault]))?;
    let hash = accounts.passwords.hash(new).await?;
    let (desk, now) = (Arc::clone(accounts), accounts.clock.now_ms());
    let granted = accounts
        .db
        .write(move |tx| {
            let id = &caller.user.id;
            users::hold(tx, &caller.user)?;
            users::set_password(tx, &caller.actor(), id, &hash, now)?;
            let fresh = users::by_id(tx, id)?.ok_or(Error::NotFound)?;
            let expires_at = now + desk.refresh_ms();
            let session = super::store::add_session(tx, id, &from, now, expires_at)?;
            super::grant(tx, &desk, fresh, &session, now)
        })
        .await?;
    Ok(Json(Status::Ok, granted))
}

/// Asks for the password once more before something that matters; wrong ones count as log-ins.
pub(super) async fn step_up(
    accounts: &Arc<Accounts>,
    limiter: &Limiter,
    meta: &Meta,
    caller: &Caller,
    password: String,
) -> Result<(), Error> {
    super::prove_password(accounts, limiter, meta, &caller.user, password).await
}

/// Who asks, and what they may do.
#[derive(Serialize, ToSchema)]
pub struct Me {
    #[serde(flatten)]
    user: View,
    /// `session` or `token`.
    #[schema(example = "session")]
    through: &'static str,
    capabilities: Vec<Capability>,
}

/// Who asks, and what they may do.
#[utoipa::path(
    get, path = "/api/v1/auth/me", operation_id = "showMe", tag = "Getting in", security(("bearer" = [])),
    responses(
        (status = 200, description = "You.", body = Me),
    )
)]
#[get("/auth/me")]
pub fn me(caller: Caller) -> Api<Private> {
    let through = match &caller.through {
        Through::Session(_) | Through::Browser(_) => "session",
        Through::Token { .. } => "token",
    };
    let capabilities = caller.capabilities();
    Ok(Private::new(&Me { user: caller.user.into(), through, capabilities })?)
}
