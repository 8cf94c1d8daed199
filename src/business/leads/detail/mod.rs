//! One lead: read, changed, removed with all that is kept about it.

pub mod api;
pub mod store;

use serde_json::json;

use super::model::Filing;
use super::sync::WelcomeMail;
use super::tags::model::{ON_A_LEAD, key};
use super::{Lead, filing, merge, tags};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::webhooks::{self, Event};
use crate::business::{contact, mail, programs};
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::Error;
use crate::platform::lang::Lang;
use crate::platform::outbox;

pub use store::Consent;

/// A lead and what it agreed to, the newest first.
#[derive(Debug, Clone)]
pub struct Details {
    pub lead: Lead,
    /// The newest 100.
    pub consents: Vec<Consent>,
}

/// What is to become of a lead; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub name: Option<String>,
    /// `Some(None)` for no program.
    pub program: Option<Option<String>>,
    pub lang: Option<Lang>,
    /// All of them, as they are to be written.
    pub tags: Option<Vec<String>>,
}

/// The lead of this id.
pub fn by_id(conn: &mut Conn<'_>, id: &str) -> db::Result<Details> {
    let lead = store::by_id(conn, id)?;
    Ok(Details { consents: store::consents(conn, id)?, lead })
}

/// The lead with this address, in lower case.
pub fn by_address(conn: &mut Conn<'_>, address: &str) -> db::Result<Option<Lead>> {
    store::by_address(conn, address)
}

/// Up to `limit` leads with whom nothing has happened since `before` (epoch milliseconds), the oldest first.
pub fn untouched(conn: &mut Conn<'_>, before: i64, limit: i64) -> db::Result<Vec<Lead>> {
    store::untouched(conn, before, limit)
}

/// How many these are, up to `most`.
pub fn count_untouched(conn: &mut Conn<'_>, before: i64, most: i64) -> db::Result<i64> {
    store::count_untouched(conn, before, most)
}

/// # Errors
/// When there is no such lead.
pub fn check(conn: &mut Conn<'_>, id: &str) -> db::Result<()> {
    store::by_id(conn, id).map(drop)
}

/// The same, and nobody else changes anything about the lead until the transaction ends.
pub fn hold(tx: &mut Tx<'_>, id: &str) -> db::Result<()> {
    store::take(tx, id).map(drop)
}

/// The same for whoever is going to change it: nobody else does until the transaction ends.
pub fn take(tx: &mut Tx<'_>, id: &str) -> db::Result<Details> {
    let (lead, _) = store::take(tx, id)?;
    Ok(Details { consents: store::consents(tx, id)?, lead })
}

/// Changes a lead. An edit that changes nothing leaves no trace.
///
/// # Errors
/// 409 when there is no such program, or there are too many different tags.
pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: &str,
    edit: Edit,
    now_ms: i64,
) -> Result<Lead, Error> {
    let changed = change(tx, id, edit, now_ms)?;
    if !changed.is_empty() {
        // Only which members: the record outlives the lead.
        let change = Change::of("lead.update", "lead", id).after(json!({ "changed": changed }));
        audit::record(tx, actor, &change, now_ms)?;
        webhooks::emit(tx, Event::LeadUpdated, id)?;
    }
    Ok(store::by_id(tx, id)?)
}

/// The same where many are changed at once, which is one line of the record. Returns which members have changed.
pub(super) fn change(
    tx: &mut Tx<'_>,
    id: &str,
    edit: Edit,
    now_ms: i64,
) -> Result<Vec<&'static str>, Error> {
    let (before, words) = store::take(tx, id)?;
    let mut lead = before.clone();
    lead.name = edit.name.unwrap_or(lead.name);
    lead.program = edit.program.unwrap_or(lead.program);
    lead.lang = edit.lang.unwrap_or(lead.lang);
    if let Some(slug) = lead.program.as_deref().filter(|_| lead.program != before.program) {
        is_there(tx, slug)?;
    }
    if let Some(wanted) = edit.tags {
        lead.name_key = Filing::of(&lead.name, &lead.email).name_key;
        lead.tags = wanted;
        lead.tags = tags::set(tx, &lead, &before.tags, now_ms)?;
    }
    let members = [
        ("name", lead.name != before.name),
        ("program", lead.program != before.program),
        ("lang", lead.lang != before.lang),
        ("tags", lead.tags != before.tags),
    ];
    let changed: Vec<&str> =
        members.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect();
    if !changed.is_empty() {
        lead.updated_at = now_ms;
        store::set(tx, &lead)?;
        lead.name_key = before.name_key;
        filing::renew(tx, &lead.filed(words))?;
    }
    Ok(changed)
}

