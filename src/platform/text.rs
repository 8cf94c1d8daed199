//! What people type: the rules that names, addresses and texts must meet, wherever they come in.
//!
//! A rule and the pattern that says the same in the API's description stand side by side here.

use std::str::FromStr;

use super::error::Fault;

/// Characters, as RFC 5321 counts octets of a path and the guide's schema has it.
const EMAIL_MAX: usize = 255;
const NAME_MIN: usize = 2;
const NAME_MAX: usize = 100;

/// What [`parse_name`] takes, as a regular expression of JSON Schema: no web address, a letter or digit, 2 to 100
/// characters between spaces, none of them hidden.
pub const NAME_PATTERN: &str = r"^(?![\s\S]*[\p{L}\p{N}][^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.]*[\p{L}\p{N}][^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.]*\.[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.]*[\p{L}\p{N}][^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.]*[\p{L}\p{N}])(?=[\s\S]*[\p{L}\p{N}])[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u2069\u2800\u3164\ufeff\uffa0/@][^\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u2069\u2800\u3164\ufeff\uffa0/@]{0,98}[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u2069\u2800\u3164\ufeff\uffa0/@][\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$";

/// What [`Rule::line`] takes: no line breaks, control characters or marks that turn text around.
pub const LINE_PATTERN: &str = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]*$";
/// The same with something to see in it.
pub const FULL_LINE_PATTERN: &str = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]*[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff][^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]*$";
/// What [`Rule::lines`] takes: no control characters but line breaks and tabs.
pub const LINES_PATTERN: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$";
/// The same with something to see in it.
pub const FULL_LINES_PATTERN: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f][^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$";

/// How long a text may be, in characters, and whether it may have more than one line.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    max: usize,
    is_line: bool,
    may_be_empty: bool,
}

impl Rule {
    /// One line with something in it.
    #[must_use]
    pub const fn line(max: usize) -> Self {
        Self { max, is_line: true, may_be_empty: false }
    }

    /// Several lines with something in them.
    #[must_use]
    pub const fn lines(max: usize) -> Self {
        Self { max, is_line: false, may_be_empty: false }
    }

    /// The same, and nothing will do too.
    #[must_use]
    pub const fn or_empty(self) -> Self {
        Self { may_be_empty: true, ..self }
    }

    /// The text as it is stored: without spaces around a line or at the end of several, line breaks as `\n`.
    ///
    /// # Errors
    /// Code and message, which begins with `name`.
    pub fn check(self, name: &str, text: &str) -> Result<String, (&'static str, String)> {
        if text.chars().count() > self.max {
            return Err(("too_long", format!("{name} must be {} characters or fewer", self.max)));
        }
        if self.is_line && text.chars().any(breaks_line) {
            let message =
                "must be one line without control characters or marks that turn text around";
            return Err(("invalid", format!("{name} {message}")));
        }
        if !self.is_line && text.chars().any(|c| c.is_ascii_control() && !"\n\r\t".contains(c)) {
            let message = "must not contain control characters other than line breaks and tabs";
            return Err(("invalid", format!("{name} {message}")));
        }
        let clean = if self.is_line {
            text.trim().to_owned()
        } else {
            text.trim_end().replace("\r\n", "\n").replace('\r', "\n")
        };
        if !self.may_be_empty && clean.trim().is_empty() {
            return Err(("required", format!("{name} must not be empty")));
        }
        Ok(clean)
    }
}

/// What [`is_https`] takes.
pub const HTTPS_PATTERN: &str = r"^https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])([/?#][!-~]*)?$";
/// Characters of an address at most.
pub const URL_MAX: usize = 2000;

