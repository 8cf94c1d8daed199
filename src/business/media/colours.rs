//! Colours as they are shown without a profile. Phones and cameras write in wider spaces than sRGB and say so beside the
//! pixels; what is kept carries no profile, so the pixels are converted, or they would look dull.

use moxcms::{ColorProfile, DataColorSpace, Layout, ParsingOptions, TransformOptions};

/// Bytes of a profile; those of screens and cameras have a few thousand.
const MAX_PROFILE: usize = 1024 * 1024;
/// Pixels that are converted at once.
const AT_ONCE: usize = 16 * 1024;
/// Colours that tell whether a conversion changes anything.
const PROBES: [u8; 18] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 200, 60, 60, 60, 200, 60, 90, 90, 180];

/// Converts pixels of 8 bits, with or without alpha, from `profile` to sRGB. They stay as they are when the profile says
/// sRGB, is of no use, or is not one of red, green and blue.
pub(super) fn to_srgb(data: &mut [u8], alpha: bool, profile: &[u8]) {
    let options = ParsingOptions { max_profile_size: MAX_PROFILE, ..ParsingOptions::default() };
    let Ok(from) = ColorProfile::new_from_slice_with_options(profile, options) else { return };
    if from.color_space != DataColorSpace::Rgb {
        return;
    }
    let srgb = ColorProfile::new_srgb();
    let transform =
        |layout| from.create_transform_8bit(layout, &srgb, layout, TransformOptions::default());
    let mut probed = [0; PROBES.len()];
    let tried = transform(Layout::Rgb).map(|probe| probe.transform(&PROBES, &mut probed));
    let is_same = PROBES.iter().zip(probed).all(|(before, after)| before.abs_diff(after) <= 2);
    if !matches!(tried, Ok(Ok(()))) || is_same {
        return;
    }
    let (layout, channels) = if alpha { (Layout::Rgba, 4) } else { (Layout::Rgb, 3) };
    let Ok(transform) = transform(layout) else { return };
    let mut converted = vec![0; AT_ONCE * channels];
    for part in data.chunks_mut(AT_ONCE * channels) {
        let converted = &mut converted[..part.len()];
        // It fails only for lengths that do not fit each other, and then for the first part.
        if transform.transform(part, converted).is_err() {
            return;
        }
        part.copy_from_slice(converted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(profile: &[u8], pixels: &[u8], alpha: bool) -> Vec<u8> {
        let mut data = pixels.to_vec();
        to_srgb(&mut data, alpha, profile);
        data
    }

    #[test]
    fn the_colours_of_a_phone_become_those_of_the_web() {
        let wide = ColorProfile::new_display_p3().encode().unwrap();
        let shown = converted(&wide, &[200, 60, 60], false);
        assert!(shown[0] > 210 && shown[1] < 50, "stronger: {shown:?}");
        let grey = converted(&wide, &[128, 128, 128, 77], true);
        assert!(grey[..3].iter().all(|c| c.abs_diff(128) <= 1), "grey stays grey: {grey:?}");
        assert_eq!(grey[3], 77);
        let many = converted(&wide, &[200, 60, 60].repeat(AT_ONCE + 5), false);
        assert_eq!(many[many.len() - 3..], shown, "to the last pixel");
    }

    #[test]
    fn what_is_srgb_or_no_profile_stays_as_it_is() {
        let pixels = [200, 60, 61, 10, 20, 30];
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        assert_eq!(converted(&srgb, &pixels, false), pixels);
        for broken in [&b""[..], b"not a profile", &srgb[..100]] {
            assert_eq!(converted(broken, &pixels, false), pixels);
        }
        let grey = ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
        assert_eq!(converted(&grey, &pixels, false), pixels);
    }
}
