//! Articles: lists, topics, the page of each, and how a change shows.

use std::collections::BTreeSet;

use manero::business::articles::model::{Article, Summary, html_of};
use manero::business::articles::store;
use manero::platform::clock::{now_ms, rfc3339};
use manero::platform::db::{Result, Sql};
use manero::platform::id::new_id;
use manero::platform::lang::Lang;
use serde_json::Value;

use crate::app::{TestApp, get};
use crate::languages::{attribute, read, tags};

/// An article as a test needs it.
#[derive(Clone)]
pub(crate) struct Piece {
    slug: String,
    lang: &'static str,
    title: String,
    /// Markdown.
    body: String,
    tags: Vec<String>,
    published_at: Option<i64>,
}

impl Piece {
    /// Published a minute ago, so that it is the newest.
    pub(crate) fn new(slug: impl Into<String>, lang: &'static str, title: &str) -> Self {
        Self {
            slug: slug.into(),
            lang,
            title: title.to_owned(),
            body: "Some words.".to_owned(),
            tags: Vec::new(),
            published_at: Some(now_ms() - 60_000),
        }
    }

    pub(crate) fn saying(mut self, markdown: &str) -> Self {
        markdown.clone_into(&mut self.body);
        self
    }

    pub(crate) fn on(mut self, topics: &[&str]) -> Self {
        self.tags = topics.iter().map(|&topic| topic.to_owned()).collect();
        self
    }

    pub(crate) fn dated(mut self, published_at: Option<i64>) -> Self {
        self.published_at = published_at;
        self
    }
}

/// Stores articles as the owner's editor does: row, topics, words and content version at once.
pub(crate) fn publish(app: &TestApp, pieces: Vec<Piece>) {
    const INSERT: &str = "INSERT INTO articles (id, slug, lang, title, excerpt, author, body_markdown, body_html, tags, reading_minutes, published_at, created_at, updated_at, edited_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?12)";
    let stored = app.db().write_blocking(move |tx| -> Result<()> {
        for Piece { slug, lang, title, body, tags, published_at } in pieces {
            let (id, now, body_html) = (new_id(), now_ms(), html_of(&body));
            let (excerpt, author) = (format!("What {slug} says"), "Ana Souza");
            let json = serde_json::to_string(&tags).unwrap();
            tx.exec(
                Sql::portable(INSERT),
                &[
                    &id,
                    &slug,
                    &lang,
                    &title,
                    &excerpt,
                    &author,
                    &body,
                    &body_html,
                    &json,
                    &1_i64,
                    &published_at,
                    &now,
                ],
            )?;
            let summary = Summary {
                id,
                slug,
                lang: lang.to_owned(),
                title,
                excerpt,
                author: author.to_owned(),
                tags,
                reading_minutes: 1,
                published_at,
                updated_at: now,
                edited_at: Some(now),
            };
            store::index(tx, &Article { summary, body_html })?;
        }
        tx.touch_content()
    });
    stored.unwrap();
}

/// The slugs of the articles of `lang` that a page's main part leads to, in order.
fn listed(html: &str, lang: Lang) -> Vec<String> {
    let (_, main) = html.split_once("<main").unwrap();
    let (main, _) = main.split_once("</main>").unwrap();
    let below = lang.path("/articles/");
    let links = tags(main, "a").into_iter().filter_map(|tag| attribute(tag, "href"));
    links
        .filter_map(|href| Some(href.strip_prefix(&below)?.to_owned()))
        .filter(|slug| !slug.contains('/'))
        .collect()
}

fn rel(html: &str, wanted: &str) -> Option<String> {
    let all = tags(html, "a").into_iter().chain(tags(html, "link"));
    all.filter(|tag| attribute(tag, "rel").as_deref() == Some(wanted))
        .find_map(|tag| attribute(tag, "href"))
}

