//! The programs table.

use super::edit::{SEED_KIND, SEED_TEXTS_KIND};
use super::model::{Program, ProgramTextsFile, ProgramsFile, SeedProgram, SeedTexts};
use super::offers;
use crate::business::content::{self, Content, SeedError};
use crate::business::search::{self, Doc, Kind};
use crate::platform::db::{self, Conn, FromRow, Result, Row, Tx};
use crate::platform::lang::Lang;
use crate::platform::{clock, id};

crate::sql! {
    // In the words of ?1, or in English where there are none.
    PUBLISHED = "SELECT p.slug, coalesce(t.name, p.name), coalesce(t.tagline, p.tagline), coalesce(t.description, p.description),
                     p.price_minor, p.currency, p.duration_weeks, coalesce(t.details, p.details), p.checkout_url, p.updated_at, coalesce(t.lang, 'en'), p.offers
                 FROM programs p LEFT JOIN program_texts t ON t.program_slug = p.slug AND t.lang = ?1
                 WHERE p.published ORDER BY p.position, p.slug LIMIT 100";
    BY_SLUG = "SELECT p.slug, coalesce(t.name, p.name), coalesce(t.tagline, p.tagline), coalesce(t.description, p.description),
                   p.price_minor, p.currency, p.duration_weeks, coalesce(t.details, p.details), p.checkout_url, p.updated_at, coalesce(t.lang, 'en'), p.offers
               FROM programs p LEFT JOIN program_texts t ON t.program_slug = p.slug AND t.lang = ?1
               WHERE p.published AND p.slug = ?2";
    LANGUAGES = "SELECT lang FROM program_texts WHERE program_slug = ?1";
    NAME = "SELECT coalesce(t.name, p.name) FROM programs p LEFT JOIN program_texts t ON t.program_slug = p.slug AND t.lang = ?1
            WHERE p.slug = ?2";
    SEED_TEXTS = "INSERT INTO program_texts (program_slug, lang, name, tagline, description, details, created_at, updated_at, seeded_from)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)
                  ON CONFLICT (program_slug, lang) DO UPDATE SET name = excluded.name, tagline = excluded.tagline, description = excluded.description,
                      details = excluded.details, updated_at = excluded.updated_at, seeded_from = excluded.seeded_from
                  WHERE program_texts.edited_at IS NULL AND (program_texts.seeded_from = excluded.seeded_from OR excluded.seeded_from = 'folder')
                      AND (program_texts.seeded_from <> excluded.seeded_from OR program_texts.name <> excluded.name
                      OR program_texts.tagline <> excluded.tagline OR program_texts.description <> excluded.description
                      OR program_texts.details <> excluded.details)";
    // An owner's edit is never overwritten, and an unchanged seed changes nothing.
    SEED = "INSERT INTO programs (id, slug, position, name, tagline, description, price_minor, currency, duration_weeks, details, checkout_url, published, created_at, updated_at, seeded_from)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14)
            ON CONFLICT (slug) DO UPDATE SET position = excluded.position, name = excluded.name, tagline = excluded.tagline,
                description = excluded.description, price_minor = excluded.price_minor, currency = excluded.currency,
                duration_weeks = excluded.duration_weeks, details = excluded.details, checkout_url = excluded.checkout_url,
                updated_at = excluded.updated_at, seeded_from = excluded.seeded_from
            WHERE programs.edited_at IS NULL AND (programs.seeded_from = excluded.seeded_from OR excluded.seeded_from = 'folder')
                AND (programs.seeded_from <> excluded.seeded_from OR programs.position <> excluded.position OR programs.name <> excluded.name
                OR programs.tagline <> excluded.tagline OR programs.description <> excluded.description
                OR programs.price_minor <> excluded.price_minor OR programs.currency <> excluded.currency
                OR programs.duration_weeks <> excluded.duration_weeks OR programs.details <> excluded.details
                OR coalesce(programs.checkout_url, '') <> coalesce(excluded.checkout_url, ''))";
}

impl FromRow for Program {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let details: String = row.get(7)?;
        let offers = offers::read_column(&row.get::<String>(11)?)?;
        let program = Self {
            slug: row.get(0)?,
            name: row.get(1)?,
            tagline: row.get(2)?,
            description: row.get(3)?,
            price_minor: row.get(4)?,
            currency: row.get(5)?,
            duration_weeks: row.get(6)?,
            details: serde_json::from_str(&details)
                .map_err(|error| db::Error::Corrupt(format!("details of a program: {error}")))?,
            checkout_url: row.get(8)?,
            offer: None,
            updated_at: row.get(9)?,
            lang: Lang::from_code(&row.get::<String>(10)?).unwrap_or(Lang::En),
        };
        Ok(program.sold(&offers, clock::now_ms()))
    }
}

/// The programs on offer, in their order and in the words of `lang`.
pub fn published(conn: &mut Conn<'_>, lang: Lang) -> Result<Vec<Program>> {
    conn.all(PUBLISHED, &[&lang.code()])
}

/// A program on offer.
pub fn by_slug(conn: &mut Conn<'_>, slug: &str, lang: Lang) -> Result<Program> {
    conn.one(BY_SLUG, &[&lang.code(), &slug])
}

