//! Answers of the JSON API: `Api<T>`, and errors as problem+json (RFC 9457).

use rocket::http::{ContentType, Header, Status};
use rocket::response::Responder;
use rocket::{Request, Response};
use serde::Serialize;

use super::meta::Meta;
use super::{headers, rendered};
use crate::platform::error::{Error, Fault};

/// What an API handler returns.
pub type Api<T> = Result<T, Problem>;

/// An [`Error`] on its way out as problem+json.
#[derive(Debug)]
pub struct Problem(pub Error);

impl<E: Into<Error>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The members of the body, in the order people read them.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// Which kind of problem: an address below `/api/docs`, where it is explained.
    #[schema(example = "/api/docs#invalid-fields", format = "uri-reference")]
    r#type: &'static str,
    #[schema(example = "Invalid fields")]
    title: &'static str,
    /// The HTTP status once more.
    #[schema(example = 400, minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong with this request, for people.
    #[schema(example = "1 invalid field(s).")]
    detail: String,
    /// The same as in `X-Request-Id`; the log knows it.
    #[schema(example = "cbaaa1349767b546")]
    request_id: &'a str,
    /// One entry for each fault of each field; only with invalid fields.
    #[schema(required = false)]
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    error: &'a [Fault],
}

/// Heading of the error in `docs/API.md`, and its title.
fn kind(error: &Error) -> (&'static str, &'static str) {
    match error {
        Error::Invalid(_) => ("/api/docs#invalid-fields", "Invalid fields"),
        Error::BadRequest(_) => ("/api/docs#bad-request", "Bad request"),
        Error::NotFound => ("/api/docs#not-found", "Not found"),
        Error::Moved { .. } => ("/api/docs#moved", "Moved"),
        Error::MethodNotAllowed { .. } => ("/api/docs#method-not-allowed", "Method not allowed"),
        Error::Misdirected => ("/api/docs#misdirected-request", "Misdirected request"),
        Error::TooLarge { .. } => ("/api/docs#too-large", "Body too large"),
        Error::UnsupportedMediaType { .. } => {
            ("/api/docs#unsupported-media-type", "Unsupported media type")
        }
        Error::Unauthorized { .. } => ("/api/docs#unauthorized", "Unauthorized"),
        Error::Forbidden(_) => ("/api/docs#forbidden", "Forbidden"),
        Error::Conflict(_) => ("/api/docs#conflict", "Conflict"),
        Error::Stale(_) => ("/api/docs#stale", "Stale"),
        Error::Unprocessable(_) => ("/api/docs#unprocessable", "Unprocessable"),
        Error::CrossSite => ("/api/docs#cross-site", "Cross-site request"),
        Error::TooMany { .. } => ("/api/docs#too-many-requests", "Too many requests"),
        Error::Unavailable(_) => ("/api/docs#temporarily-unavailable", "Temporarily unavailable"),
        Error::Internal(_) => ("/api/docs#internal-error", "Internal error"),
    }
}

impl<'r> Responder<'r, 'static> for Problem {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let meta = Meta::of(request);
        log_once(&self.0, meta);
        let (r#type, title) = kind(&self.0);
        let faults: &[Fault] = if let Error::Invalid(faults) = &self.0 { faults } else { &[] };
        let body = ProblemBody {
            r#type,
            title,
            status: self.0.status(),
            detail: self.0.public_detail(),
            request_id: meta.id(),
            error: faults,
        };
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = rendered::plain(json);
        response.set_header(ContentType::new("application", "problem+json"));
        finish(&mut response, &self.0, meta);
        Ok(response)
    }
}

/// One line for each failure of ours, here at the edge, with the request's id.
pub fn log_once(error: &Error, meta: &Meta) {
    match error {
        Error::Internal(why) => log::error!("request {}: {why}", meta.id()),
        Error::Unavailable(why) => log::warn!("request {}: {why}", meta.id()),
        _ => {}
    }
}

/// What every error answer has: status, no caching, and the headers its kind calls for.
pub fn finish(response: &mut Response<'_>, error: &Error, meta: &Meta) {
    response.set_status(Status::new(error.status()));
    response.set_header(Header::new("Cache-Control", "no-store"));
    headers::secure(response, meta.https);
    match error {
        Error::Unavailable(_) => {
            response.set_header(Header::new("Retry-After", "5"));
        }
        Error::TooMany { retry_after_s } => {
            response.set_header(Header::new("Retry-After", retry_after_s.to_string()));
        }
        Error::Unauthorized { refused, .. } => {
            // RFC 6750, section 3: only who sent a token is told that it does not count.
            let challenge = if *refused { "Bearer error=\"invalid_token\"" } else { "Bearer" };
            response.set_header(Header::new("WWW-Authenticate", challenge));
        }
        Error::MethodNotAllowed { allow } => {
            response.set_header(Header::new("Allow", allow.clone()));
        }
        Error::Moved { to } => {
            response.set_header(Header::new("Location", to.clone()));
        }
        _ => {}
    }
}

/// A JSON answer that is made for one request and must not be kept by anybody.
pub struct Json<T>(pub Status, pub T);

impl<'r, T: Serialize> Responder<'r, 'static> for Json<T> {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        let json = serde_json::to_vec(&self.1).map_err(|error| {
            log::error!("an answer could not be written as JSON: {error}");
            Status::InternalServerError
        })?;
        let mut response = rendered::plain(json);
        response.set_status(self.0);
        response.set_header(ContentType::JSON);
        response.set_header(Header::new("Cache-Control", "no-store"));
        Ok(response)
    }
}

/// Done, and there is nothing to say about it.
pub struct Done;

impl<'r> Responder<'r, 'static> for Done {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        let mut response = Response::new();
        response.set_status(Status::NoContent);
        response.set_header(Header::new("Cache-Control", "no-store"));
        Ok(response)
    }
}
