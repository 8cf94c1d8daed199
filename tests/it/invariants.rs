//! The house rules of `docs/architecture.md`, checked on the source itself.

use std::collections::BTreeSet;

use crate::app::TestApp;
use crate::source::{self, Source};

const HARD_LIMIT_LINES: usize = 400;
const LARGEST_FILE_BYTES: u64 = 512 * 1024;

/// The code of a file without comments and without its unit tests.
fn code(source: &Source) -> String {
    let own = source.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    own.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn sources() -> Vec<Source> {
    let of_the_product = |s: &Source| {
        !(s.path.ends_with("tests.rs")
            || s.path.contains("/tests/")
            || s.path.ends_with("_tests.rs"))
    };
    source::files("src", "rs").into_iter().filter(of_the_product).collect()
}

/// `src/business/leads/store.rs` is `["business", "leads", "store"]`.
fn module(path: &str) -> Vec<String> {
    let parts = path.trim_start_matches("src/").trim_end_matches(".rs").split('/');
    parts.filter(|part| *part != "mod").map(str::to_owned).collect()
}

/// Every path after `crate::` and `super::` in `code` of `module`, as segments below the crate; the
/// groups of `use` are opened.
fn mentions(module: &[String], code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // Not `$crate::`, which macros write for others.
        if !code[..at].ends_with('$') {
            open_groups(&[], &code[at + "crate::".len()..], &mut found);
        }
    }
    for (at, _) in code.match_indices("super::") {
        if code[..at].ends_with("super::") {
            continue;
        }
        let (mut base, mut rest) = (module.to_vec(), &code[at..]);
        while let Some(after) = rest.strip_prefix("super::") {
            base.pop();
            rest = after;
        }
        open_groups(&base, rest, &mut found);
    }
    found
}

