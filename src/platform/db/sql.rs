//! Named statements: one text for both engines.
//!
//! Placeholders are `?1`, `?2`, … and nothing else in a statement contains a question mark. On
//! Postgres the text is rewritten to `$1` once per statement and connection. A statement that
//! cannot be said portably has two visible texts; an invariants test counts those.

/// A statement. Identity is the address of its text, which is what the statement caches key on.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    pub(crate) sqlite: &'static str,
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    pub(crate) postgres: &'static str,
}

impl Sql {
    #[must_use]
    pub const fn portable(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }

    #[must_use]
    pub const fn variants(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }

    /// The text as the log and the slow-query table show it: no values, single spaces.
    #[must_use]
    pub fn for_people(&self) -> String {
        self.sqlite.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Defines statements as constants and lists them in `QUERIES`, so that a test prepares every one
/// on every engine.
///
/// ```text
/// sql! {
///     BY_ID = "SELECT name FROM leads WHERE id = ?1";
///     SEARCH = { sqlite: "… MATCH ?1", postgres: "… @@ to_tsquery(?1)" };
/// }
/// ```
#[macro_export]
macro_rules! sql {
    (@one { sqlite: $s:literal, postgres: $p:literal }) => { $crate::platform::db::Sql::variants($s, $p) };
    (@one $text:literal) => { $crate::platform::db::Sql::portable($text) };
    ($($name:ident = $text:tt;)+) => {
        $(const $name: $crate::platform::db::Sql = $crate::sql!(@one $text);)+
        /// Every statement of this file, for the test that prepares them on both engines.
        #[allow(unreachable_pub, reason = "private modules hand theirs on")]
        pub const QUERIES: &[(&str, $crate::platform::db::Sql)] = &[$((stringify!($name), $name)),+];
    };
}
