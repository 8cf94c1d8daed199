//! Motifs of ways and openings: a flag on a hill, a doorway, stairs, a window, a bridge, a seedling, two rounds, a tangle.

#![allow(clippy::many_single_char_names, reason = "x, y, w(ide), t(all), r(adius); h is the hand")]

use super::hand::{Brush, Hand, Pt, Tone, turn, turned};

/// Steps in the sand up to a flag.
pub(super) fn flag(h: &mut Hand) {
    let top = (h.between(70.0, 120.0), h.between(-44.0, -20.0));
    h.cut_within(
        Tone::Dusk,
        &[
            (-250.0, 142.0),
            (-178.0, 84.0),
            (-84.0, 52.0),
            (top.0 - 62.0, top.1 + 18.0),
            top,
            (top.0 + 66.0, top.1 + 34.0),
            (236.0, 92.0),
            (262.0, 142.0),
        ],
        6.0,
    );
    h.ground(144.0, -286.0, 284.0);
    let steps = h.count(6, 9);
    let sway = h.between(42.0, 66.0);
    for n in 0..steps {
        let way = n as f64 / steps as f64;
        let (_, sin) = turn(way * 400.0 - 60.0);
        let r = 11.5 - 7.0 * way;
        h.blob(
            Tone::Ink,
            (
                -110.0 + (top.0 + 106.0) * way + sway * (1.0 - way) * sin,
                122.0 + (top.1 - 108.0) * way,
            ),
            r * 1.3,
            r * 0.85,
        );
    }
    let tall = h.between(100.0, 118.0);
    let (x, y) = (top.0, top.1 - tall);
    h.line(Brush::Ink, 5.0, &[(x - 2.0, top.1 + 10.0), (x, y)]);
    if h.coin() {
        h.cut(Tone::Accent, &[(x, y), (x + 84.0, y + 26.0), (x + 1.0, y + 54.0)]);
    } else {
        h.cut(
            Tone::Accent,
            &[
                (x, y),
                (x + 86.0, y + 7.0),
                (x + 64.0, y + 28.0),
                (x + 84.0, y + 55.0),
                (x + 1.0, y + 52.0),
            ],
        );
    }
}

/// A door that stands open, and the light behind it.
pub(super) fn doorway(h: &mut Hand) {
    let (w, swing) = (h.between(64.0, 76.0), h.between(52.0, 84.0));
    let top = h.between(-142.0, -126.0);
    h.ground(130.0, -270.0, 266.0);
    h.cut(
        Tone::Ink,
        &[(-w - 32.0, top - 30.0), (w + 32.0, top - 34.0), (w + 34.0, 131.0), (-w - 32.0, 131.0)],
    );
    h.cut(Tone::Glow, &[(-w, top), (w, top), (w, 131.0), (-w, 131.0)]);
    let spill = h.between(60.0, 120.0);
    h.cut(Tone::Glow, &[(-w, 130.0), (w, 130.0), (w + spill, 176.0), (-w + spill * 0.5, 180.0)]);
    h.cut(Tone::Accent, &[(-w, top), (-w - swing, top + 26.0), (-w - swing, 166.0), (-w, 131.0)]);
    h.blob(Tone::Light, (-w - swing + 16.0, 24.0), 7.0, 7.0);
    if h.coin() {
        // A sun half over the horizon.
        let (x, far) = (h.between(-20.0, 24.0), h.between(44.0, 70.0));
        h.blob(Tone::Dusk, (x, far), 34.0, 34.0);
        h.cut_within(
            Tone::Glow,
            &[(-w + 2.0, far), (w - 2.0, far - 1.0), (w - 2.0, 120.0), (-w + 2.0, 120.0)],
            0.5,
        );
        h.strokes(
            Brush::Ink,
            3.0,
            &[
                ((-w + 3.0, far), (w - 3.0, far - 1.0)),
                ((x - 22.0, far + 16.0), (x + 18.0, far + 15.0)),
                ((x - 10.0, far + 30.0), (x + 24.0, far + 29.0)),
            ],
        );
    } else {
        let steps = [0.0, 1.0, 2.0];
        for n in steps {
            h.blob(
                Tone::Ink,
                (4.0 + 16.0 * n - 8.0 * n * n, 118.0 - 24.0 * n),
                11.0 - 2.0 * n,
                6.0 - n,
            );
        }
    }
    h.ticks(Brush::Ink, (w + 66.0, 60.0), (4.0, 18.0), 3, (28.0, -9.0));
}

