//! Lines that wait to be written, bounded, and the counts of those that found no room.

use super::line::{self, Severity};

/// Beyond this, access lines are dropped; others may use as much again.
const ROOM_BYTES: usize = 1024 * 1024;

/// A buffer that grew beyond this in a burst is given back afterwards.
const KEEP_BYTES: usize = 64 * 1024;

/// The same lines for the console and for the file.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) console: Vec<u8>,
    /// JSON beside a human console; empty when the console's lines are JSON already.
    pub(super) file: Vec<u8>,
}

impl Batch {
    fn bytes(&self) -> usize {
        self.console.len().max(self.file.len())
    }

    /// Empties the buffers and keeps their memory, unless it is a lot.
    pub(super) fn clear(&mut self) {
        for buffer in [&mut self.console, &mut self.file] {
            buffer.clear();
            buffer.shrink_to(KEEP_BYTES);
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) batch: Batch,
    pub(super) dropped_access: u64,
    pub(super) dropped_lines: u64,
    /// Write now instead of gathering more.
    pub(super) urgent: bool,
    pub(super) stopping: bool,
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.batch.bytes() == 0 && self.dropped_access + self.dropped_lines == 0
    }

    pub(super) fn has_room_for_access(&mut self) -> bool {
        let room = self.batch.bytes() < ROOM_BYTES;
        self.dropped_access += u64::from(!room);
        room
    }

    pub(super) fn has_room_for_line(&mut self) -> bool {
        let room = self.batch.bytes() < 2 * ROOM_BYTES;
        self.dropped_lines += u64::from(!room);
        room
    }

    pub(super) fn is_half_full(&self) -> bool {
        self.batch.bytes() > ROOM_BYTES / 2
    }

    /// Says in the log itself that lines are missing, and begins to count anew.
    pub(super) fn report_dropped(&mut self, json: bool, with_file: bool, now_ms: i64) {
        let (access, lines) = (self.dropped_access, self.dropped_lines);
        if access + lines == 0 {
            return;
        }
        (self.dropped_access, self.dropped_lines) = (0, 0);
        let text = format!("dropped {access} access lines and {lines} other lines: no room left");
        let (severity, target) = (Severity::Warn, "log");
        if json {
            line::push_json(&mut self.batch.console, now_ms, severity, target, &text);
        } else {
            line::push_human(&mut self.batch.console, now_ms, severity, false, target, &text);
            if with_file {
                line::push_json(&mut self.batch.file, now_ms, severity, target, &text);
            }
        }
    }
}
