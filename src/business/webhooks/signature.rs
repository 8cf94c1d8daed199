//! Secrets and signatures of Standard Webhooks:
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.
//!
//! Signed is `<id>.<seconds>.<body>` with HMAC-SHA256. While two secrets count there are two signatures,
//! apart by a space.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::platform::crypto::{DataKey, random_bytes};
use crate::platform::secret::Secret;

const PREFIX: &str = "whsec_";
const BYTES: usize = 32;

/// A new secret: `whsec_` and 32 bytes as base64.
pub(super) fn new_secret() -> Secret<String> {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(random_bytes::<BYTES>())))
}

/// How the secrets of a webhook are stored.
pub(super) fn seal(key: &DataKey, webhook_id: &str, secret: &Secret<String>) -> String {
    key.seal(&context(webhook_id), secret.expose().as_bytes())
}

/// What [`seal`] wrote, if it was with this data key.
pub(super) fn open(key: &DataKey, webhook_id: &str, sealed: &str) -> Option<Secret<String>> {
    let plain = key.open(&context(webhook_id), sealed).ok()?;
    String::from_utf8(plain).ok().map(Secret::new)
}

fn context(webhook_id: &str) -> String {
    format!("webhook/{webhook_id}")
}

/// The value of `webhook-signature`, one signature for each secret; `None` when one of them is none.
pub(super) fn sign(
    secrets: &[Secret<String>],
    id: &str,
    seconds: i64,
    body: &[u8],
) -> Option<String> {
    let signed = secrets.iter().map(|secret| {
        let key = STANDARD.decode(secret.expose().strip_prefix(PREFIX)?).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    });
    Some(signed.collect::<Option<Vec<_>>>()?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn the_vector_that_the_libraries_of_the_standard_test_with_is_signed_alike() {
        let secret = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", br#"{"test": 2432232314}"#);
        let signature = sign(&[secret], id, 1_614_265_330, body);
        assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn each_secret_signs_and_what_is_none_does_not() {
        let (one, two) = (new_secret(), new_secret());
        assert_eq!(one.expose().len(), PREFIX.len() + 44);
        assert_ne!(one.expose(), two.expose());
        let both = sign(&[one.clone(), two.clone()], "a", 1, b"b").unwrap();
        let alone = [one, two].map(|secret| sign(&[secret], "a", 1, b"b").unwrap());
        assert_eq!(both, alone.join(" "));
        for none in ["", "whsec_?", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert_eq!(sign(&[secret(none)], "a", 1, b"b"), None, "{none}");
        }
    }

    #[test]
    fn a_sealed_secret_opens_for_its_webhook_alone() {
        let (key, secret) = (DataKey::generate(), new_secret());
        let sealed = seal(&key, "a", &secret);
        assert!(!sealed.contains(secret.expose()));
        let opened = open(&key, "a", &sealed).map(|opened| opened.expose().clone());
        assert_eq!(opened.as_ref(), Some(secret.expose()));
        assert!(
            open(&key, "b", &sealed).is_none()
                && open(&DataKey::generate(), "a", &sealed).is_none()
        );
    }
}
