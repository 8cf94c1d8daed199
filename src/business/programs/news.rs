//! What other programs are told of a program.

use serde_json::Value;

use super::edit;
use super::view::Item;
use crate::platform::db::{self, Conn, Result};
use crate::platform::lang::Lang;

crate::sql! {
    SLUG_OF = "SELECT slug FROM programs WHERE id = ?1";
}

/// The program as it is now, in English; `None` when it has been removed.
pub fn news(conn: &mut Conn<'_>, id: &str) -> Result<Option<Value>> {
    let Some((slug,)) = conn.opt::<(String,)>(SLUG_OF, &[&id])? else { return Ok(None) };
    let program = edit::by_slug(conn, &slug)?;
    let item = Item::new(program.shown(Lang::En), Lang::En, program.published);
    let mut told = serde_json::to_value(item)
        .map_err(|error| db::Error::Engine(format!("a program as JSON: {error}")))?;
    told["id"] = program.id.into();
    Ok(Some(told))
}
