//! Segments: filters of the list of leads that have a name, and how many they let through.

pub mod store;

use jiff::tz::TimeZone;
use serde_json::json;

use super::desk::model::Order;
use super::desk::tallies::Tally;
use super::filter::Filter;
use super::{desk, tags};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::search;
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::id;
use crate::platform::lang::Lang;
use crate::platform::lang::format::number;
use crate::platform::text::Rule;

/// Segments at most: all of them are counted on one page.
const MOST: i64 = 100;
const NAME_MAX: usize = 60;
/// More are not counted one by one.
const COUNT_TO: i64 = 10_000;
/// The work of a count beside a list, in tenths of a microsecond: some 4 ms.
pub const SOME_WORK: i64 = 40_000;
/// That of a count for its own sake, or of all counts on one page: some 20 ms.
pub const MUCH_WORK: i64 = 200_000;

/// A filter that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub id: String,
    pub name: String,
    /// As [`Filter::query`] writes it.
    pub query: String,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// Epoch milliseconds.
    pub updated_at: i64,
}

/// How many leads a filter lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub leads: i64,
    /// There may be more.
    pub more: bool,
}

impl Count {
    /// `1,204`, or `10,000+`.
    #[must_use]
    pub fn words(self) -> String {
        let mut text = number(Lang::En, self.leads);
        if self.more {
            text.push('+');
        }
        text
    }
}

/// Counts up to 10,000, with `work` in tenths of a microsecond; everybody, and those of a tag alone, are known. Days are
/// those of `zone`.
pub fn count(
    conn: &mut Conn<'_>,
    filter: &Filter,
    zone: &TimeZone,
    work: i64,
) -> db::Result<Count> {
    let only_tag = Filter { tag: filter.tag.clone(), ..Filter::default() };
    if !filter.tag.is_empty() && only_tag == *filter {
        let key = tags::model::key(&filter.tag);
        return Ok(Count { leads: tags::leads_with(conn, &key)?, more: false });
    }
    if filter.is_empty() {
        let leads = desk::counts::everybody(conn)?;
        return Ok(Count { leads, more: false });
    }
    let Tally { leads, more } =
        desk::tallies::tally(conn, &filter.wanted(Order::Newest, None, zone), COUNT_TO, work)?;
    Ok(Count { leads, more })
}

/// All of them, by name.
pub fn all(conn: &mut Conn<'_>) -> db::Result<Vec<Segment>> {
    store::all(conn)
}

pub fn by_id(conn: &mut Conn<'_>, id: &str) -> db::Result<Segment> {
    store::by_id(conn, id)
}

fn clean(name: &str) -> Result<(String, String), Error> {
    let checked = Rule::line(NAME_MAX).check("The name", name);
    let name = checked
        .map_err(|(code, message)| Error::Invalid(vec![Fault::of("name", code, message)]))?;
    let key = search::fold(&name);
    // Of signs alone nothing is left to tell names apart by.
    Ok((if key.is_empty() { name.clone() } else { key }, name))
}

fn taken(name: &str) -> Error {
    Error::Invalid(vec![Fault::of(
        "name",
        "taken",
        format!("There is a segment called {name} already"),
    )])
}

/// Gives a filter a name.
///
/// # Errors
/// What is wrong with the name; 409 when there are 100 already.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    name: &str,
    filter: &Filter,
    now_ms: i64,
) -> Result<Segment, Error> {
    let (key, name) = clean(name)?;
    if store::count(tx)? >= MOST {
        return Err(Error::Conflict(format!("there are {MOST} segments, and no more fit")));
    }
    let segment = Segment {
        id: id::new_id(),
        name,
        query: filter.query(),
        created_at: now_ms,
        updated_at: now_ms,
    };
    if !store::add(tx, &segment, &key)? {
        return Err(taken(&segment.name));
    }
    record(tx, actor, "segment.create", &segment, now_ms)?;
    Ok(segment)
}

/// Gives it another name.
///
/// # Errors
/// What is wrong with the name.
pub fn rename(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: &str,
    name: &str,
    now_ms: i64,
) -> Result<Segment, Error> {
    let (key, name) = clean(name)?;
    if store::taken(tx, &key)?.is_some_and(|other| other != id) {
        return Err(taken(&name));
    }
    let segment = Segment { name, updated_at: now_ms, ..store::by_id(tx, id)? };
    store::set(tx, &segment, &key)?;
    record(tx, actor, "segment.update", &segment, now_ms)?;
    Ok(segment)
}

/// Removes the name; nothing happens to the leads. Returns what it was, so that it can be made again.
pub fn remove(tx: &mut Tx<'_>, actor: &Actor, id: &str, now_ms: i64) -> db::Result<Segment> {
    let segment = store::by_id(tx, id)?;
    store::remove(tx, id)?;
    record(tx, actor, "segment.delete", &segment, now_ms)?;
    Ok(segment)
}

/// Removes the segments that look for `address`; returns how many.
pub fn forget(tx: &mut Tx<'_>, address: &str) -> db::Result<i64> {
    let names_it = |segment: &Segment| {
        let looks =
            Filter::parse(&segment.query).is_ok_and(|f| f.q.to_lowercase().contains(address));
        looks || segment.name.to_lowercase().contains(address)
    };
    let theirs: Vec<Segment> = store::all(tx)?.into_iter().filter(names_it).collect();
    for segment in &theirs {
        store::remove(tx, &segment.id)?;
    }
    Ok(theirs.len() as i64)
}

/// Not by what it filters: that may be somebody's address, and the record stays.
fn record(
    tx: &mut Tx<'_>,
    actor: &Actor,
    action: &'static str,
    segment: &Segment,
    now_ms: i64,
) -> db::Result<()> {
    let name = if segment.name.contains('@') { "…" } else { segment.name.as_str() };
    let what = json!({ "name": name });
    audit::record(tx, actor, &Change::of(action, "segment", &segment.id).after(what), now_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_told_with_commas_and_a_plus_for_more() {
        let words = |leads, more| Count { leads, more }.words();
        assert_eq!(words(0, false), "0");
        assert_eq!(words(999, false), "999");
        assert_eq!(words(10_000, true), "10,000+");
        assert_eq!(words(1_234_567, false), "1,234,567");
    }
}
