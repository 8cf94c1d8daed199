//! Colours: read, written, compared as WCAG 2.2 does, and moved along their lightness as the eye sees it (`OKLab`,
//! <https://bottosson.github.io/posts/oklab/>).

use std::fmt;

/// A colour of the screen, eight bits for each of red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

pub const WHITE: Colour = Colour([255; 3]);
pub const BLACK: Colour = Colour([0; 3]);

/// So far outside of what a screen shows a colour may be by rounding.
const NEAR: f64 = 0.001;

type Matrix = [[f64; 3]; 3];

const RGB_TO_CONES: Matrix = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];
const CONES_TO_LAB: Matrix = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];
const LAB_TO_CONES: Matrix = [
    [1.0, 0.396_337_777_4, 0.215_803_757_3],
    [1.0, -0.105_561_345_8, -0.063_854_172_8],
    [1.0, -0.089_484_177_5, -1.291_485_548_0],
];
const CONES_TO_RGB: Matrix = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];

fn times(matrix: &Matrix, vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(part, value)| part * value).sum())
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([r, g, b]) = self;
        write!(f, "#{r:02X}{g:02X}{b:02X}")
    }
}

impl Colour {
    /// `0xA63A1E` is `#A63A1E`.
    #[must_use]
    pub const fn of(number: u32) -> Self {
        Self([(number >> 16) as u8, (number >> 8) as u8, number as u8])
    }

    /// Reads `#A63A1E` and `#a3e`, with or without the sign.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim();
        let digits = digits.strip_prefix('#').unwrap_or(digits);
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let whole = match digits.len() {
            3 => digits.chars().flat_map(|c| [c, c]).collect(),
            6 => digits.to_owned(),
            _ => return None,
        };
        u32::from_str_radix(&whole, 16).ok().map(Self::of)
    }

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(self) -> f64 {
        let [r, g, b] = self.linear();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Contrast of two colours, 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// A part of the way to another colour, from 0 to 1.
    #[must_use]
    pub fn towards(self, other: Self, part: f64) -> Self {
        let mix =
            |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
        Self(std::array::from_fn(|channel| mix(self.0[channel], other.0[channel])))
    }

    fn linear(self) -> [f64; 3] {
        self.0.map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// Lightness from 0 to 1, and the two axes of colour.
    fn lab(self) -> [f64; 3] {
        times(&CONES_TO_LAB, times(&RGB_TO_CONES, self.linear()).map(f64::cbrt))
    }

    /// `None` when a screen cannot show it.
    fn of_lab(lab: [f64; 3]) -> Option<Self> {
        let linear = times(&CONES_TO_RGB, times(&LAB_TO_CONES, lab).map(|cone| cone.powi(3)));
        if linear.iter().any(|value| !(-NEAR..=1.0 + NEAR).contains(value)) {
            return None;
        }
        Some(Self(linear.map(|value| {
            let value = value.clamp(0.0, 1.0);
            let curved = 1.055 * value.powf(1.0 / 2.4) - 0.055;
            let shown = if value <= 0.003_130_8 { value * 12.92 } else { curved };
            (shown * 255.0).round() as u8
        })))
    }

    /// The same hue at another lightness, as colourful as it can be there.
    fn at_lightness(self, lightness: f64) -> Self {
        let [_, a, b] = self.lab();
        let fit = |part: f64| Self::of_lab([lightness, a * part, b * part]);
        (0..=20).rev().find_map(|step| fit(f64::from(step) / 20.0)).unwrap_or(BLACK)
    }

    /// The colour nearest to this one, of its hue, that `fits`; this one if it does.
    #[must_use]
    pub fn nearest(self, fits: impl Fn(Self) -> bool) -> Option<Self> {
        if fits(self) {
            return Some(self);
        }
        let lightness = self.lab()[0];
        (1..=400).find_map(|step| {
            let away = f64::from(step) / 400.0;
            [lightness - away, lightness + away]
                .into_iter()
                .filter(|lightness| (0.0..=1.0).contains(lightness))
                .map(|lightness| self.at_lightness(lightness))
                .find(|colour| fits(*colour))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn contrast_is_that_of_the_guideline() {
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 0.01);
        assert!((WHITE.contrast(Colour::of(0x0076_7676)) - 4.54).abs() < 0.01);
        assert!((Colour::of(0x00A6_3A1E).contrast(Colour::of(0x00FB_F8F3)) - 6.2).abs() < 0.3);
    }

    #[test]
    fn a_colour_is_read_as_people_write_it() {
        for text in ["#A63A1E", "a63a1e", " #a63A1e "] {
            assert_eq!(Colour::parse(text).unwrap().to_string(), "#A63A1E");
        }
        assert_eq!(Colour::parse("#f0a").unwrap().to_string(), "#FF00AA");
        for odd in ["", "#", "#12345", "#1234567", "red", "#ggg", "#é1234"] {
            assert_eq!(Colour::parse(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn the_way_to_the_eye_and_back_changes_nothing(number in 0_u32..0x0100_0000) {
            let colour = Colour::of(number);
            prop_assert_eq!(Colour::of_lab(colour.lab()), Some(colour));
        }

        #[test]
        fn there_is_always_a_colour_that_can_be_read_on_paper(number in 0_u32..0x0100_0000) {
            let paper = Colour::of(0x00FB_F8F3);
            let found = Colour::of(number).nearest(|c| c.contrast(paper) >= 4.5);
            prop_assert!(found.is_some_and(|colour| colour.contrast(paper) >= 4.5));
        }
    }
}
