//! The settings as the rest of the program sees them: typed, checked, secrets wrapped.
//!
//! One struct per concern, each with the rules between its own values. Names of variables and
//! files are deliberately unknown here; a rule speaks of setting paths.

mod database;
mod http;
mod integrations;
mod limits;
mod log;
mod operations;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use self::database::Database;
pub use self::http::{HttpSettings, RateLimitHeaders};
pub use self::integrations::{
    ActiveCampaign, Hotmart, Integrations, MailSettings, OpenAi, OutboundSettings, SendGrid,
    Sentry, SiteSettings, Slack, WebhookSettings,
};
pub use self::limits::{Limit, Limits};
pub use self::log::{LogFormat, LogLevel, LogSettings};
pub use self::operations::{AwsSettings, BackupSettings};
use super::reader::{Missing, Reader};
use crate::platform::secret::Secret;

/// Fewer bytes than this make a signing key that can be guessed.
const MIN_JWT_SECRET_BYTES: usize = 32;

/// `NODE_ENV`: which file of settings is read, and how strict the rules are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    #[default]
    Development,
    Test,
    Production,
}

impl Profile {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "development" => Some(Self::Development),
            "test" => Some(Self::Test),
            "production" => Some(Self::Production),
            _ => None,
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Development => "development",
            Self::Test => "test",
            Self::Production => "production",
        })
    }
}

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Settings {
    pub profile: Profile,
    pub http: HttpSettings,
    pub data: DataSettings,
    pub database: Database,
    /// The PostgreSQL server without its pooler, for migrations; always [`Database::Postgres`].
    pub direct_url: Option<Database>,
    pub jwt: JwtSettings,
    pub log: LogSettings,
    pub limits: Limits,
    pub mail: MailSettings,
    pub backup: BackupSettings,
    pub aws: AwsSettings,
    pub integrations: Integrations,
    pub outbound: OutboundSettings,
    pub webhooks: WebhookSettings,
    pub site: SiteSettings,
}

#[derive(Debug, Clone)]
pub struct DataSettings {
    /// Databases, media, keys, logs and releases live below this folder.
    pub dir: PathBuf,
    /// The key that seals stored secrets; `None`: `keys/data.key` below `dir`.
    pub data_key: Option<Secret<String>>,
}

#[derive(Debug, Clone)]
pub struct JwtSettings {
    /// `None`: a key is made and kept with the data.
    pub secret: Option<Secret<String>>,
    pub expiry: Duration,
}

impl Settings {
    pub(super) fn read(profile: Profile, reader: &mut Reader<'_>) -> Result<Self, Missing> {
        let data = DataSettings {
            dir: {
                let dir: PathBuf = reader.required("data.dir")?;
                reader.in_dir(dir)
            },
            data_key: reader.secret("data.key"),
        };
        if reader.resolved.get("redis.url").is_some() {
            reader.warn("REDIS_URL is not needed: limits, cache and queue live in this process");
        }
        let (database, direct_url) = database::read(&data.dir, reader);
        let http = HttpSettings::read(profile, reader)?;
        let site = SiteSettings::read(reader)?;
        Ok(Self {
            profile,
            data,
            database,
            direct_url,
            jwt: JwtSettings::read(profile, reader)?,
            log: LogSettings::read(reader)?,
            limits: Limits::read(reader)?,
            mail: MailSettings::read(&site, http.domain.as_deref(), reader)?,
            backup: BackupSettings::read(reader)?,
            aws: AwsSettings::read(reader)?,
            integrations: Integrations::read(reader)?,
            outbound: OutboundSettings::read(reader)?,
            webhooks: WebhookSettings::read(reader)?,
            http,
            site,
        })
    }
}

impl JwtSettings {
    fn read(profile: Profile, reader: &mut Reader<'_>) -> Result<Self, Missing> {
        let secret = reader.secret("jwt.secret");
        let bytes = secret.as_ref().map_or(usize::MAX, |secret| secret.expose().len());
        if bytes < MIN_JWT_SECRET_BYTES {
            let problem =
                format!("has {bytes} bytes; a signing key needs at least {MIN_JWT_SECRET_BYTES}");
            if profile == Profile::Production {
                reader.fault("jwt.secret", problem);
            } else {
                reader.warn(format!("JWT_SECRET {problem}, and is refused in production"));
            }
        }
        Ok(Self { secret, expiry: reader.required("jwt.expiry")? })
    }
}
