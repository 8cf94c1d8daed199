//! The outbox: slow or fallible effects as rows, written in the transaction that owes them.
//!
//! A slice enqueues its own [`Work`] inside its write; `crate::jobs` knows every kind and what to
//! do with it. Workers lease rows, run them and delete them; what fails comes back later with
//! jitter, honouring Retry-After; after the last try it waits as a dead letter with its error.
//! Every piece of work must be idempotent: a crash between doing and deleting repeats it.

mod periodic;
mod store;
mod worker;

use std::time::Duration;

use crate::platform::db::Tx;
use crate::platform::{clock, db, id};

pub use periodic::{Periodic, Standing, Task, Timetable};
pub use store::{Claimed, DeadLetter, QUERIES, dead_letters, dead_or_due};
pub use worker::{Pace, Runner, Workers, drain};

pub use periodic::QUERIES as PERIODIC_QUERIES;

/// Something a transaction owes. The payload carries ids, not copies.
pub trait Work: serde::Serialize + serde::de::DeserializeOwned {
    /// Stable name in the table; renaming one orphans queued rows.
    const KIND: &'static str;
}

/// Why a piece of work did not succeed.
#[derive(Debug)]
pub struct Failure {
    /// Trying again may help.
    pub retryable: bool,
    /// The other side asked for this much patience.
    pub retry_after: Option<Duration>,
    /// For the owner: no secrets, no personal data beyond ids.
    pub why: String,
}

impl Failure {
    #[must_use]
    pub fn retry(why: impl Into<String>) -> Self {
        Self { retryable: true, retry_after: None, why: why.into() }
    }

    #[must_use]
    pub fn dead(why: impl Into<String>) -> Self {
        Self { retryable: false, retry_after: None, why: why.into() }
    }
}

impl From<db::Error> for Failure {
    fn from(error: db::Error) -> Self {
        Self::retry(error.to_string())
    }
}

/// Queues `work` in this transaction; the workers wake when it has committed.
pub fn enqueue<W: Work>(tx: &mut Tx<'_>, work: &W) -> db::Result<()> {
    let payload = serde_json::to_string(work)
        .map_err(|error| db::Error::Engine(format!("payload of {}: {error}", W::KIND)))?;
    store::insert(tx, &id::new_id(), W::KIND, &payload, clock::now_ms())?;
    tx.wake_outbox();
    Ok(())
}
