//! What the home page consists of, and the links at the foot of each page. Texts of their own, beside those of the seed
//! files, so that an older program still reads the others.

use serde::{Deserialize, Serialize};

use crate::platform::http::Link;
use crate::platform::word::Word;

/// A part of the home page that can be moved and left out. What stands above and below them always stays: the heading,
/// and the form that every page leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    Promise,
    Fit,
    Programs,
    Steps,
    Testimonials,
    Articles,
}

impl Word for Section {
    const ALL: &'static [Self] = &[
        Self::Promise,
        Self::Fit,
        Self::Programs,
        Self::Steps,
        Self::Testimonials,
        Self::Articles,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Promise => "promise",
            Self::Fit => "fit",
            Self::Programs => "programs",
            Self::Steps => "steps",
            Self::Testimonials => "testimonials",
            Self::Articles => "articles",
        }
    }
}

/// The order of the home page, and what of it is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sections {
    pub order: Vec<String>,
    pub hidden: Vec<String>,
}

impl Sections {
    /// Every section in its order; those that nobody has placed come last, in their own order.
    #[must_use]
    pub fn all(&self) -> Vec<Section> {
        let mut found: Vec<Section> = Vec::new();
        for word in &self.order {
            // What a newer program knows is nothing to this one.
            found.extend(Section::of_word(word).filter(|section| !found.contains(section)));
        }
        found.extend(
            Section::ALL.iter().filter(|section| !self.order.iter().any(|w| w == section.word())),
        );
        found
    }

    /// Whether visitors see the section.
    #[must_use]
    pub fn shows(&self, section: Section) -> bool {
        !self.hidden.iter().any(|word| word == section.word())
    }

    /// The words of the sections that visitors see, in their order.
    #[must_use]
    pub fn shown(&self) -> Vec<&'static str> {
        self.all().into_iter().filter(|one| self.shows(*one)).map(Section::word).collect()
    }
}

/// The links at the foot of each page of a language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Footer {
    /// The menu's own when nobody has set them.
    pub links: Option<Vec<Link>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_stand_as_they_were_placed_and_the_rest_after_them() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect();
        let sections = Sections {
            order: words(&["steps", "later", "fit", "steps"]),
            hidden: words(&["programs"]),
        };
        assert_eq!(sections.shown(), ["steps", "fit", "promise", "testimonials", "articles"]);
        assert_eq!(Sections::default().shown().len(), Section::ALL.len());
    }
}
