//! Knows, without a query per request, whether the public content has changed.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::conn::Conn;
use super::engine::Backend;
use super::slow::SlowQueries;
use crate::platform::clock;

/// Another process's edit is seen after this long at most.
const LOOK_EVERY_MS: u64 = 100;

crate::sql! {
    CONTENT_VERSION = "SELECT version FROM content_version WHERE id = 1";
}

#[derive(Default)]
pub(super) struct Freshness {
    /// Commits of this process, counted by the writer.
    commits: Arc<AtomicU64>,
    seen_commits: AtomicU64,
    looked_at_ms: AtomicU64,
    version: AtomicU64,
    /// SQLite's `data_version` at the last look; the lock also keeps lookers to one at a time.
    data_version: Mutex<Option<i64>>,
}

impl Freshness {
    pub(super) fn commits(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.commits)
    }

    /// SQLite: looks when this process has committed since, or enough time has passed.
    pub(super) fn content_version(&self, backend: &Backend, slow: &Arc<SlowQueries>) -> u64 {
        let commits = self.commits.load(Ordering::Acquire);
        let own_commits = self.seen_commits.load(Ordering::Relaxed) != commits;
        if (own_commits || self.is_due())
            && let Ok(mut last) = self.data_version.try_lock()
        {
            let looked = backend.watch(slow, |conn, data_version| {
                if *last != Some(data_version) {
                    self.version.store(read_version(conn)?, Ordering::Release);
                    *last = Some(data_version);
                }
                Ok(())
            });
            self.looked_at_ms.store(clock::monotonic_ms(), Ordering::Relaxed);
            self.seen_commits.store(commits, Ordering::Relaxed);
            if let Err(error) = looked {
                log::debug!("looking for changed content failed: {error}");
            }
        }
        self.known()
    }

    /// Whether the last look is too old to see another process's edit in time.
    pub(super) fn is_due(&self) -> bool {
        let looked = self.looked_at_ms.load(Ordering::Relaxed);
        looked == 0 || clock::monotonic_ms().saturating_sub(looked) >= LOOK_EVERY_MS
    }

    pub(super) fn known(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Reads the version with a query, for threads that may wait.
    #[cfg(feature = "postgres")]
    pub(super) fn refresh(&self, backend: &Backend, slow: &Arc<SlowQueries>) {
        self.looked_at_ms.store(clock::monotonic_ms().max(1), Ordering::Relaxed);
        match backend.read(slow, read_version) {
            Ok(version) => self.version.store(version, Ordering::Release),
            Err(error) => log::debug!("looking for changed content failed: {error}"),
        }
    }
}

fn read_version(conn: &mut Conn<'_>) -> super::Result<u64> {
    let (version,): (i64,) = conn.one(CONTENT_VERSION, &[])?;
    Ok(u64::try_from(version).unwrap_or_default())
}
