//! `POST /api/v1/settings/mail/test`: whether mail goes out, tried at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use askama::Template;
use rocket::http::Status;
use rocket::{State, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::Desk;
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::admin::accounts::caller::EditSettings;
use crate::business::mail::{Draft, Mailer, Transport};
use crate::platform::clock;
use crate::platform::db::{self, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::{Api, Input, Json, JsonObject, Sites};
use crate::platform::id;
use crate::platform::lang::Lang;
use crate::platform::outbox::Failure;
use crate::platform::text::parse_email;

/// A relay that takes longer is not one to send mail through; the try itself ends a little later.
const LONGEST: Duration = Duration::from_secs(20);

/// Where a mail is to be sent to try.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailTest)]
#[allow(dead_code, reason = "the shape that is documented; `create` reads it")]
pub struct Body {
    /// An address that mail can reach from the internet.
    #[schema(example = "ana@example.com", format = "email", max_length = 255)]
    to: String,
}

/// What happened.
#[derive(Serialize, ToSchema)]
#[schema(as = MailTested)]
pub struct Tried {
    /// Whether the mail server has taken it. It may still come back later.
    #[schema(example = true)]
    pub(super) delivered: bool,
    /// `smtp`, or `local` for the built-in mailbox.
    #[schema(example = "smtp")]
    pub(super) transport: &'static str,
    /// Why it was not delivered.
    #[schema(required = true, example = json!(null))]
    pub(super) reason: Option<String>,
    /// How long it took, in milliseconds.
    #[schema(example = 120)]
    pub(super) took_ms: u64,
}

#[derive(Template)]
#[template(path = "mail/test.html")]
struct Html<'a> {
    site: &'a str,
    base_url: &'a str,
}

/// Sends a mail to see whether mail goes out.
///
/// At once, with the settings of now, and not again when it fails. Answers 200 also when the mail
/// was not delivered.
#[utoipa::path(
    post, path = "/api/v1/settings/mail/test", operation_id = "testMail", tag = "Settings", security(("bearer" = [])),
    request_body = Body,
    responses(
        (status = 200, description = "What happened.", body = Tried),
        (status = 409, description = "Another test is under way."),
    )
)]
#[post("/settings/mail/test", data = "<body>")]
pub async fn create(
    caller: EditSettings,
    desk: &State<Arc<Desk>>,
    mailer: &State<Arc<Mailer>>,
    sites: &State<Arc<Sites>>,
    body: JsonObject,
) -> Api<Json<Tried>> {
    let object = body.0?;
    let mut input = Input::new(&object);
    input.require(&["to"]);
    let to = input.parsed("to", |text| parse_email(Some(text)));
    input.end()?;
    let at = Ground { desk, mailer, sites };
    Ok(Json(Status::Ok, try_mail(&at, to.unwrap_or_default(), caller.0.actor()).await?))
}

/// What a test is made with.
pub(super) struct Ground<'a> {
    pub(super) desk: &'a Desk,
    pub(super) mailer: &'a Arc<Mailer>,
    pub(super) sites: &'a Arc<Sites>,
}

/// Sends a mail to `to` at once, and writes down that it was tried.
///
/// # Errors
/// 409 while another test is under way.
pub(super) async fn try_mail(at: &Ground<'_>, to: String, actor: Actor) -> Result<Tried, Error> {
    let busy = |_| Error::Conflict("another test is under way; try again in a moment".into());
    let turn = Arc::clone(&at.desk.mail_tests).try_acquire_owned().map_err(busy)?;
    let site = at.sites.current(Lang::En).await?;
    let draft = draft(to, &site.name, &site.base_url)?;
    let started = Instant::now();
    let mailer = Arc::clone(at.mailer);
    let sending = tokio::task::spawn_blocking(move || {
        let sent = mailer.hand_over(draft);
        drop(turn);
        sent
    });
    let outcome = match tokio::time::timeout(LONGEST, sending).await {
        Ok(sent) => sent.map_err(|_| Error::Internal("a test of the mail panicked".into()))?,
        Err(_) => Err(Failure::retry("the relay could not be reached: no answer in time")),
    };
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let tried = told(outcome, took_ms);
    note(&at.desk.db, actor, tried.delivered).await?;
    Ok(tried)
}

fn told(outcome: Result<Transport, Failure>, took_ms: u64) -> Tried {
    let (transport, reason) = match outcome {
        Ok(Transport::Smtp) => (Transport::Smtp, None),
        Ok(Transport::Local) => {
            let why =
                "no mail server is set (mail.smtp_url): the mail stays in the built-in mailbox";
            (Transport::Local, Some(why.to_owned()))
        }
        Err(failure) => (Transport::Smtp, Some(failure.why)),
    };
    Tried { delivered: reason.is_none(), transport: transport.word(), reason, took_ms }
}

fn draft(to: String, site: &str, base_url: &str) -> Result<Draft, Error> {
    let html = Html { site, base_url };
    Ok(Draft {
        id: id::new_id(),
        to,
        reply_to: None,
        subject: format!("{site}: a test"),
        html: html.render().map_err(|error| Error::Internal(error.to_string()))?,
        text: format!("This is a test. Mail from {site} ({base_url}) arrives here.\n"),
    })
}

/// Writes down that a test was made, not to whom.
async fn note(db: &Db, actor: Actor, delivered: bool) -> db::Result<()> {
    let now = clock::now_ms();
    db.write(move |tx: &mut Tx<'_>| {
        let change = Change::of("mail.test", "setting", "mail.smtp_url")
            .after(serde_json::json!({ "delivered": delivered }));
        audit::record(tx, &actor, &change, now)
    })
    .await
}
