//! `/api/v1/media`: the library of pictures.

use std::sync::Arc;

use rocket::{State, delete, get, patch, post, put};
use serde_json::{Map, Value};
use utoipa::OpenApi;

use super::desk::{self, Alt, Item, Wanted};
use super::edit::{self, Edit, New};
use super::intake::{Note, shown_name};
use super::uses::{self, UseKind};
use super::view::{Changes, FIELDS, List, Received, Uses, View};
use super::{Shelf, clear_away, take_in};
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::platform::clock;
use crate::platform::db::{self, Db, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::body::PictureBody;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::http::{
    Api, Done, IfMatch, Input, JsonObject, Kept, Once, Private, Query, RawQuery,
};
use crate::platform::id;
use crate::platform::lang::Lang;
use crate::platform::text::Rule;

const PATH: &str = "/api/v1/media";
/// Characters of an alternative text.
pub(super) const ALT: Rule = Rule::line(500).or_empty();

#[derive(OpenApi)]
#[openapi(
    paths(list, show, create, update, remove, replace, list_uses),
    components(schemas(UseKind)),
    tags((name = "Pictures", description = "The library of pictures. Every file is made anew when it comes in; nothing of a camera's notes is kept."))
)]
pub struct Described;

/// Pictures in pages.
#[utoipa::path(
    get, path = "/api/v1/media", operation_id = "listPictures", tag = "Pictures", security(("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "Only those in whose name or alternative text this stands, whatever its case and accents.", pattern = r"^[^\u0000]*$", min_length = 1, max_length = 100),
        ("has_alt" = Option<bool>, Query, description = "Only those of which is said what they show or that they are decorative, or only the others."),
        ("is_used" = Option<bool>, Query, description = "Only those that a text or the theme shows, or only the others."),
        ("sort" = Option<TimeOrder>, Query, description = "The order; the newest first when absent."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of pictures.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/media")]
pub async fn list(_caller: ReadContent, db: &State<Db>, raw: RawQuery) -> Api<Private> {
    let mut query = Query::read(&raw);
    let limit = query.limit();
    let words = query.text("q", 100).unwrap_or_default();
    let (has_alt, is_used) = (query.truth("has_alt"), query.truth("is_used"));
    let order = query.word("sort").unwrap_or(TimeOrder::Newest);
    let after = query.cursor(paging::decode).unwrap_or_else(|| order.start());
    let fields = query.fields(FIELDS);
    let asked = query.end()?;
    let wanted = Wanted { words, has_alt, is_used, order, after };
    let found: db::Result<Vec<Item>> =
        db.read(move |conn| desk::list(conn, &wanted, uses::names, limit + 1)).await;
    let mut found = found?;
    let next = paging::cut(&mut found, limit).map(|item| paging::encode(&item.id));
    let link = next.as_ref().map(|cursor| asked.next(PATH, cursor));
    let items = paging::chosen(found, &fields)?;
    Ok(Private::new(&List { items, next })?.followed_by(link.as_deref()))
}

/// One picture.
#[utoipa::path(
    get, path = "/api/v1/media/{id}", operation_id = "showPicture", tag = "Pictures", security(("bearer" = [])),
    params(("id" = String, Path, description = "The picture's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses((status = 200, description = "The picture.", body = View, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/media/<id>")]
pub async fn show(_caller: ReadContent, db: &State<Db>, id: &str) -> Api<Private> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<Item> = db.read(move |conn| desk::by_id(conn, &id)).await;
    Ok(Private::new(&View::from(found?))?)
}

/// The texts that show a picture.
#[utoipa::path(
    get, path = "/api/v1/media/{id}/uses", operation_id = "listUsesOfPicture", tag = "Pictures", security(("bearer" = [])),
    params(("id" = String, Path, description = "The picture's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses((status = 200, description = "Every text that shows it, and the theme when it is the logo.", body = Uses, headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/media/<id>/uses")]
pub async fn list_uses(_caller: ReadContent, db: &State<Db>, id: &str) -> Api<Private> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<_> = db
        .read(move |conn| {
            let item = desk::by_id(conn, &id)?;
            uses::of(conn, &item.picture.name)
        })
        .await;
    Ok(Private::new(&Uses { items: found?.into_iter().map(Into::into).collect() })?)
}

/// Takes in a picture.
///
/// The body is the file itself: JPEG, PNG, WebP or GIF, told by its content whatever its name and type say, of at most
/// 20 MiB, 12000 pixels on a side and 50 million in all. It is turned upright, written anew as WebP in several widths
/// and called by its file's name. A picture that is there already is not kept twice.
#[utoipa::path(
    post, path = "/api/v1/media", operation_id = "createPicture", tag = "Pictures", security(("bearer" = [])),
    params(
        ("alt" = String, Query, description = "What it shows, for whoever does not see it; empty says that it is decorative.", format = "line", max_length = 500, example = "A page with six numbered parts"),
        ("lang" = Option<Lang>, Query, description = "The language of `alt`; English when absent."),
        ("file_name" = Option<String>, Query, description = "How the file is called. Folders in it are cut off.", format = "line", max_length = 255),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$"),
    ),
    request_body(description = "The file.", content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"), (Vec<u8> = "image/gif"))),
    responses(
        (status = 201, description = "Taken in, or there already.", body = Received, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))),
        (status = 400, description = "Parameters are not acceptable, or the file is no picture that is taken; `error` says why."),
        (status = 409, description = "The library is full, or a request with this `Idempotency-Key` is being worked on."),
        (status = 415, description = "The type is not one of pictures."),
    )
)]
#[post("/media", data = "<body>")]
pub async fn create(
    caller: EditContent,
    db: &State<Db>,
    shelf: &State<Arc<Shelf>>,
    once: Once<'_>,
    raw: RawQuery,
    body: PictureBody,
) -> Api<Kept> {
    let (new, renamed) = read_new(&raw)?;
    let mut taken = take_in(shelf, body.0?).await?;
    if renamed {
        taken.notes.push(Note::Renamed);
    }
    let (caller, now) = (caller.0, clock::now_ms());
    let who = caller.id().to_owned();
    let work = move |tx: &mut Tx<'_>| {
        let (item, known) = edit::create(tx, &caller.actor(), &taken, new, now)?;
        let notes = taken.notes.into_iter().chain(known).map(Note::words).collect();
        Ok(Received { picture: item.into(), notes })
    };
    Ok(once.create(db, &who, &body.1, work).await?)
}

