//! `/admin/log`: the newest lines of the program's log.

use askama::Template;
use rocket::{State, get};

use super::tail::{self, LEVELS, Line};
use crate::admin::accounts::caller::ReadJobs;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table, Tone};
use crate::admin::shell::{Answer, Asked, Dashboard, View};
use crate::platform::config::Live;
use crate::platform::error::Error;
use crate::platform::log as sink;

/// Lines that are shown.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "admin/logs/log.html")]
struct LogPage {
    view: View,
    table: Table,
    is_file: bool,
}

#[get("/admin/log")]
pub async fn show(
    _caller: ReadJobs,
    dashboard: Dashboard,
    live: &State<Live>,
    asked: Asked,
) -> Paged {
    let settings = live.now();
    let (is_file, dir) = (settings.log.files, settings.data.dir.join("logs"));
    let (level, words) = (asked.get("level").to_owned(), asked.text("q").unwrap_or_default());
    let read = move || -> std::io::Result<Vec<Line>> {
        let bytes = if is_file {
            tail::of_files(&dir)?
        } else {
            sink::installed().map(sink::Log::recent).unwrap_or_default()
        };
        Ok(tail::newest(&bytes, &level, &words, SHOWN))
    };
    let read = tokio::task::spawn_blocking(read).await;
    let read = read.map_err(|_| Error::Internal("reading the log panicked".into()))?;
    let lines = read.map_err(|error| Error::Internal(format!("the log: {error}")))?;
    let view = dashboard.view("Log");
    let columns = vec![
        Column::new("When"),
        Column::new("Level"),
        Column::new("What"),
        Column::new("From").minor(),
    ];
    let mut table = Table::new(&view, &asked, "lines", columns);
    let levels = LEVELS.iter().map(|level| ((*level).into(), format!("{level} and above")));
    table.filters = vec![
        Filter::Search { name: "q", label: "Words" },
        Filter::Choice { name: "level", label: "Level", choices: levels.collect() },
    ];
    table.rows = lines.iter().enumerate().map(|(at, line)| row(at, line, &view)).collect();
    table.empty = Empty {
        title: "Nothing yet",
        text: "What the program writes down stands here, the newest first.",
        action: None,
    };
    Answer::page(&LogPage { view, table, is_file })
}

fn row(at: usize, line: &Line, view: &View) -> Row {
    let tone = match line.level.as_str() {
        "warn" => Tone::Warn,
        "error" | "fatal" => Tone::Bad,
        _ => Tone::Plain,
    };
    let moment = line.at.parse::<jiff::Timestamp>().ok();
    let short = moment.map_or_else(
        || line.at.clone(),
        |at| at.to_zoned(view.zone.clone()).strftime("%-d %b %H:%M:%S").to_string(),
    );
    Row {
        id: at.to_string(),
        label: line.at.clone(),
        cells: vec![
            Cell::text(short),
            Cell::Badge(line.level.clone(), tone),
            Cell::Code(line.message.clone()),
            Cell::text(line.target.clone()),
        ],
    }
}
