//! What other programs are told of a lead.

use serde_json::{Value, json};

use crate::platform::clock;
use crate::platform::db::{Conn, Error, FromRow, Result, Row};

crate::sql! {
    NEWS = "SELECT email, name, program_slug, lang, tags, created_at, updated_at FROM leads WHERE id = ?1";
}

struct News(Value);

impl FromRow for News {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let tags: String = row.get(4)?;
        let tags: Vec<String> = serde_json::from_str(&tags)
            .map_err(|error| Error::Corrupt(format!("tags of a lead: {error}")))?;
        Ok(Self(json!({
            "email": row.get::<String>(0)?,
            "name": row.get::<String>(1)?,
            "program": row.get::<Option<String>>(2)?,
            "lang": row.get::<String>(3)?,
            "tags": tags,
            "created_at": clock::rfc3339(row.get(5)?),
            "updated_at": clock::rfc3339(row.get(6)?),
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
