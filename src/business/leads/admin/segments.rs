//! `/admin/segments`: filters that have a name, and how many they let through now.

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::caller::{EditLeads, ReadLeads};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::{Answer, Dashboard, Faults, Flash, Posted, View};
use crate::business::leads::filter::Filter;
use crate::business::leads::segments::{self, MUCH_WORK, Segment};
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::Error;
use crate::platform::id;

const PATH: &str = "/admin/segments";

/// A segment as the page shows it.
struct Line {
    segment: Segment,
    words: String,
    count: String,
}

#[derive(Template)]
#[template(path = "admin/segments/list.html")]
struct ListPage {
    view: View,
    lines: Vec<Line>,
    faults: Faults,
    /// What was typed, and for which: empty for a new one.
    name: String,
    of: String,
    /// The filter of a new one.
    query: String,
    query_words: String,
}

async fn page(dashboard: &Dashboard, db: &Db) -> Result<ListPage, Error> {
    let zone = dashboard.zone.clone();
    let lines: db::Result<Vec<Line>> = db
        .read(move |conn| {
            let (all, mut lines) = (segments::all(conn)?, Vec::new());
            // The more there are, the sooner each count ends with what it has.
            let work = MUCH_WORK / i64::try_from(all.len()).unwrap_or(1).max(4);
            for segment in all {
                let filter = Filter::parse(&segment.query).unwrap_or_default();
                let count = segments::count(conn, &filter, &zone, work)?.words();
                lines.push(Line { words: filter.words(), segment, count });
            }
            Ok(lines)
        })
        .await;
    Ok(ListPage {
        view: dashboard.view("Segments"),
        lines: lines?,
        faults: Faults::default(),
        name: String::new(),
        of: String::new(),
        query: String::new(),
        query_words: String::new(),
    })
}

#[get("/segments")]
pub(super) async fn list(_caller: ReadLeads, dashboard: Dashboard, db: &State<Db>) -> Paged {
    Answer::page(&page(&dashboard, db).await?)
}

#[post("/segments", data = "<posted>")]
pub(super) async fn create(posted: Posted<EditLeads>, db: &State<Db>) -> Paged {
    let filter = Filter::parse(posted.fields.get("query")).map_err(Error::Invalid)?;
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let (typed, asked) = (posted.fields.get("name").to_owned(), filter.clone());
    let name = typed.clone();
    let made = db.write(move |tx| segments::create(tx, &actor, &name, &asked, now)).await;
    match made {
        Ok(segment) => {
            let flash = Flash::good(format!("Saved as {}.", segment.name))
                .undo(format!("{PATH}/{}/remove", segment.id), &[]);
            Ok(Answer::to(PATH, flash))
        }
        Err(error) => {
            let faults = Faults::of(error)?;
            let mut page = page(&posted.dashboard, db).await?;
            page.faults = faults;
            page.name = typed.chars().take(200).collect();
            page.query = filter.query();
            page.query_words = filter.words();
            Answer::refused(&page)
        }
    }
}

#[post("/segments/<id>", data = "<posted>")]
pub(super) async fn update(posted: Posted<EditLeads>, db: &State<Db>, id: &str) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let typed = posted.fields.get("name").to_owned();
    let (of, name) = (id.clone(), typed.clone());
    match db.write(move |tx| segments::rename(tx, &actor, &of, &name, now)).await {
        Ok(segment) => {
            Ok(Answer::to(PATH, Flash::good(format!("It is called {} now.", segment.name))))
        }
        Err(error) => {
            let faults = Faults::of(error)?;
            let mut page = page(&posted.dashboard, db).await?;
            page.faults = faults;
            page.name = typed.chars().take(200).collect();
            page.of = id;
            Answer::refused(&page)
        }
    }
}

#[post("/segments/<id>/remove", data = "<posted>")]
pub(super) async fn remove(posted: Posted<EditLeads>, db: &State<Db>, id: &str) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let gone: db::Result<Segment> =
        db.write(move |tx| segments::remove(tx, &actor, &id, now)).await;
    let gone = gone?;
    let flash = Flash::good(format!("{} is gone; the leads are as they were.", gone.name))
        .undo(PATH, &[("name", &gone.name), ("query", &gone.query)]);
    Ok(Answer::to(PATH, flash))
}
