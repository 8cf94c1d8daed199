//! Lists of leads that are brought in: checked first, run in parts, undone for a day.

use manero::admin::accounts::audit::Actor;
use manero::business::leads::import::reading::{guess, read};
use manero::business::leads::import::{self, Import, Mapping, State};
use manero::platform::clock;
use manero::platform::db::{self, Conn};
use manero::platform::error::Error;
use serde_json::json;

use crate::app::TestApp;

impl TestApp {
    /// Chooses a file; returns the import's id.
    pub(crate) fn choose_file(&self, text: &str) -> Result<String, Error> {
        let contents = read(text.as_bytes()).unwrap();
        let (db, actor, now) = (self.db(), Actor::command(), self.context.accounts.clock.now_ms());
        self.wait(import::create(db, &actor, "C:\\lists\\my list.csv", contents, now))
    }

    pub(crate) fn import(&self, id: &str) -> Import {
        self.db().read_blocking(|conn| import::by_id(conn, id)).unwrap()
    }

    /// Says what the columns are, as they are guessed, and these fields; has it checked.
    pub(crate) fn check_import(&self, id: &str, fields: &[(&str, &str)]) -> Import {
        let sheet = self.import(id).sheet;
        let lines = self.db().read_blocking(|conn| import::first_lines(conn, id)).unwrap();
        let targets = guess(&sheet, &lines);
        let field = |name: &str| {
            let given = fields.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            let at = name.strip_prefix("column-").and_then(|at| at.parse::<usize>().ok());
            given
                .or_else(|| at.map(|at| manero::platform::word::Word::word(targets[at]).to_owned()))
        };
        let mapping: Mapping = import::mapping(&sheet, field).unwrap();
        self.change_import(id, move |tx, id, now| import::check(tx, id, &mapping, now)).unwrap();
        self.drain_outbox();
        self.import(id)
    }

