//! `/admin/account`: one's own name, password and sessions.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::audit::{self, Change};
use crate::admin::accounts::auth::{self, Origin, store};
use crate::admin::accounts::caller::Caller;
use crate::admin::accounts::model::check_password;
use crate::admin::accounts::users::{self, Edit};
use crate::admin::accounts::{Accounts, browser};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::posted::Anybody;
use crate::admin::shell::{Answer, Dashboard, Faults, Flash, Posted, View};
use crate::platform::db;
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Limiter, Meta};
use crate::platform::text::parse_name;

/// A browser or program that is logged in.
struct Session {
    id: String,
    device: String,
    address: String,
    begun_at: i64,
    used_at: i64,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "admin/entry/account.html")]
struct AccountPage {
    view: View,
    name: String,
    role: &'static str,
    has_totp: bool,
    sessions: Vec<Session>,
    faults: Faults,
}

async fn page(
    dashboard: &Dashboard,
    accounts: &Accounts,
    name: String,
    faults: Faults,
) -> Result<AccountPage, Error> {
    let user = &dashboard.who.user;
    let (id, now) = (user.id.clone(), accounts.clock.now_ms());
    let found: db::Result<Vec<store::Device>> =
        accounts.db.read(move |conn| store::sessions(conn, &id, now)).await;
    let this = dashboard.who.browser().map(|browser| browser.session.clone());
    let session = |(id, device, address, begun_at, used_at, _): store::Device| Session {
        is_this: this.as_ref() == Some(&id),
        device: named(&device),
        id,
        address,
        begun_at,
        used_at,
    };
    Ok(AccountPage {
        view: dashboard.view("Your account"),
        name,
        role: user.role.code(),
        has_totp: user.has_totp,
        sessions: found?.into_iter().map(session).collect(),
        faults,
    })
}

/// `Firefox on Linux`, or what a program calls itself.
fn named(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ if agent.is_empty() => "A program without a name".into(),
        _ => agent.to_owned(),
    }
}

#[get("/admin/account")]
pub async fn show(dashboard: Dashboard, accounts: &State<Arc<Accounts>>) -> Paged {
    let name = dashboard.who.user.name.clone();
    Answer::page(&page(&dashboard, accounts, name, Faults::default()).await?)
}

#[post("/admin/account", data = "<posted>")]
pub async fn update(accounts: &State<Arc<Accounts>>, posted: Posted<Anybody>) -> Paged {
    let typed = posted.fields.get("name").to_owned();
    let name = match parse_name(Some(&typed)) {
        Ok(name) => name,
        Err(fault) => {
            let faults = Faults::of(Error::Invalid(vec![fault]))?;
            return Answer::refused(&page(&posted.dashboard, accounts, typed, faults).await?);
        }
    };
    let (who, now) = (posted.who, accounts.clock.now_ms());
    let edit = Edit { name: Some(name), ..Edit::default() };
    let saved: Result<_, Error> =
        accounts.db.write(move |tx| users::edit(tx, &who.actor(), &who.user, edit, now)).await;
    saved?;
    Ok(Answer::to("/admin/account", Flash::good("Saved.")))
}

#[post("/admin/account/password", data = "<posted>")]
pub async fn change_password(
    accounts: &State<Arc<Accounts>>,
    limiter: &State<Arc<Limiter>>,
    meta: &Meta,
    from: Origin,
    posted: Posted<Anybody>,
) -> Paged {
    let cookie = match changed(accounts, limiter, meta, from, &posted).await {
        Ok(ticket) => ticket.cookie(meta),
        Err(error) => {
            let error = match error {
                Error::Forbidden(_) => {
                    let message = "This is not your password";
                    Error::Invalid(vec![Fault::of("current", "invalid", message)])
                }
                other => other,
            };
            let name = posted.who.user.name.clone();
            let faults = Faults::of(error)?;
            return Answer::refused(&page(&posted.dashboard, accounts, name, faults).await?);
        }
    };
    let flash = Flash::good("Your password is changed, and every other session has ended.");
    Ok(Answer::to("/admin/account", flash).set(cookie))
}

async fn changed(
    accounts: &Arc<Accounts>,
    limiter: &Limiter,
    meta: &Meta,
    from: Origin,
    posted: &Posted<Anybody>,
) -> Result<browser::Ticket, Error> {
    let (user, fields) = (posted.who.user.clone(), &posted.fields);
    let new = fields.get("password").to_owned();
    check_password("password", &new, &user.email, &user.name)
        .map_err(|fault| Error::Invalid(vec![fault]))?;
    let current = fields.get("current").to_owned();
    auth::prove_password(accounts, limiter, meta, &user, current).await?;
    let hash = accounts.passwords.hash(new).await?;
    let (actor, now) = (posted.who.actor(), accounts.clock.now_ms());
    accounts
        .db
        .write(move |tx| -> Result<_, Error> {
            users::hold(tx, &user)?;
            users::set_password(tx, &actor, &user.id, &hash, now)?;
            Ok(browser::begin(tx, &user, &from, now)?)
        })
        .await
}

#[post("/admin/account/sessions/<id>/end", data = "<posted>")]
pub async fn remove_session(
    accounts: &State<Arc<Accounts>>,
    id: &str,
    posted: Posted<Anybody>,
) -> Paged {
    end(accounts, &posted.who, Some(id.to_owned())).await?;
    Ok(Answer::to("/admin/account", Flash::good("That session has ended.")))
}

#[post("/admin/account/sessions/end", data = "<posted>")]
pub async fn remove_other_sessions(
    accounts: &State<Arc<Accounts>>,
    posted: Posted<Anybody>,
) -> Paged {
    end(accounts, &posted.who, None).await?;
    Ok(Answer::to("/admin/account", Flash::good("Every other session has ended.")))
}

/// Ends one session of `who`, or all but the one that asks.
async fn end(accounts: &Accounts, who: &Caller, one: Option<String>) -> Result<(), Error> {
    let this = who.browser().map(|browser| browser.session.clone());
    let (actor, user, now) = (who.actor(), who.user.id.clone(), accounts.clock.now_ms());
    accounts
        .db
        .write(move |tx| {
            let sessions = store::sessions(tx, &user, now)?;
            let mut ended = 0;
            for (id, ..) in sessions {
                let wanted = match &one {
                    Some(one) => *one == id,
                    None => this.as_ref() != Some(&id),
                };
                if wanted {
                    store::end_session(tx, &id, now)?;
                    let change = Change::of("auth.end_session", "session", &id);
                    audit::record(tx, &actor, &change, now)?;
                    ended += 1;
                }
            }
            if one.is_some() && ended == 0 { Err(Error::NotFound) } else { Ok(()) }
        })
        .await
}
