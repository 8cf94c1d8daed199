//! Files read as pictures within limits, and the WebP variants made of them.

use std::collections::HashSet;
use std::io::Cursor;

use fast_image_resize as fir;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::colours::to_srgb;
use super::kinds::stranger;
use super::model::Unfit;

/// Largest file taken, 20 MiB.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Most pixels a picture may have: what a decoder needs for it fits into a small server.
pub const MAX_PIXELS: u64 = 50_000_000;
/// Longest side in pixels; WebP ends at 16383.
pub const MAX_SIDE: u32 = 12_000;

/// The widths in pixels that pages choose from; the smallest is for lists of pictures.
const WIDTHS: [u32; 5] = [160, 480, 800, 1200, 1600];
const WEBP_QUALITY: f32 = 80.0;
const KEPT_QUALITY: f32 = 92.0;
/// A picture with at most so many colours is a drawing, which is often smaller without loss.
const FLAT_COLOURS: usize = 256;
/// Bytes that the pixels of one picture may take: 8 bits in four channels, and a little more.
const MAX_DECODED_BYTES: u64 = 256 * 1024 * 1024;
/// Bytes a decoder may ask for while it works.
const MAX_DECODER_BYTES: u64 = 2 * MAX_DECODED_BYTES;

/// What the first bytes of a picture say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub content_type: &'static str,
    /// Pixels, as shown: the orientation that a camera wrote is applied.
    pub width: i64,
    pub height: i64,
    /// How the stored pixels are turned to be shown.
    pub orientation: Orientation,
}

/// Checks size and kind without decoding.
pub fn header(bytes: &[u8]) -> Result<Header, Unfit> {
    let (mut decoder, content_type) = open(bytes)?;
    let (width, height) = decoder.dimensions();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let lies = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (width, height) = if lies { (height, width) } else { (width, height) };
    let (width, height) = (i64::from(width), i64::from(height));
    Ok(Header { content_type, width, height, orientation })
}

/// A decoder that has read the header and will not read a picture beyond the limits.
fn open(bytes: &[u8]) -> Result<(impl ImageDecoder, &'static str), Unfit> {
    if bytes.len() > MAX_BYTES {
        return Err(Unfit::TooManyBytes(bytes.len()));
    }
    let format = image::guess_format(bytes).map_err(|_| stranger(bytes))?;
    let content_type = match format {
        ImageFormat::Png => "image/png",
        ImageFormat::Jpeg => "image/jpeg",
        ImageFormat::WebP => "image/webp",
        ImageFormat::Gif => "image/gif",
        _ => return Err(stranger(bytes)),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    // The header alone decides: nothing of a bomb's size has been reserved yet.
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS {
        return Err(Unfit::TooManyPixels { width, height });
    }
    if pixels == 0 {
        return Err(Unfit::Broken("it has no pixels".into()));
    }
    if decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(Unfit::TooDeep(decoder.total_bytes()));
    }
    Ok((decoder, content_type))
}

fn broken(error: impl std::fmt::Display) -> Unfit {
    Unfit::Broken(error.to_string())
}

/// Pixels of 8 bits in rows, three or four channels.
pub(super) struct Pixels {
    data: Vec<u8>,
    alpha: bool,
    width: u32,
    height: u32,
}

/// WebP files of the picture, each with its width in pixels, rising; at least one. What a camera
/// wrote beside the pixels is in none of them. Takes up to a few seconds.
pub fn variants(bytes: &[u8]) -> Result<Vec<(i64, Vec<u8>)>, Unfit> {
    decode(bytes)?.variants()
}

/// The pixels of a file as they are shown: upright, in the colours of the web.
pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, Unfit> {
    let (mut decoder, _) = open(bytes)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().unwrap_or_default();
    let mut image = DynamicImage::from_decoder(decoder).map_err(broken)?;
    image.apply_orientation(orientation);
    let mut pixels = Pixels::of(image);
    if let Some(profile) = profile {
        to_srgb(&mut pixels.data, pixels.alpha, &profile);
    }
    Ok(pixels)
}

