//! The password once more, before what cannot be taken back or shows secrets.

use std::sync::Arc;

use rocket::Request;
use rocket::request::{FromRequest, Outcome};

use super::posted::Fields;
use crate::admin::accounts::caller::{Caller, recognise};
use crate::admin::accounts::{Accounts, browser};
use crate::platform::error::Error;
use crate::platform::http::{Limiter, Meta};

/// The words by which the catcher knows what to ask for.
pub(super) const ASK: &str = "give your password once more to go on";

/// Whether the password was given lately, and if not, what was wrong with the one that was sent.
#[derive(Debug, Clone)]
pub struct Proof(Result<(), Option<Error>>);

impl Proof {
    pub(super) fn given() -> Self {
        Self(Ok(()))
    }

    pub(super) fn missing(wrong: Option<Error>) -> Self {
        Self(Err(wrong))
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        match &self.0 {
            Ok(()) => Ok(()),
            Err(Some(Error::Forbidden(why))) => Err(asking(why)),
            Err(Some(Error::Invalid(faults))) => {
                let why = faults.first().map(|fault| fault.message.clone()).unwrap_or_default();
                Err(asking(&why))
            }
            Err(Some(other)) => Err(other.clone()),
            Err(None) => Err(asking("")),
        }
    }
}

/// The error that makes the page ask; `why` says what was wrong with what was given before.
fn asking(why: &str) -> Error {
    Error::Forbidden(if why.is_empty() { ASK.to_owned() } else { format!("{ASK}: {why}") })
}

/// Why a page asks, when `error` says that it has to; empty the first time.
pub(super) fn asked(error: &Error) -> Option<String> {
    let Error::Forbidden(text) = error else { return None };
    let why = text.strip_prefix(ASK)?;
    Some(why.trim_start_matches(": ").to_owned())
}

pub(super) async fn prove(
    accounts: &Arc<Accounts>,
    limiter: &Limiter,
    meta: &Meta,
    who: &Caller,
    fields: &Fields,
) -> Result<(), Error> {
    let Some(browser) = who.browser() else { return Err(asking("")) };
    let given = (fields.get("_password").to_owned(), fields.text("_code"));
    browser::confirm(accounts, limiter, meta, &who.user, &browser.session, given).await
}

/// A page for somebody who has given the password lately; others are asked first.
pub struct Confirmed;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Confirmed {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let meta = Meta::of(request);
        let Some(accounts) = request.rocket().state::<Arc<Accounts>>() else {
            return Outcome::Forward(rocket::http::Status::InternalServerError);
        };
        match recognise(request).await {
            Ok(who) => {
                let now = accounts.clock.now_ms();
                match who.browser() {
                    Some(browser) if browser.is_confirmed(now) => Outcome::Success(Self),
                    _ => meta.refuse(asking("")),
                }
            }
            Err(error) => meta.refuse(error),
        }
    }
}
