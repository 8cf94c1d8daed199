//! One program: its facts, and its words in a language.

use askama::Template;
use rocket::http::Status;
use rocket::{State, get, post};

use super::address;
use super::form::Typed;
use crate::admin::accounts::caller::EditContent;
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::{Asked, Dashboard, Faults, Flash, Posted, View};
use crate::business::pages::admin::in_words;
use crate::business::programs::edit::{self, Edit, Stored};
use crate::business::revisions::admin::HistoryPage;
use crate::business::revisions::{self, Kind};
use crate::platform::clock;
use crate::platform::db::{Conn, Db, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::id;
use crate::platform::lang::Lang;
use crate::platform::word::Word;

const PLACE: &str = "/admin/programs";

#[derive(Template)]
#[template(path = "admin/programs/form.html")]
struct FormPage {
    view: View,
    typed: Typed,
    lang: Lang,
    based_on: i64,
    faults: Faults,
    saved: Option<Stored>,
    /// Somebody saved in between: who, and when.
    conflict: Option<(String, i64)>,
    zone: String,
}

impl FormPage {
    fn new(here: &Dashboard, typed: Typed, lang: Lang, saved: Option<Stored>) -> Self {
        let title = saved.as_ref().map_or("New program", |program| &program.english.name);
        Self {
            view: here.view(title).below("Programs", PLACE),
            typed: typed.with_spare_rows(),
            lang,
            based_on: saved.as_ref().map_or(0, |program| program.updated_at),
            faults: Faults::default(),
            saved,
            conflict: None,
            zone: here.zone.iana_name().unwrap_or("UTC").to_owned(),
        }
    }

    fn fault(&self, name: &str) -> Option<String> {
        self.faults.about(name)
    }

    fn other_faults(&self) -> Vec<String> {
        self.faults.others(&[
            "slug",
            "position",
            "price",
            "currency",
            "weeks",
            "checkout_url",
            "offers",
            "name",
            "tagline",
            "description",
            "outcomes",
            "not_for",
            "modules",
            "faq",
        ])
    }

    fn is_english(&self) -> bool {
        self.lang == Lang::En
    }

    /// Whether there are words in the language of the page.
    fn has_words(&self) -> bool {
        self.saved.as_ref().is_some_and(|program| program.texts(self.lang).is_some())
    }

    fn languages(&self) -> Vec<(&'static str, &'static str, String, bool)> {
        let Some(program) = &self.saved else { return Vec::new() };
        let one = |lang: Lang| {
            let name = lang.words().site.name_of_language.as_str();
            (lang.code(), name, address(program, lang), lang == self.lang)
        };
        Lang::ALL.into_iter().map(one).collect()
    }

    fn below(&self, part: &str) -> String {
        let name = self.saved.as_ref().map_or("", |program| program.id.as_str());
        format!("{PLACE}/{name}/{part}")
    }
}

#[get("/admin/programs/new")]
pub fn create(_who: EditContent, here: Dashboard) -> Paged {
    let typed = Typed { currency: "EUR".into(), weeks: "8".into(), ..Typed::default() };
    Answer::page(&FormPage::new(&here, typed, Lang::En, None))
}

#[get("/admin/programs/<slug>", rank = 2)]
pub async fn show(
    _who: EditContent,
    here: Dashboard,
    db: &State<Db>,
    slug: &str,
    asked: Asked,
) -> Paged {
    let lang = asked.word("lang").unwrap_or(Lang::En);
    let slug = slug.to_owned();
    let stored = db.read(move |conn| find(conn, &slug)).await?;
    let typed = Typed::of(&stored, lang, &here.zone);
    Answer::page(&FormPage::new(&here, typed, lang, Some(stored)))
}

/// The program called `name`, or of this id.
fn find(conn: &mut Conn<'_>, name: &str) -> Result<Stored, Error> {
    match edit::by_slug(conn, name) {
        Err(crate::platform::db::Error::NotFound) => {
            let id = id::parse(name).ok_or(Error::NotFound)?;
            let all = edit::all(conn)?;
            all.into_iter().find(|program| program.id == id).ok_or(Error::NotFound)
        }
        found => Ok(found?),
    }
}

/// What became of a form.
enum Outcome {
    Saved(Box<Stored>),
    /// Who saved in between, and what is there now.
    Stale(String, Box<Stored>),
}

fn put(
    tx: &mut Tx<'_>,
    actor: &crate::admin::accounts::audit::Actor,
    wanted: Option<&str>,
    based_on: i64,
    edit: &Edit,
) -> Result<Outcome, Error> {
    let now = clock::now_ms();
    let Some(id) = wanted else {
        return Ok(Outcome::Saved(Box::new(edit::create(tx, actor, edit.clone(), now)?)));
    };
    let before = find(tx, id)?;
    if before.updated_at != based_on && edit::changes(&before, edit) {
        let last = revisions::list(tx, (Kind::Program, &before.id), "", 1)?.pop();
        let who = last.map(|version| version.author).unwrap_or_default();
        return Ok(Outcome::Stale(who, Box::new(before)));
    }
    Ok(Outcome::Saved(Box::new(edit::update(tx, actor, before, edit, now)?)))
}

#[post("/admin/programs", data = "<sent>")]
pub async fn save(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let here = sent.dashboard.clone();
    let typed = Typed::read(&sent.fields.own());
    let lang = Lang::of_word(sent.fields.get("lang")).unwrap_or(Lang::En);
    let wanted = id::parse(sent.fields.get("id"));
    let based_on: i64 = sent.fields.get("based_on").parse().unwrap_or(0);
    let (actor, asked) = (sent.who.actor(), wanted.clone());
    let outcome = match typed.edit(lang, wanted.is_none(), &here.zone) {
        Ok(edit) => db.write(move |tx| put(tx, &actor, asked.as_deref(), based_on, &edit)).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(Outcome::Saved(program)) => {
            let text = if program.published {
                "Saved. Visitors see it now."
            } else {
                "Saved. It is hidden from visitors."
            };
            Ok(Answer::to(address(&program, lang), Flash::good(text)))
        }
        Ok(Outcome::Stale(who, current)) => {
            let at = current.updated_at;
            let mut page = FormPage::new(&here, typed, lang, Some(*current));
            page.conflict = Some((who, at));
            Answer::with(Status::Conflict, &page)
        }
        Err(error) => {
            let faults = Faults::of(in_words(about_its_field(error)))?;
            let saved = match wanted {
                Some(id) => Some(db.read(move |conn| find(conn, &id)).await?),
                None => None,
            };
            let mut page = FormPage::new(&here, typed, lang, saved);
            (page.faults, page.based_on) = (faults, based_on);
            Answer::refused(&page)
        }
    }
}

fn about_its_field(error: Error) -> Error {
    match error {
        Error::Conflict(why) if why.contains("slug") => {
            Error::Invalid(vec![Fault::of("slug", "conflict", why)])
        }
        Error::Conflict(why) if why.contains("offer") => {
            Error::Invalid(vec![Fault::of("offers", "conflict", why)])
        }
        other => other,
    }
}

/// Removes a program for good, when its name was typed.
#[post("/admin/programs/<slug>/remove", data = "<sent>")]
pub async fn remove(db: &State<Db>, slug: &str, sent: Posted<EditContent>) -> Paged {
    let (slug, actor, now) = (slug.to_owned(), sent.who.actor(), clock::now_ms());
    let typed = sent.fields.get("typed").trim().to_owned();
    let removed = db
        .write(move |tx| -> Result<Result<String, String>, Error> {
            let gone = find(tx, &slug)?;
            if typed != gone.english.name.trim() {
                return Ok(Err(address(&gone, Lang::En)));
            }
            edit::remove(tx, &actor, &gone, now)?;
            Ok(Ok(gone.english.name))
        })
        .await?;
    Ok(match removed {
        Ok(name) => Answer::to(PLACE, Flash::good(format!("{name} is removed."))),
        Err(back) => {
            let why = "It is still there: type its name exactly as it is to remove it.";
            Answer::to(back, Flash::bad(why))
        }
    })
}

/// The versions of a program, and how two of them differ.
#[get("/admin/programs/<slug>/versions")]
pub async fn versions(
    _who: EditContent,
    here: Dashboard,
    db: &State<Db>,
    slug: &str,
    asked: Asked,
) -> Paged {
    let slug = slug.to_owned();
    let page = db
        .read(move |conn| -> Result<HistoryPage, Error> {
            let stored = find(conn, &slug)?;
            let view = here.view("Versions").below("Programs", PLACE);
            let view = view.below(&stored.english.name, address(&stored, Lang::En));
            HistoryPage::of(conn, view, (Kind::Program, &stored.id), &asked, None)
        })
        .await?;
    Answer::page(&page)
}