/// Stairs, and who goes up them.
pub(super) fn stairs(h: &mut Hand) {
    let steps = h.count(4, 6);
    let (run, rise) = (330.0 / steps as f64, 196.0 / steps as f64);
    let tread = |n: usize| (-166.0 + run * n as f64, 134.0 - rise * (n + 1) as f64);
    h.ground(134.0, -274.0, 270.0);
    let mut side = vec![(-166.0, 134.0)];
    for n in 0..steps {
        let (x, y) = tread(n);
        side.extend([(x, y), (x + run, y)]);
    }
    side.push((164.0, 134.0));
    h.cut_within(Tone::Ink, &side, 2.0);
    for n in 0..steps {
        let (x, y) = tread(n);
        h.cut_within(
            Tone::Dusk,
            &[
                (x - 5.0, y - 7.0),
                (x + run + 1.0, y - 7.0),
                (x + run + 1.0, y + 5.0),
                (x - 5.0, y + 5.0),
            ],
            1.2,
        );
    }
    let (x, y) = tread(steps - 1);
    if h.coin() {
        let on = h.count(1, steps - 1);
        let (x, y) = tread(on);
        figure(h, (x + run * 0.5, y - 6.0));
        h.ticks(Brush::Ink, (-150.0, -104.0), (19.0, -3.0), 4, (10.0, -22.0));
    } else {
        // One long throw from the ground to the top.
        let r = h.between(19.0, 25.0);
        let over = h.between(30.0, 58.0);
        h.curve(
            Brush::Ink,
            3.0,
            &[
                (-238.0, 128.0),
                (-196.0, 10.0 - over),
                (-60.0, -84.0 - over * 0.9),
                (x + run * 0.5, y - 8.0 - r),
            ],
        );
        h.blob(Tone::Accent, (x + run * 0.5, y - 6.0 - r), r, r);
        h.ticks(Brush::Paper, (x + run * 0.3, 112.0), (15.0, 0.0), 3, (9.0, -30.0));
    }
}

/// Someone in a coat, seen from afar.
fn figure(h: &mut Hand, (x, y): Pt) {
    h.cut(Tone::Accent, &[(x - 8.0, y - 60.0), (x + 9.0, y - 60.0), (x + 19.0, y), (x - 18.0, y)]);
    h.blob(Tone::Ink, (x + 1.0, y - 73.0), 13.0, 13.0);
}

/// A window on a good morning.
pub(super) fn window(h: &mut Hand) {
    let (w, t) = (h.between(96.0, 128.0), h.between(118.0, 128.0));
    h.cut(
        Tone::Ink,
        &[
            (-w - 18.0, -t - 18.0),
            (w + 17.0, -t - 16.0),
            (w + 19.0, t + 12.0),
            (-w - 17.0, t + 14.0),
        ],
    );
    h.cut_within(Tone::Glow, &[(-w, -t), (w, -t), (w, t), (-w, t)], 1.5);
    let (x, y, r) = (h.between(-w * 0.45, w * 0.45), h.between(-46.0, 14.0), h.between(36.0, 46.0));
    h.blob(Tone::Accent, (x, y), r, r);
    let hill = h.between(26.0, 62.0);
    h.cut_within(
        Tone::Dusk,
        &[
            (-w + 1.0, hill),
            (-w * 0.4, hill - 22.0),
            (w * 0.15, hill + 12.0),
            (w * 0.6, hill - 6.0),
            (w - 1.0, hill + 18.0),
            (w - 1.0, t - 1.0),
            (-w + 1.0, t - 1.0),
        ],
        1.0,
    );
    let bar = h.between(-26.0, 10.0);
    h.strokes(Brush::Ink, 9.0, &[((0.0, -t), (1.0, t)), ((-w, bar), (w, bar + 1.0))]);
    h.cut(
        Tone::Ink,
        &[(-w - 44.0, t + 10.0), (w + 46.0, t + 8.0), (w + 40.0, t + 27.0), (-w - 38.0, t + 28.0)],
    );
    if h.coin() {
        let x = w - 24.0;
        h.curve(Brush::Ink, 3.5, &[(x, t - 24.0), (x + 3.0, t - 52.0), (x - 4.0, t - 82.0)]);
        leaf(h, Tone::Ink, (x + 1.0, t - 50.0), 46.0, -32.0);
        leaf(h, Tone::Ink, (x - 2.0, t - 62.0), 44.0, -146.0);
        h.cut(
            Tone::Paper,
            &[(x - 24.0, t - 30.0), (x + 24.0, t - 30.0), (x + 17.0, t + 9.0), (x - 17.0, t + 9.0)],
        );
    }
}

