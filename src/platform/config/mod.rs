//! Every setting: where it may come from, what it may be, and what it is.
//!
//! Weakest first: the built-in `config/default.toml`, `config/<profile>.toml`, `.env` (then
//! `.env.production` in production), the environment. [`load`] reads them all, reports every fault
//! at once, and returns typed [`Settings`] with the origin of each value.
//!
//! Reading order: `table` (what exists) → `layers` (what was given) → `resolve` (what counts) →
//! `settings` (what it means). Only [`Sources::from_process`] reads the environment. Rocket's own
//! keys (`Rocket.toml`) are deliberately not here.

mod dotenv;
mod fault;
mod files;
mod ip_range;
pub mod keys;
mod kind;
mod layers;
mod origin;
mod reader;
mod resolve;
mod settings;
mod sources;
mod table;
#[cfg(test)]
mod tests;

pub use self::fault::{ConfigErrors, Fault};
pub use self::ip_range::IpRange;
pub use self::kind::Kind;
pub use self::origin::Origin;
pub use self::settings::*;
pub use self::sources::Sources;
pub use self::table::GROUPS;
use crate::platform::secret::Secret;

use self::reader::Reader;
use self::resolve::Resolved;

/// A configuration without faults.
#[derive(Debug)]
pub struct Loaded {
    pub settings: Settings,
    /// One for each setting, in the order of the table.
    pub entries: Vec<Entry>,
    /// Accepted, but the owner should know; sentences without secrets.
    pub warnings: Vec<String>,
    /// The value of every secret in force, for the log to mask.
    pub secrets: Vec<Secret<String>>,
}

/// An effective value as `manero config` shows it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The setting's path: `http.port`.
    pub key: &'static str,
    /// Its strongest environment variable.
    pub env: Option<&'static str>,
    /// Masked when secret; empty when not set.
    pub value: String,
    pub origin: Origin,
    pub help: &'static str,
}

/// Reads and checks everything.
///
/// # Errors
/// Every fault of every source; the program should print them and exit with 2.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigErrors> {
    let (mut faults, mut warnings) = (Vec::new(), Vec::new());
    let (profile, given) = layers::gather(sources, &mut faults);
    let resolved = resolve::resolve(&sources.dir, given, &mut faults, &mut warnings);
    let mut reader = Reader { dir: &sources.dir, resolved: &resolved, faults, warnings };
    match Settings::read(profile, &mut reader) {
        Ok(settings) if reader.faults.is_empty() => Ok(Loaded {
            entries: entries(&settings, &resolved),
            warnings: reader.warnings,
            secrets: resolved.secrets().map(|text| Secret::new(text.to_owned())).collect(),
            settings,
        }),
        _ => Err(ConfigErrors(reader.faults)),
    }
}

fn entries(settings: &Settings, resolved: &Resolved) -> Vec<Entry> {
    keys::all()
        .map(|key| {
            let (mut value, origin) = resolved.shown(key);
            if value.is_empty() {
                value = derived(key.path, settings);
            }
            Entry { key: key.path, env: key.env.first().copied(), value, origin, help: key.help }
        })
        .collect()
}

/// What is in force for a setting that nothing sets; empty when it is off.
fn derived(path: &str, settings: &Settings) -> String {
    match path {
        "profile" => settings.profile.to_string(),
        "database.url" => match &settings.database {
            Database::Sqlite { path } => format!("sqlite://{}", path.display()),
            Database::Postgres { .. } => String::new(),
        },
        "mail.from_name" => settings.mail.from_name.clone(),
        "mail.from_address" => settings.mail.from_address.clone(),
        _ => String::new(),
    }
}
