//! One site in three languages: addresses, what search engines are told, the offer, the forms.

use std::collections::BTreeMap;

use manero::platform::lang::Lang;
use serde_json::{Value, json};

use crate::app::{Answer, TestApp, get, post};
use crate::articles::{Piece, publish};

/// Pages that stand in every language.
const EVERYWHERE: [&str; 8] = [
    "/",
    "/programs",
    "/programs/prime",
    "/programs/mastery",
    "/articles",
    "/contact",
    "/privacy",
    "/terms",
];

/// The tags called `name`, each as it stands in the page.
pub(crate) fn tags<'h>(html: &'h str, name: &str) -> Vec<&'h str> {
    let open = format!("<{name} ");
    html.split(open.as_str()).skip(1).filter_map(|rest| rest.split('>').next()).collect()
}

/// The value of an attribute as a browser reads it.
pub(crate) fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = format!(" {tag}");
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(read(rest.split('"').next().unwrap_or_default()))
}

/// Text as a browser reads it.
pub(crate) fn read(html: &str) -> String {
    let known = [
        ("&#60;", "<"),
        ("&lt;", "<"),
        ("&#62;", ">"),
        ("&gt;", ">"),
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    let mut pieces = html.split('&');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let piece = format!("&{piece}");
        let entity = known.iter().find(|(entity, _)| piece.starts_with(entity));
        let (entity, sign) = entity.unwrap_or(&("", ""));
        text.push_str(sign);
        text.push_str(&piece[entity.len()..]);
    }
    text
}

fn canonical(html: &str) -> Vec<String> {
    let links = tags(html, "link").into_iter();
    links
        .filter(|tag| attribute(tag, "rel").as_deref() == Some("canonical"))
        .filter_map(|tag| attribute(tag, "href"))
        .collect()
}

/// `hreflang` and address of the language versions that the page's `name` tags tell of.
fn versions(html: &str, name: &str) -> BTreeMap<String, String> {
    let pair = |tag: &str| Some((attribute(tag, "hreflang")?, attribute(tag, "href")?));
    let found: Vec<_> = tags(html, name).into_iter().filter_map(pair).collect();
    let versions: BTreeMap<_, _> = found.iter().cloned().collect();
    assert_eq!(versions.len(), found.len(), "a language twice: {found:?}");
    versions
}

fn map<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(code, url)| (code.to_owned(), url)).collect()
}

#[test]
fn every_page_names_its_language_its_address_and_its_other_versions() {
    let app = TestApp::with(&[("FRONTEND_URL", "https://shop.example")]);
    let mut titles: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for page in EVERYWHERE {
        for lang in Lang::ALL {
            let path = lang.path(page);
            let answer = app.send(&get(&path).host("shop.example"));
            let html = answer.page(200);
            assert!(html.contains(&format!("<html lang=\"{}\">", lang.code())), "{path}");
            assert_eq!(canonical(html), [format!("https://shop.example{path}")], "{path}");
            let url = |lang: Lang| format!("https://shop.example{}", lang.path(page));
            let all = map([
                ("en", url(Lang::En)),
                ("es", url(Lang::Es)),
                ("pt", url(Lang::Pt)),
                ("x-default", url(Lang::En)),
            ]);
            assert_eq!(versions(html, "link"), all, "{path}");
            let switch = Lang::ALL.map(|lang| (lang.code(), lang.path(page)));
            assert_eq!(versions(html, "a"), map(switch), "the language switch of {path}");
            let (_, title) = html.split_once("<title>").unwrap();
            let title = title.split("</title>").next().unwrap().to_owned();
            titles.entry(lang.code()).or_default().push(title);
        }
    }
    for mut titles in titles.into_values() {
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), EVERYWHERE.len(), "a title of its own for each: {titles:#?}");
    }
}

#[test]
fn accept_language_offers_and_never_forces() {
    let app = TestApp::start();
    let asked = |path: &str, languages: &str| {
        let answer = app.send(&get(path).header("Accept-Language", languages));
        assert!(answer.all("Vary").join(",").contains("Accept-Language"), "{path}");
        answer.page(200).to_owned()
    };
    let portuguese = asked("/programs", "pt-BR,pt;q=0.9,en;q=0.5");
    assert!(portuguese.contains("<html lang=\"en\">"), "the address alone decides");
    let offers = tags(&portuguese, "aside");
    let offer = offers.first().expect("an offer");
    assert_eq!(attribute(offer, "lang").as_deref(), Some("pt"));
    let (_, rest) = portuguese.split_once("<aside ").unwrap();
    let (text, _) = rest.split_once("</aside>").unwrap();
    assert!(text.contains(Lang::Pt.words().site.offer.as_str()), "{text}");
    assert!(text.contains("href=\"/pt/programs\" hreflang=\"pt\""), "{text}");

    let to_english = asked("/es", "en-GB,en;q=0.9");
    assert!(to_english.contains(Lang::En.words().site.offer.as_str()));
    for (path, languages) in [
        ("/programs", "en,pt;q=0.5"),
        ("/es/programs", "es-MX"),
        ("/programs", "de-DE,fr"),
        // It exists in one language only: there is nothing to offer.
        ("/articles/two-hours-a-week", "es"),
    ] {
        assert!(tags(&asked(path, languages), "aside").is_empty(), "{path} for {languages}");
    }
    assert_eq!(asked("/programs", "de"), app.get("/programs").text(), "cached pages do not mix");
}

