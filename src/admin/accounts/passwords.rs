//! Hashing of passwords: argon2id with the parameters that OWASP names
//! (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>), on blocking
//! threads, few at a time: each takes 19 MiB and some 20 ms.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

use crate::platform::error::Error;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashed at the same time; what comes beyond waits.
const AT_ONCE: usize = 2;
const TURN: Duration = Duration::from_secs(5);

/// Stands in where there is no account, so that this takes as long as a wrong password. Nobody
/// knows a password with this hash: its output was drawn, not computed.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$tqW6bVnT1pZx0YlJr2dPeg$\
    Q7rV5vJ2nXcWq8LkZ3sT0uYhFb6mDgPe1iNaRoKxCtM";

/// The one place where passwords are hashed and compared.
pub struct Passwords {
    turns: Arc<Semaphore>,
    compared: AtomicU64,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), compared: AtomicU64::new(0) }
    }
}

impl Passwords {
    /// Whether `password` is the one of `hash`. Without a hash it is not, after the same work.
    ///
    /// # Errors
    /// Too many wait for their turn.
    pub async fn matches(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let same = self.in_turn(move || compare(&password, &hash)).await?;
        self.compared.fetch_add(1, Ordering::Relaxed);
        Ok(same? && known)
    }

    /// The hash to store for `password`.
    ///
    /// # Errors
    /// Too many wait for their turn.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        self.in_turn(move || hash(&password)).await?
    }

    /// How many comparisons have been made: a test sees that no answer comes without one.
    #[must_use]
    pub fn compared(&self) -> u64 {
        self.compared.load(Ordering::Relaxed)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let turns = Arc::clone(&self.turns);
        let Ok(Ok(turn)) = tokio::time::timeout(TURN, turns.acquire_owned()).await else {
            return Err(Error::Unavailable("too many passwords wait to be hashed".into()));
        };
        let run = move || {
            let done = work();
            drop(turn);
            done
        };
        tokio::task::spawn_blocking(run)
            .await
            .map_err(|error| Error::Internal(format!("hashing a password: {error}")))
    }
}

/// Hashes on this thread: for commands.
///
/// # Errors
/// The parameters are ours, so only a broken library can fail here.
pub fn hash(password: &str) -> Result<String, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Internal(format!("argon2: {error}"));
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| failed(&e))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password(normal(password).as_bytes()).map_err(|e| failed(&e))?;
    Ok(hash.to_string())
}

fn compare(password: &str, hash: &str) -> Result<bool, Error> {
    let parsed = PasswordHash::new(hash)
        .map_err(|error| Error::Internal(format!("a stored password hash: {error}")))?;
    Ok(Argon2::default().verify_password(normal(password).as_bytes(), &parsed).is_ok())
}

/// One spelling, however a keyboard composes it (NIST SP 800-63B, section 5.1.1.2).
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_how_it_was_made_and_fits_only_its_password() {
        let stored = hash("correct horse staple").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(compare("correct horse staple", &stored).unwrap());
        assert!(!compare("correct horse stapler", &stored).unwrap());
        assert_ne!(stored, hash("correct horse staple").unwrap(), "salted");
    }

    #[test]
    fn one_password_composed_in_two_ways_is_one_password() {
        let stored = hash("ma\u{f1}ana ma\u{f1}ana").unwrap();
        assert!(compare("man\u{303}ana man\u{303}ana", &stored).unwrap());
    }

    #[test]
    fn the_stand_in_costs_what_a_real_hash_costs_and_fits_nothing() {
        let parsed = PasswordHash::new(NOBODY).unwrap();
        let real = hash("correct horse staple").unwrap();
        let cost = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(cost(NOBODY), cost(&real));
        assert!(parsed.hash.is_some() && parsed.salt.is_some());
        assert!(!compare("", NOBODY).unwrap());
    }
}
