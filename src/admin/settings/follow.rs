//! The thread that sees what another process has set: it looks once a second, and writes nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Desk;

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The running thread.
pub struct Follow {
    thread: Mutex<Option<JoinHandle<()>>>,
    stopping: Arc<AtomicBool>,
}

impl Follow {
    pub fn start(desk: &Arc<Desk>) -> std::io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        let (stop, desk) = (Arc::clone(&stopping), Arc::clone(desk));
        let thread = std::thread::Builder::new().name("settings".into()).spawn(move || {
            while !stop.load(Ordering::Acquire) {
                if let Err(error) = desk.look() {
                    log::debug!("looking for changed settings: {error}");
                }
                std::thread::park_timeout(LOOK_EVERY);
            }
        })?;
        Ok(Self { thread: Mutex::new(Some(thread)), stopping })
    }

    /// Ends the thread.
    pub fn close(&self) {
        self.stopping.store(true, Ordering::Release);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            thread.thread().unpark();
            if thread.join().is_err() {
                log::error!("the settings thread panicked");
            }
        }
    }
}
