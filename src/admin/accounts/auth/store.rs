//! Sessions, refresh tokens, and what the second factor needs.

use crate::platform::db::{Conn, FromRow, Result, Row, Tx};
use crate::platform::id;

crate::sql! {
    ADD_SESSION = "INSERT INTO sessions (id, user_id, device, address, created_at, last_used_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)";
    SESSION_IS_THERE = "SELECT id FROM sessions WHERE id = ?1 AND user_id = ?2 AND expires_at > ?3";
    SESSIONS = "SELECT id, device, address, created_at, last_used_at, expires_at FROM sessions WHERE user_id = ?1 AND expires_at > ?2 ORDER BY id DESC LIMIT 100";
    TOUCH_SESSION = "UPDATE sessions SET last_used_at = ?2, address = ?3, expires_at = ?4 WHERE id = ?1";
    BIND = "UPDATE sessions SET token_hash = ?2, expires_at = ?3, confirmed_until = ?4 WHERE id = ?1";
    BY_COOKIE = "SELECT id, user_id, created_at, last_used_at, confirmed_until FROM sessions WHERE token_hash = ?1 AND expires_at > ?2";
    CONFIRM = "UPDATE sessions SET confirmed_until = ?2 WHERE id = ?1";
    END_SESSION = "DELETE FROM sessions WHERE id = ?1";
    END_SESSIONS = "DELETE FROM sessions WHERE user_id = ?1";
    ADD_REFRESH = "INSERT INTO refresh_tokens (id, family_id, user_id, token_hash, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    REFRESH = "SELECT id, family_id, user_id, expires_at, used_at, revoked_at FROM refresh_tokens WHERE token_hash = ?1";
    USE_REFRESH = "UPDATE refresh_tokens SET used_at = ?2 WHERE id = ?1 AND used_at IS NULL AND revoked_at IS NULL";
    REVOKE_FAMILY = "UPDATE refresh_tokens SET revoked_at = ?2 WHERE family_id = ?1 AND revoked_at IS NULL";
    REVOKE_ALL = "UPDATE refresh_tokens SET revoked_at = ?2 WHERE user_id = ?1 AND revoked_at IS NULL";
    SET_TOTP = "UPDATE users SET totp_secret = ?2, totp_confirmed_at = NULL, totp_last_step = 0, updated_at = ?3 WHERE id = ?1 AND totp_confirmed_at IS NULL";
    CONFIRM_TOTP = "UPDATE users SET totp_confirmed_at = ?2, updated_at = ?2 WHERE id = ?1 AND totp_confirmed_at IS NULL";
    DROP_TOTP = "UPDATE users SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = 0, updated_at = ?2 WHERE id = ?1";
    TAKE_STEP = "UPDATE users SET totp_last_step = ?2 WHERE id = ?1 AND totp_last_step < ?2";
    ADD_CODE = "INSERT INTO recovery_codes (code_hash, user_id, created_at) VALUES (?1, ?2, ?3)";
    TAKE_CODE = "UPDATE recovery_codes SET used_at = ?3 WHERE user_id = ?1 AND code_hash = ?2 AND used_at IS NULL";
    DROP_CODES = "DELETE FROM recovery_codes WHERE user_id = ?1";
    PRUNE_SESSIONS = "DELETE FROM sessions WHERE expires_at < ?1";
    PRUNE_REFRESH = "DELETE FROM refresh_tokens WHERE expires_at < ?1";
}

/// A refresh token as it is stored.
pub(super) struct Refresh {
    pub(super) id: String,
    pub(super) family: String,
    pub(super) user_id: String,
    pub(super) expires_at: i64,
    pub(super) used: bool,
    pub(super) revoked: bool,
}

impl FromRow for Refresh {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            family: row.get(1)?,
            user_id: row.get(2)?,
            expires_at: row.get(3)?,
            used: row.get::<Option<i64>>(4)?.is_some(),
            revoked: row.get::<Option<i64>>(5)?.is_some(),
        })
    }
}

/// A session for the list of devices: id, device, address, created, last used, expires.
pub type Device = (String, String, String, i64, i64, i64);

/// Where a log-in came from.
#[derive(Debug, Clone)]
pub struct From {
    /// What the browser or program calls itself.
    pub device: String,
    /// Truncated.
    pub address: String,
}

pub fn add_session(
    tx: &mut Tx<'_>,
    user_id: &str,
    from: &From,
    now_ms: i64,
    expires_at: i64,
) -> Result<String> {
    let session = id::new_id();
    tx.exec(ADD_SESSION, &[&session, &user_id, &from.device, &from.address, &now_ms, &expires_at])?;
    Ok(session)
}

pub(super) fn session_is_there(
    conn: &mut Conn<'_>,
    session: &str,
    user_id: &str,
    now_ms: i64,
) -> Result<bool> {
    Ok(conn.opt::<(String,)>(SESSION_IS_THERE, &[&session, &user_id, &now_ms])?.is_some())
}

