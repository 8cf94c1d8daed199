//! The home page, and the content of the site: what a start brings in, and where a change shows.

use manero::business::articles::store;
use manero::business::content::Content;
use manero::business::{articles, pages, programs};
use manero::cli::serve::assemble;
use manero::platform::clock::now_ms;
use manero::platform::db::{Result, Sql};
use manero::platform::lang::Lang;
use serde_json::Value;

use crate::app::TestApp;
use crate::articles::{Piece, json_ld, publish};
use crate::languages::read;
use crate::source;

/// Changes one word of a text as the owner would.
pub(crate) fn edit_text(
    app: &TestApp,
    name: &'static str,
    lang: &'static str,
    key: &str,
    to: Value,
) {
    let mut text = text(app, name, lang);
    text[key] = to;
    let value = text.to_string();
    let edited = app.db().write_blocking(move |tx| -> Result<u64> {
        let sql = "UPDATE texts SET value = ?3, edited_at = 1 WHERE name = ?1 AND lang = ?2";
        let changed = tx.exec(Sql::portable(sql), &[&name, &lang, &value])?;
        tx.touch_content()?;
        Ok(changed)
    });
    assert_eq!(edited.unwrap(), 1);
}

fn text(app: &TestApp, name: &'static str, lang: &'static str) -> Value {
    let sql = Sql::portable("SELECT value FROM texts WHERE name = ?1 AND lang = ?2");
    let read = app.db().read_blocking(|conn| conn.one::<(String,)>(sql, &[&name, &lang]));
    serde_json::from_str(&read.unwrap().0).unwrap()
}

#[test]
fn a_sample_is_marked_and_search_engines_are_told_of_none() {
    let app = TestApp::start();
    for lang in Lang::ALL {
        let home = text(&app, "home", lang.code());
        let voices = home["testimonials"].as_array().unwrap().clone();
        let samples = voices.iter().filter(|voice| voice["sample"] == true).count();
        assert!(samples > 0 && !home["testimonials_note"].as_str().unwrap().is_empty());
        let mark = format!(">{}</p>", lang.words().home.sample);
        let marked = |html: &str| html.matches(&mark).count();
        let path = lang.path("/");
        let answer = app.get(&path);
        assert_eq!(marked(answer.page(200)), samples, "{path}");
        let data = json_ld(answer.text());
        assert!(!data.is_empty(), "{path}");
        let all = serde_json::to_string(&data).unwrap();
        for voice in &voices {
            assert!(read(answer.text()).contains(voice["quote"].as_str().unwrap()), "{path}");
            assert!(!all.contains(voice["name"].as_str().unwrap()), "{all}");
        }
        for claim in ["Review", "Rating", "aggregate"] {
            assert!(!all.contains(claim), "{all}");
        }

        let mut real = home["testimonials"].clone();
        real[0]["sample"] = false.into();
        edit_text(&app, "home", lang.code(), "testimonials", real);
        assert_eq!(marked(app.get(&path).page(200)), samples - 1, "what was said is no sample");
        edit_text(&app, "home", lang.code(), "testimonials", Value::Array(Vec::new()));
        assert_eq!(marked(app.get(&path).page(200)), 0);
    }
}

#[test]
fn the_home_page_says_to_machines_whose_it_is_and_nothing_ends_the_script() {
    let app = TestApp::start();
    let name = "Ana </script><script>alert(1)</script> & \"Souza\"";
    edit_text(&app, "owner", "", "owner_name", name.into());
    edit_text(&app, "owner", "", "contact_email", "ana@shop.example".into());
    for lang in Lang::ALL {
        let answer = app.get(&lang.path("/"));
        let html = answer.page(200);
        assert!(!html.contains("<script>alert"), "{html}");
        let data = json_ld(html);
        let graph = data[0]["@graph"].as_array().unwrap();
        let of = |kind: &str| graph.iter().find(|one| one["@type"] == kind).unwrap();
        assert_eq!(of("Person")["name"], name);
        assert_eq!(of("Organization")["email"], "ana@shop.example");
        let site = of("WebSite");
        assert_eq!(site["inLanguage"], lang.code());
        assert_eq!(site["publisher"]["@id"], of("Person")["@id"]);
        let logo = of("Organization")["logo"].as_str().unwrap();
        let logo = app.get(logo.strip_prefix("http://127.0.0.1:8000").unwrap());
        assert_eq!(logo.header("Content-Type"), Some("image/png"));
    }
}

