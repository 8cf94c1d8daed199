//! Cursors over lists that are ordered by id: the id of the last row seen, without its dashes, so
//! that the pattern in the API's description says exactly what is accepted.

use crate::platform::error::{Error, Fault};
use crate::platform::id;

/// Sorts before every id, for lists that go up.
pub const FIRST: &str = "";
/// Sorts after every id, for lists that go down.
pub const LAST: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/// The id that `cursor` stands for.
///
/// # Errors
/// It is not one that [`page`] gave out.
pub fn decode(cursor: &str) -> Result<String, Error> {
    let is_plain = cursor.len() == 32 && !cursor.bytes().any(|b| b.is_ascii_uppercase());
    id::parse(cursor).filter(|_| is_plain).ok_or_else(|| {
        let message = "cursor must be the `next` of an earlier page";
        Error::Invalid(vec![Fault::of("cursor", "invalid", message)])
    })
}

/// Cuts `found`, of which one more than `limit` was asked for, to a page; with the cursor of the
/// next one if there is more.
pub fn page<T>(mut found: Vec<T>, limit: i64, id: impl Fn(&T) -> &str) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| id(last).replace('-', ""));
    (found, next)
}
