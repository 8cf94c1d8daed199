//! `/api/v1/auth/totp`: a second factor is begun, confirmed with a code, and removed.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::api::{step_up, text};
use super::store;
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::admin::accounts::caller::{Caller, Person};
use crate::admin::accounts::users::User;
use crate::admin::accounts::{Accounts, totp};
use crate::platform::db::{self, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Api, Done, Json, JsonObject, Limiter, Meta};

fn context(user_id: &str) -> String {
    format!("totp/{user_id}")
}

/// The secret of a person who has one.
///
/// # Errors
/// The data key is another: recovery codes count all the same.
pub(super) fn secret_of(accounts: &Accounts, user: &User) -> Result<Vec<u8>, Error> {
    let sealed = user.totp_secret.as_deref().unwrap_or_default();
    accounts.data_key.open(&context(&user.id), sealed).map_err(|error| {
        log::warn!("the second factor of {} cannot be checked: {error}", user.id);
        Error::Unprocessable(
            "codes cannot be checked, because the data key is another; use a recovery code, or ask \
             for `manero admin reset --totp`"
                .into(),
        )
    })
}

/// What an authenticator app takes; shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = SecondFactor)]
pub struct Begun {
    /// Base32.
    #[schema(example = "<32 letters and digits>")]
    pub secret: String,
    /// The same for a QR code.
    #[schema(example = "otpauth://totp/Manuel%20Manero:ana%40example.com?secret=…")]
    pub url: String,
}

/// Begins a second factor.
///
/// It counts once a code has confirmed it; until then it may be begun again.
#[utoipa::path(
    post, path = "/api/v1/auth/totp", operation_id = "beginTotp", tag = "Getting in", security(("bearer" = [])),
    responses(
        (status = 200, description = "What the app takes.", body = Begun),
        (status = 403, description = "This is for a person who has logged in, not for a token."),
        (status = 409, description = "There is a second factor already; remove it first."),
    )
)]
#[post("/auth/totp")]
pub async fn begin(person: Person, accounts: &State<Arc<Accounts>>) -> Api<Json<Begun>> {
    Ok(Json(Status::Ok, begun(accounts, &person.caller.user).await?))
}

/// Begins a second factor for `user`; it may be begun again until a code has confirmed it.
///
/// # Errors
/// 409 when there is one.
pub async fn begun(accounts: &Accounts, user: &User) -> Result<Begun, Error> {
    let now = accounts.clock.now_ms();
    let secret = totp::new_secret();
    let url = totp::url(&secret, &accounts.site(), &user.email);
    let sealed = accounts.data_key.seal(&context(&user.id), &secret);
    let id = user.id.clone();
    let set: db::Result<bool> =
        accounts.db.write(move |tx| store::set_totp(tx, &id, &sealed, now)).await;
    if !set? {
        return Err(Error::Conflict("there is a second factor already; remove it first".into()));
    }
    Ok(Begun { secret: totp::base32(&secret), url })
}

/// What `user` has begun and not confirmed yet.
///
/// # Errors
/// 409 when there is nothing to confirm.
pub fn unconfirmed(accounts: &Accounts, user: &User) -> Result<Begun, Error> {
    if user.has_totp || user.totp_secret.is_none() {
        return Err(Error::Conflict("there is no second factor to confirm".into()));
    }
    let secret = secret_of(accounts, user)?;
    let url = totp::url(&secret, &accounts.site(), &user.email);
    Ok(Begun { secret: totp::base32(&secret), url })
}

/// Ten codes, each good for one log-in; shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryCodes)]
pub struct Confirmed {
    #[schema(example = json!(["xxxxx-xxxxx"]), min_items = 10, max_items = 10)]
    recovery_codes: Vec<String>,
}

/// What the app shows now.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TotpCode)]
#[allow(
    dead_code,
    reason = "the shape that is documented; fields are read so that all faults are told at once"
)]
pub struct Code {
    #[schema(example = "123456", pattern = "^\\s*[0-9]{6}\\s*$")]
    code: String,
}

