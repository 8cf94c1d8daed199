//! Motifs of paper: sheets, a letter, a folded strip, a price tag, books, what is said, and the mark.

#![allow(clippy::many_single_char_names, reason = "x, y, w(ide), t(all), r(adius); h is the hand")]

use super::hand::{Brush, Hand, Pt, Tone, sheet, turned};

/// Sheets in a loose pile, the top one written on.
pub(super) fn sheets(h: &mut Hand) {
    let (w, tall) = if h.coin() { (178.0, 226.0) } else { (236.0, 178.0) };
    let under = h.count(2, 4);
    let accent = h.below(under);
    let spread = h.between(7.0, 13.0);
    let tones = [Tone::Ink, Tone::Dusk, Tone::Ink, Tone::Dusk];
    for n in 0..under {
        let left = (under - n) as f64;
        let tone = if n == accent { Tone::Accent } else { tones[(n + under) % 4] };
        let slip = (16.0 * left, -5.0 * left);
        h.cut(tone, &turned(sheet(slip, w, tall), slip, spread * left));
    }
    let lean = h.between(-6.0, -1.0);
    h.cut(Tone::Paper, &turned(sheet((-8.0, 8.0), w, tall), (-8.0, 8.0), lean));
    let left = -8.0 - w / 2.0 + 24.0;
    let top = 8.0 - tall / 2.0;
    let [a, b] = turned([(left, top + 38.0), (left + w * 0.42, top + 38.0)], (-8.0, 8.0), lean);
    h.strokes(Brush::Ink, 7.0, &[(a, b)]);
    let rows = ((tall - 100.0) / 26.0) as usize + 1;
    h.writing(Brush::Ink, (left, top + 74.0), w - 48.0, rows, 26.0, ((-8.0, 8.0), lean));
}

/// A letter: sealed, or with its sheet half out.
pub(super) fn letter(h: &mut Hand) {
    let (w, tall) = (h.between(270.0, 310.0), h.between(168.0, 188.0));
    let (left, right, top, bottom) = (-w / 2.0, w / 2.0, 40.0 - tall / 2.0, 40.0 + tall / 2.0);
    let dip = h.between(-0.06, 0.06) * w;
    if h.coin() {
        let lean = h.between(-7.0, -3.0);
        h.cut(
            Tone::Ink,
            &[(left, top), (dip, top - 96.0), (right, top), (right, bottom), (left, bottom)],
        );
        let middle = (h.between(-16.0, 16.0), top - 20.0);
        h.cut(Tone::Paper, &turned(sheet(middle, w * 0.76, 210.0), middle, lean));
        h.writing(
            Brush::Ink,
            (middle.0 - w * 0.31, middle.1 - 74.0),
            w * 0.6,
            4,
            25.0,
            (middle, lean),
        );
        h.cut(
            Tone::Dusk,
            &[(left, top), (dip, top + tall * 0.6), (right, top), (right, bottom), (left, bottom)],
        );
        h.line(Brush::Ink, 3.0, &[(left, bottom), (left * 0.16 + dip, top + tall * 0.5)]);
        h.line(Brush::Ink, 3.0, &[(right, bottom), (right * 0.16 + dip, top + tall * 0.5)]);
        h.blob(Tone::Accent, (dip, top + tall * 0.62), 23.0, 22.0);
    } else {
        h.cut(Tone::Dusk, &turned(sheet((18.0, 0.0), w, tall), (0.0, 0.0), 9.0));
        let (top, bottom) = (top - 34.0, bottom - 34.0);
        h.cut_within(
            Tone::Paper,
            &[(left, top), (right, top), (right, bottom), (left, bottom)],
            1.5,
        );
        h.cut(
            Tone::Ink,
            &[(left - 3.0, top - 4.0), (right + 3.0, top - 4.0), (dip, top + tall * 0.58)],
        );
        h.blob(Tone::Accent, (dip, top + tall * 0.56), 25.0, 24.0);
        let rows = h.count(2, 3);
        h.writing(
            Brush::Ink,
            (left + 22.0, bottom - 16.0 * rows as f64 - 4.0),
            w * 0.26,
            rows,
            16.0,
            ((0.0, 0.0), 0.0),
        );
    }
}