/// An address that a browser can be sent to: https, a host with a dot in lower case, and what follows in visible ASCII.
#[must_use]
pub fn is_https(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let (host, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let is_label = |label: &str| {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = host.rsplit('.').next().unwrap_or_default();
    text.len() <= URL_MAX
        && host.contains('.')
        && host.split('.').all(is_label)
        && top.len() >= 2
        && top.starts_with(|c: char| c.is_ascii_lowercase())
        && tail.bytes().all(|b| b.is_ascii_graphic())
}

/// What [`is_path`] takes.
pub const PATH_PATTERN: &str = r"^/([!-.0-\[\]-~][!-~]{0,198})?$";

/// The same without a query.
pub const BARE_PATH_PATTERN: &str = r#"^/([!-"$-.0->@-\[\]-~][!-"$->@-~]{0,198})?$"#;
/// Either of [`is_path`] and [`is_https`].
pub const PATH_OR_HTTPS_PATTERN: &str = r"^(/([!-.0-\[\]-~][!-~]{0,198})?|https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])([/?#][!-~]*)?)$";

/// A path of this site: visible ASCII, and nothing that a browser takes for another host.
#[must_use]
pub fn is_path(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('/') else { return false };
    text.len() <= 200
        && !rest.starts_with(['/', '\\'])
        && rest.bytes().all(|b| b.is_ascii_graphic())
}

/// What does not belong in a line: control characters, line separators, marks that turn text around.
fn breaks_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A word that can stand in an address: `[a-z0-9-]`, 1 to 63.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(fits)
}

/// A person's name, fit to be printed in a mail. [`NAME_PATTERN`] says the same to programs.
///
/// # Errors
/// The one fault of field `name`.
pub fn parse_name(given: Option<&str>) -> Result<String, Fault> {
    let fault = |code, message: &str| Err(Fault::of("name", code, message));
    let name = given.unwrap_or_default().trim();
    let length = name.chars().count();
    if name.is_empty() {
        return fault("required", "Enter your name");
    }
    if length < NAME_MIN {
        return fault("too_short", "Your name must be 2 characters or more");
    }
    if length > NAME_MAX {
        return fault("too_long", "Your name must be 100 characters or fewer");
    }
    if name.chars().any(is_invisible) {
        return fault("invalid", "Your name must not contain hidden or control characters");
    }
    if !name.chars().any(char::is_alphanumeric) {
        return fault("invalid", "Enter your name with letters");
    }
    // A name is printed in mails: a link in it would be somebody else's advertisement.
    if name.contains(['/', '@']) || has_domain(name) {
        return fault("invalid", "Enter your name without a web address");
    }
    Ok(name.to_owned())
}

/// An address that mail can be sent to, in its one spelling.
///
/// # Errors
/// The one fault of field `email`.
pub fn parse_email(given: Option<&str>) -> Result<String, Fault> {
    let fault = |code, message: &str| Err(Fault::of("email", code, message));
    let email = given.unwrap_or_default().trim();
    if email.is_empty() {
        return fault("required", "Enter your email address");
    }
    if email.chars().count() > EMAIL_MAX {
        return fault("too_long", "Your email address must be 255 characters or fewer");
    }
    match normal_email(email) {
        Some(email) if email.chars().count() <= EMAIL_MAX => Ok(email),
        _ => {
            fault("invalid", "Enter an email address in the correct format, like name@example.com")
        }
    }
}

/// One spelling for each mailbox: lower case, and the domain as it is looked up (punycode), so
/// that full-width letters or an upper-case domain do not make a second lead of one person.
fn normal_email(text: &str) -> Option<String> {
    // Looked for before the domain is mapped, which would drop them silently.
    if text.chars().any(is_invisible) {
        return None;
    }
    let (local, domain) = text.rsplit_once('@')?;
    let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else { return None };
    let email = format!("{}@{domain}", local.to_lowercase());
    is_email(&email).then_some(email)
}

/// Two letters or more on both sides of a dot, as in `evil.com` and not in `J.R. Tolkien`.
fn has_domain(name: &str) -> bool {
    name.split_whitespace().any(|word| {
        let runs: Vec<usize> = word
            .split('.')
            .map(|part| part.chars().filter(|c| c.is_alphanumeric()).count())
            .collect();
        runs.windows(2).any(|pair| pair[0] >= 2 && pair[1] >= 2)
    })
}

/// An address that mail can be sent to from the public internet: the syntax, and a domain of at
/// least two labels.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let label_fits = |label: &str| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    };
    let letters = |c: char| c.is_alphanumeric() || c == '-';
    !local.contains(['"', '@'])
        && !text.chars().any(is_invisible)
        && domain.contains('.')
        && domain.split('.').all(|label| label_fits(label) && label.chars().all(letters))
        && lettre::Address::from_str(text).is_ok()
}

