//! Pictures: taken in as PNG, JPEG or WebP, shown as WebP in the width that a screen needs.
//!
//! The table knows them by name, the shelf keeps their files under the hash of the original. A
//! picture of the content can be shown as soon as it is stored; its variants follow within a turn of
//! [`make_variants`]. What people bring is made anew with all its variants by [`take_in`] before its
//! row is written; nothing of the file as it came is kept.

pub mod admin;
pub mod api;
mod cleaning;
mod colours;
pub mod desk;
pub mod edit;
mod in_text;
pub mod intake;
mod kinds;
pub mod model;
pub mod pages;
mod scaling;
mod shelf;
pub mod store;
mod sweeping;
pub mod uses;
pub mod view;

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rocket::{Route, routes};

pub use in_text::{names_in, with_pictures};
pub use model::{Picture, SeedPicture, Unfit};
pub use scaling::{Header, MAX_BYTES, MAX_PIXELS, MAX_SIDE, header, variants};
pub use shelf::Shelf;
pub use store::{by_name, by_names, read_seed, seed};
pub use sweeping::sweep;

use crate::business::content::Content;
use crate::platform::db::{self, Db, Tx};
use crate::platform::error::Error;
use crate::platform::outbox::Failure;
use desk::Item;
use intake::Taken;
use store::Stored;

/// Pictures made in one turn: each takes up to a few seconds, and other tasks wait meanwhile.
const PICTURES_PER_TURN: usize = 4;
/// Pictures looked at in one turn.
const LOOKED_AT: i64 = 200;

/// Addresses of the site.
pub fn routes() -> Vec<Route> {
    routes![pages::show]
}

/// Addresses below `/api/v1`.
pub fn api_routes() -> Vec<Route> {
    routes![
        api::list,
        api::show,
        api::create,
        api::update,
        api::remove,
        api::replace,
        api::list_uses
    ]
}

/// Makes of a file what is kept and puts that on the shelf, safe from a loss of power; its row can be written now.
/// One at a time: opening a large picture takes as much memory as a small server has to spare.
///
/// # Errors
/// Why the file is not taken, in words for whoever brought it; or what the disk said.
pub async fn take_in(shelf: &Arc<Shelf>, bytes: Vec<u8>) -> Result<Taken, Error> {
    let panicked = |_| Error::Internal("taking in a picture panicked".into());
    let mut taken = {
        let _turn = shelf.turn.lock().await;
        let made = tokio::task::spawn_blocking(move || intake::take(&bytes)).await;
        made.map_err(panicked)??
    };
    taken.hold = Some(Arc::clone(&shelf.arrivals).read_owned().await);
    let shelf = Arc::clone(shelf);
    let work = move || {
        let put = taken.files().try_for_each(|(name, bytes)| shelf.put(&name, bytes));
        put.map_err(|error| Error::Unavailable(format!("a picture could not be stored: {error}")))?;
        Ok(taken)
    };
    tokio::task::spawn_blocking(work).await.map_err(panicked)?
}

/// Takes the files of a picture that was removed or replaced off the shelf, those that no other picture has. What cannot
/// be taken off stays, and the log says so: for the caller the picture is gone.
pub async fn clear_away(db: &Db, shelf: &Arc<Shelf>, gone: Item) {
    // The same picture may be coming in again: first its row is written, then this looks.
    let _alone = shelf.arrivals.write().await;
    let shelf = Arc::clone(shelf);
    let cleared: db::Result<()> = db
        .write(move |tx: &mut Tx<'_>| {
            for name in edit::unneeded(tx, &gone)? {
                if let Err(error) = shelf.discard(&name) {
                    log::warn!("media/{name} could not be removed: {error}");
                }
            }
            Ok(())
        })
        .await;
    if let Err(error) = cleared {
        log::warn!("the files of a removed picture stay: {error}");
    }
}

/// Puts the originals on the shelf. To be done before their rows are written: a row promises its
/// file.
pub fn shelve(shelf: &Shelf, pictures: &[SeedPicture]) -> io::Result<()> {
    pictures.iter().try_for_each(|picture| shelf.put(&picture.original(), &picture.bytes))
}

/// Makes the variants of a few pictures that have none, or whose files are gone because only the
/// database was restored.
///
/// # Errors
/// Says once which pictures' originals are missing, or each time what the disk or the database refused; what could
/// be made has been.
pub fn make_variants(db: &Db, shelf: &Shelf) -> Result<(), Failure> {
    let mut due = db.read_blocking(|conn| store::without_variants(conn, LOOKED_AT))?;
    if !shelf.complete.load(Ordering::Relaxed) {
        let lost = lost(db, shelf)?;
        shelf.complete.store(lost.is_empty(), Ordering::Relaxed);
        due.extend(lost);
    }
    if due.is_empty() {
        return Ok(());
    }
    let (mut built_in, mut made, mut missing) = (None, Vec::new(), Vec::new());
    let mut outcome = Ok(());
    for Stored { id, picture } in due {
        if made.len() == PICTURES_PER_TURN {
            break;
        }
        match make(shelf, &picture, &mut built_in) {
            Ok(Some(widths)) => made.push((id, picture.hash, widths)),
            Ok(None) => missing.push(picture.name),
            // A disk that refuses one file will refuse the next.
            Err(error) => {
                outcome = Err(Failure::retry(format!("media/{}: {error}", picture.name)));
                break;
            }
        }
    }
    if !made.is_empty() {
        db.write_blocking(move |tx| {
            made.iter().try_for_each(|(id, hash, widths)| store::set_variants(tx, id, hash, widths))
        })?;
    }
    if outcome.is_ok() && shelf.is_news(&missing) {
        let names = missing.join(", ");
        outcome = Err(Failure::retry(format!("these originals are not in media: {names}")));
    }
    outcome
}

