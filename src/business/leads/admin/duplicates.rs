//! `/admin/leads/duplicates`: leads that look like one person, and making one of two.

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::caller::{EditLeads, ReadLeads};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::{Answer, Asked, Dashboard, Faults, Flash, Posted, View};
use crate::business::leads::merge::{self, Pair};
use crate::business::leads::{Lead, detail};
use crate::platform::clock;
use crate::platform::db::{self, Conn, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::id;
use crate::platform::text::parse_email;

#[derive(Template)]
#[template(path = "admin/leads/duplicates.html")]
struct ListPage {
    view: View,
    pairs: Vec<Pair>,
    further: Option<String>,
    is_first: bool,
}

#[get("/leads/duplicates")]
pub(super) async fn list(
    _caller: ReadLeads,
    dashboard: Dashboard,
    asked: Asked,
    db: &State<Db>,
) -> Paged {
    let after = asked.get("after").to_owned();
    let is_first = after.is_empty();
    let found: db::Result<_> = db.read(move |conn| merge::candidates(conn, &after)).await;
    let (pairs, further) = found?;
    Answer::page(&ListPage {
        view: dashboard.view("Duplicates").below("Leads", "/admin/leads"),
        pairs,
        further: further.map(|name| asked.with("after", &name)),
        is_first,
    })
}

#[derive(Template)]
#[template(path = "admin/leads/merge.html")]
struct MergePage {
    view: View,
    one: Lead,
    /// The other, once it is known.
    other: Option<Lead>,
    /// What was typed for it.
    typed: String,
    faults: Faults,
}

impl MergePage {
    fn both(&self) -> Vec<&Lead> {
        [Some(&self.one), self.other.as_ref()].into_iter().flatten().collect()
    }
}

/// The other lead of a merge: an id, or an address that was typed.
fn other(conn: &mut Conn<'_>, typed: &str) -> db::Result<Option<Lead>> {
    if let Some(id) = id::parse(typed) {
        return match detail::by_id(conn, &id) {
            Ok(found) => Ok(Some(found.lead)),
            Err(db::Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        };
    }
    match parse_email(Some(typed)) {
        Ok(address) => detail::by_address(conn, &address),
        Err(_) => Ok(None),
    }
}

async fn page(dashboard: &Dashboard, db: &Db, id: &str, typed: String) -> Result<MergePage, Error> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let looked_for = typed.clone();
    let (one, found) = db
        .read(move |conn| -> db::Result<_> {
            let one = detail::by_id(conn, &id)?.lead;
            let found = if looked_for.is_empty() { None } else { other(conn, &looked_for)? };
            let found = found.filter(|lead| lead.id != one.id);
            Ok((one, found))
        })
        .await?;
    let mut faults = Faults::default();
    if found.is_none() && !typed.is_empty() {
        let fault = Fault::of("with", "unknown", "No other lead has this address");
        faults = Faults::of(Error::Invalid(vec![fault]))?;
    }
    let name = if one.name.is_empty() { one.email.clone() } else { one.name.clone() };
    let view = dashboard
        .view("Merge")
        .below("Leads", "/admin/leads")
        .below(name, format!("/admin/leads/{}", one.id));
    Ok(MergePage { view, one, other: found, typed, faults })
}

#[get("/leads/<id>/merge", rank = 1)]
pub(super) async fn show(
    _caller: ReadLeads,
    dashboard: Dashboard,
    asked: Asked,
    db: &State<Db>,
    id: &str,
) -> Paged {
    let typed = asked.text("with").unwrap_or_default();
    Answer::page(&page(&dashboard, db, id, typed).await?)
}

#[post("/leads/<id>/merge", data = "<posted>", rank = 1)]
pub(super) async fn update(posted: Posted<EditLeads>, db: &State<Db>, id: &str) -> Paged {
    let fields = &posted.fields;
    let mut page = page(&posted.dashboard, db, id, fields.get("with").to_owned()).await?;
    let Some(other) = page.other.clone() else { return Answer::refused(&page) };
    let (kept, gone) = if fields.get("kept") == other.id.as_str() {
        (&other, &page.one)
    } else {
        (&page.one, &other)
    };
    let fault = if fields.get("kept").is_empty() {
        Some(Fault::of("kept", "required", "Choose which address stays"))
    } else if posted.typed(&gone.email) {
        None
    } else {
        let told = format!("Type {} to say that this address goes", gone.email);
        Some(Fault::of("typed", "invalid", told))
    };
    let done = if let Some(fault) = fault {
        Err(Error::Invalid(vec![fault]))
    } else {
        let (actor, now) = (posted.who.actor(), clock::now_ms());
        let (kept, gone) = (kept.id.clone(), gone.id.clone());
        let written = kept.clone();
        db.write(move |tx| merge::merge(tx, &actor, &written, &gone, now)).await.map(|()| kept)
    };
    match done {
        Ok(kept) => {
            let flash = Flash::good("Two leads are one now, with everything of both.");
            Ok(Answer::to(format!("/admin/leads/{kept}"), flash))
        }
        Err(error) => {
            page.faults = Faults::of(error)?;
            Answer::refused(&page)
        }
    }
}
