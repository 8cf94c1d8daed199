//! `/admin/webhooks/<id>`: one webhook, and what it was told.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};

use super::{Form, PATH, SecretPage, sent};
use crate::admin::accounts::audit::Actor;
use crate::admin::accounts::caller::ManageWebhooks;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table, Tone};
use crate::admin::shell::{Answer, Asked, Dashboard, Faults, Flash, Posted, View};
use crate::business::webhooks::courier::Courier;
use crate::business::webhooks::model::{
    Delivery, Event, State as Standing, WantedDeliveries, Webhook,
};
use crate::business::webhooks::{api, edit, signature, store};
use crate::platform::clock;
use crate::platform::db::{Conn, Db, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::IfMatch;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::id;
use crate::platform::word::Word;

#[derive(Template)]
#[template(path = "admin/webhooks/one.html")]
struct OnePage {
    view: View,
    webhook: Webhook,
    form: Form,
    tag: String,
    is_stale: bool,
    /// What has to be typed to remove it.
    name: String,
    table: Table,
}

fn path(id: &str) -> String {
    format!("{PATH}/{id}")
}

/// What a form is made on the ground of: what the owner has set, not what was delivered meanwhile.
fn tag(webhook: &Webhook) -> Result<String, Error> {
    IfMatch::tag(&webhook.updated_at)
}

/// The host, which is typed to remove it.
fn name(webhook: &Webhook) -> String {
    let host = url::Url::parse(&webhook.url).ok();
    host.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "remove".into())
}

async fn page(
    dashboard: &Dashboard,
    db: &Db,
    id: &str,
    asked: &Asked,
    typed: Option<Form>,
) -> Result<OnePage, Error> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (limit, order) = (asked.limit(), asked.word("sort").unwrap_or(TimeOrder::Newest));
    let after = asked.parsed("cursor", paging::decode).unwrap_or_else(|| order.start());
    let (state, event) = (asked.word::<Standing>("state"), asked.word::<Event>("event"));
    let wanted = WantedDeliveries { webhook_id: id, state, event, order, after };
    let read = move |conn: &mut Conn<'_>| -> Result<(Webhook, Vec<Delivery>), Error> {
        let webhook = store::by_id(conn, &wanted.webhook_id)?;
        Ok((webhook, store::deliveries(conn, &wanted, limit + 1)?))
    };
    let (webhook, mut found) = db.read(read).await?;
    let title = match webhook.description.as_str() {
        "" => webhook.shown_url().to_owned(),
        description => description.to_owned(),
    };
    let view = dashboard.view(title).below("Webhooks", PATH);
    let mut table = deliveries(&view, asked);
    table.next = paging::cut(&mut found, limit).map(|delivery| paging::encode(&delivery.id));
    table.rows = found.iter().map(row).collect();
    Ok(OnePage {
        form: typed.unwrap_or_else(|| Form::of(&webhook)),
        tag: tag(&webhook)?,
        is_stale: false,
        name: name(&webhook),
        view,
        webhook,
        table,
    })
}

fn deliveries(view: &View, asked: &Asked) -> Table {
    let columns = vec![
        Column::new("Event"),
        Column::new("State"),
        Column::new("Tries").number().minor(),
        Column::new("Answer").minor(),
        Column::new("When").sorted_down("created_at"),
        Column::new("Again"),
    ];
    let mut table = Table::new(view, asked, "deliveries", columns);
    table.order = "-created_at";
    let words = |all: Vec<&'static str>| all.into_iter().map(|w| (w.into(), w.into())).collect();
    let states = words(Standing::ALL.iter().map(|state| state.word()).collect());
    let events = words(Event::ALL.iter().map(|event| event.word()).collect());
    table.filters = vec![
        Filter::Choice { name: "state", label: "State", choices: states },
        Filter::Choice { name: "event", label: "Event", choices: events },
    ];
    table.empty = Empty {
        title: "Told of nothing yet",
        text: "Send a test to see whether it arrives.",
        action: None,
    };
    table
}

fn row(delivery: &Delivery) -> Row {
    let tone = match delivery.state {
        Standing::Waiting => Tone::Plain,
        Standing::Delivered => Tone::Good,
        Standing::Failed => Tone::Warn,
        Standing::Dead => Tone::Bad,
    };
    let why: String = delivery.last_error.iter().flat_map(|e| e.chars()).take(140).collect();
    let resend = format!("{}/deliveries/{}/resend", path(&delivery.webhook_id), delivery.id);
    Row {
        id: delivery.id.clone(),
        label: delivery.event.clone(),
        cells: vec![
            Cell::Titled { text: delivery.event.clone(), sub: why },
            Cell::Badge(delivery.state.word().into(), tone),
            Cell::Number(delivery.attempts),
            delivery.last_status.map_or(Cell::Nothing, |status| Cell::text(status.to_string())),
            Cell::Time(delivery.delivered_at.unwrap_or(delivery.created_at)),
            Cell::Button { action: resend, label: "Resend", fields: Vec::new() },
        ],
    }
}

#[get("/admin/webhooks/<id>")]
pub async fn show(
    _caller: ManageWebhooks,
    dashboard: Dashboard,
    db: &State<Db>,
    id: &str,
    asked: Asked,
) -> Paged {
    Answer::page(&page(&dashboard, db, id, &asked, None).await?)
}

/// Does `work` to the webhook in one transaction.
async fn with<T: Send + 'static>(
    db: &Db,
    id: &str,
    work: impl FnOnce(&mut Tx<'_>, Webhook, i64) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (id, now) = (id::parse(id).ok_or(Error::NotFound)?, clock::now_ms());
    db.write(move |tx: &mut Tx<'_>| {
        let webhook = store::by_id(tx, &id)?;
        work(tx, webhook, now)
    })
    .await
}

