//! How many leads came, when and from where: figures without persons.

use crate::platform::db::{Conn, Result};

crate::sql! {
    OF_DAY = "SELECT CAST(count(*) AS BIGINT) FROM leads WHERE created_at >= ?1 AND created_at < ?2";
    // The pages on which people agreed to hear from us.
    SOURCES = "SELECT page, CAST(count(*) AS BIGINT) AS found FROM (SELECT page FROM consents WHERE created_at >= ?1) c
               GROUP BY page ORDER BY found DESC, page LIMIT ?2";
}

const DAY_MS: i64 = 86_400_000;

/// How many leads came on each of the days `from` to `to`, which belongs to them: numbers since 1970, of a zone that is
/// `ahead_ms` ahead of UTC. One count for each: grouped by day, all of them would be sorted.
pub fn by_day(conn: &mut Conn<'_>, from: i64, to: i64, ahead_ms: i64) -> Result<Vec<(i64, i64)>> {
    let count = |day: i64| -> Result<(i64, i64)> {
        let start = day * DAY_MS - ahead_ms;
        Ok((day, conn.one::<(i64,)>(OF_DAY, &[&start, &(start + DAY_MS)])?.0))
    };
    (from..=to).map(count).collect()
}

/// From where they came since `since_ms`: the page, and how many, the most first.
pub fn sources(conn: &mut Conn<'_>, since_ms: i64, at_most: i64) -> Result<Vec<(String, i64)>> {
    conn.all(SOURCES, &[&since_ms, &at_most])
}
