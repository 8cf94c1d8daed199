//! Tasks that time brings: a table of them, one thread, and a lease so that of several processes
//! on one database only one runs each.
//!
//! What became of a shared task is kept in the row of its lease: one small write more for each run,
//! which is once an hour at most. A task of each process's own may come every few seconds and mostly
//! finds nothing to do, so what became of it is only remembered by the process itself: an idle site
//! writes nothing. A run that is asked for is a mark in the row, and whoever sees it first runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

use super::Failure;
use crate::platform::db::{Conn, Db, FromRow, Result, Row, Tx};
use crate::platform::{clock, id};

/// Whoever has been at a task for longer is taken for dead, and a run that was asked for begins.
const TAKEN_FOR_DEAD_MS: i64 = 60 * 60 * 1000;

crate::sql! {
    TAKE = "INSERT INTO leases (name, holder, lease_until, last_run_at, running_since) VALUES (?1, ?2, ?3, ?4, ?4)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until, last_run_at = excluded.last_run_at,
                running_since = excluded.running_since, asked_at = NULL
            WHERE leases.lease_until <= excluded.last_run_at
                OR (leases.asked_at IS NOT NULL AND (leases.running_since IS NULL OR leases.running_since <= ?5))";
    // Only of one's own run: who took longer than the lease must not write over the next.
    ENDED = "UPDATE leases SET running_since = NULL, last_duration_ms = ?4, last_error = ?5
             WHERE name = ?1 AND holder = ?2 AND last_run_at = ?3";
    ASK = "INSERT INTO leases (name, holder, lease_until, last_run_at, asked_at) VALUES (?1, '', 0, 0, ?2)
           ON CONFLICT (name) DO UPDATE SET asked_at = excluded.asked_at";
    ASKED = "SELECT name FROM leases WHERE asked_at IS NOT NULL";
    RUNS = "SELECT name, lease_until, last_run_at, last_duration_ms, last_error, running_since, asked_at FROM leases";
}

/// One line of the table in `crate::jobs`.
pub struct Task {
    pub name: &'static str,
    /// What it does, in a line for people.
    pub description: &'static str,
    pub every: Duration,
    /// `true`: each process runs it for itself. `false`: one process for all.
    pub local: bool,
    pub run: Box<dyn Fn() -> std::result::Result<(), Failure> + Send + Sync>,
}

/// A task and where it stands. Times are epoch milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub name: &'static str,
    pub description: &'static str,
    pub every: Duration,
    pub local: bool,
    /// A run was asked for and has not begun.
    pub asked: bool,
    pub running: bool,
    pub last_started_at: Option<i64>,
    pub last_duration_ms: Option<i64>,
    /// Why the last run failed; `None` when it did not.
    pub last_error: Option<String>,
    /// When this process runs it next, unless another does before.
    pub next_run_at: Option<i64>,
}

/// What this process knows of a task.
#[derive(Debug, Clone, Default)]
struct Known {
    /// Also as epoch milliseconds; `None` while nothing runs the table.
    due: Option<(Instant, i64)>,
    asked: bool,
    running: bool,
    started_at: Option<i64>,
    duration_ms: Option<i64>,
    error: Option<String>,
}

/// The row of a shared task.
struct Lease {
    name: String,
    until: i64,
    started_at: i64,
    duration_ms: Option<i64>,
    error: Option<String>,
    running_since: Option<i64>,
    asked_at: Option<i64>,
}

impl FromRow for Lease {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            name: row.get(0)?,
            until: row.get(1)?,
            started_at: row.get(2)?,
            duration_ms: row.get(3)?,
            error: row.get(4)?,
            running_since: row.get(5)?,
            asked_at: row.get(6)?,
        })
    }
}

/// The table of tasks, and where each stands in this process.
pub struct Timetable {
    tasks: Vec<Task>,
    /// In the order of `tasks`.
    known: Mutex<Vec<Known>>,
    /// Names this process in the leases.
    holder: String,
    thread: Mutex<Option<Thread>>,
}

