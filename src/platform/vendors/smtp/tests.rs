//! The sender against a fake relay on loopback.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// What the fake relay answers at the three places where real ones refuse.
#[derive(Clone, Copy)]
struct Answers {
    log_in: &'static str,
    recipient: &'static str,
    content: &'static str,
}

const TAKEN: Answers =
    Answers { log_in: "235 2.7.0 welcome", recipient: "250 2.1.5 ok", content: "250 2.0.0 queued" };

/// Serves one connection; reports each command line and each whole mail.
fn relay(answers: Answers) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, received) = channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        serve(&stream, answers, &heard);
    });
    (address, received)
}

fn serve(mut stream: &TcpStream, answers: Answers, heard: &Sender<String>) {
    let mut lines = BufReader::new(stream).lines();
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes());
    say("220 fake.example ESMTP").unwrap();
    while let Some(Ok(line)) = lines.next() {
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        // The test may have seen enough and gone.
        let _ = heard.send(line);
        let said = match verb.as_str() {
            "EHLO" => say("250-fake.example\r\n250-8BITMIME\r\n250 AUTH PLAIN"),
            "AUTH" => say(answers.log_in),
            "RCPT" => say(answers.recipient),
            "DATA" => {
                say("354 go on").unwrap();
                let mail: Vec<String> =
                    lines.by_ref().map(Result::unwrap).take_while(|line| line != ".").collect();
                let _ = heard.send(mail.join("\n"));
                say(answers.content)
            }
            "QUIT" => say("221 bye"),
            _ => say("250 ok"),
        };
        if said.is_err() {
            return;
        }
    }
}

fn sender(address: SocketAddr) -> SmtpSender {
    SmtpSender::new(&Secret::new(format!("smtp://{address}"))).unwrap()
}

fn mail() -> OutgoingMail {
    OutgoingMail {
        from_name: "Manuel Ñandú".into(),
        from_address: "hello@manero.example".into(),
        to: "ana@example.com".into(),
        subject: "Willkommen, Ána".into(),
        text: "Plain words.".into(),
        html: "<p>Marked words.</p>".into(),
        message_id: "<job-17@manero.example>".into(),
        headers: vec![("List-Unsubscribe".into(), "<https://manero.example/unsubscribe/t>".into())],
    }
}

fn commands_until_mail(received: &Receiver<String>) -> Vec<String> {
    received.iter().take_while(|line| line != "DATA").collect()
}

#[test]
fn a_mail_arrives_with_both_parts_and_its_own_message_id() {
    let (address, received) = relay(TAKEN);
    sender(address).send(&mail()).unwrap();
    let commands = commands_until_mail(&received);
    assert!(commands.contains(&"RCPT TO:<ana@example.com>".to_owned()), "{commands:?}");
    assert!(
        commands.iter().any(|line| line.starts_with("MAIL FROM:<hello@manero.example>")),
        "{commands:?}"
    );
    let arrived = received.recv().unwrap();
    for line in [
        "Message-ID: <job-17@manero.example>",
        "To: ana@example.com",
        "List-Unsubscribe: <https://manero.example/unsubscribe/t>",
        "MIME-Version: 1.0",
        "Plain words.",
        "<p>Marked words.</p>",
    ] {
        assert!(arrived.lines().any(|found| found == line), "{line} is missing in\n{arrived}");
    }
    assert!(arrived.contains("Content-Type: multipart/alternative;"), "{arrived}");
    assert!(arrived.is_ascii() && arrived.contains("Subject: Willkommen, =?utf-8?"), "{arrived}");
    let (text, html) = (arrived.find("text/plain").unwrap(), arrived.find("text/html").unwrap());
    assert!(text < html, "the last part is the preferred one");
}

#[test]
fn a_second_mail_uses_the_same_connection() {
    // The relay accepts only once.
    let (address, received) = relay(TAKEN);
    let sender = sender(address);
    sender.send(&mail()).unwrap();
    sender.send(&OutgoingMail { message_id: "<job-18@manero.example>".into(), ..mail() }).unwrap();
    drop(sender);
    let mails: Vec<String> = received.iter().filter(|line| line.contains("Message-ID: ")).collect();
    assert!(mails[0].contains("<job-17@") && mails[1].contains("<job-18@"));
}

#[test]
fn a_relay_that_asks_for_patience_is_retryable_and_one_that_refuses_is_final() {
    let cases = [
        (
            Answers { recipient: "451 4.7.1 greylisted ana@example.com", ..TAKEN },
            Error::Deferred { status: "451 4.7.1".into() },
        ),
        (Answers { content: "452 no space", ..TAKEN }, Error::Deferred { status: "452".into() }),
        (
            Answers { recipient: "550 5.1.1 no ana@example.com", ..TAKEN },
            Error::Rejected { status: "550 5.1.1".into() },
        ),
        (
            Answers { content: "554 5.7.1 spam", ..TAKEN },
            Error::Rejected { status: "554 5.7.1".into() },
        ),
    ];
    for (answers, expected) in cases {
        let (address, _received) = relay(answers);
        let error = sender(address).send(&mail()).unwrap_err();
        assert_eq!(error, expected);
        assert_eq!(error.is_retryable(), matches!(expected, Error::Deferred { .. }));
        assert!(!error.to_string().contains("ana@"), "{error}");
    }
}

