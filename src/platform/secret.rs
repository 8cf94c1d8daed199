//! Values that must not be seen: passwords, keys, tokens, URLs that hold one of them.
//!
//! A [`Secret`] prints as `***` and cannot be serialised, so that neither a log line nor an answer
//! can hold it by accident; [`Secret::expose`] is the one word to search for in a review. Sealing
//! secrets at rest lives in `platform::crypto`, masking of log lines in `platform::log`. Memory is
//! deliberately not wiped: the process environment and the allocator keep copies anyway.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A value that is printed as `***`, whatever the formatter.
#[derive(Clone)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Hand it to the one call that needs it; keep no copy.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: AsRef<[u8]>> Secret<T> {
    /// Whether `candidate` is this secret, in a time that tells nothing about either.
    pub fn matches(&self, candidate: impl AsRef<[u8]>) -> bool {
        constant_time_eq(self.0.as_ref(), candidate.as_ref())
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Compares the SHA-256 digests in constant time, so that not even the length leaks.
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    Sha256::digest(a).ct_eq(&Sha256::digest(b)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_three_stars_in_every_format() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(format!("{secret} {secret:?} {secret:#?}"), "*** *** ***");
        assert_eq!(format!("{:?}", Some(&secret)), "Some(***)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn only_the_same_bytes_match() {
        let secret = Secret::new("hunter2".to_owned());
        assert!(secret.matches("hunter2"));
        assert!(!secret.matches("hunter"));
        assert!(!secret.matches("hunter22"));
        assert!(!secret.matches(b"".as_slice()));
    }
}
