//! Where a value came from, and how much of it may be shown.

use std::fmt;
use std::path::PathBuf;

use url::Url;

use super::keys::Mask;

/// The place that set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in, or derived from other settings.
    Default,
    /// A file of settings; lines count from 1.
    File { name: String, line: usize },
    /// Set by the owner while the site ran, and kept in the database.
    Dashboard,
    /// The variable of the process environment.
    Environment { name: String },
    /// A file that holds the value, and the variable (a `_FILE` twin) that names it.
    SecretFile { path: PathBuf, variable: String },
}

impl Origin {
    /// For an error message, which names the variable itself.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Environment { .. } => "environment".to_owned(),
            Self::SecretFile { path, .. } => format!("file {}", path.display()),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Dashboard => f.write_str("dashboard"),
            Self::Environment { name } => write!(f, "environment {name}"),
            Self::SecretFile { path, variable } => {
                write!(f, "file {} ({variable})", path.display())
            }
        }
    }
}

/// `text` as it may be shown on a screen.
pub(super) fn masked(text: &str, mask: Mask) -> String {
    match mask {
        Mask::Open => text.to_owned(),
        Mask::Whole => "***".to_owned(),
        Mask::Password if text.starts_with("sqlite://") => text.to_owned(),
        Mask::Password => Url::parse(text).map_or_else(|_| "***".to_owned(), without_password),
    }
}

fn without_password(mut url: Url) -> String {
    // A URL that cannot hold a password refuses; it then has none to hide.
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "***".to_owned();
    }
    // `sslpassword=…` and the like.
    let hides = |name: &str| ["pass", "secret", "key", "token"].iter().any(|w| name.contains(w));
    if url.query_pairs().any(|(name, _)| hides(&name)) {
        url.set_query(Some("***"));
    }
    url.into()
}

/// A shorter secret would lose too much of itself by its last four characters.
const LONG_ENOUGH: usize = 12;

/// How a secret ends, to tell it from others: the password of a URL, or the whole text.
pub(super) fn last_four(text: &str, mask: Mask) -> Option<String> {
    let secret = match mask {
        Mask::Open => return None,
        Mask::Whole => text.to_owned(),
        Mask::Password => Url::parse(text).ok()?.password()?.to_owned(),
    };
    let chars: Vec<char> = secret.chars().collect();
    let end = chars.len().checked_sub(4).filter(|_| chars.len() >= LONG_ENOUGH)?;
    Some(chars[end..].iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        let shown = |text| masked(text, Mask::Password);
        assert_eq!(shown("postgresql://u:pa%24s@h:5432/d"), "postgresql://u:***@h:5432/d");
        assert_eq!(shown("smtp://mail.example:25"), "smtp://mail.example:25");
        assert_eq!(shown("sqlite://./data/x.db"), "sqlite://./data/x.db");
        assert_eq!(shown("postgres://h/d?sslpassword=x"), "postgres://h/d?***");
        assert_eq!(shown("not a url: hunter2"), "***");
        assert_eq!(masked("sk-123", Mask::Whole), "***");
    }

    #[test]
    fn a_long_secret_is_told_by_its_end_and_a_short_one_by_nothing() {
        assert_eq!(last_four("sk-0123456789abcd", Mask::Whole).as_deref(), Some("abcd"));
        assert_eq!(last_four("0123456789a", Mask::Whole), None);
        let url = "smtps://ana:0123456789abcd@mail.example:465";
        assert_eq!(last_four(url, Mask::Password).as_deref(), Some("abcd"));
        assert_eq!(last_four("smtp://localhost:25", Mask::Password), None);
        assert_eq!(last_four("a name of the site", Mask::Open), None);
    }

    #[test]
    fn an_origin_reads_like_a_place() {
        let file = Origin::File { name: "config/production.toml".into(), line: 12 };
        assert_eq!(file.to_string(), "config/production.toml:12");
        let twin = Origin::SecretFile {
            path: "/run/secrets/x".into(),
            variable: "JWT_SECRET_FILE".into(),
        };
        assert_eq!(twin.to_string(), "file /run/secrets/x (JWT_SECRET_FILE)");
    }
}
