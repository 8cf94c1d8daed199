//! `/admin/theme`: the look is chosen, tried on, worn and taken off.

use std::collections::HashSet;
use std::sync::Arc;

use askama::Template;
use rocket::http::Status;
use rocket::{Route, State, get, post, routes};

use super::colour::Colour;
use super::edit::{self, of_choice};
use super::model::{Choices, Corners, Headings, LogoPlace, Pair, Scheme};
use super::store::{self, Theme};
use super::tokens::{Check, Choice, Tokens, checks, mended};
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::admin::accounts::model::Capability;
use crate::admin::shell::answer::{Paged, Refusal};
use crate::admin::shell::{Answer, Asked, Dashboard, Faults, Fields, Flash, Posted, View};
use crate::business::media::desk::{self, Wanted};
use crate::business::pages::pages::home_html;
use crate::platform::clock;
use crate::platform::db::{self, Conn, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::paging::TimeOrder;
use crate::platform::http::{Html, SiteView, Visit};
use crate::platform::id;
use crate::platform::word::Word;

const PATH: &str = "/admin/theme";
/// Pictures that are offered as a logo: the newest.
const LOGOS: i64 = 100;
/// Earlier looks that are offered.
const PAST: i64 = 5;

const COLOURS: [(Choice, &str); 4] = [
    (Choice::Paper(Scheme::Light), "Paper"),
    (Choice::Accent(Scheme::Light), "Accent"),
    (Choice::Paper(Scheme::Dark), "Paper"),
    (Choice::Accent(Scheme::Dark), "Accent"),
];

/// Addresses of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![show, save, draft, check, wear, reset, preview]
}

/// One field for a colour.
struct ColourField {
    name: &'static str,
    label: &'static str,
    is_dark: bool,
    /// As it was typed.
    value: String,
}

