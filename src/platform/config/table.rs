//! The table of settings: one row each, grouped as the guide's `.env` template groups them.
//!
//! It drives parsing, the search for unknown keys, `manero config`, the settings of the dashboard,
//! `config/env.example` and the README's table. A row that does not say otherwise cannot be changed
//! in the dashboard. Default values are in `config/default.toml`; what a value does is in the slice
//! that reads it.

use super::keys::{Change, Group, Key, Mask};
use super::kind::Kind;
use crate::platform::word::Word;

/// What a group of settings is called in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = SettingGroup, rename_all = "lowercase", example = "frontend")]
pub enum Area {
    Frontend,
    Backend,
    Database,
    Jwt,
    Integrations,
    Webhooks,
    Mail,
    Monitoring,
    Backup,
    Limits,
    Optional,
}

impl Word for Area {
    const ALL: &'static [Self] = &[
        Self::Frontend,
        Self::Backend,
        Self::Database,
        Self::Jwt,
        Self::Integrations,
        Self::Webhooks,
        Self::Mail,
        Self::Monitoring,
        Self::Backup,
        Self::Limits,
        Self::Optional,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::Backend => "backend",
            Self::Database => "database",
            Self::Jwt => "jwt",
            Self::Integrations => "integrations",
            Self::Webhooks => "webhooks",
            Self::Mail => "mail",
            Self::Monitoring => "monitoring",
            Self::Backup => "backup",
            Self::Limits => "limits",
            Self::Optional => "optional",
        }
    }
}

/// Why a setting cannot be changed in the dashboard.
const MACHINE: Change =
    Change::Never("it belongs to the machine, and is decided where the program is started");
const FIRST: &str = "it is needed before the database can be read";
const LISTENS: &str = "the program listens there from its start";
const RESTORE: &str = "a restore needs it before there is a database";
const TRUST: &str =
    "whoever is named there may say who visitors are; it is decided where the proxy is set up";

const fn open(
    path: &'static str,
    env: &'static [&'static str],
    kind: Kind,
    example: &'static str,
    help: &'static str,
) -> Key {
    Key { path, env, kind, mask: Mask::Open, change: MACHINE, example, help }
}

/// A text of which nothing is shown.
const fn secret(
    path: &'static str,
    env: &'static [&'static str],
    example: &'static str,
    help: &'static str,
) -> Key {
    Key { path, env, kind: Kind::Text, mask: Mask::Whole, change: MACHINE, example, help }
}

/// A URL of which the password, or as `Mask::Whole` everything, stays hidden.
const fn secret_url(
    path: &'static str,
    env: &'static [&'static str],
    mask: Mask,
    schemes: &'static [&'static str],
    example: &'static str,
    help: &'static str,
) -> Key {
    let kind = Kind::Url { schemes, credentials: true };
    Key { path, env, kind, mask, change: MACHINE, example, help }
}

/// A setting that only a TOML file can change.
const fn toml(path: &'static str, kind: Kind, help: &'static str) -> Key {
    Key { path, env: &[], kind, mask: Mask::Open, change: MACHINE, example: "", help }
}

const WEB: Kind = Kind::Url { schemes: &["https", "http"], credentials: false };
const MAX: Kind = Kind::Count { min: 1, max: 1_000_000 };

