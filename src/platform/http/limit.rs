//! Rate limits: fixed windows counted exactly, in memory that cannot grow without bound.
//!
//! A window begins with a client's first request and is then counted to the request, like the
//! limiter the guide uses; the classes and their numbers are in `config`. Keys are the peer
//! address (IPv6 by /64) or the hash of an e-mail address, never anything a client can choose.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::platform::clock;
use crate::platform::config::{Limit, Limits, Live, RateLimitHeaders};
use crate::platform::crypto::sha256_hex;

/// Shards keep the two or more async threads from waiting for one lock.
const SHARDS: usize = 16;
/// Windows kept in each shard; about 64 bytes each, so 4 MiB in all at the worst.
const MAX_WINDOWS: usize = 4096;

/// What is limited together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// Everything under `/api/` without a class of its own.
    Api,
    /// Lead posts that were refused.
    LeadFailed,
    /// Lead posts that were stored, by client.
    LeadOk,
    /// Lead posts that were stored, by the e-mail address in them.
    LeadAddress,
    Search,
    LogIn,
    Token,
    Webhook,
    Telemetry,
}

impl Class {
    /// Its numbers among those of now.
    fn limit(self, limits: &Limits) -> Limit {
        match self {
            Self::Api => limits.api,
            Self::LeadFailed => limits.lead_failed,
            Self::LeadOk => limits.lead_ok,
            Self::LeadAddress => limits.lead_address,
            Self::Search => limits.search,
            Self::LogIn => limits.log_in,
            Self::Token => limits.token,
            Self::Webhook => limits.webhook,
            Self::Telemetry => limits.telemetry,
        }
    }

    /// The class's name in `RateLimit-Policy`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::LeadFailed => "lead-failed",
            Self::LeadOk => "lead-ok",
            Self::LeadAddress => "lead-address",
            Self::Search => "search",
            Self::LogIn => "log-in",
            Self::Token => "token",
            Self::Webhook => "webhook",
            Self::Telemetry => "telemetry",
        }
    }
}

/// Where a client stands after a check. All times in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    pub class: Class,
    pub allowed: bool,
    pub limit: u32,
    pub remaining: u32,
    pub window_s: u64,
    /// Until the window ends, at least 1.
    pub reset_s: u64,
    key: u128,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    used: u32,
    ends_at_ms: u64,
}

type Key = (Class, u128);
type Shard = Mutex<HashMap<Key, Window>>;

/// The limiter of one process. Its numbers are those of the settings of now.
pub struct Limiter {
    live: Live,
    shards: Vec<Shard>,
    hasher: RandomState,
}

impl Limiter {
    #[must_use]
    pub fn new(live: &Live) -> Self {
        Self {
            live: live.clone(),
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// The form of the headers that the owner chose.
    #[must_use]
    pub fn headers(&self) -> RateLimitHeaders {
        self.live.now().http.rate_limit_headers
    }

    /// Counts one request of `key` and says whether it may pass. `None` when limits are off.
    pub fn take(&self, class: Class, key: u128) -> Option<Decision> {
        self.decide(class, key, 1)
    }

    /// Where `key` stands, without counting.
    pub fn peek(&self, class: Class, key: u128) -> Option<Decision> {
        self.decide(class, key, 0)
    }

    /// Takes back one count, of what turned out not to be what is limited.
    pub fn give_back(&self, class: Class, key: u128) {
        let key = (class, key);
        let shard = &self.shards[self.hasher.hash_one(key) as usize % SHARDS];
        let mut windows = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = windows.get_mut(&key) {
            window.used = window.used.saturating_sub(1);
        }
    }

    /// Whether anything is limited at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.live.now().http.rate_limits_on
    }

    /// A key that hides the address it stands for.
    #[must_use]
    pub fn key_of_text(&self, text: &str) -> u128 {
        u128::from(self.hasher.hash_one(text))
    }

    fn decide(&self, class: Class, key: u128, count: u32) -> Option<Decision> {
        let settings = self.live.now();
        if !settings.http.rate_limits_on {
            return None;
        }
        let limit = class.limit(&settings.limits);
        drop(settings);
        let now = clock::monotonic_ms();
        let window_ms = u64::try_from(limit.window.as_millis()).unwrap_or(u64::MAX / 2);
        let key = (class, key);
        let shard = &self.shards[self.hasher.hash_one(key) as usize % SHARDS];
        let mut windows = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Window { used: 0, ends_at_ms: now + window_ms };
        // A window that began when they were longer does not outlast one of now.
        let counts = |w: &Window| w.ends_at_ms > now && w.ends_at_ms <= fresh.ends_at_ms;
        let mut window = windows.get(&key).copied().filter(counts).unwrap_or(fresh);
        // A peek is allowed while one more would be.
        let allowed = window.used < limit.max;
        if count > 0 {
            window.used = window.used.saturating_add(count);
            if windows.len() >= MAX_WINDOWS && !windows.contains_key(&key) {
                make_room(&mut windows, now);
            }
            windows.insert(key, window);
        }
        Some(Decision {
            class,
            allowed,
            limit: limit.max,
            remaining: limit.max.saturating_sub(window.used),
            window_s: limit.window.as_secs(),
            reset_s: (window.ends_at_ms - now).div_ceil(1000).max(1),
            key: key.1,
        })
    }
}

/// Drops what has ended, and if a flood of addresses leaves nothing ended, the emptiest windows:
/// a client that is already over its limit stays remembered.
fn make_room(windows: &mut HashMap<Key, Window>, now: u64) {
    windows.retain(|_, window| window.ends_at_ms > now);
    if windows.len() >= MAX_WINDOWS {
        let mut used: Vec<u32> = windows.values().map(|w| w.used).collect();
        let (_, median, _) = used.select_nth_unstable(MAX_WINDOWS / 2);
        let keep_above = *median;
        let mut spare = MAX_WINDOWS / 2;
        windows.retain(|_, window| {
            let keep = window.used > keep_above || (window.used == keep_above && spare > 0);
            if keep {
                spare = spare.saturating_sub(1);
            }
            keep
        });
    }
}

/// The client as a key: IPv4 whole (also when mapped into IPv6), IPv6 by /64.
#[must_use]
pub fn key_of_address(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => (u128::from(v6) >> 64) << 64 | 1 << 63,
    }
}

