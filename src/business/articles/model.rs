//! What an article is, and how its Markdown becomes safe HTML.

use std::collections::HashSet;
use std::fmt::Write;

use serde::Deserialize;

use crate::business::search::{fold, plain_text};
use crate::platform::clock;
use crate::platform::lang::{Lang, format};
use crate::platform::word::Word;

/// An article in a list.
#[derive(Debug, Clone)]
pub struct Summary {
    pub id: String,
    pub slug: String,
    pub lang: String,
    pub title: String,
    pub excerpt: String,
    pub author: String,
    pub tags: Vec<String>,
    pub reading_minutes: i64,
    /// Epoch milliseconds; none makes it a draft.
    pub published_at: Option<i64>,
    pub updated_at: i64,
    /// When the owner changed it last.
    pub edited_at: Option<i64>,
}

impl Summary {
    /// The day it bears; a draft bears that of its last change.
    #[must_use]
    pub fn dated(&self) -> i64 {
        self.published_at.unwrap_or(self.updated_at)
    }
}

/// A whole article.
#[derive(Debug, Clone)]
pub struct Article {
    pub summary: Summary,
    pub body_html: String,
}

/// The orders of the list that an index serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = ArticleOrder, example = "-published_at")]
pub enum Order {
    #[schema(rename = "-published_at")]
    Newest,
    #[schema(rename = "published_at")]
    Oldest,
    #[schema(rename = "-updated_at")]
    LastChanged,
    #[schema(rename = "updated_at")]
    FirstChanged,
}

impl Word for Order {
    const ALL: &'static [Self] =
        &[Self::Newest, Self::Oldest, Self::LastChanged, Self::FirstChanged];

    fn word(self) -> &'static str {
        match self {
            Self::Newest => "-published_at",
            Self::Oldest => "published_at",
            Self::LastChanged => "-updated_at",
            Self::FirstChanged => "updated_at",
        }
    }
}

impl Order {
    /// By the last change, not by the date.
    #[must_use]
    pub fn is_by_change(self) -> bool {
        matches!(self, Self::LastChanged | Self::FirstChanged)
    }

    #[must_use]
    pub fn is_newest_first(self) -> bool {
        matches!(self, Self::Newest | Self::LastChanged)
    }
}

/// A topic of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// As it stands in the address.
    pub slug: String,
    /// As the author writes it.
    pub label: String,
    /// How many articles there are on it, where that was asked for.
    pub count: i64,
}

/// A summary as templates see it.
#[derive(Debug, Clone)]
pub struct ArticleCard {
    pub slug: String,
    pub title: String,
    pub excerpt: String,
    pub published_on: String,
    /// `2026-10-05`.
    pub published_iso: String,
    pub reading: String,
    /// Address of the drawing that belongs to the slug.
    pub art: String,
}

impl From<Summary> for ArticleCard {
    fn from(summary: Summary) -> Self {
        let lang = Lang::from_code(&summary.lang).unwrap_or(Lang::En);
        Self {
            published_on: format::date(lang, summary.dated()),
            published_iso: clock::iso_date(summary.dated()),
            reading: lang.words().articles.minutes.with("n", summary.reading_minutes).into(),
            art: format!("/art/articles/{}.svg", summary.slug),
            slug: summary.slug,
            title: summary.title,
            excerpt: summary.excerpt,
        }
    }
}

/// Columns from which a table may not fit a phone.
const WIDE: usize = 4;