#[post("/admin/webhooks/<id>", data = "<posted>")]
pub async fn update(
    db: &State<Db>,
    courier: &State<Arc<Courier>>,
    id: &str,
    posted: Posted<ManageWebhooks>,
) -> Paged {
    match changed(db, courier, id, &posted).await {
        Ok(()) => Ok(Answer::to(path(id), Flash::good("Saved."))),
        Err(error) => {
            let is_stale = matches!(error, Error::Stale(_));
            let faults = if is_stale { Faults::default() } else { Faults::of(error)? };
            let form = Form::typed(&posted.fields, faults);
            refuse(db, id, &posted, form, is_stale).await
        }
    }
}

async fn changed(
    db: &Db,
    courier: &Courier,
    id: &str,
    posted: &Posted<ManageWebhooks>,
) -> Result<(), Error> {
    let change = api::read(&sent(&posted.fields), courier, false)?;
    let if_match = IfMatch::of_form(posted.fields.get("tag"));
    let actor = posted.who.actor();
    with(db, id, move |tx, before, now| {
        if_match.check(&before.updated_at)?;
        edit::update(tx, &actor, before, change, now).map(drop)
    })
    .await
}

async fn refuse(
    db: &Db,
    id: &str,
    posted: &Posted<ManageWebhooks>,
    form: Form,
    is_stale: bool,
) -> Paged {
    let asked = Asked::read(&path(id), "");
    let page = page(&posted.dashboard, db, id, &asked, Some(form)).await?;
    Answer::refused(&OnePage { is_stale, ..page })
}

/// The page with what is wrong, and the form as it is.
async fn say(db: &Db, id: &str, posted: &Posted<ManageWebhooks>, error: Error) -> Paged {
    let faults = Faults::of(error)?;
    let asked = Asked::read(&path(id), "");
    let mut page = page(&posted.dashboard, db, id, &asked, None).await?;
    page.form.faults = faults;
    Answer::refused(&page)
}

#[post("/admin/webhooks/<id>/secret", data = "<posted>")]
pub async fn replace_secret(
    db: &State<Db>,
    courier: &State<Arc<Courier>>,
    id: &str,
    posted: Posted<ManageWebhooks>,
) -> Paged {
    posted.confirmed()?;
    let (actor, key, secret) =
        (posted.who.actor(), courier.data_key.clone(), signature::new_secret());
    let shown = secret.expose().clone();
    let work = move |tx: &mut Tx<'_>, webhook: Webhook, now: i64| {
        let sealed = signature::seal(&key, &webhook.id, &secret);
        let keeps_old = signature::open(&key, &webhook.id, &webhook.secret).is_some();
        let url = webhook.shown_url().to_owned();
        let until = edit::replace_secret(tx, &actor, webhook, &sealed, keeps_old, now)?;
        Ok((url, until))
    };
    let (url, old_until) = with(db, id, work).await?;
    let view = posted.dashboard.view("Its new secret").below("Webhooks", PATH);
    let page = SecretPage { view, id: id.to_owned(), url, secret: shown, old_until };
    Ok(Answer::page(&page)?.once(path(id)))
}

#[post("/admin/webhooks/<id>/test", data = "<posted>")]
pub async fn test(db: &State<Db>, id: &str, posted: Posted<ManageWebhooks>) -> Paged {
    let actor: Actor = posted.who.actor();
    let tested = with(db, id, move |tx, webhook, now| edit::test(tx, &actor, webhook, now)).await;
    match tested {
        Ok(_) => {
            let said = "A test is on its way. Open this page again to see whether it arrived.";
            Ok(Answer::to(path(id), Flash::good(said)))
        }
        Err(error) => say(db, id, &posted, error).await,
    }
}

#[post("/admin/webhooks/<id>/deliveries/<delivery>/resend", data = "<posted>")]
pub async fn resend(
    db: &State<Db>,
    id: &str,
    delivery: &str,
    posted: Posted<ManageWebhooks>,
) -> Paged {
    let delivery = id::parse(delivery).ok_or(Error::NotFound)?;
    let actor = posted.who.actor();
    let work = move |tx: &mut Tx<'_>, webhook: Webhook, now: i64| {
        let delivery = edit::delivery_of(tx, &webhook.id, &delivery)?;
        edit::resend(tx, &actor, &webhook, delivery, now)
    };
    match with(db, id, work).await {
        Ok(sent) => {
            let said = format!("{} is sent again, under its old id.", sent.event);
            Ok(Answer::to(path(id), Flash::good(said)))
        }
        Err(error) => say(db, id, &posted, error).await,
    }
}

#[post("/admin/webhooks/<id>/remove", data = "<posted>")]
pub async fn remove(db: &State<Db>, id: &str, posted: Posted<ManageWebhooks>) -> Paged {
    let (actor, typed) = (posted.who.actor(), posted.fields.get("typed").trim().to_owned());
    let work = move |tx: &mut Tx<'_>, webhook: Webhook, now: i64| {
        if typed != name(&webhook) {
            let message = "This is not its host; nothing was removed";
            return Err(Error::Invalid(vec![Fault::of("typed", "invalid", message)]));
        }
        edit::remove(tx, &actor, &webhook, now)
    };
    match with(db, id, work).await {
        Ok(()) => {
            let said = "Removed, with its deliveries. What was queued for it is not sent.";
            Ok(Answer::to(PATH, Flash::good(said)))
        }
        Err(error) => say(db, id, &posted, error).await,
    }
}
