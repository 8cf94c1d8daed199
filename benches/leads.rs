//! Claim: with a million leads every list of them takes at most 50 ms in the server (p95), on SQLite: each filter alone
//! and in pairs, in each order, the first page and one deep inside, words and tags that three leads have and those that
//! most have. The time is that of a whole request: its token, the choice of a way, the statements, the JSON.
//!
//! So do the pages of the dashboard that show or count leads. A page may end before it is full; it is measured all the same.
//!
//! The million is stored in the order in which it came, which takes a minute or two; with a folder as argument it is kept
//! there for the next run: `cargo bench --bench leads -- target/million`, and a part of the names of filters as another
//! argument measures only those, in detail. Before the lists it is measured what it costs
//! to take in one more, and to file one that an older program has left.

#![allow(clippy::print_stdout, reason = "the table is the result")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use manero::admin::accounts::audit::Actor;
use manero::admin::accounts::model::Role;
use manero::admin::accounts::passwords;
use manero::admin::accounts::users::{self, NewUser};
use manero::business::leads::desk::model::{Key, Place};
use manero::business::leads::model::{Filing, NewLead};
use manero::business::leads::{self, store};
use manero::cli::serve::{Assembled, assemble};
use manero::platform::config::{Database, Sources, load};
use manero::platform::db::{self, Db, Migrate, Options, Sql};
use manero::platform::error::Error;
use manero::platform::http::Sites;
use manero::platform::lang::Lang;
use manero::platform::{clock, id};
use rocket::http::{ContentType, Cookie, Header};
use rocket::local::blocking::Client;

const LEADS: i64 = 1_000_000;
const ROUNDS: usize = 24;
const CLAIM: Duration = Duration::from_millis(50);

/// The first came then; the others each 95 seconds later, for three years.
const FIRST_AT: i64 = 1_700_000_000_000;
const EVERY_MS: i64 = 95_000;

const ADD: &str = "INSERT INTO leads (id, email, name, program_slug, lang, created_at, updated_at, number, name_key, words, tags, filed_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, ?6)";
const ADD_WORD: &str = "INSERT INTO lead_words (word, created_at, number, in_name, in_email) VALUES (?1, ?2, ?3, ?4, ?5)";
const ADD_CONSENT: &str = "INSERT INTO consents (id, lead_id, purpose, granted, text_version, text, page, address, created_at)
                           VALUES (?1, ?2, 'email', true, '2026-11-1', 'Yes, email me about the programs and new articles. I can unsubscribe at any time.', '/', '203.0.113.0', ?3)";
const GIVE: &str = "INSERT INTO lead_tags (number, tag, name_key, email, created_at, program_slug, lang) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const COUNT: Sql = Sql::portable("SELECT CAST(count(*) AS BIGINT) FROM leads");

/// Tag, and how many of a million have it.
const TAGS: [(&str, i64); 5] = [
    ("founder", 3),
    ("vip", 2_000),
    ("buyer", 25_000),
    ("webinar", 120_000),
    ("newsletter", 900_000),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let kept = std::env::args().nth(1).filter(|arg| !arg.starts_with('-')).map(PathBuf::from);
    let thrown_away = tempfile::tempdir()?;
    let dir = kept.unwrap_or_else(|| thrown_away.path().to_owned());
    std::fs::create_dir_all(&dir)?;
    let data = std::path::absolute(&dir)?.join("data");
    let env =
        vec![("MANERO_DATA".into(), data.into()), ("MANERO_RATE_LIMITS".into(), "off".into())];
    let loaded = load(&Sources { dir: dir.clone(), env })?;
    let options = Options {
        database: loaded.settings.database.clone(),
        migrate_at: None,
        migrate: Migrate::Apply,
        slow_query: Duration::MAX,
    };
    let db = Db::open(&options)?;
    let there = db.read_blocking(|conn| conn.one::<(i64,)>(COUNT, &[]))?.0;
    db.close();
    drop(db);
    if let (Database::Sqlite { path }, true) = (&options.database, there < LEADS) {
        fill(path)?;
    }
    let Assembled { rocket, context, .. } = assemble(&loaded)?;
    let db = context.db.clone();
    catch_up(&db)?;
    capture(&db, &context.sites)?;
    let client = Client::untracked(rocket)?;
    let (token, cookie) = log_in(&client, &db)?;
    let only = std::env::args().nth(2).filter(|arg| !arg.starts_with('-')).unwrap_or_default();
    segments(&db)?;
    let mut slow = dashboard(&client, &cookie, &only);
    slow.extend(measure(&client, &token, &only));
    db.close();
    if slow.is_empty() { Ok(()) } else { Err(format!("slower than claimed: {slow:?}").into()) }
}

