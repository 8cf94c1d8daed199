//! What is done with many leads at once: given a tag, relieved of one, erased. Queued work in small transactions, newest
//! first; it can be left, looked at and stopped.

pub mod store;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::desk::model::{By, Cursor, Order};
use super::filter::Filter;
use super::segments::{self, Count};
use super::tags::model::{NAME_MAX, key};
use super::{Lead, desk, detail, import};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::platform::db::{self, Conn, Db, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::outbox::{self, Failure, Work};
use crate::platform::text::Rule;
use crate::platform::word::Word;
use crate::platform::{clock, id};

/// Leads of one transaction.
const AT_ONCE: i64 = 100;
/// Transactions of one piece of work, so that a stop does not wait for long.
const TURNS: usize = 25;
/// Leads that can be ticked.
pub const TICKED: usize = 200;
const KEPT_MS: i64 = 30 * 86_400_000;

/// What is done with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Tag,
    Untag,
    Erase,
}

impl Word for Deed {
    const ALL: &'static [Self] = &[Self::Tag, Self::Untag, Self::Erase];

    fn word(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Untag => "untag",
            Self::Erase => "erase",
        }
    }
}

/// With whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Those who were ticked.
    Ids(Vec<String>),
    /// Everybody whom the filter lets through.
    All(Filter),
}

/// Work on many leads.
#[derive(Debug, Clone)]
pub struct Bulk {
    pub id: String,
    pub deed: Deed,
    /// As it was typed; empty where none is needed.
    pub tag: String,
    pub whom: Whom,
    /// `running`, `done` or `stopped`.
    pub state: String,
    position: String,
    pub done: i64,
    pub changed: i64,
    pub failed: i64,
    pub total: i64,
    /// There may be more than `total`.
    pub more: bool,
    actor: String,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// Epoch milliseconds.
    pub updated_at: i64,
}

/// Owed until it has been done with each.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BulkWork {
    /// The row of `bulk_actions`.
    pub bulk: String,
    /// Whose days the filter's days are; UTC where an older program has queued it.
    #[serde(default)]
    pub zone: String,
}

impl Work for BulkWork {
    const KIND: &'static str = "bulk_leads";
}

/// Begins; returns the id.
///
/// # Errors
/// What is wrong with the tag; 409 while another is at work, or when nobody is meant.
pub fn begin(
    tx: &mut Tx<'_>,
    actor: &Actor,
    deed: Deed,
    tag: &str,
    whom: Whom,
    zone: &TimeZone,
    now_ms: i64,
) -> Result<String, Error> {
    let tag = if deed == Deed::Erase {
        String::new()
    } else {
        Rule::line(NAME_MAX)
            .check("The tag", tag)
            .map_err(|(code, message)| Error::Invalid(vec![Fault::of("tag", code, message)]))?
    };
    let whom = match whom {
        Whom::Ids(mut ids) => {
            ids = ids.iter().filter_map(|id| id::parse(id)).take(TICKED).collect();
            ids.sort();
            ids.dedup();
            Whom::Ids(ids)
        }
        all @ Whom::All(_) => all,
    };
    let Count { leads: total, more } = match &whom {
        Whom::Ids(ids) => Count { leads: ids.len() as i64, more: false },
        Whom::All(filter) => segments::count(tx, filter, zone, segments::MUCH_WORK)?,
    };
    if total == 0 && !more {
        return Err(Error::Conflict("nobody is chosen: tick some leads first".into()));
    }
    if store::running(tx)?.is_some() {
        return Err(Error::Conflict(
            "other work on many leads is going on; wait until it is done".into(),
        ));
    }
    // Each who is erased would be looked for in the whole file.
    if deed == Deed::Erase && import::is_open(tx)? {
        return Err(Error::Conflict(
            "a list is being brought in; finish or discard it before you erase many".into(),
        ));
    }
    let bulk = Bulk {
        id: id::new_id(),
        deed,
        tag,
        whom,
        state: "running".to_owned(),
        position: String::new(),
        done: 0,
        changed: 0,
        failed: 0,
        total,
        more,
        actor: actor.to_json(),
        created_at: now_ms,
        updated_at: now_ms,
    };
    store::add(tx, &bulk)?;
    let what = json!({ "does": deed.word(), "tag": bulk.tag, "leads": total, "more": more });
    audit::record(tx, actor, &Change::of("leads.bulk", "bulk", &bulk.id).after(what), now_ms)?;
    let zone = zone.iana_name().unwrap_or_default().to_owned();
    outbox::enqueue(tx, &BulkWork { bulk: bulk.id.clone(), zone })?;
    Ok(bulk.id)
}

/// How it goes.
pub fn by_id(conn: &mut Conn<'_>, id: &str) -> db::Result<Bulk> {
    store::by_id(conn, id)
}

/// The one that is at work.
pub fn running(conn: &mut Conn<'_>) -> db::Result<Option<Bulk>> {
    store::running(conn)?.map(|id| store::by_id(conn, &id)).transpose()
}

