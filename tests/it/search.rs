//! Search: what is found, how it is shown, and that nothing typed does harm.

use manero::platform::lang::Lang;

use crate::app::{TestApp, get};
use crate::articles::{Piece, publish};
use crate::languages::{attribute, tags};

/// `/search` in `lang` for `query`, as a browser sends the form.
fn address(lang: Lang, query: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    format!("{}?q={encoded}", lang.path("/search"))
}

/// The page for `query`, without what stands on every page.
fn found(app: &TestApp, lang: Lang, query: &str) -> String {
    let answer = app.get(&address(lang, query));
    let (_, main) = answer.page(200).split_once("<main").unwrap();
    main.split("</main>").next().unwrap().to_owned()
}

/// Where the results lead.
fn hits(main: &str) -> Vec<String> {
    let results = main.split_once("<ol").map_or("", |(_, rest)| rest);
    let results = results.split("</ol>").next().unwrap_or_default();
    tags(results, "a").into_iter().filter_map(|tag| attribute(tag, "href")).collect()
}

#[test]
fn accents_and_endings_do_not_matter_and_what_was_found_is_marked() {
    let app = TestApp::start();
    let body = "Después de la acción, Ñandúes y cigüeñas conversan sobre una zanahoria.";
    publish(&app, vec![Piece::new("rara", "es", "Recomendación peculiar").saying(body)]);
    for (query, marked) in [
        ("zanahoria", "zanahoria"),
        ("ZANAH", "zanahoria"),
        ("Zánahória", "zanahoria"),
        ("cigueñ", "cigüeñas"),
        ("nandues", "Ñandúes"),
        ("zanahoria peculiar", "zanahoria"),
        ("peculiar recomendacion", "Recomendación"),
    ] {
        let main = found(&app, Lang::Es, query);
        assert_eq!(hits(&main), ["/es/articles/rara"], "{query}");
        assert!(main.contains(&format!("<mark>{marked}</mark>")), "{query}: {main}");
    }
    for query in ["anahoria", "zanahoria xyzzy"] {
        assert!(
            hits(&found(&app, Lang::Es, query)).is_empty(),
            "{query}: all words have to begin so"
        );
    }
    let one = Lang::Es.words().search.results_one.with("n", 1).with("query", "zanahoria");
    assert!(found(&app, Lang::Es, "zanahoria").contains(one.as_str()));
}

#[test]
fn each_language_is_searched_by_itself() {
    let app = TestApp::start();
    publish(
        &app,
        vec![Piece::new("es-1", "es", "Zanahoria"), Piece::new("pt-1", "pt", "Zanahoria também")],
    );
    assert_eq!(hits(&found(&app, Lang::Es, "zanahoria")), ["/es/articles/es-1"]);
    assert_eq!(hits(&found(&app, Lang::Pt, "zanahoria")), ["/pt/articles/pt-1"]);
    assert!(hits(&found(&app, Lang::En, "zanahoria")).is_empty());
}

#[test]
fn programs_and_pages_are_found_too() {
    let app = TestApp::start();
    for lang in Lang::ALL {
        let programs: Vec<(String, String, String)> = app.query(
            "SELECT slug, 'en', name FROM programs UNION ALL SELECT program_slug, lang, name FROM program_texts",
        );
        let pages: Vec<(String, String, String)> = app.query("SELECT slug, lang, title FROM pages");
        let of = |(_, code, _): &&(String, String, String)| code == lang.code();
        let programs =
            programs.iter().filter(of).map(|(slug, _, name)| (format!("/programs/{slug}"), name));
        let pages = pages.iter().filter(of).map(|(slug, _, title)| (format!("/{slug}"), title));
        let all: Vec<_> = programs.chain(pages).collect();
        assert!(all.len() >= 4, "{all:?}");
        for (path, words) in all {
            let found = hits(&found(&app, lang, words));
            assert!(found.contains(&lang.path(&path)), "{words} leads to {found:?}");
        }
    }
}

#[test]
fn a_query_is_shown_as_text_and_never_as_html() {
    let app = TestApp::start();
    let evil = "<script>alert(\"1\")</script>' onfocus=x &amp;";
    publish(&app, vec![Piece::new("rara", "en", "About <script> and alert & onfocus")]);
    for lang in Lang::ALL {
        let answer = app.get(&address(lang, evil));
        let html = answer.page(200);
        assert!(!html.contains("<script>"), "{}", lang.code());
        let field = tags(html, "input").into_iter().find(|tag| tag.contains("name=\"q\"")).unwrap();
        assert_eq!(attribute(field, "value").as_deref(), Some(evil), "what was typed stays");
    }
    let main = found(&app, Lang::En, "<script> onfocus");
    assert_eq!(hits(&main), ["/articles/rara"]);
    assert!(main.contains("&#60;<mark>script</mark>&#62;"), "{main}");
}

#[test]
fn nothing_to_search_for_shows_the_form_and_nothing_found_says_how_to_go_on() {
    let app = TestApp::start();
    for lang in Lang::ALL {
        let words = &lang.words().search;
        for empty in ["", "?q=", "?q=+++", "?q=%21%3F", "?utm_source=mail"] {
            let answer = app.get(&format!("{}{empty}", lang.path("/search")));
            let html = answer.page(200);
            assert!(html.contains(words.empty_help.as_str()), "{empty}");
            let main = html.split_once("<main").unwrap().1;
            let action = format!("action=\"{}\"", lang.path("/search"));
            assert!(main.contains(&action) && hits(main).is_empty(), "{empty}");
        }
        let main = found(&app, lang, "xyzzyx");
        assert!(main.contains(words.none_help.as_str()), "{main}");
        assert!(main.contains(words.results_none.with("query", "xyzzyx").as_str()), "{main}");
    }
}