/// The structured data of a page.
pub(crate) fn json_ld(html: &str) -> Vec<Value> {
    let scripts = html.split("<script type=\"application/ld+json\">").skip(1);
    scripts
        .map(|rest| rest.split("</script>").next().unwrap())
        .map(|json| serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {json}")))
        .collect()
}

#[test]
fn a_list_has_the_articles_of_its_language_newest_first() {
    let app = TestApp::start();
    let old = Piece::new("the-oldest", "es", "La más antigua").dated(Some(1_000));
    publish(&app, vec![old, Piece::new("the-newest", "es", "La más nueva")]);
    let all: Vec<(String, String, i64)> = app
        .query("SELECT slug, lang, published_at FROM articles ORDER BY published_at DESC, id DESC");
    let now = now_ms();
    for lang in Lang::ALL {
        let own = all.iter().filter(|(_, code, at)| code == lang.code() && *at <= now);
        let own: Vec<&String> = own.map(|(slug, _, _)| slug).collect();
        assert!((1..=12).contains(&own.len()), "{own:?}");
        let answer = app.get(&lang.path("/articles"));
        assert_eq!(listed(answer.page(200), lang).iter().collect::<Vec<_>>(), own);
    }
}

#[test]
fn a_long_list_has_numbered_pages_and_no_others() {
    let app = TestApp::start();
    let number = |n: i64| Piece::new(format!("pieza-{n:02}"), "es", &format!("Pieza {n}"));
    publish(&app, (0..30).map(|n| number(n).dated(Some(1_000 + n))).collect());
    let total =
        app.query::<(i64,)>("SELECT CAST(count(*) AS BIGINT) FROM articles WHERE lang = 'es'")[0].0;
    let pages = (total + 11) / 12;
    let mut seen = Vec::new();
    for page in 1..=pages {
        let at = |n: i64| {
            if n == 1 { "/es/articles".to_owned() } else { format!("/es/articles?page={n}") }
        };
        let answer = app.get(&at(page));
        let html = answer.page(200);
        let canonical = format!("http://127.0.0.1:8000{}", at(page));
        assert_eq!(rel(html, "canonical"), Some(canonical));
        assert_eq!(rel(html, "next"), (page < pages).then(|| at(page + 1)), "page {page}");
        assert_eq!(rel(html, "prev"), (page > 1).then(|| at(page - 1)), "page {page}");
        let words = &Lang::Es.words().articles;
        let name = words.page_of.with("n", page).with("count", pages);
        assert_eq!(html.split("</title>").next().unwrap().contains(name.as_str()), page > 1);
        assert_eq!(html.contains("hreflang=\"x-default\""), page == 1, "page {page}");
        seen.extend(listed(html, Lang::Es));
    }
    assert_eq!(seen.len() as i64, total);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len() as i64, total, "each stands on one page");
    for missing in [
        (pages + 1).to_string(),
        "0".into(),
        "-1".into(),
        "x".into(),
        String::new(),
        "2.0".into(),
        "99999999999999999999".into(),
    ] {
        app.get(&format!("/es/articles?page={missing}")).page(404);
        app.get(&format!("/es/articles/topics/clientes?page={missing}")).page(404);
    }
    assert_eq!(app.get("/es/articles?page=1").text(), app.get("/es/articles").text());
    assert_eq!(app.get("/es/articles?utm_source=x").text(), app.get("/es/articles").text());
}

#[test]
fn a_topic_lists_only_its_own_in_its_language() {
    let app = TestApp::start();
    let topics = ["Recomendações à parte", "C#"];
    publish(
        &app,
        vec![
            Piece::new("primeira", "pt", "Primeira").on(&topics),
            Piece::new("segunda", "pt", "Segunda").on(&["recomendações à parte"]),
            Piece::new("outra", "pt", "Outra").on(&["recomendações"]),
            Piece::new("ajena", "es", "Ajena").on(&topics[..1]),
        ],
    );
    let path = "/pt/articles/topics/recomendacoes-a-parte";
    let answer = app.get(path);
    let html = answer.page(200);
    let mut found = listed(html, Lang::Pt);
    found.sort();
    assert_eq!(found, ["primeira", "segunda"]);
    assert_eq!(rel(html, "canonical"), Some(format!("http://127.0.0.1:8000{path}")));
    assert_eq!(
        json_ld(html)[0]["itemListElement"][2]["item"],
        format!("http://127.0.0.1:8000{path}")
    );
    assert_eq!(
        listed(app.get("/es/articles/topics/recomendacoes-a-parte").page(200), Lang::Es),
        ["ajena"]
    );
    assert!(app.get("/pt/articles/primeira").page(200).contains(&format!("href=\"{path}\"")));
    assert_eq!(listed(app.get("/pt/articles/topics/c").page(200), Lang::Pt), ["primeira"]);

    for missing in [
        "/articles/topics/recomendacoes-a-parte",
        "/pt/articles/topics/no-such-topic",
        "/pt/articles/topics/recomendac%CC%A7oes",
        "/pt/articles/topics/",
        "/pt/articles/topics/primeira?page=2",
    ] {
        assert_ne!(app.get(missing).status, 200, "{missing}");
    }
    app.get("/pt/articles/topics/no-such-topic").page(404);
    app.get(&format!("{path}?page=2")).page(404);
}

