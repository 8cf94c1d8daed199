//! Bodies: read whole, within limits, before anything is parsed.

use rocket::Request;
use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::json;
use super::query::unlike;
use crate::platform::error::{Error, Fault};

/// No form or JSON body of the public site needs more.
pub const LIMIT_BYTES: u64 = 16 * 1024;
/// Fields in a form at most.
const MAX_FIELDS: usize = 64;

/// A JSON object (depth ≤ 128, which is `serde_json`'s own limit), fields still untyped.
/// Faults are kept as a value, so that a handler can count them before it answers.
pub struct JsonObject(pub Result<Map<String, Value>, Error>, pub BodyHash);

/// SHA-256 of a body as it was sent, in hexadecimal; empty when it could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BodyHash(pub String);

impl BodyHash {
    pub(super) fn of(body: &[u8]) -> Self {
        Self(format!("{:x}", Sha256::digest(body)))
    }
}

/// The fields of an urlencoded form in the order sent.
pub struct FormFields(pub Result<Vec<(String, String)>, Error>);

impl JsonObject {
    /// Adds a fault for each field that is none of `known`, with the nearest one that is.
    pub fn only(object: &Map<String, Value>, known: &[&str], faults: &mut Vec<Fault>) {
        for name in object.keys().filter(|name| !known.contains(&name.as_str())).take(32) {
            let short: String = name.chars().take(40).collect();
            faults.push(Fault::of(&short, "unknown", unlike(name, "field", known)));
        }
    }

    /// The text of field `name`. Absent and null are `None`; another type is a fault.
    pub fn text(
        object: &Map<String, Value>,
        name: &str,
        faults: &mut Vec<Fault>,
    ) -> Option<String> {
        match object.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => {
                faults.push(Fault::of(name, "invalid_type", format!("{name} must be a text")));
                None
            }
        }
    }

    /// The whole number in field `name`; `default` when absent or null.
    pub fn number(
        object: &Map<String, Value>,
        name: &str,
        (low, high): (i64, i64),
        default: i64,
        faults: &mut Vec<Fault>,
    ) -> i64 {
        let value = match object.get(name) {
            None | Some(Value::Null) => return default,
            // 10.0 is a whole number too.
            Some(value) => value.as_i64().or_else(|| {
                value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 1e15).map(|n| n as i64)
            }),
        };
        match value {
            Some(number) if (low..=high).contains(&number) => number,
            _ => {
                let message = format!("{name} must be a whole number from {low} to {high}");
                faults.push(Fault::of(name, "invalid", message));
                default
            }
        }
    }
}

impl FormFields {
    /// The first value of field `name`.
    #[must_use]
    pub fn get<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
        fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for JsonObject {
    type Error = std::convert::Infallible;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match read_json_body(request, data).await {
            Ok(body) => Outcome::Success(Self(json::object(&body), BodyHash::of(&body))),
            Err(error) => Outcome::Success(Self(Err(error), BodyHash::default())),
        }
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for FormFields {
    type Error = std::convert::Infallible;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        Outcome::Success(Self(read_form(request, data).await))
    }
}

async fn read_json_body(request: &Request<'_>, data: Data<'_>) -> Result<Vec<u8>, Error> {
    if !request.content_type().is_some_and(|kind| kind.is_json()) {
        return Err(Error::UnsupportedMediaType { expected: "application/json" });
    }
    read(data).await
}

async fn read_form(request: &Request<'_>, data: Data<'_>) -> Result<Vec<(String, String)>, Error> {
    if !request.content_type().is_some_and(|kind| kind.is_form()) {
        return Err(Error::UnsupportedMediaType { expected: "application/x-www-form-urlencoded" });
    }
    let body = read(data).await?;
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(&body).into_owned().take(MAX_FIELDS + 1).collect();
    if fields.len() > MAX_FIELDS {
        return Err(Error::BadRequest(format!("a form has at most {MAX_FIELDS} fields")));
    }
    Ok(fields)
}

async fn read(data: Data<'_>) -> Result<Vec<u8>, Error> {
    let body = data
        .open(LIMIT_BYTES.bytes())
        .into_bytes()
        .await
        .map_err(|_| Error::BadRequest("the body ended too early".into()))?;
    if body.is_complete() {
        Ok(body.into_inner())
    } else {
        Err(Error::TooLarge { limit_bytes: LIMIT_BYTES })
    }
}
