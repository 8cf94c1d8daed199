//! What the API shows of a page, and what it takes. Columns that are added do not leak.

use serde::Serialize;
use utoipa::ToSchema;

use super::edit::Stored;
use super::model::{Owner, with_owner};
use crate::platform::clock;
use crate::platform::http::SiteView;
use crate::platform::http::query::Chosen;
use crate::platform::lang::Lang;
use crate::platform::word::Word;

/// What somebody who edits wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(as = PageStates, rename_all = "lowercase", example = "draft")]
pub enum States {
    Any,
    Draft,
    Published,
}

impl Word for States {
    const ALL: &'static [Self] = &[Self::Any, Self::Draft, Self::Published];

    fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Draft => "draft",
            Self::Published => "published",
        }
    }
}

impl States {
    pub(super) fn fits(self, page: &Stored) -> bool {
        match self {
            Self::Any => true,
            Self::Draft => page.dated_at.is_none(),
            Self::Published => page.dated_at.is_some(),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = PageList)]
pub struct List {
    #[schema(value_type = Vec<Item>)]
    pub(super) items: Vec<Chosen<Item>>,
    /// Pages are few: there is never a next page of them.
    #[schema(required = true, example = json!(null))]
    pub(super) next: Option<String>,
}

/// A page in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = PageSummary)]
pub struct Item {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    #[schema(example = "privacy")]
    slug: String,
    #[schema(value_type = Lang)]
    lang: &'static str,
    #[schema(example = "Privacy notice")]
    title: String,
    #[schema(example = "What we store about you, and why.")]
    description: String,
    /// Path of the page.
    #[schema(example = "/privacy")]
    url: String,
    /// The date that the page shows as its version; null for a draft.
    #[schema(required = true, example = "2026-10-05T00:00:00.000Z", format = "date-time")]
    dated_at: Option<String>,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    updated_at: String,
}

/// The members of [`Item`], as `fields` names them.
pub(super) const FIELDS: &[&str] =
    &["id", "slug", "lang", "title", "description", "url", "dated_at", "updated_at"];

/// A page with its text.
#[derive(Serialize, ToSchema)]
#[schema(as = Page)]
pub struct Whole {
    #[serde(flatten)]
    item: Item,
    /// Without scripts, styles and unknown attributes; the owner's details are put in.
    #[schema(example = "<p>We store what you type into the form.</p>")]
    body_html: String,
    /// Only for whoever may `content:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    source: Option<Source>,
}

/// What a page is made of.
#[derive(Serialize, ToSchema)]
#[schema(as = PageSource)]
pub struct Source {
    /// Markdown. `{site}`, `{owner}` and `{contact}` stand for the owner's details.
    #[schema(example = "We store what you type into the form. Write to {contact}.")]
    body: String,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    created_at: String,
    /// Null for what came with the program and has not been touched.
    #[schema(required = true, example = json!(null), format = "date-time")]
    edited_at: Option<String>,
}

impl From<&Stored> for Item {
    fn from(page: &Stored) -> Self {
        Self {
            id: page.id.clone(),
            url: page.lang.path(&format!("/{}", page.slug)),
            slug: page.slug.clone(),
            lang: page.lang.code(),
            title: page.title.clone(),
            description: page.description.clone(),
            dated_at: page.dated_at.map(clock::rfc3339),
            updated_at: clock::rfc3339(page.updated_at),
        }
    }
}

impl Whole {
    pub(super) fn new(page: &Stored, site: &SiteView, with_source: bool) -> Self {
        let owner = Owner {
            owner_name: site.owner_name.clone(),
            owner_address: site.owner_address.clone(),
            contact_email: site.contact_email.clone(),
        };
        let (contact, words) = (page.lang.path("/contact"), page.lang.words());
        let source = with_source.then(|| Source {
            body: page.body_markdown.clone(),
            created_at: clock::rfc3339(page.created_at),
            edited_at: page.edited_at.map(clock::rfc3339),
        });
        let body_html = with_owner(&page.body_html, &site.name, &owner, &contact, words);
        Self { item: page.into(), body_html, source }
    }
}

/// A new page. A draft, unless it has a date.
#[derive(ToSchema)]
#[schema(as = NewPage)]
#[allow(dead_code, reason = "the shape that is documented; `written` reads it")]
pub struct New {
    /// Its address, after the language.
    #[schema(example = "imprint", pattern = "^[a-z0-9-]{1,63}$")]
    slug: String,
    /// English when absent.
    lang: Option<Lang>,
    #[schema(example = "Imprint", format = "line", min_length = 1, max_length = 200)]
    title: String,
    #[schema(example = "Who is behind this site.", format = "line", max_length = 500)]
    description: Option<String>,
    /// Markdown. `{site}`, `{owner}` and `{contact}` stand for the owner's details.
    #[schema(example = "This site is by {owner}.", format = "lines", max_length = 200_000)]
    body: Option<String>,
    /// The date that the page shows as its version; null or absent: a draft.
    #[schema(example = "2026-10-05T00:00:00Z", format = "date-time")]
    dated_at: Option<String>,
}

/// What is to become of a page; what is absent or null stays, but for `dated_at`.
#[derive(ToSchema)]
#[schema(as = PageChanges)]
#[allow(dead_code, reason = "the shape that is documented; `written` reads it")]
pub struct Changes {
    /// Another one moves the page; its old address leads to the new one.
    #[schema(example = "imprint", pattern = "^[a-z0-9-]{1,63}$")]
    slug: Option<String>,
    #[schema(example = "Imprint", format = "line", min_length = 1, max_length = 200)]
    title: Option<String>,
    #[schema(example = "Who is behind this site.", format = "line", max_length = 500)]
    description: Option<String>,
    /// Markdown. `{site}`, `{owner}` and `{contact}` stand for the owner's details.
    #[schema(example = "This site is by {owner}.", format = "lines", max_length = 200_000)]
    body: Option<String>,
    /// The date that the page shows as its version; null makes it a draft.
    #[schema(example = "2026-10-05T00:00:00Z", format = "date-time")]
    dated_at: Option<String>,
}
