//! `/admin/theme`: the look is chosen, tried on, worn and taken off.

mod page;

use std::sync::Arc;

use rocket::http::Status;
use rocket::{Route, State, get, post, routes};

use super::edit;
use super::store::{self, Theme};
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::admin::shell::answer::{Paged, Refusal};
use crate::admin::shell::{Answer, Asked, Dashboard, Flash, Posted};
use crate::business::pages::pages::home_html;
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::Error;
use crate::platform::http::{Html, SiteView, Visit};
use crate::platform::id;
use page::{LookPart, page, read, refused};

const PATH: &str = "/admin/theme";

/// Addresses of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![show, save, draft, check, wear, reset, preview]
}

#[get("/admin/theme")]
pub async fn show(_may: ReadContent, dashboard: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    let wanted = asked.parsed("draft", id::parse);
    let page = page(&dashboard, db, move |conn| match wanted {
        Some(id) => match store::by_id(conn, &id) {
            Ok(theme) => Ok(Some(theme)),
            Err(db::Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        },
        None => Ok(None),
    });
    Answer::page(&page.await?)
}

/// The site wears what the form says.
#[post("/admin/theme", data = "<form>")]
pub async fn save(db: &State<Db>, form: Posted<EditContent>) -> Paged {
    let choices = match read(&form.fields) {
        Ok(choices) => choices,
        Err(error) => return refused(&form.dashboard, db, &form.fields, error).await,
    };
    let seen = form.fields.get("worn").to_owned();
    let (actor, now) = (form.who.actor(), clock::now_ms());
    let done = db
        .write(move |tx| -> Result<_, Error> {
            let before = store::live(tx)?;
            if before.as_ref().map_or("", |theme| &theme.id) != seen {
                let why = "Somebody else has changed the look since you opened this page. Your choices are still here: save again to put them in the place of theirs";
                return Err(Error::Conflict(why.into()));
            }
            let after = edit::wear(tx, &actor, choices, now)?;
            Ok((before, after))
        })
        .await;
    match done {
        Ok((before, after)) if before == after => {
            Ok(Answer::to(PATH, Flash::good("The site looks like this already.")))
        }
        Ok((before, _)) => {
            let flash = Flash::good("Saved. Every page wears it now.");
            Ok(Answer::to(PATH, with_undo(flash, before.as_ref())))
        }
        Err(error) => refused(&form.dashboard, db, &form.fields, error).await,
    }
}

/// With the way back to what was worn before.
fn with_undo(flash: Flash, before: Option<&Theme>) -> Flash {
    match before {
        Some(theme) => flash.undo(format!("{PATH}/wear"), &[("id", theme.id.as_str())]),
        None => flash.undo(format!("{PATH}/reset"), &[]),
    }
}

/// Tries on what the form says: only whoever may edit sees it.
#[post("/admin/theme/draft", data = "<form>")]
pub async fn draft(db: &State<Db>, form: Posted<EditContent>) -> Paged {
    let choices = match read(&form.fields) {
        Ok(choices) => choices,
        Err(error) => return refused(&form.dashboard, db, &form.fields, error).await,
    };
    let (actor, now) = (form.who.actor(), clock::now_ms());
    match db.write(move |tx| edit::draft(tx, &actor, choices, now)).await {
        Ok(made) => Ok(Answer::quietly_to(format!("{PATH}?draft={}", made.id))),
        Err(error) => refused(&form.dashboard, db, &form.fields, error).await,
    }
}

/// What the form comes to, for the script that shows it while somebody chooses. Changes nothing.
#[post("/admin/theme/check", data = "<form>")]
pub fn check(form: Posted<EditContent>) -> Paged {
    Answer::page(&LookPart::of(&read(&form.fields)?))
}

/// The site wears an earlier look again.
#[post("/admin/theme/wear", data = "<form>")]
pub async fn wear(db: &State<Db>, form: Posted<EditContent>) -> Paged {
    let id = id::parse(form.fields.get("id")).ok_or(Error::NotFound)?;
    let (actor, now) = (form.who.actor(), clock::now_ms());
    let before = db
        .write(move |tx| -> Result<_, Error> {
            let before = store::live(tx)?;
            let wanted = store::by_id(tx, &id)?;
            edit::wear(tx, &actor, wanted.choices, now)?;
            Ok(before)
        })
        .await?;
    let flash = Flash::good("The earlier look is worn again.");
    Ok(Answer::to(PATH, with_undo(flash, before.as_ref())))
}

/// Back to the built-in look.
#[post("/admin/theme/reset", data = "<form>")]
pub async fn reset(db: &State<Db>, form: Posted<EditContent>) -> Paged {
    let (actor, now) = (form.who.actor(), clock::now_ms());
    let before = db
        .write(move |tx| -> Result<_, Error> {
            let before = store::live(tx)?;
            edit::take_off(tx, &actor, now)?;
            Ok(before)
        })
        .await?;
    let flash = Flash::good("The site wears its built-in look again.");
    Ok(Answer::to(
        PATH,
        match &before {
            Some(_) => with_undo(flash, before.as_ref()),
            None => flash,
        },
    ))
}

/// The real home page under a draft. Public pages never look at who asks, so it stands at an address of its own.
#[get("/admin/theme/preview/<id>")]
pub async fn preview(
    _may: EditContent,
    visit: Visit<'_>,
    db: &State<Db>,
    id: &str,
) -> Result<Html, Refusal> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let mut frame = visit.frame().await?;
    let html = db
        .read(move |conn| -> Result<String, Error> {
            let theme = store::by_id(conn, &id)?;
            let theme = Some(super::shown(conn, &theme)?);
            frame.site = Arc::new(SiteView { theme, ..(*frame.site).clone() });
            home_html(conn, frame)
        })
        .await?;
    Ok(Html(Status::Ok, html))
}
