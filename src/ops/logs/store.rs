//! The tables of the telemetry database.

use super::model::{Missed, MissingPage, SlowQuery, Slowest};
use crate::platform::db::{Conn, FromRow, Result, Row, SlowCount};

crate::sql! {
    ADD_SLOW = "INSERT INTO slow_queries (day, statement, times, worst_ms) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (day, statement) DO UPDATE SET times = slow_queries.times + excluded.times,
                    worst_ms = CASE WHEN excluded.worst_ms > slow_queries.worst_ms THEN excluded.worst_ms ELSE slow_queries.worst_ms END";
    // At most a thousand paths a day: a scanner invents them without end, and the disk is shared.
    ADD_MISSING = "INSERT INTO missing_pages (day, path, times)
                   SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS BIGINT)
                   WHERE (SELECT count(*) FROM missing_pages WHERE day = ?1) < 1000
                      OR EXISTS (SELECT 1 FROM missing_pages WHERE day = ?1 AND path = ?2)
                   ON CONFLICT (day, path) DO UPDATE SET times = missing_pages.times + excluded.times";
    SLOW = "SELECT day, statement, times, worst_ms FROM slow_queries ORDER BY day DESC, worst_ms DESC LIMIT ?1";
    // Since a day.
    WORST = "SELECT statement, CAST(sum(times) AS BIGINT), max(worst_ms), max(day) FROM slow_queries WHERE day >= ?1
             GROUP BY statement ORDER BY max(worst_ms) DESC, statement LIMIT ?2";
    OFTENEST = "SELECT statement, CAST(sum(times) AS BIGINT), max(worst_ms), max(day) FROM slow_queries WHERE day >= ?1
                GROUP BY statement ORDER BY sum(times) DESC, statement LIMIT ?2";
    MISSING = "SELECT day, path, times FROM missing_pages ORDER BY day DESC, times DESC LIMIT ?1";
    MISSING_SINCE = "SELECT path, CAST(sum(times) AS BIGINT), max(day), min(day) FROM missing_pages WHERE day >= ?1
                     GROUP BY path ORDER BY 2 DESC, path LIMIT ?2";
    PRUNE_SLOW = "DELETE FROM slow_queries WHERE day < ?1";
    PRUNE_MISSING = "DELETE FROM missing_pages WHERE day < ?1";
}

impl FromRow for SlowQuery {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            day: row.get(0)?,
            statement: row.get(1)?,
            times: row.get(2)?,
            worst_ms: row.get(3)?,
        })
    }
}

impl FromRow for Slowest {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            statement: row.get(0)?,
            times: row.get(1)?,
            worst_ms: row.get(2)?,
            last_day: row.get(3)?,
        })
    }
}

impl FromRow for MissingPage {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { day: row.get(0)?, path: row.get(1)?, times: row.get(2)? })
    }
}

pub(super) fn add_slow(
    conn: &mut Conn<'_>,
    day: &str,
    statement: &str,
    count: SlowCount,
) -> Result<()> {
    conn.exec(ADD_SLOW, &[&day, &statement, &count.times, &count.worst_ms]).map(drop)
}

pub(super) fn add_missing(conn: &mut Conn<'_>, day: &str, path: &str, times: i64) -> Result<()> {
    conn.exec(ADD_MISSING, &[&day, &path, &times]).map(drop)
}

pub(super) fn prune(conn: &mut Conn<'_>, before: &str) -> Result<()> {
    conn.exec(PRUNE_SLOW, &[&before])?;
    conn.exec(PRUNE_MISSING, &[&before]).map(drop)
}

/// The slowest statements of the latest days.
pub fn slow(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<SlowQuery>> {
    conn.all(SLOW, &[&limit])
}

impl FromRow for Missed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            path: row.get(0)?,
            times: row.get(1)?,
            last_day: row.get(2)?,
            first_day: row.get(3)?,
        })
    }
}

/// Addresses that led nowhere since `day` (`2026-11-22`), the most wanted first.
pub fn missed_since(conn: &mut Conn<'_>, day: &str, limit: i64) -> Result<Vec<Missed>> {
    conn.all(MISSING_SINCE, &[&day, &limit])
}

/// The statements that took longest since `day`, or were slow most often.
pub(super) fn slowest(
    conn: &mut Conn<'_>,
    day: &str,
    by_times: bool,
    limit: i64,
) -> Result<Vec<Slowest>> {
    conn.all(if by_times { OFTENEST } else { WORST }, &[&day, &limit])
}

/// The most wanted missing addresses of the latest days.
pub fn missing(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<MissingPage>> {
    conn.all(MISSING, &[&limit])
}
