//! Queued work and periodic tasks, as the owner sees them: what waits, what failed for good and why,
//! what runs when; and another try, by hand.
//!
//! Not here: doing the work (`platform::outbox`, `crate::jobs`). What a piece of work is about is
//! never shown: its payload can lead to a person.

pub mod admin;
pub mod api;
mod edit;
pub mod model;
pub mod store;
pub mod tasks;

use rocket::{Route, routes};

/// Addresses below `/api/v1`.
pub fn api_routes() -> Vec<Route> {
    routes![api::list, api::show, api::retry, api::retry_all, api::remove, tasks::list, tasks::run,]
}

/// Pages of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![
        admin::list,
        admin::show,
        admin::retry,
        admin::discard,
        admin::tasks::list,
        admin::tasks::run,
    ]
}
