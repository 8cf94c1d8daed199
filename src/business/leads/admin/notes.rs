//! Notes on the page of a lead.

use rocket::{State, post};

use super::lead::page;
use crate::admin::accounts::caller::EditLeads;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::{Answer, Faults, Flash, Posted};
use crate::business::leads::notes;
use crate::business::programs::Catalogue;
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::id;
use crate::platform::text::Rule;

const TEXT_MAX: usize = 5000;

fn checked(typed: &str) -> Result<String, Error> {
    Rule::lines(TEXT_MAX)
        .check("The note", typed)
        .map_err(|(code, message)| Error::Invalid(vec![Fault::of("text", code, message)]))
}

#[post("/leads/<id>/notes", data = "<posted>", rank = 1)]
pub(super) async fn create(
    posted: Posted<EditLeads>,
    db: &State<Db>,
    catalogue: &State<Catalogue>,
    id: &str,
) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let typed = posted.fields.get("text");
    let done = match checked(typed) {
        Ok(text) => {
            let lead = id.clone();
            db.write(move |tx| notes::create(tx, &actor, &lead, text, now)).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(note) => {
            let undo = Flash::good("Noted.")
                .undo(format!("/admin/leads/{id}/notes/{}/remove", note.id), &[]);
            Ok(Answer::to(format!("/admin/leads/{id}"), undo))
        }
        Err(error) => {
            let faults = Faults::of(error)?;
            let mut page = page(&posted.dashboard, db, catalogue, &id, None).await?;
            page.note = typed.chars().take(2 * TEXT_MAX).collect();
            page.faults = faults;
            Answer::refused(&page)
        }
    }
}

#[post("/leads/<id>/notes/<note>", data = "<posted>", rank = 1)]
pub(super) async fn update(
    posted: Posted<EditLeads>,
    db: &State<Db>,
    id: &str,
    note: &str,
) -> Paged {
    let (id, note) = id::parse(id).zip(id::parse(note)).ok_or(Error::NotFound)?;
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let text = checked(posted.fields.get("text"))?;
    let seen: i64 = posted.fields.get("updated_at").parse().unwrap_or(0);
    let lead = id.clone();
    db.write(move |tx| -> Result<(), Error> {
        let before = notes::take(tx, &lead, &note)?;
        if before.updated_at != seen {
            return Err(Error::Conflict("somebody has changed this note since you opened it; go back, copy what you typed and reload the page".into()));
        }
        notes::update(tx, &actor, &lead, before, Some(text), now).map(drop)
    })
    .await?;
    Ok(Answer::to(format!("/admin/leads/{id}"), Flash::good("The note is changed.")))
}

#[post("/leads/<id>/notes/<note>/remove", data = "<posted>", rank = 1)]
pub(super) async fn remove(
    posted: Posted<EditLeads>,
    db: &State<Db>,
    id: &str,
    note: &str,
) -> Paged {
    let (id, note) = id::parse(id).zip(id::parse(note)).ok_or(Error::NotFound)?;
    let (actor, now) = (posted.who.actor(), clock::now_ms());
    let lead = id.clone();
    let text = db
        .write(move |tx| -> db::Result<String> {
            let gone = notes::take(tx, &lead, &note)?;
            notes::remove(tx, &actor, &lead, &gone, now)?;
            Ok(gone.text)
        })
        .await?;
    let undo = Flash::good("The note is gone.")
        .undo(format!("/admin/leads/{id}/notes"), &[("text", &text)]);
    Ok(Answer::to(format!("/admin/leads/{id}"), undo))
}