/// Confirms the second factor with a code of the app.
///
/// From then on a log-in needs one.
#[utoipa::path(
    post, path = "/api/v1/auth/totp/confirm", operation_id = "confirmTotp", tag = "Getting in", security(("bearer" = [])),
    request_body = Code,
    responses(
        (status = 200, description = "On; the codes for the day the telephone is lost.", body = Confirmed),
        (status = 403, description = "This is not the code, or you are a token: this is for a person who has logged in."),
        (status = 409, description = "There is no second factor to confirm."),
        (status = 422, description = "Codes cannot be checked now; `detail` says why."),
    )
)]
#[post("/auth/totp/confirm", data = "<body>")]
pub async fn confirm(
    person: Person,
    accounts: &State<Arc<Accounts>>,
    body: JsonObject,
) -> Api<Json<Confirmed>> {
    let code = text(&body.0?, "code")?;
    if !totp::is_code(code.trim()) {
        let fault = Fault::of("code", "invalid", "code must be the six digits that the app shows");
        return Err(Error::Invalid(vec![fault]).into());
    }
    let codes = confirmed(accounts, person.caller, &code).await?;
    Ok(Json(Status::Ok, Confirmed { recovery_codes: codes }))
}

/// Confirms the second factor of `caller`; gives the recovery codes.
///
/// # Errors
/// 403 when this is not the code; 409 when there is nothing to confirm.
pub async fn confirmed(
    accounts: &Accounts,
    caller: Caller,
    code: &str,
) -> Result<Vec<String>, Error> {
    let now = accounts.clock.now_ms();
    if caller.user.has_totp || caller.user.totp_secret.is_none() {
        return Err(Error::Conflict("there is no second factor to confirm".into()));
    }
    let secret = secret_of(accounts, &caller.user)?;
    let wrong = || Error::Forbidden("this is not the code that the app shows now".into());
    let step = totp::step_of(&secret, code.trim(), now).ok_or_else(wrong)?;
    let codes = totp::new_recovery_codes();
    let stored = codes.clone();
    accounts
        .db
        .write(move |tx| -> Result<(), Error> {
            let user = &caller.user.id;
            if !store::take_step(tx, user, step)? || !store::confirm_totp(tx, user, now)? {
                return Err(wrong());
            }
            for code in &stored {
                store::add_code(tx, user, &totp::recovery_hash(user, code), now)?;
            }
            let change = Change::of("user.totp_on", "user", user);
            Ok(audit::record(tx, &caller.actor(), &change, now)?)
        })
        .await?;
    Ok(codes)
}

/// The password once more.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordAgain)]
#[allow(
    dead_code,
    reason = "the shape that is documented; fields are read so that all faults are told at once"
)]
pub struct Password {
    #[schema(example = "<your password>", format = "password", min_length = 1)]
    password: String,
}

/// Removes the second factor.
///
/// From then on the password alone is enough.
#[utoipa::path(
    post, path = "/api/v1/auth/totp/remove", operation_id = "removeTotp", tag = "Getting in", security(("bearer" = [])),
    request_body = Password,
    responses(
        (status = 204, description = "Removed."),
        (status = 403, description = "This is not your password, or you are a token: this is for a person who has logged in."),
        (status = 429, description = "Over the limit, or too many failures from this client or for this account; `Retry-After` says for how long."),
    )
)]
#[post("/auth/totp/remove", data = "<body>")]
pub async fn remove(
    person: Person,
    accounts: &State<Arc<Accounts>>,
    limiter: &State<Arc<Limiter>>,
    meta: &Meta,
    body: JsonObject,
) -> Api<Done> {
    let password = text(&body.0?, "password")?;
    let (caller, now) = (person.caller, accounts.clock.now_ms());
    step_up(accounts, limiter, meta, &caller, password).await?;
    let removed: db::Result<()> =
        accounts.db.write(move |tx| drop_factor(tx, &caller.actor(), &caller.user.id, now)).await;
    removed?;
    Ok(Done)
}

/// From now on the password alone is enough.
pub fn drop_factor(tx: &mut Tx<'_>, actor: &Actor, user_id: &str, now_ms: i64) -> db::Result<()> {
    store::drop_totp(tx, user_id, now_ms)?;
    audit::record(tx, actor, &Change::of("user.totp_off", "user", user_id), now_ms)
}
