//! Why a mail was not taken, in words that may be logged and shown: code and enhanced code of the
//! relay (RFC 3463), never its free text, which may quote addresses or the log-in.

use std::error::Error as _;

/// Why a mail was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `SMTP_URL` cannot be used.
    #[error("SMTP_URL cannot be used: {reason}")]
    Configuration { reason: &'static str },
    /// The mail itself cannot be sent, now or later.
    #[error("this mail cannot be sent: {reason}")]
    Message { reason: &'static str },
    /// 4xx: the relay asks to try again later.
    #[error("the relay asks to try again later ({status})")]
    Deferred { status: String },
    /// 5xx: the relay will not take this mail.
    #[error("the relay refused the mail ({status})")]
    Rejected { status: String },
    /// No connection, broken TLS, or an answer that is not SMTP.
    #[error("the relay could not be reached: {reason}")]
    Network { reason: &'static str },
}

impl Error {
    /// Whether the same mail may be taken later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Deferred { .. } | Self::Network { .. })
    }

    pub(super) fn from_lettre(error: &lettre::transport::smtp::Error) -> Self {
        if error.is_transient() {
            Self::Deferred { status: status_of(error) }
        } else if error.is_permanent() {
            Self::Rejected { status: status_of(error) }
        } else if error.is_timeout() {
            Self::Network { reason: "no answer in time" }
        } else if error.is_tls() {
            Self::Network { reason: "no trusted TLS connection" }
        } else if error.is_client() {
            Self::Message { reason: "the relay lacks a feature that this mail or the log-in needs" }
        } else if error.is_response() {
            Self::Network { reason: "the answer is not SMTP" }
        } else {
            Self::Network { reason: "the connection failed" }
        }
    }
}

/// `550 5.1.1`: the code, and the enhanced code when the relay's text begins with one.
fn status_of(error: &lettre::transport::smtp::Error) -> String {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    match text.split_whitespace().next().filter(|word| is_enhanced_code(word)) {
        Some(enhanced) => format!("{code} {enhanced}"),
        None => code,
    }
}

fn is_enhanced_code(word: &str) -> bool {
    let is_number = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    word.split('.').count() == 3 && word.split('.').all(is_number)
}
