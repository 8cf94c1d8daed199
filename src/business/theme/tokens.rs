//! What follows from the owner's choices: the tokens of both schemes, whether they can be read, the style sheet.

use super::colour::{BLACK, Colour, WHITE};
use super::model::{Choices, Scheme};

/// Contrast that text needs (WCAG 2.2, AA).
pub const TEXT: f64 = 4.5;
/// Contrast that outlines of controls need.
pub const OUTLINE: f64 = 3.0;

/// The colours of one scheme, as the style sheet names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    pub paper: Colour,
    pub surface: Colour,
    pub ink: Colour,
    pub ink_soft: Colour,
    pub line: Colour,
    pub edge: Colour,
    pub accent: Colour,
    pub accent_strong: Colour,
    pub on_accent: Colour,
    pub tint: Colour,
    pub good: Colour,
    pub warn: Colour,
    pub bad: Colour,
}

impl Tokens {
    /// What follows from paper and accent: those of the built-in look are exactly its own.
    #[must_use]
    pub fn of(choices: &Choices, scheme: Scheme) -> Self {
        let (paper, accent) = (choices.paper.of(scheme), choices.accent.of(scheme));
        let own = built_in(scheme);
        let of_paper = if paper == own.paper { own } else { on_paper(paper, own, scheme) };
        let tokens = Self { paper, accent, ..of_paper };
        if paper == own.paper && accent == own.accent { own } else { with_accent(tokens, scheme) }
    }

    fn list(&self) -> [(&'static str, Colour); 13] {
        [
            ("paper", self.paper),
            ("surface", self.surface),
            ("ink", self.ink),
            ("ink-soft", self.ink_soft),
            ("line", self.line),
            ("edge", self.edge),
            ("accent", self.accent),
            ("accent-strong", self.accent_strong),
            ("on-accent", self.on_accent),
            ("tint", self.tint),
            ("good", self.good),
            ("warn", self.warn),
            ("bad", self.bad),
        ]
    }
}

/// The look of `static/css/site.css`.
fn built_in(scheme: Scheme) -> Tokens {
    let c = Colour::of;
    match scheme {
        Scheme::Light => Tokens {
            paper: c(0x00FB_F8F3),
            surface: WHITE,
            ink: c(0x001D_1A16),
            ink_soft: c(0x005C_554B),
            line: c(0x00E6_DFD4),
            edge: c(0x008C_8375),
            accent: c(0x00A6_3A1E),
            accent_strong: c(0x0087_2D15),
            on_accent: WHITE,
            tint: c(0x00F4_E0D6),
            good: c(0x001F_6B45),
            warn: c(0x008A_5A00),
            bad: c(0x00A4_262C),
        },
        Scheme::Dark => Tokens {
            paper: c(0x0015_1311),
            surface: c(0x001E_1B18),
            ink: c(0x00F3_EEE6),
            ink_soft: c(0x00B7_AEA1),
            line: c(0x0035_302A),
            edge: c(0x0085_7B6D),
            accent: c(0x00F0_8A6B),
            accent_strong: c(0x00F7_A98F),
            on_accent: c(0x001D_0F0A),
            tint: c(0x0054_301F),
            good: c(0x006F_CF97),
            warn: c(0x00E2_B04A),
            bad: c(0x00FF_8A80),
        },
    }
}

fn on_paper(paper: Colour, own: Tokens, scheme: Scheme) -> Tokens {
    let (surface, line) = match scheme {
        Scheme::Light => (WHITE, paper.towards(own.ink, 0.11)),
        Scheme::Dark => (paper.towards(own.ink, 0.045), paper.towards(own.ink, 0.145)),
    };
    let edge = paper.towards(own.ink, 0.5);
    let seen = |edge: Colour| edge.contrast(paper) >= OUTLINE && edge.contrast(surface) >= OUTLINE;
    Tokens { paper, surface, line, edge: edge.nearest(seen).unwrap_or(own.ink), ..own }
}

fn with_accent(tokens: Tokens, scheme: Scheme) -> Tokens {
    let (accent, paper) = (tokens.accent, tokens.paper);
    let deep = Colour::of(0x001D_0F0A);
    let (accent_strong, on, tint) = match scheme {
        Scheme::Light => (accent.towards(BLACK, 0.2), [WHITE, deep, BLACK], 0.12),
        Scheme::Dark => (accent.towards(WHITE, 0.27), [deep, BLACK, WHITE], 0.22),
    };
    let least = |on: &Colour| on.contrast(accent).min(on.contrast(accent_strong));
    let best = on.iter().copied().max_by(|a, b| least(a).total_cmp(&least(b)));
    let on_accent = on.iter().copied().find(|on| least(on) >= TEXT).or(best).unwrap_or(WHITE);
    Tokens { accent_strong, on_accent, tint: paper.towards(accent, tint), ..tokens }
}

/// What somebody is asked to choose otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Accent(Scheme),
    Paper(Scheme),
}