/// What a query says about a new picture; and whether its file's name had folders in it.
fn read_new(raw: &RawQuery) -> Result<(New, bool), Error> {
    let mut query = Query::read(raw);
    let alt = query.checked("alt", |value| {
        let missing =
            "alt is required: say what the picture shows, or leave it empty when it is decorative";
        let text = value.ok_or_else(|| Fault::of("alt", "required", missing))?;
        ALT.check("alt", text).map_err(|(code, message)| Fault::of("alt", code, message))
    });
    let lang = query.word("lang").unwrap_or(Lang::En);
    let given = query.checked("file_name", |value| {
        let rule = Rule::line(255).or_empty();
        let fault = |(code, message)| Fault::of("file_name", code, message);
        rule.check("file_name", value.unwrap_or_default()).map_err(fault)
    });
    query.end()?;
    let (file_name, renamed) = shown_name(&given.unwrap_or_default());
    let alt = alt.unwrap_or_default();
    Ok((New { file_name, decorative: alt.is_empty(), alt: Alt::only(lang, alt) }, renamed))
}

/// Changes what is said about a picture.
#[utoipa::path(
    patch, path = "/api/v1/media/{id}", operation_id = "updatePicture", tag = "Pictures", security(("bearer" = [])),
    params(("id" = String, Path, description = "The picture's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    request_body = Changes,
    responses(
        (status = 200, description = "The picture as it is now.", body = View),
        (status = 409, description = "It would then have neither an alternative text nor be decorative, or be both."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/media/<id>", data = "<body>")]
pub async fn update(
    caller: EditContent,
    db: &State<Db>,
    id: &str,
    if_match: IfMatch,
    body: JsonObject,
) -> Api<Private> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let edit = read_edit(&body.0?)?;
    let now = clock::now_ms();
    let updated = db
        .write(move |tx| {
            let before = desk::by_id(tx, &id)?;
            if_match.check(&View::from(before.clone()))?;
            edit::update(tx, &caller.0.actor(), before, edit, now)
        })
        .await?;
    Ok(Private::new(&View::from(updated))?)
}

fn read_edit(object: &Map<String, Value>) -> Result<Edit, Error> {
    let mut input = Input::new(object);
    let edit = Edit {
        file_name: input.text("file_name", Rule::line(150)),
        alt: input
            .object("alt", |alt| [alt.text("en", ALT), alt.text("es", ALT), alt.text("pt", ALT)])
            .unwrap_or_default(),
        decorative: input.truth("decorative"),
    };
    input.end()?;
    Ok(edit)
}

/// Puts another file in the place of a picture.
///
/// Every text that shows the picture shows the new file at once. The rules are those of a new picture.
#[utoipa::path(
    put, path = "/api/v1/media/{id}/file", operation_id = "replacePicture", tag = "Pictures", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The picture's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("file_name" = Option<String>, Query, description = "How the new file is called; as before when absent or empty.", format = "line", max_length = 255),
    ),
    request_body(description = "The file.", content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"), (Vec<u8> = "image/gif"))),
    responses(
        (status = 200, description = "The picture as it is now.", body = View),
        (status = 400, description = "Parameters are not acceptable, or the file is no picture that is taken; `error` says why."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
        (status = 415, description = "The type is not one of pictures."),
    )
)]
#[put("/media/<id>/file", data = "<body>")]
pub async fn replace(
    caller: EditContent,
    db: &State<Db>,
    shelf: &State<Arc<Shelf>>,
    id: &str,
    if_match: IfMatch,
    raw: RawQuery,
    body: PictureBody,
) -> Api<Private> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let mut query = Query::read(&raw);
    let given = query.checked("file_name", |value| {
        let rule = Rule::line(255).or_empty();
        let fault = |(code, message)| Fault::of("file_name", code, message);
        rule.check("file_name", value.unwrap_or_default()).map_err(fault)
    });
    query.end()?;
    let (file_name, _) = shown_name(&given.unwrap_or_default());
    let wanted = id.clone();
    let known: db::Result<Item> = db.read(move |conn| desk::by_id(conn, &wanted)).await;
    known?;
    let taken = take_in(shelf, body.0?).await?;
    let now = clock::now_ms();
    let (before, after) = db
        .write(move |tx| -> Result<_, Error> {
            let before = desk::by_id(tx, &id)?;
            if_match.check(&View::from(before.clone()))?;
            let actor = caller.0.actor();
            let after = edit::replace(tx, &actor, &before, &taken, file_name, now)?;
            Ok((before, after))
        })
        .await?;
    clear_away(db, shelf, before).await;
    Ok(Private::new(&View::from(after))?)
}

/// Removes a picture and its files for good.
#[utoipa::path(
    delete, path = "/api/v1/media/{id}", operation_id = "removePicture", tag = "Pictures", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The picture's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("although_used" = Option<bool>, Query, description = "Also when a text shows it: there its alternative text will stand."),
    ),
    responses(
        (status = 204, description = "Removed."),
        (status = 409, description = "A text shows it."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[delete("/media/<id>")]
pub async fn remove(
    caller: EditContent,
    db: &State<Db>,
    shelf: &State<Arc<Shelf>>,
    id: &str,
    if_match: IfMatch,
    raw: RawQuery,
) -> Api<Done> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let mut query = Query::read(&raw);
    let although_used = query.truth("although_used").unwrap_or(false);
    query.end()?;
    let now = clock::now_ms();
    let gone = db
        .write(move |tx| -> Result<Item, Error> {
            let gone = desk::by_id(tx, &id)?;
            if_match.check(&View::from(gone.clone()))?;
            edit::remove(tx, &caller.0.actor(), &gone, although_used, now)?;
            Ok(gone)
        })
        .await?;
    clear_away(db, shelf, gone).await;
    Ok(Done)
}
