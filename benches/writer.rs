//! Claim: group commit makes `synchronous=FULL` affordable. Sixty-four writers at once must store
//! at least ten times as many rows a second as one writer that waits for each commit.
//!
//! Each sample stores 64 rows; compare the medians of the two benches.

use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use manero::platform::config::Database;
use manero::platform::db::{self, Db, Migrate, Options};
use manero::platform::outbox::{self, Work};

const ROWS: usize = 64;

fn main() {
    divan::main();
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Nothing {
    n: usize,
}

impl Work for Nothing {
    const KIND: &'static str = "nothing";
}

fn open(dir: &tempfile::TempDir) -> Db {
    let options = Options {
        database: Database::Sqlite { path: dir.path().join("manero.db") },
        migrate_at: None,
        migrate: Migrate::Apply,
        slow_query: Duration::from_secs(1),
    };
    Db::open(&options).unwrap_or_else(|error| panic!("{error}"))
}

async fn store(db: &Db, n: usize) {
    let stored: db::Result<()> = db.write(move |tx| outbox::enqueue(tx, &Nothing { n })).await;
    stored.unwrap_or_else(|error| panic!("{error}"));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn one_after_the_other(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let db = open(&dir);
    let runtime = tokio::runtime::Runtime::new().unwrap_or_else(|e| panic!("{e}"));
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        runtime.block_on(async {
            for n in 0..ROWS {
                store(&db, n).await;
            }
        });
    });
}

#[divan::bench(sample_count = 200, sample_size = 1)]
fn sixty_four_at_once(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let db = open(&dir);
    let runtime = tokio::runtime::Runtime::new().unwrap_or_else(|e| panic!("{e}"));
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        runtime.block_on(async {
            let writes = (0..ROWS).map(|n| {
                let db = db.clone();
                tokio::spawn(async move { store(&db, n).await })
            });
            for write in writes.collect::<Vec<_>>() {
                write.await.unwrap_or_else(|e| panic!("{e}"));
            }
        });
    });
}
