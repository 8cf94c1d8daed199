//! Rendered pages kept in memory: rendered once per version of content and settings, answered on the
//! async thread.
//!
//! A hop to a blocking thread costs more than the whole rest of such an answer, so a hit touches
//! no database: it compares two numbers and clones one pointer. On a miss one request renders and
//! the others wait for it. Memory is bounded; addresses that do not exist are never kept.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use super::rendered::{Cached, Rendered};
use crate::platform::config::Live;
use crate::platform::db::{Conn, Db};
use crate::platform::error::Error;

/// At most this much is kept; a page with its three encodings is about 25 KB.
const MAX_BYTES: usize = 16 << 20;
const STRIPES: usize = 16;

/// Of the content, and of the settings.
type Version = (u64, u64);

struct Entry {
    version: Version,
    rendered: Arc<Rendered>,
}

#[derive(Default)]
struct Kept {
    entries: HashMap<String, Entry>,
    bytes: usize,
}

/// The pages of one process.
pub struct PageCache {
    db: Db,
    live: Live,
    kept: RwLock<Kept>,
    /// One renderer at a time for each stripe of keys.
    rendering: [tokio::sync::Mutex<()>; STRIPES],
    hasher: RandomState,
    max_bytes: usize,
}

impl PageCache {
    #[must_use]
    pub fn new(db: &Db, live: &Live) -> Self {
        Self {
            db: db.clone(),
            live: live.clone(),
            kept: RwLock::default(),
            rendering: Default::default(),
            hasher: RandomState::new(),
            max_bytes: MAX_BYTES,
        }
    }

    /// The answer for `key`, from memory when the content has not changed since it was rendered.
    /// `render` runs on a blocking thread with a read connection.
    pub async fn get<F>(&self, key: &str, render: F) -> Result<Cached, Error>
    where
        F: FnOnce(&mut Conn<'_>) -> Result<Rendered, Error> + Send + 'static,
    {
        self.get_by(key, self.db.read(render)).await
    }

    /// The same for what is made in some tens of microseconds, such as a short list as JSON: it is made where the
    /// request is, as [`Db::glance`] does it.
    pub async fn glance<F>(&self, key: &str, render: F) -> Result<Cached, Error>
    where
        F: FnOnce(&mut Conn<'_>) -> Result<Rendered, Error> + Send + 'static,
    {
        self.get_by(key, self.db.glance(render)).await
    }

    async fn get_by(
        &self,
        key: &str,
        rendering: impl Future<Output = Result<Rendered, Error>>,
    ) -> Result<Cached, Error> {
        let version = (self.db.content_version(), self.live.version());
        if let Some(hit) = self.kept(key, version) {
            return Ok(hit);
        }
        let stripe = self.hasher.hash_one(key) as usize % STRIPES;
        let _turn = self.rendering[stripe].lock().await;
        if let Some(hit) = self.kept(key, version) {
            return Ok(hit);
        }
        // The version is the one from before rendering: a change meanwhile renders once more.
        let rendered = Arc::new(rendering.await?);
        self.keep(key, version, &rendered);
        Ok(Cached(rendered))
    }

    fn kept(&self, key: &str, version: Version) -> Option<Cached> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let entry = kept.entries.get(key).filter(|entry| entry.version == version)?;
        Some(Cached(Arc::clone(&entry.rendered)))
    }

    fn keep(&self, key: &str, version: Version, rendered: &Arc<Rendered>) {
        let weight = rendered.weight() + key.len();
        if weight > self.max_bytes / 4 {
            return;
        }
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let entry = Entry { version, rendered: Arc::clone(rendered) };
        if let Some(old) = kept.entries.insert(key.to_owned(), entry) {
            kept.bytes -= old.rendered.weight() + key.len();
        }
        kept.bytes += weight;
        if kept.bytes > self.max_bytes {
            make_room(&mut kept, version, self.max_bytes / 2);
        }
    }
}

/// Drops what is out of date, then whatever comes first, down to `target` bytes.
fn make_room(kept: &mut Kept, version: Version, target: usize) {
    kept.entries.retain(|_, entry| entry.version == version);
    let mut bytes = 0;
    kept.entries.retain(|key, entry| {
        let weight = entry.rendered.weight() + key.len();
        let keep = bytes + weight <= target;
        bytes += if keep { weight } else { 0 };
        keep
    });
    kept.bytes = bytes;
}
