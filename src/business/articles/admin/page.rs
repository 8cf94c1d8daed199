//! What the page of the editor shows.

use askama::Template;

use crate::admin::shell::{Faults, View, times};
use crate::business::articles::desk::State;
use crate::business::articles::drafts::{Draft, Fields};
use crate::business::articles::edit::Stored;
use crate::business::articles::model::html_of;
use crate::business::articles::pages::body_shown;
use crate::business::articles::seo::{self, Looked, Seo};
use crate::business::revisions::Difference;
use crate::platform::db::Conn;
use crate::platform::error::Error;
use crate::platform::http::SiteView;
use crate::platform::lang::Lang;
use crate::platform::text::is_slug;
use crate::platform::word::Word;

#[derive(Template)]
#[template(path = "admin/articles/editor.html")]
pub(super) struct EditorPage {
    pub(super) view: View,
    pub(super) id: String,
    pub(super) based_on: i64,
    pub(super) fields: Fields,
    pub(super) faults: Faults,
    /// None for an article that has never been saved.
    pub(super) saved: Option<Saved>,
    /// What the same person typed here and did not save.
    pub(super) kept: Option<Kept>,
    /// Other articles that they began and never saved.
    pub(super) begun: Vec<Begun>,
    pub(super) conflict: Option<Conflict>,
    pub(super) looked: LookedAt,
    /// `Europe/Lisbon`.
    pub(super) zone: String,
}

/// The article as it is stored.
pub(super) struct Saved {
    pub(super) title: String,
    /// Where it is edited.
    pub(super) address: String,
    pub(super) state: State,
    /// Where visitors read it, or will.
    pub(super) path: String,
    pub(super) published_at: Option<i64>,
    pub(super) updated_at: i64,
    /// Addresses that lead to it.
    pub(super) old_paths: Vec<String>,
}

pub(super) struct Kept {
    pub(super) at: i64,
    /// Where it is shown.
    pub(super) address: String,
    /// The article was saved after it was typed.
    pub(super) is_older: bool,
}

pub(super) struct Begun {
    pub(super) title: String,
    pub(super) at: i64,
    pub(super) address: String,
}

/// Somebody saved in between.
pub(super) struct Conflict {
    /// Empty when nobody knows.
    pub(super) who: String,
    pub(super) at: i64,
    /// It was removed.
    pub(super) is_gone: bool,
    /// From what is stored to what was typed.
    pub(super) difference: Difference,
    /// Where what is stored is edited.
    pub(super) address: String,
}

/// How the text looks: to a reader, and to a search engine.
pub(super) struct LookedAt {
    pub(super) body_html: String,
    pub(super) seo: Seo,
    /// The drawing that is shown beside the article and where it is shared; empty while there is no address for it.
    pub(super) picture: String,
}

/// The parts of the editor that follow what is typed.
#[derive(Template)]
#[template(path = "admin/articles/_looked.html")]
pub(super) struct LookedParts {
    pub(super) looked: LookedAt,
}

impl LookedAt {
    /// Renders what was typed; some milliseconds for a long text.
    pub(super) fn of(conn: &mut Conn<'_>, fields: &Fields, site: &SiteView) -> Result<Self, Error> {
        let lang = Lang::from_code(&fields.lang).unwrap_or(Lang::En);
        let html = html_of(&fields.body);
        let (body_html, _) = body_shown(conn, &html, lang)?;
        let slug = if fields.slug.is_empty() { "…" } else { &fields.slug };
        let looked = Looked {
            title: &fields.title,
            excerpt: &fields.excerpt,
            body_html: &html,
            site_name: &site.name,
            base_url: &site.base_url,
            path: &lang.path(&format!("/articles/{slug}")),
        };
        let picture = if is_slug(&fields.slug) {
            format!("/admin/articles/{}/drawing", fields.slug)
        } else {
            String::new()
        };
        Ok(Self { body_html, seo: seo::review(&looked), picture })
    }
}

impl Saved {
    pub(super) fn of(stored: &Stored, old_paths: Vec<String>, now_ms: i64) -> Self {
        let summary = &stored.article.summary;
        let lang = Lang::from_code(&summary.lang).unwrap_or(Lang::En);
        Self {
            title: summary.title.clone(),
            address: super::address(summary),
            state: State::of(summary.published_at, now_ms),
            path: lang.path(&format!("/articles/{}", summary.slug)),
            published_at: summary.published_at,
            updated_at: summary.updated_at,
            old_paths,
        }
    }
}

impl From<Draft> for Begun {
    fn from(draft: Draft) -> Self {
        let title = draft.fields.title.trim();
        Self {
            title: if title.is_empty() { "Without a title".into() } else { title.to_owned() },
            at: draft.updated_at,
            address: format!("/admin/articles/new?draft={}", draft.article_id),
        }
    }
}

impl EditorPage {
    /// `draft`, `scheduled` or `published`.
    fn state(&self) -> &'static str {
        self.saved.as_ref().map_or("draft", |saved| saved.state.word())
    }

    /// The day and time of an article that has one.
    fn when(&self) -> String {
        let at = self.saved.as_ref().and_then(|saved| saved.published_at);
        at.map(|at| times::exact(at, &self.view.zone)).unwrap_or_default()
    }

    fn fault(&self, name: &str) -> Option<String> {
        self.faults.about(name)
    }

    /// Faults that have no field beside which they could stand.
    fn other_faults(&self) -> Vec<String> {
        let fields = ["title", "slug", "lang", "excerpt", "author", "tags", "body", "date"];
        self.faults.others(&fields)
    }

    fn languages(&self) -> Vec<(&'static str, &'static str, bool)> {
        let own = |lang: Lang| {
            let name = lang.words().site.name_of_language.as_str();
            (lang.code(), name, self.fields.lang == lang.code())
        };
        Lang::ALL.into_iter().map(own).collect()
    }
}
