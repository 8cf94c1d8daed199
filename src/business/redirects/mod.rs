//! Addresses that have moved: kept by the owner, asked only when nothing else was found.

pub mod admin;
pub mod api;
pub mod edit;
pub mod model;
pub mod nearest;
pub mod store;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rocket::{Route, routes};

pub use store::{ignored, leading_to, moved, moved_from};

use crate::platform::db::Db;
use crate::platform::http::door::{Elsewhere, FindElsewhere};

/// Addresses below `/api/v1`.
pub fn api_routes() -> Vec<Route> {
    routes![api::list, api::show, api::create, api::update, api::remove]
}

/// Addresses of the dashboard.
pub fn admin_routes() -> Vec<Route> {
    routes![admin::list, admin::create, admin::add, admin::show, admin::update, admin::remove]
}

/// From where to where.
type Moved = Arc<HashMap<String, String>>;

/// The table in memory, read again when the content has changed.
struct Known {
    db: Db,
    map: RwLock<Option<(u64, Moved)>>,
}

impl Known {
    async fn current(&self) -> Option<Moved> {
        let version = self.db.content_version();
        {
            let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, map)) = &*map
                && *at == version
            {
                return Some(Arc::clone(map));
            }
        }
        match self.db.read(store::all).await {
            Ok(all) => {
                let all = Arc::new(all.into_iter().collect::<HashMap<_, _>>());
                let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
                *map = Some((version, Arc::clone(&all)));
                Some(all)
            }
            Err(error) => {
                // A missing page stays a missing page; the reason is worth a line.
                log::warn!("redirects could not be read: {error}");
                None
            }
        }
    }
}

/// What the door asks when an address leads nowhere.
#[must_use]
pub fn finder(db: &Db) -> FindElsewhere {
    let known = Arc::new(Known { db: db.clone(), map: RwLock::default() });
    Box::new(move |path: String| -> Elsewhere {
        let known = Arc::clone(&known);
        Box::pin(async move {
            let map = known.current().await?;
            // An old address in another spelling means the same.
            let plain = || path.trim_end_matches('/').to_ascii_lowercase();
            map.get(&path).or_else(|| map.get(&plain())).cloned()
        })
    })
}
