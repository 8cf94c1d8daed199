//! Everything that is kept about one person, as an archive: JSON for programs, a page for people.

use std::io::{Cursor, Write as _};

use askama::Template;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use super::requests;
use crate::admin::accounts::audit::Deed;
use crate::business::leads::timeline::{self, Moment, START, What};
use crate::business::leads::{Lead, merge};
use crate::business::{contact, mail};
use crate::platform::clock;
use crate::platform::db::{self, Conn};
use crate::platform::error::Error;
use crate::platform::word::Word;

/// Moments that are read at once, and at all.
const AT_ONCE: i64 = 500;
const MOST: usize = 20_000;

/// What is kept about a person.
pub struct Person {
    pub address: String,
    pub lead: Option<Lead>,
    /// That they had before they were merged.
    pub addresses_before: Vec<String>,
    /// The newest first.
    pub moments: Vec<Moment>,
    pub requests: Vec<requests::Request>,
    /// Epoch milliseconds.
    pub made_at: i64,
}

/// Reads everything about whoever has this address, in its one spelling.
pub fn gather(conn: &mut Conn<'_>, address: &str, now_ms: i64) -> db::Result<Person> {
    let lead = merge::owner_of(conn, address)?;
    let (mut moments, mut addresses_before) = (Vec::new(), Vec::new());
    if let Some(lead) = &lead {
        addresses_before = merge::addresses(conn, lead)?;
        addresses_before.retain(|known| *known != lead.email);
        let mut place: (i64, String) = (START.0, START.1.to_owned());
        while moments.len() < MOST {
            let some = timeline::of(conn, lead, (place.0, &place.1), AT_ONCE)?;
            let Some(last) = some.last() else { break };
            place = (last.at, last.id.clone());
            moments.extend(some);
        }
    } else {
        for one in mail::to_address(conn, address, START, AT_ONCE)? {
            let (id, at) = (one.summary.id.clone(), one.summary.created_at);
            moments.push(Moment { id, at, what: What::Mail(Box::new(one)) });
        }
        for one in contact::from_address(conn, address, START, AT_ONCE)? {
            let (id, at) = (one.id.clone(), one.created_at);
            moments.push(Moment { id, at, what: What::Message(one) });
        }
        moments.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    }
    let address = lead.as_ref().map_or(address, |lead| &lead.email).to_owned();
    let requests = requests::of(conn, &address)?;
    Ok(Person { address, lead, addresses_before, moments, requests, made_at: now_ms })
}

impl Person {
    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lead.is_none() && self.moments.is_empty() && self.requests.is_empty()
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let lead = self.lead.as_ref().map(|lead| {
            json!({
                "id": lead.id,
                "email": lead.email,
                "name": lead.name,
                "program": lead.program,
                "language": lead.lang.code(),
                "tags": lead.tags,
                "created_at": clock::rfc3339(lead.created_at),
                "updated_at": clock::rfc3339(lead.updated_at),
            })
        });
        let of = |kind: &str| -> Vec<Value> {
            self.moments
                .iter()
                .map(moment)
                .filter(|(own, _)| *own == kind)
                .map(|(_, v)| v)
                .collect()
        };
        let requests: Vec<Value> = self.requests.iter().map(request).collect();
        json!({
            "address": self.address,
            "made_at": clock::rfc3339(self.made_at),
            "lead": lead,
            "addresses_before": self.addresses_before,
            "consents": of("consent"),
            "mails": of("mail"),
            "messages": of("message"),
            "notes": of("note"),
            "changes": of("change"),
            "privacy_requests": requests,
        })
    }

    /// Both in one file.
    pub fn zip(&self) -> Result<Vec<u8>, Error> {
        let failed =
            |error: &dyn std::fmt::Display| Error::Internal(format!("an archive: {error}"));
        let json = serde_json::to_vec_pretty(&self.json()).map_err(|e| failed(&e))?;
        let page = Page { person: self }.render().map_err(|e| failed(&e))?;
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        for (name, bytes) in [("data.json", json), ("data.html", page.into_bytes())] {
            zip.start_file(name, options).map_err(|e| failed(&e))?;
            zip.write_all(&bytes).map_err(|e| failed(&e))?;
        }
        Ok(zip.finish().map_err(|e| failed(&e))?.into_inner())
    }
}

fn moment(moment: &Moment) -> (&'static str, Value) {
    let at = clock::rfc3339(moment.at);
    match &moment.what {
        What::Consent(one) => (
            "consent",
            json!({ "at": at, "purpose": one.purpose, "granted": one.granted, "text": one.text,
                "text_version": one.text_version, "page": one.page, "network": one.address }),
        ),
        What::Mail(one) => (
            "mail",
            json!({ "at": at, "subject": one.summary.subject, "sent_by": one.summary.transport,
                "to": one.summary.to, "text": one.text }),
        ),
        What::Message(one) => (
            "message",
            json!({ "at": at, "name": one.name, "language": one.lang, "text": one.message }),
        ),
        What::Note(one) => ("note", json!({ "at": at, "author": one.author, "text": one.text })),
        What::Change(one) => {
            ("change", json!({ "at": at, "what": timeline::words(one), "action": one.action }))
        }
    }
}

fn request(request: &requests::Request) -> Value {
    json!({
        "kind": request.kind.word(),
        "note": request.note,
        "received_at": clock::rfc3339(request.received_at),
        "closed_at": request.closed_at.map(clock::rfc3339),
        "outcome": request.outcome.map(Word::word),
        "outcome_note": request.outcome_note,
    })
}

#[derive(Template)]
#[template(path = "privacy/person.html")]
struct Page<'p> {
    person: &'p Person,
}

impl Page<'_> {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn time(ms: &i64) -> String {
        clock::rfc3339(*ms)
    }

    fn words(deed: &Deed) -> String {
        timeline::words(deed)
    }
}
