//! Tags: what those who run the business call groups of leads. How many have each is counted as it changes.

pub mod api;
pub mod model;
pub mod store;

use self::model::{Order, Place, Tag, key};
use super::Lead;
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::Error;

/// Different tags at most; their list is sorted in memory.
const MOST: i64 = 10_000;

/// How many have this tag, in lower case.
pub fn leads_with(conn: &mut Conn<'_>, tag: &str) -> db::Result<i64> {
    store::leads_with(conn, tag)
}

/// Up to `limit` of the tags that somebody has.
pub fn list(
    conn: &mut Conn<'_>,
    order: Order,
    after: Option<&Place>,
    limit: i64,
) -> db::Result<Vec<Tag>> {
    match after {
        Some(after) => store::list(conn, order, after, limit),
        None => store::list(conn, order, &Place::start(order), limit),
    }
}

/// Gives `lead`, who has `before`, the tags that it names, and takes back the others. Returns them as they are
/// written, sorted.
///
/// # Errors
/// 409 when there are too many different tags.
pub(super) fn set(
    tx: &mut Tx<'_>,
    lead: &Lead,
    before: &[String],
    now_ms: i64,
) -> Result<Vec<String>, Error> {
    let sorted = |names: &[String]| {
        let mut all: Vec<(String, String)> = Vec::new();
        for name in names {
            let tag = key(name);
            if all.iter().all(|(known, _)| *known != tag) {
                all.push((tag, name.trim().to_owned()));
            }
        }
        all.sort();
        all
    };
    let (had, has) = (sorted(before), sorted(&lead.tags));
    // One order for everybody, so that on PostgreSQL nobody waits for somebody who waits for them.
    let mut touched: Vec<&(String, String)> = had.iter().chain(&has).collect();
    touched.sort();
    touched.dedup_by_key(|(tag, _)| tag.as_str());
    let mut names = Vec::new();
    for (tag, name) in touched {
        let is = |all: &[(String, String)]| all.iter().any(|(known, _)| known == tag);
        match (is(&had), is(&has)) {
            (_, false) => store::take_back(tx, lead.number, tag)?,
            (true, true) => {
                let written = had.iter().find(|(known, _)| known == tag);
                names.push(written.map_or(name, |(_, name)| name).clone());
            }
            (false, true) => names.push(give(tx, lead, tag, name, now_ms)?),
        }
    }
    Ok(names)
}

fn give(tx: &mut Tx<'_>, lead: &Lead, tag: &str, name: &str, now_ms: i64) -> Result<String, Error> {
    let (name, leads) = store::take(tx, tag, name, now_ms)?;
    if leads == 0 && store::count(tx)? > MOST {
        return Err(Error::Conflict(format!("there are {MOST} different tags, and no more fit")));
    }
    store::give(tx, lead, tag)?;
    Ok(name)
}
