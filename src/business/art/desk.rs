//! Motifs from the desk and the pocket: lamp, key, compass, clock, cup, pencil, lens.

#![allow(clippy::many_single_char_names, reason = "x, y, w(ide), t(all), r(adius); h is the hand")]

use super::hand::{Brush, Hand, Pt, Tone, turn, turned};

/// A desk lamp and the light it gives.
pub(super) fn lamp(h: &mut Hand) {
    let (elbow, neck) = (
        (h.between(-112.0, -84.0), h.between(-30.0, -4.0)),
        (h.between(-10.0, 14.0), h.between(-122.0, -104.0)),
    );
    let lean = h.between(-32.0, -14.0);
    let shade = turned(
        [
            (neck.0 - 20.0, neck.1 - 12.0),
            (neck.0 + 26.0, neck.1 - 12.0),
            (neck.0 + 66.0, neck.1 + 66.0),
            (neck.0 - 60.0, neck.1 + 66.0),
        ],
        neck,
        lean,
    );
    let (right, left) = (shade[2], shade[3]);
    h.cut(Tone::Glow, &[left, right, (right.0 + 96.0, 136.0), (left.0 + 22.0, 136.0)]);
    h.ground(138.0, -264.0, 274.0);
    h.line(Brush::Ink, 6.0, &[(-58.0, 130.0), elbow, neck]);
    h.cut(Tone::Ink, &[(-98.0, 137.0), (-84.0, 116.0), (-34.0, 115.0), (-18.0, 137.0)]);
    let (bulb, cover) = h.pick([(Tone::Accent, Tone::Ink), (Tone::Ink, Tone::Accent)]);
    let glow = (f64::midpoint(left.0, right.0), f64::midpoint(left.1, right.1));
    h.blob(bulb, (glow.0 + 3.0, glow.1 + 6.0), 20.0, 20.0);
    h.cut(cover, &shade);
    h.blob(if cover == Tone::Ink { Tone::Accent } else { Tone::Ink }, elbow, 11.0, 11.0);
    let page = right.0 - 4.0;
    h.cut_within(
        Tone::Ink,
        &[(page - 50.0, 134.0), (page - 46.0, 120.0), (page + 66.0, 119.0), (page + 62.0, 134.0)],
        1.5,
    );
    if h.coin() {
        h.cut_within(
            Tone::Dusk,
            &[
                (page - 34.0, 119.0),
                (page - 36.0, 105.0),
                (page + 50.0, 104.0),
                (page + 54.0, 119.0),
            ],
            1.5,
        );
    }
}

/// A key on a loop of string.
pub(super) fn key(h: &mut Hand) {
    let lean = h.between(-34.0, 12.0);
    let bow = (-112.0, 0.0);
    let (r, teeth) = (h.between(62.0, 76.0), h.count(2, 3));
    let place = |p: Pt| turned([p], (0.0, 0.0), lean)[0];
    let (head, shaft) =
        h.pick([(Tone::Accent, Tone::Ink), (Tone::Ink, Tone::Ink), (Tone::Ink, Tone::Accent)]);
    h.cut(
        shaft,
        &turned([(-70.0, -15.0), (186.0, -12.0), (188.0, 12.0), (-70.0, 15.0)], (0.0, 0.0), lean),
    );
    for n in 0..teeth {
        let (x, long) = (160.0 - 44.0 * n as f64, h.between(34.0, 58.0));
        h.cut(
            shaft,
            &turned(
                [
                    (x - 14.0, 6.0),
                    (x + 14.0, 6.0),
                    (x + 12.0, 12.0 + long),
                    (x - 13.0, 12.0 + long),
                ],
                (0.0, 0.0),
                lean,
            ),
        );
    }
    h.blob(head, place(bow), r, r * 0.96);
    h.blob(Tone::Sheet, place((bow.0 - r * 0.2, 0.0)), r * 0.46, r * 0.44);
    if head == shaft {
        h.cut(
            Tone::Accent,
            &turned(
                [(-40.0, -24.0), (-22.0, -24.0), (-22.0, 24.0), (-40.0, 24.0)],
                (0.0, 0.0),
                lean,
            ),
        );
    }
    let eye = place((bow.0 - r * 0.3, 0.0));
    let sag = h.between(-20.0, 30.0);
    h.curve(
        Brush::Ink,
        3.5,
        &[
            (eye.0 + 18.0, eye.1 - 4.0),
            (eye.0 - 30.0, eye.1 + 34.0),
            (eye.0 - 92.0, eye.1 + 62.0 + sag),
            (eye.0 - 118.0, eye.1 + 8.0),
            (eye.0 - 70.0, eye.1 - 30.0),
            (eye.0 + 8.0, eye.1 - 10.0),
        ],
    );
    let from = place((40.0, -38.0));
    let [step] = turned([(22.0, 0.0)], (0.0, 0.0), lean);
    h.ticks(Brush::Ink, from, step, 4, (9.0, -20.0));
}

