//! The form of a program: what was typed, and what it asks for. It has the words of one language.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::admin::shell::times;
use crate::business::programs::body;
use crate::business::programs::edit::{Edit, Stored};
use crate::business::programs::offers::Offer;
use crate::platform::clock;
use crate::platform::error::{Error, Fault};
use crate::platform::http::FormFields;
use crate::platform::lang::Lang;

/// Empty rows below those that are filled.
const SPARE: usize = 2;

/// What stands in the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) slug: String,
    pub(super) position: String,
    pub(super) published: bool,
    /// `499.00`.
    pub(super) price: String,
    pub(super) currency: String,
    pub(super) weeks: String,
    pub(super) checkout_url: String,
    pub(super) offers: Vec<TypedOffer>,
    pub(super) name: String,
    pub(super) tagline: String,
    pub(super) description: String,
    /// One on each line.
    pub(super) outcomes: String,
    pub(super) not_for: String,
    /// Title and summary.
    pub(super) modules: Vec<(String, String)>,
    /// Question and answer.
    pub(super) faq: Vec<(String, String)>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TypedOffer {
    pub(super) name: String,
    pub(super) price: String,
    pub(super) checkout_url: String,
    /// `2026-12-01T09:00` on the clocks of the site.
    pub(super) starts: String,
    pub(super) ends: String,
}

impl Typed {
    /// The fields as they came; rows in which nothing stands are left out.
    pub(super) fn read(fields: &[(String, String)]) -> Self {
        let text =
            |name: &str| FormFields::get(fields, name).unwrap_or_default().replace("\r\n", "\n");
        let all = |name: &str| -> Vec<String> {
            let own = fields.iter().filter(|(known, _)| known == name);
            own.map(|(_, value)| value.replace("\r\n", "\n").trim().to_owned()).collect()
        };
        let pairs = |first: &str, second: &str| -> Vec<(String, String)> {
            let rows = all(first).into_iter().zip(all(second));
            rows.filter(|(a, b)| !a.is_empty() || !b.is_empty()).collect()
        };
        let (prices, checkouts) = (all("offer_price"), all("offer_checkout"));
        let (starts, ends) = (all("offer_starts"), all("offer_ends"));
        let at = |list: &[String], index: usize| list.get(index).cloned().unwrap_or_default();
        let offer = |(index, name)| TypedOffer {
            name,
            price: at(&prices, index),
            checkout_url: at(&checkouts, index),
            starts: at(&starts, index),
            ends: at(&ends, index),
        };
        let mut offers: Vec<TypedOffer> =
            all("offer_name").into_iter().enumerate().map(offer).collect();
        offers.retain(|offer| *offer != TypedOffer::default());
        Self {
            slug: text("slug"),
            position: text("position"),
            published: FormFields::get(fields, "published").is_some(),
            price: text("price"),
            currency: text("currency"),
            weeks: text("weeks"),
            checkout_url: text("checkout_url"),
            offers,
            name: text("name"),
            tagline: text("tagline"),
            description: text("description"),
            outcomes: text("outcomes"),
            not_for: text("not_for"),
            modules: pairs("module_title", "module_summary").into_iter().map(one_line).collect(),
            faq: pairs("question", "answer"),
        }
    }

    /// The fields of a program as it is stored, with its words in `lang`, where it has any.
    pub(super) fn of(stored: &Stored, lang: Lang, zone: &TimeZone) -> Self {
        let mut typed = Self {
            slug: stored.slug.clone(),
            position: stored.position.to_string(),
            published: stored.published,
            price: decimal(stored.price_minor),
            currency: stored.currency.clone(),
            weeks: stored.duration_weeks.to_string(),
            checkout_url: stored.checkout_url.clone().unwrap_or_default(),
            offers: stored.offers.iter().map(|offer| TypedOffer::of(offer, zone)).collect(),
            ..Self::default()
        };
        if let Some(texts) = stored.texts(lang) {
            let details = texts.details.clone();
            typed.name.clone_from(&texts.name);
            typed.tagline.clone_from(&texts.tagline);
            typed.description.clone_from(&texts.description);
            typed.outcomes = details.outcomes.join("\n");
            typed.not_for = details.not_for.join("\n");
            typed.modules = details.modules.into_iter().map(|m| (m.title, m.summary)).collect();
            typed.faq = details.faq.into_iter().map(|q| (q.question, q.answer)).collect();
        }
        typed
    }

    /// The same with empty rows to write into.
    pub(super) fn with_spare_rows(mut self) -> Self {
        let spare = |rows: &mut Vec<(String, String)>| {
            rows.extend(std::iter::repeat_n((String::new(), String::new()), SPARE));
        };
        spare(&mut self.modules);
        spare(&mut self.faq);
        self.offers.push(TypedOffer::default());
        self
    }

