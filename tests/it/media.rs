//! Pictures: in texts, as files, and the drawings that belong to articles.

use manero::business::media;

use crate::app::{TestApp, get};
use crate::articles::{Piece, publish};
use crate::languages::{attribute, tags};

/// The first picture of ours in the text of an article.
fn picture(app: &TestApp, path: &str) -> String {
    let answer = app.get(path);
    let html = answer.page(200);
    let pictures = tags(html, "img");
    let ours = pictures.into_iter().find(|tag| tag.contains("src=\"/media/"));
    ours.unwrap_or_else(|| panic!("{path} has no picture")).to_owned()
}

const WITH_PICTURE: &str = "/articles/a-page-with-six-parts";

#[test]
fn a_picture_is_shown_as_it_came_until_its_variants_are_made() {
    let app = TestApp::start();
    let before = picture(&app, WITH_PICTURE);
    let original = attribute(&before, "src").unwrap();
    assert!(original.contains(".png") && attribute(&before, "srcset").is_none(), "{before}");
    let answer = app.get(&original);
    assert_eq!((answer.status, answer.header("Content-Type")), (200, Some("image/png")));
    assert!(answer.body.starts_with(b"\x89PNG"));

    media::make_variants(app.db(), &app.context.shelf).unwrap();
    let tag = picture(&app, WITH_PICTURE);
    let number = |name: &str| attribute(&tag, name).unwrap().parse::<i64>().unwrap();
    let (width, height) = (number("width"), number("height"));
    assert!(width > 0 && height > 0);
    assert_eq!(attribute(&before, "width").unwrap(), width.to_string(), "nothing jumps");
    assert_eq!(attribute(&tag, "loading").as_deref(), Some("lazy"));
    assert!(attribute(&tag, "alt").unwrap().contains("six numbered parts"), "{tag}");
    assert!(attribute(&tag, "sizes").is_some());

    let srcset = attribute(&tag, "srcset").unwrap();
    let variants: Vec<(&str, i64)> = srcset
        .split(", ")
        .map(|one| one.split_once(' ').unwrap())
        .map(|(url, wide)| (url, wide.strip_suffix('w').unwrap().parse().unwrap()))
        .collect();
    assert!(variants.len() > 1, "{srcset}");
    assert!(variants.iter().any(|(url, _)| *url == attribute(&tag, "src").unwrap()), "{tag}");
    for (url, wide) in variants {
        assert!(url.contains(".webp") && wide <= width, "{url} {wide}w");
        let answer = app.get(url);
        assert_eq!(
            (answer.status, answer.header("Content-Type")),
            (200, Some("image/webp")),
            "{url}"
        );
        assert_eq!(answer.header("Cache-Control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
        let header = media::header(&answer.body).unwrap();
        assert_eq!(header.width, wide, "{url} is as wide as promised");
        let etag = answer.header("ETag").unwrap();
        let again = app.send(&get(url).header("If-None-Match", etag));
        assert_eq!((again.status, again.body.len()), (304, 0), "{url}");
        assert_eq!(app.send(&get(url).header("If-None-Match", "\"other\"")).status, 200);
    }
    assert_eq!(app.get(&original).status, 200, "the original stays for those who have its address");
    assert!(app.get("/feed.xml").text().contains(".webp 480w"), "the feed has them too");
}

#[test]
fn only_names_of_pictures_lead_to_files() {
    let app = TestApp::start();
    std::fs::write(app.loaded.settings.data.dir.join("media/x.png"), "secret").unwrap();
    for name in [
        "x.png",
        "../manero.db",
        "..%2fmanero.db",
        "%2e%2e%2fmanero.db",
        "%2e%2e/manero.db",
        "..%5cmanero.db",
        "0123456789abcdef.png",
        "0123456789abcdef-480.webp",
        "0123456789abcdef.svg",
        "0123456789abcdef.png%00",
        "six-part-page.png",
        ".png",
        "",
        "%00",
    ] {
        let answer = app.get(&format!("/media/{name}"));
        assert_eq!(answer.status, 404, "{name}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("secret"), "{name}");
    }
}

#[test]
fn a_text_shows_no_picture_of_others() {
    let app = TestApp::start();
    let text = "![Mine](media/interview-sheet.png) ![A <b>tracker</b>](https://evil.example/a.png) \
                ![Gone](media/no-such.png) ![Up](media/../../x.png)";
    publish(&app, vec![Piece::new("pictured", "en", "Pictured").saying(text)]);
    let answer = app.get("/articles/pictured");
    let html = answer.page(200);
    assert!(
        !html.contains("evil.example") && !html.contains("no-such.png") && !html.contains("../")
    );
    for words in ["tracker", "Gone", "Up"] {
        assert!(html.contains(words), "the words of a picture that is not shown stay: {words}");
    }
    assert_eq!(html.matches("src=\"/media/").count(), 1);
}

/// Width and height that a PNG's header says.
fn png_size(bytes: &[u8]) -> (u32, u32) {
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && &bytes[12..16] == b"IHDR");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn every_article_has_a_drawing_of_its_own_that_is_always_the_same() {
    let (one, other) = (TestApp::start(), TestApp::start());
    let at = |slug: &str| format!("/art/articles/{slug}.svg");
    let drawing = one.get(&at("two-hours-a-week"));
    assert_eq!((drawing.status, drawing.header("Content-Type")), (200, Some("image/svg+xml")));
    assert!(drawing.text().starts_with("<svg") && !drawing.text().contains("<script"));
    assert!(drawing.header("Cache-Control").unwrap().contains("max-age="));
    assert_eq!(drawing.body, other.get(&at("two-hours-a-week")).body);
    assert_ne!(drawing.body, one.get(&at("choose-one-thing")).body);
    let page = one.get("/articles/two-hours-a-week");
    assert!(page.text().contains(&format!("src=\"{}\"", at("two-hours-a-week"))));
}

#[test]
fn social_networks_get_a_picture_of_the_size_they_want() {
    let app = TestApp::start();
    for page in ["/articles/two-hours-a-week", "/programs/prime", "/es/programs"] {
        let answer = app.get(page);
        let meta = |name: &str| {
            let tags = tags(answer.page(200), "meta");
            let tag = tags.into_iter().find(|tag| tag.contains(&format!("property=\"{name}\"")));
            attribute(tag.unwrap_or_else(|| panic!("{page}: {name}")), "content").unwrap()
        };
        let url = meta("og:image");
        let picture = app.get(url.strip_prefix("http://127.0.0.1:8000").unwrap());
        assert_eq!(
            (picture.status, picture.header("Content-Type")),
            (200, Some("image/png")),
            "{url}"
        );
        let size = (meta("og:image:width"), meta("og:image:height"));
        assert_eq!(size, ("1200".to_owned(), "630".to_owned()));
        assert_eq!(png_size(&picture.body), (1200, 630), "{url}");
    }
}

#[test]
fn nothing_is_drawn_for_what_does_not_exist() {
    let app = TestApp::start();
    for missing in [
        "/art/articles/no-such.svg",
        "/art/articles/no-such.png",
        "/art/articles/two-hours-a-week",
        "/art/articles/two-hours-a-week.gif",
        "/art/articles/.svg",
        "/art/programs/gold.png",
        "/art/programs/prime.svg",
        "/art/programs/..%2fhero.png",
        "/art/other.png",
    ] {
        assert_eq!(app.get(missing).status, 404, "{missing}");
    }
}
