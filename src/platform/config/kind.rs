//! The shapes a value can have: how each is read from text, and how it is described to a person.
//!
//! Every layer hands text to [`Kind::parse`]. Rules between several settings are in `settings`,
//! which names have which kind is in `table`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::ip_range::IpRange;

/// What a value must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true`, `on`, `yes`, `1` and their opposites.
    Bool,
    Port,
    /// A whole number within the bounds, both included.
    Count {
        min: u64,
        max: u64,
    },
    /// `250ms`, `30s`, `15m`, `12h`, `7d`; never zero.
    Duration,
    Text,
    Path,
    /// One of the words, lower case.
    Choice(&'static [&'static str]),
    /// An IP address, without a port.
    Address,
    /// Addresses and CIDR ranges, separated by commas or blanks.
    Ranges,
    /// A host name without scheme, port or path.
    Domain,
    /// The name of a time zone.
    Zone,
    /// An e-mail address.
    Email,
    /// A URL with one of the schemes, with or without credentials in it.
    Url {
        schemes: &'static [&'static str],
        credentials: bool,
    },
    /// `sqlite://PATH` or a PostgreSQL URL; taken apart in `settings::database`.
    Database,
    /// Web origins (`https://app.example`), separated by commas or blanks.
    Origins,
}

/// A value that has been read.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Bool(bool),
    Number(u64),
    Duration(Duration),
    Text(String),
    Path(PathBuf),
    Address(IpAddr),
    Ranges(Vec<IpRange>),
    Url(Url),
    Origins(Vec<String>),
}

impl Kind {
    /// A complete phrase for an error: "must be …".
    #[must_use]
    pub fn shape(&self) -> String {
        match self {
            Self::Bool => "true or false (also on, off, yes, no, 1, 0)".into(),
            Self::Port => "a port number, 1 to 65535".into(),
            Self::Count { min, max: u64::MAX } => format!("a whole number of at least {min}"),
            Self::Count { min, max } => format!("a whole number, {min} to {max}"),
            Self::Duration => "a duration above zero, such as 500ms, 30s, 15m, 12h or 7d".into(),
            Self::Text => "a text".into(),
            Self::Path => "a path".into(),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Address => "an IP address without a port, such as 127.0.0.1 or ::".into(),
            Self::Ranges => {
                "IP addresses and ranges with commas between, such as 10.0.0.0/8, ::1".into()
            }
            Self::Domain => "a host name without scheme, port or path, such as shop.example".into(),
            Self::Zone => "the name of a time zone, such as UTC or Europe/Lisbon".into(),
            Self::Email => "an e-mail address, such as hello@shop.example".into(),
            Self::Url { schemes, credentials } => {
                let schemes: Vec<_> = schemes.iter().map(|s| format!("{s}://")).collect();
                let without = if *credentials { "" } else { ", without user name or password" };
                format!("a URL that begins with {}{without}", schemes.join(" or "))
            }
            Self::Database => "sqlite://PATH or postgresql://user:password@host:port/name".into(),
            Self::Origins => {
                "origins with commas between, such as https://app.example (no path)".into()
            }
        }
    }

    /// One word for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::Port | Self::Count { .. } => "number",
            Self::Duration => "duration",
            Self::Text => "text",
            Self::Path => "path",
            Self::Choice(_) => "choice",
            Self::Address => "address",
            Self::Ranges => "ranges",
            Self::Domain => "domain",
            Self::Zone => "zone",
            Self::Email => "email",
            Self::Url { .. } => "url",
            Self::Database => "database",
            Self::Origins => "origins",
        }
    }

    /// Reads `text`; `None` when it does not have this [shape](Kind::shape).
    pub(super) fn parse(&self, text: &str) -> Option<Value> {
        let text = text.trim();
        match self {
            Self::Bool => switch(text).map(Value::Bool),
            Self::Port => {
                text.parse::<u16>().ok().filter(|p| *p > 0).map(|p| Value::Number(p.into()))
            }
            Self::Count { min, max } => {
                whole(text).filter(|n| (min..=max).contains(&n)).map(Value::Number)
            }
            Self::Duration => duration(text).map(Value::Duration),
            Self::Text => Some(Value::Text(text.to_owned())),
            Self::Path => Some(Value::Path(PathBuf::from(text))),
            Self::Choice(words) => {
                let lower = text.to_ascii_lowercase();
                words.contains(&lower.as_str()).then_some(Value::Text(lower))
            }
            Self::Address => {
                let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
                bare.unwrap_or(text).parse().ok().map(Value::Address)
            }
            Self::Ranges => {
                items(text).map(|t| t.parse().ok()).collect::<Option<_>>().map(Value::Ranges)
            }
            Self::Domain => domain(text).map(Value::Text),
            Self::Zone => jiff::tz::TimeZone::get(text).ok().map(|_| Value::Text(text.to_owned())),
            Self::Email => {
                let (mailbox, host) = text.rsplit_once('@')?;
                let plain = !mailbox.is_empty() && !text.contains(|c: char| c.is_whitespace());
                (plain && domain(host).is_some()).then(|| Value::Text(text.to_owned()))
            }
            Self::Url { schemes, credentials } => url(text, schemes, *credentials).map(Value::Url),
            Self::Database => {
                let sqlite = text.strip_prefix("sqlite://").is_some_and(|path| !path.is_empty());
                let known = sqlite || url(text, &["postgresql", "postgres"], true).is_some();
                known.then(|| Value::Text(text.to_owned()))
            }
            Self::Origins => items(text).map(origin).collect::<Option<_>>().map(Value::Origins),
        }
    }
}

fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" | "1" => Some(true),
        "false" | "off" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// Digits only: `u64`'s own parser would take `+5`.
fn whole(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = whole(&text[..digits]).filter(|n| *n > 0)?;
    let seconds = |unit: u64| number.checked_mul(unit).map(Duration::from_secs);
    match text[digits..].trim() {
        "ms" => Some(Duration::from_millis(number)),
        "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3_600),
        "d" => seconds(86_400),
        "w" => seconds(604_800),
        _ => None,
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|t| !t.is_empty())
}

/// The host name in lower case. `MANERO_DOMAIN=https://…` is the common slip that this refuses.
fn domain(text: &str) -> Option<String> {
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (name.len() <= 253 && name.split('.').all(fits)).then_some(name)
}

fn url(text: &str, schemes: &[&str], credentials: bool) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let bare = url.username().is_empty() && url.password().is_none();
    let located = url.host_str().is_some_and(|host| !host.is_empty());
    (schemes.contains(&url.scheme()) && located && (credentials || bare)).then_some(url)
}

fn origin(text: &str) -> Option<String> {
    let url = url(text, &["https", "http"], false)?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    bare.then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<u64> {
        duration(text).map(|d| d.as_secs())
    }

    #[test]
    fn durations_need_a_unit_and_are_above_zero() {
        assert_eq!(seconds("30s"), Some(30));
        assert_eq!(seconds("15m"), Some(900));
        assert_eq!(seconds("7d"), Some(604_800));
        assert_eq!(seconds("2 h"), Some(7_200));
        assert_eq!(duration("250ms"), Some(Duration::from_millis(250)));
        for bad in ["", "7", "d", "0s", "-1s", "1.5h", "1y", "99999999999999999999d", "7dd"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
        assert_eq!(duration("18446744073709551615d"), None);
    }

    #[test]
    fn a_port_is_1_to_65535() {
        assert!(Kind::Port.parse("8000").is_some());
        for bad in ["0", "65536", "80a", "-1", ""] {
            assert!(Kind::Port.parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_domain_has_neither_scheme_nor_port() {
        assert_eq!(domain("Shop.Example."), Some("shop.example".into()));
        for bad in ["https://shop.example", "shop.example:443", "shop..example", "", "-a.b", "a b"]
        {
            assert_eq!(domain(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_web_url_holds_no_password() {
        let web = Kind::Url { schemes: &["https", "http"], credentials: false };
        assert!(web.parse("https://shop.example/base").is_some());
        for bad in ["https://me:pw@shop.example", "ftp://shop.example", "shop.example", "https://"]
        {
            assert!(web.parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn lists_take_commas_and_blanks_and_name_only_origins() {
        assert!(matches!(Kind::Ranges.parse("10.0.0.0/8, ::1 127.0.0.1"),
            Some(Value::Ranges(ranges)) if ranges.len() == 3));
        assert!(Kind::Ranges.parse("10.0.0.0/8, proxy").is_none());
        assert!(matches!(Kind::Origins.parse("https://A.example:443,http://b.example:81"),
            Some(Value::Origins(o)) if o == ["https://a.example", "http://b.example:81"]));
        assert!(Kind::Origins.parse("https://a.example/path").is_none());
    }

    #[test]
    fn words_of_a_choice_may_be_written_in_capitals() {
        let level = Kind::Choice(&["debug", "info"]);
        assert!(matches!(level.parse("INFO"), Some(Value::Text(t)) if t == "info"));
        assert!(level.parse("verbose").is_none());
        assert_eq!(level.shape(), "one of debug, info");
    }
}
