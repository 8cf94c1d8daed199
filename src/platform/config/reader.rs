//! Takes typed values out of what was resolved, for the structs in `settings`.
//!
//! A setting that the built-in file must give and does not is a fault of this program's own; it is
//! reported like any other instead of stopping the process half-way.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use super::fault::Fault;
use super::ip_range::IpRange;
use super::kind::Value;
use super::resolve::Resolved;
use crate::platform::secret::Secret;

pub(super) struct Reader<'a> {
    pub(super) dir: &'a Path,
    pub(super) resolved: &'a Resolved,
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<String>,
}

/// A type that one of the [`Value`]s becomes.
pub(super) trait FromValue: Sized {
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($variant:ident => $type:ty),* $(,)?) => {$(
        impl FromValue for $type {
            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::$variant(value) => Some(value.clone()),
                    _ => None,
                }
            }
        }
    )*};
}

from_value! {
    Bool => bool,
    Number => u64,
    Duration => Duration,
    Text => String,
    Path => PathBuf,
    Address => IpAddr,
    Ranges => Vec<IpRange>,
    Url => Url,
    Origins => Vec<String>,
}

impl Reader<'_> {
    pub(super) fn optional<T: FromValue>(&self, path: &str) -> Option<T> {
        self.resolved.get(path).and_then(|chosen| T::from_value(&chosen.value))
    }

    /// A setting that `config/default.toml` always gives.
    pub(super) fn required<T: FromValue>(&mut self, path: &str) -> Result<T, Missing> {
        self.optional(path).ok_or_else(|| {
            self.fault(path, "has no value of its type in the built-in config/default.toml");
            Missing
        })
    }

    pub(super) fn secret(&self, path: &str) -> Option<Secret<String>> {
        self.resolved.get(path).map(|chosen| Secret::new(chosen.text.clone()))
    }

    /// `path` as seen from the working directory of the sources.
    pub(super) fn in_dir(&self, path: impl AsRef<Path>) -> PathBuf {
        self.dir.join(path)
    }

    pub(super) fn fault(&mut self, path: &str, problem: impl Into<String>) {
        self.faults.push(self.resolved.fault(path, problem));
    }

    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }
}

/// A required setting has no value; the reader has noted the fault.
#[derive(Debug)]
pub(super) struct Missing;
