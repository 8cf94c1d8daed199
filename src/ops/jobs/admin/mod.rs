//! `/admin/jobs`: what waits, what runs, what failed for good; and another try, or none.

pub mod tasks;

use askama::Template;
use rocket::{State as Managed, get, post};

use super::model::{Job, State, Wanted, is_kind};
use super::{edit, store};
use crate::admin::accounts::caller::{ReadJobs, RunJobs};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::table::{Bulk, Cell, Column, Empty, Filter, Row, Table, Tone};
use crate::admin::shell::{Answer, Asked, Dashboard, Flash, Posted, View};
use crate::platform::clock;
use crate::platform::db::{Conn, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::id;
use crate::platform::word::Word;

const PATH: &str = "/admin/jobs";
/// Characters of an error in a row.
const SHORT: usize = 140;

#[derive(Template)]
#[template(path = "admin/jobs/list.html")]
struct ListPage {
    view: View,
    table: Table,
    dead: i64,
    fault: String,
    may_run: bool,
}

#[derive(Template)]
#[template(path = "admin/jobs/one.html")]
struct OnePage {
    view: View,
    job: Job,
    state: &'static str,
    class: &'static str,
    is_dead: bool,
    may_run: bool,
    reason: String,
    fault: String,
}

fn tone(state: State) -> Tone {
    match state {
        State::Waiting => Tone::Plain,
        State::Running => Tone::Good,
        State::Dead => Tone::Bad,
    }
}

/// `welcome_mail` as people say it.
fn said(kind: &str) -> String {
    crate::admin::shell::field::sentence(&kind.replace(['_', '.', '-'], " "))
        .trim_end_matches('.')
        .to_owned()
}

fn row(job: &Job, now: i64) -> Row {
    let state = job.state(now);
    let why = job.last_error.as_deref().unwrap_or_default();
    let mut short: String = why.chars().take(SHORT).collect();
    if short.len() < why.len() {
        short.push('…');
    }
    Row {
        id: job.id.clone(),
        label: said(&job.kind),
        cells: vec![
            Cell::Name { text: said(&job.kind), href: format!("{PATH}/{}", job.id), sub: short },
            Cell::Badge(state.word().into(), tone(state)),
            Cell::Number(job.attempts),
            Cell::Time(job.dead_at.unwrap_or(job.due_at)),
            Cell::Time(job.created_at),
        ],
    }
}

struct Listed {
    jobs: Vec<Job>,
    kinds: Vec<String>,
    dead: i64,
}

async fn page(
    dashboard: &Dashboard,
    db: &Db,
    asked: &Asked,
    fault: String,
) -> Result<ListPage, Error> {
    let (limit, now) = (asked.limit(), clock::now_ms());
    let order = asked.word("sort").unwrap_or(TimeOrder::Newest);
    let kind = asked.parsed("kind", |text| is_kind(text).then(|| text.to_owned()));
    let after = asked.parsed("cursor", paging::decode).unwrap_or_else(|| order.start());
    let wanted = Wanted {
        state: asked.word("state"),
        kind: kind.unwrap_or_default(),
        order,
        after,
        now_ms: now,
    };
    let read = move |conn: &mut Conn<'_>| -> Result<Listed, Error> {
        let jobs = store::list(conn, &wanted, limit + 1)?;
        Ok(Listed { jobs, kinds: store::kinds(conn)?, dead: store::dead(conn, "")? })
    };
    let Listed { mut jobs, kinds, dead } = db.read(read).await?;
    let view = dashboard.view("Jobs");
    let may_run = view.may("jobs:write");
    let columns = vec![
        Column::new("Work"),
        Column::new("State"),
        Column::new("Tries").number(),
        Column::new("Next or last try").minor(),
        Column::new("Queued").sorted_down("created_at").minor(),
    ];
    let mut table = Table::new(&view, asked, "jobs", columns);
    table.order = "-created_at";
    let states = State::ALL.iter().map(|s| (s.word().into(), s.word().into())).collect();
    table.filters = vec![
        Filter::Choice { name: "state", label: "State", choices: states },
        Filter::Choice {
            name: "kind",
            label: "Work",
            choices: kinds.iter().map(|kind| (kind.clone(), said(kind))).collect(),
        },
    ];
    table.next = paging::cut(&mut jobs, limit).map(|job| paging::encode(&job.id));
    if may_run && jobs.iter().any(|job| job.dead_at.is_some()) {
        table.bulk = bulk();
    }
    table.rows = jobs.iter().map(|job| row(job, now)).collect();
    table.empty = Empty {
        title: "Nothing waits",
        text: "Mails and webhooks stand here until they are done, and stay when they fail for good.",
        action: Some(("See the tasks", "/admin/tasks".into())),
    };
    Ok(ListPage { view, table, dead, fault, may_run })
}

fn bulk() -> Vec<Bulk> {
    vec![
        Bulk { action: format!("{PATH}/retry"), label: "Try again", is_danger: false, field: None },
        Bulk {
            action: format!("{PATH}/discard"),
            label: "Discard",
            is_danger: true,
            field: Some(("reason", "Why discard")),
        },
    ]
}

#[get("/admin/jobs")]
pub async fn list(
    _caller: ReadJobs,
    dashboard: Dashboard,
    db: &Managed<Db>,
    asked: Asked,
) -> Paged {
    Answer::page(&page(&dashboard, db, &asked, String::new()).await?)
}

async fn one(
    dashboard: &Dashboard,
    db: &Db,
    id: &str,
    (reason, fault): (String, String),
) -> Result<OnePage, Error> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let job = db.read(move |conn| Ok::<_, Error>(store::by_id(conn, &id)?)).await?;
    let view = dashboard.view(said(&job.kind)).below("Jobs", PATH);
    let may_run = view.may("jobs:write");
    let state = job.state(clock::now_ms());
    let (word, class) = (state.word(), tone(state).class());
    let is_dead = state == State::Dead;
    Ok(OnePage { state: word, class, is_dead, view, job, may_run, reason, fault })
}

