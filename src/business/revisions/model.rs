//! What a version is, and which of many stay.

use serde_json::Value;

use crate::platform::clock;

/// The newest of a thing that all stay.
pub const NEWEST: usize = 100;
/// Of those before, one stays for each day; this many days.
pub const DAYS: usize = 1000;

/// What there are versions of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Article,
    Page,
    Program,
    /// The site's own words, under `en/site`.
    Texts,
}

impl Kind {
    /// The word for it in the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Page => "page",
            Self::Program => "program",
            Self::Texts => "texts",
        }
    }
}

/// A version in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    /// The names of the members that were changed; empty for the first version.
    pub members: Vec<String>,
    /// Who saved it; empty for what was there before the first change that was kept.
    pub author: String,
    /// Epoch milliseconds.
    pub created_at: i64,
}

/// A whole version.
#[derive(Debug, Clone)]
pub struct Revision {
    pub listed: Listed,
    /// The thing as it was from then on: a JSON object.
    pub state: Value,
}

impl Revision {
    /// The text called `member`; empty when there is none.
    #[must_use]
    pub fn text(&self, member: &str) -> &str {
        self.state.get(member).and_then(Value::as_str).unwrap_or_default()
    }
}

/// The names of the members in which two objects differ, in the order of the second.
#[must_use]
pub fn changed_members(before: &Value, after: &Value) -> Vec<String> {
    let Some(members) = after.as_object() else { return Vec::new() };
    let differs = |(name, value): &(&String, &Value)| before.get(name.as_str()) != Some(*value);
    members.iter().filter(differs).map(|(name, _)| name.clone()).collect()
}

/// Which of `older` (the newest first, without those that all stay) need not stay: all but the last of each day, and
/// what is older than [`DAYS`] days on which something was saved.
#[must_use]
pub fn superfluous(older: &[(String, i64)]) -> Vec<String> {
    let mut days: Vec<String> = Vec::new();
    let mut gone = Vec::new();
    for (id, created_at) in older {
        let day = clock::iso_date(*created_at);
        if days.last() == Some(&day) || days.len() >= DAYS {
            gone.push(id.clone());
        } else {
            days.push(day);
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_members_that_differ_are_named() {
        let (a, b) = (
            json!({ "title": "A", "tags": [1] }),
            json!({ "title": "A", "tags": [2], "body": "x" }),
        );
        let mut members = changed_members(&a, &b);
        members.sort();
        assert_eq!(members, ["body", "tags"]);
        assert!(changed_members(&a, &a).is_empty());
    }

    #[test]
    fn of_each_day_the_last_version_stays() {
        let day = 86_400_000;
        let older = [("e", 2 * day + 5), ("d", 2 * day), ("c", day), ("b", 9), ("a", 0)];
        let older: Vec<_> = older.map(|(id, at)| (id.to_owned(), at)).to_vec();
        assert_eq!(superfluous(&older), ["d", "a"]);
        let many: Vec<_> = (0..DAYS as i64 + 2).rev().map(|n| (n.to_string(), n * day)).collect();
        assert_eq!(superfluous(&many), ["1", "0"]);
    }
}