/// A compass whose needle has found its place.
pub(super) fn compass(h: &mut Hand) {
    let r = h.between(116.0, 130.0);
    h.line(
        Brush::Ink,
        5.0,
        &[(-16.0, -r), (-20.0, -r - 22.0), (0.0, -r - 32.0), (20.0, -r - 22.0), (16.0, -r)],
    );
    let (case, face) =
        h.pick([(Tone::Ink, Tone::Light), (Tone::Ink, Tone::Light), (Tone::Dusk, Tone::Paper)]);
    h.blob(case, (0.0, 8.0), r, r);
    h.blob(face, (0.0, 8.0), r * 0.82, r * 0.82);
    let marks = h.pick([8, 12]);
    let ends: Vec<(Pt, Pt)> = (0..marks)
        .map(|n| {
            let (cos, sin) = turn(360.0 / f64::from(marks) * f64::from(n));
            let inner = if n % (marks / 4) == 0 { 0.6 } else { 0.68 };
            ((r * 0.76 * cos, 8.0 + r * 0.76 * sin), (r * inner * cos, 8.0 + r * inner * sin))
        })
        .collect();
    h.strokes(Brush::Ink, 3.0, &ends);
    let north = h.between(10.0, 70.0);
    let (long, half) = (r * h.between(0.84, 1.02), h.between(15.0, 20.0));
    h.cut(Tone::Accent, &turned([(0.0, 8.0 - long), (half, 8.0), (-half, 8.0)], (0.0, 8.0), north));
    h.cut(
        Tone::Ink,
        &turned([(0.0, 8.0 + long * 0.8), (half, 8.0), (-half, 8.0)], (0.0, 8.0), north),
    );
    h.blob(Tone::Light, (0.0, 8.0), 6.0, 6.0);
    h.curve(
        Brush::Ink,
        3.5,
        &[
            (14.0, -r - 26.0),
            (70.0, -r - 16.0),
            (150.0, -r + 22.0),
            (204.0, -r + 2.0),
            (252.0, -r + 30.0),
        ],
    );
}

/// A clock with one stretch of time marked.
pub(super) fn clock(h: &mut Hand) {
    let r = h.between(106.0, 118.0);
    let middle = (0.0, 2.0);
    h.ground(142.0, -262.0, 258.0);
    h.strokes(Brush::Ink, 9.0, &[((-54.0, 84.0), (-80.0, 138.0)), ((54.0, 84.0), (80.0, 138.0))]);
    if h.coin() {
        h.blob(Tone::Ink, (-66.0, -r + 10.0), 34.0, 25.0);
        h.blob(Tone::Ink, (66.0, -r + 8.0), 34.0, 25.0);
        h.strokes(
            Brush::Ink,
            6.0,
            &[((0.0, -r), (0.0, -r - 22.0)), ((-15.0, -r - 24.0), (15.0, -r - 24.0))],
        );
    }
    h.blob(Tone::Ink, middle, r, r);
    h.blob(Tone::Light, middle, r * 0.83, r * 0.83);
    let (from, wide) = (h.between(0.0, 300.0), h.between(55.0, 125.0));
    let mut slice = vec![middle];
    for n in 0..5 {
        let (cos, sin) = turn(from + wide * f64::from(n) / 4.0);
        slice.push((middle.0 + r * 0.72 * cos, middle.1 + r * 0.72 * sin));
    }
    h.cut(Tone::Accent, &slice);
    let ends: Vec<(Pt, Pt)> = (0..12)
        .map(|n| {
            let (cos, sin) = turn(30.0 * f64::from(n));
            let inner = if n % 3 == 0 { 0.64 } else { 0.7 };
            (
                (r * 0.77 * cos, middle.1 + r * 0.77 * sin),
                (r * inner * cos, middle.1 + r * inner * sin),
            )
        })
        .collect();
    h.strokes(Brush::Ink, 3.0, &ends);
    for (angle, long, half) in [(from, r * 0.66, 4.5), (from + wide, r * 0.44, 6.0)] {
        h.cut_within(
            Tone::Ink,
            &turned(
                [
                    (-14.0, 2.0 - half),
                    (long, 2.0 - half * 0.5),
                    (long, 2.0 + half * 0.5),
                    (-14.0, 2.0 + half),
                ],
                middle,
                angle,
            ),
            0.6,
        );
    }
}