/// A strip folded like a bellows, standing.
pub(super) fn strip(h: &mut Hand) {
    let panels = h.count(4, 6);
    let wide = 400.0 / panels as f64;
    let (tall, sink) = (h.between(166.0, 204.0), h.between(26.0, 40.0));
    let accent = h.below(panels);
    h.ground(tall / 2.0 + sink * 0.5, -270.0, 262.0);
    for n in 0..panels {
        let (x, next) = (-200.0 + wide * n as f64, -200.0 + wide * (n + 1) as f64);
        let (y, then) = if n % 2 == 0 { (0.0, sink) } else { (sink, 0.0) };
        let corners = [
            (x, y - tall / 2.0),
            (next, then - tall / 2.0),
            (next, then + tall / 2.0),
            (x, y + tall / 2.0),
        ];
        let tone = if n == accent {
            Tone::Accent
        } else if n % 2 == 0 {
            Tone::Paper
        } else {
            Tone::Ink
        };
        h.cut_within(tone, &corners, 1.6);
        let slope = (then - y) / wide;
        let mut rows: Vec<(Pt, Pt)> = Vec::with_capacity(4);
        let number = h.count(2, 4);
        for row in 0..number {
            let from = (x + 15.0, y - tall / 2.0 + 38.0 + 24.0 * row as f64 + slope * 15.0);
            let long = (wide - 30.0) * if row + 1 == number { 0.55 } else { 1.0 };
            rows.push((from, (from.0 + long, from.1 + slope * long)));
        }
        if tone != Tone::Ink || n % 4 == 1 {
            h.strokes(tone.brush(), 3.0, &rows);
        }
    }
}

/// A tag on a string.
pub(super) fn tag(h: &mut Hand) {
    let lean = h.between(-24.0, -10.0);
    let body = [(-150.0, 0.0), (-92.0, -74.0), (150.0, -74.0), (150.0, 74.0), (-92.0, 74.0)];
    let shadow = body.map(|(x, y)| (x + 14.0, y + 18.0));
    h.cut(Tone::Dusk, &turned(shadow, (0.0, 0.0), lean * 0.7));
    let front = h.pick([Tone::Ink, Tone::Paper, Tone::Accent]);
    h.cut(front, &turned(body, (0.0, 0.0), lean));
    let [hole] = turned([(-104.0, 0.0)], (0.0, 0.0), lean);
    h.blob(Tone::Sheet, hole, 13.0, 13.0);
    let rise = h.between(-40.0, 20.0);
    h.curve(
        Brush::Ink,
        3.5,
        &[
            hole,
            (hole.0 - 62.0, hole.1 - 40.0 + rise * 0.3),
            (hole.0 - 104.0, hole.1 + 10.0),
            (hole.0 - 60.0, hole.1 + 44.0),
            (hole.0 - 24.0, hole.1 - 10.0),
            (hole.0 - 70.0, hole.1 - 90.0 + rise),
            (hole.0 - 150.0, hole.1 - 96.0 + rise),
        ],
    );
    h.writing(front.brush(), (-56.0, -30.0), 170.0, 3, 28.0, ((0.0, 0.0), lean));
    if front != Tone::Accent {
        let [dot] = turned([(116.0, 40.0)], (0.0, 0.0), lean);
        h.blob(Tone::Accent, dot, 20.0, 20.0);
    }
}

/// A row of books, one of them leaning.
pub(super) fn books(h: &mut Hand) {
    let number = h.count(5, 7);
    let accent = h.below(number);
    h.ground(128.0, -272.0, 268.0);
    let mut x = -178.0 + h.between(-8.0, 12.0);
    let first = h.below(3);
    for n in 0..number {
        let (w, tall) = (h.between(33.0, 52.0), h.between(158.0, 238.0));
        let tone = if n == accent {
            Tone::Accent
        } else {
            [Tone::Ink, Tone::Paper, Tone::Dusk][(n + first) % 3]
        };
        let lean = if n + 1 == number { h.between(-17.0, -11.0) } else { 0.0 };
        // The leaning one rests its top on its neighbour and its foot on the ground.
        let foot = if lean < 0.0 { x + 0.23 * tall } else { x };
        let corners =
            [(foot, 126.0 - tall), (foot + w, 126.0 - tall), (foot + w, 126.0), (foot, 126.0)];
        h.cut_within(tone, &turned(corners, (foot, 126.0), lean), 1.8);
        let bands = [
            ((foot + 8.0, 156.0 - tall), (foot + w - 8.0, 156.0 - tall)),
            ((foot + 8.0, 168.0 - tall), (foot + w - 8.0, 168.0 - tall)),
            ((foot + 8.0, 100.0), (foot + w - 8.0, 100.0)),
        ];
        let bands = bands.map(|(a, b)| {
            let [a, b] = turned([a, b], (foot, 126.0), lean);
            (a, b)
        });
        let few = h.count(1, 3);
        h.strokes(tone.brush(), 3.0, &bands[..few]);
        x += w + 3.0;
    }
}

