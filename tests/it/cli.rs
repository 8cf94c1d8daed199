//! The verbs of the command line, as people and programs use them.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::app::{LiveApp, manero, manero_in};
use crate::source;

/// Standard output of a command that succeeds.
fn out(dir: &Path, args: &[&str]) -> String {
    let output = manero(dir, args);
    assert!(output.status.success(), "{args:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn parsed(dir: &Path, args: &[&str]) -> Value {
    let text = out(dir, args);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?}: {error}: {text}"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder whose database is there and seeded.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    out(home.path(), &["seed"]);
    home
}

#[test]
fn the_help_of_every_verb_shows_an_example() {
    let dir = tempfile::tempdir().unwrap();
    let help = out(dir.path(), &["--help"]);
    assert!(help.contains("Examples:"), "{help}");
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let verbs: Vec<&str> = commands
        .lines()
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .collect();
    for known in ["serve", "migrate", "seed", "config", "doctor", "mail"] {
        assert!(verbs.contains(&known), "{verbs:?}");
    }
    for verb in verbs {
        let help = out(dir.path(), &[verb, "--help"]);
        let example = help
            .split_once("Example")
            .is_some_and(|(_, rest)| rest.contains(&format!("manero {verb}")));
        assert!(example, "{verb} shows no example:\n{help}");
        assert!(help.contains("--json"), "{verb}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "help makes nothing");
}

#[test]
fn an_unknown_verb_is_refused_and_the_nearest_named() {
    let dir = tempfile::tempdir().unwrap();
    let output = manero(dir.path(), &["doctr"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("doctor"), "{}", said(&output));
}

#[test]
fn config_masks_secrets_and_names_origins() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(".env"), "OPENAI_API_KEY=sk-very-secret-1\n").unwrap();
    for args in [&["config"][..], &["config", "--json"]] {
        let output = manero_in(dir.path(), args)
            .env("JWT_SECRET", "very-secret-2-very-secret-2-very-secret-2")
            .env("SMTP_URL", "smtps://ana:very-secret-3@mail.example")
            .env("API_PORT", "3001")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout.clone()).unwrap() + &said(&output);
        assert!(output.status.success() && !text.contains("very-secret"), "{text}");
        assert!(text.contains("mail.example"), "the rest of the address is shown: {text}");
    }
    let output =
        manero_in(dir.path(), &["config", "--json"]).env("API_PORT", "3001").output().unwrap();
    let entries: Value = serde_json::from_slice(&output.stdout).unwrap();
    let entry = |key: &str| entries.as_array().unwrap().iter().find(|e| e["key"] == key).unwrap();
    assert_eq!(
        (&entry("http.port")["value"], &entry("http.port")["origin"]),
        (&json!("3001"), &json!("environment API_PORT"))
    );
    assert_eq!(entry("openai.key")["value"], "***");
    assert!(
        entry("openai.key")["origin"].as_str().unwrap().contains(".env:1"),
        "{}",
        entry("openai.key")
    );
    assert_eq!(entry("slack.url")["value"], Value::Null);
}

