//! The home page: what it consists of, in which order, and what each part says.

use askama::Template;
use rocket::{State, get, post};
use serde_json::json;

use super::{in_words, languages};
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::{Asked, Dashboard, Faults, Fields, Flash, Posted, View};
use crate::business::pages::home;
use crate::business::pages::model::{HomeTexts, StepText, Testimonial};
use crate::business::pages::sections::{Section, Sections};
use crate::business::pages::store;
use crate::business::pages::words::{Place, rewrite};
use crate::platform::clock;
use crate::platform::crypto::sha256_hex;
use crate::platform::db::{Conn, Db};
use crate::platform::error::Error;
use crate::platform::http::Input;
use crate::platform::lang::Lang;
use crate::platform::word::Word;

const PLACE: &str = "/admin/home";
const SECTIONS: Place = Place { name: "sections", lang: "" };

#[derive(Template)]
#[template(path = "admin/pages/home.html")]
struct HomePage {
    view: View,
    lang: Lang,
    home: HomeTexts,
    sections: Vec<Part>,
    based_on: String,
    faults: Faults,
    is_stale: bool,
}

/// A section as it can be moved and left out.
struct Part {
    word: &'static str,
    label: &'static str,
    order: usize,
    is_shown: bool,
}

/// What is stored for a language.
struct Known {
    home: HomeTexts,
    sections: Sections,
}

impl Known {
    fn of(conn: &mut Conn<'_>, lang: Lang) -> Result<Self, Error> {
        Ok(Self { home: store::home_texts(conn, lang)?, sections: store::sections(conn)? })
    }

    fn mark(&self) -> String {
        let all = json!({ "home": self.home, "sections": self.sections }).to_string();
        sha256_hex(all.as_bytes())[..16].to_owned()
    }
}

impl HomePage {
    fn of(conn: &mut Conn<'_>, here: &Dashboard, lang: Lang) -> Result<Self, Error> {
        let known = Known::of(conn, lang)?;
        Ok(Self {
            view: here.view("Home page"),
            lang,
            based_on: known.mark(),
            sections: parts(&known.sections),
            home: with_spare(known.home),
            faults: Faults::default(),
            is_stale: false,
        })
    }

    fn languages(&self) -> Vec<(&'static str, &'static str, String, bool)> {
        languages(PLACE, self.lang)
    }

    fn fault(&self, name: &str) -> Option<String> {
        self.faults.about(name)
    }

    fn lines(list: &[String]) -> String {
        list.join("\n")
    }
}

fn parts(sections: &Sections) -> Vec<Part> {
    let part = |(index, section): (usize, Section)| Part {
        word: section.word(),
        label: label(section),
        order: index + 1,
        is_shown: sections.shows(section),
    };
    sections.all().into_iter().enumerate().map(part).collect()
}

fn label(section: Section) -> &'static str {
    match section {
        Section::Promise => "The promise",
        Section::Fit => "Whom it is for",
        Section::Programs => "Programs",
        Section::Steps => "How it works",
        Section::Testimonials => "What people say",
        Section::Articles => "Latest articles",
    }
}

fn with_spare(mut home: HomeTexts) -> HomeTexts {
    home.steps.push(StepText { title: String::new(), text: String::new() });
    home.testimonials.push(Testimonial {
        quote: String::new(),
        name: String::new(),
        role: String::new(),
        sample: false,
    });
    home
}

#[get("/admin/home")]
pub async fn show(_who: ReadContent, here: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    let lang = asked.word("lang").unwrap_or(Lang::En);
    let page = db.read(move |conn| HomePage::of(conn, &here, lang)).await?;
    Answer::page(&page)
}

