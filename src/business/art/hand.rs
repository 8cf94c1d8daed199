//! The hand that draws: a seed made of the slug, scissors (`cut`, `blob`), a brush (`line`, `curve`), and where on the page they work.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// A point, in the motif's own coordinates: the middle is 0 0, y goes down.
pub(super) type Pt = (f64, f64);

/// What a cut shape is made of. The class carries the colour of light and dark, the attribute the light one alone,
/// for viewers that drop the style sheet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Ink,
    Accent,
    Sheet,
    Dusk,
    /// Paper with an inked edge.
    Paper,
    /// Paper without an edge: light.
    Light,
    /// What a lamp or an open door gives: paper by day, but brighter than its surroundings by night as well.
    Glow,
}

/// What a brush stroke is made of.
#[derive(Clone, Copy)]
pub(super) enum Brush {
    Ink,
    /// Paper-coloured, for marks on ink.
    Paper,
}

impl Tone {
    fn attributes(self) -> &'static str {
        match self {
            Tone::Ink => r##"class="i" fill="#1D1A16""##,
            Tone::Accent => r##"class="a" fill="#A63A1E""##,
            Tone::Sheet => r##"class="s" fill="#E6DFD4""##,
            Tone::Dusk => r##"class="d" fill="#D6C9B4""##,
            Tone::Paper => r##"class="l p" fill="#FBF8F3" stroke="#1D1A16" stroke-width="3.5""##,
            Tone::Light => r##"class="p" fill="#FBF8F3""##,
            Tone::Glow => r##"class="g" fill="#FBF8F3""##,
        }
    }

    /// The brush that shows on this.
    pub(super) fn brush(self) -> Brush {
        match self {
            Tone::Ink | Tone::Accent => Brush::Paper,
            Tone::Sheet | Tone::Dusk | Tone::Paper | Tone::Light | Tone::Glow => Brush::Ink,
        }
    }
}

impl Brush {
    fn attributes(self) -> &'static str {
        match self {
            Brush::Ink => r##"class="l" fill="none" stroke="#1D1A16""##,
            Brush::Paper => r##"class="h" fill="none" stroke="#FBF8F3""##,
        }
    }
}

/// Numbers that look thrown and are the same for ever: SHA-256 of the slug, then of the block before.
struct Seed {
    block: [u8; 32],
    used: usize,
}

impl Seed {
    fn next(&mut self) -> u32 {
        if self.used >= self.block.len() {
            self.block = Sha256::digest(self.block).into();
            self.used = 0;
        }
        let word = self.block[self.used..self.used + 4]
            .iter()
            .fold(0, |word, byte| (word << 8) | u32::from(*byte));
        self.used += 4;
        word
    }
}

/// Sine and cosine of degrees by their series: sums and products round alike on every machine, a libm need not.
pub(super) fn turn(degrees: f64) -> Pt {
    let wrapped = degrees - 360.0 * ((degrees + 180.0) / 360.0).floor();
    let x = wrapped * core::f64::consts::PI / 180.0;
    let (mut sin, mut cos, mut term) = (0.0, 0.0, 1.0);
    for n in 0..24_u32 {
        match n % 4 {
            0 => cos += term,
            1 => sin += term,
            2 => cos -= term,
            _ => sin -= term,
        }
        term *= x / f64::from(n + 1);
    }
    (cos, sin)
}

/// The points turned about one of them, clockwise on the page.
pub(super) fn turned<const N: usize>(points: [Pt; N], about: Pt, degrees: f64) -> [Pt; N] {
    let (cos, sin) = turn(degrees);
    points.map(|(x, y)| {
        let (dx, dy) = (x - about.0, y - about.1);
        (about.0 + dx * cos - dy * sin, about.1 + dx * sin + dy * cos)
    })
}

/// The four corners of an upright sheet about its middle.
pub(super) fn sheet(middle: Pt, width: f64, height: f64) -> [Pt; 4] {
    let (x, y, w, h) = (middle.0, middle.1, width / 2.0, height / 2.0);
    [(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)]
}

pub(super) struct Hand {
    seed: Seed,
    out: String,
    middle: Pt,
    scale: f64,
    turned: Pt,
    flip: bool,
}

