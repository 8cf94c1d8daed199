//! What search engines, feed readers and other machines ask a site for: its map, its feeds, its
//! rules, whom to tell about a weakness. No table of its own: everything is read from the slices.

pub mod model;
pub mod pages;

use rocket::{Route, routes};

/// Addresses that exist once.
pub fn routes() -> Vec<Route> {
    routes![pages::sitemap, pages::robots, pages::llms, pages::security, pages::gpc,]
}

/// Addresses mounted once for each language.
pub fn feed_routes() -> Vec<Route> {
    routes![pages::feed]
}
