//! Query parameters: a closed list for each address; an unknown one is an error that names the
//! nearest, because a silently ignored filter is worse than a refused request.

use rocket::Request;
use rocket::request::{FromRequest, Outcome};

use serde::Serialize;
use serde_json::Value;

use crate::platform::error::{Error, Fault};
use crate::platform::text::is_slug;
use crate::platform::word::Word;
use crate::platform::{clock, id};

/// The raw query of a request.
pub struct RawQuery(pub Option<String>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for RawQuery {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self(request.uri().query().map(|q| q.as_str().to_owned())))
    }
}

/// What a client asks for in the query, read one parameter at a time; [`Query::end`] tells every fault at once.
///
/// What is read is what is known. What has been understood is written down in one order, so that the same question has
/// the same key in a cache, and noise has none.
pub struct Query {
    sent: Vec<(String, String)>,
    read: Vec<&'static str>,
    understood: Vec<(&'static str, String)>,
    faults: Vec<Fault>,
}

/// A query that has been understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked(Vec<(&'static str, String)>);

impl Query {
    #[must_use]
    pub fn read(raw: &RawQuery) -> Self {
        let mut faults = Vec::new();
        let query = raw.0.as_deref().unwrap_or_default();
        let mut sent: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .take(MAX_PARAMETERS + 1)
            .collect();
        if sent.len() > MAX_PARAMETERS {
            sent.truncate(MAX_PARAMETERS);
            let message = format!("a query has {MAX_PARAMETERS} parameters at most");
            faults.push(Fault { code: "too_long", path: Vec::new(), message });
        }
        Self { sent, read: Vec::new(), understood: Vec::new(), faults }
    }

    /// # Errors
    /// Every fault, in the order in which parameters were read; then those that nobody knows.
    pub fn end(mut self) -> Result<Asked, Error> {
        for (name, _) in &self.sent {
            if !self.read.contains(&name.as_str()) {
                let message = unlike(name, "parameter", &self.read);
                self.faults.push(fault(name, "unknown", message));
            }
        }
        if self.faults.is_empty() {
            Ok(Asked(self.understood))
        } else {
            Err(Error::Invalid(self.faults))
        }
    }

    fn value(&mut self, name: &'static str) -> Option<String> {
        self.read.push(name);
        let mut values = self.sent.iter().filter(|(sent, _)| sent == name);
        let first = values.next().map(|(_, value)| value.clone());
        if values.next().is_some() {
            self.faults.push(fault(name, "repeated", format!("{name} is given twice")));
            return None;
        }
        first
    }

    /// The value of `name` as `parse` understands it; what it does not understand `must` be otherwise.
    pub fn parsed<T>(
        &mut self,
        name: &'static str,
        must: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name)?;
        let parsed = parse(&value);
        match parsed {
            Some(_) => self.understood.push((name, value)),
            None => self.faults.push(fault(name, "invalid", format!("{name} must be {must}"))),
        }
        parsed
    }

    /// What `check` makes of the value, or of there being none.
    pub fn checked<T>(
        &mut self,
        name: &'static str,
        check: impl FnOnce(Option<&str>) -> Result<T, Fault>,
    ) -> Option<T> {
        let value = self.value(name);
        check(value.as_deref()).map_err(|fault| self.faults.push(fault)).ok()
    }

