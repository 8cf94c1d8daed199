//! `GET /api/v1`: where everything is, and what the guide's smoke test asks for.

use rocket::http::Status;
use rocket::{State, get};
use serde::Serialize;

use std::sync::Arc;

use crate::platform::http::{Json, SiteView};

#[derive(Serialize)]
pub struct Index {
    name: String,
    version: &'static str,
    programs: &'static str,
    articles: &'static str,
    leads: &'static str,
    health: &'static str,
}

#[get("/v1")]
pub fn index(site: &State<Arc<SiteView>>) -> Json<Index> {
    Json(
        Status::Ok,
        Index {
            name: site.name.clone(),
            version: env!("CARGO_PKG_VERSION"),
            programs: "/api/v1/programs",
            articles: "/api/v1/articles",
            leads: "/api/v1/leads",
            health: "/health",
        },
    )
}
