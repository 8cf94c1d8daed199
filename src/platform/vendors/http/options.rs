//! What the client is told once, checked here because the library would panic on it later.

use ureq::Proxy;
use ureq::http::HeaderValue;
use url::Url;

use super::Error;

/// What the client is told once, at start.
#[derive(Clone)]
pub struct Options {
    /// `http://[user:password@]host:port`, used by the vendor door only: a proxy resolves names
    /// itself, which would undo the public door's address check.
    pub proxy: Option<String>,
    /// The `User-Agent` header, for example `manero/0.1`.
    pub user_agent: String,
}

impl Options {
    pub(super) fn check_user_agent(&self) -> Result<(), Error> {
        match HeaderValue::from_str(&self.user_agent) {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::Options {
                reason: "the user agent has characters that a header cannot carry",
            }),
        }
    }

    pub(super) fn parsed_proxy(&self) -> Result<Option<Proxy>, Error> {
        let fault = Error::Options { reason: "the proxy must look like http://host:port" };
        let Some(text) = &self.proxy else {
            return Ok(None);
        };
        // A SOCKS proxy is accepted by ureq and panics when first used: this build has no SOCKS.
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {}
            _ => return Err(fault),
        }
        Proxy::new(text).map(Some).map_err(|_| fault)
    }
}

impl std::fmt::Debug for Options {
    /// The proxy may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Options({}, proxy: {})", self.user_agent, self.proxy.is_some())
    }
}
