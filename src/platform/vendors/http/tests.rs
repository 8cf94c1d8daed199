//! The client against fake vendors on loopback, and the public door against its corpus.

mod corpus;
mod public_door;
mod server;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use self::server::{answer, answering, silent_after};
use super::response::parse_retry_after;
use super::*;
use crate::platform::secret::Secret;

fn options() -> Options {
    Options { proxy: None, user_agent: "manero/test".into() }
}

fn client() -> Client {
    Client::new(&options()).unwrap()
}

fn gzipped(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_vendor_call_sends_what_was_built_and_returns_what_came() {
    let (address, requests) =
        answering(vec![answer(201, &[("X-Request-Id", "r1")], br#"{"id":7}"#)]);
    let request = Request::post(format!("http://{address}/v3/mail?dry=1#part"))
        .header("Accept", "application/json")
        .bearer(&Secret::new("s3cret".to_owned()))
        .json(&serde_json::json!({"to": "ana"}));
    let response = client().vendor(&request).unwrap().classify().unwrap();
    let sent = requests.recv().unwrap().to_ascii_lowercase();
    assert!(sent.starts_with("post /v3/mail?dry=1 http/1.1\r\n"), "{sent}");
    for line in [
        "authorization: bearer s3cret",
        "content-type: application/json",
        "user-agent: manero/test",
        "accept: application/json",
    ] {
        assert!(sent.contains(&format!("{line}\r\n")), "{line} is missing in {sent}");
    }
    assert!(sent.ends_with("\r\n\r\n{\"to\":\"ana\"}"));
    assert_eq!((response.status, response.header("x-REQUEST-id")), (201, Some("r1")));
    assert_eq!(response.json::<serde_json::Value>().unwrap()["id"], 7);
}

#[test]
fn a_server_that_never_answers_is_given_up_in_time() {
    let (address, _guard) = silent_after(b"");
    let error = client()
        .vendor(&Request::get(format!("http://{address}/slow")).timeout(Duration::from_millis(120)))
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    assert!(error.is_retryable());
}

#[test]
fn a_server_that_stops_in_the_middle_of_a_body_is_given_up_in_time() {
    let (address, _guard) = silent_after(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    let error = client()
        .vendor(&Request::get(format!("http://{address}/half")).timeout(Duration::from_millis(120)))
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
}

#[test]
fn a_body_may_fill_the_cap_exactly_and_no_more() {
    let chunked = |body: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
            body.len()
        )
    };
    let answers = vec![
        answer(200, &[], b"12345678"),
        answer(200, &[], b"123456789"),
        chunked("12345678").into(),
        chunked("123456789").into(),
    ];
    let (address, _requests) = answering(answers);
    let request = Request::get(format!("http://{address}/")).max_response_bytes(8);
    let client = client();
    let outcomes: Vec<_> =
        (0..4).map(|_| client.vendor(&request).map(|response| response.body.len())).collect();
    let too_large = Err(Error::TooLarge { host: "127.0.0.1".into(), limit: 8 });
    assert_eq!(outcomes, [Ok(8), too_large.clone(), Ok(8), too_large]);
}

#[test]
fn where_only_the_status_counts_no_body_spoils_it() {
    let (silent, _guard) = silent_after(b"HTTP/1.1 202 OK\r\nContent-Length: 10\r\n\r\nhalf");
    let broken = b"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk".to_vec();
    let (address, _requests) = answering(vec![answer(200, &[], b"123456789"), broken]);
    let ask = |address| {
        let request = Request::get(format!("http://{address}/")).max_response_bytes(8);
        let request = request.timeout(Duration::from_millis(500)).only_status();
        client().vendor(&request).map(|response| (response.status, response.body.len()))
    };
    assert_eq!(
        [ask(address), ask(address), ask(silent)],
        [Ok((200, 0)), Ok((201, 0)), Ok((202, 0))]
    );
}

#[test]
fn a_gzip_bomb_is_capped_by_its_size_after_decompression() {
    let bomb = gzipped(&vec![0; 8 * 1024 * 1024]);
    assert!(bomb.len() < 64 * 1024);
    let small = gzipped(b"hello");
    let gzip = [("Content-Encoding", "gzip")];
    let (address, _requests) =
        answering(vec![answer(200, &gzip, &small), answer(200, &gzip, &bomb)]);
    let request = Request::get(format!("http://{address}/"));
    assert_eq!(client().vendor(&request).unwrap().body, b"hello");
    let error = client().vendor(&request).unwrap_err();
    assert_eq!(
        error,
        Error::TooLarge { host: "127.0.0.1".into(), limit: DEFAULT_MAX_RESPONSE_BYTES }
    );
}

#[test]
fn headers_without_end_are_refused() {
    let filler = "x".repeat(MAX_RESPONSE_HEADER_BYTES);
    let (address, _requests) = answering(vec![answer(200, &[("X-Filler", &filler)], b"")]);
    let error = client().vendor(&Request::get(format!("http://{address}/"))).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");
}

#[test]
fn a_server_that_cannot_speak_tls_is_a_network_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; 5]).unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    let error = client().vendor(&Request::get(format!("https://{address}/"))).unwrap_err();
    server.join().unwrap();
    assert!(matches!(error, Error::Network { .. }) && error.is_retryable(), "{error:?}");
}

