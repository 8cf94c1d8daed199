//! Articles: what visitors come to read.

pub mod api;
pub mod model;
pub mod pages;
pub mod store;

use rocket::{Route, routes};

pub use model::ArticleCard;
pub use store::{newest, publish_due, seed};

/// Addresses of the site.
pub fn routes() -> Vec<Route> {
    routes![pages::list, pages::show]
}

/// Addresses below `/api/v1`.
pub fn api_routes() -> Vec<Route> {
    routes![api::list, api::show]
}
