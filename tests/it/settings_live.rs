//! What follows a change of settings: the next request, another process, mail, the commands.

use std::time::{Duration, Instant};

use rocket::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, LiveApp, PASSWORD, TestApp, get, manero, manero_in, request};
use crate::leads::good;
use crate::mail::Relay;
use crate::settings::{path, refused, set, site, take_back, title_of};

#[test]
fn a_change_of_limits_origins_hosts_and_log_ins_counts_for_the_next_request() {
    let (app, owner) = site(&[], "");
    let other = app.beside();
    let limit =
        |app: &TestApp| app.get("/api/v1/site").header("RateLimit-Limit").map(str::to_owned);
    let shared = |app: &TestApp| {
        let answer = app.send(&get("/api/v1/site").header("Origin", "https://app.example"));
        answer.header("Access-Control-Allow-Origin").is_some()
    };
    let answered = |app: &TestApp| app.send(&get("/").host("www.shop.example")).status;
    let state = |app: &TestApp| (limit(app), shared(app), answered(app), title_of(app));
    let before = state(&other);
    assert_eq!((before.0.as_deref(), before.1, before.2), (Some("100"), false, 421));
    set(&app, &owner, "limits.api.max", 77);
    set(&app, &owner, "http.extra_origins", json!(["https://app.example"]));
    set(&app, &owner, "http.domain", "shop.example");
    set(&app, &owner, "site.app_name", "Another name");
    set(&app, &owner, "jwt.expiry", "1h");
    let after = state(&app);
    assert_eq!((after.0.as_deref(), after.1, after.2), (Some("77"), true, 200));
    assert!(after.3.contains("Another name"));
    assert!(app.get("/").page(200).contains("https://shop.example"), "links lead to the domain");
    assert_eq!(app.try_log_in("owner", crate::app::PASSWORD).json()["expires_in"], 3600);

    assert_eq!(state(&other), before, "another process has not looked yet");
    assert!(other.desk.look().unwrap());
    assert_eq!(state(&other), after);
    assert!(!other.desk.look().unwrap(), "there is nothing newer");
}

#[test]
fn a_language_that_is_switched_off_leads_to_english_and_is_named_nowhere() {
    let (app, owner) = site(&[], "");
    let map = || app.get("/sitemap.xml").text().to_owned();
    assert!(map().contains("/es/programs") && map().contains("hreflang=\"es\""));
    set(&app, &owner, "site.enable_spanish", false);
    for (asked, led) in [
        ("/es", "/"),
        ("/es/programs/prime?a=1", "/programs/prime?a=1"),
        ("/es/feed.xml", "/feed.xml"),
        ("/es//evil.example/", "/evil.example/"),
    ] {
        let answer = app.get(asked);
        assert_eq!((answer.status, answer.header("Location")), (308, Some(led)), "{asked}");
        assert_eq!(answer.header("Cache-Control"), Some("no-store"), "it may come back");
    }
    let home = app.get("/").page(200).to_owned();
    assert!(!home.contains("Español") && home.contains("Português"));
    for file in ["/", "/programs/prime", "/privacy", "/sitemap.xml", "/llms.txt"] {
        let text = app.get(file).text().to_owned();
        assert!(!text.contains("/es/") && !text.contains("hreflang=\"es\""), "{file}");
    }
    assert_eq!(app.get("/pt/programs").status, 200);
    let offered = app.send(&get("/").header("Accept-Language", "es"));
    assert!(!offered.page(200).contains("/es"), "nor offered");
    // A form that was open when it was switched off is not lost.
    let form = [("name", "Ana"), ("email", "ana@example.com"), ("gdprConsent", "true")];
    assert_eq!(app.post_form("/es/leads", &form).status, 303);

    set(&app, &owner, "site.enable_portuguese", false);
    let home = app.get("/").page(200).to_owned();
    assert!(!home.contains("class=\"languages\"") && !home.contains("hreflang"));
    take_back(&app, &owner, "site.enable_spanish");
    assert_eq!(app.get("/es/programs").status, 200);
}

#[test]
fn a_client_over_its_limit_gets_in_again_when_the_limit_is_raised() {
    let (app, owner) = site(&[], "[limits]\nsearch = { max = 2, window = \"1h\" }\n");
    let search = || app.get("/api/v1/search?q=a").status;
    assert_eq!([search(), search(), search()], [200, 200, 429]);
    set(&app, &owner, "limits.search.max", 4);
    assert_eq!([search(), search()], [200, 429], "what was counted stays counted");
    set(&app, &owner, "limits.search.window", "1s");
    assert_eq!(search(), 200, "a window of an hour does not outlast one of a second");
}

