//! How long each kind of thing is kept: the rules, what would go by one, and what goes with time.

use serde_json::json;

use super::erase::erase;
use super::model::{DAY_MS, Kept};
use super::store;
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::leads::{detail, import};
use crate::business::{contact, mail};
use crate::platform::crypto::DataKey;
use crate::platform::db::{self, Conn, Db, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::outbox::Failure;
use crate::platform::word::Word as _;

/// What would go is counted up to here.
pub const COUNT_TO: i64 = 10_000;
/// Leads that are erased in one transaction, and transactions of one run.
const LEADS_AT_ONCE: i64 = 50;
const TURNS: usize = 40;

/// How long something is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub kept: Kept,
    /// `None`: for ever.
    pub days: Option<i64>,
    /// When and by whom it was set; `None` for what counts without that.
    pub set: Option<(i64, String)>,
}

/// All of them. `mailbox_days` is what the settings say about the mailbox.
pub fn rules(conn: &mut Conn<'_>, mailbox_days: i64) -> db::Result<Vec<Rule>> {
    let set = store::rules(conn)?;
    let rule = |kept: &Kept| {
        let default = if *kept == Kept::Mails { Some(mailbox_days) } else { kept.default_days() };
        let own = set.iter().find(|rule| rule.kept == *kept).cloned();
        own.unwrap_or(Rule { kept: *kept, days: default, set: None })
    };
    Ok(Kept::ALL.iter().map(rule).collect())
}

/// Days that this is kept; `None` for ever.
pub fn days(conn: &mut Conn<'_>, kept: Kept, mailbox_days: i64) -> db::Result<Option<i64>> {
    let rules = rules(conn, mailbox_days)?;
    Ok(rules.into_iter().find(|rule| rule.kept == kept).and_then(|rule| rule.days))
}

/// Before when what is of this kind goes (epoch milliseconds); `None` when nothing does.
pub fn cutoff(db: &Db, kept: Kept, mailbox_days: i64, now_ms: i64) -> Result<Option<i64>, Failure> {
    let days = db.read_blocking(|conn| days(conn, kept, mailbox_days))?;
    Ok(days.map(|days| now_ms - days * DAY_MS))
}

/// How many would go if they were kept so many days, up to [`COUNT_TO`]; `None` where that is not counted.
pub fn preview(
    conn: &mut Conn<'_>,
    kept: Kept,
    days: Option<i64>,
    now_ms: i64,
) -> db::Result<Option<i64>> {
    let Some(days) = days else { return Ok(Some(0)) };
    let before = now_ms - days * DAY_MS;
    Ok(match kept {
        Kept::Messages => Some(contact::older(conn, before, COUNT_TO)?),
        Kept::Mails => Some(mail::older(conn, before, COUNT_TO)?),
        Kept::InactiveLeads => Some(detail::count_untouched(conn, before, COUNT_TO)?),
        Kept::Record => Some(audit::older(conn, before, COUNT_TO)?),
        Kept::Counts => None,
    })
}

/// How a form says for how long: empty for ever, or days.
///
/// # Errors
/// What is wrong with it.
pub fn parse(kept: Kept, typed: &str) -> Result<Option<i64>, Fault> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let (low, high) = kept.bounds();
    let days = typed.parse().ok().filter(|days| (low..=high).contains(days));
    days.map(Some).ok_or_else(|| {
        Fault::of(
            "days",
            "invalid",
            format!("Enter a whole number of days from {low} to {high}, or nothing for ever"),
        )
    })
}

/// Sets a rule; `None` for what counts without one.
pub fn set(
    tx: &mut Tx<'_>,
    actor: &Actor,
    kept: Kept,
    days: Option<Option<i64>>,
    now_ms: i64,
) -> Result<(), Error> {
    let before = store::rules(tx)?.into_iter().find(|rule| rule.kept == kept).map(|rule| rule.days);
    if before == days {
        return Ok(());
    }
    match days {
        Some(days) => store::set_rule(tx, kept, days, now_ms, actor.label())?,
        None => store::drop_rule(tx, kept)?,
    }
    let told = |days: Option<Option<i64>>| match days {
        None => json!("default"),
        Some(None) => json!("for ever"),
        Some(Some(days)) => json!(days),
    };
    let change = Change::of("privacy.retention", "retention", kept.word())
        .before(json!({ "days": told(before) }))
        .after(json!({ "days": told(days) }));
    Ok(audit::record(tx, actor, &change, now_ms)?)
}

/// Erases leads with whom nothing has happened for as long as the rule says; up to 2,000 in one run.
pub fn erase_inactive(db: &Db, data_key: &DataKey, now_ms: i64) -> Result<(), Failure> {
    let Some(before) = cutoff(db, Kept::InactiveLeads, 0, now_ms)? else { return Ok(()) };
    // Each would be looked for in the whole file.
    if db.read_blocking(import::is_open)? {
        return Ok(());
    }
    for _ in 0..TURNS {
        let key = data_key.clone();
        let erased = db.write_blocking(move |tx| -> Result<usize, Error> {
            let some = detail::untouched(tx, before, LEADS_AT_ONCE)?;
            for lead in &some {
                erase(tx, &Actor::system(), &key, &lead.email, now_ms)?;
            }
            Ok(some.len())
        });
        match erased {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(Failure::retry(error.to_string())),
        }
    }
    Ok(())
}

/// Deletes lines of the record that are older than the rule says.
pub fn prune_record(db: &Db, now_ms: i64) -> Result<(), Failure> {
    let Some(before) = cutoff(db, Kept::Record, 0, now_ms)? else { return Ok(()) };
    for _ in 0..TURNS {
        let gone: u64 = db.write_blocking(move |tx| audit::prune(tx, before))?;
        if gone == 0 {
            return Ok(());
        }
    }
    Ok(())
}