/// The languages a program is described in: English, and those that have words of their own.
pub fn languages(conn: &mut Conn<'_>, slug: &str) -> Result<Vec<Lang>> {
    let found: Vec<(String,)> = conn.all(LANGUAGES, &[&slug])?;
    let has = |lang: &Lang| *lang == Lang::En || found.iter().any(|(code,)| code == lang.code());
    Ok(Lang::ALL.into_iter().filter(has).collect())
}

/// The name of a program, also of one that is no longer on offer; the slug when it is gone.
pub fn name_of(conn: &mut Conn<'_>, slug: &str, lang: Lang) -> Result<String> {
    let found = conn.opt::<(String,)>(NAME, &[&lang.code(), &slug])?;
    Ok(found.map_or_else(|| slug.to_owned(), |(name,)| name))
}

/// Reads `programs.toml` and the words of each language: English must be there for each.
pub fn read_seed(content: &Content) -> std::result::Result<Vec<SeedProgram>, SeedError> {
    let file = content.file("programs.toml")?;
    let facts = file.toml::<ProgramsFile>()?.program;
    for (index, program) in facts.iter().enumerate() {
        let repeated = facts[..index].iter().any(|earlier| earlier.slug == program.slug);
        let fault =
            if repeated { Some("this slug stands twice".to_owned()) } else { program.fault() };
        if let Some(why) = fault {
            return Err(file.error_at(&program.slug, index, why));
        }
    }
    let mut words = Vec::new();
    for lang in Lang::ALL {
        let name = format!("{}/programs.toml", lang.code());
        let texts = if content.has(&name) {
            content.file(&name)?.toml()?
        } else {
            ProgramTextsFile::default()
        };
        words.push((lang, texts.program));
    }
    let mut programs = Vec::new();
    for (index, facts) in facts.into_iter().enumerate() {
        let mut texts = Vec::new();
        for (lang, all) in &mut words {
            if let Some(at) = all.iter().position(|t| t.slug == facts.slug) {
                texts.push((*lang, all.remove(at)));
            }
        }
        let Some(at) = texts.iter().position(|(lang, _)| *lang == Lang::En) else {
            let why = format!("en/programs.toml does not describe {}", facts.slug);
            return Err(file.error_at(&facts.slug, index, why));
        };
        let (_, english) = texts.remove(at);
        programs.push(SeedProgram { facts, english, others: texts });
    }
    Ok(programs)
}

/// Brings in what is new; returns how many programs changed.
pub fn seed(tx: &mut Tx<'_>, programs: &[SeedProgram], from: &str) -> Result<u64> {
    let now = clock::now_ms();
    let mut changed = 0;
    let removed = content::removed(tx, SEED_KIND)?;
    let removed_texts = content::removed(tx, SEED_TEXTS_KIND)?;
    for (position, program) in programs.iter().enumerate() {
        let SeedProgram { facts, english, others } = program;
        if removed.contains(&facts.slug) {
            if from == content::BUILT_IN {
                continue;
            }
            content::readmit(tx, SEED_KIND, &facts.slug)?;
        }
        let mut new = tx.exec(
            SEED,
            &[
                &id::new_id(),
                &facts.slug,
                &(position as i64 + 1),
                &english.name,
                &english.tagline,
                &english.description,
                &facts.price_minor,
                &facts.currency,
                &facts.duration_weeks,
                &json_of(english)?,
                &facts.checkout_url,
                &true,
                &now,
                &from,
            ],
        )?;
        for (lang, texts) in others {
            let name = format!("{}/{}", lang.code(), facts.slug);
            if removed_texts.contains(&name) {
                if from == content::BUILT_IN {
                    continue;
                }
                content::readmit(tx, SEED_TEXTS_KIND, &name)?;
            }
            let SeedTexts { slug, name, tagline, description, .. } = texts;
            let details = json_of(texts)?;
            new += tx.exec(
                SEED_TEXTS,
                &[slug, &lang.code(), name, tagline, description, &details, &now, &from],
            )?;
        }
        if new > 0 {
            index(tx, &facts.slug)?;
        }
        changed += new.min(1);
    }
    if changed > 0 {
        tx.touch_content()?;
    }
    Ok(changed)
}

fn json_of(texts: &SeedTexts) -> Result<String> {
    serde_json::to_string(&texts.details())
        .map_err(|error| db::Error::Engine(format!("details of a program: {error}")))
}

/// Makes a program findable as it now stands, in each of its languages.
pub fn index(tx: &mut Tx<'_>, slug: &str) -> Result<()> {
    for lang in languages(tx, slug)? {
        let program = by_slug(tx, slug, lang)?;
        let details = &program.details;
        let mut body = program.description.clone();
        let modules = details.modules.iter().flat_map(|m| [&m.title, &m.summary]);
        let questions = details.faq.iter().flat_map(|q| [&q.question, &q.answer]);
        for text in details.outcomes.iter().chain(modules).chain(questions) {
            body.push(' ');
            body.push_str(text);
        }
        let doc = Doc {
            kind: Kind::Program,
            slug: program.slug,
            lang,
            title: program.name,
            summary: program.tagline,
            body,
            published_at: 0,
        };
        search::put(tx, &doc)?;
    }
    Ok(())
}
