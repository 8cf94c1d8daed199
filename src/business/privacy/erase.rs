//! Erasing a person: everything that is kept about an address goes, in one transaction, and a certificate stays that
//! says what and when, and nobody's data.

use serde_json::json;

use super::store;
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::leads::detail::{self, Removed};
use crate::business::leads::{import, merge, segments};
use crate::business::{contact, mail};
use crate::platform::crypto::DataKey;
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::Error;
use crate::platform::id;

/// What the hash of an address is made for.
const CONTEXT: &str = "privacy/erasure";

/// That somebody was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub id: String,
    /// How many rows of which kind.
    pub erased: Removed,
    /// Vendors that still have to be told: none is connected yet.
    pub remaining: Vec<String>,
    /// Who did it.
    pub actor_label: String,
    /// Epoch milliseconds.
    pub erased_at: i64,
}

impl Certificate {
    /// What went, for people: `1 lead`, `3 mails`.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let Removed {
            leads,
            consents,
            tags,
            notes,
            messages,
            mails,
            import_lines,
            requests,
            segments,
        } = self.erased;
        let all = [
            (leads, "lead", "leads"),
            (consents, "proof of consent", "proofs of consent"),
            (tags, "tag", "tags"),
            (notes, "note", "notes"),
            (messages, "message", "messages"),
            (mails, "mail", "mails"),
            (import_lines, "line of a list that waited", "lines of lists that waited"),
            (
                requests,
                "request about privacy, made anonymous",
                "requests about privacy, made anonymous",
            ),
            (
                segments,
                "segment that looked for the address",
                "segments that looked for the address",
            ),
        ];
        let there = all.into_iter().filter(|(n, _, _)| *n > 0);
        there.map(|(n, one, many)| format!("{n} {}", if n == 1 { one } else { many })).collect()
    }
}

/// Erases whoever has this address, or had it before they were merged; `address` in its one spelling. Somebody of whom
/// nothing is kept gets a certificate that says so.
pub fn erase(
    tx: &mut Tx<'_>,
    actor: &Actor,
    data_key: &DataKey,
    address: &str,
    now_ms: i64,
) -> Result<Certificate, Error> {
    let lead = merge::owner_of(tx, address)?;
    let mut addresses = match &lead {
        Some(lead) => merge::addresses(tx, lead)?,
        None => Vec::new(),
    };
    if addresses.iter().all(|known| known != address) {
        addresses.push(address.to_owned());
    }
    let mut erased = match &lead {
        Some(lead) => detail::remove(tx, actor, &lead.id, now_ms)?,
        None => Removed::default(),
    };
    for one in &addresses {
        erased.messages += contact::forget(tx, one)? as i64;
        erased.mails += mail::forget(tx, one)? as i64;
        erased.import_lines += import::forget(tx, one)?;
        erased.segments += segments::forget(tx, one)?;
        erased.requests += store::scrub(tx, one, now_ms)? as i64;
    }
    tx.owe_wipe()?;
    let certificate = Certificate {
        id: id::new_id(),
        erased,
        remaining: Vec::new(),
        actor_label: actor.label().to_owned(),
        erased_at: now_ms,
    };
    for one in &addresses {
        let hash = data_key.keyed_hash(CONTEXT, one);
        // One certificate for each address, so that each can be asked for.
        let row = if one == address {
            certificate.clone()
        } else {
            Certificate { id: id::new_id(), ..certificate.clone() }
        };
        store::add_erasure(tx, &row, &hash)?;
    }
    let what = json!({ "rows": certificate.words() });
    let change = Change::of("privacy.erase", "certificate", &certificate.id).after(what);
    audit::record(tx, actor, &change, now_ms)?;
    Ok(certificate)
}

/// One certificate.
pub fn certificate(conn: &mut Conn<'_>, id: &str) -> db::Result<Certificate> {
    store::erasure(conn, id)
}

/// Up to `limit` of them, the newest first, of those before the place (time, id).
pub fn certificates(
    conn: &mut Conn<'_>,
    before: (i64, &str),
    limit: i64,
) -> db::Result<Vec<Certificate>> {
    store::erasures(conn, before, limit)
}

/// When this address was erased, the newest first: whoever asks must know it.
pub fn certificates_of(
    conn: &mut Conn<'_>,
    data_key: &DataKey,
    address: &str,
) -> db::Result<Vec<Certificate>> {
    store::erasures_of(conn, &data_key.keyed_hash(CONTEXT, address))
}
