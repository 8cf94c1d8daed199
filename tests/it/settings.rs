//! Settings that the owner changes while the site runs.

use manero::platform::config::keys::{self, Change};
use rocket::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Ask, TestApp, request};

const PATH: &str = "/api/v1/settings";

pub(crate) fn path(key: &str) -> String {
    format!("{PATH}/{key}")
}

/// A site, and the token of its owner.
pub(crate) fn site(env: &[(&str, &str)], toml: &str) -> (TestApp, String) {
    let app = TestApp::configured(env, toml);
    let owner = app.session_of("owner").access;
    (app, owner)
}

pub(crate) fn set(app: &TestApp, token: &str, key: &str, value: impl Into<Value>) -> Value {
    let value: Value = value.into();
    let answer = app.put_as(token, &path(key), &json!({ "value": value }));
    assert_eq!(answer.status, 200, "{key}: {}", answer.text());
    answer.json()
}

pub(crate) fn take_back(app: &TestApp, token: &str, key: &str) -> Value {
    let answer = app.delete_as(token, &path(key));
    assert_eq!(answer.status, 200, "{key}: {}", answer.text());
    answer.json()
}

pub(crate) fn shown(app: &TestApp, token: &str, key: &str) -> Value {
    app.get_as(token, &path(key)).json()
}

/// The `detail` of a refusal.
pub(crate) fn refused(answer: &Answer) -> String {
    answer.problem(409)["detail"].as_str().unwrap().to_owned()
}

pub(crate) fn title_of(app: &TestApp) -> String {
    let page = app.get("/");
    page.page(200).split("<title>").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[test]
fn every_setting_is_listed_with_its_place_and_can_be_looked_for() {
    let (app, owner) = site(&[("JWT_EXPIRY", "3d")], "[mail]\nkeep_days = 7\n");
    let list = |query: &str| app.get_as(&owner, &format!("{PATH}{query}")).json();
    let keys_of = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap().iter();
        items.map(|item| item["key"].as_str().unwrap().to_owned()).collect()
    };
    let all = list("");
    assert_eq!(keys_of(&all), keys::all().map(|key| key.path.to_owned()).collect::<Vec<_>>());
    assert_eq!(all["next"], Value::Null);
    let of = |key: &str| shown(&app, &owner, key);
    assert_eq!(
        of("jwt.expiry")["origin"],
        json!({ "kind": "environment", "file": null, "line": null, "variable": "JWT_EXPIRY" })
    );
    assert_eq!(
        of("mail.keep_days")["origin"],
        json!({ "kind": "file", "file": "config/development.toml", "line": 2, "variable": null })
    );
    let days = of("mail.keep_days");
    assert_eq!(
        (&days["value"], &days["default"], &days["minimum"], &days["maximum"]),
        (&json!(7), &json!(30), &json!(1), &json!(3650))
    );
    assert_eq!(of("site.enable_chat")["value"], json!(true));
    let level = of("log.level");
    assert_eq!(level["choices"], json!(["debug", "info", "warn", "error", "fatal"]));
    assert_eq!(
        (&level["kind"], &level["group"], &level["takes_effect"]),
        (&json!("choice"), &json!("monitoring"), &json!("at once"))
    );
    assert_eq!(of("mail.rate_per_second")["takes_effect"], "at the next start");
    assert_eq!(of("data.dir")["takes_effect"], Value::Null);

    let limits = keys_of(&list("?group=limits"));
    assert!(limits.len() == 18 && limits.iter().all(|key| key.starts_with("limits.")));
    assert_eq!(keys_of(&list("?q=SMTP_URL")), ["mail.smtp_url"]);
    assert_eq!(keys_of(&list("?q=Days%20mail")), ["mail.keep_days"]);
    assert_eq!(keys_of(&list("?q=no-such-word")), [""; 0]);
    let part = list("?q=keep_days&fields=key,value");
    assert_eq!(part["items"][0], json!({ "key": "mail.keep_days", "value": 7 }));
    app.get_as(&owner, &format!("{PATH}?grup=mail")).problem(400);
    app.get_as(&owner, &path("site.name")).problem(404);
}

