//! What a mail is to us.

/// A mail that is to be sent.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The id of the outbox row that owes it.
    pub id: String,
    pub to: String,
    /// Who is answered by replying, when it is not the sender.
    pub reply_to: Option<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A line of the mailbox.
#[derive(Debug, Clone, serde::Serialize)]
pub struct MailSummary {
    pub id: String,
    pub to: String,
    pub subject: String,
    /// `local` or `smtp`.
    pub transport: String,
    /// Epoch milliseconds.
    pub created_at: i64,
}

/// A whole mail of the mailbox.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Mail {
    #[serde(flatten)]
    pub summary: MailSummary,
    pub text: String,
    pub html: String,
}
