//! `GET /api/v1`: where everything is, and what the guide's smoke test asks for; and
//! `GET /api/v1/site`: what a front end says on every page.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, get};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::platform::http::{
    Api, Cached, Json, PageCache, Query, RawQuery, Rendered, SiteView, Sites,
};
use crate::platform::lang::Lang;

#[derive(OpenApi)]
#[openapi(paths(index, site), tags((name = "Site", description = "What is where, and what every page says.")))]
pub struct Described;

/// Where everything is.
#[derive(Serialize, ToSchema)]
pub struct Index {
    #[schema(example = "Manuel Manero")]
    name: String,
    /// Of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
    #[schema(example = "/api/v1/programs")]
    programs: &'static str,
    #[schema(example = "/api/v1/articles")]
    articles: &'static str,
    #[schema(example = "/api/v1/search")]
    search: &'static str,
    #[schema(example = "/api/v1/site")]
    site: &'static str,
    #[schema(example = "/api/v1/leads")]
    leads: &'static str,
    #[schema(example = "/api/v1/openapi.json")]
    openapi: &'static str,
    #[schema(example = "/api/docs")]
    documentation: &'static str,
    #[schema(example = "/health")]
    health: &'static str,
}

/// The site's own words in one language.
#[derive(Serialize, ToSchema)]
pub struct Site {
    #[schema(example = "Manuel Manero")]
    name: String,
    #[schema(example = "Say plainly what you stand for.")]
    tagline: String,
    #[schema(value_type = Lang)]
    lang: &'static str,
    languages: Vec<SiteLanguage>,
    owner: SiteOwner,
    /// Empty when there is none.
    #[schema(example = "hello@example.com")]
    contact_email: String,
    /// Scheme and host of the pages, without a slash at the end.
    #[schema(example = "https://example.com")]
    base_url: String,
    consent: Consent,
    navigation: Vec<SiteLink>,
}

#[derive(Serialize, ToSchema)]
pub struct SiteLanguage {
    #[schema(value_type = Lang)]
    code: &'static str,
    /// As its speakers call it.
    #[schema(example = "English")]
    name: &'static str,
    /// Path of the home page.
    #[schema(example = "/")]
    url: String,
}

#[derive(Serialize, ToSchema)]
pub struct SiteOwner {
    #[schema(example = "Manuel Manero")]
    name: String,
    /// Postal address as in the privacy notice; may be empty.
    #[schema(example = "")]
    address: String,
}

/// What a visitor agrees to, word for word.
#[derive(Serialize, ToSchema)]
pub struct Consent {
    #[schema(example = "Yes, write to me by email.")]
    text: String,
    /// Changes whenever the words change.
    #[schema(example = "2026-10-05")]
    version: String,
}

#[derive(Serialize, ToSchema)]
pub struct SiteLink {
    #[schema(example = "Programs")]
    label: String,
    #[schema(example = "/programs")]
    url: String,
}

/// The index of the API: where everything is.
#[utoipa::path(
    get, path = "/api/v1", operation_id = "index", tag = "Site",
    responses((status = 200, description = "Paths of everything.", body = Index))
)]
#[get("/v1")]
pub async fn index(sites: &State<Arc<Sites>>) -> Api<Json<Index>> {
    let site = sites.current(Lang::En).await?;
    Ok(Json(
        Status::Ok,
        Index {
            name: site.name.clone(),
            version: env!("CARGO_PKG_VERSION"),
            programs: "/api/v1/programs",
            articles: "/api/v1/articles",
            search: "/api/v1/search",
            site: "/api/v1/site",
            leads: "/api/v1/leads",
            openapi: "/api/v1/openapi.json",
            documentation: "/api/docs",
            health: "/health",
        },
    ))
}

/// The site's name, owner, languages, consent and navigation.
#[utoipa::path(
    get, path = "/api/v1/site", operation_id = "showSite", tag = "Site",
    params(("lang" = Option<Lang>, Query, description = "The language of the words; English when absent.")),
    responses((status = 200, description = "The site.", body = Site, headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/v1/site")]
pub async fn site(
    pages: &State<PageCache>,
    sites: &State<Arc<Sites>>,
    raw: RawQuery,
) -> Api<Cached> {
    let mut asked = Query::read(&raw);
    let lang = asked.word("lang").unwrap_or(Lang::En);
    asked.end()?;
    let sites = Arc::clone(sites.inner());
    let shown = pages
        .get(&format!("/api/v1/site?{}", lang.code()), move |conn| {
            let view = sites.view(conn, lang)?;
            Rendered::public_json(&Site::new(&view, lang))
        })
        .await?;
    Ok(shown)
}

impl Site {
    fn new(view: &SiteView, lang: Lang) -> Self {
        let language = |l: Lang| SiteLanguage {
            code: l.code(),
            name: l.words().site.name_of_language.as_str(),
            url: l.path("/"),
        };
        Self {
            name: view.name.clone(),
            tagline: view.tagline.clone(),
            lang: lang.code(),
            languages: Lang::ALL.into_iter().map(language).collect(),
            owner: SiteOwner { name: view.owner_name.clone(), address: view.owner_address.clone() },
            contact_email: view.contact_email.clone(),
            base_url: view.base_url.clone(),
            consent: Consent {
                text: view.consent_text.clone(),
                version: view.consent_version.clone(),
            },
            navigation: view
                .nav
                .iter()
                .map(|link| SiteLink { label: link.label.clone(), url: lang.path(&link.path) })
                .collect(),
        }
    }
}
