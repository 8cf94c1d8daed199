//! CORS for `/api`: exact origins, with credentials; anybody else gets no CORS headers, not an
//! error.

use rocket::http::{Header, Method};
use rocket::{Request, Response};

use super::meta::routed_path;
use crate::platform::config::HttpSettings;

const METHODS: &str = "GET, POST, PUT, DELETE, PATCH";
const HEADERS: &str = "Content-Type, Authorization, Idempotency-Key";
/// What a front end may read beyond the safe-listed headers.
const EXPOSED: &str = "ETag, Link, Location, Retry-After, RateLimit-Policy, RateLimit-Limit, \
    RateLimit-Remaining, RateLimit-Reset, RateLimit, X-Request-Id, Idempotent-Replayed";
/// A day, as the guide has it.
const MAX_AGE_S: &str = "86400";

pub(super) fn is_preflight(request: &Request<'_>) -> bool {
    request.method() == Method::Options && routed_path(request).starts_with("/api/")
}

pub(super) fn answer(request: &Request<'_>, response: &mut Response<'_>, http: &HttpSettings) {
    response.adjoin_header(Header::new("Vary", "Origin"));
    let Some(origin) = request.headers().get_one("Origin") else { return };
    if !http.allowed_origins.iter().any(|allowed| allowed == origin) {
        return;
    }
    response.set_header(Header::new("Access-Control-Allow-Origin", origin.to_owned()));
    response.set_header(Header::new("Access-Control-Allow-Credentials", "true"));
    if request.uri().path() == "/-/preflight" {
        response.set_header(Header::new("Access-Control-Allow-Methods", METHODS));
        response.set_header(Header::new("Access-Control-Allow-Headers", HEADERS));
        response.set_header(Header::new("Access-Control-Max-Age", MAX_AGE_S));
    } else {
        response.set_header(Header::new("Access-Control-Expose-Headers", EXPOSED));
    }
}
