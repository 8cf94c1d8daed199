//! The one writer: a thread that owns the write connection and commits in groups.
//!
//! SQLite has one write lock, and at `synchronous=FULL` a commit costs an fsync. So the queue that
//! forms while one commit is on its way to the disk becomes the next batch: up to
//! [`BATCH`] jobs share one `BEGIN IMMEDIATE … COMMIT`, each inside its own savepoint so that one
//! failing or panicking job takes only itself along. Nobody waits for a fuller batch. A caller
//! hears of success only after COMMIT has returned, which is after the fsync.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::bell::Bell;
use super::conn::{Conn, Effects, Engine, Tx};
use super::slow::SlowQueries;
use super::{Error, Result};

/// Jobs in one transaction at most; beyond this the latency of the first grows for no gain.
const BATCH: usize = 64;
/// Jobs waiting at most; more than a second of work at the slowest disk we know.
const QUEUE: usize = 1024;
/// How often a connection that could not be opened is tried again.
const REOPEN_EVERY: Duration = Duration::from_millis(200);

/// Opens the write connection; called again after an error that makes the old one suspect.
pub(super) type Open = Box<dyn Fn() -> Result<rusqlite::Connection> + Send>;

trait Job: Send {
    /// Runs inside a savepoint; `true` keeps what it wrote.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Hands the result to the caller, or `failure` when the commit did not happen.
    fn reply(self: Box<Self>, failure: Option<&Error>);
}

struct Typed<T, E, F> {
    work: Option<F>,
    result: Option<std::result::Result<T, E>>,
    reply: oneshot::Sender<std::result::Result<T, E>>,
}

impl<T, E, F> Job for Typed<T, E, F>
where
    F: FnOnce(&mut Tx<'_>) -> std::result::Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        let result = catch_unwind(AssertUnwindSafe(|| work(tx)))
            .unwrap_or_else(|_| Err(Error::Engine("a write closure panicked".into()).into()));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn reply(self: Box<Self>, failure: Option<&Error>) {
        let result = match (failure, self.result) {
            // A job's own error is the better answer even when the batch failed as a whole.
            (_, Some(Err(own))) => Err(own),
            (Some(failure), _) => Err(failure.clone().into()),
            (None, Some(done)) => done,
            (None, None) => Err(Error::Engine("the write did not run".into()).into()),
        };
        // The caller may have gone away; the write stands all the same.
        drop(self.reply.send(result));
    }
}

/// What the writer tells the rest of the program after each commit.
pub(super) struct Signals {
    pub(super) commits: Arc<AtomicU64>,
    pub(super) outbox: Arc<Bell>,
    /// There are new frames in the WAL.
    pub(super) wal: Arc<Bell>,
    /// The last transaction could not be stored.
    pub(super) failing: Arc<AtomicBool>,
    /// How often the file was written anew.
    pub(super) wipes: Arc<AtomicU64>,
    /// The checkpointer is to empty the WAL.
    pub(super) empty_wal: Arc<AtomicBool>,
}

pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    failing: Arc<AtomicBool>,
}

impl Writer {
    pub(super) fn start(
        open: Open,
        first: rusqlite::Connection,
        slow: Arc<SlowQueries>,
        signals: Signals,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let failing = Arc::clone(&signals.failing);
        let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
            Loop { open, conn: Some(first), retry_at: None, slow, signals }.run(receiver);
        })?;
        Ok(Self { queue: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)), failing })
    }

    /// Whether the last transaction could not be stored.
    pub(super) fn is_failing(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = thread.as_ref().is_none_or(JoinHandle::is_finished);
        ended || self.failing.load(Ordering::Relaxed)
    }

    fn sender(&self) -> Result<mpsc::Sender<Box<dyn Job>>> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.clone().ok_or_else(|| Error::Unavailable("the server is stopping".into()))
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> std::result::Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Typed { work: Some(work), result: None, reply });
        self.sender()?.send_timeout(job, super::TURN).await.map_err(|_| Error::Busy)?;
        answer.await.unwrap_or_else(|_| Err(gone().into()))
    }

    pub(super) fn write_blocking<T, E, F>(&self, work: F) -> std::result::Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Typed { work: Some(work), result: None, reply });
        self.sender()?.blocking_send(job).map_err(|_| gone())?;
        answer.blocking_recv().unwrap_or_else(|_| Err(gone().into()))
    }

    /// Refuses new jobs, finishes those that wait, and ends the thread.
    pub(super) fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(_)) = thread.map(JoinHandle::join) {
            log::error!("the writer thread panicked");
        }
    }
}

