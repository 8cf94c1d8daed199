//! `/api/v1/pages`: pages in Markdown, read by everybody, written by whoever may.

use std::sync::Arc;

use rocket::{State, delete, get, patch, post};
use serde_json::{Map, Value};
use utoipa::OpenApi;

use super::edit::{self, Body, Edit};
use super::view::{Changes, FIELDS, Item, List, New, States, Whole};
use crate::admin::accounts::caller::{Asker, EditContent};
use crate::admin::accounts::model::Capability;
use crate::platform::clock;
use crate::platform::db::{Conn, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::query::Fields;
use crate::platform::http::{
    Api, Done, IfMatch, Input, JsonObject, Kept, LargeJson, Once, PageCache, Private, Query,
    RawQuery, Rendered, Shown, Sites,
};
use crate::platform::lang::Lang;
use crate::platform::text::Rule;

const PATH: &str = "/api/v1/pages";

#[derive(OpenApi)]
#[openapi(
    paths(list, show, create, update, remove),
    components(schemas(States)),
    tags((name = "Pages", description = "Texts that stand at an address of their own: the legal ones, and the owner's."))
)]
pub struct Described;

/// Pages in every language, or in one.
///
/// With `state` also drafts; that is for whoever may `content:read`.
#[utoipa::path(
    get, path = "/api/v1/pages", operation_id = "listPages", tag = "Pages", security((), ("bearer" = [])),
    params(
        ("lang" = Option<Lang>, Query, description = "Only pages in this language."),
        ("state" = Option<States>, Query, description = "Also drafts, or only those."),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "The pages.", body = List, headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/pages")]
pub async fn list(
    pages: &State<PageCache>,
    db: &State<Db>,
    asker: Asker<'_>,
    raw: RawQuery,
) -> Api<Shown> {
    let mut query = Query::read(&raw);
    let lang = query.word::<Lang>("lang");
    let states = query.word::<States>("state");
    let fields = query.fields(FIELDS);
    let question = query.end()?;
    if let Some(states) = states {
        asker.who_may(Capability::ReadContent).await?;
        let list = db.read(move |conn| listed(conn, lang, states, &fields)).await?;
        return Ok(Shown::Private(Private::new(&list)?));
    }
    let render = move |conn: &mut Conn<'_>| {
        let list = listed(conn, lang, States::Published, &fields)?;
        Ok(Rendered::public_json(&list)?.and_for_editors())
    };
    Ok(Shown::Public(pages.get(&question.key(PATH), render).await?))
}

fn listed(
    conn: &mut Conn<'_>,
    lang: Option<Lang>,
    states: States,
    fields: &Fields,
) -> Result<List, Error> {
    let mut found = edit::all(conn)?;
    found.retain(|page| lang.is_none_or(|lang| page.lang == lang) && states.fits(page));
    let items = found.iter().map(|page| fields.of(Item::from(page))).collect::<Result<_, _>>()?;
    Ok(List { items, next: None })
}

/// One page with its text as HTML.
///
/// Whoever may `content:read` also gets drafts, and of each page what it is made of.
#[utoipa::path(
    get, path = "/api/v1/pages/{slug}", operation_id = "showPage", tag = "Pages", security((), ("bearer" = [])),
    params(
        ("slug" = String, Path, description = "As in its address.", pattern = "^[a-z0-9-]{1,63}$", example = "privacy"),
        ("lang" = Option<Lang>, Query, description = "The language of the page; English when absent."),
    ),
    responses((status = 200, description = "The page.", body = Whole, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/pages/<slug>")]
pub async fn show(
    pages: &State<PageCache>,
    db: &State<Db>,
    sites: &State<Arc<Sites>>,
    asker: Asker<'_>,
    slug: &str,
    raw: RawQuery,
) -> Api<Shown> {
    let mut query = Query::read(&raw);
    let lang = query.word("lang").unwrap_or(Lang::En);
    let key = query.end()?.key(&format!("{PATH}/{slug}"));
    let (slug, sites) = (slug.to_owned(), Arc::clone(sites.inner()));
    if asker.is_one_who_may(Capability::ReadContent).await? {
        let find = move |conn: &mut Conn<'_>| {
            let page = edit::by_slug(conn, &slug, lang)?;
            Ok::<_, Error>(Whole::new(&page, &*sites.view(conn, lang)?, true))
        };
        return Ok(Shown::Private(Private::new(&db.read(find).await?)?));
    }
    let render = move |conn: &mut Conn<'_>| {
        let page = edit::by_slug(conn, &slug, lang)?;
        if page.dated_at.is_none() {
            return Err(Error::NotFound);
        }
        let site = sites.view(conn, lang)?;
        Ok(Rendered::public_json(&Whole::new(&page, &site, false))?.and_for_editors())
    };
    Ok(Shown::Public(pages.get(&key, render).await?))
}

