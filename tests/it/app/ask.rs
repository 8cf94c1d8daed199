//! A request written down, and its answer.

use std::net::SocketAddr;

use rocket::http::{Header, Method};
use rocket::local::asynchronous::Client;
use serde_json::Value;

/// Where requests come from unless a test says otherwise.
const VISITOR: &str = "203.0.113.7:40000";

/// A request, not yet sent.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    peer: SocketAddr,
}

pub(crate) fn request(method: Method, path: &str) -> Ask {
    Ask {
        method,
        path: path.to_owned(),
        headers: vec![("Host".into(), "localhost".into())],
        body: Vec::new(),
        peer: VISITOR.parse().unwrap(),
    }
}

pub(crate) fn get(path: &str) -> Ask {
    request(Method::Get, path)
}

pub(crate) fn post(path: &str) -> Ask {
    request(Method::Post, path)
}

impl Ask {
    /// Adds a header line.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Leaves a header out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn host(self, host: &str) -> Self {
        self.without("Host").header("Host", host)
    }

    /// The address that the connection comes from, without a port.
    pub(crate) fn peer(mut self, address: &str) -> Self {
        self.peer = SocketAddr::new(address.parse().unwrap(), 40_000);
        self
    }

    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        if content_type.is_empty() { self } else { self.header("Content-Type", content_type) }
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", body)
    }

    pub(super) async fn dispatch(&self, client: &Client) -> Answer {
        let mut request = client.req(self.method, &self.path);
        request.set_remote(self.peer);
        for (name, value) in &self.headers {
            request.add_header(Header::new(name.clone(), value.clone()));
            // Rocket's own server reads cookies from this line; its client for tests does not.
            if name == "Cookie" {
                let pairs = value.split("; ").filter_map(|pair| pair.split_once('='));
                for (name, value) in pairs {
                    request = request.cookie((name.to_owned(), value.to_owned()));
                }
            }
        }
        request.set_body(&self.body);
        let response = request.dispatch().await;
        let header = |h: Header<'_>| (h.name.to_string(), h.value.to_string());
        Answer {
            status: response.status().code,
            headers: response.headers().iter().map(header).collect(),
            body: response.into_bytes().await.unwrap_or_default(),
        }
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The one value of header `name`.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() <= 1, "{name} stands there {} times: {all:?}", all.len());
        all.first().copied()
    }

    /// Every value of header `name`.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the answer is text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("not JSON ({error}): {}", String::from_utf8_lossy(&self.body))
        })
    }

    /// Asserts that this is problem+json of this status, and returns it.
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("Content-Type"), Some("application/problem+json"));
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"].as_str(), self.header("X-Request-Id"));
        problem
    }

    /// Asserts that this is a page of this status, and returns its HTML.
    pub(crate) fn page(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("Content-Type"), Some("text/html; charset=utf-8"));
        self.text()
    }
}