#[test]
fn every_entry_of_the_contents_leads_to_its_heading() {
    let app = TestApp::start();
    let body = "## Qué decir\n\na\n\n## Contents\n\nb[^1]\n\n### Un detalle\n\n## Qué decir\n\n## Main\n\n## 你好\n\n[^1]: Una nota.";
    publish(&app, vec![Piece::new("con-indice", "es", "Con índice").saying(body)]);
    let answer = app.get("/es/articles/con-indice");
    let html = answer.page(200);
    let ids: Vec<&str> =
        html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id stands twice: {ids:?}");
    let inside: Vec<String> = tags(html, "a")
        .into_iter()
        .filter_map(|tag| attribute(tag, "href")?.strip_prefix('#').map(str::to_owned))
        .collect();
    for anchor in &inside {
        assert!(ids.contains(&anchor.as_str()), "nothing has the id {anchor}: {ids:?}");
    }
    for anchor in ["que-decir", "que-decir-2"] {
        assert!(inside.iter().any(|id| id == anchor), "{inside:?}");
    }
    let note = inside.iter().filter(|id| id.starts_with("fn")).count();
    assert_eq!(note, 2, "to the note and back: {inside:?}");
}

#[test]
fn an_article_is_handed_on_with_its_whole_address() {
    let app = TestApp::with(&[("FRONTEND_URL", "https://shop.example")]);
    publish(&app, vec![Piece::new("a-b", "es", "Uno & dos: ¿qué?")]);
    let answer = app.send(&get("/es/articles/a-b").host("shop.example"));
    let html = answer.page(200);
    let links: Vec<String> =
        tags(html, "a").into_iter().filter_map(|tag| attribute(tag, "href")).collect();
    let encoded = "https%3A%2F%2Fshop.example%2Fes%2Farticles%2Fa-b";
    let title = "Uno%20%26%20dos%3A%20%C2%BFqu%C3%A9%3F";
    for (begins, has_title) in [
        ("mailto:?", true),
        ("https://wa.me/?text=", true),
        ("https://www.linkedin.com/sharing/share-offsite/?url=", false),
    ] {
        let link = links.iter().find(|link| link.starts_with(begins)).expect(begins);
        assert!(link.contains(encoded) && link.contains(title) == has_title, "{link}");
        url::Url::parse(link).unwrap();
    }
}

#[test]
fn what_to_read_next_shares_a_topic_and_the_language() {
    let app = TestApp::start();
    let piece = |slug, lang, topics: &[&str]| Piece::new(slug, lang, slug).on(topics);
    publish(
        &app,
        vec![
            piece("start", "es", &["uno raro", "dos raro"]),
            piece("one-in-common", "es", &["uno raro"]),
            piece("two-in-common", "es", &["dos raro", "uno raro"]).dated(Some(5_000)),
            piece("of-another-language", "en", &["uno raro", "dos raro"]),
            piece("of-another-topic", "es", &["tres raro"]),
            piece("not-yet", "es", &["uno raro"]).dated(Some(now_ms() + 3_600_000)),
        ],
    );
    let next = |path: &str| {
        let answer = app.get(path);
        let html = answer.page(200).to_owned();
        html.split_once("id=\"read-next\"")
            .map(|(_, rest)| listed(&format!("<main {rest}"), Lang::Es))
    };
    assert_eq!(next("/es/articles/start").unwrap(), ["two-in-common", "one-in-common"]);
    assert_eq!(next("/es/articles/of-another-topic"), None, "nothing to offer: no heading");
}

#[test]
fn search_engines_are_told_what_an_article_is_and_where_it_stands() {
    let app = TestApp::start();
    let published_at = 1_771_322_400_000;
    let title = "Uno </script><b> & \"dos\"";
    publish(&app, vec![Piece::new("uno", "es", title).on(&["raro"]).dated(Some(published_at))]);
    let answer = app.get("/es/articles/uno");
    let html = answer.page(200);
    let data = json_ld(html);
    let of =
        |kind: &str| data.iter().find(|d| d["@type"] == kind).unwrap_or_else(|| panic!("{kind}"));
    let article = of("Article");
    let url = "http://127.0.0.1:8000/es/articles/uno";
    assert_eq!(article["headline"], title);
    assert_eq!(article["datePublished"], rfc3339(published_at));
    assert!(article["dateModified"].as_str().unwrap() > article["datePublished"].as_str().unwrap());
    assert_eq!((&article["url"], &article["inLanguage"]), (&url.into(), &"es".into()));
    assert_eq!(article["author"]["name"], "Ana Souza");
    let trail = of("BreadcrumbList")["itemListElement"].as_array().unwrap();
    let places: Vec<_> = trail.iter().map(|item| item["item"].as_str().unwrap()).collect();
    let base = "http://127.0.0.1:8000";
    assert_eq!(places, [format!("{base}/es"), format!("{base}/es/articles"), url.to_owned()]);
    let positions: Vec<_> = trail.iter().filter_map(|item| item["position"].as_i64()).collect();
    assert_eq!(positions, [1, 2, 3]);
    assert!(!html.contains(title), "the title ends no element");
    assert!(read(html).contains(title));
    assert_eq!(article["image"], format!("{base}/art/articles/uno.png"));
}
