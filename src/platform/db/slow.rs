//! Statements that took too long: one log line each, and a count for the telemetry database.
//!
//! The statement is named by its text with placeholders; values never leave the driver.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::sql::Sql;

/// Distinct statements kept between two flushes; the program has far fewer.
const MAX_STATEMENTS: usize = 512;

/// What one statement cost since the last flush.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SlowCount {
    pub times: i64,
    pub worst_ms: i64,
}

pub struct SlowQueries {
    threshold: Duration,
    counts: Mutex<HashMap<&'static str, SlowCount>>,
}

impl SlowQueries {
    #[must_use]
    pub fn new(threshold: Duration) -> Self {
        Self { threshold, counts: Mutex::new(HashMap::new()) }
    }

    pub(super) fn start(&self, sql: Sql) -> Timer<'_> {
        Timer { queries: self, sql, started: Instant::now() }
    }

    fn record(&self, sql: Sql, took: Duration) {
        let ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        log::warn!(target: "slow-query", "{ms} ms: {}", sql.for_people());
        let mut counts = self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if counts.len() < MAX_STATEMENTS || counts.contains_key(sql.sqlite) {
            let count = counts.entry(sql.sqlite).or_default();
            count.times += 1;
            count.worst_ms = count.worst_ms.max(ms);
        }
    }

    /// Takes the counts gathered since the last call: `(statement, count)`.
    #[must_use]
    pub fn take(&self) -> Vec<(String, SlowCount)> {
        let mut counts = self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        counts.drain().map(|(text, count)| (Sql::portable(text).for_people(), count)).collect()
    }
}

pub(super) struct Timer<'q> {
    queries: &'q SlowQueries,
    sql: Sql,
    started: Instant,
}

impl Timer<'_> {
    pub(super) fn stop(self) {
        let took = self.started.elapsed();
        if took >= self.queries.threshold {
            self.queries.record(self.sql, took);
        }
    }
}
