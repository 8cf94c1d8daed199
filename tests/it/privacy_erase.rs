//! Whoever is erased leaves nothing, also in the file; a certificate answers later. What is kept can be had as a file.

use std::io::Read as _;

use manero::admin::accounts::audit::Actor;
use manero::business::leads::filter::Filter;
use manero::business::leads::{merge, segments};
use manero::business::privacy::erase::{certificates_of, erase};
use manero::business::privacy::{Certificate, archive, requests};
use manero::platform::clock;
use manero::platform::config::Database;
use manero::platform::error::Error;
use serde_json::{Value, json};

use crate::app::TestApp;

impl TestApp {
    fn erase(&self, address: &str) -> Certificate {
        let (address, key) = (address.to_owned(), self.context.accounts.data_key.clone());
        let erased: Result<Certificate, Error> = self.db().write_blocking(move |tx| {
            erase(tx, &Actor::command(), &key, &address, clock::now_ms())
        });
        erased.unwrap()
    }

    /// Somebody asks; returns the request's id.
    pub(crate) fn asks(&self, kind: &str, address: &str, note: &str) -> String {
        let now = self.context.accounts.clock.now_ms();
        let request =
            requests::parse(Some(kind), Some(address), Some(note), Some(now), now).unwrap();
        let id = request.id.clone();
        self.db()
            .write_blocking(move |tx| requests::create(tx, &Actor::command(), &request, now))
            .unwrap();
        id
    }
}

/// Where `text` stands in the files of the database, whatever its case.
fn found_in_files(app: &TestApp, text: &str) -> Vec<String> {
    let Database::Sqlite { path } = &app.loaded.settings.database else { return Vec::new() };
    let wal = path.with_extension("db-wal");
    let mut found = Vec::new();
    for file in [path.clone(), wal] {
        let bytes = std::fs::read(&file).unwrap_or_default().to_ascii_lowercase();
        let places = bytes.windows(text.len()).filter(|part| *part == text.as_bytes()).count();
        if places > 0 {
            let at =
                bytes.windows(text.len()).position(|part| part == text.as_bytes()).unwrap_or(0);
            let around = &bytes[at.saturating_sub(60)..bytes.len().min(at + 60)];
            let around = around.escape_ascii();
            found.push(format!("{places} times in {}, as in {around}", file.display()));
        }
    }
    found
}

#[test]
fn of_whoever_is_erased_nothing_is_left_in_the_file() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let mut list = "email,name,tags\n".to_owned();
    for n in 0..1000 {
        list.push_str(&format!("quiet{n}@people.example,Quiet Person{n},vip\n"));
    }
    list.push_str("ana.zzyx@secret.example,Anazzyx Souzzyx,vip\n");
    let id = app.choose_file(&list).unwrap();
    app.check_import(&id, &[("consent", "At the fair")]);
    app.run_import(&id);
    let lead = app.joins("Anazzyx Souzzyx", "ana.zzyx@secret.example");
    let path = format!("/api/v1/leads/{lead}");
    assert_eq!(app.patch_as(&owner, &path, &json!({ "tags": ["vip", "fair"] })).status, 200);
    let note = json!({ "text": "Wrote from ana.zzyx@secret.example" });
    assert_eq!(app.post_as(&owner, &format!("{path}/notes"), &note).status, 201);
    let form = [
        ("name", "Anazzyx"),
        ("email", "ana.zzyx@secret.example"),
        ("message", "Anazzyx here: is there room in March?"),
    ];
    assert_eq!(app.post_form("/contact", &form).status, 303);
    app.drain_outbox();
    assert_eq!(app.post_form("/contact", &form).status, 303);
    app.asks("erase", "ana.zzyx@secret.example", "Anazzyx asked by telephone");
    app.db()
        .write_blocking(|tx| {
            let filter = Filter { q: "ana.zzyx@secret.example".into(), ..Filter::default() };
            segments::create(tx, &Actor::command(), "Ana", &filter, clock::now_ms())
        })
        .unwrap();
    // A list that waits while she asks.
    app.choose_file("email,name\nb@b.example,B B\nAna.Zzyx@Secret.example,Anazzyx\n").unwrap();

    let certificate = app.erase("ana.zzyx@secret.example");
    let rows = certificate.erased.clone();
    assert_eq!((rows.leads, rows.consents, rows.tags, rows.notes), (1, 2, 2, 1));
    assert_eq!((rows.messages, rows.mails, rows.import_lines), (2, 1, 1));
    assert_eq!((rows.requests, rows.segments), (1, 1));
    assert_eq!(crate::lead_removal::traces(&app, "zzyx"), Vec::<String>::new());
    assert_eq!(app.count("leads"), 1000);
    app.run_task("wipe-erased");
    app.db().close();
    assert_eq!(found_in_files(&app, "zzyx"), Vec::<String>::new());
    if !app.is_postgres() {
        assert!(
            !found_in_files(&app, "quiet7@people.example").is_empty(),
            "this way of looking finds something"
        );
    }
}

