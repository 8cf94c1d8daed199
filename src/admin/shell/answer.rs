//! What handlers of the dashboard answer.

use askama::Template;
use rocket::Request;
use rocket::http::{Cookie, Header, Status};
use rocket::response::{Redirect, Responder};

use super::flash::Flash;
use super::posted::Running;
use crate::platform::error::Error;
use crate::platform::http::page::write;
use crate::platform::http::{Html, Meta, Oops};

/// What a handler returns.
pub type Paged = Result<Answer, Refusal>;

/// An [`Error`] on its way out as a page of the dashboard: the catcher's page, made in the handler's place.
#[derive(Debug)]
pub struct Refusal(pub Error);

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl<'r> Responder<'r, 'static> for Refusal {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        // The catcher of the dashboard makes the page: it may look at the database, which nobody can do here.
        let status = Status::new(self.0.status());
        let _: rocket::request::Outcome<(), ()> = Meta::of(request).refuse(self.0);
        Err(status)
    }
}

/// A page, or the way to one.
pub struct Answer {
    what: What,
    cookies: Vec<Cookie<'static>>,
    /// Where the form leads that is sent once more.
    done_at: Option<String>,
}

enum What {
    Page(Html),
    To { path: String, flash: Option<Flash> },
}

impl Answer {
    /// A page.
    ///
    /// # Errors
    /// A broken formatter of ours.
    pub fn page(template: &impl Template) -> Paged {
        Self::with(Status::Ok, template)
    }

    /// The page of a form that was refused: it stays as it was typed, with its faults.
    ///
    /// # Errors
    /// A broken formatter of ours.
    pub fn refused(template: &impl Template) -> Paged {
        Self::with(Status::UnprocessableEntity, template)
    }

    /// A page with another status.
    ///
    /// # Errors
    /// A broken formatter of ours.
    pub fn with(status: Status, template: &impl Template) -> Paged {
        Ok(Self {
            what: What::Page(Html(status, write(template)?)),
            cookies: Vec::new(),
            done_at: None,
        })
    }

    /// A page that is written already.
    #[must_use]
    pub fn ready(html: Html) -> Self {
        Self { what: What::Page(html), cookies: Vec::new(), done_at: None }
    }

    /// It is done: on to `path`, which says so.
    #[must_use]
    pub fn to(path: impl Into<String>, flash: Flash) -> Self {
        Self {
            what: What::To { path: path.into(), flash: Some(flash) },
            cookies: Vec::new(),
            done_at: None,
        }
    }

    /// On to `path`, without a word.
    #[must_use]
    pub fn quietly_to(path: impl Into<String>) -> Self {
        Self {
            what: What::To { path: path.into(), flash: None },
            cookies: Vec::new(),
            done_at: None,
        }
    }

    /// The form is done with this page: sent once more, as by a reload, it does nothing and leads to `path`. For what
    /// is shown once.
    #[must_use]
    pub fn once(mut self, path: impl Into<String>) -> Self {
        self.done_at = Some(path.into());
        self
    }

    /// With a cookie.
    #[must_use]
    pub fn set(mut self, cookie: Cookie<'static>) -> Self {
        self.cookies.push(cookie);
        self
    }
}

impl<'r> Responder<'r, 'static> for Answer {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let running: &Running = request.local_cache(|| Running(None));
        for cookie in self.cookies {
            request.cookies().add(cookie);
        }
        match self.what {
            What::Page(html) => {
                if let (Some(ticket), Some(path)) = (&running.0, &self.done_at) {
                    ticket.done(path);
                }
                html.respond_to(request)
            }
            What::To { path, flash } => {
                if let Some(ticket) = &running.0 {
                    ticket.done(&path);
                }
                if let Some(cookie) = flash.and_then(|flash| flash.cookie(request)) {
                    request.cookies().add(cookie);
                }
                let mut response = Redirect::to(path).respond_to(request)?;
                response.set_header(Header::new("Cache-Control", "no-store"));
                Ok(response)
            }
        }
    }
}

/// An address within the dashboard, from what somebody sent: never that of another site.
#[must_use]
pub fn own_path(text: &str) -> Option<String> {
    let is_own = (text == "/admin" || text.starts_with("/admin/") || text.starts_with("/admin?"))
        && !text.contains(['\\', '\r', '\n', '\t', '\0'])
        && !text.contains("//")
        && text.len() <= 2000;
    is_own.then(|| text.to_owned())
}

impl From<Refusal> for Oops {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.0)
    }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_led_out_of_the_dashboard() {
        assert_eq!(own_path("/admin/leads?q=a"), Some("/admin/leads?q=a".into()));
        for odd in [
            "",
            "/",
            "//evil.example",
            "/admin//evil.example",
            "https://evil.example/admin",
            "/administer",
            "/admin/\\evil",
            "/admin/\r\nSet-Cookie:a=b",
        ] {
            assert_eq!(own_path(odd), None, "{odd}");
        }
    }
}