/// A bridge, and someone on it.
pub(super) fn bridge(h: &mut Hand) {
    let arches = h.count(1, 3);
    let crown = h.between(-64.0, -30.0);
    let deck = |x: f64| crown + (34.0 - crown) * (x / 262.0) * (x / 262.0);
    let (x, r) = (h.between(-150.0, 150.0), h.between(44.0, 58.0));
    let sun = h.coin();
    if sun {
        h.blob(Tone::Accent, (x, deck(x) - 30.0), r, r);
    }
    let mut side: Vec<Pt> =
        (0..9).map(|n| -262.0 + 65.5 * f64::from(n)).map(|x| (x, deck(x))).collect();
    side.push((262.0, 112.0));
    let span = 480.0 / arches as f64;
    for n in (0..arches).rev() {
        let middle = -240.0 + span * (n as f64 + 0.5);
        let high = 112.0 - deck(middle) - 34.0;
        for step in 0..7 {
            let (cos, sin) = turn(30.0 * f64::from(step));
            side.push((middle + (span / 2.0 - 18.0) * cos, 112.0 - high * sin));
        }
    }
    side.push((-262.0, 112.0));
    h.cut_within(Tone::Ink, &side, 1.5);
    let rail: Vec<Pt> =
        (0..7).map(|n| -234.0 + 78.0 * f64::from(n)).map(|x| (x, deck(x) - 27.0)).collect();
    h.curve(Brush::Ink, 3.5, &rail);
    let posts: Vec<(Pt, Pt)> = rail.iter().map(|(x, y)| ((*x, *y), (*x, y + 28.0))).collect();
    h.strokes(Brush::Ink, 3.0, &posts);
    if !sun {
        figure(h, (x, deck(x) - 2.0));
    }
    let mut waves = Vec::new();
    for n in 0..6 {
        let (x, y) = (
            -226.0 + 76.0 * f64::from(n) + h.between(-14.0, 14.0),
            if n % 2 == 0 { 132.0 } else { 150.0 },
        );
        waves.push(((x, y), (x + h.between(34.0, 70.0), y)));
    }
    h.strokes(Brush::Ink, 3.0, &waves);
}

/// What was planted, in its pot.
pub(super) fn seedling(h: &mut Hand) {
    let (w, rim) = (h.between(60.0, 74.0), h.between(40.0, 56.0));
    let leaves = h.count(4, 6);
    let accent = h.below(leaves);
    let bend = h.between(-16.0, 24.0);
    h.ground(142.0, -258.0, 264.0);
    let stem = |way: f64| (bend * (way * 2.0 - way * way * 1.6), rim - (rim + 116.0) * way);
    h.curve(Brush::Ink, 5.0, &[stem(0.0), stem(0.35), stem(0.7), stem(0.96)]);
    let side = h.below(2);
    for n in 0..leaves {
        let way = 0.24 + 0.72 * n as f64 / (leaves - 1) as f64;
        let tone = if n == accent {
            Tone::Accent
        } else {
            [Tone::Ink, Tone::Paper, Tone::Ink, Tone::Dusk][(n + side) % 4]
        };
        let long = 116.0 - 46.0 * way + h.between(-8.0, 8.0);
        let rising = 18.0 + 34.0 * way + h.between(-6.0, 8.0);
        let angle = if n + 1 == leaves {
            h.between(-104.0, -78.0)
        } else if (n + side).is_multiple_of(2) {
            -rising
        } else {
            rising - 180.0
        };
        leaf(h, tone, stem(way), long, angle);
    }
    h.cut(Tone::Ink, &[(-w, rim + 22.0), (w, rim + 22.0), (w - 16.0, 142.0), (-w + 15.0, 142.0)]);
    h.cut(
        Tone::Dusk,
        &[(-w - 9.0, rim), (w + 9.0, rim - 2.0), (w + 8.0, rim + 26.0), (-w - 8.0, rim + 25.0)],
    );
    h.ticks(Brush::Paper, (-w + 30.0, 122.0), (14.0, 0.0), 3, (8.0, -26.0));
    h.ticks(Brush::Ink, (w + 44.0, 138.0), (17.0, 0.0), 4, (7.0, -20.0));
}

