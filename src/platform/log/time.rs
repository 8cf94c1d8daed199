//! Epoch milliseconds as RFC 3339 in UTC, straight into a buffer: the access log does this for
//! every request. Reading the clock is `platform::clock`.

const MS_PER_DAY: i64 = 86_400_000;

/// Appends `2026-11-22T14:05:09.123Z`; years 0 to 9999.
pub(super) fn push_rfc3339(out: &mut Vec<u8>, epoch_ms: i64) {
    let (year, month, day) = civil(epoch_ms.div_euclid(MS_PER_DAY));
    let ms = epoch_ms.rem_euclid(MS_PER_DAY);
    let (seconds, millis) = (ms / 1_000, ms % 1_000);
    push_digits(out, year, 4);
    out.push(b'-');
    push_digits(out, month, 2);
    out.push(b'-');
    push_digits(out, day, 2);
    out.push(b'T');
    push_digits(out, seconds / 3_600, 2);
    out.push(b':');
    push_digits(out, seconds / 60 % 60, 2);
    out.push(b':');
    push_digits(out, seconds % 60, 2);
    out.push(b'.');
    push_digits(out, millis, 3);
    out.push(b'Z');
}

/// Year, month and day of the day that is `days` after 1970-01-01, in eras of 400 years
/// (<https://howardhinnant.github.io/date_algorithms.html#civil_from_days>).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months count from March, so that the leap day is the last of the year.
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn push_digits(out: &mut Vec<u8>, number: i64, width: u32) {
    for place in (0..width).rev() {
        out.push(b'0' + (number / 10_i64.pow(place)).rem_euclid(10) as u8);
    }
}

/// Appends `number` in decimal, without the machinery of `write!`.
pub(super) fn push_number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(epoch_ms: i64) -> String {
        let mut out = Vec::new();
        push_rfc3339(&mut out, epoch_ms);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times_agree_with_the_calendar() {
        assert_eq!(text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(text(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(text(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(text(1_771_322_400_007), "2026-02-17T10:00:00.007Z");
        assert_eq!(text(4_107_542_399_999), "2100-02-28T23:59:59.999Z");
        assert_eq!(text(4_107_542_400_000), "2100-03-01T00:00:00.000Z");
    }

    #[test]
    fn numbers_are_written_in_full() {
        for number in [0, 7, 10, 200, u64::MAX] {
            let mut out = Vec::new();
            push_number(&mut out, number);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }
}
