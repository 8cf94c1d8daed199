//! Something rendered once and sent many times: identity, gzip and brotli, each with a strong `ETag`.

use std::io::{Cursor, Write};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::http::{Header, Status};
use rocket::response::Responder;
use rocket::{Request, Response};
use sha2::{Digest, Sha256};

use crate::platform::error::Error;

/// Below this an encoding saves less than its header costs.
const WORTH_COMPRESSING_BYTES: usize = 512;
/// Best density that a page rendered on demand can afford: a few milliseconds for 50 KB.
const BROTLI_QUALITY: i32 = 9;
/// Above this size a text is packed faster: a list of addresses repeats itself enough as it is.
const LARGE_BYTES: usize = 64 * 1024;
const LARGE_BROTLI_QUALITY: i32 = 5;

struct Variant {
    /// `br`, `gzip`, or nothing for identity.
    encoding: Option<&'static str>,
    body: Arc<[u8]>,
    etag: String,
}

/// One representation of one address in every encoding we offer.
pub struct Rendered {
    content_type: &'static str,
    cache_control: &'static str,
    vary: &'static str,
    /// Where a list goes on: the value of `Link`.
    link: Option<String>,
    /// Identity first.
    variants: Vec<Variant>,
}

impl Rendered {
    /// Compresses `body`; a few milliseconds, so not on an async thread.
    #[must_use]
    pub fn new(content_type: &'static str, cache_control: &'static str, body: Vec<u8>) -> Self {
        let digest = Sha256::digest(&body);
        let tag = URL_SAFE_NO_PAD.encode(&digest[..12]);
        let mut variants = Vec::with_capacity(3);
        if body.len() >= WORTH_COMPRESSING_BYTES {
            for (encoding, packed) in [("br", brotli(&body)), ("gzip", gzip(&body))] {
                if let Some(packed) = packed.filter(|packed| packed.len() < body.len()) {
                    let etag = format!("\"{tag}-{encoding}\"");
                    variants.push(Variant { encoding: Some(encoding), body: packed.into(), etag });
                }
            }
        }
        variants.push(Variant { encoding: None, body: body.into(), etag: format!("\"{tag}\"") });
        Self { content_type, cache_control, vary: "Accept-Encoding", link: None, variants }
    }

    /// Something that is as small as it gets already, such as a picture.
    #[must_use]
    pub fn packed(content_type: &'static str, cache_control: &'static str, body: Vec<u8>) -> Self {
        let tag = URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..12]);
        let whole = Variant { encoding: None, body: body.into(), etag: format!("\"{tag}\"") };
        let variants = vec![whole];
        Self { content_type, cache_control, vary: "Accept-Encoding", link: None, variants }
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
        self.variants.iter().map(|v| v.body.len() + 128).sum()
    }

    /// The best variant that the client takes.
    fn choose(&self, accept_encoding: &str) -> &Variant {
        let taken = |v: &&Variant| v.encoding.is_none_or(|e| accepts(accept_encoding, e));
        // Identity is always last and always acceptable, so there is one.
        self.variants.iter().find(taken).unwrap_or(&self.variants[self.variants.len() - 1])
    }
}

/// Whether `Accept-Encoding` names `coding` without refusing it.
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|part| {
        let mut pieces = part.split(';');
        let name = pieces.next().unwrap_or_default().trim();
        let refused = pieces.any(|p| {
            let q = p.trim().strip_prefix("q=").unwrap_or("1");
            q.parse::<f32>().is_ok_and(|q| q <= 0.0)
        });
        name.eq_ignore_ascii_case(coding) && !refused
    })
}

/// Whether `If-None-Match` names `etag`; weak tags compare like strong ones (RFC 9110 §13.1.2).
pub(super) fn matches(header: &str, etag: &str) -> bool {
    header.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

fn brotli(body: &[u8]) -> Option<Vec<u8>> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: if body.len() > LARGE_BYTES { LARGE_BROTLI_QUALITY } else { BROTLI_QUALITY },
        // A window no larger than the text: the default one takes megabytes for a page of 10 KB.
        lgwin: (usize::BITS - body.len().leading_zeros()).clamp(10, 22) as i32,
        size_hint: body.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &body[..], &mut packed, &params).ok()?;
    Some(packed)
}

fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let level = if body.len() > LARGE_BYTES { 5 } else { 9 };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
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
        let variant = self.0.choose(headers.get_one("Accept-Encoding").unwrap_or_default());
        let mut response = Response::new();
        response.set_header(Header::new("Cache-Control", self.0.cache_control));
        response.set_header(Header::new("ETag", variant.etag.clone()));
        response.set_header(Header::new("Vary", self.0.vary));
        if let Some(link) = &self.0.link {
            response.set_header(Header::new("Link", link.clone()));
        }
        if headers.get_one("If-None-Match").is_some_and(|tags| matches(tags, &variant.etag)) {
            response.set_status(Status::NotModified);
            return Ok(response);
        }
        response.set_header(Header::new("Content-Type", self.0.content_type));
        if let Some(encoding) = variant.encoding {
            response.set_header(Header::new("Content-Encoding", encoding));
        }
        sized(&mut response, Shared(Arc::clone(&variant.body)));
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
    fn encodings_are_taken_only_when_named_and_not_refused() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("gzip;q=0.5", "gzip"));
        assert!(!accepts("gzip;q=0", "gzip"));
        assert!(!accepts("", "gzip"));
        assert!(!accepts("brotli", "br"));
        assert!(!accepts(",;q=,gzip;q=nan", "br"));
    }

    #[test]
    fn a_large_text_has_three_variants_with_different_tags_and_a_small_one_has_one() {
        let page = Rendered::new("text/html", "no-cache", "word ".repeat(500).into_bytes());
        let tags: Vec<_> = page.variants.iter().map(|v| v.etag.as_str()).collect();
        assert_eq!(tags.len(), 3);
        assert!(tags[0].ends_with("-br\"") && tags[1].ends_with("-gzip\""));
        assert_eq!(page.choose("gzip").encoding, Some("gzip"));
        assert_eq!(page.choose("identity").encoding, None);
        assert_eq!(Rendered::new("text/html", "no-cache", b"hi".to_vec()).variants.len(), 1);
    }

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
