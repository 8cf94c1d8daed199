//! What the forms and the API have in common: limits, parsing, one transaction.

use std::sync::Arc;

use rocket::request::{FromRequest, Outcome};
use rocket::{Request, State};

use super::model::{LeadInput, NewLead};
use super::store;
use crate::business::programs::Catalogue;
use crate::platform::db::{Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::{Class, Limiter, Meta, Sites, limited};
use crate::platform::id;
use crate::platform::lang::Lang;

/// Written in the same transaction as the lead, whose id it is given.
pub type Beside = Box<dyn FnOnce(&mut Tx<'_>, &str) -> Result<(), Error> + Send>;

/// Everything that taking in a lead needs.
pub struct Desk<'r> {
    pub db: &'r Db,
    limiter: &'r Limiter,
    pub(super) catalogue: &'r Catalogue,
    pub(super) sites: &'r Arc<Sites>,
    meta: &'r Meta,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Desk<'r> {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let states = (
            request.guard::<&State<Db>>().await.succeeded(),
            request.guard::<&State<Arc<Limiter>>>().await.succeeded(),
            request.guard::<&State<Catalogue>>().await.succeeded(),
            request.guard::<&State<Arc<Sites>>>().await.succeeded(),
        );
        let (Some(db), Some(limiter), Some(catalogue), Some(sites)) = states else {
            // Rocket checks at launch that these are there; this answers 500 all the same.
            return Outcome::Forward(rocket::http::Status::InternalServerError);
        };
        Outcome::Success(Self {
            db: db.inner(),
            limiter: limiter.inner(),
            catalogue: catalogue.inner(),
            sites: sites.inner(),
            meta: Meta::of(request),
        })
    }
}

impl Desk<'_> {
    /// Stores the lead and returns its id, after the commit is on the disk.
    pub async fn take_in(
        &self,
        input: &LeadInput,
        beside: Option<Beside>,
    ) -> Result<String, Error> {
        if input.is_trapped() {
            self.spend(Class::LeadOk, self.meta.limit_key())?;
            // A program filled in the hidden field: it hears what everybody hears.
            let id = id::new_id();
            if let Some(write) = beside {
                let told = id.clone();
                self.db.write(move |tx| write(tx, &told)).await?;
            }
            return Ok(id);
        }
        let lead = self.check(input).await?;
        self.spend(Class::LeadOk, self.meta.limit_key())?;
        self.spend(Class::LeadAddress, self.limiter.key_of_text(&lead.email))?;
        let site = self.sites.current(lead.lang).await?;
        let address = self.meta.truncated_client().to_string();
        let work = move |tx: &mut Tx<'_>| {
            let id = store::capture(tx, &lead, &site, &address)?;
            if let Some(write) = beside {
                write(tx, &id)?;
            }
            Ok(id)
        };
        self.db.write(work).await
    }

    /// Whether the lead can be stored as it is, whoever sends it.
    ///
    /// # Errors
    /// Every fault of its fields.
    pub async fn check(&self, input: &LeadInput) -> Result<NewLead, Error> {
        // Names differ between languages, slugs do not.
        let programs = self.catalogue.options(Lang::En).await?;
        input.parse(&programs).map_err(Error::Invalid)
    }

    /// The language of the page the form stands on.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.meta.lang
    }

    /// Counts an accepted message against the client.
    ///
    /// # Errors
    /// 429 when it has sent too many.
    pub fn spend_accepted(&self) -> Result<(), Error> {
        self.spend(Class::LeadOk, self.meta.limit_key())
    }

    fn spend(&self, class: Class, key: u128) -> Result<(), Error> {
        match self.limiter.take(class, key) {
            Some(decision) if !decision.allowed => Err(limited(self.meta, decision)),
            _ => Ok(()),
        }
    }

    /// Counts a refused post against the client. Beyond the limit the answer is 429 instead, so
    /// that of any number of posts at once exactly as many as allowed hear what was wrong.
    pub fn count_failure(&self, error: Error) -> Error {
        // A retry that came too early has done nothing wrong.
        if matches!(error.status(), 409 | 429) || error.status() >= 500 {
            return error;
        }
        match self.limiter.take(Class::LeadFailed, self.meta.limit_key()) {
            Some(decision) if !decision.allowed => limited(self.meta, decision),
            Some(decision) => {
                self.meta.show_limit(decision);
                error
            }
            None => error,
        }
    }
}
