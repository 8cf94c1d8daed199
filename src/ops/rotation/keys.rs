//! The signing keys: kept in the database, sealed with the data key; one is active, older ones
//! verify for a day. Two programs on one database cannot both make an active key: an index forbids
//! it, and the second finds the first one's.

use super::model::{OVERLAP_MS, State};
use super::store;
use crate::platform::crypto::{DataKey, random_token, sha256_hex};
use crate::platform::db::{self, Conn, Tx};
use crate::platform::secret::Secret;

/// 256 bits, as HS256 asks for.
const SECRET_BYTES: usize = 32;

/// A row of `signing_keys`.
pub(super) struct KeyRow {
    pub(super) id: String,
    pub(super) sealed_secret: String,
    pub(super) created_at: i64,
    pub(super) retired_at: Option<i64>,
}

/// A key in the clear, for the one call that signs or verifies with it.
#[derive(Debug)]
pub struct SigningKey {
    pub id: String,
    pub secret: Secret<Vec<u8>>,
}

/// What became of the keys; nothing secret in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    pub old: Option<String>,
    pub new: String,
    /// Until when the old one verifies, epoch ms.
    pub old_until: i64,
    pub why: &'static str,
}

fn context(id: &str) -> String {
    format!("signing_key/{id}")
}

fn open(row: KeyRow, data_key: &DataKey) -> Option<SigningKey> {
    // A key sealed with another data key is as good as none.
    let secret = data_key.open(&context(&row.id), &row.sealed_secret).ok()?;
    Some(SigningKey { id: row.id, secret: Secret::new(secret) })
}

/// The key that signs.
pub fn signing(conn: &mut Conn<'_>, data_key: &DataKey) -> db::Result<Option<SigningKey>> {
    Ok(store::active(conn)?.and_then(|row| open(row, data_key)))
}

/// The key of this id, if it still verifies at `now_ms`.
pub fn verifying(
    conn: &mut Conn<'_>,
    data_key: &DataKey,
    id: &str,
    now_ms: i64,
) -> db::Result<Option<SigningKey>> {
    let row = store::key(conn, id)?;
    let counts = |row: &KeyRow| State::of(row.retired_at, now_ms) != State::Retired;
    Ok(row.filter(counts).and_then(|row| open(row, data_key)))
}

/// Sees to it that there is an active key that opens. `configured` (`JWT_SECRET`) is the first key;
/// a value never seen before replaces the active one, a value that was once replaced stays so.
/// Returns what changed.
pub fn settle(
    tx: &mut Tx<'_>,
    data_key: &DataKey,
    configured: Option<&Secret<String>>,
    now_ms: i64,
) -> db::Result<Option<Rotated>> {
    let active = store::active(tx)?;
    let opens = |row: &KeyRow| data_key.open(&context(&row.id), &row.sealed_secret).is_ok();
    let usable = active.as_ref().is_some_and(opens);
    if let Some(secret) = configured {
        let id = id_of(secret);
        match store::key(tx, &id)? {
            None => {
                let why = if active.is_none() { "first key" } else { "JWT_SECRET is another" };
                return replace(tx, data_key, &id, secret.expose().as_bytes(), now_ms, why)
                    .map(Some);
            }
            Some(row) if !opens(&row) => {
                let sealed = data_key.seal(&context(&id), secret.expose().as_bytes());
                store::reseal(tx, &id, &sealed)?;
                if row.retired_at.is_none() {
                    return Ok(None);
                }
            }
            Some(_) => {}
        }
    }
    if usable {
        return Ok(None);
    }
    let why = if active.is_none() { "first key" } else { "the data key does not open the old one" };
    make(tx, data_key, now_ms, why).map(Some)
}

/// Makes a new active key; the one before verifies for a day from now.
pub fn rotate(tx: &mut Tx<'_>, data_key: &DataKey, now_ms: i64) -> db::Result<Rotated> {
    make(tx, data_key, now_ms, "asked for")
}

fn make(
    tx: &mut Tx<'_>,
    data_key: &DataKey,
    now_ms: i64,
    why: &'static str,
) -> db::Result<Rotated> {
    let id = random_token(12);
    // 32 random bytes as text: what goes in is what `JWT_SECRET` would hold.
    replace(tx, data_key, &id, random_token(SECRET_BYTES).as_bytes(), now_ms, why)
}

fn replace(
    tx: &mut Tx<'_>,
    data_key: &DataKey,
    id: &str,
    secret: &[u8],
    now_ms: i64,
    why: &'static str,
) -> db::Result<Rotated> {
    let old = store::active(tx)?.map(|row| row.id);
    let old_until = now_ms + OVERLAP_MS;
    store::retire(tx, old_until)?;
    store::add(tx, id, &data_key.seal(&context(id), secret), now_ms)?;
    Ok(Rotated { old, new: id.to_owned(), old_until, why })
}

/// The same secret has the same id on every host.
fn id_of(secret: &Secret<String>) -> String {
    let digest = sha256_hex(format!("manero/jwt-key-id/{}", secret.expose()));
    format!("env-{}", &digest[..16])
}
