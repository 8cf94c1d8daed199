//! `/api/v1/programs`: read by everybody, written by whoever may.

use rocket::{State, delete, get, patch, post};
use utoipa::{OpenApi, ToSchema};

use super::body::{Changes, New, read};
use super::edit::{self, Stored};
use super::store;
use super::view::{FIELDS, Item, List, Whole};
use crate::admin::accounts::caller::{Asker, EditContent};
use crate::admin::accounts::model::Capability;
use crate::platform::clock;
use crate::platform::db::{self, Conn, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::query::Fields;
use crate::platform::http::{
    Api, Done, IfMatch, JsonObject, Kept, LargeJson, Once, PageCache, Private, Query, RawQuery,
    Rendered, Shown,
};
use crate::platform::lang::Lang;
use crate::platform::word::Word;

const PATH: &str = "/api/v1/programs";
#[derive(OpenApi)]
#[openapi(
    paths(list, show, create, update, remove),
    components(schemas(States)),
    tags((name = "Programs", description = "What is for sale."))
)]
pub struct Described;

/// What somebody who edits wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(as = ProgramStates, rename_all = "lowercase", example = "hidden")]
pub enum States {
    Any,
    Hidden,
    Published,
}

impl Word for States {
    const ALL: &'static [Self] = &[Self::Any, Self::Hidden, Self::Published];

    fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Hidden => "hidden",
            Self::Published => "published",
        }
    }
}

/// All programs on offer, in their order.
///
/// With `state` also those that are not; that is for whoever may `content:read`.
#[utoipa::path(
    get, path = "/api/v1/programs", operation_id = "listPrograms", tag = "Programs", security((), ("bearer" = [])),
    params(
        ("lang" = Option<Lang>, Query, description = "The language of the words; English when absent."),
        ("state" = Option<States>, Query, description = "Also programs that are not on offer, or only those."),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "The programs.", body = List, headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/programs")]
pub async fn list(
    pages: &State<PageCache>,
    db: &State<Db>,
    asker: Asker<'_>,
    raw: RawQuery,
) -> Api<Shown> {
    let mut query = Query::read(&raw);
    let lang = query.word("lang").unwrap_or(Lang::En);
    let states = query.word::<States>("state");
    let fields = query.fields(FIELDS);
    let question = query.end()?;
    if let Some(states) = states {
        asker.who_may(Capability::ReadContent).await?;
        let found = db.read(edit::all).await?;
        return Ok(Shown::Private(Private::new(&of_states(found, states, lang, &fields)?)?));
    }
    let render = move |conn: &mut Conn<'_>| {
        let programs = store::published(conn, lang)?.into_iter();
        let item = |program| fields.of(Item::new(program, lang, true));
        let items = programs.map(item).collect::<Result<_, _>>()?;
        Ok(Rendered::public_json(&List { items, next: None })?.and_for_editors())
    };
    Ok(Shown::Public(pages.glance(&question.key(PATH), render).await?))
}

fn of_states(
    found: Vec<Stored>,
    states: States,
    lang: Lang,
    fields: &Fields,
) -> Result<List, Error> {
    let wanted = |program: &&Stored| match states {
        States::Any => true,
        States::Hidden => !program.published,
        States::Published => program.published,
    };
    let item =
        |program: &Stored| fields.of(Item::new(program.shown(lang), lang, program.published));
    let items = found.iter().filter(wanted).map(item).collect::<Result<_, _>>()?;
    Ok(List { items, next: None })
}

