//! What files and environment said at the start, kept so that what the owner sets in the dashboard
//! can be put between them at any time: stronger than the files, weaker than every variable.
//!
//! At a start a wrong value of the dashboard must not keep the site from running: it is left out
//! and told. Before a value is stored the same rules refuse it; see `admin::settings`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::fault::Fault;
use super::keys::{self, Change};
use super::layers;
use super::origin::Origin;
use super::reader::Reader;
use super::resolve::{self, Chosen};
use super::settings::{Profile, Settings};
use super::sources::Sources;
use super::{Loaded, entries};
use crate::platform::secret::Secret;

/// All layers but the dashboard's, read once.
pub(super) struct Base {
    dir: PathBuf,
    profile: Profile,
    /// Ordered weakest first.
    read: Vec<Chosen>,
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base({} values)", self.read.len())
    }
}

/// A value of the dashboard as it is handed in.
#[derive(Debug, Clone)]
pub struct Given {
    /// The setting's path.
    pub key: String,
    /// As a file would say it; secret or not.
    pub text: Secret<String>,
}

/// A value of the dashboard that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub key: String,
    /// A phrase after the key: "must be …". Without the value.
    pub problem: String,
}

/// The settings with the dashboard's values among them.
#[derive(Debug, Clone)]
pub struct Layered {
    pub loaded: Loaded,
    pub refused: Vec<Refused>,
}

impl Base {
    pub(super) fn read(sources: &Sources, faults: &mut Vec<Fault>) -> Self {
        let (profile, given) = layers::gather(sources, faults);
        let read = resolve::read_all(&sources.dir, &given, faults);
        Self { dir: sources.dir.clone(), profile, read }
    }

    /// The built-in value of a setting.
    pub(super) fn default_of(&self, path: &str) -> Option<&str> {
        let built_in = |read: &&Chosen| read.key.path == path && read.origin == Origin::Default;
        self.read.iter().find(built_in).map(|read| read.text.as_str())
    }
}

/// Everything put together; `faults` were found before.
pub(super) fn build(
    base: &Arc<Base>,
    dashboard: &[Chosen],
    faults: Vec<Fault>,
) -> Result<Loaded, Vec<Fault>> {
    let mut warnings = Vec::new();
    let variables = base.read.iter().position(|read| read.rank.is_some());
    let (files, variables) = base.read.split_at(variables.unwrap_or(base.read.len()));
    let all = files.iter().chain(dashboard).chain(variables);
    let resolved = resolve::choose(all, &mut warnings);
    let mut reader = Reader { dir: &base.dir, resolved: &resolved, faults, warnings };
    match Settings::read(base.profile, &mut reader) {
        Ok(settings) if reader.faults.is_empty() => Ok(Loaded {
            entries: entries(&settings, &resolved, base),
            warnings: reader.warnings,
            secrets: resolved.secrets().map(|text| Secret::new(text.to_owned())).collect(),
            settings,
            base: Arc::clone(base),
        }),
        _ => Err(reader.faults),
    }
}

impl Loaded {
    /// The settings with these values of the dashboard among them, instead of any that were there.
    /// What cannot count is left out, and told with the reason.
    #[must_use]
    pub fn with(&self, dashboard: &[Given]) -> Layered {
        let (mut kept, mut refused) = (Vec::new(), Vec::new());
        for given in dashboard {
            match read(given) {
                Ok(read) => kept.push(read),
                Err(problem) => refused.push(Refused { key: given.key.clone(), problem }),
            }
        }
        loop {
            match build(&self.base, &kept, Vec::new()) {
                Ok(loaded) => return Layered { loaded, refused },
                Err(faults) if drop_faulty(&mut kept, &faults, &mut refused) => {}
                // Not reached: without the dashboard these layers had no fault when they were read.
                Err(_) => return Layered { loaded: self.clone(), refused },
            }
        }
    }
}

/// Takes out the values that `faults` are about; all of them when none can be told. `false` when
/// there was nothing to take out.
fn drop_faulty(kept: &mut Vec<Chosen>, faults: &[Fault], refused: &mut Vec<Refused>) -> bool {
    let place = Origin::Dashboard.place();
    let about = |read: &Chosen| {
        faults.iter().find(|fault| fault.place == place && fault.key == read.key.path)
    };
    let told = kept.iter().any(|read| about(read).is_some());
    let before = kept.len();
    kept.retain(|read| {
        let fault = about(read).or_else(|| faults.first().filter(|_| !told));
        refused.extend(fault.map(|fault| Refused {
            key: read.key.path.to_owned(),
            problem: fault.problem.clone(),
        }));
        fault.is_none()
    });
    kept.len() < before
}

fn read(given: &Given) -> Result<Chosen, String> {
    let key = keys::by_path(&given.key).ok_or("is not a setting of this program")?;
    if let Change::Never(why) = key.change {
        return Err(format!("cannot be changed in the dashboard: {why}"));
    }
    let text = given.text.expose();
    if text.trim().is_empty() {
        return Err("must not be empty".to_owned());
    }
    let (value, text) = resolve::read_text(key, text.clone())?;
    let (origin, name) = (Origin::Dashboard, key.path.to_owned());
    Ok(Chosen { key, value, text, origin, name, rank: None })
}
