//! The door: one fairing that every request passes on its way in and every answer on its way out.
//!
//! In: exactly one Host that is ours, https where a trusted proxy says the visitor came without,
//! rate limits, no forged cross-site form. A request that is turned away goes to the `refused`
//! route with its reason. Out: security headers, CORS, limit headers, request id, access log.

use std::pin::Pin;
use std::sync::Arc;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::uri::Origin;
use rocket::http::{Header, Method, Status};
use rocket::{Data, Request, Response, Route, get, routes};

use super::catch::{fits, is_open};
use super::in_flight::InFlight;
use super::limit::{Class, Decision, Limiter};
use super::meta::{Meta, forwarded_proto, routed_path};
use super::problem::Problem;
use super::{cors, headers};
use crate::platform::config::{HttpSettings, Live, SiteSettings};
use crate::platform::error::Error;
use crate::platform::lang::Lang;
use crate::platform::log::{self, Access};

/// Called with the path of each GET that found nothing.
pub type OnMissing = Box<dyn Fn(&str) + Send + Sync>;

/// The new address of a path, if it has one.
pub type Elsewhere = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

/// Asked with the path of each GET that found nothing.
pub type FindElsewhere = Box<dyn Fn(String) -> Elsewhere + Send + Sync>;

pub struct Door {
    live: Live,
    limiter: Arc<Limiter>,
    on_missing: OnMissing,
    find_elsewhere: FindElsewhere,
    in_flight: Arc<InFlight>,
}

impl Door {
    #[must_use]
    pub fn new(
        live: &Live,
        limiter: Arc<Limiter>,
        in_flight: Arc<InFlight>,
        on_missing: OnMissing,
        find_elsewhere: FindElsewhere,
    ) -> Self {
        Self { live: live.clone(), limiter, on_missing, find_elsewhere, in_flight }
    }

    fn look(&self, request: &Request<'_>, meta: &Meta, http: &HttpSettings) -> Result<(), Error> {
        check_host(request, http)?;
        if cors::is_preflight(request) {
            return Ok(());
        }
        self.check_limits(request, meta)?;
        check_same_site(request, http)
    }

    /// The class of a request follows from its method and path alone.
    fn check_limits(&self, request: &Request<'_>, meta: &Meta) -> Result<(), Error> {
        let path = routed_path(request);
        let post = request.method() == Method::Post;
        // A form has the limits of its kind in every language.
        let (_, plain) = Lang::of_path(&path);
        let decisions: [Option<Decision>; 2] = match plain {
            "/leads" | "/contact" | "/api/leads" | "/api/v1/leads" if post => [
                self.limiter.peek(Class::LeadFailed, meta.limit_key()),
                self.limiter.peek(Class::LeadOk, meta.limit_key()),
            ],
            // What a log-in costs is settled where its password is looked at.
            "/api/v1/auth/login" if post => {
                [self.limiter.peek(Class::LogIn, meta.limit_key()), None]
            }
            "/api/v1/auth/refresh" | "/api/v1/tokens" | "/api/v1/settings/mail/test" if post => {
                [self.limiter.take(Class::Token, meta.limit_key()), None]
            }
            "/search" if request.uri().query().is_none() => return Ok(()),
            "/search" | "/api/search" | "/api/v1/search" => {
                [self.limiter.take(Class::Search, meta.limit_key()), None]
            }
            api if api.starts_with("/api/webhooks/") => {
                [self.limiter.take(Class::Webhook, meta.limit_key()), None]
            }
            api if api.starts_with("/api/") || api == "/api" => {
                [self.limiter.take(Class::Api, meta.limit_key()), None]
            }
            _ => return Ok(()),
        };
        if let Some(decision) = decisions.into_iter().flatten().find(|d| !d.allowed) {
            return Err(limited(meta, decision));
        }
        if let Some(decision) = decisions[0] {
            meta.show_limit(decision);
        }
        Ok(())
    }
}

fn check_host(request: &Request<'_>, http: &HttpSettings) -> Result<(), Error> {
    let mut hosts = request.headers().get("Host");
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) if !host.is_empty() => host,
        (None, _) | (Some(_), None) => {
            return Err(Error::BadRequest("the request names no Host".into()));
        }
        _ => return Err(Error::BadRequest("the request names more than one Host".into())),
    };
    if answers(http, host) { Ok(()) } else { Err(Error::Misdirected) }
}

/// Whether requests for `host`, with or without a port, are answered under these settings.
#[must_use]
pub fn answers(http: &HttpSettings, host: &str) -> bool {
    let name = without_port(host);
    http.allowed_hosts.iter().any(|ours| ours.eq_ignore_ascii_case(name))
}

