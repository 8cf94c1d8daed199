//! The sink behind the `log` facade, and the one thread that writes.
//!
//! The thread sleeps while nothing waits. The first line wakes it; it gathers for a moment and
//! writes everything at once, so that a busy server makes fifty writes a second and an idle one
//! none. Errors are written by the thread that logs them, when the outputs are free.

use std::collections::VecDeque;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use log::{Level, LevelFilter, Metadata, Record};

use super::access::Access;
use super::buffer::{Batch, Pending};
use super::line::{self, Severity};
use super::redact::redact;
use super::rotated::RotatedFile;
use crate::platform::clock;
use crate::platform::config::LogLevel;
use crate::platform::secret::Secret;

/// So much of the end is kept when there is no file.
const RECENT_BYTES: usize = 256 * 1024;

const GATHER: Duration = Duration::from_millis(20);

/// A longer message is cut.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;

/// A shorter secret is not looked for: it would blot out ordinary words.
const MIN_SECRET_BYTES: usize = 6;

/// What a sink needs to begin.
pub struct Setup {
    pub level: LogLevel,
    /// JSON lines on the console, else human ones.
    pub json: bool,
    pub colour: bool,
    pub console: Box<dyn Write + Send>,
    /// The directory of `manero.log`; `None`: no files.
    pub files: Option<PathBuf>,
    pub max_file_bytes: u64,
    pub keep_files: u32,
}

/// What went missing since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub dropped_access_lines: u64,
    pub dropped_lines: u64,
    /// Writes to the console that failed.
    pub console_failures: u64,
    /// Writes to the file that failed.
    pub file_failures: u64,
    /// Writes to the file that were left out because the disk was nearly full.
    pub file_pauses: u64,
}

/// A running log; dropping it writes out what waits and ends its thread.
pub struct Log {
    shared: Arc<Shared>,
}

struct Shared {
    /// The least severe line that is written, as its number.
    level: AtomicU8,
    json: bool,
    colour: bool,
    /// JSON beside a human console, for the file or for `recent`.
    with_file: bool,
    /// The last lines as JSON, while there is no file to read them from.
    recent: Mutex<VecDeque<u8>>,
    /// No thread could be started: every line is written by the one who logs it.
    unattended: AtomicBool,
    pending: Mutex<Pending>,
    wake: Condvar,
    outputs: Mutex<Outputs>,
    secrets: RwLock<Vec<Box<str>>>,
    dropped_access: AtomicU64,
    dropped_lines: AtomicU64,
    console_failures: AtomicU64,
    file_failures: AtomicU64,
    file_pauses: AtomicU64,
}

struct Outputs {
    console: Box<dyn Write + Send>,
    file: Option<RotatedFile>,
    /// Swapped with the pending batch, so that neither is allocated anew.
    spare: Batch,
}

impl Log {
    #[must_use]
    pub fn start(setup: Setup) -> Self {
        let shared = Arc::new(Shared::new(setup));
        let writer = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("log".into());
        if thread.spawn(move || writer.write_until_stopped()).is_err() {
            shared.unattended.store(true, Relaxed);
        }
        Self { shared }
    }

    /// What the `log` facade should let through.
    #[must_use]
    pub fn max_level(&self) -> LevelFilter {
        match self.shared.level() {
            LogLevel::Debug => LevelFilter::Debug,
            LogLevel::Info => LevelFilter::Info,
            LogLevel::Warn => LevelFilter::Warn,
            LogLevel::Error | LogLevel::Fatal => LevelFilter::Error,
        }
    }

    /// From now on only lines at least as severe as `level` are written.
    pub fn set_level(&self, level: LogLevel) {
        self.shared.level.store(level as u8, Relaxed);
    }

    /// Formats one access line into the shared buffer; well below a microsecond.
    pub fn access(&self, access: &Access<'_>) {
        let shared = &*self.shared;
        if shared.level() > LogLevel::Info {
            return;
        }
        let now_ms = clock::now_ms();
        let mut pending = lock(&shared.pending);
        if pending.has_room_for_access() {
            let first = pending.is_empty();
            let batch = &mut pending.batch;
            if shared.json {
                access.push_json(&mut batch.console, now_ms);
            } else {
                access.push_human(&mut batch.console, now_ms, shared.colour);
                if shared.with_file {
                    access.push_json(&mut batch.file, now_ms);
                }
            }
            shared.wake_writer(pending, first, false);
        }
    }

