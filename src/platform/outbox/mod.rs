//! The outbox: slow or fallible effects as rows, written in the transaction that owes them.
//!
//! A slice enqueues its own [`Work`] inside its write; `crate::jobs` knows every kind, what to do with
//! it, and in which [`Lane`]. Workers lease rows of their lane's kinds, run them and delete them; what fails comes
//! back later with jitter, honouring Retry-After; after the last try it waits as a dead letter with its error.
//! Every piece of work must be idempotent: a crash between doing and deleting repeats it.

mod lane;
mod periodic;
mod report;
mod store;
mod worker;

use crate::platform::db::Tx;
use crate::platform::{clock, db, id};

pub use lane::{End, Lane, Patience};
pub use periodic::{Periodic, Standing, Task, Timetable};
pub use report::{Failure, Fate, Record, Report};
pub use store::{Claimed, DeadLetter, QUERIES, dead_letters, dead_or_due};
pub use worker::{Runner, Workers, drain};

pub use periodic::QUERIES as PERIODIC_QUERIES;

/// Something a transaction owes. The payload carries ids, not copies.
pub trait Work: serde::Serialize + serde::de::DeserializeOwned {
    /// Stable name in the table; renaming one orphans queued rows.
    const KIND: &'static str;
}

/// Queues `work` in this transaction; the workers wake when it has committed.
pub fn enqueue<W: Work>(tx: &mut Tx<'_>, work: &W) -> db::Result<()> {
    enqueue_as(tx, &id::new_id(), work, clock::now_ms())
}

/// Queues `work` under an id of the caller's making, by which it can be called off. Its age counts from
/// `now_ms`.
pub fn enqueue_as<W: Work>(tx: &mut Tx<'_>, id: &str, work: &W, now_ms: i64) -> db::Result<()> {
    store::insert(tx, id, W::KIND, &payload_of(work)?, now_ms)?;
    tx.wake_outbox();
    Ok(())
}

/// Takes work out of the queue, a dead letter too. Whoever is at it finishes, and is not heard.
pub fn call_off(tx: &mut Tx<'_>, id: &str) -> db::Result<()> {
    store::remove(tx, id)
}

/// Takes `work` out of the queue, by what it is; whoever is at it finishes.
pub fn cancel<W: Work>(tx: &mut Tx<'_>, work: &W) -> db::Result<()> {
    store::remove_work(tx, W::KIND, &payload_of(work)?)
}

fn payload_of<W: Work>(work: &W) -> db::Result<String> {
    serde_json::to_string(work)
        .map_err(|error| db::Error::Engine(format!("payload of {}: {error}", W::KIND)))
}
