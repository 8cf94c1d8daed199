//! The words of the interface: one struct for each table of `config/lang/<language>.toml`.
//!
//! A template that names a word that does not exist is a compile error; a file in which a word is
//! missing, unknown, or has other {placeholders} than the English one fails the tests below.

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Lang;

/// A text of the interface, possibly with `{placeholders}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text with `{name}` replaced by `value`.
    #[must_use]
    pub fn with(&self, name: &str, value: impl fmt::Display) -> Self {
        Self(self.0.replace(&format!("{{{name}}}"), &value.to_string()))
    }

    /// The text for one or for many, with `{n}` replaced.
    #[must_use]
    pub fn count(one: &Self, many: &Self, n: i64) -> Self {
        if n == 1 { one.with("n", n) } else { many.with("n", n) }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

macro_rules! words {
    ($($table:ident: $name:ident { $($word:ident),+ $(,)? })+) => {
        /// All words of one language.
        #[derive(Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Words { $(pub $table: $name),+ }
        $(
            #[derive(Debug, Default, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $(pub $word: Text),+ }
        )+
        #[cfg(test)]
        impl Words {
            /// Every text with its name.
            fn all(&self) -> Vec<(&'static str, &Text)> {
                vec![$($((concat!(stringify!($table), ".", stringify!($word)), &self.$table.$word)),+),+]
            }
        }
    };
}

words! {
    site: SiteWords {
        name_of_language, skip, main_navigation, footer_navigation, language_navigation,
        join, home, search, privacy, terms, no_cookies, feed, offer, offer_action,
    }
    home: HomeWords {
        all_articles, sample, hero_alt,
    }
    programs: ProgramsWords {
        title, description, lead, none, all, length, modules, price, weeks_one, weeks_many, see,
        compare, program, compare_note, price_and_length, enrol, enrol_short, enrol_note, join,
        join_short, join_note, outcomes, modules_one, modules_many, not_for,
        questions, not_ready, not_ready_lead, list_lead, other, others, breadcrumb, offer_until,
        offer_after,
    }
    articles: ArticlesWords {
        title, description, lead, none, all, minutes, minutes_long, topics, all_topics,
        topic_title, topic_description, contents, updated, by, related, share, share_by_email,
        share_email_body, next_by_email, older, newer, table, page_of, pages,
        feed_title,
    }
    search: SearchWords {
        title, description, label, action, results_none, results_one, results_many, results_more,
        none_help, empty_help, kind_article, kind_program, kind_page, results, next, previous,
    }
    contact: ContactWords {
        title, description, lead, email_instead, name, email, message, message_hint, send,
        privacy_hint, privacy_link, sent_title, sent_text, sent_after, sent_link, refused_title,
        refused_lead,
    }
    form: FormWords {
        problem, error_prefix, sending, name, email, program, optional, program_unknown,
        privacy_hint, privacy_link, leave_empty, submit, refused_title, refused_lead,
    }
    faults: FaultsWords {
        name_required, name_too_short, name_too_long, name_invalid, email_required, email_too_long,
        email_invalid, program_unknown, consent_required, message_required, message_too_short,
        message_too_long, message_invalid, other,
    }
    thanks: ThanksWords {
        kicker, title, page_title, today, today_text, then, then_text, whenever, whenever_text,
        meanwhile, meanwhile_link,
    }
    legal: LegalWords {
        version_of,
    }
    errors: ErrorsWords {
        not_found, not_found_text, ways, moved, moved_text, bad_request, bad_request_text, method,
        method_text, misdirected, misdirected_text, too_large, too_large_text, media_type,
        media_type_text, cross_site, cross_site_text, too_many, too_many_text_one,
        too_many_text_many, unavailable, unavailable_text, busy, busy_text, internal,
        internal_text, reference,
    }
    mail: MailWords {
        welcome_subject, welcome_title, welcome_thanks, welcome_program, welcome_no_program,
        welcome_between, welcome_begin, welcome_sentence, welcome_test, welcome_action,
        welcome_reason, welcome_stop_reply, welcome_stop_write, welcome_not_you, message_subject,
        message_intro, message_reply,
    }
}

static WORDS: LazyLock<[Words; 3]> =
    LazyLock::new(|| Lang::ALL.map(|lang| read(lang).unwrap_or_default()));

/// The words of `lang`. The files are part of the program, so this is a constant that happens to
/// be computed.
#[must_use]
pub fn words(lang: Lang) -> &'static Words {
    &WORDS[lang as usize]
}

fn read(lang: Lang) -> Result<Words, toml_edit::de::Error> {
    toml_edit::de::from_str(match lang {
        Lang::En => include_str!("../../../config/lang/en.toml"),
        Lang::Es => include_str!("../../../config/lang/es.toml"),
        Lang::Pt => include_str!("../../../config/lang/pt.toml"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The placeholders of a text, in alphabetical order.
    fn placeholders(text: &str) -> Vec<&str> {
        let mut found: Vec<&str> =
            text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_language_has_every_word_with_the_same_placeholders() {
        let english = read(Lang::En).unwrap();
        for lang in Lang::ALL {
            let words = read(lang).unwrap_or_else(|error| panic!("{}: {error}", lang.code()));
            for ((name, text), (_, original)) in words.all().into_iter().zip(english.all()) {
                assert!(!text.as_str().trim().is_empty(), "{}: {name} is empty", lang.code());
                assert_eq!(
                    placeholders(text.as_str()),
                    placeholders(original.as_str()),
                    "{}: {name}",
                    lang.code()
                );
            }
        }
    }

    #[test]
    fn the_languages_differ() {
        let english = read(Lang::En).unwrap();
        for lang in [Lang::Es, Lang::Pt] {
            let words = read(lang).unwrap();
            let pairs = words.all().into_iter().zip(english.all());
            let same = pairs.filter(|((_, text), (_, original))| text == original).count();
            assert!(same < 20, "{}: {same} words are the English ones", lang.code());
        }
    }

    #[test]
    fn placeholders_are_filled() {
        let text = Text("{n} results for “{query}”".into());
        assert_eq!(text.with("n", 3).with("query", "a{n}").as_str(), "3 results for “a{n}”");
    }
}
