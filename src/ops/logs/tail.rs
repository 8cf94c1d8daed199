//! The newest lines of the log, read from its end and never more than a bounded part of it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::Value;

/// So much of the end of the log is looked at.
const LOOKED_AT: u64 = 512 * 1024;

/// The levels of lines, the least severe first.
pub(super) const LEVELS: [&str; 5] = ["debug", "info", "warn", "error", "fatal"];

/// A line as it is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// As it was written: `2026-11-25T14:00:00.000Z`.
    pub(super) at: String,
    pub(super) level: String,
    pub(super) target: String,
    pub(super) message: String,
}

/// The end of the log in `dir`: of the file that is written to, and of the one before it when that is short. Empty
/// when there is none.
pub(super) fn of_files(dir: &Path) -> io::Result<Vec<u8>> {
    let newest = end_of(&dir.join("manero.log"), LOOKED_AT)?;
    let left = LOOKED_AT.saturating_sub(newest.len() as u64);
    let mut all = if left > 0 { end_of(&dir.join("manero.log.1"), left)? } else { Vec::new() };
    all.extend(newest);
    Ok(all)
}

fn end_of(path: &Path, at_most: u64) -> io::Result<Vec<u8>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(at_most)))?;
    let mut bytes = Vec::new();
    // Others write meanwhile: no more than was meant is read.
    file.take(at_most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The last `count` lines of `bytes` at `level` or above it that have `words` in them, the newest first. What is no
/// whole line is left out.
pub(super) fn newest(bytes: &[u8], level: &str, words: &str, count: usize) -> Vec<Line> {
    let least = LEVELS.iter().position(|known| *known == level).unwrap_or(0);
    let words = words.to_lowercase();
    let fits = |line: &Line| {
        let own = LEVELS.iter().position(|known| *known == line.level).unwrap_or(0);
        let said = format!("{} {}", line.target, line.message).to_lowercase();
        own >= least && words.split_whitespace().all(|word| said.contains(word))
    };
    let lines = bytes.rsplit(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.filter_map(parse).filter(fits).take(count).collect()
}

fn parse(line: &[u8]) -> Option<Line> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let message = match value.get("message") {
        Some(message) => message.as_str().unwrap_or_default().to_owned(),
        None => access(&value)?,
    };
    Some(Line { at: text("time"), level: text("level"), target: text("target"), message })
}

/// A line of the access log in words.
fn access(value: &Value) -> Option<String> {
    let (method, route) = (value["method"].as_str()?, value["route"].as_str()?);
    let (status, micros) = (value["status"].as_u64()?, value["micros"].as_u64()?);
    let id = value["request_id"].as_str().unwrap_or_default();
    Some(format!("{method} {route} {status} in {}.{} ms {id}", micros / 1000, micros % 1000 / 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &[u8] = br#"ut off at its beginning"}
{"time":"t1","level":"info","target":"access","method":"GET","route":"/","status":200,"micros":1250,"bytes":1,"request_id":"r1","client":"203.0.113.0"}
{"time":"t2","level":"warn","target":"mail","message":"the relay is slow"}
{"time":"t3","level":"error","target":"fatal","message":"no disk"}
"#;

    #[test]
    fn the_newest_lines_come_first_and_what_is_cut_off_is_left_out() {
        let all = newest(LOG, "", "", 10);
        let messages: Vec<&str> = all.iter().map(|line| line.message.as_str()).collect();
        assert_eq!(messages, ["no disk", "the relay is slow", "GET / 200 in 1.2 ms r1"]);
        assert_eq!(newest(LOG, "warn", "", 10).len(), 2);
        assert_eq!(newest(LOG, "", "SLOW relay", 10)[0].at, "t2");
        assert_eq!(newest(LOG, "", "", 1)[0].at, "t3");
    }

    #[test]
    fn only_the_end_is_read_and_the_file_before_it_when_it_is_short() {
        let dir = tempfile::tempdir().unwrap();
        assert!(of_files(dir.path()).unwrap().is_empty());
        std::fs::write(dir.path().join("manero.log.1"), "old\n").unwrap();
        std::fs::write(dir.path().join("manero.log"), "new\n").unwrap();
        assert_eq!(of_files(dir.path()).unwrap(), b"old\nnew\n");
        let much = usize::try_from(LOOKED_AT).unwrap() + 7;
        std::fs::write(dir.path().join("manero.log"), vec![b'x'; much]).unwrap();
        assert_eq!(of_files(dir.path()).unwrap().len() as u64, LOOKED_AT);
    }
}
