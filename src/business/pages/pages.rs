//! `/`, `/privacy`, `/terms`.

use askama::Template;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, get};
use serde_json::json;

use super::model::{HomeTexts, Owner, RESERVED, with_owner};
use super::store;
use crate::business::articles::{self, ArticleCard};
use crate::business::leads::LeadFormView;
use crate::business::programs::{self, Program, ProgramView};
use crate::platform::db::Conn;
use crate::platform::error::Error;
use crate::platform::http::page::write;
use crate::platform::http::{Cached, Frame, Page, Rendered, Shell, Visit};
use crate::platform::lang::format;
use crate::platform::text::is_slug;

/// Articles on the home page.
const LATEST: i64 = 3;

#[derive(Template)]
#[template(path = "pages/home.html")]
struct HomePage {
    shell: Shell,
    home: HomeTexts,
    sections: Vec<&'static str>,
    programs: Vec<ProgramView>,
    articles: Vec<ArticleCard>,
    form: LeadFormView,
}

#[derive(Template)]
#[template(path = "pages/markdown.html")]
struct MarkdownView {
    shell: Shell,
    dated_on: String,
    dated_iso: String,
    body_html: String,
}

#[get("/")]
pub async fn home(visit: Visit<'_>) -> Page<Cached> {
    Ok(visit.page("/", |conn, frame| Rendered::page(&home_page(conn, frame)?)).await?)
}

/// The home page in a frame of somebody's own, for a look at what is not worn yet. Search engines leave it out.
pub fn home_html(conn: &mut Conn<'_>, frame: Frame) -> Result<String, Error> {
    let page = home_page(conn, frame)?;
    write(&HomePage { shell: page.shell.unlisted(), ..page })
}

fn home_page(conn: &mut Conn<'_>, frame: Frame) -> Result<HomePage, Error> {
    let home = store::home_texts(conn, frame.lang)?;
    let sections = store::sections(conn)?.shown();
    let programs = programs::published(conn, frame.lang)?;
    let options = programs.iter().map(Program::option).collect();
    let articles = articles::newest(conn, frame.lang, LATEST)?;
    let shell = frame.shell("/", &frame.site.name, &home.hero_lead);
    Ok(HomePage {
        form: LeadFormView::empty("/", "", options, &frame.site),
        shell: identity(shell),
        programs: programs.into_iter().map(|p| ProgramView::new(p, frame.lang)).collect(),
        articles: articles.into_iter().map(ArticleCard::from).collect(),
        home,
        sections,
    })
}

/// Who speaks here, for search engines: the site, the person, and the brand.
fn identity(shell: Shell) -> Shell {
    let (site, home) = (&shell.site, shell.url("/"));
    let root = format!("{}/", site.base_url);
    let person = format!("{root}#person");
    let mut organisation = json!({
        "@type": "Organization", "@id": format!("{root}#organization"), "name": site.name,
        "url": root, "logo": shell.file("/art/site.png"), "founder": { "@id": person },
    });
    if !site.contact_email.is_empty() {
        organisation["email"] = json!(site.contact_email);
    }
    let data = json!({ "@context": "https://schema.org", "@graph": [
        {
            "@type": "WebSite", "@id": format!("{root}#site"), "name": site.name, "url": home,
            "inLanguage": shell.lang.code(), "publisher": { "@id": person },
        },
        {
            "@type": "Person", "@id": person, "name": site.owner_name, "url": root,
            "description": site.tagline,
            "worksFor": { "@id": format!("{root}#organization") },
        },
        organisation,
    ]});
    shell.described_by(&data)
}

#[get("/privacy")]
pub async fn privacy(visit: Visit<'_>) -> Page<Cached> {
    markdown(visit, "privacy").await
}

#[get("/terms")]
pub async fn terms(visit: Visit<'_>) -> Page<Cached> {
    markdown(visit, "terms").await
}

/// The last part of an address, where a page of the owner's can be called so.
pub struct OwnSlug;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for OwnSlug {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let last = request.uri().path().segments().last().unwrap_or_default();
        if is_slug(last) && !RESERVED.contains(&last) {
            return Outcome::Success(Self);
        }
        // The catcher knows what else there is at this address.
        Outcome::Forward(Status::NotFound)
    }
}

/// A page of the owner's own; asked when nothing else fits.
#[get("/<slug>", rank = 30)]
pub async fn own(_fits: OwnSlug, visit: Visit<'_>, slug: &str) -> Page<Cached> {
    markdown(visit, slug).await
}

async fn markdown(visit: Visit<'_>, slug: &str) -> Page<Cached> {
    let path = format!("/{slug}");
    let (key, slug) = (path.clone(), slug.to_owned());
    let shown = visit
        .page(&key, move |conn, frame| {
            let page = store::page(conn, &slug, frame.lang)?;
            let languages = store::languages(conn, &slug)?;
            let owner = Owner {
                owner_name: frame.site.owner_name.clone(),
                owner_address: frame.site.owner_address.clone(),
                contact_email: frame.site.contact_email.clone(),
            };
            let contact = frame.lang.path("/contact");
            Rendered::page(&MarkdownView {
                shell: frame.shell(&path, &page.title, &page.description).only_in(&languages, "/"),
                dated_on: format::date(frame.lang, page.dated_at),
                dated_iso: crate::platform::clock::iso_date(page.dated_at),
                body_html: with_owner(&page.body_html, &frame.site.name, &owner, &contact, frame.t),
            })
        })
        .await?;
    Ok(shown)
}