#[test]
fn mail_goes_where_the_settings_of_now_say() {
    let (one, two) = (Relay::start(), Relay::start());
    let (app, owner) = site(&[], "");
    let send = |email: &str| {
        assert_eq!(app.post_json("/api/leads", &good(email)).status, 201);
        assert_eq!(app.drain_outbox(), 1);
    };
    send("ana@example.com");
    set(&app, &owner, "mail.smtp_url", one.url.as_str());
    set(&app, &owner, "mail.from_address", "news@shop.example");
    send("bea@example.com");
    set(&app, &owner, "mail.smtp_url", two.url.as_str());
    send("eva@example.com");
    take_back(&app, &owner, "mail.smtp_url");
    send("ida@example.com");
    let got = |relay: &Relay| relay.mails().into_iter().map(|m| (m.from, m.to)).collect::<Vec<_>>();
    let from = || "news@shop.example".to_owned();
    assert_eq!(got(&one), [(from(), "bea@example.com".to_owned())]);
    assert_eq!(got(&two), [(from(), "eva@example.com".to_owned())]);
    let transports: Vec<String> = app.mails().into_iter().map(|mail| mail.transport).collect();
    assert_eq!(transports, ["local", "smtp", "smtp", "local"]);
}

#[test]
fn a_new_vendors_key_is_new_in_the_calendar() {
    let (app, owner) = site(&[("SENDGRID_API_KEY", "SG.key")], "");
    set(&app, &owner, "openai.key", "sk-0123456789abcdef");
    let seen = || -> Vec<(String, i64)> {
        app.query("SELECT name, updated_at FROM facts WHERE name LIKE 'key-seen/%' ORDER BY name")
    };
    let names: Vec<String> = seen().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["key-seen/OPENAI_API_KEY", "key-seen/SENDGRID_API_KEY"]);
    app.change("UPDATE facts SET updated_at = 5 WHERE name LIKE 'key-seen/%'");
    set(&app, &owner, "openai.key", "sk-another-0123456789");
    let since: Vec<bool> = seen().into_iter().map(|(_, at)| at > 5).collect();
    assert_eq!(since, [true, false], "only the key that was replaced is young");
}

#[test]
fn nobody_closes_the_door_behind_which_they_stand() {
    let (app, owner) = site(&[], "");
    set(&app, &owner, "http.domain", "shop.example");
    let through = |method: Method, host: &str, body: Option<Value>| {
        let ask = request(method, &path("http.domain")).bearer(&owner).host(host);
        app.send(&body.map_or(ask.clone(), |body| ask.json(&body)))
    };
    let away = Some(json!({ "value": "other.example" }));
    let detail = refused(&through(Method::Put, "shop.example:443", away.clone()));
    assert!(detail.contains("shop.example:443 would no longer be answered"), "{detail}");
    refused(&through(Method::Delete, "www.shop.example", None));
    assert_eq!(through(Method::Put, "127.0.0.1:8000", away).status, 200);
    assert_eq!(through(Method::Delete, "other.example", None).status, 409);
    assert_eq!(through(Method::Delete, "localhost", None).status, 200);
}

fn try_mail(app: &TestApp, token: &str, to: &str) -> Answer {
    app.post_as(token, &path("mail/test"), &json!({ "to": to }))
}

#[test]
fn a_test_of_the_mail_says_at_once_what_happened() {
    let relay = Relay::start();
    let (app, owner) = site(&[], "");
    let tried = |to: &str| {
        let answer = try_mail(&app, &owner, to);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let tried = answer.json();
        (tried["delivered"] == true, tried["transport"].clone(), tried["reason"].clone())
    };
    let (delivered, transport, reason) = tried("ana@example.com");
    assert_eq!((delivered, transport), (false, json!("local")));
    assert!(reason.as_str().unwrap().contains("built-in mailbox"), "{reason}");
    assert_eq!(app.mails()[0].to, "ana@example.com");

    set(&app, &owner, "mail.smtp_url", relay.url.as_str());
    assert_eq!(tried("bea@example.com"), (true, json!("smtp"), Value::Null));
    let mails = relay.mails();
    assert!(mails[0].text.contains("Subject: Manuel Manero: a test"), "{}", mails[0].text);
    relay.answer_with("550 5.1.1 eva@example.com is unknown here");
    let (delivered, _, reason) = tried("eva@example.com");
    assert_eq!((delivered, reason), (false, json!("the relay refused the mail (550 5.1.1)")));
    assert_eq!(app.count("outbox"), 0, "a test is not tried again");
    set(&app, &owner, "mail.smtp_url", "smtp://127.0.0.1:9");
    let (_, _, reason) = tried("ida@example.com");
    assert!(reason.as_str().unwrap().contains("could not be reached"), "{reason}");

    try_mail(&app, &owner, "not-an-address").problem(400);
    let record: Vec<(String,)> =
        app.query("SELECT after_change FROM audit WHERE action = 'mail.test' ORDER BY id");
    let told: Vec<bool> = record.iter().map(|(text,)| text.contains("true")).collect();
    assert_eq!(told, [false, true, false, false]);
    assert!(record.iter().all(|(text,)| !text.contains('@')), "{record:?}");
}

