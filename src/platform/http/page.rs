//! Answers for people: `Page<T>`, the shell that every page stands in, and friendly errors.

use std::sync::Arc;

use askama::Template;
use rocket::Request;
use rocket::http::{ContentType, Header, Status};
use rocket::response::Responder;

use super::meta::Meta;
use super::problem::{finish, log_once};
use super::rendered;
use crate::platform::db;
use crate::platform::error::Error;

/// What a page handler returns.
pub type Page<T> = Result<T, Oops>;

/// The site as templates see it. Any text may be empty except the names.
#[derive(Debug, Default)]
pub struct SiteView {
    pub name: String,
    pub tagline: String,
    pub owner_name: String,
    pub owner_address: String,
    pub contact_email: String,
    /// Scheme and host for absolute links, without a trailing slash; empty when not configured.
    pub base_url: String,
    pub year: i16,
}

/// What `base.html` needs of every page.
#[derive(Debug, Clone)]
pub struct Shell {
    pub lang: &'static str,
    pub title: String,
    pub description: String,
    /// Path of the page, for the navigation.
    pub path: String,
    pub canonical: Option<String>,
    pub site: Arc<SiteView>,
    pub noindex: bool,
}

impl Shell {
    #[must_use]
    pub fn new(site: &Arc<SiteView>, path: &str, title: &str, description: &str) -> Self {
        let canonical = (!site.base_url.is_empty()).then(|| format!("{}{path}", site.base_url));
        Self {
            lang: "en",
            title: title.to_owned(),
            description: description.to_owned(),
            path: path.to_owned(),
            canonical,
            site: Arc::clone(site),
            noindex: false,
        }
    }

    /// The same shell for a page that search engines should leave out.
    #[must_use]
    pub fn unlisted(mut self) -> Self {
        self.noindex = true;
        self.canonical = None;
        self
    }
}

/// Writes a template to text. A template can fail only on a broken formatter of ours.
pub fn write(template: &impl Template) -> Result<String, Error> {
    template.render().map_err(|error| Error::Internal(format!("template: {error}")))
}

/// A page made for one request: never kept by anybody.
pub struct Html(pub Status, pub String);

impl<'r> Responder<'r, 'static> for Html {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        let mut response = rendered::plain(self.1.into_bytes());
        response.set_status(self.0);
        response.set_header(ContentType::HTML);
        response.set_header(Header::new("Cache-Control", "no-store"));
        Ok(response)
    }
}

/// An [`Error`] on its way out as a friendly page.
#[derive(Debug)]
pub struct Oops(pub Error);

impl From<Error> for Oops {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<db::Error> for Oops {
    fn from(error: db::Error) -> Self {
        Self(error.into())
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    shell: Shell,
    status: u16,
    heading: String,
    message: String,
    request_id: Option<String>,
}

impl<'r> Responder<'r, 'static> for Oops {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let meta = Meta::of(request);
        log_once(&self.0, meta);
        let site = request.rocket().state::<Arc<SiteView>>().cloned().unwrap_or_default();
        let (heading, message) = words(&self.0);
        let page = ErrorPage {
            shell: Shell::new(&site, "", &heading, &message).unlisted(),
            status: self.0.status(),
            heading,
            message,
            request_id: matches!(self.0, Error::Internal(_)).then(|| meta.id().to_owned()),
        };
        let html = page.render().map_err(|_| Status::InternalServerError)?;
        let mut response = rendered::plain(html.into_bytes());
        response.set_header(ContentType::HTML);
        finish(&mut response, &self.0, meta);
        Ok(response)
    }
}

/// Heading and message in the site's own voice: what happened, and what to do now.
fn words(error: &Error) -> (String, String) {
    let (heading, message) = match error {
        Error::NotFound => (
            "There is no page here",
            "The address may be mistyped, or the page has moved. One of these may be what you wanted.",
        ),
        Error::Moved { .. } => ("This page has moved", "Your browser should take you there."),
        Error::Invalid(_) | Error::BadRequest(_) => (
            "That request could not be read",
            "Something in it was not as it should be. Go back, check what you entered and send it again.",
        ),
        Error::MethodNotAllowed { .. } => (
            "That does not work here",
            "This address exists, but not for what your browser tried to do with it.",
        ),
        Error::Misdirected => (
            "This is not the site you asked for",
            "The request names a host that this server does not answer for.",
        ),
        Error::TooLarge { .. } => (
            "That is too much at once",
            "What you sent is larger than this page accepts. Shorten it and send it again.",
        ),
        Error::UnsupportedMediaType { .. } => {
            ("That kind of content is not accepted", "Please use the form on the page.")
        }
        Error::CrossSite => (
            "That form came from another site",
            "For your safety forms are accepted only from this site. Open the page here and try again.",
        ),
        Error::TooMany { retry_after_s } => {
            let minutes = retry_after_s.div_ceil(60);
            let when = if minutes == 1 { "a minute".into() } else { format!("{minutes} minutes") };
            return (
                "Too many tries".into(),
                format!(
                    "We have had many requests from your connection. Please try again in {when}."
                ),
            );
        }
        Error::Unavailable(_) => (
            "We could not save that just now",
            "Nothing was stored. Please try again in a moment; what you entered is still in your browser when you go back.",
        ),
        Error::Internal(_) => (
            "Something went wrong on our side",
            "It has been recorded and we will look at it. Please try again in a moment.",
        ),
    };
    (heading.into(), message.into())
}
