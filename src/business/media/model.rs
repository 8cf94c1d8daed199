//! What a picture is, what it and its files are called, and why a file is not taken as one.

use sha2::{Digest, Sha256};

use super::cleaning::without_notes;
use super::scaling::{Header, MAX_BYTES, header};
use crate::platform::error::{Error, Fault};

/// Hexadecimal digits of the hash that stand in an address.
const HASH_DIGITS: usize = 16;

/// Why a file is not taken as a picture, in words for the owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("the file is empty")]
    Empty,
    #[error("the file has {} MiB; the most is 20 MiB", .0.div_ceil(1024 * 1024))]
    TooManyBytes(usize),
    #[error(
        "this is an SVG drawing, and those can carry programs; export it as PNG and bring that"
    )]
    Svg,
    #[error("this is {kind}, not a picture that browsers show; {instead}")]
    Foreign { kind: &'static str, instead: &'static str },
    #[error("this is not a JPEG, PNG, WebP or GIF picture, whatever its name says")]
    UnknownKind,
    #[error("a picture of the content is a JPEG, PNG or WebP file, not a GIF")]
    Gif,
    #[error(
        "the picture is {width} × {height} pixels; the most is 12000 on a side and 50 million in all"
    )]
    TooManyPixels { width: u32, height: u32 },
    #[error("the picture takes {} MiB when it is opened; save it with 8 bits for each colour", .0 / (1024 * 1024))]
    TooDeep(u64),
    #[error(
        "the file ends in the middle of the picture; it was cut off on its way, so bring it again"
    )]
    CutOff,
    #[error("the picture cannot be read: {0}")]
    Broken(String),
}

impl From<Unfit> for Error {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::TooManyBytes(_) => Self::TooLarge { limit_bytes: MAX_BYTES as u64 },
            Unfit::Empty => Self::Invalid(vec![Fault::of("file", "required", sentence(&unfit))]),
            unfit => Self::Invalid(vec![Fault::of("file", "invalid", sentence(&unfit))]),
        }
    }
}

/// The reason as a sentence of its own.
#[must_use]
pub fn sentence(unfit: &Unfit) -> String {
    let text = unfit.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// A picture as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What texts call it: `media/<name>`.
    pub name: String,
    /// SHA-256 of the original file, hexadecimal.
    pub hash: String,
    pub content_type: String,
    /// Pixels, as shown.
    pub width: i64,
    pub height: i64,
    /// Widths in pixels of the WebP files there are, rising; empty until they are made.
    pub variants: Vec<i64>,
}

impl Picture {
    /// The name of the original's file.
    #[must_use]
    pub fn original(&self) -> String {
        original_name(&self.hash, &self.content_type)
    }

    /// The name of the file of the variant that is `width` pixels wide.
    #[must_use]
    pub fn variant(&self, width: i64) -> String {
        variant_name(&self.hash, width)
    }

    /// The address for browsers that do not choose: the largest variant, or else the original.
    #[must_use]
    pub fn src(&self) -> String {
        let largest = self.variants.iter().max();
        let file = largest.map_or_else(|| self.original(), |width| self.variant(*width));
        format!("/media/{file}")
    }

    /// Addresses and widths as the attribute `srcset` has them; empty until there are variants.
    #[must_use]
    pub fn srcset(&self) -> String {
        let one = |width: &i64| format!("/media/{} {width}w", self.variant(*width));
        self.variants.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// The part of a hash that stands in the names of files.
pub(super) fn short(hash: &str) -> &str {
    hash.get(..HASH_DIGITS).unwrap_or(hash)
}

/// The name of the file that is `width` pixels wide.
#[must_use]
pub(super) fn variant_name(hash: &str, width: i64) -> String {
    format!("{}-{width}.webp", short(hash))
}

/// The name of the file as it was kept when it came in.
#[must_use]
pub(super) fn original_name(hash: &str, content_type: &str) -> String {
    let extension = match content_type {
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        _ => "png",
    };
    format!("{}.{extension}", short(hash))
}

/// A picture of the content, checked and ready to be stored.
#[derive(Debug, Clone)]
pub struct SeedPicture {
    pub name: String,
    pub hash: String,
    pub content_type: &'static str,
    /// Pixels, as shown.
    pub width: i64,
    pub height: i64,
    pub bytes: Vec<u8>,
}

impl SeedPicture {
    /// Checks the file by its content, reading only its header, and takes out what a camera
    /// wrote beside the pixels.
    pub fn new(name: &str, bytes: Vec<u8>) -> Result<Self, Unfit> {
        let Header { content_type, width, height, orientation } = header(&bytes)?;
        if content_type == "image/gif" {
            return Err(Unfit::Gif);
        }
        let bytes = without_notes(&bytes, content_type, orientation)
            .ok_or_else(|| Unfit::Broken("its parts cannot be told apart".into()))?;
        let hash = format!("{:x}", Sha256::digest(&bytes));
        Ok(Self { name: name.to_owned(), hash, content_type, width, height, bytes })
    }

    /// The name of the original's file.
    #[must_use]
    pub fn original(&self) -> String {
        original_name(&self.hash, self.content_type)
    }
}

/// Whether texts can call a picture so: letters, digits, `.`, `-` and `_`, no dot in front.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    (1..=100).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(fits)
}

/// Whether a file on the shelf can have this name: `[0-9a-f]{16}(-[0-9]{1,5})?\.(webp|png|jpg)`.
#[must_use]
pub fn is_file_name(name: &str) -> bool {
    let Some((stem, "webp" | "png" | "jpg")) = name.split_once('.') else { return false };
    let (hash, width) = stem.split_once('-').unwrap_or((stem, "0"));
    hash.len() == HASH_DIGITS
        && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        && (1..=5).contains(&width.len())
        && width.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_have_one_form() {
        for good in ["0123456789abcdef.png", "0123456789abcdef-480.webp", "ffffffffffffffff-1.jpg"]
        {
            assert!(is_file_name(good), "{good}");
        }
        for bad in [
            "0123456789abcdef-.webp",
            "0123456789abcdef-123456.webp",
            "0123456789abcdef-4-8.webp",
            "0123456789ABCDEF.png",
            "0123456789abcde.png",
            "0123456789abcdef.svg",
            "0123456789abcdef.png.png",
            ".png",
            "../0123456789abcdef.png",
        ] {
            assert!(!is_file_name(bad), "{bad}");
        }
    }
}
