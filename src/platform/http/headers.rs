//! The headers of every answer, errors included.

use rocket::Response;
use rocket::http::Header;

/// Nothing is allowed that is not named; no inline script or style anywhere.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

const FIXED: [(&str, &str); 8] = [
    ("Content-Security-Policy", CSP),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    (
        "Permissions-Policy",
        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), \
         microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
];

/// A year, as the guide has it.
const HSTS: Header<'static> =
    header("Strict-Transport-Security", "max-age=31536000; includeSubDomains");

const fn header(name: &'static str, value: &'static str) -> Header<'static> {
    Header {
        name: rocket::http::uncased::Uncased { string: std::borrow::Cow::Borrowed(name) },
        value: std::borrow::Cow::Borrowed(value),
    }
}

/// Sets the security headers. Harmless when repeated: Rocket answers a request it cannot parse
/// without asking any fairing, so the catchers call this too.
pub(super) fn secure(response: &mut Response<'_>, https: bool) {
    for (name, value) in FIXED {
        response.set_header(header(name, value));
    }
    if https {
        response.set_header(HSTS);
    }
}
