//! Changes of settings: checked by the rules that hold at every start, written with their record.

use super::view::{Item, why_not};
use super::{Desk, Line, Stored, context, lines, still_answers, store};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::ops::rotation;
use crate::platform::config::keys::Key;
use crate::platform::config::{Entry, Layered, Loaded, Plain, Refused};
use crate::platform::db::{Conn, Tx};
use crate::platform::error::Error;
use crate::platform::http::IfMatch;

/// On what ground, and from where, somebody changes a setting.
pub(super) struct Ground {
    pub(super) if_match: IfMatch,
    /// The host that the request was sent to.
    pub(super) host: String,
}

/// What became of a change.
pub(super) struct Changed {
    pub(super) item: Item,
    /// What counts from now on, and its version; `None` when nothing has changed.
    pub(super) settings: Option<(u64, Box<Loaded>)>,
}

/// Everything that is stored, and what follows from it.
struct State {
    rows: Vec<Stored>,
    layered: Layered,
}

impl State {
    fn of(desk: &Desk, rows: Vec<Stored>) -> Self {
        Self { layered: desk.layered(&rows), rows }
    }

    fn line(&self, key: &Key) -> Result<Line<'_>, Error> {
        let line = lines(&self.layered, &self.rows).find(|line| line.entry.key == key.path);
        line.ok_or(Error::NotFound)
    }

    fn stored(&self, key: &Key) -> Option<&Stored> {
        self.rows.iter().find(|row| row.key == key.path)
    }

    fn refused(&self, key: &Key) -> Option<&Refused> {
        self.layered.refused.iter().find(|refused| refused.key == key.path)
    }
}

/// The setting as it is now.
pub(super) fn show(conn: &mut Conn<'_>, desk: &Desk, key: &Key) -> Result<Item, Error> {
    let state = State::of(desk, store::all(conn)?);
    Ok(Item::of(&state.line(key)?))
}

/// # Errors
/// 409 when it cannot be changed here, or not to this; 412 when it is not what it was.
pub(super) fn set(
    tx: &mut Tx<'_>,
    desk: &Desk,
    actor: &Actor,
    (key, value): (&'static Key, &Plain),
    ground: &Ground,
    now_ms: i64,
) -> Result<Changed, Error> {
    store::hold(tx)?;
    let before = State::of(desk, store::all(tx)?);
    let old = Item::of(&before.line(key)?);
    ground.if_match.check(&old)?;
    refuse_closed(before.line(key)?.entry)?;
    let shape =
        || Error::Conflict(format!("the value of {} must be {}", key.path, key.kind.shape()));
    let text = value.written(key.kind).ok_or_else(shape)?;
    let row = stored(desk, key, &text, actor.label(), now_ms)?;
    let known = before.stored(key).and_then(|row| row.open(Some(&desk.data_key)).ok());
    let new = row.open(Some(&desk.data_key)).map_err(|_| shape())?;
    let others = before.rows.iter().filter(|row| row.key != key.path).cloned();
    let after = State::of(desk, others.chain([row.clone()]).collect());
    if let Some(Refused { problem, .. }) = after.refused(key) {
        return Err(Error::Conflict(format!("the value of {} {problem}", key.path)));
    }
    if known.is_some_and(|known| known.text.expose() == new.text.expose()) {
        return Ok(Changed { item: old, settings: None });
    }
    check(&before, &after, ground)?;
    store::put(tx, &row)?;
    settle(tx, actor, ("setting.update", key), (&old, &after), now_ms)
}

/// Takes back what was set here. Without that nothing changes.
///
/// # Errors
/// 409 when there is nothing to take back and nothing could be set, or the rest would not do
/// without it; 412 when it is not what it was.
pub(super) fn remove(
    tx: &mut Tx<'_>,
    desk: &Desk,
    actor: &Actor,
    key: &'static Key,
    ground: &Ground,
    now_ms: i64,
) -> Result<Changed, Error> {
    store::hold(tx)?;
    let before = State::of(desk, store::all(tx)?);
    let old = Item::of(&before.line(key)?);
    ground.if_match.check(&old)?;
    if before.stored(key).is_none() {
        refuse_closed(before.line(key)?.entry)?;
        return Ok(Changed { item: old, settings: None });
    }
    let rows = before.rows.iter().filter(|row| row.key != key.path).cloned().collect();
    let after = State::of(desk, rows);
    check(&before, &after, ground)?;
    store::remove(tx, key.path)?;
    settle(tx, actor, ("setting.reset", key), (&old, &after), now_ms)
}

/// What follows from a change: its record, since when a vendor's key is the one it is, and a version
/// that every process sees.
fn settle(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (action, key): (&'static str, &Key),
    (old, after): (&Item, &State),
    now_ms: i64,
) -> Result<Changed, Error> {
    let item = Item::of(&after.line(key)?);
    let change = Change::of(action, "setting", key.path).before(old.facts()).after(item.facts());
    audit::record(tx, actor, &change, now_ms)?;
    let loaded = &after.layered.loaded;
    rotation::note_integrations(tx, &loaded.settings, now_ms)?;
    let version = store::raise(tx)?;
    Ok(Changed { item, settings: Some((version, Box::new(loaded.clone()))) })
}

fn refuse_closed(entry: &Entry) -> Result<(), Error> {
    match why_not(entry) {
        None => Ok(()),
        Some(why) => {
            Err(Error::Conflict(format!("the setting {} cannot be changed here: {why}", entry.key)))
        }
    }
}

/// Whether everything that counted still does, and whoever asks is still answered.
fn check(before: &State, after: &State, ground: &Ground) -> Result<(), Error> {
    let is_new = |refused: &&Refused| !before.layered.refused.contains(refused);
    if let Some(Refused { key, problem }) = after.layered.refused.iter().find(is_new) {
        return Err(Error::Conflict(format!("the value of {key} {problem}")));
    }
    let (was, is) = (&before.layered.loaded.settings, &after.layered.loaded.settings);
    if !still_answers(was, is, &ground.host) {
        let host = &ground.host;
        return Err(Error::Conflict(format!(
            "requests for {host} would no longer be answered, and this is one; \
             come through another address of the site first"
        )));
    }
    Ok(())
}

/// The row that keeps `text`: a secret sealed, everything else in the one form of its kind.
fn stored(desk: &Desk, key: &Key, text: &str, label: &str, now_ms: i64) -> Result<Stored, Error> {
    let sealed = key.is_secret();
    let value = if sealed {
        desk.data_key.seal(&context(key.path), text.as_bytes())
    } else {
        let plain = serde_json::to_string(&Plain::of(key.kind, text));
        plain.map_err(|error| Error::Internal(error.to_string()))?
    };
    let last_four = key.last_four(text);
    let (updated_at, updated_by) = (now_ms, label.to_owned());
    Ok(Stored { key: key.path.to_owned(), value, sealed, last_four, updated_at, updated_by })
}
