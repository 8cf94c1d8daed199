//! The library in the dashboard: the form and the editor's script bring pictures, and every bad one is told.

use crate::app::{Browser, TestApp};
use crate::articles::{Piece, publish};
use crate::media_uploads::png;

/// What the page after a redirect says first.
fn said(app: &TestApp, browser: &Browser, answer: &crate::app::Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = browser.keeping(answer).get(app, answer.header("Location").unwrap());
    page.page(200).to_owned()
}

fn id_of(answer: &crate::app::Answer) -> String {
    answer.header("Location").unwrap().rsplit('/').next().unwrap().to_owned()
}

fn bring(app: &TestApp, browser: &Browser, name: &str, seed: u8) -> String {
    let ask = browser.upload("/admin/media", &[("alt", "A drawing")], (name, &png(seed, 60, 40)));
    let answer = app.send(&ask);
    assert_eq!(answer.status, 303, "{}", answer.text());
    id_of(&answer)
}

#[test]
fn a_picture_is_brought_described_replaced_put_back_and_removed() {
    let app = TestApp::unlimited();
    let editor = app.at_the_dashboard("editor");
    let empty = editor.get(&app, "/admin/media?q=nothing-like-it");
    assert!(empty.page(200).contains("Nothing fits"));
    let ask = editor.upload(
        "/admin/media",
        &[("alt", "Me on a mountain")],
        ("Big Peak.PNG", &png(1, 700, 40)),
    );
    let answer = app.send(&ask);
    let page = said(&app, &editor, &answer);
    assert!(page.contains("“Big Peak.PNG” is in the library."), "{page}");
    assert!(page.contains("![Me on a mountain](media/big-peak)") && page.contains("700 × 40"));
    let at = format!("/admin/media/{}", id_of(&answer));
    let list = editor.get(&app, "/admin/media?has_alt=true&is_used=false");
    assert!(list.page(200).contains(&at) && list.text().contains("-160.webp"));

    let stamp = page.split("name=\"updated_at\" value=\"").nth(1).unwrap();
    let stamp = stamp.split('"').next().unwrap().to_owned();
    let form =
        [("updated_at", stamp.as_str()), ("file_name", "Peak"), ("alt_es", "Yo"), ("alt_en", "Me")];
    let saved = said(&app, &editor, &editor.post(&app, &at, &form));
    assert!(saved.contains("“Peak” is saved.") && saved.contains("Undo"), "{saved}");
    let late = editor.post(&app, &at, &[("updated_at", stamp.as_str()), ("alt_en", "Mine")]);
    let page = late.page(422);
    assert!(
        page.contains("Somebody else has changed") && page.contains("value=\"Mine\""),
        "{page}"
    );
    let nothing = editor.post(&app, &at, &[("file_name", "Peak")]);
    assert!(nothing.page(422).contains("Say what the picture shows"));

    publish(&app, vec![Piece::new("up", "en", "Up").saying("![Me](media/big-peak)")]);
    assert!(editor.get(&app, &at).page(200).contains("/admin/articles/up"));
    let replaced =
        app.send(&editor.upload(&format!("{at}/file"), &[], ("New.png", &png(2, 90, 90))));
    let page = said(&app, &editor, &replaced);
    assert!(page.contains("shown everywhere") && page.contains("90 × 90"), "{page}");
    let again = app.send(&editor.upload(&format!("{at}/file"), &[], ("New.png", &png(2, 90, 90))));
    assert!(again.page(422).contains("This is the file that is there already."));
    let back = said(&app, &editor, &editor.post(&app, &format!("{at}/file/previous"), &[]));
    assert!(back.contains("The earlier file is shown again.") && back.contains("700 × 40"));

    let unsure = editor.post(&app, &format!("{at}/remove"), &[("typed", "peak")]);
    assert!(unsure.page(422).contains("Type big-peak to remove it."));
    let gone = editor.post(&app, &format!("{at}/remove"), &[("typed", "big-peak")]);
    assert!(said(&app, &editor, &gone).contains("and its files are removed"));
    assert_eq!(editor.get(&app, &at).status, 404);
    assert!(!app.get("/articles/up").text().contains("src=\"/media/"));
}

