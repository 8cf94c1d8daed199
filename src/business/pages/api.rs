//! `GET /api/v1`: where everything is, and what the guide's smoke test asks for.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, get};
use serde::Serialize;

use crate::platform::http::{Api, Json, Sites};
use crate::platform::lang::Lang;

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
pub async fn index(sites: &State<Arc<Sites>>) -> Api<Json<Index>> {
    let site = sites.current(Lang::En).await?;
    Ok(Json(
        Status::Ok,
        Index {
            name: site.name.clone(),
            version: env!("CARGO_PKG_VERSION"),
            programs: "/api/v1/programs",
            articles: "/api/v1/articles",
            leads: "/api/v1/leads",
            health: "/health",
        },
    ))
}
