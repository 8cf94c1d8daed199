//! The data key, sealing of secrets at rest, random tokens and digests.
//!
//! Everything secret that must be stored readable (vendor keys, JWT keys, TOTP seeds) is sealed
//! with one [`DataKey`], which lives outside the database and outside the backup bucket
//! (`key_file`); a person can write it down as its recovery text (`recovery`).
//! Sealing is XChaCha20-Poly1305 (<https://datatracker.ietf.org/doc/draft-irtf-cfrg-xchacha/>):
//! its 24-byte nonce is wide enough to be drawn at random for ever.
//!
//! Deliberately not here: password hashing (accounts), signatures, what is sealed and under which
//! context (the slices).

mod key_file;
mod recovery;
#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::platform::hex;

pub use key_file::{KeyError, KeyOrigin};
pub use recovery::RecoveryError;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// Poly1305's tag: the least that a sealed empty text holds beyond its nonce.
const TAG_BYTES: usize = 16;
const VERSION: &str = "v1";

/// The key that seals secrets at rest. Prints as its id.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey([u8; KEY_BYTES]);

/// Why a sealed text could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Not something [`DataKey::seal`] writes.
    #[error("this is not a sealed secret")]
    Malformed,
    /// Sealed by a newer program.
    #[error("this secret was sealed in a newer format; update manero")]
    UnknownVersion,
    /// Sealed under another data key: enter the secret again, or bring the old key back.
    #[error("this secret was sealed with data key {sealed_with}, but the data key here is {here}")]
    WrongKey { sealed_with: String, here: String },
    /// Changed since it was sealed, or moved here from another place.
    #[error("this sealed secret was changed or belongs elsewhere")]
    Tampered,
}

impl DataKey {
    /// A new random key.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: nothing safe can be done then.
    #[must_use]
    pub fn generate() -> Self {
        Self(random_bytes())
    }

    /// The first 4 bytes of the key's SHA-256 in hex: tells keys apart, says nothing about them.
    #[must_use]
    pub fn id(&self) -> String {
        hex::encode(&Sha256::digest(self.0)[..4])
    }

    /// Seals `plain` as `v1.<key id>.<base64url of nonce and ciphertext>`.
    ///
    /// `context` names the place it is stored at (for example `jwt_key/01J…`); a sealed text that
    /// is moved elsewhere does not open there.
    ///
    /// # Panics
    /// When the operating system has no randomness to give, or on texts of 256 GiB.
    #[must_use]
    pub fn seal(&self, context: &str, plain: &[u8]) -> String {
        let nonce: [u8; NONCE_BYTES] = random_bytes();
        let aad = associated_data(context);
        let ciphertext = self
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad: &aad })
            .expect("only a text beyond ChaCha20's counter cannot be sealed");
        let sealed = [nonce.as_slice(), &ciphertext].concat();
        format!("{VERSION}.{}.{}", self.id(), URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens what [`DataKey::seal`] wrote under the same key and context.
    pub fn open(&self, context: &str, sealed: &str) -> Result<Vec<u8>, OpenError> {
        let mut parts = sealed.split('.');
        let (Some(version), Some(key_id), Some(body), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(OpenError::Malformed);
        };
        if version != VERSION {
            let is_later =
                version.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok());
            return Err(if is_later { OpenError::UnknownVersion } else { OpenError::Malformed });
        }
        // Key ids are shown, so only what can be one is repeated.
        if key_id.len() != 8 || !key_id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(OpenError::Malformed);
        }
        if key_id != self.id() {
            return Err(OpenError::WrongKey { sealed_with: key_id.to_owned(), here: self.id() });
        }
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| OpenError::Malformed)?;
        if body.len() < NONCE_BYTES + TAG_BYTES {
            return Err(OpenError::Malformed);
        }
        let (nonce, ciphertext) = body.split_at(NONCE_BYTES);
        let aad = associated_data(context);
        self.cipher()
            .decrypt(XNonce::from_slice(nonce), Payload { msg: ciphertext, aad: &aad })
            .map_err(|_| OpenError::Tampered)
    }

    /// A digest of `bytes` that nobody can make or test without this key: 64 hex digits. `context` keeps apart what is
    /// hashed for different purposes.
    ///
    /// # Panics
    /// Never: HMAC takes a key of any length.
    #[must_use]
    pub fn keyed_hash(&self, context: &str, bytes: impl AsRef<[u8]>) -> String {
        let mac = |key: &[u8], message: &[u8]| {
            let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("a key of any length");
            mac.update(message);
            mac.finalize().into_bytes()
        };
        let key = mac(&self.0, format!("manero/{VERSION}/hash/{context}").as_bytes());
        hex::encode(&mac(&key, bytes.as_ref()))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.0).into())
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({})", self.id())
    }
}

/// A random text for links, cookies and API tokens: base64url of `n_bytes` (16 are not guessable).
///
/// # Panics
/// When the operating system has no randomness to give.
#[must_use]
pub fn random_token(n_bytes: usize) -> String {
    let mut bytes = vec![0; n_bytes];
    fill_random(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// SHA-256 as 64 lower-case hex digits: how tokens are stored.
#[must_use]
pub fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(&Sha256::digest(bytes))
}

/// The version is part of what is authenticated, so that a later format cannot be passed off as this one.
fn associated_data(context: &str) -> Vec<u8> {
    format!("manero/{VERSION}/{context}").into_bytes()
}

/// `N` bytes that nobody can guess.
///
/// # Panics
/// When the operating system has no randomness to give.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill_random(&mut bytes);
    bytes
}

fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system's random generator works");
}
