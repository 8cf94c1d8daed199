//! `/admin/media`: every picture, and the form that brings one.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::{ALT_MAX, PATH, Script, line, no_file, size_of, too_large};
use crate::admin::accounts::audit::Actor;
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::admin::shell::answer::{Paged, Refusal};
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table, Tone, grouped};
use crate::admin::shell::upload::File;
use crate::admin::shell::{Answer, Asked, Dashboard, Faults, Fields, Flash, Uploaded, View};
use crate::business::media::desk::{self, Alt, Item, Wanted};
use crate::business::media::edit::{self, New};
use crate::business::media::intake::{Note, shown_name};
use crate::business::media::uses::{self, Use};
use crate::business::media::{Shelf, take_in};
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::Json;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::lang::Lang;
use crate::platform::word::Word;

/// What was typed beside a new file.
#[derive(Default)]
struct Typed {
    alt: String,
    decorative: bool,
}

#[derive(Template)]
#[template(path = "admin/media/list.html")]
struct LibraryPage {
    view: View,
    table: String,
    /// `12 pictures, 3.4 MB`.
    total: String,
    typed: Typed,
    faults: Faults,
}

impl LibraryPage {
    /// Faults of the form as a whole.
    fn other_faults(&self) -> Vec<String> {
        self.faults.others(&["file", "alt"])
    }
}

/// A page, or what a script is told.
#[derive(rocket::Responder)]
pub enum Reply {
    Page(Answer),
    Made(Json<Made>),
    Refused(Json<Refused>),
}

/// A picture that was taken in, for the editor.
#[derive(Serialize)]
pub struct Made {
    id: String,
    /// How a text shows it.
    markdown: String,
    notes: Vec<&'static str>,
    src: String,
    width: i64,
    height: i64,
}

/// Why a file was not taken.
#[derive(Serialize)]
pub struct Refused {
    error: String,
    /// The same under the name that every other refusal has it by.
    detail: String,
}

#[get("/admin/media")]
pub async fn list(_may: ReadContent, dashboard: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    Answer::page(&library(&dashboard, db, asked, Typed::default(), Faults::default()).await?)
}

async fn library(
    dashboard: &Dashboard,
    db: &Db,
    asked: Asked,
    typed: Typed,
    faults: Faults,
) -> Result<LibraryPage, Error> {
    let order = asked.word("sort").unwrap_or(TimeOrder::Newest);
    let yes_no = |name: &str| asked.parsed(name, |text| text.parse::<bool>().ok());
    let wanted = Wanted {
        words: asked.get("q").to_owned(),
        has_alt: yes_no("has_alt"),
        is_used: yes_no("is_used"),
        order,
        after: asked.parsed("cursor", paging::decode).unwrap_or_else(|| order.start()),
    };
    let limit = asked.limit();
    let read: db::Result<_> = db
        .read(move |conn| {
            let used = uses::all(conn)?;
            let names = used.keys().cloned().collect();
            let found = desk::list(conn, &wanted, |_| Ok(names), limit + 1)?;
            Ok((found, used, desk::total(conn)?))
        })
        .await;
    let (mut found, used, (count, bytes)) = read?;
    let view = dashboard.view("Media");
    let next = paging::cut(&mut found, limit).map(|item| paging::encode(&item.id));
    let pictures = if count == 1 { "picture" } else { "pictures" };
    Ok(LibraryPage {
        table: table(&view, &asked, found, &used, next).to_string(),
        total: format!("{} {pictures}, {}", grouped(count), size_of(bytes)),
        view,
        typed,
        faults,
    })
}

fn table(
    view: &View,
    asked: &Asked,
    found: Vec<Item>,
    used: &HashMap<String, Vec<Use>>,
    next: Option<String>,
) -> Table {
    let columns = vec![
        Column::new("Picture"),
        Column::new("Name"),
        Column::new("What it shows"),
        Column::new("Used").number().minor(),
        Column::new("Size").number().minor(),
        Column::new("Added").sorted_down("created_at").minor(),
    ];
    let mut table = Table::new(view, asked, "pictures", columns);
    table.order = "-created_at";
    table.next = next;
    let choice = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let alt = vec![choice("false", "Not said yet"), choice("true", "Said")];
    let by_use = vec![choice("false", "Not used"), choice("true", "Used")];
    table.filters = vec![
        Filter::Search { name: "q", label: "Name or what it shows" },
        Filter::Choice { name: "has_alt", label: "What it shows", choices: alt },
        Filter::Choice { name: "is_used", label: "Use", choices: by_use },
    ];
    table.empty = Empty {
        title: "No pictures yet",
        text: "Add one above, or drop one into an article while you write. It is made smaller for every screen by itself.",
        action: None,
    };
    table.rows = found
        .into_iter()
        .map(|item| {
            let count = used.get(&item.picture.name).map_or(0, Vec::len);
            row(&item, count as i64)
        })
        .collect();
    table
}

