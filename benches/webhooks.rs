//! Claim: an event that nobody listens to costs a lead less than a tenth of what storing the lead costs.
//!
//! A thousand leads in each transaction, so that the disk's part is small and the same for all.

#![allow(clippy::print_stdout, reason = "the table is the result")]

use std::time::Instant;

use manero::business::leads::model::NewLead;
use manero::business::leads::store::capture;
use manero::cli::serve::{Assembled, assemble};
use manero::platform::config::{Sources, load};
use manero::platform::db::{self, Db, Tx};
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
    Ok(())
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
