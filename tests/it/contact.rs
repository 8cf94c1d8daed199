//! The contact page: what is refused, what is kept, and the mail that the owner gets.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use manero::platform::lang::Lang;

use crate::app::{TestApp, post};
use crate::home::edit_text;
use crate::languages::{attribute, read, tags};

const GOOD: [(&str, &str); 3] = [
    ("name", "Ana Souza"),
    ("email", "Ana@Example.com"),
    ("message", "Hello,\r\nis there <b>room</b> in March?"),
];

#[test]
fn all_faults_are_told_at_once_and_what_was_typed_is_kept() {
    let app = TestApp::start();
    for lang in Lang::ALL {
        let fields = [("name", "<A"), ("email", "ana@"), ("message", "</textar>")];
        let answer = app.post_form(&lang.path("/contact"), &fields);
        let html = answer.page(400);
        let t = lang.words();
        assert!(html.contains(&format!("<html lang=\"{}\">", lang.code())));
        assert!(html.contains(&format!("<title>{}", t.form.error_prefix)));
        let (_, summary) = html.split_once("id=\"error-summary\"").unwrap();
        let (summary, form) = summary.split_once("</ul>").unwrap();
        let told: Vec<_> =
            tags(summary, "a").into_iter().filter_map(|tag| attribute(tag, "href")).collect();
        assert_eq!(told, ["#contact-email", "#contact-message"]);
        for fault in [&t.faults.email_invalid, &t.faults.message_too_short] {
            assert!(summary.contains(fault.as_str()) && form.contains(fault.as_str()), "{fault}");
        }
        for anchor in told {
            assert!(form.contains(&format!("id=\"{}\"", &anchor[1..])), "{anchor}");
        }
        let value = |name: &str| {
            let fields = tags(form, "input");
            let field =
                fields.into_iter().find(|tag| attribute(tag, "name").as_deref() == Some(name));
            attribute(field.unwrap(), "value").unwrap()
        };
        assert_eq!((value("name").as_str(), value("email").as_str()), ("<A", "ana@"));
        let (_, area) = form.split_once("<textarea").unwrap();
        let area = area.split_once('>').unwrap().1.split("</textarea>").next().unwrap();
        assert_eq!(read(area), "</textar>", "the message is kept as text");
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    }
    let answer = app.post_form("/pt/contact", &[]);
    let t = &Lang::Pt.words().faults;
    for fault in [&t.name_required, &t.email_required, &t.message_required] {
        assert!(answer.page(400).contains(&format!(">{fault}</a></li>")), "{fault}");
    }
    assert_eq!((app.count("messages"), app.count("outbox")), (0, 0));
}

#[test]
fn a_good_message_is_stored_once_and_leads_to_a_page_that_says_so() {
    let app = TestApp::start();
    for (lang, path) in [(Lang::Es, "/es/contact/sent"), (Lang::En, "/contact/sent")] {
        let answer = app.post_form(&lang.path("/contact"), &GOOD);
        assert_eq!((answer.status, answer.header("Location")), (303, Some(path)));
        let sent = app.get(path);
        assert!(sent.page(200).contains(lang.words().contact.sent_title.as_str()));
        assert!(sent.text().contains("content=\"noindex\""));
    }
    let rows: Vec<(String, String, String, String)> =
        app.query("SELECT name, email, message, lang FROM messages ORDER BY lang");
    let message = "Hello,\nis there <b>room</b> in March?";
    let row = |lang: &str| {
        ("Ana Souza".to_owned(), "ana@example.com".to_owned(), message.to_owned(), lang.to_owned())
    };
    assert_eq!(rows, [row("en"), row("es")]);
    assert_eq!(app.leads().len(), 0, "a question is no consent");
}

#[test]
fn the_form_sends_what_the_site_accepts() {
    let app = TestApp::start();
    let page = app.get("/es/contact");
    let html = page.page(200);
    let (_, form) = html.split_once("id=\"contact-form\"").unwrap();
    let (form, _) = form.split_once("</form>").unwrap();
    let names: Vec<String> = [tags(form, "input"), tags(form, "textarea")]
        .concat()
        .into_iter()
        .filter_map(|tag| attribute(tag, "name"))
        .collect();
    let value = |name: &str| GOOD.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value);
    let fields: Vec<(&str, &str)> = names.iter().map(|n| (n.as_str(), value(n))).collect();
    assert!(fields.len() > 3, "{names:?}");
    assert_eq!(app.post_form("/es/contact", &fields).status, 303);
    assert_eq!(app.count("messages"), 1);
}

