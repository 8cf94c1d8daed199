//! One request on the wire, where its answer sends us, and what may travel there (RFC 9110 §15.4).
//!
//! Deliberately not here: whether the new address may be called; the client checks each hop like
//! a first URL.

use ureq::http::{self, HeaderName, HeaderValue, Method, Uri, header};
use url::Url;

use super::Error;

/// What is sent in one hop; redirects change it.
pub(super) struct Hop<'a> {
    pub(super) method: Method,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Option<&'a [u8]>,
}

impl<'a> Hop<'a> {
    pub(super) fn has_body(&self) -> bool {
        self.body.is_some()
    }

    pub(super) fn message(&self, url: &Url) -> Result<http::Request<&'a [u8]>, Error> {
        let mut message = http::Request::new(self.body.unwrap_or_default());
        *message.method_mut() = self.method.clone();
        *message.uri_mut() = uri_of(url)?;
        message.headers_mut().extend(self.headers.iter().cloned());
        Ok(message)
    }
}

/// Two parsers that disagree about the host are a way past the address check: the one that judged
/// and the one that connects must have read the same thing.
pub(super) fn uri_of(url: &Url) -> Result<Uri, Error> {
    let mut url = url.clone();
    url.set_fragment(None);
    let fault = Error::InvalidUrl { reason: "its characters can be read in two ways" };
    let uri: Uri = url.as_str().parse().map_err(|_| fault.clone())?;
    let agree = uri.host() == url.host_str()
        && uri.port_u16() == url.port()
        && uri.scheme_str() == Some(url.scheme());
    if agree { Ok(uri) } else { Err(fault) }
}

pub(super) struct Redirect {
    pub(super) to: Url,
    pub(super) leaves_origin: bool,
    status: u16,
}

impl Redirect {
    /// `None` when the answer is no redirect.
    pub(super) fn of(
        status: u16,
        location: Option<&str>,
        from: &Url,
    ) -> Result<Option<Self>, Error> {
        let (301 | 302 | 303 | 307 | 308, Some(location)) = (status, location) else {
            return Ok(None);
        };
        let to = from
            .join(location)
            .map_err(|_| Error::refused(from, "it redirects to an unusable address"))?;
        if from.scheme() == "https" && to.scheme() != "https" {
            return Err(Error::refused(from, "it redirects from https to something weaker"));
        }
        Ok(Some(Self { leaves_origin: to.origin() != from.origin(), to, status }))
    }

    /// The next hop's request: secrets stay at the origin they were meant for.
    pub(super) fn apply<'a>(&self, mut hop: Hop<'a>) -> Result<Hop<'a>, Error> {
        let becomes_get = match self.status {
            303 => hop.method != Method::HEAD,
            301 | 302 => hop.method == Method::POST,
            _ => false,
        };
        if becomes_get {
            hop.method = Method::GET;
            hop.body = None;
            hop.headers.retain(|(name, _)| *name != header::CONTENT_TYPE);
        }
        if self.leaves_origin {
            if hop.body.is_some_and(|body| !body.is_empty()) {
                return Err(Error::refused(
                    &self.to,
                    "a redirect would carry the body to another site",
                ));
            }
            hop.headers.retain(|(_, value)| !value.is_sensitive());
        }
        Ok(hop)
    }
}
