//! Tokens for programs: shown once, stored as a hash, with scopes and an end.

pub mod api;
pub mod store;

use serde::Serialize;
use serde_json::{Value, json};

use super::audit::{self, Actor, Change};
use super::caller::Caller;
use super::model::{Capability, Role};
use crate::platform::clock;
use crate::platform::crypto::{random_token, sha256_hex};
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::paging::TimeOrder;
use crate::platform::id;
use crate::platform::word::Word;

/// Lets a leaked token be recognised for what it is.
pub const PREFIX: &str = "manero_";
const TOKEN_BYTES: usize = 32;
pub const DAYS_DEFAULT: i64 = 90;
pub const DAYS_MAX: i64 = 366;
pub const NAME_MAX: usize = 100;
/// Some say a scope twice; more than this is no list of scopes.
pub const SCOPES_MAX: usize = 64;

/// A token that counts.
pub struct Token {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) name: String,
    pub(super) scopes: Vec<Capability>,
    pub(super) last_used_at: Option<i64>,
}

/// A row for the list.
pub struct Listed {
    pub id: String,
    pub name: String,
    pub last_four: String,
    pub scopes: Vec<Capability>,
    pub owner: String,
    pub owner_role: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub last_used_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

impl Listed {
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The role of the person it belongs to.
    #[must_use]
    pub fn owner_role(&self) -> Option<Role> {
        Role::from_code(&self.owner_role)
    }
}

/// A token as it is shown, without what opens the door.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Token)]
pub struct View {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    pub id: String,
    #[schema(example = "newsletter tool")]
    pub name: String,
    /// How it ends, to tell it from others.
    #[schema(example = "x7Kq")]
    pub last_four: String,
    pub scopes: Vec<Capability>,
    /// Whose it is: an e-mail address.
    #[schema(example = "ana@example.com", format = "email")]
    pub user: String,
    #[schema(example = "2026-11-25T14:00:00.000Z", format = "date-time")]
    pub created_at: String,
    #[schema(example = "2027-02-23T14:00:00.000Z", format = "date-time")]
    pub expires_at: String,
    /// Noted once a minute at most; null while it has not been used.
    #[schema(required = true, example = json!(null), format = "date-time")]
    pub last_used_at: Option<String>,
    /// Null unless it was revoked.
    #[schema(required = true, example = json!(null), format = "date-time")]
    pub revoked_at: Option<String>,
}

/// The members of [`View`], as `fields` names them.
pub const FIELDS: &[&str] = &[
    "id",
    "name",
    "last_four",
    "scopes",
    "user",
    "created_at",
    "expires_at",
    "last_used_at",
    "revoked_at",
];

/// Whether a token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = TokenStanding, rename_all = "lowercase", example = "active")]
pub enum Standing {
    Active,
    /// Revoked, or its time is over.
    Ended,
}

impl Word for Standing {
    const ALL: &'static [Self] = &[Self::Active, Self::Ended];

    fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }
}

/// Which tokens somebody asks for.
pub struct Wanted {
    pub standing: Option<Standing>,
    pub order: TimeOrder,
    /// Where the page begins.
    pub after: String,
    pub now_ms: i64,
}

impl Wanted {
    /// All of them, the oldest first.
    #[must_use]
    pub fn all(now_ms: i64) -> Self {
        let order = TimeOrder::Oldest;
        Self { standing: None, order, after: order.start(), now_ms }
    }
}

impl From<Listed> for View {
    fn from(token: Listed) -> Self {
        Self {
            id: token.id,
            name: token.name,
            last_four: token.last_four,
            scopes: token.scopes,
            user: token.owner,
            created_at: clock::rfc3339(token.created_at),
            expires_at: clock::rfc3339(token.expires_at),
            last_used_at: token.last_used_at.map(clock::rfc3339),
            revoked_at: token.revoked_at.map(clock::rfc3339),
        }
    }
}

/// A token that is to be made.
pub struct NewToken {
    pub user_id: String,
    pub name: String,
    pub scopes: Vec<Capability>,
    /// How long it counts.
    pub days: i64,
}

