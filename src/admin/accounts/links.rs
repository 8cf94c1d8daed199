//! One-time links: for whoever sets the site up, and for people who are to choose a password.
//!
//! A link holds 24 random bytes, the database their SHA-256. It counts once and for a time.

use super::users;
use crate::platform::crypto::{random_token, sha256_hex};
use crate::platform::db::{self, Conn, Tx};

/// A set-up link and one to a forgotten password count so long.
pub const LINK_MS: i64 = 30 * 60_000;
/// An invitation counts so long.
pub const INVITATION_MS: i64 = 3 * 86_400_000;

const TOKEN_BYTES: usize = 24;

crate::sql! {
    ADD_OWNER = "INSERT INTO owner_links (token_hash, created_at, expires_at) VALUES (?1, ?2, ?3)";
    DROP_OWNER = "DELETE FROM owner_links";
    OWNER = "SELECT token_hash FROM owner_links WHERE token_hash = ?1 AND used_at IS NULL AND expires_at > ?2";
    USE_OWNER = "UPDATE owner_links SET used_at = ?2 WHERE token_hash = ?1 AND used_at IS NULL AND expires_at > ?2";
    ADD = "INSERT INTO setup_links (token_hash, user_id, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)";
    DROP = "DELETE FROM setup_links WHERE user_id = ?1";
    WAITING = "SELECT expires_at FROM setup_links WHERE user_id = ?1 AND used_at IS NULL AND expires_at > ?2";
    OF = "SELECT user_id FROM setup_links WHERE token_hash = ?1 AND used_at IS NULL AND expires_at > ?2";
    USE = "UPDATE setup_links SET used_at = ?2 WHERE token_hash = ?1 AND used_at IS NULL AND expires_at > ?2";
}

/// What a link is for.
pub enum Link {
    /// Somebody becomes an owner.
    Owner,
    /// Somebody who is here chooses a password.
    Of(Box<users::User>),
}

/// A link to become owner by; the one before it counts no longer.
pub fn for_an_owner(tx: &mut Tx<'_>, now_ms: i64) -> db::Result<String> {
    let token = random_token(TOKEN_BYTES);
    tx.exec(DROP_OWNER, &[])?;
    tx.exec(ADD_OWNER, &[&sha256_hex(&token), &now_ms, &(now_ms + LINK_MS)])?;
    Ok(token)
}

/// A link with which a person chooses a password; the one before it counts no longer.
pub fn for_user(tx: &mut Tx<'_>, user_id: &str, now_ms: i64, for_ms: i64) -> db::Result<String> {
    let token = random_token(TOKEN_BYTES);
    tx.exec(DROP, &[&user_id])?;
    tx.exec(ADD, &[&sha256_hex(&token), &user_id, &now_ms, &(now_ms + for_ms)])?;
    Ok(token)
}

/// Until when a link waits for this person, if one does.
pub fn waiting(conn: &mut Conn<'_>, user_id: &str, now_ms: i64) -> db::Result<Option<i64>> {
    Ok(conn.opt::<(i64,)>(WAITING, &[&user_id, &now_ms])?.map(|(until,)| until))
}

/// What the link `token` is for; `None` when it does not count, or no longer.
pub fn find(conn: &mut Conn<'_>, token: &str, now_ms: i64) -> db::Result<Option<Link>> {
    let hash = sha256_hex(token);
    if conn.opt::<(String,)>(OWNER, &[&hash, &now_ms])?.is_some() {
        return Ok(Some(Link::Owner));
    }
    let Some((user,)) = conn.opt::<(String,)>(OF, &[&hash, &now_ms])? else { return Ok(None) };
    let user = users::by_id(conn, &user)?.filter(|user| user.suspended_at.is_none());
    Ok(user.map(|user| Link::Of(Box::new(user))))
}

/// Uses the link up; `false` when somebody else has.
pub fn take(tx: &mut Tx<'_>, token: &str, link: &Link, now_ms: i64) -> db::Result<bool> {
    let statement = match link {
        Link::Owner => USE_OWNER,
        Link::Of(_) => USE,
    };
    Ok(tx.exec(statement, &[&sha256_hex(token), &now_ms])? > 0)
}

/// The path of the page that a link leads to.
#[must_use]
pub fn path(token: &str) -> String {
    format!("/admin/set-up/{token}")
}
