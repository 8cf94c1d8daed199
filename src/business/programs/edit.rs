//! Changes of programs, and what follows from them.

use serde::Serialize;
use serde_json::{Value, json};

use super::model::{Details, Program};
use super::offers::{self, Offer};
use super::{history, store};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::search::{self, Kind};
use crate::business::webhooks::{self, Event};
use crate::business::{content, redirects};
use crate::platform::clock;
use crate::platform::db::{self, Conn, FromRow, Row, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::id;
use crate::platform::lang::Lang;

/// What removed built-in programs are remembered as.
pub(super) const SEED_KIND: &str = "program";
/// The same for the words of one language: `es/prime`.
pub(super) const SEED_TEXTS_KIND: &str = "program-texts";

crate::sql! {
    ANY_BY_SLUG = "SELECT id, slug, position, name, tagline, description, details, price_minor, currency, duration_weeks, checkout_url, published, created_at, updated_at, edited_at, offers
                   FROM programs WHERE slug = ?1";
    ALL = "SELECT id, slug, position, name, tagline, description, details, price_minor, currency, duration_weeks, checkout_url, published, created_at, updated_at, edited_at, offers
           FROM programs ORDER BY position, slug LIMIT 100";
    TEXTS_OF = "SELECT lang, name, tagline, description, details FROM program_texts WHERE program_slug = ?1";
    COUNT = "SELECT CAST(count(*) AS BIGINT), coalesce(max(position), 0) FROM programs";
    ADD = "INSERT INTO programs (id, slug, position, name, tagline, description, details, price_minor, currency, duration_weeks, checkout_url, published, created_at, updated_at, edited_at, seeded_from, offers)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?13, 'owner', ?14)";
    SET = "UPDATE programs SET slug = ?2, position = ?3, name = ?4, tagline = ?5, description = ?6, details = ?7, price_minor = ?8, currency = ?9,
               duration_weeks = ?10, checkout_url = ?11, published = ?12, updated_at = ?13, edited_at = ?13, offers = ?14 WHERE id = ?1";
    PUT_TEXTS = "INSERT INTO program_texts (program_slug, lang, name, tagline, description, details, created_at, updated_at, edited_at, seeded_from)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?7, 'owner')
                 ON CONFLICT (program_slug, lang) DO UPDATE SET name = excluded.name, tagline = excluded.tagline, description = excluded.description,
                     details = excluded.details, updated_at = excluded.updated_at, edited_at = excluded.edited_at";
    DROP_TEXTS = "DELETE FROM program_texts WHERE program_slug = ?1 AND lang = ?2";
    REMOVE = "DELETE FROM programs WHERE id = ?1";
}

/// As many as anybody sells; the list has no pages.
const MOST: i64 = 100;

/// What a program says in one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Texts {
    pub name: String,
    pub tagline: String,
    pub description: String,
    pub details: Details,
}

/// A program as it is stored, with its words in every language it has.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: String,
    pub slug: String,
    pub position: i64,
    pub english: Texts,
    /// Spanish and Portuguese, where there are any.
    pub others: Vec<(Lang, Texts)>,
    pub price_minor: i64,
    pub currency: String,
    pub duration_weeks: i64,
    pub checkout_url: Option<String>,
    pub offers: Vec<Offer>,
    pub published: bool,
    pub created_at: i64,
    pub updated_at: i64,
    pub edited_at: Option<i64>,
}

fn details_of(json: &str) -> db::Result<Details> {
    serde_json::from_str(json)
        .map_err(|error| db::Error::Corrupt(format!("details of a program: {error}")))
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        let details: String = row.get(6)?;
        let english = Texts {
            name: row.get(3)?,
            tagline: row.get(4)?,
            description: row.get(5)?,
            details: details_of(&details)?,
        };
        Ok(Self {
            id: row.get(0)?,
            slug: row.get(1)?,
            position: row.get(2)?,
            english,
            others: Vec::new(),
            price_minor: row.get(7)?,
            currency: row.get(8)?,
            duration_weeks: row.get(9)?,
            checkout_url: row.get(10)?,
            offers: offers::read_column(&row.get::<String>(15)?)?,
            published: row.get(11)?,
            created_at: row.get(12)?,
            updated_at: row.get(13)?,
            edited_at: row.get(14)?,
        })
    }
}

impl Stored {
    fn with_others(mut self, conn: &mut Conn<'_>) -> db::Result<Self> {
        let rows: Vec<(String, String, String, String, String)> =
            conn.all(TEXTS_OF, &[&self.slug])?;
        for (lang, name, tagline, description, details) in rows {
            if let Some(lang) = Lang::from_code(&lang) {
                let details = details_of(&details)?;
                self.others.push((lang, Texts { name, tagline, description, details }));
            }
        }
        self.others.sort_by_key(|(lang, _)| *lang);
        Ok(self)
    }