/// One program, with outcomes and questions.
///
/// Whoever may `content:read` also gets those that are not on offer, and of each what it is made of.
#[utoipa::path(
    get, path = "/api/v1/programs/{slug}", operation_id = "showProgram", tag = "Programs", security((), ("bearer" = [])),
    params(
        ("slug" = String, Path, description = "As in its address.", pattern = "^[a-z0-9-]{1,63}$", example = "prime"),
        ("lang" = Option<Lang>, Query, description = "The language of the words; English when absent."),
    ),
    responses((status = 200, description = "The program.", body = Whole, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/programs/<slug>")]
pub async fn show(
    pages: &State<PageCache>,
    db: &State<Db>,
    asker: Asker<'_>,
    slug: &str,
    raw: RawQuery,
) -> Api<Shown> {
    let mut query = Query::read(&raw);
    let lang = query.word("lang").unwrap_or(Lang::En);
    let key = query.end()?.key(&format!("{PATH}/{slug}"));
    let slug = slug.to_owned();
    if asker.is_one_who_may(Capability::ReadContent).await? {
        let found: db::Result<Stored> = db.read(move |conn| edit::by_slug(conn, &slug)).await;
        return Ok(Shown::Private(Private::new(&Whole::edited(&found?, lang))?));
    }
    let render = move |conn: &mut Conn<'_>| {
        let program = store::by_slug(conn, &slug, lang)?;
        Ok(Rendered::public_json(&Whole::public(program, lang))?.and_for_editors())
    };
    Ok(Shown::Public(pages.glance(&key, render).await?))
}

/// Adds a program.
#[utoipa::path(
    post, path = "/api/v1/programs", operation_id = "createProgram", tag = "Programs", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$")),
    request_body = New,
    responses(
        (status = 201, description = "Added.", body = Whole, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))),
        (status = 409, description = "Another program has this slug, there are a hundred already, or a request with this `Idempotency-Key` is being worked on."),
    )
)]
#[post("/programs", data = "<body>")]
pub async fn create(
    caller: EditContent,
    db: &State<Db>,
    once: Once<'_>,
    body: LargeJson,
) -> Api<Kept> {
    let JsonObject(object, hash) = body;
    let edit = read(&object?, true)?;
    let (caller, now) = (caller.0, clock::now_ms());
    let who = caller.id().to_owned();
    let work = move |tx: &mut Tx<'_>| {
        let made = edit::create(tx, &caller.actor(), edit, now)?;
        Ok(Whole::edited(&made, Lang::En))
    };
    Ok(once.create(db, &who, &hash, work).await?)
}

/// Changes a program.
#[utoipa::path(
    patch, path = "/api/v1/programs/{slug}", operation_id = "updateProgram", tag = "Programs", security(("bearer" = [])),
    params(("slug" = String, Path, description = "As in its address.", pattern = "^[a-z0-9-]{1,63}$", example = "prime")),
    request_body = Changes,
    responses(
        (status = 200, description = "The program as it is now.", body = Whole),
        (status = 409, description = "Another program has this slug."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/programs/<slug>", data = "<body>")]
pub async fn update(
    caller: EditContent,
    db: &State<Db>,
    slug: &str,
    if_match: IfMatch,
    body: LargeJson,
) -> Api<Private> {
    let edit = read(&body.0?, false)?;
    let (slug, now) = (slug.to_owned(), clock::now_ms());
    let updated = db
        .write(move |tx| {
            let before = edit::by_slug(tx, &slug)?;
            if_match.check(&Whole::edited(&before, Lang::En))?;
            edit::update(tx, &caller.0.actor(), before, &edit, now)
        })
        .await?;
    Ok(Private::new(&Whole::edited(&updated, Lang::En))?)
}

/// Removes a program for good.
#[utoipa::path(
    delete, path = "/api/v1/programs/{slug}", operation_id = "removeProgram", tag = "Programs", security(("bearer" = [])),
    params(("slug" = String, Path, description = "As in its address.", pattern = "^[a-z0-9-]{1,63}$", example = "prime")),
    responses(
        (status = 204, description = "Removed."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[delete("/programs/<slug>")]
pub async fn remove(
    caller: EditContent,
    db: &State<Db>,
    slug: &str,
    if_match: IfMatch,
) -> Api<Done> {
    let (slug, now) = (slug.to_owned(), clock::now_ms());
    db.write(move |tx| -> Result<(), Error> {
        let gone = edit::by_slug(tx, &slug)?;
        if_match.check(&Whole::edited(&gone, Lang::En))?;
        Ok(edit::remove(tx, &caller.0.actor(), &gone, now)?)
    })
    .await?;
    Ok(Done)
}
