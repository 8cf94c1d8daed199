//! `/`, `/privacy`, `/terms`.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get};

use super::model::HomeTexts;
use crate::business::articles::{self, ArticleCard};
use crate::business::leads::{ConsentText, LeadFormView};
use crate::business::programs::{self, Program, ProgramView};
use crate::platform::db::Conn;
use crate::platform::http::{Cached, Page, PageCache, Rendered, Shell, SiteView};

/// Articles on the home page.
const LATEST: i64 = 3;

#[derive(Template)]
#[template(path = "pages/home.html")]
struct HomePage {
    shell: Shell,
    home: Arc<HomeTexts>,
    programs: Vec<ProgramView>,
    articles: Vec<ArticleCard>,
    form: LeadFormView,
}

#[derive(Template)]
#[template(path = "pages/privacy.html")]
struct PrivacyPage {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "pages/terms.html")]
struct TermsPage {
    shell: Shell,
}

#[get("/")]
pub async fn home(
    pages: &State<PageCache>,
    site: &State<Arc<SiteView>>,
    home: &State<Arc<HomeTexts>>,
    consent: &State<Arc<ConsentText>>,
) -> Page<Cached> {
    let (site, home, consent) = (Arc::clone(site), Arc::clone(home), Arc::clone(consent));
    let render = move |conn: &mut Conn<'_>| {
        let programs = programs::published(conn)?;
        let options = programs.iter().map(Program::option).collect();
        let articles = articles::newest(conn, LATEST)?;
        Rendered::page(&HomePage {
            shell: Shell::new(&site, "/", &site.name, &home.hero_lead),
            form: LeadFormView::empty("/", "", options, &consent),
            programs: programs.into_iter().map(ProgramView::from).collect(),
            articles: articles.into_iter().map(ArticleCard::from).collect(),
            home,
        })
    };
    Ok(pages.get("/", render).await?)
}

#[get("/privacy")]
pub async fn privacy(pages: &State<PageCache>, site: &State<Arc<SiteView>>) -> Page<Cached> {
    let description = "What we store about you, why, for how long, and what you can ask for.";
    let shell = Shell::new(site, "/privacy", "Privacy", description);
    Ok(pages.get("/privacy", |_| Rendered::page(&PrivacyPage { shell })).await?)
}

#[get("/terms")]
pub async fn terms(pages: &State<PageCache>, site: &State<Arc<SiteView>>) -> Page<Cached> {
    let description = "What you buy, what it costs, and how to get your money back.";
    let shell = Shell::new(site, "/terms", "Terms", description);
    Ok(pages.get("/terms", |_| Rendered::page(&TermsPage { shell })).await?)
}
