//! The contact page: a message is stored, and passed on to the owner by mail.

pub mod model;
pub mod news;
pub mod pages;
pub mod store;
pub mod sync;

use rocket::{Route, routes};

pub use news::news;
pub use store::{Message, forget, from_address, older, prune};

/// Addresses of the site, mounted once for each language.
pub fn routes() -> Vec<Route> {
    routes![pages::show, pages::create, pages::sent]
}
