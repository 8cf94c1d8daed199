//! The list of leads: every filter in every order, on every way that leads there.

use std::collections::BTreeSet;

use manero::business::leads::desk;
use manero::business::leads::desk::model::{By, Order, Wanted};
use manero::business::leads::desk::plan::Way;
use manero::business::leads::model::Beginnings;
use manero::business::leads::{self, Lead};
use manero::platform::db::{Result, Sql};
use manero::platform::lang::Lang;
use manero::platform::word::Word as _;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::lists::walk_as;

/// Name, address, program, language, moment, tags. Several share a name, a beginning, a moment.
pub(crate) type Person =
    (&'static str, &'static str, Option<&'static str>, &'static str, i64, &'static [&'static str]);

pub(crate) const PEOPLE: [Person; 14] = [
    ("Ana Souza", "ana@example.com", Some("prime"), "en", 1000, &["VIP", "Workshop"]),
    ("ana souza", "souza.ana@example.org", Some("prime"), "es", 1000, &["workshop"]),
    ("Ána Maria", "am@exemplo.pt", None, "pt", 1000, &[]),
    ("Zoë Ana", "zoe1@example.com", Some("mastery"), "en", 2000, &["vip"]),
    ("Zoe", "z@zoe.example", Some("prime"), "en", 2000, &["vip", "Österreich"]),
    ("Bea Zoeller", "bea+zo@example.com", None, "es", 3000, &[]),
    ("Bea Zoeller", "bea2@example.com", Some("gone"), "es", 3000, &["workshop"]),
    ("李 明", "li@example.com", Some("prime"), "en", 4000, &[]),
    ("O'Neill Straße", "oneill@example.ie", Some("prime"), "pt", 5000, &["vip"]),
    ("Anabel", "josé@exemplo.pt", Some("mastery"), "pt", 6000, &["VIP", "workshop"]),
    ("Jose", "jose@exemplo.pt", Some("mastery"), "es", 6000, &[]),
    ("Émile Zo", "a@b.co", None, "en", 7000, &["österreich"]),
    ("Carl 7", "carl7@example.com", Some("prime"), "en", 8000, &[]),
    ("Souza Ana", "last@example.com", None, "es", 9000, &["vip"]),
];

/// They came while an older program ran, in the order of the table; tags are given since.
pub(crate) fn site() -> (TestApp, String) {
    let app = TestApp::unlimited();
    for (n, (name, email, program, lang, at, _)) in PEOPLE.iter().enumerate() {
        as_older_program(&app, &id(n), email, name, *program, lang, *at);
    }
    leads::catch_up(app.db()).unwrap();
    let owner = app.session_of("owner").access;
    for (n, (.., tags)) in PEOPLE.iter().enumerate() {
        let path = format!("/api/v1/leads/{}", id(n));
        assert_eq!(app.patch_as(&owner, &path, &json!({ "tags": tags })).status, 200);
    }
    (app, owner)
}

fn id(n: usize) -> String {
    // Not in the order in which they came.
    format!("00000000-0000-7000-8000-{:012}", (n * 5) % PEOPLE.len())
}

/// What a program of schema 5 writes.
pub(crate) fn as_older_program(
    app: &TestApp,
    id: &str,
    email: &str,
    name: &str,
    program: Option<&str>,
    lang: &str,
    at: i64,
) {
    const UPSERT: Sql = Sql::portable(
        "INSERT INTO leads (id, email, name, program_slug, lang, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
         ON CONFLICT (email) DO UPDATE SET name = excluded.name, lang = excluded.lang,
             program_slug = coalesce(excluded.program_slug, leads.program_slug), updated_at = excluded.updated_at
         RETURNING id",
    );
    let texts = [id, email, name, lang].map(str::to_owned);
    let program = program.map(str::to_owned);
    let stored: Result<(String,)> = app.db().write_blocking(move |tx| {
        let [id, email, name, lang] = &texts;
        tx.one(UPSERT, &[id, email, name, &program, lang, &at])
    });
    stored.unwrap();
}

fn words_of(n: usize) -> String {
    manero::business::search::fold(&format!("{} {}", PEOPLE[n].0, PEOPLE[n].1))
}

/// What is asked for: as parameters of the address, and whom it finds.
type Asked = (String, Box<dyn Fn(usize) -> bool>);

