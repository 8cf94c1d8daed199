//! Tasks that time brings: a table of them, one thread, and a lease so that of several processes
//! on one database only one runs each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Failure;
use crate::platform::db::{Db, Result};
use crate::platform::{clock, id};

crate::sql! {
    TAKE = "INSERT INTO leases (name, holder, lease_until, last_run_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until, last_run_at = excluded.last_run_at
            WHERE leases.lease_until <= excluded.last_run_at";
}

/// One line of the table in `crate::jobs`.
pub struct Task {
    pub name: &'static str,
    pub every: Duration,
    /// `true`: each process runs it for itself. `false`: one process for all.
    pub local: bool,
    pub run: Box<dyn Fn() -> std::result::Result<(), Failure> + Send>,
}

/// The running thread.
pub struct Periodic {
    thread: Mutex<Option<JoinHandle<()>>>,
    stopping: Arc<AtomicBool>,
}

impl Periodic {
    pub fn start(db: &Db, tasks: Vec<Task>) -> std::io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let db = db.clone();
        let thread = std::thread::Builder::new()
            .name("periodic".into())
            .spawn(move || run(&db, tasks, &stop))?;
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

fn run(db: &Db, tasks: Vec<Task>, stopping: &AtomicBool) {
    let holder = id::new_id();
    let started = Instant::now();
    // A shared task is due soon after every start: its lease keeps it from running too often, and
    // a process that never lives a day would otherwise never run a daily one.
    let first = |t: &Task| if t.local { t.every } else { t.every.min(Duration::from_mins(1)) };
    let mut table: Vec<(Instant, Task)> =
        tasks.into_iter().map(|t| (started + first(&t), t)).collect();
    while !stopping.load(Ordering::Acquire) {
        let now = Instant::now();
        for (due, task) in &mut table {
            if *due <= now {
                *due = now + task.every;
                run_one(db, task, &holder);
            }
        }
        let next = table.iter().map(|(due, _)| *due).min();
        let wait = next.map_or(Duration::from_mins(1), |at| at.saturating_duration_since(now));
        std::thread::park_timeout(wait);
    }
}

fn run_one(db: &Db, task: &Task, holder: &str) {
    if !task.local {
        match take_lease(db, task, holder) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                log::debug!("lease of {}: {error}", task.name);
                return;
            }
        }
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| (task.run)()))
        .unwrap_or_else(|_| Err(Failure::retry("it panicked")));
    if let Err(failure) = outcome {
        log::warn!("periodic task {}: {}", task.name, failure.why);
    }
}

/// The lease lasts nine tenths of the period, so that the next turn is free for anybody.
fn take_lease(db: &Db, task: &Task, holder: &str) -> Result<bool> {
    let now = clock::now_ms();
    let until = now + i64::try_from(task.every.as_millis()).unwrap_or(i64::MAX / 2) / 10 * 9;
    let (name, holder) = (task.name, holder.to_owned());
    db.write_blocking(move |tx| Ok(tx.exec(TAKE, &[&name, &holder, &until, &now])? == 1))
}