impl Choice {
    /// The name of its field.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Accent(Scheme::Light) => "accent_light",
            Self::Accent(Scheme::Dark) => "accent_dark",
            Self::Paper(Scheme::Light) => "paper_light",
            Self::Paper(Scheme::Dark) => "paper_dark",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Accent(Scheme::Light) => "the accent on light screens",
            Self::Accent(Scheme::Dark) => "the accent on dark screens",
            Self::Paper(Scheme::Light) => "the paper of light screens",
            Self::Paper(Scheme::Dark) => "the paper of dark screens",
        }
    }
}

/// How one colour stands on another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Check {
    pub scheme: Scheme,
    /// What is seen on what: `text on paper`.
    pub what: &'static str,
    pub front: Colour,
    pub back: Colour,
    pub contrast: f64,
    pub needed: f64,
    /// What to change when it does not pass.
    pub choice: Choice,
}

impl Check {
    #[must_use]
    pub fn passes(&self) -> bool {
        self.contrast >= self.needed
    }

    #[must_use]
    pub fn is_dark(&self) -> bool {
        self.scheme == Scheme::Dark
    }

    /// The contrast as people read it. Rounded down: 4.49 must not read as 4.5.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{:.2}", (self.contrast * 100.0).floor() / 100.0)
    }
}

/// Every pair that pages make of the tokens.
#[must_use]
pub fn checks(choices: &Choices) -> Vec<Check> {
    [Scheme::Light, Scheme::Dark]
        .into_iter()
        .flat_map(|scheme| checks_of(&Tokens::of(choices, scheme), scheme))
        .collect()
}

fn checks_of(t: &Tokens, scheme: Scheme) -> Vec<Check> {
    let check = |what, front: Colour, back: Colour, needed, choice| Check {
        scheme,
        what,
        front,
        back,
        contrast: front.contrast(back),
        needed,
        choice,
    };
    let (paper, accent) = (Choice::Paper(scheme), Choice::Accent(scheme));
    vec![
        check("text on paper", t.ink, t.paper, TEXT, paper),
        check("text on cards", t.ink, t.surface, TEXT, paper),
        check("soft text on paper", t.ink_soft, t.paper, TEXT, paper),
        check("soft text on cards", t.ink_soft, t.surface, TEXT, paper),
        check("good news on paper", t.good, t.paper, TEXT, paper),
        check("warnings on paper", t.warn, t.paper, TEXT, paper),
        check("errors on paper", t.bad, t.paper, TEXT, paper),
        check("errors on cards", t.bad, t.surface, TEXT, paper),
        check("outlines on paper", t.edge, t.paper, OUTLINE, paper),
        check("outlines on cards", t.edge, t.surface, OUTLINE, paper),
        check("links on paper", t.accent, t.paper, TEXT, accent),
        check("links on cards", t.accent, t.surface, TEXT, accent),
        check("links under the pointer on paper", t.accent_strong, t.paper, TEXT, accent),
        check("links under the pointer on cards", t.accent_strong, t.surface, TEXT, accent),
        check("buttons", t.on_accent, t.accent, TEXT, accent),
        check("buttons under the pointer", t.on_accent, t.accent_strong, TEXT, accent),
        check("found words", t.ink, t.tint, TEXT, accent),
    ]
}

/// The same choices with the nearest colours that can be read; the same where all can.
#[must_use]
pub fn mended(choices: &Choices) -> Choices {
    let mut mended = choices.clone();
    for scheme in [Scheme::Light, Scheme::Dark] {
        let passes = |choices: &Choices, choice: Choice| {
            let all = checks_of(&Tokens::of(choices, scheme), scheme);
            all.iter().filter(|check| check.choice == choice).all(Check::passes)
        };
        let with = |choices: &Choices, choice: Choice, colour: Colour| {
            let mut other = choices.clone();
            match choice {
                Choice::Accent(Scheme::Light) => other.accent.light = colour,
                Choice::Accent(Scheme::Dark) => other.accent.dark = colour,
                Choice::Paper(Scheme::Light) => other.paper.light = colour,
                Choice::Paper(Scheme::Dark) => other.paper.dark = colour,
            }
            other
        };
        // The paper first: what is read on it follows.
        let own = Choices::default();
        let parts = [
            (Choice::Paper(scheme), mended.paper.of(scheme), own.paper.of(scheme)),
            (Choice::Accent(scheme), mended.accent.of(scheme), own.accent.of(scheme)),
        ];
        for (choice, chosen, or) in parts {
            let fits = |colour| passes(&with(&mended, choice, colour), choice);
            let colour = chosen.nearest(fits).unwrap_or(or);
            mended = with(&mended, choice, colour);
        }
    }
    mended
}

