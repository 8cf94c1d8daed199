//! Art: a drawing of its own for every article, and the picture that a link preview shows. No store.

mod desk;
mod hand;
mod model;
mod outdoors;
pub mod pages;
mod paper;
mod social;

pub use model::drawing;
pub use social::social_picture;

use rocket::{Route, routes};

/// Addresses of the site.
pub fn routes() -> Vec<Route> {
    routes![pages::site, pages::article, pages::program]
}
