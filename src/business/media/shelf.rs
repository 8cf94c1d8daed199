//! The shelf: the folder where the pictures' files lie, named by content and never changed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use super::model::is_file_name;
use crate::platform::{clock, id};

/// The folder `media` of the data folder.
#[derive(Debug)]
pub struct Shelf {
    dir: PathBuf,
    /// Every file that the table speaks of was found in this run.
    pub(super) complete: AtomicBool,
    /// The pictures that the log last called missing.
    missing: Mutex<Vec<String>>,
    /// Held while a picture is opened: the memory that takes is enough for one.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// Shared by the files whose rows are being written; whoever clears files away has it alone.
    pub(super) arrivals: Arc<tokio::sync::RwLock<()>>,
}

impl Shelf {
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self {
            dir: data_dir.join("media"),
            complete: AtomicBool::new(false),
            missing: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            arrivals: Arc::default(),
        }
    }

    /// Puts a file on the shelf, safe from a loss of power when this returns. One that is there is
    /// left alone: the name says what is in it.
    ///
    /// # Errors
    /// `InvalidInput` for a name that no file here can have; otherwise what the disk says.
    pub fn put(&self, file_name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(file_name).ok_or(io::ErrorKind::InvalidInput)?;
        match touch(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            touched => return touched,
        }
        fs::create_dir_all(&self.dir)?;
        let unfinished = self.dir.join(format!(".{}.part", id::new_id()));
        let written = write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, &path));
        if written.is_err() {
            // The first error is the one to tell.
            drop(fs::remove_file(&unfinished));
        }
        written?;
        File::open(&self.dir)?.sync_all()
    }

    /// Takes a file off the shelf; none is no fault.
    ///
    /// # Errors
    /// What the disk says.
    pub fn discard(&self, file_name: &str) -> io::Result<()> {
        let Some(path) = self.path(file_name) else { return Ok(()) };
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// `NotFound` when there is none, and for every name that no file here can have.
    pub fn read(&self, file_name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(file_name).ok_or(io::ErrorKind::NotFound)?)
    }

    /// Whether the file is there.
    #[must_use]
    pub fn has(&self, file_name: &str) -> bool {
        self.path(file_name).is_some_and(|path| path.is_file())
    }

    /// Whether the log has yet to say that these are missing: the owner need not read it at every
    /// turn.
    pub(super) fn is_news(&self, missing: &[String]) -> bool {
        let mut known = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        let news = known.as_slice() != missing;
        missing.clone_into(&mut known);
        news && !missing.is_empty()
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The digits of the hash with which a file's name begins; none for what is no file of the shelf.
    pub(super) fn hash_of(file_name: &str) -> Option<&str> {
        let digits = file_name.split(['.', '-']).next();
        digits.filter(|_| is_file_name(file_name))
    }

    fn path(&self, file_name: &str) -> Option<PathBuf> {
        is_file_name(file_name).then(|| self.dir.join(file_name))
    }
}

/// Makes a file young, so that nobody sweeps it away before its row is written.
fn touch(path: &Path) -> io::Result<()> {
    let now = UNIX_EPOCH + Duration::from_millis(clock::now_ms().max(0).cast_unsigned());
    OpenOptions::new().write(true).open(path)?.set_modified(now)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_can_be_read_and_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(dir.path());
        let name = "0123456789abcdef-480.webp";
        assert!(!shelf.has(name));
        shelf.put(name, b"one").unwrap();
        shelf.put(name, b"two").unwrap();
        assert_eq!(shelf.read(name).unwrap(), b"one");
        let left: Vec<_> = fs::read_dir(dir.path().join("media")).unwrap().collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn no_other_name_leads_to_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(dir.path());
        fs::create_dir(dir.path().join("media")).unwrap();
        fs::write(dir.path().join("media/secret.png"), "x").unwrap();
        for name in ["secret.png", "../media/secret.png", "0123456789abcdef.png/..", ""] {
            assert_eq!(shelf.read(name).unwrap_err().kind(), io::ErrorKind::NotFound, "{name}");
            assert_eq!(shelf.put(name, b"").unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }
}
