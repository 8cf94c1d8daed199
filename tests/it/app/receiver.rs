//! Somebody on loopback who receives webhooks, and checks their signatures by itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, TryRecvError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Session, TestApp};

/// Far above what any of it takes; a hang must fail its test.
const LONG: Duration = Duration::from_secs(30);

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Which of `secrets` have signed it, in the order of the signatures.
    pub(crate) fn signed_with<'s>(&self, secrets: &[&'s str]) -> Vec<&'s str> {
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let signed = [format!("{id}.{time}.").as_bytes(), &self.body].concat();
        let by = |signature: &str| {
            let given = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
            let fits = |secret: &&&str| {
                let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
                hmac_sha256(&key, &signed) == given
            };
            *secrets.iter().find(fits).expect("a known secret has signed it")
        };
        self.header("webhook-signature").split(' ').map(by).collect()
    }
}

/// RFC 2104, for keys of at most one block.
fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::digest([&block.map(|b| b ^ 0x36)[..], message].concat());
    Sha256::digest([&block.map(|b| b ^ 0x5c)[..], &inner].concat()).to_vec()
}

/// Takes connections until the process ends; nobody else knows the port.
pub(crate) struct Receiver {
    pub(crate) url: String,
    requests: mpsc::Receiver<Got>,
}

impl Receiver {
    /// One that answers every request with `status`.
    pub(crate) fn answering(status: u16) -> Self {
        Self::with(move |_| answer(status, &[], ""))
    }

    /// One that answers with the bytes that `answer` makes of a request; each connection has its own thread.
    pub(crate) fn with(answer: impl Fn(&Got) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::channel();
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (sender, answer) = (sender.clone(), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let got = read(&stream)?;
                    sender.send(got.clone()).ok()?;
                    (&stream).write_all(&answer(&got)).ok()
                });
            }
        });
        Self { url, requests }
    }

    /// The next request.
    pub(crate) fn got(&self) -> Got {
        self.requests.recv_timeout(LONG).expect("a request comes in")
    }

    /// Asserts that nothing more has come in.
    pub(crate) fn got_nothing(&self) {
        match self.requests.try_recv() {
            Err(TryRecvError::Empty) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// A whole answer that ends the connection.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let length = body.len();
    let mut head =
        format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    format!("{head}\r\n{body}").into_bytes()
}

/// `None` when the other side hung up.
fn read(stream: &TcpStream) -> Option<Got> {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut got = Got { line: first, headers, body: Vec::new() };
    got.body = vec![0; got.header("content-length").parse().ok()?];
    reader.read_exact(&mut got.body).ok()?;
    Some(got)
}

/// A webhook that a test has added.
pub(crate) struct Hook {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) secret: String,
}

impl TestApp {
    /// A site whose webhooks may lead to loopback, with the owner logged in.
    pub(crate) fn with_webhooks() -> (Self, Session) {
        let toml = "[webhooks]\nprivate_targets = true";
        let app = Self::configured(&[("MANERO_RATE_LIMITS", "off")], toml);
        let owner = app.session_of("owner");
        (app, owner)
    }

    /// Adds a webhook that wants `events`, or everything.
    pub(crate) fn hook(&self, owner: &Session, url: &str, events: &[&str]) -> Hook {
        let events = if events.is_empty() { Value::Null } else { json!(events) };
        let body = json!({ "url": url, "events": events });
        let made = self.post_as(&owner.access, "/api/v1/webhooks", &body);
        assert_eq!(made.status, 201, "{}", made.text());
        let made = made.json();
        let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
        Hook { id: id.into(), path: format!("/api/v1/webhooks/{id}"), secret: secret.into() }
    }

    /// Every delivery of a webhook, the newest first.
    pub(crate) fn deliveries(&self, owner: &Session, hook: &Hook) -> Vec<Value> {
        let path = format!("{}/deliveries?limit=100", hook.path);
        self.get_as(&owner.access, &path).json()["items"].as_array().unwrap().clone()
    }

    /// Somebody leaves an address; returns the lead's id.
    pub(crate) fn lead(&self, email: &str) -> String {
        let lead =
            json!({ "name": "Ana Souza", "email": email, "program": "prime", "gdprConsent": true });
        let answer = self.post_json("/api/leads", &lead);
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["id"].as_str().unwrap().to_owned()
    }
}
