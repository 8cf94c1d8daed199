//! What a program is.

use serde::{Deserialize, Serialize};

use super::ProgramOption;
use super::offers::Running;
use crate::platform::clock;
use crate::platform::lang::{Lang, Text, format};
use crate::platform::text::is_slug;

/// A program as stored.
#[derive(Debug, Clone)]
pub struct Program {
    pub slug: String,
    pub name: String,
    pub tagline: String,
    pub description: String,
    /// Minor units of `currency`: 49900 is 499.00.
    pub price_minor: i64,
    /// ISO 4217, three capitals.
    pub currency: String,
    pub duration_weeks: i64,
    pub details: Details,
    /// Where the buyer goes; none yet means the action is to join the list.
    pub checkout_url: Option<String>,
    /// The offer that counts now: price and checkout are its.
    pub offer: Option<Running>,
    /// Epoch milliseconds.
    pub updated_at: i64,
    /// The language of the words: English when there are none in the language asked for.
    pub lang: Lang,
}

/// The parts of a program that are only ever shown together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    pub modules: Vec<Module>,
    pub outcomes: Vec<String>,
    pub not_for: Vec<String>,
    pub faq: Vec<Question>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    pub title: String,
    pub summary: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub question: String,
    pub answer: String,
}

/// `config/content/programs.toml`: what is the same in every language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramsFile {
    #[serde(default)]
    pub program: Vec<SeedFacts>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedFacts {
    pub slug: String,
    pub price_minor: i64,
    pub currency: String,
    pub duration_weeks: i64,
    #[serde(default)]
    pub checkout_url: Option<String>,
}

/// `config/content/<language>/programs.toml`: what a language says about them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramTextsFile {
    #[serde(default)]
    pub program: Vec<SeedTexts>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedTexts {
    pub slug: String,
    pub name: String,
    pub tagline: String,
    pub description: String,
    pub outcomes: Vec<String>,
    pub not_for: Vec<String>,
    #[serde(default)]
    pub module: Vec<Module>,
    #[serde(default)]
    pub faq: Vec<Question>,
}

/// A program read from the files, ready to be stored.
#[derive(Debug)]
pub struct SeedProgram {
    pub facts: SeedFacts,
    pub english: SeedTexts,
    pub others: Vec<(Lang, SeedTexts)>,
}

impl SeedFacts {
    /// What is wrong with the values, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        if !is_slug(&self.slug) {
            return Some(format!("slug {:?}: use a-z, 0-9 and dashes, 63 at most", self.slug));
        }
        if self.price_minor < 0 {
            return Some(format!("price_minor {} must not be negative", self.price_minor));
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Some(format!("currency {:?} must be three capitals like EUR", self.currency));
        }
        if self.duration_weeks < 1 {
            return Some(format!("duration_weeks {} must be at least 1", self.duration_weeks));
        }
        let checkout = self.checkout_url.as_deref().filter(|url| !url.starts_with("https://"))?;
        Some(format!("checkout_url {checkout:?} must begin with https://"))
    }
}

impl SeedTexts {
    pub(super) fn details(&self) -> Details {
        Details {
            modules: self.module.clone(),
            outcomes: self.outcomes.clone(),
            not_for: self.not_for.clone(),
            faq: self.faq.clone(),
        }
    }
}

/// A program as templates see it.
#[derive(Debug, Clone)]
pub struct ProgramView {
    pub slug: String,
    pub name: String,
    pub tagline: String,
    pub description: String,
    pub price: String,
    pub price_minor: i64,
    pub currency: String,
    pub duration: String,
    pub duration_weeks: i64,
    pub module_count: i64,
    pub modules: Vec<ModuleView>,
    pub outcomes: Vec<String>,
    pub not_for: Vec<String>,
    pub faq: Vec<Question>,
    pub checkout_url: Option<String>,
    pub offer: Option<OfferView>,
    /// The language of the words.
    pub lang: Lang,
}

/// The offer that counts now, in words.
#[derive(Debug, Clone)]
pub struct OfferView {
    pub name: String,
    /// What the program costs without it.
    pub regular_price: String,
    /// The last day on which it counts, and the same as `2026-12-07`.
    pub until: Option<(String, String)>,
}

#[derive(Debug, Clone)]
pub struct ModuleView {
    pub number: usize,
    pub title: String,
    pub summary: String,
}

impl Program {
    #[must_use]
    pub fn option(&self) -> ProgramOption {
        ProgramOption { slug: self.slug.clone(), name: self.name.clone() }
    }
}

/// `8 weeks`, in the words of `lang`.
#[must_use]
pub fn duration(lang: Lang, weeks: i64) -> String {
    let t = &lang.words().programs;
    Text::count(&t.weeks_one, &t.weeks_many, weeks).into()
}

impl ProgramView {
    /// The program as people who read `lang` see it.
    #[must_use]
    pub fn new(program: Program, lang: Lang) -> Self {
        let offer = program.offer.map(|offer| OfferView {
            name: offer.name,
            regular_price: format::money(lang, offer.regular_minor, &program.currency),
            // The end does not belong to it.
            until: offer.ends_at.map(|at| (format::date(lang, at - 1), clock::iso_date(at - 1))),
        });
        let modules = program.details.modules.into_iter().enumerate();
        let modules: Vec<_> = modules
            .map(|(i, m)| ModuleView { number: i + 1, title: m.title, summary: m.summary })
            .collect();
        Self {
            price: format::money(lang, program.price_minor, &program.currency),
            duration: duration(lang, program.duration_weeks),
            duration_weeks: program.duration_weeks,
            module_count: modules.len() as i64,
            modules,
            slug: program.slug,
            name: program.name,
            tagline: program.tagline,
            description: program.description,
            price_minor: program.price_minor,
            currency: program.currency,
            outcomes: program.details.outcomes,
            not_for: program.details.not_for,
            faq: program.details.faq,
            checkout_url: program.checkout_url,
            offer,
            lang: program.lang,
        }
    }

    /// `499.00`, as structured data wants it.
    #[must_use]
    pub fn decimal_price(&self) -> String {
        format!("{}.{:02}", self.price_minor / 100, self.price_minor % 100)
    }
}
