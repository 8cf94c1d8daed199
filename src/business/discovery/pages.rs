//! `/sitemap.xml`, `/feed.xml`, `/robots.txt`, `/llms.txt` and what stands in `/.well-known`.

use std::fmt::Write;

use rocket::get;

use super::model::{Entry, Feed, Place, absolute, index, rss, url_set};
use crate::business::{articles, media, pages, programs};
use crate::platform::clock;
use crate::platform::db::Conn;
use crate::platform::error::Error;
use crate::platform::http::{Cached, Frame, Page, RawQuery, Rendered, Visit};
use crate::platform::lang::Lang;

const XML: &str = "application/xml; charset=utf-8";
const RSS: &str = "application/rss+xml; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
/// Asked about again each time, like the pages.
const FRESH: &str = "public, no-cache";
/// Articles in one part of the map; a site with fewer has its map in one piece.
const PART: i64 = 500;
/// Articles in a feed.
const IN_FEED: i64 = 20;
/// Topics in the map for each language.
const TOPICS: i64 = 200;

/// The whole map; of a site with many articles an index of `?part=pages`, `?part=1` …, which stand
/// at the root so that they may speak for every path.
#[get("/sitemap.xml")]
pub async fn sitemap(visit: Visit<'_>, query: RawQuery) -> Page<Cached> {
    let part = Part::of(query.0.as_deref().unwrap_or_default())?;
    let key = format!("/sitemap.xml?{part:?}");
    let shown = visit
        .file(&key, move |conn, frame| {
            let base = &frame.site.base_url;
            let mut places = match part {
                Part::Whole => {
                    let count = articles::count_all(conn)?;
                    if count > PART {
                        let xml = index(base, (count + PART - 1) / PART);
                        return Ok(Rendered::new(XML, FRESH, xml.into_bytes()));
                    }
                    let mut places = of_pages(conn, &frame)?;
                    places.extend(of_articles(conn, 0)?);
                    places
                }
                Part::Pages => of_pages(conn, &frame)?,
                Part::Articles(number) => of_articles(conn, number - 1)?,
            };
            let shown = frame.site.languages();
            for place in &mut places {
                place.languages.retain(|lang| shown.contains(lang));
            }
            places.retain(|place| !place.languages.is_empty());
            if places.is_empty() {
                return Err(Error::NotFound);
            }
            Ok(Rendered::new(XML, FRESH, url_set(base, &places).into_bytes()))
        })
        .await?;
    Ok(shown)
}

/// Which part of the map is asked for.
#[derive(Debug, Clone, Copy)]
enum Part {
    Whole,
    Pages,
    /// From 1.
    Articles(i64),
}

impl Part {
    fn of(query: &str) -> Result<Self, Error> {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes()).take(32);
        match pairs.find(|(name, _)| name == "part").as_ref().map(|(_, value)| value.as_ref()) {
            None => Ok(Self::Whole),
            Some("pages") => Ok(Self::Pages),
            Some(number) => match number.parse() {
                Ok(number @ 1..=100_000) => Ok(Self::Articles(number)),
                _ => Err(Error::NotFound),
            },
        }
    }
}

/// Everything but the articles themselves.
fn of_pages(conn: &mut Conn<'_>, frame: &Frame) -> Result<Vec<Place>, Error> {
    let everywhere = |path: &str| Place {
        path: path.to_owned(),
        languages: Lang::ALL.to_vec(),
        updated_at: None,
        pictures: Vec::new(),
    };
    let mut places = vec![everywhere("/"), everywhere("/programs")];
    for program in programs::published(conn, frame.lang)? {
        places.push(Place {
            languages: programs::languages(conn, &program.slug)?,
            updated_at: Some(program.updated_at),
            pictures: vec![format!("/art/programs/{}.png", program.slug)],
            path: format!("/programs/{}", program.slug),
        });
    }
    places.push(everywhere("/articles"));
    for lang in Lang::ALL {
        for topic in articles::topics(conn, lang, TOPICS)? {
            let path = format!("/articles/topics/{}", topic.slug);
            places.push(Place { languages: vec![lang], ..everywhere(&path) });
        }
    }
    places.push(everywhere("/contact"));
    for page in pages::listed(conn)? {
        let Some(lang) = Lang::from_code(&page.lang) else { continue };
        let path = format!("/{}", page.slug);
        match places.iter_mut().find(|place| place.path == path) {
            Some(place) => {
                place.languages.push(lang);
                place.updated_at = place.updated_at.max(Some(page.updated_at));
            }
            None => places.push(Place {
                languages: vec![lang],
                updated_at: Some(page.updated_at),
                ..everywhere(&path)
            }),
        }
    }
    Ok(places)
}

fn of_articles(conn: &mut Conn<'_>, part: i64) -> Result<Vec<Place>, Error> {
    let mut places = Vec::new();
    for article in articles::mapped(conn, part, PART)? {
        let Some(lang) = Lang::from_code(&article.lang) else { continue };
        let mut pictures = vec![format!("/art/articles/{}.png", article.slug)];
        if !article.pictures.is_empty() {
            let found = media::by_names(conn, &article.pictures)?;
            pictures.extend(found.iter().map(media::Picture::src));
        }
        places.push(Place {
            path: format!("/articles/{}", article.slug),
            languages: vec![lang],
            updated_at: Some(article.updated_at),
            pictures,
        });
    }
    Ok(places)
}