/// Puts wide tables of sanitised HTML into a frame that can be moved with the keyboard too.
#[must_use]
pub fn with_wide_tables(html: &str, label: &str) -> String {
    let mut out = String::with_capacity(html.len() + 128);
    let mut rest = html;
    while let Some(at) = rest.find("<table>") {
        let Some(end) = rest[at..].find("</table>").map(|e| at + e + "</table>".len()) else {
            break;
        };
        let table = &rest[at..end];
        let head = table.split("</tr>").next().unwrap_or_default();
        let columns = head.matches("<th").count() - head.matches("<thead").count();
        out.push_str(&rest[..at]);
        if columns >= WIDE {
            let _ = write!(
                out,
                "<section class=\"table-wide\" aria-label=\"{label}\" tabindex=\"0\">{table}</section>"
            );
        } else {
            out.push_str(table);
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// The address form of a topic: folded, with dashes, 63 characters at most; empty when nothing of
/// it can stand in an address.
#[must_use]
pub fn topic_slug(label: &str) -> String {
    let folded = fold(label);
    let ascii = folded.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ');
    let words: String = ascii.collect::<String>().split_whitespace().collect::<Vec<_>>().join("-");
    words.chars().take(63).collect()
}

/// A heading of an article, for its table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pub id: String,
    /// HTML of the heading, without links.
    pub text: String,
}

/// Gives each `<h2>` and `<h3>` of sanitised HTML an id, and lists the `<h2>`.
#[must_use]
pub fn with_headings(html: &str) -> (String, Vec<Heading>) {
    let mut out = String::with_capacity(html.len() + 512);
    let (mut headings, mut ids, mut rest) = (Vec::new(), Vec::<String>::new(), html);
    while let Some(at) = rest.find("<h2>").into_iter().chain(rest.find("<h3>")).min() {
        let (level, after) = (&rest[at + 1..at + 3], &rest[at + 4..]);
        let Some(end) = after.find(&format!("</{level}>")) else { break };
        let text = plain_text(&after[..end]);
        let stem = topic_slug(&text);
        // An id begins with a letter, whatever a heading is numbered with.
        let stem = match stem.as_bytes().first() {
            None => "section".to_owned(),
            Some(first) if first.is_ascii_digit() => format!("section-{stem}"),
            Some(_) => stem,
        };
        let mut id = stem.clone();
        let mut n = 1;
        // Ids of the page's own parts are taken too.
        while ids.contains(&id) || ["main", "contents", "join", "read-next"].contains(&id.as_str())
        {
            n += 1;
            id = format!("{stem}-{n}");
        }
        out.push_str(&rest[..at]);
        let _ = write!(out, "<{level} id=\"{id}\">");
        out.push_str(&after[..end]);
        if level == "h2" {
            headings.push(Heading { id: id.clone(), text });
        }
        ids.push(id);
        rest = &after[end..];
    }
    out.push_str(rest);
    (out, headings)
}

/// Front matter of `config/content/articles/*.md`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontMatter {
    pub title: String,
    pub slug: String,
    pub excerpt: String,
    #[serde(default)]
    pub author: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    pub lang: String,
    pub published: toml_edit::Datetime,
}

/// An article read from a file, ready to be stored.
#[derive(Debug)]
pub struct SeedArticle {
    pub matter: FrontMatter,
    pub body_markdown: String,
    pub published_at: i64,
}

/// Midnight UTC of a TOML date, in epoch milliseconds.
#[must_use]
pub fn epoch_ms_of_date(date: &toml_edit::Datetime) -> Option<i64> {
    let date = date.date?;
    let civil = jiff::civil::Date::new(
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
    )
    .ok()?;
    let midnight = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_millisecond())
}

/// Minutes at 220 words a minute, at least 1.
#[must_use]
pub fn reading_minutes(markdown: &str) -> i64 {
    markdown.split_whitespace().count().div_ceil(220).max(1) as i64
}

