//! `/admin/settings`: every setting, by what owners look for; and the test of the mail.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};

use super::{Topic, origin, shown_value};
use crate::admin::accounts::caller::{EditSettings, ReadSettings};
use crate::admin::settings::api::has_words;
use crate::admin::settings::trial::{Ground, Tried, try_mail};
use crate::admin::settings::view::{Item, OriginKind, TakesEffect};
use crate::admin::settings::{Desk, lines, store};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::field::sentence;
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table, Tone};
use crate::admin::shell::{Answer, Asked, Dashboard, Faults, Flash, Posted, View};
use crate::business::mail::Mailer;
use crate::platform::db::Conn;
use crate::platform::error::Error;
use crate::platform::http::Sites;
use crate::platform::text::parse_email;
use crate::platform::word::Word;

struct Tab {
    label: &'static str,
    href: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "admin/settings/list.html")]
struct ListPage {
    view: View,
    tabs: Vec<Tab>,
    about: &'static str,
    table: Table,
    /// The form of the mail test: to whom.
    test_to: Option<String>,
    faults: Faults,
}

const COLUMNS: [&str; 4] = ["Setting", "Value", "From", "A change counts"];

/// What an owner looks for before all else.
const FIRST: [&str; 6] = [
    "site.app_name",
    "http.domain",
    "http.frontend_url",
    "site.time_zone",
    "site.enable_spanish",
    "site.enable_portuguese",
];

async fn page(
    dashboard: &Dashboard,
    desk: &Arc<Desk>,
    asked: &Asked,
    (test_to, faults): (Option<String>, Faults),
) -> Result<ListPage, Error> {
    let words = asked.get("q").to_lowercase();
    let everywhere = !words.is_empty();
    let topic = asked.word::<Topic>("group").unwrap_or(Topic::Site);
    let at = Arc::clone(desk);
    let read = move |conn: &mut Conn<'_>| -> Result<Vec<Item>, Error> {
        let rows = store::all(conn)?;
        let layered = at.layered(&rows);
        let wanted = lines(&layered, &rows)
            .filter(|line| everywhere || Topic::of(line.entry.key) == topic)
            .filter(|line| has_words(line, &words));
        Ok(wanted.map(|line| Item::of(&line)).collect())
    };
    let mut items = desk.db.read(read).await?;
    items.sort_by_key(|item| FIRST.iter().position(|key| *key == item.key).unwrap_or(FIRST.len()));
    let view = dashboard.view("Settings");
    let mut table =
        Table::new(&view, asked, "settings", COLUMNS.map(Column::new).map(minor).to_vec());
    table.filters = vec![Filter::Search { name: "q", label: "Search all settings" }];
    table.rows = items.iter().map(row).collect();
    table.empty =
        Empty { title: "No settings", text: "There are none of this kind.", action: None };
    let tab = |topic_of: &Topic| Tab {
        label: topic_of.label(),
        href: format!("/admin/settings?group={}", topic_of.word()),
        is_current: !everywhere && *topic_of == topic,
    };
    let is_mail = !everywhere && topic == Topic::Mail && view.may("settings:write");
    Ok(ListPage {
        tabs: Topic::ALL.iter().map(tab).collect(),
        about: if everywhere { "" } else { topic.about() },
        test_to: is_mail.then(|| test_to.unwrap_or_else(|| view.email.clone())),
        view,
        table,
        faults,
    })
}

fn minor(column: Column) -> Column {
    if ["From", "A change counts"].contains(&column.label) { column.minor() } else { column }
}

fn row(item: &Item) -> Row {
    let value = match (shown_value(item), &item.problem) {
        (_, Some(_)) => Cell::Badge("does not count".into(), Tone::Bad),
        (text, None) if text.is_empty() => Cell::Nothing,
        (text, None) => Cell::Text(text),
    };
    let tone = match item.origin.kind {
        OriginKind::Dashboard => Tone::Good,
        _ => Tone::Plain,
    };
    let counts = match (item.editable, item.takes_effect) {
        (true, Some(TakesEffect::AtOnce)) => "at once",
        (true, Some(TakesEffect::AtNextStart)) => "at the next start",
        _ => "read only",
    };
    Row {
        id: item.key.into(),
        label: item.key.into(),
        cells: vec![
            Cell::Name {
                text: sentence(item.description).trim_end_matches('.').to_owned(),
                href: format!("/admin/settings/{}", item.key),
                sub: item.key.into(),
            },
            value,
            Cell::Badge(origin(item), tone),
            Cell::text(counts),
        ],
    }
}

#[get("/admin/settings")]
pub async fn list(
    _caller: ReadSettings,
    dashboard: Dashboard,
    desk: &State<Arc<Desk>>,
    asked: Asked,
) -> Paged {
    Answer::page(&page(&dashboard, desk, &asked, (None, Faults::default())).await?)
}

#[post("/admin/settings/mail/test", data = "<posted>")]
pub async fn test_mail(
    desk: &State<Arc<Desk>>,
    mailer: &State<Arc<Mailer>>,
    sites: &State<Arc<Sites>>,
    posted: Posted<EditSettings>,
) -> Paged {
    let typed = posted.fields.get("to").to_owned();
    let tried = match parse_email(Some(&typed)) {
        Ok(to) => try_mail(&Ground { desk, mailer, sites }, to, posted.who.actor()).await,
        Err(fault) => Err(Error::Invalid(vec![fault])),
    };
    match tried {
        Ok(tried) => Ok(Answer::to("/admin/settings?group=mail", said(&typed, &tried))),
        Err(error) => {
            let faults = Faults::of(error)?;
            let asked = Asked::read("/admin/settings", "group=mail");
            let page = page(&posted.dashboard, desk, &asked, (Some(typed), faults)).await?;
            Answer::refused(&page)
        }
    }
}

fn said(to: &str, tried: &Tried) -> Flash {
    match &tried.reason {
        None => Flash::good(format!(
            "The mail server has taken a mail to {to} in {} ms. Look whether it arrives.",
            tried.took_ms
        )),
        Some(reason) => Flash::bad(format!("Not delivered. {}", sentence(reason))),
    }
}
