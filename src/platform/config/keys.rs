//! What is known about a setting, and finding one by any of its names.
//!
//! The rows themselves are in `table`. Reading values is `layers` and `resolve`.

use super::kind::Kind;
use super::origin;
use super::table::{Area, GROUPS};

/// How much of a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// All of it.
    Open,
    /// A URL whose password is hidden.
    Password,
    /// Nothing.
    Whole,
}

/// Whether the owner may change a setting in the dashboard, and from when on that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    AtOnce,
    AtNextStart,
    /// Only files and environment say what it is; with the reason, for people.
    Never(&'static str),
}

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its place in the TOML files: `http.port`.
    pub path: &'static str,
    /// Its environment variables, the strongest first; empty when it can only be set in TOML.
    pub env: &'static [&'static str],
    pub kind: Kind,
    pub mask: Mask,
    pub change: Change,
    /// A value for `config/env.example`, made up where the real one is secret.
    pub example: &'static str,
    /// One line for people.
    pub help: &'static str,
}

impl Key {
    /// Whether the value holds something secret, and a `NAME_FILE` twin therefore exists.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.mask != Mask::Open
    }

    /// How `text` ends, when it is a secret long enough to be told by that.
    #[must_use]
    pub fn last_four(&self, text: &str) -> Option<String> {
        origin::last_four(text, self.mask)
    }

    pub(super) const fn at_once(self) -> Self {
        Self { change: Change::AtOnce, ..self }
    }

    pub(super) const fn at_next_start(self) -> Self {
        Self { change: Change::AtNextStart, ..self }
    }

    pub(super) const fn never(self, why: &'static str) -> Self {
        Self { change: Change::Never(why), ..self }
    }
}

/// Settings that belong together, under the heading that `config/env.example` gives them.
#[derive(Debug)]
pub struct Group {
    pub area: Area,
    pub title: &'static str,
    pub keys: &'static [Key],
}

/// Every setting, in the order of the table.
pub fn all() -> impl Iterator<Item = &'static Key> {
    GROUPS.iter().flat_map(|group| group.keys)
}

/// The setting of this path.
#[must_use]
pub fn by_path(path: &str) -> Option<&'static Key> {
    all().find(|key| key.path == path)
}

/// What an environment variable's name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) key: &'static Key,
    /// Index in [`Key::env`]: 0 is the strongest.
    pub(super) rank: usize,
    /// Whether the variable names a file that holds the value.
    pub(super) is_file: bool,
}

pub(super) fn by_env(name: &str) -> Option<Named> {
    let exact = |wanted: &str, is_file| {
        all().find_map(|key| {
            let rank = key.env.iter().position(|env| *env == wanted)?;
            Some(Named { key, rank, is_file })
        })
    };
    exact(name, false)
        .or_else(|| exact(name.strip_suffix("_FILE")?, true).filter(|named| named.key.is_secret()))
}

/// Every environment variable that is understood, `_FILE` twins included.
pub(super) fn env_names() -> impl Iterator<Item = String> {
    all().flat_map(|key| {
        key.env.iter().flat_map(move |name| {
            let twin = key.is_secret().then(|| format!("{name}_FILE"));
            std::iter::once((*name).to_owned()).chain(twin)
        })
    })
}

/// The known variable nearest to `name`, with the number of edits between them.
pub(super) fn nearest_env(name: &str) -> Option<(String, usize)> {
    env_names()
        .map(|known| {
            let edits = strsim::osa_distance(name, &known);
            (known, edits)
        })
        .min_by_key(|(_, edits)| *edits)
}

/// The known setting nearest to `path`: `htpp.port` and a bare `port` both give `http.port`.
pub(super) fn nearest_path(path: &str) -> Option<&'static str> {
    let last = |path: &str| path.rsplit('.').next().map(str::to_owned);
    let likeness = |known: &str| {
        let whole = strsim::normalized_damerau_levenshtein(path, known);
        if last(path) == last(known) { whole + 0.5 } else { whole }
    };
    all()
        .map(|key| (key.path, likeness(key.path)))
        .filter(|(_, likeness)| *likeness > 0.4)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(path, _)| path)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_settings_share_a_name() {
        let mut seen = HashSet::new();
        for name in all().map(|key| key.path.to_owned()).chain(env_names()) {
            assert!(seen.insert(name.clone()), "{name} appears twice");
        }
    }

    #[test]
    fn a_file_twin_exists_for_secrets_only() {
        assert!(by_env("JWT_SECRET_FILE").is_some_and(|named| named.is_file));
        assert!(by_env("API_PORT_FILE").is_none());
        assert!(by_env("DATABASE_URL_FILE").is_some());
    }

    #[test]
    fn the_nearest_name_is_the_one_a_reader_would_guess() {
        assert_eq!(nearest_path("htpp.port"), Some("http.port"));
        assert_eq!(nearest_path("limits.api.maximum"), Some("limits.api.max"));
        assert_eq!(nearest_path("zzzzzzzzzzzzzzzzzzzzzz"), None);
        assert_eq!(nearest_env("MANERO_DOMIAN"), Some(("MANERO_DOMAIN".into(), 1)));
    }
}
