//! The doctor: looks, says what it found and what to do; changes nothing.

pub mod store;

use std::path::Path;

use serde::Serialize;

use crate::ops::rotation::model::{Entry, Purpose};
use crate::ops::rotation::{self, KeyFit};
use crate::platform::clock;
use crate::platform::config::{Loaded, Profile};
use crate::platform::crypto::DataKey;
use crate::platform::db::{self, Db, migrate};
use crate::platform::outbox;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Ok,
    Warn,
    Fail,
}

/// One line of the report.
#[derive(Debug, Serialize)]
pub struct Check {
    pub verdict: Verdict,
    pub name: &'static str,
    pub found: String,
    /// What to do about it; nothing when all is well.
    pub fix: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, name, found: found.into(), fix: None }
    }

    fn warn(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warn, name, found: found.into(), fix: Some(fix.into()) }
    }

    fn fail(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fail, name, found: found.into(), fix: Some(fix.into()) }
    }
}

/// Less than this and a busy day may fill the disk.
const LOW_DISK_BYTES: u64 = 512 << 20;

/// Everything that can be looked at from here. `db` is why it could not be opened otherwise.
#[must_use]
pub fn examine(loaded: &Loaded, db: Result<&Db, String>) -> Vec<Check> {
    let mut checks = vec![settings(loaded), disk(&loaded.settings.data.dir), sqlite()];
    match db {
        Err(why) => {
            checks.push(Check::fail("database", why, "the message says which way leads back"));
        }
        Ok(db) => {
            let schema = schema(db);
            let tables_are_there = schema.verdict == Verdict::Ok;
            checks.push(schema);
            checks.push(integrity(db));
            // Without its tables there is nothing more to ask the database.
            if tables_are_there {
                checks.push(data_key(loaded, db));
                checks.push(keys(loaded, db));
                checks.push(waiting_work(db));
            }
        }
    }
    checks.push(mail(loaded));
    checks.push(limits(loaded));
    checks
}

fn settings(loaded: &Loaded) -> Check {
    if loaded.warnings.is_empty() {
        return Check::ok("settings", format!("profile {}", loaded.settings.profile));
    }
    Check::warn(
        "settings",
        loaded.warnings.join("; "),
        "`manero config` shows where each came from",
    )
}

fn disk(dir: &Path) -> Check {
    let existing = dir.ancestors().find(|a| a.exists()).unwrap_or(Path::new("."));
    match rustix::fs::statvfs(existing) {
        Ok(space) => {
            let free = space.f_bavail * space.f_frsize;
            let found = format!("{} MiB free at {}", free >> 20, dir.display());
            if free < LOW_DISK_BYTES {
                Check::warn("disk", found, "free some space, or move MANERO_DATA to a larger disk")
            } else {
                Check::ok("disk", found)
            }
        }
        Err(error) => Check::fail(
            "disk",
            format!("{}: {error}", dir.display()),
            "set MANERO_DATA to a folder",
        ),
    }
}

fn sqlite() -> Check {
    Check::ok("sqlite", format!("{} built in", db::sqlite_version()))
}

fn schema(db: &Db) -> Check {
    match db.read_blocking(migrate::status) {
        Ok(lines) => {
            let pending = lines.iter().filter(|l| !l.applied).count();
            let newest = lines.iter().filter(|l| l.applied).map(|l| l.version).max().unwrap_or(0);
            if pending == 0 {
                Check::ok("schema", format!("version {newest} on {}", db.engine_name()))
            } else {
                let found = format!("{pending} migration(s) pending");
                Check::warn("schema", found, "`manero migrate up`, or start the site")
            }
        }
        Err(error) => Check::fail("schema", error.to_string(), "restore a backup of the database"),
    }
}

fn integrity(db: &Db) -> Check {
    if db.engine_name() != "sqlite" {
        return Check::ok("integrity", "left to PostgreSQL");
    }
    match db.read_blocking(store::quick_check) {
        Ok(None) => Check::ok("integrity", "no fault found"),
        Ok(Some(fault)) => Check::fail("integrity", fault, "stop the site and restore a backup"),
        Err(error) => {
            Check::fail("integrity", error.to_string(), "stop the site and restore a backup")
        }
    }
}

