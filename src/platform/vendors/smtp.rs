//! Mail over SMTP (`SMTP_URL`): <https://docs.rs/lettre/0.11/lettre/transport/smtp>.
//!
//! [`SmtpSender::send`] blocks: call it from outbox workers. A mail that is accepted has been
//! accepted by the relay, not delivered; bounces come back by other ways.
//!
//! Deliberately not here: what a mail says (`business::mail`), the built-in local mailbox, retries.

mod error;
mod message;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::{Duration, Instant};

use lettre::transport::smtp::{PoolConfig, SmtpTransportBuilder};
use lettre::{SmtpTransport, Transport};
use url::{Host, Url};

use crate::platform::secret::Secret;

pub use error::Error;
pub use message::OutgoingMail;

/// Connecting, and each answer of the relay.
const TIMEOUT: Duration = Duration::from_secs(10);
/// More would only queue at the relay: the outbox has few workers.
const MAX_CONNECTIONS: u32 = 2;
/// Shorter than the idle limits of the usual relays.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Hands mails to one relay. Connections are opened at the first mail and kept for a while.
pub struct SmtpSender {
    transport: SmtpTransport,
    relay: String,
}

impl SmtpSender {
    /// `smtps://user:password@host[:465]`, or `smtp://[user:password@]host[:port][?tls=required|opportunistic|none]`.
    /// User name and password are percent-encoded.
    ///
    /// Without `tls`: none on loopback, `required` when there is a password, else `opportunistic`.
    /// With a password, other machines are only spoken to over `required` TLS or `smtps`.
    ///
    /// Errors: [`Error::Configuration`], which never quotes the URL.
    pub fn new(smtp_url: &Secret<String>) -> Result<Self, Error> {
        let (builder, relay) = prepared(smtp_url)?;
        let transport = builder
            .timeout(Some(TIMEOUT))
            .pool_config(
                PoolConfig::new().min_idle(0).max_size(MAX_CONNECTIONS).idle_timeout(IDLE_TIMEOUT),
            )
            .build();
        Ok(Self { transport, relay })
    }

    /// Whether [`SmtpSender::new`] would take this URL.
    ///
    /// # Errors
    /// Why not, without quoting it.
    pub fn check(smtp_url: &Secret<String>) -> Result<(), &'static str> {
        match prepared(smtp_url) {
            Err(Error::Configuration { reason }) => Err(reason),
            _ => Ok(()),
        }
    }

    /// Hands one mail to the relay and returns when the relay has taken it.
    ///
    /// Errors: see [`Error::is_retryable`].
    pub fn send(&self, mail: &OutgoingMail) -> Result<(), Error> {
        let message = mail.to_message()?;
        let started = Instant::now();
        let outcome = self.transport.send(&message).map_err(|error| Error::from_lettre(&error));
        let ms = started.elapsed().as_millis();
        match &outcome {
            Ok(response) => log::info!(
                "SMTP {} took {} with {} in {ms} ms",
                self.relay,
                mail.message_id,
                response.code()
            ),
            Err(error) => log::info!(
                "SMTP {} did not take {} after {ms} ms: {error}",
                self.relay,
                mail.message_id
            ),
        }
        outcome.map(|_| ())
    }
}

impl fmt::Debug for SmtpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpSender({})", self.relay)
    }
}

/// All that the URL says, and the name of the relay.
fn prepared(smtp_url: &Secret<String>) -> Result<(SmtpTransportBuilder, String), Error> {
    let url = Url::parse(smtp_url.expose()).map_err(|_| Error::Configuration {
        reason: "it is not a URL like smtp://user:password@host:587",
    })?;
    let relay = url.host_str().filter(|host| !host.is_empty()).map(str::to_owned);
    let relay = relay.ok_or(Error::Configuration { reason: "it names no host" })?;
    let builder = SmtpTransport::from_url(with_explicit_tls(url)?.as_str()).map_err(|_| {
        Error::Configuration { reason: "its host, user name or password cannot be used" }
    })?;
    Ok((builder, relay))
}

/// Rewrites the URL so that lettre is told about TLS in its own words.
fn with_explicit_tls(mut url: Url) -> Result<Url, Error> {
    let has_password = url.password().is_some();
    if !url.username().is_empty() && !has_password {
        return Err(Error::Configuration { reason: "it has a user name but no password" });
    }
    let asked =
        url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value.into_owned());
    let tls = match (url.scheme(), asked.as_deref()) {
        ("smtps", _) => return Ok(url),
        ("smtp", Some(mode @ ("required" | "opportunistic"))) => Some(mode),
        ("smtp", Some("none")) => None,
        ("smtp", None) if is_loopback(&url) => None,
        ("smtp", None) => Some(if has_password { "required" } else { "opportunistic" }),
        ("smtp", Some(_)) => {
            return Err(Error::Configuration {
                reason: "tls must be required, opportunistic or none",
            });
        }
        _ => {
            return Err(Error::Configuration { reason: "it must begin with smtp:// or smtps://" });
        }
    };
    // Opportunistic is no protection: whoever sits between can take STARTTLS out of the greeting.
    if tls != Some("required") && has_password && !is_loopback(&url) {
        return Err(Error::Configuration {
            reason: "a password is only sent over certain TLS; use ?tls=required or smtps://",
        });
    }
    match tls {
        Some(mode) => url.set_query(Some(&format!("tls={mode}"))),
        None => url.set_query(None),
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    // `smtp` is no special scheme, so the parser leaves IPv4 addresses as names.
    match url.host() {
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|v4: std::net::Ipv4Addr| v4.is_loopback())
        }
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.is_loopback(),
        None => false,
    }
}