fn asked() -> Vec<Asked> {
    let mut all: Vec<Asked> = vec![(String::new(), Box::new(|_| true))];
    for q in [
        "ana",
        "zo",
        "z",
        "an souza",
        "SOUZA, ána",
        "jose",
        "josé@exemplo.pt",
        "jose@exemplo.p",
        "example",
        "com ana",
        "7",
        "李",
        "zzz",
        "strasse",
        "!",
    ] {
        let typed = manero::business::search::fold(q);
        let query = url::form_urlencoded::byte_serialize(q.as_bytes()).collect::<String>();
        all.push((
            format!("&q={query}"),
            Box::new(move |n| {
                if q == "josé@exemplo.pt" {
                    return PEOPLE[n].1 == q;
                }
                let has = |begin: &str| words_of(n).split(' ').any(|word| word.starts_with(begin));
                !typed.is_empty() && typed.split(' ').all(has)
            }),
        ));
    }
    for tag in ["vip", "Workshop", "%C3%96sterreich", "nobody", "%20"] {
        let wanted = tag.replace("%C3%96", "Ö").replace("%20", "").to_lowercase();
        let has = move |n: usize| PEOPLE[n].5.iter().any(|tag| tag.to_lowercase() == wanted);
        all.push((format!("&tag={tag}"), Box::new(has)));
    }
    for program in ["prime", "mastery", "gone", "none"] {
        all.push((format!("&program={program}"), Box::new(move |n| PEOPLE[n].2 == Some(program))));
    }
    for lang in ["en", "es", "pt"] {
        all.push((format!("&lang={lang}"), Box::new(move |n| PEOPLE[n].3 == lang)));
    }
    for (query, from, to) in [
        ("&since=1970-01-01T00:00:02Z", 2000, i64::MAX),
        ("&until=1970-01-01T00:00:06Z", 0, 6000),
        ("&since=1970-01-01T00:00:03Z&until=1970-01-01T00:00:07Z", 3000, 7000),
        ("&since=1970-01-01T00:00:03.001Z&until=1970-01-01T00:00:03.002Z", 3001, 3002),
    ] {
        let within = move |n: usize| (from..to).contains(&PEOPLE[n].4);
        all.push((query.to_owned(), Box::new(within)));
    }
    all
}

/// The people whom `is_wanted` lets through, in this order.
fn expected(order: Order, is_wanted: impl Fn(usize) -> bool) -> Vec<String> {
    let mut found: Vec<usize> = (0..PEOPLE.len()).filter(|n| is_wanted(*n)).collect();
    let fold = manero::business::search::fold;
    match order.by() {
        By::Time => found.sort_by_key(|n| (PEOPLE[*n].4, *n)),
        By::Name => found.sort_by_key(|n| (fold(PEOPLE[*n].0), *n)),
        By::Email => found.sort_by_key(|n| (PEOPLE[*n].1, *n)),
    }
    if !order.goes_up() {
        found.reverse();
    }
    found.into_iter().map(id).collect()
}

fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_filter_and_order_walks_its_leads_once_whatever_the_size_of_a_page() {
    let (app, owner) = site();
    for (query, is_wanted) in asked() {
        for order in Order::ALL {
            let wanted = expected(*order, &is_wanted);
            for limit in [1, 3, 100] {
                let path = format!("/api/v1/leads?limit={limit}&sort={}{query}", order.word());
                assert_eq!(ids(&walk_as(&app, &owner, &path)), wanted, "{path}");
            }
        }
    }
}

#[test]
fn two_filters_let_through_whom_both_do() {
    let (app, owner) = site();
    let asked = asked();
    for (at, (a, is_a)) in asked.iter().enumerate() {
        for (b, is_b) in asked[at + 1..].iter().filter(|(b, _)| a.get(..3) != b.get(..3)) {
            // `since` may stand in either.
            if a.contains("since") && b.contains("since")
                || a.contains("until") && b.contains("until")
            {
                continue;
            }
            let order = Order::ALL[(a.len() + b.len()) % Order::ALL.len()];
            let wanted = expected(order, |n| is_a(n) && is_b(n));
            let path = format!("/api/v1/leads?limit=2&sort={}{a}{b}", order.word());
            assert_eq!(ids(&walk_as(&app, &owner, &path)), wanted, "{path}");
        }
    }
}

