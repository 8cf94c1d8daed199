//! What somebody asks of the list of leads, where a page of it begins, and which way leads there soonest. No IO.

use crate::business::leads::Lead;
use crate::business::leads::model::Beginnings;
use crate::business::leads::tags::model::key;
use crate::platform::hex;
use crate::platform::lang::Lang;
use crate::platform::word::Word;

/// The orders of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = LeadOrder, example = "-created_at")]
pub enum Order {
    #[schema(rename = "-created_at")]
    Newest,
    #[schema(rename = "created_at")]
    Oldest,
    #[schema(rename = "name")]
    Name,
    #[schema(rename = "-name")]
    NameDown,
    #[schema(rename = "email")]
    Email,
    #[schema(rename = "-email")]
    EmailDown,
}

impl Word for Order {
    const ALL: &'static [Self] =
        &[Self::Newest, Self::Oldest, Self::Name, Self::NameDown, Self::Email, Self::EmailDown];

    fn word(self) -> &'static str {
        match self {
            Self::Newest => "-created_at",
            Self::Oldest => "created_at",
            Self::Name => "name",
            Self::NameDown => "-name",
            Self::Email => "email",
            Self::EmailDown => "-email",
        }
    }
}

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Time,
    /// Folded.
    Name,
    Email,
}

impl Order {
    #[must_use]
    pub fn by(self) -> By {
        match self {
            Self::Newest | Self::Oldest => By::Time,
            Self::Name | Self::NameDown => By::Name,
            Self::Email | Self::EmailDown => By::Email,
        }
    }

    /// From the smallest to the largest.
    #[must_use]
    pub fn goes_up(self) -> bool {
        matches!(self, Self::Oldest | Self::Name | Self::Email)
    }
}

/// What the list is sorted by, of one lead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Epoch milliseconds.
    Time(i64),
    Text(String),
}

/// A place in the list: of leads with one key the number decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub key: Key,
    pub number: i64,
}

/// What every cursor looks like, and whatever looks so is one.
pub const CURSOR: &str = "^([0-9a-f]{2}){0,1020}-[0-9a-f]{1,15}$";
/// Bytes of a key in a cursor: an address of 255 characters.
const KEY_MAX: usize = 1020;
/// Digits of the number in a cursor: any of them fits 63 bits.
const NUMBER_DIGITS: usize = 15;

/// A place as a client keeps it, not yet known of which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    key: Vec<u8>,
    number: i64,
}

impl Cursor {
    /// `None` for what [`CURSOR`] does not describe.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (key, number) = text.split_once('-')?;
        let fits = key.len() <= 2 * KEY_MAX && (1..=NUMBER_DIGITS).contains(&number.len());
        if !fits {
            return None;
        }
        Some(Self { key: hex::decode(key)?, number: hex::number(number)? })
    }

    /// Where it is in a list of this order. One of another order is somewhere, too.
    #[must_use]
    pub fn place(&self, by: By) -> Place {
        let key = match by {
            By::Time => {
                let shift = |sum: i64, byte: &u8| {
                    sum.checked_mul(256).map_or(i64::MAX, |s| s.saturating_add(i64::from(*byte)))
                };
                Key::Time(self.key.iter().fold(0, shift))
            }
            // No database takes a NUL in a text.
            By::Name | By::Email => Key::Text(String::from_utf8_lossy(&self.key).replace('\0', "")),
        };
        Place { key, number: self.number }
    }
}

impl Place {
    /// As a client keeps it.
    #[must_use]
    pub fn cursor(&self) -> String {
        let time;
        let bytes: &[u8] = match &self.key {
            Key::Time(ms) => {
                time = ms.to_be_bytes();
                &time
            }
            Key::Text(text) => text.as_bytes(),
        };
        format!("{}-{:x}", hex::encode(bytes), self.number)
    }

    /// Before every lead.
    fn first(by: By) -> Self {
        match by {
            By::Time => Self { key: Key::Time(i64::MIN), number: 0 },
            By::Name | By::Email => Self { key: Key::Text(String::new()), number: 0 },
        }
    }

    /// After every lead.
    fn last(by: By) -> Self {
        match by {
            By::Time => Self { key: Key::Time(i64::MAX), number: i64::MAX },
            // The largest character there is, more often than any address can have it.
            By::Name | By::Email => {
                Self { key: Key::Text("\u{10ffff}".repeat(24)), number: i64::MAX }
            }
        }
    }
}

/// The part of the list between two places, neither of which belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub low: Place,
    pub high: Place,
}

impl Span {
    /// What both have in common.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }

    /// Whoever's key begins with `word`.
    #[must_use]
    pub fn of_beginning(word: &str) -> Self {
        let (from, to) = (Key::Text(word.to_owned()), Key::Text(after_all_with(word)));
        Self { low: Place { key: from, number: 0 }, high: Place { key: to, number: 0 } }
    }
}

/// A text that stands after every folded word that begins with `word`.
#[must_use]
pub fn after_all_with(word: &str) -> String {
    format!("{word}\u{10ffff}")
}

/// Which leads somebody asks for, and in which order.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub looked_for: Option<Beginnings>,
    /// In lower case.
    pub tag: Option<String>,
    /// The slug.
    pub program: Option<String>,
    pub lang: Option<Lang>,
    /// Epoch milliseconds.
    pub since: Option<i64>,
    /// Epoch milliseconds; does not belong to it.
    pub until: Option<i64>,
    pub order: Order,
    /// The last lead of the page before.
    pub after: Option<Place>,
}

