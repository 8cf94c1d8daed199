//! `/articles` and a page for each.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get};

use super::model::ArticleCard;
use super::store;
use crate::platform::clock;
use crate::platform::db::Conn;
use crate::platform::http::{Cached, Page, PageCache, Rendered, Shell, SiteView};

/// As many as one page shows; paging comes with the number of articles that needs it.
const SHOWN: i64 = 50;

#[derive(Template)]
#[template(path = "articles/list.html")]
struct ListPage {
    shell: Shell,
    articles: Vec<ArticleCard>,
}

#[derive(Template)]
#[template(path = "articles/show.html")]
struct ShowPage {
    shell: Shell,
    title: String,
    published_on: String,
    reading_minutes: i64,
    tags: Vec<String>,
    body_html: String,
}

#[get("/articles")]
pub async fn list(pages: &State<PageCache>, site: &State<Arc<SiteView>>) -> Page<Cached> {
    let site = Arc::clone(site);
    let render = move |conn: &mut Conn<'_>| {
        let articles = store::newest(conn, SHOWN)?.into_iter().map(ArticleCard::from).collect();
        let description = "Methods, worked examples and checklists for your personal brand.";
        let shell = Shell::new(&site, "/articles", "Articles", description);
        Rendered::page(&ListPage { shell, articles })
    };
    Ok(pages.get("/articles", render).await?)
}

#[get("/articles/<slug>")]
pub async fn show(
    slug: &str,
    pages: &State<PageCache>,
    site: &State<Arc<SiteView>>,
) -> Page<Cached> {
    let path = format!("/articles/{slug}");
    let (slug, site) = (slug.to_owned(), Arc::clone(site));
    let key = path.clone();
    let render = move |conn: &mut Conn<'_>| {
        let article = store::by_slug(conn, &slug)?;
        let summary = article.summary;
        Rendered::page(&ShowPage {
            shell: Shell::new(&site, &path, &summary.title, &summary.excerpt),
            title: summary.title,
            published_on: clock::long_date(summary.published_at),
            reading_minutes: summary.reading_minutes,
            tags: summary.tags,
            body_html: article.body_html,
        })
    };
    Ok(pages.get(&key, render).await?)
}
