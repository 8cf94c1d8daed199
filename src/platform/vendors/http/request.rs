//! What is asked: a small builder. Faults found while building are kept and reported when the
//! request is sent, so that a chain of calls reads without `?` on each line.
//!
//! Deliberately not here: multipart bodies and streaming uploads.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use ureq::http::{HeaderName, HeaderValue, Method, header};
use url::Url;

use super::hop::Hop;
use super::{DEFAULT_MAX_RESPONSE_BYTES, DEFAULT_TIMEOUT, Error};
use crate::platform::secret::Secret;

/// Written by the client from the URL and the body; a caller's own would contradict them.
const RESERVED_HEADERS: [HeaderName; 6] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::EXPECT,
];

/// An outbound request.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
    timeout: Duration,
    max_response_bytes: usize,
    only_status: bool,
    max_hops: u32,
    path_is_secret: bool,
    fault: Option<&'static str>,
}

impl Request {
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: None,
            timeout: DEFAULT_TIMEOUT,
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
            only_status: false,
            max_hops: 0,
            path_is_secret: false,
            fault: None,
        }
    }

    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    #[must_use]
    pub fn post(url: impl Into<String>) -> Self {
        Self::new(Method::POST, url)
    }

    /// Adds a header; a second one with the same name replaces the first.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.set(name, value, false);
        self
    }

    /// Adds a header that is never shown and never follows a redirect to another origin.
    #[must_use]
    pub fn secret_header(mut self, name: &str, value: &Secret<String>) -> Self {
        self.set(name, value.expose(), true);
        self
    }

    /// `Authorization: Bearer …`
    #[must_use]
    pub fn bearer(mut self, token: &Secret<String>) -> Self {
        self.set("authorization", &format!("Bearer {}", token.expose()), true);
        self
    }

    /// Sends bytes under a content type (POST, PUT and PATCH only).
    #[must_use]
    pub fn body(mut self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.set("content-type", content_type, false);
        self.body = Some(bytes.into());
        self
    }

    /// Sends a value as JSON (POST, PUT and PATCH only).
    #[must_use]
    pub fn json(mut self, value: &impl Serialize) -> Self {
        let Ok(bytes) = serde_json::to_vec(value) else {
            self.fault = Some("the body cannot be written as JSON");
            return self;
        };
        self.body("application/json", bytes)
    }

    /// The whole call, redirects included. Default [`DEFAULT_TIMEOUT`].
    #[must_use]
    pub fn timeout(mut self, whole_call: Duration) -> Self {
        self.timeout = whole_call;
        self
    }

    /// Cap on the decompressed body. Default [`DEFAULT_MAX_RESPONSE_BYTES`].
    #[must_use]
    pub fn max_response_bytes(mut self, limit: usize) -> Self {
        self.max_response_bytes = limit;
        self
    }

    /// Keeps nothing of the answer's body, of which no more than the cap is read: neither a long nor a
    /// broken one makes the status worth less.
    #[must_use]
    pub fn only_status(mut self) -> Self {
        self.only_status = true;
        self
    }

    /// Follows up to `max_hops` redirects, each checked like a first URL. Default none.
    #[must_use]
    pub fn follow(mut self, max_hops: u32) -> Self {
        self.max_hops = max_hops;
        self
    }

    /// Keeps the path out of logs: for URLs whose path is the secret (Slack's webhooks).
    #[must_use]
    pub fn secret_path(mut self) -> Self {
        self.path_is_secret = true;
        self
    }

    fn set(&mut self, name: &str, value: &str, is_secret: bool) {
        let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::from_str(value))
        else {
            self.fault = Some("a header has characters that are not allowed");
            return;
        };
        if RESERVED_HEADERS.contains(&name) {
            self.fault = Some("a header is set that the client writes itself");
            return;
        }
        value.set_sensitive(is_secret || name == header::AUTHORIZATION || name == header::COOKIE);
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
    }

    pub(super) fn method(&self) -> &Method {
        &self.method
    }

    pub(super) fn total_timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn response_limit(&self) -> usize {
        self.max_response_bytes
    }

    pub(super) fn wants_only_status(&self) -> bool {
        self.only_status
    }

    pub(super) fn max_hops(&self) -> u32 {
        self.max_hops
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if let Some(reason) = self.fault {
            return Err(Error::InvalidRequest { reason });
        }
        if self.body.is_some() && !takes_body(&self.method) {
            return Err(Error::InvalidRequest { reason: "this method carries no body" });
        }
        Ok(())
    }

    pub(super) fn url(&self) -> Result<Url, Error> {
        Url::parse(&self.url).map_err(|_| Error::InvalidUrl { reason: "it is not an absolute URL" })
    }

    pub(super) fn first_hop(&self) -> Hop<'_> {
        let body = takes_body(&self.method).then(|| self.body.as_deref().unwrap_or_default());
        Hop { method: self.method.clone(), headers: self.headers.clone(), body }
    }

    /// The target as logs may show it: never the query, the fragment or a user name.
    pub(super) fn shown(&self) -> String {
        match Url::parse(&self.url) {
            Ok(url) if url.has_host() => {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                let path = if self.path_is_secret { "/…" } else { url.path() };
                format!("{}://{}{port}{path}", url.scheme(), url.host_str().unwrap_or_default())
            }
            _ => "an unusable address".to_owned(),
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} {})", self.method, self.shown())
    }
}

fn takes_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}
