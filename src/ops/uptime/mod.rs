//! Health: three questions with three answers.
//!
//! `/health/live`: does the process turn? `/health/ready`: can pages be served? `/health`: can a
//! lead be stored? Only the last turns 503 when the disk is full, and none is ever rate-limited.

pub mod api;

use rocket::{Route, routes};

pub fn routes() -> Vec<Route> {
    routes![api::health, api::ready, api::live]
}
