//! The editor of a page, and its versions. Of a legal text each version that was published stays readable.

use askama::Template;
use rocket::http::Status;
use rocket::{State, get, post};
use serde_json::{Map, json};

use super::{address, below};
use crate::admin::accounts::caller::EditContent;
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::{Asked, Dashboard, Faults, Fields, Flash, Posted, View, times};
use crate::business::articles::model::html_of;
use crate::business::articles::pages::body_shown;
use crate::business::pages::edit::{self, Body, Edit, Stored};
use crate::business::pages::store::LEGAL;
use crate::business::pages::written::read_edit;
use crate::business::revisions::admin::{Back, HistoryPage};
use crate::business::revisions::{self, Difference, Kind};
use crate::platform::clock;
use crate::platform::db::{Conn, Db, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::id;
use crate::platform::lang::Lang;
use crate::platform::word::Word;

/// What stands in the fields.
#[derive(Debug, Clone, Default, serde::Serialize)]
struct Typed {
    title: String,
    slug: String,
    description: String,
    body: String,
}

#[derive(Template)]
#[template(path = "admin/pages/form.html")]
struct FormPage {
    view: View,
    typed: Typed,
    lang: Lang,
    based_on: i64,
    faults: Faults,
    /// None for a page that is not saved yet.
    saved: Option<Stored>,
    /// Where what is saved is edited.
    address: String,
    is_legal: bool,
    conflict: Option<Conflict>,
    body_html: String,
}

struct Conflict {
    who: String,
    at: i64,
    difference: Difference,
}

/// The text as visitors read it, for the place beside the field.
#[derive(Template)]
#[template(path = "admin/pages/_looked.html")]
struct Looked {
    body_html: String,
}

impl FormPage {
    fn new(
        conn: &mut Conn<'_>,
        here: &Dashboard,
        typed: Typed,
        (lang, saved): (Lang, Option<Stored>),
    ) -> Result<Self, Error> {
        let title = saved.as_ref().map_or("New page", |page| page.title.as_str());
        let (body_html, _) = body_shown(conn, &html_of(&typed.body), lang)?;
        Ok(Self {
            view: here.view(title).below("Pages", "/admin/pages").wide(),
            typed,
            lang,
            based_on: saved.as_ref().map_or(0, |page| page.updated_at),
            faults: Faults::default(),
            address: saved.as_ref().map(address).unwrap_or_default(),
            is_legal: saved.as_ref().is_some_and(|page| LEGAL.contains(&page.slug.as_str())),
            saved,
            conflict: None,
            body_html,
        })
    }

    fn below(&self, part: &str) -> String {
        self.saved.as_ref().map(|page| below(page, part)).unwrap_or_default()
    }

    fn path(&self) -> String {
        let slug = self.saved.as_ref().map_or("", |page| page.slug.as_str());
        self.lang.path(&format!("/{slug}"))
    }

    /// The date that visitors read, of a page that is public.
    fn dated(&self) -> Option<String> {
        let at = self.saved.as_ref()?.dated_at?;
        Some(times::day(at, &jiff::tz::TimeZone::UTC))
    }

    fn fault(&self, name: &str) -> Option<String> {
        self.faults.about(name)
    }

    fn other_faults(&self) -> Vec<String> {
        self.faults.others(&["title", "slug", "description", "body", "lang"])
    }

    fn languages(&self) -> Vec<(&'static str, &'static str, bool)> {
        let one = |lang: Lang| {
            (lang.code(), lang.words().site.name_of_language.as_str(), lang == self.lang)
        };
        Lang::ALL.into_iter().map(one).collect()
    }
}

impl Typed {
    fn of(page: &Stored) -> Self {
        Self {
            title: page.title.clone(),
            slug: page.slug.clone(),
            description: page.description.clone(),
            body: page.body_markdown.clone(),
        }
    }

    fn read(fields: &Fields) -> Self {
        Self {
            title: fields.get("title").to_owned(),
            slug: fields.get("slug").trim().to_owned(),
            description: fields.get("description").split_whitespace().collect::<Vec<_>>().join(" "),
            body: fields.get("body").to_owned(),
        }
    }

    /// What the fields ask for; rendering takes its time.
    fn edit(&self, act: &str, now_ms: i64) -> Result<Edit, Error> {
        let mut object = Map::new();
        for (name, value) in [
            ("title", &self.title),
            ("slug", &self.slug),
            ("description", &self.description),
            ("body", &self.body),
        ] {
            object.insert(name.to_owned(), json!(value));
        }
        let (_, mut edit) = read_edit(&object, true)?;
        edit.dated_at = match act {
            "publish" => Some(Some(now_ms)),
            "take-back" => Some(None),
            _ => None,
        };
        Ok(edit)
    }
}

#[get("/admin/pages/new")]
pub async fn create(_who: EditContent, here: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    let lang = asked.word("lang").unwrap_or(Lang::En);
    let typed = Typed { slug: asked.get("slug").to_owned(), ..Typed::default() };
    let page = db.read(move |conn| FormPage::new(conn, &here, typed, (lang, None))).await?;
    Answer::page(&page)
}

#[get("/admin/pages/<slug>", rank = 2)]
pub async fn show(
    _who: EditContent,
    here: Dashboard,
    db: &State<Db>,
    slug: &str,
    asked: Asked,
) -> Paged {
    let lang = asked.word("lang").unwrap_or(Lang::En);
    let slug = slug.to_owned();
    let page = db
        .read(move |conn| -> Result<FormPage, Error> {
            let stored = find(conn, &slug, lang)?;
            FormPage::new(conn, &here, Typed::of(&stored), (stored.lang, Some(stored)))
        })
        .await?;
    Answer::page(&page)
}

/// The page called `name`, or of this id.
fn find(conn: &mut Conn<'_>, name: &str, lang: Lang) -> Result<Stored, Error> {
    match edit::by_slug(conn, name, lang) {
        Err(crate::platform::db::Error::NotFound) => {
            let id = id::parse(name).ok_or(Error::NotFound)?;
            let all = edit::all(conn)?;
            all.into_iter().find(|page| page.id == id).ok_or(Error::NotFound)
        }
        found => Ok(found?),
    }
}

/// What became of a form.
enum Outcome {
    Saved(Box<Stored>),
    Stale(Box<Stored>),
}

#[post("/admin/pages", data = "<sent>")]
pub async fn save(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let here = sent.dashboard.clone();
    let (typed, now) = (Typed::read(&sent.fields), clock::now_ms());
    let lang = Lang::of_word(sent.fields.get("lang")).unwrap_or(Lang::En);
    let page_id = id::parse(sent.fields.get("id"));
    let based_on: i64 = sent.fields.get("based_on").parse().unwrap_or(0);
    let (act, asked) = (sent.fields.get("act").to_owned(), typed.clone());
    let read = tokio::task::spawn_blocking(move || asked.edit(&act, now))
        .await
        .map_err(|_| Error::Internal("reading a page panicked".into()))?;
    let (actor, wanted) = (sent.who.actor(), page_id.clone());
    let outcome = match read {
        Err(error) => Err(error),
        Ok(edit) => {
            let write = move |tx: &mut Tx<'_>| -> Result<Outcome, Error> {
                let Some(id) = wanted else {
                    return Ok(Outcome::Saved(Box::new(edit::create(
                        tx, &actor, lang, edit, now,
                    )?)));
                };
                let before = find(tx, &id, lang)?;
                if before.updated_at != based_on && edit::changes(&before, &edit) {
                    return Ok(Outcome::Stale(Box::new(before)));
                }
                Ok(Outcome::Saved(Box::new(edit::update(tx, &actor, before, edit, now)?)))
            };
            db.write(write).await
        }
    };
    match outcome {
        Ok(Outcome::Saved(page)) => Ok(told(&page, sent.fields.get("act"))),
        Ok(Outcome::Stale(current)) => {
            let page = db.read(move |conn| conflict(conn, &here, typed, *current)).await?;
            Answer::with(Status::Conflict, &page)
        }
        Err(error) => {
            let faults = Faults::of(about_its_field(error))?;
            let page = db
                .read(move |conn| -> Result<FormPage, Error> {
                    let saved = match &page_id {
                        Some(id) => Some(find(conn, id, lang)?),
                        None => None,
                    };
                    let mut page = FormPage::new(conn, &here, typed, (lang, saved))?;
                    page.faults = faults;
                    page.based_on = based_on;
                    Ok(page)
                })
                .await?;
            Answer::refused(&page)
        }
    }
}

