//! Values as JSON has them: what the dashboard sends and is shown, beside the text that every other
//! layer writes.

use serde::{Deserialize, Serialize};

use super::kind::{Kind, Value};

/// Characters of a text at most.
pub const TEXT_MAX: usize = 2000;
/// Entries of a list at most.
pub const LIST_MAX: usize = 100;
/// Characters of one entry of a list at most.
pub const ENTRY_MAX: usize = 300;
/// The largest number that JSON's readers agree on, fractions of zero or not; every kind has a bound
/// of its own below.
pub const NUMBER_MAX: i64 = 999_999_999_999_999;

/// One value: true or false, a whole number, a text, or a list of texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Plain {
    Truth(bool),
    Number(i64),
    Text(String),
    List(Vec<String>),
}

impl Plain {
    /// `text` of a layer in the one form that a value of this kind has; a text that is none stays
    /// as it is.
    #[must_use]
    pub fn of(kind: Kind, text: &str) -> Self {
        match kind.parse(text) {
            Some(Value::Bool(truth)) => Self::Truth(truth),
            Some(Value::Number(number)) => {
                i64::try_from(number).map_or_else(|_| Self::Text(text.to_owned()), Self::Number)
            }
            Some(Value::Origins(origins)) => Self::List(origins),
            Some(Value::Ranges(_)) => Self::List(words(text)),
            // Lower case where case does not matter.
            Some(Value::Text(word)) if matches!(kind, Kind::Choice(_) | Kind::Domain) => {
                Self::Text(word)
            }
            _ => Self::Text(text.trim().to_owned()),
        }
    }

    /// As a layer writes it, for a setting of this kind; `None` when JSON of another type was meant
    /// for another kind: `true` is no name, and 7 no duration.
    #[must_use]
    pub fn written(&self, kind: Kind) -> Option<String> {
        match (self, kind) {
            (Self::Text(text), _) => Some(text.clone()),
            (Self::Truth(truth), Kind::Bool) => Some(truth.to_string()),
            (Self::Number(number), Kind::Count { .. } | Kind::Port) => Some(number.to_string()),
            (Self::List(list), Kind::Origins | Kind::Ranges) => Some(list.join(",")),
            _ => None,
        }
    }
}

fn words(text: &str) -> Vec<String> {
    let apart = |c: char| c == ',' || c.is_whitespace();
    text.split(apart).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_form_whatever_layer_wrote_it() {
        let level = Kind::Choice(&["debug", "info"]);
        let count = Kind::Count { min: 1, max: 9 };
        assert_eq!(Plain::of(Kind::Bool, "ON"), Plain::Truth(true));
        assert_eq!(Plain::of(count, " 7 "), Plain::Number(7));
        assert_eq!(Plain::of(level, "INFO"), Plain::Text("info".into()));
        assert_eq!(Plain::of(Kind::Duration, " 15m "), Plain::Text("15m".into()));
        assert_eq!(
            Plain::of(Kind::Origins, "https://A.example https://b.example"),
            Plain::List(vec!["https://a.example".into(), "https://b.example".into()])
        );
        for (kind, text) in [(Kind::Bool, "true"), (count, "7"), (Kind::Duration, "15m")] {
            assert_eq!(Plain::of(kind, text).written(kind).as_deref(), Some(text));
        }
    }

    #[test]
    fn json_of_another_type_is_no_value() {
        assert_eq!(Plain::Truth(true).written(Kind::Text), None);
        assert_eq!(Plain::Number(7).written(Kind::Duration), None);
        assert_eq!(Plain::List(vec!["a".into()]).written(Kind::Text), None);
        assert_eq!(Plain::Text("off".into()).written(Kind::Bool).as_deref(), Some("off"));
    }
}
