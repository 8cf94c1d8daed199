//! `/admin/media/<id>`: one picture, what is said about it, where it is used.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};

use super::{ALT_MAX, PATH, line, no_file, size_of, too_large};
use crate::admin::accounts::audit::Actor;
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::admin::accounts::model::Capability;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::upload::File;
use crate::admin::shell::{Answer, Dashboard, Faults, Flash, Posted, Uploaded, View};
use crate::business::media::desk::{self, Alt, Item};
use crate::business::media::edit::{self, Edit};
use crate::business::media::intake::{Note, shown_name};
use crate::business::media::uses::{self, Aside, Use, UseKind};
use crate::business::media::{Shelf, clear_away, take_in};
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::Error;
use crate::platform::id;
use crate::platform::lang::Lang;

#[derive(Template)]
#[template(path = "admin/media/show.html")]
struct PicturePage {
    view: View,
    item: Item,
    size: String,
    uses: Vec<Use>,
    aside: Aside,
    /// The texts as they stand in the form: language, its name, text.
    alts: Vec<(&'static str, &'static str, String)>,
    file_name: String,
    decorative: bool,
    faults: Faults,
    file_fault: Option<String>,
    remove_fault: Option<String>,
    may_edit: bool,
}

#[get("/admin/media/<id>")]
pub async fn show(_may: ReadContent, dashboard: Dashboard, db: &State<Db>, id: &str) -> Paged {
    Answer::page(&picture(&dashboard, db, id).await?)
}

async fn picture(dashboard: &Dashboard, db: &Db, id: &str) -> Result<PicturePage, Error> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let read: db::Result<_> = db
        .read(move |conn| {
            let item = desk::by_id(conn, &id)?;
            let uses = uses::of(conn, &item.picture.name)?;
            let aside = uses::aside(conn, &item.picture.name)?;
            Ok((item, uses, aside))
        })
        .await;
    let (item, uses, aside) = read?;
    let alt = |lang: Lang| {
        (
            lang.code(),
            lang.words().site.name_of_language.as_str(),
            item.alt.in_lang(lang).to_owned(),
        )
    };
    Ok(PicturePage {
        view: dashboard.view(item.title()).below("Media", PATH),
        size: size_of(item.bytes),
        uses,
        aside,
        alts: Lang::ALL.into_iter().map(alt).collect(),
        file_name: item.title().to_owned(),
        decorative: item.decorative,
        item,
        faults: Faults::default(),
        file_fault: None,
        remove_fault: None,
        may_edit: dashboard.may(Capability::EditContent),
    })
}

/// Changes what is said about a picture.
#[post("/admin/media/<id>", data = "<form>")]
pub async fn update(db: &State<Db>, id: &str, form: Posted<EditContent>) -> Paged {
    let at = format!("{PATH}/{id}");
    let outcome = set(db, id, &form).await;
    let error = match outcome {
        Ok((before, after)) if before.updated_at == after.updated_at => {
            return Ok(Answer::to(at, Flash::good("Nothing was changed.")));
        }
        Ok((before, after)) => {
            let flash = Flash::good(format!("“{}” is saved.", after.title()));
            // What nobody had said anything about cannot become so again.
            if before.lacks_alt() {
                return Ok(Answer::to(at, flash));
            }
            let stamp = after.updated_at.to_string();
            return Ok(Answer::to(at.clone(), flash.undo(at, &as_fields(&before, &stamp))));
        }
        Err(error) => error,
    };
    let mut page = picture(&form.dashboard, db, id).await?;
    page.faults = Faults::of(stale(error))?;
    for (code, _, text) in &mut page.alts {
        form.fields.get(&format!("alt_{code}")).clone_into(text);
    }
    form.fields.get("file_name").clone_into(&mut page.file_name);
    page.decorative = form.fields.is_on("decorative");
    Answer::refused(&page)
}

/// Somebody else was faster: what was typed stays, and what is there now stands beside it.
fn stale(error: Error) -> Error {
    match error {
        Error::Stale(_) => Error::Conflict(
            "Somebody else has changed this picture since you opened it. What you typed is still here: look at it, and save again to put it in the place of theirs".into(),
        ),
        other => other,
    }
}

async fn set(db: &Db, id: &str, form: &Posted<EditContent>) -> Result<(Item, Item), Error> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let mut faults = Vec::new();
    let mut read = |name: &str, max: usize| match line(name, form.fields.get(name), max) {
        Ok(text) => Some(text),
        Err(fault) => {
            faults.push(fault);
            None
        }
    };
    let decorative = form.fields.is_on("decorative");
    let file_name = read("file_name", 150).filter(|name| !name.is_empty());
    let alt = ["alt_en", "alt_es", "alt_pt"].map(|name| read(name, ALT_MAX));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    // Whoever ticks the box need not empty the fields too.
    let alt = if decorative { [None, None, None] } else { alt };
    let edit = Edit { file_name, alt, decorative: Some(decorative) };
    let seen = form.fields.get("updated_at").parse::<i64>().ok();
    let (actor, now) = (form.who.actor(), clock::now_ms());
    db.write(move |tx| {
        let before = desk::by_id(tx, &id)?;
        if seen.is_some_and(|seen| seen != before.updated_at) {
            return Err(Error::Stale("changed".into()));
        }
        let after = edit::update(tx, &actor, before.clone(), edit, now)?;
        Ok((before, after))
    })
    .await
}

