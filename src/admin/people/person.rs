//! `/admin/team/<id>`: one person, and what may become of them.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};

use super::invitation::{self, Made, Wish, address};
use super::team::{LinkPage, roles};
use crate::admin::accounts::audit::{self, Change};
use crate::admin::accounts::auth::store as sessions;
use crate::admin::accounts::caller::ManageUsers;
use crate::admin::accounts::model::Role;
use crate::admin::accounts::users::{self, Edit, User, View as Shown};
use crate::admin::accounts::{Accounts, links};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::{Answer, Dashboard, Faults, Flash, Posted, View};
use crate::business::mail::Mailer;
use crate::platform::db::{Conn, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::{IfMatch, Sites};
use crate::platform::id;
use crate::platform::text::parse_name;
use crate::platform::word::Word;

#[derive(Template)]
#[template(path = "admin/people/person.html")]
struct PersonPage {
    view: View,
    user: User,
    name: String,
    role: String,
    roles: Vec<(&'static str, &'static str)>,
    /// How many browsers and programs they are logged in with.
    sessions: usize,
    last_seen: Option<i64>,
    link_until: Option<i64>,
    is_self: bool,
    is_within_reach: bool,
    tag: String,
    faults: Faults,
    is_stale: bool,
}

struct Known {
    user: User,
    devices: Vec<sessions::Device>,
    link_until: Option<i64>,
}

fn read(conn: &mut Conn<'_>, id: &str, now_ms: i64) -> Result<Known, Error> {
    let user = users::by_id(conn, id)?.ok_or(Error::NotFound)?;
    let devices = sessions::sessions(conn, id, now_ms)?;
    Ok(Known { user, devices, link_until: links::waiting(conn, id, now_ms)? })
}

async fn page(
    dashboard: &Dashboard,
    accounts: &Accounts,
    id: &str,
    faults: Faults,
) -> Result<PersonPage, Error> {
    let (id, now) = (id::parse(id).ok_or(Error::NotFound)?, accounts.clock.now_ms());
    let Known { user, devices, link_until } =
        accounts.db.read(move |conn| read(conn, &id, now)).await?;
    Ok(PersonPage {
        view: dashboard.view(user.name.clone()).below("Team", "/admin/team"),
        name: user.name.clone(),
        role: user.role.code().to_owned(),
        roles: roles(dashboard.who.user.role),
        sessions: devices.len(),
        last_seen: devices.iter().map(|device| device.4).max(),
        link_until,
        is_self: user.id == dashboard.who.user.id,
        is_within_reach: dashboard.who.reaches(user.role).is_ok(),
        tag: IfMatch::tag(&Shown::from(user.clone()))?,
        user,
        faults,
        is_stale: false,
    })
}

#[get("/admin/team/<id>")]
pub async fn show(
    _caller: ManageUsers,
    dashboard: Dashboard,
    accounts: &State<Arc<Accounts>>,
    id: &str,
) -> Paged {
    Answer::page(&page(&dashboard, accounts, id, Faults::default()).await?)
}

fn path(id: &str) -> String {
    format!("/admin/team/{id}")
}

/// Does `work` to the person, when whoever asks reaches up to them.
async fn with<T: Send + 'static>(
    accounts: &Accounts,
    posted: &Posted<ManageUsers>,
    id: &str,
    work: impl FnOnce(&mut Tx<'_>, User, i64) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (caller, now) = (posted.who.clone(), accounts.clock.now_ms());
    let reached = move |tx: &mut Tx<'_>| {
        let user = users::within_reach(tx, &caller, &id)?;
        work(tx, user, now)
    };
    accounts.db.write(reached).await
}

#[post("/admin/team/<id>", data = "<posted>")]
pub async fn update(
    accounts: &State<Arc<Accounts>>,
    id: &str,
    posted: Posted<ManageUsers>,
) -> Paged {
    posted.confirmed()?;
    match changed(accounts, &posted, id).await {
        Ok((before, after)) => {
            let flash = if before.role == after.role {
                Flash::good("Saved.")
            } else {
                Flash::good("Saved. They log in again to use the new role.")
            };
            let old = [("name", before.name.as_str()), ("role", before.role.code())];
            Ok(Answer::to(path(id), flash.undo(path(id), &old)))
        }
        Err(error) => refuse(accounts, &posted, id, error).await,
    }
}

async fn changed(
    accounts: &Accounts,
    posted: &Posted<ManageUsers>,
    id: &str,
) -> Result<(User, User), Error> {
    let name =
        parse_name(Some(posted.fields.get("name"))).map_err(|fault| Error::Invalid(vec![fault]))?;
    let none = || Error::Invalid(vec![Fault::of("role", "required", "Choose a role")]);
    let role = Role::of_word(posted.fields.get("role")).ok_or_else(none)?;
    posted.who.reaches(role)?;
    let if_match = IfMatch::of_form(posted.fields.get("tag"));
    let actor = posted.who.actor();
    with(accounts, posted, id, move |tx, before, now| {
        if_match.check(&Shown::from(before.clone()))?;
        let edit = Edit { name: Some(name), role: Some(role), ..Edit::default() };
        let after = users::edit(tx, &actor, &before, edit, now)?;
        Ok((before, after))
    })
    .await
}

