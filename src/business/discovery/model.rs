//! The texts that machines read, written from plain facts. No IO.

use std::fmt::Write;

use crate::platform::clock;
use crate::platform::http::page::escape;
use crate::platform::http::shell::address;
use crate::platform::lang::Lang;

/// One address of the map of the site.
#[derive(Debug, Clone)]
pub struct Place {
    /// Without the language.
    pub path: String,
    /// The languages it exists in.
    pub languages: Vec<Lang>,
    /// Epoch milliseconds; none for pages that change with others.
    pub updated_at: Option<i64>,
    /// Paths of the pictures on it.
    pub pictures: Vec<String>,
}

/// `<urlset>`: each place once for each of its languages, with the others beside it.
#[must_use]
pub fn url_set(base: &str, places: &[Place]) -> String {
    let mut xml = String::with_capacity(256 + places.len() * 320);
    xml.push_str(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"",
        " xmlns:xhtml=\"http://www.w3.org/1999/xhtml\"",
        " xmlns:image=\"http://www.google.com/schemas/sitemap-image/1.1\">\n",
    ));
    for place in places {
        for lang in &place.languages {
            let loc = escape(&address(base, *lang, &place.path));
            let _ = write!(xml, "<url><loc>{loc}</loc>");
            if let Some(at) = place.updated_at {
                let _ = write!(xml, "<lastmod>{}</lastmod>", clock::iso_date(at));
            }
            if place.languages.len() > 1 {
                for other in &place.languages {
                    alternate(&mut xml, other.code(), &address(base, *other, &place.path));
                }
                if place.languages.contains(&Lang::En) {
                    alternate(&mut xml, "x-default", &address(base, Lang::En, &place.path));
                }
            }
            for picture in &place.pictures {
                let loc = escape(&format!("{base}{picture}"));
                let _ = write!(xml, "<image:image><image:loc>{loc}</image:loc></image:image>");
            }
            xml.push_str("</url>\n");
        }
    }
    xml.push_str("</urlset>\n");
    xml
}

fn alternate(xml: &mut String, code: &str, url: &str) {
    let url = escape(url);
    let _ = write!(xml, "<xhtml:link rel=\"alternate\" hreflang=\"{code}\" href=\"{url}\"/>");
}

/// `<sitemapindex>` of the pages and of `parts` parts of the articles.
#[must_use]
pub fn index(base: &str, parts: i64) -> String {
    let base = escape(base);
    let mut xml = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    ));
    let _ = writeln!(xml, "<sitemap><loc>{base}/sitemap.xml?part=pages</loc></sitemap>");
    for part in 1..=parts {
        let _ = writeln!(xml, "<sitemap><loc>{base}/sitemap.xml?part={part}</loc></sitemap>");
    }
    xml.push_str("</sitemapindex>\n");
    xml
}

/// An article in a feed.
#[derive(Debug)]
pub struct Entry {
    pub title: String,
    pub url: String,
    pub summary: String,
    pub author: String,
    pub topics: Vec<String>,
    /// Epoch milliseconds.
    pub published_at: i64,
    /// With absolute addresses.
    pub body_html: String,
}

/// What a feed says of itself.
#[derive(Debug)]
pub struct Feed {
    pub lang: Lang,
    pub title: String,
    pub description: String,
    pub home_url: String,
    pub own_url: String,
    pub entries: Vec<Entry>,
}

/// RSS 2.0 with whole texts.
#[must_use]
pub fn rss(feed: &Feed) -> String {
    let mut xml = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"",
        " xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"",
        " xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n",
    ));
    let _ = writeln!(
        xml,
        "<title>{}</title>\n<link>{}</link>\n<description>{}</description>\n<language>{}</language>\n\
         <atom:link href=\"{}\" rel=\"self\" type=\"application/rss+xml\"/>",
        escape(&feed.title),
        escape(&feed.home_url),
        escape(&feed.description),
        feed.lang.code(),
        escape(&feed.own_url),
    );
    if let Some(newest) = feed.entries.iter().map(|e| e.published_at).max() {
        let _ = writeln!(xml, "<lastBuildDate>{}</lastBuildDate>", clock::rfc2822(newest));
    }
    for entry in &feed.entries {
        let url = escape(&entry.url);
        let _ = write!(
            xml,
            "<item>\n<title>{}</title>\n<link>{url}</link>\n<guid>{url}</guid>\n\
             <pubDate>{}</pubDate>\n<dc:creator>{}</dc:creator>\n",
            escape(&entry.title),
            clock::rfc2822(entry.published_at),
            escape(&entry.author),
        );
        for topic in &entry.topics {
            let _ = writeln!(xml, "<category>{}</category>", escape(topic));
        }
        let _ = write!(
            xml,
            "<description>{}</description>\n<content:encoded>{}</content:encoded>\n</item>\n",
            escape(&entry.summary),
            escape(&entry.body_html),
        );
    }
    xml.push_str("</channel>\n</rss>\n");
    xml
}

/// HTML of the page at `url` with its own addresses made absolute, for readers that show it
/// elsewhere.
#[must_use]
pub fn absolute(html: &str, base: &str, url: &str) -> String {
    html.replace("href=\"/", &format!("href=\"{base}/"))
        .replace("href=\"#", &format!("href=\"{url}#"))
        .replace("src=\"/", &format!("src=\"{base}/"))
        .replace(", /media/", &format!(", {base}/media/"))
        .replace("srcset=\"/", &format!("srcset=\"{base}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_two_languages_names_both_and_the_default() {
        let place = Place {
            path: "/programs".into(),
            languages: vec![Lang::En, Lang::Es],
            updated_at: Some(1_771_322_400_000),
            pictures: vec!["/art/a&b.png".into()],
        };
        let xml = url_set("https://a.example", &[place]);
        assert_eq!(xml.matches("<url>").count(), 2);
        assert_eq!(
            xml.matches("hreflang=\"x-default\" href=\"https://a.example/programs\"").count(),
            2
        );
        assert!(
            xml.contains("<loc>https://a.example/es/programs</loc><lastmod>2026-02-17</lastmod>")
        );
        assert!(xml.contains("<image:loc>https://a.example/art/a&amp;b.png</image:loc>"));
    }

    #[test]
    fn text_cannot_break_out_of_xml() {
        assert_eq!(
            escape("<a href='x'>&\u{1}\"</a>"),
            "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;"
        );
    }
}