#[test]
fn the_mailbox_lists_and_shows_what_was_sent() {
    let home = tempfile::tempdir().unwrap();
    let app = LiveApp::start_in(home.path(), &[]);
    assert_eq!(app.post_lead("Ana Souza", "ana@example.com").unwrap().status, 201);
    let listed = (0..2000)
        .map(|_| parsed(home.path(), &["mail", "list", "--json"]))
        .find(|list| !list.as_array().unwrap().is_empty())
        .expect("the outbox sends the mail");
    let mail = &listed[0];
    assert_eq!((&mail["to"], &mail["transport"]), (&json!("ana@example.com"), &json!("local")));
    let id = mail["id"].as_str().unwrap();
    let shown = parsed(home.path(), &["mail", "show", id, "--json"]);
    assert!(
        shown["text"].as_str().unwrap().contains("Ana Souza")
            && shown["html"].as_str().unwrap().contains("<html")
    );
    let text = out(home.path(), &["mail", "show", id]);
    assert!(text.starts_with("To: ana@example.com\nSubject: "), "{text}");
    assert!(out(home.path(), &["mail", "list"]).contains(id));

    let missing = manero(home.path(), &["mail", "show", "no-such-id"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(said(&missing).contains("manero mail list"), "{}", said(&missing));
}

#[test]
fn commands_that_only_look_make_no_database() {
    let dir = tempfile::tempdir().unwrap();
    for args in [&["mail", "list"][..], &["migrate", "status"], &["migrate", "down", "--yes"]] {
        let output = manero(dir.path(), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(said(&output).contains("there is no database at"), "{}", said(&output));
    }
    manero(dir.path(), &["doctor"]);
    assert!(!dir.path().join("data/manero.db").exists());
}

#[test]
fn an_empty_mailbox_says_so() {
    let home = home();
    assert!(out(home.path(), &["mail", "list"]).contains("the mailbox is empty"));
    assert_eq!(parsed(home.path(), &["mail", "list", "--json"]), json!([]));
}

#[test]
fn migrations_are_listed_undone_and_applied() {
    let home = home();
    let status = || parsed(home.path(), &["migrate", "status", "--json"]);
    let newest = manero::platform::db::migrate::Set::main().newest();
    let last = |list: &Value| list.as_array().unwrap().last().unwrap().clone();
    assert_eq!(last(&status())["version"], json!(newest));
    assert_eq!(
        (&last(&status())["applied"], &last(&status())["reversible"]),
        (&json!(true), &json!(true))
    );
    assert!(out(home.path(), &["migrate"]).contains("applied"));

    let output = manero(home.path(), &["migrate", "down"]);
    assert_eq!(output.status.code(), Some(1), "nothing is undone by accident");
    assert!(said(&output).contains("--yes"), "{}", said(&output));
    assert_eq!(
        parsed(home.path(), &["migrate", "down", "--yes", "--json"])["undone"],
        json!(newest)
    );
    assert_eq!(last(&status())["applied"], json!(false), "pending now");
    assert!(out(home.path(), &["migrate", "status"]).contains("pending"));
    let output = manero(home.path(), &["mail", "list"]);
    assert!(said(&output).contains("`manero migrate up`"), "{}", said(&output));

    assert_eq!(last(&parsed(home.path(), &["migrate", "up", "--json"]))["applied"], json!(true));
}

#[test]
fn seeding_twice_changes_nothing_and_an_owners_edit_stays() {
    let home = tempfile::tempdir().unwrap();
    let first = parsed(home.path(), &["seed", "--json"]);
    assert_eq!(first["programs"], 2);
    assert!(first["articles"].as_u64().unwrap() >= 3, "{first}");
    let nothing = json!({ "programs": 0, "articles": 0, "texts": 0, "pictures": 0 });
    assert_eq!(parsed(home.path(), &["seed", "--json"]), nothing);

    let content = copy_of_the_content();
    let programs = content.path().join("programs.toml");
    let text = std::fs::read_to_string(&programs).unwrap();
    std::fs::write(&programs, text.replace("price_minor = 49900", "price_minor = 59900")).unwrap();
    let folder = content.path().to_str().unwrap();
    let taken_over = parsed(home.path(), &["seed", "--content", folder, "--json"]);
    assert_eq!(taken_over, first, "every row is the owner's now");
    assert_eq!(parsed(home.path(), &["seed", "--content", folder, "--json"]), nothing);
    assert_eq!(parsed(home.path(), &["seed", "--json"]), nothing, "the built-in one stays away");
}

#[test]
fn a_malformed_seed_names_file_and_line_and_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let content = copy_of_the_content();
    let folder = content.path().to_str().unwrap();
    let refused = |place: &str| {
        let output = manero(home.path(), &["seed", "--content", folder]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(place), "{place} is missing in: {}", said(&output));
    };
    let programs = content.path().join("programs.toml");
    let good = std::fs::read_to_string(&programs).unwrap();
    let line = good.lines().position(|line| line.starts_with("price_minor")).unwrap() + 1;
    std::fs::write(&programs, good.replacen("price_minor = ", "price_minor = about ", 1)).unwrap();
    refused(&format!("programs.toml:{line}: "));
    std::fs::write(&programs, &good).unwrap();

    let article = content.path().join("articles/zz.md");
    std::fs::write(&article, "+++\ntitle = 5\n+++\nText").unwrap();
    refused("zz.md:2: ");
    std::fs::write(&article, "No front matter").unwrap();
    refused("zz.md:1: ");
    std::fs::write(&article, [0xff, 0xfe]).unwrap();
    refused("zz.md");
    std::fs::remove_file(&programs).unwrap();
    refused("programs.toml");
    assert!(!home.path().join("data/manero.db").exists(), "nothing was begun");
}

fn copy_of_the_content() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for path in source::paths("config/content") {
        let below = path.strip_prefix("config/content/").unwrap();
        let to = copy.path().join(below);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(source::root().join(&path), to).unwrap();
    }
    copy
}

#[test]
fn the_doctor_has_a_line_for_everything_and_says_what_to_do() {
    let home = home();
    let checks = parsed(home.path(), &["doctor", "--json"]);
    let checks = checks.as_array().unwrap();
    let names: Vec<&str> = checks.iter().map(|c| c["name"].as_str().unwrap()).collect();
    for name in [
        "settings",
        "disk",
        "sqlite",
        "database",
        "schema",
        "integrity",
        "data key",
        "outbox",
        "mail",
        "rate limits",
    ] {
        assert!(names.contains(&name) || name == "database", "{name} is missing: {names:?}");
    }
    for check in checks {
        let verdict = check["verdict"].as_str().unwrap();
        assert!(["ok", "warn"].contains(&verdict), "{check}");
        assert_eq!(verdict == "ok", check["fix"].is_null(), "{check}");
    }
    assert!(out(home.path(), &["doctor"]).contains("WHAT TO DO"));
}

#[test]
fn the_doctor_fails_on_a_broken_database() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("data")).unwrap();
    std::fs::write(home.path().join("data/manero.db"), "x".repeat(8192)).unwrap();
    let output = manero(home.path(), &["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let checks: Value = serde_json::from_slice(&output.stdout).unwrap();
    let failed: Vec<&Value> =
        checks.as_array().unwrap().iter().filter(|c| c["verdict"] == "fail").collect();
    assert_eq!(failed.len(), 1, "{checks}");
    assert!(failed[0]["found"].as_str().unwrap().contains("is not a usable database"));
}
