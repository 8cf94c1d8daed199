//! How the site looks: what the owner chooses, what is refused, what visitors get.

use manero::admin::accounts::audit::Actor;
use manero::business::theme::colour::Colour;
use manero::business::theme::model::{Choices, Headings, LogoPlace};
use manero::business::theme::{edit, store};
use manero::platform::clock::now_ms;
use manero::platform::error::Error;
use rocket::http::Method;
use serde_json::json;

use crate::app::{Browser, TestApp, request};
use crate::languages::{attribute, tags};
use crate::media_uploads::picture;

fn green() -> Choices {
    let mut choices = Choices { headings: Headings::Slab, ..Choices::default() };
    choices.accent.light = Colour::parse("#1F6B45").unwrap();
    choices.paper.dark = Colour::parse("#101512").unwrap();
    choices
}

fn wear(app: &TestApp, choices: Choices) -> Result<Option<store::Theme>, Error> {
    app.db().write_blocking(move |tx| edit::wear(tx, &Actor::command(), choices, now_ms()))
}

/// The address of the theme's style sheet on the page at `path`.
fn sheet(app: &TestApp, path: &str) -> Option<String> {
    let answer = app.get(path);
    let links = tags(answer.text(), "link");
    links.iter().filter_map(|tag| attribute(tag, "href")).find(|href| href.starts_with("/theme/"))
}

#[test]
fn a_theme_is_worn_by_every_page_at_once_and_taken_off_again() {
    let app = TestApp::start();
    assert_eq!(sheet(&app, "/"), None);
    let worn = wear(&app, green()).unwrap().unwrap();
    for path in ["/", "/es/programs", "/articles", "/no-such-page"] {
        assert_eq!(sheet(&app, path), Some(worn.href()), "{path}");
    }
    assert!(
        app.get("/").text().contains("content=\"#101512\" media=\"(prefers-color-scheme: dark)")
    );
    let answer = app.get(&worn.href());
    assert_eq!(
        (answer.status, answer.header("Content-Type")),
        (200, Some("text/css; charset=utf-8"))
    );
    assert_eq!(answer.header("Cache-Control"), Some("public, max-age=31536000, immutable"));
    let css = answer.text();
    assert!(css.contains("--accent:#1F6B45;") && css.contains("--paper:#101512;"), "{css}");
    assert!(css.contains("--serif:Rockwell"), "{css}");

    let mut other = green();
    other.headings = Headings::Didone;
    let next = wear(&app, other).unwrap().unwrap();
    assert_ne!(next.href(), worn.href());
    assert_eq!(sheet(&app, "/"), Some(next.href()));
    assert_eq!(app.get(&worn.href()).status, 200, "a page of a moment ago still gets its own");

    let taken_off = app.db().write_blocking(|tx| edit::take_off(tx, &Actor::command(), now_ms()));
    taken_off.unwrap();
    assert_eq!(sheet(&app, "/"), None);
    assert_eq!(app.count("audit WHERE object_kind = 'theme'"), 3);
    for odd in ["/theme/0000000000000000.css", "/theme/x.css", "/theme/../x", "/theme/"] {
        assert_eq!(app.get(odd).status, 404, "{odd}");
    }
}

#[test]
fn what_could_not_be_read_is_refused_with_the_nearest_colours_that_can() {
    let app = TestApp::start();
    let mut choices = Choices::default();
    choices.accent.light = Colour::parse("#FFD400").unwrap();
    choices.paper.dark = Colour::parse("#777777").unwrap();
    let Err(Error::Invalid(faults)) = wear(&app, choices) else { panic!("it is worn") };
    let fields: Vec<&str> = faults.iter().map(manero::platform::error::Fault::field).collect();
    assert!(fields.contains(&"accent_light") && fields.contains(&"paper_dark"), "{fields:?}");
    for fault in &faults {
        let (_, nearest) = fault.message.rsplit_once(' ').unwrap();
        assert!(Colour::parse(nearest).is_some(), "{}", fault.message);
    }
    assert_eq!(sheet(&app, "/"), None);
    assert_eq!(app.count("themes"), 0);
}