/// A generator of its own, so that each run has the same million.
struct Chance(u64);

impl Chance {
    /// `SplitMix64`: neighbours have nothing to do with each other.
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((x ^ (x >> 31)) >> 33).unwrap_or_default() % n.max(1)
    }

    /// Of a list some often and most seldom, as with names.
    fn of<'a>(&mut self, words: &'a [String]) -> &'a str {
        let share = self.below(1 << 20) as f64 / f64::from(1 << 20);
        &words[(words.len() as f64 * share.powf(2.5)) as usize]
    }

    fn words(&mut self, count: usize) -> Vec<String> {
        const SYLLABLES: [&str; 26] = [
            "an", "be", "ca", "do", "el", "fi", "gu", "ha", "is", "jo", "ka", "lu", "ma", "ne",
            "ol", "pa", "qui", "ro", "sa", "té", "ur", "vi", "wa", "xi", "yo", "ze",
        ];
        (0..count)
            .map(|_| (0..2 + self.below(2)).map(|_| SYLLABLES[self.below(26)]).collect())
            .collect()
    }
}

fn title(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default() + chars.as_str()
}

/// Stores the million in the order in which it came, row by row into every index, as years of captures would have; only
/// without a journal and with all of it in memory.
#[allow(clippy::disallowed_methods, reason = "nobody else has this file open, and it can be lost")]
fn fill(file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let began = Instant::now();
    let mut conn = rusqlite::Connection::open(file)?;
    for (pragma, value) in [
        ("journal_mode", "OFF"),
        ("synchronous", "OFF"),
        ("locking_mode", "EXCLUSIVE"),
        ("cache_size", "-1500000"),
    ] {
        conn.pragma_update(None, pragma, value)?;
    }
    let mut chance = Chance(7);
    let (first, last) = (chance.words(300), chance.words(4000));
    let mut domains: Vec<String> =
        ["gmail", "hotmail", "outlook", "yahoo"].map(str::to_owned).to_vec();
    domains.extend(chance.words(300));
    let tx = conn.transaction()?;
    for (tag, share) in TAGS {
        tx.execute(
            "INSERT INTO tags (tag, name, leads, created_at) VALUES (?1, ?1, ?2, 0)",
            (tag, share),
        )?;
    }
    let mut add = tx.prepare(ADD)?;
    let mut add_word = tx.prepare(ADD_WORD)?;
    let mut add_consent = tx.prepare(ADD_CONSENT)?;
    let mut give = tx.prepare(GIVE)?;
    for number in 1..=LEADS {
        let (name, family) = (chance.of(&first), chance.of(&last));
        let plain = |word: &str| word.replace('é', "e");
        let mailbox = match number % 3 {
            0 => format!("{}{number}", plain(name)),
            _ => format!("{}.{}{number}", plain(name), plain(family)),
        };
        let end = ["com", "com", "com", "es", "br", "pt"][chance.below(6)];
        let email = format!("{mailbox}@{}.{end}", plain(chance.of(&domains)));
        let name = format!("{} {}", title(name), title(family));
        let program = match chance.below(1000) {
            0..550 => Some("prime"),
            550..850 => Some("mastery"),
            850..852 => Some("retired"),
            _ => None,
        };
        let lang = ["en", "en", "en", "en", "en", "en", "es", "es", "es", "pt"][chance.below(10)];
        let (id, at) = (id::new_id(), FIRST_AT + number * EVERY_MS);
        let filing = Filing::of(&name, &email);
        let tags: Vec<&str> = TAGS
            .iter()
            .filter(|(_, share)| (number * 7919) % 1_000_003 < *share)
            .map(|(tag, _)| *tag)
            .collect();
        let (key, text) = (&filing.name_key, &filing.text);
        let json = serde_json::to_string(&tags)?;
        add.execute((&id, &email, &name, program, lang, at, number, key, text, json))?;
        add_consent.execute((id::new_id(), &id, at))?;
        for (word, in_name, in_email) in filing.words() {
            add_word.execute((word, at, number, in_name, in_email))?;
        }
        for tag in tags {
            give.execute((number, tag, key, &email, at, program, lang))?;
        }
    }
    drop((add, add_word, add_consent, give));
    tx.commit()?;
    println!("{LEADS} leads stored in {:.0} s", began.elapsed().as_secs_f32());
    Ok(())
}

