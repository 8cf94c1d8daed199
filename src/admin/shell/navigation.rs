//! The rail: every place of the dashboard, by section. A place whose page is not there is not shown.

use std::sync::{Arc, Mutex, PoisonError};

use rocket::{Request, Rocket, Route};

use crate::admin::accounts::model::{Capability, Role};
use crate::platform::clock;
use crate::platform::db::{self, Conn, Db};

/// A part of the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Home,
    Audience,
    Content,
    Insights,
    Operate,
    Settings,
    /// On no part of the rail.
    None,
}

impl Section {
    const ALL: [Self; 6] =
        [Self::Home, Self::Audience, Self::Content, Self::Insights, Self::Operate, Self::Settings];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Audience => "Audience",
            Self::Content => "Content",
            Self::Insights => "Insights",
            Self::Operate => "Operate",
            Self::Settings => "Settings",
            Self::None => "",
        }
    }
}

/// A place of the dashboard.
pub struct Place {
    pub section: Section,
    pub path: &'static str,
    pub label: &'static str,
    /// Whoever may do this sees it; everybody when there is none.
    pub needs: Option<Capability>,
}

const fn place(
    section: Section,
    path: &'static str,
    label: &'static str,
    needs: Capability,
) -> Place {
    Place { section, path, label, needs: Some(needs) }
}

use Capability as C;
use Section::{Audience, Content, Home, Insights, Operate, Settings};

#[rustfmt::skip] // one place, one line
pub const PLACES: &[Place] = &[
    Place { section: Home, path: "/admin", label: "Home", needs: None },
    place(Audience, "/admin/leads", "Leads", C::ReadLeads),
    place(Audience, "/admin/segments", "Segments", C::ReadLeads),
    place(Audience, "/admin/sales", "Sales", C::ReadLeads),
    place(Audience, "/admin/chat", "Chat", C::ReadLeads),
    place(Audience, "/admin/privacy", "Privacy", C::ReadLeads),
    place(Content, "/admin/articles", "Articles", C::ReadContent),
    place(Content, "/admin/programs", "Programs", C::ReadContent),
    place(Content, "/admin/pages", "Pages", C::ReadContent),
    place(Content, "/admin/home", "Home page", C::ReadContent),
    place(Content, "/admin/media", "Media", C::ReadContent),
    place(Content, "/admin/quiz", "Quiz", C::ReadContent),
    place(Content, "/admin/navigation", "Navigation", C::ReadContent),
    place(Content, "/admin/redirects", "Redirects", C::ReadContent),
    place(Content, "/admin/missing", "Missing pages", C::ReadContent),
    place(Content, "/admin/theme", "Theme", C::ReadContent),
    place(Insights, "/admin/analytics", "Visitors", C::ReadInsights),
    place(Insights, "/admin/vitals", "Speed", C::ReadInsights),
    place(Insights, "/admin/costs", "Costs", C::ReadInsights),
    place(Operate, "/admin/releases", "Releases", C::ReadJobs),
    place(Operate, "/admin/backups", "Backups", C::ReadJobs),
    place(Operate, "/admin/uptime", "Uptime", C::ReadJobs),
    place(Operate, "/admin/errors", "Errors", C::ReadJobs),
    place(Operate, "/admin/jobs", "Jobs", C::ReadJobs),
    place(Operate, "/admin/tasks", "Tasks", C::ReadJobs),
    place(Operate, "/admin/mailbox", "Mailbox", C::ReadLeads),
    place(Operate, "/admin/log", "Log", C::ReadJobs),
    place(Operate, "/admin/queries", "Slow queries", C::ReadJobs),
    place(Settings, "/admin/settings", "Settings", C::ReadSettings),
    place(Settings, "/admin/owner", "Owner", C::ReadContent),
    place(Settings, "/admin/team", "Team", C::ManageUsers),
    place(Settings, "/admin/tokens", "Tokens", C::ManageTokens),
    place(Settings, "/admin/keys", "Keys", C::ManageKeys),
    place(Settings, "/admin/webhooks", "Webhooks", C::ManageWebhooks),
    place(Settings, "/admin/audit", "Record", C::ReadAudit),
    Place { section: Settings, path: "/admin/account", label: "Your account", needs: None },
];

