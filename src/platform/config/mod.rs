//! Every setting: where it may come from, what it may be, and what it is.
//!
//! Weakest first: the built-in `config/default.toml`, `config/<profile>.toml`, the dashboard, `.env`
//! (then `.env.production` in production), the environment. [`load`] reads all but the dashboard,
//! reports every fault at once, and returns typed [`Settings`] with the origin of each value.
//! [`Loaded::with`] puts in what the dashboard sets, and [`Live`] is how the rest of the program
//! asks for the settings of now.
//!
//! Reading order: `table` (what exists) → `layers` (what was given) → `resolve` (what counts) →
//! `base` (with the dashboard) → `settings` (what it means). Only [`Sources::from_process`] reads the
//! environment. Rocket's own keys (`Rocket.toml`) are deliberately not here; where the dashboard's
//! values are kept is `admin::settings`.

mod base;
mod dotenv;
mod fault;
mod files;
mod ip_range;
pub mod keys;
mod kind;
mod layers;
mod live;
mod origin;
mod plain;
mod reader;
mod resolve;
mod settings;
mod sources;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use self::base::{Given as DashboardValue, Layered, Refused};
pub use self::fault::{ConfigErrors, Fault};
pub use self::ip_range::IpRange;
pub use self::kind::Kind;
pub use self::live::Live;
pub use self::origin::Origin;
pub use self::plain::{ENTRY_MAX, LIST_MAX, NUMBER_MAX, Plain, TEXT_MAX};
pub use self::settings::*;
pub use self::sources::Sources;
pub use self::table::{Area, GROUPS};
use crate::platform::secret::Secret;

use self::base::Base;
use self::keys::Key;
use self::resolve::Resolved;

/// A configuration without faults.
#[derive(Debug, Clone)]
pub struct Loaded {
    base: Arc<Base>,
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
    /// All that the table says about it.
    pub row: &'static Key,
    pub area: Area,
    /// The variable, of `.env` or of the environment, that sets it now: nothing else can then.
    pub fixed_by: Option<String>,
    /// What the built-in file says; `None` when it says nothing.
    pub default: Option<String>,
    /// How a secret ends that is long enough to be told by that.
    pub last_four: Option<String>,
}

/// Reads and checks everything.
///
/// # Errors
/// Every fault of every source; the program should print them and exit with 2.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigErrors> {
    let mut faults = Vec::new();
    let base = Arc::new(Base::read(sources, &mut faults));
    base::build(&base, &[], faults).map_err(ConfigErrors)
}

fn entries(settings: &Settings, resolved: &Resolved, base: &Base) -> Vec<Entry> {
    let rows = GROUPS.iter().flat_map(|group| group.keys.iter().map(|key| (group.area, key)));
    rows.map(|(area, key)| {
        let (mut value, origin) = resolved.shown(key);
        if value.is_empty() {
            value = derived(key.path, settings);
        }
        let chosen = resolved.get(key.path);
        Entry {
            key: key.path,
            env: key.env.first().copied(),
            value,
            origin,
            help: key.help,
            row: key,
            area,
            fixed_by: chosen.filter(|c| c.rank.is_some()).map(|c| c.name.clone()),
            default: base.default_of(key.path).map(str::to_owned),
            last_four: chosen.and_then(|c| origin::last_four(&c.text, key.mask)),
        }
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