    pub(crate) fn change_import<F>(&self, id: &str, work: F) -> Result<(), Error>
    where
        F: FnOnce(&mut db::Tx<'_>, &str, i64) -> Result<(), Error> + Send + 'static,
    {
        let (id, now) = (id.to_owned(), self.context.accounts.clock.now_ms());
        self.db().write_blocking(move |tx| work(tx, &id, now))
    }

    /// Brings in what has been checked.
    pub(crate) fn run_import(&self, id: &str) -> Import {
        self.change_import(id, |tx, id, now| import::run(tx, &Actor::command(), id, now)).unwrap();
        self.drain_outbox();
        self.import(id)
    }
}

const CONSENT: (&str, &str) = ("consent", "They joined our old list at the fair in Vigo.");

/// A thousand people, three of them twice, two bad lines.
fn thousand() -> String {
    let mut text = "E-mail;Name;Tags;Language;Signed up\n".to_owned();
    for n in 0..1000 {
        let day = n % 28 + 1;
        text.push_str(&format!(
            "Person{n}@Example.com;Person Number{n};fair, list {};es;2024-05-{day:02}\n",
            n % 3
        ));
    }
    text.push_str(
        "person0@example.com;Again;;;\nPERSON1@example.com;Again;;;\nperson2@example.com;;;;\n",
    );
    text.push_str("no address;Somebody;;;\nperson2000@example.com;see evil.com;;klingon;\n");
    text
}

#[test]
fn a_thousand_leads_come_in_as_the_check_said() {
    let app = TestApp::start();
    let known = json!({ "name": "Ana Souza", "email": "person7@example.com", "gdprConsent": true });
    assert_eq!(app.post_json("/api/leads", &known).status, 201);
    app.drain_outbox();
    let id = app.choose_file(&thousand()).unwrap();
    let import = app.import(&id);
    assert_eq!((import.file_name.as_str(), import.total), ("my list.csv", 1005));
    let again = app.choose_file("email\na@b.co\n").unwrap_err();
    assert!(matches!(again, Error::Conflict(_)), "one after the other");

    let import = app.check_import(&id, &[CONSENT, ("tags", "old list"), ("known", "fill")]);
    assert_eq!(import.state, State::Checked);
    let found = import.checked.clone().unwrap();
    assert_eq!((found.new, found.changed, found.same, found.doubled, found.bad), (999, 1, 0, 3, 2));
    let told: Vec<String> =
        found.findings.iter().map(|f| format!("{}: {}", f.line, f.what)).collect();
    assert_eq!(told[0], "1002: the same address as in line 2, which counts");
    assert_eq!(told[3], "1005: not a valid e-mail address");
    assert!(
        told[4].starts_with("1006: a name has letters") && told[4].contains("language"),
        "{}",
        told[4]
    );
    assert_eq!(app.count("leads"), 1, "nothing is stored by looking");

    let import = app.run_import(&id);
    assert_eq!((import.state, import.done, import.error.as_deref()), (State::Done, 1005, None));
    assert_eq!(import.ran.unwrap(), found, "the run does what the check said");
    assert_eq!(app.count("leads"), 1000);
    assert_eq!(app.mails().len(), 1, "nobody is written to");
    assert_eq!(app.count("import_parts"), 0, "the file is gone");
    assert_eq!(app.count("consents WHERE purpose = 'import' AND text LIKE 'They joined%'"), 1000);
    assert_eq!(
        app.count("leads WHERE number IS NULL OR filed_at <> updated_at OR name_key = ''"),
        0
    );
    assert_eq!(app.count("lead_words WHERE word = 'number42'"), 1);
    assert_eq!(app.count("lead_tags WHERE tag = 'old list'"), 1000);
    assert_eq!(app.count("tags WHERE leads = 1000 AND tag IN ('fair', 'old list')"), 2);
    assert_eq!(app.count("leads WHERE created_at < 1720000000000 AND lang = 'es'"), 999);
    let kept: Vec<(String, String)> =
        app.query("SELECT name, lang FROM leads WHERE email = 'person7@example.com'");
    assert_eq!(kept, [("Ana Souza".into(), "en".into())], "what is known is only filled");
    assert!(
        app.audit().ends_with(&["import.run".into(), "import.done".into()]),
        "{:?}",
        app.audit()
    );
    assert_eq!(app.drain_outbox(), 0);
}

#[test]
fn an_import_is_undone_but_for_those_with_whom_something_has_happened() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let id = app.choose_file(&thousand()).unwrap();
    app.check_import(&id, &[CONSENT]);
    app.run_import(&id);
    let join = json!({ "name": "Ana Souza", "email": "person7@example.com", "gdprConsent": true });
    assert_eq!(app.post_json("/api/leads", &join).status, 201);
    let rows: Vec<(String,)> =
        app.query("SELECT id FROM leads WHERE email = 'person8@example.com'");
    let note = format!("/api/v1/leads/{}/notes", rows[0].0);
    assert_eq!(app.post_as(&owner, &note, &json!({ "text": "called" })).status, 201);
    let form = [("name", "Ana"), ("email", "person9@example.com"), ("message", "Is there room?")];
    assert_eq!(app.post_form("/contact", &form).status, 303);

    app.change_import(&id, |tx, id, now| import::undo(tx, &Actor::command(), id, now)).unwrap();
    app.drain_outbox();
    assert_eq!(app.import(&id).state, State::Undone);
    let left: Vec<String> = app.leads().into_iter().map(|(email, ..)| email).collect();
    assert_eq!(left, ["person7@example.com", "person8@example.com", "person9@example.com"]);
    assert_eq!(
        (app.count("lead_tags"), app.count("consents"), app.count("import_leads")),
        (6, 4, 0)
    );
    let again = app.change_import(&id, |tx, id, now| import::undo(tx, &Actor::command(), id, now));
    assert!(matches!(again, Err(Error::Conflict(_))));
}

#[test]
fn an_import_cannot_be_undone_after_a_day_and_a_file_does_not_wait_longer() {
    let app = TestApp::start();
    // Queued work is due by the real clock.
    let (clock, now) = (&app.context.accounts.clock, clock::now_ms() + 60_000);
    clock.stop_at(now);
    let id = app.choose_file("email\na@example.com\n").unwrap();
    app.check_import(&id, &[CONSENT]);
    app.run_import(&id);
    let waits = app.choose_file("email\nb@example.com\n").unwrap();
    clock.stop_at(now + 25 * 3_600_000);
    let late = app.change_import(&id, |tx, id, now| import::undo(tx, &Actor::command(), id, now));
    assert!(matches!(late, Err(Error::Conflict(_))));
    app.change_import(&id, |tx, _, now| Ok(import::prune(tx, now)?)).unwrap();
    assert_eq!(app.import(&waits).state, State::Stopped);
    assert_eq!(
        (app.count("import_parts"), app.count("import_leads"), app.count("leads")),
        (0, 0, 1)
    );
}