    /// A whole number between `low` and `high`, or `default` when absent.
    pub fn number(&mut self, name: &'static str, (low, high): (i64, i64), default: i64) -> i64 {
        let must = format!("a whole number from {low} to {high}");
        let fits = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            text.parse().ok().filter(|n| digits && (low..=high).contains(n))
        };
        self.parsed(name, &must, fits).unwrap_or(default)
    }

    /// `limit`, 1 to 100; 20 when absent.
    pub fn limit(&mut self) -> i64 {
        let limit = self.number("limit", (1, 100), 20);
        // Also where it was not sent: the way on says how long its pages are.
        self.understood.retain(|(name, _)| *name != "limit");
        self.understood.insert(0, ("limit", limit.to_string()));
        limit
    }

    /// `true` or `false`.
    pub fn truth(&mut self, name: &'static str) -> Option<bool> {
        self.parsed(name, "true or false", |text| text.parse().ok())
    }

    /// One of the words of `W`.
    pub fn word<W: Word>(&mut self, name: &'static str) -> Option<W> {
        self.parsed(name, &W::choices(), W::of_word)
    }

    /// A word that can stand in an address.
    pub fn slug(&mut self, name: &'static str) -> Option<String> {
        self.parsed(name, "as in an address: 1 to 63 of a-z, 0-9 and dashes", |text| {
            is_slug(text).then(|| text.to_owned())
        })
    }

    /// An identifier.
    pub fn id(&mut self, name: &'static str) -> Option<String> {
        self.parsed(name, "an id", id::parse)
    }

    /// A text of at most `max` characters, without characters that no database takes.
    pub fn text(&mut self, name: &'static str, max: usize) -> Option<String> {
        let must = format!("a text of 1 to {max} characters");
        self.parsed(name, &must, |text| {
            let fits = (1..=max).contains(&text.chars().count()) && !text.contains('\0');
            fits.then(|| text.to_owned())
        })
    }

    /// A moment, RFC 3339, as epoch milliseconds.
    pub fn time(&mut self, name: &'static str) -> Option<i64> {
        self.parsed(name, "a time such as 2026-10-05T09:00:00Z", clock::parse_rfc3339)
    }

    /// `fields=a,b`, of the members `known`.
    pub fn fields(&mut self, known: &'static [&'static str]) -> Fields {
        let value = self.value("fields");
        match Fields::parse(value.as_deref(), known) {
            Ok(fields) => {
                if fields != Fields::ALL {
                    self.understood.push(("fields", fields.key()));
                }
                fields
            }
            Err(faults) => {
                self.faults.extend(faults);
                Fields::ALL
            }
        }
    }

    /// `cursor`, as `decode` reads what a page before gave out.
    pub fn cursor<T>(&mut self, decode: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.parsed("cursor", "the `next` of an earlier page", decode)
    }
}

impl Asked {
    /// The one address of this question, as a key.
    #[must_use]
    pub fn key(&self, path: &str) -> String {
        address(path, self.0.iter())
    }

    /// The address of the page after `cursor`.
    #[must_use]
    pub fn next(&self, path: &str, cursor: &str) -> String {
        let cursor = ("cursor", cursor.to_owned());
        address(path, self.0.iter().filter(|(name, _)| *name != "cursor").chain([&cursor]))
    }
}

fn address<'p>(path: &str, pairs: impl Iterator<Item = &'p (&'static str, String)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    format!("{path}?{}", query.finish())
}

/// Parameters that one query may have.
const MAX_PARAMETERS: usize = 32;

/// Members that one `fields` may name.
const MAX_FIELDS: usize = 64;

/// The members of each item that a client wants; all when it names none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Option<Vec<&'static str>>);

impl Fields {
    /// Every member.
    pub const ALL: Self = Self(None);

