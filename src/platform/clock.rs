//! The one place that tells time.
//!
//! Stored times are UTC epoch milliseconds ([`now_ms`]); durations and rate-limit windows use the
//! monotonic clock ([`monotonic_ms`]), which a stepped wall clock cannot move.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Milliseconds since 1970-01-01T00:00:00Z; 0 on a machine whose clock is before 1970.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the home of the wall clock")]
pub fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// The wall clock as a part that can be held: a test stops it and sets it by hand, for its own site
/// alone. Nothing in the product does.
#[derive(Debug)]
pub struct Clock {
    /// Epoch milliseconds; [`RUNNING`] while the real time counts.
    stopped_at: AtomicI64,
}

const RUNNING: i64 = i64::MIN;

impl Default for Clock {
    fn default() -> Self {
        Self { stopped_at: AtomicI64::new(RUNNING) }
    }
}

impl Clock {
    /// [`now_ms`], or the time it was stopped at.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match self.stopped_at.load(Ordering::Relaxed) {
            RUNNING => now_ms(),
            stopped => stopped,
        }
    }

    /// From now on it is always `epoch_ms`.
    pub fn stop_at(&self, epoch_ms: i64) {
        self.stopped_at.store(epoch_ms, Ordering::Relaxed);
    }
}

/// Milliseconds since the first call in this process; never goes back.
#[must_use]
pub fn monotonic_ms() -> u64 {
    START.elapsed().as_millis() as u64
}

/// `2026-11-22T14:05:09.123Z`: RFC 3339 in UTC with milliseconds.
#[must_use]
pub fn rfc3339(epoch_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(epoch_ms).map(|t| format!("{t:.3}")).unwrap_or_default()
}

/// The moment that an RFC 3339 text with a zone names, in epoch milliseconds.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    // Shorter forms than RFC 3339's are understood by the library, and by nobody else.
    let has_zone = text.len() >= "2026-10-05T09:00:00Z".len();
    text.parse::<jiff::Timestamp>().ok().filter(|_| has_zone).map(jiff::Timestamp::as_millisecond)
}

/// The calendar year of `epoch_ms` in UTC.
#[must_use]
pub fn year(epoch_ms: i64) -> i16 {
    jiff::Timestamp::from_millisecond(epoch_ms)
        .map_or(1970, |t| t.to_zoned(jiff::tz::TimeZone::UTC).year())
}

/// Year, month (1 to 12) and day of `epoch_ms` in UTC.
#[must_use]
pub fn civil_date(epoch_ms: i64) -> (i16, u8, u8) {
    let date = jiff::Timestamp::from_millisecond(epoch_ms)
        .map_or(jiff::civil::date(1970, 1, 1), |t| t.to_zoned(jiff::tz::TimeZone::UTC).date());
    (date.year(), date.month().unsigned_abs(), date.day().unsigned_abs())
}

/// `2026-10-05`, in UTC.
#[must_use]
pub fn iso_date(epoch_ms: i64) -> String {
    let (year, month, day) = civil_date(epoch_ms);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `Mon, 05 Oct 2026 00:00:00 GMT`, as RSS and HTTP have it.
#[must_use]
pub fn rfc2822(epoch_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(epoch_ms)
        .map(|t| t.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_as_rfc_3339_in_utc_with_milliseconds() {
        assert_eq!(rfc3339(1_771_322_400_000), "2026-02-17T10:00:00.000Z");
        assert_eq!(rfc3339(1_771_322_400_007), "2026-02-17T10:00:00.007Z");
        assert_eq!(iso_date(1_771_322_400_000), "2026-02-17");
        assert_eq!(parse_rfc3339("2026-02-17T11:00:00.007+01:00"), Some(1_771_322_400_007));
        assert_eq!(parse_rfc3339("2026-02-17T10:00Z"), None);
        assert_eq!(parse_rfc3339("2026-02-17"), None);
        assert_eq!(civil_date(1_771_322_400_000), (2026, 2, 17));
        assert_eq!(rfc2822(1_771_322_400_000), "Tue, 17 Feb 2026 10:00:00 GMT");
    }
}
