//! Telling: an event becomes one delivery, and one piece of queued work, for each webhook that wants it.

use super::model::{Delivery, Event, KEPT_MS, State};
use super::store;
use super::sync::Deliver;
use crate::platform::db::{self, Tx};
use crate::platform::word::Word;
use crate::platform::{clock, id, outbox};

/// Tells of `event`, which this transaction brings about; `subject` is the id of what it is about. What is
/// told of it is looked up when it is sent. One query when nobody listens.
pub fn emit(tx: &mut Tx<'_>, event: Event, subject: &str) -> db::Result<()> {
    let listening = store::listening(tx, event)?;
    if listening.is_empty() {
        return Ok(());
    }
    let (event_id, now) = (id::new_id(), clock::now_ms());
    for webhook_id in listening {
        queue(tx, webhook_id, event, &event_id, subject, now)?;
    }
    Ok(())
}

/// Queues one event for one webhook.
pub(super) fn queue(
    tx: &mut Tx<'_>,
    webhook_id: String,
    event: Event,
    event_id: &str,
    subject: &str,
    now_ms: i64,
) -> db::Result<Delivery> {
    let delivery = Delivery {
        id: id::new_id(),
        webhook_id,
        event: event.word().to_owned(),
        event_id: event_id.to_owned(),
        subject: subject.to_owned(),
        job_id: id::new_id(),
        state: State::Waiting,
        attempts: 0,
        last_status: None,
        last_error: None,
        next_try_at: Some(now_ms),
        created_at: now_ms,
        delivered_at: None,
    };
    let work = Deliver { delivery: delivery.id.clone() };
    outbox::enqueue_as(tx, &delivery.job_id, &work, now_ms)?;
    store::queue(tx, &delivery)?;
    Ok(delivery)
}

/// Forgets deliveries that are older than thirty days, and dead letters of theirs.
pub fn prune(tx: &mut Tx<'_>, now_ms: i64) -> db::Result<u64> {
    let before = now_ms - KEPT_MS;
    for job in store::jobs_before(tx, before)? {
        outbox::call_off(tx, &job)?;
    }
    store::prune(tx, before)
}
