//! Seed content: where the files come from, and errors that name file and line.
//!
//! The files of `config/content` are part of the program; `manero seed --content DIR` reads a
//! folder of the same shape instead. What each file means is known to the slice it belongs to.

pub mod store;

use std::path::{Path, PathBuf};

use rust_embed::Embed;
use serde::de::DeserializeOwned;

pub use store::{readmit, remove, removed};

/// The origin of rows that the program's own content brought.
pub const BUILT_IN: &str = "built-in";

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/config/content"]
struct Embedded;

/// A seed file that cannot be used: "programs.toml:12: missing field name".
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {why}", line.map(|l| format!(":{l}")).unwrap_or_default())]
pub struct SeedError {
    pub file: String,
    pub line: Option<usize>,
    pub why: String,
}

/// The built-in content, or a folder.
#[derive(Debug, Clone, Default)]
pub struct Content {
    dir: Option<PathBuf>,
}

/// A file of the content.
pub struct SeedFile {
    pub name: String,
    pub text: String,
}

impl Content {
    /// Content from `dir` instead of the built-in one.
    #[must_use]
    pub fn from_dir(dir: &Path) -> Self {
        Self { dir: Some(dir.to_owned()) }
    }

    /// What the rows remember as their origin.
    #[must_use]
    pub fn origin(&self) -> &'static str {
        if self.dir.is_some() { "folder" } else { BUILT_IN }
    }

    /// The file `name`, such as `programs.toml`.
    pub fn file(&self, name: &str) -> Result<SeedFile, SeedError> {
        let text = match &self.dir {
            Some(dir) => std::fs::read_to_string(dir.join(name)).map_err(|e| e.to_string()),
            None => Embedded::get(name)
                .ok_or_else(|| "is not part of this program".to_owned())
                .and_then(|f| String::from_utf8(f.data.into_owned()).map_err(|e| e.to_string())),
        };
        let named = || match &self.dir {
            Some(dir) => dir.join(name).display().to_string(),
            None => name.to_owned(),
        };
        text.map(|text| SeedFile { name: named(), text }).map_err(|why| SeedError {
            file: named(),
            line: None,
            why,
        })
    }

    /// The bytes of the file `name`, such as `media/page.png`.
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, SeedError> {
        let fault = |why: String| SeedError { file: name.to_owned(), line: None, why };
        match &self.dir {
            Some(dir) => std::fs::read(dir.join(name)).map_err(|e| fault(e.to_string())),
            None => Embedded::get(name)
                .map(|f| f.data.into_owned())
                .ok_or_else(|| fault("is not part of this program".into())),
        }
    }

    /// Whether there is a file `name`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        match &self.dir {
            Some(dir) => dir.join(name).is_file(),
            None => Embedded::get(name).is_some(),
        }
    }

    /// The names of the files in `folder`, such as `media/page.png`, in order.
    pub fn names(&self, folder: &str) -> Result<Vec<String>, SeedError> {
        let below = format!("{folder}/");
        let mut names: Vec<String> = match &self.dir {
            None => Embedded::iter().map(std::borrow::Cow::into_owned).collect(),
            Some(dir) => list(dir, folder)?,
        };
        names.retain(|name| name.starts_with(&below));
        names.sort();
        Ok(names)
    }

    /// Every Markdown file of the folder `articles`, by name.
    pub fn articles(&self) -> Result<Vec<SeedFile>, SeedError> {
        let is_markdown = |name: &&String| Path::new(name).extension().is_some_and(|e| e == "md");
        self.names("articles")?.iter().filter(is_markdown).map(|name| self.file(name)).collect()
    }
}

fn list(content: &Path, folder: &str) -> Result<Vec<String>, SeedError> {
    let dir = content.join(folder);
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let failed = |error: std::io::Error| SeedError {
        file: dir.display().to_string(),
        line: None,
        why: error.to_string(),
    };
    let entries = std::fs::read_dir(&dir).map_err(failed)?;
    entries
        .map(|entry| {
            Ok(format!("{folder}/{}", entry.map_err(failed)?.file_name().to_string_lossy()))
        })
        .collect()
}

impl SeedFile {
    /// An error about the values of the entry whose slug is `slug`, the `index`-th of its kind.
    #[must_use]
    pub fn error_at(&self, slug: &str, index: usize, why: String) -> SeedError {
        let names = |line: &str| line.trim_start().starts_with("slug") && line.contains(slug);
        let mut lines = self.text.lines().enumerate().filter(|(_, line)| names(line));
        let first = lines.next();
        // A slug that stands twice is the later one's fault.
        let found = if index > 0 { lines.last().or(first) } else { first };
        SeedError { file: self.name.clone(), line: found.map(|(n, _)| n + 1), why }
    }

    /// The whole file as TOML.
    pub fn toml<T: DeserializeOwned>(&self) -> Result<T, SeedError> {
        self.part(&self.text, 0)
    }

    /// `text` as TOML, a part of this file that begins after `lines_before` lines.
    fn part<T: DeserializeOwned>(&self, text: &str, lines_before: usize) -> Result<T, SeedError> {
        toml_edit::de::from_str(text).map_err(|error| SeedError {
            file: self.name.clone(),
            line: error
                .span()
                .and_then(|span| text.get(..span.start))
                .map(|before| lines_before + before.matches('\n').count() + 1),
            why: error.message().to_owned(),
        })
    }

    /// Front matter between two `+++` lines, and the text below it.
    pub fn front_matter<T: DeserializeOwned>(&self) -> Result<(T, &str), SeedError> {
        let missing = || SeedError {
            file: self.name.clone(),
            line: Some(1),
            why: "must begin with front matter between two lines of +++".into(),
        };
        let rest = self.text.strip_prefix("+++\n").ok_or_else(missing)?;
        let (matter, body) = rest.split_once("\n+++\n").ok_or_else(missing)?;
        Ok((self.part(matter, 1)?, body.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Matter {
        #[allow(dead_code)]
        title: String,
    }

    #[test]
    fn a_fault_in_front_matter_names_file_and_line() {
        let file = SeedFile { name: "a.md".into(), text: "+++\n# x\ntitle = 5\n+++\nbody".into() };
        let error = file.front_matter::<Matter>().unwrap_err();
        assert!(error.to_string().starts_with("a.md:3: "), "{error}");
    }

    #[test]
    fn a_file_without_front_matter_says_what_is_missing() {
        let file = SeedFile { name: "a.md".into(), text: "# Hello".into() };
        let error = file.front_matter::<Matter>().unwrap_err();
        assert!(error.to_string().contains("a.md:1: must begin with front matter"), "{error}");
    }
}
