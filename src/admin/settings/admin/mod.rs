//! The pages of settings: what there is, by what owners look for, and one setting with its form.

pub mod list;
pub mod one;

use super::view::{Item, OriginKind};
use super::{Desk, Stored, lines, store};
use crate::ops::rotation;
use crate::platform::config::Plain;
use crate::platform::config::keys::Key;
use crate::platform::db::Conn;
use crate::platform::error::Error;
use crate::platform::word::Word;

/// What owners look for. A setting belongs to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topic {
    Site,
    Mail,
    Security,
    Integrations,
    Monitoring,
    Server,
}

impl Word for Topic {
    const ALL: &'static [Self] = &[
        Self::Site,
        Self::Mail,
        Self::Security,
        Self::Integrations,
        Self::Monitoring,
        Self::Server,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Mail => "mail",
            Self::Security => "security",
            Self::Integrations => "integrations",
            Self::Monitoring => "monitoring",
            Self::Server => "server",
        }
    }
}

impl Topic {
    fn label(self) -> &'static str {
        match self {
            Self::Site => "Site",
            Self::Mail => "Mail",
            Self::Security => "Security",
            Self::Integrations => "Integrations",
            Self::Monitoring => "Monitoring",
            Self::Server => "Server",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::Site => "What the site is called, where it is found, and what it shows.",
            Self::Mail => "How mail goes out, and from whom.",
            Self::Security => {
                "Who may ask how often, from where, and how long a log-in of a program counts."
            }
            Self::Integrations => "Other programs that this one works with.",
            Self::Monitoring => "What is written down, and who is told when something breaks.",
            Self::Server => {
                "Where the program keeps its data. Files and the environment say this; it is shown to be read."
            }
        }
    }

    /// Where the setting `key` is looked for.
    fn of(key: &str) -> Self {
        match key {
            "http.domain" | "http.frontend_url" | "http.api_url" => return Self::Site,
            "http.port" | "http.address" => return Self::Server,
            _ => {}
        }
        match key.split('.').next().unwrap_or_default() {
            "site" => Self::Site,
            "mail" => Self::Mail,
            "limits" | "http" | "jwt" | "webhooks" => Self::Security,
            "activecampaign" | "sendgrid" | "openai" | "hotmart" | "outbound" => Self::Integrations,
            "sentry" | "slack" | "log" => Self::Monitoring,
            _ => Self::Server,
        }
    }
}

/// A setting, and when it was set here (epoch milliseconds).
struct Known {
    item: Item,
    set_at: Option<i64>,
    /// The same, of a secret.
    last_used: Option<i64>,
}

fn read(conn: &mut Conn<'_>, desk: &Desk, key: &Key) -> Result<Known, Error> {
    let rows: Vec<Stored> = store::all(conn)?;
    let layered = desk.layered(&rows);
    let line = lines(&layered, &rows).find(|line| line.entry.key == key.path);
    let line = line.ok_or(Error::NotFound)?;
    let (item, set_at) = (Item::of(&line), line.stored.map(|stored| stored.updated_at));
    let last_used = if key.is_secret() { rotation::last_used(conn, key.path)? } else { None };
    Ok(Known { item, set_at, last_used })
}

/// Whether it is written down when the secret `key` is used: those of the program itself, and the proxy on the way of
/// every call, are used all the time.
fn tells_use(key: &Key) -> bool {
    key.is_secret()
        && key.path != "outbound.proxy"
        && matches!(Topic::of(key.path), Topic::Mail | Topic::Integrations)
}

/// A value in a line of text.
fn shown(value: &Plain) -> String {
    match value {
        Plain::Truth(truth) => if *truth { "on" } else { "off" }.into(),
        Plain::Number(number) => number.to_string(),
        Plain::Text(text) => text.clone(),
        Plain::List(list) => list.join(", "),
    }
}

/// What counts now, in a line; nothing secret in it.
fn shown_value(item: &Item) -> String {
    match (&item.value, item.is_set, &item.last_four) {
        (Some(value), ..) => shown(value),
        (None, true, Some(end)) => format!("set, ends in {end}"),
        (None, true, None) => "set".into(),
        (None, false, _) => String::new(),
    }
}

/// Where it comes from, in a few words.
fn origin(item: &Item) -> String {
    let from = &item.origin;
    match (from.kind, &from.variable, &from.file) {
        (OriginKind::Default, ..) => "default".into(),
        (OriginKind::Dashboard, ..) => "dashboard".into(),
        (OriginKind::File, _, Some(file)) => match from.line {
            Some(line) => format!("{file}, line {line}"),
            None => file.clone(),
        },
        (OriginKind::File, _, None) => "file".into(),
        (OriginKind::Environment, Some(variable), Some(file)) => format!("{variable} in {file}"),
        (OriginKind::Environment, Some(variable), None) => variable.clone(),
        (OriginKind::Environment, None, _) => "environment".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::keys;

    #[test]
    fn every_topic_has_settings() {
        for topic in Topic::ALL {
            assert!(keys::all().any(|key| Topic::of(key.path) == *topic), "{}", topic.word());
        }
        assert_eq!(Topic::of("http.trusted_proxies"), Topic::Security);
        assert_eq!(Topic::of("backup.url"), Topic::Server);
    }
}
