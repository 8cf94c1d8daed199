//! DOOR 1: every address, fairing and catcher of the site.

use std::sync::Arc;

use rocket::figment::Figment;
use rocket::figment::providers::{Format, Toml};
use rocket::shield::Shield;
use rocket::{Build, Rocket};
use serde_json::Value;
use utoipa::OpenApi as _;

use crate::admin::accounts::{self, Accounts};
use crate::admin::settings::{self, Desk};
use crate::admin::shell::navigation::Badges;
use crate::admin::shell::once::Forms;
use crate::admin::shell::refused;
use crate::admin::{dashboard, entry, people};
use crate::business::mail::{self, Mailer};
use crate::business::media::{self, Shelf};
use crate::business::programs::Catalogue;
use crate::business::webhooks::Courier;
use crate::business::{
    art, articles, contact, discovery, leads, pages, privacy, programs, redirects, search, theme,
    webhooks,
};
use crate::ops::logs::{self, MissingPages};
use crate::ops::{jobs, openapi, rotation, uptime};
use crate::platform::clock;
use crate::platform::config::{Live, Settings};
use crate::platform::db::Db;
use crate::platform::db::telemetry::Telemetry;
use crate::platform::error::Error;
use crate::platform::http::in_flight::InFlight;
use crate::platform::http::{Limiter, PageCache, Retries, Sites, assets, catch, door};
use crate::platform::lang::Lang;
use crate::platform::outbox;
use crate::platform::outbox::Timetable;

/// Rocket's own keys; a `Rocket.toml` in the working directory wins over these.
const ROCKET_TOML: &str = include_str!("../Rocket.toml");

/// What the site is built from.
pub struct Parts {
    /// Of the start: where the web server listens.
    pub settings: Settings,
    pub db: Db,
    /// Has the settings of now.
    pub desk: Arc<Desk>,
    pub mailer: Arc<Mailer>,
    pub timetable: Arc<Timetable>,
    pub sites: Arc<Sites>,
    pub shelf: Arc<Shelf>,
    pub missing: Arc<MissingPages>,
    pub telemetry: Telemetry,
    pub in_flight: Arc<InFlight>,
    pub accounts: Arc<Accounts>,
    pub courier: Arc<Courier>,
}

