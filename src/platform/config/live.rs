//! The settings of now. Everything that follows a change while the program runs asks here each time
//! it needs a value, and keeps nothing but what is expensive to make.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};

use super::{Loaded, Settings};

/// Called with the settings that count from now on.
type Follower = Box<dyn Fn(&Loaded) + Send + Sync>;

/// The one handle to the settings of now; cheap to clone. Asking costs an atomic load and takes no
/// lock, so that every request may.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    now: ArcSwap<Settings>,
    /// Of the dashboard's layer, as the database counts them; 0 without any.
    version: AtomicU64,
    /// One change at a time, and who must hear of it.
    followers: Mutex<Vec<Follower>>,
    /// When secrets were last used: the path of the setting, epoch ms, and whether that is still to be written down.
    used: Mutex<BTreeMap<&'static str, (i64, bool)>>,
}

/// How exactly it is known when a secret was last used.
const USED_MS: i64 = 60_000;

impl Live {
    /// The settings as they were loaded, until [`Live::take`] brings others.
    #[must_use]
    pub fn new(loaded: &Loaded) -> Self {
        Self(Arc::new(Inner {
            now: ArcSwap::from_pointee(loaded.settings.clone()),
            version: AtomicU64::new(0),
            followers: Mutex::default(),
            used: Mutex::default(),
        }))
    }

    /// The settings of now. Not to be held across an `await`: ask again after it.
    #[must_use]
    pub fn now(&self) -> Guard<Arc<Settings>> {
        self.0.now.load()
    }

    /// Grows with every change; what is made of settings is made anew when it does.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    /// From now on these count, unless newer ones already do. Returns whether they do.
    pub fn take(&self, version: u64, loaded: &Loaded) -> bool {
        let followers = self.0.followers.lock().unwrap_or_else(PoisonError::into_inner);
        if version <= self.version() {
            return false;
        }
        self.0.now.store(Arc::new(loaded.settings.clone()));
        // After the settings: who sees the version sees at least these.
        self.0.version.store(version, Ordering::Release);
        followers.iter().for_each(|follower| follower(loaded));
        true
    }

    /// Remembers that the secret called `path` is used, to the minute.
    pub fn used(&self, path: &'static str, now_ms: i64) {
        let mut used = self.0.used.lock().unwrap_or_else(PoisonError::into_inner);
        let known = used.get(path).is_some_and(|(at, _)| now_ms - at < USED_MS);
        if !known {
            used.insert(path, (now_ms, true));
        }
    }

    /// The secrets whose use is not written down yet, and when that was.
    #[must_use]
    pub fn take_used(&self) -> Vec<(&'static str, i64)> {
        let mut used = self.0.used.lock().unwrap_or_else(PoisonError::into_inner);
        let owed = used.iter_mut().filter(|(_, (_, is_owed))| *is_owed);
        owed.map(|(path, (at, is_owed))| {
            *is_owed = false;
            (*path, *at)
        })
        .collect()
    }

    /// `follower` hears of every later change, in the thread that brings it.
    pub fn follow(&self, follower: impl Fn(&Loaded) + Send + Sync + 'static) {
        let mut followers = self.0.followers.lock().unwrap_or_else(PoisonError::into_inner);
        followers.push(Box::new(follower));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::platform::config::{DashboardValue, Sources, load};

    #[test]
    fn the_use_of_a_secret_is_owed_once_a_minute() {
        let live = Live::new(&load(&Sources::new("", [])).unwrap());
        live.used("mail.smtp_url", 1_000);
        live.used("mail.smtp_url", 50_000);
        assert_eq!(live.take_used(), [("mail.smtp_url", 1_000)]);
        live.used("mail.smtp_url", 60_999);
        assert!(live.take_used().is_empty());
        live.used("mail.smtp_url", 61_000);
        assert_eq!(live.take_used(), [("mail.smtp_url", 61_000)]);
    }

    #[test]
    fn the_newest_settings_count_and_an_older_change_that_comes_late_does_not() {
        let loaded = load(&Sources::new("", [])).unwrap();
        let named = |name: &str| {
            let text = name.to_owned().into();
            loaded.with(&[DashboardValue { key: "site.app_name".into(), text }]).loaded
        };
        let (live, changes) = (Live::new(&loaded), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&changes);
        live.follow(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!((live.version(), live.now().site.app_name.as_str()), (0, "Manuel Manero"));
        assert!(live.take(2, &named("Second")));
        assert!(!live.take(1, &named("First")));
        assert_eq!((live.version(), live.now().site.app_name.as_str()), (2, "Second"));
        assert_eq!(changes.load(Ordering::Relaxed), 1);
    }
}
