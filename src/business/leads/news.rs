//! What other programs are told of a lead.

use serde_json::{Value, json};

use crate::platform::clock;
use crate::platform::db::{Conn, FromRow, Result, Row};

crate::sql! {
    NEWS = "SELECT email, name, program_slug, lang, created_at, updated_at FROM leads WHERE id = ?1";
}

struct News(Value);

impl FromRow for News {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self(json!({
            "email": row.get::<String>(0)?,
            "name": row.get::<String>(1)?,
            "program": row.get::<Option<String>>(2)?,
            "lang": row.get::<String>(3)?,
            "created_at": clock::rfc3339(row.get(4)?),
            "updated_at": clock::rfc3339(row.get(5)?),
        })))
    }
}

/// The lead as it is now; `None` when it has been erased.
pub fn news(conn: &mut Conn<'_>, id: &str) -> Result<Option<Value>> {
    let found = conn.opt::<News>(NEWS, &[&id])?;
    Ok(found.map(|News(mut lead)| {
        lead["id"] = id.into();
        lead
    }))
}
