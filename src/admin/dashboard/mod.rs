//! The start of the dashboard, and the search that finds everything in it.

pub mod chart;
pub mod home;
pub mod launch;
pub mod search;

use rocket::{Route, routes};

/// Addresses of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![home::show, search::show]
}
