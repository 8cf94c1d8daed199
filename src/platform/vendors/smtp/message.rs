//! A mail as the slices give it, and its way into RFC 5322.
//!
//! Line breaks and other control characters in anything that becomes a header are refused, not
//! repaired: they are either an attack or a fault of ours, and both should be seen.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use super::Error;
use crate::platform::clock;

/// Written from the mail's own fields; an extra header may not say something else.
const OWN_HEADERS: [&str; 10] = [
    "from",
    "sender",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "return-path",
];

/// One mail to one recipient.
#[derive(Clone)]
pub struct OutgoingMail {
    /// Shown beside the sender's address; may be empty.
    pub from_name: String,
    pub from_address: String,
    /// One bare address.
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// `<unique@domain>`, made once per outbox job so that a repeated hand-over can be recognised.
    pub message_id: String,
    /// For example `List-Unsubscribe`; never one of the fields above.
    pub headers: Vec<(String, String)>,
}

impl OutgoingMail {
    pub(super) fn to_message(&self) -> Result<Message, Error> {
        let from_name = one_line(&self.from_name, "the sender's name has control characters")?;
        let from_name = Some(from_name.trim().to_owned()).filter(|name| !name.is_empty());
        let from = Mailbox::new(
            from_name,
            address(&self.from_address, "the sender's address is not valid")?,
        );
        let to = Mailbox::new(None, address(&self.to, "the recipient's address is not valid")?);
        let subject = one_line(&self.subject, "the subject has control characters")?;
        let mut builder = Message::builder()
            .date(UNIX_EPOCH + Duration::from_millis(clock::now_ms().max(0).unsigned_abs()))
            .message_id(Some(self.checked_message_id()?.to_owned()))
            .from(from)
            .to(to)
            .subject(subject);
        for (name, value) in &self.headers {
            builder = builder.raw_header(extra_header(name, value)?);
        }
        builder
            .multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))
            .map_err(|_| Error::Message { reason: "its parts do not make a valid mail" })
    }

    fn checked_message_id(&self) -> Result<&str, Error> {
        let fault = Error::Message { reason: "its Message-ID is not of the form <id@domain>" };
        let id = self
            .message_id
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .ok_or(fault.clone())?;
        let is_plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && !b"<>@".contains(&b))
        };
        match id.split_once('@') {
            Some((left, right)) if is_plain(left) && is_plain(right) => Ok(&self.message_id),
            _ => Err(fault),
        }
    }
}

impl std::fmt::Debug for OutgoingMail {
    /// Names the mail without its recipient or content.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutgoingMail({})", self.message_id)
    }
}

fn one_line<'a>(text: &'a str, reason: &'static str) -> Result<&'a str, Error> {
    if text.chars().any(char::is_control) { Err(Error::Message { reason }) } else { Ok(text) }
}

fn address(text: &str, reason: &'static str) -> Result<Address, Error> {
    one_line(text, reason)?.parse().map_err(|_| Error::Message { reason })
}

fn extra_header(name: &str, value: &str) -> Result<HeaderValue, Error> {
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let lower = name.to_ascii_lowercase();
    if !is_name || OWN_HEADERS.contains(&lower.as_str()) || lower.starts_with("content-") {
        return Err(Error::Message { reason: "it has an extra header that is not allowed" });
    }
    let value = one_line(value, "an extra header has control characters")?;
    let name = HeaderName::new_from_ascii(name.to_owned())
        .map_err(|_| Error::Message { reason: "it has an extra header that is not allowed" })?;
    Ok(HeaderValue::new(name, value.to_owned()))
}