fn data_key(loaded: &Loaded, db: &Db) -> Check {
    let settings = &loaded.settings.data;
    let file = settings.dir.join("keys/data.key");
    if settings.data_key.is_none() && !file.exists() {
        return Check::warn("data key", "none yet", "it is made at the first start");
    }
    let key = match DataKey::load(settings.data_key.as_ref(), &settings.dir) {
        Ok((key, _)) => key,
        Err(error) => return Check::fail("data key", error.to_string(), "see the message"),
    };
    match db.read_blocking(|conn| rotation::fit(conn, &key)) {
        Ok(KeyFit::Fits | KeyFit::Unused) => {
            Check::ok("data key", format!("key {} fits", key.id()))
        }
        Ok(KeyFit::Foreign) => Check::fail(
            "data key",
            "does not fit this database",
            "put the right key in place (MANERO_DATA_KEY), or enter the secrets again",
        ),
        Err(error) => Check::fail("data key", error.to_string(), "see the database's line"),
    }
}

/// Ours are replaced by a command, a vendor's at the vendor; both are spoken of a week ahead.
fn keys(loaded: &Loaded, db: &Db) -> Check {
    let now = clock::now_ms();
    let calendar = match db.read_blocking(|conn| rotation::calendar(conn, &loaded.settings, now)) {
        Ok(calendar) => calendar,
        Err(error) => return Check::fail("keys", error.to_string(), "see the database's line"),
    };
    let due: Vec<_> = calendar.iter().filter(|key| key.is_due_soon(now)).collect();
    if due.is_empty() {
        let next = calendar.iter().filter_map(Entry::due_at).min();
        let next = next.map_or("none yet".into(), |at| format!("next due {}", clock::iso_date(at)));
        return Check::ok("keys", next);
    }
    let line = |key: &&Entry| {
        let due = key.due_at().map(clock::iso_date).unwrap_or_default();
        match key.purpose {
            Purpose::Jwt => format!("the JWT key is due {due}"),
            Purpose::Integration => format!("{} is due {due}", key.id),
        }
    };
    let found: Vec<_> = due.iter().map(line).collect();
    let ours = due.iter().any(|key| key.purpose == Purpose::Jwt);
    let fix = if ours { "`manero keys rotate jwt`" } else { "make a new key at the vendor" };
    Check::warn("keys", found.join("; "), fix)
}

fn waiting_work(db: &Db) -> Check {
    match db.read_blocking(outbox::dead_or_due) {
        Ok((0, due)) => Check::ok("outbox", format!("{due} waiting, no dead letter")),
        Ok((dead, due)) => {
            let found = format!("{dead} dead letter(s), {due} waiting");
            Check::warn("outbox", found, "the log says why each failed")
        }
        Err(error) => Check::fail("outbox", error.to_string(), "see the database's line"),
    }
}

fn mail(loaded: &Loaded) -> Check {
    if loaded.settings.mail.smtp_url.is_some() {
        return Check::ok(
            "mail",
            format!("sent by SMTP from {}", loaded.settings.mail.from_address),
        );
    }
    Check::warn(
        "mail",
        "stays in the built-in mailbox",
        "set SMTP_URL to send it; `manero mail list` reads it",
    )
}

fn limits(loaded: &Loaded) -> Check {
    let settings = &loaded.settings;
    if !settings.http.rate_limits_on {
        return Check::warn("rate limits", "off", "unset MANERO_RATE_LIMITS outside of tests");
    }
    let production = settings.profile == Profile::Production;
    let exposed = !settings.http.address.is_loopback() && settings.http.trusted_proxies.is_empty();
    if production && exposed {
        let fix =
            "put a proxy with connection timeouts before it and name it in MANERO_TRUSTED_PROXIES";
        return Check::warn("rate limits", "on; the port is open to the network", fix);
    }
    Check::ok("rate limits", "on")
}
