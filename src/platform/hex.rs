//! Bytes as lower-case hexadecimal digits, and back.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Two digits for each byte.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

/// The bytes that `digits` are for; `None` for an odd number of digits, and for everything that [`encode`] does not
/// write, capitals among it.
#[must_use]
pub fn decode(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|&[high, low]| Some(value(high)? << 4 | value(low)?)).collect();
    if rest.is_empty() { bytes } else { None }
}

/// The number that `digits` are for: one or more of them, as small as an `i64` that is not negative.
#[must_use]
pub fn number(digits: &str) -> Option<i64> {
    let all = digits.bytes().map(value).collect::<Option<Vec<u8>>>()?;
    let push = |number: i64, digit| number.checked_mul(16)?.checked_add(i64::from(digit));
    if all.is_empty() { None } else { all.into_iter().try_fold(0, push) }
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_their_digits() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Some(all));
        assert_eq!(encode(&[0, 10, 255]), "000aff");
    }

    #[test]
    fn nothing_else_is_taken_for_digits() {
        for odd in ["0", "0g", "0A", " 0", "+1", "é"] {
            assert_eq!(decode(odd), None, "{odd}");
        }
        for odd in ["", "-1", "+1", "A", "8000000000000000"] {
            assert_eq!(number(odd), None, "{odd}");
        }
        assert_eq!(number("7fffffffffffffff"), Some(i64::MAX));
    }
}
