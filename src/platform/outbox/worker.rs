//! The threads that empty the outbox, lane by lane.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::lane::{Lane, Pace};
use super::report::{Failure, Fate, Report};
use super::store::{self, Claimed};
use crate::platform::clock::Clock;
use crate::platform::db::{self, Conn, Db, Listener};

const LEASE_MS: i64 = 5 * 60 * 1000;
/// How long a worker leaves a database alone that refused to hand out work.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// How long a worker sleeps at most; rows queued by another process are seen by then.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How long it sleeps at least: what it saw may have been taken by another.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Does one piece of work.
pub type Runner = Arc<dyn Fn(&Claimed) -> Report + Send + Sync>;

/// The running workers.
pub struct Workers {
    threads: Mutex<Vec<JoinHandle<()>>>,
    stopping: Arc<AtomicBool>,
    db: Db,
}

impl Workers {
    /// Starts the threads of every lane: `mail-1`, …
    pub fn start(
        db: &Db,
        runner: &Runner,
        lanes: Vec<Lane>,
        clock: &Arc<Clock>,
    ) -> std::io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for lane in lanes {
            let shared = Arc::new(Shared {
                pace: Pace::new(lane.per_second),
                // Before the first look, so that nothing is queued between a look and the wait after it.
                queued: Mutex::new(db.outbox_listener()),
                lane,
            });
            for number in 1..=shared.lane.threads {
                let name = format!("{}-{number}", shared.lane.name);
                let worker = Worker {
                    db: db.clone(),
                    runner: Arc::clone(runner),
                    shared: Arc::clone(&shared),
                    clock: Arc::clone(clock),
                    stopping: Arc::clone(&stopping),
                };
                threads.push(std::thread::Builder::new().name(name).spawn(move || worker.run())?);
            }
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
        for thread in &threads {
            thread.thread().unpark();
        }
        for thread in threads {
            if thread.join().is_err() {
                log::error!("an outbox thread panicked");
            }
        }
    }
}

/// What the threads of a lane have in common.
struct Shared {
    lane: Lane,
    pace: Pace,
    queued: Mutex<Listener>,
}

struct Worker {
    db: Db,
    runner: Runner,
    shared: Arc<Shared>,
    clock: Arc<Clock>,
    stopping: Arc<AtomicBool>,
}

impl Worker {
    fn run(&self) {
        while let Some(claimed) = self.next() {
            for work in &claimed {
                self.turn(work);
            }
        }
    }

    /// What to do next; none at the stop. One thread of the lane listens and looks, the others stand behind
    /// it: the next one steps up as soon as it has found something. So a ring costs one look, however many
    /// threads there are.
    fn next(&self) -> Option<Vec<Claimed>> {
        let mut queued = self.shared.queued.lock().unwrap_or_else(PoisonError::into_inner);
        while !self.stopping.load(Ordering::Acquire) {
            match claim(&self.db, &self.shared.lane, self.clock.now_ms()) {
                Ok(Look::Claimed(work)) => return Some(work),
                Ok(Look::Nothing { wait }) => queued.wait(wait),
                Err(error) => {
                    // The row stays due, so without a pause this would spin.
                    log::debug!("claiming outbox work: {error}");
                    std::thread::park_timeout(AFTER_FAILURE);
                }
            }
        }
        None
    }

    fn turn(&self, work: &Claimed) {
        let wait = self.shared.pace.turn();
        if !wait.is_zero() && !self.stopping.load(Ordering::Acquire) {
            std::thread::park_timeout(wait);
        }
        if self.stopping.load(Ordering::Acquire) {
            hand_back(&self.db, work);
        } else {
            let report = attempt(&self.runner, work);
            settle(&self.db, &self.shared.lane, work, report, self.clock.now_ms());
        }
    }
}

/// Runs everything of `lane` that is due, at once and without pace: for tests and `manero` commands.
/// Returns how many pieces were tried.
pub fn drain(db: &Db, lane: &Lane, runner: &Runner, clock: &Clock) -> db::Result<usize> {
    let mut tried = 0;
    while let Look::Claimed(claimed) = claim(db, lane, clock.now_ms())? {
        for work in &claimed {
            settle(db, lane, work, attempt(runner, work), clock.now_ms());
            tried += 1;
        }
    }
    Ok(tried)
}

