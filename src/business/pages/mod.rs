//! The pages that belong to no other part: home, legal texts, and the index of the API.

pub mod api;
pub mod model;
pub mod pages;

use rocket::{Route, routes};

pub use model::{HomeTexts, SiteTexts};

/// Addresses of the site.
pub fn routes() -> Vec<Route> {
    routes![pages::home, pages::privacy, pages::terms]
}

/// Addresses below `/api`.
pub fn api_routes() -> Vec<Route> {
    routes![api::index]
}
