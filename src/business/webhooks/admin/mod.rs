//! `/admin/webhooks`: who is told what happens here, and adding somebody.

pub mod one;

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};
use serde_json::{Map, Value, json};

use super::courier::Courier;
use super::model::{Event, Wanted, Webhook};
use super::{api, edit, signature, store};
use crate::admin::accounts::caller::ManageWebhooks;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table, Tone};
use crate::admin::shell::{Answer, Asked, Dashboard, Faults, Fields, Posted, View};
use crate::platform::clock;
use crate::platform::db::{self, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::id;
use crate::platform::word::Word;

const PATH: &str = "/admin/webhooks";

#[derive(Template)]
#[template(path = "admin/webhooks/list.html")]
struct ListPage {
    view: View,
    table: Table,
}

/// A webhook in a form.
struct Form {
    url: String,
    description: String,
    /// Of everything, also of what comes later.
    everything: bool,
    /// Word, and whether it is ticked.
    events: Vec<(&'static str, bool)>,
    active: bool,
    faults: Faults,
}

impl Form {
    fn of(webhook: &Webhook) -> Self {
        let told = webhook.events.as_deref().unwrap_or_default();
        Self {
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            everything: webhook.events.is_none(),
            events: events(|event| told.contains(&event)),
            active: webhook.active,
            faults: Faults::default(),
        }
    }

    fn empty() -> Self {
        Self {
            url: String::new(),
            description: String::new(),
            everything: true,
            events: events(|_| false),
            active: true,
            faults: Faults::default(),
        }
    }

    /// As it was typed.
    fn typed(fields: &Fields, faults: Faults) -> Self {
        let ticked = fields.all("events");
        Self {
            url: fields.get("url").to_owned(),
            description: fields.get("description").to_owned(),
            everything: fields.is_on("everything"),
            events: events(|event| ticked.contains(&event.word())),
            active: fields.is_on("active"),
            faults,
        }
    }
}

fn events(is_ticked: impl Fn(Event) -> bool) -> Vec<(&'static str, bool)> {
    let all = Event::ALL.iter().filter(|event| **event != Event::Test);
    all.map(|event| (event.word(), is_ticked(*event))).collect()
}

/// The form as the API would be sent it.
fn sent(fields: &Fields) -> Map<String, Value> {
    let events = if fields.is_on("everything") { Value::Null } else { json!(fields.all("events")) };
    let members = [
        ("url", json!(fields.get("url").trim())),
        ("description", json!(fields.get("description").trim())),
        ("events", events),
        ("active", json!(fields.is_on("active"))),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[derive(Template)]
#[template(path = "admin/webhooks/new.html")]
struct NewPage {
    view: View,
    form: Form,
}

#[derive(Template)]
#[template(path = "admin/webhooks/secret.html")]
struct SecretPage {
    view: View,
    id: String,
    url: String,
    secret: String,
    /// Until when the one before signs too.
    old_until: Option<i64>,
}

#[get("/admin/webhooks")]
pub async fn list(
    _caller: ManageWebhooks,
    dashboard: Dashboard,
    db: &State<Db>,
    asked: Asked,
) -> Paged {
    let (limit, order) = (asked.limit(), asked.word("sort").unwrap_or(TimeOrder::Oldest));
    let active = match asked.get("active") {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    };
    let after = asked.parsed("cursor", paging::decode).unwrap_or_else(|| order.start());
    let wanted = Wanted { active, order, after };
    let found: db::Result<Vec<Webhook>> =
        db.read(move |conn| store::list(conn, &wanted, limit + 1)).await;
    let mut found = found?;
    let view = dashboard.view("Webhooks");
    let columns = vec![
        Column::new("Webhook"),
        Column::new("Told of").minor(),
        Column::new("Standing"),
        Column::new("Last taken").minor(),
        Column::new("Added").sorted("created_at").minor(),
    ];
    let mut table = Table::new(&view, &asked, "webhooks", columns);
    table.order = "created_at";
    let switched = [("on", "on"), ("off", "off")].map(|(v, l)| (v.to_owned(), l.to_owned()));
    table.filters =
        vec![Filter::Choice { name: "active", label: "Switched", choices: switched.to_vec() }];
    table.next = paging::cut(&mut found, limit).map(|webhook| paging::encode(&webhook.id));
    table.rows = found.iter().map(row).collect();
    table.empty = Empty {
        title: "Nobody is told",
        text: "A webhook tells another program what happens here: a new lead, an article that is public. Messages are signed, and tried for a day.",
        action: Some(("Add a webhook", "/admin/webhooks/new".into())),
    };
    Answer::page(&ListPage { view, table })
}

fn row(webhook: &Webhook) -> Row {
    let failing = webhook.last_failure_at > webhook.last_success_at;
    let standing = match (webhook.active, failing) {
        (false, _) => Cell::Badge("off".into(), Tone::Warn),
        (true, true) => Cell::Badge("failing".into(), Tone::Bad),
        (true, false) => Cell::Badge("on".into(), Tone::Good),
    };
    let told = webhook.events.as_ref().map_or_else(
        || Cell::text("everything"),
        |events| Cell::Tags(events.iter().map(|event| event.word().to_owned()).collect()),
    );
    let name = if webhook.description.is_empty() {
        webhook.shown_url().to_owned()
    } else {
        webhook.description.clone()
    };
    Row {
        id: webhook.id.clone(),
        label: name.clone(),
        cells: vec![
            Cell::Name {
                text: name,
                href: format!("{PATH}/{}", webhook.id),
                sub: webhook.shown_url().to_owned(),
            },
            told,
            standing,
            Cell::TimeOr(webhook.last_success_at, "never"),
            Cell::Time(webhook.created_at),
        ],
    }
}

#[get("/admin/webhooks/new")]
pub fn new(_caller: ManageWebhooks, dashboard: Dashboard) -> Paged {
    let view = dashboard.view("Add a webhook").below("Webhooks", PATH);
    Answer::page(&NewPage { view, form: Form::empty() })
}

#[post("/admin/webhooks", data = "<posted>")]
pub async fn create(
    db: &State<Db>,
    courier: &State<Arc<Courier>>,
    posted: Posted<ManageWebhooks>,
) -> Paged {
    match made(db, courier, &posted).await {
        Ok((made, secret)) => {
            let there = format!("{PATH}/{}", made.id);
            let view = posted.dashboard.view("Its secret").below("Webhooks", PATH);
            let url = made.shown_url().to_owned();
            let page = SecretPage { view, url, id: made.id, secret, old_until: None };
            Ok(Answer::page(&page)?.once(there))
        }
        Err(error) => {
            let form = Form::typed(&posted.fields, Faults::of(error)?);
            let view = posted.dashboard.view("Add a webhook").below("Webhooks", PATH);
            Answer::refused(&NewPage { view, form })
        }
    }
}

async fn made(
    db: &Db,
    courier: &Courier,
    posted: &Posted<ManageWebhooks>,
) -> Result<(Webhook, String), Error> {
    let new = api::read(&sent(&posted.fields), courier, true)?;
    let (actor, now, id) = (posted.who.actor(), clock::now_ms(), id::new_id());
    let secret = signature::new_secret();
    let sealed = signature::seal(&courier.data_key, &id, &secret);
    let work = move |tx: &mut Tx<'_>| edit::create(tx, &actor, &id, sealed, new, now);
    Ok((db.write(work).await?, secret.expose().clone()))
}