#[rustfmt::skip] // one row, one line: the table is read down its columns
pub const GROUPS: &[Group] = &[
    Group { area: Area::Frontend, title: "FRONTEND", keys: &[
        open("site.api_url", &["NEXT_PUBLIC_API_URL"], WEB, "https://api.shop.example", "where the browser finds the API, when it is not this site").at_once(),
        open("site.app_name", &["NEXT_PUBLIC_APP_NAME"], Kind::Text, "Manuel Manero", "name of the site in titles, mails and structured data").at_once(),
        toml("site.enable_spanish", Kind::Bool, "show the site in Spanish, below /es").at_once(),
        toml("site.enable_portuguese", Kind::Bool, "show the site in Portuguese, below /pt").at_once(),
        toml("site.time_zone", Kind::Zone, "time zone of times in the dashboard, such as Europe/Lisbon").at_once(),
        open("site.analytics_id", &["NEXT_PUBLIC_ANALYTICS_ID"], Kind::Text, "G-XXXXXXXXXX", "analytics property that imported figures are compared with").at_once(),
        open("site.enable_chat", &["NEXT_PUBLIC_ENABLE_CHAT"], Kind::Bool, "true", "show the chat").at_once(),
        open("site.enable_quiz", &["NEXT_PUBLIC_ENABLE_QUIZ"], Kind::Bool, "true", "show the quiz").at_once(),
        open("site.sentry_dsn_public", &["NEXT_PUBLIC_SENTRY_DSN"], Kind::Url { schemes: &["https", "http"], credentials: true }, "https://key@errors.example/1", "DSN for errors in browsers; public by nature").at_once(),
    ] },
    Group { area: Area::Backend, title: "BACKEND", keys: &[
        open("profile", &["NODE_ENV"], Kind::Choice(&["development", "test", "production"]), "production", "chooses config/<profile>.toml and how strict the rules are").never(FIRST),
        open("http.port", &["API_PORT", "ROCKET_PORT"], Kind::Port, "8000", "port to listen on; API_PORT beats ROCKET_PORT").never(LISTENS),
        open("http.address", &["ROCKET_ADDRESS"], Kind::Address, "127.0.0.1", "address to listen on; loopback unless a proxy is elsewhere").never(LISTENS),
        open("http.api_url", &["API_URL"], WEB, "https://api.shop.example", "public address of the API; its host is answered").at_once(),
        open("http.frontend_url", &["FRONTEND_URL"], WEB, "https://shop.example", "public address of the site; its origin and www twin may call the API").at_once(),
        open("http.domain", &["MANERO_DOMAIN"], Kind::Domain, "shop.example", "name of the site; requests for it and its www twin are answered").at_once(),
        open("http.trusted_proxies", &["MANERO_TRUSTED_PROXIES"], Kind::Ranges, "127.0.0.1, 10.0.0.0/8", "proxies whose X-Forwarded-* headers are believed").never(TRUST),
        open("http.rate_limits", &["MANERO_RATE_LIMITS"], Kind::Bool, "on", "off only for benches and contract tests, never in production").never("off is for benches and contract tests alone"),
        toml("http.rate_limit_headers", Kind::Choice(&["draft-6", "draft-8"]), "which RateLimit headers are sent").at_once(),
        toml("http.extra_origins", Kind::Origins, "further origins that may call the API from a browser").at_once(),
        open("data.dir", &["MANERO_DATA"], Kind::Path, "./data", "folder for the databases, media, keys and logs").never(FIRST),
        secret("data.key", &["MANERO_DATA_KEY"], "recovery-key", "key that seals stored secrets; made at first start when unset").never(FIRST),
    ] },
    Group { area: Area::Database, title: "DATABASE", keys: &[
        Key { path: "database.url", env: &["DATABASE_URL"], kind: Kind::Database, mask: Mask::Password, change: MACHINE, example: "sqlite://./data/manero.db", help: "sqlite://PATH or postgresql://…; Prisma's schema, pgbouncer and connection_limit are understood" }.never(FIRST),
        secret_url("database.direct_url", &["DIRECT_URL"], Mask::Password, &["postgresql", "postgres"], "postgresql://user:password@host:5432/name", "PostgreSQL without the pooler, for migrations").never(FIRST),
    ] },
    Group { area: Area::Jwt, title: "JWT", keys: &[
        secret("jwt.secret", &["JWT_SECRET"], "at-least-32-bytes-of-randomness-please", "signs API tokens; at least 32 bytes in production").never("`manero keys rotate jwt` replaces the key that signs"),
        open("jwt.expiry", &["JWT_EXPIRY"], Kind::Duration, "7d", "how long an API token is valid").at_once(),
    ] },
    Group { area: Area::Integrations, title: "CRM & INTEGRATIONS", keys: &[
        open("activecampaign.url", &["ACTIVECAMPAIGN_API_URL"], WEB, "https://yourinstance.api-us1.com", "address of the ActiveCampaign account").at_once(),
        secret("activecampaign.key", &["ACTIVECAMPAIGN_API_KEY"], "your-key", "key of the ActiveCampaign account").at_once(),
        secret("sendgrid.key", &["SENDGRID_API_KEY"], "SG.your-key", "sends mail through SendGrid").at_once(),
        open("sendgrid.base_url", &["SENDGRID_BASE_URL"], WEB, "https://api.sendgrid.com", "SendGrid's address; https://api.eu.sendgrid.com for EU accounts").at_once(),
        secret("openai.key", &["OPENAI_API_KEY"], "sk-your-key", "lets the chat answer with a language model").at_once(),
        open("openai.base_url", &["OPENAI_BASE_URL"], WEB, "https://api.openai.com/v1", "an OpenAI-compatible API, its version included").at_once(),
        secret("hotmart.secret", &["HOTMART_WEBHOOK_SECRET"], "your-hottok", "proves that a sale's webhook comes from Hotmart").at_once(),
        toml("outbound.timeout", Kind::Duration, "longest time for one request to a vendor").at_once(),
        Key { path: "outbound.proxy", env: &[], kind: Kind::Url { schemes: &["http"], credentials: true }, mask: Mask::Password, change: MACHINE, example: "", help: "HTTP proxy for requests to vendors; none unless set here" },
    ] },
    Group { area: Area::Webhooks, title: "WEBHOOKS", keys: &[
        toml("webhooks.private_targets", Kind::Bool, "webhooks may also lead to http addresses and into the own network").never("it opens the own network to whoever may set webhooks; it is decided where the server is set up"),
    ] },
    Group { area: Area::Mail, title: "MAIL", keys: &[
        secret_url("mail.smtp_url", &["SMTP_URL"], Mask::Password, &["smtps", "smtp"], "smtps://user:password@mail.example:465", "sends mail over SMTP; without it mail goes to the local mailbox").at_once(),
        toml("mail.from_name", Kind::Text, "sender's name; the site's name when unset").at_once(),
        toml("mail.from_address", Kind::Email, "sender's address; hello@<domain> when unset").at_once(),
        toml("mail.rate_per_second", Kind::Count { min: 1, max: 1_000 }, "most mails handed over in a second").at_next_start(),
        toml("mail.keep_days", Kind::Count { min: 1, max: 3_650 }, "days that sent mail stays in the local mailbox").at_once(),
    ] },
    Group { area: Area::Monitoring, title: "MONITORING", keys: &[
        secret_url("sentry.dsn", &["SENTRY_DSN"], Mask::Whole, &["https", "http"], "https://key@errors.example/1", "also report errors of the server to Sentry").at_once(),
        secret_url("slack.url", &["SLACK_WEBHOOK_URL"], Mask::Whole, &["https", "http"], "https://hooks.slack.com/services/…", "where alerts are posted").at_once(),
        open("log.level", &["LOG_LEVEL"], Kind::Choice(&["debug", "info", "warn", "error", "fatal"]), "info", "least severe line that is written").at_once(),
        toml("log.format", Kind::Choice(&["auto", "human", "json"]), "auto is JSON in production, else human"),
        toml("log.files", Kind::Bool, "also write JSON lines to <data>/logs/manero.log"),
        toml("log.max_file_bytes", Kind::Count { min: 65_536, max: 1_073_741_824 }, "size at which a log file is rotated"),
        toml("log.keep_files", Kind::Count { min: 1, max: 100 }, "rotated log files that are kept"),
        toml("log.slow_query_ms", Kind::Count { min: 1, max: 600_000 }, "statements that take longer are logged, without values").never(FIRST),
    ] },
    Group { area: Area::Backup, title: "BACKUP", keys: &[
        open("backup.url", &["MANERO_BACKUP_URL"], Kind::Url { schemes: &["s3"], credentials: false }, "s3://bucket/path", "where the database is replicated to; exactly this path").never(RESTORE),
        toml("backup.interval", Kind::Duration, "longest time that a commit waits to be shipped").never(RESTORE),
        secret("aws.access_key_id", &["AWS_ACCESS_KEY_ID"], "AKIA…", "access key of the bucket").never(RESTORE),
        secret("aws.secret_access_key", &["AWS_SECRET_ACCESS_KEY"], "your-secret", "secret key of the bucket").never(RESTORE),
        open("aws.region", &["AWS_REGION"], Kind::Text, "us-east-1", "region of the bucket").never(RESTORE),
        open("aws.endpoint_url", &["AWS_ENDPOINT_URL"], WEB, "https://s3.example", "address of an S3-compatible store; AWS when unset").never(RESTORE),
    ] },
    Group { area: Area::Limits, title: "LIMITS", keys: &[
        toml("limits.api.max", MAX, "requests to the API a client").at_once(),
        toml("limits.api.window", Kind::Duration, "in this time").at_once(),
        toml("limits.lead_failed.max", MAX, "refused lead forms a client").at_once(),
        toml("limits.lead_failed.window", Kind::Duration, "in this time").at_once(),
        toml("limits.lead_ok.max", MAX, "accepted lead forms a client").at_once(),
        toml("limits.lead_ok.window", Kind::Duration, "in this time").at_once(),
        toml("limits.lead_address.max", MAX, "accepted lead forms an e-mail address").at_once(),
        toml("limits.lead_address.window", Kind::Duration, "in this time").at_once(),
        toml("limits.search.max", MAX, "searches a client").at_once(),
        toml("limits.search.window", Kind::Duration, "in this time").at_once(),
        toml("limits.log_in.max", MAX, "failed log-ins a client").at_once(),
        toml("limits.log_in.window", Kind::Duration, "in this time").at_once(),
        toml("limits.token.max", MAX, "token requests a client").at_once(),
        toml("limits.token.window", Kind::Duration, "in this time").at_once(),
        toml("limits.webhook.max", MAX, "webhook deliveries a sender").at_once(),
        toml("limits.webhook.window", Kind::Duration, "in this time").at_once(),
        toml("limits.telemetry.max", MAX, "hits, vitals and error reports a client").at_once(),
        toml("limits.telemetry.window", Kind::Duration, "in this time").at_once(),
    ] },
    Group { area: Area::Optional, title: "OPTIONAL", keys: &[
        secret_url("redis.url", &["REDIS_URL"], Mask::Password, &["redis", "rediss"], "redis://localhost:6379", "accepted for old files and not needed").never("it is not needed"),
    ] },
];
