//! Bars for days, drawn on the server.

use crate::platform::lang::Lang;
use crate::platform::lang::format::date;

const WIDTH: i64 = 600;
const HEIGHT: i64 = 102;

/// A bar of the chart.
pub struct Bar {
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
    /// `5 October 2026: 12`.
    pub title: String,
}

/// One bar for each day.
pub struct Chart {
    pub bars: Vec<Bar>,
    pub first: String,
    pub last: String,
    /// The whole in one sentence.
    pub told: String,
}

impl Chart {
    /// `days`: when each began (epoch milliseconds, as if its zone were UTC), and how many it had.
    #[must_use]
    pub fn of(days: &[(i64, i64)]) -> Self {
        let most = days.iter().map(|(_, count)| *count).max().unwrap_or(0);
        let step = WIDTH / i64::try_from(days.len().max(1)).unwrap_or(1);
        let day = |at: i64| date(Lang::En, at);
        let bar = |(at, (begun, count)): (usize, &(i64, i64))| {
            // A day with one in a month with thousands is still seen.
            let height = if *count == 0 { 0 } else { (HEIGHT * count / most.max(1)).max(2) };
            Bar {
                x: i64::try_from(at).unwrap_or(0) * step,
                y: HEIGHT - height,
                width: (step - 3).max(1),
                height,
                title: format!("{}: {count}", day(*begun)),
            }
        };
        let ends = (days.first().map(|d| day(d.0)), days.last().map(|d| day(d.0)));
        let (first, last) = (ends.0.unwrap_or_default(), ends.1.unwrap_or_default());
        let sum: i64 = days.iter().map(|(_, count)| count).sum();
        Self {
            bars: days.iter().enumerate().map(bar).collect(),
            told: format!("{sum} from {first} to {last}; {most} on the best day"),
            first,
            last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_days_were_good() {
        let chart = Chart::of(&[(0, 0), (86_400_000, 1), (172_800_000, 50)]);
        let heights: Vec<i64> = chart.bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [0, 2, 102]);
        assert_eq!(chart.told, "51 from 1 January 1970 to 3 January 1970; 50 on the best day");
        assert!(Chart::of(&[]).bars.is_empty());
    }
}
