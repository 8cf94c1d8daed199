//! What the owner does to dead letters and tasks, written down in the same transaction.

use serde_json::json;

use super::model::{Job, State};
use super::store;
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::platform::db::{self, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::outbox::{Standing, Timetable};
use crate::platform::text::Rule;

/// Dead letters that one request tries again or discards at most: one transaction, while others wait for it.
const AT_ONCE: i64 = 10_000;
/// Characters of a reason at most.
const REASON_MAX: usize = 500;

/// Why something is discarded, in a line.
pub(super) fn parse_reason(given: Option<&str>) -> Result<String, Fault> {
    let text = given.ok_or_else(|| Fault::of("reason", "required", "reason is required"))?;
    let checked = Rule::line(REASON_MAX).check("reason", text);
    checked.map_err(|(code, message)| Fault::of("reason", code, message))
}

fn is(state: State) -> &'static str {
    match state {
        State::Waiting => "this one waits for its turn",
        State::Running => "this one is being worked on",
        State::Dead => "this one is dead",
    }
}

/// Tries a dead letter again.
///
/// # Errors
/// 404; 409 when it is none.
pub(super) fn retry(tx: &mut Tx<'_>, actor: &Actor, id: &str, now: i64) -> Result<Job, Error> {
    let before = store::by_id(tx, id)?;
    if !store::retry(tx, id, now)? {
        let state = before.state(now);
        return Err(Error::Conflict(format!("only a dead letter is tried again; {}", is(state))));
    }
    let facts = json!({ "kind": before.kind, "attempts": before.attempts, "last_error": before.last_error });
    let change = Change::of("job.retry", "job", id).before(facts);
    audit::record(tx, actor, &change, now)?;
    tx.wake_outbox();
    Ok(store::by_id(tx, id)?)
}

/// Tries up to 10,000 dead letters again, the oldest first, of one kind or, when that is empty, of all. Returns how
/// many, and how many are left.
pub(super) fn retry_all(
    tx: &mut Tx<'_>,
    actor: &Actor,
    kind: &str,
    now: i64,
) -> db::Result<(i64, i64)> {
    let retried = store::retry_all(tx, kind, now, AT_ONCE)?;
    if retried > 0 {
        let facts = json!({ "kind": (!kind.is_empty()).then_some(kind), "retried": retried });
        let change = Change::of("job.retry", "jobs", "dead").after(facts);
        audit::record(tx, actor, &change, now)?;
        tx.wake_outbox();
    }
    Ok((retried, store::dead(tx, kind)?))
}

/// Discards a dead letter.
///
/// # Errors
/// 404; 409 when it is none.
pub(super) fn discard(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: &str,
    reason: &str,
    now: i64,
) -> Result<(), Error> {
    let gone = store::by_id(tx, id)?;
    if !store::remove(tx, id)? {
        let state = gone.state(now);
        return Err(Error::Conflict(format!("only a dead letter is discarded; {}", is(state))));
    }
    let facts =
        json!({ "kind": gone.kind, "attempts": gone.attempts, "last_error": gone.last_error });
    let change =
        Change::of("job.discard", "job", id).before(facts).after(json!({ "reason": reason }));
    Ok(audit::record(tx, actor, &change, now)?)
}

/// Discards up to 10,000 dead letters, the oldest first, of one kind or, when that is empty, of all. Returns how many,
/// and how many are left.
pub(super) fn discard_all(
    tx: &mut Tx<'_>,
    actor: &Actor,
    kind: &str,
    reason: &str,
    now: i64,
) -> db::Result<(i64, i64)> {
    let discarded = store::remove_all(tx, kind, AT_ONCE)?;
    if discarded > 0 {
        let facts = json!({ "kind": (!kind.is_empty()).then_some(kind), "discarded": discarded, "reason": reason });
        audit::record(tx, actor, &Change::of("job.discard", "jobs", "dead").after(facts), now)?;
    }
    Ok((discarded, store::dead(tx, kind)?))
}

/// Asks for a run of the task now.
///
/// # Errors
/// 404 when there is none of this name.
pub(super) fn run(
    tx: &mut Tx<'_>,
    actor: &Actor,
    table: &Timetable,
    task: &str,
    now: i64,
) -> Result<Standing, Error> {
    table.ask(tx, task, now)?;
    audit::record(tx, actor, &Change::of("task.run", "task", task), now)?;
    let found = table.standings(tx)?.into_iter().find(|standing| standing.name == task);
    found.ok_or(Error::NotFound)
}
