//! What an article is, and how its Markdown becomes safe HTML.

use serde::Deserialize;

use crate::platform::clock;

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
    /// Epoch milliseconds.
    pub published_at: i64,
    pub updated_at: i64,
}

/// A whole article.
#[derive(Debug, Clone)]
pub struct Article {
    pub summary: Summary,
    pub body_html: String,
}

/// A summary as templates see it.
#[derive(Debug, Clone)]
pub struct ArticleCard {
    pub slug: String,
    pub title: String,
    pub excerpt: String,
    pub published_on: String,
    pub reading_minutes: i64,
}

impl From<Summary> for ArticleCard {
    fn from(summary: Summary) -> Self {
        Self {
            published_on: clock::long_date(summary.published_at),
            slug: summary.slug,
            title: summary.title,
            excerpt: summary.excerpt,
            reading_minutes: summary.reading_minutes,
        }
    }
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
    ammonia::clean(&comrak::markdown_to_html(markdown, &options))
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
    fn a_short_text_takes_a_minute_and_a_long_one_is_counted_in_words() {
        assert_eq!(reading_minutes("one two"), 1);
        assert_eq!(reading_minutes(&"word ".repeat(900)), 5);
    }
}
