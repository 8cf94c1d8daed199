//! The media table.

use std::collections::HashSet;

use super::desk::Previous;
use super::edit::SEED_KIND;
use super::model::{Picture, SeedPicture, is_name, short};
use crate::business::content::{self, Content, SeedError};
use crate::business::search::fold;
use crate::platform::db::{self, Conn, FromRow, Result, Row, Tx};
use crate::platform::{clock, id};

crate::sql! {
    BY_NAME = "SELECT id, name, hash, content_type, width, height, variants FROM media WHERE name = ?1";
    WITHOUT_VARIANTS = "SELECT id, name, hash, content_type, width, height, variants
                        FROM media WHERE variants IS NULL ORDER BY id LIMIT ?1";
    WITH_VARIANTS = "SELECT id, name, hash, content_type, width, height, variants
                     FROM media WHERE variants IS NOT NULL ORDER BY id LIMIT 10000";
    // All of them: whoever asks removes the files of the rest.
    HASHES = "SELECT hash, coalesce(previous, '') FROM media";
    // The hash, because another file may have come in under the name meanwhile.
    SET_VARIANTS = "UPDATE media SET variants = ?3, updated_at = ?4 WHERE id = ?1 AND hash = ?2 AND coalesce(variants, '') <> ?3";
    // An owner's edit is never overwritten, and an unchanged seed changes nothing.
    SEED = "INSERT INTO media (id, name, hash, content_type, width, height, bytes, created_at, updated_at, seeded_from, folded)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10)
            ON CONFLICT (name) DO UPDATE SET
                variants = CASE WHEN media.hash = excluded.hash THEN media.variants END,
                hash = excluded.hash, content_type = excluded.content_type, width = excluded.width,
                height = excluded.height, bytes = excluded.bytes, updated_at = excluded.updated_at,
                seeded_from = excluded.seeded_from
            WHERE media.edited_at IS NULL AND (media.seeded_from = excluded.seeded_from OR excluded.seeded_from = 'folder')
                AND (media.seeded_from <> excluded.seeded_from OR media.hash <> excluded.hash)";
}

/// The hashes of all kept files as their names begin with them, those before a replacement too.
pub(super) fn hashes(conn: &mut Conn<'_>) -> Result<HashSet<String>> {
    let mut found = HashSet::new();
    conn.each::<(String, String)>(HASHES, &[], |(hash, previous)| {
        let previous: Option<Previous> = serde_json::from_str(&previous).ok();
        let hashes = previous.map(|old| old.hash).into_iter().chain([hash]);
        found.extend(hashes.map(|hash| short(&hash).to_owned()));
        Ok(())
    })?;
    Ok(found)
}

/// A picture and its row.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: String,
    pub picture: Picture,
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let variants: Option<String> = row.get(6)?;
        let variants = variants.map(|json| serde_json::from_str(&json)).transpose();
        Ok(Self {
            id: row.get(0)?,
            picture: Picture {
                name: row.get(1)?,
                hash: row.get(2)?,
                content_type: row.get(3)?,
                width: row.get(4)?,
                height: row.get(5)?,
                variants: variants
                    .map_err(|error| db::Error::Corrupt(format!("variants of a picture: {error}")))?
                    .unwrap_or_default(),
            },
        })
    }
}

/// The picture that texts call `media/<name>`.
pub fn by_name(conn: &mut Conn<'_>, name: &str) -> Result<Option<Picture>> {
    Ok(conn.opt::<Stored>(BY_NAME, &[&name])?.map(|stored| stored.picture))
}

/// The pictures of these names, as far as there are any.
pub fn by_names(conn: &mut Conn<'_>, names: &[String]) -> Result<Vec<Picture>> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        found.extend(by_name(conn, name)?);
    }
    Ok(found)
}

/// Pictures whose variants have not been made, oldest first.
pub fn without_variants(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<Stored>> {
    conn.all(WITHOUT_VARIANTS, &[&limit])
}

/// Pictures whose variants have been made.
pub fn with_variants(conn: &mut Conn<'_>) -> Result<Vec<Stored>> {
    conn.all(WITH_VARIANTS, &[])
}

/// Writes down the widths of the variants there are of the file with this hash.
pub fn set_variants(tx: &mut Tx<'_>, id: &str, hash: &str, widths: &[i64]) -> Result<()> {
    let widths = serde_json::to_string(widths)
        .map_err(|error| db::Error::Engine(format!("variants of a picture: {error}")))?;
    if tx.exec(SET_VARIANTS, &[&id, &hash, &widths, &clock::now_ms()])? > 0 {
        tx.touch_content()?;
    }
    Ok(())
}

/// Reads the folder `media`; hidden files are passed over.
pub fn read_seed(content: &Content) -> std::result::Result<Vec<SeedPicture>, SeedError> {
    let files = content.names("media")?;
    let named = files.iter().filter_map(|file| Some((file, file.strip_prefix("media/")?)));
    let visible = named.filter(|(_, name)| !name.starts_with('.'));
    visible
        .map(|(file, name)| {
            let fault = |why: String| SeedError { file: file.clone(), line: None, why };
            if !is_name(name) {
                let rule = "a picture's name has letters a-z, digits, dots and dashes, 100 at most";
                return Err(fault(rule.into()));
            }
            SeedPicture::new(name, content.bytes(file)?).map_err(|unfit| fault(unfit.to_string()))
        })
        .collect()
}

/// Brings in what is new; returns how many rows changed.
pub fn seed(tx: &mut Tx<'_>, pictures: &[SeedPicture], from: &str) -> Result<u64> {
    let now = clock::now_ms();
    let removed = content::removed(tx, SEED_KIND)?;
    let mut changed = 0;
    for picture in pictures {
        if removed.contains(&picture.name) {
            if from == content::BUILT_IN {
                continue;
            }
            content::readmit(tx, SEED_KIND, &picture.name)?;
        }
        changed += tx.exec(
            SEED,
            &[
                &id::new_id(),
                &picture.name,
                &picture.hash,
                &picture.content_type,
                &picture.width,
                &picture.height,
                &(picture.bytes.len() as i64),
                &now,
                &from,
                &fold(&picture.name),
            ],
        )?;
    }
    if changed > 0 {
        tx.touch_content()?;
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_pictures_are_read_with_their_size() {
        let pictures = read_seed(&Content::default()).unwrap();
        assert!(pictures.len() > 1);
        assert!(pictures.iter().all(|p| p.width == 1600 && p.content_type == "image/png"));
    }

    #[test]
    fn a_file_that_is_no_picture_is_named_and_a_hidden_one_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("media")).unwrap();
        std::fs::write(dir.path().join("media/.DS_Store"), "x").unwrap();
        let content = Content::from_dir(dir.path());
        assert!(read_seed(&content).unwrap().is_empty());
        std::fs::write(dir.path().join("media/me.png"), "<svg/>").unwrap();
        let error = read_seed(&content).unwrap_err().to_string();
        assert_eq!(
            error,
            "media/me.png: this is an SVG drawing, and those can carry programs; export it as PNG and bring that"
        );
        std::fs::rename(dir.path().join("media/me.png"), dir.path().join("media/b c.png")).unwrap();
        let error = read_seed(&content).unwrap_err().to_string();
        assert!(error.starts_with("media/b c.png: a picture's name"), "{error}");
    }
}
