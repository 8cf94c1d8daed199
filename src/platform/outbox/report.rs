//! What became of a piece of work: as whoever did it tells it, and as the queue settles it.

use std::time::Duration;

use crate::platform::db::{self, Tx};

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

/// How the queue settles a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Done,
    /// Tried again then, in epoch milliseconds.
    Again(i64),
    /// Given up; it waits for the owner.
    Dead,
}

/// What is written down in the transaction that settles the work, once it is known how.
pub type Record = Box<dyn FnOnce(&mut Tx<'_>, Fate) -> db::Result<()> + Send>;

/// The outcome of one try, and what is to be written down about it.
pub struct Report {
    pub(super) outcome: Result<(), Failure>,
    pub(super) record: Option<Record>,
}

impl Report {
    /// Has `record` written with the outcome: both or neither are stored. Not called when another has
    /// taken the work over meanwhile.
    #[must_use]
    pub fn with(
        outcome: Result<(), Failure>,
        record: impl FnOnce(&mut Tx<'_>, Fate) -> db::Result<()> + Send + 'static,
    ) -> Self {
        Self { outcome, record: Some(Box::new(record)) }
    }
}

impl From<Result<(), Failure>> for Report {
    fn from(outcome: Result<(), Failure>) -> Self {
        Self { outcome, record: None }
    }
}

impl From<Failure> for Report {
    fn from(failure: Failure) -> Self {
        Err(failure).into()
    }
}
