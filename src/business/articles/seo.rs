//! How an article looks to a search engine and to whoever shares it, and what would make it easier to find.

use crate::business::search::plain_text;

/// Characters of a title that a result shows; about 580 px.
pub const TITLE_SHOWN: usize = 60;
/// Characters of a description that a result shows on a wide screen.
pub const DESCRIPTION_SHOWN: usize = 155;
/// A shorter description leaves room that the engine fills as it likes.
const DESCRIPTION_SHORT: usize = 70;

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'a> {
    pub title: &'a str,
    pub excerpt: &'a str,
    /// Sanitised, as the Markdown became.
    pub body_html: &'a str,
    pub site_name: &'a str,
    /// Scheme and host, without a slash at the end.
    pub base_url: &'a str,
    /// Path of the page.
    pub path: &'a str,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seo {
    /// As a result shows it, cut where it is too long.
    pub title: String,
    pub description: String,
    /// The canonical address.
    pub url: String,
    pub title_chars: usize,
    pub description_chars: usize,
    /// What to do, the most useful first; empty when there is nothing.
    pub hints: Vec<String>,
}

/// Looks an article over.
#[must_use]
pub fn review(looked: &Looked<'_>) -> Seo {
    let whole = format!("{} – {}", looked.title, looked.site_name);
    let (title_chars, description_chars) = (whole.chars().count(), looked.excerpt.chars().count());
    Seo {
        title: cut(&whole, TITLE_SHOWN),
        description: cut(looked.excerpt, DESCRIPTION_SHOWN),
        url: format!("{}{}", looked.base_url, looked.path),
        title_chars,
        description_chars,
        hints: hints(looked, description_chars),
    }
}

fn hints(looked: &Looked<'_>, description_chars: usize) -> Vec<String> {
    let mut hints = Vec::new();
    let title_chars = looked.title.chars().count();
    if looked.title.trim().is_empty() {
        hints.push("Give it a title.".to_owned());
    } else if title_chars > TITLE_SHOWN {
        hints.push(format!(
            "The title has {title_chars} characters; a search result shows about {TITLE_SHOWN}. Say the main thing first."
        ));
    }
    if looked.excerpt.trim().is_empty() {
        hints.push("Write an excerpt: lists and search results show it below the title.".into());
    } else if description_chars > DESCRIPTION_SHOWN {
        hints.push(format!(
            "The excerpt has {description_chars} characters; a search result shows about {DESCRIPTION_SHOWN}."
        ));
    } else if description_chars < DESCRIPTION_SHORT {
        hints.push(format!(
            "The excerpt is short. Up to {DESCRIPTION_SHOWN} characters fit: say what a reader takes away."
        ));
    }
    if plain_text(looked.body_html).trim().is_empty() {
        hints.push("There is no text yet.".into());
        return hints;
    }
    let seen = Seen::of(looked);
    if seen.pictures_without_words > 0 {
        let n = seen.pictures_without_words;
        let noun = if n == 1 { "One picture has" } else { "Some pictures have" };
        hints.push(format!(
            "{noun} no description. Put it between the square brackets: ![what it shows](…)."
        ));
    }
    if seen.has_first_level {
        hints.push("A heading with one # is as large as the title. Begin with ##.".into());
    }
    if let Some((from, to)) = seen.leap {
        hints.push(format!(
            "A heading of level {to} follows one of level {from}: do not leave a level out."
        ));
    }
    if !seen.has_inner_link {
        hints.push("Link to another page of yours, so that readers find their way on.".into());
    }
    hints
}

/// What stands in the text.
#[derive(Debug, Default)]
struct Seen {
    pictures_without_words: usize,
    has_first_level: bool,
    /// The first place where a level is left out.
    leap: Option<(u8, u8)>,
    has_inner_link: bool,
}

impl Seen {
    fn of(looked: &Looked<'_>) -> Self {
        let mut seen = Self::default();
        // The title is the first level.
        let mut level = 1;
        for tag in looked.body_html.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap_or_default();
            let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            match name.as_bytes() {
                b"img" => {
                    let bare = !tag.contains("alt=\"") || tag.contains("alt=\"\"");
                    seen.pictures_without_words += usize::from(bare);
                }
                b"a" => {
                    let to = tag.split("href=\"").nth(1).unwrap_or_default();
                    let is_path = to.starts_with('/') && !to.starts_with("//");
                    seen.has_inner_link |= is_path || to.starts_with(looked.base_url);
                }
                [b'h', digit @ b'1'..=b'6'] => {
                    let next = digit - b'0';
                    seen.has_first_level |= next == 1;
                    if next > level + 1 && seen.leap.is_none() {
                        seen.leap = Some((level, next));
                    }
                    level = next;
                }
                _ => {}
            }
        }
        seen
    }
}

/// The beginning of `text`, cut between words.
fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let beginning: String = text.chars().take(max).collect();
    let whole = beginning.rsplit_once(' ').map_or(beginning.as_str(), |(words, _)| words);
    format!("{} …", whole.trim_end_matches([' ', ',', ';', ':', '–']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business::articles::model::html_of;

    fn looked<'a>(title: &'a str, excerpt: &'a str, html: &'a str) -> Looked<'a> {
        let (site_name, base_url, path) = ("Ana", "https://ana.example", "/articles/a");
        Looked { title, excerpt, body_html: html, site_name, base_url, path }
    }

    #[test]
    fn a_good_article_has_nothing_to_hint_at() {
        let html = html_of(
            "Text with [a link](/articles/b).\n\n## One\n\n### Two\n\n![Ana at work](media/ana.png)",
        );
        let excerpt =
            "What to write when nothing comes to mind, with a list of questions to begin with.";
        let seo = review(&looked("Ask three clients", excerpt, &html));
        assert_eq!(seo.hints, Vec::<String>::new());
        assert_eq!(
            (seo.title.as_str(), seo.description.as_str()),
            ("Ask three clients – Ana", excerpt)
        );
        assert_eq!(seo.url, "https://ana.example/articles/a");
    }

    #[test]
    fn what_would_help_is_said_once_for_each_thing() {
        let html =
            html_of("# Big\n\n### Leap\n\n![](media/a.png)\n\n[elsewhere](https://other.example/)");
        let seo = review(&looked(&"long title ".repeat(9), "", &html));
        let hints = seo.hints.join("\n");
        for part in [
            "99 characters",
            "Write an excerpt",
            "One picture has no description",
            "Begin with ##",
            "level 3 follows one of level 1",
            "Link to another page",
        ] {
            assert!(hints.contains(part), "{part} in {hints}");
        }
        assert_eq!(seo.hints.len(), 6, "{hints}");
        assert!(
            seo.title.ends_with('…') && seo.title.chars().count() <= TITLE_SHOWN + 2,
            "{}",
            seo.title
        );
    }

    #[test]
    fn an_empty_article_is_not_judged_for_what_it_cannot_have() {
        let seo = review(&looked("", "", ""));
        assert_eq!(seo.hints.len(), 3, "{:?}", seo.hints);
        let own = looked("t", "e", "<a href=\"https://ana.example/programs\">x</a>");
        assert!(!review(&own).hints.join(" ").contains("Link to"));
        let foreign = looked("t", "e", "<a href=\"//evil.example\">x</a>");
        assert!(review(&foreign).hints.join(" ").contains("Link to"));
    }
}
