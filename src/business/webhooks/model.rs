//! What can be told, and what becomes of telling it. No IO.

use serde::{Deserialize, Serialize, Serializer};
use url::Url;

use crate::platform::error::Fault;
use crate::platform::http::paging::TimeOrder;
use crate::platform::text::{URL_MAX, is_https};
use crate::platform::word::Word;

/// As many webhooks as anybody needs; each is asked about at every event.
pub const MOST: i64 = 50;
/// Characters of a description at most.
pub const DESCRIPTION_MAX: usize = 200;
/// An old secret signs beside the new one for this long.
pub const OLD_SECRET_MS: i64 = 86_400_000;
/// Deliveries are kept for this long.
pub const KEPT_MS: i64 = 30 * 86_400_000;

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {
        /// Something that happens here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
        #[schema(as = WebhookEvent, example = "lead.created")]
        pub enum Event { $($(#[$doc])* #[serde(rename = $word)] #[schema(rename = $word)] $name),+ }

        impl Word for Event {
            const ALL: &'static [Self] = &[$(Self::$name),+];

            fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

events! {
    LeadCreated = "lead.created";
    /// A lead was changed, or left its address once more.
    LeadUpdated = "lead.updated";
    LeadDeleted = "lead.deleted";
    /// A message came in through the contact page.
    ContactCreated = "contact.created";
    /// An article is public: at once, or because its time has come.
    ArticlePublished = "article.published";
    /// A public article was changed.
    ArticleUpdated = "article.updated";
    /// A public article was removed or taken back.
    ArticleRemoved = "article.removed";
    /// A program was added, changed or removed.
    ProgramUpdated = "program.updated";
    /// Somebody asked for a test. Every webhook gets its own, whatever else it wants.
    Test = "webhook.test";
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// What became of telling a webhook of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = DeliveryState, rename_all = "lowercase", example = "delivered")]
pub enum State {
    /// Not tried yet.
    Waiting,
    Delivered,
    /// Did not go through, and is tried again.
    Failed,
    /// Given up.
    Dead,
}

impl Word for State {
    const ALL: &'static [Self] = &[Self::Waiting, Self::Delivered, Self::Failed, Self::Dead];

    fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }
}

/// Somebody who wants to be told, as stored.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub id: String,
    pub url: String,
    pub description: String,
    /// `None`: of everything.
    pub events: Option<Vec<Event>>,
    pub active: bool,
    /// Sealed.
    pub secret: String,
    /// Sealed, with the time until which it signs too.
    pub old_secret: Option<(String, i64)>,
    /// Epoch milliseconds, like all times here.
    pub last_success_at: Option<i64>,
    pub last_failure_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// What is to become of a webhook; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub url: Option<String>,
    pub description: Option<String>,
    /// `Some(None)`: everything.
    pub events: Option<Option<Vec<Event>>>,
    pub active: Option<bool>,
}

/// One event for one webhook.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub id: String,
    pub webhook_id: String,
    /// The word of an [`Event`], or of one that only a newer program knows.
    pub event: String,
    pub event_id: String,
    /// The id of what it is about.
    pub subject: String,
    /// The row of the outbox that sends it.
    pub job_id: String,
    pub state: State,
    pub attempts: i64,
    pub last_status: Option<i64>,
    pub last_error: Option<String>,
    pub next_try_at: Option<i64>,
    pub created_at: i64,
    pub delivered_at: Option<i64>,
}

/// Which webhooks a page of the list is made of.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub active: Option<bool>,
    pub order: TimeOrder,
    /// Where the page begins.
    pub after: String,
}

/// Which deliveries of a webhook a page of the list is made of.
#[derive(Debug, Clone)]
pub struct WantedDeliveries {
    pub webhook_id: String,
    pub state: Option<State>,
    pub event: Option<Event>,
    pub order: TimeOrder,
    /// Where the page begins.
    pub after: String,
}

impl Webhook {
    /// The webhook after `edit`.
    #[must_use]
    pub fn changed(mut self, edit: Edit, now_ms: i64) -> Self {
        self.url = edit.url.unwrap_or(self.url);
        self.description = edit.description.unwrap_or(self.description);
        self.events = edit.events.unwrap_or(self.events);
        self.active = edit.active.unwrap_or(self.active);
        Self { updated_at: now_ms, ..self }
    }

    /// The address without what may be secret in it.
    #[must_use]
    pub fn shown_url(&self) -> &str {
        self.url.split(['?', '#']).next().unwrap_or_default()
    }
}

/// The address of a webhook, as far as its form goes; `takes_private`: also http, any host and any port.
///
/// # Errors
/// The one fault of `url`.
pub fn parse_url(text: &str, takes_private: bool) -> Result<String, Fault> {
    if is_https(text) {
        return Ok(text.to_owned());
    }
    if !takes_private {
        let message = "url must be an address such as https://hooks.example.com/manero";
        return Err(Fault::of("url", "invalid", message));
    }
    let is_plain = text.len() <= URL_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_web = |url: &Url| url.has_host() && matches!(url.scheme(), "http" | "https");
    if is_plain && Url::parse(text).is_ok_and(|url| is_web(&url)) {
        return Ok(text.to_owned());
    }
    let message = "url must be an address such as http://10.0.0.7:9000/manero";
    Err(Fault::of("url", "invalid", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_on_the_internet_unless_private_ones_are_taken() {
        let parse = |text: &str, takes_private| parse_url(text, takes_private).is_ok();
        assert!(parse("https://hooks.example.com/a?b#c", false));
        for private in ["http://hooks.example.com/", "https://127.0.0.1/", "http://[::1]:9000/x"] {
            assert_eq!((parse(private, false), parse(private, true)), (false, true), "{private}");
        }
        let long = format!("http://a/{}", "x".repeat(URL_MAX));
        for bad in
            ["", "ftp://a.co/", "http://", "http://a b/", "http://a/é", "mailto:a@b.co", &long]
        {
            assert!(!parse(bad, true), "{bad}");
        }
    }

    #[test]
    fn an_address_is_shown_without_its_query() {
        let nothing = Webhook {
            id: String::new(),
            url: "https://a.co/x?token=1#y".into(),
            description: String::new(),
            events: None,
            active: true,
            secret: String::new(),
            old_secret: None,
            last_success_at: None,
            last_failure_at: None,
            created_at: 0,
            updated_at: 0,
        };
        assert_eq!(nothing.shown_url(), "https://a.co/x");
        let changed = nothing.changed(Edit { active: Some(false), ..Edit::default() }, 7);
        assert_eq!(
            (changed.active, changed.updated_at, changed.shown_url()),
            (false, 7, "https://a.co/x")
        );
    }
}
