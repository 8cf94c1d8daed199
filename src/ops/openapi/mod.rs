//! The API described by itself: an `OpenAPI` 3.1 document made of the handlers' own types, the page
//! that shows it, and the part of `docs/API.md` that is made of it.
//!
//! Not here: what an address takes and answers. That stands beside its handler.

pub mod api;
pub mod document;
pub mod markdown;
pub mod model;
pub mod pages;

use rocket::{Route, routes};
use serde_json::Value;
use utoipa::OpenApi;

use crate::platform::error::Error;

#[derive(OpenApi)]
#[openapi(paths(api::show, pages::show))]
pub struct Described;

/// Where the whole document comes from: door 1 knows every slice, this one does not.
pub struct Source(pub fn() -> Result<Value, Error>);

/// Addresses below `/api`.
pub fn routes() -> Vec<Route> {
    routes![api::show, pages::show]
}
