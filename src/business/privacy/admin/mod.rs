//! Privacy in the dashboard: requests, certificates, how long things are kept.

mod certificates;
mod requests;
mod retention;

use rocket::{Route, routes};

/// Addresses below `/admin`.
pub fn routes() -> Vec<Route> {
    routes![
        requests::list,
        requests::create,
        requests::show,
        requests::close,
        requests::reopen,
        requests::download,
        requests::remove,
        retention::list,
        retention::update,
        certificates::list,
        certificates::find,
        certificates::show,
    ]
}
