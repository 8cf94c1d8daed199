//! One line of the access log, formatted in the request's own thread without allocating.
//!
//! It holds the route's template and never the path or the query, which may name a person or
//! carry a token.

use std::io::Write as _;
use std::net::IpAddr;

use super::line::{Severity, push_escaped, push_human_head, push_json_head, push_plain};
use super::time::push_number;

/// What is kept of an answered request.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    pub method: &'a str,
    /// The template, such as `/programs/<slug>`; `-` when no route matched.
    pub route: &'a str,
    pub status: u16,
    /// From the first byte of the request's head to the handing over of the answer.
    pub micros: u64,
    /// Size of the answer's body.
    pub bytes: u64,
    pub request_id: &'a str,
    /// Already truncated: /24 for IPv4, /48 or shorter for IPv6.
    pub client: IpAddr,
}

impl Access<'_> {
    pub(super) fn push_json(&self, out: &mut Vec<u8>, now_ms: i64) {
        push_json_head(out, now_ms, Severity::Info, "access");
        out.extend_from_slice(b",\"method\":\"");
        push_escaped(out, self.method);
        out.extend_from_slice(b"\",\"route\":\"");
        push_escaped(out, self.route);
        out.extend_from_slice(b"\",\"status\":");
        push_number(out, self.status.into());
        out.extend_from_slice(b",\"micros\":");
        push_number(out, self.micros);
        out.extend_from_slice(b",\"bytes\":");
        push_number(out, self.bytes);
        out.extend_from_slice(b",\"request_id\":\"");
        push_escaped(out, self.request_id);
        out.extend_from_slice(b"\",\"client\":\"");
        push_address(out, self.client);
        out.extend_from_slice(b"\"}\n");
    }

    pub(super) fn push_human(&self, out: &mut Vec<u8>, now_ms: i64, colour: bool) {
        push_human_head(out, now_ms, Severity::Info, colour);
        push_plain(out, self.method);
        out.push(b' ');
        push_plain(out, self.route);
        out.push(b' ');
        push_number(out, self.status.into());
        out.push(b' ');
        push_number(out, self.micros);
        out.extend_from_slice("\u{b5}s ".as_bytes());
        push_number(out, self.bytes);
        out.extend_from_slice(b"B ");
        push_plain(out, self.request_id);
        out.push(b' ');
        push_address(out, self.client);
        out.push(b'\n');
    }
}

fn push_address(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            push_number(out, a.into());
            for octet in [b, c, d] {
                out.push(b'.');
                push_number(out, octet.into());
            }
        }
        // Writing to a Vec cannot fail.
        IpAddr::V6(v6) => {
            let _ = write!(out, "{v6}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCESS: Access<'_> = Access {
        method: "GET",
        route: "/programs/<slug>",
        status: 200,
        micros: 123,
        bytes: 4_567,
        request_id: "0198c0de",
        client: IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 0)),
    };

    #[test]
    fn a_json_access_line_is_an_object_with_every_field() {
        let mut out = Vec::new();
        ACCESS.push_json(&mut out, 0);
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["route"], "/programs/<slug>");
        assert_eq!(value["status"], 200);
        assert_eq!(value["micros"], 123);
        assert_eq!(value["bytes"], 4_567);
        assert_eq!(value["client"], "203.0.113.0");
        assert_eq!(value["request_id"], "0198c0de");
    }

    #[test]
    fn a_human_access_line_is_short() {
        let mut out = Vec::new();
        ACCESS.push_human(&mut out, 0, false);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "1970-01-01T00:00:00.000Z INFO  GET /programs/<slug> 200 123µs 4567B 0198c0de 203.0.113.0\n"
        );
    }
}
