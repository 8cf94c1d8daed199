//! Changes of the library, and what follows from them: pages show the picture of now, the record says who did what.

use serde_json::{Value, json};

use super::desk::{self, Alt, Item, Previous, files_of};
use super::intake::{KEPT_TYPE, Note, Taken, stem_of};
use super::model::Picture;
use super::uses;
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::content;
use crate::platform::db::{self, Conn, Tx};
use crate::platform::error::Error;
use crate::platform::id;

/// Pictures that the library has room for.
const MOST: i64 = 20_000;
/// What removed pictures of the content are remembered as.
pub const SEED_KIND: &str = "picture";

crate::sql! {
    ADD = "INSERT INTO media (id, name, hash, content_type, width, height, bytes, variants, file_name, alt_en, alt_es, alt_pt, decorative, folded,
               created_at, updated_at, edited_at, seeded_from)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?15, ?15, 'owner')";
    SET = "UPDATE media SET hash = ?2, content_type = ?3, width = ?4, height = ?5, bytes = ?6, variants = ?7, file_name = ?8, alt_en = ?9,
               alt_es = ?10, alt_pt = ?11, decorative = ?12, folded = ?13, previous = ?14, updated_at = ?15, edited_at = ?15 WHERE id = ?1";
    REMOVE = "DELETE FROM media WHERE id = ?1";
    NAME_IS_TAKEN = "SELECT id FROM media WHERE name = ?1";
    HASH_IS_KEPT = "SELECT id FROM media WHERE hash = ?1 OR previous LIKE ?2 LIMIT 1";
}

/// What somebody says about a picture that they bring.
#[derive(Debug, Clone)]
pub struct New {
    pub file_name: String,
    pub alt: Alt,
    pub decorative: bool,
}

/// What is to become of what is said about a picture; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub file_name: Option<String>,
    /// In the order of the languages.
    pub alt: [Option<String>; 3],
    pub decorative: Option<bool>,
}

/// Takes a picture into the library; its files are on the shelf. The same picture is kept once: then what is there is
/// returned as it is, and the note says so.
///
/// # Errors
/// 409 when the library is full, or the picture says neither what it shows nor that it shows nothing.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    taken: &Taken,
    new: New,
    now_ms: i64,
) -> Result<(Item, Option<Note>), Error> {
    if let Some(known) = desk::by_hash(tx, &taken.hash)? {
        return Ok((known, Some(Note::Known)));
    }
    if desk::total(tx)?.0 >= MOST {
        return Err(Error::Conflict(format!("there are {MOST} pictures, and no more fit")));
    }
    says_something(new.decorative, &new.alt)?;
    let item = Item {
        id: id::new_id(),
        picture: Picture {
            name: free_name(tx, &stem_of(&new.file_name))?,
            hash: taken.hash.clone(),
            content_type: KEPT_TYPE.to_owned(),
            width: taken.width,
            height: taken.height,
            variants: taken.widths(),
        },
        file_name: new.file_name,
        alt: new.alt,
        decorative: new.decorative,
        bytes: taken.kept.len() as i64,
        previous: None,
        created_at: now_ms,
        updated_at: now_ms,
        edited_at: Some(now_ms),
    };
    let Picture { name, hash, content_type, width, height, variants } = &item.picture;
    let Alt { en, es, pt } = &item.alt;
    let (variants, folded) = (json!(variants).to_string(), item.folded());
    tx.exec(
        ADD,
        &[
            &item.id,
            name,
            hash,
            content_type,
            width,
            height,
            &item.bytes,
            &variants,
            &item.file_name,
            en,
            es,
            pt,
            &item.decorative,
            &folded,
            &now_ms,
        ],
    )?;
    let change = Change::of("media.create", "media", &item.id).after(facts(&item));
    audit::record(tx, actor, &change, now_ms)?;
    tx.touch_content()?;
    Ok((item, None))
}

/// Changes what is said about a picture. An edit that changes nothing leaves no trace.
///
/// # Errors
/// 409 when it then says neither what it shows nor that it shows nothing.
pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: Item,
    edit: Edit,
    now_ms: i64,
) -> Result<Item, Error> {
    let mut after = before.clone();
    if let Some(file_name) = edit.file_name {
        after.file_name = file_name;
    }
    let says = edit.alt.iter().flatten().any(|text| !text.is_empty());
    for (lang, text) in crate::platform::lang::Lang::ALL.into_iter().zip(edit.alt) {
        if let Some(text) = text {
            *after.alt.in_mut(lang) = text;
        }
    }
    // Whoever says what it shows takes it for more than an ornament.
    after.decorative = edit.decorative.unwrap_or(before.decorative && !says);
    says_something(after.decorative, &after.alt)?;
    if after.decorative {
        if says {
            let why = "a picture that shows nothing has no alternative text; leave out one of both";
            return Err(Error::Conflict(why.into()));
        }
        after.alt = Alt::default();
    }
    let same = after.file_name == before.file_name
        && after.alt == before.alt
        && after.decorative == before.decorative;
    if same { Ok(before) } else { settle(tx, actor, "media.update", &before, after, now_ms) }
}

