//! `/health`, `/health/ready`, `/health/live`.

use rocket::http::Status;
use rocket::{State, get};
use serde::Serialize;

use crate::platform::clock;
use crate::platform::db::{self, Db, migrate};
use crate::platform::http::Json;

/// Set once at start.
pub struct Identity {
    pub api_url: Option<String>,
}

crate::sql! {
    SCHEMA = "SELECT CAST(coalesce(max(version), 0) AS BIGINT) FROM schema_rules";
}

/// The guide's three members first.
#[derive(Serialize)]
pub struct Health {
    status: &'static str,
    timestamp: String,
    database: &'static str,
    /// How long the database took to answer, in milliseconds.
    database_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    engine: &'static str,
    sqlite: &'static str,
    release: &'static str,
    schema: i64,
    api_url: Option<String>,
}

#[get("/health")]
pub async fn health(db: &State<Db>, identity: &State<Identity>) -> Json<Health> {
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
        api_url: identity.api_url.clone(),
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

#[derive(Serialize)]
pub struct Word {
    status: &'static str,
}

/// Pages can be served while the database can be read, whatever becomes of writes.
#[get("/health/ready")]
pub async fn ready(db: &State<Db>) -> Json<Word> {
    match db.read(|conn| conn.one::<(i64,)>(SCHEMA, &[])).await {
        Ok(_) => Json(Status::Ok, Word { status: "ready" }),
        Err(_) => Json(Status::ServiceUnavailable, Word { status: "not ready" }),
    }
}

#[get("/health/live")]
pub fn live() -> Json<Word> {
    Json(Status::Ok, Word { status: "live" })
}