/// Makes the files of one picture and returns their widths; `None` without its original.
fn make(
    shelf: &Shelf,
    picture: &Picture,
    built_in: &mut Option<Vec<SeedPicture>>,
) -> io::Result<Option<Vec<i64>>> {
    let Some(bytes) = original(shelf, picture, built_in)? else { return Ok(None) };
    let files = variants(&bytes).unwrap_or_else(|unfit| {
        // It will not be otherwise the next time: the original is what is shown.
        log::warn!("media/{} is shown as it is: {unfit}", picture.name);
        Vec::new()
    });
    let put =
        |(width, webp): (i64, Vec<u8>)| shelf.put(&picture.variant(width), &webp).map(|()| width);
    files.into_iter().map(put).collect::<io::Result<_>>().map(Some)
}

/// Pictures whose variants are written down but do not all lie on the shelf.
fn lost(db: &Db, shelf: &Shelf) -> Result<Vec<Stored>, Failure> {
    let mut stored = db.read_blocking(store::with_variants)?;
    stored.retain(|Stored { picture, .. }| {
        !picture.variants.iter().all(|width| shelf.has(&picture.variant(*width)))
    });
    Ok(stored)
}

/// The original from the shelf, where a built-in one is put again if need be.
fn original(
    shelf: &Shelf,
    picture: &Picture,
    built_in: &mut Option<Vec<SeedPicture>>,
) -> io::Result<Option<Vec<u8>>> {
    match shelf.read(&picture.original()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        read => return read.map(Some),
    }
    if built_in.is_none() {
        *built_in = Some(read_seed(&Content::default()).map_err(io::Error::other)?);
    }
    let mut seeds = built_in.iter().flatten();
    let Some(seed) = seeds.find(|seed| seed.hash == picture.hash) else { return Ok(None) };
    shelf.put(&picture.original(), &seed.bytes)?;
    Ok(Some(seed.bytes.clone()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::platform::config::Database;
    use crate::platform::db::{Migrate, Options};

    #[test]
    fn seeds_come_in_once_and_their_files_are_made_and_made_again_when_lost() {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&Options {
            database: Database::Sqlite { path: dir.path().join("manero.db") },
            migrate_at: None,
            migrate: Migrate::Apply,
            slow_query: Duration::from_secs(5),
        })
        .unwrap();
        let seeds = || {
            // One that is small, so that it takes no time; the form is that of the built-in ones.
            let mut png = io::Cursor::new(Vec::new());
            image::DynamicImage::new_rgb8(600, 20)
                .write_to(&mut png, image::ImageFormat::Png)
                .unwrap();
            vec![SeedPicture::new("me.png", png.into_inner()).unwrap()]
        };
        let bring =
            |from: &'static str| db.write_blocking(move |tx| seed(tx, &seeds(), from)).unwrap();
        let shown = || db.read_blocking(|conn| by_name(conn, "me.png")).unwrap().unwrap();

        let shelf = Shelf::new(dir.path());
        shelve(&shelf, &seeds()).unwrap();
        assert_eq!((bring("built-in"), bring("built-in"), bring("folder")), (1, 0, 1));
        assert_eq!(bring("built-in"), 0, "a folder's picture is the owner's");
        assert!(shown().variants.is_empty() && shelf.has(&shown().original()));

        let version = db.content_version();
        make_variants(&db, &shelf).unwrap();
        assert_eq!(shown().variants, [160, 480, 600]);
        assert_ne!(db.content_version(), version);
        let version = db.content_version();
        make_variants(&db, &shelf).unwrap();
        assert_eq!(db.content_version(), version);

        // The database came back from a copy without the folder.
        let file = dir.path().join("media").join(shown().variant(480));
        std::fs::remove_file(&file).unwrap();
        make_variants(&db, &Shelf::new(dir.path())).unwrap();
        assert!(file.is_file());
        std::fs::remove_dir_all(dir.path().join("media")).unwrap();
        let shelf = Shelf::new(dir.path());
        let failure = make_variants(&db, &shelf).unwrap_err();
        assert!(failure.why.contains("me.png"), "{}", failure.why);
        assert!(make_variants(&db, &shelf).is_ok(), "said once");
        db.close();
    }
}
