//! What machines ask for: the map of the site, feeds, robots, security, privacy signals.

use std::collections::BTreeSet;

use manero::platform::clock::now_ms;
use manero::platform::lang::Lang;

use crate::app::{Answer, TestApp, get};
use crate::articles::{Piece, publish};
use crate::languages::{attribute, read, tags};

const BASE: &str = "http://127.0.0.1:8000";

/// Asserts that every element is closed in the right order, and returns the text.
fn well_formed(answer: &Answer) -> &str {
    let xml = answer.text();
    let mut open: Vec<&str> = Vec::new();
    let (_, rest) = xml.split_once("?>").expect("an XML declaration");
    for piece in rest.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("<{piece} has no end"));
        let entities = text.split('&').skip(1).chain(tag.split('&').skip(1));
        for entity in entities {
            let known = ["amp;", "lt;", "gt;", "quot;", "#39;"];
            assert!(known.iter().any(|name| entity.starts_with(name)), "&{entity}");
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed in the wrong order");
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    xml
}

/// The texts of all elements called `name`.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let rests = xml.split(open.as_str()).skip(1);
    rests.map(|rest| read(rest.split(close.as_str()).next().unwrap())).collect()
}

fn path_of(url: &str) -> &str {
    let path = url.strip_prefix(BASE).unwrap_or_else(|| panic!("{url} is of another site"));
    assert!(path.starts_with('/'), "{url}");
    path
}

#[test]
fn the_map_has_every_page_in_every_language_and_nothing_unlisted() {
    let app = TestApp::start();
    publish(&app, vec![Piece::new("solo", "pt", "Só em português").on(&["tema raro"])]);
    let answer = app.get("/sitemap.xml");
    assert_eq!(answer.header("Content-Type"), Some("application/xml; charset=utf-8"));
    let xml = well_formed(&answer);
    let places = elements(xml, "loc");
    let known: BTreeSet<&str> = places.iter().map(|url| path_of(url)).collect();
    assert_eq!(known.len(), places.len(), "each stands there once");
    for page in ["/", "/programs", "/programs/prime", "/articles", "/contact", "/privacy", "/terms"]
    {
        for lang in Lang::ALL {
            let path = lang.path(page);
            assert!(known.contains(path.as_str()), "{path} is missing");
        }
    }
    for path in ["/pt/articles/solo", "/pt/articles/topics/tema-raro", "/articles/two-hours-a-week"]
    {
        assert!(known.contains(path), "{path} is missing");
    }
    assert!(!known.contains("/articles/solo") && !known.contains("/articles/topics/tema-raro"));
    for path in &known {
        let page = app.get(path);
        let html = page.page(200);
        assert!(!html.contains("content=\"noindex\""), "{path} is not to be listed");
        let own = tags(html, "link").into_iter().find(|tag| tag.contains("rel=\"canonical\""));
        assert_eq!(attribute(own.unwrap(), "href"), Some(format!("{BASE}{path}")));
    }
    let (_, prime) = xml.split_once(&format!("<loc>{BASE}/es/programs/prime</loc>")).unwrap();
    let prime = prime.split("</url>").next().unwrap();
    for (code, path) in [
        ("en", "/programs/prime"),
        ("es", "/es/programs/prime"),
        ("pt", "/pt/programs/prime"),
        ("x-default", "/programs/prime"),
    ] {
        let link = format!("hreflang=\"{code}\" href=\"{BASE}{path}\"");
        assert!(prime.contains(&link), "{link} in {prime}");
    }
    assert!(elements(prime, "lastmod").len() == 1, "{prime}");
}

/// The slugs of all articles that can be read now.
fn readable(app: &TestApp) -> Vec<String> {
    let dated: Vec<(String, Option<i64>)> = app.query("SELECT slug, published_at FROM articles");
    let now = now_ms();
    let due = dated.into_iter().filter(|(_, at)| at.is_some_and(|at| at <= now));
    let slugs: Vec<String> = due.map(|(slug, _)| slug).collect();
    assert!(slugs.len() > 3, "{slugs:?}");
    slugs
}

