//! The editor's pages: a new article, one that is there, and how what is typed looks.

use std::sync::Arc;

use rocket::http::ContentType;
use rocket::{Either, State, get, post};

use super::form::{Sent, fields_of};
use super::page::{Begun, EditorPage, Kept, LookedAt, LookedParts, Saved};
use crate::admin::accounts::caller::EditContent;
use crate::admin::shell::answer::{Answer, Paged, Refusal};
use crate::admin::shell::{Asked, Dashboard, Faults, Posted};
use crate::business::articles::drafts::{self, Draft, Fields};
use crate::business::articles::edit::{self, Stored};
use crate::business::articles::model::{Article, Summary, html_of, reading_minutes, topic_slug};
use crate::business::articles::pages;
use crate::business::{art, pages as site_pages, redirects};
use crate::platform::clock;
use crate::platform::db::{Conn, Db};
use crate::platform::error::Error;
use crate::platform::http::{Frame, Sites};
use crate::platform::id;
use crate::platform::lang::Lang;
use crate::platform::text::is_slug;

/// The editor with nothing in it, or with what somebody began and did not save.
#[get("/admin/articles/new")]
pub async fn create(
    _who: EditContent,
    here: Dashboard,
    db: &State<Db>,
    sites: &State<Arc<Sites>>,
    asked: Asked,
) -> Paged {
    let (user, sites) = (here.who.user.id.clone(), Arc::clone(sites));
    let wanted = asked.parsed("draft", id::parse);
    let view = here.view("New article").below("Articles", "/admin/articles").wide();
    let zone = zone_name(&here);
    let page = db
        .read(move |conn| -> Result<EditorPage, Error> {
            let kept = match &wanted {
                Some(id) => drafts::of(conn, &user, id)?.filter(|draft| draft.based_on == 0),
                None => None,
            };
            let (id, fields) = match kept {
                Some(draft) => (draft.article_id, draft.fields),
                None => (id::new_id(), nothing(conn)?),
            };
            let mut begun = drafts::begun(conn, &user)?;
            begun.retain(|draft| draft.article_id != id);
            let site = sites.view(conn, Lang::En)?;
            Ok(EditorPage {
                view,
                id,
                based_on: 0,
                looked: LookedAt::of(conn, &fields, &site)?,
                fields,
                faults: Faults::default(),
                saved: None,
                kept: None,
                begun: begun.into_iter().map(Begun::from).collect(),
                conflict: None,
                zone,
            })
        })
        .await?;
    Answer::page(&page)
}

/// The fields of a new article.
fn nothing(conn: &mut Conn<'_>) -> Result<Fields, Error> {
    let author = site_pages::owner(conn)?.owner_name;
    Ok(Fields { lang: Lang::En.code().to_owned(), author, ..Fields::default() })
}

/// An article in the editor; with `draft=1` as it was typed last and not saved.
#[get("/admin/articles/<slug>", rank = 2)]
pub async fn show(
    _who: EditContent,
    here: Dashboard,
    db: &State<Db>,
    sites: &State<Arc<Sites>>,
    slug: &str,
    asked: Asked,
) -> Paged {
    let (user, sites, slug) = (here.who.user.id.clone(), Arc::clone(sites), slug.to_owned());
    let as_typed = !asked.get("draft").is_empty();
    let page = db
        .read(move |conn| -> Result<EditorPage, Error> {
            let stored = find(conn, &slug)?;
            let now = clock::now_ms();
            let saved = saved(conn, &stored, now)?;
            let as_stored = fields_of(&stored, &here.zone);
            let (id, updated_at) = (&stored.article.summary.id, saved.updated_at);
            let draft = drafts::of(conn, &user, id)?.filter(|draft| draft.fields != as_stored);
            let (kept, fields, based_on) = match draft {
                Some(Draft { fields, based_on, .. }) if as_typed => (None, fields, based_on),
                Some(draft) => {
                    let address = format!("{}?draft=1", saved.address);
                    let is_older = draft.based_on != updated_at;
                    let kept = Kept { at: draft.updated_at, address, is_older };
                    (Some(kept), as_stored, updated_at)
                }
                None => (None, as_stored, updated_at),
            };
            let site = sites.view(conn, Lang::En)?;
            Ok(EditorPage {
                view: here.view(&saved.title).below("Articles", "/admin/articles").wide(),
                id: id.clone(),
                based_on,
                looked: LookedAt::of(conn, &fields, &site)?,
                fields,
                faults: Faults::default(),
                saved: Some(saved),
                kept,
                begun: Vec::new(),
                conflict: None,
                zone: zone_name(&here),
            })
        })
        .await?;
    Answer::page(&page)
}

