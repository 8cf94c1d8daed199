//! How many requests are being answered, for the stop.
//!
//! Rocket waits out its whole grace period when any connection is still open at the moment it
//! stops accepting, even one that closes a millisecond later. Counting requests ourselves, the
//! stop takes as long as the last of them and no longer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

#[derive(Default)]
pub struct InFlight {
    count: AtomicUsize,
    ended: Notify,
}

/// One request; it ends when this is dropped.
pub(super) struct Counted(Arc<InFlight>);

impl InFlight {
    pub(super) fn enter(self: &Arc<Self>) -> Counted {
        self.count.fetch_add(1, Ordering::AcqRel);
        Counted(Arc::clone(self))
    }

    /// Resolves when no request is being answered.
    pub async fn idle(&self) {
        loop {
            // Registered before the look, so that an end between the two is not missed.
            let ended = self.ended.notified();
            if self.count.load(Ordering::Acquire) == 0 {
                return;
            }
            ended.await;
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.ended.notify_waiters();
        }
    }
}
