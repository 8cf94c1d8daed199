//! Webhooks: other programs are told what happens here, signed, until they have taken it.
//!
//! A slice calls [`emit`] in the transaction that brings an event about; `crate::jobs` knows what is told of
//! each thing. Tour: `emit` queues, `sync` sends, `courier` carries and signs, `edit` and the two `api` files are for
//! the owner. Not here: webhooks that come in.

pub mod admin;
pub mod api;
mod courier;
pub mod deliveries;
mod edit;
mod emit;
pub mod model;
mod signature;
pub mod store;
mod sync;
pub mod view;

use rocket::{Route, routes};
use serde_json::{Value, json};

pub use courier::Courier;
pub use emit::{emit, prune};
pub use model::Event;
pub use sync::{Deliver, Tell, deliver};

use crate::platform::db::{self, Conn};

/// Addresses below `/api/v1`.
pub fn api_routes() -> Vec<Route> {
    routes![
        api::list,
        api::show,
        api::create,
        api::update,
        api::remove,
        api::replace_secret,
        api::test,
        deliveries::list,
        deliveries::show,
        deliveries::resend,
    ]
}

/// Pages of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![
        admin::list,
        admin::new,
        admin::create,
        admin::one::show,
        admin::one::update,
        admin::one::replace_secret,
        admin::one::test,
        admin::one::remove,
        admin::one::resend,
    ]
}

/// What a test tells: of the webhook itself.
pub fn news(conn: &mut Conn<'_>, id: &str) -> db::Result<Option<Value>> {
    match store::by_id(conn, id) {
        Ok(webhook) => Ok(Some(json!({ "id": webhook.id, "description": webhook.description }))),
        Err(db::Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
