//! Leads: who left an address, and the evidence of what they agreed to.

pub mod api;
pub mod model;
pub mod news;
pub mod pages;
pub mod receive;
pub mod store;
pub mod sync;
pub mod view;

use rocket::{Route, routes};

pub use news::news;
pub use receive::Desk;
pub use view::{FaultView, LeadFormView};

/// Addresses of the site, mounted once for each language.
pub fn routes() -> Vec<Route> {
    routes![pages::create, pages::thanks]
}

/// Addresses below `/api`, the guide's name and the versioned one.
pub fn api_routes() -> Vec<Route> {
    routes![api::create, api::create_v1]
}
