//! `/admin/leads/<id>`: one lead, with all that happened.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};
use serde_json::json;

use crate::admin::accounts::Accounts;
use crate::admin::accounts::audit::{self, Change};
use crate::admin::accounts::caller::{EditLeads, ReadLeads};
use crate::admin::shell::answer::{Paged, Refusal};
use crate::admin::shell::{
    Answer, Asked, Confirmed, Dashboard, Faults, Fields, Flash, Posted, View,
};
use crate::business::leads::detail::{self, Details, Edit};
use crate::business::leads::tags::model::{NAME_MAX, key};
use crate::business::leads::timeline::{self, Moment, START, What};
use crate::business::leads::{Lead, merge};
use crate::business::privacy::{self, archive};
use crate::business::programs::{Catalogue, ProgramOption};
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::Download;
use crate::platform::id;
use crate::platform::lang::Lang;
use crate::platform::text::{Rule, parse_name};
use crate::platform::word::Word as _;

/// Moments on a page.
const MOMENTS: i64 = 30;

#[derive(Template)]
#[template(path = "admin/leads/lead.html")]
pub(super) struct LeadPage {
    pub(super) view: View,
    pub(super) lead: Lead,
    others: Vec<String>,
    moments: Vec<Moment>,
    /// The address of the moments before these.
    earlier: Option<String>,
    is_first: bool,
    programs: Vec<ProgramOption>,
    pub(super) form: Form,
    pub(super) faults: Faults,
    /// A note that was refused, as it was typed.
    pub(super) note: String,
    /// A tag that was refused, as it was typed.
    tag: String,
}

/// What the form of the lead holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Form {
    name: String,
    program: String,
    lang: &'static str,
    /// What it was made from.
    updated_at: i64,
}

impl Form {
    fn of(lead: &Lead) -> Self {
        Self {
            name: lead.name.clone(),
            program: lead.program.clone().unwrap_or_default(),
            lang: lead.lang.code(),
            updated_at: lead.updated_at,
        }
    }
}

impl LeadPage {
    fn words(deed: &crate::admin::accounts::audit::Deed) -> String {
        timeline::words(deed)
    }

    /// Whether the chosen program is for sale.
    fn is_offered(&self) -> bool {
        self.programs.iter().any(|program| program.slug == self.form.program)
    }

    fn title(lead: &Lead) -> &str {
        if lead.name.is_empty() { &lead.email } else { &lead.name }
    }
}

/// The page of this lead; at its place in time, where one is given.
pub(super) async fn page(
    dashboard: &Dashboard,
    db: &Db,
    catalogue: &Catalogue,
    id: &str,
    place: Option<(i64, String)>,
) -> Result<LeadPage, Error> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let is_first = place.is_none();
    let (at, after) = place.unwrap_or((START.0, START.1.to_owned()));
    let (lead, others, mut moments) = db
        .read(move |conn| -> db::Result<_> {
            let Details { lead, .. } = detail::by_id(conn, &id)?;
            let mut others = merge::addresses(conn, &lead)?;
            others.retain(|address| *address != lead.email);
            let moments = timeline::of(conn, &lead, (at, &after), MOMENTS + 1)?;
            Ok((lead, others, moments))
        })
        .await?;
    let has_more = moments.len() as i64 > MOMENTS;
    moments.truncate(MOMENTS as usize);
    let earlier = moments.last().filter(|_| has_more);
    let programs = catalogue.options(Lang::En).await?.to_vec();
    Ok(LeadPage {
        view: dashboard.view(LeadPage::title(&lead)).below("Leads", "/admin/leads"),
        earlier: earlier
            .map(|last| format!("/admin/leads/{}?before={}-{}", lead.id, last.at, last.id)),
        is_first,
        form: Form::of(&lead),
        faults: Faults::default(),
        note: String::new(),
        tag: String::new(),
        lead,
        others,
        moments,
        programs,
    })
}

fn place(text: &str) -> Option<(i64, String)> {
    let (at, after) = text.split_once('-')?;
    Some((at.parse().ok()?, id::parse(after)?))
}

#[get("/leads/<id>", rank = 1)]
pub(super) async fn show(
    _caller: ReadLeads,
    dashboard: Dashboard,
    asked: Asked,
    db: &State<Db>,
    catalogue: &State<Catalogue>,
    id: &str,
) -> Paged {
    let place = asked.parsed("before", place);
    Answer::page(&page(&dashboard, db, catalogue, id, place).await?)
}

fn read(fields: &Fields) -> Result<Edit, Error> {
    let mut faults = Vec::new();
    // Somebody who came without a name may stay without.
    let name = match fields.get("name").trim() {
        "" => None,
        typed => parse_name(Some(typed)).map_err(|fault| faults.push(fault)).ok(),
    };
    let lang = Lang::of_word(fields.get("lang"));
    if lang.is_none() {
        faults.push(Fault::of("lang", "invalid", "Choose a language"));
    }
    if faults.is_empty() {
        Ok(Edit { name, program: Some(fields.text("program")), lang, tags: None })
    } else {
        Err(Error::Invalid(faults))
    }
}

