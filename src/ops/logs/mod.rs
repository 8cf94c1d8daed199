//! Counts by day of slow statements and of addresses that led nowhere, in the telemetry database.

pub mod admin;
pub mod admin_log;
pub mod admin_queries;
pub mod model;
pub mod store;
mod tail;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rocket::{Route, routes};

use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::db::telemetry::Telemetry;

/// Distinct paths remembered between two flushes; a scanner invents more than that.
const MAX_PATHS: usize = 500;
/// Longer paths are cut: what is wrong with them shows at their beginning.
const MAX_PATH_CHARS: usize = 120;

/// Addresses of the dashboard.
pub fn admin_routes() -> Vec<Route> {
    routes![admin::list, admin::ignore, admin::heed]
}

/// The pages of the log and of slow statements.
pub fn operate_routes() -> Vec<Route> {
    routes![admin_log::show, admin_queries::list]
}

/// Paths that led nowhere since the last flush.
#[derive(Default)]
pub struct MissingPages {
    counts: Mutex<HashMap<String, i64>>,
}

impl MissingPages {
    /// Counts one visit of `path`.
    pub fn note(&self, path: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let path: String = path.chars().take(MAX_PATH_CHARS).collect();
        if counts.len() < MAX_PATHS || counts.contains_key(&path) {
            *counts.entry(path).or_default() += 1;
        }
    }

    fn take(&self) -> HashMap<String, i64> {
        std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Hands what was counted to the telemetry writer. Called every few seconds and at the stop.
pub fn flush(db: &Db, missing: &MissingPages, telemetry: &Telemetry) {
    let day = clock::rfc3339(clock::now_ms())[..10].to_owned();
    for (statement, count) in db.slow_queries().take() {
        let day = day.clone();
        telemetry.submit(move |conn| store::add_slow(conn, &day, &statement, count));
    }
    for (path, times) in missing.take() {
        let day = day.clone();
        telemetry.submit(move |conn| store::add_missing(conn, &day, &path, times));
    }
}

/// Deletes counts older than `days`.
pub fn prune(telemetry: &Telemetry, days: i64) {
    let before = clock::rfc3339(clock::now_ms() - days * 86_400_000)[..10].to_owned();
    telemetry.submit(move |conn| store::prune(conn, &before));
}
