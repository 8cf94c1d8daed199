//! The public pages as a visitor walks through them.

use std::collections::BTreeMap;

use crate::app::TestApp;
use crate::caching::CACHED;

/// The values of `href` and `src` and a form's `action`.
pub(crate) fn links(html: &str) -> Vec<String> {
    let attribute = |name: &'static str| {
        html.split(name).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned)
    };
    attribute(" href=\"").chain(attribute(" src=\"")).collect()
}

#[test]
fn every_link_of_every_public_page_and_mail_leads_somewhere() {
    let app = TestApp::start();
    app.post_form("/leads", &[("name", "Ana"), ("email", "a@b.co"), ("gdprConsent", "on")]);
    app.drain_outbox();
    let mail = app.mail(&app.mails()[0].id);
    let site = "http://127.0.0.1:8000";
    let mut waiting: Vec<(String, String)> = links(&mail.html)
        .into_iter()
        .chain(
            mail.text.split_whitespace().filter(|word| word.starts_with("http")).map(str::to_owned),
        )
        .filter_map(|link| link.strip_prefix(site).map(str::to_owned))
        .map(|path| (if path.is_empty() { "/".into() } else { path }, "welcome mail".to_owned()))
        .collect();
    assert!(waiting.len() >= 4, "the mail leads to the site: {waiting:?}");
    waiting.extend(["/", "/thanks"].map(|path| (path.to_owned(), "the test".to_owned())));
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    while let Some((link, on)) = waiting.pop() {
        let (path, fragment) =
            link.split_once('#').map_or((link.as_str(), None), |(p, f)| (p, Some(f)));
        let path = if path.is_empty() { on.clone() } else { path.to_owned() };
        if !seen.contains_key(&path) {
            let answer = app.get(&path);
            assert_eq!(answer.status, 200, "{path}, linked on {on}");
            let is_page = answer.header("Content-Type") == Some("text/html; charset=utf-8");
            let html = if is_page { answer.text().to_owned() } else { String::new() };
            for next in links(&html) {
                // Handing an article on leads away, by the reader's own click.
                let shares = ["mailto:", "https://wa.me/", "https://www.linkedin.com/sharing/"];
                if shares.iter().any(|to| next.starts_with(to)) {
                    continue;
                }
                let next = next.strip_prefix(site).map_or(next.clone(), str::to_owned);
                let internal =
                    next.starts_with('#') || (next.starts_with('/') && !next.starts_with("//"));
                assert!(internal, "{path} asks somebody else: {next}");
                waiting.push((next, path.clone()));
            }
            seen.insert(path.clone(), html);
        }
        if let Some(fragment) = fragment {
            assert!(
                seen[&path].contains(&format!("id=\"{fragment}\"")),
                "{path} has no #{fragment}, linked on {on}"
            );
        }
    }
    for page in CACHED.iter().filter(|path| !path.starts_with("/api")) {
        assert!(seen.contains_key(*page), "no link leads to {page}");
    }
}

#[test]
fn pages_have_no_inline_script_style_or_handler_that_the_csp_would_block() {
    let app = TestApp::start();
    for path in CACHED.iter().filter(|path| !path.starts_with("/api")) {
        let answer = app.get(path);
        let html = answer.page(200);
        assert!(!html.contains("<style") && !html.contains(" style=\""), "{path}");
        assert_eq!(
            html.matches("<script").count(),
            html.matches("<script type=\"module\" src=\"").count()
                // Data for search engines: never run, so no policy stops it.
                + html.matches("<script type=\"application/ld+json\">").count(),
            "{path}"
        );
        for handler in [" onclick=", " onload=", " onsubmit=", "javascript:"] {
            assert!(!html.contains(handler), "{path}: {handler}");
        }
    }
}