/// One more start on the same database; returns the version of the content after it.
fn start_again(app: &TestApp) -> i64 {
    let again = assemble(&app.loaded).unwrap_or_else(|error| panic!("{error}"));
    again.context.telemetry.close();
    again.context.db.close();
    app.query::<(i64,)>("SELECT version FROM content_version")[0].0
}

/// Everything that seeds bring in, as it stands.
fn everything(app: &TestApp) -> Vec<(String, String, String, i64)> {
    app.query(
        "SELECT slug, name, details, updated_at FROM programs
         UNION ALL SELECT program_slug || lang, name, details, updated_at FROM program_texts
         UNION ALL SELECT name || lang, value, seeded_from, updated_at FROM texts
         UNION ALL SELECT slug || lang, title, body_html, updated_at FROM pages
         UNION ALL SELECT slug || lang, title, body_html, updated_at FROM articles
         UNION ALL SELECT 'found ' || kind || slug || lang, title, body, published_at FROM search_docs
         UNION ALL SELECT name, hash, content_type, updated_at FROM media ORDER BY 1, 2",
    )
}

#[test]
fn a_second_start_changes_nothing() {
    let app = TestApp::start();
    let version = app.query::<(i64,)>("SELECT version FROM content_version")[0].0;
    let before = everything(&app);
    assert!(before.len() > 50, "{}", before.len());
    assert_eq!(start_again(&app), version);
    assert_eq!(everything(&app), before);
}

#[test]
fn what_was_only_tampered_with_is_brought_back_and_what_was_edited_stays() {
    let app = TestApp::start();
    let changes = [
        "UPDATE programs SET name = 'Mine', edited_at = 1 WHERE slug = 'prime'",
        "UPDATE programs SET name = 'Tampered' WHERE slug = 'mastery'",
        "UPDATE program_texts SET name = 'Mine', edited_at = 1 WHERE program_slug = 'mastery' AND lang = 'es'",
        "UPDATE program_texts SET name = 'Tampered' WHERE program_slug = 'mastery' AND lang = 'pt'",
        "UPDATE texts SET value = 'Mine', edited_at = 1 WHERE name = 'home' AND lang = 'es'",
        "UPDATE texts SET value = 'Tampered' WHERE name = 'home' AND lang = 'pt'",
        "UPDATE pages SET title = 'Mine', edited_at = 1 WHERE slug = 'privacy' AND lang = 'es'",
        "UPDATE pages SET title = 'Tampered' WHERE slug = 'privacy' AND lang = 'pt'",
        "UPDATE articles SET title = 'Mine', edited_at = 1 WHERE slug = 'choose-one-thing'",
        "UPDATE articles SET title = 'Tampered' WHERE slug = 'two-hours-a-week'",
        "UPDATE media SET hash = 'Mine', edited_at = 1 WHERE name = 'six-part-page.png'",
        "UPDATE media SET hash = 'Tampered' WHERE name = 'interview-sheet.png'",
    ];
    for change in changes {
        assert_eq!(app.change(change), 1, "{change}");
    }
    let named = |word: &str| {
        let rows = everything(&app).into_iter();
        // The index follows the tables.
        rows.filter(|row| row.1 == word && !row.0.starts_with("found ")).count()
    };
    assert_eq!((named("Mine"), named("Tampered")), (6, 6));
    start_again(&app);
    assert_eq!((named("Mine"), named("Tampered")), (6, 0));

    // Nor does a folder of one's own: an edit on the site comes after it.
    let folder = source::root().join("config/content");
    let taken_over = app.db().write_blocking(move |tx| -> Result<u64> {
        let content = Content::from_dir(&folder);
        let rows = programs::seed(tx, &programs::read_seed(&content).unwrap(), "folder")?
            + articles::seed(tx, &articles::read_seed(&content).unwrap(), "Ana", "folder")?
            + pages::seed(tx, &pages::read_seed(&content).unwrap(), "folder")?;
        Ok(rows)
    });
    assert!(taken_over.unwrap() > 10, "all others are the folder's now");
    assert_eq!(named("Mine"), 6);
}

