//! Redirects in the dashboard.

use askama::Template;
use rocket::{State, get, post};

use super::model::{Edit, Redirect, Wanted};
use super::nearest::{addresses, nearest};
use super::{api, edit, store};
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::admin::accounts::model::Capability;
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::table::{Bulk, Cell, Column, Empty, Filter, Row, Table};
use crate::admin::shell::{Asked, Dashboard, Faults, Flash, Posted, View};
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::id;

const LIST: &str = "/admin/redirects";

#[derive(Template)]
#[template(path = "admin/redirects/list.html")]
struct ListPage {
    view: View,
    table: Table,
}

#[derive(Template)]
#[template(path = "admin/redirects/form.html")]
struct FormPage {
    view: View,
    action: String,
    from: String,
    to: String,
    /// `to` is what was probably meant.
    is_guess: bool,
    is_new: bool,
    faults: Faults,
}

#[get("/admin/redirects")]
pub async fn list(_who: ReadContent, here: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    let (view, may_edit) = (here.view("Redirects"), here.may(Capability::EditContent));
    let order = asked.word("sort").unwrap_or(TimeOrder::Newest);
    let wanted = Wanted {
        from: String::new(),
        to: String::new(),
        words: asked.text("q").unwrap_or_default(),
        order,
        after: asked.parsed("cursor", paging::decode).unwrap_or_else(|| order.start()),
    };
    let limit = asked.limit();
    let found: db::Result<Vec<Redirect>> =
        db.read(move |conn| store::list(conn, &wanted, limit + 1)).await;
    let mut found = found?;
    let columns = vec![
        Column::new("Old address"),
        Column::new("Leads to"),
        Column::new("Since").sorted_down("created_at").minor(),
    ];
    let mut table = Table::new(&view, &asked, "redirects", columns);
    table.order = "-created_at";
    table.next = paging::cut(&mut found, limit).map(|last| paging::encode(&last.id));
    table.rows = found.into_iter().map(|redirect| row(redirect, may_edit)).collect();
    table.filters = vec![Filter::Search { name: "q", label: "Address" }];
    table.empty = Empty {
        title: "No redirects yet",
        text: "An address that has moved leads on to the new one, so that old links and bookmarks still work. When you change the address of an article, a page or a program, its redirect appears here by itself.",
        action: may_edit.then(|| ("Add a redirect", format!("{LIST}/new"))),
    };
    if may_edit {
        let remove = format!("{LIST}/remove");
        table.bulk = vec![Bulk { action: remove, label: "Remove", is_danger: true, field: None }];
    }
    Answer::page(&ListPage { view, table })
}

fn row(redirect: Redirect, may_edit: bool) -> Row {
    let name = if may_edit {
        let href = format!("{LIST}/{}", redirect.id);
        Cell::Name { text: redirect.from.clone(), href, sub: String::new() }
    } else {
        Cell::Code(redirect.from.clone())
    };
    Row {
        cells: vec![name, Cell::Code(redirect.to), Cell::Time(redirect.created_at)],
        id: redirect.id,
        label: redirect.from,
    }
}

/// A new redirect; with `from` in the address its most likely target stands there already.
#[get("/admin/redirects/new")]
pub async fn create(_who: EditContent, here: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    let (from, to) = (asked.get("from").to_owned(), asked.get("to").to_owned());
    let mut page = FormPage {
        view: here.view("New redirect").below("Redirects", LIST),
        action: LIST.into(),
        from: from.clone(),
        is_guess: false,
        to,
        is_new: true,
        faults: Faults::default(),
    };
    if page.to.is_empty() && !from.is_empty() {
        let guess: db::Result<Option<String>> =
            db.read(move |conn| Ok(nearest(&from, &addresses(conn)?).map(str::to_owned))).await;
        if let Some(guess) = guess? {
            (page.to, page.is_guess) = (guess, true);
        }
    }
    Answer::page(&page)
}

#[post("/admin/redirects", data = "<sent>")]
pub async fn add(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let here = sent.dashboard.clone();
    let (actor, now) = (sent.who.actor(), clock::now_ms());
    let made = match read(&sent) {
        Ok(asked) => db.write(move |tx| edit::create(tx, &actor, asked, now)).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(redirect) => {
            let text = format!("{} leads to {} now.", redirect.from, redirect.to);
            let undo = format!("{LIST}/remove");
            Ok(Answer::to(LIST, Flash::good(text).undo(undo, &[("id", &redirect.id)])))
        }
        Err(error) => refused(&here, &sent, LIST.into(), "New redirect", error),
    }
}

