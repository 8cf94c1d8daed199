//! `GET /api/v1/audit`.

use rocket::http::Status;
use rocket::{State, get};
use serde::Serialize;
use serde_json::Value;

use super::{Line, Wanted, store};
use crate::admin::accounts::caller::ReadAudit;
use crate::admin::accounts::cursor;
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Api, Json, RawQuery, query};

#[derive(Serialize)]
pub struct List {
    items: Vec<Item>,
    /// Give this as `cursor` to read on; null on the last page.
    next: Option<String>,
}

#[derive(Serialize)]
struct Item {
    id: String,
    at: String,
    actor: Who,
    action: String,
    object: Object,
    before: Value,
    after: Value,
    address: Option<String>,
}

#[derive(Serialize)]
struct Who {
    kind: String,
    id: Option<String>,
    label: String,
}

#[derive(Serialize)]
struct Object {
    kind: String,
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
            object: Object { kind: line.object_kind, id: line.object_id },
            before: value(line.before),
            after: value(line.after),
            address: some(line.address),
        }
    }
}

/// `?actor=` an id, `?action=`, `?object=` a kind or `kind:id`, `?limit=` 1 to 100 (20), `?cursor=`.
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