#[test]
fn no_relay_is_retryable() {
    let error = SmtpSender::new(&Secret::new("smtp://127.0.0.1:1".into()))
        .unwrap()
        .send(&mail())
        .unwrap_err();
    assert!(matches!(error, Error::Network { .. }) && error.is_retryable(), "{error:?}");
}

#[test]
fn the_log_in_is_decoded_from_the_url_and_never_shown() {
    // A relay that repeats what it was sent.
    let answers =
        Answers { log_in: "535 5.7.8 p@ss/word AG1hbnVlbABwQHNzL3dvcmQ= is wrong", ..TAKEN };
    let (address, received) = relay(answers);
    let sender =
        SmtpSender::new(&Secret::new(format!("smtp://manuel:p%40ss%2Fword@{address}"))).unwrap();
    let error = sender.send(&mail()).unwrap_err();
    let credentials = STANDARD.encode("\0manuel\0p@ss/word");
    assert!(received.iter().any(|line| line == format!("AUTH PLAIN {credentials}")));
    assert_eq!(error, Error::Rejected { status: "535 5.7.8".into() });
    let seen = format!("{error} {error:?} {sender:?}");
    assert!(!seen.contains("word") && !seen.contains(&credentials), "{seen}");
}

#[test]
fn line_breaks_cannot_add_headers_or_recipients() {
    let evil = "x\r\nBcc: victim@example.com";
    let with = |change: &dyn Fn(&mut OutgoingMail)| {
        let mut changed = mail();
        change(&mut changed);
        changed
    };
    let attempts = [
        with(&|mail| mail.subject = evil.into()),
        with(&|mail| mail.subject = "x\nBcc: victim@example.com".into()),
        with(&|mail| mail.subject = "x\rBcc: victim@example.com".into()),
        with(&|mail| mail.subject = "x\0y".into()),
        with(&|mail| mail.from_name = evil.into()),
        with(&|mail| mail.from_address = "a@example.com\r\nBcc: victim@example.com".into()),
        with(&|mail| mail.to = "ana@example.com\r\nBcc: victim@example.com".into()),
        with(&|mail| mail.to = "ana@example.com, victim@example.com".into()),
        with(&|mail| mail.to = "ana@example.com>\r\nRCPT TO:<victim@example.com".into()),
        with(&|mail| mail.to = "Ana <ana@example.com>".into()),
        with(&|mail| mail.to = String::new()),
        with(&|mail| mail.message_id = "<a@b>\r\nBcc: victim@example.com".into()),
        with(&|mail| mail.message_id = "<a@b> <c@d>".into()),
        with(&|mail| mail.message_id = "a@b".into()),
        with(&|mail| mail.headers = vec![("X-A".into(), evil.into())]),
        with(&|mail| mail.headers = vec![("X-A: 1\r\nBcc".into(), "victim@example.com".into())]),
        with(&|mail| mail.headers = vec![("BCC".into(), "victim@example.com".into())]),
        with(&|mail| mail.headers = vec![("content-type".into(), "text/html".into())]),
        with(&|mail| mail.headers = vec![(String::new(), "x".into())]),
    ];
    for attempt in attempts {
        let error = attempt.to_message().unwrap_err();
        assert!(matches!(error, Error::Message { .. }) && !error.is_retryable(), "{error:?}");
    }
    let arrived =
        String::from_utf8(with(&|mail| mail.text = evil.into()).to_message().unwrap().formatted())
            .unwrap();
    let (headers, _) = arrived.split_once("\r\n\r\n").unwrap();
    assert!(!headers.contains("Bcc"), "a body is free to speak of headers");
}

#[test]
fn a_password_is_not_sent_in_the_clear_to_another_machine() {
    let prepared = |url: &str| {
        with_explicit_tls(Url::parse(url).unwrap()).map(|url| url.query().map(str::to_owned))
    };
    let refused = |url: &str| matches!(prepared(url), Err(Error::Configuration { .. }));
    assert_eq!(prepared("smtp://u:p@mail.example:587").unwrap().as_deref(), Some("tls=required"));
    assert_eq!(prepared("smtp://mail.example").unwrap().as_deref(), Some("tls=opportunistic"));
    assert_eq!(prepared("smtp://mail.example?tls=none").unwrap(), None);
    assert_eq!(prepared("smtp://u:p@127.0.0.1:2525").unwrap(), None);
    assert_eq!(prepared("smtp://u:p@[::1]:2525").unwrap(), None);
    assert_eq!(
        prepared("smtp://u:p@127.0.0.1?tls=required").unwrap().as_deref(),
        Some("tls=required")
    );
    for url in [
        "smtp://u:p@mail.example?tls=none",
        "smtp://u:p@mail.example?tls=opportunistic",
        "smtp://mail.example?tls=maybe",
        "smtp://u@mail.example",
        "http://mail.example",
    ] {
        assert!(refused(url), "{url}");
    }
}

#[test]
fn a_wrong_url_is_named_without_being_quoted() {
    for url in [
        "",
        "mail.s3cret.example",
        "smtp://",
        "http://u:s3cret@mail.example",
        "smtp://u:s3cret@mail.example?tls=s3cret",
        "smtps://u:%ff@h",
    ] {
        let error = SmtpSender::new(&Secret::new(url.to_owned())).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("SMTP_URL") && !text.contains("s3cret"), "{url}: {text}");
    }
    assert!(SmtpSender::new(&Secret::new("smtps://u:p@mail.example".into())).is_ok());
}
