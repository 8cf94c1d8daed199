//! A file as somebody brings it, made into what is kept: read within limits, turned upright, written anew as WebP. None
//! of its own bytes are kept, so nothing hides in it: no place, no device, no program.

use sha2::{Digest, Sha256};
use tokio::sync::OwnedRwLockReadGuard;

use super::cleaning::without_notes;
use super::kinds::{is_whole, moves};
use super::model::{Unfit, original_name, variant_name};
use super::scaling::{decode, header};
use crate::business::articles::model::topic_slug;
use crate::platform::text::is_invisible;

/// Longest side in pixels of what is kept; no page shows more.
const KEPT_SIDE: u32 = 3200;
/// Characters of a file's name that are kept.
const FILE_NAME: usize = 150;
/// Characters of the name that texts call a picture by.
const STEM: usize = 60;
/// What every kept file is.
pub const KEPT_TYPE: &str = "image/webp";

/// What was done that whoever brought the file may not expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// It moved, and its first picture was kept.
    Still,
    /// It was larger than anything here is shown.
    Smaller,
    /// Its name had folders or hidden characters in it.
    Renamed,
    /// The same picture was here.
    Known,
}

impl Note {
    /// A sentence for whoever brought the file.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Still => {
                "It moved; its first picture was kept, because pictures here stand still."
            }
            Self::Smaller => "It was made smaller: 3200 pixels on its longer side.",
            Self::Renamed => "Folders and hidden characters were taken out of its name.",
            Self::Known => "This picture was here already, so it was not kept twice.",
        }
    }
}

/// A picture that is ready to be put on the shelf.
#[derive(Debug)]
pub struct Taken {
    /// SHA-256 of `kept`, hexadecimal.
    pub hash: String,
    /// Pixels of `kept`.
    pub width: i64,
    pub height: i64,
    /// The whole picture as WebP.
    pub kept: Vec<u8>,
    /// Widths and files, rising.
    pub variants: Vec<(i64, Vec<u8>)>,
    pub notes: Vec<Note>,
    /// While this is held nobody clears files away: the row that promises them is not written yet.
    pub(super) hold: Option<OwnedRwLockReadGuard<()>>,
}

impl Taken {
    /// The files and their names.
    pub fn files(&self) -> impl Iterator<Item = (String, &[u8])> {
        let kept = (original_name(&self.hash, KEPT_TYPE), self.kept.as_slice());
        let name = |width: i64| variant_name(&self.hash, width);
        let variants = self.variants.iter().map(move |(w, bytes)| (name(*w), bytes.as_slice()));
        [kept].into_iter().chain(variants)
    }

    #[must_use]
    pub fn widths(&self) -> Vec<i64> {
        self.variants.iter().map(|(width, _)| *width).collect()
    }
}

/// Makes of a file what is kept. Takes up to a few seconds, and for the largest pictures 400 MB.
///
/// # Errors
/// Why it is not taken.
pub fn take(bytes: &[u8]) -> Result<Taken, Unfit> {
    let head = header(bytes).map_err(|unfit| cut_off(bytes, unfit))?;
    if head.content_type == "image/jpeg" {
        // Browsers forgive a photo that ends early, with a grey rest; whoever brings it would rather know.
        let clean = without_notes(bytes, head.content_type, head.orientation);
        if !clean.is_some_and(|clean| clean.ends_with(&[0xff, 0xd9])) {
            return Err(Unfit::CutOff);
        }
    }
    let pixels = decode(bytes).map_err(|unfit| cut_off(bytes, unfit))?;
    let mut notes = Vec::new();
    if moves(bytes, head.content_type) {
        notes.push(Note::Still);
    }
    let whole = pixels.size();
    let pixels = pixels.within(KEPT_SIDE)?;
    if pixels.size() != whole {
        notes.push(Note::Smaller);
    }
    let kept = pixels.kept()?;
    let hash = format!("{:x}", Sha256::digest(&kept));
    let (width, height) = pixels.size();
    let variants = pixels.variants()?;
    Ok(Taken { hash, width, height, kept, variants, notes, hold: None })
}

/// What cannot be read because it ends too early is told as that.
fn cut_off(bytes: &[u8], unfit: Unfit) -> Unfit {
    let content_type = match image::guess_format(bytes) {
        Ok(image::ImageFormat::Png) => "image/png",
        Ok(image::ImageFormat::WebP) => "image/webp",
        Ok(image::ImageFormat::Gif) => "image/gif",
        Ok(image::ImageFormat::Jpeg) if !bytes.ends_with(&[0xff, 0xd9]) => return cut(unfit),
        _ => return unfit,
    };
    if is_whole(bytes, content_type) { unfit } else { cut(unfit) }
}