/// How long the periodic task takes for what an older program has left.
fn catch_up(db: &Db) -> Result<(), Box<dyn std::error::Error>> {
    const LEAVE: Sql =
        Sql::portable("UPDATE leads SET filed_at = NULL, words = '' WHERE number % 250 = 7");
    let left = db.write_blocking(|tx| tx.exec(LEAVE, &[]))?;
    let began = Instant::now();
    leads::catch_up(db).map_err(|failure| failure.why)?;
    let each = began.elapsed().as_secs_f64() * 1000.0 / left as f64;
    println!("to file one that an older program has left: {each:.3} ms ({left} leads)");
    Ok(())
}

/// What it costs to take in one more, as the writer does it: many in a transaction, and one alone.
fn capture(db: &Db, sites: &Arc<Sites>) -> Result<(), Box<dyn std::error::Error>> {
    let site = sites.current_blocking(Lang::En)?;
    let mut chance = Chance(clock::now_ms().unsigned_abs());
    let (first, last) = (chance.words(300), chance.words(4000));
    let mut new = || {
        let (name, family) = (chance.of(&first).to_owned(), chance.of(&last).to_owned());
        NewLead {
            email: format!("{}@example.com", id::new_id()),
            name: format!("{} {}", title(&name), title(&family)),
            program: Some("prime".into()),
            page: "/".into(),
            lang: Lang::En,
        }
    };
    for (label, at_once, rounds) in [("64 at once", 64, 60), ("one alone", 1, 200)] {
        let mut times = Vec::new();
        for _ in 0..rounds {
            let (some, site) = ((0..at_once).map(|_| new()).collect::<Vec<_>>(), Arc::clone(&site));
            let began = Instant::now();
            db.write_blocking(move |tx| -> db::Result<()> {
                for lead in &some {
                    store::capture(tx, lead, &site, "203.0.113.0")?;
                }
                Ok(())
            })?;
            times.push(began.elapsed() / u32::try_from(at_once)?);
        }
        times.sort_unstable();
        println!(
            "to take in one, {label}: p50 {:.3} ms, p95 {:.3} ms",
            ms(&times, 50),
            ms(&times, 95)
        );
    }
    Ok(())
}

/// An access token, and the cookie of a browser.
fn log_in(
    client: &Client,
    db: &Db,
) -> Result<(String, Cookie<'static>), Box<dyn std::error::Error>> {
    let password = "correct horse staple";
    let email = format!("{}@example.com", id::new_id());
    let new = NewUser {
        email: email.clone(),
        name: "Bench".into(),
        role: Role::Owner,
        password_hash: passwords::hash(password)?,
    };
    let made: Result<_, Error> =
        db.write_blocking(|tx| users::create(tx, &Actor::command(), new, clock::now_ms()));
    made?;
    let body = serde_json::json!({ "email": email, "password": password }).to_string();
    let request = client.post("/api/v1/auth/login").header(Header::new("Host", "localhost"));
    let answer = request.header(ContentType::JSON).body(body).dispatch();
    let granted: serde_json::Value =
        serde_json::from_slice(&answer.into_bytes().unwrap_or_default())?;
    let token = granted["access_token"].as_str().unwrap_or_default().to_owned();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", email.as_str()), ("password", password)])
        .finish();
    let request = client.post("/admin/log-in").header(Header::new("Host", "localhost"));
    let answer = request.header(ContentType::Form).body(form).dispatch();
    let cookie = answer.cookies().iter().find(|cookie| cookie.name().ends_with("session"));
    Ok((token, cookie.ok_or("nobody was let in to the dashboard")?.clone().into_owned()))
}

