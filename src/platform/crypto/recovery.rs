//! The data key on paper: 14 groups of 4 characters of Crockford's base32
//! (<https://www.crockford.com/base32.html>), which has no I, L, O or U to be misread.
//!
//! The 32 bytes of the key and 3 bytes of checksum make exactly 56 characters.

use sha2::{Digest, Sha256};

use super::{DataKey, KEY_BYTES};
use crate::platform::secret::Secret;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECKSUM_BYTES: usize = 3;
const PAPER_BYTES: usize = KEY_BYTES + CHECKSUM_BYTES;
const GROUP_CHARS: usize = 4;
/// Characters without dashes: 5 bits each.
pub(super) const PAPER_CHARS: usize = PAPER_BYTES * 8 / 5;

/// What is wrong with a recovery text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryError {
    #[error(
        "the recovery key has {found} characters; it should have {PAPER_CHARS} in 14 groups of 4"
    )]
    Length { found: usize },
    /// Groups count from 1, as a person does.
    #[error("group {group} of the recovery key has a character that is never used")]
    Character { group: usize },
    #[error("the recovery key does not add up; compare each group with what you wrote down")]
    Checksum,
}

impl DataKey {
    /// `XXXX-XXXX-…`, to be shown once and written down.
    #[must_use]
    pub fn recovery_text(&self) -> Secret<String> {
        let mut paper = [0; PAPER_BYTES];
        paper[..KEY_BYTES].copy_from_slice(&self.0);
        paper[KEY_BYTES..].copy_from_slice(&checksum(&self.0));
        let mut text = String::with_capacity(PAPER_CHARS + PAPER_CHARS / GROUP_CHARS);
        for (index, value) in (0..PAPER_CHARS).map(|index| (index, five_bits(&paper, index))) {
            if index > 0 && index % GROUP_CHARS == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(value)]));
        }
        Secret::new(text)
    }

    /// Reads a recovery text in any case, with any dashes and spaces, and with O, I and L for 0, 1 and 1.
    pub fn from_recovery_text(text: &str) -> Result<Self, RecoveryError> {
        let characters: Vec<char> =
            text.chars().filter(|c| *c != '-' && !c.is_whitespace()).collect();
        if characters.len() != PAPER_CHARS {
            return Err(RecoveryError::Length { found: characters.len() });
        }
        let mut paper = [0; PAPER_BYTES];
        for (index, character) in characters.into_iter().enumerate() {
            let value = value_of(character)
                .ok_or(RecoveryError::Character { group: index / GROUP_CHARS + 1 })?;
            let (byte, shift) = (index * 5 / 8, index * 5 % 8);
            let spread = (u16::from(value) << 11) >> shift;
            paper[byte] |= (spread >> 8) as u8;
            if let Some(next) = paper.get_mut(byte + 1) {
                *next |= (spread & 0xff) as u8;
            }
        }
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(&paper[..KEY_BYTES]);
        if paper[KEY_BYTES..] != checksum(&key) {
            return Err(RecoveryError::Checksum);
        }
        Ok(Self(key))
    }
}

fn five_bits(bytes: &[u8; PAPER_BYTES], index: usize) -> u8 {
    let (byte, shift) = (index * 5 / 8, index * 5 % 8);
    let next = bytes.get(byte + 1).copied().unwrap_or(0);
    let window = u16::from(bytes[byte]) << 8 | u16::from(next);
    ((window << shift) >> 11) as u8
}

fn value_of(character: char) -> Option<u8> {
    let character = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|known| char::from(*known) == character).map(|position| position as u8)
}

fn checksum(key: &[u8; KEY_BYTES]) -> [u8; CHECKSUM_BYTES] {
    let digest = Sha256::new().chain_update(b"manero recovery key").chain_update(key).finalize();
    [digest[0], digest[1], digest[2]]
}
