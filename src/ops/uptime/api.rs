//! `/health`, `/health/ready`, `/health/live`.

use rocket::http::Status;
use rocket::{State, get};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::platform::clock;
use crate::platform::config::Live;
use crate::platform::db::{self, Db, migrate};
use crate::platform::http::Json;

#[derive(OpenApi)]
#[openapi(
    paths(health, ready, live),
    tags((name = "Health", description = "Whether it works. Never limited."))
)]
pub struct Described;

crate::sql! {
    SCHEMA = "SELECT CAST(coalesce(max(version), 0) AS BIGINT) FROM schema_rules";
}

/// The guide's three members first.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `healthy` or `unhealthy`.
    #[schema(example = "healthy")]
    status: &'static str,
    #[schema(example = "2026-11-22T14:49:31.723Z", format = "date-time")]
    timestamp: String,
    /// `connected`, `read-only` or `disconnected`.
    #[schema(example = "connected")]
    database: &'static str,
    /// How long the database took to answer, in milliseconds.
    #[schema(example = 0)]
    database_ms: u64,
    /// Which kind of trouble there is; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// `sqlite` or `postgres`.
    #[schema(example = "sqlite")]
    engine: &'static str,
    /// Version of the SQLite inside the program.
    #[schema(example = "3.53.2")]
    sqlite: &'static str,
    /// Version of the program.
    #[schema(example = "0.1.0")]
    release: &'static str,
    /// Version of the database's schema.
    #[schema(example = 4)]
    schema: i64,
    /// The setting `API_URL`.
    #[schema(required = true, example = json!(null))]
    api_url: Option<String>,
}

/// Can a lead be stored?
#[utoipa::path(
    get, path = "/health", operation_id = "health", tag = "Health",
    responses(
        (status = 200, description = "Yes.", body = Health),
        (status = 503, description = "No; `problem` says which kind of trouble it is.", body = Health),
    )
)]
#[get("/health")]
pub async fn health(db: &State<Db>, live: &State<Live>) -> Json<Health> {
    let started = clock::monotonic_ms();
    let read = db.read(|conn| conn.one::<(i64,)>(SCHEMA, &[])).await;
    let written = db.check_writable().await;
    let database_ms = clock::monotonic_ms() - started;
    let (database, problem) = match (&read, written) {
        (Ok(_), Ok(())) => ("connected", None),
        (Ok(_), Err(error)) => ("read-only", Some(public(&error))),
        (Err(error), _) => ("disconnected", Some(public(error))),
    };
    let healthy = problem.is_none();
    let body = Health {
        status: if healthy { "healthy" } else { "unhealthy" },
        timestamp: clock::rfc3339(clock::now_ms()),
        database,
        database_ms,
        problem,
        engine: db.engine_name(),
        sqlite: db::sqlite_version(),
        release: env!("CARGO_PKG_VERSION"),
        schema: read.map_or(migrate::Set::main().newest(), |(version,)| version),
        api_url: live.now().http.api_url.as_ref().map(ToString::to_string),
    };
    Json(if healthy { Status::Ok } else { Status::ServiceUnavailable }, body)
}

/// Enough for a monitor to tell a full disk from a lock; paths and texts stay in the log.
fn public(error: &db::Error) -> String {
    match error {
        db::Error::Busy => "the database is busy".into(),
        db::Error::Unavailable(_) => "the database cannot be written".into(),
        _ => "the database failed".into(),
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = HealthWord)]
pub struct Word {
    #[schema(example = "ready")]
    status: &'static str,
}

/// Can pages be served?
///
/// They can while the database can be read, whatever becomes of writes.
#[utoipa::path(
    get, path = "/health/ready", operation_id = "healthReady", tag = "Health",
    responses(
        (status = 200, description = "Yes.", body = Word),
        (status = 503, description = "No.", body = Word),
    )
)]
#[get("/health/ready")]
pub async fn ready(db: &State<Db>) -> Json<Word> {
    match db.read(|conn| conn.one::<(i64,)>(SCHEMA, &[])).await {
        Ok(_) => Json(Status::Ok, Word { status: "ready" }),
        Err(_) => Json(Status::ServiceUnavailable, Word { status: "not ready" }),
    }
}

/// Does the process turn?
#[utoipa::path(
    get, path = "/health/live", operation_id = "healthLive", tag = "Health",
    responses((status = 200, description = "Yes.", body = Word))
)]
#[get("/health/live")]
pub fn live() -> Json<Word> {
    Json(Status::Ok, Word { status: "live" })
}
