//! What is known about a request before any route runs.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use rocket::Request;
use rocket::request::{FromRequest, Outcome};

use super::in_flight::{Counted, InFlight};
use super::limit::{self, Decision};
use crate::platform::config::HttpSettings;
use crate::platform::error::Error;
use crate::platform::id;
use crate::platform::lang::Lang;

/// Facts of one request, kept in Rocket's request-local cache.
pub struct Meta {
    pub started: Instant,
    /// As the client sent it; a refused request is rewritten to a GET.
    pub method: &'static str,
    /// The peer, or the last untrusted hop behind trusted proxies.
    pub client: IpAddr,
    /// Whether the visitor's connection is encrypted, as far as we may believe it.
    pub https: bool,
    /// The language of the address as the client sent it.
    pub lang: Lang,
    id: OnceLock<String>,
    /// The rate limit to show in the answer's headers.
    limit: Mutex<Option<Decision>>,
    /// Why the door, or a guard, turned this request away.
    pub(super) refused: OnceLock<Error>,
    /// Set when the door answers a CORS preflight.
    pub(super) preflight: OnceLock<()>,
    /// Counts the request as being answered until it is dropped.
    counted: Option<Counted>,
}

impl Meta {
    fn new(request: &Request<'_>, client: IpAddr, https: bool, counted: Option<Counted>) -> Self {
        Self {
            started: Instant::now(),
            method: request.method().as_str(),
            client,
            https,
            lang: Lang::of_path(&routed_path(request)).0,
            id: OnceLock::new(),
            limit: Mutex::default(),
            refused: OnceLock::new(),
            preflight: OnceLock::new(),
            counted,
        }
    }

    /// The facts of `request`; a stand-in for a request that never passed the door.
    pub fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(|| {
            let peer = request.remote().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
            Self::new(request, peer, false, None)
        })
    }

    pub(super) fn read<'r>(
        request: &'r Request<'_>,
        http: &HttpSettings,
        in_flight: &Arc<InFlight>,
    ) -> &'r Self {
        request.local_cache(|| {
            let peer = request.remote().map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.ip());
            let trusted =
                |address: IpAddr| http.trusted_proxies.iter().any(|r| r.contains(address));
            if http.trusted_proxies.is_empty() || !trusted(peer) {
                let counted = Some(in_flight.enter());
                return Self::new(request, peer.to_canonical(), false, counted);
            }
            let https = forwarded_proto(request).is_some_and(|p| p.eq_ignore_ascii_case("https"));
            let client = last_untrusted(request, peer, trusted).to_canonical();
            Self::new(request, client, https, Some(in_flight.enter()))
        })
    }

    /// Whether the door has seen this request: what Rocket itself cannot read never gets there.
    pub(super) fn passed_the_door(&self) -> bool {
        self.counted.is_some()
    }

    /// The request's id, made when first asked for.
    pub fn id(&self) -> &str {
        self.id.get_or_init(id::request_id)
    }

    /// Turns the request away from within a guard: the catcher answers with `error`.
    pub fn refuse<S>(&self, error: Error) -> Outcome<S, ()> {
        let status = rocket::http::Status::new(error.status());
        // The first reason is the one that counts.
        let _ = self.refused.set(error);
        Outcome::Error((status, ()))
    }

    pub(super) fn refusal(&self) -> Option<Error> {
        self.refused.get().cloned()
    }

    /// Remembers where the client stands; the latest decision is the one shown.
    pub fn show_limit(&self, decision: Decision) {
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner) = Some(decision);
    }

    pub(super) fn shown_limit(&self) -> Option<Decision> {
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client as a rate-limit key.
    pub fn limit_key(&self) -> u128 {
        limit::key_of_address(self.client)
    }

    /// The client's address as it may be stored: /24 of IPv4, /48 of IPv6.
    pub fn truncated_client(&self) -> IpAddr {
        truncated(self.client)
    }
}

pub(super) fn forwarded_proto<'r>(request: &'r Request<'_>) -> Option<&'r str> {
    request.headers().get_one("X-Forwarded-Proto")
}

/// Walks `X-Forwarded-For` from the right over the proxies we trust to the first address that is
/// not one of them: what stands further left was written by the client.
fn last_untrusted(request: &Request<'_>, peer: IpAddr, trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let values: Vec<&str> = request.headers().get("X-Forwarded-For").collect();
    let mut client = peer;
    for hop in values.iter().rev().flat_map(|value| value.rsplit(',')) {
        let Some(address) = address_of(hop.trim()) else { break };
        client = address;
        if !trusted(address) {
            break;
        }
    }
    client
}

/// An address, also with the port that some proxies add.
fn address_of(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<std::net::SocketAddr>().map(|address| address.ip());
    hop.parse().or_else(|_| with_port()).ok()
}

/// `192.0.2.0`, `2001:db8:1::`.
#[must_use]
pub fn truncated(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            IpAddr::from([a, b, c, 0])
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            IpAddr::from([a, b, c, 0, 0, 0, 0, 0])
        }
    }
}

/// The path as Rocket's router reads it: decoded, without empty segments. Every rule that depends
/// on the path must ask this one, or `//api` and `/%61pi` slip past it.
pub(super) fn routed_path<'r>(request: &'r Request<'_>) -> Cow<'r, str> {
    let path = request.uri().path();
    if !path.contains('%') && !path.contains("//") {
        return Cow::Borrowed(path.as_str());
    }
    let decoded = path.segments().collect::<Vec<_>>().join("/");
    Cow::Owned(format!("/{decoded}"))
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for &'r Meta {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Meta::of(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_addresses_no_longer_name_one_person() {
        let truncated = |text: &str| truncated(text.parse().unwrap()).to_string();
        assert_eq!(truncated("203.0.113.77"), "203.0.113.0");
        assert_eq!(truncated("::ffff:203.0.113.77"), "203.0.113.0");
        assert_eq!(truncated("2001:db8:1:2:3:4:5:6"), "2001:db8:1::");
    }
}