fn leaf(h: &mut Hand, tone: Tone, foot: Pt, long: f64, angle: f64) {
    let (x, y, half) = (foot.0, foot.1, long * 0.25);
    h.cut_within(
        tone,
        &turned(
            [
                (x + 7.0, y),
                (x + long * 0.26, y - half * 0.86),
                (x + long * 0.55, y - half),
                (x + long * 0.82, y - half * 0.5),
                (x + long, y),
                (x + long * 0.8, y + half * 0.66),
                (x + long * 0.5, y + half),
                (x + long * 0.22, y + half * 0.74),
            ],
            foot,
            angle,
        ),
        1.6,
    );
    let [a, b] = turned([(x + long * 0.14, y), (x + long * 0.8, y)], foot, angle);
    h.strokes(tone.brush(), 2.5, &[(a, b)]);
}

/// Two rounds and what they share.
pub(super) fn rounds(h: &mut Hand) {
    let (r, apart) = (h.between(106.0, 122.0), h.between(60.0, 78.0));
    let tones =
        h.pick([(Tone::Ink, Tone::Paper), (Tone::Paper, Tone::Ink), (Tone::Ink, Tone::Light)]);
    h.blob(tones.0, (-apart, 0.0), r, r);
    h.blob(tones.1, (apart, 0.0), r, r);
    // The angle under which each middle sees half of what is shared, found by halving: its cosine is apart / r.
    let (mut low, mut high) = (0.0, 90.0);
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if turn(middle).0 * r > apart { low = middle } else { high = middle }
    }
    let mut edge = Vec::with_capacity(10);
    for (side, start) in [(-1.0, 0.0), (1.0, 180.0)] {
        for n in 0..5 {
            let (cos, sin) = turn(start - low + low * f64::from(n) / 2.5);
            // A hair more than the rounds, so that none of their edges shows beside it.
            edge.push((side * apart + 1.02 * r * cos, 1.02 * r * sin));
        }
    }
    h.cut_within(Tone::Accent, &edge, 1.5);
    h.writing(tones.0.brush(), (-apart - r * 0.72, -24.0), r * 0.5, 3, 24.0, ((0.0, 0.0), 0.0));
    h.ticks(tones.1.brush(), (apart + r * 0.3, 20.0), (14.0, -2.0), 4, (10.0, -24.0));
}

/// A tangle that becomes a line.
pub(super) fn tangle(h: &mut Hand) {
    let turns = h.count(20, 24);
    let middle = (-128.0, h.between(-48.0, -28.0));
    let mut way = Vec::with_capacity(turns + 4);
    let (mut angle, mut axis) = (h.between(0.0, 360.0), h.between(0.0, 180.0));
    for n in 0..turns {
        // Five points a round, on an ellipse that grows and keeps turning.
        angle += h.between(64.0, 82.0);
        axis += h.between(8.0, 22.0);
        let (cos, sin) = turn(angle);
        let grow = 0.55 + 0.45 * n as f64 / turns as f64;
        let (rx, ry) = (grow * h.between(104.0, 124.0), grow * h.between(50.0, 72.0));
        let [point] = turned([(middle.0 + rx * cos, middle.1 + ry * sin)], middle, axis);
        way.push(point);
    }
    let level = h.between(54.0, 92.0);
    way.push((middle.0 + 60.0, level - 26.0));
    way.push((60.0, level + 4.0));
    way.push((140.0, level - 3.0));
    way.push((238.0, level));
    h.curve(Brush::Ink, 4.0, &way);
    let r = h.between(15.0, 22.0);
    h.blob(Tone::Accent, (238.0 + r * 0.6, level), r, r);
    let (sheets, first) = (h.count(3, 4), h.below(2));
    for n in 0..sheets {
        let (x, tall) = (52.0 + 46.0 * n as f64, 52.0 + 34.0 * n as f64 + h.between(-10.0, 16.0));
        let tone = [Tone::Ink, Tone::Paper][(n + first) % 2];
        h.cut(
            tone,
            &[
                (x - 16.0, level - 8.0 - tall),
                (x + 18.0, level - 11.0 - tall),
                (x + 18.0, level - 3.0),
                (x - 16.0, level - 3.0),
            ],
        );
    }
}
