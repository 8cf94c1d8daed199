//! The lists of the API: filters, order, chosen fields, the way to the next page; and the search.

use serde_json::{Value, json};

use crate::app::{Answer, TestApp, get};

fn slugs(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap().iter();
    items.map(|i| i["slug"].as_str().unwrap().to_owned()).collect()
}

/// The address in `Link: <…>; rel="next"`.
fn next_link(answer: &Answer) -> Option<String> {
    let link = answer.header("Link")?;
    let address = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    Some(address.to_owned())
}

/// Every item on the way from `path` along the links.
fn walk(app: &TestApp, path: &str) -> Vec<Value> {
    walk_along(path, |path| app.get(path))
}

/// The same for whoever has the token.
pub(crate) fn walk_as(app: &TestApp, token: &str, path: &str) -> Vec<Value> {
    walk_along(path, |path| app.get_as(token, path))
}

fn walk_along(path: &str, ask: impl Fn(&str) -> Answer) -> Vec<Value> {
    let (mut path, mut found) = (path.to_owned(), Vec::new());
    for _ in 0..100 {
        let answer = ask(&path);
        let page = answer.json();
        found.extend(page["items"].as_array().unwrap().iter().cloned());
        match (next_link(&answer), page["next"].as_str()) {
            (Some(next), Some(cursor)) => {
                assert!(next.ends_with(&format!("&cursor={cursor}")), "{next}");
                path = next;
            }
            (None, None) => return found,
            other => panic!("header and body differ: {other:?}"),
        }
    }
    panic!("the list has no end");
}

/// Several articles of one moment, two topics, three languages.
fn many() -> TestApp {
    let app = TestApp::with(&[("MANERO_RATE_LIMITS", "off")]);
    app.change("DELETE FROM article_topics");
    app.change("DELETE FROM articles");
    for (n, (lang, topic)) in [("en", "brand"), ("es", "brand"), ("en", "routine"), ("pt", "brand")]
        .iter()
        .cycle()
        .take(12)
        .enumerate()
    {
        let (id, slug) = (format!("00000000-0000-7000-8000-{n:012}"), format!("a-{n}"));
        // Three share each moment, so that the id decides.
        let at = 1_000_000_i64 + (n as i64 / 3) * 1000;
        app.db()
            .write_blocking(move |tx| -> manero::platform::db::Result<()> {
                tx.exec(
                    manero::platform::db::Sql::portable(
                        "INSERT INTO articles (id, slug, lang, title, excerpt, author, body_markdown, body_html, tags, reading_minutes, published_at, created_at, updated_at)
                         VALUES (?1, ?2, ?3, ?2, '', 'A', '', '', '[]', 1, ?4, 1, 1)",
                    ),
                    &[&id, &slug, lang, &at],
                )?;
                tx.exec(
                    manero::platform::db::Sql::portable(
                        "INSERT INTO article_topics (article_id, topic, label, lang, published_at) VALUES (?1, ?2, ?2, ?3, ?4)",
                    ),
                    &[&id, topic, lang, &at],
                )?;
                tx.touch_content()
            })
            .unwrap();
    }
    app
}

#[test]
fn every_filter_and_order_walks_its_articles_once_whatever_the_size_of_a_page() {
    let app = many();
    let wanted = |lang: Option<&str>, topic: Option<&str>| -> Vec<String> {
        let of = [("en", "brand"), ("es", "brand"), ("en", "routine"), ("pt", "brand")];
        let fits = |n: &usize| {
            let (l, t) = of[n % 4];
            lang.is_none_or(|x| x == l) && topic.is_none_or(|x| x == t)
        };
        (0..12).filter(fits).map(|n| format!("a-{n}")).collect()
    };
    for lang in [None, Some("en"), Some("es")] {
        for topic in [None, Some("brand"), Some("routine"), Some("nothing")] {
            let filter = |name: &str, value: Option<&str>| {
                value.map(|value| format!("&{name}={value}")).unwrap_or_default()
            };
            let filters = filter("lang", lang) + &filter("tag", topic);
            let oldest = wanted(lang, topic);
            let newest: Vec<String> = oldest.iter().rev().cloned().collect();
            for limit in [1, 2, 5, 100] {
                let path = format!("/api/v1/articles?limit={limit}{filters}");
                let list = |path: &str| slugs(&json!({ "items": walk(&app, path) }));
                assert_eq!(list(&path), newest, "{path}");
                assert_eq!(list(&format!("{path}&sort=-published_at")), newest, "{path}");
                assert_eq!(list(&format!("{path}&sort=published_at")), oldest, "{path}");
            }
        }
    }
}

#[test]
fn only_the_fields_that_were_named_are_sent_also_on_the_next_page() {
    let app = many();
    for item in walk(&app, "/api/v1/articles?limit=5&fields=title,slug") {
        let members: Vec<&String> = item.as_object().unwrap().keys().collect();
        assert_eq!(members, ["slug", "title"]);
    }
    let programs = app.get("/api/v1/programs?fields=name").json();
    assert_eq!(programs["items"][0], json!({ "name": "PRIME" }));
}