impl Wanted {
    /// Everybody, in this order.
    #[must_use]
    pub fn all(order: Order) -> Self {
        Self {
            looked_for: None,
            tag: None,
            program: None,
            lang: None,
            since: None,
            until: None,
            order,
            after: None,
        }
    }

    #[must_use]
    pub fn by(&self) -> By {
        self.order.by()
    }

    /// Whether a time is asked for that the order itself does not give.
    #[must_use]
    pub fn is_limited_in_time(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// Epoch milliseconds.
    #[must_use]
    pub fn from(&self) -> i64 {
        self.since.unwrap_or(i64::MIN)
    }

    /// Epoch milliseconds; does not belong to it.
    #[must_use]
    pub fn to(&self) -> i64 {
        self.until.unwrap_or(i64::MAX)
    }

    /// Whether more than one word is looked for.
    #[must_use]
    pub fn has_more_words(&self) -> bool {
        self.looked_for.as_ref().is_some_and(|beginnings| beginnings.words().len() > 1)
    }

    /// Whether it asks for `lead`, whoever is looked for.
    #[must_use]
    pub fn lets_through(&self, lead: &Lead) -> bool {
        let span = self.span();
        let place = lead.place(self.by());
        let has_tag = |tag: &String| lead.tags.iter().any(|name| key(name) == *tag);
        self.program.as_ref().is_none_or(|slug| lead.program.as_ref() == Some(slug))
            && self.lang.is_none_or(|lang| lead.lang == lang)
            && self.tag.as_ref().is_none_or(has_tag)
            && (self.from()..self.to()).contains(&lead.created_at)
            && span.low < place
            && place < span.high
    }

    /// The part of the list that the page can come from.
    #[must_use]
    pub fn span(&self) -> Span {
        let by = self.by();
        let mut span = Span { low: Place::first(by), high: Place::last(by) };
        if by == By::Time {
            let edge = |ms| Place { key: Key::Time(ms), number: 0 };
            let low = self.since.map_or(span.low.clone(), edge);
            let high = self.until.map_or(span.high.clone(), edge);
            span = Span { low, high };
        }
        match (&self.after, self.order.goes_up()) {
            (Some(after), true) => span.low = span.low.max(after.clone()),
            (Some(after), false) => span.high = span.high.min(after.clone()),
            (None, _) => {}
        }
        span
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_place_comes_back_from_its_cursor() {
        for (by, key) in [
            (By::Time, Key::Time(1_792_000_000_123)),
            (By::Name, Key::Text("jose".into())),
            (By::Email, Key::Text("josé@exemplo.pt".into())),
            (By::Email, Key::Text(String::new())),
        ] {
            let place = Place { key, number: 1_000_000 };
            let cursor = Cursor::parse(&place.cursor()).unwrap();
            assert_eq!(cursor.place(by), place);
        }
        let longest = Place { key: Key::Text("\u{10ffff}".repeat(255)), number: (1 << 60) - 1 };
        assert_eq!(Cursor::parse(&longest.cursor()).unwrap().place(By::Email), longest);
    }

    #[test]
    fn only_what_the_pattern_describes_is_a_cursor() {
        for odd in ["", "-", "61", "61-", "6-1", "6g-1", "61-1-1", "A1-1", "61-g", " 61-1", "é-1"]
        {
            assert_eq!(Cursor::parse(odd), None, "{odd}");
        }
        assert!(Cursor::parse(&format!("-{}", "f".repeat(15))).is_some());
        assert_eq!(Cursor::parse(&format!("-{}", "f".repeat(16))), None);
        assert!(Cursor::parse(&format!("{}-0", "f".repeat(2040))).is_some());
        assert_eq!(Cursor::parse(&format!("{}-0", "f".repeat(2042))), None);
    }

    proptest! {
        #[test]
        fn every_cursor_is_a_place_in_every_order(key in "([0-9a-f]{2}){0,12}", number in "[0-9a-f]{1,15}") {
            let cursor = Cursor::parse(&format!("{key}-{number}")).unwrap();
            for by in [By::Time, By::Name, By::Email] {
                let place = cursor.place(by);
                let has_nul = matches!(&place.key, Key::Text(text) if text.contains('\0'));
                prop_assert!(place.number >= 0 && !has_nul, "{:?}", place);
            }
        }
    }

    #[test]
    fn a_span_is_what_time_and_the_page_before_leave() {
        let after = Place { key: Key::Time(50), number: 7 };
        let wanted = |order, after: Option<&Place>| {
            let times = Wanted { since: Some(10), until: Some(90), ..Wanted::all(order) };
            Wanted { after: after.cloned(), ..times }.span()
        };
        let edges = |span: Span| (span.low.key, span.high.key);
        let time = Key::Time;
        assert_eq!(edges(wanted(Order::Newest, None)), (time(10), time(90)));
        assert_eq!(edges(wanted(Order::Newest, Some(&after))), (time(10), time(50)));
        assert_eq!(edges(wanted(Order::Oldest, Some(&after))), (time(50), time(90)));
        let late = Place { key: time(95), number: 1 };
        assert_eq!(edges(wanted(Order::Newest, Some(&late))), (time(10), time(90)));
        let zoe = Span::of_beginning("zoe");
        for name in ["zoe", "zoe souza", "zoeå"] {
            let place = Place { key: Key::Text(name.into()), number: 1 };
            assert!(zoe.low < place && place < zoe.high, "{name}");
        }
        let zof = Place { key: Key::Text("zof".into()), number: 1 };
        assert!(zof > zoe.high);
    }
}
