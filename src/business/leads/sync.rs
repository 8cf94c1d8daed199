//! What is owed to a lead: the welcome mail.

use std::sync::Arc;

use askama::Template;
use serde::{Deserialize, Serialize};

use super::store;
use crate::business::mail::{Draft, Mailer};
use crate::business::programs;
use crate::platform::db::{self, Conn, Db};
use crate::platform::http::SiteView;
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
    site: &'a Arc<SiteView>,
    name: &'a str,
    program: Option<String>,
    site_url: &'a str,
}

#[derive(Template)]
#[template(path = "mail/welcome.txt")]
struct WelcomeText<'a> {
    site: &'a Arc<SiteView>,
    name: &'a str,
    program: Option<String>,
    site_url: &'a str,
}

/// Sends the mail; `work_id` makes a repetition recognisable. A lead that has been erased
/// meanwhile is owed nothing.
pub fn send_welcome(
    work: &WelcomeMail,
    work_id: &str,
    db: &Db,
    mailer: &Mailer,
    site: &Arc<SiteView>,
) -> Result<(), Failure> {
    let read = |conn: &mut Conn<'_>| {
        let (email, name, slug) = store::by_id(conn, &work.lead)?;
        let program = slug.map(|slug| programs::name_of(conn, &slug)).transpose()?;
        Ok((email, name, program))
    };
    let (email, name, program) = match db.read_blocking(read) {
        Ok(lead) => lead,
        Err(db::Error::NotFound) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let site_url = mailer.site_url();
    let html = WelcomeHtml { site, name: &name, program: program.clone(), site_url };
    let text = WelcomeText { site, name: &name, program, site_url };
    let broken = |error: askama::Error| Failure::dead(format!("welcome template: {error}"));
    mailer.deliver(Draft {
        id: work_id.to_owned(),
        to: email,
        subject: format!("Welcome to {}", site.name),
        html: html.render().map_err(broken)?,
        text: text.render().map_err(broken)?,
    })
}