/// Ends it where it stands.
pub fn stop(tx: &mut Tx<'_>, actor: &Actor, id: &str, now_ms: i64) -> db::Result<()> {
    if store::end(tx, id, "stopped", now_ms)? {
        audit::record(tx, actor, &Change::of("leads.bulk_stop", "bulk", id), now_ms)?;
    }
    Ok(())
}

/// Forgets what ended a month ago.
pub fn prune(tx: &mut Tx<'_>, now_ms: i64) -> db::Result<()> {
    store::prune(tx, now_ms - KEPT_MS)
}

/// Goes on with it; `erase` is what is done where leads are to go.
pub fn go_on(
    work: &BulkWork,
    db: &Db,
    erase: impl Fn(&mut Tx<'_>, &Actor, &Lead, i64) -> Result<(), Error> + Clone + Send + 'static,
) -> Result<(), Failure> {
    for turn in 1..=TURNS {
        let (work, erase) = (work.clone(), erase.clone());
        let goes_on = db.write_blocking(move |tx| step(tx, &work, &erase, turn == TURNS));
        match goes_on {
            Ok(true) => {}
            Ok(false) | Err(Error::NotFound) => return Ok(()),
            Err(error) => return Err(Failure::retry(error.to_string())),
        }
    }
    Ok(())
}

/// One transaction; whether there is more to do.
fn step(
    tx: &mut Tx<'_>,
    work: &BulkWork,
    erase: &impl Fn(&mut Tx<'_>, &Actor, &Lead, i64) -> Result<(), Error>,
    is_last_turn: bool,
) -> Result<bool, Error> {
    let (id, now) = (work.bulk.as_str(), clock::now_ms());
    let bulk = store::by_id(tx, id)?;
    if bulk.state != "running" {
        return Ok(false);
    }
    let zone = TimeZone::get(&work.zone).unwrap_or(TimeZone::UTC);
    let (leads, position) = next(tx, &bulk, &zone)?;
    let actor = Actor::from_json(&bulk.actor);
    let (mut changed, mut failed) = (0, 0);
    for lead in &leads {
        match one(tx, &bulk, &actor, lead, erase, now) {
            Ok(did) => changed += i64::from(did),
            // No room for one more tag: the others go on.
            Err(Error::Conflict(_)) => failed += 1,
            Err(other) => return Err(other),
        }
    }
    let Some(position) = position else {
        if store::step(
            tx,
            id,
            &bulk.position,
            &bulk.position,
            (leads.len() as i64, changed, failed),
            now,
        )? {
            store::end(tx, id, "done", now)?;
        }
        return Ok(false);
    };
    let went = (leads.len() as i64, changed, failed);
    if !store::step(tx, id, &bulk.position, &position, went, now)? {
        // Nothing of this counts: another has done it.
        return Err(Error::Unavailable("another process is at this work".into()));
    }
    if is_last_turn {
        outbox::enqueue(tx, work)?;
    }
    Ok(true)
}

/// Those whose turn it is, and the place after them; none at the end.
fn next(
    tx: &mut Tx<'_>,
    bulk: &Bulk,
    zone: &TimeZone,
) -> Result<(Vec<Lead>, Option<String>), Error> {
    match &bulk.whom {
        Whom::Ids(ids) => {
            let some: Vec<&String> =
                ids.iter().filter(|id| **id > bulk.position).take(AT_ONCE as usize).collect();
            let mut leads = Vec::new();
            for id in &some {
                match detail::by_id(tx, id) {
                    Ok(found) => leads.push(found.lead),
                    Err(db::Error::NotFound) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            let is_full = some.len() as i64 == AT_ONCE;
            Ok((leads, some.last().filter(|_| is_full).map(|id| (*id).clone())))
        }
        Whom::All(filter) => {
            let after = Cursor::parse(&bulk.position).map(|cursor| cursor.place(By::Time));
            let mut wanted = filter.wanted(Order::Newest, after, zone);
            // Who comes meanwhile is not meant.
            wanted.until = Some(wanted.to().min(bulk.created_at + 1));
            // Nobody may be on a part of the list that is not the last.
            let page = desk::list(tx, &wanted, AT_ONCE)?;
            Ok((page.leads, page.next.map(|place| place.cursor())))
        }
    }
}

fn one(
    tx: &mut Tx<'_>,
    bulk: &Bulk,
    actor: &Actor,
    lead: &Lead,
    erase: &impl Fn(&mut Tx<'_>, &Actor, &Lead, i64) -> Result<(), Error>,
    now: i64,
) -> Result<bool, Error> {
    let has = lead.tags.iter().any(|name| key(name) == key(&bulk.tag));
    match bulk.deed {
        Deed::Tag if has => Ok(false),
        Deed::Tag => detail::tag(tx, actor, &lead.id, &bulk.tag, now).map(|()| true),
        Deed::Untag if !has => Ok(false),
        Deed::Untag => detail::untag(tx, actor, &lead.id, &bulk.tag, now).map(|()| true),
        Deed::Erase => erase(tx, actor, lead, now).map(|()| true),
    }
}
