//! A drawing for a slug: the paper behind, then one motif. The same slug gives the same bytes for ever.

use super::hand::{Hand, Tone, turned};
use super::{desk, outdoors, paper};

const HEAD: &str = concat!(
    r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 400" width="640" height="400" stroke-linecap="round" stroke-linejoin="round">"#,
    "<style>.i{fill:#1D1A16}.l{fill:none;stroke:#1D1A16}.a{fill:#A63A1E}.s{fill:#E6DFD4}.d{fill:#D6C9B4}.p{fill:#FBF8F3}.g{fill:#FBF8F3}",
    ".h{fill:none;stroke:#FBF8F3}@media(prefers-color-scheme:dark){.i{fill:#F3EEE6}",
    ".l{stroke:#F3EEE6}.a{fill:#F08A6B}.s{fill:#35302A}.d{fill:#4A4238}.p{fill:#151311}.g{fill:#75624C}.h{stroke:#151311}}</style>",
);

/// A motif and how far it may be turned as a whole: what stands on the ground hardly, what lies on a table more.
type Motif = (fn(&mut Hand), f64);

/// The order decides which slug gets which; a new motif changes the drawings of all.
const MOTIFS: [Motif; 22] = [
    (paper::sheets, 3.0),
    (outdoors::flag, 0.8),
    (outdoors::doorway, 0.8),
    (paper::speech, 2.0),
    (desk::lamp, 0.8),
    (outdoors::stairs, 0.8),
    (desk::key, 3.0),
    (paper::books, 0.8),
    (paper::letter, 5.0),
    (desk::compass, 7.0),
    (outdoors::seedling, 0.8),
    (paper::strip, 0.8),
    (desk::clock, 1.0),
    (outdoors::rounds, 6.0),
    (outdoors::window, 1.2),
    (outdoors::bridge, 0.6),
    (desk::cup, 0.8),
    (outdoors::tangle, 1.5),
    (desk::pencil, 2.0),
    (desk::lens, 4.0),
    (paper::tag, 4.0),
    (paper::mark, 0.8),
];

/// Chosen by trying: with this number the articles that come with the program get motifs that differ, and mostly fit.
const EDITION: u32 = 3_639_665;

/// The article's own drawing: a whole SVG, 640 by 400, for light and dark.
pub fn drawing(slug: &str) -> String {
    let mut hand = seeded(slug);
    let (motif, play) = MOTIFS[hand.below(MOTIFS.len())];
    background(&mut hand);
    let middle = (320.0 + hand.between(-20.0, 20.0), 202.0 + hand.between(-4.0, 4.0));
    let (scale, degrees, flip) = (hand.between(0.94, 1.02), hand.between(-play, play), hand.coin());
    hand.place(middle, scale, degrees, flip);
    motif(&mut hand);
    format!("{HEAD}{}</svg>", hand.finish())
}

fn seeded(slug: &str) -> Hand {
    Hand::new(&format!("{EDITION} {slug}"))
}

