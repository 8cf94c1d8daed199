//! `/api/v1/webhooks`: who is told what happens here.

use std::sync::Arc;

use rocket::{State, delete, get, patch, post};
use serde_json::{Map, Value};
use utoipa::OpenApi;

use super::courier::Courier;
use super::model::{DESCRIPTION_MAX, Edit, Event, Wanted, Webhook};
use super::view::{Changes, Created, DeliveryView, FIELDS, List, New, NewSecret, View};
use super::{deliveries, edit, signature, store};
use crate::admin::accounts::caller::ManageWebhooks;
use crate::platform::clock;
use crate::platform::db::{self, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::http::{
    Api, BodyHash, Done, IfMatch, Input, JsonObject, Kept, Once, Private, Query, RawQuery,
};
use crate::platform::id;
use crate::platform::text::Rule;

const PATH: &str = "/api/v1/webhooks";

#[derive(OpenApi)]
#[openapi(
    paths(
        list, show, create, update, remove, replace_secret, test,
        deliveries::list, deliveries::show, deliveries::resend
    ),
    components(schemas(Event, super::model::State)),
    tags((name = "Webhooks", description = "Other programs are told what happens here. For whoever may `webhooks:manage`."))
)]
pub struct Described;

/// Webhooks in pages.
#[utoipa::path(
    get, path = "/api/v1/webhooks", operation_id = "listWebhooks", tag = "Webhooks", security(("bearer" = [])),
    params(
        ("active" = Option<bool>, Query, description = "Only those that are switched on, or off."),
        ("sort" = Option<TimeOrder>, Query, description = "The order; the oldest first when absent."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of webhooks.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/webhooks")]
pub async fn list(_caller: ManageWebhooks, db: &State<Db>, raw: RawQuery) -> Api<Private> {
    let mut query = Query::read(&raw);
    let limit = query.limit();
    let active = query.truth("active");
    let order = query.word("sort").unwrap_or(TimeOrder::Oldest);
    let after = query.cursor(paging::decode).unwrap_or_else(|| order.start());
    let fields = query.fields(FIELDS);
    let asked = query.end()?;
    let wanted = Wanted { active, order, after };
    let found: db::Result<Vec<Webhook>> =
        db.read(move |conn| store::list(conn, &wanted, limit + 1)).await;
    let mut found = found?;
    let next = paging::cut(&mut found, limit).map(|webhook| paging::encode(&webhook.id));
    let link = next.as_ref().map(|cursor| asked.next(PATH, cursor));
    let items = paging::chosen(found, &fields)?;
    Ok(Private::new(&List { items, next })?.followed_by(link.as_deref()))
}

/// One webhook.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}", operation_id = "showWebhook", tag = "Webhooks", security(("bearer" = [])),
    params(("id" = String, Path, description = "The webhook's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses((status = 200, description = "The webhook.", body = View, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change. Each delivery makes another one."))))
)]
#[get("/webhooks/<id>")]
pub async fn show(_caller: ManageWebhooks, db: &State<Db>, id: &str) -> Api<Private> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<Webhook> = db.read(move |conn| store::by_id(conn, &id)).await;
    Ok(Private::new(&View::from(found?))?)
}

/// Adds a webhook.
///
/// The answer has the secret that its messages are signed with, this once.
#[utoipa::path(
    post, path = "/api/v1/webhooks", operation_id = "createWebhook", tag = "Webhooks", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$")),
    request_body = New,
    responses(
        (status = 201, description = "Added.", body = Created, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))),
        (status = 409, description = "The address is not one of the internet, there are fifty webhooks already, or a request with this `Idempotency-Key` is being worked on."),
    )
)]
#[post("/webhooks", data = "<body>")]
pub async fn create(
    caller: ManageWebhooks,
    db: &State<Db>,
    courier: &State<Arc<Courier>>,
    once: Once<'_>,
    body: JsonObject,
) -> Api<Kept> {
    let JsonObject(object, hash) = body;
    let edit = read(&object?, courier, true)?;
    let (caller, now) = (caller.0, clock::now_ms());
    let (who, id, secret) = (caller.id().to_owned(), id::new_id(), signature::new_secret());
    let sealed = signature::seal(&courier.data_key, &id, &secret);
    let work = move |tx: &mut Tx<'_>| {
        let made = edit::create(tx, &caller.actor(), &id, sealed, edit, now)?;
        Ok(Created::new(made, &secret))
    };
    Ok(once.create(db, &who, &hash, work).await?)
}

