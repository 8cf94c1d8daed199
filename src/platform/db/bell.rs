//! A bell that threads wait for. Every listener hears every ring, also one that fell while it was
//! looking elsewhere: rings are counted, and each listener knows how many it has heard.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Rings when there is something to do; closed for good when its listeners must end.
#[derive(Default)]
pub(super) struct Bell {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    rings: u64,
    closed: bool,
}

impl Bell {
    pub(super) fn ring(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).rings += 1;
        self.changed.notify_all();
    }

    /// From now on nobody waits here any more.
    pub(super) fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.changed.notify_all();
    }

    /// One who hears every ring from now on.
    pub(super) fn listener(self: &Arc<Self>) -> Listener {
        let heard = self.state.lock().unwrap_or_else(PoisonError::into_inner).rings;
        Listener { bell: Arc::clone(self), heard }
    }
}

/// A thread's own ear. To be had before the first look at what there is to do, so that no ring falls
/// between the look and the wait.
pub struct Listener {
    bell: Arc<Bell>,
    heard: u64,
}

impl Listener {
    /// Blocks until the bell rings, until `at_most` has passed, or until it is closed. Returns at once when it
    /// rang since the last time.
    pub fn wait(&mut self, at_most: Duration) {
        let state = self.bell.state.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = self.heard;
        let (state, _) = self
            .bell
            .changed
            .wait_timeout_while(state, at_most, |state| state.rings == heard && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        self.heard = state.rings;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Instant;

    use super::*;

    /// Far above what any of it takes; who is not woken fails by it.
    const LONG: Duration = Duration::from_secs(30);

    /// Whether a wait ended before its time.
    fn is_woken(listener: &mut Listener) -> bool {
        let began = Instant::now();
        listener.wait(LONG);
        began.elapsed() < LONG
    }

    #[test]
    fn one_ring_wakes_every_listener() {
        let bell = Arc::new(Bell::default());
        let (woken, heard) = mpsc::channel();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (mut listener, woken) = (bell.listener(), woken.clone());
                std::thread::spawn(move || woken.send(is_woken(&mut listener)))
            })
            .collect();
        bell.ring();
        for _ in 0..4 {
            assert_eq!(heard.recv_timeout(LONG), Ok(true));
        }
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
    }

    #[test]
    fn a_ring_while_nobody_waits_is_heard_by_each_and_once() {
        let bell = Arc::new(Bell::default());
        let mut listeners = [bell.listener(), bell.listener()];
        bell.ring();
        bell.ring();
        for listener in &mut listeners {
            assert!(is_woken(listener));
            let began = Instant::now();
            listener.wait(Duration::from_millis(20));
            assert!(began.elapsed() >= Duration::from_millis(20), "it was heard before");
        }
    }

    #[test]
    fn no_ring_is_lost_between_a_look_and_the_wait() {
        let bell = Arc::new(Bell::default());
        let queue = Arc::new(Mutex::new(0_u32));
        let (taken, done) = mpsc::channel();
        let workers: Vec<_> = (0..3)
            .map(|_| {
                let (mut listener, queue, taken) =
                    (bell.listener(), Arc::clone(&queue), taken.clone());
                std::thread::spawn(move || {
                    loop {
                        let there = std::mem::take(&mut *queue.lock().unwrap());
                        if there > 0 && taken.send(there).is_err() {
                            return;
                        }
                        if there == 0 && !is_woken(&mut listener) {
                            return;
                        }
                        if listener.bell.state.lock().unwrap().closed {
                            return;
                        }
                    }
                })
            })
            .collect();
        let mut open = 0;
        for _ in 0..10_000 {
            *queue.lock().unwrap() += 1;
            bell.ring();
            open += 1;
            // Now and then everybody falls asleep: the next ring is the one that must not be lost.
            while open > 3 {
                open -= done.recv_timeout(LONG).expect("somebody heard the ring");
            }
        }
        while open > 0 {
            open -= done.recv_timeout(LONG).expect("somebody heard the last ring");
        }
        bell.close();
        for worker in workers {
            worker.join().unwrap();
        }
    }

    #[test]
    fn nobody_waits_at_a_closed_bell() {
        let bell = Arc::new(Bell::default());
        let mut listener = bell.listener();
        bell.close();
        assert!(is_woken(&mut listener) && is_woken(&mut listener));
    }
}