fn cut(unfit: Unfit) -> Unfit {
    if matches!(unfit, Unfit::Broken(_)) { Unfit::CutOff } else { unfit }
}

/// The name of a file as it is shown: the last part of a path, without hidden characters; and whether anything was
/// taken out.
#[must_use]
pub fn shown_name(given: &str) -> (String, bool) {
    let given = given.trim();
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !is_invisible(*c)).collect();
    let clean = clean.trim().trim_start_matches('.').trim();
    let short: String = clean.chars().take(FILE_NAME).collect();
    (short, clean != given)
}

/// What texts may call the picture whose file is called so, if nothing else is.
#[must_use]
pub fn stem_of(file_name: &str) -> String {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let words: String = topic_slug(stem).chars().take(STEM).collect();
    match words.trim_matches('-') {
        "" => "picture".to_owned(),
        words => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::codecs::gif::GifEncoder;
    use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage, RgbaImage};

    use super::*;

    fn photo(width: u32, height: u32) -> DynamicImage {
        let noise = |x: u32, y: u32| (x * 7 + y * 13 + (x * y) % 31) as u8;
        RgbImage::from_fn(width, height, |x, y| Rgb([noise(x, y), noise(y, x), (x / 8) as u8]))
            .into()
    }

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_kind_becomes_webp_and_the_same_file_the_same_picture() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
            let bytes = encoded(&photo(600, 40), format);
            let taken = take(&bytes).unwrap();
            assert_eq!((taken.width, taken.height), (600, 40));
            assert_eq!(taken.widths(), [160, 480, 600]);
            assert!(taken.notes.is_empty(), "{format:?}");
            assert_eq!(take(&bytes).unwrap().hash, taken.hash);
            for (name, file) in taken.files() {
                assert!(super::super::model::is_file_name(&name), "{name}");
                assert_eq!(header(file).unwrap().content_type, KEPT_TYPE);
            }
        }
    }

    #[test]
    fn what_is_cut_off_is_told_as_that_wherever_it_ends() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
            let bytes = encoded(&photo(200, 100), format);
            for part in [bytes.len() / 10, bytes.len() / 2, bytes.len() * 9 / 10] {
                assert_eq!(take(&bytes[..part]).unwrap_err(), Unfit::CutOff, "{format:?} {part}");
            }
        }
    }

    #[test]
    fn a_moving_picture_stands_still_and_that_is_said() {
        let mut bytes = Vec::new();
        let frame =
            |shade: u8| Frame::new(RgbaImage::from_pixel(20, 10, [shade, 0, 0, 255].into()));
        GifEncoder::new(&mut bytes).encode_frames([frame(10), frame(200)]).unwrap();
        let taken = take(&bytes).unwrap();
        assert_eq!(taken.notes, [Note::Still]);
        let shown = image::load_from_memory(&taken.kept).unwrap().into_rgb8();
        assert!(shown.get_pixel(5, 5).0[0] < 60, "the first picture: {:?}", shown.get_pixel(5, 5));
    }

    #[test]
    fn a_huge_picture_is_kept_as_large_as_it_is_shown() {
        let flat = RgbImage::from_pixel(4000, 100, Rgb([9, 9, 9]));
        let taken = take(&encoded(&flat.into(), ImageFormat::Png)).unwrap();
        assert_eq!((taken.width, taken.height, taken.notes), (3200, 80, vec![Note::Smaller]));
    }

    #[test]
    fn a_file_name_is_only_a_name() {
        for (given, shown, stem) in [
            ("Me & my Café.JPG", "Me & my Café.JPG", "me-my-cafe"),
            ("../../etc/passwd", "passwd", "passwd"),
            ("C:\\pictures\\a b.png", "a b.png", "a-b"),
            ("a\u{202e}gnp.exe\0", "agnp.exe", "agnp"),
            (".htaccess", "htaccess", "htaccess"),
            ("李.png", "李.png", "picture"),
            ("", "", "picture"),
        ] {
            let (name, changed) = shown_name(given);
            assert_eq!((name.as_str(), changed), (shown, shown != given), "{given}");
            assert_eq!(stem_of(&name), stem, "{given}");
        }
        assert_eq!(shown_name(&"x".repeat(999)).0.len(), FILE_NAME);
    }
}