fn is_there(conn: &mut Conn<'_>, slug: &str) -> Result<(), Error> {
    match programs::edit::by_slug(conn, slug) {
        Ok(_) => Ok(()),
        Err(db::Error::NotFound) => {
            Err(Error::Conflict(format!("there is no program with the slug {slug}")))
        }
        Err(other) => Err(other.into()),
    }
}

/// Gives the lead a tag that it may have already.
///
/// # Errors
/// 409 when it has 50, or there are too many different ones.
pub fn tag(tx: &mut Tx<'_>, actor: &Actor, id: &str, tag: &str, now_ms: i64) -> Result<(), Error> {
    let (lead, _) = store::take(tx, id)?;
    if lead.tags.iter().any(|name| key(name) == key(tag)) {
        return Ok(());
    }
    if lead.tags.len() >= ON_A_LEAD {
        return Err(Error::Conflict(format!("this lead has {ON_A_LEAD} tags, and no more fit")));
    }
    let tags = lead.tags.into_iter().chain([tag.to_owned()]).collect();
    let edit = Edit { tags: Some(tags), ..Edit::default() };
    update(tx, actor, id, edit, now_ms).map(drop)
}

/// Takes a tag back that the lead may not have.
pub fn untag(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: &str,
    tag: &str,
    now_ms: i64,
) -> Result<(), Error> {
    let (lead, _) = store::take(tx, id)?;
    let others = lead.tags.into_iter().filter(|name| key(name) != key(tag)).collect();
    let edit = Edit { tags: Some(others), ..Edit::default() };
    update(tx, actor, id, edit, now_ms).map(drop)
}

/// How many rows of which kind are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Removed {
    pub leads: i64,
    pub consents: i64,
    pub tags: i64,
    pub notes: i64,
    pub messages: i64,
    pub mails: i64,
    /// Lines of files that waited to be brought in.
    #[serde(default)]
    pub import_lines: i64,
    /// Requests about privacy that named the address.
    #[serde(default)]
    pub requests: i64,
    /// Saved filters that looked for it.
    #[serde(default)]
    pub segments: i64,
}

/// Removes a lead and all that is kept about it: consents, tags, notes, words, queued work, mails to it, and what it
/// wrote on the contact page. The record keeps the id alone.
pub fn remove(tx: &mut Tx<'_>, actor: &Actor, id: &str, now_ms: i64) -> Result<Removed, Error> {
    let removed = take_out(tx, id, now_ms)?;
    webhooks::emit(tx, Event::LeadDeleted, id)?;
    audit::record(tx, actor, &Change::of("lead.delete", "lead", id), now_ms)?;
    Ok(removed)
}

/// The same where many go at once, which is one line of the record.
pub(super) fn take_out(tx: &mut Tx<'_>, id: &str, now_ms: i64) -> Result<Removed, Error> {
    let (lead, words) = store::take(tx, id)?;
    let nothing = Lead { tags: Vec::new(), ..lead.clone() };
    tags::set(tx, &nothing, &lead.tags, now_ms)?;
    filing::remove(tx, &lead.filed(words))?;
    outbox::cancel(tx, &WelcomeMail { lead: id.to_owned() })?;
    let mut removed = Removed { leads: 1, tags: lead.tags.len() as i64, ..Removed::default() };
    (removed.consents, removed.notes) = store::beside(tx, id)?;
    // What was written from an address of before belongs to it too, unless somebody else has that address now.
    for address in merge::addresses(tx, &lead)? {
        removed.messages += contact::forget(tx, &address)? as i64;
        removed.mails += mail::forget(tx, &address)? as i64;
    }
    store::remove(tx, id)?;
    tx.owe_wipe()?;
    Ok(removed)
}