/// A cup, its steam, and the tag of the tea.
pub(super) fn cup(h: &mut Hand) {
    let (w, tall) = (h.between(98.0, 116.0), h.between(122.0, 146.0));
    let top = 118.0 - tall;
    h.ground(134.0, -262.0, 266.0);
    h.cut(
        Tone::Dusk,
        &[(-w - 44.0, 116.0), (w + 40.0, 115.0), (w + 4.0, 134.0), (-w - 6.0, 134.0)],
    );
    h.curve(
        Brush::Ink,
        13.0,
        &[
            (w - 8.0, top + 24.0),
            (w + 50.0, top + 22.0),
            (w + 52.0, top + 70.0),
            (w - 22.0, top + 84.0),
        ],
    );
    let body = h.pick([Tone::Ink, Tone::Paper]);
    h.cut(
        body,
        &[
            (-w, top),
            (w, top - 2.0),
            (w - 14.0, top + tall * 0.6),
            (w - 44.0, 118.0),
            (-w + 44.0, 118.0),
            (-w + 12.0, top + tall * 0.6),
        ],
    );
    let x = h.between(-52.0, -8.0);
    let drop = h.between(38.0, 58.0);
    h.curve(body.brush(), 2.5, &[(x - 8.0, top), (x + 5.0, top + drop * 0.5), (x, top + drop)]);
    h.cut(
        Tone::Accent,
        &[
            (x - 18.0, top + drop + 12.0),
            (x, top + drop - 4.0),
            (x + 18.0, top + drop + 12.0),
            (x + 17.0, top + drop + 46.0),
            (x - 16.0, top + drop + 46.0),
        ],
    );
    let plumes = h.count(2, 3);
    for n in 0..plumes {
        let (x, long) = (-44.0 + 44.0 * n as f64 + h.between(-6.0, 6.0), h.between(60.0, 106.0));
        let sway = h.between(12.0, 20.0);
        h.curve(
            Brush::Ink,
            3.5,
            &[
                (x, top - 18.0),
                (x + sway, top - 18.0 - long * 0.33),
                (x - sway * 0.6, top - 18.0 - long * 0.66),
                (x + sway * 0.6, top - 18.0 - long),
            ],
        );
    }
}

/// A pencil at the end of its line.
pub(super) fn pencil(h: &mut Hand) {
    let lean = h.between(-54.0, -26.0);
    let tip = (-64.0, 92.0);
    let (long, half) = (h.between(226.0, 262.0), h.between(22.0, 27.0));
    let at = |points: [Pt; 4]| turned(points.map(|(x, y)| (tip.0 + x, tip.1 + y)), tip, lean);
    let loops = h.between(20.0, 40.0);
    h.curve(
        Brush::Ink,
        4.0,
        &[
            (-262.0, 104.0),
            (-222.0, 84.0 - loops),
            (-186.0, 106.0),
            (-214.0, 128.0),
            (-206.0, 66.0),
            (-150.0, 92.0 - loops),
            (-122.0, 116.0),
            (-92.0, 122.0),
            tip,
        ],
    );
    let (body, end) = h.pick([(Tone::Ink, Tone::Accent), (Tone::Accent, Tone::Ink)]);
    h.cut(Tone::Paper, &at([(4.0, -3.0), (62.0, -half), (62.0, half), (4.0, 3.0)]));
    h.cut_within(
        Tone::Ink,
        &at([(0.0, -1.0), (25.0, -half * 0.4), (27.0, half * 0.4), (0.0, 1.0)]),
        0.8,
    );
    h.cut_within(body, &at([(60.0, -half), (long, -half), (long, half), (60.0, half)]), 1.5);
    h.cut_within(
        Tone::Dusk,
        &at([(long - 1.0, -half), (long + 26.0, -half), (long + 26.0, half), (long - 1.0, half)]),
        1.0,
    );
    h.cut(
        end,
        &at([
            (long + 25.0, -half),
            (long + 62.0, -half + 5.0),
            (long + 62.0, half - 5.0),
            (long + 25.0, half),
        ]),
    );
    let [a, b, c, d] = at([
        (76.0, -half * 0.3),
        (long - 14.0, -half * 0.3),
        (long * 0.6, half * 0.35),
        (long - 14.0, half * 0.35),
    ]);
    h.strokes(Brush::Paper, 2.5, &[(a, b), (c, d)]);
    h.ground(146.0, -120.0, 268.0);
}

/// A lens over writing: one line of it matters.
pub(super) fn lens(h: &mut Hand) {
    let r = h.between(78.0, 92.0);
    let (x, y) = (h.between(-40.0, 16.0), h.between(-38.0, -16.0));
    h.cut(Tone::Paper, &[(-190.0, -132.0), (128.0, -140.0), (136.0, 124.0), (-184.0, 132.0)]);
    let mut ends = Vec::new();
    for n in 0..8 {
        let (row, long) = (-102.0 + 29.0 * f64::from(n), h.between(210.0, 262.0));
        ends.push(((-160.0, row), (-160.0 + long, row - 4.0)));
    }
    h.strokes(Brush::Ink, 3.0, &ends);
    let lean = h.between(34.0, 52.0);
    let handle = turned(
        [
            (x + r, y - 13.0),
            (x + r + 122.0, y - 18.0),
            (x + r + 124.0, y + 18.0),
            (x + r, y + 13.0),
        ],
        (x, y),
        lean,
    );
    h.cut(Tone::Ink, &handle);
    h.blob(Tone::Ink, (x, y), r + 12.0, r + 12.0);
    h.blob(Tone::Light, (x, y), r - 5.0, r - 5.0);
    let half = r * 0.6;
    h.strokes(
        Brush::Ink,
        5.0,
        &[
            ((x - half * 0.8, y - 34.0), (x + half * 0.8, y - 36.0)),
            ((x - half * 0.8, y + 34.0), (x + half * 0.5, y + 33.0)),
        ],
    );
    h.cut(
        Tone::Accent,
        &[(x - half, y - 11.0), (x + half, y - 13.0), (x + half, y + 9.0), (x - half, y + 11.0)],
    );
}