    /// What the form asks for: all of the program in English, its words alone in other languages.
    ///
    /// # Errors
    /// Every fault, named as the fields are.
    pub(super) fn edit(&self, lang: Lang, is_new: bool, zone: &TimeZone) -> Result<Edit, Error> {
        let mut faults = Vec::new();
        let mut object = Map::new();
        if lang == Lang::En {
            self.put_facts(&mut object, zone, &mut faults);
        }
        let texts =
            if lang != Lang::En && self.says_nothing() { Value::Null } else { self.texts() };
        let mut languages = Map::new();
        languages.insert(lang.code().to_owned(), texts);
        object.insert("texts".to_owned(), Value::Object(languages));
        match body::read(&object, is_new) {
            Ok(edit) if faults.is_empty() => Ok(edit),
            Ok(_) => Err(Error::Invalid(faults)),
            Err(Error::Invalid(found)) => {
                faults.extend(found.into_iter().map(plainly));
                Err(Error::Invalid(faults))
            }
            Err(other) => Err(other),
        }
    }

    fn says_nothing(&self) -> bool {
        let texts = [&self.name, &self.tagline, &self.description, &self.outcomes, &self.not_for];
        texts.iter().all(|text| text.trim().is_empty())
            && self.modules.is_empty()
            && self.faq.is_empty()
    }

    fn put_facts(&self, object: &mut Map<String, Value>, zone: &TimeZone, faults: &mut Vec<Fault>) {
        let mut fault =
            |name: &str, message: &str| faults.push(Fault::of(name, "invalid", message));
        let amount = minor(&self.price).unwrap_or_else(|| {
            fault("price", "Write the price as an amount such as 499 or 499.50");
            0
        });
        let mut number = |name: &'static str, text: &str| {
            text.trim().parse::<i64>().unwrap_or_else(|_| {
                fault(name, "Write a whole number such as 8");
                1
            })
        };
        let weeks = number("weeks", &self.weeks);
        let position =
            (!self.position.trim().is_empty()).then(|| number("position", &self.position));
        let mut offers = Vec::new();
        for offer in &self.offers {
            let amount = minor(&offer.price).unwrap_or_else(|| {
                fault("offers", "Write the price of each offer as an amount such as 399");
                0
            });
            let mut time = |text: &str| match text {
                "" => Value::Null,
                text => times::of_input(text, zone).map_or_else(
                    || {
                        fault(
                            "offers",
                            "Choose day and time of each offer, such as 1 December 2026, 09:00",
                        );
                        Value::Null
                    },
                    |at| json!(clock::rfc3339(at)),
                ),
            };
            offers.push(json!({
                "name": offer.name, "amount": amount, "checkout_url": or_null(&offer.checkout_url),
                "starts_at": time(&offer.starts), "ends_at": time(&offer.ends),
            }));
        }
        let facts = json!({
            "slug": self.slug.trim(),
            "price": { "amount": amount, "currency": self.currency.trim().to_uppercase() },
            "duration_weeks": weeks, "position": position, "published": self.published,
            "checkout_url": or_null(&self.checkout_url), "offers": offers,
        });
        if let Value::Object(facts) = facts {
            object.extend(facts);
        }
    }

    fn texts(&self) -> Value {
        let lines = |text: &str| -> Vec<String> {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        let modules = self
            .modules
            .iter()
            .map(|(title, summary)| json!({ "title": title, "summary": summary }));
        let faq = self
            .faq
            .iter()
            .map(|(question, answer)| json!({ "question": question, "answer": answer }));
        json!({
            "name": self.name, "tagline": self.tagline, "description": self.description,
            "outcomes": lines(&self.outcomes), "not_for": lines(&self.not_for),
            "modules": modules.collect::<Vec<_>>(), "faq": faq.collect::<Vec<_>>(),
        })
    }
}

impl TypedOffer {
    fn of(offer: &Offer, zone: &TimeZone) -> Self {
        let time = |at: Option<i64>| at.map(|at| times::for_input(at, zone)).unwrap_or_default();
        Self {
            name: offer.name.clone(),
            price: decimal(offer.price_minor),
            checkout_url: offer.checkout_url.clone().unwrap_or_default(),
            starts: time(offer.starts_at),
            ends: time(offer.ends_at),
        }
    }
}