#[test]
fn tests_of_the_mail_are_counted_and_come_one_at_a_time() {
    let (app, owner) = site(&[], "[limits]\ntoken = { max = 3, window = \"1h\" }\n");
    // Takes what is said and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", silent.local_addr().unwrap());
    set(&app, &owner, "mail.smtp_url", url.as_str());
    let ask = request(Method::Post, &path("mail/test")).bearer(&owner);
    let ask = ask.json(&json!({ "to": "ana@example.com" }));
    let first = std::thread::scope(|scope| {
        let first = scope.spawn(|| app.send(&ask).status);
        // It has connected, and waits for the greeting.
        let held = silent.accept().unwrap();
        app.send(&ask).problem(409);
        drop((held, silent));
        first.join().unwrap()
    });
    assert_eq!(first, 200);
    let third = app.send(&ask);
    assert_eq!((third.status, third.header("RateLimit-Limit")), (200, Some("3")));
    app.send(&ask).problem(429);
}

/// `manero` with these arguments in the folder of a site.
fn out(home: &std::path::Path, args: &[&str]) -> String {
    let output = manero(home, args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The owner's token on a running site.
fn owner_of(home: &std::path::Path, app: &LiveApp) -> String {
    use std::io::Write as _;
    let args = [
        "admin",
        "create",
        "--email",
        "ana@example.com",
        "--name",
        "Ana Souza",
        "--password-stdin",
    ];
    let mut child = manero_in(home, &args)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let body = json!({ "email": "ana@example.com", "password": PASSWORD }).to_string();
    let granted = app.ask("POST /api/v1/auth/login", "", &body);
    granted.json()["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn two_running_programs_follow_one_change_and_no_log_holds_a_secret() {
    const SECRET: &str = "sk-0123456789abcdefWXYZ";
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("config")).unwrap();
    let toml = "[log]\nlevel = \"debug\"\n";
    std::fs::write(home.path().join("config/development.toml"), toml).unwrap();
    let mut one = LiveApp::start_in(home.path(), &[]);
    let mut two = LiveApp::start_in(home.path(), &[]);
    assert_eq!(two.get("/").status, 200);
    let owner = owner_of(home.path(), &one);
    let put = |key: &str, value: &str| {
        let body = json!({ "value": value }).to_string();
        let answer = one.ask(&format!("PUT {}", path(key)), &owner, &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    put("openai.key", SECRET);
    put("log.level", "warn");
    put("site.app_name", "Another name");
    assert!(one.get("/").text().contains("Another name"), "the one that was asked follows at once");
    let until = Instant::now() + Duration::from_secs(20);
    while !two.get("/").text().contains("Another name") {
        assert!(Instant::now() < until, "the other one does not follow");
    }
    // Of what this one is asked from here on nothing is severe enough to be written.
    assert_eq!(two.get("/articles").status, 200);
    let config = out(home.path(), &["config"]);
    let line = |key: &str| config.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(line("site.app_name").contains("Another name"), "{config}");
    assert!(line("site.app_name").contains(" dashboard "), "{config}");
    assert!(line("openai.key").contains(" *** ") && !config.contains(SECRET), "{config}");
    assert!(out(home.path(), &["keys", "list"]).contains("OPENAI_API_KEY"));

    let logs = [&mut one, &mut two].map(|app| {
        app.terminate();
        let (status, log) = app.wait();
        assert!(status.success(), "{log}");
        log
    });
    assert!(logs.iter().all(|log| !log.contains(SECRET)), "{logs:?}");
    assert!(logs[1].contains("the settings were changed by another process"), "{}", logs[1]);
    assert!(logs[1].contains(" GET / "), "{}", logs[1]);
    assert!(!logs[1].contains(" GET /articles "), "{}", logs[1]);

    // Also when nothing runs, and without making anything.
    let stopped = out(home.path(), &["config", "--json"]);
    let entries: Value = serde_json::from_str(&stopped).unwrap();
    let name = entries.as_array().unwrap().iter().find(|e| e["key"] == "site.app_name").unwrap();
    assert_eq!((&name["value"], &name["origin"]), (&json!("Another name"), &json!("dashboard")));
}

#[test]
fn the_command_shows_settings_without_a_database_and_beside_a_broken_one() {
    let home = tempfile::tempdir().unwrap();
    assert!(out(home.path(), &["config"]).contains("site.app_name"));
    assert!(!home.path().join("data").exists(), "it makes nothing");
    std::fs::create_dir(home.path().join("data")).unwrap();
    std::fs::write(home.path().join("data/manero.db"), "this is no database").unwrap();
    let output = manero(home.path(), &["config"]);
    assert!(output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the dashboard's settings are not shown"), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("site.app_name"));
    assert!(!home.path().join("data/keys").exists(), "nor a data key");
}

#[test]
fn the_command_shows_what_lies_in_an_older_schema_without_a_word() {
    let home = tempfile::tempdir().unwrap();
    out(home.path(), &["seed"]);
    out(home.path(), &["migrate", "down", "--yes"]);
    let output = manero(home.path(), &["config"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
