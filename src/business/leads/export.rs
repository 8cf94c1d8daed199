//! The filtered list of leads as a CSV file, streamed: a page of the list at a time, whatever its length.
//!
//! A file of a million people is open for a minute. It is no snapshot: each page is read when its turn comes, in the
//! order of the list, so nobody who is there all the time is left out or told twice.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use rocket::futures::stream::{Stream, unfold};
use rocket::tokio::io::{AsyncRead, ReadBuf};

use serde_json::json;

use super::desk::Page;
use super::desk::model::Wanted;
use super::{Lead, desk};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::platform::clock;
use crate::platform::csv::cell;
use crate::platform::db::{self, Db, Tx};

/// Leads that are read at once.
const AT_ONCE: i64 = 1000;
/// Programs on a desk take a file without this mark for one of their own country's.
const BYTE_ORDER_MARK: &str = "\u{feff}";
const HEADER: &str = "email,name,program,language,tags,created_at,updated_at,id\r\n";

/// What the next page needs; `None` at the end.
struct Rest {
    db: Db,
    wanted: Option<Wanted>,
    is_first: bool,
}

/// The bytes of the file, in the order of the list.
pub struct Export {
    chunks: Pin<Box<dyn Stream<Item = io::Result<Vec<u8>>> + Send>>,
    ready: VecDeque<u8>,
}

impl Export {
    /// Everybody who is wanted.
    #[must_use]
    pub fn new(db: &Db, wanted: &Wanted) -> Self {
        let rest = Rest { db: db.clone(), wanted: Some(wanted.clone()), is_first: true };
        Self { chunks: Box::pin(unfold(rest, next)), ready: VecDeque::new() }
    }
}

async fn next(mut rest: Rest) -> Option<(io::Result<Vec<u8>>, Rest)> {
    let mut wanted = rest.wanted.take()?;
    let asked = wanted.clone();
    let found: db::Result<Page> = rest.db.read(move |conn| desk::list(conn, &asked, AT_ONCE)).await;
    let found = match found {
        Ok(found) => found,
        // The file ends in the middle, and whoever downloads it sees that it did.
        Err(error) => return Some((Err(io::Error::other(error.to_string())), rest)),
    };
    let mut text = String::new();
    if rest.is_first {
        text.push_str(BYTE_ORDER_MARK);
        text.push_str(HEADER);
        rest.is_first = false;
    }
    for lead in &found.leads {
        line(&mut text, lead);
    }
    // A page may be empty and not the last.
    if found.next.is_some() {
        wanted.after = found.next;
        rest.wanted = Some(wanted);
    }
    Some((Ok(text.into_bytes()), rest))
}

impl AsyncRead for Export {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.ready.is_empty() {
            match self.chunks.as_mut().poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                Poll::Ready(Some(Ok(bytes))) => self.ready = bytes.into(),
            }
        }
        let (front, _) = self.ready.as_slices();
        let taken = front.len().min(buffer.remaining());
        buffer.put_slice(&front[..taken]);
        self.ready.drain(..taken);
        Poll::Ready(Ok(()))
    }
}

/// Writes down that the list was taken out; not what was looked for, which may be somebody's address.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, is_narrowed: bool, now_ms: i64) -> db::Result<()> {
    let what = json!({ "filtered": is_narrowed });
    audit::record(tx, actor, &Change::of("leads.export", "leads", "").after(what), now_ms)
}

/// One lead as a line of the file.
fn line(text: &mut String, lead: &Lead) {
    let tags = lead.tags.join("; ");
    let (created, updated) = (clock::rfc3339(lead.created_at), clock::rfc3339(lead.updated_at));
    let program = lead.program.as_deref().unwrap_or_default();
    let cells =
        [&*lead.email, &lead.name, program, lead.lang.code(), &tags, &created, &updated, &lead.id];
    for (at, value) in cells.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        cell(text, value);
    }
    text.push_str("\r\n");
}
