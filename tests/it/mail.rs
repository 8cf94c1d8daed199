//! The welcome mail: what it says, and how it leaves.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use serde_json::json;

use crate::app::TestApp;

fn join(app: &TestApp, name: &str, email: &str, program: Option<&str>) {
    let lead = json!({ "name": name, "email": email, "program": program, "gdprConsent": true });
    assert_eq!(app.post_json("/api/leads", &lead).status, 201);
}

#[test]
fn the_welcome_mail_is_as_it_was_approved() {
    let app = TestApp::with(&[("FRONTEND_URL", "https://shop.example")]);
    join(&app, "Ana <Souza>", "ana@example.com", Some("prime"));
    app.drain_outbox();
    let mail = app.mail(&app.mails()[0].id);
    assert_eq!(mail.summary.to, "ana@example.com");
    assert_snapshot!("welcome_subject", mail.summary.subject);
    assert_snapshot!("welcome_text", mail.text);
    assert_snapshot!("welcome_html", mail.html);
}

#[test]
fn a_lead_without_a_program_is_welcomed_too() {
    let app = TestApp::start();
    join(&app, "Ana", "ana@example.com", None);
    app.drain_outbox();
    let mail = app.mail(&app.mails()[0].id);
    assert!(mail.text.contains("when places in a program open"), "{}", mail.text);
    assert!(mail.text.contains("http://127.0.0.1:8000/articles"), "{}", mail.text);
}

#[test]
fn a_lead_that_was_erased_meanwhile_gets_no_mail() {
    let app = TestApp::start();
    join(&app, "Ana", "ana@example.com", None);
    app.change("DELETE FROM leads");
    assert_eq!(app.count("consents"), 0, "the evidence goes with the lead");
    assert_eq!(app.drain_outbox(), 1);
    assert!(app.mails().is_empty());
    assert_eq!(app.count("outbox"), 0);
}

#[test]
fn work_that_is_repeated_after_a_crash_sends_no_second_mail() {
    let relay = Relay::start();
    let app = TestApp::with(&[("SMTP_URL", &relay.url)]);
    join(&app, "Ana", "ana@example.com", None);
    let owed: Vec<(String, String, String)> = app.query("SELECT id, kind, payload FROM outbox");
    app.drain_outbox();
    let (id, kind, payload) = owed[0].clone();
    let again: manero::platform::db::Result<u64> = app.db().write_blocking(move |tx| {
        let sql =
            "INSERT INTO outbox (id, kind, payload, due_at, created_at) VALUES (?1, ?2, ?3, 0, 0)";
        tx.exec(manero::platform::db::Sql::portable(sql), &[&id, &kind, &payload])
    });
    again.unwrap();
    assert_eq!(app.drain_outbox(), 1);
    assert_eq!(relay.mails().len(), 1);
    assert_eq!(app.mails().len(), 1);
}

#[test]
fn with_smtp_the_mail_leaves_with_both_parts_and_is_kept_on_record() {
    let relay = Relay::start();
    let app = TestApp::with(&[("SMTP_URL", &relay.url), ("MANERO_DOMAIN", "shop.example")]);
    join(&app, "Ana Souza", "ana@example.com", Some("prime"));
    let owed: Vec<(String,)> = app.query("SELECT id FROM outbox");
    assert_eq!(app.drain_outbox(), 1);

    let mails = relay.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!((mail.from.as_str(), mail.to.as_str()), ("hello@shop.example", "ana@example.com"));
    for part in [
        "Content-Type: multipart/alternative",
        "Content-Type: text/plain",
        "Content-Type: text/html",
    ] {
        assert!(mail.text.contains(part), "{part} is missing:\n{}", mail.text);
    }
    assert!(
        mail.text.contains(&format!("Message-ID: <{}@shop.example>", owed[0].0)),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("\nTo: ana@example.com\n"), "{}", mail.text);
    assert!(mail.text.contains("https://shop.example/articles"), "{}", mail.text);

    let kept = app.mails();
    assert_eq!((kept.len(), kept[0].transport.as_str(), &kept[0].id), (1, "smtp", &owed[0].0));
    assert_eq!(app.count("outbox"), 0);
}

