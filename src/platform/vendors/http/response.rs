//! What came back, read whole and bounded.

use std::io::{self, Read};
use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::http;
use url::Url;

use super::Error;
use super::error::host_of;
use crate::platform::clock;

/// Longer waits are the outbox's to choose; a vendor that says "next year" must not park a job.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// An answer with any status; [`Response::classify`] tells good from bad.
#[derive(Clone)]
pub struct Response {
    pub status: u16,
    /// Decompressed, at most the request's limit.
    pub body: Vec<u8>,
    /// From `Retry-After` in seconds or as a date, at most a day.
    pub retry_after: Option<Duration>,
    headers: http::HeaderMap,
    host: String,
}

impl Response {
    /// A header's value by name in any case; `None` when absent or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON. Errors carry no part of the body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|_| Error::Network {
            host: self.host.clone(),
            reason: "the answer is not the JSON we expected",
        })
    }

    /// 2xx is kept; 408, 425, 429 and 5xx become [`Error::Unavailable`] (try again), all else
    /// [`Error::Rejected`] (final).
    pub fn classify(self) -> Result<Self, Error> {
        match self.status {
            200..=299 => Ok(self),
            408 | 425 | 429 | 500.. => Err(Error::Unavailable {
                host: self.host,
                status: self.status,
                retry_after: self.retry_after,
            }),
            status => Err(Error::Rejected { host: self.host, status }),
        }
    }

    pub(super) fn read(
        answer: http::Response<ureq::Body>,
        url: &Url,
        limit: usize,
        only_status: bool,
    ) -> Result<Self, Error> {
        let (parts, body) = answer.into_parts();
        let bytes = if only_status {
            // The other side is let speak, and what it says changes nothing.
            let _ = io::copy(&mut body.into_reader().take(limit as u64), &mut io::sink());
            Vec::new()
        } else {
            read_whole(body, url, limit)?
        };
        let retry_after = parts
            .headers
            .get(http::header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| parse_retry_after(value, clock::now_ms()));
        Ok(Self {
            status: parts.status.as_u16(),
            body: bytes,
            retry_after,
            headers: parts.headers,
            host: host_of(url),
        })
    }
}

fn read_whole(body: ureq::Body, url: &Url, limit: usize) -> Result<Vec<u8>, Error> {
    let too_large = || Error::TooLarge { host: host_of(url), limit };
    if body.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // One byte more than allowed tells "exactly full" from "too large".
    body.into_reader()
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error: io::Error| Error::from_ureq(&error.into(), url))?;
    if bytes.len() > limit { Err(too_large()) } else { Ok(bytes) }
}

impl std::fmt::Debug for Response {
    /// Status and size: a body printed by a failing test or a log line may hold personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({} from {}, {} bytes)", self.status, self.host, self.body.len())
    }
}

/// RFC 9110 §10.2.3: seconds, or a date (which counts from `now_ms`; a past one means now).
pub(super) fn parse_retry_after(value: &str, now_ms: i64) -> Option<Duration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a very long wait, not nonsense.
        value.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs)
    } else {
        let date_ms = jiff::fmt::rfc2822::parse(value).ok()?.timestamp().as_millisecond();
        Duration::from_millis(u64::try_from(date_ms.saturating_sub(now_ms)).unwrap_or(0))
    };
    Some(wait.min(MAX_RETRY_AFTER))
}
