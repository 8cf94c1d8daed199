//! The record of every change: who, what, before and after, when, from where. Append-only, and
//! nothing secret in it.

pub mod api;
pub mod store;
pub mod words;

use serde_json::Value;

use crate::platform::db::{Conn, Result, Tx};
use crate::platform::http::paging::TimeOrder;

/// Who did it. The label is kept, so that a line can be read after its actor is gone.
#[derive(Debug, Clone)]
pub struct Actor {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) label: String,
    pub(super) address: String,
}

impl Actor {
    /// Somebody at the terminal of this machine.
    #[must_use]
    pub fn command() -> Self {
        Self::without_id("command", "command line")
    }

    /// The program itself.
    #[must_use]
    pub fn system() -> Self {
        Self::without_id("system", "manero")
    }

    /// What they are called: an address, or a token's name.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// As it is kept beside work that is done later in its name.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::json!([self.kind, self.id, self.label, self.address]).to_string()
    }

    /// What [`Actor::to_json`] wrote; the program itself where it is something else.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        let Ok((kind, id, label, address)) =
            serde_json::from_str::<(String, String, String, String)>(text)
        else {
            return Self::system();
        };
        let kind = ["user", "token", "command"].into_iter().find(|known| *known == kind);
        Self { kind: kind.unwrap_or("system"), id, label, address }
    }

    fn without_id(kind: &'static str, label: &str) -> Self {
        Self { kind, id: String::new(), label: label.into(), address: String::new() }
    }
}

/// What was done to what.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// `user.create`, `auth.log_in`: the kind of object or the part of the house, a dot, a verb.
    pub action: &'static str,
    pub object_kind: &'static str,
    pub object_id: &'a str,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl<'a> Change<'a> {
    /// One that has no values to show.
    #[must_use]
    pub fn of(action: &'static str, object_kind: &'static str, object_id: &'a str) -> Self {
        Self { action, object_kind, object_id, before: None, after: None }
    }

    #[must_use]
    pub fn before(self, value: Value) -> Self {
        Self { before: Some(value), ..self }
    }

    #[must_use]
    pub fn after(self, value: Value) -> Self {
        Self { after: Some(value), ..self }
    }
}

/// Writes a line in the transaction that makes the change.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, change: &Change<'_>, now_ms: i64) -> Result<()> {
    store::add(tx, actor, change, now_ms)
}

/// A line about one object, as its history shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub id: String,
    /// Epoch milliseconds.
    pub created_at: i64,
    pub actor_label: String,
    pub action: String,
    /// JSON.
    pub before: Option<String>,
    /// JSON.
    pub after: Option<String>,
}

/// Up to `limit` lines about one object, the newest first, of those before the place (time, id).
pub fn history(
    conn: &mut Conn<'_>,
    object: (&str, &str),
    before: (i64, &str),
    limit: i64,
) -> Result<Vec<Deed>> {
    store::history(conn, object, before, limit)
}

/// Up to `limit` lines.
pub fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> Result<Vec<Line>> {
    store::list(conn, wanted, limit)
}

/// The line of this id.
pub fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Line> {
    store::by_id(conn, id)
}

/// Every action that stands in the record.
pub fn actions(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    store::actions(conn)
}

/// Which lines somebody asks for; an empty text asks for all.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub actor: String,
    pub action: String,
    pub object_kind: String,
    pub object_id: String,
    /// Epoch milliseconds; up to `until`, which does not belong to it.
    pub since: i64,
    pub until: i64,
    pub order: TimeOrder,
    /// Where the page begins.
    pub after: String,
}

/// One line as it is stored; `before` and `after` are JSON.
#[derive(Debug)]
pub struct Line {
    pub id: String,
    pub created_at: i64,
    pub actor_kind: String,
    pub actor_id: String,
    pub actor_label: String,
    pub action: String,
    pub object_kind: String,
    pub object_id: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub address: String,
}

/// The newest lines of the record.
pub fn newest(conn: &mut Conn<'_>, at_most: i64) -> Result<Vec<Line>> {
    store::newest(conn, at_most)
}
