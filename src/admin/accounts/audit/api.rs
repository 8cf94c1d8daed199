//! `GET /api/v1/audit`.

use rocket::http::Status;
use rocket::{State, get};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Line, Wanted, store};
use crate::admin::accounts::caller::ReadAudit;
use crate::admin::accounts::cursor;
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Api, Json, RawQuery, query};

/// Changes, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditList)]
pub struct List {
    items: Vec<Item>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// One change.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditLine)]
pub struct Item {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    #[schema(example = "2026-11-25T14:00:00.000Z", format = "date-time")]
    at: String,
    actor: Who,
    /// The kind of object or the part of the house, a dot, a verb.
    #[schema(example = "user.update")]
    action: String,
    object: Thing,
    /// What it was; null when there is nothing to show.
    #[schema(example = json!({ "role": "editor" }))]
    before: Value,
    /// What it is since; null when there is nothing to show.
    #[schema(example = json!({ "role": "analyst" }))]
    after: Value,
    /// From where, shortened; null for what came from this machine.
    #[schema(required = true, example = "203.0.113.0")]
    address: Option<String>,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditActor)]
pub struct Who {
    /// `user`, `token`, `command` or `system`.
    #[schema(example = "user")]
    kind: String,
    /// Null for the command line and the program itself.
    #[schema(required = true, example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: Option<String>,
    /// What it was called then.
    #[schema(example = "ana@example.com")]
    label: String,
}

/// To what it was done.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditObject)]
pub struct Thing {
    #[schema(example = "user")]
    kind: String,
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e")]
    id: String,
}

impl From<Line> for Item {
    fn from(line: Line) -> Self {
        let some = |text: String| (!text.is_empty()).then_some(text);
        let value = |text: Option<String>| {
            text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null)
        };
        Self {
            id: line.id,
            at: clock::rfc3339(line.created_at),
            actor: Who { kind: line.actor_kind, id: some(line.actor_id), label: line.actor_label },
            action: line.action,
            object: Thing { kind: line.object_kind, id: line.object_id },
            before: value(line.before),
            after: value(line.after),
            address: some(line.address),
        }
    }
}

/// The record of every change, the newest first, in pages.
///
/// Nothing can be changed or removed there.
#[utoipa::path(
    get, path = "/api/v1/audit", operation_id = "listAudit", tag = "Record", security(("bearer" = [])),
    params(
        ("actor" = Option<String>, Query, description = "Only what this one did: the id of a person or a token.", format = "uuid"),
        ("action" = Option<String>, Query, description = "Only this, such as `user.update`."),
        ("object" = Option<String>, Query, description = "Only what was done to this kind, or to this one: `user` or `user:<id>`."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
    ),
    responses(
        (status = 200, description = "A page of changes.", body = List),
    )
)]
#[get("/audit")]
pub async fn list(_caller: ReadAudit, db: &State<Db>, raw: RawQuery) -> Api<Json<List>> {
    let known = ["actor", "action", "object", "limit", "cursor"];
    let [actor, action, object, limit, from] = query::parse(raw.0.as_deref(), known)?;
    let limit = query::number("limit", limit.as_deref(), 1, 100, 20)?;
    let before = from.as_deref().map_or(Ok(cursor::LAST.to_owned()), cursor::decode)?;
    for (name, value) in [("actor", &actor), ("action", &action), ("object", &object)] {
        // PostgreSQL has no text with a zero in it.
        if value.as_ref().is_some_and(|value| value.contains('\0')) {
            return Err(Error::Invalid(vec![Fault::of(name, "invalid", "no such thing")]).into());
        }
    }
    let object = object.unwrap_or_default();
    let (kind, id) = object.split_once(':').unwrap_or((&object, ""));
    let wanted = Wanted {
        actor: actor.unwrap_or_default(),
        action: action.unwrap_or_default(),
        object_kind: kind.to_owned(),
        object_id: id.to_owned(),
    };
    let found: db::Result<Vec<Line>> =
        db.read(move |conn| store::list(conn, &before, &wanted, limit + 1)).await;
    let (lines, next) = cursor::page(found?, limit, |line| &line.id);
    Ok(Json(Status::Ok, List { items: lines.into_iter().map(Item::from).collect(), next }))
}
