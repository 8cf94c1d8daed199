//! `/admin/log-in`, `/admin/log-out`, `/admin/confirm`.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, get, post};

use crate::admin::accounts::auth::{LogIn, Origin};
use crate::admin::accounts::caller::Person;
use crate::admin::accounts::{Accounts, browser, users};
use crate::admin::shell::answer::{Paged, own_path};
use crate::admin::shell::posted::{Anybody, OpenForm};
use crate::admin::shell::refused::{LogInPage, resumed};
use crate::admin::shell::{Answer, Posted};
use crate::platform::config::Live;
use crate::platform::db;
use crate::platform::error::Error;
use crate::platform::http::{FormFields, Limiter, Meta};

#[get("/admin/log-in?<next>")]
pub async fn show(
    person: Option<Person>,
    accounts: &State<Arc<Accounts>>,
    live: &State<Live>,
    next: Option<&str>,
) -> Paged {
    let next = next.and_then(own_path).unwrap_or_else(|| "/admin".into());
    if person.is_some() {
        return Ok(Answer::quietly_to(next));
    }
    let anybody: db::Result<bool> =
        accounts.db.read(|conn| Ok(users::first_owner(conn)?.is_some())).await;
    let page = LogInPage {
        site: live.now().site.app_name.clone(),
        next,
        is_new: !anybody?,
        ..LogInPage::default()
    };
    Answer::page(&page)
}

/// What somebody typed, and where they were going.
struct Typed {
    input: LogIn,
    next: String,
    waiting: Option<(String, String)>,
}

fn typed(fields: &[(String, String)]) -> Typed {
    let get = |name: &str| FormFields::get(fields, name).unwrap_or_default().to_owned();
    let path = own_path(&get("waiting_path"));
    Typed {
        input: LogIn {
            email: get("email").trim().to_lowercase(),
            password: get("password"),
            totp: Some(get("code")).filter(|code| !code.trim().is_empty()),
        },
        next: own_path(&get("next")).unwrap_or_else(|| "/admin".into()),
        waiting: path.map(|path| (path, get("waiting_fields"))),
    }
}

#[post("/admin/log-in", data = "<form>")]
pub async fn create(
    accounts: &State<Arc<Accounts>>,
    limiter: &State<Arc<Limiter>>,
    live: &State<Live>,
    meta: &Meta,
    from: Origin,
    form: OpenForm,
) -> Paged {
    let Typed { input, next, waiting } = typed(&form.0?);
    let (email, password) = (input.email.clone(), input.password.clone());
    let had_code = input.totp.is_some();
    let site = live.now().site.app_name.clone();
    let ticket = match browser::log_in(accounts, limiter, meta, input, from).await {
        Ok(ticket) => ticket,
        Err(error) => {
            let asks_code = matches!(error, Error::Invalid(_));
            let fault = match &error {
                Error::Invalid(_) => String::new(),
                Error::Unauthorized { .. } => {
                    "The address, the password or the code is not right.".into()
                }
                Error::TooMany { retry_after_s } => {
                    format!("Too many tries. Wait {} and try again.", wait(*retry_after_s))
                }
                Error::Unprocessable(why) => crate::admin::shell::field::sentence(why),
                _ => return Err(error.into()),
            };
            // Whoever had come as far as the code begins anew: a wrong code tells nothing about the password.
            let password = if asks_code && !had_code { password } else { String::new() };
            let page =
                LogInPage { site, next, email, fault, asks_code, password, waiting, is_new: false };
            let status = if asks_code { Status::Ok } else { Status::new(error.status()) };
            return Answer::with(status, &page);
        }
    };
    let cookie = ticket.cookie(meta);
    if let Some((path, fields)) = waiting {
        let html = resumed(site, ticket.csrf().expose(), path, &fields)?;
        return Ok(Answer::ready(html).set(cookie));
    }
    Ok(Answer::quietly_to(next).set(cookie))
}

fn wait(seconds: u64) -> String {
    if seconds < 90 {
        format!("{seconds} seconds")
    } else {
        format!("{} minutes", seconds.div_ceil(60))
    }
}

#[post("/admin/log-out", data = "<posted>")]
pub async fn remove(
    accounts: &State<Arc<Accounts>>,
    meta: &Meta,
    posted: Posted<Anybody>,
) -> Paged {
    if let Some(browser) = posted.who.browser() {
        browser::log_out(accounts, &posted.who.user, &browser.session, meta).await?;
    }
    Ok(Answer::quietly_to("/admin/log-in").set(browser::no_cookie(meta)))
}

/// The password was asked for before a page was shown.
#[post("/admin/confirm", data = "<posted>")]
pub fn confirm(posted: Posted<Anybody>) -> Paged {
    posted.confirmed()?;
    let next = own_path(posted.fields.get("next")).unwrap_or_else(|| "/admin".into());
    Ok(Answer::quietly_to(next))
}
