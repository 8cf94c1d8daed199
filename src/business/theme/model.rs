//! What the owner chooses of the site's look. What follows from it stands in `tokens`.

use serde::{Deserialize, Serialize};

use super::colour::Colour;
use crate::platform::word::Word;

/// Where the visitor's screen shows the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

/// One colour for each scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    pub light: Colour,
    pub dark: Colour,
}

impl Pair {
    #[must_use]
    pub fn of(self, scheme: Scheme) -> Colour {
        match scheme {
            Scheme::Light => self.light,
            Scheme::Dark => self.dark,
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $($(#[$one:meta])* $variant:ident = $word:literal, $label:literal, $value:literal;)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
        #[schema(as = $name)]
        pub enum $name { $($(#[$one])* #[schema(rename = $word)] $variant),+ }

        impl Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl $name {
            /// For people who choose.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }

            /// As the style sheet has it.
            #[must_use]
            pub fn value(self) -> &'static str {
                match self { $(Self::$variant => $value),+ }
            }
        }
    };
}

words! {
    /// The faces of headings: stacks of what phones and computers bring along, so nothing is downloaded.
    Headings:
    OldStyle = "old-style", "Old style (Iowan, Palatino)", r#""Iowan Old Style","Palatino Linotype",Palladio,P052,Georgia,serif"#;
    Transitional = "transitional", "Transitional (Charter, Cambria)", r#"Charter,"Bitstream Charter","Sitka Text",Cambria,C059,serif"#;
    Didone = "didone", "High contrast (Didot, Bodoni)", r#"Didot,"Bodoni MT","Noto Serif Display","URW Palladio L",P052,Sylfaen,serif"#;
    Slab = "slab", "Slab (Rockwell)", r#"Rockwell,"Rockwell Nova","Roboto Slab","DejaVu Serif","Sitka Small",serif"#;
    Humanist = "humanist", "Humanist (Seravek, Gill Sans)", r#"Seravek,"Gill Sans Nova",Ubuntu,Calibri,"Noto Sans",sans-serif"#;
    Geometric = "geometric", "Geometric (Avenir, Montserrat)", r#"Avenir,Montserrat,Corbel,"URW Gothic",sans-serif"#;
    Grotesque = "grotesque", "Grotesque (Helvetica, Arial)", r#"Inter,Roboto,"Helvetica Neue","Arial Nova","Nimbus Sans",Arial,sans-serif"#;
}

words! {
    /// How round corners are.
    Corners:
    Sharp = "sharp", "Sharp", "0";
    Slight = "slight", "Slightly round", "3px";
    Round = "round", "Round", "10px";
}

words! {
    /// Where a logo stands.
    LogoPlace:
    BesideName = "beside-name", "Beside the site's name", "";
    InsteadOfName = "instead-of-name", "Instead of the name", "";
}

/// Everything that the owner chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    pub accent: Pair,
    pub paper: Pair,
    pub headings: Headings,
    pub corners: Corners,
    /// The name of a picture of the library; none for the mark that is drawn.
    pub logo: Option<String>,
    pub logo_place: LogoPlace,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            accent: Pair { light: Colour::of(0x00A6_3A1E), dark: Colour::of(0x00F0_8A6B) },
            paper: Pair { light: Colour::of(0x00FB_F8F3), dark: Colour::of(0x0015_1311) },
            headings: Headings::OldStyle,
            corners: Corners::Slight,
            logo: None,
            logo_place: LogoPlace::BesideName,
        }
    }
}

/// Choices as they are stored and shown in the record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Written {
    accent_light: String,
    accent_dark: String,
    paper_light: String,
    paper_dark: String,
    headings: String,
    corners: String,
    /// `media/<name>`, as texts name pictures.
    logo: Option<String>,
    logo_place: String,
}

impl From<&Choices> for Written {
    fn from(choices: &Choices) -> Self {
        Self {
            accent_light: choices.accent.light.to_string(),
            accent_dark: choices.accent.dark.to_string(),
            paper_light: choices.paper.light.to_string(),
            paper_dark: choices.paper.dark.to_string(),
            headings: choices.headings.word().to_owned(),
            corners: choices.corners.word().to_owned(),
            logo: choices.logo.as_ref().map(|name| format!("media/{name}")),
            logo_place: choices.logo_place.word().to_owned(),
        }
    }
}

impl From<Written> for Choices {
    /// What another program wrote and this one does not know is as it is without a theme.
    fn from(written: Written) -> Self {
        let plain = Self::default();
        let colour = |text: &str, or: Colour| Colour::parse(text).unwrap_or(or);
        Self {
            accent: Pair {
                light: colour(&written.accent_light, plain.accent.light),
                dark: colour(&written.accent_dark, plain.accent.dark),
            },
            paper: Pair {
                light: colour(&written.paper_light, plain.paper.light),
                dark: colour(&written.paper_dark, plain.paper.dark),
            },
            headings: Headings::of_word(&written.headings).unwrap_or(plain.headings),
            corners: Corners::of_word(&written.corners).unwrap_or(plain.corners),
            logo: written.logo.and_then(|name| Some(name.strip_prefix("media/")?.to_owned())),
            logo_place: LogoPlace::of_word(&written.logo_place).unwrap_or(plain.logo_place),
        }
    }
}