#[test]
fn what_the_owner_sets_beats_the_files_until_it_is_taken_back() {
    let (app, owner) = site(&[], "[site]\napp_name = \"From a file\"\n");
    assert!(title_of(&app).contains("From a file"));
    let item = set(&app, &owner, "site.app_name", "From the dashboard");
    assert_eq!(
        (&item["value"], &item["origin"]["kind"], &item["updated_by"]),
        (&json!("From the dashboard"), &json!("dashboard"), &json!("owner@example.com"))
    );
    assert!(item["updated_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(shown(&app, &owner, "site.app_name"), item);
    assert!(title_of(&app).contains("From the dashboard"), "also a page that was in memory");
    assert!(app.get("/es").page(200).contains("From the dashboard"));
    assert_eq!(app.get("/api/v1/site").json()["name"], "From the dashboard");

    let item = take_back(&app, &owner, "site.app_name");
    assert_eq!(
        (&item["value"], &item["origin"]["kind"], &item["updated_at"]),
        (&json!("From a file"), &json!("file"), &Value::Null)
    );
    assert!(title_of(&app).contains("From a file"));
    assert_eq!(take_back(&app, &owner, "site.app_name"), item, "once more changes nothing");
    assert_eq!(app.audit().iter().filter(|a| a.starts_with("setting.")).count(), 2);
}

#[test]
fn what_a_variable_sets_cannot_be_changed_and_wins_over_what_was_set_before() {
    let (app, owner) = site(&[], "");
    set(&app, &owner, "site.app_name", "From the dashboard");
    set(&app, &owner, "http.domain", "shop.example");
    std::fs::write(app.home().join(".env"), "MANERO_DOMAIN=env.example\n").unwrap();
    let other = app.beside_with(&[("NEXT_PUBLIC_APP_NAME", "From the environment")]);
    assert!(title_of(&other).contains("From the environment"));
    let item = shown(&other, &owner, "site.app_name");
    assert_eq!(
        (&item["origin"]["variable"], &item["editable"], &item["why_not"]),
        (
            &json!("NEXT_PUBLIC_APP_NAME"),
            &json!(false),
            &json!("the environment sets it: NEXT_PUBLIC_APP_NAME")
        )
    );
    let put = |key: &str| other.put_as(&owner, &path(key), &json!({ "value": "x.example" }));
    assert!(refused(&put("site.app_name")).contains("NEXT_PUBLIC_APP_NAME"));
    assert!(refused(&put("http.domain")).contains("MANERO_DOMAIN in .env sets it"));
    assert_eq!(
        shown(&other, &owner, "http.domain")["origin"],
        json!({ "kind": "environment", "file": ".env", "line": 1, "variable": "MANERO_DOMAIN" })
    );
    // What lies hidden below can still be taken back; then there is nothing left to take.
    assert_eq!(take_back(&other, &owner, "site.app_name")["value"], "From the environment");
    let again = other.delete_as(&owner, &path("site.app_name"));
    assert!(refused(&again).contains("NEXT_PUBLIC_APP_NAME"));
}

#[test]
fn what_belongs_to_the_machine_says_why_it_cannot_be_changed() {
    let (app, owner) = site(&[("MANERO_RATE_LIMITS", "off")], "");
    let mut closed = 0;
    for key in keys::all() {
        let Change::Never(why) = key.change else { continue };
        let item = shown(&app, &owner, key.path);
        assert_eq!((&item["editable"], item["why_not"].as_str()), (&json!(false), Some(why)));
        let put = app.put_as(&owner, &path(key.path), &json!({ "value": "x" }));
        assert!(refused(&put).contains(why), "{}", key.path);
        assert!(refused(&app.delete_as(&owner, &path(key.path))).contains(why), "{}", key.path);
        closed += 1;
    }
    assert!(closed > 15, "{closed}");
    assert_eq!(app.count("settings"), 0);
}

#[test]
fn every_setting_that_may_be_changed_takes_its_own_example() {
    let (app, owner) = site(&[("MANERO_RATE_LIMITS", "off")], "");
    let mut changed = 0;
    for key in keys::all().filter(|key| !matches!(key.change, Change::Never(_))) {
        let before = shown(&app, &owner, key.path);
        assert_eq!((&before["editable"], &before["why_not"]), (&json!(true), &Value::Null));
        let value = match (key.path, key.example) {
            ("http.extra_origins", _) => json!(["https://app.example"]),
            ("mail.from_name", _) => json!("Ana"),
            ("mail.from_address", _) => json!("ana@shop.example"),
            (_, "") => before["value"].clone(),
            (_, example) => json!(example),
        };
        let item = set(&app, &owner, key.path, value);
        assert_eq!((&item["origin"]["kind"], &item["is_set"]), (&json!("dashboard"), &json!(true)));
        changed += 1;
    }
    assert_eq!(app.count("settings"), changed);
    for key in keys::all().filter(|key| !matches!(key.change, Change::Never(_))) {
        assert_ne!(take_back(&app, &owner, key.path)["origin"]["kind"], "dashboard");
    }
    assert_eq!(app.count("settings"), 0);
}

#[test]
fn a_wrong_value_is_refused_in_the_words_of_every_start() {
    let (app, owner) = site(&[("MANERO_RATE_LIMITS", "off")], "");
    let put = |key: &str, value: Value| app.put_as(&owner, &path(key), &json!({ "value": value }));
    let words = [
        ("log.level", json!("verbose"), "Log.level must be one of debug, info, warn, error, fatal"),
        ("mail.keep_days", json!(0), "a whole number, 1 to 3650"),
        ("mail.keep_days", json!(true), "a whole number, 1 to 3650"),
        ("jwt.expiry", json!(7), "a duration above zero, such as 500ms, 30s, 15m, 12h or 7d"),
        ("site.app_name", json!(true), "a text"),
        ("site.enable_chat", json!("maybe"), "true or false (also on, off, yes, no, 1, 0)"),
        ("http.domain", json!("https://shop.example"), "a host name without scheme"),
        ("http.api_url", json!("https://a:b@shop.example"), "without user name or password"),
        ("http.extra_origins", json!(["https://a.example/path"]), "origins with commas"),
        ("http.extra_origins", json!([]), "must not be empty"),
        ("mail.smtp_url", json!("smtp://ana:pw@mail.example?tls=none"), "certain TLS"),
    ];
    for (key, value, said) in words {
        let detail = refused(&put(key, value));
        let said = said.replace("Log.level", "the value of log.level");
        assert!(detail.to_lowercase().contains(&said.to_lowercase()), "{key}: {detail}");
        assert!(!detail.contains("pw@"), "{detail}");
    }
    for odd in [json!(null), json!({}), json!(1.5), json!(-1), json!([1]), json!(""), json!("a\nb")]
    {
        put("site.app_name", odd).problem(400);
    }
    put("site.app_name", json!("x".repeat(2001))).problem(400);
    app.put_as(&owner, &path("site.app_name"), &json!({})).problem(400);
    app.put_as(&owner, &path("site.app_name"), &json!({ "value": "a", "valeu": 1 })).problem(400);
    assert_eq!((app.count("settings"), app.context.live.version()), (0, 1));
}

#[test]
fn somebody_who_changed_it_meanwhile_is_noticed() {
    let (app, owner) = site(&[], "");
    let put = |tag: &str, name: &str| {
        let ask = request(Method::Put, &path("site.app_name")).bearer(&owner);
        app.send(&ask.header("If-Match", tag).json(&json!({ "value": name })))
    };
    let tag = |answer: &Answer| answer.header("ETag").unwrap().to_owned();
    let first = tag(&app.get_as(&owner, &path("site.app_name")));
    let second = put(&first, "One");
    assert_eq!(second.status, 200);
    put(&first, "Two").problem(412);
    let remove = request(Method::Delete, &path("site.app_name")).bearer(&owner);
    app.send(&remove.clone().header("If-Match", &first)).problem(412);
    assert_eq!(put(&tag(&second), "Three").status, 200);
    assert_eq!(app.send(&remove.header("If-Match", "*")).status, 200);
}

#[test]
fn two_who_change_different_settings_at_once_both_do() {
    let (app, owner) = site(&[], "");
    let ask = |key: &str, value: Value| -> Ask {
        request(Method::Put, &path(key)).bearer(&owner).json(&json!({ "value": value }))
    };
    let asks: Vec<Ask> = (0..20)
        .map(|n| match n % 2 {
            0 => ask("mail.keep_days", json!(n + 1)),
            _ => ask("mail.from_name", json!(format!("Name {n}"))),
        })
        .collect();
    assert!(app.send_all(&asks).iter().all(|answer| answer.status == 200));
    let settings = app.context.live.now();
    let stored = |key: &str| shown(&app, &owner, key)["value"].clone();
    assert_eq!(stored("mail.keep_days"), json!(settings.mail.keep_days));
    assert_eq!(stored("mail.from_name"), json!(settings.mail.from_name));
    assert_eq!(app.context.live.version(), 21, "each change has a version of its own");
}

/// Where `needle` stands in what a site keeps: files of its folder, or rows of its tables.
fn places(app: &TestApp, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![app.home().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                let bytes = std::fs::read(entry.path()).unwrap();
                if bytes.windows(needle.len()).any(|window| window == needle.as_bytes()) {
                    found.push(entry.path().display().to_string());
                }
            }
        }
    }
    let rows: Vec<(String,)> = app.query(
        "SELECT key || value || coalesce(last_four, '') FROM settings
         UNION ALL SELECT action || coalesce(before_change, '') || coalesce(after_change, '') FROM audit
         UNION ALL SELECT name || value FROM facts
         UNION ALL SELECT answer FROM idempotency_keys",
    );
    found.extend(rows.into_iter().map(|(row,)| row).filter(|row| row.contains(needle)));
    found
}