/// Markdown to HTML that carries no script, style or unknown attribute, whoever wrote it.
#[must_use]
pub fn html_of(markdown: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.footnotes = true;
    options.parse.smart = true;
    let mut html = comrak::markdown_to_html(markdown, &options);
    // HTML has no `align` any more; classes say it to the style sheet.
    for cell in ["th", "td"] {
        for side in ["right", "center", "left"] {
            let class = format!("<{cell} class=\"{side}\">");
            html = html.replace(&format!("<{cell} align=\"{side}\">"), &class);
        }
    }
    let sides: HashSet<&str> = ["right", "center", "left"].into();
    ammonia::Builder::default()
        // Links of ours need no warning to the other side.
        .link_rel(Some("noopener"))
        // Where a footnote and the way back from it lead; raw HTML, which could have other ids,
        // never gets here.
        .add_tag_attributes("a", &["id"])
        .add_tag_attributes("li", &["id"])
        .rm_tag_attributes("th", ["align"])
        .rm_tag_attributes("td", ["align"])
        .add_allowed_classes("th", &sides)
        .add_allowed_classes("td", &sides)
        .clean(&html)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_and_nothing_in_it_can_run() {
        let html = html_of("## Hi\n\n<script>alert(1)</script>[x](javascript:alert(1))\n\n*a*");
        assert!(html.contains("<h2>Hi</h2>") && html.contains("<em>a</em>"), "{html}");
        assert!(!html.contains("script"), "{html}");
    }

    #[test]
    fn columns_of_a_table_keep_their_side_without_a_deprecated_attribute() {
        let html = html_of("| a | b |\n|---|---:|\n| 1 | 2 |");
        assert!(html.contains("<td class=\"right\">2</td>") && !html.contains("align"), "{html}");
    }

    #[test]
    fn a_footnote_can_be_reached_and_left_and_raw_html_has_no_id() {
        let html = html_of("a[^1]\n\n<a id=\"main\">b</a>\n\n[^1]: note");
        for part in ["href=\"#fn-1\"", "id=\"fn-1\"", "href=\"#fnref-1\"", "id=\"fnref-1\""] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("main"), "{html}");
    }

    #[test]
    fn headings_get_ids_that_differ_and_are_listed() {
        let (html, headings) =
            with_headings("<p>a</p><h2>Qué decir</h2><h3>x</h3><h2>Qué <em>decir</em></h2>");
        assert_eq!(
            html,
            "<p>a</p><h2 id=\"que-decir\">Qué decir</h2><h3 id=\"x\">x</h3>\
             <h2 id=\"que-decir-2\">Qué <em>decir</em></h2>"
        );
        let ids: Vec<_> = headings.iter().map(|h| (h.id.as_str(), h.text.as_str())).collect();
        assert_eq!(ids, [("que-decir", "Qué decir"), ("que-decir-2", "Qué decir")]);
    }

    #[test]
    fn only_a_wide_table_gets_a_frame() {
        let row = |n: usize| format!("{}\n{}\n", "| a ".repeat(n), "|---".repeat(n));
        let html = html_of(&format!("{}\n\ntext\n\n{}", row(3), row(4)));
        let framed = with_wide_tables(&html, "Table");
        assert_eq!(framed.matches("<table>").count(), 2, "{html}");
        assert_eq!(framed.matches("<section class=\"table-wide\"").count(), 1);
        assert_eq!(framed.matches("</table></section>").count(), 1);
        assert_eq!(with_wide_tables("<table>", "Table"), "<table>");
    }

    #[test]
    fn an_id_begins_with_a_letter() {
        let (html, _) = with_headings("<h3>1. Busca</h3><h2>!?</h2>");
        assert_eq!(html, "<h3 id=\"section-1-busca\">1. Busca</h3><h2 id=\"section\">!?</h2>");
    }

    #[test]
    fn a_topic_can_stand_in_an_address() {
        assert_eq!(topic_slug("Recomendações & página"), "recomendacoes-pagina");
        assert_eq!(topic_slug("!?"), "");
    }

    #[test]
    fn a_short_text_takes_a_minute_and_a_long_one_is_counted_in_words() {
        assert_eq!(reading_minutes("one two"), 1);
        assert_eq!(reading_minutes(&"word ".repeat(900)), 5);
    }
}