#[test]
fn the_map_names_pictures_that_are_there() {
    let app = TestApp::start();
    let xml = app.get("/sitemap.xml").text().to_owned();
    let pictures: BTreeSet<String> = elements(&xml, "image:loc").into_iter().collect();
    let drawn = |kind: &str| {
        pictures.iter().find(|url| url.contains(kind)).unwrap_or_else(|| panic!("{kind}"))
    };
    let of_text: Vec<_> = pictures.iter().filter(|url| url.contains("/media/")).collect();
    assert!(!of_text.is_empty(), "the pictures in texts: {pictures:?}");
    let one_of_each = [drawn("/art/articles/"), drawn("/art/programs/")];
    for url in one_of_each.into_iter().chain(of_text) {
        let answer = app.get(path_of(url));
        assert_eq!(answer.status, 200, "{url}");
        assert!(answer.header("Content-Type").unwrap().starts_with("image/"), "{url}");
    }
    for slug in readable(&app) {
        assert!(pictures.contains(&format!("{BASE}/art/articles/{slug}.png")), "{slug}");
    }
}

#[test]
fn a_large_site_has_an_index_whose_parts_hold_everything_once() {
    let app = TestApp::start();
    let small = elements(app.get("/sitemap.xml").text(), "loc");
    let many = (0..501).map(|n| Piece::new(format!("m-{n:04}"), "es", "Muchas").dated(Some(n + 1)));
    publish(&app, many.collect());
    let answer = app.get("/sitemap.xml");
    let parts = elements(well_formed(&answer), "loc");
    assert!(answer.text().contains("<sitemapindex"));
    assert!(parts.len() > 2, "pages, and more than one part: {parts:?}");
    let mut places = Vec::new();
    for part in &parts {
        let answer = app.get(path_of(part));
        assert_eq!(answer.status, 200, "{part}");
        let found = elements(well_formed(&answer), "loc");
        assert!(!found.is_empty() && answer.body.len() < 50_000_000, "{part}");
        places.extend(found);
    }
    let known: BTreeSet<String> = places.iter().cloned().collect();
    assert_eq!(known.len(), places.len(), "each stands there once");
    assert_eq!(known.len(), small.len() + 501);
    assert!(small.iter().all(|url| known.contains(url)));
    assert_eq!(app.get(path_of(places.last().unwrap())).status, 200);
    let beyond = parts.len().to_string();
    for missing in [beyond.as_str(), "0", "-1", "x", "", "100001", "99999999999999999999"] {
        assert_eq!(app.get(&format!("/sitemap.xml?part={missing}")).status, 404, "{missing}");
    }
}

#[test]
fn each_language_has_a_feed_of_its_own_that_can_be_read_anywhere() {
    let app = TestApp::start();
    let text = "See [this](/articles/two-hours-a-week), [below](#end) and [there](https://other.example/).[^1]\n\n![A sheet](media/interview-sheet.png)\n\n[^1]: A note.";
    let newest = Piece::new("con-todo", "es", "Todo & <más>").saying(text).on(&["a & b"]);
    publish(&app, vec![newest.dated(Some(now_ms() - 1000)), Piece::new("ajeno", "pt", "Outro")]);
    for lang in Lang::ALL {
        let path = lang.path("/feed.xml");
        let answer = app.get(&path);
        assert_eq!(answer.header("Content-Type"), Some("application/rss+xml; charset=utf-8"));
        let xml = well_formed(&answer);
        assert!(xml.contains(&format!("<language>{}</language>", lang.code())));
        assert!(xml.contains(&format!("href=\"{BASE}{path}\" rel=\"self\"")));
        let links = elements(xml, "link");
        assert_eq!(links[0], format!("{BASE}{}", lang.path("/articles")));
        assert!(links.len() > 1, "{path}");
        for link in &links[1..] {
            assert!(path_of(link).starts_with(&lang.path("/articles/")), "{link} in {path}");
            app.get(path_of(link)).page(200);
        }
        assert_eq!(elements(xml, "guid"), links[1..]);
        let dates = elements(xml, "pubDate");
        assert_eq!(dates.len(), links.len() - 1);
        for date in dates.iter().chain(&elements(xml, "lastBuildDate")) {
            assert!(jiff::fmt::rfc2822::parse(date).is_ok(), "{date}");
        }
        for html in elements(xml, "content:encoded") {
            for name in ["href=\"", "src=\""] {
                for link in html.split(name).skip(1) {
                    assert!(link.starts_with("http"), "{name}{}", &link[..link.len().min(60)]);
                }
            }
        }
    }
    let answer = app.get("/es/feed.xml");
    assert_eq!(elements(answer.text(), "title")[1], "Todo & <más>");
    assert!(elements(answer.text(), "category").contains(&"a & b".to_owned()));
    let html = &elements(answer.text(), "content:encoded")[0];
    assert!(html.contains(&format!("src=\"{BASE}/media/")), "{html}");
    assert!(html.contains(&format!("href=\"{BASE}/es/articles/con-todo#end\"")), "{html}");
    assert!(!answer.text().contains("ajeno"));
}

