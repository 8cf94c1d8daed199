//! What a lead is, and the rules its fields must meet. No IO.

use crate::business::programs::ProgramOption;
use crate::business::search;
use crate::platform::error::Fault;
use crate::platform::lang::Lang;
use crate::platform::text::{is_invisible, parse_email, parse_name};

const PAGE_MAX: usize = 200;

/// Characters of a folded name that leads are sorted by.
const NAME_KEY_MAX: usize = 40;
/// Characters of a word that count.
const WORD_MAX: usize = 64;
/// Bytes of all words of a lead: a row of an index has no room for more, and nobody's name needs it.
const WORDS_MAX: usize = 1000;

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

/// What a lead is found and sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// The beginning of the folded name.
    pub name_key: String,
    /// The folded words of name and address, each once and sorted, with a space before each.
    pub text: String,
    email: String,
}

impl Filing {
    /// `email` in lower case.
    #[must_use]
    pub fn of(name: &str, email: &str) -> Self {
        let name_key = search::fold(name).chars().take(NAME_KEY_MAX).collect();
        let folded = search::fold(&format!("{name} {email}"));
        let (mut words, mut bytes): (Vec<&str>, usize) = (Vec::new(), 0);
        for word in folded.split(' ').map(telling).filter(|word| !word.is_empty()) {
            if !words.contains(&word) {
                bytes += word.len() + 1;
                if bytes > WORDS_MAX {
                    break;
                }
                words.push(word);
            }
        }
        words.sort_unstable();
        let text = words.iter().flat_map(|word| [" ", word]).collect();
        Self { name_key, text, email: email.to_owned() }
    }

    /// Each word, and how many bytes of it the name and the address begin with.
    pub fn words(&self) -> impl Iterator<Item = (&str, i64, i64)> {
        let common = |word: &str, text: &str| {
            word.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count() as i64
        };
        let place = move |word| (word, common(word, &self.name_key), common(word, &self.email));
        self.text.split_whitespace().map(place)
    }
}

/// The part of a folded word that counts.
fn telling(word: &str) -> &str {
    word.char_indices().nth(WORD_MAX).map_or(word, |(end, _)| &word[..end])
}

/// What somebody looks for: the beginnings of words, all of which have to occur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginnings {
    words: Vec<String>,
    address: Option<String>,
}

impl Beginnings {
    /// Reads what was typed; of signs alone nothing is left, and nothing is found.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        let folded = search::fold(typed);
        let mut words: Vec<&str> =
            folded.split(' ').map(telling).filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        // Whoever has a word that begins with "anab" has one that begins with "an". In this order the beginnings of a
        // word stand right before it.
        words.reverse();
        words.dedup_by(|shorter, longer| longer.starts_with(*shorter));
        words.reverse();
        let words = words.into_iter().map(str::to_owned).collect();
        Self { words, address: parse_email(Some(typed)).ok() }
    }

    /// What may be a whole address: who has just that is meant, and nobody else.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// Sorted; none is the beginning of another.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// For `LIKE` against [`Filing::text`]. Its words are sorted as these are, and none of these is the beginning of
    /// another, so whatever they match stands there in this order.
    #[must_use]
    pub fn pattern(&self) -> String {
        self.words.iter().map(|word| format!("% {word}")).chain(["%".to_owned()]).collect()
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

    #[test]
    fn a_lead_is_filed_under_its_folded_words_each_once() {
        let filing = Filing::of("José  Ángel-Ruiz", "jose.angel+x@exemplo.pt");
        assert_eq!(filing.name_key, "jose angel ruiz");
        assert_eq!(filing.text, " angel exemplo jose pt ruiz x");
        let places: Vec<_> = filing.words().collect();
        assert_eq!(places[2], ("jose", 4, 4));
        assert_eq!(places[0], ("angel", 0, 0));
        let long = Filing::of(&"ﷺ ".repeat(50), &format!("{}@example.com", "ab.".repeat(80)));
        assert!(long.text.len() <= WORDS_MAX && long.name_key.chars().count() == NAME_KEY_MAX);
        let one = Filing::of(&"é".repeat(100), "a@example.com");
        assert!(one.words().all(|(word, _, _)| word.chars().count() <= WORD_MAX));
    }

    #[test]
    fn what_is_typed_becomes_beginnings_of_which_none_begins_another() {
        let words = |typed: &str| Beginnings::of(typed).words().join(",");
        assert_eq!(words("Souza, ANA an anabel ana"), "anabel,souza");
        assert_eq!(words("b a ab"), "ab,b");
        assert_eq!(words("…!"), "");
        assert_eq!(Beginnings::of("Zoë ana@").pattern(), "% ana% zoe%");
        assert_eq!(Beginnings::of("").pattern(), "%");
    }

    /// `LIKE` with nothing but `%`.
    fn is_like(text: &str, pattern: &str) -> bool {
        let mut parts = pattern.split('%');
        let mut rest = text.strip_prefix(parts.next().unwrap_or_default());
        for part in parts {
            rest = rest.and_then(|rest| rest.find(part).map(|at| &rest[at + part.len()..]));
        }
        rest.is_some()
    }

    proptest! {
        #[test]
        fn the_pattern_finds_whoever_has_every_beginning(
            name in "[abcé ]{2,12}", typed in "[abcé ]{0,8}",
        ) {
            let filing = Filing::of(&name, "ab@ca.bc");
            let beginnings = Beginnings::of(&typed);
            let folded = search::fold(&typed);
            let has = |begin: &str| filing.words().any(|(word, _, _)| word.starts_with(begin));
            let all = folded.split(' ').filter(|begin| !begin.is_empty()).all(has);
            prop_assert_eq!(is_like(&filing.text, &beginnings.pattern()), all, "{} {}", filing.text, typed);
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
