//! Everything this program says to other people's computers, and the only place that may.
//!
//! The rule: outbound HTTP goes through [`http::Client`], outbound mail through
//! [`smtp::SmtpSender`], and nothing outside this folder names `ureq` or `lettre`. One home means
//! one answer to "what if it never replies, replies with a gigabyte, or sends us to
//! 169.254.169.254".
//!
//! Each vendor has one file that opens with the link to the vendor's documentation, speaks that
//! vendor's words at its lower side and ours at its upper side, and is told its base URL, so that
//! a test can put a fake vendor on loopback in its place.
//!
//! Deliberately not here: retries and back-off (the outbox), which vendor is on (settings), and
//! what a lead or a mail means (the slices).

pub mod http;
pub mod smtp;