fn gone() -> Error {
    Error::Unavailable("the writer has stopped".into())
}

struct Loop {
    open: Open,
    conn: Option<rusqlite::Connection>,
    retry_at: Option<Instant>,
    slow: Arc<SlowQueries>,
    signals: Signals,
}

impl Loop {
    fn run(&mut self, mut queue: mpsc::Receiver<Box<dyn Job>>) {
        let mut batch: Vec<Box<dyn Job>> = Vec::with_capacity(BATCH);
        while let Some(first) = queue.blocking_recv() {
            batch.push(first);
            while batch.len() < BATCH {
                let Ok(next) = queue.try_recv() else { break };
                batch.push(next);
            }
            match self.commit(&mut batch) {
                Ok(effects) => {
                    self.signals.commits.fetch_add(1, Ordering::Release);
                    self.signals.failing.store(effects.tainted, Ordering::Relaxed);
                    if effects.tainted {
                        self.conn = None;
                    }
                    if effects.wipe {
                        self.wipe();
                    }
                    batch.drain(..).for_each(|job| job.reply(None));
                    self.signals.wal.ring();
                    if effects.outbox {
                        self.signals.outbox.ring();
                    }
                }
                Err(error) => {
                    // Said once; a full disk must not fill up with the news of it.
                    let again = self.signals.failing.swap(true, Ordering::Relaxed);
                    let level = if again { log::Level::Debug } else { log::Level::Warn };
                    log::log!(level, "{} write(s) were rolled back: {error}", batch.len());
                    if error.taints_connection() {
                        self.conn = None;
                    }
                    batch.drain(..).for_each(|job| job.reply(Some(&error)));
                }
            }
        }
    }

    /// Writes the whole file anew, without what has been deleted. Nobody writes meanwhile.
    fn wipe(&self) {
        let Some(conn) = &self.conn else { return };
        // The copy it makes meanwhile is as large as the file: not in memory.
        let written = conn.execute_batch("PRAGMA temp_store = FILE; VACUUM");
        let restored = conn.execute_batch("PRAGMA temp_store = MEMORY");
        match written.and(restored) {
            Ok(()) => {
                self.signals.wipes.fetch_add(1, Ordering::Release);
                self.signals.empty_wal.store(true, Ordering::Release);
            }
            Err(error) => log::warn!("the database could not be written anew: {error}"),
        }
    }

    /// One transaction for the whole batch; on error nothing of it is stored.
    fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> Result<Effects> {
        self.ensure_open()?;
        let Some(conn) = &self.conn else { return Err(gone()) };
        conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let outcome = run_jobs(conn, &self.slow, batch).and_then(|effects| {
            conn.prepare_cached("COMMIT")?.execute([])?;
            Ok(effects)
        });
        if outcome.is_err()
            && !conn.is_autocommit()
            && let Err(error) = conn.execute_batch("ROLLBACK")
        {
            log::warn!("rolling back failed, the connection is opened anew: {error}");
            self.conn = None;
        }
        outcome
    }

    fn ensure_open(&mut self) -> Result<()> {
        if self.conn.is_some() {
            return Ok(());
        }
        if self.retry_at.is_some_and(|at| Instant::now() < at) {
            return Err(Error::Unavailable("the database is being opened again".into()));
        }
        match (self.open)() {
            Ok(conn) => {
                self.conn = Some(conn);
                self.retry_at = None;
                Ok(())
            }
            Err(error) => {
                self.retry_at = Some(Instant::now() + REOPEN_EVERY);
                Err(error)
            }
        }
    }
}

fn run_jobs(
    conn: &rusqlite::Connection,
    slow: &Arc<SlowQueries>,
    batch: &mut [Box<dyn Job>],
) -> Result<Effects> {
    let mut effects = Effects::default();
    for job in batch {
        conn.prepare_cached("SAVEPOINT job")?.execute([])?;
        let mut tx = Tx::new(Conn::new(Engine::Sqlite(conn), slow));
        let kept = job.run(&mut tx);
        effects.tainted |= tx.tainted;
        if kept {
            effects.merge(tx.effects);
        } else if conn.is_autocommit() {
            // A full disk ends the whole transaction, not just the savepoint.
            return Err(Error::Unavailable("the transaction was rolled back by the engine".into()));
        } else {
            conn.prepare_cached("ROLLBACK TO job")?.execute([])?;
        }
        conn.prepare_cached("RELEASE job")?.execute([])?;
    }
    Ok(effects)
}