#[test]
fn a_secret_can_be_written_and_never_read() {
    let (app, owner) = site(&[], "");
    let (key, password) = ("sk-0123456789abcdefWXYZ", "pass0123456789word");
    let url = format!("smtps://ana:{password}@mail.example:465");
    assert_eq!(shown(&app, &owner, "openai.key")["is_set"], false);
    let written = [
        app.put_as(&owner, &path("openai.key"), &json!({ "value": format!(" {key} ") })),
        app.put_as(&owner, &path("mail.smtp_url"), &json!({ "value": url })),
        app.put_as(
            &owner,
            &path("slack.url"),
            &json!({ "value": "https://hooks.slack.com/T0/B0/abcdefgh" }),
        ),
    ];
    assert_eq!(app.context.live.now().integrations.openai.key.as_ref().unwrap().expose(), key);
    let read = [
        app.get_as(&owner, PATH),
        app.get_as(&owner, &path("openai.key")),
        app.get_as(&owner, &path("mail.smtp_url")),
        app.get_as(&owner, "/api/v1/audit?limit=100"),
        app.put_as(&owner, &path("mail.smtp_url"), &json!({ "value": "smtp://x:y@z:1:2" })),
    ];
    for answer in written.iter().chain(&read) {
        for secret in [key, password, url.as_str(), "abcdefgh"] {
            assert!(!answer.text().contains(secret), "{}", answer.text());
        }
    }
    let item = written[0].json();
    assert_eq!(
        (&item["is_secret"], &item["is_set"], &item["value"], &item["last_four"]),
        (&json!(true), &json!(true), &Value::Null, &json!("WXYZ"))
    );
    let item = written[1].json();
    assert_eq!(item["value"], "smtps://ana:***@mail.example:465");
    assert_eq!(item["last_four"], "word");
    assert_eq!(app.count("settings WHERE sealed"), 3);
    // Found when it is there: the way of looking is right.
    assert!(!places(&app, "setting.update").is_empty());
    for secret in [key, password, "abcdefgh"] {
        assert_eq!(places(&app, secret), [""; 0], "{secret}");
    }
    take_back(&app, &owner, "openai.key");
    assert_eq!(shown(&app, &owner, "openai.key")["is_set"], false);
    let record: Vec<(String, String)> = app.query(
        "SELECT before_change, after_change FROM audit WHERE object_id = 'openai.key' ORDER BY id",
    );
    let said = |set: bool| json!({ "is_set": set }).to_string();
    assert_eq!(record, [(said(false), said(true)), (said(true), said(false))]);
}

