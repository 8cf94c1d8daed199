//! `/admin`: what is still to be done before people come, who came, what needs somebody, what changed lately.

use std::sync::Arc;

use askama::Template;
use jiff::Timestamp;
use rocket::{State, get};

use super::chart::Chart;
use super::launch::{self, Step};
use crate::admin::accounts::audit::{self, words::in_words};
use crate::admin::accounts::caller::Caller;
use crate::admin::accounts::model::Capability;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::table::grouped;
use crate::admin::shell::{Answer, Dashboard, View};
use crate::business::leads::figures;
use crate::ops::rotation;
use crate::platform::config::{Live, Settings};
use crate::platform::db::{Conn, Db};
use crate::platform::error::Error;
use crate::platform::{clock, outbox};

const DAYS: i64 = 30;
const DAY_MS: i64 = 86_400_000;
/// Lines of the record that are shown, of those that are looked at.
const LINES: usize = 8;
const LOOKED_AT: i64 = 100;

/// Something that waits for somebody.
struct Need {
    text: String,
    href: &'static str,
    action: &'static str,
}

/// A line of the record, in words.
struct Lately {
    who: String,
    what: String,
    at: i64,
}

/// Who came.
struct Leads {
    today: String,
    week: String,
    month: String,
    chart: Chart,
    sources: Vec<Source>,
}

/// From where some of them came.
struct Source {
    text: String,
    /// Whether `text` is a page of the site.
    is_page: bool,
    count: String,
}

impl Source {
    fn of((page, count): (String, i64)) -> Self {
        let is_page = page.starts_with('/');
        let text = match page.as_str() {
            "import" => "Lists you brought in".to_owned(),
            "api" => "Other programs".to_owned(),
            _ => page,
        };
        Self { text, is_page, count: grouped(count) }
    }
}

#[derive(Template)]
#[template(path = "admin/dashboard/home.html")]
struct HomePage {
    view: View,
    steps: Vec<Step>,
    leads: Option<Leads>,
    needs: Vec<Need>,
    lately: Vec<Lately>,
}

/// What is read for one person.
struct Wanted {
    settings: Arc<Settings>,
    who: Caller,
    ahead_ms: i64,
}

#[get("/admin")]
pub async fn show(dashboard: Dashboard, db: &State<Db>, live: &State<Live>) -> Paged {
    let now = clock::now_ms();
    let offset = Timestamp::from_millisecond(now)
        .map_or(0, |at| i64::from(dashboard.zone.to_offset(at).seconds()));
    let wanted = Wanted {
        settings: Arc::clone(&live.now()),
        who: dashboard.who.clone(),
        ahead_ms: offset * 1000,
    };
    let view = dashboard.view("Home");
    let page: Result<HomePage, Error> = db.read(move |conn| read(conn, view, &wanted, now)).await;
    Answer::page(&page?)
}

fn read(conn: &mut Conn<'_>, view: View, wanted: &Wanted, now: i64) -> Result<HomePage, Error> {
    let who = &wanted.who;
    let sees_figures = who.may(Capability::ReadLeads) || who.may(Capability::ReadInsights);
    let steps = if who.may(Capability::EditSettings) {
        launch::steps(conn, &wanted.settings, who.user.has_totp)?
    } else {
        Vec::new()
    };
    let is_launched = steps.iter().all(|step| step.is_done);
    Ok(HomePage {
        steps: if is_launched { Vec::new() } else { steps },
        leads: if sees_figures { Some(leads(conn, wanted.ahead_ms, now)?) } else { None },
        needs: needs(conn, wanted, now)?,
        lately: if who.may(Capability::ReadAudit) { lately(conn)? } else { Vec::new() },
        view,
    })
}

fn leads(conn: &mut Conn<'_>, ahead_ms: i64, now: i64) -> Result<Leads, Error> {
    let today = (now + ahead_ms) / DAY_MS;
    let first = today - DAYS + 1;
    let since = first * DAY_MS - ahead_ms;
    let found = figures::by_day(conn, first, today, ahead_ms)?;
    let of_today = found.last().map_or(0, |(_, count)| *count);
    let days: Vec<(i64, i64)> = found.iter().map(|(day, count)| (day * DAY_MS, *count)).collect();
    let sum = |days: &[(i64, i64)]| grouped(days.iter().map(|(_, count)| count).sum());
    let sources = figures::sources(conn, since, 5)?;
    Ok(Leads {
        today: grouped(of_today),
        week: sum(&days[days.len() - 7..]),
        month: sum(&days),
        chart: Chart::of(&days),
        sources: sources.into_iter().map(Source::of).collect(),
    })
}

fn needs(conn: &mut Conn<'_>, wanted: &Wanted, now: i64) -> Result<Vec<Need>, Error> {
    let mut needs = Vec::new();
    if wanted.who.may(Capability::ReadJobs) {
        let (dead, _) = outbox::dead_or_due(conn)?;
        if dead > 0 {
            let text = match dead {
                1 => "A piece of work has failed for good".to_owned(),
                dead => format!("{} pieces of work have failed for good", grouped(dead)),
            };
            needs.push(Need { text, href: "/admin/jobs?state=dead", action: "Look at them" });
        }
    }
    if wanted.who.may(Capability::ManageKeys) {
        let due = rotation::calendar(conn, &wanted.settings, now)?;
        for entry in due.iter().filter(|entry| entry.is_due_soon(now)) {
            let text = format!("The key {} is due to be replaced", entry.id);
            needs.push(Need { text, href: "/admin/keys", action: "Replace it" });
        }
    }
    Ok(needs)
}

/// What changed: who came and went at the dashboard is in the record.
fn lately(conn: &mut Conn<'_>) -> Result<Vec<Lately>, Error> {
    let mut lines = audit::newest(conn, LOOKED_AT)?;
    lines.retain(|line| !line.action.starts_with("auth."));
    let told = lines.into_iter().take(LINES).map(|line| Lately {
        what: in_words(&line.action, &line.object_kind),
        who: line.actor_label,
        at: line.created_at,
    });
    Ok(told.collect())
}
