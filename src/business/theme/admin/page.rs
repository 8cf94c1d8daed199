//! The page of the theme: what is chosen, how it looks, what cannot be read.

use std::collections::HashSet;

use askama::Template;

use super::super::colour::Colour;
use super::super::edit::of_choice;
use super::super::model::{Choices, Corners, Headings, LogoPlace, Pair, Scheme};
use super::super::store::{self, Theme};
use super::super::tokens::{Check, Choice, Tokens, checks, mended};
use crate::admin::accounts::model::Capability;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::{Answer, Dashboard, Faults, Fields, View};
use crate::business::media::desk::{self, Wanted};
use crate::platform::db::{self, Conn, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::paging::TimeOrder;
use crate::platform::word::Word;

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
pub(super) struct ThemePage {
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

/// How it looks, without the page around it.
#[derive(Template)]
#[template(path = "admin/theme/_look.html")]
pub(super) struct LookPart {
    look: Look,
}

impl LookPart {
    pub(super) fn of(choices: &Choices) -> Self {
        Self { look: Look::of(choices) }
    }
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

pub(super) async fn page(
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
pub(super) fn read(fields: &Fields) -> Result<Choices, Error> {
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
pub(super) async fn refused(
    dashboard: &Dashboard,
    db: &Db,
    fields: &Fields,
    error: Error,
) -> Paged {
    let faults = Faults::of(error)?;
    let mut page = page(dashboard, db, |_| Ok(None)).await?;
    page.fill(|name| fields.get(name).to_owned());
    if let Ok(choices) = read(fields) {
        page.look = Look::of(&choices);
    }
    page.faults = faults;
    Answer::refused(&page)
}
