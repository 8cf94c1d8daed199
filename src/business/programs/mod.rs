//! Programs: what is for sale, its price and what it consists of.

pub mod api;
pub mod model;
pub mod pages;
pub mod store;

use std::sync::{Arc, PoisonError, RwLock};

use rocket::{Route, routes};

pub use model::{Program, ProgramView, is_slug};
pub use store::{name_of, published, seed};

use crate::platform::db::{self, Db};

/// Addresses of the site.
pub fn routes() -> Vec<Route> {
    routes![pages::list, pages::show]
}

/// Addresses below `/api/v1`.
pub fn api_routes() -> Vec<Route> {
    routes![api::list, api::show]
}

/// A program as a form offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramOption {
    pub slug: String,
    pub name: String,
}

/// The programs on offer, known without a query while the content stays the same.
pub struct Catalogue {
    db: Db,
    known: RwLock<Option<(u64, Arc<Vec<ProgramOption>>)>>,
}

impl Catalogue {
    #[must_use]
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone(), known: RwLock::default() }
    }

    /// The published programs in their order.
    pub async fn options(&self) -> db::Result<Arc<Vec<ProgramOption>>> {
        let version = self.db.content_version();
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, options)) = &*known
                && *at == version
            {
                return Ok(Arc::clone(options));
            }
        }
        let programs = self.db.read(published).await?;
        let options: Vec<_> = programs.iter().map(Program::option).collect();
        let options = Arc::new(options);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Some((version, Arc::clone(&options)));
        Ok(options)
    }
}
