//! The calendar of keys: how long one lives, when the next is due, when an old one stops counting.

use serde::Serialize;

const DAY_MS: i64 = 86_400_000;
/// How long a replaced key still verifies what it signed.
pub const OVERLAP_MS: i64 = DAY_MS;
/// A reminder begins this long before a key is due.
const REMIND_MS: i64 = 7 * DAY_MS;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Signs the API's access tokens. Ours: replaced by `manero keys rotate jwt`.
    Jwt,
    /// Opens a vendor's door. Theirs: made anew at the vendor.
    Integration,
}

impl Purpose {
    /// How long a key of this purpose is meant to be used.
    #[must_use]
    pub fn lifetime_ms(self) -> i64 {
        match self {
            Self::Jwt => 30 * DAY_MS,
            Self::Integration => 90 * DAY_MS,
        }
    }
}

/// What a key may still do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Signs and verifies.
    Active,
    /// Only verifies what it once signed.
    Retiring,
    Retired,
}

impl State {
    /// The state at `now_ms` of a key that verifies until `retired_at`.
    #[must_use]
    pub fn of(retired_at: Option<i64>, now_ms: i64) -> Self {
        match retired_at {
            None => Self::Active,
            Some(until) if now_ms < until => Self::Retiring,
            Some(_) => Self::Retired,
        }
    }
}

/// One line of the calendar. All times are epoch milliseconds.
#[derive(Debug, Clone)]
pub struct Entry {
    pub purpose: Purpose,
    /// A signing key's `kid`, or the name of the setting that holds a vendor's key.
    pub id: String,
    pub created_at: i64,
    pub retired_at: Option<i64>,
}

impl Entry {
    /// When it should be replaced; nothing for one that already was.
    #[must_use]
    pub fn due_at(&self) -> Option<i64> {
        self.retired_at.is_none().then(|| self.created_at + self.purpose.lifetime_ms())
    }

    /// Whether it is time to speak of it.
    #[must_use]
    pub fn is_due_soon(&self, now_ms: i64) -> bool {
        self.due_at().is_some_and(|due| now_ms >= due - REMIND_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_verifies_to_the_last_millisecond_of_its_day_and_not_one_longer() {
        let replaced_at = 1_000;
        let until = Some(replaced_at + OVERLAP_MS);
        assert_eq!(State::of(None, i64::MAX), State::Active);
        assert_eq!(State::of(until, replaced_at + 86_399_999), State::Retiring);
        assert_eq!(State::of(until, replaced_at + 86_400_000), State::Retired);
    }

    #[test]
    fn the_reminder_begins_seven_days_ahead() {
        let key = |purpose| Entry { purpose, id: "k".into(), created_at: 0, retired_at: None };
        for (purpose, days) in [(Purpose::Jwt, 30), (Purpose::Integration, 90)] {
            assert_eq!(key(purpose).due_at(), Some(days * DAY_MS));
            assert!(!key(purpose).is_due_soon((days - 7) * DAY_MS - 1));
            assert!(key(purpose).is_due_soon((days - 7) * DAY_MS));
        }
        let replaced = Entry { retired_at: Some(1), ..key(Purpose::Jwt) };
        assert_eq!((replaced.due_at(), replaced.is_due_soon(i64::MAX)), (None, false));
    }
}
