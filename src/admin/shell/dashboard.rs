//! The frame of every page: who is here, where they are, what was just done.

use std::sync::Arc;

use jiff::tz::TimeZone;
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, State};

use super::flash::Flash;
use super::navigation::{self, Badges, Group};
use super::times;
use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::{Caller, recognise};
use crate::admin::accounts::model::Capability;
use crate::platform::clock;
use crate::platform::config::Live;
use crate::platform::crypto::random_token;
use crate::platform::db::Db;
use crate::platform::http::Meta;
use crate::platform::http::page::escape;

/// Somebody is logged in and looks at the dashboard.
#[derive(Clone)]
pub struct Dashboard {
    pub who: Caller,
    pub zone: TimeZone,
    site: String,
    rail: Vec<Group>,
    flash: Option<Flash>,
    is_https: bool,
    is_local: bool,
}

/// What `admin/base.html` needs; each page's template has it as `view`.
#[derive(Debug, Clone)]
pub struct View {
    pub title: String,
    pub site: String,
    pub rail: Vec<Group>,
    pub flash: Option<Flash>,
    pub person: String,
    pub email: String,
    pub csrf: String,
    pub zone: TimeZone,
    pub now_ms: i64,
    /// Over plain http from another machine.
    pub is_open_to_listeners: bool,
    /// Where the page stands: label and address of what is above it.
    pub above: Vec<(String, String)>,
    /// Fills the screen: an editor.
    pub is_wide: bool,
    capabilities: Vec<Capability>,
}

impl Dashboard {
    /// The frame of a page called `title`.
    #[must_use]
    pub fn view(&self, title: impl Into<String>) -> View {
        let csrf = self.who.browser().map(|browser| browser.csrf.expose().clone());
        View {
            title: title.into(),
            site: self.site.clone(),
            rail: self.rail.clone(),
            flash: self.flash.clone(),
            person: self.who.user.name.clone(),
            email: self.who.user.email.clone(),
            csrf: csrf.unwrap_or_default(),
            zone: self.zone.clone(),
            now_ms: clock::now_ms(),
            is_open_to_listeners: !self.is_https && !self.is_local,
            above: Vec::new(),
            is_wide: false,
            capabilities: self.who.capabilities(),
        }
    }

    #[must_use]
    pub fn may(&self, capability: Capability) -> bool {
        self.who.may(capability)
    }
}

#[cfg(test)]
impl View {
    /// The frame of nobody's page.
    pub(super) fn of_nobody() -> Self {
        Self {
            title: String::new(),
            site: String::new(),
            rail: Vec::new(),
            flash: None,
            person: String::new(),
            email: String::new(),
            csrf: String::new(),
            zone: TimeZone::UTC,
            now_ms: 0,
            is_open_to_listeners: false,
            above: Vec::new(),
            is_wide: false,
            capabilities: Vec::new(),
        }
    }
}

impl View {
    /// Says what the page stands below; the outermost first.
    #[must_use]
    pub fn below(mut self, label: impl Into<String>, path: impl Into<String>) -> Self {
        self.above.push((label.into(), path.into()));
        self
    }

    /// Fills the screen.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.is_wide = true;
        self
    }

    /// The hidden fields of every form.
    #[must_use]
    pub fn form(&self) -> String {
        form_fields(&self.csrf)
    }

    /// Whether whoever looks may do what has this scope, such as `leads:write`.
    #[must_use]
    pub fn may(&self, scope: &str) -> bool {
        self.capabilities.iter().any(|capability| capability.scope() == scope)
    }

    /// A `<time>`: how long ago, and exactly in its title.
    #[must_use]
    pub fn time(&self, at_ms: &i64) -> String {
        let (at, zone) = (*at_ms, &self.zone);
        format!(
            "<time datetime=\"{}\" title=\"{}\">{}</time>",
            clock::rfc3339(at),
            escape(&times::exact(at, zone)),
            escape(&times::relative(at, self.now_ms, zone))
        )
    }

    /// The same for a moment that may not have been.
    #[must_use]
    pub fn time_or(&self, at_ms: &Option<i64>, nothing: &str) -> String {
        at_ms.as_ref().map_or_else(|| escape(nothing), |at| self.time(at))
    }
}

/// The token of the session, and one for this form alone.
#[must_use]
pub fn form_fields(csrf: &str) -> String {
    let once = random_token(12);
    format!(
        "<input type=\"hidden\" name=\"_csrf\" value=\"{csrf}\"><input type=\"hidden\" name=\"_once\" value=\"{once}\">"
    )
}

/// The time zone of the settings.
#[must_use]
pub fn zone_of(live: &Live) -> TimeZone {
    TimeZone::get(&live.now().site.time_zone).unwrap_or(TimeZone::UTC)
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Dashboard {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let meta = Meta::of(request);
        let who = match recognise(request).await {
            Ok(who) => who,
            Err(error) => return meta.refuse(error),
        };
        let flash = Flash::waiting(request);
        if flash.is_some() {
            request.cookies().add(Flash::said());
        }
        let Some(made) = make(request, who, flash).await else {
            return Outcome::Forward(rocket::http::Status::InternalServerError);
        };
        Outcome::Success(made)
    }
}

/// The frame for `who`; `None` when the site was put together without what it needs.
pub(super) async fn make(
    request: &Request<'_>,
    who: Caller,
    flash: Option<Flash>,
) -> Option<Dashboard> {
    let (db, live) = (request.rocket().state::<Db>()?, request.rocket().state::<Live>()?);
    let badges = match request.rocket().state::<Badges>() {
        Some(badges) => badges.now(db).await,
        None => Vec::new(),
    };
    let host = request.headers().get_one("Host").unwrap_or_default();
    Some(Dashboard {
        zone: zone_of(live),
        site: live.now().site.app_name.clone(),
        rail: navigation::rail(request, who.user.role, &badges),
        flash,
        is_https: Meta::of(request).https,
        is_local: ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host.starts_with(name)),
        who,
    })
}

/// Accounts, which every page can rely on.
pub type Accounted<'r> = &'r State<Arc<Accounts>>;

#[cfg(test)]
mod tests {
    use super::super::table::{Row, Table};
    use super::*;
    use crate::admin::shell::Asked;

    #[test]
    fn a_page_that_ended_early_leads_on() {
        let asked = Asked::read("/admin/leads", "q=ana");
        let mut table = Table::new(&View::of_nobody(), &asked, "leads", Vec::new());
        (table.looked_to, table.next) = (Some("“doc”".into()), Some("646f63-5".into()));
        for rows in
            [Vec::new(), vec![Row { id: String::new(), label: String::new(), cells: Vec::new() }]]
        {
            table.rows = rows;
            let html = table.to_string();
            assert!(
                html.contains("up to “doc”")
                    && html.contains("cursor=646f63-5\" rel=\"next\">Look")
            );
        }
    }
}
