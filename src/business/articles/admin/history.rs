//! What an article was before, and bringing it back.

use rocket::{State, get, post};

use super::editor::find;
use crate::admin::accounts::caller::EditContent;
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::{Asked, Dashboard, Flash, Posted};
use crate::business::articles::edit;
use crate::business::revisions::admin::{Back, HistoryPage};
use crate::business::revisions::{self, Kind};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::id;

/// The versions of an article, and how two of them differ.
#[get("/admin/articles/<slug>/revisions")]
pub async fn list(
    _who: EditContent,
    here: Dashboard,
    db: &State<Db>,
    slug: &str,
    asked: Asked,
) -> Paged {
    let slug = slug.to_owned();
    let page = db
        .read(move |conn| -> Result<HistoryPage, Error> {
            let summary = find(conn, &slug)?.article.summary;
            let address = super::address(&summary);
            let view = here
                .view("Versions")
                .below("Articles", "/admin/articles")
                .below(&summary.title, &address);
            let back = Back {
                to: format!("{address}/restore"),
                note: "Text, title, excerpt, author and tags come back as a new version. Address, language and date stay.",
            };
            HistoryPage::of(conn, view, (Kind::Article, &summary.id), &asked, Some(back))
        })
        .await?;
    Answer::page(&page)
}

/// Brings the words of a version back, as a new version.
#[post("/admin/articles/<slug>/restore", data = "<sent>")]
pub async fn restore(db: &State<Db>, slug: &str, sent: Posted<EditContent>) -> Paged {
    let wanted = id::parse(sent.fields.get("version")).ok_or(Error::NotFound)?;
    let (slug, actor, now) = (slug.to_owned(), sent.who.actor(), clock::now_ms());
    let (address, before) = db
        .write(move |tx| -> Result<(String, Option<String>), Error> {
            let stored = find(tx, &slug)?;
            let address = super::address(&stored.article.summary);
            let object = stored.article.summary.id.clone();
            let place = (Kind::Article, object.as_str());
            let version = revisions::one(tx, place, &wanted)?;
            let before = revisions::list(tx, place, "", 1)?.pop().map(|version| version.id);
            edit::update(tx, &actor, stored, edit::edit_back_to(&version), now)?;
            Ok((address, before))
        })
        .await?;
    let flash = Flash::good("Brought back. What was there before is among the versions.");
    let flash = match before {
        Some(before) => flash.undo(format!("{address}/restore"), &[("version", &before)]),
        None => flash,
    };
    Ok(Answer::to(address, flash))
}
