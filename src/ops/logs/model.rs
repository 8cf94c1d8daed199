//! What is counted.

/// A statement that took longer than the limit, on one day.
#[derive(Debug, serde::Serialize)]
pub struct SlowQuery {
    /// `2026-11-22`, UTC.
    pub day: String,
    /// With placeholders, never with values.
    pub statement: String,
    pub times: i64,
    pub worst_ms: i64,
}

/// An address that led nowhere, on one day.
#[derive(Debug, serde::Serialize)]
pub struct MissingPage {
    pub day: String,
    pub path: String,
    pub times: i64,
}

/// A statement and what it cost over several days.
#[derive(Debug)]
pub struct Slowest {
    pub statement: String,
    pub times: i64,
    pub worst_ms: i64,
    /// `2026-11-22`, UTC.
    pub last_day: String,
}
