//! `/articles`, a list for each topic, and a page for each article.

use std::path::PathBuf;

use askama::Template;
use rocket::get;
use serde_json::json;

use super::model::{
    Article, ArticleCard, Heading, Summary, Topic, topic_slug, with_headings, with_wide_tables,
};
use super::store;
use crate::business::media;
use crate::platform::clock;
use crate::platform::db::Conn;
use crate::platform::error::Error;
use crate::platform::http::{Cached, Frame, Oops, Page, RawQuery, Rendered, Shell, Visit};
use crate::platform::lang::{Lang, format};

/// Articles on one page of a list.
const SHOWN: i64 = 12;
/// Topics offered above the list.
const TOPICS: i64 = 12;
/// Articles offered below an article.
const RELATED: i64 = 3;

#[derive(Template)]
#[template(path = "articles/list.html")]
struct ListPage {
    shell: Shell,
    heading: String,
    articles: Vec<ArticleCard>,
    topics: Vec<Topic>,
    /// The topic that this list is of.
    topic: Option<String>,
    pager: Pager,
}

/// Where one is in a list of several pages.
struct Pager {
    number: i64,
    count: i64,
}

#[derive(Template)]
#[template(path = "articles/show.html")]
pub(super) struct ShowPage {
    shell: Shell,
    article: Summary,
    art: String,
    published_on: String,
    published_iso: String,
    /// When it differs from the day of publication.
    updated: Option<(String, String)>,
    reading: String,
    topics: Vec<Topic>,
    headings: Vec<Heading>,
    body_html: String,
    related: Vec<ArticleCard>,
    share: Share,
}

/// Links that hand an article on: addresses of other sites, nothing is loaded from them.
struct Share {
    email: String,
    whatsapp: String,
    linkedin: String,
}

#[get("/articles")]
pub async fn list(visit: Visit<'_>, query: RawQuery) -> Page<Cached> {
    let number = page_number(&query)?;
    let key = format!("/articles?{number}");
    let shown = visit
        .page(&key, move |conn, frame| {
            let count = store::count(conn, frame.lang)?;
            let pager = Pager::new(number, count)?;
            let found = store::of_lang(conn, frame.lang, SHOWN, (number - 1) * SHOWN)?;
            let t = &frame.t.articles;
            let shell = frame.shell("/articles", &t.title, &t.description);
            show_list(conn, &frame, pager.mark(shell), None, found, pager)
        })
        .await?;
    Ok(shown)
}

#[get("/articles/topics/<topic>")]
pub async fn topic(topic: &str, visit: Visit<'_>, query: RawQuery) -> Page<Cached> {
    let number = page_number(&query)?;
    let path = format!("/articles/topics/{topic}");
    let key = format!("{path}?{number}");
    let slug = topic.to_owned();
    let shown = visit
        .page(&key, move |conn, frame| {
            let topic = store::topic(conn, frame.lang, &slug)?;
            let pager = Pager::new(number, topic.count)?;
            let found = store::of_topic(conn, frame.lang, &slug, SHOWN, (number - 1) * SHOWN)?;
            let t = &frame.t.articles;
            let title = t.topic_title.with("topic", &topic.label);
            let description = t.topic_description.with("topic", &topic.label);
            let shell = frame.shell(&path, title, description).only_in(&[frame.lang], "/articles");
            let trail = shell.breadcrumb(&[
                (frame.t.site.home.as_str(), "/"),
                (t.title.as_str(), "/articles"),
                (&topic.label, &path),
            ]);
            let shell = pager.mark(shell).described_by(&trail);
            show_list(conn, &frame, shell, Some(slug), found, pager)
        })
        .await?;
    Ok(shown)
}

fn show_list(
    conn: &mut Conn<'_>,
    frame: &Frame,
    shell: Shell,
    topic: Option<String>,
    found: Vec<Summary>,
    pager: Pager,
) -> Result<Rendered, Error> {
    let heading = shell.title.clone();
    Rendered::page(&ListPage {
        heading,
        shell,
        articles: found.into_iter().map(ArticleCard::from).collect(),
        topics: store::topics(conn, frame.lang, TOPICS)?,
        topic,
        pager,
    })
}

/// `?page=`, from 1; other parameters come from people's links and mean nothing.
fn page_number(query: &RawQuery) -> Result<i64, Error> {
    let given = query.0.as_deref().unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(given.as_bytes()).take(32);
    let Some((_, text)) = pairs.find(|(name, _)| name == "page") else { return Ok(1) };
    // A page that cannot be is one that does not exist.
    text.parse().ok().filter(|n| (1..=100_000).contains(n)).ok_or(Error::NotFound)
}

impl Pager {
    fn new(number: i64, articles: i64) -> Result<Self, Error> {
        let count = articles.max(1).unsigned_abs().div_ceil(SHOWN.unsigned_abs()).cast_signed();
        if number > count { Err(Error::NotFound) } else { Ok(Self { number, count }) }
    }

    /// Later pages are pages of their own: they exist in this language only, with their number in
    /// the title.
    fn mark(&self, mut shell: Shell) -> Shell {
        if self.number > 1 {
            shell.query = format!("?page={}", self.number);
            let page = shell.t.articles.page_of.with("n", self.number).with("count", self.count);
            shell.title = format!("{} – {page}", shell.title);
        }
        shell
    }

    /// The query of page `number`; the first has none.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    fn query(number: &i64) -> String {
        if *number <= 1 { String::new() } else { format!("?page={number}") }
    }
}