#[test]
fn results_are_for_people_and_for_nobody_s_cache() {
    let app = TestApp::start();
    for path in ["/search", "/es/search?q=marca", "/pt/search?q=xyzzyx"] {
        let answer = app.get(path);
        let html = answer.page(200);
        assert!(html.contains("<meta name=\"robots\" content=\"noindex\">"), "{path}");
        assert!(!html.contains("rel=\"canonical\""), "{path}");
        assert_eq!(answer.header("Cache-Control"), Some("no-store"), "{path}");
    }
}

#[test]
fn only_queries_count_against_the_limit_in_whatever_language() {
    let app = TestApp::configured(&[], "[limits]\nsearch = { max = 3, window = \"1h\" }");
    for _ in 0..5 {
        app.get("/search").page(200);
        app.get("/es/search").page(200);
    }
    for path in ["/search?q=a", "/es/search?q=marca", "/pt/search?q=marca"] {
        app.get(path).page(200);
    }
    let answer = app.get("/es/search?q=marca");
    assert!(answer.page(429).contains(Lang::Es.words().errors.too_many.as_str()));
    assert!(answer.header("Retry-After").is_some());
    app.get("/es/search").page(200);
    app.send(&get("/search?q=a").peer("198.51.100.4")).page(200);
}

#[test]
fn no_sign_and_no_word_of_the_engines_languages_does_harm() {
    let app = TestApp::start();
    publish(&app, vec![Piece::new("rara", "en", "Zanahoria and not near or")]);
    for wrap in [
        "\"{}\"",
        "\"{}",
        "{}*",
        "*{}",
        "^{}",
        "-{}",
        "({}",
        "{})",
        "{}:*",
        "&{}|",
        "!{}",
        "<->{}",
        "'{}",
        "'; DROP TABLE articles; -- {}",
        "{} AND",
        "NOT {}",
        "{} OR",
        "AND {} AND NOT",
        "NEAR({})",
        "folded_title:",
        "{folded_title} : {}",
        "{}\\",
        "%{}_",
        "$1 {}",
        "?1 {}",
        "{}\0",
        "{} \u{202e}",
        "{}\u{301}",
        "\u{feff}{}",
        "+{}+",
        "{}~2",
        "//{}//",
    ] {
        let query = wrap.replace("{}", "zanahoria");
        let main = found(&app, Lang::En, &query);
        let other_words = ["DROP", "folded_title", "$1", "?1", "~2"];
        if !other_words.iter().any(|word| wrap.contains(word)) {
            assert_eq!(hits(&main), ["/articles/rara"], "{query:?}");
        }
    }
    for raw in
        ["q=%ff%fe", "q=%00", "q=%", "q", "q=a&q=b", "=", "&&&", "page=-1&q=a", "q=%F0%9F%98%80"]
    {
        app.get(&format!("/search?{raw}")).page(200);
    }
    assert!(app.count("articles") > 0);
}

#[test]
fn a_very_long_query_is_cut_and_answered() {
    let app = TestApp::with(&[]);
    publish(&app, vec![Piece::new("rara", "en", "Zanahoria")]);
    let long = |unit: &str| format!("zanahoria {}", unit.repeat(400));
    for query in [
        "x".repeat(201),
        "ñ".repeat(300),
        long("a "),
        long("zanahoria "),
        "z ".repeat(2000),
        "你".repeat(250),
    ] {
        let answer = app.get(&address(Lang::En, &query));
        let field = tags(answer.page(200), "input")
            .into_iter()
            .find(|tag| tag.contains("name=\"q\""))
            .unwrap();
        assert!(attribute(field, "value").unwrap().chars().count() <= 200);
    }
    assert_eq!(hits(&found(&app, Lang::En, &long("zanahoria "))), ["/articles/rara"]);
}

#[test]
fn many_results_come_in_pages() {
    let app = TestApp::start();
    let piece = |n: i64| Piece::new(format!("z-{n:02}"), "es", &format!("Zanahoria ñ&{n}"));
    publish(&app, (0..25).map(piece).collect());
    let mut seen = Vec::new();
    let mut next = Some(address(Lang::Es, "zanahoria ñ&"));
    while let Some(path) = next {
        let answer = app.get(&path);
        let html = answer.page(200);
        seen.extend(hits(html));
        assert!(seen.len() <= 25, "{path}");
        let links = tags(html, "a").into_iter();
        next = links
            .filter(|tag| attribute(tag, "rel").as_deref() == Some("next"))
            .find_map(|tag| attribute(tag, "href"));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25);
    let first = app.get(&address(Lang::Es, "zanahoria"));
    let more = Lang::Es.words().search.results_more.with("n", 10).with("query", "zanahoria");
    assert!(first.page(200).contains(more.as_str()));
    let beyond = app.get(&format!("{}&page=9", address(Lang::Es, "zanahoria")));
    assert_eq!(hits(beyond.page(200)), hits(first.page(200)), "a page that is gone is the first");
}