/// The page with what was typed and what is wrong with it.
async fn refuse(
    accounts: &Accounts,
    posted: &Posted<ManageUsers>,
    id: &str,
    error: Error,
) -> Paged {
    let is_stale = matches!(error, Error::Stale(_));
    let faults = if is_stale { Faults::default() } else { Faults::of(error)? };
    let mut page = page(&posted.dashboard, accounts, id, faults).await?;
    let typed = |name: &str| posted.fields.text(name);
    page.name = typed("name").unwrap_or(page.name);
    page.role = typed("role").unwrap_or(page.role);
    page.is_stale = is_stale;
    Answer::refused(&page)
}

#[post("/admin/team/<id>/suspend", data = "<posted>")]
pub async fn suspend(
    accounts: &State<Arc<Accounts>>,
    id: &str,
    posted: Posted<ManageUsers>,
) -> Paged {
    let flash = Flash::good("Suspended. Every session has ended.");
    let flash = flash.undo(format!("{}/lift", path(id)), &[]);
    let edit = Edit { suspended: Some(true), ..Edit::default() };
    settle(accounts, &posted, id, edit, flash).await
}

#[post("/admin/team/<id>/lift", data = "<posted>")]
pub async fn lift(accounts: &State<Arc<Accounts>>, id: &str, posted: Posted<ManageUsers>) -> Paged {
    let flash = Flash::good("They may log in again.");
    let flash = flash.undo(format!("{}/suspend", path(id)), &[]);
    let edit = Edit { suspended: Some(false), ..Edit::default() };
    settle(accounts, &posted, id, edit, flash).await
}

async fn settle(
    accounts: &Accounts,
    posted: &Posted<ManageUsers>,
    id: &str,
    edit: Edit,
    flash: Flash,
) -> Paged {
    let actor = posted.who.actor();
    let work = move |tx: &mut Tx<'_>, user: User, now: i64| {
        users::edit(tx, &actor, &user, edit, now).map(drop)
    };
    match with(accounts, posted, id, work).await {
        Ok(()) => Ok(Answer::to(path(id), flash)),
        Err(error) => refuse(accounts, posted, id, error).await,
    }
}

#[post("/admin/team/<id>/link", data = "<posted>")]
pub async fn link(
    accounts: &State<Arc<Accounts>>,
    mailer: &State<Arc<Mailer>>,
    sites: &State<Arc<Sites>>,
    id: &str,
    posted: Posted<ManageUsers>,
) -> Paged {
    posted.confirmed()?;
    let (key, actor) = (accounts.data_key.clone(), posted.who.actor());
    let by_mail = mailer.reaches_people();
    let work = move |tx: &mut Tx<'_>, user: User, now: i64| {
        if user.suspended_at.is_some() {
            return Err(Error::Conflict("lift the suspension first".into()));
        }
        let wish = Wish { is_new: false, by_mail };
        let path = invitation::make(tx, &actor, &key, &user, wish, now)?;
        Ok((user, path))
    };
    match with(accounts, &posted, id, work).await {
        Ok((user, made)) => {
            let made = Made { user, link: address(sites, &made).await?, by_mail };
            let view = posted.dashboard.view("A link to a new password");
            let view = view.below("Team", "/admin/team").below(made.user.name.clone(), path(id));
            Ok(Answer::page(&LinkPage { view, made })?.once(path(id)))
        }
        Err(error) => refuse(accounts, &posted, id, error).await,
    }
}

#[post("/admin/team/<id>/sessions/end", data = "<posted>")]
pub async fn end_sessions(
    accounts: &State<Arc<Accounts>>,
    id: &str,
    posted: Posted<ManageUsers>,
) -> Paged {
    let actor = posted.who.actor();
    let work = move |tx: &mut Tx<'_>, user: User, now: i64| {
        users::end_sessions(tx, &user.id, now)?;
        let change = Change::of("auth.end_sessions", "user", &user.id);
        Ok(audit::record(tx, &actor, &change, now)?)
    };
    with(accounts, &posted, id, work).await?;
    Ok(Answer::to(path(id), Flash::good("Every session has ended. They log in again.")))
}

#[post("/admin/team/<id>/remove", data = "<posted>")]
pub async fn remove(
    accounts: &State<Arc<Accounts>>,
    id: &str,
    posted: Posted<ManageUsers>,
) -> Paged {
    posted.confirmed()?;
    let (actor, typed) = (posted.who.actor(), posted.fields.get("typed").trim().to_lowercase());
    let work = move |tx: &mut Tx<'_>, user: User, now: i64| {
        if typed != user.email {
            let message = "This is not their e-mail address; nothing was removed";
            return Err(Error::Invalid(vec![Fault::of("typed", "invalid", message)]));
        }
        users::remove(tx, &actor, &user, now)?;
        Ok(user)
    };
    match with(accounts, &posted, id, work).await {
        Ok(user) => {
            let said = format!("{} is removed, with their sessions and tokens.", user.name);
            Ok(Answer::to("/admin/team", Flash::good(said)))
        }
        Err(error) => refuse(accounts, &posted, id, error).await,
    }
}
