//! `/programs` and a page for each.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get};

use super::model::ProgramView;
use super::store;
use crate::business::leads::{ConsentText, LeadFormView};
use crate::platform::db::Conn;
use crate::platform::http::{Cached, Page, PageCache, Rendered, Shell, SiteView};

#[derive(Template)]
#[template(path = "programs/list.html")]
struct ListPage {
    shell: Shell,
    programs: Vec<ProgramView>,
}

#[derive(Template)]
#[template(path = "programs/show.html")]
struct ShowPage {
    shell: Shell,
    program: ProgramView,
    form: LeadFormView,
}

#[get("/programs")]
pub async fn list(pages: &State<PageCache>, site: &State<Arc<SiteView>>) -> Page<Cached> {
    let site = Arc::clone(site);
    let render = move |conn: &mut Conn<'_>| {
        let programs: Vec<_> = store::published(conn)?.into_iter().map(ProgramView::from).collect();
        let description = "What each program covers, how long it takes and what it costs.";
        let shell = Shell::new(&site, "/programs", "Programs", description);
        Rendered::page(&ListPage { shell, programs })
    };
    Ok(pages.get("/programs", render).await?)
}

#[get("/programs/<slug>")]
pub async fn show(
    slug: &str,
    pages: &State<PageCache>,
    site: &State<Arc<SiteView>>,
    consent: &State<Arc<ConsentText>>,
) -> Page<Cached> {
    let path = format!("/programs/{slug}");
    let (slug, site, consent) = (slug.to_owned(), Arc::clone(site), Arc::clone(consent));
    let key = path.clone();
    let render = move |conn: &mut Conn<'_>| {
        let program = ProgramView::from(store::by_slug(conn, &slug)?);
        let options = store::published(conn)?.iter().map(super::Program::option).collect();
        let form = LeadFormView::empty(&path, &program.slug, options, &consent);
        let shell = Shell::new(&site, &path, &program.name, &program.tagline);
        Rendered::page(&ShowPage { shell, program, form })
    };
    Ok(pages.get(&key, render).await?)
}
