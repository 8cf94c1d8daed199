//! What the editor sends: saved, or kept for later. Whoever saves over somebody else's version is told first and loses
//! nothing; a form that is sent twice is saved once.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, post};

use super::editor::{find, saved, zone_name};
use super::form::{Act, Sent, fields_of};
use super::page::{Conflict, EditorPage, LookedAt};
use crate::admin::accounts::audit::Actor;
use crate::admin::accounts::caller::EditContent;
use crate::admin::shell::answer::{Answer, Paged, Refusal};
use crate::admin::shell::{Dashboard, Faults, Flash, Posted, times};
use crate::business::articles::desk;
use crate::business::articles::drafts::{self, Draft};
use crate::business::articles::edit::{self, Edit, Stored};
use crate::business::pages as site_pages;
use crate::business::revisions::{self, Kind};
use crate::platform::clock;
use crate::platform::db::{Conn, Db, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::Sites;
use crate::platform::id;
use crate::platform::lang::Lang;

/// What became of a form.
enum Outcome {
    Saved(Box<Stored>),
    /// Somebody else's version is there; `None`: the article is gone.
    Stale(Option<Box<Stored>>),
}

#[post("/admin/articles", data = "<sent>")]
pub async fn save(db: &State<Db>, sites: &State<Arc<Sites>>, sent: Posted<EditContent>) -> Paged {
    let here = sent.dashboard.clone();
    let form = Sent::read(&sent.fields.own())?;
    let (zone, now, asked) = (here.zone.clone(), clock::now_ms(), form.clone());
    // A long text takes its time.
    let edit = tokio::task::spawn_blocking(move || asked.edit(asked.based_on == 0, &zone, now))
        .await
        .map_err(|_| Error::Internal("reading an article panicked".into()))?;
    let (actor, user, asked) = (sent.who.actor(), sent.who.user.id.clone(), form.clone());
    let outcome = match edit {
        Ok(edit) => db.write(move |tx| put(tx, &actor, &user, &asked, edit, now)).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(Outcome::Saved(stored)) => Ok(told(&here, &form, &stored, now)),
        Ok(Outcome::Stale(current)) => {
            let page = conflict(db, sites, here, form, current.map(|stored| *stored)).await?;
            Answer::with(Status::Conflict, &page)
        }
        Err(error) => {
            let faults = Faults::of(about_its_field(error))?;
            let page = again(db, sites, here, form, faults).await?;
            Answer::refused(&page)
        }
    }
}

fn put(
    tx: &mut Tx<'_>,
    actor: &Actor,
    user: &str,
    form: &Sent,
    mut edit: Edit,
    now: i64,
) -> Result<Outcome, Error> {
    let stored = match edit::by_id(tx, &form.id)? {
        None if form.based_on != 0 => return Ok(Outcome::Stale(None)),
        None => {
            let author = site_pages::owner(tx)?.owner_name;
            edit::create_as(tx, actor, form.id.clone(), edit, &author, now)?
        }
        Some(current) => {
            let summary = &current.article.summary;
            let is_public = summary.published_at.is_some_and(|at| at <= now);
            if form.act == Act::Publish && is_public {
                edit.published_at = None;
            }
            if !edit::changes(&current, &edit) {
                // Saved already: a second click, or a second tab.
                current
            } else if summary.updated_at == form.based_on {
                edit::update(tx, actor, current, edit, now)?
            } else {
                return Ok(Outcome::Stale(Some(Box::new(current))));
            }
        }
    };
    drafts::remove(tx, user, &form.id)?;
    Ok(Outcome::Saved(Box::new(stored)))
}

/// On to the article, with what that means for visitors.
fn told(here: &Dashboard, form: &Sent, stored: &Stored, now: i64) -> Answer {
    let summary = &stored.article.summary;
    let address = super::address(summary);
    let lang = Lang::from_code(&summary.lang).unwrap_or(Lang::En);
    let path = lang.path(&format!("/articles/{}", summary.slug));
    let state = desk::State::of(summary.published_at, now);
    let text = match (state, form.act) {
        (desk::State::Draft, Act::TakeBack) => "Taken back. Visitors no longer see it.".to_owned(),
        (desk::State::Draft, _) => "Draft saved. Only people of your team see it.".to_owned(),
        (desk::State::Scheduled, _) => {
            let at = summary.published_at.unwrap_or(now);
            format!("Saved. It appears on {}.", times::exact(at, &here.zone))
        }
        (desk::State::Published, Act::Publish) => format!("Published. It is at {path} now."),
        (desk::State::Published, _) => "Saved. Visitors see it now.".to_owned(),
    };
    let flash = Flash::good(text);
    let flash = match form.act {
        Act::Publish | Act::Schedule => flash.undo(format!("{address}/state"), &[("at", "")]),
        Act::Save | Act::TakeBack => flash,
    };
    Answer::to(address, flash)
}

/// A refusal that is about one field, beside it.
fn about_its_field(error: Error) -> Error {
    match error {
        Error::Conflict(why) if why.contains("slug") => {
            Error::Invalid(vec![Fault::of("slug", "conflict", why)])
        }
        other => other,
    }
}

/// The editor as it was sent, with what is wrong.
async fn again(
    db: &Db,
    sites: &Arc<Sites>,
    here: Dashboard,
    form: Sent,
    faults: Faults,
) -> Result<EditorPage, Error> {
    let sites = Arc::clone(sites);
    db.read(move |conn| {
        let stored = edit::by_id(conn, &form.id)?;
        let site = sites.view(conn, Lang::En)?;
        let looked = LookedAt::of(conn, &form.fields, &site)?;
        as_sent(conn, &here, form, stored.as_ref(), looked, faults)
    })
    .await
}

fn as_sent(
    conn: &mut Conn<'_>,
    here: &Dashboard,
    form: Sent,
    stored: Option<&Stored>,
    looked: LookedAt,
    faults: Faults,
) -> Result<EditorPage, Error> {
    let now = clock::now_ms();
    let saved = stored.map(|stored| saved(conn, stored, now)).transpose()?;
    let title = saved.as_ref().map_or("New article", |saved| saved.title.as_str());
    Ok(EditorPage {
        view: here.view(title).below("Articles", "/admin/articles").wide(),
        id: form.id,
        based_on: form.based_on,
        fields: form.fields,
        faults,
        saved,
        kept: None,
        begun: Vec::new(),
        conflict: None,
        looked,
        zone: zone_name(here),
    })
}

/// The editor as it was sent, beside what somebody else has made of the article meanwhile. Sent once more it is saved
/// over that; both stay among the versions.
async fn conflict(
    db: &Db,
    sites: &Arc<Sites>,
    here: Dashboard,
    mut form: Sent,
    current: Option<Stored>,
) -> Result<EditorPage, Error> {
    let sites = Arc::clone(sites);
    db.read(move |conn| {
        let site = sites.view(conn, Lang::En)?;
        let looked = LookedAt::of(conn, &form.fields, &site)?;
        let mut conflict = Conflict {
            who: String::new(),
            at: clock::now_ms(),
            is_gone: current.is_none(),
            difference: revisions::Difference::default(),
            address: "/admin/articles".into(),
        };
        if let Some(stored) = &current {
            let summary = &stored.article.summary;
            let place = (Kind::Article, summary.id.as_str());
            let last = revisions::list(conn, place, "", 1)?.pop();
            conflict.who = last.map(|version| version.author).unwrap_or_default();
            conflict.at = summary.updated_at;
            conflict.address = super::address(summary);
            let theirs = serde_json::json!(fields_of(stored, &here.zone));
            conflict.difference = revisions::difference(&theirs, &serde_json::json!(form.fields));
            form.based_on = summary.updated_at;
        } else {
            // Saved once more it is a new article.
            form.based_on = 0;
            form.id = id::new_id();
        }
        let mut page = as_sent(conn, &here, form, current.as_ref(), looked, Faults::default())?;
        page.conflict = Some(conflict);
        Ok(page)
    })
    .await
}

/// Keeps what is typed, for whoever types it alone.
#[post("/admin/articles/draft", data = "<sent>")]
pub async fn keep(db: &State<Db>, sent: Posted<EditContent>) -> Result<Status, Refusal> {
    let form = Sent::read(&sent.fields.own())?;
    let user = sent.who.user.id.clone();
    let Sent { id: article_id, based_on, fields, .. } = form;
    let draft = Draft { article_id, fields, based_on, updated_at: clock::now_ms() };
    let kept: crate::platform::db::Result<()> =
        db.write(move |tx| drafts::put(tx, &user, &draft)).await;
    kept?;
    Ok(Status::NoContent)
}

/// Throws away what was typed and not saved.
#[post("/admin/articles/discard", data = "<sent>")]
pub async fn discard(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let wanted = id::parse(sent.fields.get("id")).ok_or(Error::NotFound)?;
    let user = sent.who.user.id.clone();
    let found = db
        .write(move |tx| -> Result<Option<Stored>, Error> {
            drafts::remove(tx, &user, &wanted)?;
            Ok(edit::by_id(tx, &wanted)?)
        })
        .await?;
    let back = found.map_or("/admin/articles/new".into(), |s| super::address(&s.article.summary));
    Ok(Answer::to(back, Flash::good("Thrown away. This is the article as it was saved.")))
}

/// Makes an article a draft (`at` is empty), public (`now`), or public from a moment on (epoch milliseconds).
#[post("/admin/articles/<slug>/state", data = "<sent>")]
pub async fn set_state(db: &State<Db>, slug: &str, sent: Posted<EditContent>) -> Paged {
    let now = clock::now_ms();
    let at = match sent.fields.get("at") {
        "" => None,
        "now" => Some(now),
        text => Some(text.parse().ok().filter(|at| *at >= 0).ok_or(Error::NotFound)?),
    };
    let (slug, actor) = (slug.to_owned(), sent.who.actor());
    let (was, stored) = db
        .write(move |tx| -> Result<(Option<i64>, Stored), Error> {
            let before = find(tx, &slug)?;
            let was = before.article.summary.published_at;
            let edit = Edit { published_at: Some(at), ..Edit::default() };
            Ok((was, edit::update(tx, &actor, before, edit, now)?))
        })
        .await?;
    let text = match desk::State::of(at, now) {
        desk::State::Draft => "It is a draft again. Visitors do not see it.",
        desk::State::Scheduled => "It appears at its time.",
        desk::State::Published => "It is public.",
    };
    let address = super::address(&stored.article.summary);
    let was = was.map(|at| at.to_string()).unwrap_or_default();
    let flash = Flash::good(text).undo(format!("{address}/state"), &[("at", &was)]);
    Ok(Answer::to(address, flash))
}

/// Removes an article for good, when its title was typed.
#[post("/admin/articles/<slug>/remove", data = "<sent>")]
pub async fn remove(db: &State<Db>, slug: &str, sent: Posted<EditContent>) -> Paged {
    let (slug, actor, now) = (slug.to_owned(), sent.who.actor(), clock::now_ms());
    let typed = sent.fields.get("typed").trim().to_owned();
    let removed = db
        .write(move |tx| -> Result<Result<String, String>, Error> {
            let gone = find(tx, &slug)?;
            let summary = &gone.article.summary;
            if typed != summary.title.trim() {
                return Ok(Err(super::address(summary)));
            }
            edit::remove(tx, &actor, &gone, now)?;
            Ok(Ok(gone.article.summary.title))
        })
        .await?;
    Ok(match removed {
        Ok(title) => Answer::to("/admin/articles", Flash::good(format!("“{title}” is removed."))),
        Err(address) => {
            let why = "It is still there: type its title exactly as it is to remove it.";
            Answer::to(address, Flash::bad(why))
        }
    })
}
