//! Mail: over SMTP while `mail.smtp_url` is set, otherwise into the built-in mailbox that
//! `manero mail list` reads. Either way a record stays, and is pruned by age.

pub mod admin;
pub mod model;
pub mod store;

pub use model::{Draft, Mail, MailSummary};
pub use store::{forget, older, to_address};

use std::sync::{Arc, Mutex, PoisonError};

use rocket::{Route, routes};

use crate::platform::clock;
use crate::platform::config::{Live, MailSettings};
use crate::platform::db::Db;
use crate::platform::outbox::Failure;
use crate::platform::secret::Secret;
use crate::platform::vendors::smtp::{self, OutgoingMail, SmtpSender};

/// Pages of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![admin::list, admin::show]
}

/// Sends mails and keeps the record. How and from whom is asked of the settings of now each time.
pub struct Mailer {
    db: Db,
    live: Live,
    /// The client of the URL it was made for: its connections are worth keeping.
    client: Mutex<Option<(Secret<String>, Arc<SmtpSender>)>>,
}

/// Which way a mail went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Handed to the mail server.
    Smtp,
    /// Kept in the built-in mailbox.
    Local,
}

impl Transport {
    /// The word for it in the database and in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Local => "local",
        }
    }
}

impl Mailer {
    #[must_use]
    pub fn new(db: &Db, live: &Live) -> Self {
        Self { db: db.clone(), live: live.clone(), client: Mutex::default() }
    }

    /// The site's own address, from which mails come.
    #[must_use]
    pub fn from_address(&self) -> String {
        self.live.now().mail.from_address.clone()
    }

    /// Delivers one mail. Repeated with the same id it sends again over SMTP only when the first
    /// try was never recorded; the Message-ID is the same, so that a mail program shows one.
    pub fn deliver(&self, draft: Draft) -> Result<(), Failure> {
        if self.is_recorded(&draft)? {
            return Ok(());
        }
        self.hand_over(draft).map(drop)
    }

    /// The same for a mail that lets its reader in: where `secret` stands, the record of it has `…`.
    pub fn deliver_veiled(&self, draft: Draft, secret: &str) -> Result<(), Failure> {
        if self.is_recorded(&draft)? {
            return Ok(());
        }
        let veiled = |text: &str| text.replace(secret, "…");
        let record =
            Draft { text: veiled(&draft.text), html: veiled(&draft.html), ..draft.clone() };
        self.send(&draft, record).map(drop)
    }

    fn is_recorded(&self, draft: &Draft) -> Result<bool, Failure> {
        let id = draft.id.clone();
        Ok(self.db.read_blocking(move |conn| store::exists(conn, &id))?)
    }

    /// Removes the record of a mail whose reader has been removed while it was on its way.
    pub fn discard(&self, id: &str) -> Result<(), Failure> {
        let id = id.to_owned();
        Ok(self.db.write_blocking(move |tx| store::remove(tx, &id))?)
    }

    /// Delivers one mail that nobody has tried to deliver before, and says which way it went.
    pub fn hand_over(&self, draft: Draft) -> Result<Transport, Failure> {
        self.send(&draft.clone(), draft)
    }

    /// Whether mails leave this machine, as it is set now.
    #[must_use]
    pub fn reaches_people(&self) -> bool {
        self.live.now().mail.smtp_url.is_some()
    }

    fn send(&self, draft: &Draft, record: Draft) -> Result<Transport, Failure> {
        let mail = self.live.now().mail.clone();
        let failure = |error: smtp::Error| Failure {
            retryable: error.is_retryable(),
            retry_after: None,
            why: error.to_string(),
        };
        let transport = match self.client(&mail).map_err(failure)? {
            Some(client) => {
                self.live.used("mail.smtp_url", clock::now_ms());
                client.send(&outgoing(&mail, draft)).map_err(failure)?;
                Transport::Smtp
            }
            None => Transport::Local,
        };
        let now = clock::now_ms();
        self.db.write_blocking(move |tx| store::insert(tx, &record, transport.word(), now))?;
        Ok(transport)
    }

    /// The client of the mail server that is set now; made anew when it is another than before.
    fn client(&self, mail: &MailSettings) -> Result<Option<Arc<SmtpSender>>, smtp::Error> {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(url) = &mail.smtp_url else {
            *client = None;
            return Ok(None);
        };
        if let Some((of, known)) = &*client
            && of.matches(url.expose())
        {
            return Ok(Some(Arc::clone(known)));
        }
        let made = Arc::new(SmtpSender::new(url)?);
        *client = Some((url.clone(), Arc::clone(&made)));
        Ok(Some(made))
    }
}

fn outgoing(mail: &MailSettings, draft: &Draft) -> OutgoingMail {
    let domain = mail.from_address.rsplit('@').next().unwrap_or("localhost");
    OutgoingMail {
        from_name: mail.from_name.clone(),
        from_address: mail.from_address.clone(),
        to: draft.to.clone(),
        subject: draft.subject.clone(),
        text: draft.text.clone(),
        html: draft.html.clone(),
        message_id: format!("<{}@{domain}>", draft.id),
        headers: draft.reply_to.iter().map(|to| ("Reply-To".to_owned(), to.clone())).collect(),
    }
}
