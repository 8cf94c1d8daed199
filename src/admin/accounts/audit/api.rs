//! `GET /api/v1/audit`.

use rocket::{State, get};
use serde::Serialize;
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

use super::{Line, Wanted, store};
use crate::admin::accounts::caller::ReadAudit;
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::http::query::Chosen;
use crate::platform::http::{Api, Private, Query, RawQuery};

#[derive(OpenApi)]
#[openapi(
    paths(list),
    tags((name = "Record", description = "Who changed what. For whoever may `audit:read`."))
)]
pub struct Described;

/// Changes in the order of time.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditList)]
pub struct List {
    #[schema(value_type = Vec<Item>)]
    items: Vec<Chosen<Item>>,
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

/// The members of [`Item`], as `fields` names them.
const FIELDS: &[&str] = &["id", "at", "actor", "action", "object", "before", "after", "address"];

/// Characters of a filter at most.
const FILTER_MAX: usize = 100;

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

/// The record of every change, in pages.
///
/// Nothing can be changed or removed there.
#[utoipa::path(
    get, path = "/api/v1/audit", operation_id = "listAudit", tag = "Record", security(("bearer" = [])),
    params(
        ("actor" = Option<String>, Query, description = "Only what this one did: the id of a person or a token.", format = "uuid"),
        ("action" = Option<String>, Query, description = "Only this, such as `user.update`.", min_length = 1, max_length = 100, pattern = r"^[^\u0000]*$"),
        ("object" = Option<String>, Query, description = "Only what was done to this kind, or to this one: `user` or `user:<id>`.", min_length = 1, max_length = 100, pattern = r"^[^\u0000]*$"),
        ("since" = Option<String>, Query, description = "Only what was done then or later.", format = "date-time"),
        ("until" = Option<String>, Query, description = "Only what was done before.", format = "date-time"),
        ("sort" = Option<TimeOrder>, Query, description = "The order; the newest first when absent."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of changes.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/audit")]
pub async fn list(_caller: ReadAudit, db: &State<Db>, raw: RawQuery) -> Api<Private> {
    let mut query = Query::read(&raw);
    let limit = query.limit();
    let actor = query.id("actor");
    let action = query.text("action", FILTER_MAX);
    let object = query.text("object", FILTER_MAX).unwrap_or_default();
    let since = query.time("since");
    let until = query.time("until");
    let order = query.word("sort").unwrap_or(TimeOrder::Newest);
    let after = query.cursor(paging::decode).unwrap_or_else(|| order.start());
    let fields = query.fields(FIELDS);
    let asked = query.end()?;
    let (kind, id) = object.split_once(':').unwrap_or((&object, ""));
    let wanted = Wanted {
        actor: actor.unwrap_or_default(),
        action: action.unwrap_or_default(),
        object_kind: kind.to_owned(),
        object_id: id.to_owned(),
        since: since.unwrap_or(i64::MIN),
        until: until.unwrap_or(i64::MAX),
        order,
        after,
    };
    let found: db::Result<Vec<Line>> =
        db.read(move |conn| store::list(conn, &wanted, limit + 1)).await;
    let mut found = found?;
    let next = paging::cut(&mut found, limit).map(|line| paging::encode(&line.id));
    let link = next.as_ref().map(|cursor| asked.next("/api/v1/audit", cursor));
    let items = paging::chosen(found, &fields)?;
    Ok(Private::new(&List { items, next })?.followed_by(link.as_deref()))
}