/// Combinations of filters that the ways treat differently, each filter with each.
pub(crate) fn combinations() -> impl Iterator<Item = Wanted> {
    let mut all = Vec::new();
    for q in [None, Some("ana"), Some("zo"), Some("an souza"), Some("example")] {
        for tag in [None, Some("vip"), Some("workshop")] {
            for program in [None, Some("prime"), Some("mastery")] {
                for lang in [None, Some(Lang::En), Some(Lang::Es)] {
                    for (since, until) in [(None, None), (Some(2000), Some(9000))] {
                        for order in Order::ALL {
                            all.push(Wanted {
                                looked_for: q.map(Beginnings::of),
                                tag: tag.map(str::to_owned),
                                program: program.map(str::to_owned),
                                lang,
                                since,
                                until,
                                ..Wanted::all(*order)
                            });
                        }
                    }
                }
            }
        }
    }
    // Every fifth: each value of each filter stands beside each of another all the same.
    all.into_iter().step_by(5)
}

#[test]
fn every_way_leads_to_the_same_leads() {
    let (app, _) = site();
    let mut gone: BTreeSet<String> = BTreeSet::new();
    app.db()
        .read_blocking(|conn| -> Result<()> {
            for mut wanted in combinations() {
                let numbers = |found: &[Lead]| found.iter().map(|l| l.number).collect::<Vec<_>>();
                let all = desk::list(conn, &wanted, 100)?.leads;
                for start in [None, Some(all.len() / 2)] {
                    wanted.after =
                        start.and_then(|at| all.get(at)).map(|lead| lead.place(wanted.by()));
                    let rest: Vec<i64> = match (start, &wanted.after) {
                        (Some(at), Some(_)) => numbers(&all[at + 1..]),
                        _ => numbers(&all),
                    };
                    for limit in [2, 100] {
                        let first = &rest[..rest.len().min(limit)];
                        let listed = desk::list(conn, &wanted, limit as i64)?;
                        assert_eq!(numbers(&listed.leads), first, "{wanted:?}");
                        assert_eq!(listed.next.is_some(), rest.len() > limit, "{wanted:?}");
                        for way in Way::ALL {
                            let found = desk::list_by(conn, &wanted, limit as i64, way)?;
                            if let Some(found) = found {
                                assert_eq!(numbers(&found), first, "{way:?} {wanted:?}");
                                gone.insert(format!("{way:?} {:?}", wanted.by()));
                            }
                        }
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    // In the order of time, time itself is a part of the list and no way.
    assert_eq!(gone.len(), 3 * Way::ALL.len() - 1, "{gone:?}");
}

#[test]
fn what_cannot_be_asked_is_told_at_once() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let path =
        "/api/v1/leads?sort=age&cursor=x&lang=de&program=A&since=today&fields=nmae&tga=vip&tag=";
    let problem = app.get_as(&owner, path).problem(400);
    let told: Vec<&str> = problem["error"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["path"][0].as_str().unwrap())
        .collect();
    assert_eq!(told, ["tag", "program", "lang", "since", "sort", "cursor", "fields", "tga"]);
    let long = "x".repeat(201);
    app.get_as(&owner, &format!("/api/v1/leads?q={long}")).problem(400);
    // A cursor of another order is somewhere, and so is one that nobody gave out.
    for sort in ["created_at", "-name", "email"] {
        for cursor in [
            "-0",
            "00-1",
            "ff00ff-fffffffffffffff",
            "f0908080-1",
            &format!("{}-1", "f".repeat(2040)),
        ] {
            let path = format!("/api/v1/leads?sort={sort}&cursor={cursor}");
            assert_eq!(app.get_as(&owner, &path).status, 200, "{path}");
        }
    }
}

#[test]
fn the_list_is_for_one_caller_and_sends_the_members_that_are_named() {
    let (app, owner) = site();
    let path = "/api/v1/leads?limit=2&sort=email&fields=email,tags";
    let answer = app.get_as(&owner, path);
    assert_eq!(answer.header("Cache-Control"), Some("private, no-cache"));
    assert_eq!(
        answer.json()["items"],
        json!([
            { "email": "a@b.co", "tags": ["Österreich"] },
            { "email": "am@exemplo.pt", "tags": [] },
        ])
    );
    let ask = crate::app::get(path).bearer(&owner);
    let again = app.send(&ask.header("If-None-Match", answer.header("ETag").unwrap()));
    assert_eq!((again.status, again.header("Link")), (304, answer.header("Link")));
    let whole = app.get_as(&owner, "/api/v1/leads?q=z@zoe.example").json();
    assert_eq!(
        whole["items"],
        json!([{
            "id": id(4), "email": "z@zoe.example", "name": "Zoe", "program": "prime", "lang": "en",
            "tags": ["VIP", "Österreich"], "created_at": "1970-01-01T00:00:02.000Z",
            "updated_at": whole["items"][0]["updated_at"],
        }])
    );
}
