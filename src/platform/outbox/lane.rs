//! Lanes: work that keeps out of other work's way. A lane has threads, a pace and a patience of its
//! own, so that one slow target holds up nothing but its like.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Which kinds of work are done together, by how many, how fast, and for how long.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Its threads are `<name>-1`, `<name>-2`, …
    pub name: &'static str,
    /// [`super::Work::KIND`] of what it does. Work of a kind that is in no lane is left for a program
    /// that knows it.
    pub kinds: Vec<&'static str>,
    pub threads: usize,
    /// Pieces begun in a second, by all threads together; 0 means no limit.
    pub per_second: u32,
    /// Rows that a thread claims at once; all of them must be done well within the lease.
    pub at_once: i64,
    pub patience: Patience,
}

/// How often, and for how long, work that fails is tried again.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Before the second try; before each later one twice as long, ± 20 %.
    pub first_wait: Duration,
    pub longest_wait: Duration,
    pub end: End,
}

/// When work that fails is given up.
#[derive(Debug, Clone, Copy)]
pub enum End {
    /// With this try.
    Tries(i64),
    /// So long after it was queued; the last try is at that very time.
    Age(Duration),
}

impl Patience {
    /// When work is tried again that was queued at `queued_at` and failed now for the `tries`th time (all in
    /// epoch milliseconds). Never before the other side wants it, unless its time ends sooner.
    /// `None`: it is given up.
    pub(super) fn again(
        &self,
        tries: i64,
        queued_at: i64,
        now: i64,
        asked: Option<Duration>,
    ) -> Option<i64> {
        let asked = asked.map_or(0, ms);
        let at = now.saturating_add(self.wait_ms(tries).max(asked));
        match self.end {
            End::Tries(most) => (tries < most).then_some(at),
            End::Age(age) => {
                let end = queued_at.saturating_add(ms(age));
                (now < end).then_some(at.min(end))
            }
        }
    }

    fn wait_ms(&self, tries: i64) -> i64 {
        let doublings = u32::try_from(tries - 1).unwrap_or(0).min(20);
        let wait = ms(self.first_wait).saturating_mul(1 << doublings).min(ms(self.longest_wait));
        let mut random = [0_u8; 1];
        // Without randomness the wait is merely less spread.
        let _ = getrandom::fill(&mut random);
        wait + wait / 5 * (i64::from(random[0]) - 128) / 128
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Spreads work evenly, so that a flood of it neither exceeds a provider's rate nor takes the
/// processor from visitors.
pub(super) struct Pace {
    every: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// At most `per_second` turns a second; 0 means no limit.
    pub(super) fn new(per_second: u32) -> Self {
        let every = Duration::from_secs(1).checked_div(per_second).unwrap_or_default();
        Self { every, next: Mutex::new(None) }
    }

    /// How long to wait before the turn that this call takes.
    pub(super) fn turn(&self) -> Duration {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next.map_or(now, |at| at.max(now));
        *next = Some(at + self.every);
        at - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWELVE: Patience = Patience {
        first_wait: Duration::from_secs(30),
        longest_wait: Duration::from_hours(12),
        end: End::Tries(12),
    };
    const A_DAY: Patience =
        Patience { longest_wait: Duration::MAX, end: End::Age(Duration::from_hours(24)), ..TWELVE };
    const DAY: i64 = 86_400_000;

    #[test]
    fn waits_double_within_a_fifth_and_stop_growing_at_the_longest() {
        for tries in 1..12 {
            let plain = (30_000 << (tries - 1)).min(12 * 3_600_000);
            for _ in 0..50 {
                let wait = TWELVE.again(tries, 0, 0, None).unwrap();
                assert!((plain * 4 / 5..=plain * 6 / 5).contains(&wait), "{tries}: {wait}");
            }
        }
        assert_eq!(TWELVE.again(12, 0, 0, None), None);
    }

    #[test]
    fn the_other_side_is_given_the_time_it_asks_for() {
        let hours = Duration::from_hours;
        assert_eq!(TWELVE.again(1, 0, 5, Some(hours(2))), Some(7_200_005));
        assert!(TWELVE.again(8, 0, 0, Some(Duration::from_secs(1))).unwrap() > 60_000);
        assert_eq!(A_DAY.again(1, 0, 0, Some(hours(23))), Some(DAY - 3_600_000));
        assert_eq!(A_DAY.again(1, 0, 0, Some(hours(25))), Some(DAY), "but not beyond the end");
        assert_eq!(A_DAY.again(1, 0, 0, Some(Duration::MAX)), Some(DAY));
    }

    #[test]
    fn what_ends_by_its_age_is_tried_over_exactly_that_time() {
        for _ in 0..200 {
            let (mut now, mut tries) = (1_000, vec![1_000]);
            while let Some(at) = A_DAY.again(tries.len() as i64, 1_000, now, None) {
                assert!(at > now, "{tries:?}");
                now = at;
                tries.push(now);
            }
            assert_eq!(now, 1_000 + DAY, "the last try is a day after the first");
            assert!((12..=14).contains(&tries.len()), "{tries:?}");
            assert!((24_000..=36_000).contains(&(tries[1] - tries[0])), "{tries:?}");
        }
        assert_eq!(A_DAY.again(1, 0, 2 * DAY, None), None, "nobody was there at its end");
    }

    #[test]
    fn turns_are_spread_evenly() {
        let pace = Pace::new(20);
        assert_eq!(pace.turn(), Duration::ZERO);
        assert!(pace.turn() > Duration::from_millis(40));
        assert!(Pace::new(0).turn().is_zero());
    }
}
