//! How a record becomes a line, for people or as JSON.
//!
//! Control characters are escaped in both: one record is one line, whatever it says, and no value
//! can move a terminal's cursor. Redaction happens before.

use log::Level;

use super::time::push_rfc3339;

/// The five levels that are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

impl Severity {
    pub(super) fn of(level: Level, target: &str) -> Self {
        match level {
            Level::Error if target == super::FATAL => Self::Fatal,
            Level::Error => Self::Error,
            Level::Warn => Self::Warn,
            Level::Info => Self::Info,
            Level::Debug | Level::Trace => Self::Debug,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// Five columns, and the colour of the terminal's own palette.
    fn column(self) -> (&'static str, &'static str) {
        match self {
            Self::Debug => ("DEBUG", "\x1b[2m"),
            Self::Info => ("INFO ", "\x1b[32m"),
            Self::Warn => ("WARN ", "\x1b[33m"),
            Self::Error => ("ERROR", "\x1b[31m"),
            Self::Fatal => ("FATAL", "\x1b[1;31m"),
        }
    }
}

/// Appends the time and level of a human line.
pub(super) fn push_human_head(out: &mut Vec<u8>, now_ms: i64, severity: Severity, colour: bool) {
    let (word, escape) = severity.column();
    push_rfc3339(out, now_ms);
    out.push(b' ');
    if colour {
        out.extend_from_slice(escape.as_bytes());
    }
    out.extend_from_slice(word.as_bytes());
    if colour {
        out.extend_from_slice(b"\x1b[0m");
    }
    out.push(b' ');
}

/// Appends `{"time":…,"level":…,"target":…`, without the end of the object.
pub(super) fn push_json_head(out: &mut Vec<u8>, now_ms: i64, severity: Severity, target: &str) {
    out.extend_from_slice(b"{\"time\":\"");
    push_rfc3339(out, now_ms);
    out.extend_from_slice(b"\",\"level\":\"");
    out.extend_from_slice(severity.word().as_bytes());
    out.extend_from_slice(b"\",\"target\":\"");
    push_escaped(out, target);
    out.push(b'"');
}

pub(super) fn push_human(
    out: &mut Vec<u8>,
    now_ms: i64,
    severity: Severity,
    colour: bool,
    target: &str,
    message: &str,
) {
    push_human_head(out, now_ms, severity, colour);
    if target != super::FATAL {
        push_plain(out, target);
        out.extend_from_slice(b": ");
    }
    push_plain(out, message);
    out.push(b'\n');
}

pub(super) fn push_json(
    out: &mut Vec<u8>,
    now_ms: i64,
    severity: Severity,
    target: &str,
    message: &str,
) {
    push_json_head(out, now_ms, severity, target);
    out.extend_from_slice(b",\"message\":\"");
    push_escaped(out, message);
    out.extend_from_slice(b"\"}\n");
}

/// Appends `text` as the inside of a JSON string.
pub(super) fn push_escaped(out: &mut Vec<u8>, text: &str) {
    push_with(out, text, |c| matches!(c, b'"' | b'\\'));
}

/// Appends `text` with only its control characters escaped.
pub(super) fn push_plain(out: &mut Vec<u8>, text: &str) {
    push_with(out, text, |_| false);
}

fn push_with(out: &mut Vec<u8>, text: &str, needs_backslash: impl Fn(u8) -> bool) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, byte) in bytes.iter().copied().enumerate() {
        // U+0080 to U+009F, two bytes in UTF-8, are control characters for some terminals.
        let is_c1 = byte == 0xc2 && bytes.get(at + 1).is_some_and(|next| *next < 0xa0);
        if byte >= 0x20 && byte != 0x7f && !is_c1 && !needs_backslash(byte) {
            continue;
        }
        out.extend_from_slice(bytes.get(copied..at).unwrap_or_default());
        copied = at + 1;
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            _ if is_c1 => {
                push_hex(out, bytes[at + 1]);
                copied = at + 2;
            }
            _ => push_hex(out, byte),
        }
    }
    out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
}

fn push_hex(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.extend_from_slice(b"\\u00");
    out.push(HEX[usize::from(byte >> 4)]);
    out.push(HEX[usize::from(byte & 15)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_line_reads_back_as_what_was_said() {
        let said = "a \"quoted\"\n\\ line\u{1}\u{7f}\u{9b} é";
        let mut out = Vec::new();
        push_json(&mut out, 0, Severity::Warn, "leads", said);
        assert_eq!(out.iter().position(|b| *b == b'\n'), Some(out.len() - 1));
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["message"], said);
        assert_eq!(value["level"], "warn");
        assert_eq!(value["time"], "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_human_line_stays_one_line_and_moves_no_cursor() {
        let mut out = Vec::new();
        push_human(&mut out, 0, Severity::Error, false, "mail", "no\nroute\x1b[2J");
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "1970-01-01T00:00:00.000Z ERROR mail: no\\nroute\\u001b[2J\n");
    }

    #[test]
    fn a_fatal_line_says_fatal() {
        let mut out = Vec::new();
        let severity = Severity::of(Level::Error, "fatal");
        push_human(&mut out, 0, severity, true, "fatal", "no disk");
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "1970-01-01T00:00:00.000Z \x1b[1;31mFATAL\x1b[0m no disk\n");
    }
}