/// A summary is one line, however it was typed.
fn one_line((title, summary): (String, String)) -> (String, String) {
    (title, summary.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn or_null(text: &str) -> Value {
    if text.trim().is_empty() { Value::Null } else { json!(text.trim()) }
}

/// A fault of the API's body as the form calls its fields.
fn plainly(fault: Fault) -> Fault {
    let parts: Vec<&str> = fault.path.iter().map(String::as_str).collect();
    let path = match parts.as_slice() {
        ["texts", _, rest @ ..] if !rest.is_empty() => {
            rest.iter().map(|p| (*p).to_owned()).collect()
        }
        ["price", part @ "currency"] => vec![(*part).to_owned()],
        ["duration_weeks", ..] => vec!["weeks".to_owned()],
        _ => fault.path.clone(),
    };
    Fault { path, ..fault }
}

/// `499.50` of 49950.
pub(super) fn decimal(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// 49950 of `499.50` or `499,5`; nothing of what is no amount.
pub(super) fn minor(text: &str) -> Option<i64> {
    let text = text.trim().replace(',', ".");
    let (whole, cents) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 10 || cents.len() > 2 || !digits(whole) || !digits(cents) {
        return None;
    }
    let cents: i64 = format!("{cents:0<2}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Typed::read(&pairs.iter().map(own).collect::<Vec<_>>())
    }

    #[test]
    fn prices_are_typed_as_people_write_them() {
        for (text, amount) in [("499", 49900), ("499.5", 49950), (" 499,05 ", 49905), ("0", 0)] {
            assert_eq!(minor(text), Some(amount), "{text}");
        }
        for odd in ["", "-1", "1.234", "1.2.3", "€5", "12345678901", "."] {
            assert_eq!(minor(odd), None, "{odd}");
        }
        assert_eq!(decimal(49905), "499.05");
    }

    #[test]
    fn rows_are_read_in_order_and_empty_ones_are_no_rows() {
        let found = typed(&[
            ("module_title", "One"),
            ("module_summary", "a"),
            ("module_title", ""),
            ("module_summary", ""),
            ("module_title", "Two"),
            ("module_summary", ""),
            ("offer_name", ""),
            ("offer_price", ""),
            ("offer_name", "Early"),
            ("offer_price", "9"),
        ]);
        assert_eq!(found.modules, [("One".into(), "a".into()), ("Two".into(), String::new())]);
        assert_eq!(found.offers.len(), 1);
        assert_eq!((found.offers[0].name.as_str(), found.offers[0].price.as_str()), ("Early", "9"));
    }

    #[test]
    fn a_form_asks_for_a_program_and_says_what_is_wrong_beside_the_field() {
        let good = typed(&[
            ("slug", "sprint"),
            ("price", "99"),
            ("currency", "eur"),
            ("weeks", "2"),
            ("name", "SPRINT"),
            ("published", "on"),
            ("offer_name", "Early"),
            ("offer_price", "79.50"),
            ("offer_starts", "2026-12-01T09:00"),
            ("offer_ends", ""),
            ("outcomes", "one\n\n two "),
            ("question", "Why?"),
            ("answer", "Because."),
        ]);
        let edit = good.edit(Lang::En, true, &TimeZone::UTC).unwrap();
        assert_eq!(
            (edit.price_minor, edit.currency.as_deref(), edit.published),
            (Some(9900), Some("EUR"), Some(true))
        );
        let offers = edit.offers.unwrap();
        assert_eq!((offers[0].price_minor, offers[0].ends_at), (7950, None));
        let texts = edit.texts[0].1.clone().unwrap();
        assert_eq!(texts.details.outcomes, ["one", "two"]);

        let odd = typed(&[
            ("slug", "A b"),
            ("price", "much"),
            ("currency", "euro"),
            ("weeks", "x"),
            ("module_title", ""),
            ("module_summary", "a b"),
        ]);
        let Err(Error::Invalid(faults)) = odd.edit(Lang::En, true, &TimeZone::UTC) else {
            panic!("accepted")
        };
        let mut named: Vec<&str> = faults.iter().map(Fault::field).collect();
        named.sort_unstable();
        named.dedup();
        assert_eq!(named, ["currency", "modules", "name", "price", "slug", "weeks"]);
    }

    #[test]
    fn another_language_has_only_words_and_without_any_it_goes() {
        let spanish = typed(&[("name", "ES"), ("slug", "ignored")])
            .edit(Lang::Es, false, &TimeZone::UTC)
            .unwrap();
        assert_eq!((spanish.slug, spanish.texts.len()), (None, 1));
        let gone = typed(&[]).edit(Lang::Es, false, &TimeZone::UTC).unwrap();
        assert!(matches!(gone.texts.as_slice(), [(Lang::Es, None)]));
    }
}
