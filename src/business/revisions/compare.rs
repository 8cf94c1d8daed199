//! How two versions differ: member by member, and line by line where there is a text.
//!
//! The longest text there is takes some milliseconds; one that is made to take long is compared coarsely.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

/// After this long the rest counts as changed.
const PATIENCE: Duration = Duration::from_millis(250);
/// Lines shown around a change.
const AROUND: usize = 2;
/// The member that is compared by its lines.
const TEXT: &str = "body";

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Kept,
    Removed,
    Added,
}

/// A line of either version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub fate: Fate,
    /// The pieces of the line; `true` where it differs from the line that it replaces or is replaced by.
    pub pieces: Vec<(bool, String)>,
}

/// A member that is not the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    pub before: String,
    pub after: String,
}

/// What somebody sees who compares two versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    pub members: Vec<Member>,
    /// Groups of lines that stand together.
    pub groups: Vec<Vec<Line>>,
    pub added: usize,
    pub removed: usize,
}

impl Difference {
    /// Whether the two are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.groups.is_empty()
    }
}

/// What has become of `before` in `after`; both are objects.
#[must_use]
pub fn difference(before: &Value, after: &Value) -> Difference {
    let has_text = before.get(TEXT).or(after.get(TEXT)).is_some_and(Value::is_string);
    if !has_text {
        // One line for each thing that it says.
        return by_lines(&flat(before), &flat(after), Vec::new());
    }
    let none = Value::Null;
    let mut names: Vec<&String> = Vec::new();
    for object in [before, after].into_iter().filter_map(Value::as_object) {
        for name in object.keys().filter(|name| *name != TEXT) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let mut members = Vec::new();
    for name in names {
        let (was, is) = (before.get(name).unwrap_or(&none), after.get(name).unwrap_or(&none));
        if was != is {
            members.push(Member { name: name.clone(), before: shown(was), after: shown(is) });
        }
    }
    let text =
        |value: &Value| value.get(TEXT).and_then(Value::as_str).unwrap_or_default().to_owned();
    by_lines(&text(before), &text(after), members)
}

fn by_lines(before: &str, after: &str, members: Vec<Member>) -> Difference {
    let mut found = Difference { members, ..Difference::default() };
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(before, after);
    for group in diff.grouped_ops(AROUND) {
        let mut lines = Vec::new();
        for change in group.iter().flat_map(|op| diff.iter_inline_changes(op)) {
            let fate = match change.tag() {
                ChangeTag::Equal => Fate::Kept,
                ChangeTag::Delete => Fate::Removed,
                ChangeTag::Insert => Fate::Added,
            };
            found.added += usize::from(fate == Fate::Added);
            found.removed += usize::from(fate == Fate::Removed);
            let piece = |(differs, text): (bool, std::borrow::Cow<'_, str>)| {
                (differs, text.trim_end_matches(['\n', '\r']).to_owned())
            };
            let mut pieces: Vec<_> = change.iter_strings_lossy().map(piece).collect();
            pieces.retain(|(_, text)| !text.is_empty());
            lines.push(Line { fate, pieces });
        }
        found.groups.push(lines);
    }
    found
}

/// A value as people read it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// `texts.en.name: PRIME`, a line for each value, and for each line of a longer text.
fn flat(value: &Value) -> String {
    let mut out = String::new();
    flatten("", value, &mut out);
    out
}

fn flatten(path: &str, value: &Value, out: &mut String) {
    let below = |name: &str| {
        if path.is_empty() { name.to_owned() } else { format!("{path} › {name}") }
    };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| flatten(&below(name), value, out));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&below(&(index + 1).to_string()), item, out);
            }
        }
        value => {
            for line in shown(value).split('\n') {
                let _ = writeln!(out, "{path}: {line}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(found: &Difference) -> Vec<String> {
        let line = |line: &Line| {
            let sign = match line.fate {
                Fate::Kept => ' ',
                Fate::Removed => '-',
                Fate::Added => '+',
            };
            let piece = |(differs, text): &(bool, String)| {
                if *differs { format!("[{text}]") } else { text.clone() }
            };
            format!("{sign}{}", line.pieces.iter().map(piece).collect::<String>())
        };
        found.groups.iter().flatten().map(line).collect()
    }

    #[test]
    fn a_text_is_compared_by_lines_and_within_them_by_words() {
        let before =
            json!({ "title": "A", "tags": ["x"], "body": "one\ntwo of the kind we know\nthree" });
        let after = json!({ "title": "B", "tags": ["x", "y"], "body": "one\ntwo of a kind we know\nthree\nfour" });
        let found = difference(&before, &after);
        let members: Vec<_> = found
            .members
            .iter()
            .map(|m| (m.name.as_str(), m.before.as_str(), m.after.as_str()))
            .collect();
        assert!(members.contains(&("title", "A", "B")) && members.contains(&("tags", "x", "x, y")));
        let lines = told(&found);
        assert!(lines.contains(&"-two of [the] kind we know".to_owned()), "{lines:?}");
        assert!(lines.contains(&"+two of [a] kind we know".to_owned()), "{lines:?}");
        assert!(
            lines.contains(&" one".to_owned())
                && lines.iter().any(|l| l.starts_with("+four") || l.contains("four")),
            "{lines:?}"
        );
        assert!(difference(&after, &after).is_empty());
    }

    #[test]
    fn what_has_no_text_is_compared_by_what_it_says() {
        let before =
            json!({ "price": 1, "texts": { "en": { "name": "A", "faq": [{ "question": "Q" }] } } });
        let after = json!({ "price": 2, "texts": { "en": { "name": "A", "faq": [] } } });
        let lines = told(&difference(&before, &after));
        assert!(
            lines.iter().any(|line| line.starts_with('-') && line.contains("question: Q")),
            "{lines:?}"
        );
        assert!(lines.iter().any(|line| line.starts_with('+') && line.contains('2')), "{lines:?}");
    }

    #[test]
    fn a_text_made_to_take_long_is_compared_all_the_same() {
        let text = |step: i64| {
            let line = |mut all: String, n: i64| {
                let _ = writeln!(all, "{}", n * step % 1000);
                all
            };
            (0..20_000).fold(String::new(), line)
        };
        let (before, after) = (text(7919), text(104_729));
        let found = difference(&json!({ "body": before }), &json!({ "body": after }));
        assert!(found.added > 0 && found.removed > 0);
    }
}
