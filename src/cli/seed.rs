//! `manero seed [--content DIR]`.

use std::path::Path;

use super::{Failure, open, print};
use crate::business::content::{Content, SeedError};
use crate::business::media::{self, Shelf};
use crate::business::{articles, pages, programs, search};
use crate::platform::config::Loaded;
use crate::platform::db::{self, Db, Migrate, Tx};

/// Articles made findable in one transaction.
const INDEXED_AT_ONCE: i64 = 200;

pub(super) fn run(loaded: &Loaded, dir: Option<&Path>, json: bool) -> Result<(), Failure> {
    let content = dir.map_or_else(Content::default, Content::from_dir);
    // The files are read before the database is touched: a fault in one changes nothing.
    let read = Seed::read(&content).map_err(Failure::of)?;
    let db = open::open(loaded, Migrate::Apply)?;
    let shelf = Shelf::new(&loaded.settings.data.dir);
    let Changed { programs, articles, texts, pictures } =
        read.bring_in(&db, &shelf).map_err(Failure::of)?;
    db.close();
    if json {
        return print::json(&serde_json::json!({
            "programs": programs, "articles": articles, "texts": texts, "pictures": pictures,
        }));
    }
    print::text(&format!(
        "{programs} program(s), {articles} article(s), {texts} text(s) and {pictures} picture(s) \
         added or brought up to date"
    ))
}

/// How many of each kind were added or changed.
pub(super) struct Changed {
    programs: u64,
    articles: u64,
    texts: u64,
    pictures: u64,
}

/// Content read and checked, ready to be stored.
pub(super) struct Seed {
    programs: Vec<programs::model::SeedProgram>,
    articles: Vec<articles::model::SeedArticle>,
    texts: pages::SeedTexts,
    pictures: Vec<media::SeedPicture>,
    author: String,
    /// `built-in` or `folder`.
    from: &'static str,
}

impl Seed {
    pub(super) fn read(content: &Content) -> Result<Self, SeedError> {
        let texts = pages::read_seed(content)?;
        let author = if texts.owner_name.is_empty() {
            pages::read_seed(&Content::default())?.owner_name
        } else {
            texts.owner_name.clone()
        };
        Ok(Self {
            programs: programs::read_seed(content)?,
            articles: articles::read_seed(content)?,
            pictures: media::read_seed(content)?,
            from: content.origin(),
            texts,
            author,
        })
    }

    /// One transaction, and the files of pictures before it.
    pub(super) fn bring_in(self, db: &Db, pictures_on: &Shelf) -> db::Result<Changed> {
        // A picture that cannot be put there now is taken from the content again later.
        if let Err(error) = media::shelve(pictures_on, &self.pictures) {
            log::warn!("pictures could not be stored: {error}");
        }
        let changed = db.write_blocking(move |tx| -> db::Result<Changed> {
            Ok(Changed {
                programs: programs::seed(tx, &self.programs, self.from)?,
                articles: articles::seed(tx, &self.articles, &self.author, self.from)?,
                texts: pages::seed(tx, &self.texts, self.from)?,
                pictures: media::seed(tx, &self.pictures, self.from)?,
            })
        })?;
        catch_up(db)?;
        Ok(changed)
    }
}

/// A database of before there was a search: its articles are made findable once.
fn catch_up(db: &Db) -> db::Result<()> {
    let complete = db.read_blocking(|conn| -> db::Result<bool> {
        let dated = articles::count_dated(conn)?;
        Ok(search::count(conn, search::Kind::Article)? >= dated)
    })?;
    if complete {
        return Ok(());
    }
    let mut after = Some(String::new());
    while let Some(last) = after {
        after = db.write_blocking(move |tx| articles::index_some(tx, &last, INDEXED_AT_ONCE))?;
    }
    db.write_blocking(|tx: &mut Tx<'_>| tx.touch_content())
}
