//! `/admin/leads/bulk`: what is done with many leads at once, and how it goes.

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::caller::{EditLeads, ReadLeads};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::{Answer, Dashboard, Faults, Fields, Flash, Posted, View};
use crate::business::leads::bulk::{self, Bulk, Deed, TICKED, Whom};
use crate::business::leads::filter::Filter;
use crate::business::leads::segments::{self, Count};
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::id;

/// With whom, as the form of the list says it.
fn whom(fields: &Fields) -> Result<Whom, Error> {
    if fields.is_on("all") {
        return Filter::parse(fields.get("filters")).map(Whom::All).map_err(Error::Invalid);
    }
    let ids: Vec<String> =
        fields.all("id").into_iter().filter_map(id::parse).take(TICKED).collect();
    if ids.is_empty() {
        return Err(Error::Conflict("tick the leads that you mean first".into()));
    }
    Ok(Whom::Ids(ids))
}

/// Back to the list as it was.
fn back(fields: &Fields) -> String {
    match Filter::parse(fields.get("filters")).map(|filter| filter.query()) {
        Ok(query) if !query.is_empty() => format!("/admin/leads?{query}"),
        _ => "/admin/leads".to_owned(),
    }
}

async fn begin(posted: &Posted<EditLeads>, db: &Db, deed: Deed) -> Paged {
    let fields = &posted.fields;
    let (actor, tag, now) = (posted.who.actor(), fields.get("tag").to_owned(), clock::now_ms());
    let zone = posted.dashboard.zone.clone();
    let begun = match whom(fields) {
        Ok(whom) => db.write(move |tx| bulk::begin(tx, &actor, deed, &tag, whom, &zone, now)).await,
        Err(error) => Err(error),
    };
    match begun {
        Ok(id) => Ok(Answer::quietly_to(format!("/admin/leads/bulk/{id}"))),
        Err(error) => {
            let why = Faults::of(error)?.all().join(" ");
            Ok(Answer::to(back(fields), Flash::bad(why)))
        }
    }
}

#[post("/leads/bulk/tag", data = "<posted>")]
pub(super) async fn tag(posted: Posted<EditLeads>, db: &State<Db>) -> Paged {
    begin(&posted, db, Deed::Tag).await
}

#[post("/leads/bulk/untag", data = "<posted>")]
pub(super) async fn untag(posted: Posted<EditLeads>, db: &State<Db>) -> Paged {
    begin(&posted, db, Deed::Untag).await
}

#[derive(Template)]
#[template(path = "admin/leads/bulk_erase.html")]
struct ErasePage {
    view: View,
    count: Count,
    words: String,
    /// What the form of the list held, sent on.
    fields: Vec<(String, String)>,
    back: String,
    faults: Faults,
}

/// Erasing many asks twice: what to type, then the password.
#[post("/leads/bulk/erase", data = "<posted>")]
pub(super) async fn remove(posted: Posted<EditLeads>, db: &State<Db>) -> Paged {
    let fields = &posted.fields;
    let whom = match whom(fields) {
        Ok(whom) => whom,
        Err(error) => {
            let why = Faults::of(error)?.all().join(" ");
            return Ok(Answer::to(back(fields), Flash::bad(why)));
        }
    };
    let (count, words) = match &whom {
        Whom::Ids(ids) => (Count { leads: ids.len() as i64, more: false }, "ticked".to_owned()),
        Whom::All(filter) => {
            let (asked, zone) = (filter.clone(), posted.dashboard.zone.clone());
            let counted: db::Result<Count> = db
                .read(move |conn| segments::count(conn, &asked, &zone, segments::MUCH_WORK))
                .await;
            (counted?, filter.words())
        }
    };
    if posted.typed("erase") {
        posted.confirmed()?;
        return begin(&posted, db, Deed::Erase).await;
    }
    let faults = if fields.get("typed").is_empty() {
        Faults::default()
    } else {
        let fault = Fault::of("typed", "invalid", "Type the word erase");
        Faults::of(Error::Invalid(vec![fault]))?
    };
    let sent = ["id", "all", "filters"];
    let kept = fields.own().into_iter().filter(|(name, _)| sent.contains(&name.as_str()));
    let page = ErasePage {
        view: posted.dashboard.view("Erase leads").below("Leads", back(fields)),
        count,
        words,
        fields: kept.collect(),
        back: back(fields),
        faults,
    };
    if page.faults.is_empty() { Answer::page(&page) } else { Answer::refused(&page) }
}

#[derive(Template)]
#[template(path = "admin/leads/bulk.html")]
struct BulkPage {
    view: View,
    bulk: Bulk,
}

impl BulkPage {
    /// What is done, for people.
    fn words(&self) -> String {
        match self.bulk.deed {
            Deed::Tag => format!("Add the tag {}", self.bulk.tag),
            Deed::Untag => format!("Remove the tag {}", self.bulk.tag),
            Deed::Erase => "Erase".to_owned(),
        }
    }

    fn total(&self) -> String {
        Count { leads: self.bulk.total, more: self.bulk.more }.words()
    }

    /// Of a hundred, where it is known.
    fn progress(&self) -> Option<i64> {
        let Bulk { done, total, more, .. } = self.bulk;
        (!more).then(|| (done * 100 / total.max(1)).min(100))
    }

    fn is_running(&self) -> bool {
        self.bulk.state == "running"
    }
}

#[get("/leads/bulk/<id>")]
pub(super) async fn show(
    _caller: ReadLeads,
    dashboard: Dashboard,
    db: &State<Db>,
    id: &str,
) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<Bulk> = db.read(move |conn| bulk::by_id(conn, &id)).await;
    let view = dashboard.view("Work on many leads").below("Leads", "/admin/leads");
    Answer::page(&BulkPage { view, bulk: found? })
}

#[post("/leads/bulk/<id>/stop", data = "<posted>")]
pub(super) async fn stop(posted: Posted<EditLeads>, db: &State<Db>, id: &str) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (actor, of, now) = (posted.who.actor(), id.clone(), clock::now_ms());
    let stopped: db::Result<()> = db.write(move |tx| bulk::stop(tx, &actor, &of, now)).await;
    stopped?;
    Ok(Answer::to(format!("/admin/leads/bulk/{id}"), Flash::good("Stopped.")))
}
