//! `/admin/privacy`: what people have asked about their data.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::Accounts;
use crate::admin::accounts::audit::{self, Change};
use crate::admin::accounts::caller::{EditLeads, ReadLeads};
use crate::admin::shell::answer::{Paged, Refusal};
use crate::admin::shell::{
    Answer, Asked, Confirmed, Dashboard, Faults, Fields, Flash, Posted, View,
};
use crate::business::leads::filter::day_ms;
use crate::business::privacy::model::{Kind, Outcome};
use crate::business::privacy::requests::{self, Request};
use crate::business::privacy::{archive, erase};
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::Download;
use crate::platform::id;
use crate::platform::word::Word as _;

const PATH: &str = "/admin/privacy";
/// Requests on a page.
const AT_ONCE: i64 = 50;

#[derive(Template)]
#[template(path = "admin/privacy/requests.html")]
struct ListPage {
    view: View,
    requests: Vec<Request>,
    is_closed: bool,
    next: Option<String>,
    form: Form,
    faults: Faults,
}

/// What the form of a new request holds.
#[derive(Default)]
struct Form {
    kind: String,
    email: String,
    note: String,
    received: String,
}

impl ListPage {
    fn kinds() -> &'static [Kind] {
        Kind::ALL
    }

    fn today(&self) -> String {
        clock::iso_date(self.view.now_ms)
    }
}

/// A place in the list: a time and an id.
fn place(text: &str) -> Option<(i64, String)> {
    let (at, id) = text.split_once('-')?;
    Some((at.parse().ok()?, id::parse(id)?))
}

async fn page(dashboard: &Dashboard, db: &Db, asked: &Asked) -> Result<ListPage, Error> {
    let is_closed = asked.get("show") == "closed";
    let start = (if is_closed { i64::MAX } else { i64::MIN }, String::new());
    let (at, id) = asked.parsed("cursor", place).unwrap_or(start);
    let found: db::Result<Vec<Request>> = db
        .read(move |conn| {
            if is_closed {
                requests::closed(conn, (at, &id), AT_ONCE)
            } else {
                requests::open(conn, (at, &id), AT_ONCE)
            }
        })
        .await;
    let requests = found?;
    let last = requests.last().filter(|_| requests.len() as i64 == AT_ONCE);
    let next = last.map(|last| {
        let at = if is_closed { last.closed_at.unwrap_or(0) } else { last.due_at };
        asked.with("cursor", &format!("{at}-{}", last.id))
    });
    let form = Form { received: clock::iso_date(clock::now_ms()), ..Form::default() };
    let view = dashboard.view("Privacy");
    Ok(ListPage { view, requests, is_closed, next, form, faults: Faults::default() })
}

#[get("/privacy")]
pub(super) async fn list(
    _caller: ReadLeads,
    dashboard: Dashboard,
    asked: Asked,
    db: &State<Db>,
) -> Paged {
    Answer::page(&page(&dashboard, db, &asked).await?)
}

fn read(fields: &Fields, now_ms: i64) -> Result<Request, Error> {
    let text = |name| Some(fields.get(name));
    let received = day_ms(fields.get("received").trim());
    requests::parse(text("kind"), text("email"), text("note"), received, now_ms)
        .map_err(Error::Invalid)
}

#[post("/privacy", data = "<posted>")]
pub(super) async fn create(posted: Posted<EditLeads>, db: &State<Db>) -> Paged {
    let now = clock::now_ms();
    let fields = &posted.fields;
    match read(fields, now) {
        Ok(request) => {
            let (actor, id) = (posted.who.actor(), request.id.clone());
            let written: db::Result<()> =
                db.write(move |tx| requests::create(tx, &actor, &request, now)).await;
            written?;
            let flash = Flash::good("Written down. You have 30 days to answer.");
            Ok(Answer::to(format!("{PATH}/{id}"), flash))
        }
        Err(error) => {
            let faults = Faults::of(error)?;
            let mut page = page(&posted.dashboard, db, &Asked::read(PATH, "")).await?;
            let typed = |name: &str| fields.get(name).chars().take(3000).collect();
            page.form = Form {
                kind: typed("kind"),
                email: typed("email"),
                note: typed("note"),
                received: typed("received"),
            };
            page.faults = faults;
            Answer::refused(&page)
        }
    }
}

#[derive(Template)]
#[template(path = "admin/privacy/request.html")]
struct RequestPage {
    view: View,
    request: Request,
    /// What is kept: the lead's id, and how much happened.
    lead: Option<String>,
    moments: usize,
    is_known: bool,
    faults: Faults,
}

impl RequestPage {
    fn outcomes() -> &'static [Outcome] {
        Outcome::ALL
    }

    fn is_about(&self, kind: &str) -> bool {
        self.request.kind.word() == kind
    }
}