#[post("/leads/<id>", data = "<posted>", rank = 1)]
pub(super) async fn update(
    posted: Posted<EditLeads>,
    db: &State<Db>,
    catalogue: &State<Catalogue>,
    id: &str,
) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let path = format!("/admin/leads/{id}");
    let seen: i64 = posted.fields.get("updated_at").parse().unwrap_or(0);
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let done = match read(&posted.fields) {
        Ok(edit) => {
            let id = id.clone();
            db.write(move |tx| -> Result<(), Error> {
                let before = detail::take(tx, &id)?.lead;
                if before.updated_at != seen {
                    return Err(Error::Conflict("somebody has changed this lead since you opened it; what stands here now is what you typed, save again to keep it".into()));
                }
                detail::update(tx, &actor, &id, edit, now).map(drop)
            })
            .await
        }
        Err(error) => Err(error),
    };
    let error = match done {
        Ok(()) => return Ok(Answer::to(path, Flash::good("Saved."))),
        Err(error) => error,
    };
    let faults = Faults::of(error)?;
    let mut page = page(&posted.dashboard, db, catalogue, &id, None).await?;
    page.form.name = posted.fields.get("name").chars().take(300).collect();
    page.form.program = posted.fields.get("program").chars().take(100).collect();
    page.form.lang = Lang::of_word(posted.fields.get("lang")).unwrap_or(page.lead.lang).code();
    page.faults = faults;
    Answer::refused(&page)
}

#[post("/leads/<id>/tag", data = "<posted>", rank = 1)]
pub(super) async fn tag(
    posted: Posted<EditLeads>,
    db: &State<Db>,
    catalogue: &State<Catalogue>,
    id: &str,
) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let typed = posted.fields.get("tag").to_owned();
    let checked = Rule::line(NAME_MAX)
        .check("A tag", &typed)
        .map_err(|(code, message)| Error::Invalid(vec![Fault::of("tag", code, message)]));
    let done = match checked {
        Ok(name) => {
            let (lead, given) = (id.clone(), name.clone());
            db.write(move |tx| detail::tag(tx, &actor, &lead, &given, now)).await.map(|()| name)
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(name) => {
            let undo = Flash::good(format!("Tagged {name}."))
                .undo(format!("/admin/leads/{id}/untag"), &[("tag", &name)]);
            Ok(Answer::to(format!("/admin/leads/{id}"), undo))
        }
        Err(error) => {
            let faults = Faults::of(error)?;
            let mut page = page(&posted.dashboard, db, catalogue, &id, None).await?;
            page.tag = typed.chars().take(100).collect();
            page.faults = faults;
            Answer::refused(&page)
        }
    }
}

#[post("/leads/<id>/untag", data = "<posted>", rank = 1)]
pub(super) async fn untag(posted: Posted<EditLeads>, db: &State<Db>, id: &str) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let name = posted.fields.get("tag").to_owned();
    let (lead, gone) = (id.clone(), name.clone());
    db.write(move |tx| -> Result<(), Error> {
        let tags = detail::by_id(tx, &lead)?.lead.tags;
        if tags.iter().all(|tag| key(tag) != key(&gone)) {
            return Err(Error::NotFound);
        }
        detail::untag(tx, &actor, &lead, &gone, now)
    })
    .await?;
    let undo = Flash::good(format!("The tag {name} is off."))
        .undo(format!("/admin/leads/{id}/tag"), &[("tag", &name)]);
    Ok(Answer::to(format!("/admin/leads/{id}"), undo))
}

/// Erases the person: what cannot be taken back asks for the address.
#[post("/leads/<id>/erase", data = "<posted>", rank = 1)]
pub(super) async fn remove(
    posted: Posted<EditLeads>,
    db: &State<Db>,
    catalogue: &State<Catalogue>,
    accounts: &State<Arc<Accounts>>,
    id: &str,
) -> Paged {
    let mut page = page(&posted.dashboard, db, catalogue, id, None).await?;
    if !posted.typed(&page.lead.email) {
        let fault = Fault::of("typed", "invalid", "Type the address as it stands above");
        page.faults = Faults::of(Error::Invalid(vec![fault]))?;
        return Answer::refused(&page);
    }
    posted.confirmed()?;
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let (address, key) = (page.lead.email, accounts.data_key.clone());
    let certificate = db.write(move |tx| privacy::erase(tx, &actor, &key, &address, now)).await?;
    let flash =
        Flash::good("Erased, with all that was kept. This certificate holds nobody's data.");
    Ok(Answer::to(format!("/admin/privacy/certificates/{}", certificate.id), flash))
}

#[get("/leads/<id>/export", rank = 1)]
pub(super) async fn download(
    caller: ReadLeads,
    _confirmed: Confirmed,
    db: &State<Db>,
    id: &str,
) -> Result<Download, Refusal> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let now = clock::now_ms();
    let lead = id.clone();
    let person = db
        .read(move |conn| -> db::Result<_> {
            let address = detail::by_id(conn, &lead)?.lead.email;
            archive::gather(conn, &address, now)
        })
        .await?;
    let bytes = rocket::tokio::task::spawn_blocking(move || person.zip())
        .await
        .map_err(|_| Error::Internal("an archive panicked".into()))??;
    let actor = caller.0.actor();
    let lead = id.clone();
    db.write(move |tx| -> db::Result<()> {
        let change = Change::of("lead.export", "lead", &lead).after(json!({}));
        audit::record(tx, &actor, &change, now)
    })
    .await?;
    Ok(Download::zip(format!("person-{}.zip", &id[..8]), bytes))
}
