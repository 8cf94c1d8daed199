//! What a program is.

use serde::{Deserialize, Serialize};

use super::ProgramOption;

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
    /// Epoch milliseconds.
    pub updated_at: i64,
}

/// The parts of a program that are only ever shown together.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Details {
    pub modules: Vec<Module>,
    pub outcomes: Vec<String>,
    pub not_for: Vec<String>,
    pub faq: Vec<Question>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    pub title: String,
    pub summary: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub question: String,
    pub answer: String,
}

/// `config/content/programs.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramsFile {
    pub program: Vec<SeedProgram>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedProgram {
    pub slug: String,
    pub name: String,
    pub tagline: String,
    pub description: String,
    pub price_minor: i64,
    pub currency: String,
    pub duration_weeks: i64,
    pub outcomes: Vec<String>,
    pub not_for: Vec<String>,
    #[serde(default)]
    pub checkout_url: Option<String>,
    #[serde(default)]
    pub module: Vec<Module>,
    #[serde(default)]
    pub faq: Vec<Question>,
}

impl SeedProgram {
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

/// A word that can stand in an address: `[a-z0-9-]`, 1 to 63.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(fits)
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
    pub module_count: i64,
    pub modules: Vec<ModuleView>,
    pub outcomes: Vec<String>,
    pub not_for: Vec<String>,
    pub faq: Vec<Question>,
    pub checkout_url: Option<String>,
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

    /// `8 weeks`.
    #[must_use]
    pub fn duration(&self) -> String {
        match self.duration_weeks {
            1 => "1 week".into(),
            weeks => format!("{weeks} weeks"),
        }
    }
}

impl From<Program> for ProgramView {
    fn from(program: Program) -> Self {
        let duration = program.duration();
        let modules = program.details.modules.into_iter().enumerate();
        let modules: Vec<_> = modules
            .map(|(i, m)| ModuleView { number: i + 1, title: m.title, summary: m.summary })
            .collect();
        Self {
            price: money(program.price_minor, &program.currency),
            duration,
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
        }
    }
}

/// An amount for English readers: `€499`, `€1,299`, `€12.50`, `CHF 90`.
#[must_use]
pub fn money(minor: i64, currency: &str) -> String {
    let sign = match currency {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        "BRL" => "R$",
        other => return format!("{other} {}", amount(minor)),
    };
    format!("{sign}{}", amount(minor))
}

fn amount(minor: i64) -> String {
    let (whole, cents) = (minor / 100, minor % 100);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if cents == 0 { grouped } else { format!("{grouped}.{cents:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_read_as_people_write_them() {
        assert_eq!(money(49_900, "EUR"), "€499");
        assert_eq!(money(129_900, "EUR"), "€1,299");
        assert_eq!(money(1_250, "USD"), "$12.50");
        assert_eq!(money(9_000, "CHF"), "CHF 90");
        assert_eq!(money(123_456_789, "BRL"), "R$1,234,567.89");
    }
}
