//! `manero config`: every setting with its effective value, where that came from, and what it
//! does. Printing is the caller's.

use std::fmt::Write as _;

use crate::platform::config::{Entry, Loaded, keys};

/// The settings as an aligned table, or as a JSON array of objects. Secrets are masked.
#[must_use]
pub fn run(loaded: &Loaded, json: bool) -> String {
    if json { as_json(&loaded.entries) } else { as_table(&loaded.entries) }
}

/// The environment variables as a Markdown table: the README's section on configuration.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from("| Variable | Setting | What it does |\n|---|---|---|\n");
    for key in keys::all().filter(|key| !key.env.is_empty()) {
        let names: Vec<_> = key.env.iter().map(|name| format!("`{name}`")).collect();
        let twin = if key.is_secret() { " (or `_FILE`)" } else { "" };
        let (names, path) = (names.join(", "), key.path);
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| {names}{twin} | `{path}` | {} |", key.help);
    }
    out
}

fn as_table(entries: &[Entry]) -> String {
    let rows: Vec<[String; 4]> = entries.iter().map(row).collect();
    let header = ["SETTING", "VALUE", "FROM", "WHAT IT DOES"].map(str::to_owned);
    let width = |column: usize| {
        rows.iter().chain([&header]).map(|row| row[column].chars().count()).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let mut out = String::new();
    for [setting, value, from, help] in [&header].into_iter().chain(&rows) {
        let [a, b, c] = widths;
        let _ = writeln!(out, "{setting:a$}  {value:b$}  {from:c$}  {help}");
    }
    out
}

fn row(entry: &Entry) -> [String; 4] {
    let value = if entry.value.is_empty() { "-".to_owned() } else { one_line(&entry.value) };
    let help = entry.env.map_or(entry.help.to_owned(), |env| format!("{env}: {}", entry.help));
    [entry.key.to_owned(), value, entry.origin.to_string(), help]
}

/// A value with a line break, or an escape code for the terminal, must not leave its cell.
fn one_line(value: &str) -> String {
    value.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn as_json(entries: &[Entry]) -> String {
    let entries: Vec<_> = entries
        .iter()
        .map(|entry| {
            let value = (!entry.value.is_empty()).then_some(&entry.value);
            serde_json::json!({
                "key": entry.key,
                "env": entry.env,
                "value": value,
                "origin": entry.origin.to_string(),
                "help": entry.help,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::{Sources, load};

    fn loaded() -> Loaded {
        let dir = tempfile::tempdir().unwrap();
        let env = [("JWT_SECRET", "hunter2hunter2"), ("API_PORT", "3001")];
        load(&Sources::new(dir.path(), env)).unwrap()
    }

    #[test]
    fn the_table_shows_values_and_origins_but_no_secret() {
        let table = run(&loaded(), false);
        let port = table.lines().find(|line| line.starts_with("http.port ")).unwrap();
        assert!(port.contains(" 3001 ") && port.contains("environment API_PORT"), "{port}");
        assert!(!table.contains("hunter2"), "{table}");
    }

    #[test]
    fn json_has_one_object_for_each_setting() {
        let text = run(&loaded(), true);
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
        let list = parsed.as_array().unwrap();
        assert_eq!(list.len(), keys::all().count());
        assert!(list.iter().any(|e| e["key"] == "jwt.secret" && e["value"] == "***"));
        assert!(list.iter().any(|e| e["key"] == "sentry.dsn" && e["value"].is_null()));
    }

    #[test]
    fn the_readme_table_has_every_variable() {
        let table = markdown();
        for name in keys::all().flat_map(|key| key.env) {
            assert!(table.contains(&format!("`{name}`")), "{name}");
        }
    }
}