#[test]
fn a_relay_that_is_busy_gets_the_mail_later_under_the_same_id() {
    let relay = Relay::start();
    relay.answer_with("451 4.7.1 greylisted, ask again");
    let app = TestApp::with(&[("SMTP_URL", &relay.url)]);
    join(&app, "Ana", "ana@example.com", None);
    assert_eq!(app.drain_outbox(), 1);
    let rows: Vec<(String, i64, Option<i64>, Option<String>)> =
        app.query("SELECT id, attempts, dead_at, last_error FROM outbox");
    assert_eq!((rows.len(), rows[0].1, rows[0].2), (1, 1, None));
    let why = rows[0].3.as_deref().unwrap();
    assert!(why.contains("451") && !why.contains("ana@"), "{why}");
    assert!(app.mails().is_empty());

    relay.answer_with("250 2.1.5 fine");
    app.change("UPDATE outbox SET due_at = 0");
    assert_eq!(app.drain_outbox(), 1);
    let mails = relay.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].text.contains(&format!("<{}@", rows[0].0)));
    assert_eq!(app.mails().len(), 1);
}

#[test]
fn a_relay_that_refuses_for_good_leaves_a_dead_letter() {
    let relay = Relay::start();
    relay.answer_with("550 5.1.1 no such user");
    let app = TestApp::with(&[("SMTP_URL", &relay.url)]);
    join(&app, "Ana", "ana@example.com", None);
    assert_eq!(app.drain_outbox(), 1);
    let rows: Vec<(bool, Option<String>)> =
        app.query("SELECT dead_at IS NOT NULL, last_error FROM outbox");
    assert!(rows[0].0 && rows[0].1.as_deref().unwrap().contains("550"), "{rows:?}");
    assert!(relay.mails().is_empty() && app.mails().is_empty());
    assert_eq!(app.leads().len(), 1, "the lead stays");
}

/// A mail as the relay got it.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: String,
    /// Headers and body; quoted-printable undone, lines ended by `\n`.
    pub(crate) text: String,
}

#[derive(Default)]
struct Desk {
    mails: Mutex<Vec<Received>>,
    /// The answer to RCPT.
    answer: Mutex<String>,
}

/// A small SMTP server on loopback that insists on the order of the commands.
pub(crate) struct Relay {
    pub(crate) url: String,
    desk: Arc<Desk>,
}

impl Relay {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let desk =
            Arc::new(Desk { answer: Mutex::new("250 2.1.5 fine".into()), ..Desk::default() });
        let serving = Arc::clone(&desk);
        // Ends with the process; nobody else knows the port.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let desk = Arc::clone(&serving);
                std::thread::spawn(move || converse(&stream, &desk));
            }
        });
        Self { url, desk }
    }

    pub(crate) fn answer_with(&self, answer: &str) {
        *self.desk.answer.lock().unwrap() = answer.into();
    }

    pub(crate) fn mails(&self) -> Vec<Received> {
        self.desk.mails.lock().unwrap().clone()
    }
}

/// `None` when the other side hung up.
fn converse(mut stream: &TcpStream, desk: &Desk) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).ok();
    let address = |line: &str| line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
    let (mut from, mut to) = (None, None);
    say("220 relay.example ESMTP")?;
    loop {
        let line = lines.next()?;
        match line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => say("250-relay.example\r\n250 8BITMIME")?,
            "MAIL" => {
                from = Some(address(&line));
                say("250 fine")?;
            }
            "RCPT" if from.is_some() => {
                let answer = desk.answer.lock().unwrap().clone();
                to = answer.starts_with("250").then(|| address(&line));
                say(&answer)?;
            }
            "DATA" if to.is_some() => {
                say("354 go on")?;
                let text: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                let text = text.join("\n").replace("=\n", "").replace("=3D", "=");
                desk.mails.lock().unwrap().push(Received {
                    from: from.take()?,
                    to: to.take()?,
                    text,
                });
                say("250 2.0.0 queued")?;
            }
            "RSET" => {
                (from, to) = (None, None);
                say("250 fine")?;
            }
            "NOOP" => say("250 fine")?,
            "QUIT" => return say("221 bye"),
            _ => say("503 5.5.1 not now")?,
        }
    }
}