#[get("/admin/jobs/<id>")]
pub async fn show(_caller: ReadJobs, dashboard: Dashboard, db: &Managed<Db>, id: &str) -> Paged {
    let nothing = (String::new(), String::new());
    Answer::page(&one(&dashboard, db, id, nothing).await?)
}

/// The rows that a form is about.
enum Chosen {
    /// Every dead letter, of one kind or of all.
    All(String),
    These(Vec<String>),
}

fn chosen(posted: &Posted<RunJobs>) -> Chosen {
    let fields = &posted.fields;
    if fields.is_on("all") {
        let asked = Asked::read(PATH, fields.get("filters"));
        let kind = asked.parsed("kind", |text| is_kind(text).then(|| text.to_owned()));
        return Chosen::All(kind.unwrap_or_default());
    }
    Chosen::These(fields.all("id").into_iter().filter_map(id::parse).collect())
}

/// Whether dead letters are among the rows that the form's filter shows.
fn may_be_dead(posted: &Posted<RunJobs>) -> bool {
    let asked = Asked::read(PATH, posted.fields.get("filters"));
    asked.word::<State>("state").is_none_or(|state| state == State::Dead)
}

/// `1 job`, `3 jobs`.
fn counted(count: usize) -> String {
    if count == 1 { "1 job".into() } else { format!("{count} jobs") }
}

#[post("/admin/jobs/retry", data = "<posted>")]
pub async fn retry(db: &Managed<Db>, posted: Posted<RunJobs>) -> Paged {
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    match chosen(&posted) {
        Chosen::All(kind) => {
            let work = move |tx: &mut Tx<'_>| -> Result<(i64, i64), Error> {
                Ok(edit::retry_all(tx, &actor, &kind, now)?)
            };
            let (retried, left) = db.write(work).await?;
            let count = counted(usize::try_from(retried).unwrap_or(0));
            let more = if left > 0 { format!(" {left} more are dead.") } else { String::new() };
            Ok(Answer::to(PATH, Flash::good(format!("{count} tried again now.{more}"))))
        }
        Chosen::These(ids) => {
            let work =
                move |tx: &mut Tx<'_>| each(&ids, |id| edit::retry(tx, &actor, id, now).map(drop));
            let (done, left) = db.write(work).await?;
            Ok(Answer::to(PATH, told(done, left, "tried again now")))
        }
    }
}

/// Does `act` to each; how many it was done to, and how many are no dead letters any more.
fn each(
    ids: &[String],
    mut act: impl FnMut(&str) -> Result<(), Error>,
) -> Result<(usize, usize), Error> {
    let (mut done, mut left) = (0, 0);
    for id in ids {
        match act(id) {
            Ok(()) => done += 1,
            Err(Error::Conflict(_) | Error::NotFound) => left += 1,
            Err(error) => return Err(error),
        }
    }
    Ok((done, left))
}

fn told(done: usize, left: usize, what: &str) -> Flash {
    match (done, left) {
        (0, 0) => Flash::bad("Choose jobs first."),
        (0, _) => Flash::bad("Nothing was done: these are no dead letters any more."),
        (_, 0) => Flash::good(format!("{} {what}.", counted(done))),
        _ => Flash::good(format!("{} {what}. {left} were no dead letters.", counted(done))),
    }
}

#[post("/admin/jobs/discard", data = "<posted>")]
pub async fn discard(db: &Managed<Db>, posted: Posted<RunJobs>) -> Paged {
    let typed = posted.fields.get("reason").trim().to_owned();
    let reason = match edit::parse_reason(Some(&typed)) {
        Ok(reason) => reason,
        Err(fault) => {
            let fault = if typed.is_empty() {
                "Say why they are discarded; nothing was done.".to_owned()
            } else {
                crate::admin::shell::field::sentence(&fault.message)
            };
            return refuse(db, &posted, typed, fault).await;
        }
    };
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let ids = match chosen(&posted) {
        Chosen::These(ids) => ids,
        Chosen::All(_) if !may_be_dead(&posted) => {
            let fault = "What still waits is not discarded: only what failed for good.".to_owned();
            return refuse(db, &posted, typed, fault).await;
        }
        Chosen::All(kind) => {
            let work = move |tx: &mut Tx<'_>| -> Result<(i64, i64), Error> {
                Ok(edit::discard_all(tx, &actor, &kind, &reason, now)?)
            };
            let (gone, left) = db.write(work).await?;
            let count = counted(usize::try_from(gone).unwrap_or(0));
            let more = if left > 0 { format!(" {left} more are dead.") } else { String::new() };
            let said = format!("{count} discarded; the record has the reason.{more}");
            return Ok(Answer::to(PATH, Flash::good(said)));
        }
    };
    let work = move |tx: &mut Tx<'_>| each(&ids, |id| edit::discard(tx, &actor, id, &reason, now));
    let (done, left) = db.write(work).await?;
    Ok(Answer::to(PATH, told(done, left, "discarded; the record has the reason")))
}

/// The page that a form came from, with what was typed.
async fn refuse(db: &Db, posted: &Posted<RunJobs>, typed: String, fault: String) -> Paged {
    if posted.fields.is_on("one") {
        let page = one(&posted.dashboard, db, posted.fields.get("id"), (typed, fault)).await?;
        return Answer::refused(&page);
    }
    let asked = Asked::read(PATH, posted.fields.get("filters"));
    Answer::refused(&page(&posted.dashboard, db, &asked, fault).await?)
}
