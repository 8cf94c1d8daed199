//! Files that no row speaks of: of an upload that ended between its files and its row, or whose removal failed. They go
//! after a day.

use std::collections::HashSet;
use std::time::{Duration, UNIX_EPOCH};
use std::{fs, io};

use super::Shelf;
use super::store;
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::outbox::Failure;

/// Younger ones may belong to a row that is being written, here or in another process.
const AGE: Duration = Duration::from_hours(24);
/// Files removed in one run.
const AT_ONCE: usize = 1000;

/// Removes up to a thousand such files.
///
/// # Errors
/// What the disk or the database refused.
pub fn sweep(db: &Db, shelf: &Shelf) -> Result<(), Failure> {
    // An upload holds this from its first file until its row is written.
    let _alone = shelf.arrivals.blocking_write();
    let kept = db.read_blocking(store::hashes)?;
    // A database without pictures beside a folder with some is rather a wrong database.
    if kept.is_empty() {
        return Ok(());
    }
    let now = Duration::from_millis(clock::now_ms().max(0).cast_unsigned());
    match unneeded(shelf, &kept, now) {
        Ok(0) => Ok(()),
        Ok(gone) => {
            log::info!("{gone} files of pictures that nothing speaks of are removed");
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::retry(format!("media: {error}"))),
    }
}

fn unneeded(shelf: &Shelf, kept: &HashSet<String>, now: Duration) -> io::Result<usize> {
    let mut gone = 0;
    for entry in fs::read_dir(shelf.dir())? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let is_left =
            name.starts_with('.') && entry.path().extension().is_some_and(|end| end == "part");
        let is_unknown = Shelf::hash_of(&name).is_some_and(|hash| !kept.contains(hash));
        if !is_left && !is_unknown {
            continue;
        }
        let written = entry.metadata()?.modified()?;
        let age = written.duration_since(UNIX_EPOCH).map(|at| now.saturating_sub(at));
        if age.is_ok_and(|age| age > AGE) {
            fs::remove_file(entry.path())?;
            gone += 1;
        }
        if gone == AT_ONCE {
            break;
        }
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_files_that_nothing_speaks_of_go() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(dir.path());
        let (known, unknown) = ("0123456789abcdef", "fedcba9876543210");
        for hash in [known, unknown] {
            shelf.put(&format!("{hash}.webp"), b"whole").unwrap();
            shelf.put(&format!("{hash}-480.webp"), b"part").unwrap();
        }
        for other in [".left.part", "notes.txt"] {
            fs::write(shelf.dir().join(other), "x").unwrap();
        }
        let kept = HashSet::from([known.to_owned()]);
        let now = Duration::from_millis(clock::now_ms().cast_unsigned());
        assert_eq!(unneeded(&shelf, &kept, now).unwrap(), 0, "all are young");
        let tomorrow = now + AGE + Duration::from_mins(1);
        assert_eq!(unneeded(&shelf, &kept, tomorrow).unwrap(), 3);
        assert!(shelf.has(&format!("{known}-480.webp")) && shelf.dir().join("notes.txt").exists());
        assert!(!shelf.has(&format!("{unknown}.webp")));
    }

    #[test]
    fn a_file_that_is_brought_again_is_young_again() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(dir.path());
        let name = "0123456789abcdef.webp";
        shelf.put(name, b"whole").unwrap();
        let long_ago = UNIX_EPOCH + Duration::from_hours(24);
        let file = fs::File::options().write(true).open(shelf.dir().join(name)).unwrap();
        file.set_modified(long_ago).unwrap();
        shelf.put(name, b"whole").unwrap();
        assert!(fs::metadata(shelf.dir().join(name)).unwrap().modified().unwrap() > long_ago);
    }
}
