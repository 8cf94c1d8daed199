//! Query parameters: a closed list for each address; an unknown one is an error that names the
//! nearest, because a silently ignored filter is worse than a refused request.

use rocket::Request;
use rocket::request::{FromRequest, Outcome};

use serde::Serialize;
use serde_json::Value;

use crate::platform::error::{Error, Fault};
use crate::platform::lang::Lang;

/// The raw query of a request.
pub struct RawQuery(pub Option<String>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for RawQuery {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self(request.uri().query().map(|q| q.as_str().to_owned())))
    }
}

/// The values of `known` parameters in `query`, in the order of `known`.
///
/// # Errors
/// Lists every unknown or repeated parameter.
pub fn parse<const N: usize>(
    query: Option<&str>,
    known: [&'static str; N],
) -> Result<[Option<String>; N], Error> {
    let mut values = [const { None }; N];
    let mut faults = Vec::new();
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    for (name, value) in pairs.take(32) {
        match known.iter().position(|k| *k == name) {
            Some(index) if values[index].is_none() => values[index] = Some(value.into_owned()),
            Some(_) => faults.push(fault(&name, "repeated", format!("{name} is given twice"))),
            None => faults.push(fault(&name, "unknown", unknown(&name, &known))),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(Error::Invalid(faults)) }
}

/// A whole number between `low` and `high`, or `default` when absent.
pub fn number(
    name: &str,
    value: Option<&str>,
    low: i64,
    high: i64,
    default: i64,
) -> Result<i64, Error> {
    let Some(text) = value else { return Ok(default) };
    match text.parse::<i64>() {
        Ok(number) if (low..=high).contains(&number) => Ok(number),
        _ => Err(Error::Invalid(vec![fault(
            name,
            "invalid",
            format!("{name} must be a whole number from {low} to {high}"),
        )])),
    }
}

/// One of our languages, or `default` when absent.
pub fn lang(value: Option<&str>, default: Lang) -> Result<Lang, Error> {
    let Some(code) = value else { return Ok(default) };
    Lang::from_code(code).ok_or_else(|| wrong("lang", "lang must be en, es or pt"))
}

/// A fault of one parameter's value.
pub fn wrong(name: &str, message: impl Into<String>) -> Error {
    Error::Invalid(vec![fault(name, "invalid", message.into())])
}

/// Takes the value out of `read`, or puts its faults to the others: all are told at once.
pub fn gather<T>(read: Result<T, Error>, faults: &mut Vec<Fault>) -> Result<Option<T>, Error> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(Error::Invalid(more)) => {
            faults.extend(more);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// Members that one `fields` may name.
const MAX_FIELDS: usize = 64;

/// The members of each item that a client wants; all when it names none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Option<Vec<&'static str>>);

impl Fields {
    /// Reads `?fields=a,b`.
    ///
    /// # Errors
    /// Lists every unknown name with the nearest known one.
    pub fn parse(value: Option<&str>, known: &'static [&'static str]) -> Result<Self, Error> {
        let Some(text) = value else { return Ok(Self(None)) };
        let (mut wanted, mut faults) = (Vec::new(), Vec::new());
        let names = text.split(',');
        if names.clone().count() > MAX_FIELDS {
            return Err(wrong("fields", format!("fields names {MAX_FIELDS} members at most")));
        }
        for name in names {
            match known.iter().find(|k| **k == name) {
                Some(name) => wanted.push(*name),
                None => {
                    faults.push(Fault::of("fields", "unknown", unlike(name, "field", known)));
                }
            }
        }
        // In one order and each once, so that the same choice has the same key in the cache.
        wanted.sort_unstable();
        wanted.dedup();
        if faults.is_empty() { Ok(Self(Some(wanted))) } else { Err(Error::Invalid(faults)) }
    }

    /// What is chosen, as part of a cache key.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.as_ref().map(|names| names.join(",")).unwrap_or_default()
    }

    /// `item` with the chosen members.
    pub fn of<T: Serialize>(&self, item: T) -> Result<Chosen<T>, Error> {
        let Some(names) = &self.0 else { return Ok(Chosen::All(item)) };
        let value = serde_json::to_value(item).map_err(|e| Error::Internal(e.to_string()))?;
        let Value::Object(mut members) = value else { return Ok(Chosen::Some(value)) };
        members.retain(|name, _| names.contains(&name.as_str()));
        Ok(Chosen::Some(Value::Object(members)))
    }
}

/// An item, whole or in part.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Chosen<T> {
    All(T),
    Some(Value),
}

fn fault(name: &str, code: &'static str, message: String) -> Fault {
    // What a client wrote is shown back only in part.
    Fault::of(&name.chars().take(40).collect::<String>(), code, message)
}

fn unknown(name: &str, known: &[&str]) -> String {
    if known.is_empty() {
        let short: String = name.chars().take(40).collect();
        return format!("{short} is not a parameter; this address takes none");
    }
    unlike(name, "parameter", known)
}

/// Says that `name` is none of `known`, and which of them is the nearest.
pub(super) fn unlike(name: &str, what: &str, known: &[&str]) -> String {
    let short: String = name.chars().take(40).collect();
    let nearest = known.iter().min_by_key(|k| strsim::damerau_levenshtein(k, &short));
    let nearest = nearest.copied().unwrap_or_default();
    format!("{short} is not a {what} here; did you mean {nearest}?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_parameter_names_the_nearest_and_every_fault_is_listed() {
        let error = parse(Some("limt=5&foo=1&limit=1&limit=2"), ["limit", "cursor"]).unwrap_err();
        let Error::Invalid(faults) = error else { panic!("{error}") };
        assert_eq!(faults.len(), 3);
        assert_eq!(faults[0].message, "limt is not a parameter here; did you mean limit?");
        assert_eq!(faults[2].code, "repeated");
    }

    #[test]
    fn chosen_fields_have_one_order_and_an_unknown_one_names_the_nearest() {
        const KNOWN: &[&str] = &["slug", "title", "tags"];
        let fields = Fields::parse(Some("title,slug,title"), KNOWN).unwrap();
        assert_eq!(fields.key(), "slug,title");
        let item = serde_json::json!({ "slug": "a", "title": "b", "tags": [] });
        let chosen = serde_json::to_string(&fields.of(&item).unwrap()).unwrap();
        assert_eq!(chosen, "{\"slug\":\"a\",\"title\":\"b\"}");
        let error = Fields::parse(Some("titel,,tags"), KNOWN).unwrap_err();
        let Error::Invalid(faults) = error else { panic!("{error}") };
        assert_eq!(faults.len(), 2);
        assert_eq!(faults[0].message, "titel is not a field here; did you mean title?");
    }

    #[test]
    fn numbers_have_a_range_and_a_default() {
        assert_eq!(number("limit", None, 1, 100, 20).unwrap(), 20);
        assert_eq!(number("limit", Some("100"), 1, 100, 20).unwrap(), 100);
        for bad in ["0", "101", "x", "", "1e3"] {
            assert!(number("limit", Some(bad), 1, 100, 20).is_err(), "{bad}");
        }
    }
}
