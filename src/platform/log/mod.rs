//! The program's own log: one sink behind the `log` facade, and the access log beside it.
//!
//! Lines are formatted into a shared buffer and written by one thread, so that no request waits
//! for a terminal or a disk. Human lines go to stderr in development, JSON lines to stdout in
//! production, and JSON to `<data>/logs/manero.log` in both. Request paths, queries and bodies are
//! deliberately never logged; other lines pass through `redact`. What the log means (searching it,
//! showing it) is `ops::logs`.

mod access;
mod buffer;
mod line;
mod redact;
mod rotated;
mod sink;
mod time;

use std::fmt;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::OnceLock;

pub use self::access::Access;
pub use self::sink::{Counts, Log, Setup};
use crate::platform::config::{LogFormat, LogLevel, LogSettings, Profile};
use crate::platform::secret::Secret;

/// Records of this target are shown as FATAL, above ERROR.
pub const FATAL: &str = "fatal";

/// The sink in use. The `log` facade is one for the process; so is what stands behind it.
static INSTALLED: OnceLock<Log> = OnceLock::new();

/// Starts the log and puts it behind the `log` facade. Only the first call has an effect.
pub fn init(settings: &LogSettings, profile: Profile, data_dir: &Path, secrets: &[Secret<String>]) {
    let json = match settings.format {
        LogFormat::Auto => profile == Profile::Production,
        LogFormat::Human => false,
        LogFormat::Json => true,
    };
    let console: Box<dyn io::Write + Send> =
        if json { Box::new(io::stdout()) } else { Box::new(io::stderr()) };
    let log = Log::start(Setup {
        level: settings.level,
        json,
        colour: !json && io::stderr().is_terminal(),
        console,
        files: settings.files.then(|| data_dir.join("logs")),
        max_file_bytes: settings.max_file_bytes,
        keep_files: settings.keep_files,
    });
    for secret in secrets {
        log.register_secret(secret);
    }
    if INSTALLED.set(log).is_ok()
        && let Some(log) = INSTALLED.get()
        && log::set_logger(log).is_ok()
    {
        log::set_max_level(log.max_level());
    }
}

/// The sink in use; `None` before [`init`].
#[must_use]
pub fn installed() -> Option<&'static Log> {
    INSTALLED.get()
}

/// Writes one line of the access log; nothing before [`init`] or when `LOG_LEVEL` is above info.
pub fn access(access: &Access<'_>) {
    if let Some(log) = INSTALLED.get() {
        log.access(access);
    }
}

/// Logs what stops the program: `fatal(format_args!("no disk"))`. Written before it returns.
pub fn fatal(args: fmt::Arguments<'_>) {
    log::error!(target: FATAL, "{args}");
    flush();
}

/// From now on only lines at least as severe as `level` are written.
pub fn set_level(level: LogLevel) {
    if let Some(log) = INSTALLED.get() {
        log.set_level(level);
        log::set_max_level(log.max_level());
    }
}

/// From now on the value is `***` in every line.
pub fn register_secret(secret: &Secret<String>) {
    if let Some(log) = INSTALLED.get() {
        log.register_secret(secret);
    }
}

/// Writes out everything that waits; for the end of the program.
pub fn flush() {
    if let Some(log) = INSTALLED.get() {
        log.flush_now();
    }
}
