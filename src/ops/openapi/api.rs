//! `GET /api/v1/openapi.json`.

use rocket::{State, get};

use super::Source;
use super::document::with_programs;
use crate::business::programs;
use crate::platform::http::{Api, Cached, PageCache, Rendered};
use crate::platform::lang::Lang;

/// This document, for programs that write programs.
///
/// It names the programs that are on offer now.
#[utoipa::path(
    get, path = "/api/v1/openapi.json", operation_id = "showOpenapi", tag = "Site",
    responses((status = 200, description = "OpenAPI 3.1.", body = serde_json::Value, content_type = "application/json", headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/v1/openapi.json")]
pub async fn show(pages: &State<PageCache>, source: &State<Source>) -> Api<Cached> {
    let document = source.0;
    let shown = pages
        .get("/api/v1/openapi.json", move |conn| {
            let offered = programs::published(conn, Lang::En)?;
            let slugs = offered.into_iter().map(|program| program.slug).collect();
            Rendered::public_json(&with_programs(document()?, slugs))
        })
        .await?;
    Ok(shown)
}
