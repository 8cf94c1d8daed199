//! The programs table.

use super::model::{Details, Program, ProgramsFile, SeedProgram};
use crate::business::content::{Content, SeedError};
use crate::platform::db::{self, Conn, FromRow, Result, Row, Tx};
use crate::platform::{clock, id};

crate::sql! {
    PUBLISHED = "SELECT slug, name, tagline, description, price_minor, currency, duration_weeks, details, checkout_url, updated_at
                 FROM programs WHERE published ORDER BY position, slug LIMIT 100";
    BY_SLUG = "SELECT slug, name, tagline, description, price_minor, currency, duration_weeks, details, checkout_url, updated_at
               FROM programs WHERE published AND slug = ?1";
    NAME = "SELECT name FROM programs WHERE slug = ?1";
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
        Ok(Self {
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
            updated_at: row.get(9)?,
        })
    }
}

/// The programs on offer, in their order.
pub fn published(conn: &mut Conn<'_>) -> Result<Vec<Program>> {
    conn.all(PUBLISHED, &[])
}

/// A program on offer.
pub fn by_slug(conn: &mut Conn<'_>, slug: &str) -> Result<Program> {
    conn.one(BY_SLUG, &[&slug])
}

/// The name of a program, also of one that is no longer on offer; the slug when it is gone.
pub fn name_of(conn: &mut Conn<'_>, slug: &str) -> Result<String> {
    Ok(conn.opt::<(String,)>(NAME, &[&slug])?.map_or_else(|| slug.to_owned(), |(name,)| name))
}

/// Reads `programs.toml`.
pub fn read_seed(content: &Content) -> std::result::Result<Vec<SeedProgram>, SeedError> {
    let file = content.file("programs.toml")?;
    let programs = file.toml::<ProgramsFile>()?.program;
    for (index, program) in programs.iter().enumerate() {
        let repeated = programs[..index].iter().any(|earlier| earlier.slug == program.slug);
        let fault =
            if repeated { Some("this slug stands twice".to_owned()) } else { program.fault() };
        if let Some(why) = fault {
            return Err(file.error_at(&program.slug, index, why));
        }
    }
    Ok(programs)
}

/// Brings in what is new; returns how many rows changed.
pub fn seed(tx: &mut Tx<'_>, programs: Vec<SeedProgram>, from: &str) -> Result<u64> {
    let now = clock::now_ms();
    let mut changed = 0;
    for (position, program) in programs.into_iter().enumerate() {
        let details = Details {
            modules: program.module,
            outcomes: program.outcomes,
            not_for: program.not_for,
            faq: program.faq,
        };
        let details = serde_json::to_string(&details)
            .map_err(|error| db::Error::Engine(format!("details of a program: {error}")))?;
        changed += tx.exec(
            SEED,
            &[
                &id::new_id(),
                &program.slug,
                &(position as i64 + 1),
                &program.name,
                &program.tagline,
                &program.description,
                &program.price_minor,
                &program.currency,
                &program.duration_weeks,
                &details,
                &program.checkout_url,
                &true,
                &now,
                &from,
            ],
        )?;
    }
    if changed > 0 {
        tx.touch_content()?;
    }
    Ok(changed)
}
