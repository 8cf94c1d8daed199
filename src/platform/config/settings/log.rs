//! What is logged, in which form, and how much of it is kept. Writing it is `platform::log`.

use crate::platform::config::reader::{Missing, Reader};

#[derive(Debug, Clone)]
pub struct LogSettings {
    pub level: LogLevel,
    pub format: LogFormat,
    /// Also write JSON lines to `<data>/logs/manero.log`.
    pub files: bool,
    pub max_file_bytes: u64,
    /// Rotated files kept besides the current one.
    pub keep_files: u32,
    pub slow_query_ms: u64,
}

/// The least severe line that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

impl LogLevel {
    pub const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// JSON in production, else human.
    Auto,
    Human,
    Json,
}

impl LogSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Missing> {
        let level: String = reader.required("log.level")?;
        let format: String = reader.required("log.format")?;
        Ok(Self {
            level: match level.as_str() {
                "debug" => LogLevel::Debug,
                "warn" => LogLevel::Warn,
                "error" => LogLevel::Error,
                "fatal" => LogLevel::Fatal,
                _ => LogLevel::Info,
            },
            format: match format.as_str() {
                "human" => LogFormat::Human,
                "json" => LogFormat::Json,
                _ => LogFormat::Auto,
            },
            files: reader.required("log.files")?,
            max_file_bytes: reader.required("log.max_file_bytes")?,
            keep_files: reader.required::<u64>("log.keep_files")? as u32,
            slow_query_ms: reader.required("log.slow_query_ms")?,
        })
    }
}
