//! What other programs are told of a message.

use serde_json::{Value, json};

use crate::platform::clock;
use crate::platform::db::{Conn, Result};

crate::sql! {
    NEWS = "SELECT name, email, message, lang, created_at FROM messages WHERE id = ?1";
}

/// The message; `None` when it has been deleted.
pub fn news(conn: &mut Conn<'_>, id: &str) -> Result<Option<Value>> {
    let found = conn.opt::<(String, String, String, String, i64)>(NEWS, &[&id])?;
    Ok(found.map(|(name, email, message, lang, created_at)| {
        let created_at = clock::rfc3339(created_at);
        json!({ "id": id, "name": name, "email": email, "message": message, "lang": lang, "created_at": created_at })
    }))
}