/// Those of [`PLACES`] that `role` may see and that are there.
pub fn places<'r>(
    request: &'r Request<'_>,
    role: Role,
) -> impl Iterator<Item = &'static Place> + 'r {
    PLACES.iter().filter(move |place| {
        place.needs.is_none_or(|capability| role.may(capability))
            && is_there(request.rocket(), place.path)
    })
}

fn is_there(rocket: &Rocket<rocket::Orbit>, path: &str) -> bool {
    let leads =
        |route: &Route| route.method == rocket::http::Method::Get && route.uri.path() == path;
    rocket.routes().any(leads)
}

/// One line of the rail.
#[derive(Debug, Clone)]
pub struct Item {
    pub path: &'static str,
    pub label: &'static str,
    pub is_current: bool,
    /// How many things there need doing.
    pub badge: Option<i64>,
}

/// One part of the rail.
#[derive(Debug, Clone)]
pub struct Group {
    pub label: &'static str,
    pub items: Vec<Item>,
    pub is_open: bool,
}

/// The rail as `role` sees it from `path`.
pub(super) fn rail(
    request: &Request<'_>,
    role: Role,
    badges: &[(&'static str, i64)],
) -> Vec<Group> {
    let path = request.uri().path().to_string();
    let fits = |place: &&Place| {
        path == place.path
            || (place.path != "/admin" && path.starts_with(&format!("{}/", place.path)))
    };
    let there: Vec<&Place> = places(request, role).collect();
    let current = there.iter().copied().filter(fits).max_by_key(|place| place.path.len());
    let groups = Section::ALL.into_iter().map(|section| {
        let item = |place: &&Place| Item {
            path: place.path,
            label: place.label,
            is_current: current.is_some_and(|current| current.path == place.path),
            badge: badges
                .iter()
                .find(|(path, count)| *path == place.path && *count > 0)
                .map(|b| b.1),
        };
        let items = there.iter().filter(|place| place.section == section).map(item).collect();
        Group {
            label: section.label(),
            items,
            is_open: current.is_some_and(|current| current.section == section),
        }
    });
    groups.filter(|group| !group.items.is_empty()).collect()
}

/// Counts what needs doing at a place.
type Count = Arc<dyn Fn(&mut Conn<'_>) -> db::Result<i64> + Send + Sync>;

/// What needs doing, counted anew every few seconds at most.
#[derive(Default)]
pub struct Badges {
    counts: Vec<(&'static str, Count)>,
    known: Mutex<(u64, Vec<(&'static str, i64)>)>,
}

const KEPT_MS: u64 = 5_000;

impl Badges {
    /// Counts at one more place.
    #[must_use]
    pub fn counting(
        mut self,
        path: &'static str,
        count: impl Fn(&mut Conn<'_>) -> db::Result<i64> + Send + Sync + 'static,
    ) -> Self {
        self.counts.push((path, Arc::new(count)));
        self
    }

    pub(super) async fn now(&self, db: &Db) -> Vec<(&'static str, i64)> {
        let at = clock::monotonic_ms();
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.0 > at {
                return known.1.clone();
            }
        }
        let counts = self.counts.clone();
        let read: db::Result<Vec<(&'static str, i64)>> = db
            .read(move |conn| {
                counts.into_iter().map(|(path, count)| Ok((path, count(conn)?))).collect()
            })
            .await;
        let counted = read.unwrap_or_else(|error| {
            log::warn!("what needs doing could not be counted: {error}");
            Vec::new()
        });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) =
            (at + KEPT_MS, counted.clone());
        counted
    }
}
