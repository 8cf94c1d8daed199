//! `/api/v1/articles`: read by everybody, written by whoever may.

use rocket::{State, delete, get, patch, post};
use serde_json::{Map, Value};
use utoipa::OpenApi;

use super::desk::{self, States, Wanted};
use super::edit::{self, Body, Edit, Stored};
use super::model::{Order, Summary};
use super::store::{self, After, Selection};
use super::view::{Changes, FIELDS, List, New, Whole};
use crate::admin::accounts::caller::{Asker, EditContent};
use crate::admin::accounts::model::Capability;
use crate::business::pages;
use crate::platform::clock;
use crate::platform::db::{self, Conn, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::paging;
use crate::platform::http::query::{Asked, Fields};
use crate::platform::http::{
    Api, Done, IfMatch, Input, JsonObject, Kept, LargeJson, Once, PageCache, Private, Query,
    RawQuery, Rendered, Shown,
};
use crate::platform::lang::Lang;
use crate::platform::text::Rule;

const PATH: &str = "/api/v1/articles";

#[derive(OpenApi)]
#[openapi(
    paths(list, show, create, update, remove),
    components(schemas(Order, States)),
    tags((name = "Articles", description = "What visitors read."))
)]
pub struct Described;

/// What a client asks of the list, understood.
struct Read {
    limit: i64,
    states: Option<States>,
    order: Order,
    lang: Option<Lang>,
    topic: Option<String>,
    after: Option<After>,
    fields: Fields,
    asked: Asked,
}

/// Articles in pages.
///
/// Without `state` those whose time has come; an article dated ahead is among them at most 30 seconds after its time.
/// `state` is for whoever may `content:read`.
#[utoipa::path(
    get, path = "/api/v1/articles", operation_id = "listArticles", tag = "Articles", security((), ("bearer" = [])),
    params(
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9]{1,15}-[0-9a-f]{32}$"),
        ("lang" = Option<Lang>, Query, description = "Only articles in this language."),
        ("tag" = Option<String>, Query, description = "Only articles on this topic, as it stands in the address of its page.", pattern = "^[a-z0-9-]{1,63}$"),
        ("state" = Option<States>, Query, description = "Also articles that are not public, or only those."),
        ("sort" = Option<Order>, Query, description = "The order; newest first when absent. Drafts are newer than everything."),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of articles.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/articles")]
pub async fn list(
    pages: &State<PageCache>,
    db: &State<Db>,
    asker: Asker<'_>,
    raw: RawQuery,
) -> Api<Shown> {
    let read = read_query(&raw)?;
    if read.states.is_some() {
        asker.who_may(Capability::ReadContent).await?;
        let (list, link) = db.glance(move |conn| page(conn, &read)).await?;
        return Ok(Shown::Private(Private::new(&list)?.followed_by(link.as_deref())));
    }
    // Only what has been understood is part of the key, so that noise cannot fill the memory.
    let key = read.asked.key(PATH);
    let render = move |conn: &mut Conn<'_>| {
        let (list, link) = page(conn, &read)?;
        Ok(Rendered::public_json(&list)?.followed_by(link.as_deref()).and_for_editors())
    };
    Ok(Shown::Public(pages.glance(&key, render).await?))
}

fn read_query(raw: &RawQuery) -> Result<Read, Error> {
    let mut query = Query::read(raw);
    let limit = query.limit();
    let states = query.word("state");
    let order = query.word("sort").unwrap_or(Order::Newest);
    let after = query.cursor(decode);
    let lang = query.word("lang");
    let topic = query.slug("tag");
    let fields = query.fields(FIELDS);
    Ok(Read { limit, states, order, lang, topic, after, fields, asked: query.end()? })
}

/// A page of the list, and the address of the next.
fn page(conn: &mut Conn<'_>, read: &Read) -> Result<(List, Option<String>), Error> {
    let (newest_first, by_change) = (read.order.is_newest_first(), read.order.is_by_change());
    let after = read.after.clone();
    let wanted = Wanted {
        states: read.states.unwrap_or(States::Published),
        lang: read.lang,
        topic: read.topic.clone(),
        words: String::new(),
        by_change,
        newest_first,
        after: after.clone(),
        now_ms: clock::now_ms(),
    };
    let mut found = if read.states.is_some() || by_change {
        desk::list(conn, &wanted, read.limit + 1)?
    } else {
        let after = after.unwrap_or_else(|| After::start(newest_first));
        let topic = read.topic.clone();
        let selection = Selection { lang: read.lang, topic, newest_first, after };
        store::select(conn, &selection, read.limit + 1)?
    };
    let next = paging::cut(&mut found, read.limit).map(|last: &Summary| {
        let After { key, id } = wanted.after(last);
        format!("{key}-{}", paging::encode(&id))
    });
    let link = next.as_ref().map(|cursor| read.asked.next(PATH, cursor));
    Ok((List { items: paging::chosen(found, &read.fields)?, next }, link))
}

/// The time that a list is sorted by, and the id, of the last article of a page.
fn decode(cursor: &str) -> Option<After> {
    let (key, id) = cursor.split_once('-')?;
    let is_key = (1..=15).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_digit());
    let id = paging::decode(id).filter(|_| is_key)?;
    Some(After { key: key.parse().ok()?, id })
}