#[test]
fn an_article_stands_in_one_language_and_the_other_addresses_lead_there() {
    let app = TestApp::start();
    publish(&app, vec![Piece::new("solo-en-espanol", "es", "Solo en español")]);
    for (from, to) in [
        ("/es/articles/two-hours-a-week", "/articles/two-hours-a-week"),
        ("/pt/articles/two-hours-a-week", "/articles/two-hours-a-week"),
        ("/articles/solo-en-espanol", "/es/articles/solo-en-espanol"),
        ("/pt/articles/solo-en-espanol", "/es/articles/solo-en-espanol"),
    ] {
        let answer = app.get(from);
        assert_eq!((answer.status, answer.header("Location")), (308, Some(to)), "{from}");
        let page = app.get(to);
        let html = page.page(200);
        assert!(versions(html, "link").is_empty(), "{to} has no other version");
        assert_eq!(canonical(html), [format!("http://127.0.0.1:8000{to}")]);
        let switch = versions(html, "a");
        let (own, _) = Lang::of_path(to);
        for lang in Lang::ALL {
            let leads = if lang == own { to.to_owned() } else { lang.path("/articles") };
            assert_eq!(switch[lang.code()], leads, "{to} in {}", lang.code());
        }
    }
    for lang in ["/es", "/pt", ""] {
        app.get(&format!("{lang}/articles/no-such-article")).page(404);
    }
}

#[test]
fn prices_and_dates_are_written_as_each_language_writes_them() {
    let app = TestApp::start();
    // 17 February 2026.
    let on_a_day = |slug, lang| Piece::new(slug, lang, "Un título").dated(Some(1_771_322_400_000));
    publish(
        &app,
        vec![on_a_day("un-dia", "es"), on_a_day("um-dia", "pt"), on_a_day("a-day", "en")],
    );
    for (path, wanted, foreign) in [
        ("/programs/mastery", "€1,299", "1299\u{a0}€"),
        ("/es/programs/mastery", "1299\u{a0}€", "€1"),
        ("/pt/programs/mastery", "1299\u{a0}€", "€1"),
        ("/articles/a-day", "17 February 2026", " de "),
        ("/es/articles/un-dia", "17 de febrero de 2026", "February"),
        ("/pt/articles/um-dia", "17 de fevereiro de 2026", "February"),
        ("/es/articles", "17 de febrero de 2026", "February"),
    ] {
        let answer = app.get(path);
        let html = answer.page(200);
        let (_, main) = html.split_once("<main").unwrap();
        assert!(main.contains(wanted), "{path} has no {wanted}");
        assert!(!main.contains(foreign), "{path} has {foreign}");
    }
    assert!(app.get("/es/articles/un-dia").text().contains("datetime=\"2026-02-17\""));
}

#[test]
fn a_refused_form_answers_in_the_language_it_was_sent_from() {
    let app = TestApp::start();
    for (path, lang) in [("/es/leads", Lang::Es), ("/pt/leads", Lang::Pt), ("/leads", Lang::En)] {
        let answer = app.post_form(path, &[("name", "A"), ("email", "ana@"), ("program", "gold")]);
        let html = answer.page(400);
        let t = lang.words();
        assert!(html.contains(&format!("<html lang=\"{}\">", lang.code())));
        assert!(html.contains(&format!("<title>{}", t.form.error_prefix)));
        let faults = &t.faults;
        for fault in [
            &faults.name_too_short,
            &faults.email_invalid,
            &faults.program_unknown,
            &faults.consent_required,
        ] {
            assert!(html.contains(&format!(">{fault}</a></li>")), "{path}: {fault}");
        }
        let forms: Vec<_> =
            tags(html, "form").iter().filter_map(|tag| attribute(tag, "action")).collect();
        assert!(forms.contains(&lang.path("/leads")), "{forms:?}");
    }
    assert_eq!(app.count("leads"), 0);
}

/// The words of `lang` that every page has.
fn site_texts(app: &TestApp, lang: Lang) -> Value {
    let all: Vec<(String, String)> =
        app.query("SELECT lang, value FROM texts WHERE name = 'site' ORDER BY lang");
    let (_, value) = all.into_iter().find(|(code, _)| code == lang.code()).unwrap();
    serde_json::from_str(&value).unwrap()
}

