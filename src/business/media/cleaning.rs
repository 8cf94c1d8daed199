//! What a camera or a program wrote beside the pixels (place, time, device, previews) taken out of
//! a file without touching the pixels: originals can be fetched by anybody. The colour profile and
//! the orientation stay, for they change what is seen.

use image::metadata::Orientation;

/// The file without its notes; `None` when its parts cannot be told apart.
pub(super) fn without_notes(
    bytes: &[u8],
    content_type: &str,
    orientation: Orientation,
) -> Option<Vec<u8>> {
    let turned = (orientation != Orientation::NoTransforms).then(|| exif(orientation));
    match content_type {
        "image/jpeg" => jpeg(bytes, turned.as_deref()),
        "image/png" => png(bytes, turned.as_deref()),
        _ => webp(bytes, turned.as_deref()),
    }
}

/// EXIF with nothing but the orientation: a TIFF header and a directory of one entry.
fn exif(orientation: Orientation) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation.to_exif(), 0, 0, 0, 0, 0, 0]);
    tiff
}

fn jpeg(bytes: &[u8], exif: Option<&[u8]>) -> Option<Vec<u8>> {
    const START_OF_SCAN: u8 = 0xda;
    const END: u8 = 0xd9;
    let mut out = bytes.get(..2)?.to_vec();
    if let Some(exif) = exif {
        let length = u16::try_from(2 + 6 + exif.len()).ok()?;
        out.extend([0xff, 0xe1]);
        out.extend(length.to_be_bytes());
        out.extend(b"Exif\0\0");
        out.extend(exif);
    }
    let mut rest = &bytes[2..];
    loop {
        // A marker may be led by any number of 0xff.
        let start = rest.iter().position(|byte| *byte != 0xff).filter(|start| *start > 0)?;
        let marker = rest[start];
        rest = &rest[start + 1..];
        if marker == END {
            out.extend([0xff, END]);
            // Phones put films and further pictures after the end.
            return Some(out);
        }
        let length = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        let segment = rest.get(..length.max(2))?;
        rest = &rest[segment.len()..];
        // APP0 is JFIF, APP14 says how colours are stored; APP2 is also used for previews.
        let kept = match marker {
            0xe2 => segment[2..].starts_with(b"ICC_PROFILE\0"),
            0xe1 | 0xe3..=0xed | 0xef | 0xfe => false,
            _ => true,
        };
        if kept {
            out.extend([0xff, marker]);
            out.extend(segment);
        }
        if marker == START_OF_SCAN {
            // The pixels go on to the next marker that is neither stuffing nor a restart.
            let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
            let Some(length) = rest.windows(2).position(ends) else {
                // Cut off, which browsers forgive.
                out.extend(rest);
                return Some(out);
            };
            out.extend(&rest[..length]);
            rest = &rest[length..];
        }
    }
}

fn png(bytes: &[u8], exif: Option<&[u8]>) -> Option<Vec<u8>> {
    let mut out = bytes.get(..8)?.to_vec();
    let mut rest = &bytes[8..];
    loop {
        let (length, kind) = (rest.get(..4)?.try_into().ok()?, rest.get(4..8)?);
        let chunk = rest.get(..(u32::from_be_bytes(length) as usize).checked_add(12)?)?;
        rest = &rest[chunk.len()..];
        if !matches!(kind, b"eXIf" | b"tEXt" | b"zTXt" | b"iTXt" | b"tIME") {
            out.extend(chunk);
        }
        match kind {
            b"IHDR" => {
                if let Some(exif) = exif {
                    let mut crc = flate2::Crc::new();
                    crc.update(b"eXIf");
                    crc.update(exif);
                    out.extend((exif.len() as u32).to_be_bytes());
                    out.extend(b"eXIf");
                    out.extend(exif);
                    out.extend(crc.sum().to_be_bytes());
                }
            }
            b"IEND" => return Some(out),
            _ => {}
        }
    }
}

