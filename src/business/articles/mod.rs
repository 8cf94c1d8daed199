//! Articles: what visitors come to read.

pub mod admin;
pub mod api;
pub mod desk;
pub mod drafts;
pub mod edit;
pub mod model;
pub mod news;
pub mod pages;
pub mod seed;
pub mod seo;
pub mod store;
pub mod view;

use rocket::{Route, routes};

pub use model::{Article, ArticleCard, Summary, Topic};
pub use news::{announce_due, news};
pub use seed::{read_seed, seed};
pub use store::{by_slug, count_all, count_dated, index_some, mapped, newest, publish_due, topics};

/// Addresses of the site, mounted once for each language.
pub fn routes() -> Vec<Route> {
    routes![pages::list, pages::topic, pages::show]
}

/// Old addresses of articles.
pub fn old_routes() -> Vec<Route> {
    routes![pages::blog, pages::blog_index]
}

/// Addresses below `/api/v1`.
pub fn api_routes() -> Vec<Route> {
    routes![api::list, api::show, api::create, api::update, api::remove]
}
