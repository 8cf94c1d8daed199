//! The picture for link previews: 1200 by 630, the art on paper, and the mark standing on an inked line.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, Options, Tree};

const WIDTH: f32 = 1200.0;
const HEIGHT: f32 = 630.0;

/// No art of ours comes near this; more is not worth the time it would take.
const LONGEST: usize = 256 * 1024;

/// The line and the mark of `templates/partials/_mark.html`, three times its size, feet on the line.
const SIGNATURE: &str = concat!(
    r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 630" width="1200" height="630" stroke-linecap="round">"#,
    r##"<path fill="none" stroke="#1D1A16" stroke-width="4" d="M56 584C300 580 520 587 760 583S1040 586 1144 581"/>"##,
    r#"<g transform="translate(66 468) scale(2.7)">"#,
    r##"<path fill="#1D1A16" d="M3.6 8.4 12.6 7.2 13.4 42.2 4.3 43zM35.6 7 44.9 8 44.1 42.9 34.6 42.1z"/>"##,
    r##"<path fill="#A63A1E" d="M10.2 7.4 24.2 24.4 38.4 6.8 38.9 19.8 24 39.2 10.7 20.8z"/></g></svg>"##,
);

/// A PNG of the art in its light colours. `None` when the text is no SVG that can be drawn.
pub fn social_picture(art_svg: &str) -> Option<Vec<u8>> {
    if art_svg.len() > LONGEST {
        return None;
    }
    // The art may be an owner's upload: a picture that it names is not looked for on this machine.
    let options = Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    let art = Tree::from_str(&light_only(art_svg), &options).ok()?;
    let signature = Tree::from_str(SIGNATURE, &options).ok()?;

    let mut picture = Pixmap::new(WIDTH as u32, HEIGHT as u32)?;
    picture.fill(Color::from_rgba8(0xFB, 0xF8, 0xF3, 0xFF));
    resvg::render(&art, place(art.size().width(), art.size().height()), &mut picture.as_mut());
    resvg::render(&signature, Transform::identity(), &mut picture.as_mut());
    png(&picture)
}

/// tiny-skia's own encoder makes files three times this size: it filters, and flat colours want no filter.
fn png(picture: &Pixmap) -> Option<Vec<u8>> {
    // All is opaque on the paper, so the alpha can go.
    let rgb: Vec<u8> =
        picture.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let mut out = Vec::with_capacity(48 * 1024);
    let encoder =
        PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::NoFilter);
    encoder.write_image(&rgb, picture.width(), picture.height(), ExtendedColorType::Rgb8).ok()?;
    Some(out)
}

/// Wide art stands right of the mark, as large as the line lets it; what is square or tall stands in the middle.
fn place(width: f32, height: f32) -> Transform {
    let wide = width > height * 1.25;
    let (left, right) = if wide { (270.0, 1150.0) } else { (250.0, 950.0) };
    let (top, bottom) = (26.0, 572.0);
    let scale = ((right - left) / width).min((bottom - top) / height);
    let x = if wide { right - width * scale } else { (WIDTH - width * scale) / 2.0 };
    let y = top + (bottom - top - height * scale) / 2.0;
    Transform::from_row(scale, 0.0, 0.0, scale, x, y)
}

/// The text without its `@media` blocks: resvg knows no colour scheme, and must not take the dark rules for rules.
fn light_only(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some(at) = rest.find("@media") {
        out.push_str(&rest[..at]);
        rest = after_block(&rest[at..]);
    }
    out.push_str(rest);
    out
}

/// What follows the block that begins here; nothing if its braces never close.
fn after_block(text: &str) -> &str {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return &text[at + 1..],
            b'}' => depth -= 1,
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business::art::drawing;

    fn decoded(png: &[u8]) -> image::RgbImage {
        image::load_from_memory(png).unwrap().into_rgb8()
    }

    #[test]
    fn every_kind_of_art_makes_a_small_picture() {
        let prime = include_str!("../../../static/img/prime.svg");
        let hero = include_str!("../../../static/img/hero.svg");
        for art in [drawing("the-sentence-people-repeat").as_str(), prime, hero] {
            let png = social_picture(art).unwrap();
            assert!(png.len() <= 60 * 1024, "{} bytes", png.len());
            let picture = decoded(&png);
            assert_eq!(picture.dimensions(), (1200, 630));
            assert_eq!(picture.get_pixel(4, 4).0, [0xFB, 0xF8, 0xF3]);
            // A post of the mark, and its fold.
            assert_eq!(picture.get_pixel(84, 560).0, [0x1D, 0x1A, 0x16]);
            assert_eq!(picture.get_pixel(131, 555).0, [0xA6, 0x3A, 0x1E]);
            // The sheet behind the art, in its light colour.
            assert!(picture.pixels().any(|pixel| pixel.0 == [0xE6, 0xDF, 0xD4]));
            // The same in its dark one; a softened edge may hit it by chance.
            assert!(picture.pixels().filter(|pixel| pixel.0 == [0x35, 0x30, 0x2A]).count() < 200);
        }
    }

    #[test]
    fn what_is_no_drawing_makes_no_picture() {
        for text in
            ["", "hello", "<svg", "<html></html>", &format!("<svg>{}</svg>", " ".repeat(LONGEST))]
        {
            assert!(social_picture(text).is_none(), "{text:.20}");
        }
    }

    #[test]
    fn media_blocks_go_whole() {
        assert_eq!(light_only("a{b}@media(x){c{d}e{f}}g{h}@media y{}i"), "a{b}g{h}i");
        assert_eq!(light_only("a@media(x){c{d}"), "a");
    }
}
