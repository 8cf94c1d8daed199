//! The threads that empty the outbox.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Failure;
use super::store::{self, Claimed};
use crate::platform::clock;
use crate::platform::db::{self, Db};

/// Rows claimed at once; every one must finish well within the lease.
const CLAIM: i64 = 8;
const LEASE_MS: i64 = 5 * 60 * 1000;
/// Tries in all; with the waits below the last one comes about two days after the first.
const MAX_ATTEMPTS: i64 = 12;
const FIRST_WAIT_MS: i64 = 30_000;
const LONGEST_WAIT_MS: i64 = 12 * 60 * 60 * 1000;
/// How long a worker leaves a database alone that refused to hand out work.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// How long a worker sleeps at most; rows queued by another process are seen by then.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Does one piece of work.
pub type Runner = Arc<dyn Fn(&Claimed) -> Result<(), Failure> + Send + Sync>;

/// Spreads work evenly, so that a flood of mails neither exceeds a provider's rate nor takes the
/// processor from visitors.
pub struct Pace {
    every: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// At most `per_second` turns a second; 0 means no limit.
    #[must_use]
    pub fn new(per_second: u32) -> Self {
        let every = Duration::from_secs(1).checked_div(per_second).unwrap_or_default();
        Self { every, next: Mutex::new(None) }
    }

    /// How long to wait before the turn that this call takes.
    fn turn(&self) -> Duration {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next.map_or(now, |at| at.max(now));
        *next = Some(at + self.every);
        at - now
    }
}

/// The running workers.
pub struct Workers {
    threads: Mutex<Vec<JoinHandle<()>>>,
    stopping: Arc<AtomicBool>,
    db: Db,
}

impl Workers {
    /// Starts `count` threads named `outbox-1`, ….
    pub fn start(db: &Db, runner: &Runner, pace: Pace, count: usize) -> std::io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        let pace = Arc::new(pace);
        let mut threads = Vec::new();
        for number in 1..=count {
            let worker = Worker {
                db: db.clone(),
                runner: Arc::clone(runner),
                pace: Arc::clone(&pace),
                stopping: Arc::clone(&stopping),
            };
            let name = format!("outbox-{number}");
            threads.push(std::thread::Builder::new().name(name).spawn(move || worker.run())?);
        }
        Ok(Self { threads: Mutex::new(threads), stopping, db: db.clone() })
    }

    /// Lets each worker finish the piece it is at, and ends them. What was claimed but not begun
    /// is handed back.
    pub fn close(&self) {
        self.stopping.store(true, Ordering::Release);
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        self.db.release_outbox_waiters();
        for thread in threads {
            thread.thread().unpark();
            if thread.join().is_err() {
                log::error!("an outbox thread panicked");
            }
        }
    }
}

struct Worker {
    db: Db,
    runner: Runner,
    pace: Arc<Pace>,
    stopping: Arc<AtomicBool>,
}

impl Worker {
    fn run(&self) {
        while !self.stopping.load(Ordering::Acquire) {
            let claimed = match claim(&self.db) {
                Ok(claimed) => claimed,
                Err(error) => {
                    // The row stays due, so without a pause this would spin.
                    log::debug!("claiming outbox work: {error}");
                    std::thread::park_timeout(AFTER_FAILURE);
                    continue;
                }
            };
            if claimed.is_empty() {
                self.db.wait_for_outbox(until_due(&self.db));
                continue;
            }
            for work in &claimed {
                let wait = self.pace.turn();
                if !wait.is_zero() && !self.stopping.load(Ordering::Acquire) {
                    std::thread::park_timeout(wait);
                }
                if self.stopping.load(Ordering::Acquire) {
                    settle(&self.db, work, Err(Failure::retry("the server stopped")), true);
                } else {
                    let outcome = attempt(&self.runner, work);
                    settle(&self.db, work, outcome, false);
                }
            }
        }
    }
}

/// Runs everything that is due, at once and without pace: for tests and `manero` commands.
/// Returns how many pieces were tried.
pub fn drain(db: &Db, runner: &Runner) -> db::Result<usize> {
    let mut tried = 0;
    loop {
        let claimed = claim(db)?;
        if claimed.is_empty() {
            return Ok(tried);
        }
        for work in &claimed {
            settle(db, work, attempt(runner, work), false);
            tried += 1;
        }
    }
}

