//! Identifiers: `UUIDv7` as text, so that they sort by creation time on both engines; and short
//! numbers for requests, which only have to differ.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

/// A new identifier, 36 characters of lower-case hexadecimal and dashes.
#[must_use]
pub fn new_id() -> String {
    Uuid::now_v7().hyphenated().to_string()
}

/// `text` in the one spelling of an identifier, if it is one: what comes from outside is asked
/// before a database is.
#[must_use]
pub fn parse(text: &str) -> Option<String> {
    Some(Uuid::parse_str(text).ok()?.hyphenated().to_string())
}

/// A new request id: 16 hexadecimal digits. Made for every request, so it asks neither the clock
/// nor the kernel: a counter from a random start, its bits mixed so that neighbours look unlike.
#[must_use]
pub fn request_id() -> String {
    static NEXT: LazyLock<AtomicU64> =
        LazyLock::new(|| AtomicU64::new(RandomState::new().hash_one(std::process::id())));
    // SplitMix64's finisher is a bijection: different counts give different ids.
    let mut x = NEXT.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^= x >> 31;
    let mut text = String::with_capacity(16);
    for shift in (0..16).rev() {
        let digit = (x >> (shift * 4)) as u32 & 0xf;
        text.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn request_ids_differ_and_have_sixteen_digits() {
        let ids: HashSet<String> = (0..10_000).map(|_| request_id()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit())));
    }
}
