//! DOOR 2: everything that happens without a request.
//!
//! Queued work: the exhaustive `match` in [`Job::run`] is the list of it, and [`lanes`] says what is done beside
//! what. Periodic work: the table in [`tasks`]. A slice says what its work is; here it is tied to time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::admin::accounts::{self, Accounts};
use crate::admin::people::invitation::{self, Invitation};
use crate::business::contact::sync::{PassOn, pass_on};
use crate::business::leads::sync::{WelcomeMail, send_welcome};
use crate::business::mail::{self, Mailer};
use crate::business::media::{self, Shelf};
use crate::business::webhooks::{self, Courier, Deliver, Event};
use crate::business::{articles, contact, leads, programs};
use crate::ops::logs::{self, MissingPages};
use crate::platform::clock;
use crate::platform::config::Live;
use crate::platform::db::telemetry::Telemetry;
use crate::platform::db::{self, Conn, Db};
use crate::platform::http::{Sites, idempotency};
use crate::platform::outbox::{Claimed, End, Failure, Lane, Patience, Report, Runner, Task, Work};

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
    pub courier: Arc<Courier>,
    /// Articles due up to this time (epoch ms) are on the cached pages.
    pub published_until: AtomicI64,
}

/// Every kind of queued work.
enum Job {
    WelcomeMail(WelcomeMail),
    PassOn(PassOn),
    Deliver(Deliver),
    Invitation(Invitation),
}

impl Job {
    fn parse(work: &Claimed) -> Result<Self, Failure> {
        match work.kind.as_str() {
            WelcomeMail::KIND => payload(work).map(Self::WelcomeMail),
            PassOn::KIND => payload(work).map(Self::PassOn),
            Deliver::KIND => payload(work).map(Self::Deliver),
            Invitation::KIND => payload(work).map(Self::Invitation),
            // No lane has it, so nobody claims it: a newer program queued it, and will do it.
            other => Err(Failure::retry(format!("this program does not know {other}"))),
        }
    }

    fn run(&self, id: &str, context: &Context) -> Report {
        match self {
            Self::WelcomeMail(work) => {
                send_welcome(work, id, &context.db, &context.mailer, &context.sites).into()
            }
            Self::PassOn(work) => {
                pass_on(work, id, &context.db, &context.mailer, &context.sites).into()
            }
            Self::Deliver(work) => webhooks::deliver(work, id, &context.db, &context.courier, told),
            Self::Invitation(work) => {
                let Context { db, accounts, mailer, sites, .. } = context;
                invitation::send(work, id, db, accounts, mailer, sites).into()
            }
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
    Arc::new(move |work| match Job::parse(work) {
        Ok(job) => job.run(&work.id, &context),
        Err(failure) => failure.into(),
    })
}

/// Which work is done beside which. Every kind is in one lane; a test compares them with the source.
#[must_use]
pub fn lanes(mails_per_second: u32) -> Vec<Lane> {
    let (seconds, hours) = (Duration::from_secs, Duration::from_hours);
    vec![
        Lane {
            name: "mail",
            kinds: vec![WelcomeMail::KIND, PassOn::KIND, Invitation::KIND],
            // Two, so that one slow conversation does not hold up all mail.
            threads: 2,
            per_second: mails_per_second,
            at_once: 8,
            // The last try comes about two days after the first.
            patience: Patience {
                first_wait: seconds(30),
                longest_wait: hours(12),
                end: End::Tries(12),
            },
        },
        Lane {
            name: "webhooks",
            kinds: vec![Deliver::KIND],
            threads: 4,
            per_second: 50,
            // Whoever is slow holds up nobody behind it.
            at_once: 1,
            patience: Patience {
                first_wait: seconds(30),
                longest_wait: hours(24),
                end: End::Age(hours(24)),
            },
        },
    ]
}

/// What other programs are told of the thing that an event is about.
pub fn told(conn: &mut Conn<'_>, event: Event, id: &str) -> db::Result<Option<Value>> {
    match event {
        Event::LeadCreated | Event::LeadUpdated | Event::LeadDeleted => leads::news(conn, id),
        Event::ContactCreated => contact::news(conn, id),
        Event::ArticlePublished | Event::ArticleUpdated | Event::ArticleRemoved => {
            articles::news(conn, id)
        }
        Event::ProgramUpdated => programs::news(conn, id),
        Event::Test => webhooks::news(conn, id),
    }
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
            Ok(articles::announce_due(&c.db, now)?)
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
            "file-leads",
            "Files leads that an older program has written, so that they are found.",
            seconds(5),
            true,
            |c| leads::catch_up(&c.db),
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
            "prune-deliveries",
            "Forgets what became of webhook deliveries that are older than 30 days.",
            hours(24),
            false,
            |c| {
                let now = clock::now_ms();
                c.db.write_blocking(move |tx| webhooks::prune(tx, now)).map(drop)?;
                Ok(())
            },
        ),
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
