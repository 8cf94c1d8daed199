//! What the dashboard says when something is not answered: log in first, give the password again, or why not.

use askama::Template;
use rocket::http::{Header, Status};
use rocket::response::{Redirect, Responder};
use rocket::{Catcher, Request, Response, catch, catchers};

use super::answer::own_path;
use super::confirmed::asked;
use super::dashboard::{Dashboard, View, form_fields, make};
use super::field::sentence;
use super::posted::{Fields, Waiting};
use crate::admin::accounts::caller::recognise;
use crate::platform::config::Live;
use crate::platform::error::Error;
use crate::platform::http::page::write;
use crate::platform::http::problem::{finish, log_once};
use crate::platform::http::{Html, Meta, Problem, catch as meanings};

/// For everything below `/admin`.
pub fn catchers() -> Vec<Catcher> {
    catchers![refused]
}

/// The page on which somebody logs in.
#[derive(Template, Default)]
#[template(path = "admin/log_in.html")]
pub struct LogInPage {
    pub site: String,
    /// Where it goes on from there.
    pub next: String,
    /// What was typed before.
    pub email: String,
    pub fault: String,
    /// The address and password were right, and a code is missing.
    pub asks_code: bool,
    /// Kept while a code is asked for.
    pub password: String,
    /// What waits to be sent: path, and the fields as one text.
    pub waiting: Option<(String, String)>,
    /// Nobody has an account yet.
    pub is_new: bool,
}

#[derive(Template)]
#[template(path = "admin/confirm.html")]
struct ConfirmPage {
    view: View,
    action: String,
    /// What the form held that is sent on.
    fields: Vec<(String, String)>,
    has_totp: bool,
    fault: String,
    is_get: bool,
}

#[derive(Template)]
#[template(path = "admin/resume.html")]
struct ResumePage {
    view: View,
    action: String,
    fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "admin/error.html")]
struct ErrorPage {
    view: View,
    text: String,
    request_id: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/error_outside.html")]
struct OutsidePage {
    site: String,
    heading: &'static str,
    text: String,
    request_id: Option<String>,
}

/// An answer that is ready.
struct Ready(Response<'static>);

impl<'r> Responder<'r, 'static> for Ready {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        Ok(self.0)
    }
}

#[catch(default)]
async fn refused(status: Status, request: &Request<'_>) -> Result<Ready, Status> {
    let error = meanings::meaning(status, request);
    let meta = Meta::of(request);
    if is_script(request) {
        return Problem(error).respond_to(request).map(Ready);
    }
    let page = page_of(request, &error).await;
    log_once(&error, meta);
    let mut response = match page {
        Ok(Page::To(path)) => Redirect::to(path).respond_to(request)?,
        Ok(Page::Html(html)) => html.respond_to(request)?,
        Err(error) => {
            log_once(&error, meta);
            return Err(Status::InternalServerError);
        }
    };
    let status = response.status();
    if status.code >= 400 {
        finish(&mut response, &error, meta);
        response.set_status(status);
    }
    response.set_header(Header::new("Cache-Control", "no-store"));
    Ok(Ready(response))
}

/// Whether a script of ours asks, which wants to read why.
fn is_script(request: &Request<'_>) -> bool {
    let accept = request.headers().get_one("Accept").unwrap_or_default();
    request.headers().contains("X-CSRF-Token") || accept.starts_with("application/json")
}

enum Page {
    To(String),
    Html(Html),
}

async fn page_of(request: &Request<'_>, error: &Error) -> Result<Page, Error> {
    let meta = Meta::of(request);
    let is_read = matches!(meta.method, "GET" | "HEAD");
    // As sent, unless the door has turned the request around.
    let here = own_path(&request.uri().to_string()).unwrap_or_else(|| "/admin".into());
    let waiting: &Waiting = request.local_cache(|| Waiting(Fields::default()));
    let site = || request.rocket().state::<Live>().map(|live| live.now().site.app_name.clone());
    let status = Status::new(error.status());
    if let Error::Moved { to } = error {
        return Ok(Page::To(to.clone()));
    }
    if let Error::Unauthorized { .. } = error {
        if is_read {
            let here = without_secrets(&here);
            let next = url::form_urlencoded::byte_serialize(here.as_bytes()).collect::<String>();
            return Ok(Page::To(format!("/admin/log-in?next={next}")));
        }
        let page = LogInPage {
            site: site().unwrap_or_default(),
            fault: "Your session has ended. Log in again: what you have typed is kept.".into(),
            waiting: Some((here.clone(), packed(&waiting.0.own()))),
            next: here,
            ..LogInPage::default()
        };
        return Ok(Page::Html(Html(status, write(&page)?)));
    }
    let who = recognise(request).await;
    let dashboard = match who {
        Ok(who) => make(request, who, None).await,
        Err(_) => None,
    };
    let Some(dashboard) = dashboard else {
        let (heading, text) = words(error);
        let request_id = matches!(error, Error::Internal(_)).then(|| meta.id().to_owned());
        let page = OutsidePage { site: site().unwrap_or_default(), heading, text, request_id };
        return Ok(Page::Html(Html(status, write(&page)?)));
    };
    inside(error, meta, &dashboard, here, (is_read, waiting.0.own())).map(Page::Html)
}