#[test]
fn statuses_are_sorted_into_done_later_and_never() {
    let statuses = [200, 204, 301, 400, 404, 408, 425, 429, 500, 503];
    let answers = statuses.map(|status| answer(status, &[("Retry-After", "7")], b"")).to_vec();
    let (address, _requests) = answering(answers);
    let client = client();
    let outcomes = statuses.map(|_| {
        let response = client.vendor(&Request::get(format!("http://{address}/"))).unwrap();
        response.classify().map(|_| ()).map_err(|error| (error.is_retryable(), error.retry_after()))
    });
    let later = Err((true, Some(Duration::from_secs(7))));
    let never = Err((false, None));
    assert_eq!(outcomes, [Ok(()), Ok(()), never, never, never, later, later, later, later, later]);
}

#[test]
fn retry_after_is_read_as_seconds_or_as_a_date_and_capped_at_a_day() {
    let now = 1_771_322_400_000; // 2026-02-17T10:00:00Z
    let cases = [
        ("0", Some(0)),
        (" 120 ", Some(120)),
        ("3601", Some(3601)),
        ("86401", Some(86_400)),
        ("99999999999999999999999", Some(86_400)),
        ("Tue, 17 Feb 2026 10:00:30 GMT", Some(30)),
        ("Tue, 17 Feb 2026 09:00:00 GMT", Some(0)),
        ("Wed, 17 Feb 2027 10:00:00 GMT", Some(86_400)),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("Tue, 99 Feb 2026 10:00:30 GMT", None),
    ];
    for (value, seconds) in cases {
        assert_eq!(parse_retry_after(value, now), seconds.map(Duration::from_secs), "{value:?}");
    }
}

#[test]
fn nothing_secret_is_in_errors_or_debug_output() {
    let (address, _requests) = answering(vec![answer(500, &[], b"body-s3cret")]);
    let secret = Secret::new("header-s3cret".to_owned());
    let url = format!("http://{address}/path?token=query-s3cret#fragment-s3cret");
    let request = Request::post(&url).secret_header("Api-Token", &secret).json(&"request-s3cret");
    let response = client().vendor(&request).unwrap();
    let json_error = response.json::<u8>().unwrap_err();
    let built = format!("{request:?} {} {response:?} {json_error} {json_error:?}", request.shown());
    let error = response.classify().unwrap_err();
    let unreachable =
        client().vendor(&Request::get("http://127.0.0.1:1/x?token=query-s3cret")).unwrap_err();
    let invalid = client().vendor(&Request::get("not a url s3cret")).unwrap_err();
    let hook = Request::get("https://hooks.example/services/T/B/path-s3cret").secret_path();
    let failed = format!("{error} {error:?} {unreachable} {unreachable:?} {invalid} {invalid:?}");
    let seen = format!("{built} {failed} {hook:?} {:?}", client());
    assert!(!seen.contains("s3cret"), "{seen}");
    assert_eq!(request.shown(), format!("http://{address}/path"));
    assert_eq!(hook.shown(), "https://hooks.example/…");
}

#[test]
fn requests_that_could_be_smuggled_are_not_sent() {
    let base = || Request::get("http://127.0.0.1:1/");
    let faulty = [
        base().header("X-A", "1\r\nX-B: 2"),
        base().header("X-A\r\nX-B", "1"),
        base().header("Host", "other.example"),
        base().header("content-length", "0"),
        base().header("Transfer-Encoding", "chunked"),
        base().body("text/plain", "a GET has no body"),
    ];
    for request in faulty {
        let error = client().vendor(&request).unwrap_err();
        assert!(matches!(error, Error::InvalidRequest { .. }), "{error:?}");
    }
}

#[test]
fn options_that_the_library_would_panic_on_are_refused() {
    for proxy in ["socks5://127.0.0.1:1080", "127.0.0.1:3128", "not a proxy", ""] {
        let error = Client::new(&Options { proxy: Some(proxy.into()), ..options() }).unwrap_err();
        assert!(matches!(error, Error::Options { .. }), "{proxy}");
    }
    let error = Client::new(&Options { user_agent: "a\nb".into(), ..options() }).unwrap_err();
    assert!(matches!(error, Error::Options { .. }));
}

#[test]
fn a_configured_proxy_is_used_by_the_vendor_door() {
    let (proxy, requests) =
        answering(vec![b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n".to_vec()]);
    let client =
        Client::new(&Options { proxy: Some(format!("http://{proxy}")), ..options() }).unwrap();
    let error = client.vendor(&Request::get("http://vendor.example/")).unwrap_err();
    assert_eq!(
        error,
        Error::Network { host: "vendor.example".into(), reason: "the proxy refused" }
    );
    assert!(requests.recv().unwrap().starts_with("CONNECT vendor.example:80 "));
}

#[test]
fn a_call_goes_straight_to_its_server() {
    let (address, _requests) = answering(vec![answer(200, &[], b"direct")]);
    assert_eq!(
        client().vendor(&Request::get(format!("http://{address}/"))).unwrap().body,
        b"direct"
    );
}

#[test]
fn a_proxy_named_by_the_environment_is_ignored() {
    // The environment belongs to the whole process, so the test above runs again in one of its own.
    let (_, module) = module_path!().split_once("::").unwrap();
    let test = format!("{module}::a_call_goes_straight_to_its_server");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", &test]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        child.env(name, "http://127.0.0.1:1").env(name.to_ascii_lowercase(), "http://127.0.0.1:1");
    }
    let output = child.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && report.contains("1 passed"), "{report}");
}
