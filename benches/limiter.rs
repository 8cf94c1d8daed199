//! Claim: a rate-limit check costs at most 1 µs, also with every window of the limiter in use.

use std::time::Duration;

use divan::{Bencher, black_box};
use manero::platform::config::{Limit, Limits, Live, Sources, load};
use manero::platform::http::{Class, Limiter};

fn main() {
    divan::main();
}

fn limiter() -> Limiter {
    let limit = Limit { max: u32::MAX, window: Duration::from_mins(15) };
    let mut loaded = load(&Sources::new("", [])).unwrap_or_else(|e| panic!("{e}"));
    loaded.settings.limits = Limits {
        api: limit,
        lead_failed: limit,
        lead_ok: limit,
        lead_address: limit,
        search: limit,
        log_in: limit,
        token: limit,
        webhook: limit,
        telemetry: limit,
    };
    Limiter::new(&Live::new(&loaded))
}

#[divan::bench]
fn one_client(bencher: Bencher<'_, '_>) {
    let limiter = limiter();
    bencher.bench(|| limiter.take(Class::Api, black_box(7)));
}

#[divan::bench]
fn fifty_thousand_clients(bencher: Bencher<'_, '_>) {
    let limiter = limiter();
    let mut client = 0_u128;
    for client in 0..50_000 {
        limiter.take(Class::Api, client);
    }
    bencher.bench_local(|| {
        client = (client + 7919) % 50_000;
        limiter.take(Class::Api, black_box(client))
    });
}

#[divan::bench(threads = [1, 2])]
fn two_threads(bencher: Bencher<'_, '_>) {
    let limiter = limiter();
    bencher.bench(|| limiter.take(Class::Api, black_box(7)));
}