#[test]
fn every_bad_file_is_told_beside_its_field_and_what_was_typed_stays() {
    let app = TestApp::unlimited();
    let editor = app.at_the_dashboard("editor");
    let whole = png(1, 300, 200);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    for (file, told) in [
        (&b""[..], "The file is empty."),
        (svg, "This is an SVG drawing"),
        (b"%PDF-1.7 and so on", "This is a PDF document"),
        (b"\0\0\0\x18ftypheic1234", "This is a HEIC photo"),
        (&whole[..whole.len() / 2], "The file ends in the middle of the picture"),
    ] {
        let ask = editor.upload("/admin/media", &[("alt", "My words")], ("x.png", file));
        let answer = app.send(&ask);
        let page = answer.page(422);
        assert!(page.contains(told), "{told}: {page}");
        assert!(page.contains("value=\"My words\"") && page.contains("id=\"file-fault\""));
    }
    let unsaid = app.send(&editor.upload("/admin/media", &[], ("x.png", &whole)));
    assert!(unsaid.page(422).contains("Say what the picture shows, or tick"));
    let none = app.send(&editor.upload("/admin/media", &[("alt", "x")], ("", b"")));
    assert!(none.page(422).contains("Choose a picture first."));
    let mut large = whole.clone();
    large.resize(20 * 1024 * 1024 + 1, 0);
    let large = app.send(&editor.upload("/admin/media", &[("alt", "x")], ("x.png", &large)));
    assert!(large.page(413).contains("20 MB"), "{}", large.text());
    assert_eq!(app.count("media WHERE seeded_from = 'owner'"), 0);
    let path =
        app.send(&editor.upload("/admin/media", &[("decorative", "yes")], ("../../x.png", &whole)));
    assert!(said(&app, &editor, &path).contains("Folders and hidden characters were taken out"));
}

#[test]
fn the_editor_hears_in_json_how_a_text_shows_the_picture_or_why_it_was_not_taken() {
    let app = TestApp::unlimited();
    let editor = app.at_the_dashboard("editor");
    let send = |fields: &[(&str, &str)], file: &[u8]| {
        let ask = editor.upload("/admin/media", fields, ("Harbour.png", file));
        app.send(&ask.header("X-CSRF-Token", &editor.csrf))
    };
    let made = send(&[("alt", "The [old] harbour")], &png(1, 60, 40));
    assert_eq!(made.status, 201, "{}", made.text());
    let json = made.json();
    assert_eq!(json["markdown"], "![The \\[old\\] harbour](media/harbour)");
    assert!(
        editor.get(&app, &format!("/admin/media/{}", json["id"].as_str().unwrap())).status == 200
    );
    let again = send(&[("alt", "The [old] harbour")], &png(1, 60, 40)).json();
    assert_eq!((&again["id"], again["notes"].as_array().unwrap().len()), (&json["id"], 1));
    let bad = send(&[("alt", "x")], b"<svg/>");
    assert_eq!(bad.status, 400);
    assert!(bad.json()["error"].as_str().unwrap().starts_with("This is an SVG drawing"));
    assert_eq!(bad.json()["detail"], bad.json()["error"]);
    let unsaid = send(&[], &png(2, 60, 40));
    assert_eq!(unsaid.status, 400);
    assert!(unsaid.json()["error"].as_str().unwrap().starts_with("Say what the picture shows"));
    let ask = editor.upload("/admin/media", &[("alt", "x")], ("x.png", &png(3, 60, 40)));
    app.send(&ask.header("X-CSRF-Token", "forged")).problem(403);
}

#[test]
fn an_analyst_sees_the_library_without_its_forms() {
    let app = TestApp::unlimited();
    let editor = app.at_the_dashboard("editor");
    let id = bring(&app, &editor, "one.png", 1);
    let analyst = app.at_the_dashboard("analyst");
    let list = analyst.get(&app, "/admin/media");
    assert!(list.page(200).contains("one.png") && !list.text().contains("Add a picture"));
    let one = analyst.get(&app, &format!("/admin/media/{id}"));
    assert!(one.page(200).contains("Where it is used") && !one.text().contains("Remove this"));
}
