//! What the API shows of an article, and what it takes. Columns that are added do not leak.

use serde::Serialize;
use utoipa::ToSchema;

use super::desk::State;
use super::edit::Stored;
use super::model::{Article, Summary};
use crate::platform::clock;
use crate::platform::http::query::Chosen;
use crate::platform::lang::Lang;
use crate::platform::word::Word;

#[derive(Serialize, ToSchema)]
#[schema(as = ArticleList)]
pub struct List {
    #[schema(value_type = Vec<Item>)]
    pub(super) items: Vec<Chosen<Item>>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    pub(super) next: Option<String>,
}

/// An article in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = ArticleSummary)]
pub struct Item {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    #[schema(example = "two-hours-a-week")]
    slug: String,
    /// The language it is written in.
    #[schema(value_type = Lang)]
    lang: String,
    #[schema(value_type = State)]
    state: &'static str,
    #[schema(example = "Two hours a week: a publishing routine you can keep")]
    title: String,
    #[schema(example = "Most people publish for three weeks and then vanish.")]
    excerpt: String,
    #[schema(example = "Manuel Manero")]
    author: String,
    /// Topics as the author writes them.
    #[schema(example = json!(["publishing", "routine"]))]
    tags: Vec<String>,
    #[schema(example = 5, minimum = 1)]
    reading_minutes: i64,
    /// Path of its page.
    #[schema(example = "/articles/two-hours-a-week")]
    url: String,
    /// Null for a draft.
    #[schema(required = true, example = "2026-11-09T00:00:00.000Z", format = "date-time")]
    published_at: Option<String>,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    updated_at: String,
}

/// The members of [`Item`], as `fields` names them.
pub const FIELDS: &[&str] = &[
    "id",
    "slug",
    "lang",
    "state",
    "title",
    "excerpt",
    "author",
    "tags",
    "reading_minutes",
    "url",
    "published_at",
    "updated_at",
];

/// An article with its text.
#[derive(Serialize, ToSchema)]
#[schema(as = Article)]
pub struct Whole {
    #[serde(flatten)]
    item: Item,
    /// Without scripts, styles and unknown attributes.
    #[schema(example = "<p>Most people publish for three weeks.</p>")]
    body_html: String,
    /// Only for whoever may `content:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    source: Option<Source>,
}

/// What an article is made of.
#[derive(Serialize, ToSchema)]
#[schema(as = ArticleSource)]
pub struct Source {
    /// Markdown.
    #[schema(example = "Most people publish for three weeks.")]
    body: String,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    created_at: String,
    /// Null for what came with the program and has not been touched.
    #[schema(required = true, example = json!(null), format = "date-time")]
    edited_at: Option<String>,
}

impl From<Summary> for Item {
    fn from(summary: Summary) -> Self {
        let lang = Lang::from_code(&summary.lang).unwrap_or(Lang::En);
        Self {
            id: summary.id,
            url: lang.path(&format!("/articles/{}", summary.slug)),
            slug: summary.slug,
            lang: summary.lang,
            state: State::of(summary.published_at, clock::now_ms()).word(),
            title: summary.title,
            excerpt: summary.excerpt,
            author: summary.author,
            tags: summary.tags,
            reading_minutes: summary.reading_minutes,
            published_at: summary.published_at.map(clock::rfc3339),
            updated_at: clock::rfc3339(summary.updated_at),
        }
    }
}

impl From<Article> for Whole {
    fn from(Article { summary, body_html }: Article) -> Self {
        Self { item: summary.into(), body_html, source: None }
    }
}

impl From<Stored> for Whole {
    fn from(Stored { article, body_markdown, created_at }: Stored) -> Self {
        let source = Source {
            body: body_markdown,
            created_at: clock::rfc3339(created_at),
            edited_at: article.summary.edited_at.map(clock::rfc3339),
        };
        Self { source: Some(source), ..article.into() }
    }
}

/// A topic of an article, as its author writes it.
#[derive(ToSchema)]
#[schema(as = Tag, value_type = String, example = "routine", format = "line 40")]
pub struct Tag(#[allow(dead_code, reason = "only its shape is documented")] String);

/// A new article.
#[derive(ToSchema)]
#[schema(as = NewArticle)]
#[allow(dead_code, reason = "the shape that is documented; `api::read` reads it")]
pub struct New {
    #[schema(example = "Two hours a week", format = "line", min_length = 1, max_length = 200)]
    title: String,
    /// The last part of its address; made of the title when absent.
    #[schema(example = "two-hours-a-week", pattern = "^[a-z0-9-]{1,63}$")]
    slug: Option<String>,
    /// English when absent.
    lang: Option<Lang>,
    /// What lists and search engines show; the first words of the text when absent.
    #[schema(example = "A routine you can keep.", format = "line", max_length = 500)]
    excerpt: Option<String>,
    /// The owner of the site when absent.
    #[schema(example = "Manuel Manero", format = "line", min_length = 1, max_length = 100)]
    author: Option<String>,
    #[schema(value_type = Option<Vec<Tag>>, max_items = 20)]
    tags: Option<Vec<String>>,
    /// Markdown. Raw HTML is left out.
    #[schema(
        example = "Most people publish for three weeks.",
        format = "lines",
        max_length = 200_000
    )]
    body: Option<String>,
    /// Null or absent: a draft. Ahead: it appears then.
    #[schema(example = "2026-12-01T08:00:00Z", format = "date-time")]
    published_at: Option<String>,
}

/// What is to become of an article; what is absent or null stays, but for `published_at`.
#[derive(ToSchema)]
#[schema(as = ArticleChanges)]
#[allow(dead_code, reason = "the shape that is documented; `api::read` reads it")]
pub struct Changes {
    #[schema(example = "Two hours a week", format = "line", min_length = 1, max_length = 200)]
    title: Option<String>,
    /// Another one moves the article; its old address leads to the new one.
    #[schema(example = "two-hours-a-week", pattern = "^[a-z0-9-]{1,63}$")]
    slug: Option<String>,
    lang: Option<Lang>,
    #[schema(example = "A routine you can keep.", format = "line", max_length = 500)]
    excerpt: Option<String>,
    #[schema(example = "Manuel Manero", format = "line", min_length = 1, max_length = 100)]
    author: Option<String>,
    #[schema(value_type = Option<Vec<Tag>>, max_items = 20)]
    tags: Option<Vec<String>>,
    /// Markdown. Raw HTML is left out.
    #[schema(
        example = "Most people publish for three weeks.",
        format = "lines",
        max_length = 200_000
    )]
    body: Option<String>,
    /// Null makes it a draft. Ahead: it appears then.
    #[schema(example = "2026-12-01T08:00:00Z", format = "date-time")]
    published_at: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_that_can_be_chosen_are_the_members_of_an_item() {
        let item = Item::from(Summary {
            id: String::new(),
            slug: "a".into(),
            lang: "es".into(),
            title: String::new(),
            excerpt: String::new(),
            author: String::new(),
            tags: Vec::new(),
            reading_minutes: 1,
            published_at: None,
            updated_at: 0,
            edited_at: None,
        });
        assert_eq!((item.url.as_str(), item.state), ("/es/articles/a", "draft"));
        let value = serde_json::to_value(item).unwrap();
        let mut members: Vec<&str> =
            value.as_object().unwrap().keys().map(String::as_str).collect();
        let mut fields = FIELDS.to_vec();
        members.sort_unstable();
        fields.sort_unstable();
        assert_eq!(members, fields);
    }
}
