//! URLs given by people: the corpus, DNS rebinding, redirects.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::server::{answer, answering};
use super::*;

/// Stands in for the internet: 127.0.0.1 is public, 127.0.0.2 is not.
fn loopback_as_internet() -> Boundary {
    Boundary::internet()
        .with_addresses(|ip| ip == IpAddr::from([127, 0, 0, 1]))
        .with_ports(|_| true)
}

fn client_within(boundary: Boundary) -> Client {
    Client::with_boundary(&options(), boundary).unwrap()
}

fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::Refused { .. } | Error::InvalidUrl { .. }) && !error.is_retryable()
}

#[test]
fn urls_that_lead_inside_are_refused_before_any_lookup() {
    let client =
        client_within(Boundary::internet().with_lookup(|name| panic!("{name} was looked up")));
    for url in corpus::REFUSED_AS_WRITTEN {
        let error = client.public(&Request::get(*url)).unwrap_err();
        assert!(is_refusal(&error), "{url}: {error:?}");
        assert_eq!(client.check_public(url), Err(error), "it can be told without calling");
    }
    assert_eq!(client.check_public("https://hooks.example.com/a?b#c"), Ok(()));
    assert!(corpus::REFUSED_AS_WRITTEN.len() + corpus::REFUSED_AFTER_LOOKUP.len() >= 120);
}

#[test]
fn names_that_resolve_inside_are_refused() {
    for (url, addresses) in corpus::REFUSED_AFTER_LOOKUP {
        let addresses: Vec<IpAddr> =
            addresses.iter().map(|address| address.parse().unwrap()).collect();
        let client = client_within(Boundary::internet().with_lookup(move |_| addresses.clone()));
        let error = client.public(&Request::get(*url)).unwrap_err();
        assert!(is_refusal(&error), "{url}: {error:?}");
    }
}