/// The big sheet, cut freely, and now and then a darker scrap across its edge.
fn background(hand: &mut Hand) {
    let (left, right) = (hand.between(46.0, 116.0), hand.between(524.0, 594.0));
    let (top, bottom) = (hand.between(26.0, 48.0), hand.between(352.0, 374.0));
    let (over, under) = (hand.between(0.3, 0.7), hand.between(0.3, 0.7));
    let wide = right - left;
    let corners = [
        (left + 10.0, top + 12.0),
        (left + wide * over, top - 8.0),
        (right - 12.0, top + 8.0),
        (right + 8.0, 200.0),
        (right - 10.0, bottom - 8.0),
        (left + wide * under, bottom + 8.0),
        (left + 6.0, bottom - 6.0),
        (left - 10.0, 196.0),
    ];
    let about = (320.0, 200.0);
    hand.place(about, 1.0, 0.0, false);
    hand.cut_within(Tone::Sheet, &corners.map(|(x, y)| (x - about.0, y - about.1)), 13.0);
    if hand.below(3) > 0 {
        let size = hand.between(46.0, 88.0);
        let (far, high) = (hand.between(186.0, 304.0 - size), hand.between(84.0, 186.0 - size));
        let corner = (hand.pick([-far, far]), hand.pick([-high, high, -high]));
        let degrees = hand.between(-40.0, 40.0);
        let scrap = hand.pick([
            [
                (-0.5, -0.8),
                (0.45, -0.75),
                (1.0, -0.2),
                (0.85, 0.5),
                (0.2, 0.85),
                (-0.7, 0.65),
                (-1.0, 0.0),
            ],
            [
                (-0.8, -0.5),
                (0.1, -0.55),
                (0.9, -0.4),
                (0.95, 0.3),
                (0.4, 0.5),
                (-0.3, 0.55),
                (-0.9, 0.45),
            ],
            [
                (-1.0, 0.4),
                (-0.9, -0.1),
                (-0.55, -0.5),
                (0.0, -0.66),
                (0.55, -0.5),
                (0.9, -0.1),
                (1.0, 0.4),
            ],
            [
                (-0.7, -0.7),
                (0.0, -0.75),
                (0.68, -0.64),
                (0.72, 0.1),
                (0.2, 0.66),
                (-0.3, 0.74),
                (-0.66, 0.7),
            ],
        ]);
        let scrap =
            turned(scrap.map(|(x, y)| (corner.0 + size * x, corner.1 + size * y)), corner, degrees);
        hand.cut_within(Tone::Dusk, &scrap, 5.0);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use sha2::{Digest as _, Sha256};

    use super::*;

    fn slugs() -> impl Iterator<Item = String> {
        (0..3000).map(|n| format!("an-article-{n}"))
    }

    /// Every pair of numbers of a path, its relative strokes added up.
    fn points(svg: &str) -> Vec<(i64, i64)> {
        let mut found = Vec::new();
        for path in svg.split(" d=\"").skip(1) {
            let path = path.split('"').next().unwrap();
            let spaced = path.replace(['M', 'L', 'C'], " @ ").replace('l', " + ").replace('z', " ");
            let (mut relative, mut x) = (false, None);
            for word in spaced.split_whitespace() {
                match (word, x) {
                    ("@" | "+", _) => relative = word == "+",
                    (number, None) => x = Some(number.parse::<i64>().unwrap()),
                    (number, Some(first)) => {
                        let y = number.parse::<i64>().unwrap();
                        let from: (i64, i64) =
                            if relative { *found.last().unwrap() } else { (0, 0) };
                        found.push((from.0 + first, from.1 + y));
                        x = None;
                    }
                }
            }
        }
        found
    }

    #[test]
    fn a_slug_keeps_its_drawing_for_ever() {
        let hash = Sha256::digest(drawing("the-sentence-people-repeat").as_bytes());
        assert_eq!(
            format!("{hash:x}"),
            "304e1d8f2a3f3b42658eb534d94daf2a0217de8e7c13f56ad569f50e7f18a200"
        );
    }

    #[test]
    fn all_motifs_come_and_none_repeats() {
        let all: HashSet<String> = slugs().map(|slug| drawing(&slug)).collect();
        assert_eq!(all.len(), 3000);
        let met: HashSet<usize> = slugs().map(|slug| seeded(&slug).below(MOTIFS.len())).collect();
        assert_eq!(met.len(), MOTIFS.len());
    }

    #[test]
    fn drawings_are_small_whole_and_inside_the_frame() {
        for slug in slugs() {
            let svg = drawing(&slug);
            assert!(svg.len() <= 2700, "{slug}: {} bytes", svg.len());
            assert!(
                svg.starts_with("<svg ") && svg.ends_with("</svg>") && !svg.contains(" id="),
                "{slug}"
            );
            assert!(svg.contains("class=\"a\""), "{slug} has no accent");
            for (x, y) in points(&svg) {
                assert!((2..=638).contains(&x) && (2..=398).contains(&y), "{slug}: {x} {y}");
            }
        }
    }

    #[test]
    fn any_text_is_a_slug() {
        for slug in ["", "ñandú", "a\"><script>", &"x".repeat(10_000)] {
            assert!(!drawing(slug).contains("script"));
        }
    }
}
