//! How many leads came, when and from where: figures without persons.

use crate::platform::db::{Conn, Result};

crate::sql! {
    // Days of the site's zone: ?2 is how far it is ahead of UTC now, in milliseconds.
    BY_DAY = "SELECT day, CAST(count(*) AS BIGINT) FROM (SELECT (created_at + ?2) / 86400000 AS day FROM leads WHERE created_at >= ?1) d
              GROUP BY day ORDER BY day";
    // The pages on which people agreed to hear from us.
    SOURCES = "SELECT page, CAST(count(*) AS BIGINT) AS found FROM (SELECT page FROM consents WHERE created_at >= ?1) c
               GROUP BY page ORDER BY found DESC, page LIMIT ?2";
}

/// Leads of each day since `since_ms` that had any: the day as a number since 1970, and how many.
pub fn by_day(conn: &mut Conn<'_>, since_ms: i64, ahead_ms: i64) -> Result<Vec<(i64, i64)>> {
    conn.all(BY_DAY, &[&since_ms, &ahead_ms])
}

/// From where they came since `since_ms`: the page, and how many, the most first.
pub fn sources(conn: &mut Conn<'_>, since_ms: i64, at_most: i64) -> Result<Vec<(String, i64)>> {
    conn.all(SOURCES, &[&since_ms, &at_most])
}