/// One choice among several: word, label, whether it is chosen, the faces it stands for.
type Option_ = (&'static str, &'static str, bool, &'static str);

/// What the choices come to.
struct Look {
    /// Light, dark.
    samples: Vec<(&'static str, Tokens)>,
    face: &'static str,
    radius: &'static str,
    /// Every pair: on light, on dark.
    checks: Vec<[Check; 2]>,
    /// What would make everything readable.
    better: Vec<(Choice, Colour)>,
}

#[derive(Template)]
#[template(path = "admin/theme/show.html")]
struct ThemePage {
    view: View,
    colours: Vec<ColourField>,
    headings: Vec<Option_>,
    corners: Vec<Option_>,
    places: Vec<Option_>,
    logo: String,
    /// Name and title of pictures.
    logos: Vec<(String, String)>,
    look: Look,
    faults: Faults,
    /// What the site wears.
    worn: Option<Theme>,
    past: Vec<Theme>,
    /// What the form shows, when it was tried on.
    draft: Option<String>,
    may_edit: bool,
}

#[derive(Template)]
#[template(path = "admin/theme/_look.html")]
struct LookPart {
    look: Look,
}

impl Look {
    fn of(choices: &Choices) -> Self {
        let sample = |scheme| Tokens::of(choices, scheme);
        let nearest = mended(choices);
        let better = COLOURS.into_iter().filter_map(|(choice, _)| {
            let colour = of_choice(&nearest, choice);
            (colour != of_choice(choices, choice)).then_some((choice, colour))
        });
        let (dark, light): (Vec<_>, Vec<_>) = checks(choices).into_iter().partition(Check::is_dark);
        Self {
            samples: vec![("Light", sample(Scheme::Light)), ("Dark", sample(Scheme::Dark))],
            face: choices.headings.value(),
            radius: choices.corners.value().trim_end_matches("px"),
            checks: light.into_iter().zip(dark).map(|(light, dark)| [light, dark]).collect(),
            better: better.collect(),
        }
    }

    fn failing(&self) -> usize {
        self.checks.iter().flatten().filter(|check| !check.passes()).count()
    }

    fn pairs(&self) -> usize {
        2 * self.checks.len()
    }
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

async fn page(
    dashboard: &Dashboard,
    db: &Db,
    find: impl FnOnce(&mut Conn<'_>) -> db::Result<Option<Theme>> + Send + 'static,
) -> Result<ThemePage, Error> {
    let order = TimeOrder::Newest;
    let (words, after) = (String::new(), order.start());
    let wanted = Wanted { words, has_alt: None, is_used: None, order, after };
    let read: db::Result<_> = db
        .read(move |conn| {
            let pictures = desk::list(conn, &wanted, |_| Ok(HashSet::default()), LOGOS)?;
            let (draft, worn) = (find(conn)?, store::live(conn)?);
            Ok((draft, worn, store::past(conn, PAST)?, pictures))
        })
        .await;
    let (draft, worn, past, pictures) = read?;
    let shown = draft.as_ref().or(worn.as_ref());
    let choices = shown.map_or_else(Choices::default, |theme| theme.choices.clone());
    let mut logos: Vec<(String, String)> = pictures
        .into_iter()
        .map(|item| (item.picture.name.clone(), item.title().to_owned()))
        .collect();
    // One that is older than those offered stays chosen.
    if let Some(name) = choices.logo.clone().filter(|n| !logos.iter().any(|(l, _)| l == n)) {
        logos.push((name.clone(), name));
    }
    let mut page = ThemePage {
        view: dashboard.view("Theme"),
        colours: Vec::new(),
        headings: Vec::new(),
        corners: Vec::new(),
        places: Vec::new(),
        logo: String::new(),
        logos,
        look: Look::of(&choices),
        faults: Faults::default(),
        worn,
        past,
        draft: draft.map(|theme| theme.id),
        may_edit: dashboard.may(Capability::EditContent),
    };
    page.fill(|name| field_of(&choices, name));
    Ok(page)
}

/// The value that the form has for choices.
fn field_of(choices: &Choices, name: &str) -> String {
    match name {
        "headings" => choices.headings.word().into(),
        "corners" => choices.corners.word().into(),
        "logo_place" => choices.logo_place.word().into(),
        "logo" => choices.logo.clone().unwrap_or_default(),
        name => {
            let choice = COLOURS.into_iter().find(|(choice, _)| choice.field() == name);
            choice.map(|(choice, _)| of_choice(choices, choice).to_string()).unwrap_or_default()
        }
    }
}

impl ThemePage {
    /// Puts the values into the form.
    fn fill(&mut self, value: impl Fn(&str) -> String) {
        let colour = |(choice, label): (Choice, &'static str)| ColourField {
            name: choice.field(),
            label,
            is_dark: matches!(choice, Choice::Paper(Scheme::Dark) | Choice::Accent(Scheme::Dark)),
            value: value(choice.field()),
        };
        self.colours = COLOURS.into_iter().map(colour).collect();
        let chosen = (value("headings"), value("corners"), value("logo_place"));
        let headings =
            Headings::ALL.iter().map(|h| (h.word(), h.label(), h.word() == chosen.0, h.value()));
        self.headings = headings.collect();
        let corners =
            Corners::ALL.iter().map(|c| (c.word(), c.label(), c.word() == chosen.1, c.value()));
        self.corners = corners.collect();
        let places = LogoPlace::ALL.iter().map(|p| (p.word(), p.label(), p.word() == chosen.2, ""));
        self.places = places.collect();
        self.logo = value("logo");
    }

    /// Faults of the form as a whole.
    fn other_faults(&self) -> Vec<String> {
        let fields = COLOURS.map(|(choice, _)| choice.field());
        self.faults.others(&[&fields[..], &["logo"]].concat())
    }

    fn fault(&self, name: &str) -> Option<String> {
        self.faults.about(name)
    }

    /// The colours that are offered, as fields of a form.
    fn offered(&self) -> Vec<(String, String)> {
        let better = |name: &str| self.look.better.iter().find(|(known, _)| known.field() == name);
        let colour = |field: &ColourField| {
            let value = better(field.name).map_or(field.value.clone(), |(_, c)| c.to_string());
            (field.name.to_owned(), value)
        };
        let chosen = |options: &[Option_]| {
            options.iter().find(|option| option.2).map_or(String::new(), |option| option.0.into())
        };
        let others = [
            ("headings".to_owned(), chosen(&self.headings)),
            ("corners".to_owned(), chosen(&self.corners)),
            ("logo_place".to_owned(), chosen(&self.places)),
            ("logo".to_owned(), self.logo.clone()),
        ];
        self.colours.iter().map(colour).chain(others).collect()
    }
}

/// Reads the form; every field that cannot be understood is a fault.
fn read(fields: &Fields) -> Result<Choices, Error> {
    let mut faults = Vec::new();
    let mut colour = |choice: Choice| {
        let name = choice.field();
        Colour::parse(fields.get(name)).unwrap_or_else(|| {
            let message = "Write a colour as six digits after #, such as #A63A1E";
            faults.push(Fault::of(name, "invalid", message));
            of_choice(&Choices::default(), choice)
        })
    };
    let mut pair = |of: fn(Scheme) -> Choice| Pair {
        light: colour(of(Scheme::Light)),
        dark: colour(of(Scheme::Dark)),
    };
    let (paper, accent) = (pair(Choice::Paper), pair(Choice::Accent));
    let plain = Choices::default();
    let choices = Choices {
        accent,
        paper,
        headings: Headings::of_word(fields.get("headings")).unwrap_or(plain.headings),
        corners: Corners::of_word(fields.get("corners")).unwrap_or(plain.corners),
        logo: fields.text("logo"),
        logo_place: LogoPlace::of_word(fields.get("logo_place")).unwrap_or(plain.logo_place),
    };
    if faults.is_empty() { Ok(choices) } else { Err(Error::Invalid(faults)) }
}

/// The page of a form that was refused: with what was typed.
async fn refused(dashboard: &Dashboard, db: &Db, fields: &Fields, error: Error) -> Paged {
    let faults = Faults::of(error)?;
    let mut page = page(dashboard, db, |_| Ok(None)).await?;
    page.fill(|name| fields.get(name).to_owned());
    if let Ok(choices) = read(fields) {
        page.look = Look::of(&choices);
    }
    page.faults = faults;
    Answer::refused(&page)
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
    Answer::page(&LookPart { look: Look::of(&read(&form.fields)?) })
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