#[test]
fn work_that_is_done_twice_brings_nobody_in_twice() {
    let app = TestApp::start();
    let id = app.choose_file(&thousand()).unwrap();
    app.check_import(&id, &[CONSENT, ("known", "overwrite")]);
    app.change_import(&id, |tx, id, now| {
        import::run(tx, &Actor::command(), id, now)?;
        let work = import::ImportWork { import: id.to_owned() };
        Ok(manero::platform::outbox::enqueue(tx, &work)?)
    })
    .unwrap();
    assert_eq!(app.drain_outbox(), 2);
    let ran = app.import(&id).ran.unwrap();
    assert_eq!((ran.new, ran.changed, ran.doubled, ran.bad), (1000, 0, 3, 2));
    assert_eq!((app.count("leads"), app.count("consents")), (1000, 1000));
}

#[test]
fn a_run_that_is_stopped_keeps_what_it_has_done() {
    let app = TestApp::start();
    let text: String = (0..6000).map(|n| format!("p{n}@example.com\n")).collect();
    let id = app.choose_file(&text).unwrap();
    app.check_import(&id, &[CONSENT]);
    app.change_import(&id, |tx, id, now| import::run(tx, &Actor::command(), id, now)).unwrap();
    // One piece of work is twenty parts; the next is queued, and finds that it was stopped.
    let runner = manero::jobs::runner(&app.context);
    let work: Vec<(String, String)> = app.query("SELECT id, payload FROM outbox");
    assert_eq!(work.len(), 1);
    let once = import::ImportWork { import: id.clone() };
    import::go_on(&once, app.db(), clock::now_ms()).unwrap();
    let half = app.import(&id);
    assert_eq!((half.state, half.done), (State::Running, 5000));
    app.change_import(&id, |tx, id, now| import::stop(tx, &Actor::command(), id, now)).unwrap();
    app.drain_lanes(&runner);
    let stopped = app.import(&id);
    assert_eq!(stopped.state, State::Done);
    assert!(stopped.error.unwrap().contains("5000 of 6000"));
    assert_eq!(app.count("leads"), 5000);
    app.change_import(&id, |tx, id, now| import::undo(tx, &Actor::command(), id, now)).unwrap();
    app.drain_outbox();
    assert_eq!(app.count("leads"), 0);
}

#[test]
fn who_is_known_is_overwritten_only_when_that_was_chosen() {
    let app = TestApp::start();
    let first = app.choose_file("email,name,lang\na@example.com,Ana,en\n").unwrap();
    app.check_import(&first, &[CONSENT]);
    app.run_import(&first);
    let text = "email,name,lang,tags,program\na@example.com,Ana Souza,es,vip,prime\n";
    for (known, name, lang, tags) in [
        ("leave", "Ana", "en", "[]"),
        ("fill", "Ana", "en", "[\"vip\"]"),
        ("overwrite", "Ana Souza", "es", "[\"vip\"]"),
    ] {
        let id = app.choose_file(text).unwrap();
        let import = app.check_import(&id, &[CONSENT, ("known", known)]);
        assert_eq!(import.checked.unwrap().changed, i64::from(known != "leave"), "{known}");
        app.run_import(&id);
        let rows: Vec<(String, String, String)> = app.query("SELECT name, lang, tags FROM leads");
        assert_eq!(rows, [(name.into(), lang.into(), tags.into())], "{known}");
    }
    let found = |conn: &mut Conn<'_>| import::newest(conn, 10);
    assert_eq!(app.db().read_blocking(found).unwrap().len(), 4);
}

#[test]
fn a_form_that_says_too_little_is_told_everything_at_once() {
    let sheet = read(b"email,mail2,name\na@b.co,b@b.co,Ana\n").unwrap().sheet;
    let fields = |given: &'static [(&'static str, &'static str)]| {
        import::mapping(&sheet, |name| {
            given.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        })
    };
    let long = fields(&[
        ("column-0", "email"),
        ("column-1", "email"),
        ("tags", "a\u{202e}b"),
        ("consent", " "),
    ]);
    let told: Vec<String> = long.unwrap_err().iter().map(|f| f.field().to_owned()).collect();
    assert_eq!(told, ["column-1", "tags", "consent"]);
    let none = fields(&[("consent", "At the fair")]).unwrap_err();
    assert_eq!(none[0].field(), "columns");
}
