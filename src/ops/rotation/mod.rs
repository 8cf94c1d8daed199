//! Keys and their state. So far: whether the data key is the one this database was sealed with.

pub mod store;

use crate::platform::crypto::DataKey;
use crate::platform::db::{self, Conn, Tx};

const CONTEXT: &str = "fact/data-key-sentinel";
const PLAIN: &[u8] = b"manero";

/// How the data key stands to the secrets in the database.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyFit {
    /// Nothing has been sealed yet.
    Unused,
    Fits,
    /// The database came from elsewhere: its secrets must be entered again.
    Foreign,
}

/// Tries the key on the sealed sentinel.
pub fn fit(conn: &mut Conn<'_>, key: &DataKey) -> db::Result<KeyFit> {
    Ok(match store::sentinel(conn)? {
        None => KeyFit::Unused,
        Some(sealed) => match key.open(CONTEXT, &sealed) {
            Ok(plain) if plain == PLAIN => KeyFit::Fits,
            Ok(_) | Err(_) => KeyFit::Foreign,
        },
    })
}

/// Leaves a sentinel sealed with `key`, replacing one that no key here can open.
pub fn leave_sentinel(tx: &mut Tx<'_>, key: &DataKey) -> db::Result<()> {
    store::set_sentinel(tx, &key.seal(CONTEXT, PLAIN))
}
