//! Bodies: read whole, within limits, before anything is parsed.

use rocket::Request;
use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use serde_json::{Map, Value};

use super::json;
use crate::platform::crypto::sha256_hex;
use crate::platform::error::Error;

/// No form or JSON body of the public site needs more.
const LIMIT_KIB: u64 = 16;
/// The same in bytes.
pub const LIMIT_BYTES: u64 = LIMIT_KIB * 1024;
/// What a whole article with everything around it may take.
pub const LARGE_KIB: u64 = 1024;
/// Fields in a form at most.
const MAX_FIELDS: usize = 64;

/// A JSON object of at most `KIB` (depth ≤ 128, which is `serde_json`'s own limit), its members still
/// unread: [`super::Input`] reads them. Faults are kept as a value, so that a handler can count
/// them before it answers.
pub struct JsonObject<const KIB: u64 = LIMIT_KIB>(
    pub Result<Map<String, Value>, Error>,
    pub BodyHash,
);

/// One that may be as large as an article.
pub type LargeJson = JsonObject<LARGE_KIB>;

/// The largest picture.
pub const PICTURE_KIB: u64 = 20 * 1024;

/// A picture as it was sent, of at most [`PICTURE_KIB`]; what it really is its bytes say. The hash is also of the
/// query, which says the rest.
pub struct PictureBody(pub Result<Vec<u8>, Error>, pub BodyHash);

#[rocket::async_trait]
impl<'r> FromData<'r> for PictureBody {
    type Error = std::convert::Infallible;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        if request.content_type().is_none_or(|kind| kind.top() != "image") {
            let expected = "image/jpeg, image/png, image/webp or image/gif";
            let error = Error::UnsupportedMediaType { expected };
            return Outcome::Success(Self(Err(error), BodyHash::default()));
        }
        let query = request.uri().query().map_or("", |query| query.as_str());
        Outcome::Success(match read(data, PICTURE_KIB * 1024).await {
            Ok(body) => {
                let hash = sha256_hex(query) + &sha256_hex(&body);
                Self(Ok(body), BodyHash::of(hash.as_bytes()))
            }
            Err(error) => Self(Err(error), BodyHash::default()),
        })
    }
}

/// SHA-256 of a body as it was sent, in hexadecimal; empty when it could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BodyHash(pub String);

impl BodyHash {
    pub(super) fn of(body: &[u8]) -> Self {
        Self(sha256_hex(body))
    }
}

/// The fields of an urlencoded form in the order sent.
pub struct FormFields(pub Result<Vec<(String, String)>, Error>);

impl FormFields {
    /// The first value of field `name`.
    #[must_use]
    pub fn get<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
        fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

#[rocket::async_trait]
impl<'r, const KIB: u64> FromData<'r> for JsonObject<KIB> {
    type Error = std::convert::Infallible;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match read_json_body(request, data, KIB * 1024).await {
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

async fn read_json_body(
    request: &Request<'_>,
    data: Data<'_>,
    limit_bytes: u64,
) -> Result<Vec<u8>, Error> {
    if !request.content_type().is_some_and(|kind| kind.is_json()) {
        return Err(Error::UnsupportedMediaType { expected: "application/json" });
    }
    read(data, limit_bytes).await
}

async fn read_form(request: &Request<'_>, data: Data<'_>) -> Result<Vec<(String, String)>, Error> {
    if !request.content_type().is_some_and(|kind| kind.is_form()) {
        return Err(Error::UnsupportedMediaType { expected: "application/x-www-form-urlencoded" });
    }
    let body = read(data, LIMIT_BYTES).await?;
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(&body).into_owned().take(MAX_FIELDS + 1).collect();
    if fields.len() > MAX_FIELDS {
        return Err(Error::BadRequest(format!("a form has at most {MAX_FIELDS} fields")));
    }
    Ok(fields)
}

async fn read(data: Data<'_>, limit_bytes: u64) -> Result<Vec<u8>, Error> {
    let body = data
        .open(limit_bytes.bytes())
        .into_bytes()
        .await
        .map_err(|_| Error::BadRequest("the body ended too early".into()))?;
    if body.is_complete() { Ok(body.into_inner()) } else { Err(Error::TooLarge { limit_bytes }) }
}
