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

/// An address that led nowhere, over several days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    pub path: String,
    pub times: i64,
    /// `2026-11-22`, UTC: the last day and the first on which it was asked for.
    pub last_day: String,
    pub first_day: String,
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
