//! Follows `_FILE` twins and reads every value; then chooses the strongest of each setting.
//!
//! Weaker values are read too: a wrong line in a file is reported although something overrides it.
//! Reading is done once; choosing again whenever the dashboard sets something.

use std::collections::HashMap;
use std::path::Path;

use super::fault::Fault;
use super::files;
use super::keys::{Key, Mask};
use super::kind::{Kind, Value};
use super::layers::Given;
use super::origin::{Origin, masked};

/// The longest secret that a file may hold.
const MAX_SECRET_BYTES: usize = 64 * 1024;

/// A value that one source gives, read. Holds secrets, and so does not print.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) key: &'static Key,
    pub(super) value: Value,
    /// As written; for a secret, the secret.
    pub(super) text: String,
    pub(super) origin: Origin,
    /// The name under which it was given.
    pub(super) name: String,
    /// For variables: which of the key's names, 0 being the strongest.
    pub(super) rank: Option<usize>,
}

/// The values in force by setting.
#[derive(Default)]
pub(super) struct Resolved(HashMap<&'static str, Chosen>);

impl Resolved {
    pub(super) fn get(&self, path: &str) -> Option<&Chosen> {
        self.0.get(path)
    }

    /// Shown in `manero config`: the masked value (empty when not set) and its origin.
    pub(super) fn shown(&self, key: &Key) -> (String, Origin) {
        self.get(key.path).map_or((String::new(), Origin::Default), |chosen| {
            (masked(&chosen.text, key.mask), chosen.origin.clone())
        })
    }

    /// The text of every secret in force, for the log to mask. A URL without a password is none:
    /// a log that hides `smtp://localhost:25` helps nobody.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0
            .values()
            .filter(|chosen| masked(&chosen.text, chosen.key.mask) != chosen.text)
            .map(|chosen| chosen.text.as_str())
    }

    /// A fault of the value in force, pointing at where it was given.
    pub(super) fn fault(&self, path: &str, problem: impl Into<String>) -> Fault {
        let chosen = self.get(path);
        let open = chosen.is_some_and(|chosen| chosen.key.mask == Mask::Open);
        Fault {
            place: chosen.map_or_else(|| "default".to_owned(), |chosen| chosen.origin.place()),
            key: chosen.map_or_else(|| path.to_owned(), |chosen| chosen.name.clone()),
            value: chosen.filter(|_| open).map(|chosen| chosen.text.clone()),
            problem: problem.into(),
        }
    }
}

/// Reads every value that was given, in the same order.
pub(super) fn read_all(dir: &Path, given: &[Given], faults: &mut Vec<Fault>) -> Vec<Chosen> {
    both_set(given, faults);
    given.iter().filter_map(|given| read(dir, given, faults)).collect()
}

/// The strongest of each setting; `read` is ordered weakest first.
pub(super) fn choose<'r>(
    read: impl IntoIterator<Item = &'r Chosen>,
    warnings: &mut Vec<String>,
) -> Resolved {
    let mut chosen: HashMap<&'static str, Chosen> = HashMap::new();
    for read in read {
        let path = read.key.path;
        if let Some(old) = chosen.get(path) {
            if let (Some(old_rank), Some(rank)) = (old.rank, read.rank)
                && old_rank != rank
                && old.text != read.text
            {
                let (wins, loses) =
                    if rank < old_rank { (&read.name, &old.name) } else { (&old.name, &read.name) };
                warnings.push(format!("{wins} and {loses} are both set; {wins} wins"));
            }
            // A stronger name beats a stronger source: API_PORT in .env beats ROCKET_PORT.
            if matches!((old.rank, read.rank), (Some(old), Some(new)) if old < new) {
                continue;
            }
        }
        chosen.insert(path, read.clone());
    }
    Resolved(chosen)
}

/// A secret given both as itself and as a file: which one counts is not ours to guess.
fn both_set(given: &[Given], faults: &mut Vec<Fault>) {
    for file in given.iter().filter(|given| given.is_file) {
        let twin = given.iter().find(|other| {
            other.key.path == file.key.path && other.rank.is_some() && !other.is_file
        });
        if let Some(twin) = twin {
            let mut fault = file.fault("");
            let at = twin.origin.place();
            fault.problem = format!("{} is set too ({at}); keep one of the two", twin.name);
            faults.push(fault);
        }
    }
}

fn read(dir: &Path, given: &Given, faults: &mut Vec<Fault>) -> Option<Chosen> {
    let (text, origin) = if given.is_file {
        match secret_file(dir, given) {
            Ok(text) => {
                let path = given.text.trim().into();
                (text, Origin::SecretFile { path, variable: given.name.clone() })
            }
            Err(fault) => {
                faults.push(fault);
                return None;
            }
        }
    } else {
        (given.text.clone(), given.origin.clone())
    };
    match read_text(given.key, text) {
        Ok((value, text)) => {
            let (key, name, rank) = (given.key, given.name.clone(), given.rank);
            Some(Chosen { key, value, text, origin, name, rank })
        }
        Err(problem) => {
            faults.push(given.fault(problem));
            None
        }
    }
}

/// What `text` means for `key`, and the text without what does not belong to it.
pub(super) fn read_text(key: &Key, text: String) -> Result<(Value, String), String> {
    let Some(value) = key.kind.parse(&text) else {
        return Err(format!("must be {}", key.kind.shape()));
    };
    // A blank may belong to a password, never to a number or a URL.
    let text = if key.kind == Kind::Text { text } else { text.trim().to_owned() };
    Ok((value, text))
}

/// The content without its one trailing line break, which editors add and `docker secret` keeps.
fn secret_file(dir: &Path, given: &Given) -> Result<String, Fault> {
    let path = given.text.trim();
    let fault = |problem: String| Fault {
        place: given.origin.place(),
        key: given.name.clone(),
        value: Some(path.to_owned()),
        problem,
    };
    let mut text = files::read(&dir.join(path), path)
        .map_err(|inner| fault(inner.problem))?
        .ok_or_else(|| fault("there is no such file".into()))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    match text.len() {
        0 => Err(fault("the file is empty".into())),
        1..=MAX_SECRET_BYTES => Ok(text),
        _ => Err(fault(format!("the file is larger than {MAX_SECRET_BYTES} bytes"))),
    }
}
