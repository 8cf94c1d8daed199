//! Something rendered once and sent many times: identity, gzip and brotli, each with a strong `ETag`.

use std::io::Cursor;
use std::sync::Arc;

use rocket::http::{Header, Status};
use rocket::response::Responder;
use rocket::{Request, Response};

use super::packed::Packed;
use crate::platform::error::Error;

/// One representation of one address in every encoding we offer.
pub struct Rendered {
    content_type: &'static str,
    cache_control: &'static str,
    vary: &'static str,
    /// Where a list goes on: the value of `Link`.
    link: Option<String>,
    packed: Packed,
}

impl Rendered {
    /// A text. A large one is packed at once, for milliseconds: not on an async thread.
    #[must_use]
    pub fn new(content_type: &'static str, cache_control: &'static str, body: Vec<u8>) -> Self {
        Self::of(content_type, cache_control, Packed::text(body))
    }

    /// Something that is as small as it gets already, such as a picture.
    #[must_use]
    pub fn packed(content_type: &'static str, cache_control: &'static str, body: Vec<u8>) -> Self {
        Self::of(content_type, cache_control, Packed::whole(body))
    }

    fn of(content_type: &'static str, cache_control: &'static str, packed: Packed) -> Self {
        Self { content_type, cache_control, vary: "Accept-Encoding", link: None, packed }
    }

    /// A public page: always asked about again, answered by 304 while it stays the same.
    pub fn page(template: &impl askama::Template) -> Result<Self, Error> {
        let html = super::page::write(template)?;
        let page = Self::new("text/html; charset=utf-8", "public, no-cache", html.into_bytes());
        // A page offers itself in the language the browser prefers.
        Ok(Self { vary: "Accept-Encoding, Accept-Language", ..page })
    }

    /// JSON that anybody may read and keep for a minute.
    pub fn public_json(body: &impl serde::Serialize) -> Result<Self, Error> {
        let json = serde_json::to_vec(body).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Self::new("application/json", "public, max-age=60", json))
    }

    /// The same with the address of the next page, as `Link` has it.
    #[must_use]
    pub fn followed_by(mut self, next: Option<&str>) -> Self {
        self.link = next.map(|address| format!("<{address}>; rel=\"next\""));
        self
    }

    /// The same where whoever edits is shown something else.
    #[must_use]
    pub fn and_for_editors(self) -> Self {
        Self { vary: "Accept-Encoding, Authorization", ..self }
    }

    /// Bytes held in memory.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.packed.weight()
    }

    /// Packs it as small as it gets: tens of milliseconds, not on an async thread.
    pub(super) fn pack_densely(&self) {
        self.packed.pack_densely();
    }
}

/// Whether `If-None-Match` names `etag`; weak tags compare like strong ones (RFC 9110 §13.1.2).
pub(super) fn matches(header: &str, etag: &str) -> bool {
    header.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// Bytes of a shared body as `AsRef`, so that sending one copies no buffer up front.
struct Shared(Arc<[u8]>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// An answer from memory.
pub struct Cached(pub Arc<Rendered>);

impl<'r> Responder<'r, 'static> for Cached {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let headers = request.headers();
        let rendered = &self.0;
        let accepted = headers.get_one("Accept-Encoding").unwrap_or_default();
        let choice = rendered.packed.choose(accepted);
        if choice.is_worth_more
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let rendered = Arc::clone(rendered);
            runtime.spawn_blocking(move || rendered.pack_densely());
        }
        let known = headers.get_one("If-None-Match");
        let unchanged = known.and_then(|tags| rendered.packed.unchanged(&choice, tags));
        let mut response = Response::new();
        response.set_header(Header::new("Cache-Control", rendered.cache_control));
        response.set_header(Header::new("Vary", rendered.vary));
        if let Some(link) = &rendered.link {
            response.set_header(Header::new("Link", link.clone()));
        }
        if let Some(tag) = unchanged {
            response.set_header(Header::new("ETag", tag));
            response.set_status(Status::NotModified);
            return Ok(response);
        }
        response.set_header(Header::new("ETag", choice.etag));
        response.set_header(Header::new("Content-Type", rendered.content_type));
        if let Some(encoding) = choice.encoding {
            response.set_header(Header::new("Content-Encoding", encoding));
        }
        sized(&mut response, Shared(choice.body));
        Ok(response)
    }
}

/// An answer made for this request alone.
pub(super) fn plain(body: Vec<u8>) -> Response<'static> {
    let mut response = Response::new();
    sized(&mut response, body);
    response
}

/// Sends the body as one chunk: Rocket's default of 4 KiB costs a channel hop for each. The one
/// byte more saves the buffer that would otherwise be made only to read the end of the body.
fn sized<B: AsRef<[u8]> + Send + Unpin + 'static>(response: &mut Response<'static>, body: B) {
    let size = body.as_ref().len();
    response.set_sized_body(size, Cursor::new(body));
    response.set_max_chunk_size(size.min(256 * 1024) + 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_none_match_takes_lists_weak_tags_and_the_star() {
        for header in ["\"a\"", "\"x\", \"a\"", "W/\"a\"", "*"] {
            assert!(matches(header, "\"a\""), "{header}");
        }
        for header in ["", "\"", "\"b\"", "a"] {
            assert!(!matches(header, "\"a\""), "{header}");
        }
    }
}
