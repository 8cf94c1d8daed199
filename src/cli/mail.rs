//! `manero mail list|show`: the built-in mailbox.

use super::args::MailStep;
use super::{Failure, open, print};
use crate::business::mail::store;
use crate::platform::clock;
use crate::platform::config::Loaded;
use crate::platform::db::{self, Migrate};

pub(super) fn run(loaded: &Loaded, what: MailStep, json: bool) -> Result<(), Failure> {
    let db = open::existing(loaded, Migrate::Refuse)?;
    match what {
        MailStep::List { limit } => {
            let mails = db
                .read_blocking(|conn| store::newest(conn, limit))
                .map_err(|error: db::Error| Failure::of(error))?;
            if json {
                return print::json(&mails);
            }
            if mails.is_empty() {
                return print::text("the mailbox is empty: nobody has been written to yet");
            }
            let rows: Vec<_> = mails
                .into_iter()
                .map(|m| vec![m.id, clock::rfc3339(m.created_at), m.transport, m.to, m.subject])
                .collect();
            print::text(&print::table(&["ID", "TIME", "BY", "TO", "SUBJECT"], &rows))
        }
        MailStep::Show { id } => {
            let shown = db.read_blocking(|conn| store::by_id(conn, &id));
            let mail = shown.map_err(|error| match error {
                db::Error::NotFound => Failure::Failed(format!(
                    "there is no mail {id}; `manero mail list` shows the ids"
                )),
                other => Failure::of(other),
            })?;
            if json {
                return print::json(&mail);
            }
            print::text(&format!(
                "To: {}\nSubject: {}\nDate: {}\n\n{}",
                mail.summary.to,
                mail.summary.subject,
                clock::rfc3339(mail.summary.created_at),
                mail.text
            ))
        }
    }
}
