//! What is owed to a lead: the welcome mail, in the lead's language.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::store;
use crate::business::mail::{Draft, Mailer};
use crate::business::programs;
use crate::platform::db::{self, Conn, Db};
use crate::platform::http::{SiteView, Sites};
use crate::platform::lang::{Lang, Words};
use crate::platform::outbox::{Failure, Work};

/// Owed once to each new lead.
#[derive(Debug, Serialize, Deserialize)]
pub struct WelcomeMail {
    /// The lead's id.
    pub lead: String,
}

impl Work for WelcomeMail {
    const KIND: &'static str = "welcome_mail";
}

#[derive(Template)]
#[template(path = "mail/welcome.html")]
struct WelcomeHtml<'a> {
    lang: Lang,
    t: &'static Words,
    site: &'a SiteView,
    name: &'a str,
    program: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "mail/welcome.txt")]
struct WelcomeText<'a> {
    lang: Lang,
    t: &'static Words,
    site: &'a SiteView,
    name: &'a str,
    program: Option<&'a str>,
}

/// Sends the mail; `work_id` makes a repetition recognisable. A lead that has been erased
/// meanwhile is owed nothing.
pub fn send_welcome(
    work: &WelcomeMail,
    work_id: &str,
    db: &Db,
    mailer: &Mailer,
    sites: &Sites,
) -> Result<(), Failure> {
    let read = |conn: &mut Conn<'_>| {
        let (email, name, slug, lang) = store::by_id(conn, &work.lead)?;
        let program = slug.map(|slug| programs::name_of(conn, &slug, lang)).transpose()?;
        Ok((email, name, program, lang))
    };
    let (email, name, program, lang) = match db.read_blocking(read) {
        Ok(lead) => lead,
        Err(db::Error::NotFound) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let site = &*sites.current_blocking(lang).map_err(|e| Failure::retry(e.to_string()))?;
    let (t, name, program) = (lang.words(), name.as_str(), program.as_deref());
    let html = WelcomeHtml { lang, t, site, name, program };
    let text = WelcomeText { lang, t, site, name, program };
    let broken = |error: askama::Error| Failure::dead(format!("welcome template: {error}"));
    mailer.deliver(Draft {
        id: work_id.to_owned(),
        to: email,
        reply_to: None,
        subject: t.mail.welcome_subject.with("site", &site.name).into(),
        html: html.render().map_err(broken)?,
        text: text.render().map_err(broken)?,
    })?;
    // Removed while the mail was on its way: its record must not stay behind.
    match db.read_blocking(|conn| store::by_id(conn, &work.lead)) {
        Err(db::Error::NotFound) => mailer.discard(work_id),
        _ => Ok(()),
    }
}