    /// The last lines, each a JSON object, up to 256 KiB, while there is no file to read them from. The first may lack
    /// its beginning.
    #[must_use]
    pub fn recent(&self) -> Vec<u8> {
        lock(&self.shared.recent).iter().copied().collect()
    }

    /// From now on the value, and the password inside it when it is a URL, is `***` in every line.
    /// Values under 6 bytes are not looked for.
    pub fn register_secret(&self, secret: &Secret<String>) {
        let value = secret.expose().trim();
        let password: Option<Box<str>> =
            url::Url::parse(value).ok().and_then(|url| url.password().map(Box::from));
        let mut secrets = self.shared.secrets.write().unwrap_or_else(PoisonError::into_inner);
        for value in [Some(Box::from(value)), password].into_iter().flatten() {
            if value.len() >= MIN_SECRET_BYTES && !secrets.contains(&value) {
                secrets.push(value);
            }
        }
        // A value that contains another goes first, else its rest would stay.
        secrets.sort_by_key(|value| std::cmp::Reverse(value.len()));
    }

    /// Writes out everything that waits, before it returns.
    pub fn flush_now(&self) {
        self.shared.drain(&mut lock(&self.shared.outputs));
    }

    #[must_use]
    pub fn counts(&self) -> Counts {
        let shared = &*self.shared;
        Counts {
            dropped_access_lines: shared.dropped_access.load(Relaxed),
            dropped_lines: shared.dropped_lines.load(Relaxed),
            console_failures: shared.console_failures.load(Relaxed),
            file_failures: shared.file_failures.load(Relaxed),
            file_pauses: shared.file_pauses.load(Relaxed),
        }
    }
}

impl log::Log for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let fatal_only = self.shared.level() == LogLevel::Fatal;
        metadata.level() <= self.max_level() && (!fatal_only || metadata.target() == super::FATAL)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) || !is_wanted(record) {
            return;
        }
        let message = record.args().to_string();
        let secrets = self.shared.secrets.read().unwrap_or_else(PoisonError::into_inner);
        let message = redact(&message, &secrets);
        let end = message.floor_char_boundary(MAX_MESSAGE_BYTES);
        self.shared.line(record.level(), record.target(), &message[..end]);
    }

    fn flush(&self) {
        self.flush_now();
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        lock(&self.shared.pending).stopping = true;
        self.shared.wake.notify_all();
        self.flush_now();
    }
}

/// Whether a record may be shown at all.
///
/// Rocket prints query strings and rejected values, and its macros do so from inside our own
/// modules, under targets that end in `::_`. Other libraries are heard from warnings upwards.
fn is_wanted(record: &Record<'_>) -> bool {
    let target = record.target();
    let from = |name: &str| record.module_path().is_some_and(|path| path.starts_with(name));
    let rocket = target.ends_with("::_") || target.starts_with("rocket") || from("rocket");
    let own = from(env!("CARGO_PKG_NAME")) || record.module_path().is_none();
    !rocket && (own || record.level() <= Level::Warn)
}

impl Shared {
    fn new(setup: Setup) -> Self {
        let new_file = |dir| RotatedFile::new(dir, setup.max_file_bytes, setup.keep_files);
        let file = setup.files.map(new_file);
        Self {
            level: AtomicU8::new(setup.level as u8),
            json: setup.json,
            colour: setup.colour,
            with_file: true,
            recent: Mutex::default(),
            unattended: AtomicBool::new(false),
            pending: Mutex::default(),
            wake: Condvar::new(),
            outputs: Mutex::new(Outputs { console: setup.console, file, spare: Batch::default() }),
            secrets: RwLock::default(),
            dropped_access: AtomicU64::new(0),
            dropped_lines: AtomicU64::new(0),
            console_failures: AtomicU64::new(0),
            file_failures: AtomicU64::new(0),
            file_pauses: AtomicU64::new(0),
        }
    }

