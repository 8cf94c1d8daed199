//! `manero keys list|rotate`: the calendar of keys.

use serde::Serialize;

use super::args::KeysStep;
use super::{Failure, open, print};
use crate::admin::accounts::audit::Actor;
use crate::admin::accounts::record_rotation;
use crate::ops::rotation::model::{Entry, Purpose, State};
use crate::ops::rotation::{self, keys};
use crate::platform::clock;
use crate::platform::config::Loaded;
use crate::platform::crypto::DataKey;
use crate::platform::db::{self, Db, Migrate};

const DAY_MS: i64 = 86_400_000;

#[derive(Serialize)]
struct Line {
    purpose: Purpose,
    /// A signing key's id, or the variable that holds a vendor's key.
    kid: String,
    state: State,
    created_at: String,
    age_days: i64,
    /// When it should be replaced.
    next_rotation: Option<String>,
    /// Until when a replaced one still verifies.
    verifies_until: Option<String>,
}

pub(super) fn run(loaded: &Loaded, step: KeysStep, json: bool) -> Result<(), Failure> {
    let db = open::existing(loaded, Migrate::Refuse)?;
    let done = match step {
        KeysStep::List => list(loaded, &db, json),
        KeysStep::Rotate { .. } => rotate(loaded, &db, json),
    };
    db.close();
    done
}

fn list(loaded: &Loaded, db: &Db, json: bool) -> Result<(), Failure> {
    let (now, loaded) = (clock::now_ms(), open::with_dashboard_of(loaded, db));
    let calendar: db::Result<Vec<Entry>> =
        db.read_blocking(|conn| rotation::calendar(conn, &loaded.settings, now));
    let line = |entry: Entry| Line {
        purpose: entry.purpose,
        state: State::of(entry.retired_at, now),
        created_at: clock::rfc3339(entry.created_at),
        age_days: (now - entry.created_at).max(0) / DAY_MS,
        next_rotation: entry.due_at().map(clock::iso_date),
        verifies_until: entry.retired_at.map(clock::rfc3339),
        kid: entry.id,
    };
    let lines: Vec<Line> = calendar.map_err(Failure::of)?.into_iter().map(line).collect();
    if json {
        return print::json(&lines);
    }
    let row = |line: &Line| {
        let (purpose, state) = (word(&line.purpose), word(&line.state));
        let next = line.next_rotation.clone().unwrap_or_default();
        let state = match (&line.verifies_until, line.state) {
            (Some(until), State::Retiring) => format!("{state}, verifies until {until}"),
            _ => state,
        };
        vec![purpose, line.kid.clone(), format!("{} d", line.age_days), state, next]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    print::text(&print::table(&["PURPOSE", "KID", "AGE", "STATE", "NEXT ROTATION"], &rows))
}

/// The word that JSON has for it.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn rotate(loaded: &Loaded, db: &Db, json: bool) -> Result<(), Failure> {
    let data = &loaded.settings.data;
    let (key, _) = DataKey::load(data.data_key.as_ref(), &data.dir).map_err(Failure::of)?;
    let rotated: db::Result<keys::Rotated> = db.write_blocking(move |tx| {
        let now = clock::now_ms();
        let rotated = keys::rotate(tx, &key, now)?;
        record_rotation(tx, &Actor::command(), &rotated, now)?;
        Ok(rotated)
    });
    let rotated = rotated.map_err(Failure::of)?;
    let until = clock::rfc3339(rotated.old_until);
    if json {
        return print::json(&serde_json::json!({
            "kid": rotated.new, "replaced": rotated.old, "replaced_verifies_until": until,
        }));
    }
    let old = rotated.old.map_or_else(String::new, |old| format!("; {old} verifies until {until}"));
    print::text(&format!("{} signs from now on{old}", rotated.new))
}
