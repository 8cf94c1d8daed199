//! What the next page says first: that something was done, and how to take it back.

use std::sync::Arc;

use rocket::Request;
use rocket::http::{Cookie, SameSite};
use rocket::time::Duration as CookieAge;
use serde::{Deserialize, Serialize};

use crate::admin::accounts::Accounts;
use crate::platform::http::Meta;

const NAME: &str = "manero_flash";
/// A browser gives a cookie back up to 4 KiB; the seal makes it a third longer.
const MAX_BYTES: usize = 2500;

/// A message for the next page that the browser shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flash {
    pub text: String,
    pub is_bad: bool,
    pub undo: Option<Undo>,
}

/// How to take back what was done: a form of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Undo {
    pub action: String,
    pub label: String,
    pub fields: Vec<(String, String)>,
}

impl Flash {
    /// Something was done.
    #[must_use]
    pub fn good(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_bad: false, undo: None }
    }

    /// Something was not done, and there is no form to say so.
    #[must_use]
    pub fn bad(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_bad: true, undo: None }
    }

    /// With a button that posts `fields` to `action` (below `/admin/`).
    #[must_use]
    pub fn undo(mut self, action: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let fields = fields.iter().map(own).collect();
        self.undo = Some(Undo { action: action.into(), label: "Undo".into(), fields });
        self
    }

    /// Sealed, so that nobody else can put words, or a form, into a page. Too long to be kept: without its undo.
    pub(super) fn cookie(&self, request: &Request<'_>) -> Option<Cookie<'static>> {
        let accounts = request.rocket().state::<Arc<Accounts>>()?;
        let sealed = |flash: &Self| {
            let json = serde_json::to_vec(flash).ok()?;
            (json.len() <= MAX_BYTES).then(|| accounts.data_key.seal(NAME, &json))
        };
        let short =
            Self { undo: None, text: self.text.chars().take(400).collect(), ..self.clone() };
        let value = sealed(self).or_else(|| sealed(&short))?;
        Some(
            Cookie::build((NAME, value))
                .http_only(true)
                .same_site(SameSite::Lax)
                .path("/admin")
                .secure(Meta::of(request).https)
                .max_age(CookieAge::seconds(120))
                .build(),
        )
    }

    /// What waits to be said.
    pub(super) fn waiting(request: &Request<'_>) -> Option<Self> {
        let accounts = request.rocket().state::<Arc<Accounts>>()?;
        let sealed = request.cookies().get(NAME)?.value().to_owned();
        let json = accounts.data_key.open(NAME, &sealed).ok()?;
        serde_json::from_slice(&json).ok()
    }

    /// A cookie that ends it: it has been said.
    pub(super) fn said() -> Cookie<'static> {
        let mut cookie = Cookie::build((NAME, "")).path("/admin").build();
        cookie.make_removal();
        cookie
    }
}
