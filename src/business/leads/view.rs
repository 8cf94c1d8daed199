//! The form as the templates show it.

use super::model::{LeadInput, page};
use crate::business::programs::ProgramOption;
use crate::platform::error::Fault;
use crate::platform::http::SiteView;
use crate::platform::lang::{Lang, Text};

#[derive(Debug, Clone)]
pub struct LeadFormView {
    pub name: String,
    pub email: String,
    pub program: String,
    pub consent: bool,
    pub page: String,
    pub programs: Vec<ProgramOption>,
    pub faults: Vec<FaultView>,
    pub consent_text: String,
    pub consent_version: String,
}

#[derive(Debug, Clone)]
pub struct FaultView {
    pub field: String,
    pub message: String,
}

impl FaultView {
    /// The fault in the words of a page.
    #[must_use]
    pub fn new(fault: &Fault, lang: Lang) -> Self {
        Self { field: fault.field().to_owned(), message: message(fault, lang).to_string() }
    }
}

/// What is wrong, in `lang`. The API says it in English, in the fault's own message.
fn message(fault: &Fault, lang: Lang) -> &'static Text {
    let t = &lang.words().faults;
    match (fault.field(), fault.code) {
        ("name", "required") => &t.name_required,
        ("name", "too_short") => &t.name_too_short,
        ("name", "too_long") => &t.name_too_long,
        ("name", _) => &t.name_invalid,
        ("email", "required") => &t.email_required,
        ("email", "too_long") => &t.email_too_long,
        ("email", _) => &t.email_invalid,
        ("program", _) => &t.program_unknown,
        ("gdprConsent", _) => &t.consent_required,
        ("message", "required") => &t.message_required,
        ("message", "too_short") => &t.message_too_short,
        ("message", "too_long") => &t.message_too_long,
        ("message", _) => &t.message_invalid,
        _ => &t.other,
    }
}

impl LeadFormView {
    /// A form nobody has filled in yet, standing on `page`, with `program` chosen.
    #[must_use]
    pub fn empty(page: &str, program: &str, programs: Vec<ProgramOption>, site: &SiteView) -> Self {
        Self {
            name: String::new(),
            email: String::new(),
            program: program.to_owned(),
            consent: false,
            page: page.to_owned(),
            programs,
            faults: Vec::new(),
            consent_text: site.consent_text.clone(),
            consent_version: site.consent_version.clone(),
        }
    }

    /// The form as it was sent, with what is wrong with it.
    #[must_use]
    pub fn refused(
        input: &LeadInput,
        faults: &[Fault],
        programs: Vec<ProgramOption>,
        site: &SiteView,
        lang: Lang,
    ) -> Self {
        Self {
            name: shown(&input.name),
            email: shown(&input.email),
            consent: input.consent == Some(true),
            faults: faults.iter().map(|fault| FaultView::new(fault, lang)).collect(),
            ..Self::empty(&page(input.page.as_deref()), &shown(&input.program), programs, site)
        }
    }

    /// What is wrong with `field`, if anything.
    #[must_use]
    pub fn fault(&self, field: &str) -> Option<&str> {
        fault_of(&self.faults, field)
    }
}

/// What is wrong with `field`, if anything.
#[must_use]
pub fn fault_of<'f>(faults: &'f [FaultView], field: &str) -> Option<&'f str> {
    faults.iter().find(|f| f.field == field).map(|f| f.message.as_str())
}

/// What somebody typed, as much of it as a field shows back.
#[must_use]
pub fn shown(text: &Option<String>) -> String {
    text.as_deref().unwrap_or_default().chars().take(300).collect()
}
