//! Log-ins that fail make the next one for the same address wait, longer each time.
//!
//! Keyed by a hash of the e-mail address that was typed, whether or not it is known: the answer
//! tells nothing. An attempt is counted before its password is looked at, so that many at once gain
//! nothing. The wait is bounded, and `manero admin reset` works all the same: nobody can lock the
//! owner out for good.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::platform::clock;

/// Attempts that cost no wait.
const FREE: u32 = 5;
const MAX_WAIT_MS: u64 = 15 * 60 * 1000;
/// What is older than this is forgotten.
const MEMORY_MS: u64 = 60 * 60 * 1000;
const MAX_ACCOUNTS: usize = 10_000;

#[derive(Clone, Copy)]
struct Account {
    tries: u32,
    free_at_ms: u64,
    last_ms: u64,
}

#[derive(Default)]
pub struct Throttle(Mutex<HashMap<u128, Account>>);

impl Throttle {
    /// Counts an attempt.
    ///
    /// # Errors
    /// The seconds to wait, at least 1, when it comes too early.
    pub fn begin(&self, account: u128) -> Result<(), u64> {
        self.begin_at(account, clock::monotonic_ms())
    }

    fn begin_at(&self, account: u128, now_ms: u64) -> Result<(), u64> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= MAX_ACCOUNTS && !accounts.contains_key(&account) {
            accounts.retain(|_, a| now_ms < a.last_ms + MEMORY_MS);
            if accounts.len() >= MAX_ACCOUNTS {
                // A flood of made-up addresses: those that have been tried most stay.
                accounts.retain(|_, a| a.tries > FREE);
            }
        }
        let fresh = Account { tries: 0, free_at_ms: 0, last_ms: now_ms };
        let known = accounts.get(&account).copied().filter(|a| now_ms < a.last_ms + MEMORY_MS);
        let mut known = known.unwrap_or(fresh);
        if now_ms < known.free_at_ms {
            return Err((known.free_at_ms - now_ms).div_ceil(1000).max(1));
        }
        known.tries = known.tries.saturating_add(1);
        known.last_ms = now_ms;
        let doublings = known.tries.saturating_sub(FREE).min(20);
        if doublings > 0 {
            known.free_at_ms = now_ms + (1000_u64 << doublings).min(MAX_WAIT_MS);
        }
        if accounts.len() < MAX_ACCOUNTS || accounts.contains_key(&account) {
            accounts.insert(account, known);
        }
        Ok(())
    }

    /// The right person came: nothing is held against the account.
    pub fn clear(&self, account: u128) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour_and_ends_with_the_right_password() {
        let throttle = Throttle::default();
        let mut now = 0;
        for _ in 0..=FREE {
            throttle.begin_at(1, now).unwrap();
        }
        for wait in [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            assert_eq!(throttle.begin_at(1, now), Err(wait));
            now += wait * 1000;
            throttle.begin_at(1, now).unwrap();
        }
        assert_eq!(throttle.begin_at(2, now), Ok(()), "others are free");
        throttle.clear(1);
        assert_eq!(throttle.begin_at(1, now), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_fades() {
        let throttle = Throttle::default();
        for _ in 0..=FREE {
            throttle.begin_at(7, 0).unwrap();
        }
        for made_up in 100..40_000_u128 {
            let _ = throttle.begin_at(made_up, 1);
        }
        assert!(throttle.0.lock().unwrap().len() <= MAX_ACCOUNTS);
        assert!(throttle.begin_at(7, 2).is_err(), "still remembered");
        assert_eq!(throttle.begin_at(7, MEMORY_MS + 1), Ok(()));
    }
}