/// Every place where an article of `lang` called `slug`, with `topic`, may appear.
fn places(lang: Lang, slug: &str, topic: &str, word: &str) -> Vec<String> {
    let mut places: Vec<String> =
        ["/", "/articles", "/feed.xml"].map(|path| lang.path(path)).into();
    places.push(lang.path(&format!("/articles/topics/{topic}")));
    places.push(lang.path(&format!("/search?q={word}")));
    places.push(lang.path(&format!("/articles/{slug}")));
    places.extend(["/sitemap.xml", "/llms.txt", "/api/v1/articles"].map(str::to_owned));
    places.push(format!("/api/v1/articles/{slug}"));
    places
}

#[test]
fn a_draft_and_a_future_article_appear_nowhere() {
    let app = TestApp::start();
    let piece = |slug| Piece::new(slug, "es", "Una palabrarara").on(&["temararo"]);
    let future = now_ms() + 3_600_000;
    publish(
        &app,
        vec![
            piece("un-borrador").dated(None),
            piece("un-futuro").dated(Some(future)),
            piece("visible"),
        ],
    );
    let own = |slug: &str| format!("/articles/{slug}");
    for place in places(Lang::Es, "visible", "temararo", "palabrarara") {
        let answer = app.get(&place);
        assert_eq!(answer.status, 200, "{place}");
        assert!(answer.text().contains(&own("visible")), "{place} should show the visible one");
        for hidden in ["un-borrador", "un-futuro"] {
            assert!(!answer.text().contains(hidden), "{place} shows {hidden}");
        }
    }
    for hidden in ["un-borrador", "un-futuro"] {
        for path in [
            format!("/es/articles/{hidden}"),
            format!("/articles/{hidden}"),
            format!("/art/articles/{hidden}.svg"),
            format!("/art/articles/{hidden}.png"),
        ] {
            assert_eq!(app.get(&path).status, 404, "{path}");
        }
    }
    assert_eq!(app.get("/art/articles/visible.svg").status, 200);

    app.change("UPDATE articles SET published_at = NULL WHERE slug = 'visible'");
    let hide = app.db().write_blocking(|tx| -> Result<()> {
        store::index_some(tx, "visibl", 1)?;
        tx.touch_content()
    });
    hide.unwrap();
    for place in places(Lang::Es, "visible", "temararo", "palabrarara") {
        let answer = app.get(&place);
        assert!(answer.status == 404 || !answer.text().contains(&own("visible")), "{place}");
    }
}

#[test]
fn a_change_shows_with_the_next_request_wherever_the_article_appears() {
    let app = TestApp::start();
    publish(&app, vec![Piece::new("cambiante", "pt", "Palavravelha").on(&["temararo"])]);
    let places = |word| places(Lang::Pt, "cambiante", "temararo", word);
    for place in places("palavravelha") {
        let answer = app.get(&place);
        assert_eq!(answer.status, 200, "{place}");
        // The map has addresses and dates only.
        assert_eq!(
            read(answer.text()).contains("Palavravelha"),
            place != "/sitemap.xml",
            "{place}"
        );
    }
    let changed = app.db().write_blocking(|tx| -> Result<()> {
        let sql = "UPDATE articles SET title = 'Palavranova', updated_at = 1771322400000 WHERE slug = 'cambiante'";
        assert_eq!(tx.exec(Sql::portable(sql), &[])?, 1);
        let article = store::by_slug(tx, "cambiante")?;
        store::index(tx, &article)?;
        tx.touch_content()
    });
    changed.unwrap();
    for place in places("palavranova") {
        let answer = app.get(&place);
        assert_eq!(answer.status, 200, "{place}");
        assert!(!answer.text().contains("Palavravelha"), "{place}");
        let shown = if place == "/sitemap.xml" {
            "/pt/articles/cambiante</loc><lastmod>2026-02-17</lastmod>"
        } else {
            "Palavranova"
        };
        assert!(answer.text().contains(shown), "{place}");
    }
    assert!(!app.get("/pt/search?q=palavravelha").page(200).contains("/articles/cambiante"));
}
