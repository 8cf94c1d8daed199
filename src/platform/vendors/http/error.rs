//! What can go wrong with an outbound call, in words that may be logged and shown.
//!
//! Deliberately not here: anything from the request or the answer but host and status. Queries,
//! headers, bodies and the libraries' own messages (which quote them) stay out.

use std::io;
use std::time::Duration;

use ureq::Timeout;
use url::Url;

use super::boundary::OutsideBoundary;

/// Why a call did not give a usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is no absolute http(s) URL.
    #[error("not a usable address: {reason}")]
    InvalidUrl { reason: &'static str },
    /// The request itself is wrong, for example a header with a line break.
    #[error("not a sendable request: {reason}")]
    InvalidRequest { reason: &'static str },
    /// The client's own options are wrong.
    #[error("outbound HTTP cannot be set up: {reason}")]
    Options { reason: &'static str },
    /// We do not call this address: outside the boundary, or a redirect we will not follow.
    #[error("refused to call {host}: {reason}")]
    Refused { host: String, reason: &'static str },
    /// Nothing, or not everything, came in time.
    #[error("{host} did not answer in time ({phase})")]
    Timeout { host: String, phase: &'static str },
    /// The answer is larger than the caller's limit, counted after decompression.
    #[error("{host} answered with more than {limit} bytes")]
    TooLarge { host: String, limit: usize },
    /// A status that will not become better by trying again.
    #[error("{host} rejected the request with status {status}")]
    Rejected { host: String, status: u16 },
    /// A status that asks for patience: 408, 425, 429, 5xx.
    #[error("{host} is unavailable (status {status})")]
    Unavailable { host: String, status: u16, retry_after: Option<Duration> },
    /// No connection, no name, broken TLS, or an answer that is not HTTP.
    #[error("{host} could not be reached: {reason}")]
    Network { host: String, reason: &'static str },
}

impl Error {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Unavailable { .. } | Self::Network { .. })
    }

    /// How long the other side asked us to wait, at most a day.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    pub(super) fn refused(url: &Url, reason: &'static str) -> Self {
        Self::Refused { host: host_of(url), reason }
    }

    pub(super) fn timeout(url: &Url, phase: &'static str) -> Self {
        Self::Timeout { host: host_of(url), phase }
    }

    pub(super) fn network(url: &Url, reason: &'static str) -> Self {
        Self::Network { host: host_of(url), reason }
    }

    pub(super) fn from_ureq(error: &ureq::Error, url: &Url) -> Self {
        use ureq::Error as U;
        match error {
            U::Timeout(phase) => Self::timeout(url, phase_name(*phase)),
            U::Io(error) => Self::network(url, io_reason(error)),
            U::HostNotFound => Self::network(url, "the host name is unknown"),
            U::Other(inner) if inner.is::<OutsideBoundary>() => {
                Self::refused(url, OutsideBoundary::REASON)
            }
            U::Tls(_) | U::Rustls(_) | U::TlsRequired => {
                Self::network(url, "no trusted TLS connection")
            }
            U::ConnectProxyFailed(_) | U::InvalidProxyUrl => {
                Self::network(url, "the proxy refused")
            }
            U::LargeResponseHeader(_, limit) => {
                Self::TooLarge { host: host_of(url), limit: *limit }
            }
            U::Decompress(..) => Self::network(url, "the answer's compression is broken"),
            U::BadUri(_) => Self::InvalidUrl { reason: "it is not an absolute URL" },
            U::Http(_) => Self::InvalidRequest { reason: "a header is malformed" },
            U::Protocol(_) => Self::network(url, "the answer is not HTTP"),
            _ => Self::network(url, "the connection failed"),
        }
    }
}

pub(super) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or("an address without a host").to_owned()
}

fn io_reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "the connection was refused",
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => "the connection was cut",
        io::ErrorKind::UnexpectedEof => "the connection ended in the middle of the answer",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "there is no way to its network"
        }
        // rustls speaks through io errors during and after the handshake.
        io::ErrorKind::InvalidData => "no trusted TLS connection",
        // getaddrinfo's failures end here too: std gives them no kind that can be named.
        _ => "the connection failed or the host name is unknown",
    }
}

fn phase_name(phase: Timeout) -> &'static str {
    match phase {
        Timeout::Resolve => "looking up the name",
        Timeout::Connect => "connecting",
        Timeout::SendRequest | Timeout::SendBody => "sending the request",
        Timeout::RecvResponse => "waiting for the answer",
        Timeout::RecvBody => "receiving the answer",
        _ => "whole call",
    }
}
