//! The report of missing pages: addresses that people asked for and that lead nowhere, with the redirect that would help.

use askama::Template;
use rocket::{State, get, post};

use super::model::Missed;
use super::store;
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::admin::accounts::model::Capability;
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table};
use crate::admin::shell::{Asked, Dashboard, Flash, Posted, View};
use crate::business::redirects;
use crate::platform::clock;
use crate::platform::db::telemetry::Telemetry;
use crate::platform::db::{self, Db};
use crate::platform::error::Error;

/// Days that the report looks back.
const DAYS: i64 = 30;
/// Addresses that are looked at, and that are shown.
const LOOKED_AT: i64 = 500;
const SHOWN: usize = 100;
const PLACE: &str = "/admin/missing";

#[derive(Template)]
#[template(path = "admin/missing.html")]
struct MissingPage {
    view: View,
    table: Table,
    days: i64,
}

/// Where a redirect from `path` is made.
fn redirect(path: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("/admin/redirects/new?{}", query.append_pair("from", path).finish())
}

#[get("/admin/missing")]
pub async fn list(
    _who: ReadContent,
    here: Dashboard,
    db: &State<Db>,
    telemetry: &State<Telemetry>,
    asked: Asked,
) -> Paged {
    let since = clock::iso_date(clock::now_ms() - DAYS * 86_400_000);
    let telemetry = telemetry.inner().clone();
    let read = move || telemetry.read_blocking(|conn| store::missed_since(conn, &since, LOOKED_AT));
    let found = tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| Error::Internal("reading missing pages panicked".into()))??;
    let known: db::Result<(Vec<String>, Vec<String>)> =
        db.read(|conn| Ok((redirects::ignored(conn)?, redirects::moved_from(conn)?))).await;
    let (ignored, moved) = known?;
    let shows_ignored = asked.get("show") == "ignored";
    let words = asked.get("q").to_lowercase();
    // What leads somewhere by now is no longer missing.
    let rows: Vec<Missed> = found
        .into_iter()
        .filter(|missed| !moved.contains(&missed.path))
        .filter(|missed| ignored.contains(&missed.path) == shows_ignored)
        .filter(|missed| missed.path.to_lowercase().contains(&words))
        .take(SHOWN)
        .collect();
    let view = here.view("Missing pages");
    let table = table(&view, &asked, here.may(Capability::EditContent), rows);
    Answer::page(&MissingPage { view, table, days: DAYS })
}

fn table(view: &View, asked: &Asked, may_edit: bool, found: Vec<Missed>) -> Table {
    let columns = vec![
        Column::new("Address"),
        Column::new("Times").number().minor(),
        Column::new("Last").minor(),
        Column::new("Redirect"),
        Column::new("Leave out"),
    ];
    let mut table = Table::new(view, asked, "missing pages", columns);
    let (act, label) = match asked.get("show") {
        "ignored" => ("heed", "List again"),
        _ => ("ignore", "Ignore"),
    };
    let row = |missed: Missed| {
        let mut cells = vec![
            Cell::Code(missed.path.clone()),
            Cell::Number(missed.times),
            Cell::text(missed.last_day),
        ];
        if may_edit {
            let (text, href) = ("Create redirect".to_owned(), redirect(&missed.path));
            let fields = vec![("path", missed.path.clone())];
            cells.push(Cell::Link { text, href });
            cells.push(Cell::Button { action: format!("{PLACE}/{act}"), label, fields });
        }
        Row { id: missed.path.clone(), label: missed.path, cells }
    };
    table.rows = found.into_iter().map(row).collect();
    if !may_edit {
        table.columns.truncate(3);
    }
    let ignored = ("ignored".to_owned(), "Ignored".to_owned());
    table.filters = vec![
        Filter::Search { name: "q", label: "Address" },
        Filter::Choice { name: "show", label: "Which", choices: vec![ignored] },
    ];
    table.empty = Empty {
        title: "Nobody has missed a page",
        text: "When visitors ask for an address that leads nowhere, it is counted here, and you can lead it on with one click.",
        action: None,
    };
    table
}

/// This address may stay missing.
#[post("/admin/missing/ignore", data = "<sent>")]
pub async fn ignore(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let path = path_of(&sent)?;
    let (actor, now, ignored) = (sent.who.actor(), clock::now_ms(), path.clone());
    let done: db::Result<()> =
        db.write(move |tx| redirects::edit::ignore(tx, &actor, &ignored, now)).await;
    done?;
    let flash = Flash::good(format!("{path} is left out from now on."));
    Ok(Answer::to(PLACE, flash.undo(format!("{PLACE}/heed"), &[("path", &path)])))
}

/// This address is to be listed again.
#[post("/admin/missing/heed", data = "<sent>")]
pub async fn heed(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let path = path_of(&sent)?;
    let (actor, now, heeded) = (sent.who.actor(), clock::now_ms(), path.clone());
    let done: db::Result<()> =
        db.write(move |tx| redirects::edit::heed(tx, &actor, &heeded, now)).await;
    done?;
    let flash = Flash::good(format!("{path} is listed again."));
    Ok(Answer::to(PLACE, flash.undo(format!("{PLACE}/ignore"), &[("path", &path)])))
}

fn path_of(sent: &Posted<EditContent>) -> Result<String, Error> {
    let path = sent.fields.get("path");
    let fits = path.starts_with('/') && path.len() <= 500;
    if fits { Ok(path.to_owned()) } else { Err(Error::NotFound) }
}
