//! What a redirect is.

use crate::platform::http::paging::TimeOrder;

/// An address that has moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    pub id: String,
    /// A path with the language in front.
    pub from: String,
    /// A path of this site, or an address that begins with `https://`.
    pub to: String,
    /// Epoch milliseconds.
    pub created_at: i64,
}

/// From where to where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub from: String,
    pub to: String,
}

/// Which redirects somebody asks for; an empty text asks for all.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub from: String,
    pub to: String,
    /// What either address has in it; empty for any.
    pub words: String,
    pub order: TimeOrder,
    /// Where the page begins.
    pub after: String,
}