impl Decision {
    /// The headers of this decision as `(name, value)`.
    ///
    /// `draft-6` is what `standardHeaders: true` of the guide's limiter sends; `draft-8` is the
    /// newest form (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/>), with
    /// a partition key that tells one client's quota from another's.
    pub fn headers(&self, form: RateLimitHeaders) -> Vec<(&'static str, String)> {
        let mut headers = match form {
            RateLimitHeaders::Draft6 => vec![
                ("RateLimit-Policy", format!("{};w={}", self.limit, self.window_s)),
                ("RateLimit-Limit", self.limit.to_string()),
                ("RateLimit-Remaining", self.remaining.to_string()),
                ("RateLimit-Reset", self.reset_s.to_string()),
            ],
            RateLimitHeaders::Draft8 => {
                let name = self.class.name();
                vec![
                    (
                        "RateLimit-Policy",
                        format!(
                            "\"{name}\"; q={}; w={}; pk=:{}:",
                            self.limit,
                            self.window_s,
                            self.partition()
                        ),
                    ),
                    ("RateLimit", format!("\"{name}\"; r={}; t={}", self.remaining, self.reset_s)),
                ]
            }
        };
        if !self.allowed {
            headers.push(("Retry-After", self.reset_s.to_string()));
        }
        headers
    }

    /// Twelve hexadecimal digits of a hash in base64, the length that the guide's limiter sends.
    fn partition(&self) -> String {
        STANDARD.encode(&sha256_hex(self.key.to_be_bytes())[..12])
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::platform::config::{Sources, load};

    fn limiter(max: u32, headers: RateLimitHeaders) -> Limiter {
        let limit = Limit { max, window: Duration::from_mins(15) };
        let mut loaded = load(&Sources::new("", [])).unwrap();
        loaded.settings.http.rate_limit_headers = headers;
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

    #[test]
    fn exactly_the_limit_passes_also_when_many_threads_ask_at_once() {
        let limiter = limiter(100, RateLimitHeaders::Draft6);
        let passed: usize = std::thread::scope(|scope| {
            let ask = || (0..100).filter(|_| limiter.take(Class::Api, 7).unwrap().allowed).count();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).sum()
        });
        assert_eq!(passed, 100);
    }

    #[test]
    fn classes_and_clients_have_windows_of_their_own_and_a_peek_counts_nothing() {
        let limiter = limiter(1, RateLimitHeaders::Draft6);
        assert!(limiter.take(Class::Api, 1).unwrap().allowed);
        assert!(!limiter.take(Class::Api, 1).unwrap().allowed);
        assert!(limiter.take(Class::Search, 1).unwrap().allowed);
        for _ in 0..3 {
            assert!(limiter.peek(Class::Api, 2).unwrap().allowed);
        }
        assert!(limiter.take(Class::Api, 2).unwrap().allowed);
        limiter.give_back(Class::Api, 2);
        assert!(limiter.take(Class::Api, 2).unwrap().allowed);
    }

    #[test]
    fn memory_is_bounded_and_a_flood_does_not_free_the_client_that_is_over_its_limit() {
        let limiter = limiter(10, RateLimitHeaders::Draft6);
        for _ in 0..20 {
            limiter.take(Class::Api, 42);
        }
        for flood in 1_000..300_000_u128 {
            limiter.take(Class::Api, flood);
        }
        assert!(!limiter.take(Class::Api, 42).unwrap().allowed);
        let kept: usize = limiter.shards.iter().map(|s| s.lock().unwrap().len()).sum();
        assert!(kept <= SHARDS * MAX_WINDOWS, "{kept}");
    }

    #[test]
    fn an_ipv6_client_is_its_64_and_a_mapped_ipv4_is_the_ipv4() {
        let key = |s: &str| key_of_address(s.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.7"), key("192.0.2.7"));
        assert_ne!(key("::c000:207"), key("192.0.2.7"));
    }

    #[test]
    fn headers_have_the_form_that_the_guides_limiter_sends() {
        let limiter = limiter(2, RateLimitHeaders::Draft6);
        let first = limiter.take(Class::Api, 1).unwrap();
        assert_eq!(
            first.headers(RateLimitHeaders::Draft6),
            [
                ("RateLimit-Policy", "2;w=900".to_owned()),
                ("RateLimit-Limit", "2".to_owned()),
                ("RateLimit-Remaining", "1".to_owned()),
                ("RateLimit-Reset", "900".to_owned()),
            ]
        );
        limiter.take(Class::Api, 1);
        let third = limiter.take(Class::Api, 1).unwrap();
        assert_eq!(
            third.headers(RateLimitHeaders::Draft8),
            [
                ("RateLimit-Policy", "\"api\"; q=2; w=900; pk=:N2MzY2NkMTBiYjdl:".to_owned()),
                ("RateLimit", "\"api\"; r=0; t=900".to_owned()),
                ("Retry-After", "900".to_owned()),
            ]
        );
    }
}