impl Hand {
    pub(super) fn new(slug: &str) -> Hand {
        let block = Sha256::digest(slug.as_bytes()).into();
        Hand {
            seed: Seed { block, used: 0 },
            out: String::with_capacity(2560),
            middle: (320.0, 200.0),
            scale: 1.0,
            turned: (1.0, 0.0),
            flip: false,
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    // Chance.

    pub(super) fn below(&mut self, n: usize) -> usize {
        // The bias of the remainder is nothing at these sizes.
        (self.seed.next() as usize) % n.max(1)
    }

    /// From `low` to `high`, both included.
    pub(super) fn count(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * f64::from(self.seed.next()) / 4_294_967_296.0
    }

    pub(super) fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    pub(super) fn pick<T: Copy, const N: usize>(&mut self, from: [T; N]) -> T {
        from[self.below(N)]
    }

    /// A point a little off.
    fn off(&mut self, (x, y): Pt, by: f64) -> Pt {
        (x + self.between(-by, by), y + self.between(-by, by))
    }

    // Where.

    pub(super) fn place(&mut self, middle: Pt, scale: f64, degrees: f64, flip: bool) {
        (self.middle, self.scale, self.turned, self.flip) = (middle, scale, turn(degrees), flip);
    }

    fn at(&self, (x, y): Pt) -> (i64, i64) {
        let x = if self.flip { -x } else { x };
        let (cos, sin) = self.turned;
        let (x, y) = (self.scale * (x * cos - y * sin), self.scale * (x * sin + y * cos));
        ((self.middle.0 + x).round() as i64, (self.middle.1 + y).round() as i64)
    }

    // Scissors.

    /// A shape cut along these corners, each of them missed by a little.
    pub(super) fn cut(&mut self, tone: Tone, corners: &[Pt]) {
        self.cut_within(tone, corners, 2.5);
    }

    pub(super) fn cut_within(&mut self, tone: Tone, corners: &[Pt], miss: f64) {
        let _ = write!(self.out, r#"<path {} d="M"#, tone.attributes());
        for (n, corner) in corners.iter().enumerate() {
            let corner = self.off(*corner, miss);
            let (x, y) = self.at(corner);
            let _ = write!(self.out, "{}{x} {y}", if n == 0 { "" } else { " " });
        }
        self.out.push_str(r#"z"/>"#);
    }

    /// A round thing as scissors make it: short straight snips, none like the next.
    pub(super) fn blob(&mut self, tone: Tone, middle: Pt, rx: f64, ry: f64) {
        let snips = if rx.max(ry) < 14.0 {
            7
        } else if rx.max(ry) < 50.0 {
            10
        } else {
            14
        };
        let mut corners = Vec::with_capacity(snips);
        let start = self.between(0.0, 360.0);
        // A large round is cut with more care: a dent would show.
        let (miss, stray) = if snips == 14 { (0.012, 0.16) } else { (0.06, 0.22) };
        for n in 0..snips {
            let step = 360.0 / snips as f64;
            let (cos, sin) = turn(start + step * (n as f64 + self.between(-stray, stray)));
            let far = self.between(1.0 - miss, 1.0 + miss);
            corners.push((middle.0 + rx * far * cos, middle.1 + ry * far * sin));
        }
        self.cut_within(tone, &corners, 0.0);
    }

    // Brush.

    fn begin(&mut self, brush: Brush, width: f64) {
        let _ = write!(self.out, r#"<path {} stroke-width="{width}" d=""#, brush.attributes());
    }

    /// Straight strokes, each a pair of ends.
    pub(super) fn strokes(&mut self, brush: Brush, width: f64, ends: &[(Pt, Pt)]) {
        self.begin(brush, width);
        for (from, to) in ends {
            let (from, to) = (self.off(*from, 1.2), self.off(*to, 1.6));
            let ((x, y), (to_x, to_y)) = (self.at(from), self.at(to));
            let _ = write!(self.out, "M{x} {y}l{} {}", to_x - x, to_y - y);
        }
        self.out.push_str(r#""/>"#);
    }

    /// Straight strokes joined at the ends.
    pub(super) fn line(&mut self, brush: Brush, width: f64, points: &[Pt]) {
        self.begin(brush, width);
        for (n, point) in points.iter().enumerate() {
            let (x, y) = self.at(*point);
            let _ = write!(self.out, "{}{x} {y}", if n == 0 { "M" } else { "L" });
        }
        self.out.push_str(r#""/>"#);
    }

    /// One sweep through all points (Catmull-Rom).
    pub(super) fn curve(&mut self, brush: Brush, width: f64, points: &[Pt]) {
        let Some(first) = points.first() else { return };
        self.begin(brush, width);
        let (x, y) = self.at(*first);
        let _ = write!(self.out, "M{x} {y}");
        for n in 1..points.len() {
            let (before, from, to) = (points[n.saturating_sub(2)], points[n - 1], points[n]);
            let after = *points.get(n + 1).unwrap_or(&to);
            let lean = (from.0 + (to.0 - before.0) / 6.0, from.1 + (to.1 - before.1) / 6.0);
            let fall = (to.0 - (after.0 - from.0) / 6.0, to.1 - (after.1 - from.1) / 6.0);
            let ((ax, ay), (bx, by), (cx, cy)) = (self.at(lean), self.at(fall), self.at(to));
            let _ =
                write!(self.out, "{}{ax} {ay} {bx} {by} {cx} {cy}", if n == 1 { "C" } else { " " });
        }
        self.out.push_str(r#""/>"#);
    }

    // Turns of the hand that every motif needs.

    /// The ground: an inked line that runs over the edge of the paper.
    pub(super) fn ground(&mut self, y: f64, from: f64, to: f64) {
        let third = (to - from) / 3.0;
        let mut points = [(from, y), (from + third, y), (from + 2.0 * third, y), (to, y)];
        for point in &mut points {
            point.1 += self.between(-3.5, 3.5);
        }
        self.curve(Brush::Ink, 4.0, &points);
    }

    /// Grass or shade: a few short slanting strokes.
    pub(super) fn ticks(&mut self, brush: Brush, start: Pt, step: Pt, number: usize, reach: Pt) {
        let mut ends = Vec::with_capacity(number);
        for n in 0..number {
            let from = (start.0 + step.0 * n as f64, start.1 + step.1 * n as f64);
            let long = self.between(0.7, 1.15);
            ends.push((from, (from.0 + reach.0 * long, from.1 + reach.1 * long)));
        }
        self.strokes(brush, 2.5, &ends);
    }

    /// Lines of writing on a sheet that is turned about `about`. They begin at the left however the motif lies.
    pub(super) fn writing(
        &mut self,
        brush: Brush,
        top_left: Pt,
        width: f64,
        rows: usize,
        apart: f64,
        (about, degrees): (Pt, f64),
    ) {
        let mut ends = Vec::with_capacity(rows);
        for n in 0..rows {
            let last = n + 1 == rows;
            let long = width * if last { self.between(0.4, 0.6) } else { self.between(0.84, 1.0) };
            let y = top_left.1 + apart * n as f64;
            let from = if self.flip { top_left.0 + width - long } else { top_left.0 };
            let [a, b] = turned([(from, y), (from + long, y)], about, degrees);
            ends.push((a, b));
        }
        self.strokes(brush, 3.0, &ends);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_is_sine_and_cosine() {
        for degrees in -400..=400 {
            let (cos, sin) = turn(f64::from(degrees));
            let radians = f64::from(degrees).to_radians();
            assert!(
                (cos - radians.cos()).abs() < 1e-9 && (sin - radians.sin()).abs() < 1e-9,
                "{degrees}"
            );
        }
    }

    #[test]
    fn chance_stays_in_its_bounds_and_uses_them() {
        let mut hand = Hand::new("bounds");
        let mut seen = [0; 4];
        for _ in 0..400 {
            seen[hand.below(4)] += 1;
            let value = hand.between(-2.0, 3.0);
            assert!((-2.0..3.0).contains(&value));
            assert!((2..=5).contains(&hand.count(2, 5)));
        }
        assert!(seen.iter().all(|times| *times > 60), "{seen:?}");
    }
}
