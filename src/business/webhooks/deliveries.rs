//! `/api/v1/webhooks/<id>/deliveries`: what a webhook was told, and what became of it.

use rocket::{State, get, post};

use super::model::{self, Delivery, Event, WantedDeliveries};
use super::view::{DELIVERY_FIELDS, DeliveryList, DeliveryView};
use super::{edit, store};
use crate::admin::accounts::caller::ManageWebhooks;
use crate::platform::clock;
use crate::platform::db::{Conn, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::http::{Api, BodyHash, Kept, Once, Private, Query, RawQuery};
use crate::platform::id;

/// What a webhook was told, in pages.
///
/// Kept for 30 days.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/deliveries", operation_id = "listDeliveries", tag = "Webhooks", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The webhook's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("state" = Option<model::State>, Query, description = "Only deliveries that stand like this."),
        ("event" = Option<Event>, Query, description = "Only those of this event."),
        ("sort" = Option<TimeOrder>, Query, description = "The order; the newest first when absent."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of deliveries.", body = DeliveryList, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/webhooks/<id>/deliveries")]
pub async fn list(
    _caller: ManageWebhooks,
    db: &State<Db>,
    id: &str,
    raw: RawQuery,
) -> Api<Private> {
    let webhook_id = id::parse(id).ok_or(Error::NotFound)?;
    let path = format!("/api/v1/webhooks/{webhook_id}/deliveries");
    let mut query = Query::read(&raw);
    let limit = query.limit();
    let state = query.word("state");
    let event = query.word("event");
    let order = query.word("sort").unwrap_or(TimeOrder::Newest);
    let after = query.cursor(paging::decode).unwrap_or_else(|| order.start());
    let fields = query.fields(DELIVERY_FIELDS);
    let asked = query.end()?;
    let wanted = WantedDeliveries { webhook_id, state, event, order, after };
    let read = move |conn: &mut Conn<'_>| -> Result<Vec<Delivery>, Error> {
        store::by_id(conn, &wanted.webhook_id)?;
        Ok(store::deliveries(conn, &wanted, limit + 1)?)
    };
    let mut found = db.read(read).await?;
    let next = paging::cut(&mut found, limit).map(|delivery| paging::encode(&delivery.id));
    let link = next.as_ref().map(|cursor| asked.next(&path, cursor));
    let items = paging::chosen(found, &fields)?;
    Ok(Private::new(&DeliveryList { items, next })?.followed_by(link.as_deref()))
}

/// One delivery.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/deliveries/{delivery}", operation_id = "showDelivery", tag = "Webhooks", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The webhook's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("delivery" = String, Path, description = "The delivery's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
    ),
    responses((status = 200, description = "The delivery.", body = DeliveryView, headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/webhooks/<id>/deliveries/<delivery>")]
pub async fn show(
    _caller: ManageWebhooks,
    db: &State<Db>,
    id: &str,
    delivery: &str,
) -> Api<Private> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let delivery = id::parse(delivery).ok_or(Error::NotFound)?;
    let found = db.read(move |conn| edit::delivery_of(conn, &id, &delivery)).await?;
    Ok(Private::new(&DeliveryView::from(found))?)
}

/// Sends a delivery once more.
///
/// Under the same `webhook-id`, with what is to be told by now, and tried over 24 hours again.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/deliveries/{delivery}/resend", operation_id = "resendDelivery", tag = "Webhooks", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The webhook's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("delivery" = String, Path, description = "The delivery's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$"),
    ),
    responses(
        (status = 202, description = "Queued.", body = DeliveryView, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))),
        (status = 409, description = "The webhook is switched off, or a request with this `Idempotency-Key` is being worked on."),
    )
)]
#[post("/webhooks/<id>/deliveries/<delivery>/resend")]
pub async fn resend(
    caller: ManageWebhooks,
    db: &State<Db>,
    id: &str,
    delivery: &str,
    once: Once<'_>,
) -> Api<Kept> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let delivery = id::parse(delivery).ok_or(Error::NotFound)?;
    let (caller, now) = (caller.0, clock::now_ms());
    let who = caller.id().to_owned();
    let work = move |tx: &mut Tx<'_>| {
        let webhook = store::by_id(tx, &id)?;
        let delivery = edit::delivery_of(tx, &id, &delivery)?;
        edit::resend(tx, &caller.actor(), &webhook, delivery, now).map(DeliveryView::from)
    };
    Ok(once.accept(db, &who, &BodyHash::default(), work).await?)
}