/// Whether `caller` may make it: nobody gives what they do not have.
///
/// # Errors
/// 403.
pub fn within_reach(caller: &Caller, new: &NewToken) -> Result<(), Error> {
    match new.scopes.iter().find(|scope| !caller.may(**scope)) {
        None => Ok(()),
        Some(beyond) => {
            let what = format!("you may not do this yourself ({})", beyond.scope());
            Err(Error::Forbidden(what))
        }
    }
}

/// Revokes the token of this id.
///
/// # Errors
/// 404; 403 for one of somebody above the caller's own role.
pub fn take_back(tx: &mut Tx<'_>, caller: &Caller, id: &str, now_ms: i64) -> Result<(), Error> {
    let token = by_id(tx, id)?.ok_or(Error::NotFound)?;
    if let Some(role) = token.owner_role() {
        caller.reaches(role)?;
    }
    revoke(tx, &caller.actor(), id, now_ms)?;
    Ok(())
}

/// The scopes that `words` name, each once.
///
/// # Errors
/// A fault of field `scopes` for each word that is none.
pub fn parse_scopes<'w>(
    words: impl Iterator<Item = &'w str>,
) -> Result<Vec<Capability>, Vec<Fault>> {
    let (mut scopes, mut faults) = (Vec::new(), Vec::new());
    for word in words.take(SCOPES_MAX) {
        match Capability::from_scope(word) {
            Some(scope) if scopes.contains(&scope) => {}
            Some(scope) => scopes.push(scope),
            None => {
                let short: String = word.chars().take(40).collect();
                let all: Vec<_> = Capability::ALL.iter().map(|c| c.scope()).collect();
                let message = format!("{short} is no scope; there are {}", all.join(", "));
                faults.push(Fault::of("scopes", "unknown", message));
            }
        }
    }
    if scopes.is_empty() && faults.is_empty() {
        faults.push(Fault::of("scopes", "required", "Name at least one scope"));
    }
    if faults.is_empty() { Ok(scopes) } else { Err(faults) }
}

/// How a token is stored and found.
#[must_use]
pub fn hash(token: &str) -> String {
    sha256_hex(token)
}

/// The token of this hash, unless it has expired or was revoked.
pub fn counting(conn: &mut Conn<'_>, hash: &str, now_ms: i64) -> db::Result<Option<Token>> {
    store::counting(conn, hash, now_ms)
}

/// Makes a token. Returns its row and the token itself, which nobody can read again.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &NewToken,
    now_ms: i64,
) -> db::Result<(View, String)> {
    let (id, token) = (id::new_id(), format!("{PREFIX}{}", random_token(TOKEN_BYTES)));
    let last_four = &token[token.len() - 4..];
    store::add(tx, &id, new, (&hash(&token), last_four), now_ms)?;
    let made = View::from(store::by_id(tx, &id)?.ok_or(db::Error::NotFound)?);
    let change = Change::of("token.create", "token", &id).after(facts(&made));
    audit::record(tx, actor, &change, now_ms)?;
    Ok((made, token))
}

fn facts(token: &View) -> Value {
    json!({
        "name": token.name,
        "scopes": token.scopes,
        "user": token.user,
        "expires_at": token.expires_at,
    })
}

/// The token of this id.
pub fn by_id(conn: &mut Conn<'_>, id: &str) -> db::Result<Option<Listed>> {
    store::by_id(conn, id)
}

/// Up to `limit` tokens.
pub fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> db::Result<Vec<Listed>> {
    store::list(conn, wanted, limit)
}

/// From now on the token does not count. Returns whether it did.
pub fn revoke(tx: &mut Tx<'_>, actor: &Actor, id: &str, now_ms: i64) -> db::Result<bool> {
    let counted = store::revoke(tx, id, now_ms)?;
    if counted {
        audit::record(tx, actor, &Change::of("token.revoke", "token", id), now_ms)?;
    }
    Ok(counted)
}

pub fn note_use(tx: &mut Tx<'_>, id: &str, now_ms: i64) -> db::Result<()> {
    store::note_use(tx, id, now_ms)
}
