//! What people ask for, how it ends, and what is kept for how long by default. No IO.

use crate::platform::word::Word;

pub const DAY_MS: i64 = 86_400_000;
/// The law gives a month; thirty days are within every month but one, and then a day early.
pub const DUE_DAYS: i64 = 30;

/// What somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Access,
    Erase,
    Rectify,
}

impl Word for Kind {
    const ALL: &'static [Self] = &[Self::Access, Self::Erase, Self::Rectify];

    fn word(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Erase => "erase",
            Self::Rectify => "rectify",
        }
    }
}

impl Kind {
    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Access => "A copy of their data",
            Self::Erase => "To be erased",
            Self::Rectify => "A correction",
        }
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    NothingKept,
    Refused,
    Withdrawn,
}

impl Word for Outcome {
    const ALL: &'static [Self] = &[Self::Done, Self::NothingKept, Self::Refused, Self::Withdrawn];

    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NothingKept => "nothing-kept",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Outcome {
    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::NothingKept => "Nothing was kept",
            Self::Refused => "Refused",
            Self::Withdrawn => "Withdrawn",
        }
    }
}

/// A kind of thing that is kept for some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Messages,
    Mails,
    InactiveLeads,
    Record,
    Counts,
}

impl Word for Kept {
    const ALL: &'static [Self] =
        &[Self::Messages, Self::Mails, Self::InactiveLeads, Self::Record, Self::Counts];

    fn word(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Mails => "mails",
            Self::InactiveLeads => "inactive-leads",
            Self::Record => "audit",
            Self::Counts => "counts",
        }
    }
}

impl Kept {
    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Messages => "Messages from the contact page",
            Self::Mails => "Copies of mails that were sent",
            Self::InactiveLeads => "Leads with whom nothing happens",
            Self::Record => "The record of changes",
            Self::Counts => "Counts of missing pages and slow queries",
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Messages => "The privacy notice tells visitors that messages go after a year.",
            Self::Mails => "Where nothing is set here, the setting of the mailbox counts.",
            Self::InactiveLeads => {
                "People who have not signed up again, written or been changed for so long are erased, with all that is kept about them."
            }
            Self::Record => "Who changed what. It names the people of your team and nobody else.",
            Self::Counts => "No data of persons is in them.",
        }
    }

    /// Days, where nobody has said otherwise. Mails follow the setting of the mailbox.
    #[must_use]
    pub fn default_days(self) -> Option<i64> {
        match self {
            Self::Messages => Some(365),
            Self::Counts => Some(90),
            Self::Mails | Self::InactiveLeads | Self::Record => None,
        }
    }

    /// Days at least and at most.
    #[must_use]
    pub fn bounds(self) -> (i64, i64) {
        match self {
            Self::Messages | Self::Mails | Self::Counts => (1, 3650),
            Self::InactiveLeads => (180, 7300),
            Self::Record => (90, 7300),
        }
    }
}
