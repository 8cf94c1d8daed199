//! `/api/v1/leads/{id}/notes`.

use rocket::{State, delete, get, patch, post};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Note;
use crate::admin::accounts::caller::{EditLeads, ReadLeads};
use crate::platform::clock;
use crate::platform::db::{self, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::http::query::Chosen;
use crate::platform::http::{
    Api, Done, IfMatch, Input, JsonObject, Kept, LargeJson, Once, Private, Query, RawQuery,
};
use crate::platform::id;
use crate::platform::text::Rule;

/// Characters.
const TEXT_MAX: usize = 5000;

#[derive(Serialize, ToSchema)]
#[schema(as = LeadNoteList)]
pub struct List {
    #[schema(value_type = Vec<View>)]
    items: Vec<Chosen<View>>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// Something written down about a lead.
#[derive(Serialize, ToSchema)]
#[schema(as = LeadNote)]
pub struct View {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    /// What they were called when they wrote it.
    #[schema(example = "eva@example.com")]
    author: String,
    #[schema(example = "Wants to begin in March.")]
    text: String,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    created_at: String,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    updated_at: String,
}

/// The members of [`View`], as `fields` names them.
const FIELDS: &[&str] = &["id", "author", "text", "created_at", "updated_at"];

impl From<Note> for View {
    fn from(note: Note) -> Self {
        Self {
            id: note.id,
            author: note.author,
            text: note.text,
            created_at: clock::rfc3339(note.created_at),
            updated_at: clock::rfc3339(note.updated_at),
        }
    }
}

/// Something to write down.
#[derive(ToSchema)]
#[schema(as = NewLeadNote)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct New {
    #[schema(
        example = "Wants to begin in March.",
        format = "lines",
        min_length = 1,
        max_length = 5000
    )]
    text: String,
}

/// What is to become of a note; what is absent or null stays.
#[derive(ToSchema)]
#[schema(as = LeadNoteChanges)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct Changes {
    #[schema(
        example = "Wants to begin in April.",
        format = "lines",
        min_length = 1,
        max_length = 5000
    )]
    text: Option<String>,
}

/// The notes on a lead, in pages.
#[utoipa::path(
    get, path = "/api/v1/leads/{id}/notes", operation_id = "listNotes", tag = "Leads", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The lead's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("sort" = Option<TimeOrder>, Query, description = "The order; the newest first when absent."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of notes.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/v1/leads/<id>/notes")]
pub async fn list(_caller: ReadLeads, db: &State<Db>, id: &str, raw: RawQuery) -> Api<Private> {
    let mut query = Query::read(&raw);
    let limit = query.limit();
    let order = query.word("sort").unwrap_or(TimeOrder::Newest);
    let after = query.cursor(paging::decode).unwrap_or_else(|| order.start());
    let fields = query.fields(FIELDS);
    let asked = query.end()?;
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let path = format!("/api/v1/leads/{id}/notes");
    let found: db::Result<Vec<Note>> =
        db.read(move |conn| super::list(conn, &id, order, &after, limit + 1)).await;
    let mut found = found?;
    let next = paging::cut(&mut found, limit).map(|note| paging::encode(&note.id));
    let link = next.as_ref().map(|cursor| asked.next(&path, cursor));
    let items = paging::chosen(found, &fields)?;
    Ok(Private::new(&List { items, next })?.followed_by(link.as_deref()))
}

/// One note.
#[utoipa::path(
    get, path = "/api/v1/leads/{id}/notes/{note}", operation_id = "showNote", tag = "Leads", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The lead's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("note" = String, Path, description = "The note's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
    ),
    responses((status = 200, description = "The note.", body = View, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/v1/leads/<id>/notes/<note>")]
pub async fn show(_caller: ReadLeads, db: &State<Db>, id: &str, note: &str) -> Api<Private> {
    let (id, note) = ids(id, note)?;
    let found: db::Result<Note> = db.read(move |conn| super::by_id(conn, &id, &note)).await;
    Ok(Private::new(&View::from(found?))?)
}

/// Writes something down about a lead.
///
/// The lead never sees it.
#[utoipa::path(
    post, path = "/api/v1/leads/{id}/notes", operation_id = "createNote", tag = "Leads", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The lead's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$"),
    ),
    request_body = New,
    responses(
        (status = 201, description = "Written down.", body = View, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))),
        (status = 409, description = "There are 500 notes on the lead, or a request with this `Idempotency-Key` is being worked on."),
    )
)]
#[post("/v1/leads/<id>/notes", data = "<body>")]
pub async fn create(
    caller: EditLeads,
    db: &State<Db>,
    once: Once<'_>,
    id: &str,
    body: LargeJson,
) -> Api<Kept> {
    let JsonObject(object, hash) = body;
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let text = read(&object?, true)?.unwrap_or_default();
    let (caller, now) = (caller.0, clock::now_ms());
    let who = caller.id().to_owned();
    let work =
        move |tx: &mut Tx<'_>| super::create(tx, &caller.actor(), &id, text, now).map(View::from);
    Ok(once.create(db, &who, &hash, work).await?)
}

/// Changes a note.
#[utoipa::path(
    patch, path = "/api/v1/leads/{id}/notes/{note}", operation_id = "updateNote", tag = "Leads", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The lead's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("note" = String, Path, description = "The note's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
    ),
    request_body = Changes,
    responses(
        (status = 200, description = "The note as it is now.", body = View),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/v1/leads/<id>/notes/<note>", data = "<body>")]
pub async fn update(
    caller: EditLeads,
    db: &State<Db>,
    id: &str,
    note: &str,
    if_match: IfMatch,
    body: LargeJson,
) -> Api<Private> {
    let (id, note) = ids(id, note)?;
    let text = read(&body.0?, false)?;
    let now = clock::now_ms();
    let updated = db
        .write(move |tx| -> Result<Note, Error> {
            let before = super::take(tx, &id, &note)?;
            if_match.check(&View::from(before.clone()))?;
            super::update(tx, &caller.0.actor(), &id, before, text, now)
        })
        .await?;
    Ok(Private::new(&View::from(updated))?)
}

/// Removes a note.
#[utoipa::path(
    delete, path = "/api/v1/leads/{id}/notes/{note}", operation_id = "removeNote", tag = "Leads", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The lead's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("note" = String, Path, description = "The note's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
    ),
    responses(
        (status = 204, description = "Removed."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[delete("/v1/leads/<id>/notes/<note>")]
pub async fn remove(
    caller: EditLeads,
    db: &State<Db>,
    id: &str,
    note: &str,
    if_match: IfMatch,
) -> Api<Done> {
    let ((id, note), now) = (ids(id, note)?, clock::now_ms());
    db.write(move |tx| -> Result<(), Error> {
        let gone = super::take(tx, &id, &note)?;
        if_match.check(&View::from(gone.clone()))?;
        Ok(super::remove(tx, &caller.0.actor(), &id, &gone, now)?)
    })
    .await?;
    Ok(Done)
}

fn ids(lead: &str, note: &str) -> Result<(String, String), Error> {
    id::parse(lead).zip(id::parse(note)).ok_or(Error::NotFound)
}

fn read(object: &Map<String, Value>, is_new: bool) -> Result<Option<String>, Error> {
    let mut input = Input::new(object);
    if is_new {
        input.require(&["text"]);
    }
    let text = input.text("text", Rule::lines(TEXT_MAX));
    input.end()?;
    Ok(text)
}
