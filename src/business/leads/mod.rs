//! Leads: who left an address, and the evidence of what they agreed to.
//!
//! The way in: `pages` and `api`, `receive`, `store`. For those who run the business: `desk` lists, `detail` shows,
//! changes and removes, beside them `tags` and `notes`; `timeline` tells what happened with one, `merge` makes one of two;
//! `import` and `export` bring in and take out whole lists, `segments` are saved filters, `bulk` is done with many at
//! once; `filing` is what leads are found by.

pub mod admin;
pub mod api;
pub mod bulk;
pub mod desk;
pub mod detail;
pub mod export;
pub mod figures;
pub mod filing;
pub mod filter;
pub mod import;
mod lead;
pub mod merge;
pub mod model;
pub mod news;
pub mod notes;
pub mod pages;
pub mod receive;
pub mod segments;
pub mod store;
pub mod sync;
pub mod tags;
pub mod timeline;
pub mod view;

use rocket::{Route, routes};

pub use filing::catch_up;
pub use lead::Lead;
pub use news::news;
pub use receive::Desk;
pub use view::{FaultView, LeadFormView};

/// Addresses of the site, mounted once for each language.
pub fn routes() -> Vec<Route> {
    routes![pages::create, pages::thanks]
}

/// Addresses below `/api`, the guide's name and the versioned one.
pub fn api_routes() -> Vec<Route> {
    routes![
        api::create,
        api::create_v1,
        desk::api::list,
        detail::api::show,
        detail::api::update,
        detail::api::remove,
        tags::api::list,
        tags::api::update,
        tags::api::remove,
        notes::api::list,
        notes::api::show,
        notes::api::create,
        notes::api::update,
        notes::api::remove,
    ]
}