/// Twelve saved filters, rare and frequent, alone and together.
fn segments(db: &Db) -> Result<(), Box<dyn std::error::Error>> {
    const ADD: Sql = Sql::portable(
        "INSERT INTO segments (id, name_key, name, query, created_at, updated_at) VALUES (?1, ?2, ?2, ?3, 1, 1)
         ON CONFLICT (name_key) DO NOTHING",
    );
    let mut queries: Vec<String> = Vec::new();
    for (_, name, values) in filters().into_iter().filter(|f| f.1 == "q" || f.1 == "program") {
        let value: String = url::form_urlencoded::byte_serialize(values[0].as_bytes()).collect();
        queries.push(format!("{name}={value}&tag=newsletter&lang=en"));
        queries.push(format!("{name}={value}"));
    }
    queries.truncate(12);
    db.write_blocking(move |tx| -> db::Result<()> {
        for (n, query) in queries.iter().enumerate() {
            tx.exec(ADD, &[&id::new_id(), &format!("Segment {n}"), query])?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The pages of the dashboard that show leads or count them, by what they are called.
fn pages() -> Vec<(&'static str, Vec<String>)> {
    let mut chance = Chance(7);
    let (first, last) = (chance.words(300), chance.words(4000));
    let plain = |word: &str| word.replace('é', "e");
    let deep = |by: &str, at: usize| {
        let key = match by {
            "created_at" => Key::Time(FIRST_AT + LEADS * EVERY_MS / 8 * (at as i64 + 1)),
            _ => Key::Text(["an", "doc", "ha", "ka", "ne", "roz", "vi"][at % 7].to_owned()),
        };
        Place { key, number: 5 }.cursor()
    };
    let one = |query: &str| vec![format!("/admin/leads?{query}")];
    let with = |query: &str, words: &[String]| -> Vec<String> {
        words.iter().map(|word| format!("/admin/leads?{query}q={}", plain(word))).collect()
    };
    let both = |query: &str| -> Vec<String> {
        let words: Vec<String> =
            (0..8).map(|n| format!("{}+{}", plain(&first[n]), plain(&last[n + 3]))).collect();
        with(query, &words)
    };
    let few = "program=retired&lang=pt&tag=newsletter&";
    vec![
        ("home", vec!["/admin".to_owned()]),
        ("leads", one("")),
        ("leads, by name", one("sort=name&limit=100")),
        (
            "leads, deep",
            (0..7).map(|n| format!("/admin/leads?cursor={}", deep("created_at", n))).collect(),
        ),
        (
            "leads, by name, deep",
            (0..7).map(|n| format!("/admin/leads?sort=-name&cursor={}", deep("name", n))).collect(),
        ),
        ("leads, tag of 120,000", one("tag=webinar&sort=name")),
        ("leads, program and language", one("program=mastery&lang=pt&sort=email")),
        ("leads, few of very many", one(&format!("{few}sort=name"))),
        ("leads, half of the time", one("since=2025-06-01&sort=name")),
        ("leads, frequent names", with("", &first[..12])),
        ("leads, frequent names, by name", with("sort=name&", &first[..12])),
        ("leads, seldom names", with("sort=-name&", &last[3000..3012])),
        ("leads, two frequent words", both("")),
        ("leads, two frequent words, by name", both("sort=name&")),
        ("leads, two words and a tag of 900,000", both("tag=newsletter&sort=name&")),
        (
            "leads, two words that nobody has",
            with("tag=newsletter&sort=email&", &["gmail+hotmail".to_owned()]),
        ),
        ("leads, all filters", with(few, &first[..12])),
        ("segments", vec!["/admin/segments".to_owned()]),
        ("duplicates", vec!["/admin/leads/duplicates".to_owned()]),
        (
            "duplicates, deep",
            ["an", "doc", "ha", "ka", "ne"]
                .map(|w| format!("/admin/leads/duplicates?after={w}"))
                .to_vec(),
        ),
        (
            "search",
            first[..12]
                .iter()
                .chain(&last[3000..3012])
                .map(|w| format!("/admin/search?q={}", plain(w)))
                .collect(),
        ),
        (
            "search, two words that nobody has",
            vec!["/admin/search?q=gmail+hotmail&part=1".to_owned()],
        ),
        ("record", vec!["/admin/audit".to_owned()]),
        ("privacy", vec!["/admin/privacy".to_owned()]),
        ("certificates", vec!["/admin/privacy/certificates".to_owned()]),
        ("retention", vec!["/admin/privacy/retention".to_owned()]),
        ("import", vec!["/admin/leads/import".to_owned()]),
    ]
}

/// Prints a line for each page of the dashboard; returns those that are slower than claimed.
fn dashboard(client: &Client, cookie: &Cookie<'static>, only: &str) -> Vec<String> {
    let mut slow = Vec::new();
    println!(
        "{:<66} {:>8} {:>8} {:>8} {:>8}",
        "pages of the dashboard, ms", "p50", "p95", "worst", "computed"
    );
    for (name, paths) in pages().into_iter().filter(|(name, _)| name.starts_with(only)) {
        let mut times: Vec<(Duration, &str)> = Vec::new();
        let before = computed();
        for path in paths.iter().cycle().take(ROUNDS.max(2 * paths.len())) {
            let began = Instant::now();
            let request = client.get(path.clone()).header(Header::new("Host", "localhost"));
            let response = request.cookie(cookie.clone()).dispatch();
            assert_eq!(response.status().code, 200, "{path}");
            assert!(response.into_bytes().is_some(), "{path}");
            times.push((began.elapsed(), path));
        }
        let computed = (computed() - before) / times.len() as f64;
        times.sort_unstable();
        let worst = times.last().map(|(_, path)| *path).unwrap_or_default();
        let times: Vec<Duration> = times.iter().map(|(time, _)| *time).collect();
        let [p50, p95, p100] = [50, 95, 100].map(|percent| ms(&times, percent));
        println!("{name:<66} {p50:>8.2} {p95:>8.2} {p100:>8.2} {computed:>8.2}  {worst}");
        if p95 > ms(&[CLAIM], 50) {
            slow.push(name.to_owned());
        }
    }
    slow
}

/// What the program has computed so far, in milliseconds: unlike time, on Linux, this is not longer when others compute.
fn computed() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
}

fn ms(sorted: &[Duration], percent: usize) -> f64 {
    if sorted.is_empty() {
        return 0.0;
    }
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)].as_secs_f64() * 1000.0
}

/// Filters by what they are called, each with values to choose from: rare, frequent and between.
fn filters() -> Vec<(&'static str, &'static str, Vec<String>)> {
    let mut chance = Chance(7);
    let (first, last) = (chance.words(300), chance.words(4000));
    let plain =
        |words: &[String]| -> Vec<String> { words.iter().map(|w| w.replace('é', "e")).collect() };
    let time = |share: i64| {
        let at = FIRST_AT + LEADS * EVERY_MS / 1000 * share;
        clock::rfc3339(at)
    };
    let one = |text: &str| vec![text.to_owned()];
    let numbers =
        |from: i64| (0..8).map(|n| format!("{}{}", plain(&first)[5], from + n * 3)).collect();
    let both = || (0..8).map(|n| format!("{} {}", plain(&first)[n], plain(&last)[n + 3])).collect();
    vec![
        ("nothing", "", one("")),
        ("word, all have it", "q", one("com")),
        ("word, a fifth", "q", one("gmail")),
        ("letter", "q", one("z")),
        ("word, the most frequent names", "q", plain(&first[..3])),
        ("word, frequent names", "q", plain(&first[3..12])),
        ("word, less frequent names", "q", plain(&first[40..60])),
        ("word, seldom names", "q", plain(&last[3000..3020])),
        ("word, nobody", "q", one("nobodyhasthis")),
        ("word, one address", "q", numbers(300_000)),
        ("two words, frequent", "q", both()),
        ("two words, gmail com", "q", one("gmail com")),
        ("two words, nobody has both", "q", one("gmail hotmail")),
        ("tag of 3", "tag", one("founder")),
        ("tag of 2,000", "tag", one("vip")),
        ("tag of 25,000", "tag", one("buyer")),
        ("tag of 120,000", "tag", one("webinar")),
        ("tag of 900,000", "tag", one("newsletter")),
        ("program of 550,000", "program", one("prime")),
        ("program of 300,000", "program", one("mastery")),
        ("program of 2,000", "program", one("retired")),
        ("lang of 600,000", "lang", one("en")),
        ("lang of 100,000", "lang", one("pt")),
        ("since, a day", "since", vec![clock::rfc3339(FIRST_AT + LEADS * EVERY_MS - 86_400_000)]),
        ("since, the last 2 %", "since", vec![time(980)]),
        ("since, the last 10 %", "since", vec![time(900)]),
        ("since, the last half", "since", vec![time(500)]),
        ("until, the first 1 %", "until", vec![time(10)]),
    ]
}

/// Prints a line for each combination of filters whose names contain `only`; returns those that are slower than claimed.
fn measure(client: &Client, token: &str, only: &str) -> Vec<String> {
    let filters = filters();
    let mut slow = Vec::new();
    let mut all = Vec::new();
    println!(
        "{:<66} {:>8} {:>8} {:>8} {:>8}  {:<12}",
        "filters, ms over all orders", "p50", "p95", "worst", "computed", "slowest"
    );
    let pairs = filters.iter().enumerate().flat_map(|(at, a)| {
        let others = filters[at + 1..].iter().filter(move |b| a.1 != b.1 && !a.1.is_empty());
        std::iter::once((a, None)).chain(others.map(move |b| (a, Some(b))))
    });
    for (a, b) in pairs {
        let label = b.map_or(a.0.to_owned(), |b| format!("{}; {}", a.0, b.0));
        if !label.contains(only) {
            continue;
        }
        let mut by_order: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
        let before = computed();
        for order in ["-created_at", "created_at", "name", "-name", "email", "-email"] {
            for limit in [20, 100] {
                for deep in [false, true] {
                    let times = (0..ROUNDS / 4).map(|round| {
                        let path = path(a, b, order, limit, deep.then_some(round));
                        let began = Instant::now();
                        let request =
                            client.get(path.clone()).header(Header::new("Host", "localhost"));
                        let bearer = Header::new("Authorization", format!("Bearer {token}"));
                        let response = request.header(bearer).dispatch();
                        assert_eq!(response.status().code, 200, "{path}");
                        assert!(response.into_bytes().is_some(), "{path}");
                        began.elapsed()
                    });
                    let key = format!("{order} {limit}{}", if deep { " deep" } else { "" });
                    by_order.insert(key, times.collect());
                }
            }
        }
        if !only.is_empty() {
            for (order, times) in &by_order {
                let all: Vec<String> =
                    times.iter().map(|t| format!("{:.1}", t.as_secs_f64() * 1000.0)).collect();
                println!("    {order:<24} {}", all.join(" "));
            }
        }
        let mut times: Vec<Duration> = by_order.values().flatten().copied().collect();
        let computed = (computed() - before) / times.len() as f64;
        times.sort_unstable();
        for times in by_order.values_mut() {
            times.sort_unstable();
        }
        let worst = by_order.iter().max_by(|a, b| ms(a.1, 50).total_cmp(&ms(b.1, 50)));
        let (order, of_order) =
            worst.map(|(order, times)| (order.clone(), ms(times, 50))).unwrap_or_default();
        println!(
            "{label:<66} {:>8.2} {:>8.2} {:>8.2} {computed:>8.2}  {order} {of_order:.1}",
            ms(&times, 50),
            ms(&times, 95),
            ms(&times, 100)
        );
        if times[times.len() * 95 / 100] > CLAIM || of_order > ms(&[CLAIM], 50) {
            slow.push(label);
        }
        all.extend(times);
    }
    all.sort_unstable();
    println!(
        "{:<66} {:>8.2} {:>8.2} {:>8.2}",
        format!("all {} requests", all.len()),
        ms(&all, 50),
        ms(&all, 95),
        ms(&all, 100)
    );
    slow
}

type Filter = (&'static str, &'static str, Vec<String>);

fn path(a: &Filter, b: Option<&Filter>, order: &str, limit: i64, deep: Option<usize>) -> String {
    let round = deep.unwrap_or(0);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("sort", order).append_pair("limit", &limit.to_string());
    for (_, name, values) in [Some(a), b].into_iter().flatten().filter(|f| !f.1.is_empty()) {
        query.append_pair(name, &values[round % values.len()]);
    }
    if deep.is_some() {
        let key = match order.trim_start_matches('-') {
            "created_at" => Key::Time(FIRST_AT + LEADS * EVERY_MS / 8 * (round as i64 + 1)),
            _ => Key::Text(["an", "doc", "ha", "ka", "ne", "roz", "vi"][round % 7].to_owned()),
        };
        query.append_pair("cursor", &Place { key, number: 5 }.cursor());
    }
    format!("/api/v1/leads?{}", query.finish())
}
