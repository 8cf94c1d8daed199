//! What a file is when it is no picture of ours, told from its first bytes: whoever brought it hears what to bring
//! instead.

use super::model::Unfit;

/// Bytes in which a text says what it is.
const BEGINNING: usize = 1024;

/// Names of the box `ftyp`, the kind of file they stand for, and what to do.
const BOXES: &[(&[&[u8]], &str, &str)] = &[
    (
        &[b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"],
        "a HEIC photo",
        "save it as JPEG and bring that",
    ),
    (&[b"avif", b"avis"], "an AVIF picture", "save it as JPEG or PNG and bring that"),
    (&[b"qt  "], "a film", "bring a still picture of it"),
];

/// Beginnings of other files.
const BEGINNINGS: &[(&[u8], &str, &str)] = &[
    (b"%PDF", "a PDF document", "export its page as PNG and bring that"),
    (b"BM", "a BMP picture", "save it as PNG and bring that"),
    (b"II*\0", "a TIFF picture", "save it as JPEG or PNG and bring that"),
    (b"MM\0*", "a TIFF picture", "save it as JPEG or PNG and bring that"),
    (b"8BPS", "a Photoshop file", "export it as JPEG or PNG and bring that"),
    (b"\0\0\x01\0", "an icon", "save it as PNG and bring that"),
    (b"PK\x03\x04", "a ZIP archive", "unpack it and bring the pictures in it"),
    (b"\x1a\x45\xdf\xa3", "a film", "bring a still picture of it"),
];

/// Why these bytes, which no decoder of ours knows, are not taken.
pub(super) fn stranger(bytes: &[u8]) -> Unfit {
    if bytes.is_empty() {
        return Unfit::Empty;
    }
    if let Some(kind) = text_kind(bytes) {
        return kind;
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        let brand = bytes.get(8..12).unwrap_or_default();
        let known = BOXES.iter().find(|(brands, ..)| brands.contains(&brand));
        let (kind, instead) =
            known.map_or(("a film", "bring a still picture of it"), |(_, k, i)| (*k, *i));
        return Unfit::Foreign { kind, instead };
    }
    match BEGINNINGS.iter().find(|(start, ..)| bytes.starts_with(start)) {
        Some((_, kind, instead)) => Unfit::Foreign { kind, instead },
        None => Unfit::UnknownKind,
    }
}

/// SVG and web pages are texts; their first element says which.
fn text_kind(bytes: &[u8]) -> Option<Unfit> {
    // Packed SVG is SVG all the same.
    if bytes.starts_with(b"\x1f\x8b") {
        return Some(Unfit::Foreign { kind: "a packed file", instead: "bring a PNG or a JPEG" });
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(BEGINNING)]).to_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    if !start.starts_with('<') {
        return None;
    }
    if start.contains("<svg") || start.starts_with("<?xml") || start.contains("!doctype svg") {
        return Some(Unfit::Svg);
    }
    Some(Unfit::Foreign { kind: "a web page", instead: "save the picture that it shows" })
}

/// Whether the file goes on to its end. What cannot be told counts as whole: the decoder has the last word.
pub(super) fn is_whole(bytes: &[u8], content_type: &str) -> bool {
    match content_type {
        "image/png" => bytes.windows(4).rev().take(4096).any(|four| four == b"IEND"),
        "image/webp" => {
            let length = bytes.get(4..8).and_then(|four| four.try_into().ok());
            length.is_none_or(|four| u32::from_le_bytes(four) as usize + 8 <= bytes.len() + 1)
        }
        "image/gif" => gif_pictures(bytes).is_some(),
        _ => true,
    }
}

/// Whether there is more than one picture in the file.
pub(super) fn moves(bytes: &[u8], content_type: &str) -> bool {
    match content_type {
        // The chunk that says so stands before the pixels.
        "image/png" => {
            let head = &bytes[..bytes.len().min(64 * 1024)];
            let pixels = head.windows(4).position(|four| four == b"IDAT").unwrap_or(head.len());
            head[..pixels].windows(4).any(|four| four == b"acTL")
        }
        "image/webp" => {
            bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|b| b & 2 > 0)
        }
        "image/gif" => gif_pictures(bytes).is_none_or(|pictures| pictures > 1),
        _ => false,
    }
}

/// How many pictures a GIF has; `None` when it ends before its end.
fn gif_pictures(bytes: &[u8]) -> Option<usize> {
    const TABLE: u8 = 0x80;
    let table = |flags: u8| if flags & TABLE > 0 { 3 << ((flags & 7) + 1) } else { 0 };
    let mut at = 13 + table(*bytes.get(10)?);
    let mut pictures = 0;
    loop {
        match bytes.get(at)? {
            0x21 => at = after_blocks(bytes, at + 2)?,
            0x2c => {
                pictures += 1;
                at = after_blocks(bytes, at + 11 + table(*bytes.get(at + 9)?))?;
            }
            // The end, or something else: browsers stop here too.
            _ => return Some(pictures),
        }
    }
}

/// Where what follows the blocks at `at` begins.
fn after_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match usize::from(*bytes.get(at)?) {
            0 => return Some(at + 1),
            length => at += length + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whoever_brings_something_else_hears_what_it_is_and_what_to_do() {
        for (bytes, words) in [
            (&b""[..], "empty"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
            (b"\xef\xbb\xbf \n<?xml version='1.0'?><!-- x --><svg/>", "SVG"),
            (b"<!DOCTYPE svg PUBLIC 'x'><svg/>", "SVG"),
            (b"<!doctype html><title>x</title>", "web page"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
            (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0", "film"),
            (b"%PDF-1.7", "PDF"),
            (b"BM123456", "BMP"),
            (b"PK\x03\x04abcd", "ZIP"),
            (b"\x1f\x8b\x08", "packed"),
            (b"hello", "whatever its name says"),
        ] {
            let told = stranger(bytes).to_string();
            assert!(told.contains(words), "{told}");
        }
    }

    proptest! {
        #[test]
        fn no_noise_breaks_the_look_at_a_file(noise in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = stranger(&noise);
            for content_type in ["image/png", "image/jpeg", "image/webp", "image/gif"] {
                let _ = (is_whole(&noise, content_type), moves(&noise, content_type));
            }
            let gif = [b"GIF89a\x01\0\x01\0\x80\0\0".as_slice(), &noise].concat();
            let _ = gif_pictures(&gif);
        }
    }
}
