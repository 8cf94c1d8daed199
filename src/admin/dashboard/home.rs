//! `/admin`: what is still to be done before people come, who came, what needs somebody, what changed lately.

use std::sync::Arc;

use askama::Template;
use jiff::Timestamp;
use rocket::{State, get};

use super::chart::Chart;
use super::launch::{self, Step};
use crate::admin::accounts::audit;
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
const LINES: i64 = 8;

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
    sources: Vec<(String, String)>,
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
        sources: sources.into_iter().map(|(page, count)| (page, grouped(count))).collect(),
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

fn lately(conn: &mut Conn<'_>) -> Result<Vec<Lately>, Error> {
    let lines = audit::newest(conn, LINES)?;
    let told = lines.into_iter().map(|line| Lately {
        what: in_words(&line.action, &line.object_kind),
        who: line.actor_label,
        at: line.created_at,
    });
    Ok(told.collect())
}

/// `lead.update` as a person would say it.
fn in_words(action: &str, kind: &str) -> String {
    let (_, verb) = action.split_once('.').unwrap_or(("", action));
    let past = match verb {
        "create" => "added",
        "update" => "changed",
        "delete" => "removed",
        "log_in" => return "logged in".into(),
        "log_out" => return "logged out".into(),
        "end_session" => return "ended a session".into(),
        "rotate" => "replaced",
        "set" => "set",
        "totp_on" => return "turned the second factor on".into(),
        "totp_off" => return "turned the second factor off".into(),
        "revoke" => "revoked",
        "discard" => "discarded",
        "retry" => "tried again",
        other => return format!("{} ({kind})", other.replace('_', " ")),
    };
    let kind = kind.replace('_', " ");
    let article = if kind.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{past} {article} {kind}")
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn the_record_is_told_in_words() {
        assert_eq!(in_words("lead.update", "lead"), "changed a lead");
        assert_eq!(in_words("article.create", "article"), "added an article");
        assert_eq!(in_words("auth.log_in", "session"), "logged in");
        assert_eq!(in_words("privacy.hold_back", "lead"), "hold back (lead)");
    }
}
