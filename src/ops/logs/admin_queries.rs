//! `/admin/queries`: statements that took too long, without values.

use askama::Template;
use rocket::{State, get};

use super::model::Slowest;
use super::store;
use crate::admin::accounts::caller::ReadJobs;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table};
use crate::admin::shell::{Answer, Asked, Dashboard, View};
use crate::platform::clock;
use crate::platform::config::Live;
use crate::platform::db::telemetry::Telemetry;
use crate::platform::error::Error;

const SHOWN: i64 = 100;
const DAY_MS: i64 = 86_400_000;
/// Days that the list may look back.
const SPANS: [i64; 4] = [1, 7, 30, 90];

#[derive(Template)]
#[template(path = "admin/logs/queries.html")]
struct QueriesPage {
    view: View,
    table: Table,
    slow_ms: u64,
}

#[get("/admin/queries")]
pub async fn list(
    _caller: ReadJobs,
    dashboard: Dashboard,
    telemetry: &State<Telemetry>,
    live: &State<Live>,
    asked: Asked,
) -> Paged {
    let days = asked.parsed("days", |text| text.parse().ok().filter(|days| SPANS.contains(days)));
    let since = clock::iso_date(clock::now_ms() - (days.unwrap_or(7) - 1) * DAY_MS);
    let by_times = asked.get("sort") == "-times";
    let telemetry = telemetry.inner().clone();
    let read =
        move || telemetry.read_blocking(|conn| store::slowest(conn, &since, by_times, SHOWN));
    let found = tokio::task::spawn_blocking(read).await;
    let found = found.map_err(|_| Error::Internal("reading slow statements panicked".into()))??;
    let view = dashboard.view("Slow queries");
    let columns = vec![
        Column::new("Statement"),
        Column::new("Slowest").sorted_down("worst").number(),
        Column::new("Times").sorted_down("times").number(),
        Column::new("Last on").minor(),
    ];
    let mut table = Table::new(&view, &asked, "statements", columns);
    table.order = "-worst";
    let spans = SPANS.map(|days| {
        let label = if days == 1 { "today".to_owned() } else { format!("last {days} days") };
        (days.to_string(), label)
    });
    table.filters = vec![Filter::Choice { name: "days", label: "Since", choices: spans.to_vec() }];
    table.rows = found.iter().enumerate().map(|(at, slow)| row(at, slow)).collect();
    table.empty = Empty {
        title: "Nothing was slow",
        text: "Statements of the last seven days that took longer than the limit stand here, without values.",
        action: None,
    };
    Answer::page(&QueriesPage { view, table, slow_ms: live.now().log.slow_query_ms })
}

fn row(at: usize, slow: &Slowest) -> Row {
    Row {
        id: at.to_string(),
        label: slow.statement.clone(),
        cells: vec![
            Cell::Code(slow.statement.clone()),
            Cell::text(format!("{} ms", slow.worst_ms)),
            Cell::Number(slow.times),
            Cell::text(slow.last_day.clone()),
        ],
    }
}
