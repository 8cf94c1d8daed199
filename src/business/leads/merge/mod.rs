//! Leads that are one person: found, and made one by hand.

pub mod model;
pub mod store;

use std::collections::BTreeMap;

use serde_json::json;

use self::model::{Likeness, likeness, mailbox};
use super::sync::WelcomeMail;
use super::tags::model::{ON_A_LEAD, key};
use super::{Lead, detail, filing, tags};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::programs;
use crate::business::webhooks::{self, Event};
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::Error;
use crate::platform::outbox;

/// Names that are looked at for one page.
const NAMES: i64 = 300;
/// Leads of one name that are compared: of a name that more have, those who came first.
pub const OF_ONE_NAME: i64 = 5000;
/// Leads of one name and mailbox that are compared each with each.
const OF_ONE_MAILBOX: usize = 20;
/// Leads that are looked at for one page.
const LEADS: usize = 2500;
/// Pairs on one page.
pub const PAIRS: usize = 50;

/// Two leads that look like one person.
#[derive(Debug, Clone)]
pub struct Pair {
    pub one: Lead,
    pub other: Lead,
    pub likeness: Likeness,
}

/// Pairs of those whose folded name stands after `after`, and where to look further, if anywhere.
pub fn candidates(conn: &mut Conn<'_>, after: &str) -> db::Result<(Vec<Pair>, Option<String>)> {
    let names = store::names(conn, after, NAMES)?;
    let (mut pairs, mut looked_at) = (Vec::new(), 0);
    for name in &names {
        let leads = store::of_name(conn, name, OF_ONE_NAME)?;
        looked_at += leads.len();
        pairs.extend(alike(leads));
        if pairs.len() >= PAIRS || looked_at >= LEADS {
            return Ok((pairs, Some(name.clone())));
        }
    }
    let further = names.last().filter(|_| names.len() as i64 == NAMES).cloned();
    Ok((pairs, further))
}

/// Pairs among leads of one name. Whoever is like somebody has the same mailbox's name, so only those are compared.
fn alike(leads: Vec<Lead>) -> Vec<Pair> {
    let mut by_mailbox: BTreeMap<String, Vec<Lead>> = BTreeMap::new();
    for lead in leads {
        let (local, _) = mailbox(&lead.email);
        by_mailbox.entry(local).or_default().push(lead);
    }
    let mut pairs = Vec::new();
    for mut some in by_mailbox.into_values() {
        some.truncate(OF_ONE_MAILBOX);
        for (at, one) in some.iter().enumerate() {
            for other in &some[at + 1..] {
                if let Some(likeness) = likeness(one, other) {
                    pairs.push(Pair { one: one.clone(), other: other.clone(), likeness });
                }
            }
        }
    }
    pairs
}

/// Makes one lead of two: `kept` with its address, and beside it everything that stands beside `gone`. What `kept` has
/// not comes from `gone`. What was sent to and written from the other address stays with it.
///
/// # Errors
/// 409 when they are the same, or have more tags together than fit.
pub fn merge(
    tx: &mut Tx<'_>,
    actor: &Actor,
    kept: &str,
    gone: &str,
    now_ms: i64,
) -> Result<(), Error> {
    if kept == gone {
        return Err(Error::Conflict("these are one lead already".into()));
    }
    // In one order for everybody, so that on PostgreSQL nobody waits for somebody who waits for them.
    let (first, second) = if kept < gone { (kept, gone) } else { (gone, kept) };
    detail::hold(tx, first)?;
    detail::hold(tx, second)?;
    let (kept, _) = detail::store::take(tx, kept)?;
    let (gone, words) = detail::store::take(tx, gone)?;
    let mut all = kept.tags.clone();
    all.extend(
        gone.tags.iter().filter(|tag| kept.tags.iter().all(|own| key(own) != key(tag))).cloned(),
    );
    if all.len() > ON_A_LEAD {
        return Err(Error::Conflict(format!(
            "together they have more than {ON_A_LEAD} tags; remove some first"
        )));
    }
    tags::set(tx, &Lead { tags: Vec::new(), ..gone.clone() }, &gone.tags, now_ms)?;
    filing::remove(tx, &gone.filed(words))?;
    outbox::cancel(tx, &WelcomeMail { lead: gone.id.clone() })?;
    store::join(tx, &gone, &kept, now_ms)?;
    store::forget(tx, &kept.email)?;
    detail::store::remove(tx, &gone.id)?;
    // One that is no longer for sale is not chosen anew.
    let program = match gone.program.filter(|_| kept.program.is_none()) {
        Some(slug) if programs::edit::by_slug(tx, &slug).is_ok() => Some(Some(slug)),
        _ => None,
    };
    let edit = detail::Edit {
        name: Some(gone.name).filter(|name| kept.name.is_empty() && !name.is_empty()),
        program,
        lang: None,
        tags: Some(all),
    };
    detail::change(tx, &kept.id, edit, now_ms)?;
    webhooks::emit(tx, Event::LeadDeleted, &gone.id)?;
    webhooks::emit(tx, Event::LeadUpdated, &kept.id)?;
    let what = json!({ "merged": gone.id });
    Ok(audit::record(tx, actor, &Change::of("lead.merge", "lead", &kept.id).after(what), now_ms)?)
}

/// The lead's address, and those of before that no other lead has now.
pub fn addresses(conn: &mut Conn<'_>, lead: &Lead) -> db::Result<Vec<String>> {
    let mut all = store::own_others(conn, &lead.id)?;
    all.push(lead.email.clone());
    Ok(all)
}

/// Whoever has this address, or had it before; in lower case.
pub fn owner_of(conn: &mut Conn<'_>, address: &str) -> db::Result<Option<Lead>> {
    if let Some(lead) = detail::by_address(conn, address)? {
        return Ok(Some(lead));
    }
    match store::holder(conn, address)? {
        Some(id) => detail::store::by_id(conn, &id).map(Some),
        None => Ok(None),
    }
}
