//! The two kinds of settings files, turned into flat lists of `name, text, line`.
//!
//! Which names exist is not asked here; see `layers`.

use std::io::ErrorKind;
use std::path::Path;

use toml_edit::{Document, Item, Table, Value as Toml};

use super::fault::Fault;

/// A setting as a TOML file spells it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TomlEntry {
    pub(super) path: String,
    pub(super) line: usize,
    /// Lists are joined with commas; `None` for what no setting can be (dates, lists of tables).
    pub(super) text: Option<String>,
}

/// The text of `path`; `None` when there is no such file.
pub(super) fn read(path: &Path, shown: &str) -> Result<Option<String>, Fault> {
    let fault = |problem: String| Fault {
        place: shown.to_owned(),
        key: String::new(),
        value: None,
        problem,
    };
    match std::fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let line = line_at(error.as_bytes(), good);
            fault(format!("is not UTF-8 text (line {line})"))
        }),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(fault(format!("cannot be read: {error}"))),
    }
}

/// Flattens `[http]` and `port = 1` to `http.port`.
pub(super) fn toml(text: &str, shown: &str) -> Result<Vec<TomlEntry>, Fault> {
    let document = Document::parse(text).map_err(|error| {
        let line = line_at(text.as_bytes(), error.span().map_or(0, |span| span.start));
        // Only the message: the error's own display quotes the line, which may hold a secret.
        let problem = format!("is not valid TOML: {}", error.message());
        Fault { place: format!("{shown}:{line}"), key: String::new(), value: None, problem }
    })?;
    let mut entries = Vec::new();
    flatten_table(document.as_table(), "", text, &mut entries);
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

fn flatten_table(table: &Table, prefix: &str, text: &str, out: &mut Vec<TomlEntry>) {
    for (name, item) in table {
        let path = format!("{prefix}{name}");
        let at = table.key(name).and_then(toml_edit::Key::span).map_or(0, |span| span.start);
        match item {
            Item::Table(inner) => flatten_table(inner, &format!("{path}."), text, out),
            Item::Value(value) => flatten_value(value, path, at, text, out),
            Item::ArrayOfTables(_) => {
                out.push(TomlEntry { path, line: line_at(text.as_bytes(), at), text: None });
            }
            Item::None => {}
        }
    }
}

fn flatten_value(value: &Toml, path: String, at: usize, text: &str, out: &mut Vec<TomlEntry>) {
    if let Toml::InlineTable(inner) = value {
        for (name, value) in inner {
            flatten_value(value, format!("{path}.{name}"), at, text, out);
        }
    } else {
        out.push(TomlEntry { path, line: line_at(text.as_bytes(), at), text: as_text(value) });
    }
}

fn as_text(value: &Toml) -> Option<String> {
    match value {
        Toml::String(text) => Some(text.value().clone()),
        Toml::Integer(number) => Some(number.value().to_string()),
        Toml::Boolean(flag) => Some(flag.value().to_string()),
        Toml::Float(number) => Some(number.value().to_string()),
        Toml::Array(items) => {
            items.iter().map(as_text).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        Toml::Datetime(_) | Toml::InlineTable(_) => None,
    }
}

fn line_at(text: &[u8], byte: usize) -> usize {
    text[..byte.min(text.len())].split(|b| *b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> Vec<(String, usize, Option<String>)> {
        toml(text, "x.toml").unwrap().into_iter().map(|e| (e.path, e.line, e.text)).collect()
    }

    #[test]
    fn every_way_to_write_a_table_gives_the_same_path_and_its_line() {
        let text = "http.port = 1\n[jwt]\nexpiry = \"7d\"\n[limits]\napi = { max = 3, window = \"1m\" }\n[http.x]\nlist = [\"a\", \"b\"]\n";
        let expected = [
            ("http.port", 1, "1"),
            ("jwt.expiry", 3, "7d"),
            ("limits.api.max", 5, "3"),
            ("limits.api.window", 5, "1m"),
            ("http.x.list", 7, "a,b"),
        ];
        let expected: Vec<_> =
            expected.map(|(p, l, t)| (p.to_owned(), l, Some(t.to_owned()))).into();
        assert_eq!(flat(text), expected);
    }

    #[test]
    fn a_syntax_error_names_its_line_and_quotes_nothing() {
        let fault = toml("[http]\nport = 1\nsecret = \"hunter2\n", "x.toml").unwrap_err();
        assert_eq!(fault.place, "x.toml:3");
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
    }

    #[test]
    fn a_missing_file_is_no_fault() {
        assert_eq!(read(Path::new("no/such/file"), "file"), Ok(None));
    }
}
