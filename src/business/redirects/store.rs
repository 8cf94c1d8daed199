//! The redirects table.

use crate::platform::clock;
use crate::platform::db::{Conn, Result, Tx};

crate::sql! {
    ALL = "SELECT from_path, to_path FROM redirects ORDER BY from_path LIMIT 10000";
    PUT = "INSERT INTO redirects (from_path, to_path, created_at) VALUES (?1, ?2, ?3)
           ON CONFLICT (from_path) DO UPDATE SET to_path = excluded.to_path";
}

/// Every redirect: from, to.
pub(super) fn all(conn: &mut Conn<'_>) -> Result<Vec<(String, String)>> {
    conn.all(ALL, &[])
}

/// From now on `from` leads to `to`; both are paths with the language in front.
pub fn put(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<()> {
    tx.exec(PUT, &[&from, &to, &clock::now_ms()])?;
    tx.touch_content()
}
