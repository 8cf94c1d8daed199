//! Pictures in text: every `<img>` of sanitised HTML becomes one of ours, or its words.

use super::model::Picture;

/// How wide a text's column is shown, for browsers that choose from `srcset`.
const SIZES: &str = "(min-width: 56rem) 44rem, 100vw";

/// Replaces each `<img src="media/NAME">` by the picture that `find` knows under `NAME`. Any other
/// image is replaced by its alternative text: a page asks nobody else for anything.
///
/// `html` is sanitised. With `first_is_eager` the first picture is loaded at once: it stands where
/// the visitor looks first.
#[must_use]
pub fn with_pictures(
    html: &str,
    find: impl Fn(&str) -> Option<Picture>,
    first_is_eager: bool,
) -> String {
    let mut out = String::with_capacity(html.len());
    let mut eager = first_is_eager;
    for piece in Pieces(html) {
        let tag = match piece {
            Piece::Other(text) => {
                out.push_str(text);
                continue;
            }
            // Left as it is, it would swallow what follows.
            Piece::LoneBracket => {
                out.push_str("&lt;");
                continue;
            }
            Piece::Image(tag) => tag,
        };
        let alt = attribute(tag, "alt").unwrap_or_default();
        match name_of(tag).and_then(&find) {
            Some(picture) => {
                out.push_str(&image(&picture, alt, eager));
                eager = false;
            }
            None => out.push_str(&alt.replace('<', "&lt;").replace('>', "&gt;")),
        }
    }
    out
}

/// The names of the pictures that `html` shows, in order, each once.
#[must_use]
pub fn names_in(html: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for piece in Pieces(html) {
        let Piece::Image(tag) = piece else { continue };
        if let Some(name) = name_of(tag).filter(|name| !names.iter().any(|n| n == name)) {
            names.push(name.to_owned());
        }
    }
    names
}

fn name_of(tag: &str) -> Option<&str> {
    let src = attribute(tag, "src")?;
    // People write the address of a file that way.
    src.strip_prefix('/').unwrap_or(src).strip_prefix("media/")
}

fn image(picture: &Picture, alt: &str, eager: bool) -> String {
    let alt = alt.replace('"', "&quot;");
    let (src, Picture { width, height, .. }) = (picture.src(), picture);
    let choice = match picture.srcset() {
        none if none.is_empty() => none,
        srcset => format!(" srcset=\"{srcset}\" sizes=\"{SIZES}\""),
    };
    let loading = if eager { "fetchpriority=\"high\"" } else { "loading=\"lazy\"" };
    format!(
        "<img src=\"{src}\"{choice} width=\"{width}\" height=\"{height}\" alt=\"{alt}\" \
         {loading} decoding=\"async\">"
    )
}

enum Piece<'h> {
    /// Text, and tags that are no images.
    Other(&'h str),
    /// An image's tag, from `<` to `>`.
    Image(&'h str),
    /// A `<` that begins a tag without an end.
    LoneBracket,
}

/// HTML cut at its images.
struct Pieces<'h>(&'h str);

impl<'h> Iterator for Pieces<'h> {
    type Item = Piece<'h>;

    fn next(&mut self) -> Option<Piece<'h>> {
        let html = self.0;
        let mut at = 0;
        while let Some(start) = html[at..].find('<').map(|found| at + found) {
            let tag = &html[start..];
            if !tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
                at = start + 1;
                continue;
            }
            let Some(length) = length_of(tag) else {
                return Some(if start > 0 {
                    self.take_other(start)
                } else {
                    self.0 = &html[1..];
                    Piece::LoneBracket
                });
            };
            if !is_image(tag) {
                at = start + length;
                continue;
            }
            return Some(if start > 0 {
                self.take_other(start)
            } else {
                self.0 = &html[length..];
                Piece::Image(&html[..length])
            });
        }
        (!html.is_empty()).then(|| self.take_other(html.len()))
    }
}

impl<'h> Pieces<'h> {
    fn take_other(&mut self, length: usize) -> Piece<'h> {
        let (piece, rest) = self.0.split_at(length);
        self.0 = rest;
        Piece::Other(piece)
    }
}

/// Bytes from `<` to the `>` that ends the tag; one inside quotes does not.
fn length_of(tag: &str) -> Option<usize> {
    let mut rest = Attributes::new(tag);
    while rest.next().is_some() {}
    // What is left begins with the end, if there is one.
    rest.0.starts_with('>').then(|| tag.len() - rest.0.len() + 1)
}

fn is_image(tag: &str) -> bool {
    let name = tag.get(1..4).is_some_and(|name| name.eq_ignore_ascii_case("img"));
    name && tag[4..].starts_with(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>')
}

/// The value of the attribute as it stands in the tag, entities and all; the first one counts.
fn attribute<'t>(tag: &'t str, wanted: &str) -> Option<&'t str> {
    Attributes::new(tag)
        .find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then_some(value))
}

/// Names and raw values of a tag's attributes, cut the way browsers do it; holds what is left.
struct Attributes<'t>(&'t str);

impl<'t> Attributes<'t> {
    fn new(tag: &'t str) -> Self {
        let end = |c: char| c.is_ascii_whitespace() || c == '>' || c == '/';
        // The slash of an end tag is part of its name here.
        let name = tag.strip_prefix("</").or(tag.strip_prefix('<')).unwrap_or(tag);
        Self(&name[name.find(end).unwrap_or(name.len())..])
    }
}