fn told(page: &Stored, act: &str) -> Answer {
    let path = page.lang.path(&format!("/{}", page.slug));
    let text = match (page.dated_at, act) {
        (None, "take-back") => "Taken back. Visitors no longer see it.".to_owned(),
        (None, _) => "Draft saved. Only people of your team see it.".to_owned(),
        (Some(_), "publish") => format!("Published with the date of today. It is at {path}."),
        (Some(_), _) => "Saved. Visitors see it now.".to_owned(),
    };
    Answer::to(address(page), Flash::good(text))
}

fn about_its_field(error: Error) -> Error {
    match error {
        Error::Conflict(why) if why.contains("slug") || why.contains("address of the site") => {
            Error::Invalid(vec![Fault::of("slug", "conflict", why)])
        }
        other => other,
    }
}

fn conflict(
    conn: &mut Conn<'_>,
    here: &Dashboard,
    typed: Typed,
    current: Stored,
) -> Result<FormPage, Error> {
    let last = revisions::list(conn, (Kind::Page, &current.id), "", 1)?.pop();
    let (theirs, mine) = (json!(Typed::of(&current)), json!(typed));
    let conflict = Conflict {
        who: last.map(|version| version.author).unwrap_or_default(),
        at: current.updated_at,
        difference: revisions::difference(&theirs, &mine),
    };
    let mut page = FormPage::new(conn, here, typed, (current.lang, Some(current)))?;
    page.conflict = Some(conflict);
    Ok(page)
}

