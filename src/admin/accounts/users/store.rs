//! The users table.

use super::{User, Wanted};
use crate::admin::accounts::model::Role;
use crate::platform::db::{Conn, Error, FromRow, Result, Row, Tx};

crate::sql! {
    BY_ID = "SELECT id, email, name, password_hash, role, totp_secret, totp_confirmed_at, suspended_at, session_epoch, created_at, updated_at FROM users WHERE id = ?1";
    BY_EMAIL = "SELECT id, email, name, password_hash, role, totp_secret, totp_confirmed_at, suspended_at, session_epoch, created_at, updated_at FROM users WHERE email = ?1";
    FIRST_OWNER = "SELECT id, email, name, password_hash, role, totp_secret, totp_confirmed_at, suspended_at, session_epoch, created_at, updated_at
                   FROM users WHERE role = 'owner' AND suspended_at IS NULL ORDER BY id LIMIT 1";
    // Is the third '' everybody is meant, else those who may log in ('no') or may not ('yes').
    NEWEST = "SELECT id, email, name, password_hash, role, totp_secret, totp_confirmed_at, suspended_at, session_epoch, created_at, updated_at
              FROM users WHERE id < ?1 AND (?2 = '' OR role = ?2) AND (?3 = '' OR (?3 = 'yes') = (suspended_at IS NOT NULL))
              ORDER BY id DESC LIMIT ?4";
    OLDEST = "SELECT id, email, name, password_hash, role, totp_secret, totp_confirmed_at, suspended_at, session_epoch, created_at, updated_at
              FROM users WHERE id > ?1 AND (?2 = '' OR role = ?2) AND (?3 = '' OR (?3 = 'yes') = (suspended_at IS NOT NULL))
              ORDER BY id LIMIT ?4";
    ADD = "INSERT INTO users (id, email, name, password_hash, role, password_changed_at, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6)";
    SET = "UPDATE users SET name = ?2, role = ?3, suspended_at = ?4, updated_at = ?5 WHERE id = ?1";
    SET_PASSWORD = "UPDATE users SET password_hash = ?2, password_changed_at = ?3, updated_at = ?3 WHERE id = ?1";
    REMOVE = "DELETE FROM users WHERE id = ?1";
    // On PostgreSQL two people who remove each other wait here for one another.
    LOCK_OWNERS = "UPDATE users SET updated_at = updated_at WHERE role = 'owner'";
    OTHER_OWNERS = "SELECT CAST(count(*) AS BIGINT) FROM users WHERE role = 'owner' AND suspended_at IS NULL AND id <> ?1";
    // On PostgreSQL a log-in and what ends all sessions wait here for one another.
    HOLD = "UPDATE users SET session_epoch = session_epoch WHERE id = ?1 AND session_epoch = ?2 AND suspended_at IS NULL";
    RAISE_EPOCH = "UPDATE users SET session_epoch = session_epoch + 1 WHERE id = ?1";
}

impl FromRow for User {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let role: String = row.get(4)?;
        let totp_confirmed_at: Option<i64> = row.get(6)?;
        Ok(Self {
            id: row.get(0)?,
            email: row.get(1)?,
            name: row.get(2)?,
            password_hash: row.get(3)?,
            role: Role::from_code(&role).ok_or_else(|| Error::Engine(format!("role {role}")))?,
            totp_secret: row.get(5)?,
            has_totp: totp_confirmed_at.is_some(),
            suspended_at: row.get(7)?,
            epoch: row.get(8)?,
            created_at: row.get(9)?,
            updated_at: row.get(10)?,
        })
    }
}

pub(super) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Option<User>> {
    conn.opt(BY_ID, &[&id])
}

pub(super) fn by_email(conn: &mut Conn<'_>, email: &str) -> Result<Option<User>> {
    conn.opt(BY_EMAIL, &[&email])
}

pub(super) fn first_owner(conn: &mut Conn<'_>) -> Result<Option<User>> {
    conn.opt(FIRST_OWNER, &[])
}

pub(super) fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> Result<Vec<User>> {
    let role = wanted.role.map_or("", Role::code);
    let suspended = wanted.suspended.map_or("", |yes| if yes { "yes" } else { "no" });
    let sql = wanted.order.choose(NEWEST, OLDEST);
    conn.all(sql, &[&wanted.after, &role, &suspended, &limit])
}

pub(super) fn add(tx: &mut Tx<'_>, user: &User, now_ms: i64) -> Result<()> {
    let role = user.role.code();
    tx.exec(ADD, &[&user.id, &user.email, &user.name, &user.password_hash, &role, &now_ms])
        .map(drop)
}

pub(super) fn set(tx: &mut Tx<'_>, user: &User, now_ms: i64) -> Result<()> {
    tx.exec(SET, &[&user.id, &user.name, &user.role.code(), &user.suspended_at, &now_ms]).map(drop)
}

pub(super) fn set_password(tx: &mut Tx<'_>, id: &str, hash: &str, now_ms: i64) -> Result<()> {
    tx.exec(SET_PASSWORD, &[&id, &hash, &now_ms]).map(drop)
}

pub(super) fn remove(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.exec(REMOVE, &[&id]).map(drop)
}

/// How many owners beside this one can log in; nobody changes that until the transaction ends.
pub(super) fn other_owners(tx: &mut Tx<'_>, id: &str) -> Result<i64> {
    tx.exec(LOCK_OWNERS, &[])?;
    Ok(tx.one::<(i64,)>(OTHER_OWNERS, &[&id])?.0)
}

/// Whether the person is still as they were read; from now on nobody changes them until the
/// transaction ends.
pub(super) fn hold(tx: &mut Tx<'_>, id: &str, epoch: i64) -> Result<bool> {
    Ok(tx.exec(HOLD, &[&id, &epoch])? > 0)
}

pub(super) fn raise_epoch(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.exec(RAISE_EPOCH, &[&id]).map(drop)
}
