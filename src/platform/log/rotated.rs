//! The log file: appended to, rotated by size and at midnight UTC, and paused rather than the
//! last to fill a disk. Rotating by day is what bounds how long a line is kept.
//!
//! No failure leaves this file: a full, read-only or missing directory costs log lines, which are
//! counted, and never an answer.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Less free space than this is left to the databases.
const MIN_FREE_BYTES: u64 = 16 * 1024 * 1024;
const CHECK_EVERY_MS: i64 = 1_000;
const DAY_MS: i64 = 86_400_000;

pub(super) struct RotatedFile {
    dir: PathBuf,
    max_bytes: u64,
    keep: u32,
    open: Option<Open>,
    checked_ms: Option<i64>,
    paused: bool,
}

struct Open {
    file: File,
    bytes: u64,
    inode: u64,
    /// Days since 1970 of its last line.
    day: i64,
}

impl RotatedFile {
    /// Nothing is opened before the first write.
    pub(super) fn new(dir: PathBuf, max_bytes: u64, keep: u32) -> Self {
        Self { dir, max_bytes, keep, open: None, checked_ms: None, paused: false }
    }

    /// Appends whole lines. `Ok(false)`: the disk is nearly full and they were left out.
    pub(super) fn write(&mut self, lines: &[u8], now_ms: i64) -> io::Result<bool> {
        let written = self.try_write(lines, now_ms);
        if written.is_err() {
            // Whatever it was, begin with a fresh descriptor next time.
            self.open = None;
        }
        written
    }

    fn try_write(&mut self, lines: &[u8], now_ms: i64) -> io::Result<bool> {
        // A clock that went back counts as time that passed.
        if self.checked_ms.is_none_or(|last| !(0..CHECK_EVERY_MS).contains(&(now_ms - last))) {
            self.checked_ms = Some(now_ms);
            self.check()?;
        }
        if self.paused {
            return Ok(false);
        }
        if self.open.is_none() {
            self.open = Some(Open::at(&self.current())?);
        }
        let today = now_ms.div_euclid(DAY_MS);
        let done = |open: &Open| {
            let full = open.bytes + lines.len() as u64 > self.max_bytes;
            open.bytes > 0 && (full || open.day < today)
        };
        if self.open.as_ref().is_some_and(done) {
            self.rotate()?;
        }
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(Open::at(&self.current())?),
        };
        open.file.write_all(lines)?;
        open.bytes += lines.len() as u64;
        open.day = today;
        Ok(true)
    }

    /// Looks at the disk; also notices that another process has rotated or removed the file.
    fn check(&mut self) -> io::Result<()> {
        std::fs::create_dir_all(&self.dir)?;
        let disk = rustix::fs::statvfs(&self.dir)?;
        self.paused = disk.f_bavail.saturating_mul(disk.f_frsize) < MIN_FREE_BYTES;
        let inode = std::fs::metadata(self.current()).map(|meta| meta.ino()).ok();
        if self.open.as_ref().is_some_and(|open| Some(open.inode) != inode) {
            self.open = None;
        }
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        // During a release two processes write here; the second to arrive must not rotate again.
        if std::fs::metadata(self.current()).is_ok_and(|meta| meta.ino() != open.inode) {
            return Ok(());
        }
        for age in (1..self.keep).rev() {
            rename_if_there(&self.old(age), &self.old(age + 1))?;
        }
        rename_if_there(&self.current(), &self.old(1))
    }

    fn current(&self) -> PathBuf {
        self.dir.join("manero.log")
    }

    fn old(&self, age: u32) -> PathBuf {
        self.dir.join(format!("manero.log.{age}"))
    }
}

impl Open {
    fn at(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let meta: Metadata = file.metadata()?;
        let day = (meta.mtime() * 1000).div_euclid(DAY_MS);
        Ok(Self { file, bytes: meta.len(), inode: meta.ino(), day })
    }
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dir: &Path, name: &str) -> String {
        std::fs::read_to_string(dir.join(name)).unwrap_or_default()
    }

    #[test]
    fn a_full_file_is_rotated_and_only_so_many_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = RotatedFile::new(dir.path().join("logs"), 4, 2);
        for line in ["a1\n", "b2\n", "c3\n", "d4\n"] {
            assert!(file.write(line.as_bytes(), 0).unwrap());
        }
        let logs = dir.path().join("logs");
        assert_eq!(read(&logs, "manero.log"), "d4\n");
        assert_eq!(read(&logs, "manero.log.1"), "c3\n");
        assert_eq!(read(&logs, "manero.log.2"), "b2\n");
        assert!(!logs.join("manero.log.3").exists());
    }

    #[test]
    fn a_new_day_begins_a_new_file_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let now = crate::platform::clock::now_ms();
        RotatedFile::new(dir.path().to_owned(), 1_000, 5).write(b"a\n", now).unwrap();
        let mut file = RotatedFile::new(dir.path().to_owned(), 1_000, 5);
        file.write(b"b\n", now).unwrap();
        file.write(b"c\n", now + DAY_MS).unwrap();
        assert_eq!(read(dir.path(), "manero.log.1"), "a\nb\n");
        let mut later = RotatedFile::new(dir.path().to_owned(), 1_000, 5);
        later.write(b"d\n", now + 2 * DAY_MS).unwrap();
        assert_eq!(read(dir.path(), "manero.log"), "d\n");
    }

    #[test]
    fn a_file_that_another_process_rotated_is_left_for_the_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = RotatedFile::new(dir.path().to_owned(), 1_000, 5);
        file.write(b"a\n", 0).unwrap();
        std::fs::rename(dir.path().join("manero.log"), dir.path().join("manero.log.1")).unwrap();
        file.write(b"b\n", 1_000).unwrap();
        assert_eq!(read(dir.path(), "manero.log"), "b\n");
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_an_error_and_is_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let logs = dir.path().join("logs");
        std::fs::write(&logs, "in the way").unwrap();
        let mut file = RotatedFile::new(logs.clone(), 1_000, 5);
        assert!(file.write(b"a\n", 0).is_err());
        std::fs::remove_file(&logs).unwrap();
        assert!(file.write(b"b\n", 1_000).unwrap());
        assert_eq!(read(&logs, "manero.log"), "b\n");
    }
}
