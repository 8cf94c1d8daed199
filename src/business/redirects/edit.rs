//! Changes of redirects: none leads in a circle.

use serde_json::json;

use super::model::{Edit, Redirect};
use super::store;
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::Error;
use crate::platform::id;

/// As many as are kept in memory.
const MOST: i64 = 10_000;
/// Redirects that are followed to see whether they lead back.
const STEPS: usize = 20;

/// # Errors
/// 409 when `from` is moved already, the redirect would lead in a circle, or there are too many.
pub(super) fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    edit: Edit,
    now_ms: i64,
) -> Result<Redirect, Error> {
    if store::count(tx)? >= MOST {
        return Err(Error::Conflict(format!("there are {MOST} redirects, and no more fit")));
    }
    leads_out(tx, &edit)?;
    let made = Redirect { id: id::new_id(), from: edit.from, to: edit.to, created_at: now_ms };
    store::add(tx, &made).map_err(is_taken)?;
    let facts = json!({ "from": made.from, "to": made.to });
    let change = Change::of("redirect.create", "redirect", &made.id).after(facts);
    audit::record(tx, actor, &change, now_ms)?;
    tx.touch_content()?;
    Ok(made)
}

/// # Errors
/// 409 when `from` is moved already, or the redirect would lead in a circle.
pub(super) fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: Redirect,
    edit: Edit,
    now_ms: i64,
) -> Result<Redirect, Error> {
    if before.from == edit.from && before.to == edit.to {
        return Ok(before);
    }
    store::set(tx, &before.id, &edit).map_err(is_taken)?;
    leads_out(tx, &edit)?;
    let (was, is) = (
        json!({ "from": before.from, "to": before.to }),
        json!({ "from": edit.from, "to": edit.to }),
    );
    let change = Change::of("redirect.update", "redirect", &before.id).before(was).after(is);
    audit::record(tx, actor, &change, now_ms)?;
    tx.touch_content()?;
    Ok(Redirect { from: edit.from, to: edit.to, ..before })
}

pub(super) fn remove(
    tx: &mut Tx<'_>,
    actor: &Actor,
    gone: &Redirect,
    now_ms: i64,
) -> db::Result<()> {
    store::remove(tx, &gone.id)?;
    let facts = json!({ "from": gone.from, "to": gone.to });
    let change = Change::of("redirect.delete", "redirect", &gone.id).before(facts);
    audit::record(tx, actor, &change, now_ms)?;
    tx.touch_content()
}

/// The owner has seen that this address leads nowhere, and it may stay so.
pub fn ignore(tx: &mut Tx<'_>, actor: &Actor, path: &str, now_ms: i64) -> db::Result<()> {
    store::ignore(tx, path, now_ms)?;
    audit::record(tx, actor, &Change::of("missing.ignore", "path", path), now_ms)
}

/// The owner wants to hear of this address again.
pub fn heed(tx: &mut Tx<'_>, actor: &Actor, path: &str, now_ms: i64) -> db::Result<()> {
    store::heed(tx, path)?;
    audit::record(tx, actor, &Change::of("missing.heed", "path", path), now_ms)
}

fn is_taken(error: db::Error) -> Error {
    match error {
        db::Error::Unique(_) => Error::Conflict("this address is moved already".into()),
        other => other.into(),
    }
}

/// Whether who follows the redirect comes to an end.
fn leads_out(conn: &mut Conn<'_>, edit: &Edit) -> Result<(), Error> {
    let mut at = edit.to.clone();
    for _ in 0..STEPS {
        if at == edit.from {
            return Err(Error::Conflict("this redirect would lead in a circle".into()));
        }
        match store::target(conn, &at)? {
            Some(next) => at = next,
            None => return Ok(()),
        }
    }
    Err(Error::Conflict("this redirect would lead on and on".into()))
}
