//! `/admin/privacy/retention`: how long things are kept, and what a rule would take away.

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::caller::{EditSettings, ReadSettings};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::{Answer, Dashboard, Faults, Flash, Posted, View};
use crate::business::privacy::model::Kept;
use crate::business::privacy::retention::{self, COUNT_TO, Rule};
use crate::platform::clock;
use crate::platform::config::Live;
use crate::platform::db::{self, Db};
use crate::platform::error::Error;
use crate::platform::word::Word as _;

const PATH: &str = "/admin/privacy/retention";

/// A rule as the page shows it.
struct Line {
    rule: Rule,
    /// What stands in the field.
    typed: String,
    /// How many would go by what stands there; `None` where that is not counted.
    goes: Option<i64>,
    /// Not set yet: a preview.
    is_preview: bool,
}

#[derive(Template)]
#[template(path = "admin/privacy/retention.html")]
struct RulesPage {
    view: View,
    lines: Vec<Line>,
    /// Of which kind something is wrong.
    of: &'static str,
    faults: Faults,
}

impl RulesPage {
    fn word(line: &Line) -> &'static str {
        line.rule.kept.word()
    }

    fn bounds(line: &Line) -> (i64, i64) {
        line.rule.kept.bounds()
    }

    fn goes(line: &Line) -> String {
        match line.goes {
            Some(n) if n >= COUNT_TO => "10,000 or more".to_owned(),
            Some(n) => n.to_string(),
            None => String::new(),
        }
    }
}

/// The page, with what was typed for one kind.
async fn page(
    dashboard: &Dashboard,
    db: &Db,
    live: &Live,
    typed: Option<(Kept, String)>,
) -> Result<RulesPage, Error> {
    let (mailbox, now) = (i64::from(live.now().mail.keep_days), clock::now_ms());
    let lines: db::Result<Vec<Line>> = db
        .read(move |conn| {
            let mut lines = Vec::new();
            for rule in retention::rules(conn, mailbox)? {
                let own = typed.as_ref().filter(|(kept, _)| *kept == rule.kept);
                let shown = match own {
                    Some((_, text)) => text.clone(),
                    None => rule.days.map(|days| days.to_string()).unwrap_or_default(),
                };
                let days = retention::parse(rule.kept, &shown).unwrap_or(rule.days);
                let goes = retention::preview(conn, rule.kept, days, now)?;
                lines.push(Line { rule, typed: shown, goes, is_preview: own.is_some() });
            }
            Ok(lines)
        })
        .await;
    let view = dashboard.view("How long things are kept").below("Privacy", "/admin/privacy");
    Ok(RulesPage { view, lines: lines?, of: "", faults: Faults::default() })
}

#[get("/privacy/retention")]
pub(super) async fn list(
    _caller: ReadSettings,
    dashboard: Dashboard,
    db: &State<Db>,
    live: &State<Live>,
) -> Paged {
    Answer::page(&page(&dashboard, db, live, None).await?)
}

/// Looks what a rule would take away, sets it, or takes it back.
#[post("/privacy/retention/<kind>", data = "<posted>")]
pub(super) async fn update(
    posted: Posted<EditSettings>,
    db: &State<Db>,
    live: &State<Live>,
    kind: &str,
) -> Paged {
    let kept = Kept::of_word(kind).ok_or(Error::NotFound)?;
    let typed: String = posted.fields.get("days").chars().take(20).collect();
    let does = posted.fields.get("does").to_owned();
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let days = match retention::parse(kept, &typed) {
        Ok(days) => days,
        Err(_) if does == "default" => None,
        Err(fault) => {
            let mut page = page(&posted.dashboard, db, live, Some((kept, typed))).await?;
            page.of = kept.word();
            page.faults = Faults::of(Error::Invalid(vec![fault]))?;
            return Answer::refused(&page);
        }
    };
    match does.as_str() {
        "set" => {
            db.write(move |tx| retention::set(tx, &actor, kept, Some(days), now)).await?;
            let text = match days {
                Some(days) => {
                    format!("Kept for {days} days from now on. What is older goes within a day.")
                }
                None => "Kept for ever from now on.".to_owned(),
            };
            let flash =
                Flash::good(text).undo(format!("{PATH}/{}", kept.word()), &[("does", "default")]);
            Ok(Answer::to(PATH, flash))
        }
        "default" => {
            db.write(move |tx| retention::set(tx, &actor, kept, None, now)).await?;
            Ok(Answer::to(PATH, Flash::good("The default counts again.")))
        }
        _ => Answer::page(&page(&posted.dashboard, db, live, Some((kept, typed))).await?),
    }
}
