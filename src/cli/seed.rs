//! `manero seed [--content DIR]`.

use std::path::Path;

use super::{Failure, open, print};
use crate::business::content::{Content, SeedError};
use crate::business::pages::SiteTexts;
use crate::business::{articles, programs};
use crate::platform::config::Loaded;
use crate::platform::db::{self, Db, Migrate};

pub(super) fn run(loaded: &Loaded, dir: Option<&Path>, json: bool) -> Result<(), Failure> {
    let content = dir.map_or_else(Content::default, Content::from_dir);
    // The files are read before the database is touched: a fault in one changes nothing.
    let read = Seed::read(&content).map_err(Failure::of)?;
    let db = open::open(loaded, Migrate::Apply)?;
    let (programs, articles) = read.store(&db).map_err(Failure::of)?;
    db.close();
    if json {
        return print::json(&serde_json::json!({ "programs": programs, "articles": articles }));
    }
    print::text(&format!(
        "{programs} program(s) and {articles} article(s) added or brought up to date"
    ))
}

/// Content read and checked, ready to be stored.
pub(super) struct Seed {
    programs: Vec<programs::model::SeedProgram>,
    articles: Vec<articles::model::SeedArticle>,
    author: String,
    /// `built-in` or `folder`.
    from: &'static str,
}

impl Seed {
    pub(super) fn read(content: &Content) -> Result<Self, SeedError> {
        Ok(Self {
            programs: programs::store::read_seed(content)?,
            articles: articles::store::read_seed(content)?,
            from: content.origin(),
            author: SiteTexts::read(&Content::default())?.owner_name,
        })
    }

    /// One transaction; returns how many programs and articles changed.
    pub(super) fn store(self, db: &Db) -> db::Result<(u64, u64)> {
        db.write_blocking(move |tx| {
            let programs = programs::seed(tx, self.programs, self.from)?;
            let articles = articles::seed(tx, &self.articles, &self.author, self.from)?;
            Ok((programs, articles))
        })
    }
}
