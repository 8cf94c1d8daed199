//! Access tokens: JSON Web Tokens signed with HS256, and no other algorithm.
//!
//! `jsonwebtoken` is built without a cryptographic backend; this file gives it the one there is, so
//! that a token that asks for RS256, ES256 or none finds nothing that could verify it. Times are
//! compared here and not in the library, against a clock that a test can stop.
//! <https://www.rfc-editor.org/rfc/rfc7519>, <https://www.rfc-editor.org/rfc/rfc8725>

use std::sync::Once;

use hmac::{Hmac, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, new_error};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Header, Validation, decode,
    decode_header, encode,
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use signature::{Signer, Verifier};

use crate::ops::rotation::keys::SigningKey;
use crate::platform::error::Error;

const ISSUER: &str = "manero";
const AUDIENCE: &str = "manero-api";
/// The clocks of two hosts may differ by this much.
const SKEW_S: i64 = 5;
/// Ours have some 400 characters; a longer one is not looked at.
const MAX_CHARS: usize = 2048;

/// What a token says. Times in seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The person's id.
    pub sub: String,
    /// The session's id.
    pub sid: String,
    /// For the client to read; what counts is the role in the database.
    pub role: String,
    /// The person's session epoch when it was signed.
    pub epoch: i64,
    pub iat: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    pub exp: i64,
}

impl Claims {
    /// Those of a token that is valid for `valid_s` from `now_ms`.
    #[must_use]
    pub fn new(
        user: &str,
        session: &str,
        role: &str,
        epoch: i64,
        now_ms: i64,
        valid_s: i64,
    ) -> Self {
        let iat = now_ms.div_euclid(1000);
        Self {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: user.into(),
            sid: session.into(),
            role: role.into(),
            epoch,
            iat,
            nbf: None,
            exp: iat + valid_s,
        }
    }
}

/// Signs `claims`.
///
/// # Errors
/// Only when the library is broken.
pub fn sign(claims: &Claims, key: &SigningKey) -> Result<String, Error> {
    install();
    let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) };
    encode(&header, claims, &EncodingKey::from_secret(key.secret.expose()))
        .map_err(|error| Error::Internal(format!("signing a token: {error}")))
}

/// The id of the key that `token` says it was signed with. Nothing has been verified yet.
#[must_use]
pub fn key_id(token: &str) -> Option<String> {
    if token.len() > MAX_CHARS {
        return None;
    }
    let header = decode_header(token).ok()?;
    let named = header.kid.filter(|kid| !kid.is_empty() && kid.len() <= 64)?;
    (header.alg == Algorithm::HS256 && header.crit.is_none()).then_some(named)
}

/// What `token` says, if `key` signed it for us and it counts at `now_ms`.
#[must_use]
pub fn verify(token: &str, key: &SigningKey, now_ms: i64) -> Option<Claims> {
    install();
    if key_id(token)? != key.id {
        return None;
    }
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    rules.validate_exp = false;
    rules.validate_nbf = false;
    let key = DecodingKey::from_secret(key.secret.expose());
    let claims = decode::<Claims>(token, &key, &rules).ok()?.claims;
    let now = now_ms.div_euclid(1000);
    let begun = claims.iat <= now + SKEW_S && claims.nbf.is_none_or(|nbf| nbf <= now + SKEW_S);
    (begun && now < claims.exp).then_some(claims)
}

struct HmacSha256(Hmac<Sha256>);

impl HmacSha256 {
    fn new(
        secret: &[u8],
        family: AlgorithmFamily,
        asked: Algorithm,
    ) -> Result<Self, jsonwebtoken::errors::Error> {
        if asked != Algorithm::HS256 || family != AlgorithmFamily::Hmac {
            return Err(new_error(ErrorKind::InvalidAlgorithm));
        }
        let mac = Hmac::new_from_slice(secret);
        mac.map(Self).map_err(|_| new_error(ErrorKind::InvalidKeyFormat))
    }
}

impl Signer<Vec<u8>> for HmacSha256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let mut mac = self.0.clone();
        mac.update(message);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

impl JwtSigner for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for HmacSha256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let mut mac = self.0.clone();
        mac.update(message);
        // In constant time.
        mac.verify_slice(signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

static ONLY_HS256: CryptoProvider = CryptoProvider {
    signer_factory: |asked, key| {
        Ok(Box::new(HmacSha256::new(key.as_bytes(), key.family(), *asked)?))
    },
    verifier_factory: |asked, key| {
        Ok(Box::new(HmacSha256::new(key.try_get_as_bytes()?, key.family(), *asked)?))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// The library keeps its provider for the life of the process.
fn install() {
    static ONCE: Once = Once::new();
    // Nobody else here installs one.
    ONCE.call_once(|| {
        let _ = ONLY_HS256.install_default();
    });
}
