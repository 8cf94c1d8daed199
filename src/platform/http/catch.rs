//! Catchers: what Rocket itself refuses, as a page or as problem+json.

use rocket::http::{Method, Status};
use rocket::{Catcher, Request, Route, catch, catchers};

use super::meta::Meta;
use super::page::Oops;
use super::problem::Problem;
use crate::platform::error::Error;

/// The rank of routes that are asked when nothing else fits.
const OPEN_RANK: isize = 30;

/// For everything outside `/api`.
pub fn pages() -> Vec<Catcher> {
    catchers![page]
}

/// For `/api`.
pub fn api() -> Vec<Catcher> {
    catchers![problem]
}

#[catch(default)]
fn page(status: Status, request: &Request<'_>) -> Oops {
    Oops(meaning(status, request))
}

#[catch(default)]
fn problem(status: Status, request: &Request<'_>) -> Problem {
    Problem(meaning(status, request))
}

/// What a status means that Rocket, or a guard, has set.
pub fn meaning(status: Status, request: &Request<'_>) -> Error {
    if let Some(error) = Meta::of(request).refusal() {
        return error;
    }
    match status.code {
        404 => match other_methods(request) {
            allow if allow.is_empty() => Error::NotFound,
            allow => Error::MethodNotAllowed { allow },
        },
        // Rocket takes a method it does not know for a GET, and asks nobody but this.
        400 if !Meta::of(request).passed_the_door() && request.uri().path() != "/" => {
            match methods(request, None) {
                allow if allow.is_empty() => Error::NotFound,
                allow => Error::MethodNotAllowed { allow },
            }
        }
        413 => Error::TooLarge { limit_bytes: super::body::LIMIT_BYTES },
        415 => Error::UnsupportedMediaType { expected: "application/json" },
        400..=499 => Error::BadRequest("the request could not be read".into()),
        503 => Error::Unavailable("refused by the framework".into()),
        _ => Error::Internal(format!("a handler failed with {status}")),
    }
}

/// The methods that the request's path would answer, as an `Allow` value; Rocket knows no 405.
fn other_methods(request: &Request<'_>) -> String {
    let allow = methods(request, Some(request.method()));
    // A GET that a route did match but did not find anything for is a plain 404.
    let reads = matches!(request.method(), Method::Get | Method::Head);
    if reads && allow.contains("GET") { String::new() } else { allow }
}

/// The methods that the request's path answers, without `but`.
fn methods(request: &Request<'_>, but: Option<Method>) -> String {
    let path = request.uri().path();
    let asked: Vec<&str> = path.raw_segments().map(rocket::http::RawStr::as_str).collect();
    let mut allow: Vec<&'static str> = Vec::new();
    for route in request.rocket().routes() {
        let internal = route.uri.path().contains("/-/") || is_open(route);
        if Some(route.method) == but || internal || !fits(route.uri.path(), &asked) {
            continue;
        }
        allow.push(route.method.as_str());
        if route.method == Method::Get {
            allow.push("HEAD");
        }
    }
    allow.sort_unstable();
    allow.dedup();
    allow.join(", ")
}

/// Whether a route is asked for whatever no other one has: that it fits says nothing about there being a page.
pub(super) fn is_open(route: &Route) -> bool {
    route.rank >= OPEN_RANK
}

/// Whether the segments of a route's template stand for the segments asked for.
pub(super) fn fits(template: &str, asked: &[&str]) -> bool {
    let mut asked = asked.iter();
    for segment in template.split('/').filter(|s| !s.is_empty()) {
        if segment.starts_with('<') && segment.ends_with("..>") {
            return true;
        }
        match asked.next() {
            Some(_) if segment.starts_with('<') => {}
            Some(have) if *have == segment => {}
            _ => return false,
        }
    }
    asked.next().is_none()
}

#[cfg(test)]
mod tests {
    #[test]
    fn templates_fit_paths_segment_by_segment() {
        let fits = |template: &str, path: &str| {
            let asked: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
            super::fits(template, &asked)
        };
        assert!(fits("/", "/"));
        assert!(fits("/programs/<slug>", "/programs/prime"));
        assert!(!fits("/programs/<slug>", "/programs"));
        assert!(!fits("/programs", "/programs/prime"));
        assert!(fits("/static/<path..>", "/static/css/site.css"));
    }
}
