//! The list of what people have asked about their data, each with its thirty days.

use serde_json::json;

use super::model::{DAY_MS, DUE_DAYS, Kind, Outcome};
use super::store;
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::id;
use crate::platform::text::{Rule, parse_email};
use crate::platform::word::Word as _;

const NOTE_MAX: usize = 2000;

/// What somebody has asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub id: String,
    pub kind: Kind,
    /// Empty when they have been erased.
    pub address: String,
    pub note: String,
    /// Epoch milliseconds, like the others.
    pub received_at: i64,
    pub due_at: i64,
    pub closed_at: Option<i64>,
    pub outcome: Option<Outcome>,
    pub outcome_note: String,
    pub updated_at: i64,
}

impl Request {
    /// Days until it is due; negative when it was due before.
    #[must_use]
    pub fn days_left(&self, now_ms: i64) -> i64 {
        (self.due_at - now_ms).div_euclid(DAY_MS)
    }

    #[must_use]
    pub fn is_overdue(&self, now_ms: i64) -> bool {
        self.closed_at.is_none() && self.due_at < now_ms
    }
}

/// A request that may be stored.
///
/// # Errors
/// Every fault.
pub fn parse(
    kind: Option<&str>,
    address: Option<&str>,
    note: Option<&str>,
    received_at: Option<i64>,
    now_ms: i64,
) -> Result<Request, Vec<Fault>> {
    let mut faults = Vec::new();
    let kind = kind.and_then(Kind::of_word);
    if kind.is_none() {
        faults.push(Fault::of("kind", "required", "Choose what they ask for"));
    }
    let address = parse_email(address).map_err(|fault| {
        let message = if fault.code == "required" {
            "Enter their e-mail address"
        } else {
            "Enter an e-mail address in the correct format, like name@example.com"
        };
        faults.push(Fault::of("email", fault.code, message));
    });
    let note = Rule::lines(NOTE_MAX).or_empty().check("The note", note.unwrap_or_default());
    let note = note.map_err(|(code, message)| faults.push(Fault::of("note", code, message)));
    let is_past = received_at.is_some_and(|at| at <= now_ms && at > now_ms - 3650 * DAY_MS);
    if !is_past {
        faults.push(Fault::of(
            "received",
            "invalid",
            "Enter the day on which they asked, today or before",
        ));
    }
    match (kind, address, note, received_at) {
        (Some(kind), Ok(address), Ok(note), Some(received_at)) if faults.is_empty() => {
            Ok(Request {
                id: id::new_id(),
                kind,
                address,
                note,
                received_at,
                due_at: received_at + DUE_DAYS * DAY_MS,
                closed_at: None,
                outcome: None,
                outcome_note: String::new(),
                updated_at: now_ms,
            })
        }
        _ => Err(faults),
    }
}

/// Writes it down. The record says what was asked, not by whom.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, request: &Request, now_ms: i64) -> db::Result<()> {
    store::add_request(tx, request)?;
    let what = json!({ "kind": request.kind.word() });
    audit::record(
        tx,
        actor,
        &Change::of("privacy.request", "request", &request.id).after(what),
        now_ms,
    )
}

pub fn by_id(conn: &mut Conn<'_>, id: &str) -> db::Result<Request> {
    store::request(conn, id)
}

/// Up to `limit` that are open, the one that is due first in front, of those after the place (due, id).
pub fn open(conn: &mut Conn<'_>, after: (i64, &str), limit: i64) -> db::Result<Vec<Request>> {
    store::open_requests(conn, after, limit)
}

/// Up to `limit` that are closed, the last one first, of those before the place (closed, id).
pub fn closed(conn: &mut Conn<'_>, before: (i64, &str), limit: i64) -> db::Result<Vec<Request>> {
    store::closed_requests(conn, before, limit)
}

/// What the owner of this address has asked.
pub fn of(conn: &mut Conn<'_>, address: &str) -> db::Result<Vec<Request>> {
    store::requests_of(conn, address)
}

/// How many are overdue.
pub fn overdue(conn: &mut Conn<'_>, now_ms: i64) -> db::Result<i64> {
    store::overdue(conn, now_ms)
}

/// Ends a request.
///
/// # Errors
/// What is wrong with the note; 409 when it has ended.
pub fn close(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: &str,
    outcome: Outcome,
    note: &str,
    now_ms: i64,
) -> Result<(), Error> {
    let note =
        Rule::lines(NOTE_MAX).or_empty().check("The note", note).map_err(|(code, message)| {
            Error::Invalid(vec![Fault::of("outcome_note", code, message)])
        })?;
    if !store::close(tx, id, outcome, &note, now_ms)? {
        store::request(tx, id)?;
        return Err(Error::Conflict("this request has been closed".into()));
    }
    let what = json!({ "outcome": outcome.word() });
    let change = Change::of("privacy.request_close", "request", id).after(what);
    Ok(audit::record(tx, actor, &change, now_ms)?)
}

/// Takes the end back.
///
/// # Errors
/// 409 when it is open, or its owner has been erased.
pub fn reopen(tx: &mut Tx<'_>, actor: &Actor, id: &str, now_ms: i64) -> Result<(), Error> {
    if !store::reopen(tx, id, now_ms)? {
        store::request(tx, id)?;
        return Err(Error::Conflict("this request cannot be opened again".into()));
    }
    Ok(audit::record(tx, actor, &Change::of("privacy.request_reopen", "request", id), now_ms)?)
}