/// Writes a page.
#[utoipa::path(
    post, path = "/api/v1/pages", operation_id = "createPage", tag = "Pages", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$")),
    request_body = New,
    responses(
        (status = 201, description = "Written.", body = Whole, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))),
        (status = 409, description = "The address is taken, or a request with this `Idempotency-Key` is being worked on."),
    )
)]
#[post("/pages", data = "<body>")]
pub async fn create(
    caller: EditContent,
    db: &State<Db>,
    sites: &State<Arc<Sites>>,
    once: Once<'_>,
    body: LargeJson,
) -> Api<Kept> {
    let JsonObject(object, hash) = body;
    let (lang, edit) = read(object?, true).await?;
    let (caller, now, sites) = (caller.0, clock::now_ms(), Arc::clone(sites.inner()));
    let who = caller.id().to_owned();
    let work = move |tx: &mut Tx<'_>| {
        let made = edit::create(tx, &caller.actor(), lang, edit, now)?;
        Ok(Whole::new(&made, &*sites.view(tx, lang)?, true))
    };
    let query = match lang {
        Lang::En => "",
        Lang::Es => "?lang=es",
        Lang::Pt => "?lang=pt",
    };
    Ok(once.create(db, &who, &hash, work).await?.read_with(query))
}

/// Changes a page.
#[utoipa::path(
    patch, path = "/api/v1/pages/{slug}", operation_id = "updatePage", tag = "Pages", security(("bearer" = [])),
    params(
        ("slug" = String, Path, description = "As in its address.", pattern = "^[a-z0-9-]{1,63}$", example = "privacy"),
        ("lang" = Option<Lang>, Query, description = "The language of the page; English when absent."),
    ),
    request_body = Changes,
    responses(
        (status = 200, description = "The page as it is now.", body = Whole),
        (status = 409, description = "The address is taken, or the site cannot do without the page where it is."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/pages/<slug>", data = "<body>")]
pub async fn update(
    caller: EditContent,
    db: &State<Db>,
    sites: &State<Arc<Sites>>,
    slug: &str,
    raw: RawQuery,
    if_match: IfMatch,
    body: LargeJson,
) -> Api<Private> {
    let lang = asked_lang(&raw)?;
    let (_, edit) = read(body.0?, false).await?;
    let (slug, now, sites) = (slug.to_owned(), clock::now_ms(), Arc::clone(sites.inner()));
    let updated = db
        .write(move |tx| -> Result<Whole, Error> {
            let before = edit::by_slug(tx, &slug, lang)?;
            let site = sites.view(tx, lang)?;
            if_match.check(&Whole::new(&before, &site, true))?;
            let after = edit::update(tx, &caller.0.actor(), before, edit, now)?;
            Ok(Whole::new(&after, &site, true))
        })
        .await?;
    Ok(Private::new(&updated)?)
}

/// Removes a page for good.
#[utoipa::path(
    delete, path = "/api/v1/pages/{slug}", operation_id = "removePage", tag = "Pages", security(("bearer" = [])),
    params(
        ("slug" = String, Path, description = "As in its address.", pattern = "^[a-z0-9-]{1,63}$", example = "privacy"),
        ("lang" = Option<Lang>, Query, description = "The language of the page; English when absent."),
    ),
    responses(
        (status = 204, description = "Removed."),
        (status = 409, description = "The site cannot do without this page."),
    )
)]
#[delete("/pages/<slug>")]
pub async fn remove(caller: EditContent, db: &State<Db>, slug: &str, raw: RawQuery) -> Api<Done> {
    let lang = asked_lang(&raw)?;
    let (slug, now) = (slug.to_owned(), clock::now_ms());
    db.write(move |tx| {
        let gone = edit::by_slug(tx, &slug, lang)?;
        edit::remove(tx, &caller.0.actor(), &gone, now)
    })
    .await?;
    Ok(Done)
}

fn asked_lang(raw: &RawQuery) -> Result<Lang, Error> {
    let mut query = Query::read(raw);
    let lang = query.word("lang").unwrap_or(Lang::En);
    query.end().map(|_| lang)
}

/// Reads a body and renders its text, off the async threads.
async fn read(object: Map<String, Value>, is_new: bool) -> Result<(Lang, Edit), Error> {
    tokio::task::spawn_blocking(move || read_edit(&object, is_new))
        .await
        .map_err(|_| Error::Internal("reading a page panicked".into()))?
}

pub(super) fn read_edit(object: &Map<String, Value>, is_new: bool) -> Result<(Lang, Edit), Error> {
    let mut input = Input::new(object);
    let mut lang = Lang::En;
    if is_new {
        input.require(&["slug", "title"]);
        lang = input.word("lang").unwrap_or(Lang::En);
    }
    let edit = Edit {
        slug: input.slug("slug"),
        title: input.text("title", Rule::line(200)),
        description: input.text("description", Rule::line(500).or_empty()),
        body: input.text("body", Rule::lines(200_000).or_empty()).map(Body::of),
        // Nothing here is older than the clock that times are counted by.
        dated_at: input.clearable("dated_at", Input::time).map(|at| at.map(|at| at.max(0))),
    };
    input.end()?;
    Ok((lang, edit))
}
