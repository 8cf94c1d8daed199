//! Answers for people: `Page<T>`, and errors as friendly pages in the visitor's language.

use std::sync::Arc;

use askama::Template;
use rocket::Request;
use rocket::http::{ContentType, Header, Status};
use rocket::response::Responder;

use super::meta::Meta;
use super::packed;
use super::problem::{finish, log_once};
use super::rendered;
use super::shell::Shell;
use super::site::Sites;
use crate::platform::db;
use crate::platform::error::Error;
use crate::platform::lang::Words;

/// What a page handler returns.
pub type Page<T> = Result<T, Oops>;

/// Writes a template to text. A template can fail only on a broken formatter of ours.
pub fn write(template: &impl Template) -> Result<String, Error> {
    template.render().map_err(|error| Error::Internal(format!("template: {error}")))
}

/// Text as XML and HTML want it, in elements and in attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 has no way to write other control characters.
            c if c.is_control() && !matches!(c, '\n' | '\t' | '\r') => {}
            c => out.push(c),
        }
    }
    out
}

/// A page made for one request: never kept by anybody.
///
/// It is packed only for a browser that says that no other site has brought about the request. Such a page has secrets
/// in it beside words that others may choose, and whoever both chooses them and sees how long the packed answers are
/// could guess the secrets (BREACH).
pub struct Html(pub Status, pub String);

impl<'r> Responder<'r, 'static> for Html {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let headers = request.headers();
        let is_own = matches!(headers.get_one("Sec-Fetch-Site"), Some("same-origin" | "none"));
        let accepted = headers.get_one("Accept-Encoding").filter(|_| is_own).unwrap_or_default();
        let mut response = match packed::once(self.1.as_bytes(), accepted) {
            Some(packed) => {
                let mut response = rendered::plain(packed);
                response.set_header(Header::new("Content-Encoding", "br"));
                response
            }
            None => rendered::plain(self.1.into_bytes()),
        };
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
    /// Nothing was found: search and the best pages are offered.
    lost: bool,
    request_id: Option<String>,
}

impl<'r> Responder<'r, 'static> for Oops {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let meta = Meta::of(request);
        log_once(&self.0, meta);
        let sites = request.rocket().state::<Arc<Sites>>();
        let site = sites.map(|sites| sites.last(meta.lang)).unwrap_or_default();
        let changes = matches!(meta.method, "POST" | "PUT" | "PATCH" | "DELETE");
        let (heading, message) = words(&self.0, meta.lang.words(), changes);
        let page = ErrorPage {
            shell: Shell::new(meta.lang, site, "", heading, message).unlisted(),
            status: self.0.status(),
            lost: matches!(self.0, Error::NotFound),
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
fn words(error: &Error, t: &Words, changes: bool) -> (String, String) {
    let t = &t.errors;
    let (heading, message) = match error {
        Error::NotFound => (&t.not_found, &t.not_found_text),
        Error::Moved { .. } => (&t.moved, &t.moved_text),
        // The API's alone; no page of the site says them.
        Error::Unauthorized { .. }
        | Error::Forbidden(_)
        | Error::Conflict(_)
        | Error::Stale(_)
        | Error::Unprocessable(_)
        | Error::Invalid(_)
        | Error::BadRequest(_) => (&t.bad_request, &t.bad_request_text),
        Error::MethodNotAllowed { .. } => (&t.method, &t.method_text),
        Error::Misdirected => (&t.misdirected, &t.misdirected_text),
        Error::TooLarge { .. } => (&t.too_large, &t.too_large_text),
        Error::UnsupportedMediaType { .. } => (&t.media_type, &t.media_type_text),
        Error::CrossSite => (&t.cross_site, &t.cross_site_text),
        Error::TooMany { retry_after_s } => {
            let minutes = retry_after_s.div_ceil(60) as i64;
            let text = crate::platform::lang::Text::count(
                &t.too_many_text_one,
                &t.too_many_text_many,
                minutes,
            );
            return (t.too_many.to_string(), text.into());
        }
        Error::Unavailable(_) if changes => (&t.unavailable, &t.unavailable_text),
        Error::Unavailable(_) => (&t.busy, &t.busy_text),
        Error::Internal(_) => (&t.internal, &t.internal_text),
    };
    (heading.to_string(), message.to_string())
}
