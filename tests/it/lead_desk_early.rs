//! Lists of leads that end before they are full, and counts that stop: nobody is left out or told twice.

use std::time::Duration;

use manero::business::leads::desk;
use manero::business::leads::desk::plan::Allowance;
use manero::business::leads::desk::tallies::{Tally, tally};
use manero::platform::db::Result;

use crate::lead_desk::{PEOPLE, combinations, site};

#[test]
fn answers_that_end_early_are_together_the_whole_list() {
    let (app, _) = site();
    // From nothing that is allowed, where each answer looks at one entry, to what is enough for some gathers.
    let allowances = [(1, 0, 0), (2, 0, 9), (1, 20, 60), (5, 0, 400), (3, 90, 100_000)].map(
        |(first_look, patience, all)| Allowance {
            first_look,
            patience,
            all,
            time: Duration::from_micros(all.unsigned_abs()),
        },
    );
    let (mut short, mut empty) = (0, 0);
    app.db()
        .read_blocking(|conn| -> Result<()> {
            for (n, mut wanted) in combinations().enumerate() {
                let whole = desk::list(conn, &wanted, 100)?;
                assert!(whole.next.is_none() && !whole.is_short, "{wanted:?}");
                for allowance in allowances {
                    let (limit, mut found) = ([1, 2, 5][n % 3], Vec::new());
                    wanted.after = None;
                    for answers in 1.. {
                        let page = desk::list_within(conn, &wanted, limit, &allowance)?;
                        assert!(page.leads.len() as i64 <= limit, "{allowance:?} {wanted:?}");
                        let is_full = page.leads.len() as i64 == limit;
                        assert!(is_full || page.is_short || page.next.is_none(), "{wanted:?}");
                        short += usize::from(page.is_short);
                        empty += usize::from(page.is_short && page.leads.is_empty());
                        found.extend(page.leads);
                        match page.next {
                            // Each goes on by one entry at least.
                            Some(next) => {
                                let before = wanted.after.replace(next.clone());
                                assert_ne!(before, Some(next));
                            }
                            None => break,
                        }
                        assert!(answers < 3 * PEOPLE.len(), "{allowance:?} {wanted:?}");
                    }
                    assert_eq!(found, whole.leads, "{allowance:?} {wanted:?}");
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(short > empty && empty > 100, "{short} short ones, {empty} empty ones");
}

#[test]
fn a_count_is_the_length_of_the_list_or_says_that_there_may_be_more() {
    let (app, _) = site();
    let mut cut = 0;
    app.db()
        .read_blocking(|conn| -> Result<()> {
            for wanted in combinations() {
                let all = desk::list(conn, &wanted, 100)?.leads.len() as i64;
                let counted = tally(conn, &wanted, 100, 1_000_000)?;
                assert_eq!(counted, Tally { leads: all, more: false }, "{wanted:?}");
                for (up_to, work) in [(2, 1_000_000), (100, 1), (100, 20), (100, 60)] {
                    let counted = tally(conn, &wanted, up_to, work)?;
                    assert!(counted.leads <= all.min(up_to), "{counted:?} {wanted:?}");
                    assert!(counted.more || counted.leads == all, "{counted:?} {wanted:?}");
                    cut += usize::from(counted.more);
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(cut > 300, "{cut}");
}