/// The whole site, not yet listening.
pub fn build(parts: Parts) -> Rocket<Build> {
    let Parts {
        settings,
        db,
        desk,
        mailer,
        timetable,
        sites,
        shelf,
        missing,
        telemetry,
        in_flight,
        accounts,
        courier,
    } = parts;
    let live = desk.live.clone();
    let limiter = Arc::new(Limiter::new(&live));
    let badges = badges(&live);
    let on_missing = Box::new(move |path: &str| missing.note(path));
    let door =
        door::Door::new(&live, Arc::clone(&limiter), in_flight, on_missing, redirects::finder(&db));
    let site = rocket::custom(figment(&settings))
        // The door sets every security header; Rocket's own would be set once more.
        .attach(Shield::new())
        .attach(door)
        .manage(PageCache::new(&db, &live))
        .manage(Catalogue::new(&db))
        .manage(Retries::new(accounts.data_key.clone()))
        .manage(db)
        .manage(limiter)
        .manage(sites)
        .manage(shelf)
        .manage(accounts)
        .manage(courier)
        .manage(live)
        .manage(desk)
        .manage(mailer)
        .manage(timetable)
        .manage(telemetry)
        .manage(Arc::<Forms>::default())
        .manage(badges)
        .manage(openapi::Source(document))
        // Rocket compares routes in this order: the most asked for first.
        .mount("/", assets::routes())
        .mount("/", media::routes())
        .mount("/", theme::routes())
        .mount("/", art::routes())
        .mount("/", door::routes())
        .mount("/", uptime::routes())
        .mount("/", discovery::routes())
        .mount("/", articles::old_routes())
        .mount("/api", pages::api_routes())
        .mount("/api/v1", pages::editing_routes())
        .mount("/api/v1", redirects::api_routes())
        .mount("/api", leads::api_routes())
        .mount("/api/v1", programs::api_routes())
        .mount("/api/v1", articles::api_routes())
        .mount("/api", search::api_routes())
        .mount("/api", openapi::routes())
        .mount("/api/v1", media::api_routes())
        .mount("/api/v1", theme::api_routes())
        .mount("/api/v1", webhooks::api_routes())
        .mount("/api/v1", accounts::api_routes())
        .mount("/api/v1", settings::api_routes())
        .mount("/api/v1", jobs::api_routes())
        .mount("/", entry::routes())
        .mount("/", dashboard::routes())
        .mount("/", media::admin::routes())
        .mount("/", theme::admin::routes())
        .mount("/", articles::admin::routes())
        .mount("/", programs::admin::routes())
        .mount("/", pages::admin::routes())
        .mount("/", redirects::admin_routes())
        .mount("/", logs::admin_routes())
        .mount("/admin", leads::admin::routes())
        .mount("/admin", privacy::admin::routes())
        .mount("/", settings::routes())
        .mount("/", people::routes())
        .mount("/", jobs::routes())
        .mount("/", mail::routes())
        .mount("/", logs::operate_routes())
        .mount("/", webhooks::routes())
        .register("/", catch::pages())
        .register("/api", catch::api())
        .register("/admin", refused::catchers());
    // Every page stands below the prefix of each language.
    Lang::ALL.into_iter().fold(site, |site, lang| {
        let base = if lang.prefix().is_empty() { "/" } else { lang.prefix() };
        site.mount(base, pages::routes())
            .mount(base, programs::routes())
            .mount(base, articles::routes())
            .mount(base, search::routes())
            .mount(base, contact::routes())
            .mount(base, leads::routes())
            .mount(base, discovery::feed_routes())
    })
}

/// What needs doing, by the place where it is done.
fn badges(live: &Live) -> Badges {
    let live = live.clone();
    Badges::default()
        .counting("/admin/jobs", |conn| Ok(outbox::dead_or_due(conn)?.0))
        .counting("/admin/privacy", |conn| privacy::requests::overdue(conn, clock::now_ms()))
        .counting("/admin/keys", move |conn| rotation::due_soon(conn, &live.now(), clock::now_ms()))
}

/// The description of every address below `/api`, and of those on health.
///
/// # Errors
/// Only when it cannot be written as JSON.
pub fn document() -> Result<Value, Error> {
    openapi::document::document([
        pages::api::Described::openapi(),
        programs::api::Described::openapi(),
        articles::api::Described::openapi(),
        search::api::Described::openapi(),
        leads::api::Described::openapi(),
        pages::written::Described::openapi(),
        pages::words::Described::openapi(),
        redirects::api::Described::openapi(),
        media::api::Described::openapi(),
        theme::api::Described::openapi(),
        webhooks::api::Described::openapi(),
        accounts::auth::api::Described::openapi(),
        accounts::users::api::Described::openapi(),
        accounts::tokens::api::Described::openapi(),
        accounts::audit::api::Described::openapi(),
        settings::api::Described::openapi(),
        jobs::api::Described::openapi(),
        uptime::api::Described::openapi(),
        openapi::Described::openapi(),
    ])
}

/// Whether Rocket can be configured from its files.
///
/// # Errors
/// Names the key, what was found and what is expected, and the file.
pub fn check_rocket_toml(settings: &Settings) -> Result<(), String> {
    rocket::Config::try_from(figment(settings)).map(drop).map_err(|error| error.to_string())
}

/// Rocket's configuration: the embedded file, one on disk, and our address and port above both.
fn figment(settings: &Settings) -> Figment {
    Figment::from(rocket::Config::default())
        .merge(Toml::string(ROCKET_TOML).nested())
        .merge(Toml::file("Rocket.toml").nested())
        .merge(("address", settings.http.address))
        .merge(("port", settings.http.port))
}