#[test]
fn the_record_shows_what_a_plain_setting_was_and_is() {
    let (app, owner) = site(&[], "");
    set(&app, &owner, "limits.api.max", "77");
    set(&app, &owner, "limits.api.max", 77);
    let rows: Vec<(String, String, String, String)> = app.query(
        "SELECT action, object_id, before_change, after_change FROM audit WHERE object_kind = 'setting'",
    );
    let value = |value: i64| json!({ "value": value }).to_string();
    let update = ("setting.update".to_owned(), "limits.api.max".to_owned(), value(100), value(77));
    assert_eq!(rows, [update], "the same value in another form changes nothing");
}

#[test]
fn what_can_no_longer_count_does_not_keep_the_site_from_starting() {
    let (app, owner) = site(&[], "");
    set(&app, &owner, "openai.key", "sk-0123456789abcdef");
    set(&app, &owner, "site.app_name", "Stays");
    app.change("INSERT INTO settings (key, value, sealed, updated_at, updated_by) VALUES ('log.level', '\"verbose\"', FALSE, 1, 'x')");
    app.change("INSERT INTO settings (key, value, sealed, updated_at, updated_by) VALUES ('from.the.future', '{', FALSE, 1, 'x')");
    app.change("INSERT INTO settings (key, value, sealed, updated_at, updated_by) VALUES ('http.port', '9', FALSE, 1, 'x')");
    let foreign = manero::platform::crypto::DataKey::generate().seal("setting/openai.key", b"sk");
    let changed = app.db().write_blocking(move |tx| -> manero::platform::db::Result<u64> {
        let sql = "UPDATE settings SET value = ?1 WHERE key = 'openai.key'";
        tx.exec(manero::platform::db::Sql::portable(sql), &[&foreign])
    });
    assert_eq!(changed.unwrap(), 1);
    let other = app.beside();
    assert!(title_of(&other).contains("Stays"));
    let problem = |key: &str| shown(&other, &owner, key)["problem"].clone();
    assert_eq!(problem("log.level"), "log.level must be one of debug, info, warn, error, fatal");
    assert_eq!(
        problem("openai.key"),
        "openai.key cannot be opened with this data key; enter it again"
    );
    assert_eq!(problem("site.app_name"), Value::Null);
    assert_eq!(other.loaded.settings.http.port, other.context.live.now().http.port);
    let same = other.put_as(&owner, &path("log.level"), &json!({ "value": "verbose" }));
    assert!(refused(&same).contains("must be one of debug"));
    // Both are mended by setting them anew.
    assert_eq!(set(&other, &owner, "log.level", "info")["problem"], Value::Null);
    assert_eq!(set(&other, &owner, "openai.key", "sk-new-0123456789")["is_set"], true);
}

#[test]
fn only_who_may_reads_and_writes_settings() {
    let (app, owner) = site(&[], "");
    let scopes = json!({ "name": "reader", "scopes": ["settings:read"] });
    let reader = app.post_as(&owner, "/api/v1/tokens", &scopes).json();
    let reader = reader["token"].as_str().unwrap();
    assert_eq!(app.get_as(reader, PATH).status, 200);
    let body = json!({ "value": "Mine" });
    app.put_as(reader, &path("site.app_name"), &body).problem(403);
    app.delete_as(reader, &path("site.app_name")).problem(403);
    app.get(PATH).problem(401);
    let editor = app.session_of("editor").access;
    app.get_as(&editor, PATH).problem(403);
    let admin = app.session_of("admin").access;
    assert_eq!(app.put_as(&admin, &path("site.app_name"), &body).status, 200);
}
