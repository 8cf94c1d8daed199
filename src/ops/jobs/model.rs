//! What a piece of queued work is to the owner.

use crate::platform::http::paging::TimeOrder;
use crate::platform::word::Word;

/// Where a piece of work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = JobState, rename_all = "lowercase", example = "dead")]
pub enum State {
    /// For its time, or for a worker.
    Waiting,
    /// A worker has taken it.
    Running,
    /// It failed for good and waits for the owner.
    Dead,
}

impl Word for State {
    const ALL: &'static [Self] = &[Self::Waiting, Self::Running, Self::Dead];

    fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Dead => "dead",
        }
    }
}

/// A piece of work without what it is about. Times are epoch milliseconds.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: String,
    pub kind: String,
    pub attempts: i64,
    pub due_at: i64,
    /// Until when a worker holds it; past when none does.
    pub lease_until: i64,
    pub created_at: i64,
    pub dead_at: Option<i64>,
    pub last_error: Option<String>,
}

impl Job {
    #[must_use]
    pub fn state(&self, now_ms: i64) -> State {
        if self.dead_at.is_some() {
            State::Dead
        } else if self.lease_until > now_ms {
            State::Running
        } else {
            State::Waiting
        }
    }
}

/// Which jobs somebody asks for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub state: Option<State>,
    /// Empty for all.
    pub kind: String,
    pub order: TimeOrder,
    /// Where the page begins.
    pub after: String,
    pub now_ms: i64,
}

/// A word that can be the kind of queued work: `[a-z0-9_.-]`, 1 to 60.
#[must_use]
pub fn is_kind(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
    (1..=60).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_dead_or_held_or_waits() {
        let job = Job {
            id: "j".into(),
            kind: "k".into(),
            attempts: 1,
            due_at: 0,
            lease_until: 6,
            created_at: 0,
            dead_at: None,
            last_error: None,
        };
        assert_eq!((job.state(5), job.state(6)), (State::Running, State::Waiting));
        assert_eq!(Job { dead_at: Some(1), ..job }.state(5), State::Dead);
    }
}