impl Timetable {
    #[must_use]
    pub fn new(tasks: Vec<Task>) -> Arc<Self> {
        let known = Mutex::new(vec![Known::default(); tasks.len()]);
        Arc::new(Self { tasks, known, holder: id::new_id(), thread: Mutex::default() })
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is a task of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.tasks.iter().any(|task| task.name == name)
    }

    /// Every task, in the order of the table.
    pub fn standings(&self, conn: &mut Conn<'_>) -> Result<Vec<Standing>> {
        let leases: Vec<Lease> = conn.all(RUNS, &[])?;
        let now_ms = clock::now_ms();
        let known = self.known();
        let standing = |(task, known): (&Task, &Known)| {
            let lease = leases.iter().find(|lease| lease.name == task.name && !task.local);
            standing(task, known, lease, now_ms)
        };
        Ok(self.tasks.iter().zip(known.iter()).map(standing).collect())
    }

    /// Notes in this transaction that a run of the shared task `name` is asked for.
    pub fn ask(&self, tx: &mut Tx<'_>, name: &str, now_ms: i64) -> Result<()> {
        if self.tasks.iter().any(|task| task.name == name && !task.local) {
            tx.exec(ASK, &[&name, &now_ms])?;
        }
        Ok(())
    }

    /// Begins the next turn at once; to be called after [`Timetable::ask`] is committed. A task of
    /// each process's own then runs in this one.
    pub fn hurry(&self, name: &str) {
        if let Some(at) = self.tasks.iter().position(|task| task.name == name && task.local) {
            self.known()[at].asked = true;
        }
        if let Some(thread) = &*self.thread.lock().unwrap_or_else(PoisonError::into_inner) {
            thread.unpark();
        }
    }

    /// From now on the tasks have a time. Shared ones are due soon after every start: their lease
    /// keeps them from running too often, and a process that never lives a day would otherwise
    /// never run a daily one.
    fn begin(&self, started: Instant) {
        for (task, known) in self.tasks.iter().zip(self.known().iter_mut()) {
            let first =
                if task.local { task.every } else { task.every.min(Duration::from_mins(1)) };
            known.due = Some((started + first, clock::now_ms() + millis(first)));
        }
    }

    /// Runs what is due or was asked for, until `stopping`; returns when the next is due. The thread
    /// calls it; tests do by hand.
    pub fn turn(&self, db: &Db, stopping: &AtomicBool) -> Option<Instant> {
        let asked = asked(db);
        for (at, task) in self.tasks.iter().enumerate() {
            if stopping.load(Ordering::Acquire) {
                break;
            }
            let now = Instant::now();
            let is_asked = !task.local && asked.iter().any(|name| name == task.name);
            let begins = {
                let known = &mut self.known()[at];
                let is_due = known.due.is_some_and(|(due, _)| due <= now);
                if is_due {
                    known.due = Some((now + task.every, clock::now_ms() + millis(task.every)));
                }
                is_due || is_asked || std::mem::take(&mut known.asked)
            };
            if begins {
                self.run_one(db, at, task);
            }
        }
        self.known().iter().filter_map(|known| known.due).map(|(due, _)| due).min()
    }

    fn run_one(&self, db: &Db, at: usize, task: &Task) {
        let started_at = clock::now_ms();
        if !task.local {
            match self.take_lease(db, task, started_at) {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    log::debug!("lease of {}: {error}", task.name);
                    return;
                }
            }
        }
        let started = Instant::now();
        {
            let known = &mut self.known()[at];
            known.running = true;
            known.started_at = Some(started_at);
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| (task.run)()))
            .unwrap_or_else(|_| Err(Failure::retry("it panicked")));
        let duration_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let error = outcome.err().map(|failure| failure.why);
        if let Some(why) = &error {
            log::warn!("periodic task {}: {why}", task.name);
        }
        {
            let known = &mut self.known()[at];
            known.running = false;
            known.duration_ms = Some(duration_ms);
            known.error.clone_from(&error);
        }
        if !task.local {
            let (name, holder) = (task.name, self.holder.clone());
            let ended: Result<u64> = db.write_blocking(move |tx| {
                tx.exec(ENDED, &[&name, &holder, &started_at, &duration_ms, &error])
            });
            if let Err(error) = ended {
                log::debug!("the end of {} could not be noted: {error}", task.name);
            }
        }
    }

    /// The lease lasts nine tenths of the period, so that the next turn is free for anybody.
    fn take_lease(&self, db: &Db, task: &Task, now: i64) -> Result<bool> {
        let until = now + millis(task.every) / 10 * 9;
        let (name, holder, dead) = (task.name, self.holder.clone(), now - TAKEN_FOR_DEAD_MS);
        db.write_blocking(move |tx| Ok(tx.exec(TAKE, &[&name, &holder, &until, &now, &dead])? == 1))
    }
}

