//! `/admin/set-up/<token>`: the first owner, and whoever was given a link, choose a password.

use std::sync::Arc;

use askama::Template;
use rocket::http::Status;
use rocket::{State, get, post};

use crate::admin::accounts::audit::Actor;
use crate::admin::accounts::auth::Origin;
use crate::admin::accounts::links::{self, Link};
use crate::admin::accounts::model::{Role, check_password};
use crate::admin::accounts::users::{self, NewUser};
use crate::admin::accounts::{Accounts, auth, browser};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::posted::OpenForm;
use crate::admin::shell::{Answer, Faults};
use crate::platform::config::Live;
use crate::platform::db;
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Class, FormFields, Limiter, Meta};
use crate::platform::text::{parse_email, parse_name};

#[derive(Template, Default)]
#[template(path = "admin/entry/setup.html")]
struct SetUpPage {
    site: String,
    /// The link does not count, or no longer.
    is_over: bool,
    is_first: bool,
    name: String,
    email: String,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "admin/entry/recovery_key.html")]
struct RecoveryKeyPage {
    site: String,
    key: String,
}

fn over(site: String) -> Paged {
    let page = SetUpPage { site, is_over: true, ..SetUpPage::default() };
    Answer::with(Status::Gone, &page)
}

/// What the link is for; a guess counts like a failed log-in.
async fn found(
    accounts: &Arc<Accounts>,
    limiter: &Limiter,
    meta: &Meta,
    token: &str,
) -> Result<Option<Link>, Error> {
    auth::count(limiter, meta)?;
    let (token, now) = (token.to_owned(), accounts.clock.now_ms());
    let link: db::Result<Option<Link>> =
        accounts.db.read(move |conn| links::find(conn, &token, now)).await;
    let link = link?;
    if link.is_some() {
        limiter.give_back(Class::LogIn, meta.limit_key());
    }
    Ok(link)
}

#[get("/admin/set-up/<token>")]
pub async fn show(
    accounts: &State<Arc<Accounts>>,
    limiter: &State<Arc<Limiter>>,
    live: &State<Live>,
    meta: &Meta,
    token: &str,
) -> Paged {
    let site = live.now().site.app_name.clone();
    let page = match found(accounts, limiter, meta, token).await? {
        None => return over(site),
        Some(Link::Owner) => SetUpPage { site, is_first: true, ..SetUpPage::default() },
        Some(Link::Of(user)) => {
            SetUpPage { site, name: user.name, email: user.email, ..SetUpPage::default() }
        }
    };
    Answer::page(&page)
}

/// What somebody chose.
struct Chosen {
    name: String,
    email: String,
    password: String,
}

fn chosen(link: &Link, fields: &[(String, String)]) -> Result<Chosen, Vec<Fault>> {
    let get = |name: &str| FormFields::get(fields, name).unwrap_or_default();
    let mut faults = Vec::new();
    let (mut name, mut email) = match link {
        Link::Owner => (get("name").to_owned(), get("email").to_owned()),
        Link::Of(user) => (user.name.clone(), user.email.clone()),
    };
    if matches!(link, Link::Owner) {
        match parse_name(Some(&name)) {
            Ok(parsed) => name = parsed,
            Err(fault) => faults.push(fault),
        }
        match parse_email(Some(&email)) {
            Ok(parsed) => email = parsed,
            Err(fault) => faults.push(fault),
        }
    }
    let password = get("password").to_owned();
    if let Err(fault) = check_password("password", &password, &email, &name) {
        faults.push(fault);
    }
    if get("again") != password {
        faults.push(Fault::of("again", "invalid", "This is not the same password"));
    }
    if faults.is_empty() { Ok(Chosen { name, email, password }) } else { Err(faults) }
}

#[post("/admin/set-up/<token>", data = "<form>")]
pub async fn create(
    accounts: &State<Arc<Accounts>>,
    limiter: &State<Arc<Limiter>>,
    live: &State<Live>,
    meta: &Meta,
    from: Origin,
    token: &str,
    form: OpenForm,
) -> Paged {
    let site = live.now().site.app_name.clone();
    let fields = form.0?;
    let Some(link) = found(accounts, limiter, meta, token).await? else { return over(site) };
    let is_first = matches!(link, Link::Owner);
    let chosen = match chosen(&link, &fields) {
        Ok(chosen) => chosen,
        Err(faults) => {
            let get = |name: &str| FormFields::get(&fields, name).unwrap_or_default().to_owned();
            let (name, email) = match &link {
                Link::Owner => (get("name"), get("email")),
                Link::Of(user) => (user.name.clone(), user.email.clone()),
            };
            let faults = Faults::of(Error::Invalid(faults))?;
            let page = SetUpPage { site, is_first, name, email, faults, ..SetUpPage::default() };
            return Answer::refused(&page);
        }
    };
    let hash = accounts.passwords.hash(chosen.password.clone()).await?;
    let Some(ticket) = take(accounts, link, token.to_owned(), (chosen, hash), from).await? else {
        return over(site);
    };
    let cookie = ticket.cookie(meta);
    if !is_first {
        return Ok(Answer::quietly_to("/admin").set(cookie));
    }
    let key = accounts.data_key.recovery_text().expose().clone();
    Ok(Answer::page(&RecoveryKeyPage { site, key })?.set(cookie))
}

/// Uses the link up, sets the password and begins a session, in one transaction; `None` when somebody was quicker.
async fn take(
    accounts: &Arc<Accounts>,
    link: Link,
    token: String,
    (chosen, hash): (Chosen, String),
    from: Origin,
) -> Result<Option<browser::Ticket>, Error> {
    let now = accounts.clock.now_ms();
    accounts
        .db
        .write(move |tx| {
            if !links::take(tx, &token, &link, now)? {
                return Ok(None);
            }
            let user = match link {
                Link::Owner => {
                    let Chosen { name, email, .. } = chosen;
                    let new = NewUser { email, name, role: Role::Owner, password_hash: hash };
                    users::create(tx, &Actor::system(), new, now)?
                }
                Link::Of(user) => {
                    let actor = auth::actor(&user, &from.address);
                    users::set_password(tx, &actor, &user.id, &hash, now)?;
                    users::by_id(tx, &user.id)?.ok_or(Error::NotFound)?
                }
            };
            Ok(Some(browser::begin(tx, &user, &from, now)?))
        })
        .await
}