impl Pixels {
    fn of(mut image: DynamicImage) -> Self {
        let (width, height) = (image.width(), image.height());
        if image.color().has_alpha() {
            let pixels = image.into_rgba8();
            if pixels.pixels().any(|pixel| pixel.0[3] < u8::MAX) {
                return Self { data: pixels.into_raw(), alpha: true, width, height };
            }
            image = pixels.into();
        }
        Self { data: image.into_rgb8().into_raw(), alpha: false, width, height }
    }

    /// Width and height.
    pub(super) fn size(&self) -> (i64, i64) {
        (i64::from(self.width), i64::from(self.height))
    }

    /// WebP files in the widths that pages choose from, rising.
    pub(super) fn variants(&self) -> Result<Vec<(i64, Vec<u8>)>, Unfit> {
        let flat = self.is_flat();
        let smaller = WIDTHS.into_iter().filter(|width| *width < self.width);
        // The last of the widths is the largest: anything wider is only shown smaller.
        let own = Some(self.width).filter(|width| *width <= WIDTHS[WIDTHS.len() - 1]);
        smaller
            .map(|width| Ok((i64::from(width), self.resized(width)?.webp(flat, WEBP_QUALITY)?)))
            .chain(own.map(|width| Ok((i64::from(width), self.webp(flat, WEBP_QUALITY)?))))
            .collect()
    }

    /// The same with a longest side of at most `side` pixels.
    pub(super) fn within(self, side: u32) -> Result<Self, Unfit> {
        let mut small = self;
        // In place, because for resizing well the largest pictures would be held twice and more.
        while small.width.max(small.height) >= 2 * side {
            small = small.halved();
        }
        let longest = small.width.max(small.height);
        if longest <= side {
            return Ok(small);
        }
        let width = u64::from(small.width) * u64::from(side) / u64::from(longest);
        small.resized((width as u32).max(1))
    }

    /// Each four pixels made into one, in the memory that they have.
    fn halved(mut self) -> Self {
        let channels = if self.alpha { 4 } else { 3 };
        let (width, height) = ((self.width / 2).max(1), (self.height / 2).max(1));
        let row = self.width as usize * channels;
        let (right, below) =
            (if self.width > 1 { channels } else { 0 }, if self.height > 1 { row } else { 0 });
        let mut to = 0;
        for y in 0..height as usize {
            for x in 0..width as usize {
                // What is written lies before what is still to be read.
                let from = 2 * y * row + 2 * x * channels;
                let four = [from, from + right, from + below, from + right + below];
                mix(&mut self.data, four, to, channels);
                to += channels;
            }
        }
        self.data.truncate(to);
        self.data.shrink_to_fit();
        Self { width, height, ..self }
    }

    /// As WebP to be made into others later: with hardly any loss.
    pub(super) fn kept(&self) -> Result<Vec<u8>, Unfit> {
        self.webp(self.is_flat(), KEPT_QUALITY)
    }

    fn is_flat(&self) -> bool {
        let mut colours = HashSet::new();
        let mut last: &[u8] = &[];
        for pixel in self.data.chunks_exact(if self.alpha { 4 } else { 3 }) {
            // Neighbours are mostly alike in a drawing, and comparing is cheaper than hashing.
            if pixel != last {
                colours.insert(pixel);
                last = pixel;
            }
            if colours.len() > FLAT_COLOURS {
                return false;
            }
        }
        true
    }

    fn resized(&self, width: u32) -> Result<Self, Unfit> {
        let height = u64::from(self.height) * u64::from(width) / u64::from(self.width);
        let height = (height as u32).max(1);
        let kind = if self.alpha { fir::PixelType::U8x4 } else { fir::PixelType::U8x3 };
        let from = fir::images::ImageRef::new(self.width, self.height, &self.data, kind);
        let mut to = fir::images::Image::new(width, height, kind);
        fir::Resizer::new().resize(&from.map_err(broken)?, &mut to, None).map_err(broken)?;
        Ok(Self { data: to.into_vec(), alpha: self.alpha, width, height })
    }

