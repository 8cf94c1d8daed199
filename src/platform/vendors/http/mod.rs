//! The one outbound HTTP client: <https://docs.rs/ureq/3>.
//!
//! Two doors:
//! - [`Client::vendor`] calls base URLs that the owner configured. Any address is allowed, because
//!   self-hosted endpoints and the tests' fake vendors are on loopback.
//! - [`Client::public`] calls URLs that people typed. It stays inside a [`Boundary`]: by default
//!   the public internet and nothing else. A name is resolved once, every address of the answer
//!   is judged, and the connection goes to those very addresses, so no second DNS answer can slip
//!   in between.
//!
//! Both: every phase has a timeout, nothing is followed unless [`Request::follow`] asks, no proxy
//! is taken from the environment, answers are capped after decompression, and one line per call is
//! logged without query, headers or bodies.
//!
//! Calls block: make them from outbox workers and periodic tasks, never from an async handler.
//!
//! Deliberately not here: retries (the outbox has them; [`Error::is_retryable`] and
//! [`Error::retry_after`] tell it how), cookies, streaming, and any vendor's words.

mod address;
mod boundary;
mod error;
mod hop;
mod options;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use url::Url;

pub use address::is_public;
pub use boundary::Boundary;
pub use error::Error;
pub use options::Options;
pub use request::Request;
pub use response::Response;
pub use ureq::http::Method;

use boundary::CheckedResolver;
use hop::{Hop, Redirect};

/// Whole calls, redirects included, end after this unless [`Request::timeout`] says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);
/// Cap on a decompressed body unless [`Request::max_response_bytes`] says otherwise.
pub const DEFAULT_MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// A host that cannot even be found or connected to in this time is not slow but away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_RESPONSE_HEADER_BYTES: usize = 32 * 1024;

/// The outbound HTTP client. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    /// Two agents, because a pooled connection is found by name: one that a vendor call opened to
    /// a private address must never serve a public call to the same name.
    vendor: Agent,
    public: Agent,
    boundary: Boundary,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Vendor,
    Public,
}

impl Client {
    /// A client whose public door leads to the public internet.
    ///
    /// Errors: [`Error::Options`] when the proxy or the user agent cannot be used.
    pub fn new(options: &Options) -> Result<Self, Error> {
        Self::with_boundary(options, Boundary::internet())
    }

    /// A client whose public door leads to where `boundary` says; for tests on loopback and for
    /// owners who monitor machines of their own network.
    pub fn with_boundary(options: &Options, boundary: Boundary) -> Result<Self, Error> {
        options.check_user_agent()?;
        let proxy = options.parsed_proxy()?;
        let base = |proxy| {
            Agent::config_builder()
                .proxy(proxy)
                .user_agent(options.user_agent.as_str())
                .http_status_as_error(false)
                // Redirects are followed in `follow`, where each hop is checked.
                .max_redirects(0)
                .max_response_header_size(MAX_RESPONSE_HEADER_BYTES)
        };
        let vendor = Agent::with_parts(
            base(proxy).build(),
            DefaultConnector::new(),
            DefaultResolver::default(),
        );
        let public = Agent::with_parts(
            // No reuse: each call connects to the addresses that were judged for this call.
            base(None).max_idle_connections(0).max_idle_connections_per_host(0).build(),
            DefaultConnector::new(),
            CheckedResolver::new(boundary.clone()),
        );
        Ok(Self { vendor, public, boundary })
    }

    /// Calls a base URL that the owner configured. Any status is an `Ok`; see [`Response::classify`].
    /// A followed redirect that leaves the URL's origin goes through the public door.
    pub fn vendor(&self, request: &Request) -> Result<Response, Error> {
        self.call(Door::Vendor, request)
    }

    /// Calls a URL that a person gave. Any status is an `Ok`; see [`Response::classify`].
    ///
    /// Errors: [`Error::Refused`] when the URL or an address behind it is outside the boundary.
    pub fn public(&self, request: &Request) -> Result<Response, Error> {
        self.call(Door::Public, request)
    }

    /// Whether the public door would call this URL, as far as can be told without looking a name up.
    ///
    /// Errors: [`Error::Refused`], [`Error::InvalidUrl`].
    pub fn check_public(&self, url: &str) -> Result<(), Error> {
        let url = Request::get(url).url()?;
        self.check(Door::Public, &url)?;
        hop::uri_of(&url).map(drop)
    }

    fn call(&self, door: Door, request: &Request) -> Result<Response, Error> {
        let started = Instant::now();
        let outcome = self.follow(door, request, started);
        let (method, target, ms) =
            (request.method(), request.shown(), started.elapsed().as_millis());
        match &outcome {
            Ok(response) => log::info!("{method} {target} {} {ms} ms", response.status),
            Err(error) => log::info!("{method} {target} failed after {ms} ms: {error}"),
        }
        outcome
    }

    fn follow(
        &self,
        mut door: Door,
        request: &Request,
        started: Instant,
    ) -> Result<Response, Error> {
        request.check()?;
        let mut url = request.url()?;
        let mut hop = request.first_hop();
        let mut hops_left = request.max_hops();
        loop {
            self.check(door, &url)?;
            let left = request
                .total_timeout()
                .checked_sub(started.elapsed())
                .filter(|left| !left.is_zero())
                .ok_or_else(|| Error::timeout(&url, "whole call"))?;
            let response = self.once(door, request, &hop, &url, left)?;
            if request.max_hops() == 0 {
                return Ok(response);
            }
            let Some(redirect) = Redirect::of(response.status, response.header("location"), &url)?
            else {
                return Ok(response);
            };
            if hops_left == 0 {
                return Err(Error::refused(&url, "too many redirects"));
            }
            hops_left -= 1;
            if redirect.leaves_origin {
                // Whoever answers for a configured URL must not be able to point us inwards.
                door = Door::Public;
            }
            hop = redirect.apply(hop)?;
            url = redirect.to;
        }
    }

    fn check(&self, door: Door, url: &Url) -> Result<(), Error> {
        address::check_url(url)?;
        match door {
            Door::Vendor => Ok(()),
            Door::Public => self.boundary.check_url(url),
        }
    }

    fn once(
        &self,
        door: Door,
        request: &Request,
        hop: &Hop<'_>,
        url: &Url,
        left: Duration,
    ) -> Result<Response, Error> {
        let agent = match door {
            Door::Vendor => &self.vendor,
            Door::Public => &self.public,
        };
        let message = hop.message(url)?;
        // Phases other than finding the host share what is left of the whole: a slow model that
        // answers after 50 s is fine when the caller allowed 60.
        let message = agent
            .configure_request(message)
            .timeout_global(Some(left))
            .timeout_resolve(Some(left.min(CONNECT_TIMEOUT)))
            .timeout_connect(Some(left.min(CONNECT_TIMEOUT)))
            .timeout_send_request(Some(left))
            .timeout_send_body(Some(left))
            .timeout_recv_response(Some(left))
            .timeout_recv_body(Some(left))
            .build();
        let answer =
            if hop.has_body() { agent.run(message) } else { agent.run(message.map(|_| ())) };
        let answer = answer.map_err(|error| Error::from_ureq(&error, url))?;
        Response::read(answer, url, request.response_limit(), request.wants_only_status())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
