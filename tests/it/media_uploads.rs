//! Pictures as people bring them: what is taken, what becomes of it, and what whoever brings something else is told.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageEncoder as _, ImageFormat, Rgb, RgbImage};
use manero::business::media;
use rocket::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, TestApp, get, post, request};
use crate::articles::{Piece, publish};

/// A picture that is unlike others of another `seed`.
pub(crate) fn png(seed: u8, width: u32, height: u32) -> Vec<u8> {
    let shade = |x: u32, y: u32| Rgb([seed, (x * 3) as u8, (y * 5) as u8]);
    let mut bytes = Cursor::new(Vec::new());
    let image = DynamicImage::from(RgbImage::from_fn(width, height, shade));
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Sends a file to the library.
pub(crate) fn bring(app: &TestApp, token: &str, query: &str, kind: &str, file: Vec<u8>) -> Answer {
    app.send(&post(&format!("/api/v1/media?{query}")).bearer(token).body(kind, file))
}

/// A picture of the library, brought as `name`.
pub(crate) fn picture(app: &TestApp, token: &str, name: &str, seed: u8) -> Value {
    let query = format!("alt=A+drawing&file_name={name}");
    let answer = bring(app, token, &query, "image/png", png(seed, 60, 40));
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

fn files(app: &TestApp) -> Vec<String> {
    let dir = app.loaded.settings.data.dir.join("media");
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_photo_is_turned_upright_made_anew_and_shown_by_the_text_that_names_it() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let mut photo = Vec::new();
    let mut encoder = JpegEncoder::new(&mut photo);
    let mut exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend(b"GPS: at home");
    encoder.set_exif_metadata(exif).unwrap();
    encoder.encode_image(&RgbImage::from_fn(900, 600, |x, y| Rgb([x as u8, y as u8, 9]))).unwrap();
    assert!(photo.windows(3).any(|three| three == b"GPS"));

    let query = "alt=Me+on+a+mountain&lang=en&file_name=IMG%200001%20(Peak).JPG";
    let answer = bring(&app, &editor, query, "image/jpeg", photo);
    let made = answer.json();
    assert_eq!((answer.status, &made["name"]), (201, &json!("img-0001-peak")), "{made}");
    assert_eq!((&made["width"], &made["height"]), (&json!(600), &json!(900)), "upright");
    assert_eq!(made["variants"], json!([160, 480, 600]));
    assert_eq!(made["alt"], json!({ "en": "Me on a mountain", "es": "", "pt": "" }));
    assert_eq!((&made["file_name"], &made["notes"]), (&json!("IMG 0001 (Peak).JPG"), &json!([])));

    let shown = app.get(made["url"].as_str().unwrap());
    assert_eq!((shown.status, shown.header("Content-Type")), (200, Some("image/webp")));
    for name in files(&app).iter().filter(|name| name.contains(".webp")) {
        let bytes = app.get(&format!("/media/{name}")).body;
        assert!(!bytes.windows(3).any(|three| three == b"GPS"), "{name}");
        assert!(!bytes.windows(4).any(|four| four == b"EXIF"), "{name}");
    }
    publish(&app, vec![Piece::new("up", "en", "Up").saying("![Me](media/img-0001-peak)")]);
    let page = app.get("/articles/up");
    assert!(page.text().contains("600w") && page.text().contains(made["url"].as_str().unwrap()));
    let found = app.get_as(&editor, &format!("/api/v1/media/{}", made["id"].as_str().unwrap()));
    assert_eq!(found.json()["name"], made["name"]);
    let lines = app.count("audit WHERE action = 'media.create'");
    assert_eq!(lines, 1);
}

/// A PNG that says it is larger than it is.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut png = png(1, 2, 2);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..29]);
    png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    png
}

#[test]
fn whoever_brings_a_bad_file_is_told_what_is_wrong_and_nothing_of_it_is_kept() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let before = files(&app);
    let whole = png(1, 300, 200);
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    for (kind, file, told) in [
        ("image/png", Vec::new(), "The file is empty."),
        ("image/svg+xml", svg.into(), "This is an SVG drawing"),
        ("image/png", svg.into(), "This is an SVG drawing"),
        ("image/png", b"\0\0\0\x18ftypheic1234".to_vec(), "This is a HEIC photo"),
        ("image/jpeg", b"MZ\x90\0 a program".to_vec(), "This is not a JPEG, PNG, WebP or GIF"),
        ("image/png", bomb(30_000, 30_000), "The picture is 30000 × 30000 pixels"),
        ("image/png", bomb(13_000, 2), "The picture is 13000 × 2 pixels"),
        ("image/png", bomb(9_000, 9_000), "The picture is 9000 × 9000 pixels"),
        ("image/png", whole[..whole.len() / 2].to_vec(), "The file ends in the middle"),
        ("image/png", whole[..20].to_vec(), "The file ends in the middle"),
        ("image/gif", b"GIF89a".to_vec(), "The file ends in the middle"),
    ] {
        let answer = bring(&app, &editor, "alt=x", kind, file);
        let problem = answer.problem(400);
        let fault = &problem["error"][0];
        assert_eq!(fault["path"], json!(["file"]), "{problem}");
        assert!(fault["message"].as_str().unwrap().starts_with(told), "{problem}");
    }
    let mut large = whole.clone();
    large.resize(20 * 1024 * 1024 + 1, 0);
    bring(&app, &editor, "alt=x", "image/png", large).problem(413);
    bring(&app, &editor, "alt=x", "text/plain", whole.clone()).problem(415);
    bring(&app, &editor, "alt=x", "", whole.clone()).problem(415);
    let untold = bring(&app, &editor, "", "image/png", whole).problem(400);
    assert_eq!(untold["error"][0]["path"], json!(["alt"]));
    assert_eq!(files(&app), before);
    assert_eq!(app.count("media WHERE seeded_from = 'owner'"), 0);
}

