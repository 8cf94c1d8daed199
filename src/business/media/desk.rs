//! The library: pictures as whoever edits sees them, in pages and one by one.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::model::{Picture, original_name};
use super::store::Stored;
use crate::business::search::fold;
use crate::platform::db::{self, Conn, FromRow, Result, Row};
use crate::platform::http::paging::TimeOrder;
use crate::platform::lang::Lang;

crate::sql! {
    NEWEST = "SELECT id, name, hash, content_type, width, height, variants, file_name, alt_en, alt_es, alt_pt, decorative, bytes, previous,
                  created_at, updated_at, edited_at FROM media
              WHERE id < ?1 AND (?2 = '' OR folded LIKE ?2)
                  AND (?3 = '' OR (?3 = 'no') = (NOT decorative AND alt_en = '' AND alt_es = '' AND alt_pt = '')) ORDER BY id DESC LIMIT ?4";
    OLDEST = "SELECT id, name, hash, content_type, width, height, variants, file_name, alt_en, alt_es, alt_pt, decorative, bytes, previous,
                  created_at, updated_at, edited_at FROM media
              WHERE id > ?1 AND (?2 = '' OR folded LIKE ?2)
                  AND (?3 = '' OR (?3 = 'no') = (NOT decorative AND alt_en = '' AND alt_es = '' AND alt_pt = '')) ORDER BY id LIMIT ?4";
    ITEM = "SELECT id, name, hash, content_type, width, height, variants, file_name, alt_en, alt_es, alt_pt, decorative, bytes, previous,
                created_at, updated_at, edited_at FROM media WHERE id = ?1";
    ITEM_BY_HASH = "SELECT id, name, hash, content_type, width, height, variants, file_name, alt_en, alt_es, alt_pt, decorative, bytes, previous,
                        created_at, updated_at, edited_at FROM media WHERE hash = ?1 ORDER BY id LIMIT 1";
    TOTAL = "SELECT CAST(count(*) AS BIGINT), CAST(coalesce(sum(bytes), 0) AS BIGINT) FROM media";
}

/// Rows that are looked at in one go for those that are used, or not.
const AT_ONCE: i64 = 200;

/// What a picture shows, in each language; any may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = AlternativeText)]
pub struct Alt {
    #[schema(example = "A page with six numbered parts")]
    pub en: String,
    #[schema(example = "Una página con seis partes numeradas")]
    pub es: String,
    #[schema(example = "Uma página com seis partes numeradas")]
    pub pt: String,
}

impl Alt {
    /// One that says something in `lang` only.
    #[must_use]
    pub fn only(lang: Lang, text: String) -> Self {
        let mut alt = Self::default();
        *alt.in_mut(lang) = text;
        alt
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.en, &self.es, &self.pt].into_iter().all(String::is_empty)
    }

    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Es => &self.es,
            Lang::Pt => &self.pt,
        }
    }

    pub fn in_mut(&mut self, lang: Lang) -> &mut String {
        match lang {
            Lang::En => &mut self.en,
            Lang::Es => &mut self.es,
            Lang::Pt => &mut self.pt,
        }
    }

    /// In this language, or else in the first that there is.
    #[must_use]
    pub fn best(&self, lang: Lang) -> &str {
        let mut all = [self.in_lang(lang), &self.en, &self.es, &self.pt].into_iter();
        all.find(|text| !text.is_empty()).unwrap_or_default()
    }
}

/// The file before a replacement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    pub hash: String,
    pub content_type: String,
    pub width: i64,
    pub height: i64,
    pub bytes: i64,
    pub variants: Vec<i64>,
    pub file_name: String,
}

/// A picture of the library.
#[derive(Debug, Clone)]
pub struct Item {
    pub id: String,
    pub picture: Picture,
    /// As it was called where it came from; empty when it came with the content.
    pub file_name: String,
    pub alt: Alt,
    /// It shows nothing that anybody misses.
    pub decorative: bool,
    /// Size of the kept file in bytes.
    pub bytes: i64,
    pub previous: Option<Previous>,
    /// Epoch milliseconds, as are the others.
    pub created_at: i64,
    pub updated_at: i64,
    pub edited_at: Option<i64>,
}

