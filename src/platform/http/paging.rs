//! Lists in the order of their ids, which is the order in which their rows were made.
//!
//! A cursor is the id of the last row seen, without its dashes, so that the pattern in the API's description says
//! exactly what is accepted.

use serde::Serialize;

use super::query::{Chosen, Fields};
use crate::platform::error::Error;
use crate::platform::id;
use crate::platform::word::Word;

/// Sorts before every id, for lists that go up.
const FIRST: &str = "";
/// Sorts after every id, for lists that go down.
const LAST: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/// The orders that every list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = TimeOrder, example = "-created_at")]
pub enum TimeOrder {
    #[schema(rename = "-created_at")]
    Newest,
    #[schema(rename = "created_at")]
    Oldest,
}

impl Word for TimeOrder {
    const ALL: &'static [Self] = &[Self::Newest, Self::Oldest];

    fn word(self) -> &'static str {
        match self {
            Self::Newest => "-created_at",
            Self::Oldest => "created_at",
        }
    }
}

impl TimeOrder {
    /// `newest` or `oldest`, whichever this asks for.
    #[must_use]
    pub fn choose<T>(self, newest: T, oldest: T) -> T {
        match self {
            Self::Newest => newest,
            Self::Oldest => oldest,
        }
    }

    /// Where a list begins: after this id, or before it.
    #[must_use]
    pub fn start(self) -> String {
        self.choose(LAST, FIRST).to_owned()
    }
}

/// The id that `cursor` stands for.
#[must_use]
pub fn decode(cursor: &str) -> Option<String> {
    let is_plain = cursor.len() == 32 && !cursor.bytes().any(|b| b.is_ascii_uppercase());
    id::parse(cursor).filter(|_| is_plain)
}

/// The cursor of the list after `id`.
#[must_use]
pub fn encode(id: &str) -> String {
    id.replace('-', "")
}

/// Cuts `found`, of which one more than `limit` was asked for, to a page; with the last row of it if there is more.
pub fn cut<T>(found: &mut Vec<T>, limit: i64) -> Option<&T> {
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = found.len() > limit;
    found.truncate(limit);
    found.last().filter(|_| more)
}

/// The items of a page with the members that were chosen.
///
/// # Errors
/// Only when an item cannot be written as JSON.
pub fn chosen<T: Serialize, I: IntoIterator<Item: Into<T>>>(
    found: I,
    fields: &Fields,
) -> Result<Vec<Chosen<T>>, Error> {
    found.into_iter().map(|row| fields.of(row.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_where_there_is_more_and_its_cursor_leads_on() {
        let mut found = vec![1, 2, 3];
        assert_eq!(cut(&mut found, 3), None);
        assert_eq!(cut(&mut found, 2), Some(&2));
        assert_eq!(found, [1, 2]);
        assert_eq!(cut(&mut Vec::<i32>::new(), 2), None);
        let id = "0199f1c2-0000-7000-8000-00000000000a";
        assert_eq!(decode(&encode(id)).as_deref(), Some(id));
        for odd in [id, "0199F1C2000070008000000000000000A", "", "x"] {
            assert_eq!(decode(odd), None, "{odd}");
        }
        assert!(TimeOrder::Newest.start().as_str() > id && TimeOrder::Oldest.start().as_str() < id);
    }
}