/// `https://site.example/path?query` for a visitor whom a trusted proxy saw on plain http.
fn https_twin(request: &Request<'_>, meta: &Meta, http: &HttpSettings) -> Option<String> {
    let plain = forwarded_proto(request).is_some_and(|p| p.eq_ignore_ascii_case("http"));
    // A monitor inside asks for the health itself, not for the way to it.
    let health = routed_path(request).starts_with("/health");
    if !plain || meta.https || health {
        return None;
    }
    let peer = request.remote()?.ip();
    let believed = http.trusted_proxies.iter().any(|range| range.contains(peer));
    let base = https_base(http).filter(|_| believed)?;
    Some(format!("{base}{}", request.uri()))
}

/// The error of a client that is over its limit, with the headers remembered for the answer.
pub fn limited(meta: &Meta, decision: Decision) -> Error {
    meta.show_limit(decision);
    Error::TooMany { retry_after_s: decision.reset_s }
}

/// Where plain-http visitors are sent: `https://site.example`, never a name from the request.
fn https_base(http: &HttpSettings) -> Option<String> {
    if let Some(domain) = &http.domain {
        return Some(format!("https://{domain}"));
    }
    let site = http.frontend_url.as_ref().filter(|url| url.scheme() == "https")?;
    Some(site.origin().ascii_serialization())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // `[::1]` ends in a bracket, `[::1]:80` does not.
        Some((name, port)) if !name.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Public pages are cached and carry no token, so a form is accepted only when the browser says
/// that it stands on our own site. Programs that send neither header are not browsers.
fn check_same_site(request: &Request<'_>, http: &HttpSettings) -> Result<(), Error> {
    let changes =
        matches!(request.method(), Method::Post | Method::Put | Method::Patch | Method::Delete);
    if !changes || routed_path(request).starts_with("/api/") {
        return Ok(());
    }
    match request.headers().get_one("Sec-Fetch-Site") {
        Some("same-origin" | "none") => return Ok(()),
        Some(_) => return Err(Error::CrossSite),
        None => {}
    }
    let Some(origin) = request.headers().get_one("Origin") else { return Ok(()) };
    let host = request.headers().get_one("Host").unwrap_or_default();
    let own = origin.split_once("://").is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(host));
    if own || http.allowed_origins.iter().any(|allowed| allowed == origin) {
        Ok(())
    } else {
        Err(Error::CrossSite)
    }
}