#[test]
fn a_path_is_cut_off_a_name_and_a_name_is_given_once() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let query = "alt=&file_name=..%2F..%2Fetc%2Fpasswd.png";
    let first = bring(&app, &editor, query, "image/png", png(1, 60, 40)).json();
    assert_eq!((&first["name"], &first["file_name"]), (&json!("passwd"), &json!("passwd.png")));
    assert_eq!(first["decorative"], true);
    assert!(first["notes"][0].as_str().unwrap().starts_with("Folders"), "{first}");
    let second = bring(&app, &editor, query, "image/png", png(2, 60, 40)).json();
    assert_eq!(second["name"], "passwd-2");
    assert!(files(&app).iter().all(|name| !name.contains("passwd")));
}

#[test]
fn the_same_picture_is_kept_once_and_a_repeated_request_done_once() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let first = picture(&app, &editor, "one.png", 7);
    let before = files(&app);
    let again = picture(&app, &editor, "two.png", 7);
    assert_eq!((&again["id"], &again["name"]), (&first["id"], &json!("one")));
    assert!(again["notes"][0].as_str().unwrap().contains("already"), "{again}");
    assert_eq!(files(&app), before);
    let ask = |alt: &str| {
        let ask = post(&format!("/api/v1/media?alt={alt}&file_name=three.png")).bearer(&editor);
        let ask = ask.header("Idempotency-Key", "k-1").body("image/png", png(8, 60, 40));
        app.send(&ask)
    };
    let made = ask("x");
    let replayed = ask("x");
    assert_eq!((replayed.status, replayed.json()), (201, made.json()));
    assert_eq!(replayed.header("Idempotent-Replayed"), Some("true"));
    ask("y").problem(422);
}

#[test]
fn a_gif_that_moves_stands_still() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let mut gif = Vec::new();
    let frame = |shade: u8| {
        image::Frame::new(image::RgbaImage::from_pixel(20, 10, [shade, 0, 0, 255].into()))
    };
    image::codecs::gif::GifEncoder::new(&mut gif).encode_frames([frame(9), frame(200)]).unwrap();
    let made = bring(&app, &editor, "alt=A+square", "image/gif", gif).json();
    assert_eq!(made["content_type"], "image/webp");
    assert!(made["notes"][0].as_str().unwrap().starts_with("It moved"), "{made}");
}

#[test]
fn a_replaced_file_is_shown_at_once_by_every_text_and_the_first_one_goes_with_the_second_replacement()
 {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let made = picture(&app, &editor, "sheet.png", 1);
    publish(&app, vec![Piece::new("sheet", "en", "Sheet").saying("![A](media/sheet)")]);
    let first = made["url"].as_str().unwrap().to_owned();
    assert!(app.get("/articles/sheet").text().contains(&first));
    let at = format!("/api/v1/media/{}/file", made["id"].as_str().unwrap());
    let put = |seed: u8, tag: &str| {
        let ask = request(Method::Put, &at).bearer(&editor).body("image/png", png(seed, 80, 30));
        app.send(&if tag.is_empty() { ask } else { ask.header("If-Match", tag) })
    };
    put(2, "\"old\"").problem(412);
    let second = put(2, "");
    assert_eq!((second.status, &second.json()["width"]), (200, &json!(80)));
    assert_eq!((&second.json()["name"], &second.json()["alt"]), (&made["name"], &made["alt"]));
    let page = app.get("/articles/sheet");
    assert!(page.text().contains(second.json()["url"].as_str().unwrap()));
    assert!(!page.text().contains(&first));
    assert_eq!(app.get(&first).status, 200, "it can be put back");
    assert_eq!(put(3, "").status, 200);
    assert_eq!(app.get(&first).status, 404);
    let missing = at.replace(made["id"].as_str().unwrap(), "0199f1c2-0000-7000-8000-000000000000");
    app.send(&request(Method::Put, &missing).bearer(&editor).body("image/png", png(4, 9, 9)))
        .problem(404);
}

#[test]
fn what_is_removed_is_gone_with_its_files_and_a_built_in_picture_stays_away() {
    let app = TestApp::unlimited();
    let editor = app.session_of("editor").access;
    let made = picture(&app, &editor, "gone.png", 1);
    let url = made["url"].as_str().unwrap();
    let at = format!("/api/v1/media/{}", made["id"].as_str().unwrap());
    let remove = |at: &str| app.send(&request(Method::Delete, at).bearer(&editor));
    assert_eq!(remove(&at).status, 204);
    remove(&at).problem(404);
    assert_eq!(app.get(url).status, 404);
    assert_eq!(app.send(&get(&at).bearer(&editor)).status, 404);

    let built_in = app.get_as(&editor, "/api/v1/media?q=six+part").json()["items"][0].clone();
    let at = format!("/api/v1/media/{}", built_in["id"].as_str().unwrap());
    let problem = remove(&at).problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("1 text shows"), "{problem}");
    assert_eq!(remove(&format!("{at}?although_used=true")).status, 204);
    let page = app.get("/articles/a-page-with-six-parts");
    assert!(page.text().contains("six numbered parts") && !page.text().contains("src=\"/media/"));
    let seeds = media::read_seed(&manero::business::content::Content::default()).unwrap();
    let brought = app.db().write_blocking(move |tx| media::seed(tx, &seeds, "built-in")).unwrap();
    assert_eq!(brought, 0, "a later start leaves it out");
}
