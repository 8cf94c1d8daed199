//! The work of one answer of the list of leads: where it ends early, what counts know, and which indexes are walked.

use std::time::Duration;

use manero::business::leads::desk::plan::Allowance;
use manero::business::leads::desk::tallies::{self, Tally, tally};
use manero::business::leads::desk::{self, edges, walks};
use manero::platform::db::{Result, Sql};

use crate::app::TestApp;
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

#[test]
fn sqlite_walks_along_the_index_that_was_made_for_it() {
    let app = TestApp::start();
    if app.is_postgres() {
        return;
    }
    let plan = |sql: &Sql| -> String {
        // The statement caches key on the text, which therefore lives as long as the program.
        let text: &'static str = format!("EXPLAIN QUERY PLAN {}", sql.for_people()).leak();
        let mut lines = Vec::new();
        app.db()
            .read_blocking(|conn| {
                conn.each::<(i64, i64, i64, String)>(Sql::portable(text), &[], |(.., line)| {
                    lines.push(line);
                    Ok(())
                })
            })
            .unwrap();
        lines.join("\n")
    };
    for (name, sql) in walks::QUERIES.iter().chain(edges::QUERIES) {
        let plan = plan(sql);
        let index = match *name {
            name if name.contains("TAG_BY_TIME") => "lead_tags_by_time (tag=? AND ",
            name if name.contains("TAG_BY_NAME") => "lead_tags_by_name (tag=? AND ",
            name if name.contains("TAG_BY_EMAIL") => "lead_tags_by_email (tag=? AND ",
            name if name.contains("OF_PROGRAM") => "leads_of_program (program_slug=? AND ",
            name if name.contains("OF_LANG") => "leads_of_lang (lang=? AND ",
            name if name.contains("BY_TIME") => "leads_by_time ((created_at,number)>",
            name if name.contains("BY_NAME") => "leads_by_name ((name_key,number)>",
            _ => "leads_by_email (<expr>>? AND <expr><?",
        };
        assert!(plan.contains(index), "{name}:\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{name} sorts:\n{plan}");
        assert!(!plan.contains("SCAN"), "{name} reads everything:\n{plan}");
    }
    for (name, sql) in desk::gathers::QUERIES {
        let plan = plan(sql);
        let leads = match *name {
            "OF_PROGRAM" => "leads_of_program (program_slug=?",
            "OF_LANG" => "leads_of_lang (lang=?",
            "OF_TIME" => "leads_by_time (created_at>? AND created_at<?",
            _ => "lead_words USING PRIMARY KEY (word>? AND word<?",
        };
        assert!(plan.contains(leads), "{name}:\n{plan}");
        if *name == "OF_WORD" {
            let looked_at = "SEARCH f USING COVERING INDEX leads_by_time (created_at=? AND number>? AND number<?)";
            assert!(plan.contains(looked_at), "{name}:\n{plan}");
        }
        assert!(!plan.contains("SCAN leads"), "{name} reads everything:\n{plan}");
    }
    for (name, sql) in tallies::QUERIES {
        let plan = plan(sql);
        let index = match *name {
            "ALONG" => "COVERING INDEX leads_by_time ((created_at,number)>",
            "OF_TAG" => "COVERING INDEX lead_tags_by_time (tag=? AND ",
            "OF_PROGRAM" => "leads_of_program (program_slug=? AND ",
            "OF_LANG" => "leads_of_lang (lang=? AND ",
            _ => "lead_words USING PRIMARY KEY (word>? AND word<?",
        };
        assert!(plan.contains(index), "{name}:\n{plan}");
        assert!(!plan.contains("SCAN leads"), "{name} reads everything:\n{plan}");
    }
    for (name, sql) in desk::counts::QUERIES {
        let plan = plan(sql);
        assert!(
            plan.contains("USING COVERING INDEX") || plan.contains("USING PRIMARY KEY"),
            "{name}:\n{plan}"
        );
    }
}