/// Changes a webhook, switches it off or on.
///
/// What is queued for a webhook that is switched off is given up.
#[utoipa::path(
    patch, path = "/api/v1/webhooks/{id}", operation_id = "updateWebhook", tag = "Webhooks", security(("bearer" = [])),
    params(("id" = String, Path, description = "The webhook's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    request_body = Changes,
    responses(
        (status = 200, description = "The webhook as it is now.", body = View),
        (status = 409, description = "The address is not one of the internet."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/webhooks/<id>", data = "<body>")]
pub async fn update(
    caller: ManageWebhooks,
    db: &State<Db>,
    courier: &State<Arc<Courier>>,
    id: &str,
    if_match: IfMatch,
    body: JsonObject,
) -> Api<Private> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let edit = read(&body.0?, courier, false)?;
    let now = clock::now_ms();
    let updated = db
        .write(move |tx| {
            let before = store::by_id(tx, &id)?;
            if_match.check(&View::from(before.clone()))?;
            edit::update(tx, &caller.0.actor(), before, edit, now)
        })
        .await?;
    Ok(Private::new(&View::from(updated))?)
}

/// Removes a webhook and its deliveries.
///
/// What is queued for it is not sent any more.
#[utoipa::path(
    delete, path = "/api/v1/webhooks/{id}", operation_id = "removeWebhook", tag = "Webhooks", security(("bearer" = [])),
    params(("id" = String, Path, description = "The webhook's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses(
        (status = 204, description = "Removed."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[delete("/webhooks/<id>")]
pub async fn remove(
    caller: ManageWebhooks,
    db: &State<Db>,
    id: &str,
    if_match: IfMatch,
) -> Api<Done> {
    let (id, now) = (id::parse(id).ok_or(Error::NotFound)?, clock::now_ms());
    db.write(move |tx| -> Result<(), Error> {
        let gone = store::by_id(tx, &id)?;
        if_match.check(&View::from(gone.clone()))?;
        edit::remove(tx, &caller.0.actor(), &gone, now)
    })
    .await?;
    Ok(Done)
}

/// Gives a webhook another secret, shown this once.
///
/// The one before signs too for 24 hours.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/secret", operation_id = "replaceWebhookSecret", tag = "Webhooks", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The webhook's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$"),
    ),
    responses((status = 201, description = "Made.", body = NewSecret, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))))
)]
#[post("/webhooks/<id>/secret")]
pub async fn replace_secret(
    caller: ManageWebhooks,
    db: &State<Db>,
    courier: &State<Arc<Courier>>,
    id: &str,
    once: Once<'_>,
) -> Api<Kept> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (caller, now, data_key) = (caller.0, clock::now_ms(), courier.data_key.clone());
    let (who, secret) = (caller.id().to_owned(), signature::new_secret());
    let sealed = signature::seal(&data_key, &id, &secret);
    let work = move |tx: &mut Tx<'_>| {
        let webhook = store::by_id(tx, &id)?;
        let keeps_old = signature::open(&data_key, &id, &webhook.secret).is_some();
        let until = edit::replace_secret(tx, &caller.actor(), webhook, &sealed, keeps_old, now)?;
        Ok(NewSecret::new(id, &secret, until))
    };
    Ok(once.create(db, &who, &BodyHash::default(), work).await?)
}

/// Sends a webhook the event `webhook.test`.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/test", operation_id = "testWebhook", tag = "Webhooks", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The webhook's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$"),
    ),
    responses(
        (status = 202, description = "Queued.", body = DeliveryView, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))),
        (status = 409, description = "The webhook is switched off, or a request with this `Idempotency-Key` is being worked on."),
    )
)]
#[post("/webhooks/<id>/test")]
pub async fn test(caller: ManageWebhooks, db: &State<Db>, id: &str, once: Once<'_>) -> Api<Kept> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (caller, now) = (caller.0, clock::now_ms());
    let who = caller.id().to_owned();
    let work = move |tx: &mut Tx<'_>| {
        let webhook = store::by_id(tx, &id)?;
        edit::test(tx, &caller.actor(), webhook, now).map(DeliveryView::from)
    };
    Ok(once.accept(db, &who, &BodyHash::default(), work).await?)
}

/// A webhook, or a change of one, as it was sent.
pub(super) fn read(
    object: &Map<String, Value>,
    courier: &Courier,
    is_new: bool,
) -> Result<Edit, Error> {
    let mut input = Input::new(object);
    if is_new {
        input.require(&["url"]);
    }
    let edit = Edit {
        url: input.parsed("url", |text| courier.parse(text)),
        description: input.text("description", Rule::line(DESCRIPTION_MAX).or_empty()),
        events: input.clearable("events", |input, name| input.words(name, (1, 50))),
        active: input.truth("active"),
    };
    input.end()?;
    if let Some(url) = &edit.url {
        courier.check(url)?;
    }
    Ok(edit)
}
