//! The editor's form: what was typed, what is to become of it, and what is wrong with it.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::admin::shell::times;
use crate::business::articles::api::read_edit;
use crate::business::articles::drafts::Fields;
use crate::business::articles::edit::{Edit, Stored};
use crate::platform::error::{Error, Fault};
use crate::platform::http::FormFields;
use crate::platform::id;
use crate::platform::word::Word;

/// What a button of the editor asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Save,
    /// Public from now on.
    Publish,
    /// Public from the date in the form on.
    Schedule,
    /// A draft again.
    TakeBack,
}

impl Word for Act {
    const ALL: &'static [Self] = &[Self::Save, Self::Publish, Self::Schedule, Self::TakeBack];

    fn word(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::Publish => "publish",
            Self::Schedule => "schedule",
            Self::TakeBack => "take-back",
        }
    }
}

/// A form as it came.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    /// The article's id; of a new one the id that it will have.
    pub(super) id: String,
    /// The `updated_at` of the article that the form showed; 0 for a new one.
    pub(super) based_on: i64,
    pub(super) act: Act,
    pub(super) fields: Fields,
}

impl Sent {
    /// # Errors
    /// 400 for what no form of ours sends.
    pub(super) fn read(fields: &[(String, String)]) -> Result<Self, Error> {
        let text = |name: &str| FormFields::get(fields, name).unwrap_or_default().to_owned();
        let odd = || Error::BadRequest("this form is not complete; open the article again".into());
        let act = FormFields::get(fields, "act").map_or(Some(Act::Save), Act::of_word);
        Ok(Self {
            id: id::parse(&text("id")).ok_or_else(odd)?,
            based_on: text("based_on").parse().ok().filter(|at| *at >= 0).ok_or_else(odd)?,
            act: act.ok_or_else(odd)?,
            fields: Fields {
                title: text("title"),
                slug: text("slug"),
                lang: text("lang"),
                excerpt: text("excerpt"),
                author: text("author"),
                tags: text("tags"),
                body: text("body").replace("\r\n", "\n"),
                date: text("date"),
            },
        })
    }

    /// What the form asks for. Rendering the text takes its time: not for an async thread.
    ///
    /// # Errors
    /// Every fault of the fields.
    pub(super) fn edit(&self, is_new: bool, zone: &TimeZone, now_ms: i64) -> Result<Edit, Error> {
        let fields = &self.fields;
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("title", json!(fields.title));
        put("lang", json!(fields.lang));
        put("body", json!(fields.body));
        // What is left empty is made up for a new article; the address of an old one stays.
        for (name, value) in [("slug", &fields.slug), ("author", &fields.author)] {
            if !value.trim().is_empty() {
                put(name, json!(value.trim()));
            }
        }
        if !(is_new && fields.excerpt.trim().is_empty()) {
            put("excerpt", json!(one_line(&fields.excerpt)));
        }
        put("tags", json!(tags(&fields.tags)));
        let mut faults = Vec::new();
        let at = match self.act {
            Act::Save => None,
            Act::Publish => Some(Some(now_ms)),
            Act::TakeBack => Some(None),
            Act::Schedule => {
                let at = times::of_input(fields.date.trim(), zone).filter(|at| *at >= 0);
                if at.is_none() {
                    let message = "Choose a day and a time, such as 1 December 2026, 09:00";
                    faults.push(Fault::of("date", "invalid", message));
                }
                Some(at)
            }
        };
        let mut edit = match read_edit(&object, true) {
            Ok(edit) => edit,
            Err(Error::Invalid(found)) => {
                faults.splice(0..0, found);
                Edit::default()
            }
            Err(other) => return Err(other),
        };
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        edit.published_at = at;
        Ok(edit)
    }
}

/// The fields of an article as it is stored.
pub(super) fn fields_of(stored: &Stored, zone: &TimeZone) -> Fields {
    let summary = &stored.article.summary;
    Fields {
        title: summary.title.clone(),
        slug: summary.slug.clone(),
        lang: summary.lang.clone(),
        excerpt: summary.excerpt.clone(),
        author: summary.author.clone(),
        tags: summary.tags.join(", "),
        body: stored.body_markdown.clone(),
        date: summary.published_at.map(|at| times::for_input(at, zone)).unwrap_or_default(),
    }
}

/// The tags of a field in which they stand apart by commas.
pub(super) fn tags(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for tag in text.split([',', '\n']).map(str::trim).filter(|tag| !tag.is_empty()) {
        if !found.iter().any(|known| known.eq_ignore_ascii_case(tag)) {
            found.push(tag.to_owned());
        }
    }
    found
}

/// A text of several lines as one.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> Result<Sent, Error> {
        let id = ("id", "0199f1c2-0000-7000-8000-00000000000a");
        let all = [&[id, ("based_on", "0"), ("title", "T"), ("lang", "en")], pairs].concat();
        let fields: Vec<(String, String)> =
            all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        // The last of a name counts here, so that a test can say otherwise.
        let last = fields.iter().rev().cloned().collect::<Vec<_>>();
        Sent::read(&last)
    }

    #[test]
    fn a_form_says_what_is_to_become_of_an_article() {
        let zone = TimeZone::get("Europe/Lisbon").unwrap_or(TimeZone::UTC);
        let made = sent(&[("act", "publish"), ("tags", "a, B,a,, c "), ("excerpt", "one\r\ntwo")])
            .unwrap();
        let edit = made.edit(true, &zone, 7).unwrap();
        assert_eq!(edit.published_at, Some(Some(7)));
        assert_eq!(edit.tags.unwrap(), ["a", "B", "c"]);
        assert_eq!(edit.excerpt.as_deref(), Some("one two"));
        let saved = sent(&[]).unwrap().edit(true, &zone, 7).unwrap();
        assert_eq!((saved.published_at, saved.excerpt, saved.slug), (None, None, None));
        let back = sent(&[("act", "take-back")]).unwrap().edit(false, &zone, 7).unwrap();
        assert_eq!(back.published_at, Some(None));
    }

    #[test]
    fn every_fault_is_told_beside_its_field() {
        let odd = sent(&[
            ("title", " "),
            ("slug", "A b"),
            ("lang", "de"),
            ("act", "schedule"),
            ("date", "soon"),
        ]);
        let Err(Error::Invalid(faults)) = odd.unwrap().edit(false, &TimeZone::UTC, 7) else {
            panic!("it was accepted")
        };
        let mut named: Vec<&str> = faults.iter().map(Fault::field).collect();
        named.sort_unstable();
        assert_eq!(named, ["date", "lang", "slug", "title"]);
        assert!(sent(&[("id", "x")]).is_err() && sent(&[("act", "burn")]).is_err());
        assert!(sent(&[("based_on", "-1")]).is_err());
    }
}
