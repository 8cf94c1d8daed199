//! Gathers what every source says, weakest first, and finds the names that no setting has.
//!
//! The built-in `config/default.toml` < `config/<profile>.toml` < `.env` (then `.env.production`
//! in production) < the environment. An empty value counts as not given. Reading the values is
//! `resolve`; what the owner sets in the dashboard comes between files and variables in `base`.

use std::path::PathBuf;

use super::fault::Fault;
use super::keys::{self, Key, Mask};
use super::origin::Origin;
use super::settings::Profile;
use super::sources::Sources;
use super::{dotenv, files};

const DEFAULTS: &str = include_str!("../../../config/default.toml");

/// A variable this near to a known one is taken for a slip of the pen.
const SLIP_EDITS: usize = 2;

/// One value that one source gives.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) key: &'static Key,
    /// The name as written there.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) origin: Origin,
    /// For variables: which of the key's names, 0 being the strongest. `None` for TOML.
    pub(super) rank: Option<usize>,
    /// `text` is the path of a file that holds the value.
    pub(super) is_file: bool,
}

impl Given {
    pub(super) fn fault(&self, problem: impl Into<String>) -> Fault {
        let value = (self.key.mask == Mask::Open).then(|| self.text.clone());
        Fault { place: self.origin.place(), key: self.name.clone(), value, problem: problem.into() }
    }
}

/// Everything given, weakest first.
pub(super) fn gather(sources: &Sources, faults: &mut Vec<Fault>) -> (Profile, Vec<Given>) {
    let environment = environment(sources, faults);
    let dotenv = dotenv_file(sources, ".env", faults);
    let profile = profile(&dotenv, &environment);
    let mut given = toml_layer(DEFAULTS, "default", faults);
    for default in &mut given {
        default.origin = Origin::Default;
    }
    given.extend(profile_file(sources, profile, faults));
    given.extend(dotenv);
    if profile == Profile::Production {
        let over = dotenv_file(sources, ".env.production", faults);
        given.extend(over.into_iter().filter(|given| may_set_profile(given, profile, faults)));
    }
    given.extend(environment);
    (profile, given)
}

/// An unknown word leaves development; `resolve` reports it.
fn profile(dotenv: &[Given], environment: &[Given]) -> Profile {
    let said = dotenv.iter().chain(environment).rfind(|given| given.key.path == "profile");
    said.and_then(|given| Profile::parse(&given.text)).unwrap_or_default()
}

/// A file that the profile has chosen must not choose another one.
fn may_set_profile(given: &Given, profile: Profile, faults: &mut Vec<Fault>) -> bool {
    if given.key.path != "profile" || Profile::parse(&given.text) == Some(profile) {
        return true;
    }
    faults.push(given.fault(
        "cannot be set here, because it chooses this file; set NODE_ENV in .env or the environment",
    ));
    false
}

fn profile_file(sources: &Sources, profile: Profile, faults: &mut Vec<Fault>) -> Vec<Given> {
    let shown = format!("config/{profile}.toml");
    let path: PathBuf = sources.dir.join(&shown);
    match files::read(&path, &shown) {
        Ok(None) => Vec::new(),
        Ok(Some(text)) => {
            let given = toml_layer(&text, &shown, faults);
            given.into_iter().filter(|given| may_set_profile(given, profile, faults)).collect()
        }
        Err(fault) => {
            faults.push(fault);
            Vec::new()
        }
    }
}

fn toml_layer(text: &str, shown: &str, faults: &mut Vec<Fault>) -> Vec<Given> {
    let entries = files::toml(text, shown).unwrap_or_else(|fault| {
        faults.push(fault);
        Vec::new()
    });
    let mut given = Vec::new();
    for entry in entries {
        let origin = Origin::File { name: shown.to_owned(), line: entry.line };
        let Some(key) = keys::by_path(&entry.path) else {
            let hint = keys::nearest_path(&entry.path)
                .map_or(String::new(), |near| format!("; did you mean {near}?"));
            faults.push(unknown(&origin.to_string(), entry.path, "setting", &hint));
            continue;
        };
        let name = entry.path;
        let value = Given { key, name, text: String::new(), origin, rank: None, is_file: false };
        match entry.text {
            None => faults.push(value.fault(format!("must be {}", key.kind.shape()))),
            Some(text) if text.trim().is_empty() => {}
            Some(text) => given.push(Given { text, ..value }),
        }
    }
    given
}

fn dotenv_file(sources: &Sources, shown: &str, faults: &mut Vec<Fault>) -> Vec<Given> {
    let text = files::read(&sources.dir.join(shown), shown).unwrap_or_else(|fault| {
        faults.push(fault);
        None
    });
    let (assignments, bad) = dotenv::parse(&text.unwrap_or_default());
    faults.extend(bad.into_iter().map(|bad| Fault {
        place: format!("{shown}:{}", bad.line),
        key: String::new(),
        value: None,
        problem: bad.problem.to_owned(),
    }));
    let mut given = Vec::new();
    for entry in assignments {
        let origin = Origin::File { name: shown.to_owned(), line: entry.line };
        if let Some(value) = variable(&entry.name, entry.value, origin.clone()) {
            given.extend(Some(value).filter(|value| !value.text.trim().is_empty()));
            continue;
        }
        let slip = keys::nearest_env(&entry.name).filter(|(_, edits)| *edits <= SLIP_EDITS);
        if slip.is_some() || entry.name.starts_with("MANERO_") {
            faults.push(unknown_variable(&origin.to_string(), entry.name));
        }
    }
    given
}

/// In the environment many programs keep their variables: only a slip in one of ours is a fault.
fn environment(sources: &Sources, faults: &mut Vec<Fault>) -> Vec<Given> {
    let mut given = Vec::new();
    for (name, value) in &sources.env {
        let Some(name) = name.to_str() else { continue };
        let origin = Origin::Environment { name: name.to_owned() };
        if keys::by_env(name).is_none() {
            let slip = keys::nearest_env(name).is_some_and(|(_, edits)| edits <= SLIP_EDITS);
            if slip && name.starts_with("MANERO_") {
                faults.push(unknown_variable("environment", name.to_owned()));
            }
            continue;
        }
        let text = value.to_str().map(str::to_owned);
        let Some(text) = text else {
            faults.push(Fault {
                place: "environment".to_owned(),
                key: name.to_owned(),
                value: None,
                problem: "is not UTF-8 text".to_owned(),
            });
            continue;
        };
        given.extend(variable(name, text, origin).filter(|value| !value.text.trim().is_empty()));
    }
    given
}

fn variable(name: &str, text: String, origin: Origin) -> Option<Given> {
    let named = keys::by_env(name)?;
    Some(Given {
        key: named.key,
        name: name.to_owned(),
        text,
        origin,
        rank: Some(named.rank),
        is_file: named.is_file,
    })
}

fn unknown_variable(place: &str, name: String) -> Fault {
    let hint = keys::nearest_env(&name)
        .map_or(String::new(), |(near, _)| format!("; did you mean {near}?"));
    unknown(place, name, "variable", &hint)
}

fn unknown(place: &str, key: String, what: &str, hint: &str) -> Fault {
    let problem = format!("is not a known {what}{hint}");
    Fault { place: place.to_owned(), key, value: None, problem }
}
