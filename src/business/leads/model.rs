//! What a lead is, and the rules its fields must meet. No IO.

use std::str::FromStr;

use crate::business::programs::ProgramOption;
use crate::platform::error::Fault;
use crate::platform::lang::Lang;

/// Characters, as RFC 5321 counts octets of a path and the guide's schema has it.
const EMAIL_MAX: usize = 255;
const NAME_MIN: usize = 2;
const NAME_MAX: usize = 100;
const PAGE_MAX: usize = 200;

/// What came in, still unchecked; `None` is a field that was not sent.
#[derive(Debug, Clone, Default)]
pub struct LeadInput {
    pub name: Option<String>,
    pub email: Option<String>,
    pub program: Option<String>,
    pub consent: Option<bool>,
    /// The page the form stood on.
    pub page: Option<String>,
    /// The language to write to this person in: `en`, `es` or `pt`.
    pub lang: Option<String>,
    /// The honeypot: people do not see it, programs fill it in.
    pub website: Option<String>,
}

/// A lead that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLead {
    pub name: String,
    /// Lower case.
    pub email: String,
    pub program: Option<String>,
    pub page: String,
    pub lang: Lang,
}

impl LeadInput {
    /// Whether a program filled in the field that people do not see.
    #[must_use]
    pub fn is_trapped(&self) -> bool {
        self.website.as_deref().is_some_and(|w| !w.trim().is_empty())
    }

    /// Checks all fields at once.
    ///
    /// # Errors
    /// Every fault, in the order of the form.
    pub fn parse(&self, programs: &[ProgramOption]) -> Result<NewLead, Vec<Fault>> {
        let name = parse_name(self.name.as_deref());
        let email = parse_email(self.email.as_deref());
        let program = parse_program(self.program.as_deref(), programs);
        let consent = parse_consent(self.consent);
        let lang = parse_lang(self.lang.as_deref());
        match (name, email, program, consent, lang) {
            (Ok(name), Ok(email), Ok(program), Ok(()), Ok(lang)) => {
                Ok(NewLead { name, email, program, page: page(self.page.as_deref()), lang })
            }
            (name, email, program, consent, lang) => {
                let faults = [name.err(), email.err(), program.err(), consent.err(), lang.err()];
                Err(faults.into_iter().flatten().collect())
            }
        }
    }
}

fn parse_lang(given: Option<&str>) -> Result<Lang, Fault> {
    let Some(code) = given.map(str::trim).filter(|code| !code.is_empty()) else {
        return Ok(Lang::En);
    };
    Lang::from_code(code).ok_or_else(|| Fault::of("lang", "unknown", "lang must be en, es or pt"))
}

/// A name that can be printed in a mail.
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

fn parse_program(given: Option<&str>, programs: &[ProgramOption]) -> Result<Option<String>, Fault> {
    let slug = given.unwrap_or_default().trim();
    if slug.is_empty() {
        return Ok(None);
    }
    match programs.iter().find(|p| p.slug.eq_ignore_ascii_case(slug)) {
        Some(program) => Ok(Some(program.slug.clone())),
        None => Err(Fault::of("program", "unknown", "Choose a program from the list")),
    }
}

fn parse_consent(given: Option<bool>) -> Result<(), Fault> {
    if given == Some(true) {
        return Ok(());
    }
    Err(Fault::of("gdprConsent", "required", "Tick the box to agree to our emails"))
}

/// Only a path of our own, never more than can be shown.
pub(super) fn page(given: Option<&str>) -> String {
    let page = given.unwrap_or_default();
    let ours = page.starts_with('/') && !page.starts_with("//") && !page.chars().any(is_invisible);
    if ours { page.chars().take(PAGE_MAX).collect() } else { "api".to_owned() }
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

    fn programs() -> Vec<ProgramOption> {
        vec![ProgramOption { slug: "prime".into(), name: "PRIME".into() }]
    }

    fn good() -> LeadInput {
        LeadInput {
            name: Some("  Ana Souza ".into()),
            email: Some("Ana@Example.com ".into()),
            program: Some("PRIME".into()),
            consent: Some(true),
            page: Some("/programs/prime".into()),
            lang: None,
            website: None,
        }
    }

    #[test]
    fn a_good_lead_is_trimmed_and_its_address_lowered() {
        let lead = good().parse(&programs()).unwrap();
        assert_eq!(lead.name, "Ana Souza");
        assert_eq!(lead.email, "ana@example.com");
        assert_eq!(lead.program.as_deref(), Some("prime"));
        assert_eq!(lead.page, "/programs/prime");
    }

    #[test]
    fn all_faults_come_at_once_and_in_the_order_of_the_form() {
        let input = LeadInput { program: Some("gold".into()), ..LeadInput::default() };
        let faults = input.parse(&programs()).unwrap_err();
        let seen: Vec<_> = faults.iter().map(|f| (f.field(), f.code)).collect();
        let wanted = [
            ("name", "required"),
            ("email", "required"),
            ("program", "unknown"),
            ("gdprConsent", "required"),
        ];
        assert_eq!(seen, wanted);
    }

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
            let input = LeadInput { email: Some(bad.into()), ..good() };
            let faults = input.parse(&programs()).unwrap_err();
            assert_eq!((faults[0].field(), faults[0].code), ("email", "invalid"), "{bad:?}");
        }
        for fine in
            ["a@b.co", "first.last+tag@sub.example.com", "o'neill@example.ie", "josé@exemplo.pt"]
        {
            let input = LeadInput { email: Some(fine.into()), ..good() };
            assert!(input.parse(&programs()).is_ok(), "{fine}");
        }
    }

    #[test]
    fn one_mailbox_has_one_spelling() {
        let email = |text: &str| {
            LeadInput { email: Some(text.into()), ..good() }.parse(&programs()).map(|l| l.email)
        };
        assert_eq!(email("H6@ｅｘａｍｐｌｅ.com").unwrap(), "h6@example.com");
        assert_eq!(email("h8@münchen.de").unwrap(), email("h8@xn--mnchen-3ya.de").unwrap());
        assert!(email("h9@1.2").is_err());
    }

    #[test]
    fn a_name_cannot_advertise_or_be_empty_to_the_eye() {
        let name = |text: &str| LeadInput { name: Some(text.into()), ..good() }.parse(&programs());
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
    }

    #[test]
    fn lengths_are_counted_in_characters_at_both_ends() {
        let name = |n: usize| LeadInput { name: Some("é".repeat(n)), ..good() }.parse(&programs());
        assert!(name(1).is_err() && name(2).is_ok() && name(100).is_ok() && name(101).is_err());
        let long = format!("a@{}.com", "b".repeat(300));
        let faults = LeadInput { email: Some(long), ..good() }.parse(&programs()).unwrap_err();
        assert_eq!(faults[0].code, "too_long");
    }

    #[test]
    fn a_page_that_is_not_ours_is_not_stored() {
        for foreign in ["https://evil.example", "//evil.example", "javascript:x", "/a\nb"] {
            let lead =
                LeadInput { page: Some(foreign.into()), ..good() }.parse(&programs()).unwrap();
            assert_eq!(lead.page, "api", "{foreign}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_in_is_stored_clean_or_refused(name in ".*", email in ".*", page in ".*") {
            let input = LeadInput { name: Some(name), email: Some(email), page: Some(page), ..good() };
            if let Ok(lead) = input.parse(&programs()) {
                prop_assert!(!lead.name.chars().any(is_invisible));
                prop_assert!(lead.email.len() <= 1020 && lead.email.contains('@'));
                prop_assert!(lead.page.chars().count() <= PAGE_MAX);
            }
        }
    }
}
