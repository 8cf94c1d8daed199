//! The pages that belong to no other part: home, pages in Markdown, the index of the API; and the
//! site's own words, which every page shows.

pub mod admin;
pub mod api;
pub mod edit;
pub mod home;
pub mod model;
pub mod pages;
pub mod sections;
pub mod store;
pub mod view;
pub mod words;
pub mod written;

use std::sync::Arc;

use rocket::{Route, routes};

pub use store::{SeedTexts, listed, owner, read_seed, seed};

use crate::business::theme;
use crate::platform::clock;
use crate::platform::config::Live;
use crate::platform::http::site::LoadSite;
use crate::platform::http::{Link, SiteView};
use crate::platform::lang::Lang;

/// Addresses of the site, mounted once for each language.
pub fn routes() -> Vec<Route> {
    routes![pages::home, pages::privacy, pages::terms, pages::own]
}

/// Addresses below `/api`.
pub fn api_routes() -> Vec<Route> {
    routes![api::index, api::site]
}

/// Addresses below `/api/v1`, for whoever edits.
pub fn editing_routes() -> Vec<Route> {
    routes![
        written::list,
        written::show,
        written::create,
        written::update,
        written::remove,
        words::show_owner,
        words::update_owner,
        words::show_site,
        words::update_site,
        home::show,
        home::update,
    ]
}

/// How the site's own words are read; name and address come from the settings of now.
#[must_use]
pub fn loader(live: &Live) -> LoadSite {
    let live = live.clone();
    Box::new(move |conn| {
        let (name, base_url, hidden) = {
            let settings = live.now();
            (settings.site.app_name.clone(), settings.http.base_url(), settings.site.hidden.clone())
        };
        let owner = store::owner(conn)?;
        let theme = theme::worn(conn)?;
        let mut view = |lang: Lang| -> Result<_, crate::platform::error::Error> {
            let texts = store::site_texts(conn, lang)?;
            Ok(Arc::new(SiteView {
                name: name.clone(),
                tagline: texts.tagline,
                owner_name: owner.owner_name.clone(),
                owner_address: owner.owner_address.clone(),
                contact_email: owner.contact_email.clone(),
                base_url: base_url.clone(),
                year: clock::year(clock::now_ms()),
                ways: ways(lang, &texts.nav),
                footer: store::footer(conn, lang)?.links.unwrap_or_else(|| texts.nav.clone()),
                nav: texts.nav,
                consent_text: texts.consent_text,
                consent_version: texts.consent_version,
                hidden: hidden.clone(),
                theme: theme.clone(),
            }))
        };
        Ok([view(Lang::En)?, view(Lang::Es)?, view(Lang::Pt)?])
    })
}

/// Where somebody who found nothing is sent: the first two of the menu, and home.
fn ways(lang: Lang, nav: &[Link]) -> Vec<Link> {
    let home = Link { label: lang.words().site.home.to_string(), path: "/".into() };
    nav.iter().take(2).cloned().chain([home]).collect()
}
