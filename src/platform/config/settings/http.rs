//! Where the server listens, whom it answers, and whom it believes.
//!
//! The checks on requests themselves are in `platform::http`.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::Profile;
use crate::platform::config::ip_range::IpRange;
use crate::platform::config::reader::{Missing, Reader};

#[derive(Debug, Clone)]
pub struct HttpSettings {
    pub address: IpAddr,
    pub port: u16,
    pub api_url: Option<Url>,
    pub frontend_url: Option<Url>,
    /// Lower case, without a trailing dot.
    pub domain: Option<String>,
    /// Peers whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpRange>,
    pub rate_limits_on: bool,
    pub rate_limit_headers: RateLimitHeaders,
    /// Exact origins that may send credentials, such as `https://shop.example`.
    pub allowed_origins: Vec<String>,
    /// Hosts that are answered: lower case, without ports, IPv6 addresses in brackets.
    pub allowed_hosts: Vec<String>,
}

/// Which draft of the `RateLimit` headers is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimitHeaders {
    Draft6,
    Draft8,
}

impl HttpSettings {
    pub(super) fn read(profile: Profile, reader: &mut Reader<'_>) -> Result<Self, Missing> {
        let api_url: Option<Url> = reader.optional("http.api_url");
        let frontend_url: Option<Url> = reader.optional("http.frontend_url");
        let domain: Option<String> = reader.optional("http.domain");
        let rate_limits_on: bool = reader.required("http.rate_limits")?;
        if !rate_limits_on && profile == Profile::Production {
            reader.fault("http.rate_limits", "rate limits cannot be off in production");
        } else if !rate_limits_on {
            reader.warn("rate limits are off: anyone who reaches this port may send without bound");
        }
        let headers: String = reader.required("http.rate_limit_headers")?;
        let mut allowed_origins = frontend_url.as_ref().map(origins).unwrap_or_default();
        for origin in reader.optional::<Vec<String>>("http.extra_origins").unwrap_or_default() {
            if !allowed_origins.contains(&origin) {
                allowed_origins.push(origin);
            }
        }
        Ok(Self {
            address: reader.required("http.address")?,
            // The kind has checked the bounds.
            port: reader.required::<u64>("http.port")? as u16,
            trusted_proxies: reader.optional("http.trusted_proxies").unwrap_or_default(),
            rate_limits_on,
            rate_limit_headers: if headers == "draft-8" {
                RateLimitHeaders::Draft8
            } else {
                RateLimitHeaders::Draft6
            },
            allowed_hosts: hosts(frontend_url.as_ref(), api_url.as_ref(), domain.as_deref()),
            allowed_origins,
            api_url,
            frontend_url,
            domain,
        })
    }

    /// Scheme and host of the site, for links that leave it (mails, feeds, canonical addresses),
    /// without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> String {
        let site = self.frontend_url.as_ref().map(|url| url.origin().ascii_serialization());
        let domain = || self.domain.as_ref().map(|domain| format!("https://{domain}"));
        site.or_else(domain).unwrap_or_else(|| format!("http://{}", self.socket_address()))
    }

    #[must_use]
    pub fn socket_address(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.port)
    }
}

/// The origin of the site and of its www twin.
fn origins(url: &Url) -> Vec<String> {
    let mut origins = vec![url.origin().ascii_serialization()];
    if let Some(Host::Domain(host)) = url.host()
        && let Some(twin) = www_twin(host)
    {
        let mut other = url.clone();
        if other.set_host(Some(&twin)).is_ok() {
            origins.push(other.origin().ascii_serialization());
        }
    }
    origins
}

fn hosts(frontend: Option<&Url>, api: Option<&Url>, domain: Option<&str>) -> Vec<String> {
    let loopback = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
    let name = |url: Option<&Url>| url.and_then(Url::host_str).map(str::to_owned);
    let site = [name(frontend), domain.map(str::to_owned)].into_iter().flatten();
    let with_twins = site.flat_map(|host| [www_twin(&host), Some(host)]).flatten();
    let all: BTreeSet<_> = loopback.into_iter().chain(with_twins).chain(name(api)).collect();
    all.into_iter().collect()
}

/// `www.shop.example` for `shop.example` and the other way round; none for addresses and for names
/// of one label.
fn www_twin(host: &str) -> Option<String> {
    if let Some(bare) = host.strip_prefix("www.") {
        return bare.contains('.').then(|| bare.to_owned());
    }
    let is_name = host.contains('.') && host.parse::<IpAddr>().is_err();
    is_name.then(|| format!("www.{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_www_twin_exists_for_names_with_a_dot_only() {
        assert_eq!(www_twin("shop.example"), Some("www.shop.example".into()));
        assert_eq!(www_twin("www.shop.example"), Some("shop.example".into()));
        for none in ["localhost", "127.0.0.1", "[::1]", "www.localhost"] {
            assert_eq!(www_twin(none), None, "{none}");
        }
    }

    #[test]
    fn origins_keep_the_scheme_and_port_of_the_site() {
        let url = Url::parse("https://www.shop.example:8443/start").unwrap();
        assert_eq!(origins(&url), ["https://www.shop.example:8443", "https://shop.example:8443"]);
        assert_eq!(
            origins(&Url::parse("http://127.0.0.1:3000").unwrap()),
            ["http://127.0.0.1:3000"]
        );
    }

    #[test]
    fn loopback_and_every_configured_host_is_answered() {
        let site = Url::parse("https://shop.example").unwrap();
        let api = Url::parse("https://api.shop.example").unwrap();
        assert_eq!(
            hosts(Some(&site), Some(&api), Some("creator.example")),
            [
                "127.0.0.1",
                "[::1]",
                "api.shop.example",
                "creator.example",
                "localhost",
                "shop.example",
                "www.creator.example",
                "www.shop.example",
            ]
        );
    }
}
