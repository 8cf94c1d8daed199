//! JSON for one caller alone: asked about again each time, and not sent again while it is the same.
//!
//! The tag is a digest of the body. [`IfMatch`] compares it once more before a change, so that two people who edit
//! the same thing hear of each other.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::Request;
use rocket::http::{ContentType, Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::Responder;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::rendered::{Cached, matches, plain};
use crate::platform::error::Error;

/// An answer to a GET of somebody who is known, or to a change of theirs.
pub struct Private {
    json: Vec<u8>,
    tag: String,
    /// Where a list goes on: the value of `Link`.
    link: Option<String>,
}

/// The tag of a representation: of the same bytes it is the same, in any process.
fn tag_of(json: &[u8]) -> String {
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(json)[..12]))
}

impl Private {
    /// # Errors
    /// Only when `body` cannot be written as JSON.
    pub fn new(body: &impl Serialize) -> Result<Self, Error> {
        let json = serde_json::to_vec(body).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Self { tag: tag_of(&json), json, link: None })
    }

    /// The same with the address of the next page.
    #[must_use]
    pub fn followed_by(mut self, next: Option<&str>) -> Self {
        self.link = next.map(|address| format!("<{address}>; rel=\"next\""));
        self
    }
}

impl<'r> Responder<'r, 'static> for Private {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let tags = request.headers().get_one("If-None-Match");
        let is_read =
            matches!(request.method(), rocket::http::Method::Get | rocket::http::Method::Head);
        let known = is_read && tags.is_some_and(|tags| matches(tags, &self.tag));
        let mut response = plain(if known { Vec::new() } else { self.json });
        response.set_header(Header::new("Cache-Control", "private, no-cache"));
        response.set_header(Header::new("Vary", "Authorization"));
        response.set_header(Header::new("ETag", self.tag));
        if let Some(link) = self.link {
            response.set_header(Header::new("Link", link));
        }
        if known {
            response.set_status(Status::NotModified);
        } else {
            response.set_header(ContentType::JSON);
        }
        Ok(response)
    }
}

/// An answer of an address that shows more to some: the same for everybody, or theirs alone.
#[derive(rocket::Responder)]
pub enum Shown {
    Public(Cached),
    Private(Private),
}

/// What a change was made on the ground of: the `ETag` of the last look.
pub struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// From the hidden field of a form; empty, nothing is compared.
    #[must_use]
    pub fn of_form(tag: &str) -> Self {
        Self((!tag.is_empty()).then(|| vec![tag.to_owned()]))
    }

    /// The tag of `current`, for the hidden field of a form that changes it.
    ///
    /// # Errors
    /// Only when it cannot be written as JSON.
    pub fn tag(current: &impl Serialize) -> Result<String, Error> {
        let json = serde_json::to_vec(current).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(tag_of(&json))
    }

    /// Whether what is there now is what the change was made on the ground of; without the header it is.
    ///
    /// # Errors
    /// 412 when it has changed since.
    pub fn check(&self, current: &impl Serialize) -> Result<(), Error> {
        let Some(tags) = &self.0 else { return Ok(()) };
        let json = serde_json::to_vec(current).map_err(|e| Error::Internal(e.to_string()))?;
        let tag = tag_of(&json);
        if tags.iter().any(|given| *given == tag || given == "*") {
            return Ok(());
        }
        Err(Error::Stale("this has been changed since you looked; get it again".into()))
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for IfMatch {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let values: Vec<&str> = request.headers().get("If-Match").collect();
        // Weak tags never match here (RFC 9110 §13.1.1): they are kept as they stand.
        let tags =
            values.iter().flat_map(|value| value.split(',')).map(|tag| tag.trim().to_owned());
        Outcome::Success(Self((!values.is_empty()).then(|| tags.collect())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_when_its_ground_is_still_there() {
        let if_match =
            |tags: &[&str]| IfMatch(Some(tags.iter().map(|t| (*t).to_owned()).collect()));
        let tag = tag_of(br#"{"a":1}"#);
        let now = serde_json::json!({ "a": 1 });
        assert!(IfMatch(None).check(&now).is_ok());
        assert!(if_match(&["\"x\"", &tag]).check(&now).is_ok());
        assert!(if_match(&["*"]).check(&now).is_ok());
        let weak = format!("W/{tag}");
        for tags in [&["\"x\""][..], &[&weak], &[""]] {
            assert!(matches!(if_match(tags).check(&now), Err(Error::Stale(_))), "{tags:?}");
        }
    }
}
