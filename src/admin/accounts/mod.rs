//! Accounts: people and their roles, sessions, tokens for programs, and the record of every change.
//!
//! Tour: `model` has the roles and what each may do; `policy` lists for every address of the API
//! who may ask; `caller` has the guards that see to it; `auth` lets people in and out. Not here: the
//! signing keys and their calendar (`ops::rotation`), any page of the dashboard.

pub mod audit;
pub mod auth;
pub mod browser;
pub mod caller;
pub mod jwt;
pub mod links;
pub mod model;
pub mod pages_policy;
pub mod passwords;
pub mod policy;
pub mod throttle;
pub mod tokens;
pub mod totp;
pub mod users;

use std::sync::Arc;

use rocket::{Route, routes};

use crate::ops::rotation::keys::{self, Rotated};
use crate::platform::clock::Clock;
use crate::platform::config::Live;
use crate::platform::crypto::DataKey;
use crate::platform::db::{self, Db, Tx};
use crate::platform::secret::Secret;

use audit::{Actor, Change};
use passwords::Passwords;
use throttle::Throttle;

/// A refresh token is valid for at least this long.
const REFRESH_MS: i64 = 30 * 86_400_000;

/// What letting people in needs; one for each program.
pub struct Accounts {
    pub db: Db,
    pub data_key: DataKey,
    /// Stopped only by tests.
    pub clock: Arc<Clock>,
    pub passwords: Passwords,
    throttle: Throttle,
    live: Live,
}

impl Accounts {
    #[must_use]
    pub fn new(db: &Db, live: &Live, data_key: DataKey) -> Self {
        Self {
            db: db.clone(),
            data_key,
            clock: Arc::default(),
            passwords: Passwords::default(),
            throttle: Throttle::default(),
            live: live.clone(),
        }
    }

    /// The first signing key, when the owner chose one.
    fn jwt_secret(&self) -> Option<Secret<String>> {
        self.live.now().jwt.secret.clone()
    }

    /// `JWT_EXPIRY`, in seconds.
    fn access_s(&self) -> i64 {
        let seconds = self.live.now().jwt.expiry.as_secs();
        i64::try_from(seconds).unwrap_or(i64::MAX).clamp(1, i64::MAX / 4000)
    }

    /// What authenticator apps show beside the code.
    fn site(&self) -> String {
        self.live.now().site.app_name.clone()
    }

    fn refresh_ms(&self) -> i64 {
        REFRESH_MS.max(self.access_s() * 2000)
    }
}

/// Sees to it that there is a signing key, and writes down when one was made or replaced.
pub fn settle_keys(
    tx: &mut Tx<'_>,
    data_key: &DataKey,
    configured: Option<&Secret<String>>,
    now_ms: i64,
) -> db::Result<()> {
    match keys::settle(tx, data_key, configured, now_ms)? {
        Some(rotated) => record_rotation(tx, &Actor::system(), &rotated, now_ms),
        None => Ok(()),
    }
}

/// Writes a rotation of the signing keys down.
pub fn record_rotation(
    tx: &mut Tx<'_>,
    actor: &Actor,
    rotated: &Rotated,
    now_ms: i64,
) -> db::Result<()> {
    let mut change = Change::of("keys.rotate", "key", &rotated.new)
        .after(serde_json::json!({ "purpose": "jwt", "kid": rotated.new, "why": rotated.why }));
    if let Some(old) = &rotated.old {
        let until = crate::platform::clock::rfc3339(rotated.old_until);
        change = change.before(serde_json::json!({ "kid": old, "verifies_until": until }));
    }
    audit::record(tx, actor, &change, now_ms)
}

/// Writes down that a vendor's key is another than at the last start.
pub fn record_vendor_key(tx: &mut Tx<'_>, name: &str, now_ms: i64) -> db::Result<()> {
    audit::record(tx, &Actor::system(), &Change::of("keys.rotate", "key", name), now_ms)
}

/// Addresses below `/api/v1`.
pub fn api_routes() -> Vec<Route> {
    routes![
        auth::api::log_in,
        auth::api::refresh,
        auth::api::log_out,
        auth::api::change_password,
        auth::api::me,
        auth::factor::begin,
        auth::factor::confirm,
        auth::factor::remove,
        auth::devices::list,
        auth::devices::remove,
        users::api::list,
        users::api::show,
        users::api::create,
        users::api::update,
        users::api::remove,
        tokens::api::list,
        tokens::api::create,
        tokens::api::remove,
        audit::api::list,
    ]
}
