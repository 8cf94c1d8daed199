//! The webhooks and their deliveries.

use super::model::{Delivery, Event, State, Wanted, WantedDeliveries, Webhook};
use crate::platform::db::{self, Conn, FromRow, Result, Row, Tx};
use crate::platform::word::Word;

crate::sql! {
    // Asked at every event, mostly of an empty table. ?1 is the event's word as it stands in the list, in quotes.
    LISTENING = "SELECT id FROM webhooks WHERE active AND (events IS NULL OR replace(events, ?1, '') <> events) ORDER BY id LIMIT 100";
    COUNT = "SELECT CAST(count(*) AS BIGINT) FROM webhooks";
    BY_ID = "SELECT id, url, description, events, active, secret, old_secret, old_secret_until, last_success_at, last_failure_at, created_at, updated_at
             FROM webhooks WHERE id = ?1";
    // ?2 and ?3: whether those that are switched off, and on, are wanted.
    NEWEST = "SELECT id, url, description, events, active, secret, old_secret, old_secret_until, last_success_at, last_failure_at, created_at, updated_at
              FROM webhooks WHERE id < ?1 AND (active = ?2 OR active = ?3) ORDER BY id DESC LIMIT ?4";
    OLDEST = "SELECT id, url, description, events, active, secret, old_secret, old_secret_until, last_success_at, last_failure_at, created_at, updated_at
              FROM webhooks WHERE id > ?1 AND (active = ?2 OR active = ?3) ORDER BY id LIMIT ?4";
    ADD = "INSERT INTO webhooks (id, url, description, events, active, secret, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)";
    SET = "UPDATE webhooks SET url = ?2, description = ?3, events = ?4, active = ?5, updated_at = ?6 WHERE id = ?1";
    SET_SECRET = "UPDATE webhooks SET secret = ?2, old_secret = ?3, old_secret_until = ?4, updated_at = ?5 WHERE id = ?1";
    REMOVE = "DELETE FROM webhooks WHERE id = ?1";
    SUCCEEDED = "UPDATE webhooks SET last_success_at = ?2 WHERE id = ?1";
    FAILED = "UPDATE webhooks SET last_failure_at = ?2 WHERE id = ?1";
    SWITCH_OFF = "UPDATE webhooks SET active = FALSE, last_failure_at = ?2, updated_at = ?2 WHERE id = ?1 AND active";
    QUEUE = "INSERT INTO webhook_deliveries (id, webhook_id, event, event_id, subject, job_id, state, next_try_at, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?7)";
    REQUEUE = "UPDATE webhook_deliveries SET job_id = ?2, state = 'waiting', next_try_at = ?3, delivered_at = NULL WHERE id = ?1";
    SETTLE = "UPDATE webhook_deliveries SET state = ?2, attempts = attempts + ?3, last_status = ?4, last_error = ?5, next_try_at = ?6, delivered_at = ?7
              WHERE id = ?1";
    DELIVERY = "SELECT id, webhook_id, event, event_id, subject, job_id, state, attempts, last_status, last_error, next_try_at, created_at, delivered_at
                FROM webhook_deliveries WHERE id = ?1";
    SENT_NEWEST = "SELECT id, webhook_id, event, event_id, subject, job_id, state, attempts, last_status, last_error, next_try_at, created_at, delivered_at
                   FROM webhook_deliveries WHERE webhook_id = ?1 AND id < ?2 AND (?3 = '' OR event = ?3) ORDER BY id DESC LIMIT ?4";
    SENT_OLDEST = "SELECT id, webhook_id, event, event_id, subject, job_id, state, attempts, last_status, last_error, next_try_at, created_at, delivered_at
                   FROM webhook_deliveries WHERE webhook_id = ?1 AND id > ?2 AND (?3 = '' OR event = ?3) ORDER BY id LIMIT ?4";
    OF_STATE_NEWEST = "SELECT id, webhook_id, event, event_id, subject, job_id, state, attempts, last_status, last_error, next_try_at, created_at, delivered_at
                       FROM webhook_deliveries WHERE webhook_id = ?1 AND id < ?2 AND (?3 = '' OR event = ?3) AND state = ?5 ORDER BY id DESC LIMIT ?4";
    OF_STATE_OLDEST = "SELECT id, webhook_id, event, event_id, subject, job_id, state, attempts, last_status, last_error, next_try_at, created_at, delivered_at
                       FROM webhook_deliveries WHERE webhook_id = ?1 AND id > ?2 AND (?3 = '' OR event = ?3) AND state = ?5 ORDER BY id LIMIT ?4";
    // What is delivered has no row in the queue any more.
    JOBS_OF = "SELECT job_id FROM webhook_deliveries WHERE webhook_id = ?1 AND state <> 'delivered'";
    FORGET_ALL = "DELETE FROM webhook_deliveries WHERE webhook_id = ?1";
    OLD_JOBS = "SELECT job_id FROM webhook_deliveries WHERE created_at < ?1 AND state <> 'delivered'";
    PRUNE = "DELETE FROM webhook_deliveries WHERE created_at < ?1";
}

