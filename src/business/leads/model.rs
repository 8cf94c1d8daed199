//! What a lead is, and the rules its fields must meet. No IO.

use crate::business::programs::ProgramOption;
use crate::platform::error::Fault;
use crate::platform::lang::Lang;
use crate::platform::text::{is_invisible, parse_email, parse_name};

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
