//! How far the public door reaches: names, addresses and ports, judged where the connection is made.
//!
//! Deliberately not here: the list of addresses that are not public ([`super::address`]).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use url::Url;

use super::{Error, address};

/// What ureq's address list can hold.
const MAX_ADDRESSES: usize = 16;

type Lookup = Arc<dyn Fn(&str) -> Vec<IpAddr> + Send + Sync>;

/// What [`super::Client::public`] may reach.
#[derive(Clone)]
pub struct Boundary {
    /// `None`: the system's resolver.
    lookup: Option<Lookup>,
    allows_address: fn(IpAddr) -> bool,
    allows_port: fn(u16) -> bool,
    allows_local_names: bool,
}

impl Boundary {
    /// The public internet, on the ports where web servers live.
    #[must_use]
    pub fn internet() -> Self {
        Self {
            lookup: None,
            allows_address: address::is_public,
            allows_port: |port| matches!(port, 80 | 443 | 8080 | 8443),
            allows_local_names: false,
        }
    }

    /// Replaces the rule for addresses; names like `localhost` are then judged by their addresses alone.
    #[must_use]
    pub fn with_addresses(mut self, allows: fn(IpAddr) -> bool) -> Self {
        self.allows_address = allows;
        self.allows_local_names = true;
        self
    }

    /// Replaces the rule for ports.
    #[must_use]
    pub fn with_ports(mut self, allows: fn(u16) -> bool) -> Self {
        self.allows_port = allows;
        self
    }

    /// Replaces the system's resolver: host name in, addresses out (none: unknown host).
    #[must_use]
    pub fn with_lookup(
        mut self,
        lookup: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        self.lookup = Some(Arc::new(lookup));
        self
    }

    /// All that can be said of a URL before its name is looked up.
    pub(super) fn check_url(&self, url: &Url) -> Result<(), Error> {
        if !url.port_or_known_default().is_some_and(self.allows_port) {
            return Err(Error::refused(url, "only the ports 80, 443, 8080 and 8443 are called"));
        }
        match address::literal(url) {
            Some(ip) if !(self.allows_address)(ip) => {
                Err(Error::refused(url, OutsideBoundary::REASON))
            }
            None if !self.allows_local_names
                && url.host_str().is_none_or(address::is_local_name) =>
            {
                Err(Error::refused(url, "the name belongs to a local network"))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Boundary").finish_non_exhaustive()
    }
}

/// Carries the refusal through ureq's error type.
#[derive(Debug, thiserror::Error)]
#[error("{}", Self::REASON)]
pub(super) struct OutsideBoundary;

impl OutsideBoundary {
    pub(super) const REASON: &'static str = "not an address of the public internet";
}

/// Looks a name up once and hands ureq only addresses that were judged. One bad address spoils
/// the answer: an honest public site has no private address among its own.
#[derive(Debug)]
pub(super) struct CheckedResolver {
    boundary: Boundary,
    system: DefaultResolver,
}

impl CheckedResolver {
    pub(super) fn new(boundary: Boundary) -> Self {
        Self { boundary, system: DefaultResolver::default() }
    }

    fn look_up(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let (Some(lookup), Some(host)) = (&self.boundary.lookup, uri.host()) else {
            return self.system.resolve(uri, config, timeout);
        };
        let is_https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let addresses = match host.trim_matches(['[', ']']).parse() {
            Ok(literal) => vec![literal],
            Err(_) => lookup(host),
        };
        let mut found = self.empty();
        for ip in addresses.into_iter().take(MAX_ADDRESSES) {
            found.push(SocketAddr::new(ip, port));
        }
        Ok(found)
    }
}

impl Resolver for CheckedResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.look_up(uri, config, timeout)?;
        if found.is_empty() {
            return Err(ureq::Error::HostNotFound);
        }
        if found.iter().any(|address| !(self.boundary.allows_address)(address.ip())) {
            return Err(ureq::Error::Other(Box::new(OutsideBoundary)));
        }
        Ok(found)
    }
}