/// The words of a list of events; those that only a newer program knows are left out.
fn events_of(json: Option<String>) -> Result<Option<Vec<Event>>> {
    let Some(json) = json else { return Ok(None) };
    let words: Vec<String> = serde_json::from_str(&json)
        .map_err(|error| db::Error::Corrupt(format!("events of a webhook: {error}")))?;
    Ok(Some(words.iter().filter_map(|word| Event::of_word(word)).collect()))
}

fn json_of(events: Option<&[Event]>) -> Option<String> {
    events.map(|events| {
        let words: Vec<&str> = events.iter().map(|event| event.word()).collect();
        serde_json::Value::from(words).to_string()
    })
}

impl FromRow for Webhook {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let old_secret: Option<String> = row.get(6)?;
        let until: Option<i64> = row.get(7)?;
        Ok(Self {
            id: row.get(0)?,
            url: row.get(1)?,
            description: row.get(2)?,
            events: events_of(row.get(3)?)?,
            active: row.get(4)?,
            secret: row.get(5)?,
            old_secret: old_secret.zip(until),
            last_success_at: row.get(8)?,
            last_failure_at: row.get(9)?,
            created_at: row.get(10)?,
            updated_at: row.get(11)?,
        })
    }
}

impl FromRow for Delivery {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let state: String = row.get(6)?;
        Ok(Self {
            id: row.get(0)?,
            webhook_id: row.get(1)?,
            event: row.get(2)?,
            event_id: row.get(3)?,
            subject: row.get(4)?,
            job_id: row.get(5)?,
            state: State::of_word(&state)
                .ok_or_else(|| db::Error::Corrupt(format!("state of a delivery: {state}")))?,
            attempts: row.get(7)?,
            last_status: row.get(8)?,
            last_error: row.get(9)?,
            next_try_at: row.get(10)?,
            created_at: row.get(11)?,
            delivered_at: row.get(12)?,
        })
    }
}

