//! A form of the dashboard that was sent: by whom, and what.

use std::marker::PhantomData;
use std::sync::Arc;

use rocket::Request;
use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use rocket::http::Status;

use super::confirmed::{self, Proof};
use super::dashboard::{Dashboard, make};
use super::once::{Before, Forms, Ticket};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::{Caller, Guarded, allowed, recognise};
use crate::platform::error::Error;
use crate::platform::http::{Limiter, Meta};

/// An article with everything around it fits.
const LIMIT_BYTES: u64 = 2 * 1024 * 1024;
/// A form with a box for each of a hundred rows fits.
const MAX_FIELDS: usize = 600;

/// What was sent, in the order sent.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub(super) Vec<(String, String)>);

impl Fields {
    /// The first value of `name`; empty when it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The value without space around it, if there is one.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        Some(self.get(name).trim()).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Every value of `name`: those of boxes that were ticked.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Whether a box was ticked.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// Without what belongs to the shell.
    #[must_use]
    pub fn own(&self) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| !name.starts_with('_')).cloned().collect()
    }
}

/// A form that somebody who may do what `G` stands for has sent from a page of ours.
pub struct Posted<G> {
    pub who: Caller,
    /// The frame for a page that answers.
    pub dashboard: Dashboard,
    pub fields: Fields,
    pub(super) proof: Proof,
    guard: PhantomData<fn() -> G>,
}

/// Everybody who is logged in, whatever they may do: for one's own account.
pub struct Anybody;

/// Whom a form is for.
pub trait For: Send {
    /// Who sent it.
    fn sender(request: &Request<'_>) -> impl Future<Output = Result<Caller, Error>> + Send;
}

impl<G: Guarded> For for G {
    async fn sender(request: &Request<'_>) -> Result<Caller, Error> {
        allowed(request, G::CAPABILITY).await
    }
}

impl For for Anybody {
    async fn sender(request: &Request<'_>) -> Result<Caller, Error> {
        recognise(request).await
    }
}

impl<G> Posted<G> {
    /// Goes on only when whoever sent this has given the password lately; else a page asks for it and sends the form
    /// again.
    ///
    /// # Errors
    /// What leads to that page.
    pub fn confirmed(&self) -> Result<(), Error> {
        self.proof.check()
    }

    /// Whether they typed `name` where the form asked for it.
    #[must_use]
    pub fn typed(&self, name: &str) -> bool {
        self.fields.get("typed").trim() == name.trim()
    }
}

/// The fields of a form whose sender has to log in, or to give the password, first.
pub(super) struct Waiting(pub(super) Fields);

/// The ticket of the form in this request, until it is answered.
pub(super) struct Running(pub(super) Option<Ticket>);

#[rocket::async_trait]
impl<'r, G: For> FromData<'r> for Posted<G> {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let sender = G::sender(request).await;
        let fields = match read(request, data).await {
            Ok(fields) => fields,
            Err(error) => return refuse(request, error),
        };
        // Also for what the handler refuses: a password that is asked for keeps the form.
        request.local_cache(|| Waiting(fields.clone()));
        match accept(request, sender, &fields).await {
            Ok((who, proof)) => match frame(request, &who).await {
                Ok(dashboard) => {
                    Outcome::Success(Self { who, dashboard, fields, proof, guard: PhantomData })
                }
                Err(error) => refuse(request, error),
            },
            Err(error) => refuse(request, error),
        }
    }
}

/// The frame of whatever page answers a form.
pub(super) async fn frame(request: &Request<'_>, who: &Caller) -> Result<Dashboard, Error> {
    let made = make(request, who.clone(), None).await;
    made.ok_or_else(|| Error::Internal("the dashboard is not put together".into()))
}

