//! `/admin/team`: who may log in, and inviting somebody.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};

use super::about;
use super::invitation::{self, Made, Wish, address};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::ManageUsers;
use crate::admin::accounts::model::Role;
use crate::admin::accounts::users::{self, NewUser, User, Wanted};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table, Tone};
use crate::admin::shell::{Answer, Asked, Dashboard, Faults, Posted, View};
use crate::business::mail::Mailer;
use crate::platform::crypto::random_token;
use crate::platform::db::{self, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::Sites;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::text::{parse_email, parse_name};
use crate::platform::word::Word;

#[derive(Template)]
#[template(path = "admin/people/team.html")]
struct TeamPage {
    view: View,
    table: Table,
}

#[derive(Template)]
#[template(path = "admin/people/invite.html")]
struct InvitePage {
    view: View,
    email: String,
    name: String,
    role: String,
    /// Those that may be given: word and what it may do.
    roles: Vec<(&'static str, &'static str)>,
    by_mail: bool,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "admin/people/link.html")]
pub(super) struct LinkPage {
    pub(super) view: View,
    pub(super) made: Made,
}

#[get("/admin/team")]
pub async fn list(
    _caller: ManageUsers,
    dashboard: Dashboard,
    accounts: &State<Arc<Accounts>>,
    asked: Asked,
) -> Paged {
    let order = asked.word("sort").unwrap_or(TimeOrder::Oldest);
    let limit = asked.limit();
    let suspended = match asked.get("standing") {
        "active" => Some(false),
        "suspended" => Some(true),
        _ => None,
    };
    let after = asked.parsed("cursor", paging::decode).unwrap_or_else(|| order.start());
    let wanted = Wanted { role: asked.word("role"), suspended, order, after };
    let found: db::Result<Vec<User>> =
        accounts.db.read(move |conn| users::list(conn, &wanted, limit + 1)).await;
    let mut found = found?;
    let view = dashboard.view("Team");
    let columns = vec![
        Column::new("Person"),
        Column::new("Role"),
        Column::new("Standing"),
        Column::new("Second factor").minor(),
        Column::new("Added").sorted("created_at").minor(),
    ];
    let mut table = Table::new(&view, &asked, "people", columns);
    table.order = "created_at";
    let choices = |words: &[&str]| words.iter().map(|w| ((*w).into(), (*w).into())).collect();
    table.filters = vec![
        Filter::Choice {
            name: "role",
            label: "Role",
            choices: choices(&Role::ALL.map(Role::code)),
        },
        Filter::Choice {
            name: "standing",
            label: "Standing",
            choices: choices(&["active", "suspended"]),
        },
    ];
    table.next = paging::cut(&mut found, limit).map(|user| paging::encode(&user.id));
    table.rows = found.iter().map(row).collect();
    table.empty = Empty { title: "Nobody", text: "Nobody may log in.", action: None };
    Answer::page(&TeamPage { view, table })
}

fn row(user: &User) -> Row {
    let standing = match user.suspended_at {
        Some(_) => Cell::Badge("suspended".into(), Tone::Warn),
        None => Cell::text("active"),
    };
    let factor =
        if user.has_totp { Cell::Badge("on".into(), Tone::Good) } else { Cell::text("off") };
    Row {
        id: user.id.clone(),
        label: user.name.clone(),
        cells: vec![
            Cell::Name {
                text: user.name.clone(),
                href: format!("/admin/team/{}", user.id),
                sub: user.email.clone(),
            },
            Cell::text(user.role.code()),
            standing,
            factor,
            Cell::Time(user.created_at),
        ],
    }
}

/// The roles that somebody of `own` may give, the least first.
pub(super) fn roles(own: Role) -> Vec<(&'static str, &'static str)> {
    let up_to = Role::ALL.into_iter().rev().filter(|role| *role <= own);
    up_to.map(|role| (role.code(), about(role))).collect()
}

fn invite_page(
    dashboard: &Dashboard,
    mailer: &Mailer,
    (email, name, role): (&str, &str, &str),
    faults: Faults,
) -> InvitePage {
    InvitePage {
        view: dashboard.view("Invite somebody").below("Team", "/admin/team"),
        email: email.to_owned(),
        name: name.to_owned(),
        role: role.to_owned(),
        roles: roles(dashboard.who.user.role),
        by_mail: mailer.reaches_people(),
        faults,
    }
}

#[get("/admin/team/new")]
pub fn new(_caller: ManageUsers, dashboard: Dashboard, mailer: &State<Arc<Mailer>>) -> Paged {
    let typed = ("", "", Role::Editor.code());
    Answer::page(&invite_page(&dashboard, mailer, typed, Faults::default()))
}

#[post("/admin/team", data = "<posted>")]
pub async fn create(
    accounts: &State<Arc<Accounts>>,
    mailer: &State<Arc<Mailer>>,
    sites: &State<Arc<Sites>>,
    posted: Posted<ManageUsers>,
) -> Paged {
    posted.confirmed()?;
    match invited(accounts, mailer, sites, &posted).await {
        Ok(made) => {
            let view = posted.dashboard.view("Invited").below("Team", "/admin/team");
            let there = format!("/admin/team/{}", made.user.id);
            Ok(Answer::page(&LinkPage { view, made })?.once(there))
        }
        Err(error) => {
            let fields = &posted.fields;
            let typed = (fields.get("email"), fields.get("name"), fields.get("role"));
            let faults = Faults::of(error)?;
            Answer::refused(&invite_page(&posted.dashboard, mailer, typed, faults))
        }
    }
}

async fn invited(
    accounts: &Arc<Accounts>,
    mailer: &Mailer,
    sites: &Arc<Sites>,
    posted: &Posted<ManageUsers>,
) -> Result<Made, Error> {
    let mut new = read(posted)?;
    posted.who.reaches(new.role)?;
    // Nobody knows it: the link is the way in.
    new.password_hash = accounts.passwords.hash(random_token(30)).await?;
    let (actor, now) = (posted.who.actor(), accounts.clock.now_ms());
    let (key, by_mail) = (accounts.data_key.clone(), mailer.reaches_people());
    let wish = Wish { is_new: true, by_mail };
    let work = move |tx: &mut Tx<'_>| -> Result<(User, String), Error> {
        let user = users::create(tx, &actor, new, now)?;
        let path = invitation::make(tx, &actor, &key, &user, wish, now)?;
        Ok((user, path))
    };
    let (user, path) = accounts.db.write(work).await?;
    Ok(Made { user, link: address(sites, &path).await?, by_mail })
}

fn read(posted: &Posted<ManageUsers>) -> Result<NewUser, Error> {
    let fields = &posted.fields;
    let email = parse_email(Some(fields.get("email")));
    let name = parse_name(Some(fields.get("name")));
    let none = || Fault::of("role", "required", "Choose a role");
    let role = Role::of_word(fields.get("role")).ok_or_else(none);
    match (email, name, role) {
        (Ok(email), Ok(name), Ok(role)) => {
            Ok(NewUser { email, name, role, password_hash: String::new() })
        }
        (email, name, role) => {
            let faults = [email.err(), name.err(), role.err()];
            Err(Error::Invalid(faults.into_iter().flatten().collect()))
        }
    }
}