/// What puts a picture back to how it was.
fn as_fields<'i>(before: &'i Item, stamp: &'i str) -> Vec<(&'static str, &'i str)> {
    let Alt { en, es, pt } = &before.alt;
    let mut fields = vec![
        ("updated_at", stamp),
        ("file_name", before.title()),
        ("alt_en", en.as_str()),
        ("alt_es", es.as_str()),
        ("alt_pt", pt.as_str()),
    ];
    if before.decorative {
        fields.push(("decorative", "yes"));
    }
    fields
}

/// Puts another file in the place of a picture.
#[post("/admin/media/<id>/file", data = "<form>")]
pub async fn replace(
    db: &State<Db>,
    shelf: &State<Arc<Shelf>>,
    id: &str,
    form: Uploaded<EditContent>,
) -> Paged {
    let at = format!("{PATH}/{id}");
    let Uploaded { who, dashboard, file, .. } = form;
    match exchange(db, shelf, id, who.actor(), file).await {
        Ok(notes) => {
            let said: Vec<&str> = notes.into_iter().map(Note::words).collect();
            let text = format!("The new file is shown everywhere. {}", said.join(" "));
            let flash = Flash::good(text.trim()).undo(format!("{at}/file/previous"), &[]);
            Ok(Answer::to(at, flash))
        }
        Err(error) if error.status() >= 500 || matches!(error, Error::NotFound) => {
            Err(error.into())
        }
        Err(error) => {
            let mut page = picture(&dashboard, db, id).await?;
            page.file_fault = Some(Faults::of(too_large(error))?.all().join(" "));
            Answer::refused(&page)
        }
    }
}

async fn exchange(
    db: &Db,
    shelf: &Arc<Shelf>,
    id: &str,
    actor: Actor,
    file: Option<File>,
) -> Result<Vec<Note>, Error> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let Some(File { name, bytes }) = file else {
        return Err(Error::Invalid(vec![no_file()]));
    };
    let (file_name, _) = shown_name(&name);
    let mut taken = take_in(shelf, bytes).await?;
    let notes = std::mem::take(&mut taken.notes);
    let now = clock::now_ms();
    let before = db
        .write(move |tx| -> Result<Item, Error> {
            let before = desk::by_id(tx, &id)?;
            if before.picture.hash == taken.hash {
                return Err(Error::Conflict("this is the file that is there already".into()));
            }
            edit::replace(tx, &actor, &before, &taken, file_name, now)?;
            Ok(before)
        })
        .await?;
    clear_away(db, shelf, before).await;
    Ok(notes)
}

/// Puts the file of before the last replacement back.
#[post("/admin/media/<id>/file/previous", data = "<form>")]
pub async fn put_back(db: &State<Db>, id: &str, form: Posted<EditContent>) -> Paged {
    let at = format!("{PATH}/{id}");
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let now = clock::now_ms();
    db.write(move |tx| {
        let before = desk::by_id(tx, &id)?;
        edit::put_back(tx, &form.who.actor(), &before, now)
    })
    .await?;
    let flash = Flash::good("The earlier file is shown again.");
    Ok(Answer::to(at.clone(), flash.undo(format!("{at}/file/previous"), &[])))
}

/// Removes a picture for good, when its name was typed.
#[post("/admin/media/<id>/remove", data = "<form>")]
pub async fn remove(
    db: &State<Db>,
    shelf: &State<Arc<Shelf>>,
    id: &str,
    form: Posted<EditContent>,
) -> Paged {
    let mut page = picture(&form.dashboard, db, id).await?;
    if !form.typed(&page.item.picture.name) {
        let name = &page.item.picture.name;
        page.remove_fault = Some(format!("Type {name} to remove it."));
        return Answer::refused(&page);
    }
    let (id, now) = (page.item.id.clone(), clock::now_ms());
    let gone = db
        .write(move |tx| -> Result<Item, Error> {
            let gone = desk::by_id(tx, &id)?;
            edit::remove(tx, &form.who.actor(), &gone, true, now)?;
            Ok(gone)
        })
        .await?;
    let text = format!("“{}” and its files are removed.", gone.title());
    clear_away(db, shelf, gone).await;
    Ok(Answer::to(PATH, Flash::good(text)))
}

impl PicturePage {
    /// Where a use is edited.
    fn desk_of(one: &Use) -> String {
        match one.kind {
            UseKind::Article => format!("/admin/articles/{}", one.slug),
            UseKind::Program => format!("/admin/programs/{}", one.slug),
            UseKind::Page => format!("/admin/pages/{}", one.slug),
            UseKind::Text => "/admin/home".into(),
            UseKind::Theme => "/admin/theme".into(),
        }
    }

    /// Faults of the form as a whole.
    fn other_faults(&self) -> Vec<String> {
        self.faults.others(&["file_name", "alt_en", "alt_es", "alt_pt"])
    }

    fn fault(&self, name: &str) -> Option<String> {
        self.faults.about(name)
    }
}