#[test]
fn a_lead_is_kept_and_written_to_in_its_own_language() {
    let app = TestApp::start();
    let form = [("name", "Ana"), ("email", "ana@example.com"), ("gdprConsent", "true")];
    let answer = app.post_form("/es/leads", &form);
    assert_eq!((answer.status, answer.header("Location")), (303, Some("/es/thanks")));
    assert!(app.get("/es/thanks").page(200).contains(Lang::Es.words().thanks.title.as_str()));
    let rui =
        json!({ "name": "Rui", "email": "rui@example.com", "gdprConsent": true, "lang": "pt" });
    assert_eq!(app.post_json("/api/leads", &rui).status, 201);

    let stored: Vec<(String, String, String, String)> = app.query(
        "SELECT l.email, l.lang, c.text, c.text_version FROM leads l JOIN consents c ON c.lead_id = l.id ORDER BY l.email",
    );
    let kept = |email: &str, lang: Lang| {
        let texts = site_texts(&app, lang);
        let text = |key: &str| texts[key].as_str().unwrap().to_owned();
        (email.to_owned(), lang.code().to_owned(), text("consent_text"), text("consent_version"))
    };
    assert_eq!(stored, [kept("ana@example.com", Lang::Es), kept("rui@example.com", Lang::Pt)]);
    assert_ne!(stored[0].2, stored[1].2);
    assert!(app.get("/es").page(200).contains(&stored[0].2), "the very words of the form");

    assert_eq!(app.drain_outbox(), 2);
    for (email, lang) in [("ana@example.com", Lang::Es), ("rui@example.com", Lang::Pt)] {
        let summary = app.mails().into_iter().find(|mail| mail.to == email).unwrap();
        let (mail, t) = (app.mail(&summary.id), &lang.words().mail);
        let name = app.loaded.settings.site.app_name.clone();
        assert_eq!(summary.subject, t.welcome_subject.with("site", &name).as_str());
        for part in [&t.welcome_thanks, &t.welcome_no_program, &t.welcome_not_you] {
            assert!(mail.text.contains(part.as_str()), "{part} in {}", mail.text);
        }
        assert!(mail.html.contains(&format!("lang=\"{}\"", lang.code())), "{}", mail.html);
        let articles = format!("http://127.0.0.1:8000{}", lang.path("/articles"));
        assert!(mail.text.contains(&articles), "{}", mail.text);
    }
}

#[test]
fn the_api_takes_no_language_that_the_site_does_not_speak() {
    let app = TestApp::start();
    let lead = |lang: Value| json!({ "name": "Ana", "email": "ana@example.com", "gdprConsent": true, "lang": lang });
    for (lang, code) in
        [(json!("de"), "unknown"), (json!("ES"), "unknown"), (json!(5), "invalid_type")]
    {
        let problem = app.post_json("/api/leads", &lead(lang.clone())).problem(400);
        let faults = problem["error"].as_array().unwrap();
        assert_eq!(faults.len(), 1, "{lang}");
        assert_eq!((&faults[0]["path"], &faults[0]["code"]), (&json!(["lang"]), &json!(code)));
    }
    assert_eq!(app.count("leads"), 0);
    for lang in [Value::Null, json!(""), json!("en")] {
        assert_eq!(app.post_json("/api/leads", &lead(lang)).status, 201);
    }
    assert_eq!(app.query::<(String,)>("SELECT lang FROM leads"), [("en".to_owned(),)]);
}

/// That the page for a missing address helps on, in `lang`.
fn assert_helps_on(answer: &Answer, lang: Lang) {
    let html = answer.page(404);
    let t = lang.words();
    assert!(html.contains(&format!("<html lang=\"{}\">", lang.code())));
    assert!(html.contains(t.errors.not_found.as_str()), "{html}");
    let search = lang.path("/search");
    let form = tags(html, "form").into_iter().find(|tag| tag.contains("role=\"search\""));
    assert_eq!(form.and_then(|tag| attribute(tag, "action")), Some(search), "{}", lang.code());
    let (_, ways) = html.split_once(t.errors.ways.as_str()).expect("ways on");
    let (ways, _) = ways.split_once("</ul>").unwrap();
    let links: Vec<_> = tags(ways, "a").iter().filter_map(|tag| attribute(tag, "href")).collect();
    assert_eq!(links, ["/programs", "/articles", "/"].map(|path| lang.path(path)));
    assert!(canonical(html).is_empty() && html.contains("content=\"noindex\""));
}

#[test]
fn a_missing_page_offers_search_and_three_ways_in_the_visitors_language() {
    for lang in Lang::ALL {
        let app = TestApp::start();
        assert_helps_on(&app.get(&lang.path("/no/such/page")), lang);
        assert_helps_on(&app.get(&lang.path("/programs/gold")), lang);
    }
}

#[test]
fn whoever_is_over_the_limit_hears_so_in_spanish_on_a_spanish_page() {
    let app = TestApp::configured(&[], "[limits]\nlead_failed = { max = 1, window = \"1h\" }");
    assert_eq!(app.post_form("/es/leads", &[]).status, 400);
    for path in ["/es/leads", "/es/contact"] {
        let answer = app.post_form(path, &[]);
        let html = answer.page(429);
        assert!(html.contains("<html lang=\"es\">"), "{path}");
        assert!(html.contains(Lang::Es.words().errors.too_many.as_str()), "{path}");
        assert!(html.contains(Lang::Es.words().errors.too_many_text_many.with("n", 60).as_str()));
    }
    let elsewhere = app.send(&post("/es/leads").form(&[]).peer("198.51.100.4"));
    assert_eq!(elsewhere.status, 400, "others are not held up");
}