#[test]
fn the_same_choices_again_change_nothing_and_those_of_the_program_are_no_theme() {
    let app = TestApp::start();
    wear(&app, green()).unwrap();
    let version = app.db().content_version();
    wear(&app, green()).unwrap();
    assert_eq!((app.db().content_version(), app.count("themes")), (version, 1));
    assert_eq!(wear(&app, Choices::default()).unwrap(), None);
    assert_eq!(sheet(&app, "/"), None);
}

#[test]
fn a_draft_is_seen_by_nobody_who_does_not_ask_for_it() {
    let app = TestApp::start();
    let mut odd = green();
    odd.accent.light = Colour::parse("#FFD400").unwrap();
    let made = app.db().write_blocking(|tx| edit::draft(tx, &Actor::command(), odd, now_ms()));
    let made = made.unwrap();
    assert_eq!(sheet(&app, "/"), None);
    assert!(app.get(&made.href()).text().contains("--accent:#FFD400;"), "also while it is refused");
}

#[test]
fn a_logo_of_the_library_stands_at_the_head_of_every_page() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let made = picture(&app, &editor, "logo.png", 1);
    let choices = Choices { logo: Some("logo".into()), ..Choices::default() };
    wear(&app, choices.clone()).unwrap();
    let answer = app.get("/");
    let logo = tags(answer.text(), "img").into_iter().find(|tag| tag.contains("class=\"logo\""));
    let logo = logo.expect("a logo").to_owned();
    assert_eq!(attribute(&logo, "width").as_deref(), Some("60"));
    assert_eq!(attribute(&logo, "height").as_deref(), Some("40"));
    assert_eq!(attribute(&logo, "alt").as_deref(), Some(""), "the name stands beside it");
    assert!(answer.text().contains("brand-name"));
    wear(&app, Choices { logo_place: LogoPlace::InsteadOfName, ..choices }).unwrap();
    assert!(!app.get("/").text().contains("brand-name"));

    let at = format!("/api/v1/media/{}", made["id"].as_str().unwrap());
    let uses = app.get_as(&editor, &format!("{at}/uses")).json();
    assert_eq!(uses["items"], json!([{ "kind": "theme", "title": "Logo", "url": "/" }]));
    app.send(&request(Method::Delete, &at).bearer(&editor)).problem(409);
    let anyway = format!("{at}?although_used=true");
    assert_eq!(app.send(&request(Method::Delete, &anyway).bearer(&editor)).status, 204);
    assert!(app.get("/").text().contains("brand-name"), "the mark is back");
    let gone = Choices { logo: Some("logo".into()), ..green() };
    let Err(Error::Invalid(faults)) = wear(&app, gone) else { panic!("it is worn") };
    assert_eq!(faults[0].field(), "logo");
}

const GREEN: [(&str, &str); 7] = [
    ("accent_light", "#1F6B45"),
    ("accent_dark", "#6FCF97"),
    ("paper_light", "#FBF8F3"),
    ("paper_dark", "#151311"),
    ("headings", "slab"),
    ("corners", "round"),
    ("logo_place", "beside-name"),
];

fn with<'f>(change: (&'f str, &'f str)) -> Vec<(&'f str, &'f str)> {
    let kept = GREEN.into_iter().filter(|(name, _)| *name != change.0);
    kept.chain([change]).collect()
}

/// What the page after a redirect shows.
fn after(app: &TestApp, browser: &Browser, answer: &crate::app::Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = browser.keeping(answer).get(app, answer.header("Location").unwrap());
    page.page(200).to_owned()
}

#[test]
fn a_look_is_tried_on_worn_and_taken_back_in_the_dashboard() {
    let app = TestApp::unlimited();
    let editor = app.at_the_dashboard("editor");
    assert!(editor.get(&app, "/admin/theme").page(200).contains("value=\"#A63A1E\""));
    let tried = editor.post(&app, "/admin/theme/draft", &GREEN);
    let page = after(&app, &editor, &tried);
    assert!(
        page.contains("value=\"#1F6B45\"") && page.contains("Everything can be read"),
        "{page}"
    );
    let id = tried.header("Location").unwrap().rsplit('=').next().unwrap().to_owned();
    let preview = editor.get(&app, &format!("/admin/theme/preview/{id}"));
    assert!(preview.page(200).contains("href=\"/theme/") && preview.text().contains("noindex"));
    assert_eq!(preview.header("Cache-Control"), Some("no-store"));
    let home = app.get("/");
    assert!(!home.text().contains("/theme/"), "nobody else sees it");
    assert_eq!(app.get(&format!("/admin/theme/preview/{id}")).status, 303, "no stranger does");

    let saved = editor.post(&app, "/admin/theme", &GREEN);
    let page = after(&app, &editor, &saved);
    assert!(page.contains("Every page wears it now") && page.contains("Undo"), "{page}");
    assert!(app.get("/").text().contains("/theme/"));
    let undone = editor.post(&app, "/admin/theme/reset", &[]);
    let page = after(&app, &editor, &undone);
    assert!(page.contains("built-in look again") && page.contains("Worn before"));
    assert!(!app.get("/").text().contains("/theme/"));
    let past = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    after(&app, &editor, &editor.post(&app, "/admin/theme/wear", &[("id", past)]));
    assert!(app.get("/").text().contains("/theme/"));
}

