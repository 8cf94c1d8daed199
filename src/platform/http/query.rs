//! Query parameters: a closed list for each address; an unknown one is an error that names the
//! nearest, because a silently ignored filter is worse than a refused request.

use rocket::Request;
use rocket::request::{FromRequest, Outcome};

use crate::platform::error::{Error, Fault};

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

fn fault(name: &str, code: &'static str, message: String) -> Fault {
    // What a client wrote is shown back only in part.
    Fault::of(&name.chars().take(40).collect::<String>(), code, message)
}

fn unknown(name: &str, known: &[&str]) -> String {
    let short: String = name.chars().take(40).collect();
    let nearest = known.iter().min_by_key(|k| strsim::damerau_levenshtein(k, &short));
    match nearest {
        Some(nearest) => format!("{short} is not a parameter here; did you mean {nearest}?"),
        None => format!("{short} is not a parameter; this address takes none"),
    }
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
    fn numbers_have_a_range_and_a_default() {
        assert_eq!(number("limit", None, 1, 100, 20).unwrap(), 20);
        assert_eq!(number("limit", Some("100"), 1, 100, 20).unwrap(), 100);
        for bad in ["0", "101", "x", "", "1e3"] {
            assert!(number("limit", Some(bad), 1, 100, 20).is_err(), "{bad}");
        }
    }
}
