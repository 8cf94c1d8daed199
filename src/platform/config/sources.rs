//! What the configuration is read from, as one value, so that a test needs no real environment.

use std::ffi::OsString;
use std::path::PathBuf;

/// A working directory and an environment.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Where `config/`, `.env` and relative paths are looked up; empty for the process's own
    /// working directory, so that paths are shown as they were written.
    pub dir: PathBuf,
    pub env: Vec<(OsString, OsString)>,
}

impl Sources {
    /// The real ones. No other function of the program reads the environment.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the home of the environment")]
    pub fn from_process() -> Self {
        Self { dir: PathBuf::new(), env: std::env::vars_os().collect() }
    }

    /// A directory and variables written by hand.
    pub fn new<'a>(
        dir: impl Into<PathBuf>,
        env: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let env = env.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { dir: dir.into(), env }
    }
}
