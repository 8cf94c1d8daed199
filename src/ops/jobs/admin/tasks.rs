//! `/admin/tasks`: what time brings, how it went, and running it now.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::caller::{ReadJobs, RunJobs};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::field::heading;
use crate::admin::shell::table::{Cell, Column, Row, Table, Tone};
use crate::admin::shell::{Answer, Asked, Dashboard, Flash, Posted, View};
use crate::ops::jobs::edit;
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::Error;
use crate::platform::outbox::{Standing, Timetable};

#[derive(Template)]
#[template(path = "admin/jobs/tasks.html")]
struct TasksPage {
    view: View,
    table: Table,
    /// Those whose last run failed, with the reason.
    failed: Vec<(String, String)>,
}

#[get("/admin/tasks")]
pub async fn list(
    _caller: ReadJobs,
    dashboard: Dashboard,
    db: &State<Db>,
    timetable: &State<Arc<Timetable>>,
    asked: Asked,
) -> Paged {
    let known = Arc::clone(timetable);
    let found: db::Result<Vec<Standing>> = db.read(move |conn| known.standings(conn)).await;
    let found = found?;
    let view = dashboard.view("Tasks");
    let may_run = view.may("jobs:write");
    let columns = vec![
        Column::new("Task"),
        Column::new("Last run"),
        Column::new("Took").number().minor(),
        Column::new("Every").minor(),
        Column::new("Next run").minor(),
        Column::new("By hand"),
    ];
    let mut table = Table::new(&view, &asked, "tasks", columns);
    table.rows = found.iter().map(|task| row(task, may_run)).collect();
    let failed = found
        .iter()
        .filter_map(|task| task.last_error.clone().map(|error| (title(task.name), error)))
        .collect();
    Answer::page(&TasksPage { view, table, failed })
}

fn row(task: &Standing, may_run: bool) -> Row {
    let last = match (task.running, task.asked, &task.last_error) {
        (true, ..) => Cell::Badge("running".into(), Tone::Good),
        (_, true, _) => Cell::Badge("begins in a moment".into(), Tone::Plain),
        (.., Some(_)) => Cell::Badge("failed".into(), Tone::Bad),
        _ => Cell::TimeOr(task.last_started_at, "not yet"),
    };
    let button = Cell::Button {
        action: format!("/admin/tasks/{}/run", task.name),
        label: "Run now",
        fields: Vec::new(),
    };
    Row {
        id: task.name.into(),
        label: task.name.into(),
        cells: vec![
            Cell::Titled { text: title(task.name), sub: task.description.into() },
            last,
            task.last_duration_ms.map_or(Cell::Nothing, |ms| Cell::text(took(ms))),
            Cell::text(every(task.every)),
            Cell::TimeOr(task.next_run_at, "–"),
            if may_run { button } else { Cell::Nothing },
        ],
    }
}

/// `prune-mails` as a heading.
fn title(name: &str) -> String {
    heading(&name.replace('-', " "))
}

/// `12 ms`, `3.4 s`; the spaces keep figure and unit on one line.
fn took(ms: i64) -> String {
    if ms < 1000 {
        format!("{ms}\u{a0}ms")
    } else {
        format!("{}.{}\u{a0}s", ms / 1000, ms % 1000 / 100)
    }
}

/// `10 s`, `6 h`, `1 day`.
fn every(gap: Duration) -> String {
    match gap.as_secs() {
        seconds if seconds < 60 => format!("{seconds}\u{a0}s"),
        seconds if seconds < 3600 => format!("{}\u{a0}min", seconds / 60),
        seconds if seconds < 86_400 => format!("{}\u{a0}h", seconds / 3600),
        86_400 => "1\u{a0}day".into(),
        seconds => format!("{}\u{a0}days", seconds / 86_400),
    }
}

#[post("/admin/tasks/<name>/run", data = "<posted>")]
pub async fn run(
    db: &State<Db>,
    timetable: &State<Arc<Timetable>>,
    name: &str,
    posted: Posted<RunJobs>,
) -> Paged {
    if !timetable.has(name) {
        return Err(Error::NotFound.into());
    }
    let (table, task, now) = (Arc::clone(timetable), name.to_owned(), clock::now_ms());
    let actor = posted.who.actor();
    let asked: Result<Standing, Error> =
        db.write(move |tx| edit::run(tx, &actor, &table, &task, now)).await;
    asked?;
    timetable.hurry(name);
    let said =
        format!("“{}” begins in a moment. Open this page again to see how it went.", title(name));
    Ok(Answer::to("/admin/tasks", Flash::good(said)))
}
