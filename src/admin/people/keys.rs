//! `/admin/keys`: how old each key is, when the next is due, and a new one that signs.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::caller::ManageKeys;
use crate::admin::accounts::{Accounts, record_rotation};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::table::{Cell, Column, Row, Table, Tone};
use crate::admin::shell::{Answer, Asked, Dashboard, Flash, Posted, View};
use crate::ops::rotation::model::{Entry, Purpose, State as Standing};
use crate::ops::rotation::{self, keys};
use crate::platform::config::{Live, keys as settings};
use crate::platform::db::{self, Tx};
use crate::platform::error::Error;

const PATH: &str = "/admin/keys";
const DAY_MS: i64 = 86_400_000;
/// Signing keys that no longer count are shown so many of.
const OLD_KEYS: usize = 5;

#[derive(Template)]
#[template(path = "admin/people/keys.html")]
struct KeysPage {
    view: View,
    table: Table,
}

#[get("/admin/keys")]
pub async fn list(
    _caller: ManageKeys,
    dashboard: Dashboard,
    accounts: &State<Arc<Accounts>>,
    live: &State<Live>,
    asked: Asked,
) -> Paged {
    let (now, settings) = (accounts.clock.now_ms(), live.now());
    let found: db::Result<Vec<Entry>> =
        accounts.db.read(move |conn| rotation::calendar(conn, &settings, now)).await;
    let mut old = 0;
    let entries = found?.into_iter().filter(|entry| {
        let is_over = Standing::of(entry.retired_at, now) == Standing::Retired;
        old += usize::from(is_over);
        !is_over || old <= OLD_KEYS
    });
    let view = dashboard.view("Keys");
    let columns = vec![
        Column::new("Key"),
        Column::new("Age").number().minor(),
        Column::new("Standing"),
        Column::new("To be replaced"),
        Column::new("How").minor(),
    ];
    let mut table = Table::new(&view, &asked, "keys", columns);
    table.rows = entries.map(|entry| row(&entry, now)).collect();
    Answer::page(&KeysPage { view, table })
}

fn row(entry: &Entry, now: i64) -> Row {
    let standing = match Standing::of(entry.retired_at, now) {
        Standing::Active if entry.is_due_soon(now) => Cell::Badge("due".into(), Tone::Warn),
        Standing::Active => Cell::Badge("in use".into(), Tone::Good),
        Standing::Retiring => Cell::Badge("only verifies".into(), Tone::Plain),
        Standing::Retired => Cell::Badge("over".into(), Tone::Plain),
    };
    let (text, sub, how) = match entry.purpose {
        Purpose::Jwt => (
            "Signs access tokens".to_owned(),
            entry.id.clone(),
            match entry.retired_at {
                None => Cell::text("“Replace” above; the old one verifies for a day"),
                Some(until) => Cell::Time(until),
            },
        ),
        Purpose::Integration => (
            vendor(&entry.id).to_owned(),
            entry.id.clone(),
            match settings::all().find(|key| key.env.contains(&entry.id.as_str())) {
                Some(key) => Cell::Link {
                    text: "Make a new one there, then enter it".into(),
                    href: format!("/admin/settings/{}", key.path),
                },
                None => Cell::Nothing,
            },
        ),
    };
    Row {
        id: entry.id.clone(),
        label: text.clone(),
        cells: vec![
            Cell::Titled { text, sub },
            Cell::text(format!("{} d", (now - entry.created_at).max(0) / DAY_MS)),
            standing,
            entry.due_at().map_or(Cell::Nothing, Cell::Time),
            how,
        ],
    }
}

fn vendor(variable: &str) -> &str {
    match variable {
        "ACTIVECAMPAIGN_API_KEY" => "Opens ActiveCampaign",
        "OPENAI_API_KEY" => "Opens the language model",
        "SENDGRID_API_KEY" => "Opens SendGrid",
        "HOTMART_WEBHOOK_SECRET" => "Proves that a sale comes from Hotmart",
        other => other,
    }
}

#[post("/admin/keys/jwt/rotate", data = "<posted>")]
pub async fn rotate(accounts: &State<Arc<Accounts>>, posted: Posted<ManageKeys>) -> Paged {
    posted.confirmed()?;
    let (actor, key, now) =
        (posted.who.actor(), accounts.data_key.clone(), accounts.clock.now_ms());
    let work = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        let rotated = keys::rotate(tx, &key, now)?;
        Ok(record_rotation(tx, &actor, &rotated, now)?)
    };
    accounts.db.write(work).await?;
    let said =
        "A new key signs from now on. The one before verifies for a day, so nobody is logged out.";
    Ok(Answer::to(PATH, Flash::good(said)))
}