/// Reads one path, or a group of them, off the front of `text`.
fn open_groups(base: &[String], text: &str, found: &mut Vec<Vec<String>>) {
    let mut path = base.to_vec();
    let mut rest = text;
    loop {
        if let Some(group) = rest.strip_prefix('{') {
            for item in items(group) {
                open_groups(&path, item, found);
            }
            return;
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        path.push(rest[..end].to_owned());
        match rest[end..].strip_prefix("::") {
            Some(after) => rest = after,
            None => break,
        }
    }
    found.push(path);
}

/// The items of a group up to its closing brace.
fn items(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                found.push(group[start..at].trim());
                return found;
            }
            ',' if depth == 0 => {
                found.push(group[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

/// Which parts of the house a part may use: the arrows of the crate's documentation. A slice of its own is named with
/// its district: everybody may ask the accounts who is calling, and they ask nobody but the keys.
fn allowed(own: &[String]) -> &'static [&'static str] {
    let slice = own.get(..2).map(|two| two.join("::")).unwrap_or_default();
    match (own[0].as_str(), slice.as_str()) {
        ("cli" | "lib" | "main", _) => {
            &["cli", "app", "jobs", "business", "admin", "ops", "platform"]
        }
        ("app" | "jobs", _) => &["business", "admin", "ops", "platform"],
        ("admin", "admin::accounts") => &["admin::accounts", "ops::rotation", "platform"],
        ("admin", "admin::shell") => &["admin::accounts", "admin::shell", "platform"],
        ("admin", _) => &["admin", "business", "ops", "platform"],
        ("ops", "ops::rotation") => &["ops::rotation", "platform"],
        ("ops", _) => &["admin::accounts", "admin::shell", "business", "ops", "platform"],
        ("business", _) => &["admin::accounts", "admin::shell", "business", "platform"],
        ("platform", _) => &["platform"],
        (other, _) => panic!("src/{other} is no part of the house"),
    }
}

#[test]
fn paths_are_read_with_their_groups_and_supers() {
    let own = ["business", "leads", "store"].map(str::to_owned);
    let code = "use crate::platform::{clock, db::{self, Row}};\nuse super::model::Lead;\nsuper::super::mail::send();";
    let paths: Vec<String> = mentions(&own, code).into_iter().map(|p| p.join("::")).collect();
    assert_eq!(
        paths,
        [
            "platform::clock",
            "platform::db::self",
            "platform::db::Row",
            "business::leads::model::Lead",
            "business::mail::send"
        ]
    );
    let folder = mentions(&own[..2], "use super::mail;");
    assert_eq!(folder, [vec!["business".to_owned(), "mail".to_owned()]]);
}

#[test]
fn imports_point_one_way() {
    let mut read = 0;
    for source in sources() {
        let own = module(&source.path);
        let allowed = allowed(&own);
        for path in mentions(&own, &code(&source)) {
            let Some(to) = path.first() else { continue };
            if ["sql", "self"].contains(&to.as_str()) {
                continue; // The macro that lives in platform::db.
            }
            read += 1;
            let slice = path.get(..2).map(|two| two.join("::")).unwrap_or_default();
            let fits = allowed.contains(&to.as_str()) || allowed.contains(&slice.as_str());
            assert!(fits, "{} uses {}", source.path, path.join("::"));
        }
    }
    assert!(read > 200, "only {read} imports were understood");
}

#[test]
fn no_slice_touches_the_store_of_another() {
    for source in sources() {
        let own = module(&source.path);
        if !["business", "ops", "admin"].contains(&own[0].as_str()) {
            continue;
        }
        for path in mentions(&own, &code(&source)) {
            let foreign =
                path.len() > 2 && path[2] == "store" && path[..2] != own[..own.len().min(2)];
            assert!(!foreign, "{} uses {}", source.path, path.join("::"));
        }
    }
}

#[test]
fn models_know_neither_rocket_nor_a_database() {
    let sources = sources();
    let models: Vec<_> = sources.iter().filter(|s| s.path.ends_with("/model.rs")).collect();
    assert!(models.len() > 4);
    for source in models {
        for engine in ["rocket::", "rusqlite::", "postgres::", "platform::db", "http::Meta"] {
            assert!(!code(source).contains(engine), "{} knows {engine}", source.path);
        }
    }
}

#[test]
fn files_stay_below_their_limit_and_say_what_they_are() {
    for source in source::files("src", "rs").into_iter().chain(source::files("tests", "rs")) {
        let lines = source.text.lines().count();
        assert!(lines <= HARD_LIMIT_LINES, "{} has {lines} lines", source.path);
        assert!(source.text.starts_with("//! "), "{} does not say what lives there", source.path);
    }
}

#[test]
fn no_file_is_named_for_nothing() {
    for path in source::paths("src") {
        for vague in ["util", "helper", "common", "manager", "service", "misc"] {
            assert!(!path.contains(vague), "{path}");
        }
    }
}

/// Asserts that `word` stands in code only below one of `homes`, and that it stands there at all.
fn lives_only_in(word: &str, homes: &[&str]) {
    let mut at_home = false;
    for source in sources() {
        let here = homes.iter().any(|home| source.path.starts_with(home));
        let said = code(&source).contains(word);
        assert!(here || !said, "{} has {word}, whose home is {homes:?}", source.path);
        at_home |= here && said;
    }
    assert!(at_home, "{word} is in none of {homes:?}: the rule has lost its object");
}

#[test]
fn each_capability_of_the_outside_world_has_one_home() {
    lives_only_in("rusqlite::", &["src/platform/db/"]);
    lives_only_in("r2d2", &["src/platform/db/"]);
    lives_only_in("refinery::", &["src/platform/db/"]);
    lives_only_in("use postgres::", &["src/platform/db/"]);
    lives_only_in("ureq::", &["src/platform/vendors/"]);
    lives_only_in("SmtpTransport", &["src/platform/vendors/smtp"]);
    lives_only_in("env::vars", &["src/platform/config/"]);
    lives_only_in("SystemTime", &["src/platform/clock.rs"]);
}

#[test]
fn nobody_reads_a_single_variable_of_the_environment() {
    for source in sources() {
        for call in ["env::var(", "env::var_os(", "env::set_var("] {
            assert!(!code(&source).contains(call), "{} calls {call}", source.path);
        }
    }
}

#[test]
fn code_has_none_of_the_things_we_have_sworn_off() {
    for source in sources() {
        let code = code(&source);
        for sworn_off in [
            "SELECT *",
            "thread::sleep",
            ".unwrap()",
            "dbg!(",
            "todo!(",
            "unimplemented!(",
            "println!(",
            "lazy_static",
        ] {
            assert!(!code.contains(sworn_off), "{} has {sworn_off}", source.path);
        }
    }
    for source in source::files("migrations", "sql") {
        assert!(!source.text.contains("SELECT *"), "{}", source.path);
    }
}

#[test]
fn every_route_is_documented_and_every_documented_route_exists() {
    let app = TestApp::start();
    let plain = |path: &str| path.replace("..>", ">");
    let mounted: BTreeSet<(String, String)> = app
        .routes()
        .into_iter()
        .filter(|(_, path)| !path.starts_with("/-/") && !path.starts_with("/api/-/"))
        // The dashboard's addresses are its own affair; their table is the policy of its pages.
        .filter(|(_, path)| path != "/admin" && !path.starts_with("/admin/"))
        // Each page is documented once, not once for each language.
        .map(|(method, path)| {
            let bare = ["/es", "/pt"]
                .iter()
                .find_map(|lang| path.strip_prefix(lang))
                .map(|rest| if rest.is_empty() { "/".to_owned() } else { rest.to_owned() });
            (method, plain(&bare.unwrap_or(path)))
        })
        .collect();
    let documented: BTreeSet<(String, String)> = source::read("docs/API.md")
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            let (method, path) = (cells.next()?, cells.next()?);
            let known = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method);
            let path = path.strip_prefix('`')?.split('`').next()?.split('?').next()?;
            known.then(|| (method.to_owned(), plain(path)))
        })
        .collect();
    let hidden: Vec<_> = mounted.difference(&documented).collect();
    assert!(hidden.is_empty(), "not in docs/API.md: {hidden:?}");
    let invented: Vec<_> = documented.difference(&mounted).collect();
    assert!(invented.is_empty(), "only in docs/API.md: {invented:?}");
    assert!(mounted.len() > 15, "{mounted:?}");
}