/// An address without parameters that are called like secrets: nothing that was sent by mistake stands in another
/// address.
fn without_secrets(address: &str) -> String {
    let Some((path, query)) = address.split_once('?') else { return address.to_owned() };
    let is_plain = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
        !["token", "password", "secret", "key", "code", "%"].iter().any(|part| name.contains(part))
    };
    let kept: Vec<&str> = query.split('&').filter(is_plain).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// For somebody who is logged in.
fn inside(
    error: &Error,
    meta: &Meta,
    dashboard: &Dashboard,
    here: String,
    (is_read, fields): (bool, Vec<(String, String)>),
) -> Result<Html, Error> {
    let status = Status::new(error.status());
    if let Some(why) = asked(error) {
        let page = ConfirmPage {
            view: dashboard.view("Your password, please"),
            action: if is_read { "/admin/confirm".into() } else { here.clone() },
            fields: if is_read { vec![("next".into(), here)] } else { fields },
            has_totp: dashboard.who.user.has_totp,
            fault: if why.is_empty() { why } else { sentence(&why) },
            is_get: is_read,
        };
        return Ok(Html(status, write(&page)?));
    }
    if matches!(error, Error::CrossSite) && !fields.is_empty() {
        // The browser says that the form stood on a page of ours: from before another log-in.
        let page = ResumePage { view: dashboard.view("Send it again?"), action: here, fields };
        return Ok(Html(Status::Conflict, write(&page)?));
    }
    let (heading, text) = words(error);
    let request_id = matches!(error, Error::Internal(_)).then(|| meta.id().to_owned());
    let page = ErrorPage { view: dashboard.view(heading), text, request_id };
    Ok(Html(status, write(&page)?))
}

/// What happened, and what to do now.
fn words(error: &Error) -> (&'static str, String) {
    match error {
        Error::NotFound => {
            ("Not here", "It may have been removed or renamed. Go back, or search.".into())
        }
        Error::Forbidden(_) => {
            ("Not for you", format!("{} Ask an owner if you need it.", error.public_detail()))
        }
        Error::Conflict(_) | Error::Stale(_) => ("That did not go through", error.public_detail()),
        Error::CrossSite => (
            "That form is out of date",
            "Nothing was changed. Go back, reload the page and send it again.".into(),
        ),
        Error::TooLarge { limit_bytes } => (
            "Too large",
            format!("It may have {} MB at most. Nothing was changed.", limit_bytes / 1024 / 1024),
        ),
        Error::Invalid(faults) => (
            "That did not go through",
            faults.iter().map(|fault| sentence(&fault.message)).collect::<Vec<_>>().join(" "),
        ),
        Error::TooMany { retry_after_s } => {
            ("Too many tries", format!("Try again in {} min.", retry_after_s.div_ceil(60)))
        }
        other => ("That did not work", other.public_detail()),
    }
}

/// Fields as one text, to be carried through a log-in.
pub(super) fn packed(fields: &[(String, String)]) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(fields);
    text.finish()
}

/// A page that offers to send `fields` to `action` after all.
///
/// # Errors
/// A broken formatter of ours.
pub fn resumed(site: String, csrf: &str, action: String, text: &str) -> Result<Html, Error> {
    let fields = url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .filter(|(name, _)| !name.starts_with('_'))
        .collect();
    let page = AfterLogIn { site, form: form_fields(csrf), action, fields };
    Ok(Html(Status::Ok, write(&page)?))
}

#[derive(Template)]
#[template(path = "admin/after_log_in.html")]
struct AfterLogIn {
    site: String,
    form: String,
    action: String,
    fields: Vec<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn what_is_called_like_a_secret_is_not_carried_through_the_log_in() {
        assert_eq!(without_secrets("/admin"), "/admin");
        assert_eq!(without_secrets("/admin/leads?tag=vip&q=a+b"), "/admin/leads?tag=vip&q=a+b");
        assert_eq!(without_secrets("/admin?token=x&Password=y"), "/admin");
        assert_eq!(without_secrets("/admin/a?api_key=x&sort=-name"), "/admin/a?sort=-name");
        assert_eq!(without_secrets("/admin?%74oken=x"), "/admin");
    }
}