#[get("/articles/<slug>")]
pub async fn show(slug: &str, visit: Visit<'_>) -> Page<Cached> {
    let path = format!("/articles/{slug}");
    let (slug, key) = (slug.to_owned(), path.clone());
    let shown = visit
        .page(&key, move |conn, frame| {
            let article = store::by_slug(conn, &slug)?;
            let lang = Lang::from_code(&article.summary.lang).unwrap_or(Lang::En);
            if lang != frame.lang {
                return Err(Error::Moved { to: lang.path(&path) });
            }
            Rendered::page(&article_page(conn, &frame, &path, article)?)
        })
        .await?;
    Ok(shown)
}

/// The text of an article as its page shows it, and its headings.
pub fn body_shown(
    conn: &mut Conn<'_>,
    body_html: &str,
    lang: Lang,
) -> Result<(String, Vec<Heading>), Error> {
    let pictures = media::by_names(conn, &media::names_in(body_html))?;
    let find = |name: &str| pictures.iter().find(|p| p.name == name).cloned();
    let (body_html, headings) = with_headings(&media::with_pictures(body_html, find, false));
    let table = lang.words().articles.table.as_str();
    Ok((with_wide_tables(&body_html, table), headings))
}

/// The page of an article that is not saved as it is, or not public: as visitors would see it.
pub(super) fn preview(
    conn: &mut Conn<'_>,
    frame: &Frame,
    article: Article,
) -> Result<ShowPage, Error> {
    let path = format!("/articles/{}", article.summary.slug);
    let tags = article.summary.tags.clone();
    let mut page = article_page(conn, frame, &path, article)?;
    page.shell = page.shell.unlisted();
    // The public one is there for what is public.
    page.art = format!("/admin/articles/{}/drawing", page.article.slug);
    let topic = |label: String| Topic { slug: topic_slug(&label), label, count: 0 };
    page.topics = tags.into_iter().map(topic).filter(|topic| !topic.slug.is_empty()).collect();
    Ok(page)
}

fn article_page(
    conn: &mut Conn<'_>,
    frame: &Frame,
    path: &str,
    article: Article,
) -> Result<ShowPage, Error> {
    let Article { summary, body_html } = article;
    let lang = frame.lang;
    let (body_html, headings) = body_shown(conn, &body_html, lang)?;
    let related = store::related(conn, &summary.id, RELATED)?;
    let shell = frame
        .shell(path, &summary.title, &summary.excerpt)
        .only_in(&[lang], "/articles")
        .pictured(format!("/art/articles/{}.png", summary.slug));
    let shell = described(shell, &summary);
    let day = |ms: i64| (format::date(lang, ms), clock::iso_date(ms));
    let (published_on, published_iso) = day(summary.dated());
    // A seed is stored after the day it is dated: only an edit makes an article an updated one.
    let updated = summary.edited_at.map(day).filter(|(_, iso)| *iso > published_iso);
    Ok(ShowPage {
        share: Share::of(&shell, &summary.title),
        art: format!("/art/articles/{}.svg", summary.slug),
        published_on,
        published_iso,
        updated,
        reading: frame.t.articles.minutes_long.with("n", summary.reading_minutes).into(),
        topics: store::topics_of(conn, &summary.id)?,
        headings,
        body_html,
        related: related.into_iter().map(ArticleCard::from).collect(),
        shell,
        article: summary,
    })
}

impl Share {
    fn of(shell: &Shell, title: &str) -> Self {
        let encoded = |text: &str| {
            let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            // A mail program shows a plus as it stands.
            form.replace('+', "%20")
        };
        let url = shell.url(&shell.path);
        let body = format!("{}\n\n{url}", shell.t.articles.share_email_body);
        Self {
            email: format!("mailto:?subject={}&body={}", encoded(title), encoded(&body)),
            whatsapp: format!("https://wa.me/?text={}", encoded(&format!("{title} {url}"))),
            linkedin: format!(
                "https://www.linkedin.com/sharing/share-offsite/?url={}",
                encoded(&url)
            ),
        }
    }
}

/// What search engines read: the article, and the way here.
fn described(shell: Shell, article: &Summary) -> Shell {
    let url = shell.url(&shell.path);
    let data = json!({
        "@context": "https://schema.org", "@type": "Article", "headline": article.title,
        "description": article.excerpt, "inLanguage": article.lang, "url": url,
        "mainEntityOfPage": url, "image": shell.file(&shell.picture),
        "datePublished": clock::rfc3339(article.dated()),
        "dateModified":
            clock::rfc3339(article.edited_at.unwrap_or(0).max(article.dated())),
        "keywords": article.tags,
        "author": { "@type": "Person", "name": article.author, "url": shell.file("/") },
        "publisher": { "@type": "Person", "name": shell.site.owner_name, "url": shell.file("/") },
    });
    let trail = shell.breadcrumb(&[
        (shell.t.site.home.as_str(), "/"),
        (shell.t.articles.title.as_str(), "/articles"),
        (&article.title, &shell.path),
    ]);
    let mut shell = shell.described_by(&data).described_by(&trail);
    shell.kind = "article";
    shell
}

/// `/blog` of the site that this one replaces.
#[get("/blog")]
pub fn blog_index() -> Oops {
    Oops(Error::Moved { to: "/articles".into() })
}

/// `/blog/<slug>`, whatever stood between the two: the slug is the last part.
#[get("/blog/<slug..>")]
pub fn blog(slug: PathBuf) -> Oops {
    let last = slug.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let known = crate::platform::text::is_slug(last);
    let to = if known { format!("/articles/{last}") } else { "/articles".to_owned() };
    Oops(Error::Moved { to })
}
