//! Where pictures are used: the texts that name them. What an article shows is written down when it is saved; the few
//! other texts are read.

use std::collections::{HashMap, HashSet};

use super::model::is_name;
use crate::platform::db::{Conn, Result};
use crate::platform::lang::Lang;
use crate::platform::word::Word;

crate::sql! {
    IN_ARTICLES = "SELECT m.name, a.slug, a.lang, a.title FROM article_media m JOIN articles a ON a.id = m.article_id ORDER BY m.name, a.slug LIMIT 50000";
    IN_PAGES = "SELECT slug, lang, title, body_markdown FROM pages WHERE body_markdown LIKE '%media/%' ORDER BY slug, lang LIMIT 1000";
    IN_TEXTS = "SELECT name, lang, value FROM texts WHERE value LIKE '%media/%' ORDER BY name, lang LIMIT 1000";
    IN_PROGRAMS = "SELECT slug, name, description, details FROM programs
                   WHERE description LIKE '%media/%' OR details LIKE '%media/%' ORDER BY slug LIMIT 1000";
    // What is typed and not saved, and what versions can bring back: told, and no reason to keep a picture.
    IN_UNSAVED = "SELECT fields FROM article_drafts WHERE fields LIKE ?1 ORDER BY updated_at DESC LIMIT 500";
    IN_VERSIONS = "SELECT state FROM revisions WHERE state LIKE ?1 ORDER BY id DESC LIMIT 500";
    IN_THEME = "SELECT choices FROM themes WHERE state = 'live' AND choices LIKE '%media/%'";
}

/// What kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = PictureUseKind, rename_all = "lowercase", example = "article")]
pub enum UseKind {
    Article,
    Program,
    Page,
    /// Words of the home page and of the site.
    Text,
    /// The logo.
    Theme,
}

impl Word for UseKind {
    const ALL: &'static [Self] =
        &[Self::Article, Self::Program, Self::Page, Self::Text, Self::Theme];

    fn word(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Program => "program",
            Self::Page => "page",
            Self::Text => "text",
            Self::Theme => "theme",
        }
    }
}

/// One text that names a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub kind: UseKind,
    pub title: String,
    /// Of an article, program or page; of another text its name.
    pub slug: String,
    /// The path of its page, with the language; a draft has none to look at yet.
    pub path: String,
}

/// Every use, by the name of the picture.
pub fn all(conn: &mut Conn<'_>) -> Result<HashMap<String, Vec<Use>>> {
    let mut uses = Found::default();
    conn.each::<(String, String, String, String)>(
        IN_ARTICLES,
        &[],
        |(name, slug, lang, title)| {
            let path = path_in(&lang, &format!("/articles/{slug}"));
            uses.add(name, Use { kind: UseKind::Article, title, slug, path });
            Ok(())
        },
    )?;
    conn.each::<(String, String, String, String)>(IN_PAGES, &[], |(slug, lang, title, text)| {
        let path = path_in(&lang, &format!("/{slug}"));
        uses.add_all(&text, &Use { kind: UseKind::Page, title, slug, path });
        Ok(())
    })?;
    conn.each::<(String, String, String)>(IN_TEXTS, &[], |(name, lang, value)| {
        let (title, path) = (format!("{name} ({lang})"), path_in(&lang, "/"));
        uses.add_all(&value, &Use { kind: UseKind::Text, title, slug: name, path });
        Ok(())
    })?;
    conn.each::<(String, String, String, String)>(
        IN_PROGRAMS,
        &[],
        |(slug, title, text, more)| {
            let path = format!("/programs/{slug}");
            uses.add_all(&(text + " " + &more), &Use { kind: UseKind::Program, title, slug, path });
            Ok(())
        },
    )?;
    if let Some((choices,)) = conn.opt::<(String,)>(IN_THEME, &[])? {
        let (title, slug) = ("Logo".to_owned(), "theme".to_owned());
        uses.add_all(&choices, &Use { kind: UseKind::Theme, title, slug, path: "/".to_owned() });
    }
    Ok(uses.0)
}

/// The names of all pictures that are used.
pub fn names(conn: &mut Conn<'_>) -> Result<HashSet<String>> {
    Ok(all(conn)?.into_keys().collect())
}

/// The texts that name the picture `name`.
pub fn of(conn: &mut Conn<'_>, name: &str) -> Result<Vec<Use>> {
    Ok(all(conn)?.remove(name).unwrap_or_default())
}

/// What else speaks of a picture, and does not keep it from being removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Aside {
    /// Articles that somebody writes and has not saved.
    pub unsaved: usize,
    /// Kept versions of texts, the newest among them.
    pub versions: usize,
}

/// What else speaks of the picture `name`, counted up to 500.
pub fn aside(conn: &mut Conn<'_>, name: &str) -> Result<Aside> {
    let pattern = format!("%media/{name}%");
    let mut count = |sql| -> Result<usize> {
        let mut found = 0;
        conn.each::<(String,)>(sql, &[&pattern], |(text,)| {
            found += usize::from(named(&text).contains(name));
            Ok(())
        })?;
        Ok(found)
    };
    Ok(Aside { unsaved: count(IN_UNSAVED)?, versions: count(IN_VERSIONS)? })
}

#[derive(Default)]
struct Found(HashMap<String, Vec<Use>>);

impl Found {
    fn add(&mut self, name: String, one: Use) {
        self.0.entry(name).or_default().push(one);
    }

    fn add_all(&mut self, text: &str, one: &Use) {
        for name in named(text) {
            self.add(name, one.clone());
        }
    }
}

fn path_in(lang: &str, path: &str) -> String {
    Lang::from_code(lang).unwrap_or(Lang::En).path(path)
}

/// The pictures that a text names as `media/<name>`, each once.
fn named(text: &str) -> HashSet<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name = |rest: &str| {
        let end = rest.find(|c: char| !fits(c)).unwrap_or(rest.len());
        rest[..end].trim_end_matches('.').to_owned()
    };
    text.split("media/").skip(1).map(name).filter(|name| is_name(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_pictures_by_their_whole_name() {
        let text =
            "See ![x](media/a-b.png) and {\"logo\":\"media/c\"}, media/d.e. media/../x media/";
        let mut found: Vec<String> = named(text).into_iter().collect();
        found.sort();
        assert_eq!(found, ["a-b.png", "c", "d.e"]);
    }
}