    fn level(&self) -> LogLevel {
        let number = self.level.load(Relaxed);
        LogLevel::ALL.into_iter().find(|level| *level as u8 == number).unwrap_or(LogLevel::Info)
    }

    fn line(&self, level: Level, target: &str, message: &str) {
        let severity = Severity::of(level, target);
        let now_ms = clock::now_ms();
        let mut pending = lock(&self.pending);
        if pending.has_room_for_line() {
            let first = pending.is_empty();
            let batch = &mut pending.batch;
            if self.json {
                line::push_json(&mut batch.console, now_ms, severity, target, message);
            } else {
                let console = &mut batch.console;
                line::push_human(console, now_ms, severity, self.colour, target, message);
                if self.with_file {
                    line::push_json(&mut batch.file, now_ms, severity, target, message);
                }
            }
            self.wake_writer(pending, first, level == Level::Error);
        }
    }

    /// Ends the borrow of the buffer; tells the writer when it sleeps or must hurry.
    fn wake_writer(&self, mut pending: MutexGuard<'_, Pending>, first: bool, at_once: bool) {
        let hurry = (at_once || pending.is_half_full()) && !pending.urgent;
        pending.urgent |= hurry;
        drop(pending);
        if at_once || self.unattended.load(Relaxed) {
            let outputs = match self.outputs.try_lock() {
                Ok(outputs) => Some(outputs),
                Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
                Err(std::sync::TryLockError::WouldBlock) => None,
            };
            if let Some(mut outputs) = outputs {
                return self.drain(&mut outputs);
            }
        }
        if first || hurry {
            self.wake.notify_one();
        }
    }

    fn write_until_stopped(&self) {
        loop {
            let pending = lock(&self.pending);
            let idle = |pending: &mut Pending| pending.is_empty() && !pending.stopping;
            let pending =
                self.wake.wait_while(pending, idle).unwrap_or_else(PoisonError::into_inner);
            let calm = |pending: &mut Pending| !pending.urgent && !pending.stopping;
            let (pending, _) = self
                .wake
                .wait_timeout_while(pending, GATHER, calm)
                .unwrap_or_else(PoisonError::into_inner);
            let stopping = pending.stopping;
            drop(pending);
            self.drain(&mut lock(&self.outputs));
            if stopping {
                return;
            }
        }
    }

    /// Takes what waits and writes it. Whoever holds the outputs takes, so the order is kept.
    fn drain(&self, outputs: &mut Outputs) {
        let now_ms = clock::now_ms();
        {
            let mut pending = lock(&self.pending);
            self.dropped_access.fetch_add(pending.dropped_access, Relaxed);
            self.dropped_lines.fetch_add(pending.dropped_lines, Relaxed);
            pending.report_dropped(self.json, self.with_file, now_ms);
            pending.urgent = false;
            std::mem::swap(&mut pending.batch, &mut outputs.spare);
        }
        let Outputs { console, file, spare } = outputs;
        if spare.console.is_empty() {
            return;
        }
        if file.is_none() {
            self.remember(if self.json { &spare.console } else { &spare.file });
        }
        if console.write_all(&spare.console).and_then(|()| console.flush()).is_err() {
            self.console_failures.fetch_add(1, Relaxed);
        }
        if let Some(file) = file {
            let lines = if self.json { &spare.console } else { &spare.file };
            match file.write(lines, now_ms) {
                Ok(true) => {}
                Ok(false) => _ = self.file_pauses.fetch_add(1, Relaxed),
                Err(_) => _ = self.file_failures.fetch_add(1, Relaxed),
            }
        }
        spare.clear();
    }
}

impl Shared {
    /// Keeps the end of all lines.
    fn remember(&self, lines: &[u8]) {
        let mut recent = lock(&self.recent);
        recent.extend(lines);
        let beyond = recent.len().saturating_sub(RECENT_BYTES);
        recent.drain(..beyond);
    }
}

/// A panic elsewhere while a line was written must not end logging.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "sink_tests.rs"]
mod tests;