/// What a look at the queue found.
enum Look {
    /// At least one.
    Claimed(Vec<Claimed>),
    Nothing {
        wait: Duration,
    },
}

fn claim(db: &Db, lane: &Lane, now: i64) -> db::Result<Look> {
    // A look costs no write, so that an idle site writes nothing.
    let (kind, at_most) = match db.read_blocking(|conn| oldest(conn, lane, now))? {
        Some((due, kind)) if due <= now => (kind, lane.at_once),
        later => {
            let until = |(due, _)| Duration::from_millis(u64::try_from(due - now).unwrap_or(0));
            return Ok(Look::Nothing { wait: clamped(later.map_or(LOOK_EVERY, until)) });
        }
    };
    let take = move |tx: &mut db::Tx<'_>| store::claim(tx, kind, now, now + LEASE_MS, at_most);
    let claimed: Vec<Claimed> = db.write_blocking(take)?;
    Ok(if claimed.is_empty() { Look::Nothing { wait: LOOK_AGAIN } } else { Look::Claimed(claimed) })
}

fn clamped(wait: Duration) -> Duration {
    wait.clamp(LOOK_AGAIN, LOOK_EVERY)
}

/// The lane's row that has been due, or will be due, before all others that nobody holds.
fn oldest(conn: &mut Conn<'_>, lane: &Lane, now: i64) -> db::Result<Option<(i64, &'static str)>> {
    let mut oldest: Option<(i64, &'static str)> = None;
    for kind in &lane.kinds {
        if let Some(due) = store::next_due(conn, kind, now)?
            && oldest.is_none_or(|(earlier, _)| due < earlier)
        {
            oldest = Some((due, kind));
        }
    }
    Ok(oldest)
}

fn attempt(runner: &Runner, work: &Claimed) -> Report {
    catch_unwind(AssertUnwindSafe(|| runner(work)))
        .unwrap_or_else(|_| Failure::retry(format!("running {} panicked", work.kind)).into())
}

/// Deletes, puts back or buries. If even that cannot be stored, the lease runs out by itself.
fn settle(db: &Db, lane: &Lane, work: &Claimed, report: Report, now: i64) {
    let Report { outcome, record } = report;
    let (fate, why) = match outcome {
        Ok(()) => (Fate::Done, String::new()),
        Err(failure) => {
            let patience = |failure: &Failure| {
                lane.patience.again(work.attempts, work.created_at, now, failure.retry_after)
            };
            let again = Some(&failure).filter(|failure| failure.retryable).and_then(patience);
            (again.map_or(Fate::Dead, Fate::Again), failure.why)
        }
    };
    let Claimed { id, kind, attempts, .. } = work;
    match fate {
        Fate::Done => {}
        Fate::Again(_) => log::warn!("outbox {kind} {id}: {why}; tried {attempts} time(s)"),
        Fate::Dead => log::error!("outbox {kind} {id} is a dead letter: {why}"),
    }
    let (row, attempt) = (id.clone(), *attempts);
    let stored: db::Result<()> = db.write_blocking(move |tx| {
        let is_ours = match fate {
            Fate::Done => store::done(tx, &row, attempt)?,
            Fate::Again(at) => store::retry(tx, &row, attempt, at, &why)?,
            Fate::Dead => store::bury(tx, &row, attempt, now, &why)?,
        };
        match record {
            Some(record) if is_ours => record(tx, fate),
            _ => Ok(()),
        }
    });
    if let Err(error) = stored {
        log::warn!("the outcome of outbox {kind} {id} could not be stored: {error}");
    }
}

fn hand_back(db: &Db, work: &Claimed) {
    let (id, attempt) = (work.id.clone(), work.attempts);
    if let Err(error) = db.write_blocking(move |tx| store::hand_back(tx, &id, attempt)) {
        log::warn!("outbox {} {} could not be handed back: {error}", work.kind, work.id);
    }
}