/// What is said and what is answered.
pub(super) fn speech(h: &mut Hand) {
    let three = h.coin();
    let accent = h.below(if three { 3 } else { 2 });
    let tones = [Tone::Ink, Tone::Paper, Tone::Dusk];
    let tone = |n: usize| if n == accent { Tone::Accent } else { tones[n] };
    let (w, tall) = (h.between(200.0, 232.0), h.between(122.0, 142.0));
    if three {
        bubble(h, tone(2), (138.0, -84.0), 146.0, 92.0, -0.25);
    }
    bubble(h, tone(0), (-82.0, -44.0), w, tall, -0.3);
    let words = h.coin();
    if words {
        h.writing(tone(0).brush(), (-82.0 - w * 0.34, -74.0), w * 0.66, 3, 27.0, ((0.0, 0.0), 0.0));
    } else {
        for n in 0..3 {
            h.blob(Tone::Light, (-128.0 + 46.0 * f64::from(n), -44.0), 11.0, 11.0);
        }
    }
    let (w, tall) = (h.between(186.0, 226.0), h.between(112.0, 132.0));
    bubble(h, tone(1), (92.0, 56.0), w, tall, 0.28);
    h.writing(
        tone(1).brush(),
        (92.0 - w * 0.34, 30.0),
        w * 0.66,
        if words { 2 } else { 3 },
        26.0,
        ((0.0, 0.0), 0.0),
    );
}

fn bubble(h: &mut Hand, tone: Tone, (x, y): Pt, width: f64, height: f64, tail: f64) {
    let (w, t) = (width / 2.0, height / 2.0);
    let tip = x + width * tail * 1.35;
    let (a, b) = (x + width * (tail + 0.1), x + width * (tail - 0.1));
    h.cut_within(
        tone,
        &[
            (x - w, y - t * 0.55),
            (x - w * 0.8, y - t),
            (x + w * 0.78, y - t),
            (x + w, y - t * 0.5),
            (x + w * 0.98, y + t * 0.55),
            (x + w * 0.76, y + t),
            (a, y + t),
            (tip, y + t + 44.0),
            (b, y + t),
            (x - w * 0.8, y + t),
            (x - w, y + t * 0.5),
        ],
        3.5,
    );
}

/// The mark itself, folded again each time from another strip.
pub(super) fn mark(h: &mut Hand) {
    let (wide, tall) = (h.between(104.0, 126.0), h.between(120.0, 134.0));
    let (post, deep) = (h.between(46.0, 60.0), h.between(58.0, 92.0));
    let open = h.pick([Tone::Ink, Tone::Paper]);
    h.ground(tall + 2.0, -262.0, 266.0);
    h.cut(
        Tone::Dusk,
        &[(wide - post, -tall), (wide, -tall), (wide + 96.0, tall), (wide - post + 70.0, tall)],
    );
    h.cut(
        Tone::Ink,
        &[
            (-wide, -tall + 4.0),
            (-wide + post, -tall),
            (-wide + post + 3.0, tall),
            (-wide + 3.0, tall),
        ],
    );
    h.cut(
        open,
        &[(wide - post, -tall), (wide, -tall + 5.0), (wide - 3.0, tall), (wide - post - 4.0, tall)],
    );
    let fall = h.between(-24.0, 6.0);
    h.cut(
        Tone::Accent,
        &[
            (-wide + post * 0.66, -tall),
            (0.0, fall),
            (wide - post * 0.6, -tall - 2.0),
            (wide - post * 0.56, -tall + deep),
            (-2.0, fall + deep * 1.25),
            (-wide + post * 0.7, -tall + deep),
        ],
    );
    h.ticks(Brush::Ink, (wide + 30.0, -tall + 14.0), (1.0, 26.0), 4, (25.0, -11.0));
}
