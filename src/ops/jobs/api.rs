//! `/api/v1/jobs`: queued work.

use rocket::http::Status;
use rocket::{State as Managed, delete, get, post};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::model::{Job, State, Wanted, is_kind};
use super::{edit, store, tasks};
use crate::admin::accounts::caller::{ReadJobs, RunJobs};
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::http::query::Chosen;
use crate::platform::http::{Api, Done, Input, Json, JsonObject, Private, Query, RawQuery};
use crate::platform::{clock, id};

const PATH: &str = "/api/v1/jobs";

#[derive(OpenApi)]
#[openapi(
    paths(list, show, retry, retry_all, remove, tasks::list, tasks::run),
    components(schemas(State)),
    tags((name = "Jobs", description = "What happens without a request: queued work, and tasks that time brings."))
)]
pub struct Described;

/// Jobs in the order they were queued.
#[derive(Serialize, ToSchema)]
#[schema(as = JobList)]
pub struct List {
    #[schema(value_type = Vec<View>)]
    items: Vec<Chosen<View>>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// A piece of queued work. What it is about is not shown: that can lead to a person.
#[derive(Serialize, ToSchema)]
#[schema(as = Job)]
pub struct View {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    #[schema(example = "welcome_mail")]
    kind: String,
    state: State,
    /// How often it was tried.
    #[schema(example = 12)]
    attempts: i64,
    /// When it is tried next, or was last.
    #[schema(example = "2026-11-25T14:00:00.000Z", format = "date-time")]
    due_at: String,
    #[schema(example = "2026-11-23T14:00:00.000Z", format = "date-time")]
    created_at: String,
    /// When it failed for good.
    #[schema(required = true, example = "2026-11-25T14:00:00.000Z", format = "date-time")]
    dead_at: Option<String>,
    /// Why the last try failed.
    #[schema(required = true, example = "the relay could not be reached: no answer in time")]
    last_error: Option<String>,
}

/// The members of [`View`], as `fields` names them.
const FIELDS: &[&str] =
    &["id", "kind", "state", "attempts", "due_at", "created_at", "dead_at", "last_error"];

/// Which dead letters are to be tried again.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = JobRetry)]
#[allow(dead_code, reason = "the shape that is documented; `retry_all` reads it")]
pub struct Which {
    /// Only those of this kind; all when absent or null.
    #[schema(example = "welcome_mail", pattern = "^[a-z0-9_.-]{1,60}$")]
    kind: Option<String>,
}

/// How many are tried again.
#[derive(Serialize, ToSchema)]
#[schema(as = JobsRetried)]
pub struct Retried {
    #[schema(example = 3)]
    retried: i64,
    /// Dead letters that were too many for one request; ask again.
    #[schema(example = 0)]
    left: i64,
}

impl View {
    fn of(job: Job, now_ms: i64) -> Self {
        Self {
            state: job.state(now_ms),
            id: job.id,
            kind: job.kind,
            attempts: job.attempts,
            due_at: clock::rfc3339(job.due_at),
            created_at: clock::rfc3339(job.created_at),
            dead_at: job.dead_at.map(clock::rfc3339),
            last_error: job.last_error,
        }
    }
}

/// Queued work in pages.
///
/// What has been done is not in the queue any more.
#[utoipa::path(
    get, path = "/api/v1/jobs", operation_id = "listJobs", tag = "Jobs", security(("bearer" = [])),
    params(
        ("state" = Option<State>, Query, description = "Only jobs that stand there."),
        ("kind" = Option<String>, Query, description = "Only jobs of this kind.", pattern = "^[a-z0-9_.-]{1,60}$"),
        ("sort" = Option<TimeOrder>, Query, description = "The order; the newest first when absent."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of jobs.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/jobs")]
pub async fn list(_caller: ReadJobs, db: &Managed<Db>, raw: RawQuery) -> Api<Private> {
    let mut query = Query::read(&raw);
    let limit = query.limit();
    let state = query.word::<State>("state");
    let must = "the kind of a job, such as welcome_mail";
    let kind = query.parsed("kind", must, |text| is_kind(text).then(|| text.to_owned()));
    let order = query.word("sort").unwrap_or(TimeOrder::Newest);
    let after = query.cursor(paging::decode).unwrap_or_else(|| order.start());
    let fields = query.fields(FIELDS);
    let asked = query.end()?;
    let now_ms = clock::now_ms();
    let wanted = Wanted { state, kind: kind.unwrap_or_default(), order, after, now_ms };
    let found: db::Result<Vec<Job>> =
        db.read(move |conn| store::list(conn, &wanted, limit + 1)).await;
    let mut found = found?;
    let next = paging::cut(&mut found, limit).map(|job| paging::encode(&job.id));
    let link = next.as_ref().map(|cursor| asked.next(PATH, cursor));
    let views = found.into_iter().map(|job| View::of(job, now_ms));
    let items = paging::chosen(views, &fields)?;
    Ok(Private::new(&List { items, next })?.followed_by(link.as_deref()))
}

/// The id in an address; one word stands there that is none, and only takes a POST.
fn known(id: &str) -> Result<String, Error> {
    if id == "retry" {
        return Err(Error::MethodNotAllowed { allow: "POST".into() });
    }
    id::parse(id).ok_or(Error::NotFound)
}

/// One piece of queued work.
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}", operation_id = "showJob", tag = "Jobs", security(("bearer" = [])),
    params(("id" = String, Path, description = "The job's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses((status = 200, description = "The job.", body = View, headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/jobs/<id>")]
pub async fn show(_caller: ReadJobs, db: &Managed<Db>, id: &str) -> Api<Private> {
    let id = known(id)?;
    let found: db::Result<Job> = db.read(move |conn| store::by_id(conn, &id)).await;
    Ok(Private::new(&View::of(found?, clock::now_ms()))?)
}

/// Tries a dead letter again.
///
/// It is due now and has all its tries before it.
#[utoipa::path(
    post, path = "/api/v1/jobs/{id}/retry", operation_id = "retryJob", tag = "Jobs", security(("bearer" = [])),
    params(("id" = String, Path, description = "The job's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses(
        (status = 200, description = "The job as it is now.", body = View),
        (status = 409, description = "It is no dead letter: it waits or runs."),
    )
)]
#[post("/jobs/<id>/retry")]
pub async fn retry(caller: RunJobs, db: &Managed<Db>, id: &str) -> Api<Private> {
    let (id, now) = (known(id)?, clock::now_ms());
    let actor = caller.0.actor();
    let job = db.write(move |tx| edit::retry(tx, &actor, &id, now)).await?;
    Ok(Private::new(&View::of(job, now))?)
}

/// Tries all dead letters again, or those of one kind.
///
/// Up to 10,000 at once, the oldest first.
#[utoipa::path(
    post, path = "/api/v1/jobs/retry", operation_id = "retryJobs", tag = "Jobs", security(("bearer" = [])),
    request_body = Which,
    responses((status = 200, description = "How many.", body = Retried))
)]
#[post("/jobs/retry", data = "<body>")]
pub async fn retry_all(caller: RunJobs, db: &Managed<Db>, body: JsonObject) -> Api<Json<Retried>> {
    let object = body.0?;
    let mut input = Input::new(&object);
    let kind = input.parsed("kind", |text| {
        let message = "kind must be one of a job, such as welcome_mail";
        let fault = || Fault::of("kind", "invalid", message);
        is_kind(text).then(|| text.to_owned()).ok_or_else(fault)
    });
    input.end()?;
    let (kind, now) = (kind.unwrap_or_default(), clock::now_ms());
    let actor = caller.0.actor();
    let done: db::Result<(i64, i64)> =
        db.write(move |tx| edit::retry_all(tx, &actor, &kind, now)).await;
    let (retried, left) = done?;
    Ok(Json(Status::Ok, Retried { retried, left }))
}

/// Discards a dead letter.
///
/// What it owed is not done any more. The record keeps the reason.
#[utoipa::path(
    delete, path = "/api/v1/jobs/{id}", operation_id = "removeJob", tag = "Jobs", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The job's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("reason" = String, Query, description = "Why, in a line; without names of people.", format = "line", min_length = 1, max_length = 500, example = "the address does not exist"),
    ),
    responses(
        (status = 204, description = "Discarded."),
        (status = 409, description = "It is no dead letter: it waits or runs."),
    )
)]
#[delete("/jobs/<id>")]
pub async fn remove(caller: RunJobs, db: &Managed<Db>, id: &str, raw: RawQuery) -> Api<Done> {
    let (id, now) = (known(id)?, clock::now_ms());
    let mut query = Query::read(&raw);
    let reason = query.checked("reason", edit::parse_reason);
    query.end()?;
    let actor = caller.0.actor();
    db.write(move |tx| edit::discard(tx, &actor, &id, &reason.unwrap_or_default(), now)).await?;
    Ok(Done)
}
