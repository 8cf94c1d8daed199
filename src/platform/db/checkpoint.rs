//! The one checkpointer of `serve`: moves the WAL back into the database file.
//!
//! Passive checkpoints never block the writer. It sleeps while nothing is written, and a lock file
//! makes sure that of several processes on one database exactly one checkpoints.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::bell::{Bell, Listener};
use super::sqlite::{self, Mode};

/// The WAL is moved when it has grown beyond this; at 4 KiB a page about 1,000 frames.
const PASSIVE_ABOVE_BYTES: u64 = 4 << 20;
/// A file that has grown beyond this is cut back once all its frames have moved.
const TRUNCATE_ABOVE_BYTES: u64 = 64 << 20;
/// Writes within this time share one look at the WAL.
const GATHER: Duration = Duration::from_millis(500);
/// Another process's writes ring no bell here; its WAL is looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Cutting the file back keeps writers out, so it must not wait for a reader.
const TRUNCATE_TIMEOUT: Duration = Duration::from_millis(50);

pub(super) struct Checkpointer {
    thread: Mutex<Option<JoinHandle<()>>>,
    stopping: Arc<AtomicBool>,
    bell: Arc<Bell>,
}

impl Checkpointer {
    /// While `empty_wal` is set, the WAL is to be emptied whatever its size.
    pub(super) fn start(
        database: &Path,
        bell: Arc<Bell>,
        empty_wal: Arc<AtomicBool>,
    ) -> std::io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        let mut worker = Worker {
            database: database.to_owned(),
            lock: None,
            listener: bell.listener(),
            stopping: Arc::clone(&stopping),
            empty_wal,
        };
        let thread =
            std::thread::Builder::new().name("checkpointer".into()).spawn(move || worker.run())?;
        Ok(Self { thread: Mutex::new(Some(thread)), stopping, bell })
    }

    /// Ends the thread after one last checkpoint that empties the WAL.
    pub(super) fn close(&self) {
        self.stopping.store(true, Ordering::Release);
        self.bell.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            thread.thread().unpark();
            if thread.join().is_err() {
                log::error!("the checkpointer thread panicked");
            }
        }
    }
}

struct Worker {
    database: PathBuf,
    lock: Option<File>,
    listener: Listener,
    stopping: Arc<AtomicBool>,
    empty_wal: Arc<AtomicBool>,
}

impl Worker {
    fn run(&mut self) {
        loop {
            self.listener.wait(LOOK_EVERY);
            if self.stopping.load(Ordering::Acquire) {
                break;
            }
            if self.empty_wal.load(Ordering::Acquire) && self.checkpoint("TRUNCATE") {
                self.empty_wal.store(false, Ordering::Release);
            }
            let size = self.wal_bytes();
            if size > PASSIVE_ABOVE_BYTES
                && self.checkpoint("PASSIVE")
                && size > TRUNCATE_ABOVE_BYTES
            {
                self.checkpoint("TRUNCATE");
            }
            // A pause, ended early by a stop: writes that come meanwhile are looked at together.
            std::thread::park_timeout(GATHER);
        }
        self.checkpoint("TRUNCATE");
    }

    fn wal_bytes(&self) -> u64 {
        let mut wal = self.database.clone().into_os_string();
        wal.push("-wal");
        std::fs::metadata(wal).map_or(0, |m| m.len())
    }

    /// Whether every frame has been moved.
    fn checkpoint(&mut self, kind: &str) -> bool {
        if !self.is_the_checkpointer() {
            return false;
        }
        let outcome = sqlite::open(&self.database, Mode::Write).and_then(|conn| {
            conn.busy_timeout(TRUNCATE_TIMEOUT)?;
            Ok(conn.query_row(&format!("PRAGMA wal_checkpoint({kind})"), [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            })?)
        });
        match outcome {
            Ok((busy, frames, moved)) => {
                log::debug!("checkpoint {kind}: {moved} of {frames} frames, busy {busy}");
                busy == 0 && moved == frames
            }
            Err(error) => {
                log::warn!("checkpoint {kind} failed, the WAL keeps growing: {error}");
                false
            }
        }
    }

    /// Takes the lock file once and keeps it for the life of the process.
    fn is_the_checkpointer(&mut self) -> bool {
        if self.lock.is_none() {
            let path = self.database.with_extension("checkpointer.lock");
            let opened = File::options().create(true).truncate(false).write(true).open(&path);
            match opened {
                Ok(file) => self.lock = Some(file).filter(|file| file.try_lock().is_ok()),
                Err(error) => log::warn!("{}: {error}; the WAL keeps growing", path.display()),
            }
        }
        self.lock.is_some()
    }
}
