//! The repository's own files, for the tests that read them.

use std::path::{Path, PathBuf};

pub(crate) struct Source {
    /// Below the repository: `src/app.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below `folder` whose name ends in `.extension`, by path.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<Source> {
    let named = |path: &String| Path::new(path).extension().is_some_and(|e| e == extension);
    let text = |path: String| Source { text: read(&path), path };
    paths(folder).into_iter().filter(named).map(text).collect()
}

/// Every file below `folder`, by path.
pub(crate) fn paths(folder: &str) -> Vec<String> {
    let mut folders: Vec<PathBuf> = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(root()).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} is empty");
    found
}