#[rocket::async_trait]
impl Fairing for Door {
    fn info(&self) -> Info {
        Info { name: "door", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, data: &mut Data<'_>) {
        let renamed = names_a_method(request, data).await;
        let target = {
            let request = &*request;
            let settings = self.live.now();
            let http = &settings.http;
            let meta = Meta::read(request, http, &self.in_flight);
            if renamed {
                let why = "a form here has no field _method";
                let _ = meta.refused.set(Error::BadRequest(why.into()));
                Some(refusal_of(request))
            } else if let Err(error) = self.look(request, meta, http) {
                let _ = meta.refused.set(error);
                Some(refusal_of(request))
            } else if let Some(twin) = https_twin(request, meta, http) {
                let _ = meta.refused.set(Error::Moved { to: twin });
                Some(refusal_of(request))
            } else if let Some(english) = hidden_language(request, &settings.site) {
                let _ = meta.refused.set(Error::Moved { to: english });
                Some(refusal_of(request))
            } else if let Some(plain) = one_spelling(request) {
                let _ = meta.refused.set(Error::Moved { to: plain });
                Some(refusal_of(request))
            } else if cors::is_preflight(request) {
                let _ = meta.preflight.set(());
                Some(Origin::path_only("/-/preflight"))
            } else {
                None
            }
        };
        if let Some(target) = target {
            request.set_uri(target);
            if renamed || request.method() != Method::Head {
                request.set_method(Method::Get);
            }
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let meta = Meta::of(request);
        headers::secure(response, meta.https);
        let path = routed_path(request);
        if path.starts_with("/api") || path == "/-/preflight" {
            cors::answer(request, response, &self.live.now().http);
        }
        if let Some(decision) = meta.shown_limit() {
            for (name, value) in decision.headers(self.limiter.headers()) {
                response.set_header(Header::new(name, value));
            }
        }
        if response.status().code == 404
            && is_page_read(request)
            && let Some(to) = (self.find_elsewhere)(path.clone().into_owned()).await
        {
            response.set_status(Status::PermanentRedirect);
            response.set_header(Header::new("Location", to));
            response.set_header(Header::new("Cache-Control", "no-store"));
            response.set_sized_body(0, std::io::Cursor::new(Vec::new()));
        }
        let status = response.status().code;
        let is_kept_silently =
            path.starts_with("/admin") && !response.headers().contains("Cache-Control");
        if is_kept_silently || matches!(status, 301 | 302 | 303 | 307) {
            response.set_header(Header::new("Cache-Control", "no-store"));
        }
        response.set_header(Header::new("X-Request-Id", meta.id().to_owned()));
        if status == 404 && request.method() == Method::Get {
            (self.on_missing)(&path);
        }
        log::access(&Access {
            method: meta.method,
            route: request
                .route()
                .map(|route| route.uri.as_str())
                .filter(|template| !template.contains("/-/"))
                .unwrap_or("-"),
            status,
            micros: u64::try_from(meta.started.elapsed().as_micros()).unwrap_or(u64::MAX),
            bytes: response.body().preset_size().unwrap_or(0) as u64,
            request_id: meta.id(),
            client: meta.truncated_client(),
        });
    }
}

/// The English address of a page in a language that the owner does not show.
fn hidden_language(request: &Request<'_>, site: &SiteSettings) -> Option<String> {
    let (lang, path) = Lang::of_path(request.uri().path().as_str());
    if site.speaks(lang) || !is_page_read(request) {
        return None;
    }
    // A second slash in front would make it the address of another host.
    let path = format!("/{}", path.trim_start_matches(['/', '\\']));
    Some(match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    })
}

/// Whether this asks for a page: not for the API, not for a file whose name is its own spelling.
fn is_page_read(request: &Request<'_>) -> bool {
    let path = routed_path(request).to_ascii_lowercase();
    let machine = ["/api", "/static/", "/media/", "/theme/", "/art/", "/-/", "/.well-known/"];
    matches!(request.method(), Method::Get | Method::Head)
        && !machine.iter().any(|folder| path.starts_with(folder))
}

/// The one spelling of a page's address: lower case, without a slash at the end.
fn one_spelling(request: &Request<'_>) -> Option<String> {
    // As sent: what is decoded could hold a line break.
    let path = request.uri().path().as_str();
    let has_end = path.len() > 1 && path.ends_with('/');
    let is_plain = !has_end && !path.bytes().any(|b| b.is_ascii_uppercase());
    // Tokens in links of mails are case-sensitive.
    let token = ["/confirm/", "/unsubscribe/", "/admin"];
    if is_plain
        || path.contains('\\')
        || !is_page_read(request)
        || token.iter().any(|t| path.starts_with(t))
    {
        return None;
    }
    // A second slash in front would make it the address of another host.
    let plain = format!("/{}", path.to_ascii_lowercase().trim_matches('/'));
    // Only where it leads to a page: nobody is sent from one missing address to another.
    let asked: Vec<&str> = plain.split('/').filter(|segment| !segment.is_empty()).collect();
    let leads = |route: &Route| {
        route.method == Method::Get && !is_open(route) && fits(route.uri.path(), &asked)
    };
    if !request.rocket().routes().any(leads) {
        return None;
    }
    match request.uri().query() {
        Some(query) => Some(format!("{plain}?{query}")),
        None => Some(plain),
    }
}

/// Rocket lets the first field of a form name another method, before any fairing is asked. Ours
/// never do, and a POST turned into a HEAD is answered with a length and no body.
async fn names_a_method(request: &Request<'_>, data: &mut Data<'_>) -> bool {
    const FIELD: &[u8] = b"_method=";
    let is_form = request.content_type().is_some_and(|kind| kind.is_form());
    is_form && data.peek(FIELD.len()).await.starts_with(FIELD)
}

/// Where a refused request goes: to the page or to the problem.
fn refusal_of(request: &Request<'_>) -> Origin<'static> {
    let api = routed_path(request).starts_with("/api");
    Origin::path_only(if api { "/api/-/refused" } else { "/-/refused" })
}

/// Where the door sends what it turns away. Reached from outside they are ordinary 404s.
pub fn routes() -> Vec<Route> {
    routes![refused, refused_api, preflight]
}

#[get("/-/refused")]
fn refused(meta: &Meta) -> Result<(), super::page::Oops> {
    Err(super::page::Oops(reason(meta)))
}

#[get("/api/-/refused")]
fn refused_api(meta: &Meta) -> Result<(), Problem> {
    Err(Problem(reason(meta)))
}

/// The answer to a CORS preflight; the headers are set on the way out.
#[get("/-/preflight")]
fn preflight(meta: &Meta) -> Option<rocket::response::status::NoContent> {
    meta.preflight.get().map(|()| rocket::response::status::NoContent)
}

fn reason(meta: &Meta) -> Error {
    meta.refused.get().cloned().unwrap_or(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_cut_from_names_and_from_both_kinds_of_addresses() {
        for (host, name) in [
            ("site.example", "site.example"),
            ("site.example:8000", "site.example"),
            ("127.0.0.1:8000", "127.0.0.1"),
            ("[::1]:8000", "[::1]"),
            ("[::1]", "[::1]"),
            ("site.example:80:81", "site.example:80"),
            ("x@y:z", "x@y:z"),
        ] {
            assert_eq!(without_port(host), name);
        }
    }
}
