//! Claim: an event that nobody wants to hear of costs less than a tenth of what storing the lead costs that
//! brings it about, and one that somebody does want no more than the lead itself.
//!
//! A thousand of each in a transaction, so that the disk's part is small and the same for all.

#![allow(clippy::print_stdout, reason = "the table is the result")]

use std::time::Instant;

use manero::business::leads::model::NewLead;
use manero::business::leads::store::capture;
use manero::business::webhooks::{Event, emit};
use manero::cli::serve::{Assembled, assemble};
use manero::platform::config::{Sources, load};
use manero::platform::db::{self, Db, Sql, Tx};
use manero::platform::id;
use manero::platform::lang::Lang;

const LEADS: usize = 1_000;
const ROUNDS: usize = 40;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let env = vec![("MANERO_DATA".into(), dir.path().join("data").into())];
    let loaded = load(&Sources { dir: dir.path().to_owned(), env })?;
    let Assembled { context, .. } = assemble(&loaded)?;
    let db = context.db.clone();
    let site = context.sites.current_blocking(Lang::En)?;
    let mut next = 0;
    println!("{:<44} {:>8} {:>8}", "µs", "p50", "worst");
    let mut captures = |name: &str| -> Result<(), db::Error> {
        measured(&db, name, || {
            let leads: Vec<NewLead> = (next..next + LEADS).map(lead).collect();
            next += LEADS;
            let site = site.clone();
            Box::new(move |tx: &mut Tx<'_>| {
                leads.iter().try_for_each(|lead| capture(tx, lead, &site, "203.0.113.0").map(drop))
            })
        })
    };
    captures("a lead is stored, nobody listens")?;
    measured(&db, "an event, nobody listens", || {
        Box::new(|tx: &mut Tx<'_>| {
            (0..LEADS).try_for_each(|_| emit(tx, Event::LeadCreated, "nobody"))
        })
    })?;
    listen(&db, 49, "[\"program.updated\"]")?;
    captures("a lead is stored, 49 listen to others")?;
    listen(&db, 1, "[\"lead.created\"]")?;
    captures("a lead is stored, 1 of 50 listens")?;
    Ok(())
}

/// Adds webhooks that want `events`, a JSON list.
fn listen(db: &Db, count: usize, events: &'static str) -> db::Result<()> {
    const ADD: Sql = Sql::portable(
        "INSERT INTO webhooks (id, url, description, events, active, secret, created_at, updated_at)
         VALUES (?1, 'https://hooks.example.com/', '', ?2, TRUE, '', 0, 0)",
    );
    db.write_blocking(move |tx| {
        (0..count).try_for_each(|_| tx.exec(ADD, &[&id::new_id(), &events]).map(drop))
    })
}

type Work = Box<dyn FnOnce(&mut Tx<'_>) -> db::Result<()> + Send>;

/// Prints what one of the [`LEADS`] pieces of a transaction takes.
fn measured(db: &Db, name: &str, mut work: impl FnMut() -> Work) -> db::Result<()> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let work = work();
        let began = Instant::now();
        db.write_blocking(work)?;
        times.push(began.elapsed().as_secs_f64() * 1e6 / LEADS as f64);
    }
    times.sort_by(f64::total_cmp);
    println!("{name:<44} {:>8.2} {:>8.2}", times[ROUNDS / 2], times[ROUNDS - 1]);
    Ok(())
}

fn lead(number: usize) -> NewLead {
    NewLead {
        name: format!("Ana Souza {number}"),
        email: format!("ana{number}@example.com"),
        program: Some("prime".into()),
        page: "/programs/prime".into(),
        lang: Lang::En,
    }
}
