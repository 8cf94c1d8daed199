//! DOOR 2: everything that happens without a request.
//!
//! Queued work: the exhaustive `match` in [`Job::run`] is the list of it, and [`lanes`] says what is done beside
//! what. Periodic work: the table in [`tasks`]. A slice says what its work is; here it is tied to time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::admin::accounts::audit::Actor;
use crate::admin::accounts::{self, Accounts};
use crate::admin::people::invitation::{self, Invitation};
use crate::business::contact::sync::{PassOn, pass_on};
use crate::business::leads::Lead;
use crate::business::leads::bulk::{self, BulkWork};
use crate::business::leads::import::{self, ImportWork};
use crate::business::leads::sync::{WelcomeMail, send_welcome};
use crate::business::mail::{self, Mailer};
use crate::business::media::{self, Shelf};
use crate::business::privacy::model::Kept;
use crate::business::privacy::{self, retention};
use crate::business::webhooks::{self, Courier, Deliver, Event};
use crate::business::{articles, contact, leads, programs};
use crate::ops::logs::{self, MissingPages};
use crate::ops::rotation;
use crate::platform::clock;
use crate::platform::config::Live;
use crate::platform::db::telemetry::Telemetry;
use crate::platform::db::{self, Conn, Db, Tx};
use crate::platform::http::{Sites, idempotency};
use crate::platform::outbox::{Claimed, End, Failure, Lane, Patience, Report, Runner, Task, Work};

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
    Import(ImportWork),
    Bulk(BulkWork),
    Invitation(Invitation),
}

impl Job {
    fn parse(work: &Claimed) -> Result<Self, Failure> {
        match work.kind.as_str() {
            WelcomeMail::KIND => payload(work).map(Self::WelcomeMail),
            PassOn::KIND => payload(work).map(Self::PassOn),
            Deliver::KIND => payload(work).map(Self::Deliver),
            ImportWork::KIND => payload(work).map(Self::Import),
            BulkWork::KIND => payload(work).map(Self::Bulk),
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
            Self::Import(work) => {
                import::go_on(work, &context.db, context.accounts.clock.now_ms()).into()
            }
            Self::Bulk(work) => {
                let key = context.accounts.data_key.clone();
                let erase = move |tx: &mut Tx<'_>, actor: &Actor, lead: &Lead, now| {
                    privacy::erase(tx, actor, &key, &lead.email, now).map(drop)
                };
                bulk::go_on(work, &context.db, erase).into()
            }
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
        Lane {
            name: "audience",
            kinds: vec![ImportWork::KIND, BulkWork::KIND],
            // One after the other: each writes as much as others leave room for.
            threads: 1,
            per_second: 0,
            at_once: 1,
            patience: Patience {
                first_wait: seconds(5),
                longest_wait: hours(1),
                end: End::Tries(12),
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

/// What a task does, with all that work needs.
type Run = fn(&Context) -> Result<(), Failure>;

fn task(
    context: &Arc<Context>,
    (name, description): (&'static str, &'static str),
    every: Duration,
    local: bool,
    run: Run,
) -> Task {
    let context = Arc::clone(context);
    Task { name, description, every, local, run: Box::new(move || run(&context)) }
}

/// The table of periodic work.
#[must_use]
pub fn tasks(context: &Arc<Context>) -> Vec<Task> {
    let task = |name, description, every, local, run: Run| {
        task(context, (name, description), every, local, run)
    };
    let (seconds, hours) = (Duration::from_secs, Duration::from_hours);
    let mut tasks = vec![
        task(
            "flush-counts",
            "Writes down what was counted: missing pages, slow statements, and when secrets were used.",
            seconds(10),
            true,
            |c| {
                logs::flush(&c.db, &c.missing, &c.telemetry);
                Ok(rotation::write_uses(&c.db, &c.live)?)
            },
        ),
        task("publish-due", "Shows the articles whose time has come.", seconds(30), true, |c| {
            let now = clock::now_ms();
            let since = c.published_until.load(Ordering::Relaxed);
            articles::publish_due(&c.db, since, now)?;
            programs::turn(&c.db, since, now)?;
            // Only now: what could not be marked is tried again in the next turn.
            c.published_until.store(now, Ordering::Relaxed);
            Ok(articles::announce_due(&c.db, now)?)
        }),
        task(
            "prune-counts",
            "Forgets counts that are older than their rule says: 90 days where there is none.",
            hours(24),
            false,
            |c| {
                let days = c.db.read_blocking(|conn| retention::days(conn, Kept::Counts, 0))?;
                if let Some(days) = days {
                    logs::prune(&c.telemetry, days);
                }
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
            "sweep-pictures",
            "Removes files of pictures that nothing speaks of and that are older than a day.",
            hours(24),
            false,
            |c| media::sweep(&c.db, &c.shelf),
        ),
        task(
            "file-leads",
            "Files leads that an older program has written, so that they are found.",
            seconds(5),
            true,
            |c| leads::catch_up(&c.db),
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
    ];
    tasks.extend(tasks_about_people(context));
    tasks
}

/// The part of it that follows from the rules about people's data, and from work on many leads.
fn tasks_about_people(context: &Arc<Context>) -> Vec<Task> {
    let task = |name, description, every, local, run: Run| {
        task(context, (name, description), every, local, run)
    };
    let hours = Duration::from_hours;
    vec![
        task(
            "prune-messages",
            "Deletes messages of the contact page that are older than their rule says: a year where there is none.",
            hours(24),
            false,
            |c| {
                if let Some(before) = retention::cutoff(&c.db, Kept::Messages, 0, clock::now_ms())?
                {
                    c.db.write_blocking(move |tx| contact::prune(tx, before)).map(drop)?;
                }
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
                if let Some(before) = retention::cutoff(&c.db, Kept::Mails, days, clock::now_ms())?
                {
                    c.db.write_blocking(move |tx| mail::store::prune(tx, before)).map(drop)?;
                }
                Ok(())
            },
        ),
        task(
            "erase-inactive-leads",
            "Erases leads with whom nothing has happened for as long as their rule says; there is none at first.",
            hours(24),
            false,
            |c| retention::erase_inactive(&c.db, &c.accounts.data_key, c.accounts.clock.now_ms()),
        ),
        task(
            "wipe-erased",
            "Writes the database file anew after somebody was erased, so that nothing of them is left in it; a large one once a day.",
            hours(1),
            false,
            |c| Ok(c.db.wipe_if_owed().map(drop)?),
        ),
        task(
            "prune-imports",
            "Removes lists that nobody goes on bringing in, and forgets how to undo those of yesterday.",
            hours(1),
            false,
            |c| {
                let now = c.accounts.clock.now_ms();
                Ok(c.db.write_blocking(move |tx| {
                    import::prune(tx, now)?;
                    bulk::prune(tx, now)
                })?)
            },
        ),
    ]
}