/// The article called `name`: by its slug, or by its id.
pub(super) fn find(conn: &mut Conn<'_>, name: &str) -> Result<Stored, Error> {
    match edit::by_slug(conn, name) {
        Err(crate::platform::db::Error::NotFound) => {
            let id = id::parse(name).ok_or(Error::NotFound)?;
            edit::by_id(conn, &id)?.ok_or(Error::NotFound)
        }
        found => Ok(found?),
    }
}

pub(super) fn saved(conn: &mut Conn<'_>, stored: &Stored, now_ms: i64) -> Result<Saved, Error> {
    let summary = &stored.article.summary;
    let lang = Lang::from_code(&summary.lang).unwrap_or(Lang::En);
    let path = lang.path(&format!("/articles/{}", summary.slug));
    Ok(Saved::of(stored, redirects::leading_to(conn, &path)?, now_ms))
}

pub(super) fn zone_name(here: &Dashboard) -> String {
    here.zone.iana_name().unwrap_or("UTC").to_owned()
}

/// The drawing that belongs to an address, whether or not the article is public.
#[get("/admin/articles/<slug>/drawing")]
pub fn drawn(_who: EditContent, slug: &str) -> Result<(ContentType, String), Refusal> {
    if !is_slug(slug) {
        return Err(Error::NotFound.into());
    }
    Ok((ContentType::SVG, art::drawing(slug)))
}

/// How what is typed looks: the parts of the editor that follow it, or with `whole` the page as visitors would see it.
#[post("/admin/articles/preview", data = "<sent>")]
pub async fn preview(
    db: &State<Db>,
    sites: &State<Arc<Sites>>,
    sent: Posted<EditContent>,
) -> Paged {
    let form = Sent::read(&sent.fields.own())?;
    let (whole, sites) = (sent.fields.is_on("whole"), Arc::clone(sites));
    let page = db
        .read(move |conn| -> Result<_, Error> {
            let fields = form.fields;
            let lang = Lang::from_code(&fields.lang).unwrap_or(Lang::En);
            let site = sites.view(conn, lang)?;
            if !whole {
                let looked = LookedAt::of(conn, &fields, &site)?;
                return Ok(Either::Left(LookedParts { looked }));
            }
            let article = as_article(form.id, fields);
            Ok(Either::Right(pages::preview(conn, &Frame::of(lang, site), article)?))
        })
        .await?;
    match page {
        Either::Left(parts) => Answer::page(&parts),
        Either::Right(page) => Answer::page(&page),
    }
}

/// What was typed, as an article of today.
fn as_article(id: String, fields: Fields) -> Article {
    let slug = if is_slug(&fields.slug) { fields.slug } else { topic_slug(&fields.title) };
    let now = clock::now_ms();
    Article {
        body_html: html_of(&fields.body),
        summary: Summary {
            id,
            slug: if slug.is_empty() { "article".into() } else { slug },
            lang: fields.lang,
            title: fields.title,
            excerpt: fields.excerpt,
            author: fields.author,
            tags: super::form::tags(&fields.tags),
            reading_minutes: reading_minutes(&fields.body),
            published_at: Some(now),
            updated_at: now,
            edited_at: None,
        },
    }
}