    /// As WebP: with loss, and for a drawing also without, whichever is smaller.
    fn webp(&self, flat: bool, quality: f32) -> Result<Vec<u8>, Unfit> {
        let layout = if self.alpha { webp::PixelLayout::Rgba } else { webp::PixelLayout::Rgb };
        let encoder = webp::Encoder::new(&self.data, layout, self.width, self.height);
        let encode = |lossless, quality| {
            let packed = encoder.encode_simple(lossless, quality);
            packed.map(|p| p.to_vec()).map_err(|error| Unfit::Broken(format!("WebP: {error:?}")))
        };
        let lossy = encode(false, quality)?;
        if !flat {
            return Ok(lossy);
        }
        let exact = encode(true, 90.0)?;
        Ok(if exact.len() < lossy.len() { exact } else { lossy })
    }
}

/// Writes the mean of four pixels to `to`; what cannot be seen lends no colour.
fn mix(data: &mut [u8], four: [usize; 4], to: usize, channels: usize) {
    let weight = |at: usize| if channels == 4 { u32::from(data[at + 3]) } else { 1 };
    let weights = four.map(weight);
    let all: u32 = weights.iter().sum();
    let mut mean = [0; 4];
    for (channel, mean) in mean.iter_mut().enumerate().take(3) {
        let parts = four.iter().zip(weights).map(|(at, w)| u32::from(data[at + channel]) * w);
        *mean = ((parts.sum::<u32>() + all / 2) / all.max(1)) as u8;
    }
    mean[3] = (all / 4) as u8;
    data[to..to + channels].copy_from_slice(&mean[..channels]);
}

#[cfg(test)]
mod tests {
    use image::{ImageEncoder as _, Rgb, RgbImage, Rgba, RgbaImage};

    use super::super::model::{SeedPicture, is_file_name};
    use super::*;

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn photo(width: u32, height: u32) -> DynamicImage {
        let noise = |x: u32, y: u32| (x * 7 + y * 13 + (x * y) % 31) as u8;
        RgbImage::from_fn(width, height, |x, y| Rgb([noise(x, y), noise(y, x), (x / 8) as u8]))
            .into()
    }

    /// A JPEG whose camera was held upright: EXIF orientation 6.
    fn upright(image: &DynamicImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
        let mut exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend(b"GPS: at home");
        encoder.set_exif_metadata(exif).unwrap();
        encoder.encode_image(image).unwrap();
        bytes
    }

    #[test]
    fn kind_and_size_come_from_the_content() {
        for (format, content_type) in [
            (ImageFormat::Png, "image/png"),
            (ImageFormat::Jpeg, "image/jpeg"),
            (ImageFormat::WebP, "image/webp"),
        ] {
            let seed = SeedPicture::new("me.png", encoded(&photo(40, 30), format)).unwrap();
            assert_eq!((seed.content_type, seed.width, seed.height), (content_type, 40, 30));
            assert!(is_file_name(&seed.original()), "{}", seed.original());
        }
        assert_eq!(header(b""), Err(Unfit::Empty));
        assert_eq!(header(b"<svg xmlns=''/>"), Err(Unfit::Svg));
        assert_eq!(header(b"GIF90"), Err(Unfit::UnknownKind));
        let gif = SeedPicture::new("me.gif", encoded(&photo(40, 30), ImageFormat::Gif));
        assert_eq!(gif.unwrap_err(), Unfit::Gif);
        let png = encoded(&photo(40, 30), ImageFormat::Png);
        assert!(matches!(variants(&png[..png.len() / 2]), Err(Unfit::Broken(_))));
        assert!(matches!(header(&png[..20]), Err(Unfit::Broken(_))));
    }

