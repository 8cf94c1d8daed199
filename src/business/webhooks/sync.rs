//! What is owed to a webhook: one event, sent until it is taken.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::courier::{Answer, Courier, Message};
use super::model::{Delivery, Event, State, Webhook};
use super::store;
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::platform::clock;
use crate::platform::db::{self, Conn, Db, Tx};
use crate::platform::outbox::{Failure, Fate, Report, Work};
use crate::platform::word::Word;

/// Characters of an error that are kept.
const ERROR_MAX: usize = 300;

/// Owed once for each event and webhook.
#[derive(Debug, Serialize, Deserialize)]
pub struct Deliver {
    /// The delivery's id.
    pub delivery: String,
}

impl Work for Deliver {
    const KIND: &'static str = "deliver_webhook";
}

/// What is told of the thing that an event is about, as it is now; `None` when it is gone.
pub type Tell = fn(&mut Conn<'_>, Event, &str) -> db::Result<Option<Value>>;

/// A message as it is sent.
#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    r#type: &'a str,
    created_at: String,
    data: Value,
}

/// How a try ended.
enum Ended {
    Delivered(u16),
    /// 410: nobody is there any more, and that is the last word.
    Gone,
    Failed {
        status: Option<u16>,
        why: String,
        retry_after: Option<Duration>,
    },
    /// It was switched off before this try.
    Off,
}

/// Sends a delivery; `work_id` tells whether it is still this work that is to do it. A webhook or a
/// delivery that is gone is owed nothing.
pub fn deliver(work: &Deliver, work_id: &str, db: &Db, courier: &Courier, tell: Tell) -> Report {
    let (webhook, delivery) = match db.read_blocking(|conn| both(conn, &work.delivery)) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(()).into(),
        Err(error) => return Failure::from(error).into(),
    };
    if delivery.job_id != work_id || delivery.state == State::Delivered {
        return Ok(()).into();
    }
    if !webhook.active {
        return report(webhook, delivery, Ended::Off, courier);
    }
    let message = match db.read_blocking(|conn| message(conn, &delivery, tell)) {
        Ok(message) => message,
        Err(error) => return Failure::from(error).into(),
    };
    let ended = match courier.carry(&webhook, &message) {
        Ok(Answer { status: status @ 200..=299, .. }) => Ended::Delivered(status),
        Ok(Answer { status: 410, .. }) => Ended::Gone,
        Ok(Answer { status, retry_after }) => {
            let why = format!("it answered with status {status}");
            Ended::Failed { status: Some(status), why, retry_after }
        }
        // An address that is refused may be another tomorrow: names are moved.
        Err(why) => Ended::Failed { status: None, why, retry_after: None },
    };
    report(webhook, delivery, ended, courier)
}

fn both(conn: &mut Conn<'_>, delivery_id: &str) -> db::Result<Option<(Webhook, Delivery)>> {
    let found = |result: db::Result<Delivery>| match result {
        Err(db::Error::NotFound) => Ok(None),
        other => other.map(Some),
    };
    let Some(delivery) = found(store::delivery(conn, delivery_id))? else { return Ok(None) };
    match store::by_id(conn, &delivery.webhook_id) {
        Ok(webhook) => Ok(Some((webhook, delivery))),
        Err(db::Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Made anew for each try: the queue carries ids, so that who is erased is erased here too.
fn message(conn: &mut Conn<'_>, delivery: &Delivery, tell: Tell) -> db::Result<Message> {
    let event = Event::of_word(&delivery.event).ok_or_else(|| {
        db::Error::Engine(format!("this program does not know the event {}", delivery.event))
    })?;
    let told = tell(conn, event, &delivery.subject)?;
    let body = Body {
        id: &delivery.event_id,
        r#type: event.word(),
        created_at: clock::rfc3339(delivery.created_at),
        data: told.unwrap_or_else(|| json!({ "id": delivery.subject })),
    };
    let body = serde_json::to_vec(&body)
        .map_err(|error| db::Error::Engine(format!("body of {}: {error}", event.word())))?;
    Ok(Message { id: delivery.event_id.clone(), body })
}

/// What the queue is told, and what is written down with it.
fn report(webhook: Webhook, delivery: Delivery, ended: Ended, courier: &Courier) -> Report {
    let now = courier.clock.now_ms();
    let outcome = match &ended {
        Ended::Failed { why, retry_after, .. } => Err(Failure {
            retryable: true,
            retry_after: *retry_after,
            why: format!("webhook {}: {why}", webhook.id),
        }),
        Ended::Delivered(_) | Ended::Gone | Ended::Off => Ok(()),
    };
    Report::with(outcome, move |tx, fate| note(tx, &webhook, delivery, ended, fate, now))
}

/// The webhook's row is written before the delivery's, everywhere: two transactions that take locks in two
/// orders wait for each other.
fn note(
    tx: &mut Tx<'_>,
    webhook: &Webhook,
    delivery: Delivery,
    ended: Ended,
    fate: Fate,
    now: i64,
) -> db::Result<()> {
    let nothing = Delivery { next_try_at: None, delivered_at: None, last_error: None, ..delivery };
    let dead = |why: &str, last_status| Delivery {
        state: State::Dead,
        last_error: Some(why.to_owned()),
        last_status,
        ..nothing.clone()
    };
    let settled = match ended {
        Ended::Delivered(status) => {
            store::succeeded(tx, &webhook.id, now)?;
            let (last_status, delivered_at) = (Some(i64::from(status)), Some(now));
            Delivery { state: State::Delivered, last_status, delivered_at, ..nothing }
        }
        Ended::Gone => {
            switch_off(tx, webhook, now)?;
            dead("it answered with status 410 and was switched off", Some(410))
        }
        Ended::Off => {
            let last_status = nothing.last_status;
            let off = dead("it was switched off", last_status);
            return store::settle(tx, &off, 0);
        }
        Ended::Failed { status, why, .. } => {
            store::failed(tx, &webhook.id, now)?;
            let (state, next_try_at) = match fate {
                Fate::Again(at) => (State::Failed, Some(at)),
                Fate::Done | Fate::Dead => (State::Dead, None),
            };
            let last_error = Some(why.chars().take(ERROR_MAX).collect());
            Delivery {
                state,
                next_try_at,
                last_status: status.map(i64::from),
                last_error,
                ..nothing
            }
        }
    };
    store::settle(tx, &settled, 1)
}

fn switch_off(tx: &mut Tx<'_>, webhook: &Webhook, now: i64) -> db::Result<()> {
    if !store::switch_off(tx, &webhook.id, now)? {
        return Ok(());
    }
    log::warn!("webhook {} answered with status 410 and was switched off", webhook.id);
    let change = Change::of("webhook.switch_off", "webhook", &webhook.id)
        .before(json!({ "active": true }))
        .after(json!({ "active": false, "why": "status 410" }));
    audit::record(tx, &Actor::system(), &change, now)
}