/// The shared tasks of which a run is asked for. None when they cannot be read: the next turn will.
fn asked(db: &Db) -> Vec<String> {
    let rows: Result<Vec<(String,)>> = db.read_blocking(|conn| conn.all(ASKED, &[]));
    match rows {
        Ok(rows) => rows.into_iter().map(|(name,)| name).collect(),
        Err(error) => {
            log::debug!("looking for tasks that were asked for: {error}");
            Vec::new()
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2)
}

fn standing(task: &Task, known: &Known, lease: Option<&Lease>, now_ms: i64) -> Standing {
    let due = known.due.map(|(_, due_ms)| due_ms);
    let mut standing = Standing {
        name: task.name,
        description: task.description,
        every: task.every,
        local: task.local,
        asked: known.asked,
        running: known.running,
        last_started_at: known.started_at,
        last_duration_ms: known.duration_ms,
        last_error: known.error.clone(),
        next_run_at: due,
    };
    if let Some(lease) = lease {
        let alive = |since: i64| since > now_ms - TAKEN_FOR_DEAD_MS;
        standing.asked = lease.asked_at.is_some();
        standing.running = lease.running_since.is_some_and(alive);
        // 0 is the row of a task that was asked for before it ever ran.
        standing.last_started_at = Some(lease.started_at).filter(|at| *at > 0);
        standing.last_duration_ms = lease.duration_ms;
        standing.last_error.clone_from(&lease.error);
        standing.next_run_at = due.map(|due| first_turn(due, lease.until, millis(task.every)));
    }
    standing
}

/// The first of the turns at `due`, `due + every`, … for which the lease is free.
fn first_turn(due: i64, lease_until: i64, every: i64) -> i64 {
    let (late, every) = ((lease_until - due).max(0), every.max(1));
    let turns = late / every + i64::from(late % every > 0);
    due + turns * every
}

/// The running thread.
pub struct Periodic {
    thread: Mutex<Option<JoinHandle<()>>>,
    stopping: Arc<AtomicBool>,
}

impl Periodic {
    pub fn start(db: &Db, timetable: &Arc<Timetable>) -> std::io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let (db, table) = (db.clone(), Arc::clone(timetable));
        timetable.begin(Instant::now());
        let thread = std::thread::Builder::new()
            .name("periodic".into())
            .spawn(move || run(&db, &table, &stop))?;
        let handle = thread.thread().clone();
        *timetable.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
        Ok(Self { thread: Mutex::new(Some(thread)), stopping })
    }

    /// Lets the running task finish and ends the thread.
    pub fn close(&self) {
        self.stopping.store(true, Ordering::Release);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            thread.thread().unpark();
            if thread.join().is_err() {
                log::error!("the periodic thread panicked");
            }
        }
    }
}

fn run(db: &Db, timetable: &Timetable, stopping: &AtomicBool) {
    while !stopping.load(Ordering::Acquire) {
        let next = timetable.turn(db, stopping);
        let now = Instant::now();
        let wait = next.map_or(Duration::from_mins(1), |at| at.saturating_duration_since(now));
        std::thread::park_timeout(wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_run_is_the_first_turn_at_which_the_lease_is_free() {
        assert_eq!(first_turn(100, 0, 60), 100);
        assert_eq!(first_turn(100, 100, 60), 100);
        assert_eq!(first_turn(100, 101, 60), 160);
        assert_eq!(first_turn(100, 281, 60), 340);
    }
}
