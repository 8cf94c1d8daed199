//! Claim: a page from memory costs less than a fiftieth of rendering it, and needs no blocking
//! thread. `from_memory` is the whole way through the router, all headers included;
//! `rendered_anew` is the same after the content has changed.

use std::ffi::OsString;

use divan::Bencher;
use manero::cli::serve::assemble;
use manero::platform::config::{Sources, load};
use manero::platform::db::{self, Db};
use rocket::http::Header;
use rocket::local::blocking::Client;

fn main() {
    divan::main();
}

struct Site {
    client: Client,
    db: Db,
    _dir: tempfile::TempDir,
}

fn site() -> Site {
    let dir = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let data = dir.path().join("data");
    let env = vec![(OsString::from("MANERO_DATA"), OsString::from(data))];
    let loaded = load(&Sources { dir: dir.path().to_owned(), env });
    let loaded = loaded.unwrap_or_else(|e| panic!("{e}"));
    let assembled = assemble(&loaded).unwrap_or_else(|e| panic!("{e}"));
    let db = assembled.context.db.clone();
    let client = Client::untracked(assembled.rocket).unwrap_or_else(|e| panic!("{e}"));
    Site { client, db, _dir: dir }
}

fn get(site: &Site) -> usize {
    let request = site.client.get("/").header(Header::new("Host", "localhost"));
    let response = request.header(Header::new("Accept-Encoding", "br")).dispatch();
    response.into_bytes().map_or(0, |body| body.len())
}

#[divan::bench]
fn from_memory(bencher: Bencher<'_, '_>) {
    let site = site();
    assert!(get(&site) > 1000);
    bencher.bench_local(|| get(&site));
}

#[divan::bench(sample_count = 50, sample_size = 1)]
fn rendered_anew(bencher: Bencher<'_, '_>) {
    let site = site();
    bencher
        .with_inputs(|| {
            let touch = |tx: &mut db::Tx<'_>| tx.touch_content();
            let touched: db::Result<()> = site.db.write_blocking(touch);
            touched.unwrap_or_else(|e| panic!("{e}"));
        })
        .bench_local_values(|()| get(&site));
}
