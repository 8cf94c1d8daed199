//! Changes of webhooks, and what follows from them.

use serde_json::{Value, json};

use super::emit::queue;
use super::model::{Delivery, Edit, Event, MOST, OLD_SECRET_MS, State, Webhook};
use super::store;
use super::sync::Deliver;
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::platform::db::{Conn, Tx};
use crate::platform::error::Error;
use crate::platform::word::Word;
use crate::platform::{id, outbox};

/// Adds a webhook. `secret` is sealed for its id, which is therefore the caller's to make.
///
/// # Errors
/// 409 when there are too many.
pub(super) fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    webhook_id: &str,
    secret: String,
    edit: Edit,
    now_ms: i64,
) -> Result<Webhook, Error> {
    if store::count(tx)? >= MOST {
        return Err(Error::Conflict(format!("there are {MOST} webhooks, and no more fit")));
    }
    let nothing = Webhook {
        id: webhook_id.to_owned(),
        url: String::new(),
        description: String::new(),
        events: None,
        active: true,
        secret,
        old_secret: None,
        last_success_at: None,
        last_failure_at: None,
        created_at: now_ms,
        updated_at: now_ms,
    };
    let made = nothing.changed(edit, now_ms);
    store::add(tx, &made)?;
    let change = Change::of("webhook.create", "webhook", &made.id).after(facts(&made));
    audit::record(tx, actor, &change, now_ms)?;
    Ok(made)
}

/// Changes a webhook. An edit that changes nothing leaves no trace.
pub(super) fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: Webhook,
    edit: Edit,
    now_ms: i64,
) -> Result<Webhook, Error> {
    let after = before.clone().changed(edit, now_ms);
    let (was, is) = (facts(&before), facts(&after));
    if was == is && before.url == after.url {
        return Ok(before);
    }
    store::set(tx, &after)?;
    let change = Change::of("webhook.update", "webhook", &after.id).before(was).after(is);
    audit::record(tx, actor, &change, now_ms)?;
    Ok(after)
}

/// Removes a webhook with all that it was told, and what is queued for it.
pub(super) fn remove(
    tx: &mut Tx<'_>,
    actor: &Actor,
    gone: &Webhook,
    now_ms: i64,
) -> Result<(), Error> {
    for job in store::jobs_of(tx, &gone.id)? {
        outbox::call_off(tx, &job)?;
    }
    store::remove(tx, &gone.id)?;
    let change = Change::of("webhook.delete", "webhook", &gone.id).before(facts(gone));
    Ok(audit::record(tx, actor, &change, now_ms)?)
}

/// Gives a webhook another secret, already sealed. `keeps_old`: the one before can be opened, and signs too for a
/// day. Returns until when it does.
pub(super) fn replace_secret(
    tx: &mut Tx<'_>,
    actor: &Actor,
    webhook: Webhook,
    secret: &str,
    keeps_old: bool,
    now_ms: i64,
) -> Result<Option<i64>, Error> {
    let until = keeps_old.then_some(now_ms + OLD_SECRET_MS);
    let old = until.map(|until| (webhook.secret, until));
    store::set_secret(tx, &webhook.id, secret, old, now_ms)?;
    audit::record(tx, actor, &Change::of("webhook.secret", "webhook", &webhook.id), now_ms)?;
    Ok(until)
}

/// Queues a test for a webhook.
///
/// # Errors
/// 409 when it is switched off.
pub(super) fn test(
    tx: &mut Tx<'_>,
    actor: &Actor,
    webhook: Webhook,
    now_ms: i64,
) -> Result<Delivery, Error> {
    is_on(&webhook)?;
    audit::record(tx, actor, &Change::of("webhook.test", "webhook", &webhook.id), now_ms)?;
    let subject = webhook.id.clone();
    Ok(queue(tx, webhook.id, Event::Test, &id::new_id(), &subject, now_ms)?)
}

/// Queues a delivery once more, under its old id and with a whole day of tries before it. What was still queued of it
/// is called off.
///
/// # Errors
/// 409 when the webhook is switched off.
pub(super) fn resend(
    tx: &mut Tx<'_>,
    actor: &Actor,
    webhook: &Webhook,
    delivery: Delivery,
    now_ms: i64,
) -> Result<Delivery, Error> {
    is_on(webhook)?;
    outbox::call_off(tx, &delivery.job_id)?;
    let job_id = id::new_id();
    let work = Deliver { delivery: delivery.id.clone() };
    outbox::enqueue_as(tx, &job_id, &work, now_ms)?;
    store::requeue(tx, &delivery.id, &job_id, now_ms)?;
    let facts = json!({ "delivery": delivery.id, "event": delivery.event });
    let change = Change::of("webhook.resend", "webhook", &webhook.id).after(facts);
    audit::record(tx, actor, &change, now_ms)?;
    let (state, next_try_at) = (State::Waiting, Some(now_ms));
    Ok(Delivery { job_id, state, next_try_at, delivered_at: None, ..delivery })
}

/// A delivery of this webhook.
///
/// # Errors
/// 404 also for one of another webhook.
pub(super) fn delivery_of(
    conn: &mut Conn<'_>,
    webhook_id: &str,
    delivery_id: &str,
) -> Result<Delivery, Error> {
    let delivery = store::delivery(conn, delivery_id)?;
    if delivery.webhook_id == webhook_id { Ok(delivery) } else { Err(Error::NotFound) }
}

fn is_on(webhook: &Webhook) -> Result<(), Error> {
    if webhook.active {
        return Ok(());
    }
    Err(Error::Conflict("this webhook is switched off; switch it on first".into()))
}

/// What the record shows of a webhook: no secrets, and the address without its query.
fn facts(webhook: &Webhook) -> Value {
    let words = |events: &Vec<Event>| events.iter().map(|event| event.word()).collect::<Vec<_>>();
    json!({
        "url": webhook.shown_url(),
        "description": webhook.description,
        "events": webhook.events.as_ref().map(words),
        "active": webhook.active,
    })
}