impl<'t> Iterator for Attributes<'t> {
    type Item = (&'t str, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let space = |c: char| c.is_ascii_whitespace();
        let text = self.0.trim_start_matches(|c: char| space(c) || c == '/');
        self.0 = text;
        if text.is_empty() || text.starts_with('>') {
            return None;
        }
        // A name may begin with an equals sign, and only begin.
        let first = text.chars().next().map_or(0, char::len_utf8);
        let end = |c: char| space(c) || matches!(c, '=' | '>' | '/');
        let length = text[first..].find(end).map_or(text.len(), |found| first + found);
        let (name, after) = text.split_at(length);
        let Some(value) = after.trim_start_matches(space).strip_prefix('=') else {
            self.0 = after;
            return Some((name, ""));
        };
        let value = value.trim_start_matches(space);
        let quoted = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, rest) = match quoted {
            Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            None => value.split_at(value.find(|c| space(c) || c == '>').unwrap_or(value.len())),
        };
        self.0 = rest;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn picture(variants: &[i64]) -> Picture {
        Picture {
            name: "a.png".into(),
            hash: "0123456789abcdef".repeat(4),
            content_type: "image/png".into(),
            width: 1600,
            height: 900,
            variants: variants.to_vec(),
        }
    }

    fn known(name: &str) -> Option<Picture> {
        (name == "a.png").then(|| picture(&[480, 800]))
    }

    #[test]
    fn a_picture_gets_its_files_its_size_and_keeps_its_words() {
        let html =
            r#"<p>See <img src="media/a.png" alt="1 &gt; 0, &quot;yes&quot;" title="t"> it</p>"#;
        let hash = "0123456789abcdef";
        assert_eq!(
            with_pictures(html, known, false),
            format!(
                "<p>See <img src=\"/media/{hash}-800.webp\" \
                 srcset=\"/media/{hash}-480.webp 480w, /media/{hash}-800.webp 800w\" \
                 sizes=\"(min-width: 56rem) 44rem, 100vw\" width=\"1600\" height=\"900\" \
                 alt=\"1 &gt; 0, &quot;yes&quot;\" loading=\"lazy\" decoding=\"async\"> it</p>"
            )
        );
    }

    #[test]
    fn until_there_are_variants_the_original_is_shown() {
        let shown = with_pictures("<img src=\"media/a.png\">", |_| Some(picture(&[])), false);
        assert!(shown.starts_with("<img src=\"/media/0123456789abcdef.png\" width="), "{shown}");
        assert!(!shown.contains("srcset"), "{shown}");
    }

    #[test]
    fn only_the_first_picture_is_loaded_at_once() {
        let shown = with_pictures(&"<img src=\"media/a.png\">".repeat(2), known, true);
        let (first, second) = shown.split_once("><").unwrap();
        assert!(first.contains("fetchpriority") && !first.contains("lazy"), "{first}");
        assert!(second.contains("loading=\"lazy\""), "{second}");
    }

    #[test]
    fn what_is_not_ours_leaves_its_words() {
        for (html, left) in [
            ("a <img src=\"https://x.example/p.png\" alt=\"One > two\"> b", "a One &gt; two b"),
            ("<img src=\"media/none.png\" alt=\"&lt;b&gt;\">", "&lt;b&gt;"),
            ("<IMG SRC='//x.example' ALT='<script>'/>", "&lt;script&gt;"),
            ("<img src=x.png>", ""),
            ("<imgs src=\"x\">", "<imgs src=\"x\">"),
            ("<a title=\"<img src=x>\">t</a>", "<a title=\"<img src=x>\">t</a>"),
            ("<img alt=\">\" src=\"http://x\">", "&gt;"),
            ("<img src=\"http://x", "&lt;img src=\"http://x"),
            ("1 < 2 <", "1 < 2 <"),
        ] {
            assert_eq!(with_pictures(html, known, false), left, "{html}");
        }
    }

    #[test]
    fn names_are_listed_once_and_in_order() {
        let html = "<img src=\"media/b.png\"><img src=\"/media/a.png\"><img src=\"media/b.png\">\
                    <img src=\"http://x/media/c.png\"><img alt=\"src=&quot;media/d.png\">";
        assert_eq!(names_in(html), ["b.png", "a.png"]);
    }

    proptest! {
        #[test]
        fn whatever_is_written_only_our_pictures_are_shown(
            pieces in prop::collection::vec(
                prop_oneof![
                    Just("<img "), Just("src="), Just("alt="), Just("\""), Just("'"), Just(">"),
                    Just("media/a.png"), Just("http://x"), Just("</p>"), Just("<a title="),
                    Just("é"), Just("="), Just(" "), Just("/"), Just("<"), Just("&quot;"),
                ],
                0..24,
            )
        ) {
            let html = pieces.concat();
            for html in [ammonia::clean(&html), html] {
                let shown = with_pictures(&html, known, false);
                // The sanitiser reads it like a browser: the images that it finds are ours.
                let read = ammonia::clean(&shown);
                let images = read.matches("<img ").count();
                prop_assert_eq!(images, read.matches("<img src=\"/media/0").count(), "{}", shown);
            }
        }

        #[test]
        fn text_without_images_stays_as_it_is(text in "[^<]{0,40}") {
            let html = ammonia::clean(&format!("<p>{text}</p><a href=\"https://x\">{text}</a>"));
            prop_assert_eq!(with_pictures(&html, known, true), html);
        }
    }
}
