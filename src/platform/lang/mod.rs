//! The languages of the site: their names in addresses, what a browser prefers, their words and
//! their way of writing dates and money.
//!
//! English stands at `/`, the others below `/es` and `/pt`. What the owner writes (articles,
//! programs, texts of pages) is content and lives in the database, not here.

pub mod format;
mod words;

pub use words::{Text, Words, words};

use crate::platform::word::Word;

/// A language of the interface.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[schema(rename_all = "lowercase", example = "en")]
pub enum Lang {
    En,
    Es,
    Pt,
}

impl Lang {
    /// In the order of the language switch; English is the default.
    pub const ALL: [Self; 3] = [Self::En, Self::Es, Self::Pt];

    /// As in `lang="…"`, `hreflang` and the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::Pt => "pt",
        }
    }

    /// As Open Graph wants it.
    #[must_use]
    pub const fn locale(self) -> &'static str {
        match self {
            Self::En => "en_GB",
            Self::Es => "es_ES",
            Self::Pt => "pt_PT",
        }
    }

    /// What its addresses begin with: nothing, `/es` or `/pt`.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::En => "",
            Self::Es => "/es",
            Self::Pt => "/pt",
        }
    }

    /// The language called `code`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// `path` in this language: `/programs` is `/es/programs`, and `/` is `/es`.
    #[must_use]
    pub fn path(self, path: &str) -> String {
        match (self.prefix(), path) {
            ("", path) => path.to_owned(),
            (prefix, "/") => prefix.to_owned(),
            (prefix, path) => format!("{prefix}{path}"),
        }
    }

    /// The language of an address, and the address without it: `/es/programs` is Spanish
    /// `/programs`.
    #[must_use]
    pub fn of_path(path: &str) -> (Self, &str) {
        for lang in [Self::Es, Self::Pt] {
            match path.strip_prefix(lang.prefix()) {
                Some("") => return (lang, "/"),
                Some(rest) if rest.starts_with('/') => return (lang, rest),
                _ => {}
            }
        }
        (Self::En, path)
    }

    /// The one of our languages that an `Accept-Language` header prefers, if it names any.
    #[must_use]
    pub fn preferred(accept_language: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        // Browsers send about five; what comes after twenty is not a preference.
        for range in accept_language.split(',').take(20) {
            let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
            let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            let Some(lang) = Self::from_code(&primary) else { continue };
            let q = weight.trim().strip_prefix("q=").map_or(1.0, |q| q.parse().unwrap_or(0.0));
            // Of equals the first counts.
            if q > 0.0 && best.is_none_or(|(most, _)| q > most) {
                best = Some((q, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }

    #[must_use]
    pub fn words(self) -> &'static Words {
        words(self)
    }
}

impl Word for Lang {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(self) -> &'static str {
        self.code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_its_language_belong_together() {
        for (address, lang, path) in [
            ("/", Lang::En, "/"),
            ("/es", Lang::Es, "/"),
            ("/es/programs/prime", Lang::Es, "/programs/prime"),
            ("/pt/search", Lang::Pt, "/search"),
            ("/estonia", Lang::En, "/estonia"),
        ] {
            assert_eq!(Lang::of_path(address), (lang, path));
            assert_eq!(lang.path(path), address);
        }
    }

    #[test]
    fn the_preferred_language_is_the_heaviest_of_ours() {
        for (header, wanted) in [
            ("es", Some(Lang::Es)),
            ("pt-BR,pt;q=0.9,en;q=0.8", Some(Lang::Pt)),
            ("de-DE,de;q=0.9,en;q=0.5,es;q=0.7", Some(Lang::Es)),
            ("de,fr", None),
            ("en;q=0, es;q=0.1", Some(Lang::Es)),
            ("es;q=x", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(Lang::preferred(header), wanted, "{header}");
        }
    }
}