#[test]
fn every_kind_of_problem_has_its_heading_in_the_documentation() {
    let documentation = source::read("docs/API.md");
    let slug =
        |heading: &str| heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    let headings: BTreeSet<String> =
        documentation.lines().filter(|line| line.starts_with('#')).map(slug).collect();
    let problems = source::read("src/platform/http/problem.rs");
    let anchors: Vec<&str> =
        problems.split("/api/docs#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(anchors.len() > 8, "{anchors:?}");
    for anchor in anchors {
        assert!(headings.contains(anchor), "docs/API.md has no heading for {anchor}: {headings:?}");
    }
}

#[test]
fn the_readme_lists_the_variables_that_there_are() {
    let readme = source::read("README.md");
    let table = manero::cli::config::markdown();
    assert!(table.lines().count() > 20);
    assert!(readme.contains(table.trim_end()), "put this into README.md:\n{table}");
}

/// The source of the program and of its templates: whatever may name a file.
fn users() -> String {
    let templates = source::paths("templates").into_iter().map(|path| source::read(&path));
    source::files("src", "rs").into_iter().map(|s| s.text).chain(templates).collect()
}

#[test]
fn every_template_is_used() {
    let users = users();
    for path in source::paths("templates") {
        let name = path.trim_start_matches("templates/");
        assert!(users.contains(&format!("\"{name}\"")), "nothing uses {path}");
    }
}

#[test]
fn every_static_file_is_used() {
    let users = users();
    let css: String = source::files("static", "css").into_iter().map(|s| s.text).collect();
    // The artwork of a program is found by its slug.
    let artwork = ["prime", "mastery"].map(|slug| format!("static/img/{slug}.svg"));
    for path in source::paths("static").iter().filter(|path| !artwork.contains(path)) {
        let name = path.trim_start_matches("static/");
        assert!(users.contains(name) || css.contains(name), "nothing uses {path}");
    }
}

/// Every file of the repository as it would be committed.
fn repository() -> Vec<String> {
    let made = ["target", ".git", "data", "node_modules"];
    let mut found = Vec::new();
    for entry in std::fs::read_dir(source::root()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        if made.contains(&name.as_str()) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            if std::fs::read_dir(entry.path()).unwrap().next().is_some() {
                found.extend(source::paths(&name));
            }
        } else {
            found.push(name);
        }
    }
    found
}

#[test]
fn the_repository_stands_alone_and_has_no_large_file() {
    // Written in two parts, so that this file does not mention them itself.
    let elsewhere = [concat!("../", "shared"), concat!("/work", "/")];
    let mut seen = 0;
    for path in repository() {
        let bytes = std::fs::metadata(source::root().join(&path)).unwrap().len();
        assert!(bytes <= LARGEST_FILE_BYTES, "{path} has {bytes} bytes");
        let Ok(text) = std::fs::read_to_string(source::root().join(&path)) else { continue };
        for place in elsewhere {
            let line = text.lines().position(|line| line.contains(place));
            assert!(line.is_none(), "{path}:{} mentions {place}", line.unwrap_or_default() + 1);
        }
        seen += 1;
    }
    assert!(seen > 100, "only {seen} files were read");
}
