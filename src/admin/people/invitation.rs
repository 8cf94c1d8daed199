//! Links with which people choose a password: made, shown once, and mailed when mail works.
//!
//! The link lets in whoever has it. In the queue it is sealed, and the record of the mail has none.

use std::sync::Arc;

use askama::Template;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::admin::accounts::audit::{self, Actor, Change};
use crate::admin::accounts::users::{self, User};
use crate::admin::accounts::{Accounts, links};
use crate::business::mail::{Draft, Mailer};
use crate::platform::clock;
use crate::platform::crypto::DataKey;
use crate::platform::db::{self, Db, Tx};
use crate::platform::http::Sites;
use crate::platform::lang::Lang;
use crate::platform::outbox::{self, Failure, Work};

/// Owed to somebody who was invited, or given another link.
#[derive(Debug, Serialize, Deserialize)]
pub struct Invitation {
    /// The person's id.
    pub user: String,
    /// The link's secret part, sealed.
    sealed: String,
    /// Whether they are new here.
    is_new: bool,
}

impl Work for Invitation {
    const KIND: &'static str = "invitation_mail";
}

fn context(user: &str) -> String {
    format!("invitation/{user}")
}

/// What a link is made for.
#[derive(Clone, Copy)]
pub(super) struct Wish {
    pub(super) is_new: bool,
    /// Also by mail.
    pub(super) by_mail: bool,
}

/// Makes a link for `user`; the one before it counts no longer. Returns its path.
pub(super) fn make(
    tx: &mut Tx<'_>,
    actor: &Actor,
    data_key: &DataKey,
    user: &User,
    wish: Wish,
    now_ms: i64,
) -> db::Result<String> {
    let token = links::for_user(tx, &user.id, now_ms, links::INVITATION_MS)?;
    let facts = json!({ "expires_at": clock::rfc3339(now_ms + links::INVITATION_MS) });
    let change = Change::of("user.link", "user", &user.id).after(facts);
    audit::record(tx, actor, &change, now_ms)?;
    if wish.by_mail {
        let sealed = data_key.seal(&context(&user.id), token.as_bytes());
        let work = Invitation { user: user.id.clone(), sealed, is_new: wish.is_new };
        outbox::enqueue(tx, &work)?;
    }
    Ok(links::path(&token))
}

#[derive(Template)]
#[template(path = "mail/invitation.html")]
struct Html<'a> {
    site: &'a str,
    name: &'a str,
    link: &'a str,
    is_new: bool,
    days: i64,
}

#[derive(Template)]
#[template(path = "mail/invitation.txt", escape = "none")]
struct Text<'a> {
    site: &'a str,
    name: &'a str,
    link: &'a str,
    is_new: bool,
    days: i64,
}

/// Sends the mail; `work_id` makes a repetition recognisable. Whoever is gone or suspended meanwhile is owed nothing.
pub fn send(
    work: &Invitation,
    work_id: &str,
    db: &Db,
    accounts: &Accounts,
    mailer: &Mailer,
    sites: &Sites,
) -> Result<(), Failure> {
    let id = work.user.clone();
    let found: Option<User> = db.read_blocking(move |conn| users::by_id(conn, &id))?;
    let Some(user) = found.filter(|user| user.suspended_at.is_none()) else { return Ok(()) };
    let opened = accounts.data_key.open(&context(&work.user), &work.sealed);
    let token = opened.ok().and_then(|token| String::from_utf8(token).ok());
    let foreign = || Failure::dead("the link was sealed with another data key; make a new one");
    let token = token.ok_or_else(foreign)?;
    let site = sites.current_blocking(Lang::En).map_err(|e| Failure::retry(e.to_string()))?;
    let link = format!("{}{}", site.base_url, links::path(&token));
    let days = links::INVITATION_MS / 86_400_000;
    let (name, is_new, site) = (user.name.as_str(), work.is_new, site.name.as_str());
    let broken = |error: askama::Error| Failure::dead(format!("invitation template: {error}"));
    let html = Html { site, name, link: &link, is_new, days }.render().map_err(broken)?;
    let text = Text { site, name, link: &link, is_new, days }.render().map_err(broken)?;
    let subject = if is_new {
        format!("Your account at {site}")
    } else {
        format!("Choose a new password at {site}")
    };
    let id = work_id.to_owned();
    mailer.deliver_veiled(Draft { id, to: user.email, reply_to: None, subject, html, text }, &token)
}

/// What the page that shows a link has to say.
pub(super) struct Made {
    pub(super) user: User,
    /// The whole address.
    pub(super) link: String,
    pub(super) by_mail: bool,
}

/// The whole address of a path of the site.
pub(super) async fn address(
    sites: &Arc<Sites>,
    path: &str,
) -> Result<String, crate::platform::error::Error> {
    Ok(format!("{}{path}", sites.current(Lang::En).await?.base_url))
}
