//! A body in the encodings that clients take.
//!
//! Brotli at its densest takes 27 ms for a page of 16 KB, a hundred times as long as making the
//! page; quickly packed it is 20 % larger and takes 0.2 ms. So whoever asks first gets the quick one,
//! and what is asked for often is packed once more, off the way of any answer.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::rendered::matches;

/// Below this an encoding saves less than its header costs.
const WORTH_PACKING_BYTES: usize = 512;
/// Above this size packing takes too long for an async thread, and the densest takes seconds.
const LARGE_BYTES: usize = 64 * 1024;
/// The quickest qualities that are nearly as small as the next ones.
const QUICK_BROTLI: i32 = 4;
const GZIP_LEVEL: u32 = 6;
const DENSE_BROTLI: i32 = 11;
/// So often a body is sent in quick brotli before it is worth the dense one.
const ASKED_OFTEN: u32 = 16;

/// Whether a body is being packed densely: one at a time, the answers need the processor more.
static IS_PACKING: AtomicBool = AtomicBool::new(false);

type Body = Arc<[u8]>;

pub(super) struct Packed {
    plain: Body,
    /// Of the plain body, without quotes; each encoding adds its own ending.
    tag: String,
    is_text: bool,
    gzip: OnceLock<Option<Body>>,
    quick: OnceLock<Option<Body>>,
    dense: OnceLock<Option<Body>>,
    asked: AtomicU32,
}

/// What one client is sent.
pub(super) struct Choice {
    /// `br`, `gzip`, or nothing for identity.
    pub(super) encoding: Option<&'static str>,
    pub(super) body: Body,
    pub(super) etag: String,
    /// Whether this is asked for often enough to be packed densely now.
    pub(super) is_worth_more: bool,
}

impl Packed {
    /// A text. A large one is packed here and now, which takes milliseconds: not on an async thread.
    pub(super) fn text(body: Vec<u8>) -> Self {
        let packed = Self::new(body, true);
        if packed.plain.len() > LARGE_BYTES {
            packed.quick();
            packed.gzip();
        }
        packed
    }

    /// Something that is as small as it gets already, such as a picture.
    pub(super) fn whole(body: Vec<u8>) -> Self {
        Self::new(body, false)
    }

    fn new(body: Vec<u8>, is_text: bool) -> Self {
        Self {
            tag: URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..12]),
            is_text: is_text && body.len() >= WORTH_PACKING_BYTES,
            plain: body.into(),
            gzip: OnceLock::new(),
            quick: OnceLock::new(),
            dense: OnceLock::new(),
            asked: AtomicU32::new(0),
        }
    }

    /// Bytes held in memory once every encoding has been asked for, at most.
    pub(super) fn weight(&self) -> usize {
        512 + if self.is_text { self.plain.len() * 5 / 2 } else { self.plain.len() }
    }

    /// The best encoding that the client takes.
    pub(super) fn choose(&self, accept_encoding: &str) -> Choice {
        if self.is_text && accepts(accept_encoding, "br") {
            if let Some(Some(body)) = self.dense.get() {
                return self.choice(Some("br"), "-br", body);
            }
            if let Some(body) = self.quick() {
                let asked = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
                let is_worth_more =
                    asked.is_multiple_of(ASKED_OFTEN) && self.plain.len() <= LARGE_BYTES;
                return Choice { is_worth_more, ..self.choice(Some("br"), "-br4", body) };
            }
        }
        if self.is_text
            && accepts(accept_encoding, "gzip")
            && let Some(body) = self.gzip()
        {
            return self.choice(Some("gzip"), "-gzip", body);
        }
        self.choice(None, "", &self.plain)
    }

    fn choice(&self, encoding: Option<&'static str>, ending: &str, body: &Body) -> Choice {
        let etag = format!("\"{}{ending}\"", self.tag);
        Choice { encoding, body: Arc::clone(body), etag, is_worth_more: false }
    }

    /// The tag to answer 304 with, when `If-None-Match` names what this client would be sent: in
    /// brotli, packed either way.
    pub(super) fn unchanged(&self, choice: &Choice, if_none_match: &str) -> Option<String> {
        let quick = || format!("\"{}-br4\"", self.tag);
        if matches(if_none_match, &choice.etag) {
            return Some(choice.etag.clone());
        }
        Some(quick()).filter(|tag| choice.encoding == Some("br") && matches(if_none_match, tag))
    }

    /// Packs as small as it gets. Tens of milliseconds: not on an async thread.
    pub(super) fn pack_densely(&self) {
        if IS_PACKING.swap(true, Ordering::Acquire) {
            return; // Asked for as often again, its turn will come.
        }
        self.dense.get_or_init(|| self.smaller(brotli(&self.plain, DENSE_BROTLI)));
        IS_PACKING.store(false, Ordering::Release);
    }

    fn quick(&self) -> Option<&Body> {
        self.quick.get_or_init(|| self.smaller(brotli(&self.plain, QUICK_BROTLI))).as_ref()
    }

    fn gzip(&self) -> Option<&Body> {
        self.gzip.get_or_init(|| self.smaller(gzip(&self.plain))).as_ref()
    }

    fn smaller(&self, packed: Option<Vec<u8>>) -> Option<Body> {
        packed.filter(|packed| packed.len() < self.plain.len()).map(Body::from)
    }
}

