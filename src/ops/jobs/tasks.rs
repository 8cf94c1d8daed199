//! `/api/v1/tasks`: what time brings.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::edit;
use crate::admin::accounts::caller::{ReadJobs, RunJobs};
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::Error;
use crate::platform::http::query::Chosen;
use crate::platform::http::{Api, Json, Private, Query, RawQuery, paging};
use crate::platform::outbox::{Standing, Timetable};

/// Tasks in the order of the table.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskList)]
pub struct List {
    #[schema(value_type = Vec<View>)]
    items: Vec<Chosen<View>>,
    /// Always null: they come on one page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// A periodic task.
#[derive(Serialize, ToSchema)]
#[schema(as = Task)]
pub struct View {
    #[schema(example = "prune-sessions")]
    name: &'static str,
    #[schema(example = "Removes log-ins whose time is over.")]
    description: &'static str,
    /// Seconds from one run to the next.
    #[schema(example = 86_400)]
    every: u64,
    /// `shared`: one process for all. `local`: each process for itself; what is told then is what
    /// the process that answers has seen since its start.
    scope: Scope,
    /// A run was asked for and has not begun.
    #[schema(example = false)]
    asked: bool,
    #[schema(example = false)]
    running: bool,
    #[schema(required = true, example = "2026-11-25T14:00:00.000Z", format = "date-time")]
    last_started_at: Option<String>,
    #[schema(required = true, example = 2)]
    last_duration_ms: Option<i64>,
    /// Why the last run failed; null when it did not.
    #[schema(required = true, example = json!(null))]
    last_error: Option<String>,
    /// When this process runs it next, unless another does before.
    #[schema(required = true, example = "2026-11-26T14:00:00.000Z", format = "date-time")]
    next_run_at: Option<String>,
}

/// Who runs a task.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = TaskScope, rename_all = "lowercase", example = "shared")]
pub enum Scope {
    Shared,
    Local,
}

/// The members of [`View`], as `fields` names them.
const FIELDS: &[&str] = &[
    "name",
    "description",
    "every",
    "scope",
    "asked",
    "running",
    "last_started_at",
    "last_duration_ms",
    "last_error",
    "next_run_at",
];

impl From<Standing> for View {
    fn from(task: Standing) -> Self {
        Self {
            name: task.name,
            description: task.description,
            every: task.every.as_secs(),
            scope: if task.local { Scope::Local } else { Scope::Shared },
            asked: task.asked,
            running: task.running,
            last_started_at: task.last_started_at.map(clock::rfc3339),
            last_duration_ms: task.last_duration_ms,
            last_error: task.last_error,
            next_run_at: task.next_run_at.map(clock::rfc3339),
        }
    }
}

/// Every periodic task, on one page.
#[utoipa::path(
    get, path = "/api/v1/tasks", operation_id = "listTasks", tag = "Jobs", security(("bearer" = [])),
    params(("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent.")),
    responses((status = 200, description = "The tasks.", body = List, headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/tasks")]
pub async fn list(
    _caller: ReadJobs,
    db: &State<Db>,
    timetable: &State<Arc<Timetable>>,
    raw: RawQuery,
) -> Api<Private> {
    let mut query = Query::read(&raw);
    let fields = query.fields(FIELDS);
    query.end()?;
    let timetable = Arc::clone(timetable);
    let found: db::Result<Vec<Standing>> = db.read(move |conn| timetable.standings(conn)).await;
    let items = paging::chosen(found?, &fields)?;
    Ok(Private::new(&List { items, next: None })?)
}

/// Asks for a run of a task now.
///
/// It begins at the next turn, a moment from now, in this process or in another; also when its time
/// has not come. While it is running, after that.
#[utoipa::path(
    post, path = "/api/v1/tasks/{name}/run", operation_id = "runTask", tag = "Jobs", security(("bearer" = [])),
    params(("name" = String, Path, description = "As the list has it.", pattern = "^[a-z0-9-]{1,63}$", example = "prune-sessions")),
    responses((status = 202, description = "Asked for; the task as it is now.", body = View))
)]
#[post("/tasks/<name>/run")]
pub async fn run(
    caller: RunJobs,
    db: &State<Db>,
    timetable: &State<Arc<Timetable>>,
    name: &str,
) -> Api<Json<View>> {
    if !timetable.has(name) {
        return Err(Error::NotFound.into());
    }
    let (table, task, now) = (Arc::clone(timetable), name.to_owned(), clock::now_ms());
    let actor = caller.0.actor();
    let asked = db.write(move |tx| edit::run(tx, &actor, &table, &task, now)).await?;
    timetable.hurry(name);
    Ok(Json(Status::Accepted, View::from(Standing { asked: true, ..asked })))
}
