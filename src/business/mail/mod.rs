//! Mail: over SMTP when `SMTP_URL` is set, otherwise into the built-in mailbox that
//! `manero mail list` reads. Either way a record stays, and is pruned by age.

pub mod model;
pub mod store;

pub use model::{Draft, Mail, MailSummary};
pub use store::forget;

use crate::platform::clock;
use crate::platform::config::Settings;
use crate::platform::db::Db;
use crate::platform::outbox::Failure;
use crate::platform::vendors::smtp::{self, OutgoingMail, SmtpSender};

/// Sends mails and keeps the record.
pub struct Mailer {
    db: Db,
    smtp: Option<SmtpSender>,
    from_name: String,
    from_address: String,
}

impl Mailer {
    /// # Errors
    /// When `SMTP_URL` is not a usable address.
    pub fn new(db: &Db, settings: &Settings) -> Result<Self, smtp::Error> {
        let smtp = settings.mail.smtp_url.as_ref().map(SmtpSender::new).transpose()?;
        Ok(Self {
            db: db.clone(),
            smtp,
            from_name: settings.mail.from_name.clone(),
            from_address: settings.mail.from_address.clone(),
        })
    }

    /// The site's own address, from which mails come.
    #[must_use]
    pub fn from_address(&self) -> &str {
        &self.from_address
    }

    /// Delivers one mail. Repeated with the same id it sends again over SMTP only when the first
    /// try was never recorded; the Message-ID is the same, so that a mail program shows one.
    pub fn deliver(&self, draft: Draft) -> Result<(), Failure> {
        let id = draft.id.clone();
        if self.db.read_blocking(move |conn| store::exists(conn, &id))? {
            return Ok(());
        }
        let transport = match &self.smtp {
            Some(smtp) => {
                smtp.send(&self.outgoing(&draft)).map_err(|error| Failure {
                    retryable: error.is_retryable(),
                    retry_after: None,
                    why: error.to_string(),
                })?;
                "smtp"
            }
            None => "local",
        };
        let now = clock::now_ms();
        self.db.write_blocking(move |tx| store::insert(tx, &draft, transport, now))?;
        Ok(())
    }

    /// Removes the record of a mail whose reader has been removed while it was on its way.
    pub fn discard(&self, id: &str) -> Result<(), Failure> {
        let id = id.to_owned();
        Ok(self.db.write_blocking(move |tx| store::remove(tx, &id))?)
    }

    fn outgoing(&self, draft: &Draft) -> OutgoingMail {
        let domain = self.from_address.rsplit('@').next().unwrap_or("localhost");
        OutgoingMail {
            from_name: self.from_name.clone(),
            from_address: self.from_address.clone(),
            to: draft.to.clone(),
            subject: draft.subject.clone(),
            text: draft.text.clone(),
            html: draft.html.clone(),
            message_id: format!("<{}@{domain}>", draft.id),
            headers: draft.reply_to.iter().map(|to| ("Reply-To".to_owned(), to.clone())).collect(),
        }
    }
}