pub(super) fn refuse<'r, T>(request: &'r Request<'_>, error: Error) -> Outcome<'r, T, ()> {
    let refused: rocket::request::Outcome<T, ()> = Meta::of(request).refuse(error);
    match refused {
        rocket::request::Outcome::Error(error) => Outcome::Error(error),
        _ => Outcome::Error((Status::InternalServerError, ())),
    }
}

/// A form of the few pages that anybody may send. It may carry what waited for the log-in.
pub struct OpenForm(pub Result<Vec<(String, String)>, Error>);

#[rocket::async_trait]
impl<'r> FromData<'r> for OpenForm {
    type Error = std::convert::Infallible;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        Outcome::Success(Self(read(request, data).await.map(|fields| fields.0)))
    }
}

/// Whether `fields` come from a page of whoever sends them, for the first time.
pub(super) async fn accept(
    request: &Request<'_>,
    sender: Result<Caller, Error>,
    fields: &Fields,
) -> Result<(Caller, Proof), Error> {
    let who = sender?;
    let sent = request.headers().get_one("X-CSRF-Token").unwrap_or(fields.get("_csrf"));
    let browser = who.browser().ok_or(Error::CrossSite)?;
    if !browser.sent(sent) {
        return Err(Error::CrossSite);
    }
    let proof = proof_of(request, &who, fields).await?;
    let once = fields.get("_once");
    if !once.is_empty()
        && let Some(forms) = request.rocket().state::<Arc<Forms>>()
    {
        let token = format!("{}/{once}", browser.session);
        match forms.begin(&token) {
            Before::Nothing => {
                let ticket = Ticket { forms: Arc::clone(forms), token };
                request.local_cache(|| Running(Some(ticket)));
            }
            // The second click of two: it hears what the first has brought about.
            Before::Done(to) => return Err(Error::Moved { to }),
            Before::Running => {
                return Err(Error::Conflict("this is being done already; wait a moment".into()));
            }
        }
    }
    Ok((who, proof))
}

/// A form that a page asking for the password sends on carries it.
async fn proof_of(request: &Request<'_>, who: &Caller, fields: &Fields) -> Result<Proof, Error> {
    let accounts = request.rocket().state::<Arc<Accounts>>();
    let limiter = request.rocket().state::<Arc<Limiter>>();
    let (Some(accounts), Some(limiter)) = (accounts, limiter) else {
        return Err(Error::Internal("accounts are not managed".into()));
    };
    let now = accounts.clock.now_ms();
    let Some(browser) = who.browser() else { return Ok(Proof::missing(None)) };
    if browser.is_confirmed(now) || fields.get("_password").is_empty() {
        return Ok(if browser.is_confirmed(now) { Proof::given() } else { Proof::missing(None) });
    }
    match confirmed::prove(accounts, limiter, Meta::of(request), who, fields).await {
        Ok(()) => Ok(Proof::given()),
        Err(error) if error.status() < 500 => Ok(Proof::missing(Some(error))),
        Err(error) => Err(error),
    }
}

pub(super) async fn read(request: &Request<'_>, data: Data<'_>) -> Result<Fields, Error> {
    if !request.content_type().is_some_and(|kind| kind.is_form()) {
        return Err(Error::UnsupportedMediaType { expected: "application/x-www-form-urlencoded" });
    }
    let body = data
        .open(LIMIT_BYTES.bytes())
        .into_bytes()
        .await
        .map_err(|_| Error::BadRequest("the form ended too early".into()))?;
    if !body.is_complete() {
        return Err(Error::TooLarge { limit_bytes: LIMIT_BYTES });
    }
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(&body).into_owned().take(MAX_FIELDS + 1).collect();
    if fields.len() > MAX_FIELDS {
        return Err(Error::BadRequest(format!("a form has at most {MAX_FIELDS} fields")));
    }
    // No database takes a NUL in a text; browsers end lines with two characters.
    let clean =
        |(name, value): (String, String)| (name, value.replace('\0', "").replace("\r\n", "\n"));
    Ok(Fields(fields.into_iter().map(clean).collect()))
}