#[test]
fn the_form_says_what_cannot_be_read_and_offers_what_can() {
    let app = TestApp::unlimited();
    let editor = app.at_the_dashboard("editor");
    let refused = editor.post(&app, "/admin/theme", &with(("accent_light", "#FFD400")));
    let page = refused.page(422);
    assert!(page.contains("value=\"#FFD400\"") && page.contains("id=\"accent_light-fault\""));
    assert!(page.contains("Use the nearest colours that can be read"), "{page}");
    let odd = editor.post(&app, "/admin/theme", &with(("paper_dark", "red")));
    assert!(odd.page(422).contains("six digits after #") && odd.text().contains("value=\"red\""));
    let part = editor.post(&app, "/admin/theme/check", &with(("accent_light", "#FFD400")));
    assert!(part.page(200).starts_with("<div class=\"samples\">"), "{}", part.text());
    assert!(part.text().contains("cannot be read"));
    assert_eq!(app.count("themes"), 0);
}

#[test]
fn two_who_change_the_look_hear_of_each_other() {
    let app = TestApp::unlimited();
    let editor = app.at_the_dashboard("editor");
    wear(&app, green()).unwrap();
    let late = editor.post(&app, "/admin/theme", &GREEN);
    let page = late.page(422);
    assert!(page.contains("Somebody else has changed the look"), "{page}");
    let worn = page.split("name=\"worn\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let again: Vec<_> = GREEN.into_iter().chain([("worn", worn)]).collect();
    after(&app, &editor, &editor.post(&app, "/admin/theme", &again));
}

#[test]
fn a_program_changes_the_look_and_hears_what_could_not_be_read() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let before = app.get_as(&editor, "/api/v1/theme");
    assert_eq!(before.json()["style_sheet"], json!(null));
    let tag = before.header("ETag").unwrap();
    let green = json!({ "accent": { "light": "#1f6b45" }, "headings": "slab" });
    let changed = app.patch_as(&editor, "/api/v1/theme", &green).json();
    assert_eq!(changed["accent"], json!({ "light": "#1F6B45", "dark": "#F08A6B" }));
    assert_eq!(sheet(&app, "/").as_deref(), changed["style_sheet"].as_str());
    assert_eq!(app.get_as(&editor, "/api/v1/theme").json(), changed);
    let late = request(Method::Patch, "/api/v1/theme").bearer(&editor).header("If-Match", tag);
    app.send(&late.json(&json!({ "corners": "round" }))).problem(412);
    let pale = json!({ "accent": { "light": "#FFD400" } });
    let problem = app.patch_as(&editor, "/api/v1/theme", &pale).problem(409);
    assert!(
        problem["detail"].as_str().unwrap().contains("The nearest that works is #"),
        "{problem}"
    );
    app.patch_as(&editor, "/api/v1/theme", &json!({ "logo": "none-such" })).problem(409);
    let odd = json!({ "accent": { "light": "red", "drak": "#000000" }, "logo": "../x", "corners": "oval" });
    let problem = app.patch_as(&editor, "/api/v1/theme", &odd).problem(400);
    assert_eq!(problem["error"].as_array().unwrap().len(), 4, "{problem}");
    let reset = app.send(&request(Method::Post, "/api/v1/theme/reset").bearer(&editor)).json();
    assert_eq!(reset, before.json());
    assert_eq!(sheet(&app, "/"), None);
}