fn webp(bytes: &[u8], exif: Option<&[u8]>) -> Option<Vec<u8>> {
    const HAS_EXIF: u8 = 0x08;
    const HAS_XMP: u8 = 0x04;
    let length = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    let mut out = bytes.get(..12)?.to_vec();
    let mut rest = bytes.get(12..length.checked_add(8)?.min(bytes.len()))?;
    let mut extended = false;
    while rest.len() >= 8 {
        let kind = &rest[..4];
        let length = u32::from_le_bytes(rest[4..8].try_into().ok()?) as usize;
        // Chunks begin at even places; the last one's padding is sometimes left out.
        let padded = length.checked_next_multiple_of(2)?.checked_add(8)?.min(rest.len());
        let chunk = &rest[..padded];
        rest = &rest[padded..];
        if matches!(kind, b"EXIF" | b"XMP ") {
            continue;
        }
        let at = out.len();
        out.extend(chunk);
        if kind == b"VP8X" && length > 0 && chunk.len() > 8 {
            extended = true;
            out[at + 8] &= !(HAS_EXIF | HAS_XMP);
            out[at + 8] |= if exif.is_some() { HAS_EXIF } else { 0 };
        }
    }
    // Only the extended form can be turned.
    if let Some(exif) = exif.filter(|_| extended) {
        out.extend(b"EXIF");
        out.extend((exif.len() as u32).to_le_bytes());
        out.extend(exif);
    }
    let length = u32::try_from(out.len() - 8).ok()?;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    Some(out)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
    use image::{DynamicImage, ImageEncoder};
    use proptest::prelude::*;

    use super::super::model::SeedPicture;
    use super::super::scaling::header;
    use super::*;

    fn noted(orientation: Orientation) -> Vec<u8> {
        let mut notes = exif(orientation);
        notes.extend(b"GPS: at home ");
        notes
    }

    fn written(mut encoder: impl ImageEncoder, turned: Orientation) {
        let image = DynamicImage::new_rgb8(60, 40);
        encoder.set_exif_metadata(noted(turned)).unwrap();
        image.write_with_encoder(encoder).unwrap();
    }

    fn files(turned: Orientation) -> [(Vec<u8>, &'static str); 3] {
        let (mut jpeg, mut png, mut webp) = (Vec::new(), Vec::new(), Vec::new());
        written(JpegEncoder::new(&mut jpeg), turned);
        written(PngEncoder::new(&mut png), turned);
        written(WebPEncoder::new_lossless(&mut webp), turned);
        jpeg.extend(b"and a film with GPS");
        [(jpeg, "image/jpeg"), (png, "image/png"), (webp, "image/webp")]
    }

    #[test]
    fn notes_go_and_what_is_seen_stays() {
        for (turned, size) in
            [(Orientation::Rotate90, (40, 60)), (Orientation::NoTransforms, (60, 40))]
        {
            for (bytes, content_type) in files(turned) {
                let has_gps = |bytes: &[u8]| bytes.windows(3).any(|window| window == b"GPS");
                assert!(has_gps(&bytes));
                let seen = header(&bytes).unwrap();
                assert_eq!((seen.width, seen.height), size, "{content_type}");
                let picture = SeedPicture::new("a", bytes.clone()).unwrap();
                assert!(!has_gps(&picture.bytes), "{content_type}");
                assert_eq!(header(&picture.bytes).unwrap(), seen);
                let read =
                    |bytes| image::ImageReader::new(Cursor::new(bytes)).with_guessed_format();
                let before = read(bytes).unwrap().decode().unwrap();
                assert_eq!(read(picture.bytes.clone()).unwrap().decode().unwrap(), before);
                // A clean file stays as it is, to the byte.
                let again = SeedPicture::new("a", picture.bytes.clone()).unwrap();
                assert_eq!(again.bytes, picture.bytes);
            }
        }
    }

    proptest! {
        #[test]
        fn odd_files_are_refused_and_not_trusted(
            noise in prop::collection::vec(any::<u8>(), 0..80),
            cut in 0_usize..200,
        ) {
            for (bytes, content_type) in files(Orientation::Rotate90) {
                let mut odd = bytes[..cut.min(bytes.len())].to_vec();
                odd.extend(&noise);
                let _ = without_notes(&odd, content_type, Orientation::Rotate90);
                let _ = without_notes(&noise, content_type, Orientation::NoTransforms);
                let _ = SeedPicture::new("a", odd);
            }
        }
    }
}
