//! Identifiers: UUIDv7 as text, so that they sort by creation time on both engines.

use uuid::Uuid;

/// A new identifier, 36 characters of lower-case hexadecimal and dashes.
#[must_use]
pub fn new_id() -> String {
    Uuid::now_v7().hyphenated().to_string()
}
