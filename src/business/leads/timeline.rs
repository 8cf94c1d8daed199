//! What happened with one lead, the newest first: what it agreed to, mails to it, what it wrote, notes, changes.
//!
//! Each kind is asked for the next few of its own, and the newest of all are shown. A place in it is a time and an id;
//! ids are unique across kinds.

use serde_json::Value;

use super::detail::Consent;
use super::notes::{self, Note};
use super::{Lead, detail, merge};
use crate::admin::accounts::audit::{self, Deed};
use crate::business::contact::{self, Message};
use crate::business::mail::{self, Mail};
use crate::platform::db::{Conn, Result};

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Moment {
    pub id: String,
    /// Epoch milliseconds.
    pub at: i64,
    pub what: What,
}

#[derive(Debug, Clone)]
pub enum What {
    Consent(Consent),
    Mail(Box<Mail>),
    Message(Message),
    Note(Note),
    Change(Deed),
}

/// Before everything: where the first page begins.
pub const START: (i64, &str) = (i64::MAX, "");

/// Up to `limit` moments of this lead, of those before the place (time, id).
pub fn of(
    conn: &mut Conn<'_>,
    lead: &Lead,
    before: (i64, &str),
    limit: i64,
) -> Result<Vec<Moment>> {
    let (id, mut moments) = (lead.id.as_str(), Vec::new());
    for (id, consent) in detail::store::consents_before(conn, id, before, limit)? {
        moments.push(Moment { id, at: consent.created_at, what: What::Consent(consent) });
    }
    for address in &merge::addresses(conn, lead)? {
        for one in mail::to_address(conn, address, before, limit)? {
            let (id, at) = (one.summary.id.clone(), one.summary.created_at);
            moments.push(Moment { id, at, what: What::Mail(Box::new(one)) });
        }
        for one in contact::from_address(conn, address, before, limit)? {
            moments.push(Moment {
                id: one.id.clone(),
                at: one.created_at,
                what: What::Message(one),
            });
        }
    }
    for note in notes::store::before(conn, id, before, limit)? {
        moments.push(Moment { id: note.id.clone(), at: note.created_at, what: What::Note(note) });
    }
    for deed in audit::history(conn, ("lead", id), before, limit)? {
        // The note itself stands there.
        if deed.action != "note.create" {
            moments.push(Moment {
                id: deed.id.clone(),
                at: deed.created_at,
                what: What::Change(deed),
            });
        }
    }
    moments.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    moments.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(moments)
}

/// What a change was, in words: `Changed name and tags`.
#[must_use]
pub fn words(deed: &Deed) -> String {
    let after: Value =
        deed.after.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    match deed.action.as_str() {
        "lead.update" => {
            let members: Vec<&str> = after["changed"]
                .as_array()
                .map(|all| all.iter().filter_map(Value::as_str).collect())
                .unwrap_or_default();
            match members.as_slice() {
                [] => "Changed".to_owned(),
                [only] => format!("Changed {only}"),
                [first @ .., last] => format!("Changed {} and {last}", first.join(", ")),
            }
        }
        "lead.merge" => "Merged with another lead".to_owned(),
        "lead.export" => "Everything kept about this person was downloaded".to_owned(),
        "note.update" => "Changed a note".to_owned(),
        "note.delete" => "Removed a note".to_owned(),
        other => other.to_owned(),
    }
}