pub fn sessions(conn: &mut Conn<'_>, user_id: &str, now_ms: i64) -> Result<Vec<Device>> {
    conn.all(SESSIONS, &[&user_id, &now_ms])
}

pub fn touch_session(
    tx: &mut Tx<'_>,
    session: &str,
    address: &str,
    now_ms: i64,
    expires_at: i64,
) -> Result<()> {
    tx.exec(TOUCH_SESSION, &[&session, &now_ms, &address, &expires_at]).map(drop)
}

/// Makes a session one of a browser, whose cookie has this hash.
pub fn bind(
    tx: &mut Tx<'_>,
    session: &str,
    token_hash: &str,
    expires_at: i64,
    confirmed_until: i64,
) -> Result<()> {
    tx.exec(BIND, &[&session, &token_hash, &expires_at, &confirmed_until]).map(drop)
}

/// A browser's session: id, person, begun, last used, confirmed until.
pub type OfCookie = (String, String, i64, i64, i64);

pub fn by_cookie(conn: &mut Conn<'_>, token_hash: &str, now_ms: i64) -> Result<Option<OfCookie>> {
    conn.opt(BY_COOKIE, &[&token_hash, &now_ms])
}

/// Whoever holds the session has just proved once more who they are.
pub fn confirm(tx: &mut Tx<'_>, session: &str, until: i64) -> Result<()> {
    tx.exec(CONFIRM, &[&session, &until]).map(drop)
}

/// The session, its access tokens and its refresh tokens end.
pub fn end_session(tx: &mut Tx<'_>, session: &str, now_ms: i64) -> Result<()> {
    tx.exec(END_SESSION, &[&session])?;
    tx.exec(REVOKE_FAMILY, &[&session, &now_ms]).map(drop)
}

/// Every session and every refresh token of this person ends.
pub fn end_all(tx: &mut Tx<'_>, user_id: &str, now_ms: i64) -> Result<()> {
    tx.exec(END_SESSIONS, &[&user_id])?;
    tx.exec(REVOKE_ALL, &[&user_id, &now_ms]).map(drop)
}

pub(super) fn add_refresh(
    tx: &mut Tx<'_>,
    family: &str,
    user_id: &str,
    hash: &str,
    now_ms: i64,
    expires_at: i64,
) -> Result<()> {
    tx.exec(ADD_REFRESH, &[&id::new_id(), &family, &user_id, &hash, &now_ms, &expires_at]).map(drop)
}

pub(super) fn refresh(conn: &mut Conn<'_>, hash: &str) -> Result<Option<Refresh>> {
    conn.opt(REFRESH, &[&hash])
}

/// Whether this was its first use.
pub(super) fn use_refresh(tx: &mut Tx<'_>, id: &str, now_ms: i64) -> Result<bool> {
    Ok(tx.exec(USE_REFRESH, &[&id, &now_ms])? > 0)
}

/// Keeps a secret that is not confirmed yet; `false` when one is confirmed already.
pub(super) fn set_totp(tx: &mut Tx<'_>, user: &str, sealed: &str, now_ms: i64) -> Result<bool> {
    Ok(tx.exec(SET_TOTP, &[&user, &sealed, &now_ms])? > 0)
}

pub(super) fn confirm_totp(tx: &mut Tx<'_>, user: &str, now_ms: i64) -> Result<bool> {
    Ok(tx.exec(CONFIRM_TOTP, &[&user, &now_ms])? > 0)
}

pub(super) fn drop_totp(tx: &mut Tx<'_>, user: &str, now_ms: i64) -> Result<()> {
    tx.exec(DROP_TOTP, &[&user, &now_ms])?;
    tx.exec(DROP_CODES, &[&user]).map(drop)
}

/// Whether no code of this or a later step was taken before.
pub(super) fn take_step(tx: &mut Tx<'_>, user: &str, step: i64) -> Result<bool> {
    Ok(tx.exec(TAKE_STEP, &[&user, &step])? > 0)
}

pub(super) fn add_code(tx: &mut Tx<'_>, user: &str, hash: &str, now_ms: i64) -> Result<()> {
    tx.exec(ADD_CODE, &[&hash, &user, &now_ms]).map(drop)
}

/// Whether the code was one of theirs and unused.
pub(super) fn take_code(tx: &mut Tx<'_>, user: &str, hash: &str, now_ms: i64) -> Result<bool> {
    Ok(tx.exec(TAKE_CODE, &[&user, &hash, &now_ms])? > 0)
}

/// Removes what expired before `before_ms`.
pub fn prune(tx: &mut Tx<'_>, before_ms: i64) -> Result<u64> {
    Ok(tx.exec(PRUNE_SESSIONS, &[&before_ms])? + tx.exec(PRUNE_REFRESH, &[&before_ms])?)
}