async fn one(dashboard: &Dashboard, db: &Db, id: &str) -> Result<RequestPage, Error> {
    let (id, now) = (id::parse(id).ok_or(Error::NotFound)?, clock::now_ms());
    let (request, lead, moments) = db
        .read(move |conn| -> db::Result<_> {
            let request = requests::by_id(conn, &id)?;
            if request.address.is_empty() {
                return Ok((request, None, 0));
            }
            let person = archive::gather(conn, &request.address, now)?;
            Ok((request, person.lead.map(|lead| lead.id), person.moments.len()))
        })
        .await?;
    Ok(RequestPage {
        view: dashboard.view(request.kind.label()).below("Privacy", PATH),
        is_known: lead.is_some() || moments > 0,
        request,
        lead,
        moments,
        faults: Faults::default(),
    })
}

#[get("/privacy/<id>", rank = 1)]
pub(super) async fn show(
    _caller: ReadLeads,
    dashboard: Dashboard,
    db: &State<Db>,
    id: &str,
) -> Paged {
    Answer::page(&one(&dashboard, db, id).await?)
}

#[post("/privacy/<id>/close", data = "<posted>", rank = 1)]
pub(super) async fn close(posted: Posted<EditLeads>, db: &State<Db>, id: &str) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (actor, now, of) = (posted.who.actor(), clock::now_ms(), id.clone());
    let note = posted.fields.get("outcome_note").to_owned();
    let closed = match Outcome::of_word(posted.fields.get("outcome")) {
        Some(outcome) => {
            db.write(move |tx| requests::close(tx, &actor, &of, outcome, &note, now)).await
        }
        None => Err(Error::Invalid(vec![Fault::of("outcome", "required", "Choose how it ended")])),
    };
    match closed {
        Ok(()) => {
            let flash = Flash::good("Closed.").undo(format!("{PATH}/{id}/reopen"), &[]);
            Ok(Answer::to(PATH, flash))
        }
        Err(error) => {
            let faults = Faults::of(error)?;
            let mut page = one(&posted.dashboard, db, &id).await?;
            page.request.outcome_note =
                posted.fields.get("outcome_note").chars().take(5000).collect();
            page.faults = faults;
            Answer::refused(&page)
        }
    }
}

#[post("/privacy/<id>/reopen", data = "<posted>", rank = 1)]
pub(super) async fn reopen(posted: Posted<EditLeads>, db: &State<Db>, id: &str) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (actor, now, of) = (posted.who.actor(), clock::now_ms(), id.clone());
    db.write(move |tx| requests::reopen(tx, &actor, &of, now)).await?;
    Ok(Answer::to(format!("{PATH}/{id}"), Flash::good("It is open again.")))
}

/// Everything that is kept about whoever asked.
#[get("/privacy/<id>/export", rank = 1)]
pub(super) async fn download(
    caller: ReadLeads,
    _confirmed: Confirmed,
    db: &State<Db>,
    id: &str,
) -> Result<Download, Refusal> {
    let (id, now) = (id::parse(id).ok_or(Error::NotFound)?, clock::now_ms());
    let of = id.clone();
    let person = db
        .read(move |conn| -> Result<_, Error> {
            let request = requests::by_id(conn, &of)?;
            if request.address.is_empty() {
                return Err(Error::NotFound);
            }
            Ok(archive::gather(conn, &request.address, now)?)
        })
        .await?;
    let bytes = rocket::tokio::task::spawn_blocking(move || person.zip())
        .await
        .map_err(|_| Error::Internal("an archive panicked".into()))??;
    let (actor, of) = (caller.0.actor(), id.clone());
    let written: db::Result<()> = db
        .write(move |tx| {
            audit::record(tx, &actor, &Change::of("privacy.export", "request", &of), now)
        })
        .await;
    written?;
    Ok(Download::zip(format!("request-{}.zip", &id[..8]), bytes))
}

/// Erases whoever asked.
#[post("/privacy/<id>/erase", data = "<posted>", rank = 1)]
pub(super) async fn remove(
    posted: Posted<EditLeads>,
    db: &State<Db>,
    accounts: &State<Arc<Accounts>>,
    id: &str,
) -> Paged {
    let mut page = one(&posted.dashboard, db, id).await?;
    let address = page.request.address.clone();
    if address.is_empty() {
        return Err(Error::Conflict("they have been erased already".into()).into());
    }
    if !posted.typed(&address) {
        let fault = Fault::of("typed", "invalid", "Type the address as it stands above");
        page.faults = Faults::of(Error::Invalid(vec![fault]))?;
        return Answer::refused(&page);
    }
    posted.confirmed()?;
    let (actor, now, key) = (posted.who.actor(), clock::now_ms(), accounts.data_key.clone());
    let certificate = db.write(move |tx| erase(tx, &actor, &key, &address, now)).await?;
    let flash =
        Flash::good("Erased, with all that was kept. The request is closed and names nobody.");
    Ok(Answer::to(format!("{PATH}/certificates/{}", certificate.id), flash))
}