#[test]
fn a_certificate_answers_whoever_asks_later_and_tells_nobody_else() {
    let app = TestApp::unlimited();
    app.joins("Ana Souza", "ana@example.com");
    let certificate = app.erase("ana@example.com");
    let key = &app.context.accounts.data_key;
    let of =
        |address: &str| app.db().read_blocking(|conn| certificates_of(conn, key, address)).unwrap();
    assert_eq!(of("ana@example.com"), std::slice::from_ref(&certificate));
    assert!(of("eva@example.com").is_empty());
    assert!(certificate.words().contains(&"1 lead".to_owned()), "{:?}", certificate.words());
    let other = TestApp::start();
    let foreign = other.context.accounts.data_key.keyed_hash("privacy/erasure", "ana@example.com");
    let own: Vec<(String,)> = app.query("SELECT address_hash FROM privacy_erasures");
    assert_ne!(own[0].0, foreign, "another installation's hashes say nothing");
    let nothing = app.erase("nobody@example.com");
    assert!(nothing.words().is_empty());
    assert_eq!(app.audit().last().map(String::as_str), Some("privacy.erase"));
}

#[test]
fn whoever_was_merged_is_erased_by_either_address() {
    let app = TestApp::unlimited();
    let kept = app.joins("Ana Souza", "ana@a.example");
    let gone = app.joins("Ana Souza", "ana@b.example");
    app.drain_outbox();
    app.db()
        .write_blocking(move |tx| {
            merge::merge(tx, &Actor::command(), &kept, &gone, clock::now_ms())
        })
        .unwrap();
    assert_eq!(app.erase("ana@b.example").erased.mails, 2);
    assert_eq!((app.count("leads"), app.count("mails"), app.count("lead_addresses")), (0, 0, 0));
    let key = &app.context.accounts.data_key;
    for address in ["ana@a.example", "ana@b.example"] {
        let found = app.db().read_blocking(|conn| certificates_of(conn, key, address)).unwrap();
        assert_eq!(found.len(), 1, "{address}");
    }
}

#[test]
fn what_is_kept_about_a_person_comes_as_one_file() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let lead = app.joins("Ana <Souza>", "ana@example.com");
    app.drain_outbox();
    let path = format!("/api/v1/leads/{lead}");
    app.put_as(&owner, &format!("{path}/tags/vip"), &json!({}));
    app.post_as(&owner, &format!("{path}/notes"), &json!({ "text": "Called <twice>" }));
    let form =
        [("name", "Ana"), ("email", "ana@example.com"), ("message", "Is there room in March?")];
    app.post_form("/contact", &form);
    app.asks("access", "ana@example.com", "by telephone");
    let now = clock::now_ms();
    let person =
        app.db().read_blocking(|conn| archive::gather(conn, "ana@example.com", now)).unwrap();
    let bytes = person.zip().unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let data: Value = serde_json::from_str(&text("data.json")).unwrap();
    assert_eq!(data["lead"]["name"], "Ana <Souza>");
    assert_eq!(data["lead"]["tags"], json!(["vip"]));
    for (kind, n) in
        [("consents", 1), ("mails", 1), ("messages", 1), ("notes", 1), ("privacy_requests", 1)]
    {
        assert_eq!(data[kind].as_array().unwrap().len(), n, "{kind}");
    }
    assert!(!data["changes"].as_array().unwrap().is_empty());
    let page = text("data.html");
    for shown in [
        "ana@example.com",
        "Called &#60;twice&#62;",
        "Is there room in March?",
        "A copy of their data",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    let nobody =
        app.db().read_blocking(|conn| archive::gather(conn, "no@example.com", now)).unwrap();
    assert!(nobody.is_empty() && !person.is_empty());
}

#[test]
fn of_many_who_are_erased_none_is_left_in_the_file() {
    let app = TestApp::start();
    let mut list = "email,name,tags\n".to_owned();
    let name = |n: i64| {
        let letters = |n: i64| char::from(b'a' + u8::try_from(n % 26).unwrap());
        let mixed = n * 7919 % 10_007;
        format!("{}{}{}{mixed}", letters(mixed), letters(mixed / 26), letters(mixed / 676))
    };
    for n in 0..4000 {
        let (name, gone) = (name(n), if n % 40 == 0 { "goner" } else { "stays" });
        list.push_str(&format!("{name}.{gone}@{name}.example,{name} {name}{gone},{gone}\n"));
    }
    let id = app.choose_file(&list).unwrap();
    app.check_import(&id, &[("consent", "At the fair")]);
    app.run_import(&id);
    for n in (0..4000).step_by(40) {
        let name = name(n);
        app.erase(&format!("{name}.goner@{name}.example"));
    }
    assert_eq!(app.count("leads"), 3900);
    app.run_task("wipe-erased");
    assert_eq!(app.count("facts WHERE name = 'wipe_owed'"), 0);
    assert!(!app.db().wipe_if_owed().unwrap(), "once is enough");
    app.db().close();
    assert_eq!(found_in_files(&app, "goner"), Vec::<String>::new());
    assert!(app.is_postgres() || !found_in_files(&app, "stays@").is_empty());
}
