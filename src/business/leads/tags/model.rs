//! What a tag is, and the order that tags are listed in. No IO.

use crate::platform::hex;
use crate::platform::word::Word;

/// Characters.
pub const NAME_MAX: usize = 40;
/// Tags on one lead.
pub const ON_A_LEAD: usize = 50;

/// A tag that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// What makes two spellings one.
    pub tag: String,
    /// As first written.
    pub name: String,
    /// How many have it.
    pub leads: i64,
}

/// What makes two spellings of a tag one.
#[must_use]
pub fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The orders of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = TagOrder, example = "name")]
pub enum Order {
    #[schema(rename = "name")]
    Name,
    #[schema(rename = "-name")]
    NameDown,
    #[schema(rename = "leads")]
    Fewest,
    #[schema(rename = "-leads")]
    Most,
}

impl Word for Order {
    const ALL: &'static [Self] = &[Self::Name, Self::NameDown, Self::Fewest, Self::Most];

    fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::NameDown => "-name",
            Self::Fewest => "leads",
            Self::Most => "-leads",
        }
    }
}

/// What every cursor looks like, and whatever looks so is one.
pub const CURSOR: &str = "^[0-9a-f]{1,15}-([0-9a-f]{2}){0,240}$";

/// A place in the list: how many have the tag, and the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub leads: i64,
    pub tag: String,
}

impl Place {
    /// `None` for what [`CURSOR`] does not describe.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (leads, tag) = text.split_once('-')?;
        if !(1..=15).contains(&leads.len()) || tag.len() > 480 {
            return None;
        }
        // No database takes a NUL in a text.
        let tag = String::from_utf8_lossy(&hex::decode(tag)?).replace('\0', "");
        Some(Self { leads: hex::number(leads)?, tag })
    }

    /// As a client keeps it.
    #[must_use]
    pub fn cursor(&self) -> String {
        format!("{:x}-{}", self.leads, hex::encode(self.tag.as_bytes()))
    }

    /// Before or after every tag.
    #[must_use]
    pub fn start(order: Order) -> Self {
        match order {
            Order::Name | Order::Fewest => Self { leads: -1, tag: String::new() },
            Order::NameDown | Order::Most => {
                Self { leads: i64::MAX, tag: "\u{10ffff}".repeat(NAME_MAX + 1) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_cursor_and_nothing_else_is_one() {
        for tag in ["vip", "süß 2026", ""] {
            let place = Place { leads: 900_000, tag: tag.into() };
            assert_eq!(Place::parse(&place.cursor()), Some(place));
        }
        for odd in ["", "-", "-61", "g-61", "1-6", "1", "1-6G", "1-61-", &"f".repeat(16)] {
            assert_eq!(Place::parse(odd), None, "{odd}");
        }
        let longest = key(&"İ".repeat(NAME_MAX));
        assert!(Place::parse(&Place { leads: 1, tag: longest }.cursor()).is_some());
    }

    #[test]
    fn spellings_of_one_tag_have_one_key() {
        assert_eq!(key(" VIP Élite "), key("vip élite"));
        assert_ne!(key("vip"), key("v i p"));
    }
}