    /// The words of a language, where there are any.
    #[must_use]
    pub fn texts(&self, lang: Lang) -> Option<&Texts> {
        match lang {
            Lang::En => Some(&self.english),
            other => self.others.iter().find(|(l, _)| *l == other).map(|(_, texts)| texts),
        }
    }

    /// The program as a visitor who reads `lang` is shown it.
    #[must_use]
    pub fn shown(&self, lang: Lang) -> Program {
        let (lang, texts) =
            self.texts(lang).map_or((Lang::En, &self.english), |texts| (lang, texts));
        let program = Program {
            slug: self.slug.clone(),
            name: texts.name.clone(),
            tagline: texts.tagline.clone(),
            description: texts.description.clone(),
            price_minor: self.price_minor,
            currency: self.currency.clone(),
            duration_weeks: self.duration_weeks,
            details: texts.details.clone(),
            checkout_url: self.checkout_url.clone(),
            offer: None,
            updated_at: self.updated_at,
            lang,
        };
        program.sold(&self.offers, clock::now_ms())
    }
}

/// What is to become of a program; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub slug: Option<String>,
    pub position: Option<i64>,
    pub published: Option<bool>,
    pub price_minor: Option<i64>,
    pub currency: Option<String>,
    pub duration_weeks: Option<i64>,
    /// `Some(None)` takes it off sale.
    pub checkout_url: Option<Option<String>>,
    /// In the place of those there are.
    pub offers: Option<Vec<Offer>>,
    /// `None` takes the language away; English stays.
    pub texts: Vec<(Lang, Option<Texts>)>,
}

/// The program at this address, whether or not it is on offer.
pub fn by_slug(conn: &mut Conn<'_>, slug: &str) -> db::Result<Stored> {
    conn.one::<Stored>(ANY_BY_SLUG, &[&slug])?.with_others(conn)
}

/// Every program, in their order.
pub fn all(conn: &mut Conn<'_>) -> db::Result<Vec<Stored>> {
    let found: Vec<Stored> = conn.all(ALL, &[])?;
    found.into_iter().map(|program| program.with_others(conn)).collect()
}

/// Whether a program would be another after `edit`.
#[must_use]
pub fn changes(program: &Stored, edit: &Edit) -> bool {
    let after = changed(program.clone(), edit, program.updated_at);
    facts(program) != facts(&after)
        || program.english != after.english
        || program.others != after.others
}

/// A new program, after all others unless it says where. Hidden unless it is to be published.
///
/// # Errors
/// 409 when another program has the slug, or there are too many.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, edit: Edit, now_ms: i64) -> Result<Stored, Error> {
    let (count, last): (i64, i64) = tx.one(COUNT, &[])?;
    if count >= MOST {
        return Err(Error::Conflict(format!("there are {MOST} programs, and no more fit")));
    }
    let nothing = Stored {
        id: id::new_id(),
        slug: String::new(),
        position: (last + 1).min(super::body::POSITION_MAX),
        english: Texts {
            name: String::new(),
            tagline: String::new(),
            description: String::new(),
            details: Details::default(),
        },
        others: Vec::new(),
        price_minor: 0,
        currency: String::new(),
        duration_weeks: 1,
        checkout_url: None,
        offers: Vec::new(),
        published: false,
        created_at: now_ms,
        updated_at: now_ms,
        edited_at: Some(now_ms),
    };
    let made = changed(nothing, &edit, now_ms);
    write(tx, ADD, &made, now_ms)?;
    write_others(tx, &made, &edit, now_ms)?;
    content::readmit(tx, SEED_KIND, &made.slug)?;
    let change = Change::of("program.create", "program", &made.id).after(facts(&made));
    audit::record(tx, actor, &change, now_ms)?;
    history::note(tx, actor, None, &made, now_ms)?;
    settle(tx, &made)?;
    Ok(made)
}

/// Changes a program. An edit that changes nothing leaves no trace.
///
/// # Errors
/// 409 when another program has the slug.
pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: Stored,
    edit: &Edit,
    now_ms: i64,
) -> Result<Stored, Error> {
    let (was, old_slug, old_english) =
        (facts(&before), before.slug.clone(), before.english.clone());
    let old_others = before.others.clone();
    let after = changed(before.clone(), edit, now_ms);
    let is = facts(&after);
    if was == is && old_english == after.english && old_others == after.others {
        return Ok(before);
    }
    write(tx, SET, &after, now_ms)?;
    write_others(tx, &after, edit, now_ms)?;
    if after.slug != old_slug {
        content::remove(tx, SEED_KIND, &old_slug)?;
        search::remove(tx, Kind::Program, &old_slug)?;
        for lang in Lang::ALL {
            let path = |slug: &str| lang.path(&format!("/programs/{slug}"));
            redirects::moved(tx, &path(&old_slug), &path(&after.slug))?;
        }
    }
    let change = Change::of("program.update", "program", &after.id).before(was).after(is);
    audit::record(tx, actor, &change, now_ms)?;
    history::note(tx, actor, Some(&before), &after, now_ms)?;
    settle(tx, &after)?;
    Ok(after)
}