#[test]
fn addresses_of_the_internet_stay_reachable() {
    for address in corpus::PUBLIC {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn the_port_of_the_url_is_judged_by_the_boundary() {
    let boundary = Boundary::internet();
    for url in [
        "http://a.example/",
        "https://a.example/",
        "http://a.example:443/",
        "https://a.example:8443/",
        "http://a.example:8080/",
    ] {
        assert_eq!(boundary.check_url(&Url::parse(url).unwrap()), Ok(()), "{url}");
    }
}

#[test]
fn a_name_is_looked_up_once_and_the_judged_address_is_called() {
    let (address, requests) = answering(vec![answer(200, &[], b"first")]);
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&lookups);
    // Good at the first question, bad at each later one: the classic rebinding server.
    let boundary = loopback_as_internet().with_lookup(move |name| {
        assert_eq!(name, "rebind.example");
        let is_first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        vec![IpAddr::from(if is_first { [127, 0, 0, 1] } else { [127, 0, 0, 2] })]
    });
    let client = client_within(boundary);
    let request = Request::get(format!("http://rebind.example:{}/", address.port()));
    assert_eq!(client.public(&request).unwrap().body, b"first");
    assert_eq!(lookups.load(Ordering::SeqCst), 1);
    assert!(
        requests
            .recv()
            .unwrap()
            .to_ascii_lowercase()
            .contains(&format!("host: rebind.example:{}\r\n", address.port()))
    );
    let error = client.public(&request).unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert_eq!(lookups.load(Ordering::SeqCst), 2);
}

#[test]
fn an_unknown_name_is_a_network_failure_that_may_pass() {
    let client = client_within(Boundary::internet().with_lookup(|_| Vec::new()));
    let error = client.public(&Request::get("https://unknown.example/")).unwrap_err();
    assert_eq!(
        error,
        Error::Network { host: "unknown.example".into(), reason: "the host name is unknown" }
    );
}

#[test]
fn redirects_are_not_followed_unless_asked() {
    let (address, _requests) = answering(vec![answer(302, &[("Location", "/next")], b"")]);
    let response = client_within(loopback_as_internet())
        .public(&Request::get(format!("http://{address}/")))
        .unwrap();
    assert_eq!((response.status, response.header("location")), (302, Some("/next")));
}

#[test]
fn a_redirect_is_followed_when_asked_and_counted() {
    let hop = || answer(302, &[("Location", "/next")], b"");
    let (address, requests) =
        answering(vec![hop(), answer(200, &[], b"there"), hop(), hop(), hop()]);
    let client = client_within(loopback_as_internet());
    let request = Request::get(format!("http://{address}/start")).follow(2);
    assert_eq!(client.public(&request).unwrap().body, b"there");
    assert!(requests.recv().unwrap().starts_with("GET /start "));
    assert!(requests.recv().unwrap().starts_with("GET /next "));
    let error = client.public(&request).unwrap_err();
    assert_eq!(error, Error::Refused { host: "127.0.0.1".into(), reason: "too many redirects" });
}

#[test]
fn a_redirect_inside_is_refused_at_both_doors() {
    for target in [
        "http://127.0.0.2/",
        "http://169.254.169.254/latest/",
        "file:///etc/passwd",
        "//[::1]/",
        "http://u:p@127.0.0.1/",
        "gopher://127.0.0.1/",
    ] {
        let redirect = || answer(302, &[("Location", target)], b"");
        let (address, requests) = answering(vec![redirect(), redirect()]);
        let client = client_within(loopback_as_internet());
        let request = Request::get(format!("http://{address}/")).follow(3);
        for outcome in [client.public(&request), client.vendor(&request)] {
            let error = outcome.unwrap_err();
            assert!(is_refusal(&error), "{target}: {error:?}");
            assert!(requests.recv().unwrap().starts_with("GET / "));
        }
    }
}

#[test]
fn a_redirect_from_https_to_http_is_refused() {
    let from = Url::parse("https://shop.example/a").unwrap();
    let to = |location| {
        Redirect::of(308, Some(location), &from).map(|redirect| redirect.map(|r| r.to.to_string()))
    };
    assert_eq!(to("b?c"), Ok(Some("https://shop.example/b?c".into())));
    assert_eq!(to("//other.example/"), Ok(Some("https://other.example/".into())));
    assert!(matches!(to("http://shop.example/b"), Err(Error::Refused { .. })));
}

#[test]
fn secrets_do_not_follow_a_redirect_to_another_site() {
    let (other, other_requests) = answering(vec![answer(200, &[], b"")]);
    let (first, first_requests) = answering(vec![
        answer(302, &[("Location", &format!("http://{other}/"))], b""),
        answer(307, &[("Location", &format!("http://{other}/"))], b""),
    ]);
    let client = client_within(loopback_as_internet());
    let with_secrets = |request: Request| {
        request
            .bearer(&Secret::new("s3cret".into()))
            .secret_header("Api-Token", &Secret::new("s3cret".into()))
            .header("X-Plain", "kept")
    };
    client.vendor(&with_secrets(Request::get(format!("http://{first}/"))).follow(1)).unwrap();
    assert!(first_requests.recv().unwrap().contains("s3cret"));
    let arrived = other_requests.recv().unwrap();
    assert!(
        !arrived.contains("s3cret") && arrived.to_ascii_lowercase().contains("x-plain: kept"),
        "{arrived}"
    );
    let error = client
        .vendor(&Request::post(format!("http://{first}/")).json(&"body").follow(1))
        .unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
}

#[test]
fn a_post_that_is_answered_with_see_other_becomes_a_get_without_body() {
    let (address, requests) =
        answering(vec![answer(303, &[("Location", "/done")], b""), answer(200, &[], b"")]);
    let request = Request::post(format!("http://{address}/")).json(&"body").follow(1);
    client_within(loopback_as_internet()).public(&request).unwrap();
    assert!(requests.recv().unwrap().ends_with("\"body\""));
    let second = requests.recv().unwrap().to_ascii_lowercase();
    assert!(second.starts_with("get /done ") && !second.contains("content-type"), "{second}");
}