#[post("/admin/home", data = "<sent>")]
pub async fn save(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let here = sent.dashboard.clone();
    let lang = Lang::of_word(sent.fields.get("lang")).unwrap_or(Lang::En);
    let (typed, sections) = (typed(&sent.fields), typed_sections(&sent.fields));
    let (based_on, actor, now) =
        (sent.fields.get("based_on").to_owned(), sent.who.actor(), clock::now_ms());
    let asked = (typed.clone(), sections.clone());
    let saved = db
        .write(move |tx| -> Result<(), Error> {
            let (typed, sections) = asked;
            let known = Known::of(tx, lang)?;
            let body = json!(typed);
            let none = serde_json::Map::new();
            let mut input = Input::new(body.as_object().unwrap_or(&none));
            let edits = home::read(&mut input);
            input.end()?;
            let mut after = known.home.clone();
            for edit in edits {
                edit(&mut after);
            }
            let is_same = json!(after) == json!(known.home) && sections == known.sections;
            if known.mark() != based_on && !is_same {
                return Err(Error::Stale("somebody else has changed the home page".into()));
            }
            let place = Place { name: "home", lang: lang.code() };
            rewrite(tx, &actor, place, known.home, |home| *home = after, now)?;
            rewrite(tx, &actor, SECTIONS, known.sections, |all| *all = sections, now)?;
            Ok(())
        })
        .await;
    let error = match saved {
        Ok(()) => {
            let back = format!("{PLACE}?lang={}", lang.code());
            return Ok(Answer::to(back, Flash::good("Saved. Visitors see it now.")));
        }
        Err(error) => error,
    };
    let (is_stale, faults) = match error {
        Error::Stale(_) => (true, Faults::default()),
        other => (false, Faults::of(in_words(other))?),
    };
    let page = db
        .read(move |conn| -> Result<HomePage, Error> {
            let page = HomePage::of(conn, &here, lang)?;
            let (home, sections) = (with_spare(typed), parts(&sections));
            Ok(HomePage { home, sections, faults, is_stale, ..page })
        })
        .await?;
    Answer::refused(&page)
}

fn typed_sections(fields: &Fields) -> Sections {
    let mut placed: Vec<(i64, &str)> = Section::ALL
        .iter()
        .map(|section| {
            let order = fields.get(&format!("order_{}", section.word())).trim().parse();
            (order.unwrap_or(99), section.word())
        })
        .collect();
    placed.sort_by_key(|(order, _)| *order);
    let hidden = Section::ALL.iter().map(|section| section.word());
    Sections {
        order: placed.into_iter().map(|(_, word)| word.to_owned()).collect(),
        hidden: hidden.filter(|w| !fields.is_on(&format!("show_{w}"))).map(str::to_owned).collect(),
    }
}

/// What stands in the fields, whether or not it is right.
fn typed(fields: &Fields) -> HomeTexts {
    let one = |name: &str| fields.get(name).trim().to_owned();
    let lines = |name: &str| -> Vec<String> {
        let lines = fields.get(name).lines().map(str::trim);
        lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    let all = |name: &str| -> Vec<String> {
        fields.all(name).into_iter().map(|value| value.trim().to_owned()).collect()
    };
    let steps = all("step_title").into_iter().zip(all("step_text"));
    let samples = fields.all("voice_sample");
    let voices = all("voice_quote").into_iter().zip(all("voice_name")).zip(all("voice_role"));
    let voice = |(index, ((quote, name), role)): (usize, ((String, String), String))| Testimonial {
        quote,
        name,
        role,
        // A box that is not ticked is not sent: each sends which row it stands in.
        sample: samples.contains(&index.to_string().as_str()),
    };
    let mut home = HomeTexts::default();
    macro_rules! put { ($($field:ident)+) => { $(home.$field = one(stringify!($field));)+ }; }
    put! {
        hero_title hero_lead hero_action hero_note promise_title promise_text fit_title for_title not_for_title
        programs_title programs_lead steps_title testimonials_title testimonials_note articles_title join_title join_lead
    }
    home.for_whom = lines("for_whom");
    home.not_for_whom = lines("not_for_whom");
    home.steps = steps
        .filter(|(title, text)| !title.is_empty() || !text.is_empty())
        .map(|(title, text)| StepText { title, text })
        .collect();
    home.testimonials = voices
        .enumerate()
        .map(voice)
        .filter(|voice| !voice.quote.is_empty() || !voice.name.is_empty())
        .collect();
    home
}