#[test]
fn the_owner_gets_the_message_by_mail_and_answers_by_replying() {
    let (relay, mails) = relay();
    let app = TestApp::with(&[("SMTP_URL", &relay), ("MANERO_DOMAIN", "shop.example")]);
    edit_text(&app, "owner", "", "contact_email", "owner@shop.example".into());
    assert_eq!(app.send(&post("/es/contact").form(&GOOD)).status, 303);
    assert_eq!(app.drain_outbox(), 1);
    assert_eq!(app.drain_outbox(), 0);
    let kept = app.mails();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].to, "owner@shop.example");
    let subject = Lang::En.words().mail.message_subject.with("name", "Ana Souza");
    assert_eq!(kept[0].subject, subject.as_str());
    let mail = app.mail(&kept[0].id);
    assert!(mail.text.contains("Hello,\nis there <b>room</b> in March?"), "{}", mail.text);
    assert!(mail.text.contains("ana@example.com"), "{}", mail.text);
    assert!(!mail.html.contains("<b>room"), "what was written is text");
    let sent = mails.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
    for line in ["Reply-To: ana@example.com", "To: owner@shop.example"] {
        assert!(sent.lines().any(|l| l == line), "{line} is missing in {sent}");
    }
    assert!(!sent.lines().any(|l| l.starts_with("From:") && l.contains("ana@")), "{sent}");
}

#[test]
fn without_an_address_of_the_owner_the_message_goes_to_the_sites_own() {
    let app = TestApp::with(&[("MANERO_DOMAIN", "shop.example")]);
    app.post_form("/contact", &GOOD);
    app.drain_outbox();
    assert_eq!(app.mails()[0].to, "hello@shop.example");
}

#[test]
fn a_message_deleted_meanwhile_is_not_passed_on() {
    let app = TestApp::start();
    app.post_form("/contact", &GOOD);
    app.change("DELETE FROM messages");
    assert_eq!(app.drain_outbox(), 1);
    assert!(app.mails().is_empty());
    assert_eq!(app.count("outbox"), 0);
}

#[test]
fn a_program_in_the_hidden_field_hears_the_same_and_stores_nothing() {
    let app = TestApp::start();
    let trapped = [&GOOD[..], &[("website", "https://spam.example")]].concat();
    let (caught, taken) = (app.post_form("/contact", &trapped), app.post_form("/contact", &GOOD));
    assert_eq!(
        (caught.status, caught.header("Location")),
        (taken.status, taken.header("Location"))
    );
    assert_eq!((app.count("messages"), app.count("outbox")), (1, 1));
}

#[test]
fn a_message_from_another_site_is_refused() {
    let app = TestApp::start();
    for (name, value) in [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")] {
        let answer = app.send(&post("/es/contact").form(&GOOD).header(name, value));
        assert!(answer.page(403).contains(Lang::Es.words().errors.cross_site.as_str()));
    }
    assert_eq!(app.count("messages"), 0);
}

#[test]
fn messages_and_leads_have_their_limits_in_common() {
    let toml = "[limits]\nlead_failed = { max = 2, window = \"1h\" }\nlead_ok = { max = 2, window = \"1h\" }";
    let app = TestApp::configured(&[], toml);
    assert_eq!(app.post_form("/contact", &[]).status, 400);
    assert_eq!(app.post_form("/es/leads", &[]).status, 400);
    for path in ["/contact", "/pt/contact", "/leads"] {
        assert_eq!(app.post_form(path, &GOOD).status, 429, "{path}");
    }
    let from = |path: &str, fields: &[(&str, &str)]| {
        app.send(&post(path).form(fields).peer("198.51.100.4")).status
    };
    let lead = [("name", "Ana"), ("email", "ana@example.com"), ("gdprConsent", "true")];
    assert_eq!((from("/contact", &GOOD), from("/es/leads", &lead)), (303, 303));
    assert_eq!((from("/contact", &GOOD), from("/leads", &lead)), (429, 429));
    assert_eq!((app.count("messages"), app.leads().len()), (1, 1));
}

/// A small SMTP server on loopback, and the mails it gets.
fn relay() -> (String, mpsc::Receiver<String>) {
    let (sender, mails) = mpsc::channel();
    (relay_to(move |mail| drop(sender.send(mail))), mails)
}

/// One that says of each mail that it is queued when `take` has returned.
pub(crate) fn relay_to(take: impl Fn(String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    // Ends with the process; nobody else knows the port.
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            converse(&stream, &take);
        }
    });
    url
}

/// `None` when the other side hung up.
fn converse(mut stream: &TcpStream, take: &impl Fn(String)) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).ok();
    say("220 relay.example ESMTP")?;
    loop {
        match lines.next()?.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "DATA" => {
                say("354 go on")?;
                let text: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                take(text.join("\n"));
                say("250 queued")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 fine")?,
        }
    }
}
