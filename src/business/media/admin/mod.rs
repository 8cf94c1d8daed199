//! The library in the dashboard.

pub mod list;
pub mod one;

use rocket::request::{FromRequest, Outcome};
use rocket::{Request, Route, routes};

use crate::admin::shell::table::grouped;
use crate::platform::error::{Error, Fault};
use crate::platform::text::Rule;

const PATH: &str = "/admin/media";
const ALT_MAX: usize = 500;

/// Addresses of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![
        list::list,
        list::create,
        one::show,
        one::update,
        one::replace,
        one::put_back,
        one::remove
    ]
}

/// Whether a script of ours asks, which reads JSON.
pub struct Script(bool);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Script {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let accept = request.headers().get_one("Accept").unwrap_or_default();
        let sends_token = request.headers().contains("X-CSRF-Token");
        Outcome::Success(Self(sends_token || accept.starts_with("application/json")))
    }
}

/// `73 KB`, `1.2 MB`.
#[must_use]
pub fn size_of(bytes: i64) -> String {
    match bytes {
        ..1_000_000 => format!("{} KB", (bytes + 999) / 1000),
        1_000_000..10_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{} MB", grouped(bytes / 1_000_000)),
    }
}

/// A file that is too large is the fault of the file, not of the form.
fn too_large(error: Error) -> Error {
    match error {
        Error::TooLarge { .. } => {
            let message = "The file is larger than 20 MB. Make it smaller and bring it again";
            Error::Invalid(vec![Fault::of("file", "too_long", message)])
        }
        other => other,
    }
}

fn no_file() -> Fault {
    Fault::of("file", "required", "Choose a picture first")
}

fn line(name: &str, text: &str, max: usize) -> Result<String, Fault> {
    let rule = Rule::line(max).or_empty();
    rule.check(name, text).map_err(|(code, message)| Fault::of(name, code, message))
}
