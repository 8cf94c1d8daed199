//! A second click does nothing: each form carries a token, and what was sent with it is done once.
//!
//! Kept in memory: what matters for ever has its own rule in the database. A form that was refused may be sent again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::platform::clock;

const KEPT_MS: u64 = 10 * 60_000;
const MOST: usize = 10_000;

#[derive(Debug, Clone)]
enum State {
    Running,
    /// Where the first answer led.
    Done(String),
}

#[derive(Default)]
pub struct Forms(Mutex<HashMap<String, (u64, State)>>);

/// What became of the form with a token.
#[derive(Debug, PartialEq, Eq)]
pub enum Before {
    Nothing,
    Running,
    Done(String),
}

impl Forms {
    /// Notes that the form is being worked on, if it is not and was not.
    pub fn begin(&self, token: &str) -> Before {
        let now = clock::monotonic_ms();
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if forms.len() >= MOST {
            forms.retain(|_, (until, _)| now < *until);
        }
        match forms.get(token).filter(|(until, _)| now < *until) {
            Some((_, State::Running)) => Before::Running,
            Some((_, State::Done(to))) => Before::Done(to.clone()),
            None => {
                if forms.len() < MOST {
                    forms.insert(token.to_owned(), (now + KEPT_MS, State::Running));
                }
                Before::Nothing
            }
        }
    }

    fn done(&self, token: &str, to: &str) {
        let state = (clock::monotonic_ms() + KEPT_MS, State::Done(to.to_owned()));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(token.to_owned(), state);
    }

    fn release(&self, token: &str) {
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if forms.get(token).is_some_and(|(_, state)| matches!(state, State::Running)) {
            forms.remove(token);
        }
    }
}

/// A form that is being worked on; when this is dropped before it is done, the form may be sent again.
pub struct Ticket {
    pub(super) forms: Arc<Forms>,
    pub(super) token: String,
}

impl Ticket {
    pub(super) fn done(&self, to: &str) {
        self.forms.done(&self.token, to);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.forms.release(&self.token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_not_done_again_and_what_was_refused_may_be() {
        let forms = Arc::<Forms>::default();
        let ticket = || Ticket { forms: Arc::clone(&forms), token: "a".into() };
        assert_eq!(forms.begin("a"), Before::Nothing);
        assert_eq!(forms.begin("a"), Before::Running);
        drop(ticket());
        assert_eq!(forms.begin("a"), Before::Nothing);
        let second = ticket();
        second.done("/admin/leads");
        drop(second);
        assert_eq!(forms.begin("a"), Before::Done("/admin/leads".into()));
        assert_eq!(forms.begin("b"), Before::Nothing);
    }
}
