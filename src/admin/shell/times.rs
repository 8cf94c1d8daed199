//! Times as the dashboard shows them: how long ago, and exactly in the site's time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `now`, `5 min ago`, `in 3 h`, `2 days ago`, and after a month the day.
#[must_use]
pub fn relative(at_ms: i64, now_ms: i64, zone: &TimeZone) -> String {
    let (gap, past) = ((now_ms - at_ms).abs(), at_ms <= now_ms);
    let (count, unit) = match gap {
        gap if gap < MINUTE => return if past { "just now" } else { "in a moment" }.into(),
        gap if gap < HOUR => (gap / MINUTE, "min"),
        gap if gap < DAY => (gap / HOUR, "h"),
        gap if gap < 2 * DAY => (1, "day"),
        gap if gap < 31 * DAY => (gap / DAY, "days"),
        _ => return day(at_ms, zone),
    };
    if past { format!("{count} {unit} ago") } else { format!("in {count} {unit}") }
}

/// `5 Oct 2026`.
#[must_use]
pub fn day(at_ms: i64, zone: &TimeZone) -> String {
    written(at_ms, zone, "%-d %b %Y")
}

/// `5 Oct 2026, 14:05:09 CEST`.
#[must_use]
pub fn exact(at_ms: i64, zone: &TimeZone) -> String {
    written(at_ms, zone, "%-d %b %Y, %H:%M:%S %Z")
}

/// `2026-10-05T14:05`: what a field for date and time holds.
#[must_use]
pub fn for_input(at_ms: i64, zone: &TimeZone) -> String {
    written(at_ms, zone, "%Y-%m-%dT%H:%M")
}

/// The moment that a field for date and time names in `zone`; an hour that a clock change leaves out becomes the one
/// after it.
#[must_use]
pub fn of_input(text: &str, zone: &TimeZone) -> Option<i64> {
    let local: jiff::civil::DateTime = text.parse().ok()?;
    local.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp().as_millisecond())
}

fn written(at_ms: i64, zone: &TimeZone, form: &str) -> String {
    Timestamp::from_millisecond(at_ms)
        .map(|at| at.to_zoned(zone.clone()).strftime(form).to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_791_208_800_000; // 2026-10-05T14:00:00Z

    #[test]
    fn near_times_are_relative_and_far_ones_are_days() {
        let told = |gap: i64| relative(NOW - gap, NOW, &TimeZone::UTC);
        assert_eq!(told(0), "just now");
        assert_eq!(told(-5), "in a moment");
        assert_eq!(told(5 * MINUTE), "5 min ago");
        assert_eq!(told(-3 * HOUR), "in 3 h");
        assert_eq!(told(DAY), "1 day ago");
        assert_eq!(told(30 * DAY), "30 days ago");
        assert_eq!(told(31 * DAY), "4 Sep 2026");
    }

    #[test]
    fn times_of_fields_are_those_of_the_zone() {
        let zone = TimeZone::get("Europe/Lisbon").unwrap();
        assert_eq!(for_input(NOW, &zone), "2026-10-05T15:00");
        assert_eq!(of_input("2026-10-05T15:00", &zone), Some(NOW));
        assert_eq!(of_input("2026-10-05", &zone), Some(NOW - 15 * HOUR));
        assert_eq!(of_input("tomorrow", &zone), None);
        assert_eq!(exact(NOW, &zone), "5 Oct 2026, 15:00:00 WEST");
    }
}
