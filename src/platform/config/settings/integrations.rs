//! The site's public face, its mail, and the vendors it talks to. A vendor without a key is off.

use std::time::Duration;

use url::Url;

use crate::platform::config::reader::{Missing, Reader};
use crate::platform::lang::Lang;
use crate::platform::secret::Secret;
use crate::platform::vendors::smtp::SmtpSender;

#[derive(Debug, Clone)]
pub struct SiteSettings {
    pub app_name: String,
    /// An IANA name; it has been looked up once.
    pub time_zone: String,
    /// Where browsers find the API, when it is not this site.
    pub api_url: Option<Url>,
    pub analytics_id: Option<String>,
    pub enable_chat: bool,
    pub enable_quiz: bool,
    /// Languages that visitors do not see. Never English: its addresses have no prefix.
    pub hidden: Vec<Lang>,
    /// Public by nature: it is sent to browsers.
    pub sentry_dsn_public: Option<Url>,
}

#[derive(Debug, Clone)]
pub struct MailSettings {
    /// `None`: mail goes to the local mailbox.
    pub smtp_url: Option<Secret<String>>,
    pub from_name: String,
    pub from_address: String,
    pub rate_per_second: u32,
    pub keep_days: u32,
}

#[derive(Debug, Clone)]
pub struct OutboundSettings {
    /// An HTTP proxy; the environment's own proxy variables are deliberately ignored.
    pub proxy: Option<Secret<String>>,
    /// The longest time for one request to a vendor, connecting included.
    pub timeout: Duration,
}

/// Webhooks that go out.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// Whether they may lead to http addresses and into the own network.
    pub private_targets: bool,
}

#[derive(Debug, Clone)]
pub struct Integrations {
    pub activecampaign: ActiveCampaign,
    pub openai: OpenAi,
    pub sendgrid: SendGrid,
    pub hotmart: Hotmart,
    pub sentry: Sentry,
    pub slack: Slack,
}

#[derive(Debug, Clone)]
pub struct ActiveCampaign {
    pub url: Option<Url>,
    pub key: Option<Secret<String>>,
}

#[derive(Debug, Clone)]
pub struct OpenAi {
    pub key: Option<Secret<String>>,
    /// Its version included: `https://api.openai.com/v1`.
    pub base_url: Url,
}

#[derive(Debug, Clone)]
pub struct SendGrid {
    pub key: Option<Secret<String>>,
    pub base_url: Url,
}

#[derive(Debug, Clone)]
pub struct Hotmart {
    pub secret: Option<Secret<String>>,
}

#[derive(Debug, Clone)]
pub struct Sentry {
    pub dsn: Option<Secret<String>>,
}

#[derive(Debug, Clone)]
pub struct Slack {
    pub url: Option<Secret<String>>,
}

impl SiteSettings {
    /// Whether the site is shown in this language.
    #[must_use]
    pub fn speaks(&self, lang: Lang) -> bool {
        !self.hidden.contains(&lang)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Missing> {
        let mut hidden = Vec::new();
        for (lang, path) in
            [(Lang::Es, "site.enable_spanish"), (Lang::Pt, "site.enable_portuguese")]
        {
            if !reader.required::<bool>(path)? {
                hidden.push(lang);
            }
        }
        Ok(Self {
            app_name: reader.required("site.app_name")?,
            time_zone: reader.required("site.time_zone")?,
            api_url: reader.optional("site.api_url"),
            analytics_id: reader.optional("site.analytics_id"),
            enable_chat: reader.required("site.enable_chat")?,
            enable_quiz: reader.required("site.enable_quiz")?,
            hidden,
            sentry_dsn_public: reader.optional("site.sentry_dsn_public"),
        })
    }
}

impl MailSettings {
    pub(super) fn read(
        site: &SiteSettings,
        domain: Option<&str>,
        reader: &mut Reader<'_>,
    ) -> Result<Self, Missing> {
        let derived = || format!("hello@{}", domain.unwrap_or("localhost"));
        let smtp_url = reader.secret("mail.smtp_url");
        if let Some(Err(reason)) = smtp_url.as_ref().map(SmtpSender::check) {
            reader.fault("mail.smtp_url", format!("cannot be used: {reason}"));
        }
        Ok(Self {
            smtp_url,
            from_name: reader.optional("mail.from_name").unwrap_or_else(|| site.app_name.clone()),
            from_address: reader.optional("mail.from_address").unwrap_or_else(derived),
            // The kinds have checked the bounds.
            rate_per_second: reader.required::<u64>("mail.rate_per_second")? as u32,
            keep_days: reader.required::<u64>("mail.keep_days")? as u32,
        })
    }
}

impl OutboundSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Missing> {
        Ok(Self {
            proxy: reader.secret("outbound.proxy"),
            timeout: reader.required("outbound.timeout")?,
        })
    }
}

impl WebhookSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Missing> {
        Ok(Self { private_targets: reader.required("webhooks.private_targets")? })
    }
}

impl Integrations {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Missing> {
        let activecampaign = ActiveCampaign {
            url: reader.optional("activecampaign.url"),
            key: reader.secret("activecampaign.key"),
        };
        if activecampaign.url.is_some() != activecampaign.key.is_some() {
            reader.warn(
                "ActiveCampaign stays off: it needs both ACTIVECAMPAIGN_API_URL and \
                 ACTIVECAMPAIGN_API_KEY",
            );
        }
        Ok(Self {
            activecampaign,
            openai: OpenAi {
                key: reader.secret("openai.key"),
                base_url: reader.required("openai.base_url")?,
            },
            sendgrid: SendGrid {
                key: reader.secret("sendgrid.key"),
                base_url: reader.required("sendgrid.base_url")?,
            },
            hotmart: Hotmart { secret: reader.secret("hotmart.secret") },
            sentry: Sentry { dsn: reader.secret("sentry.dsn") },
            slack: Slack { url: reader.secret("slack.url") },
        })
    }
}
