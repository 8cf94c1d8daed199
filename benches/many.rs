//! Claim: with 10,000 articles nothing that a visitor asks for takes more than 20 ms in the server
//! (p95) when nothing of it is cached: the content version is raised before each request, so that
//! the page, its site and its menu are read and rendered anew, and compressed.

#![allow(clippy::print_stdout, reason = "the table is the result")]

use std::time::{Duration, Instant};

use manero::business::articles::model::{FrontMatter, SeedArticle};
use manero::business::articles::{self, model};
use manero::cli::serve::{Assembled, assemble};
use manero::platform::config::{Sources, load};
use manero::platform::db::{self, Db};
use rocket::http::Header;
use rocket::local::blocking::Client;

const ARTICLES: usize = 10_000;
const ROUNDS: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let data = dir.path().join("data");
    let env =
        vec![("MANERO_DATA".into(), data.into()), ("MANERO_RATE_LIMITS".into(), "off".into())];
    let loaded = load(&Sources { dir: dir.path().to_owned(), env })?;
    let Assembled { rocket, context, .. } = assemble(&loaded)?;
    let db = context.db.clone();
    let began = Instant::now();
    fill(&db)?;
    println!("{ARTICLES} articles of some 5 KB stored in {:.1} s", began.elapsed().as_secs_f32());
    let client = Client::untracked(rocket)?;
    println!("{:<34} {:>8} {:>8} {:>8}", "uncached, ms", "p50", "p95", "worst");
    for path in [
        "/",
        "/articles",
        "/articles?page=400",
        "/articles/topics/writing",
        "/articles/topics/writing?page=150",
        "/articles/article-#",
        "/search?q=client",
        "/search?q=the",
        "/search?q=publish%20offer",
        "/sitemap.xml",
        "/sitemap.xml?part=1",
        "/sitemap.xml?part=10",
        "/feed.xml",
        "/api/v1/articles?limit=100",
    ] {
        let mut times: Vec<Duration> = Vec::with_capacity(ROUNDS);
        for round in 0..ROUNDS {
            db.write_blocking(|tx: &mut db::Tx<'_>| tx.touch_content())?;
            // Every tenth is in another language.
            let number = (round * 470 % ARTICLES + 1).to_string();
            let path = path.replace('#', &number);
            let request = client.get(path.clone()).header(Header::new("Host", "localhost"));
            let began = Instant::now();
            let response = request.header(Header::new("Accept-Encoding", "br")).dispatch();
            assert_eq!(response.status().code, 200, "{path}");
            assert!(response.into_bytes().is_some_and(|body| body.len() > 60), "{path}");
            times.push(began.elapsed());
        }
        times.sort_unstable();
        let ms = |at: usize| times[at.min(ROUNDS - 1)].as_secs_f64() * 1000.0;
        let (p50, p95, worst) = (ms(ROUNDS / 2), ms(ROUNDS * 95 / 100), ms(ROUNDS - 1));
        println!("{path:<34} {p50:>8.2} {p95:>8.2} {worst:>8.2}");
    }
    Ok(())
}

/// Articles of words in a fixed order that looks like none.
fn fill(db: &Db) -> Result<(), Box<dyn std::error::Error>> {
    const WORDS: &str = "the a of and to client offer price page sentence method week work people \
        publish publishing publication write reader question answer example list month garden \
        letter proof case referral practice routine calendar lesson exercise module checkout";
    const TOPICS: [&str; 6] = ["writing", "clients", "message", "offer", "routine", "proof"];
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut state = 0x9e37_79b9_u64;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default()
    };
    let mut waiting = Vec::new();
    for number in 0..ARTICLES {
        let mut text = |count: usize| {
            (0..count)
                .map(|_| match next() % 4 {
                    0 => format!("word{}", next() % 5000),
                    _ => words[next() % words.len()].to_owned(),
                })
                .collect::<Vec<_>>()
                .join(" ")
        };
        let sections: Vec<String> =
            (0..6).map(|_| format!("## {}\n\n{}\n", text(4), text(130))).collect();
        let day =
            format!("20{:02}-{:02}-{:02}", 10 + number % 16, number % 12 + 1, number % 28 + 1);
        let published: toml_edit::Datetime = day.parse()?;
        waiting.push(SeedArticle {
            published_at: model::epoch_ms_of_date(&published).unwrap_or_default(),
            body_markdown: sections.join("\n"),
            matter: FrontMatter {
                title: text(6),
                slug: format!("article-{number}"),
                excerpt: text(25),
                author: None,
                tags: vec![TOPICS[number % 6].into(), TOPICS[(number / 6) % 6].into()],
                lang: (if number % 10 == 0 { "es" } else { "en" }).into(),
                published,
            },
        });
        if waiting.len() == 500 || number + 1 == ARTICLES {
            let some = std::mem::take(&mut waiting);
            let stored = move |tx: &mut db::Tx<'_>| articles::seed(tx, &some, "Ana", "folder");
            db.write_blocking(stored)?;
        }
    }
    Ok(())
}