    /// Reads `a,b`; every unknown name is a fault that says the nearest known one.
    fn parse(value: Option<&str>, known: &'static [&'static str]) -> Result<Self, Vec<Fault>> {
        let Some(text) = value else { return Ok(Self::ALL) };
        let (mut wanted, mut faults) = (Vec::new(), Vec::new());
        let names = text.split(',');
        if names.clone().count() > MAX_FIELDS {
            let message = format!("fields names {MAX_FIELDS} members at most");
            return Err(vec![fault("fields", "invalid", message)]);
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
        if faults.is_empty() { Ok(Self(Some(wanted))) } else { Err(faults) }
    }

    /// What is chosen, as it is written in an address.
    fn key(&self) -> String {
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

/// Says that `name` is none of `known`, and which of them is the nearest.
pub(super) fn unlike(name: &str, what: &str, known: &[&str]) -> String {
    let short: String = name.chars().take(40).collect();
    let nearest = known.iter().min_by_key(|k| strsim::damerau_levenshtein(k, &short));
    match nearest {
        Some(nearest) => format!("{short} is not a {what} here; did you mean {nearest}?"),
        None => format!("{short} is not a {what} here; there is none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::lang::Lang;

    const KNOWN: &[&str] = &["slug", "title", "tags"];

    fn query(text: &str) -> Query {
        Query::read(&RawQuery(Some(text.to_owned())))
    }

    fn faults(query: Query) -> Vec<String> {
        let Err(Error::Invalid(faults)) = query.end() else { panic!("it was understood") };
        faults.into_iter().map(|fault| format!("{} {}", fault.code, fault.message)).collect()
    }

    #[test]
    fn every_fault_is_told_and_an_unknown_parameter_names_the_nearest() {
        let mut asked = query("limt=5&foo=1&limit=1&limit=2&lang=de&n=x&cursor=y");
        asked.limit();
        asked.word::<Lang>("lang");
        asked.number("n", (0, 9), 0);
        asked.cursor(id::parse);
        let told = faults(asked);
        assert_eq!(
            told[..4],
            [
                "repeated limit is given twice",
                "invalid lang must be en, es or pt",
                "invalid n must be a whole number from 0 to 9",
                "invalid cursor must be the `next` of an earlier page",
            ]
        );
        assert_eq!(told[4], "unknown limt is not a parameter here; did you mean limit?");
        assert!(told[5].starts_with("unknown foo is not a parameter here"), "{told:?}");
        assert_eq!(told.len(), 6);
        assert_eq!(faults(query("a=1")), ["unknown a is not a parameter here; there is none"]);
        let many = (0..33).map(|n| format!("a{n}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(faults(query(&many))[0], "too_long a query has 32 parameters at most");
    }

    #[test]
    fn one_question_has_one_key_however_it_is_asked() {
        let key = |text: &str| {
            let mut asked = query(text);
            asked.limit();
            asked.word::<Lang>("lang");
            asked.fields(KNOWN);
            asked.cursor(|text| Some(text.to_owned()));
            asked.end().unwrap()
        };
        let plain = key("lang=es&fields=title,slug");
        assert_eq!(plain, key("fields=slug%2Ctitle,slug&lang=es&limit=20"));
        assert_eq!(plain.key("/a"), "/a?limit=20&lang=es&fields=slug%2Ctitle");
        assert_eq!(key("cursor=a&limit=5").next("/a", "b c"), "/a?limit=5&cursor=b+c");
    }

    #[test]
    fn chosen_fields_have_one_order_and_an_unknown_one_names_the_nearest() {
        let fields = Fields::parse(Some("title,slug,title"), KNOWN).unwrap();
        assert_eq!(fields.key(), "slug,title");
        let item = serde_json::json!({ "slug": "a", "title": "b", "tags": [] });
        let chosen = serde_json::to_string(&fields.of(&item).unwrap()).unwrap();
        assert_eq!(chosen, "{\"slug\":\"a\",\"title\":\"b\"}");
        let faults = Fields::parse(Some("titel,,tags"), KNOWN).unwrap_err();
        assert_eq!(faults.len(), 2);
        assert_eq!(faults[0].message, "titel is not a field here; did you mean title?");
    }

    #[test]
    fn numbers_have_a_range_and_a_default() {
        let limit = |text: &str| {
            let mut asked = query(text);
            let limit = asked.limit();
            asked.end().ok().map(|_| limit)
        };
        assert_eq!((limit(""), limit("limit=100")), (Some(20), Some(100)));
        for bad in ["0", "101", "x", "", "1e3", "+5", "-0"] {
            assert_eq!(limit(&format!("limit={}", bad.replace('+', "%2B"))), None, "{bad}");
        }
    }
}
