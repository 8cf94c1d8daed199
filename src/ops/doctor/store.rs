//! What SQLite says about its own file.

use crate::platform::db::{Conn, Result, Sql};

/// `None` when the file is sound. Not portable and so not in the list of statements.
pub(super) fn quick_check(conn: &mut Conn<'_>) -> Result<Option<String>> {
    const QUICK_CHECK: Sql = Sql::portable("PRAGMA quick_check(5)");
    let (answer,): (String,) = conn.one(QUICK_CHECK, &[])?;
    Ok((answer != "ok").then_some(answer))
}