#[get("/feed.xml")]
pub async fn feed(visit: Visit<'_>) -> Page<Cached> {
    let shown = visit
        .file("/feed.xml", |conn, frame| {
            let (base, lang) = (&frame.site.base_url, frame.lang);
            let mut entries = Vec::new();
            for summary in articles::newest(conn, lang, IN_FEED)? {
                let article = articles::by_slug(conn, &summary.slug)?;
                let pictures = media::by_names(conn, &media::names_in(&article.body_html))?;
                let find = |name: &str| pictures.iter().find(|p| p.name == name).cloned();
                let html = media::with_pictures(&article.body_html, find, false);
                let url = format!("{base}{}", lang.path(&format!("/articles/{}", summary.slug)));
                entries.push(Entry {
                    body_html: absolute(&html, base, &url),
                    url,
                    published_at: summary.dated(),
                    title: summary.title,
                    summary: summary.excerpt,
                    author: summary.author,
                    topics: summary.tags,
                });
            }
            let t = &frame.t.articles;
            let xml = rss(&Feed {
                lang,
                title: t.feed_title.with("site", &frame.site.name).into(),
                description: t.description.to_string(),
                home_url: format!("{base}{}", lang.path("/articles")),
                own_url: format!("{base}{}", lang.path("/feed.xml")),
                entries,
            });
            Ok(Rendered::new(RSS, FRESH, xml.into_bytes()))
        })
        .await?;
    Ok(shown)
}

#[get("/robots.txt")]
pub async fn robots(visit: Visit<'_>) -> Page<Cached> {
    let shown = visit
        .file("/robots.txt", |_, frame| {
            let text = format!(
                "User-agent: *\nDisallow: /admin\nDisallow: /api/\nDisallow: /search\n\
                 Disallow: /es/search\nDisallow: /pt/search\n\nSitemap: {}/sitemap.xml\n",
                frame.site.base_url
            );
            Ok(Rendered::new(TEXT, FRESH, text.into_bytes()))
        })
        .await?;
    Ok(shown)
}

/// What a language model should know of this site, and where it reads on (llmstxt.org).
#[get("/llms.txt")]
pub async fn llms(visit: Visit<'_>) -> Page<Cached> {
    let shown = visit
        .file("/llms.txt", |conn, frame| {
            let base = &frame.site.base_url;
            let mut text = format!("# {}\n\n> {}\n", frame.site.name, frame.site.tagline);
            let t = frame.t;
            let _ = write!(text, "\n## {}\n\n", t.programs.title);
            for program in programs::published(conn, frame.lang)? {
                let view = programs::ProgramView::new(program, frame.lang);
                let _ = writeln!(
                    text,
                    "- [{}]({base}/programs/{}): {} {}, {}.",
                    view.name, view.slug, view.tagline, view.price, view.duration
                );
            }
            for lang in frame.site.languages() {
                let newest = articles::newest(conn, lang, 100)?;
                if newest.is_empty() {
                    continue;
                }
                let words = lang.words();
                let _ = write!(
                    text,
                    "\n## {} ({})\n\n",
                    words.articles.title, words.site.name_of_language
                );
                for article in newest {
                    let path = lang.path(&format!("/articles/{}", article.slug));
                    let (title, excerpt) = (article.title, article.excerpt);
                    let _ = writeln!(text, "- [{title}]({base}{path}): {excerpt}");
                }
            }
            let _ = write!(
                text,
                "\n## Optional\n\n- [{}]({base}/contact)\n- [{}]({base}/privacy)\n- [{}]({base}/terms)\n",
                t.contact.title, t.site.privacy, t.site.terms
            );
            Ok(Rendered::new(TEXT, FRESH, text.into_bytes()))
        })
        .await?;
    Ok(shown)
}

/// RFC 9116. It must expire within a year; the date moves with the month, so that the text stays
/// the same for a while.
#[get("/.well-known/security.txt")]
pub async fn security(visit: Visit<'_>) -> Page<Cached> {
    let (year, month, _) = clock::civil_date(clock::now_ms());
    let months = i64::from(year) * 12 + i64::from(month) - 1 + 9;
    let expires = format!("{:04}-{:02}-01T00:00:00Z", months / 12, months % 12 + 1);
    let key = format!("/.well-known/security.txt {expires}");
    let shown = visit
        .file(&key, move |_, frame| {
            let base = &frame.site.base_url;
            let mut text = String::new();
            if !frame.site.contact_email.is_empty() {
                let _ = writeln!(text, "Contact: mailto:{}", frame.site.contact_email);
            }
            let _ = write!(
                text,
                "Contact: {base}/contact\nExpires: {expires}\nPreferred-Languages: en, es, pt\n\
                 Canonical: {base}/.well-known/security.txt\n"
            );
            Ok(Rendered::new(TEXT, FRESH, text.into_bytes()))
        })
        .await?;
    Ok(shown)
}

/// Global Privacy Control: the signal is honoured, because nothing is sold or shared at all.
#[get("/.well-known/gpc.json")]
pub async fn gpc(visit: Visit<'_>) -> Page<Cached> {
    let shown = visit
        .file("/.well-known/gpc.json", |conn, _| {
            let dated = pages::listed(conn)?
                .iter()
                .filter(|p| p.slug == "privacy")
                .map(|p| p.dated_at)
                .max();
            let body = serde_json::json!({
                "gpc": true, "lastUpdate": clock::iso_date(dated.unwrap_or_default()),
            });
            Rendered::public_json(&body)
        })
        .await?;
    Ok(shown)
}
