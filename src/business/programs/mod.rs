//! Programs: what is for sale, its price and what it consists of.

pub mod admin;
pub mod api;
pub mod body;
pub mod edit;
pub mod history;
pub mod model;
pub mod news;
pub mod offers;
pub mod pages;
pub mod store;
pub mod view;

use std::sync::{Arc, PoisonError, RwLock};

use rocket::{Route, routes};

pub use model::{Program, ProgramView};
pub use news::news;
pub use offers::turn;
pub use store::{languages, name_of, published, read_seed, seed};

use crate::platform::db::{self, Db};
use crate::platform::lang::Lang;

/// Addresses of the site, mounted once for each language.
pub fn routes() -> Vec<Route> {
    routes![pages::list, pages::show]
}

/// Addresses below `/api/v1`.
pub fn api_routes() -> Vec<Route> {
    routes![api::list, api::show, api::create, api::update, api::remove]
}

/// A program as a form offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramOption {
    pub slug: String,
    pub name: String,
}

/// The programs of each language, in the order of [`Lang::ALL`].
type Options = [Arc<Vec<ProgramOption>>; 3];

/// The programs on offer, known without a query while the content stays the same.
pub struct Catalogue {
    db: Db,
    known: RwLock<Option<(u64, Options)>>,
}

impl Catalogue {
    #[must_use]
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone(), known: RwLock::default() }
    }

    /// The published programs in their order, as `lang` calls them.
    pub async fn options(&self, lang: Lang) -> db::Result<Arc<Vec<ProgramOption>>> {
        let version = self.db.content_version();
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, options)) = &*known
                && *at == version
            {
                return Ok(Arc::clone(&options[lang as usize]));
            }
        }
        let options: Options = self
            .db
            .read(|conn| {
                let mut of = |lang| -> db::Result<_> {
                    Ok(Arc::new(published(conn, lang)?.iter().map(Program::option).collect()))
                };
                db::Result::Ok([of(Lang::En)?, of(Lang::Es)?, of(Lang::Pt)?])
            })
            .await?;
        let asked = Arc::clone(&options[lang as usize]);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Some((version, options));
        Ok(asked)
    }
}
