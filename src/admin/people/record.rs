//! `/admin/audit`: who changed what, before and after; and all of it for a spreadsheet.

use std::collections::BTreeSet;

use askama::Template;
use jiff::tz::TimeZone;
use rocket::response::stream::stream;
use rocket::{State, get};
use serde_json::{Map, Value};

use crate::admin::accounts::audit::{self, Change, Line, Wanted, words::in_words};
use crate::admin::accounts::caller::{Caller, ReadAudit};
use crate::admin::accounts::users::{self, User};
use crate::admin::shell::answer::{Paged, Refusal};
use crate::admin::shell::field::heading;
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table};
use crate::admin::shell::{Answer, Asked, Confirmed, Dashboard, View, times};
use crate::platform::db::{self, Conn, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::Download;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::id;
use crate::platform::{clock, csv};

const PATH: &str = "/admin/audit";
/// Characters of a change in a row.
const SHORT: usize = 160;
/// Lines that the export reads at once.
const BATCH: i64 = 500;
/// People who can be chosen.
const PEOPLE: i64 = 100;
const DAY_MS: i64 = 86_400_000;

#[derive(Template)]
#[template(path = "admin/people/record.html")]
struct RecordPage {
    view: View,
    table: Table,
}

/// One thing that was changed: its name, before, after.
struct Difference {
    name: String,
    before: String,
    after: String,
}

#[derive(Template)]
#[template(path = "admin/people/change.html")]
struct ChangePage {
    view: View,
    line: Line,
    differences: Vec<Difference>,
}

/// The lines that the address asks for.
fn wanted(asked: &Asked, zone: &TimeZone) -> Wanted {
    let order = asked.word("sort").unwrap_or(TimeOrder::Newest);
    let object = asked.get("object");
    let (kind, of) = object.split_once(':').unwrap_or((object, ""));
    let day = |name: &str| asked.parsed(name, |text| times::of_input(text, zone));
    Wanted {
        actor: asked.parsed("actor", id::parse).unwrap_or_default(),
        action: asked.get("action").to_owned(),
        object_kind: kind.trim().to_owned(),
        object_id: of.trim().to_owned(),
        since: day("since").unwrap_or(i64::MIN),
        until: day("until").map_or(i64::MAX, |at| at.saturating_add(DAY_MS)),
        after: asked.parsed("cursor", paging::decode).unwrap_or_else(|| order.start()),
        order,
    }
}

struct Listed {
    lines: Vec<Line>,
    actions: Vec<String>,
    people: Vec<User>,
}

fn read(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> Result<Listed, Error> {
    let order = TimeOrder::Oldest;
    let all = users::Wanted { role: None, suspended: None, order, after: order.start() };
    Ok(Listed {
        lines: audit::list(conn, wanted, limit)?,
        actions: audit::actions(conn)?,
        people: users::list(conn, &all, PEOPLE)?,
    })
}

#[get("/admin/audit")]
pub async fn list(_caller: ReadAudit, dashboard: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    let (limit, wanted) = (asked.limit(), wanted(&asked, &dashboard.zone));
    let Listed { mut lines, actions, people } =
        db.read(move |conn| read(conn, &wanted, limit + 1)).await?;
    let view = dashboard.view("Record");
    let columns = vec![
        Column::new("What"),
        Column::new("Who"),
        Column::new("To what").minor(),
        Column::new("When").sorted_down("created_at"),
    ];
    let mut table = Table::new(&view, &asked, "changes", columns);
    table.order = "-created_at";
    let people = people.into_iter().map(|user| (user.id, user.email)).collect();
    let actions = actions.into_iter().map(choice).collect();
    table.filters = vec![
        Filter::Choice { name: "actor", label: "Who", choices: people },
        Filter::Choice { name: "action", label: "What", choices: actions },
        Filter::Search { name: "object", label: "To what, such as user or user:<id>" },
        Filter::Day { name: "since", label: "From" },
        Filter::Day { name: "until", label: "To" },
    ];
    table.next = paging::cut(&mut lines, limit).map(|line| paging::encode(&line.id));
    table.rows = lines.iter().map(row).collect();
    table.export = Some("/admin/audit.csv");
    table.empty = Empty {
        title: "Nothing yet",
        text: "Every change by anybody is written here.",
        action: None,
    };
    Answer::page(&RecordPage { view, table })
}

/// A kind of change to choose, in words.
fn choice(action: String) -> (String, String) {
    let kind = action.split_once('.').map_or("", |(kind, _)| kind);
    let words = heading(&in_words(&action, kind));
    (action, words)
}

fn row(line: &Line) -> Row {
    let told: Vec<String> = differences(line)
        .into_iter()
        .map(|Difference { name, before, after }| match (before.as_str(), after.as_str()) {
            ("", after) => format!("{name}: {after}"),
            (before, "") => format!("{name} was {before}"),
            (before, after) => format!("{name}: {before} → {after}"),
        })
        .collect();
    let told = told.join("; ");
    let mut short: String = told.chars().take(SHORT).collect();
    if short.len() < told.len() {
        short.push('…');
    }
    let object: String = line.object_id.chars().take(40).collect();
    Row {
        id: line.id.clone(),
        label: line.action.clone(),
        cells: vec![
            Cell::Name {
                text: heading(&in_words(&line.action, &line.object_kind)),
                href: format!("{PATH}/{}", line.id),
                sub: short,
            },
            Cell::text(line.actor_label.clone()),
            Cell::Titled { text: line.object_kind.clone(), sub: object },
            Cell::Time(line.created_at),
        ],
    }
}

/// What is different after a change, by name.
fn differences(line: &Line) -> Vec<Difference> {
    let object = |text: &Option<String>| -> Map<String, Value> {
        text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    let (before, after) = (object(&line.before), object(&line.after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    changed
        .map(|name| Difference {
            name: name.replace('_', " "),
            before: readable(before.get(name)),
            after: readable(after.get(name)),
        })
        .collect()
}

fn readable(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(truth)) => if *truth { "yes" } else { "no" }.into(),
        Some(Value::Array(items)) => {
            items.iter().map(|item| readable(Some(item))).collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    }
}

#[get("/admin/audit/<id>")]
pub async fn show(_caller: ReadAudit, dashboard: Dashboard, db: &State<Db>, id: &str) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<Line> = db.read(move |conn| audit::by_id(conn, &id)).await;
    let line = found?;
    let words = heading(&in_words(&line.action, &line.object_kind));
    let view = dashboard.view(words).below("Record", PATH);
    Answer::page(&ChangePage { view, differences: differences(&line), line })
}

const HEAD: [&str; 10] = [
    "id",
    "at",
    "actor kind",
    "actor id",
    "actor",
    "action",
    "object kind",
    "object id",
    "before",
    "after",
];

#[get("/admin/audit.csv")]
pub async fn export(
    caller: ReadAudit,
    _confirmed: Confirmed,
    dashboard: Dashboard,
    db: &State<Db>,
    asked: Asked,
) -> Result<Download, Refusal> {
    let mut wanted = wanted(&asked, &dashboard.zone);
    let db = db.inner().clone();
    note(&db, &caller.0).await?;
    let lines = stream! {
        yield csv::line(&HEAD);
        loop {
            let next = wanted.clone();
            let read: db::Result<Vec<Line>> =
                db.read(move |conn| audit::list(conn, &next, BATCH)).await;
            let lines = match read {
                Ok(lines) => lines,
                Err(error) => {
                    log::error!("the export of the record ended early: {error}");
                    yield csv::line(&["The export ended early; export it again."]);
                    return;
                }
            };
            let Some(last) = lines.last() else { return };
            wanted.after = last.id.clone();
            let is_last = i64::try_from(lines.len()).is_ok_and(|count| count < BATCH);
            yield lines.iter().map(written).collect();
            if is_last {
                return;
            }
        }
    };
    Ok(Download::csv_lines("record.csv".into(), lines))
}

async fn note(db: &Db, caller: &Caller) -> db::Result<()> {
    let (actor, now) = (caller.actor(), clock::now_ms());
    let work = move |tx: &mut Tx<'_>| {
        audit::record(tx, &actor, &Change::of("audit.export", "audit", "csv"), now)
    };
    db.write(work).await
}

fn written(line: &Line) -> String {
    let at = clock::rfc3339(line.created_at);
    csv::line(&[
        &line.id,
        &at,
        &line.actor_kind,
        &line.actor_id,
        &line.actor_label,
        &line.action,
        &line.object_kind,
        &line.object_id,
        line.before.as_deref().unwrap_or_default(),
        line.after.as_deref().unwrap_or_default(),
    ])
}