#[test]
fn robots_may_read_everything_but_search_and_are_told_where_the_map_is() {
    let app = TestApp::start();
    let answer = app.get("/robots.txt");
    assert_eq!(answer.header("Content-Type"), Some("text/plain; charset=utf-8"));
    let lines: Vec<&str> = answer.text().lines().collect();
    assert!(lines.contains(&"User-agent: *"));
    assert!(lines.contains(&format!("Sitemap: {BASE}/sitemap.xml").as_str()), "{lines:?}");
    let closed: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("Disallow: ")).collect();
    for lang in Lang::ALL {
        assert!(closed.contains(&lang.path("/search").as_str()), "{closed:?}");
    }
    let map = app.get("/sitemap.xml").text().to_owned();
    for url in elements(&map, "loc") {
        assert!(!closed.iter().any(|prefix| path_of(&url).starts_with(prefix)), "{url} is closed");
    }
    // What is not to be listed has to be read for its noindex.
    assert!(!closed.iter().any(|prefix| "/thanks".starts_with(prefix)));
}

#[test]
fn whoever_finds_a_weakness_is_told_whom_to_write_to() {
    let app = TestApp::start();
    let answer = app.get("/.well-known/security.txt");
    assert_eq!(answer.header("Content-Type"), Some("text/plain; charset=utf-8"));
    let field = |name: &str| {
        let begins = format!("{name}: ");
        let values = answer.text().lines().filter_map(|line| line.strip_prefix(&begins));
        values.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(field("Contact"), [format!("{BASE}/contact")]);
    assert_eq!(field("Canonical"), [format!("{BASE}/.well-known/security.txt")]);
    let expires = field("Expires");
    assert_eq!(expires.len(), 1);
    let expires: jiff::Timestamp = expires[0].parse().unwrap();
    let days = (expires.as_millisecond() - now_ms()) / 86_400_000;
    assert!((200..365).contains(&days), "{days} days");
    crate::home::edit_text(&app, "owner", "", "contact_email", "owner@shop.example".into());
    let answer = app.get("/.well-known/security.txt");
    assert!(answer.text().starts_with("Contact: mailto:owner@shop.example\n"), "{}", answer.text());
}

#[test]
fn the_privacy_signal_is_honoured() {
    let app = TestApp::start();
    let answer = app.get("/.well-known/gpc.json");
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    let json = answer.json();
    assert_eq!(json["gpc"], true);
    let date = json["lastUpdate"].as_str().unwrap();
    assert!(date > "2026-01-01" && date.len() == 10, "{date}");
    assert!(app.get("/privacy").page(200).contains(&format!("datetime=\"{date}\"")));
}

/// The addresses of links in Markdown.
fn markdown_links(text: &str) -> Vec<String> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned).collect()
}

#[test]
fn language_models_get_a_list_of_links_that_answer() {
    let app = TestApp::start();
    let answer = app.get("/llms.txt");
    let name = &app.loaded.settings.site.app_name;
    assert!(answer.text().starts_with(&format!("# {name}\n")), "{}", answer.text());
    let links = markdown_links(answer.text());
    for link in &links {
        assert_eq!(app.get(path_of(link)).status, 200, "{link}");
    }
    for path in ["/programs/prime", "/articles/two-hours-a-week", "/contact"] {
        assert!(links.contains(&format!("{BASE}{path}")), "{path} is missing");
    }
    let articles = links.iter().filter(|link| link.contains("/articles/")).count();
    assert_eq!(articles, readable(&app).len());
}

#[test]
fn with_an_address_of_its_own_the_site_names_no_other() {
    let app = TestApp::with(&[("FRONTEND_URL", "https://shop.example")]);
    publish(&app, vec![Piece::new("x", "en", "X").saying("[a](/programs)")]);
    for path in [
        "/sitemap.xml",
        "/feed.xml",
        "/es/feed.xml",
        "/robots.txt",
        "/llms.txt",
        "/.well-known/security.txt",
    ] {
        let answer = app.send(&get(path).host("shop.example"));
        assert_eq!(answer.status, 200, "{path}");
        let text = answer.text();
        assert!(text.contains("https://shop.example/"), "{path}");
        assert!(!text.contains("127.0.0.1") && !text.contains("localhost"), "{path}");
    }
}