/// The style sheet that puts these choices over those of the program.
#[must_use]
pub fn style_sheet(choices: &Choices) -> String {
    let tokens = |scheme| {
        let of_scheme = Tokens::of(choices, scheme).list();
        of_scheme.map(|(name, colour)| format!("--{name}:{colour};")).concat()
    };
    format!(
        ":root{{{}--serif:{};--radius:{}}}\n@media (prefers-color-scheme:dark){{:root{{{}}}}}\n",
        tokens(Scheme::Light),
        choices.headings.value(),
        choices.corners.value(),
        tokens(Scheme::Dark),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn failing(choices: &Choices) -> Vec<String> {
        let bad = checks(choices).into_iter().filter(|check| !check.passes());
        bad.map(|c| format!("{:?} {}: {:.2}", c.scheme, c.what, c.contrast)).collect()
    }

    #[test]
    fn the_built_in_look_can_be_read_and_is_what_the_style_sheet_says() {
        let own = Choices::default();
        assert_eq!(failing(&own), [""; 0]);
        assert_eq!(mended(&own), own);
        let sheet = include_str!("../../../static/css/site.css");
        let (light, dark) = sheet.split_once("prefers-color-scheme: dark").unwrap();
        for (scheme, part) in [(Scheme::Light, light), (Scheme::Dark, dark)] {
            for (name, colour) in Tokens::of(&own, scheme).list() {
                assert!(part.contains(&format!("--{name}: {colour};")), "{scheme:?} {name}");
            }
        }
    }

    #[test]
    fn what_follows_from_other_colours_is_near_what_was_drawn_by_hand() {
        let mut choices = Choices::default();
        // One step beside the built-in one, so that it is made and not looked up.
        choices.paper.light = Colour::of(0x00FB_F8F2);
        choices.accent.dark = Colour::of(0x00F0_8A6A);
        assert_eq!(failing(&choices), [""; 0]);
        for scheme in [Scheme::Light, Scheme::Dark] {
            let (made, own) = (Tokens::of(&choices, scheme), built_in(scheme));
            for ((name, made), (_, own)) in made.list().into_iter().zip(own.list()) {
                let apart = made.0.iter().zip(own.0).map(|(a, b)| a.abs_diff(b)).max().unwrap();
                assert!(apart < 30, "{name}: {made} and {own}");
            }
        }
    }

    #[test]
    fn a_colour_that_cannot_be_read_is_told_with_one_that_can() {
        let mut choices = Choices::default();
        choices.accent.light = Colour::of(0x00FF_D400);
        let told = failing(&choices);
        assert!(told.iter().any(|t| t.starts_with("Light links on paper: 1.")), "{told:?}");
        assert!(told.iter().all(|t| t.starts_with("Light")), "{told:?}");
        let better = mended(&choices);
        assert_eq!(failing(&better), [""; 0]);
        assert_eq!((better.accent.dark, better.paper), (choices.accent.dark, choices.paper));
        let [r, g, b] = better.accent.light.0;
        assert!(r > b && g > b, "still a yellow: {}", better.accent.light);
    }

    #[test]
    fn the_style_sheet_is_small_and_holds_only_what_was_chosen() {
        let sheet = style_sheet(&Choices::default());
        assert!(sheet.len() < 1200, "{}", sheet.len());
        assert!(sheet.contains("--accent:#A63A1E;") && sheet.contains("--radius:3px"));
        assert!(!sheet.contains("url(") && !sheet.contains('<'));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_is_chosen_something_that_can_be_read_is_offered(
            numbers in prop::array::uniform4(0_u32..0x0100_0000)
        ) {
            let mut choices = Choices::default();
            let [a, b, c, d] = numbers.map(Colour::of);
            (choices.accent.light, choices.accent.dark) = (a, b);
            (choices.paper.light, choices.paper.dark) = (c, d);
            let better = mended(&choices);
            prop_assert_eq!(failing(&better), Vec::<String>::new());
            prop_assert_eq!(mended(&better), better);
        }
    }
}