/// How a text that is typed looks.
#[post("/admin/pages/preview", data = "<sent>")]
pub async fn preview(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let lang = Lang::of_word(sent.fields.get("lang")).unwrap_or(Lang::En);
    let body = sent.fields.get("body").to_owned();
    let shown: Result<String, Error> =
        db.read(move |conn| Ok(body_shown(conn, &html_of(&body), lang)?.0)).await;
    Answer::page(&Looked { body_html: shown? })
}

/// Removes a page for good, when its title was typed.
#[post("/admin/pages/<slug>/remove", data = "<sent>")]
pub async fn remove(db: &State<Db>, slug: &str, asked: Asked, sent: Posted<EditContent>) -> Paged {
    let lang = asked.word("lang").unwrap_or(Lang::En);
    let (slug, actor, now) = (slug.to_owned(), sent.who.actor(), clock::now_ms());
    let typed = sent.fields.get("typed").trim().to_owned();
    let removed = db
        .write(move |tx| -> Result<Result<String, String>, Error> {
            let gone = find(tx, &slug, lang)?;
            if typed != gone.title.trim() {
                return Ok(Err(address(&gone)));
            }
            edit::remove(tx, &actor, &gone, now)?;
            Ok(Ok(gone.title))
        })
        .await?;
    Ok(match removed {
        Ok(title) => Answer::to("/admin/pages", Flash::good(format!("“{title}” is removed."))),
        Err(back) => {
            let why = "It is still there: type its title exactly as it is to remove it.";
            Answer::to(back, Flash::bad(why))
        }
    })
}

/// The versions of a page, and how two of them differ.
#[get("/admin/pages/<slug>/versions")]
pub async fn versions(
    _who: EditContent,
    here: Dashboard,
    db: &State<Db>,
    slug: &str,
    asked: Asked,
) -> Paged {
    let lang = asked.word("lang").unwrap_or(Lang::En);
    let slug = slug.to_owned();
    let page = db
        .read(move |conn| -> Result<HistoryPage, Error> {
            let stored = find(conn, &slug, lang)?;
            let view = here.view("Versions").below("Pages", "/admin/pages");
            let view = view.below(&stored.title, address(&stored));
            let back = Back {
                to: below(&stored, "restore"),
                note: "Title, description and text come back as a new version. Its address stays; a page that is public gets the date of today.",
            };
            HistoryPage::of(conn, view, (Kind::Page, &stored.id), &asked, Some(back))
        })
        .await?;
    Answer::page(&page)
}

/// Brings the words of a version back, as a new version.
#[post("/admin/pages/<slug>/restore", data = "<sent>")]
pub async fn restore(db: &State<Db>, slug: &str, asked: Asked, sent: Posted<EditContent>) -> Paged {
    let lang = asked.word("lang").unwrap_or(Lang::En);
    let wanted = id::parse(sent.fields.get("version")).ok_or(Error::NotFound)?;
    let (slug, actor, now) = (slug.to_owned(), sent.who.actor(), clock::now_ms());
    let page = db
        .write(move |tx| -> Result<Stored, Error> {
            let stored = find(tx, &slug, lang)?;
            let version = revisions::one(tx, (Kind::Page, &stored.id), &wanted)?;
            let text = |name: &str| Some(version.text(name).to_owned());
            let edit = Edit {
                title: text("title"),
                description: text("description"),
                body: text("body").map(Body::of),
                dated_at: stored.dated_at.map(|_| Some(now)),
                ..Edit::default()
            };
            edit::update(tx, &actor, stored, edit, now)
        })
        .await?;
    let flash = Flash::good("Brought back. What was there before is among the versions.");
    Ok(Answer::to(address(&page), flash))
}