/// Puts another file in the place of a picture: every text that names it shows the new one. The old one can be put back
/// until the next replacement.
pub fn replace(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: &Item,
    taken: &Taken,
    file_name: String,
    now_ms: i64,
) -> Result<Item, Error> {
    if before.picture.hash == taken.hash {
        return Ok(before.clone());
    }
    let mut after = before.clone();
    after.previous = Some(previous(before));
    after.picture = Picture {
        name: before.picture.name.clone(),
        hash: taken.hash.clone(),
        content_type: KEPT_TYPE.to_owned(),
        width: taken.width,
        height: taken.height,
        variants: taken.widths(),
    };
    after.bytes = taken.kept.len() as i64;
    if !file_name.is_empty() {
        after.file_name = file_name;
    }
    settle(tx, actor, "media.replace", before, after, now_ms)
}

/// Puts back the file that was there before the last replacement.
///
/// # Errors
/// 409 when there is none.
pub fn put_back(tx: &mut Tx<'_>, actor: &Actor, before: &Item, now_ms: i64) -> Result<Item, Error> {
    let Some(old) = before.previous.clone() else {
        return Err(Error::Conflict("no earlier file of this picture is kept".into()));
    };
    let mut after = before.clone();
    after.previous = Some(previous(before));
    after.picture = Picture {
        name: before.picture.name.clone(),
        hash: old.hash,
        content_type: old.content_type,
        width: old.width,
        height: old.height,
        variants: old.variants,
    };
    after.bytes = old.bytes;
    after.file_name = old.file_name;
    settle(tx, actor, "media.replace", before, after, now_ms)
}

/// Removes a picture for good. Its files are to be taken off the shelf afterwards: [`unneeded`] says which.
///
/// # Errors
/// 409 while a text names it, unless `although_used`.
pub fn remove(
    tx: &mut Tx<'_>,
    actor: &Actor,
    gone: &Item,
    although_used: bool,
    now_ms: i64,
) -> Result<(), Error> {
    let used = uses::of(tx, &gone.picture.name)?.len();
    if used > 0 && !although_used {
        let texts = if used == 1 { "1 text shows".into() } else { format!("{used} texts show") };
        return Err(Error::Conflict(format!("{texts} this picture; take it out there first")));
    }
    tx.exec(REMOVE, &[&gone.id])?;
    content::remove(tx, SEED_KIND, &gone.picture.name)?;
    let change = Change::of("media.delete", "media", &gone.id).before(facts(gone));
    audit::record(tx, actor, &change, now_ms)?;
    Ok(tx.touch_content()?)
}

/// Of all the files that a picture had, those that no picture has now.
pub fn unneeded(conn: &mut Conn<'_>, gone: &Item) -> db::Result<Vec<String>> {
    let picture = &gone.picture;
    let mut versions =
        vec![(picture.hash.clone(), picture.content_type.clone(), picture.variants.clone())];
    versions.extend(gone.previous.clone().map(|old| (old.hash, old.content_type, old.variants)));
    let mut files = Vec::new();
    for (hash, content_type, variants) in versions {
        let kept: Option<(String,)> = conn.opt(HASH_IS_KEPT, &[&hash, &format!("%{hash}%")])?;
        if kept.is_none() {
            files.extend(files_of(&hash, &content_type, &variants));
        }
    }
    Ok(files)
}

fn settle(
    tx: &mut Tx<'_>,
    actor: &Actor,
    action: &'static str,
    before: &Item,
    after: Item,
    now_ms: i64,
) -> Result<Item, Error> {
    let after = Item { updated_at: now_ms, edited_at: Some(now_ms), ..after };
    let Picture { hash, content_type, width, height, variants, .. } = &after.picture;
    let Alt { en, es, pt } = &after.alt;
    let (variants, folded) = (json!(variants).to_string(), after.folded());
    // Seeds' variants may not have been made: the task makes them.
    let variants = Some(variants).filter(|_| !after.picture.variants.is_empty());
    let previous = after.previous.as_ref().map(|old| json!(old).to_string());
    tx.exec(
        SET,
        &[
            &after.id,
            hash,
            content_type,
            width,
            height,
            &after.bytes,
            &variants,
            &after.file_name,
            en,
            es,
            pt,
            &after.decorative,
            &folded,
            &previous,
            &now_ms,
        ],
    )?;
    let change = Change::of(action, "media", &after.id).before(facts(before)).after(facts(&after));
    audit::record(tx, actor, &change, now_ms)?;
    tx.touch_content()?;
    Ok(after)
}

fn previous(item: &Item) -> Previous {
    Previous {
        hash: item.picture.hash.clone(),
        content_type: item.picture.content_type.clone(),
        width: item.picture.width,
        height: item.picture.height,
        bytes: item.bytes,
        variants: item.picture.variants.clone(),
        file_name: item.file_name.clone(),
    }
}

fn says_something(decorative: bool, alt: &Alt) -> Result<(), Error> {
    if decorative || !alt.is_empty() {
        return Ok(());
    }
    Err(Error::Conflict("say what the picture shows, or that it is decorative".into()))
}

/// What the record shows of a picture.
fn facts(item: &Item) -> Value {
    json!({
        "name": item.picture.name,
        "file_name": item.file_name,
        "alt": item.alt,
        "decorative": item.decorative,
        "width": item.picture.width,
        "height": item.picture.height,
        "bytes": item.bytes,
        "file": item.picture.original(),
    })
}

/// A name made of `stem` that no picture has.
fn free_name(conn: &mut Conn<'_>, stem: &str) -> Result<String, Error> {
    for n in 1..=1000 {
        let name = if n == 1 { stem.to_owned() } else { format!("{stem}-{n}") };
        if conn.opt::<(String,)>(NAME_IS_TAKEN, &[&name])?.is_none() {
            return Ok(name);
        }
    }
    Err(Error::Conflict("a thousand pictures are called so; name the file otherwise".into()))
}