impl Item {
    /// What the owner calls it.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.file_name.is_empty() { &self.picture.name } else { &self.file_name }
    }

    /// Whether nobody has said yet what it shows.
    #[must_use]
    pub fn lacks_alt(&self) -> bool {
        !self.decorative && self.alt.is_empty()
    }

    /// How a text shows it.
    #[must_use]
    pub fn markdown(&self, lang: Lang) -> String {
        let alt = self.alt.best(lang).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
        format!("![{alt}](media/{})", self.picture.name)
    }

    /// Everything that is searched in.
    #[must_use]
    pub fn folded(&self) -> String {
        let Alt { en, es, pt } = &self.alt;
        fold(&[self.picture.name.as_str(), &self.file_name, en, es, pt].join(" "))
    }

    /// The names of all its files.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        files_of(&self.picture.hash, &self.picture.content_type, &self.picture.variants)
    }
}

/// The names of the files of one version of a picture.
pub(super) fn files_of(hash: &str, content_type: &str, variants: &[i64]) -> Vec<String> {
    let variants = variants.iter().map(|width| super::model::variant_name(hash, *width));
    [original_name(hash, content_type)].into_iter().chain(variants).collect()
}

impl FromRow for Item {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let Stored { id, picture } = Stored::from_row(row)?;
        let previous: Option<String> = row.get(13)?;
        let previous = previous.map(|json| serde_json::from_str(&json)).transpose();
        Ok(Self {
            id,
            picture,
            file_name: row.get(7)?,
            alt: Alt { en: row.get(8)?, es: row.get(9)?, pt: row.get(10)? },
            decorative: row.get(11)?,
            bytes: row.get(12)?,
            previous: previous.map_err(|error| {
                db::Error::Corrupt(format!("the earlier file of a picture: {error}"))
            })?,
            created_at: row.get(14)?,
            updated_at: row.get(15)?,
            edited_at: row.get(16)?,
        })
    }
}

/// Which pictures somebody asks for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Words that stand in its name or its alternative texts.
    pub words: String,
    pub has_alt: Option<bool>,
    pub is_used: Option<bool>,
    pub order: TimeOrder,
    /// Where the page begins: the id of the last one before.
    pub after: String,
}

/// Up to `limit` pictures. `used` has the names that texts mention; asked for only where it matters.
pub fn list(
    conn: &mut Conn<'_>,
    wanted: &Wanted,
    used: impl FnOnce(&mut Conn<'_>) -> Result<HashSet<String>>,
    limit: i64,
) -> Result<Vec<Item>> {
    let sql = wanted.order.choose(NEWEST, OLDEST);
    let words = match wanted.words.trim() {
        "" => String::new(),
        // What is folded has no signs: none that a pattern knows either.
        words => format!("%{}%", fold(words)),
    };
    let alt = match wanted.has_alt {
        None => "",
        Some(true) => "yes",
        Some(false) => "no",
    };
    let Some(is_used) = wanted.is_used else {
        return conn.all(sql, &[&wanted.after, &words, &alt, &limit]);
    };
    let used = used(conn)?;
    let (mut found, mut after) = (Vec::new(), wanted.after.clone());
    let enough = usize::try_from(limit).unwrap_or(0);
    loop {
        let some: Vec<Item> = conn.all(sql, &[&after, &words, &alt, &AT_ONCE])?;
        let is_last = (some.len() as i64) < AT_ONCE;
        after = some.last().map(|item| item.id.clone()).unwrap_or_default();
        found.extend(some.into_iter().filter(|i| used.contains(&i.picture.name) == is_used));
        if is_last || found.len() >= enough {
            found.truncate(enough);
            return Ok(found);
        }
    }
}

/// # Errors
/// `NotFound`.
pub fn by_id(conn: &mut Conn<'_>, id: &str) -> Result<Item> {
    conn.one(ITEM, &[&id])
}

/// The picture of these very pixels, if it is there.
pub fn by_hash(conn: &mut Conn<'_>, hash: &str) -> Result<Option<Item>> {
    conn.opt(ITEM_BY_HASH, &[&hash])
}

/// How many pictures there are, and how many bytes their kept files have.
pub fn total(conn: &mut Conn<'_>) -> Result<(i64, i64)> {
    conn.one(TOTAL, &[])
}