/// Removes a program for good.
pub fn remove(tx: &mut Tx<'_>, actor: &Actor, gone: &Stored, now_ms: i64) -> db::Result<()> {
    tx.exec(REMOVE, &[&gone.id])?;
    history::forget(tx, &gone.id)?;
    search::remove(tx, Kind::Program, &gone.slug)?;
    content::remove(tx, SEED_KIND, &gone.slug)?;
    let change = Change::of("program.delete", "program", &gone.id).before(facts(gone));
    audit::record(tx, actor, &change, now_ms)?;
    webhooks::emit(tx, Event::ProgramUpdated, &gone.id)?;
    tx.touch_content()
}

fn changed(mut program: Stored, edit: &Edit, now_ms: i64) -> Stored {
    for (lang, texts) in &edit.texts {
        match (lang, texts) {
            (Lang::En, Some(texts)) => program.english = texts.clone(),
            (Lang::En, None) => {}
            (lang, texts) => {
                program.others.retain(|(l, _)| l != lang);
                program.others.extend(texts.clone().map(|texts| (*lang, texts)));
            }
        }
    }
    program.others.sort_by_key(|(lang, _)| *lang);
    Stored {
        slug: edit.slug.clone().unwrap_or(program.slug),
        position: edit.position.unwrap_or(program.position),
        published: edit.published.unwrap_or(program.published),
        price_minor: edit.price_minor.unwrap_or(program.price_minor),
        currency: edit.currency.clone().unwrap_or(program.currency),
        duration_weeks: edit.duration_weeks.unwrap_or(program.duration_weeks),
        checkout_url: edit.checkout_url.clone().unwrap_or(program.checkout_url),
        offers: edit.offers.clone().unwrap_or(program.offers),
        updated_at: now_ms,
        edited_at: Some(now_ms),
        ..program
    }
}

fn write(tx: &mut Tx<'_>, sql: db::Sql, program: &Stored, now_ms: i64) -> Result<(), Error> {
    offers::check(&program.offers)?;
    let offers = json_of(&program.offers)?;
    let written = tx.exec(
        sql,
        &[
            &program.id,
            &program.slug,
            &program.position,
            &program.english.name,
            &program.english.tagline,
            &program.english.description,
            &json_of(&program.english.details)?,
            &program.price_minor,
            &program.currency,
            &program.duration_weeks,
            &program.checkout_url,
            &program.published,
            &now_ms,
            &offers,
        ],
    );
    match written {
        Ok(_) => Ok(()),
        Err(db::Error::Unique(_)) => Err(Error::Conflict("another program has this slug".into())),
        Err(other) => Err(other.into()),
    }
}

fn write_others(tx: &mut Tx<'_>, program: &Stored, edit: &Edit, now_ms: i64) -> Result<(), Error> {
    for (lang, texts) in edit.texts.iter().filter(|(lang, _)| *lang != Lang::En) {
        let (slug, code) = (&program.slug, lang.code());
        let Some(texts) = texts else {
            tx.exec(DROP_TEXTS, &[slug, &code])?;
            content::remove(tx, SEED_TEXTS_KIND, &format!("{code}/{slug}"))?;
            continue;
        };
        let Texts { name, tagline, description, details } = texts;
        let details = json_of(details)?;
        tx.exec(PUT_TEXTS, &[slug, &code, name, tagline, description, &details, &now_ms])?;
    }
    Ok(())
}

fn json_of(part: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(part).map_err(|error| Error::Internal(error.to_string()))
}

fn settle(tx: &mut Tx<'_>, program: &Stored) -> db::Result<()> {
    search::remove(tx, Kind::Program, &program.slug)?;
    if program.published {
        store::index(tx, &program.slug)?;
    }
    webhooks::emit(tx, Event::ProgramUpdated, &program.id)?;
    tx.touch_content()
}

/// What the record shows of a program: of its words only the names.
fn facts(program: &Stored) -> Value {
    let names = |(lang, texts): &(Lang, Texts)| (lang.code().to_owned(), json!(texts.name));
    let mut name: serde_json::Map<String, Value> = program.others.iter().map(names).collect();
    name.insert(Lang::En.code().to_owned(), json!(program.english.name));
    json!({
        "slug": program.slug,
        "position": program.position,
        "published": program.published,
        "price_minor": program.price_minor,
        "currency": program.currency,
        "duration_weeks": program.duration_weeks,
        "checkout_url": program.checkout_url,
        "offers": program.offers,
        "name": name,
    })
}

/// An ISO 4217 code: three capitals.
///
/// # Errors
/// The one fault of `currency`.
pub fn parse_currency(given: &str) -> Result<String, Fault> {
    if given.len() == 3 && given.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(given.to_owned());
    }
    Err(Fault::of("currency", "invalid", "currency must be three capitals such as EUR"))
}