/// A text that is sent once, in brotli; `None` when it goes as it is: for who does not take brotli, and when packing it
/// saves nothing or takes too long for an async thread.
pub(super) fn once(text: &[u8], accept_encoding: &str) -> Option<Vec<u8>> {
    let is_worth_it = (WORTH_PACKING_BYTES..=LARGE_BYTES * 4).contains(&text.len());
    if !is_worth_it || !accepts(accept_encoding, "br") {
        return None;
    }
    brotli(text, QUICK_BROTLI).filter(|packed| packed.len() < text.len())
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

fn brotli(body: &[u8], quality: i32) -> Option<Vec<u8>> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality,
        // A window no larger than the text: the default one takes megabytes for a page of 10 KB.
        lgwin: (usize::BITS - body.len().leading_zeros()).clamp(10, 22) as i32,
        size_hint: body.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &body[..], &mut packed, &params).ok()?;
    Some(packed)
}

fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let level = flate2::Compression::new(GZIP_LEVEL);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
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
    fn a_text_is_packed_as_the_client_takes_it_and_a_small_one_or_a_picture_never() {
        let body = "word ".repeat(500).into_bytes();
        let text = Packed::text(body.clone());
        let [br, gzip, plain] = ["gzip, br", "gzip", "identity"].map(|taken| text.choose(taken));
        assert_eq!((br.encoding, gzip.encoding), (Some("br"), Some("gzip")));
        assert!(br.body.len() < plain.body.len() && gzip.body.len() < plain.body.len());
        assert!(br.etag != gzip.etag && gzip.etag != plain.etag);
        assert!(text.weight() > br.body.len() + gzip.body.len() + plain.body.len());
        assert_eq!(Packed::whole(body).choose("br").encoding, None);
        assert_eq!(Packed::text(b"hi".to_vec()).choose("br").encoding, None);
    }

    #[test]
    fn what_is_asked_for_often_is_packed_more_densely_and_the_older_tag_still_counts() {
        let words: Vec<String> = (0..2000).map(|n| format!("{} ", n * n % 977)).collect();
        let text = Packed::text(words.concat().into_bytes());
        let asked: Vec<Choice> = (0..ASKED_OFTEN).map(|_| text.choose("br")).collect();
        assert_eq!(asked.iter().filter(|choice| choice.is_worth_more).count(), 1);
        let before = &asked[0];
        text.pack_densely();
        let after = text.choose("br");
        assert!(after.body.len() < before.body.len() && after.etag != before.etag);
        assert!(!after.is_worth_more);
        assert_eq!(text.unchanged(&after, &before.etag).as_ref(), Some(&before.etag));
        assert_eq!(text.unchanged(&after, &after.etag).as_ref(), Some(&after.etag));
        let plain = text.choose("");
        assert_eq!(text.unchanged(&plain, &after.etag), None);
        assert_eq!(text.unchanged(&plain, &before.etag), None);
    }
}