fn row(item: &Item, count: i64) -> Row {
    let shows = match item.alt.best(Lang::En) {
        _ if item.decorative => Cell::Badge("Decorative".into(), Tone::Plain),
        "" => Cell::Badge("Not said yet".into(), Tone::Warn),
        alt => Cell::text(alt),
    };
    let picture = &item.picture;
    Row {
        id: item.id.clone(),
        label: item.title().to_owned(),
        cells: vec![
            Cell::Picture { src: thumbnail(item), alt: String::new() },
            Cell::Name {
                text: item.title().to_owned(),
                href: format!("{PATH}/{}", item.id),
                sub: format!("{} × {}", picture.width, picture.height),
            },
            shows,
            Cell::Number(count),
            Cell::Text(size_of(item.bytes)),
            Cell::Time(item.created_at),
        ],
    }
}

/// The smallest file that there is.
fn thumbnail(item: &Item) -> String {
    let picture = &item.picture;
    picture
        .variants
        .first()
        .map_or_else(|| picture.src(), |w| format!("/media/{}", picture.variant(*w)))
}

/// Takes in a file: from the form of the library, or from the editor's script.
#[post("/admin/media", data = "<form>")]
pub async fn create(
    script: Script,
    db: &State<Db>,
    shelf: &State<Arc<Shelf>>,
    form: Uploaded<EditContent>,
) -> Result<Reply, Refusal> {
    let (alt, decorative) = (form.fields.get("alt").into(), form.fields.is_on("decorative"));
    let typed = Typed { alt, decorative };
    let Uploaded { who, dashboard, fields, file, .. } = form;
    match bring(db, shelf, who.actor(), &fields, file).await {
        Ok((item, notes)) if script.0 => Ok(Reply::Made(Json(
            Status::Created,
            Made {
                markdown: item.markdown(Lang::En),
                src: item.picture.src(),
                width: item.picture.width,
                height: item.picture.height,
                id: item.id,
                notes: notes.into_iter().map(Note::words).collect(),
            },
        ))),
        Ok((item, notes)) => {
            let said: Vec<&str> = notes.into_iter().map(Note::words).collect();
            let text = format!("“{}” is in the library. {}", item.title(), said.join(" "));
            Ok(Reply::Page(Answer::to(format!("{PATH}/{}", item.id), Flash::good(text.trim()))))
        }
        Err(error) if error.status() >= 500 => Err(error.into()),
        Err(error) if script.0 => {
            let status = Status::new(error.status());
            let detail = Faults::of(too_large(error))?.all().join(" ");
            let error = detail.clone();
            Ok(Reply::Refused(Json(status, Refused { error, detail })))
        }
        Err(error) => {
            let faults = Faults::of(too_large(error))?;
            let asked = Asked::read(PATH, "");
            let page = library(&dashboard, db, asked, typed, faults).await?;
            Ok(Reply::Page(Answer::refused(&page)?))
        }
    }
}

async fn bring(
    db: &Db,
    shelf: &Arc<Shelf>,
    actor: Actor,
    fields: &Fields,
    file: Option<File>,
) -> Result<(Item, Vec<Note>), Error> {
    let mut faults = Vec::new();
    let alt = line("alt", fields.get("alt"), ALT_MAX).map_err(|fault| faults.push(fault));
    let alt = alt.unwrap_or_default();
    let decorative = fields.is_on("decorative");
    if alt.is_empty() && !decorative && faults.is_empty() {
        let why = "Say what the picture shows, or tick that it is decorative";
        faults.push(Fault::of("alt", "required", why));
    }
    let lang = Lang::of_word(fields.get("lang")).unwrap_or(Lang::En);
    let Some(file) = file else {
        faults.insert(0, no_file());
        return Err(Error::Invalid(faults));
    };
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let (file_name, renamed) = shown_name(&file.name);
    let mut taken = take_in(shelf, file.bytes).await?;
    let mut notes = std::mem::take(&mut taken.notes);
    notes.extend(renamed.then_some(Note::Renamed));
    let alt = if decorative { Alt::default() } else { Alt::only(lang, alt) };
    let now = clock::now_ms();
    let (item, known) = db
        .write(move |tx| edit::create(tx, &actor, &taken, New { file_name, alt, decorative }, now))
        .await?;
    notes.extend(known);
    Ok((item, notes))
}