#[test]
fn wrong_values_are_told_all_at_once_with_the_nearest_name() {
    let app = TestApp::start();
    let told = |path: &str| {
        let problem = app.get(path).problem(400);
        let faults = problem["error"].as_array().unwrap().clone();
        faults
            .iter()
            .map(|f| {
                format!("{}: {}", f["path"][0].as_str().unwrap(), f["message"].as_str().unwrap())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told("/api/v1/articles?lang=de&sort=title&fields=titel,slug,bod&tag=A%20B"),
        [
            "sort: sort must be -published_at, published_at, -updated_at or updated_at",
            "lang: lang must be en, es or pt",
            "tag: tag must be as in an address: 1 to 63 of a-z, 0-9 and dashes",
            "fields: titel is not a field here; did you mean title?",
            "fields: bod is not a field here; did you mean lang?",
        ]
        .map(|line| line.replace("bod is not a field here; did you mean lang?", &nearest("bod")))
    );
    assert_eq!(
        told("/api/v1/programs?field=name"),
        ["field: field is not a parameter here; did you mean fields?"]
    );
    assert_eq!(
        told("/api/v1/site?lang=en&x=1"),
        ["x: x is not a parameter here; did you mean lang?"]
    );
    assert_eq!(told("/api/v1/programs/prime?lang=xx"), ["lang: lang must be en, es or pt"]);
    assert_eq!(told("/api/v1/articles/none?a=1"), ["a: a is not a parameter here; there is none"]);
}

fn nearest(name: &str) -> String {
    let fields = manero::business::articles::view::FIELDS;
    let best = fields.iter().min_by_key(|f| strsim::damerau_levenshtein(f, name)).unwrap();
    format!("{name} is not a field here; did you mean {best}?")
}

#[test]
fn programs_speak_the_language_that_is_asked_for() {
    let app = TestApp::start();
    let english = app.get("/api/v1/programs/prime").json();
    let spanish = app.get("/api/v1/programs/prime?lang=es").json();
    assert_eq!((&english["lang"], &spanish["lang"]), (&json!("en"), &json!("es")));
    assert_ne!(english["description"], spanish["description"]);
    assert_eq!(spanish["url"], "/es/programs/prime");
    assert_eq!(spanish["duration"], "8 semanas");
    for list in ["outcomes", "not_for", "faq", "modules"] {
        assert!(!spanish[list].as_array().unwrap().is_empty(), "{list}");
    }
    assert!(!spanish["modules"][0]["summary"].as_str().unwrap().is_empty());
    let list = app.get("/api/v1/programs?lang=es").json();
    assert_eq!(list["items"][0]["description"], spanish["description"]);
}

#[test]
fn a_list_that_has_not_changed_is_a_304_with_its_link() {
    let app = many();
    let path = "/api/v1/articles?limit=2";
    let first = app.get(path);
    let tag = first.header("ETag").unwrap();
    let again = app.send(&get(path).header("If-None-Match", tag));
    assert_eq!((again.status, again.header("Link")), (304, first.header("Link")));
    assert_eq!(first.header("Cache-Control"), Some("public, max-age=60"));
}

#[test]
fn the_site_tells_its_words_in_each_language() {
    let app = TestApp::with(&[("FRONTEND_URL", "https://shop.example")]);
    let site = app.send(&get("/api/v1/site?lang=pt").host("shop.example")).json();
    assert_eq!(site["lang"], "pt");
    assert_eq!(site["base_url"], "https://shop.example");
    let codes: Vec<&Value> =
        site["languages"].as_array().unwrap().iter().map(|l| &l["code"]).collect();
    assert_eq!(codes, ["en", "es", "pt"]);
    for link in site["navigation"].as_array().unwrap() {
        assert!(link["url"].as_str().unwrap().starts_with("/pt"), "{link}");
    }
    for text in
        [&site["name"], &site["tagline"], &site["consent"]["text"], &site["consent"]["version"]]
    {
        assert!(!text.as_str().unwrap().is_empty(), "{site}");
    }
    let english = app.send(&get("/api/v1/site").host("shop.example")).json();
    assert_ne!(english["consent"]["text"], site["consent"]["text"]);
}

#[test]
fn the_search_answers_the_same_by_all_three_addresses() {
    let app = TestApp::start();
    let got = app.get("/api/v1/search?q=routine&limit=3").json();
    let results = got["results"].as_array().unwrap();
    assert!((1..=3).contains(&results.len()), "{got}");
    for result in results {
        let page = app.get(result["url"].as_str().unwrap());
        page.page(200);
        assert!(!result["excerpt"].as_str().unwrap().is_empty(), "{result}");
        assert_eq!(result["lang"], "en");
    }
    for path in ["/api/search", "/api/v1/search"] {
        let posted = app.post_json(path, &json!({ "query": "routine", "limit": 3 }));
        assert_eq!((posted.status, posted.json()), (200, got.clone()));
        assert!(posted.header("RateLimit-Policy").unwrap().starts_with("60;"), "class search");
    }
    let spanish = app.post_json("/api/search", &json!({ "query": "marca", "lang": "es" })).json();
    assert!(spanish["results"][0]["url"].as_str().unwrap().starts_with("/es/"), "{spanish}");
    assert_eq!(app.get("/api/v1/search?q=%20!?").json(), json!({ "results": [] }));
}

#[test]
fn a_search_for_nothing_or_for_too_much_is_refused() {
    let app = TestApp::start();
    let long = "x".repeat(201);
    for (path, field, code) in [
        ("/api/v1/search".to_owned(), "q", "required"),
        ("/api/v1/search?q=".to_owned(), "q", "required"),
        (format!("/api/v1/search?q={long}"), "q", "too_long"),
        ("/api/v1/search?q=a&limit=51".to_owned(), "limit", "invalid"),
        ("/api/v1/search?q=a&page=2".to_owned(), "page", "unknown"),
    ] {
        let problem = app.get(&path).problem(400);
        assert_eq!(
            (&problem["error"][0]["path"][0], &problem["error"][0]["code"]),
            (&json!(field), &json!(code))
        );
    }
    let problem =
        app.post_json("/api/search", &json!({ "q": "a", "lang": 5, "limit": 1.5 })).problem(400);
    let told: Vec<&Value> =
        problem["error"].as_array().unwrap().iter().map(|f| &f["path"][0]).collect();
    assert_eq!(told, ["query", "lang", "limit", "q"]);
}
