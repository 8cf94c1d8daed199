//! Who carries what is told: the client with its boundary, and the secrets that sign.

use std::sync::Arc;
use std::time::Duration;

use super::model::{Webhook, parse_url};
use super::signature;
use crate::platform::clock::Clock;
use crate::platform::config::Settings;
use crate::platform::crypto::DataKey;
use crate::platform::error::{Error, Fault};
use crate::platform::secret::Secret;
use crate::platform::vendors::http::{self, Boundary, Client, Options, Request};

/// A whole call, connecting included.
const TIMEOUT: Duration = Duration::from_secs(10);
/// So much of an answer is read, and none of it kept.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Carries messages to webhooks.
pub struct Courier {
    client: Client,
    pub(super) data_key: DataKey,
    pub(super) clock: Arc<Clock>,
    takes_private: bool,
}

/// What came back from a webhook.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
}

/// What is sent: an id that stays the same however often it is sent, and a body.
pub(super) struct Message {
    pub(super) id: String,
    pub(super) body: Vec<u8>,
}

impl Courier {
    /// # Errors
    /// When outbound HTTP cannot be set up.
    pub fn new(
        settings: &Settings,
        data_key: DataKey,
        clock: &Arc<Clock>,
    ) -> Result<Self, http::Error> {
        let takes_private = settings.webhooks.private_targets;
        let boundary = if takes_private {
            Boundary::internet().with_addresses(|_| true).with_ports(|_| true)
        } else {
            Boundary::internet()
        };
        Self::within(boundary, takes_private, data_key, clock)
    }

    /// One that goes as far as `boundary`; `takes_private`: also over http, to any host and port.
    ///
    /// # Errors
    /// When outbound HTTP cannot be set up.
    pub fn within(
        boundary: Boundary,
        takes_private: bool,
        data_key: DataKey,
        clock: &Arc<Clock>,
    ) -> Result<Self, http::Error> {
        let user_agent = format!("manero/{}", env!("CARGO_PKG_VERSION"));
        // The public door takes no proxy: a proxy would look names up behind the boundary's back.
        let client = Client::with_boundary(&Options { proxy: None, user_agent }, boundary)?;
        Ok(Self { client, data_key, clock: Arc::clone(clock), takes_private })
    }

    /// Reads an address, as far as its form goes.
    pub(super) fn parse(&self, text: &str) -> Result<String, Fault> {
        parse_url(text, self.takes_private)
    }

    /// Whether it would call this address, as far as can be told without looking its name up.
    ///
    /// # Errors
    /// 409.
    pub(super) fn check(&self, url: &str) -> Result<(), Error> {
        self.client.check_public(url).map_err(|error| Error::Conflict(error.to_string()))
    }

    /// The secrets that sign for a webhook now; none when they were sealed with another data key.
    fn secrets(&self, webhook: &Webhook, now_ms: i64) -> Option<Vec<Secret<String>>> {
        let open = |sealed: &str| signature::open(&self.data_key, &webhook.id, sealed);
        let mut secrets = vec![open(&webhook.secret)?];
        if let Some((sealed, _)) = webhook.old_secret.as_ref().filter(|(_, until)| now_ms < *until)
        {
            secrets.extend(open(sealed));
        }
        Some(secrets)
    }

    /// Sends `message`. Nothing is followed, and addresses are judged anew each time.
    ///
    /// # Errors
    /// Why there is no answer, in words without the address's path or query.
    pub(super) fn carry(&self, webhook: &Webhook, message: &Message) -> Result<Answer, String> {
        let now_ms = self.clock.now_ms();
        let Message { id, body } = message;
        let sign =
            |secrets: Vec<Secret<String>>| signature::sign(&secrets, id, now_ms / 1000, body);
        let Some(signature) = self.secrets(webhook, now_ms).and_then(sign) else {
            return Err("its secret cannot be opened with this data key; make a new one".into());
        };
        // With the setting switched off again, what was taken with it is not called any more.
        self.parse(&webhook.url).map_err(|fault| fault.message)?;
        let request = Request::post(webhook.url.as_str())
            .header("webhook-id", id)
            .header("webhook-timestamp", &(now_ms / 1000).to_string())
            .header("webhook-signature", &signature)
            .body("application/json", body.as_slice())
            .timeout(TIMEOUT)
            .max_response_bytes(MAX_ANSWER_BYTES)
            .only_status()
            .secret_path();
        let response = self.client.public(&request).map_err(|error| error.to_string())?;
        Ok(Answer { status: response.status, retry_after: response.retry_after })
    }
}
