//! DOOR 2: everything that happens without a request.
//!
//! Queued work: the exhaustive `match` in [`Job::run`] is the list of it. Periodic work: the table
//! in [`tasks`]. A slice says what its work is; here it is tied to time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::admin::accounts::{self, Accounts};
use crate::business::contact::sync::{PassOn, pass_on};
use crate::business::leads::sync::{WelcomeMail, send_welcome};
use crate::business::mail::{self, Mailer};
use crate::business::media::{self, Shelf};
use crate::business::{articles, contact};
use crate::ops::logs::{self, MissingPages};
use crate::platform::clock;
use crate::platform::config::Live;
use crate::platform::db::Db;
use crate::platform::db::telemetry::Telemetry;
use crate::platform::http::{Sites, idempotency};
use crate::platform::outbox::{Claimed, Failure, Runner, Task, Work};

/// Messages from the contact page are kept this long at most; the privacy notice says so.
const MESSAGE_DAYS: i64 = 365;

/// Counts in the telemetry database are kept this long.
const TELEMETRY_DAYS: i64 = 90;

/// What work needs; shared by all workers.
pub struct Context {
    pub db: Db,
    /// The settings of now.
    pub live: Live,
    pub mailer: Arc<Mailer>,
    pub sites: Arc<Sites>,
    pub shelf: Arc<Shelf>,
    pub missing: Arc<MissingPages>,
    pub telemetry: Telemetry,
    pub accounts: Arc<Accounts>,
    /// Articles due up to this time (epoch ms) are on the cached pages.
    pub published_until: AtomicI64,
}

/// Every kind of queued work.
enum Job {
    WelcomeMail(WelcomeMail),
    PassOn(PassOn),
}

impl Job {
    fn parse(work: &Claimed) -> Result<Self, Failure> {
        match work.kind.as_str() {
            WelcomeMail::KIND => payload(work).map(Self::WelcomeMail),
            PassOn::KIND => payload(work).map(Self::PassOn),
            // A newer program queued it: that program, or the next start of it, will do it.
            other => Err(Failure::retry(format!("this program does not know {other}"))),
        }
    }

    fn run(&self, id: &str, context: &Context) -> Result<(), Failure> {
        match self {
            Self::WelcomeMail(work) => {
                send_welcome(work, id, &context.db, &context.mailer, &context.sites)
            }
            Self::PassOn(work) => pass_on(work, id, &context.db, &context.mailer, &context.sites),
        }
    }
}

fn payload<W: Work>(work: &Claimed) -> Result<W, Failure> {
    serde_json::from_str(&work.payload)
        .map_err(|error| Failure::dead(format!("payload of {}: {error}", work.kind)))
}

/// What the outbox workers call.
#[must_use]
pub fn runner(context: &Arc<Context>) -> Runner {
    let context = Arc::clone(context);
    Arc::new(move |work| Job::parse(work)?.run(&work.id, &context))
}

/// The table of periodic work.
#[must_use]
pub fn tasks(context: &Arc<Context>) -> Vec<Task> {
    let task = |name, description, every, local, run: fn(&Context) -> Result<(), Failure>| {
        let context = Arc::clone(context);
        Task { name, description, every, local, run: Box::new(move || run(&context)) }
    };
    let (seconds, hours) = (Duration::from_secs, Duration::from_hours);
    vec![
        task(
            "flush-counts",
            "Writes down what was counted: missing pages and slow statements.",
            seconds(10),
            true,
            |c| {
                logs::flush(&c.db, &c.missing, &c.telemetry);
                Ok(())
            },
        ),
        task("publish-due", "Shows the articles whose time has come.", seconds(30), true, |c| {
            let now = clock::now_ms();
            articles::publish_due(&c.db, c.published_until.load(Ordering::Relaxed), now)?;
            // Only now: what could not be marked is tried again in the next turn.
            c.published_until.store(now, Ordering::Relaxed);
            Ok(())
        }),
        task(
            "prune-counts",
            "Forgets counts that are older than 90 days.",
            hours(24),
            false,
            |c| {
                logs::prune(&c.telemetry, TELEMETRY_DAYS);
                Ok(())
            },
        ),
        task(
            "make-picture-variants",
            "Makes the WebP files of new pictures.",
            seconds(5),
            true,
            |c| media::make_variants(&c.db, &c.shelf),
        ),
        task(
            "prune-messages",
            "Deletes messages of the contact page that are older than a year.",
            hours(24),
            false,
            |c| {
                let before = clock::now_ms() - MESSAGE_DAYS * 86_400_000;
                c.db.write_blocking(move |tx| contact::prune(tx, before)).map(drop)?;
                Ok(())
            },
        ),
        task(
            "prune-idempotency-keys",
            "Forgets the answers that were kept for repeated requests.",
            hours(1),
            false,
            |c| {
                let now = clock::now_ms();
                c.db.write_blocking(move |tx| idempotency::prune(tx, now)).map(drop)?;
                Ok(())
            },
        ),
        task("prune-sessions", "Removes log-ins whose time is over.", hours(24), false, |c| {
            let before = c.accounts.clock.now_ms();
            c.db.write_blocking(move |tx| accounts::auth::store::prune(tx, before)).map(drop)?;
            Ok(())
        }),
        task(
            "prune-mails",
            "Deletes mails of the built-in mailbox that are older than the settings say.",
            hours(6),
            false,
            |c| {
                let days = i64::from(c.live.now().mail.keep_days);
                let before = clock::now_ms() - days * 86_400_000;
                c.db.write_blocking(move |tx| mail::store::prune(tx, before)).map(drop)?;
                Ok(())
            },
        ),
    ]
}
