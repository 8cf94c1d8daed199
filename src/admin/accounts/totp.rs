//! The second factor: codes of 30 seconds (RFC 6238), and recovery codes for the day the telephone
//! is lost.

use totp_rs::{Algorithm, TOTP};

use crate::platform::crypto::{random_bytes, sha256_hex};
use crate::platform::secret::constant_time_eq;

const STEP_S: i64 = 30;
const DIGITS: usize = 6;
/// RFC 4226, section 4, asks for 160 bits.
const SECRET_BYTES: usize = 20;
/// A code also counts one step early or late.
const SKEW: i64 = 1;
const RECOVERY_CODES: usize = 10;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret: 20 random bytes.
#[must_use]
pub fn new_secret() -> Vec<u8> {
    random_bytes::<SECRET_BYTES>().to_vec()
}

/// The secret as an authenticator app takes it.
#[must_use]
pub fn base32(secret: &[u8]) -> String {
    let (mut bits, mut held, mut text) = (0_u32, 0_u32, String::new());
    for byte in secret {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(BASE32[(bits >> held & 31) as usize]));
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        text.push(char::from(BASE32[(bits << (5 - held) & 31) as usize]));
    }
    text
}

/// `otpauth://totp/…`, which a QR code holds.
#[must_use]
pub fn url(secret: &[u8], site: &str, email: &str) -> String {
    let escape = |text: &str| {
        url::form_urlencoded::byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    let (site, email) = (escape(site), escape(email));
    format!("otpauth://totp/{site}:{email}?secret={}&issuer={site}", base32(secret))
}

/// The step that `code` belongs to, if it is one of those around `now_ms`.
#[must_use]
pub fn step_of(secret: &[u8], code: &str, now_ms: i64) -> Option<i64> {
    let totp = TOTP::new(Algorithm::SHA1, DIGITS, 0, STEP_S as u64, secret.to_vec()).ok()?;
    let now = now_ms.div_euclid(1000).div_euclid(STEP_S);
    let mut found = None;
    for step in now - SKEW..=now + SKEW {
        let Ok(begins) = u64::try_from(step * STEP_S) else { continue };
        let right = totp.generate(begins);
        if constant_time_eq(right.as_bytes(), code.as_bytes()) {
            found = Some(step);
        }
    }
    found
}

/// Whether `text` is meant as a code of an app and not as a recovery code.
#[must_use]
pub fn is_code(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Ten new recovery codes such as `k3m9x-q7w2p`.
#[must_use]
pub fn new_recovery_codes() -> Vec<String> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let one = || {
        // 256 is a multiple of 32: every letter is as likely as every other.
        let code = random_bytes::<10>().map(|byte| char::from(LETTERS[usize::from(byte & 31)]));
        let code = String::from_iter(code);
        format!("{}-{}", &code[..5], &code[5..])
    };
    (0..RECOVERY_CODES).map(|_| one()).collect()
}

/// How a recovery code is stored: 50 random bits, tried at most as often as the throttle lets pass.
#[must_use]
pub fn recovery_hash(user_id: &str, code: &str) -> String {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    sha256_hex(format!("manero/recovery/{user_id}/{plain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B.
    const RFC_SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard_and_count_one_step_early_or_late() {
        // At 59 s the standard's eight digits are 94287082.
        assert_eq!(step_of(RFC_SECRET, "287082", 59_000), Some(1));
        assert_eq!(step_of(RFC_SECRET, "287082", 89_999), Some(1));
        assert_eq!(step_of(RFC_SECRET, "287082", 30_000), Some(1));
        assert_eq!(step_of(RFC_SECRET, "287082", 29_999), Some(1));
        assert_eq!(step_of(RFC_SECRET, "287082", 90_000), None);
        assert_eq!(step_of(RFC_SECRET, "287083", 59_000), None);
        assert_eq!(step_of(RFC_SECRET, "", 59_000), None);
    }

    #[test]
    fn secrets_are_written_as_apps_read_them() {
        assert_eq!(base32(RFC_SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(b"f"), "MY");
        assert_eq!(
            url(b"f", "Ana & Co", "ana@example.com"),
            "otpauth://totp/Ana%20%26%20Co:ana%40example.com?secret=MY&issuer=Ana%20%26%20Co"
        );
    }

    #[test]
    fn recovery_codes_differ_and_are_read_however_they_are_typed() {
        let codes = new_recovery_codes();
        assert_eq!(codes.len(), 10);
        assert!(codes.iter().all(|code| code.len() == 11 && !is_code(code)), "{codes:?}");
        let mut sorted = codes.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), 10);
        let typed = codes[0].to_uppercase().replace('-', " ");
        assert_eq!(recovery_hash("u", &codes[0]), recovery_hash("u", &typed));
        assert_ne!(recovery_hash("u", &codes[0]), recovery_hash("v", &codes[0]));
    }
}
