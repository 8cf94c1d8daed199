//! What can go wrong in a request or a job, once for the whole program.
//!
//! Each layer below has its own error (`db::Error`, `vendors::http::Error`) and converts into this
//! one; the two responders in `platform::http` turn it into problem+json or a friendly page. The
//! text of a 5xx is for the log only.

use crate::platform::db;

/// One fault of one field, in the shape the guide's API has always used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// A stable word for programs: `required`, `too_short`, `too_long`, `invalid`, `invalid_type`,
    /// `unknown`, `repeated`.
    #[schema(example = "unknown")]
    pub code: &'static str,
    /// Where in the body: `["email"]`.
    #[schema(example = json!(["limt"]))]
    pub path: Vec<String>,
    /// A sentence for people.
    #[schema(example = "limt is not a parameter here; did you mean limit?")]
    pub message: String,
}

impl Fault {
    /// A fault of the top-level field `field`.
    #[must_use]
    pub fn of(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { code, path: vec![field.to_owned()], message: message.into() }
    }

    /// The name of the field at fault, empty when the body as a whole is.
    #[must_use]
    pub fn field(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The body is well formed but its fields are not acceptable.
    #[error("{} invalid field(s)", .0.len())]
    Invalid(Vec<Fault>),
    /// The request as a whole cannot be read; the text says how to mend it.
    #[error("{0}")]
    BadRequest(String),
    /// Nobody has said who asks, or what was said does not count.
    #[error("{detail}")]
    Unauthorized {
        detail: &'static str,
        /// Whether a token was sent and refused.
        refused: bool,
    },
    /// Who asks is known, and may not.
    #[error("{0}")]
    Forbidden(String),
    /// What was asked for contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// What was to be changed is no longer what the change was made for.
    #[error("{0}")]
    Stale(String),
    /// Every field is fine and the whole cannot be done.
    #[error("{0}")]
    Unprocessable(String),
    #[error("not found")]
    NotFound,
    /// Not an error of anybody: the same thing stands elsewhere for good.
    #[error("moved")]
    Moved { to: String },
    #[error("no such method here; try {allow}")]
    MethodNotAllowed { allow: String },
    /// The Host is not one of ours.
    #[error("this server does not answer for that host")]
    Misdirected,
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    #[error("unsupported media type; send {expected}")]
    UnsupportedMediaType { expected: &'static str },
    #[error("the request comes from another site")]
    CrossSite,
    #[error("too many requests; try again in {retry_after_s} s")]
    TooMany { retry_after_s: u64 },
    /// Nothing was stored; trying again soon is right (queue full, disk full, read-only).
    #[error("temporarily unavailable: {0}")]
    Unavailable(String),
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// The HTTP status of this error.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Moved { .. } => 308,
            Self::Invalid(_) | Self::BadRequest(_) => 400,
            Self::Unauthorized { .. } => 401,
            Self::CrossSite | Self::Forbidden(_) => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed { .. } => 405,
            Self::Conflict(_) => 409,
            Self::Stale(_) => 412,
            Self::TooLarge { .. } => 413,
            Self::UnsupportedMediaType { .. } => 415,
            Self::Misdirected => 421,
            Self::Unprocessable(_) => 422,
            Self::TooMany { .. } => 429,
            Self::Internal(_) => 500,
            Self::Unavailable(_) => 503,
        }
    }

    /// What the client may read: the text of a 5xx stays in the log.
    #[must_use]
    pub fn public_detail(&self) -> String {
        match self {
            Self::Internal(_) => "Something went wrong on our side; it has been recorded.".into(),
            Self::Unavailable(_) => "Nothing was stored. Please try again in a moment.".into(),
            Self::NotFound => "There is nothing at this address.".into(),
            other => {
                let text = other.to_string();
                let mut letters = text.chars();
                let first = letters.next().map(|c| c.to_uppercase().to_string());
                format!("{}{}.", first.unwrap_or_default(), letters.as_str())
            }
        }
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::NotFound => Self::NotFound,
            db::Error::Busy => Self::Unavailable("the database is busy".into()),
            db::Error::Unavailable(why) => Self::Unavailable(why),
            other => Self::Internal(other.to_string()),
        }
    }
}