#[get("/admin/redirects/<id>", rank = 2)]
pub async fn show(_who: EditContent, here: Dashboard, db: &State<Db>, id: &str) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<Redirect> = db.read(move |conn| store::by_id(conn, &id)).await;
    let found = found?;
    Answer::page(&FormPage {
        view: here.view(&found.from).below("Redirects", LIST),
        action: format!("{LIST}/{}", found.id),
        from: found.from,
        to: found.to,
        is_guess: false,
        is_new: false,
        faults: Faults::default(),
    })
}

#[post("/admin/redirects/<id>", data = "<sent>", rank = 2)]
pub async fn update(db: &State<Db>, id: &str, sent: Posted<EditContent>) -> Paged {
    let here = sent.dashboard.clone();
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (actor, now, action) = (sent.who.actor(), clock::now_ms(), format!("{LIST}/{id}"));
    let saved = match read(&sent) {
        Ok(asked) => {
            let change = move |tx: &mut db::Tx<'_>| -> Result<(Redirect, Redirect), Error> {
                let before = store::by_id(tx, &id)?;
                Ok((before.clone(), edit::update(tx, &actor, before, asked, now)?))
            };
            db.write(change).await
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok((before, after)) => {
            let text = format!("{} leads to {} now.", after.from, after.to);
            let fields = [("from", before.from.as_str()), ("to", before.to.as_str())];
            Ok(Answer::to(LIST, Flash::good(text).undo(action, &fields)))
        }
        Err(error) => refused(&here, &sent, action, "Redirect", error),
    }
}

/// Removes the redirects whose boxes were ticked.
#[post("/admin/redirects/remove", data = "<sent>")]
pub async fn remove(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let (actor, now) = (sent.who.actor(), clock::now_ms());
    let ids: Vec<String> = sent.fields.all("id").into_iter().filter_map(id::parse).collect();
    let removed: db::Result<Vec<Redirect>> = db
        .write(move |tx| {
            let mut removed = Vec::new();
            for id in ids {
                match store::by_id(tx, &id) {
                    Ok(gone) => {
                        edit::remove(tx, &actor, &gone, now)?;
                        removed.push(gone);
                    }
                    Err(db::Error::NotFound) => {}
                    Err(other) => return Err(other),
                }
            }
            Ok(removed)
        })
        .await;
    let flash = match removed?.as_slice() {
        [] => Flash::bad("Choose the redirects to remove first."),
        [one] => Flash::good(format!("{} leads nowhere now.", one.from))
            .undo(LIST, &[("from", one.from.as_str()), ("to", one.to.as_str())]),
        many => Flash::good(format!("{} redirects are removed.", many.len())),
    };
    Ok(Answer::to(LIST, flash))
}

fn read(sent: &Posted<EditContent>) -> Result<Edit, Error> {
    let (from, to) = (sent.fields.get("from").trim(), sent.fields.get("to").trim());
    match (api::parse_from(from), api::parse_to(to)) {
        (Ok(from), Ok(to)) => Ok(Edit { from, to }),
        (from, to) => {
            let faults = [from.err(), to.err()].into_iter().flatten().map(named).collect();
            Err(Error::Invalid(faults))
        }
    }
}

/// The fault in the words of the form.
fn named(fault: Fault) -> Fault {
    let message = match fault.field() {
        "from" => "Write a path of this site such as /about-me, without ? or #",
        _ => "Write a path such as /programs, or an address such as https://example.com/",
    };
    Fault { message: message.into(), ..fault }
}

fn refused(
    here: &Dashboard,
    sent: &Posted<EditContent>,
    action: String,
    title: &str,
    error: Error,
) -> Paged {
    let page = FormPage {
        view: here.view(title).below("Redirects", LIST),
        is_new: action == LIST,
        action,
        from: sent.fields.get("from").to_owned(),
        to: sent.fields.get("to").to_owned(),
        is_guess: false,
        faults: Faults::of(error)?,
    };
    Answer::refused(&page)
}