fn claim(db: &Db) -> db::Result<Vec<Claimed>> {
    let now = clock::now_ms();
    // A look costs no write, so that an idle site writes nothing.
    if db.read_blocking(|conn| store::next_due(conn, now))?.is_none_or(|due| due > now) {
        return Ok(Vec::new());
    }
    db.write_blocking(move |tx| store::claim(tx, now, now + LEASE_MS, CLAIM))
}

fn until_due(db: &Db) -> Duration {
    let now = clock::now_ms();
    // A read that fails is tried again after the longest wait; the claim logs why.
    let due = db.read_blocking(|conn| store::next_due(conn, now)).unwrap_or_default();
    let wait =
        due.map_or(LOOK_EVERY, |at| Duration::from_millis(u64::try_from(at - now).unwrap_or(0)));
    wait.clamp(Duration::from_millis(50), LOOK_EVERY)
}

fn attempt(runner: &Runner, work: &Claimed) -> Result<(), Failure> {
    catch_unwind(AssertUnwindSafe(|| runner(work)))
        .unwrap_or_else(|_| Err(Failure::retry(format!("running {} panicked", work.kind))))
}

/// Deletes, puts back or buries. If even that cannot be stored, the lease runs out by itself.
fn settle(db: &Db, work: &Claimed, outcome: Result<(), Failure>, handed_back: bool) {
    let (id, attempt) = (work.id.clone(), work.attempts);
    let now = clock::now_ms();
    let stored = match outcome {
        Ok(()) => db.write_blocking(move |tx| store::done(tx, &id, attempt)),
        Err(_) if handed_back => db.write_blocking(move |tx| store::hand_back(tx, &id, attempt)),
        Err(failure) if failure.retryable && work.attempts < MAX_ATTEMPTS => {
            let due_at = now + wait_ms(work.attempts, failure.retry_after);
            log::warn!(
                "outbox {} {}: {}; tried {} time(s)",
                work.kind,
                id,
                failure.why,
                work.attempts
            );
            db.write_blocking(move |tx| store::retry(tx, &id, attempt, due_at, &failure.why))
        }
        Err(failure) => {
            log::error!("outbox {} {} is a dead letter: {}", work.kind, id, failure.why);
            db.write_blocking(move |tx| store::bury(tx, &id, attempt, now, &failure.why))
        }
    };
    if let Err(error) = stored {
        log::warn!("the outcome of outbox {} {} could not be stored: {error}", work.kind, work.id);
    }
}

/// Doubles with every attempt, ± 20 %, and never less than the other side asked for.
fn wait_ms(attempts: i64, retry_after: Option<Duration>) -> i64 {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(20);
    let wait = FIRST_WAIT_MS.saturating_mul(1 << doublings).min(LONGEST_WAIT_MS);
    let mut random = [0_u8; 1];
    // Without randomness the wait is merely less spread.
    let _ = getrandom::fill(&mut random);
    let jitter = wait / 5 * (i64::from(random[0]) - 128) / 128;
    let asked = retry_after.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
    (wait + jitter).max(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_within_a_fifth_and_stop_growing_at_twelve_hours() {
        for attempt in 1..=MAX_ATTEMPTS {
            let plain = (FIRST_WAIT_MS << (attempt - 1)).min(LONGEST_WAIT_MS);
            for _ in 0..50 {
                let wait = wait_ms(attempt, None);
                assert!((plain * 4 / 5..=plain * 6 / 5).contains(&wait), "{attempt}: {wait}");
            }
        }
    }

    #[test]
    fn retry_after_is_honoured_when_it_is_longer() {
        assert_eq!(wait_ms(1, Some(Duration::from_mins(15))), 900_000);
        assert!(wait_ms(8, Some(Duration::from_secs(1))) > 60_000);
    }

    #[test]
    fn turns_are_spread_evenly() {
        let pace = Pace::new(20);
        assert_eq!(pace.turn(), Duration::ZERO);
        assert!(pace.turn() > Duration::from_millis(40));
        assert!(Pace::new(0).turn().is_zero());
    }
}
