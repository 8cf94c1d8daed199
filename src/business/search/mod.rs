//! Search over everything that can be read: articles, programs and pages, each language by itself.
//!
//! Other slices [`put`] their texts into the index in the transaction that stores them; nothing
//! here reads their tables. Words are folded and highlighted in Rust, so that both engines find and
//! show the same.

pub mod api;
pub mod model;
pub mod pages;
pub mod snippet;
pub mod store;

use rocket::{Route, routes};

pub use model::{Doc, Kind, fold, plain_text};
pub use store::{count, put, remove};

/// Addresses of the site, in every language.
pub fn routes() -> Vec<Route> {
    routes![pages::show]
}

/// Addresses below `/api`: the guide's name and the versioned ones.
pub fn api_routes() -> Vec<Route> {
    routes![api::show, api::create, api::create_v1]
}
