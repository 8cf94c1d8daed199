//! The sentinel among the facts.

use crate::platform::clock;
use crate::platform::db::{Conn, Result, Tx};

crate::sql! {
    SENTINEL = "SELECT value FROM facts WHERE name = 'data-key-sentinel'";
    SET_SENTINEL = "INSERT INTO facts (name, value, updated_at) VALUES ('data-key-sentinel', ?1, ?2)
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
}

pub(super) fn sentinel(conn: &mut Conn<'_>) -> Result<Option<String>> {
    Ok(conn.opt::<(String,)>(SENTINEL, &[])?.map(|(value,)| value))
}

pub(super) fn set_sentinel(tx: &mut Tx<'_>, sealed: &str) -> Result<()> {
    tx.exec(SET_SENTINEL, &[&sealed, &clock::now_ms()]).map(drop)
}
