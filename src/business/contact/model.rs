//! What a message from the contact page is, and the rules its fields must meet. No IO.

use crate::platform::error::Fault;
use crate::platform::text::{is_invisible, parse_email, parse_name};

/// Characters.
const MESSAGE_MIN: usize = 10;
const MESSAGE_MAX: usize = 4000;

/// What came in, still unchecked.
#[derive(Debug, Clone, Default)]
pub struct MessageInput {
    pub name: Option<String>,
    pub email: Option<String>,
    pub message: Option<String>,
    /// The honeypot: people do not see it, programs fill it in.
    pub website: Option<String>,
}

/// A message that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    pub name: String,
    pub email: String,
    pub message: String,
}

impl MessageInput {
    /// Whether a program filled in the field that people do not see.
    #[must_use]
    pub fn is_trapped(&self) -> bool {
        self.website.as_deref().is_some_and(|w| !w.trim().is_empty())
    }

    /// Checks all fields at once.
    ///
    /// # Errors
    /// Every fault, in the order of the form.
    pub fn parse(&self) -> Result<NewMessage, Vec<Fault>> {
        let name = parse_name(self.name.as_deref());
        let email = parse_email(self.email.as_deref());
        let message = parse_message(self.message.as_deref());
        match (name, email, message) {
            (Ok(name), Ok(email), Ok(message)) => Ok(NewMessage { name, email, message }),
            (name, email, message) => {
                Err([name.err(), email.err(), message.err()].into_iter().flatten().collect())
            }
        }
    }
}

fn parse_message(given: Option<&str>) -> Result<String, Fault> {
    let fault = |code, text: &str| Err(Fault::of("message", code, text));
    // Forms send line breaks as CRLF.
    let message = given.unwrap_or_default().replace("\r\n", "\n");
    let message = message.trim();
    let length = message.chars().count();
    if message.is_empty() {
        return fault("required", "Enter your message");
    }
    if length < MESSAGE_MIN {
        return fault("too_short", "Your message must be 10 characters or more");
    }
    if length > MESSAGE_MAX {
        return fault("too_long", "Your message must be 4,000 characters or fewer");
    }
    // Emoji are joined by characters without a shape; what turns text around is not needed.
    let harmless = ['\n', '\t', '\u{200d}'];
    if message.chars().any(|c| is_invisible(c) && !harmless.contains(&c)) {
        return fault("invalid", "Your message must not contain hidden or control characters");
    }
    Ok(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> MessageInput {
        MessageInput {
            name: Some("Ana".into()),
            email: Some("Ana@Example.com".into()),
            message: Some(" First line\r\nSecond 👩‍🎨 line ".into()),
            website: None,
        }
    }

    #[test]
    fn a_good_message_is_trimmed_and_keeps_its_lines() {
        let message = good().parse().unwrap();
        assert_eq!(message.message, "First line\nSecond 👩‍🎨 line");
        assert_eq!(message.email, "ana@example.com");
    }

    #[test]
    fn all_faults_come_at_once() {
        let faults = MessageInput::default().parse().unwrap_err();
        let fields: Vec<_> = faults.iter().map(|f| (f.field(), f.code)).collect();
        assert_eq!(fields, ["name", "email", "message"].map(|field| (field, "required")));
        let code = |text: &str| {
            let input = MessageInput { message: Some(text.into()), ..good() };
            input.parse().unwrap_err()[0].code
        };
        assert_eq!(code("short"), "too_short");
        assert_eq!(code(&"x".repeat(4001)), "too_long");
        assert_eq!(code("right \u{202e} to left"), "invalid");
    }
}
