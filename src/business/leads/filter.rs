//! What the list of leads is filtered by, as it stands in an address of the dashboard: of the list, of a saved segment, of
//! work on all that match. No IO.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::desk::model::{Order, Place, Wanted};
use super::model::Beginnings;
use super::tags::model::{NAME_MAX, key};
use crate::platform::clock;
use crate::platform::error::Fault;
use crate::platform::lang::Lang;
use crate::platform::text::is_slug;
use crate::platform::word::Word as _;

/// Characters of what is looked for.
pub const LOOKED_FOR_MAX: usize = 200;

/// Which leads somebody asks for. An empty text asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub q: String,
    /// As it was typed.
    pub tag: String,
    /// A slug.
    pub program: String,
    pub lang: Option<Lang>,
    /// The first day, `2026-11-30`, as the site's time zone has it.
    pub since: String,
    /// The last day, which belongs to it.
    pub until: String,
}

impl Filter {
    /// Reads the parameters that are its own and leaves the others; what is empty asks for nothing.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(sent: &[(String, String)]) -> Result<Self, Vec<Fault>> {
        let value = |name: &str| {
            let found = sent.iter().find(|(sent, _)| sent == name);
            found.map_or("", |(_, value)| value.trim()).to_owned()
        };
        let mut filter = Self {
            q: value("q"),
            tag: value("tag"),
            program: value("program"),
            lang: None,
            since: value("since"),
            until: value("until"),
        };
        let mut faults = Vec::new();
        let mut fault = |field, message: &str| faults.push(Fault::of(field, "invalid", message));
        let has_nul = |text: &str| text.contains('\0');
        if filter.q.chars().count() > LOOKED_FOR_MAX || has_nul(&filter.q) {
            fault("q", "Look for 200 characters at most");
        }
        if filter.tag.chars().count() > NAME_MAX || has_nul(&filter.tag) {
            fault("tag", "A tag has 40 characters at most");
        }
        if !filter.program.is_empty() && !is_slug(&filter.program) {
            fault("program", "There is no such program");
        }
        let lang = value("lang");
        filter.lang = Lang::of_word(&lang);
        if !lang.is_empty() && filter.lang.is_none() {
            fault("lang", "The language is en, es or pt");
        }
        for (field, day) in [("since", &filter.since), ("until", &filter.until)] {
            if !day.is_empty() && day_ms(day).is_none() {
                fault(field, "A day is written like 2026-11-30");
            }
        }
        if faults.is_empty() { Ok(filter) } else { Err(faults) }
    }

    /// What [`Filter::query`] wrote.
    ///
    /// # Errors
    /// Every fault.
    pub fn parse(query: &str) -> Result<Self, Vec<Fault>> {
        let sent: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self::read(&sent)
    }

    /// Whether it asks for everybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Name and value of what it asks for, in one order.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("q", self.q.as_str()),
            ("tag", &self.tag),
            ("program", &self.program),
            ("lang", self.lang.map_or("", Lang::code)),
            ("since", &self.since),
            ("until", &self.until),
        ];
        let given = all.into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| (name, value.to_owned())).collect()
    }

    /// As it stands in an address, without the question mark; empty for everybody.
    #[must_use]
    pub fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    /// What the list is asked; days are those of `zone`.
    #[must_use]
    pub fn wanted(&self, order: Order, after: Option<Place>, zone: &TimeZone) -> Wanted {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Wanted {
            looked_for: given(&self.q).map(|typed| Beginnings::of(&typed)),
            tag: given(&self.tag).map(|name| key(&name)),
            program: given(&self.program),
            lang: self.lang,
            since: self.since.parse().ok().and_then(|day| beginning(day, zone)),
            until: self
                .until
                .parse::<Date>()
                .ok()
                .and_then(|day| beginning(day.tomorrow().ok()?, zone)),
            order,
            after,
        }
    }

    /// In words, for people: `tag vip, in Spanish`.
    #[must_use]
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        if !self.q.is_empty() {
            parts.push(format!("“{}”", self.q));
        }
        if !self.tag.is_empty() {
            parts.push(format!("tag {}", self.tag));
        }
        if !self.program.is_empty() {
            parts.push(format!("program {}", self.program));
        }
        if let Some(lang) = self.lang {
            parts.push(format!("language {}", lang.code()));
        }
        if !self.since.is_empty() {
            parts.push(format!("from {}", self.since));
        }
        if !self.until.is_empty() {
            parts.push(format!("to {}", self.until));
        }
        if parts.is_empty() { "everybody".to_owned() } else { parts.join(", ") }
    }
}

/// When a day begins in a zone, in epoch milliseconds; not always at midnight.
fn beginning(day: Date, zone: &TimeZone) -> Option<i64> {
    day.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp().as_millisecond())
}

/// The beginning of a day in UTC, in epoch milliseconds.
#[must_use]
pub fn day_ms(day: &str) -> Option<i64> {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_day = day.len() == 10 && day.split('-').map(str::len).eq([4, 2, 2]);
    if !is_day || !day.split('-').all(digits) {
        return None;
    }
    clock::parse_rfc3339(&format!("{day}T00:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_comes_back_from_its_address() {
        let filter = Filter::parse(
            "q=ana+s%C3%B3&tag=VIP&program=prime&lang=es&since=2026-11-01&until=2026-11-30&sort=name",
        )
        .unwrap();
        assert_eq!(Filter::parse(&filter.query()).unwrap(), filter);
        assert_eq!(
            filter.words(),
            "“ana só”, tag VIP, program prime, language es, from 2026-11-01, to 2026-11-30"
        );
        let wanted = filter.wanted(Order::Newest, None, &TimeZone::UTC);
        assert_eq!(wanted.tag.as_deref(), Some("vip"));
        let long = wanted.until.unwrap() - wanted.since.unwrap();
        assert_eq!(long, 30 * 86_400_000, "the last day belongs to it");
        assert!(Filter::parse("q=&tag=+&sort=name&cursor=1").unwrap().is_empty());
    }

    #[test]
    fn days_are_those_of_the_site() {
        let filter = Filter::parse("since=2026-10-25&until=2026-10-25").unwrap();
        let wanted = filter.wanted(Order::Newest, None, &TimeZone::get("Europe/Madrid").unwrap());
        assert_eq!(wanted.since, clock::parse_rfc3339("2026-10-24T22:00:00Z"));
        assert_eq!(wanted.until, clock::parse_rfc3339("2026-10-25T23:00:00Z"), "25 hours long");
    }

    #[test]
    fn what_no_list_can_be_asked_is_told_at_once() {
        let long = "x".repeat(201);
        let odd = format!(
            "q={long}&tag={long}&program=No+slug&lang=de&since=30.11.2026&until=2026-02-30"
        );
        let fields: Vec<String> =
            Filter::parse(&odd).unwrap_err().iter().map(|fault| fault.field().to_owned()).collect();
        assert_eq!(fields, ["q", "tag", "program", "lang", "since", "until"]);
    }
}