    #[test]
    fn what_is_too_large_is_refused_by_its_header() {
        let error = header(&vec![0; MAX_BYTES + 1]).unwrap_err();
        assert_eq!(error.to_string(), "the file has 21 MiB; the most is 20 MiB");
        // A bomb: a small file that says it is large.
        for (width, height) in [(12_001_u32, 1_u32), (8_000, 8_000), (30_000, 30_000)] {
            let mut png = encoded(&photo(2, 2), ImageFormat::Png);
            png[16..20].copy_from_slice(&width.to_be_bytes());
            png[20..24].copy_from_slice(&height.to_be_bytes());
            let sum = crc32(&png[12..29]);
            png[29..33].copy_from_slice(&sum.to_be_bytes());
            assert!(variants(&png).is_err(), "{width}");
            let error = header(&png).unwrap_err();
            assert_eq!(error, Unfit::TooManyPixels { width, height });
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum()
    }

    #[test]
    fn variants_have_the_widths_below_the_original_and_its_own() {
        for (width, expected) in [
            (100, &[100][..]),
            (480, &[160, 480]),
            (1000, &[160, 480, 800, 1000]),
            (2000, &[160, 480, 800, 1200, 1600]),
        ] {
            let files = variants(&encoded(&photo(width, 60), ImageFormat::Png)).unwrap();
            let widths: Vec<i64> = files.iter().map(|(width, _)| *width).collect();
            assert_eq!(widths, expected);
            for (width, webp) in files {
                assert_eq!(header(&webp).unwrap().width, width);
            }
        }
    }

    #[test]
    fn a_picture_stands_upright_and_does_not_say_where_it_was_taken() {
        let jpeg = upright(&photo(60, 40));
        let seen = header(&jpeg).unwrap();
        assert_eq!((seen.width, seen.height), (40, 60));
        let (_, webp) = variants(&jpeg).unwrap().remove(0);
        let seen = header(&webp).unwrap();
        assert_eq!((seen.width, seen.height), (40, 60));
        assert!(!webp.windows(3).any(|window| window == b"GPS"));
    }

    #[test]
    fn what_can_be_seen_through_stays_so() {
        let glass = RgbaImage::from_pixel(600, 60, Rgba([200, 0, 0, 100]));
        for (_, webp) in variants(&encoded(&glass.into(), ImageFormat::Png)).unwrap() {
            let pixel = image::load_from_memory(&webp).unwrap().into_rgba8().get_pixel(5, 5).0;
            assert!(pixel[3].abs_diff(100) < 3 && pixel[0].abs_diff(200) < 6, "{pixel:?}");
        }
    }

    #[test]
    fn a_huge_picture_is_made_smaller_where_it_lies_and_looks_the_same() {
        let image = RgbaImage::from_fn(1000, 600, |x, y| {
            Rgba([(x / 4) as u8, (y / 3) as u8, 90, if x < 500 { 255 } else { 0 }])
        });
        let pixels = decode(&encoded(&image.into(), ImageFormat::Png)).unwrap();
        let small = pixels.within(300).unwrap();
        assert_eq!(small.size(), (300, 180));
        let at = |x: usize, y: usize| &small.data[(y * 300 + x) * 4..][..4];
        let seen = at(75, 90);
        assert!(
            seen[0].abs_diff(62) < 4 && seen[1].abs_diff(100) < 4 && seen[3] == 255,
            "{seen:?}"
        );
        assert_eq!(at(290, 10)[3], 0);
        for size in [(1, 900), (900, 1), (901, 3)] {
            let odd = decode(&encoded(&photo(size.0, size.1), ImageFormat::Png)).unwrap();
            let small = odd.within(200).unwrap();
            assert_eq!(small.data.len() as i64, small.size().0 * small.size().1 * 3);
        }
    }
}
