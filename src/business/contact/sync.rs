//! What is owed for a message: a mail to the owner, answered by replying to it.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::store;
use crate::business::mail::{Draft, Mailer};
use crate::platform::db::{self, Db};
use crate::platform::http::Sites;
use crate::platform::lang::Lang;
use crate::platform::outbox::{Failure, Work};

/// Owed once for each message.
#[derive(Debug, Serialize, Deserialize)]
pub struct PassOn {
    /// The message's id.
    pub message: String,
}

impl Work for PassOn {
    const KIND: &'static str = "pass_on_message";
}

#[derive(Template)]
#[template(path = "mail/message.html")]
struct MessageHtml<'a> {
    intro: &'a str,
    lines: Vec<&'a str>,
    reply: &'a str,
}

/// Sends the message to the owner's address, or to the site's own while there is none.
pub fn pass_on(
    work: &PassOn,
    work_id: &str,
    db: &Db,
    mailer: &Mailer,
    sites: &Sites,
) -> Result<(), Failure> {
    let message = match db.read_blocking(|conn| store::by_id(conn, &work.message)) {
        Ok(message) => message,
        Err(db::Error::NotFound) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    // The owner reads the dashboard's language, which is English.
    let site = sites.current_blocking(Lang::En).map_err(|e| Failure::retry(e.to_string()))?;
    let t = &Lang::En.words().mail;
    let intro = t.message_intro.with("name", &message.name).with("email", &message.email);
    let (intro, reply) = (intro.as_str(), t.message_reply.as_str());
    let html = MessageHtml { intro, lines: message.message.lines().collect(), reply };
    let broken = |error: askama::Error| Failure::dead(format!("message template: {error}"));
    let to = match site.contact_email.as_str() {
        "" => mailer.from_address(),
        address => address.to_owned(),
    };
    mailer.deliver(Draft {
        id: work_id.to_owned(),
        to,
        reply_to: Some(message.email.clone()),
        subject: t.message_subject.with("name", &message.name).into(),
        html: html.render().map_err(broken)?,
        text: format!("{intro}\n\n{}\n\n--\n{reply}\n", message.message),
    })?;
    // Removed while the mail was on its way: its record must not stay behind.
    match db.read_blocking(|conn| store::by_id(conn, &work.message)) {
        Err(db::Error::NotFound) => mailer.discard(work_id),
        _ => Ok(()),
    }
}