/// The ids of the webhooks that want to be told of `event`.
pub(super) fn listening(tx: &mut Tx<'_>, event: Event) -> Result<Vec<String>> {
    let quoted = format!("\"{}\"", event.word());
    let found: Vec<(String,)> = tx.all(LISTENING, &[&quoted])?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

pub(super) fn count(conn: &mut Conn<'_>) -> Result<i64> {
    Ok(conn.one::<(i64,)>(COUNT, &[])?.0)
}

pub(super) fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Webhook> {
    conn.one(BY_ID, &[&id])
}

/// Up to `limit` webhooks.
pub(super) fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> Result<Vec<Webhook>> {
    let (one, other) = wanted.active.map_or((false, true), |active| (active, active));
    conn.all(wanted.order.choose(NEWEST, OLDEST), &[&wanted.after, &one, &other, &limit])
}

pub(super) fn add(tx: &mut Tx<'_>, webhook: &Webhook) -> Result<()> {
    let Webhook { id, url, description, events, active, secret, created_at, .. } = webhook;
    let events = json_of(events.as_deref());
    tx.exec(ADD, &[id, url, description, &events, active, secret, created_at]).map(drop)
}

pub(super) fn set(tx: &mut Tx<'_>, webhook: &Webhook) -> Result<()> {
    let Webhook { id, url, description, events, active, updated_at, .. } = webhook;
    let events = json_of(events.as_deref());
    tx.exec(SET, &[id, url, description, &events, active, updated_at]).map(drop)
}

/// Both secrets sealed, the old one with the time until which it signs.
pub(super) fn set_secret(
    tx: &mut Tx<'_>,
    id: &str,
    secret: &str,
    old: Option<(String, i64)>,
    now_ms: i64,
) -> Result<()> {
    let (old, until) = old.unzip();
    tx.exec(SET_SECRET, &[&id, &secret, &old, &until, &now_ms]).map(drop)
}

/// The webhook and everything it was told.
pub(super) fn remove(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.exec(REMOVE, &[&id])?;
    tx.exec(FORGET_ALL, &[&id]).map(drop)
}

/// The rows of the queue that a webhook's deliveries still have, or once had.
pub(super) fn jobs_of(conn: &mut Conn<'_>, webhook_id: &str) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = conn.all(JOBS_OF, &[&webhook_id])?;
    Ok(rows.into_iter().map(|(job,)| job).collect())
}

/// The same of deliveries made before a time.
pub(super) fn jobs_before(conn: &mut Conn<'_>, before: i64) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = conn.all(OLD_JOBS, &[&before])?;
    Ok(rows.into_iter().map(|(job,)| job).collect())
}

/// Deletes the deliveries made before a time; returns how many.
pub(super) fn prune(tx: &mut Tx<'_>, before: i64) -> Result<u64> {
    tx.exec(PRUNE, &[&before])
}

pub(super) fn succeeded(tx: &mut Tx<'_>, id: &str, now_ms: i64) -> Result<()> {
    tx.exec(SUCCEEDED, &[&id, &now_ms]).map(drop)
}

pub(super) fn failed(tx: &mut Tx<'_>, id: &str, now_ms: i64) -> Result<()> {
    tx.exec(FAILED, &[&id, &now_ms]).map(drop)
}

/// Returns whether it was on.
pub(super) fn switch_off(tx: &mut Tx<'_>, id: &str, now_ms: i64) -> Result<bool> {
    Ok(tx.exec(SWITCH_OFF, &[&id, &now_ms])? == 1)
}

/// Stores a delivery that waits, as [`Delivery`] says it.
pub(super) fn queue(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<()> {
    let Delivery { id, webhook_id, event, event_id, subject, job_id, created_at, .. } = delivery;
    tx.exec(QUEUE, &[id, webhook_id, event, event_id, subject, job_id, created_at]).map(drop)
}

/// Lets a delivery wait again, for another row of the queue.
pub(super) fn requeue(tx: &mut Tx<'_>, id: &str, job_id: &str, now_ms: i64) -> Result<()> {
    tx.exec(REQUEUE, &[&id, &job_id, &now_ms]).map(drop)
}

/// Writes down what is new about a delivery: `tries` more of them, and the state after the last.
pub(super) fn settle(tx: &mut Tx<'_>, delivery: &Delivery, tries: i64) -> Result<()> {
    let Delivery { id, state, last_status, last_error, next_try_at, delivered_at, .. } = delivery;
    tx.exec(
        SETTLE,
        &[id, &state.word(), &tries, last_status, last_error, next_try_at, delivered_at],
    )
    .map(drop)
}

pub(super) fn delivery(conn: &mut Conn<'_>, id: &str) -> Result<Delivery> {
    conn.one(DELIVERY, &[&id])
}

/// Up to `limit` deliveries of one webhook.
pub(super) fn deliveries(
    conn: &mut Conn<'_>,
    wanted: &WantedDeliveries,
    limit: i64,
) -> Result<Vec<Delivery>> {
    let WantedDeliveries { webhook_id, state, event, order, after } = wanted;
    let event = event.map_or("", Event::word);
    match state {
        None => {
            conn.all(order.choose(SENT_NEWEST, SENT_OLDEST), &[webhook_id, after, &event, &limit])
        }
        Some(state) => conn.all(
            order.choose(OF_STATE_NEWEST, OF_STATE_OLDEST),
            &[webhook_id, after, &event, &limit, &state.word()],
        ),
    }
}