/// One article with its text as HTML.
///
/// Whoever may `content:read` also gets drafts, and of each article what it is made of.
#[utoipa::path(
    get, path = "/api/v1/articles/{slug}", operation_id = "showArticle", tag = "Articles", security((), ("bearer" = [])),
    params(("slug" = String, Path, description = "As in its address.", pattern = "^[a-z0-9-]{1,63}$", example = "two-hours-a-week")),
    responses((status = 200, description = "The article.", body = Whole, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/articles/<slug>")]
pub async fn show(
    pages: &State<PageCache>,
    db: &State<Db>,
    asker: Asker<'_>,
    slug: &str,
    raw: RawQuery,
) -> Api<Shown> {
    Query::read(&raw).end()?;
    let (key, slug) = (format!("{PATH}/{slug}"), slug.to_owned());
    if asker.is_one_who_may(Capability::ReadContent).await? {
        let found: db::Result<Stored> = db.glance(move |conn| edit::by_slug(conn, &slug)).await;
        return Ok(Shown::Private(Private::new(&Whole::from(found?))?));
    }
    let render = move |conn: &mut Conn<'_>| {
        let article = store::by_slug(conn, &slug)?;
        Ok(Rendered::public_json(&Whole::from(article))?.and_for_editors())
    };
    Ok(Shown::Public(pages.glance(&key, render).await?))
}

/// Writes an article.
///
/// A draft, unless it has a date.
#[utoipa::path(
    post, path = "/api/v1/articles", operation_id = "createArticle", tag = "Articles", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$")),
    request_body = New,
    responses(
        (status = 201, description = "Written.", body = Whole, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))),
        (status = 409, description = "Another article has this slug, or a request with this `Idempotency-Key` is being worked on."),
    )
)]
#[post("/articles", data = "<body>")]
pub async fn create(
    caller: EditContent,
    db: &State<Db>,
    once: Once<'_>,
    body: LargeJson,
) -> Api<Kept> {
    let JsonObject(object, hash) = body;
    let edit = read(object?, true).await?;
    let (caller, now) = (caller.0, clock::now_ms());
    let who = caller.id().to_owned();
    let work = move |tx: &mut Tx<'_>| {
        let author = pages::owner(tx)?.owner_name;
        edit::create(tx, &caller.actor(), edit, &author, now).map(Whole::from)
    };
    Ok(once.create(db, &who, &hash, work).await?)
}

/// Changes an article, moves it, gives it a date or takes it back.
#[utoipa::path(
    patch, path = "/api/v1/articles/{slug}", operation_id = "updateArticle", tag = "Articles", security(("bearer" = [])),
    params(("slug" = String, Path, description = "As in its address.", pattern = "^[a-z0-9-]{1,63}$", example = "two-hours-a-week")),
    request_body = Changes,
    responses(
        (status = 200, description = "The article as it is now.", body = Whole),
        (status = 409, description = "Another article has this slug."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/articles/<slug>", data = "<body>")]
pub async fn update(
    caller: EditContent,
    db: &State<Db>,
    slug: &str,
    if_match: IfMatch,
    body: LargeJson,
) -> Api<Private> {
    let edit = read(body.0?, false).await?;
    let (slug, now) = (slug.to_owned(), clock::now_ms());
    let updated = db
        .write(move |tx| {
            let before = edit::by_slug(tx, &slug)?;
            if_match.check(&Whole::from(before.clone()))?;
            edit::update(tx, &caller.0.actor(), before, edit, now)
        })
        .await?;
    Ok(Private::new(&Whole::from(updated))?)
}

/// Removes an article for good.
#[utoipa::path(
    delete, path = "/api/v1/articles/{slug}", operation_id = "removeArticle", tag = "Articles", security(("bearer" = [])),
    params(("slug" = String, Path, description = "As in its address.", pattern = "^[a-z0-9-]{1,63}$", example = "two-hours-a-week")),
    responses(
        (status = 204, description = "Removed."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[delete("/articles/<slug>")]
pub async fn remove(
    caller: EditContent,
    db: &State<Db>,
    slug: &str,
    if_match: IfMatch,
) -> Api<Done> {
    let (slug, now) = (slug.to_owned(), clock::now_ms());
    db.write(move |tx| -> Result<(), Error> {
        let gone = edit::by_slug(tx, &slug)?;
        if_match.check(&Whole::from(gone.clone()))?;
        Ok(edit::remove(tx, &caller.0.actor(), &gone, now)?)
    })
    .await?;
    Ok(Done)
}

/// Reads a body and renders its text, off the async threads.
async fn read(object: Map<String, Value>, is_new: bool) -> Result<Edit, Error> {
    tokio::task::spawn_blocking(move || read_edit(&object, is_new))
        .await
        .map_err(|_| Error::Internal("reading an article panicked".into()))?
}

pub(super) fn read_edit(object: &Map<String, Value>, is_new: bool) -> Result<Edit, Error> {
    let mut input = Input::new(object);
    if is_new {
        input.require(&["title"]);
    }
    let edit = Edit {
        title: input.text("title", Rule::line(200)),
        slug: input.slug("slug"),
        lang: input.word("lang"),
        excerpt: input.text("excerpt", Rule::line(500).or_empty()),
        author: input.text("author", Rule::line(100)),
        tags: input.texts("tags", 20, Rule::line(40)),
        body: input.text("body", Rule::lines(200_000).or_empty()).map(Body::of),
        // Nothing here is older than the clock that times are counted by.
        published_at: input.clearable("published_at", Input::time).map(|at| at.map(|at| at.max(0))),
    };
    input.end()?;
    Ok(edit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_query_is_told_at_once() {
        let query = "limit=0&cursor=x&lang=de&tag=%20&sort=title&fields=titel&state=gone";
        let Err(Error::Invalid(faults)) = read_query(&RawQuery(Some(query.into()))) else {
            panic!("it was accepted")
        };
        let named: Vec<&str> = faults.iter().map(crate::platform::error::Fault::field).collect();
        assert_eq!(named, ["limit", "state", "sort", "cursor", "lang", "tag", "fields"]);
        assert_eq!(
            faults[2].message,
            "sort must be -published_at, published_at, -updated_at or updated_at"
        );
    }
}