/// Control characters, those without a shape, and those that change the direction of text.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_that_mail_cannot_reach_are_refused() {
        for bad in [
            "a",
            "a@b",
            "someone@localhost",
            "@example.com",
            "a@",
            "a@@example.com",
            "a b@example.com",
            "a@exa mple.com",
            "a@-example.com",
            "a@example-.com",
            "a@example..com",
            "a@.example.com",
            "a@example.com.",
            "a\u{202e}@b.co",
            "a@b.co\u{200b}",
            "x'); DROP TABLE leads;--@x.y",
            "\"a b\"@example.com",
            "a@[127.0.0.1]",
            "a@example.com\r\nBcc: x@y.zz",
        ] {
            let fault = parse_email(Some(bad)).unwrap_err();
            assert_eq!((fault.field(), fault.code), ("email", "invalid"), "{bad:?}");
        }
        for fine in
            ["a@b.co", "first.last+tag@sub.example.com", "o'neill@example.ie", "josé@exemplo.pt"]
        {
            assert!(parse_email(Some(fine)).is_ok(), "{fine}");
        }
        let long = format!("a@{}.com", "b".repeat(300));
        assert_eq!(parse_email(Some(&long)).unwrap_err().code, "too_long");
    }

    #[test]
    fn one_mailbox_has_one_spelling() {
        let email = |text: &str| parse_email(Some(text));
        assert_eq!(email("H6@ｅｘａｍｐｌｅ.com").unwrap(), "h6@example.com");
        assert_eq!(email("h8@münchen.de").unwrap(), email("h8@xn--mnchen-3ya.de").unwrap());
        assert!(email("h9@1.2").is_err());
    }

    #[test]
    fn a_name_cannot_advertise_or_be_empty_to_the_eye() {
        let name = |text: &str| parse_name(Some(text));
        for bad in [
            "Win 500 EUR at evil.com/win",
            "evil.com",
            "a@b.co",
            "see http://x.yy",
            "ㅤㅤ",
            "\u{ad}\u{ad}",
            "A\u{e0041}B",
            "--",
        ] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
        for fine in ["J.R. Tolkien", "Ph.D. Ana", "O'Neill", "José", "李 明", "Anne-Marie"] {
            assert!(name(fine).is_ok(), "{fine}");
        }
        let long = |n: usize| name(&"é".repeat(n));
        assert!(long(1).is_err() && long(2).is_ok() && long(100).is_ok() && long(101).is_err());
    }

    #[test]
    fn a_line_is_one_line_and_lines_keep_theirs() {
        let line = |text: &str| Rule::line(5).check("title", text).map_err(|(code, _)| code);
        assert_eq!(line(" ab "), Ok("ab".into()));
        assert_eq!(line("👩\u{200d}🎨"), Ok("👩\u{200d}🎨".into()), "joined emoji are one picture");
        assert_eq!(line("abcdef"), Err("too_long"));
        assert_eq!(line("   "), Err("required"));
        for odd in ["a\nb", "a\0b", "a\u{202e}b", "a\u{2028}b"] {
            assert_eq!(line(odd), Err("invalid"), "{odd:?}");
        }
        let lines = |text: &str| Rule::lines(9).check("body", text).map_err(|(code, _)| code);
        assert_eq!(lines("a\r\n\tb\rc\n"), Ok("a\n\tb\nc".into()));
        assert_eq!(lines("a\u{7}b"), Err("invalid"));
        assert_eq!(Rule::lines(9).or_empty().check("body", "").ok(), Some(String::new()));
    }

    #[test]
    fn an_address_on_the_web_is_https_and_has_a_host_with_a_dot() {
        for good in
            ["https://pay.hotmart.com/A1?off=x#y", "https://a.co", "https://xn--a.xn--p1ai/"]
        {
            assert!(is_https(good), "{good}");
        }
        for bad in [
            "http://a.co",
            "https://localhost/",
            "https://a.1",
            "https://127.0.0.1/",
            "https://-a.co",
            "https://A.co",
            "https://a.co:8443/",
            "https://u@a.co/",
            "https://a.co/ b",
            "https://a..co",
            "https://",
        ] {
            assert!(!is_https(bad), "{bad}");
        }
    }

    #[test]
    fn a_path_stays_on_the_site() {
        for good in ["/", "/programs", "/es/articles?page=2#x"] {
            assert!(is_path(good), "{good}");
        }
        for bad in
            ["", "programs", "//evil.example", "/\\evil.example", "/a b", "/é", "https://a.co"]
        {
            assert!(!is_path(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_in_is_clean_or_refused(text in ".*") {
            if let Ok(clean) = Rule::line(50).check("x", &text) {
                prop_assert!(!clean.chars().any(breaks_line) && !clean.is_empty());
            }
            if let Ok(clean) = Rule::lines(50).check("x", &text) {
                prop_assert!(!clean.contains(['\0', '\r']));
            }
        }
    }
}
