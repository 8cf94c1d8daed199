//! Keys and their state: whether the data key is the one this database was sealed with, the keys
//! that sign, and the calendar that says which key should be replaced when.
//!
//! Not here: what the keys sign (`admin::accounts`), and the record of a rotation: whoever asks for
//! one writes it down.

pub mod keys;
pub mod model;
pub mod store;

use model::{Entry, Purpose};

use crate::platform::config::{Live, Settings};
use crate::platform::crypto::{DataKey, sha256_hex};
use crate::platform::db::{self, Conn, Db, Tx};
use crate::platform::secret::Secret;

const CONTEXT: &str = "fact/data-key-sentinel";
const PLAIN: &[u8] = b"manero";

/// How the data key stands to the secrets in the database.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyFit {
    /// Nothing has been sealed yet.
    Unused,
    Fits,
    /// The database came from elsewhere: its secrets must be entered again.
    Foreign,
}

/// Tries the key on the sealed sentinel.
pub fn fit(conn: &mut Conn<'_>, key: &DataKey) -> db::Result<KeyFit> {
    Ok(match store::sentinel(conn)? {
        None => KeyFit::Unused,
        Some(sealed) => match key.open(CONTEXT, &sealed) {
            Ok(plain) if plain == PLAIN => KeyFit::Fits,
            Ok(_) | Err(_) => KeyFit::Foreign,
        },
    })
}

/// Leaves a sentinel sealed with `key`, replacing one that no key here can open.
pub fn leave_sentinel(tx: &mut Tx<'_>, key: &DataKey) -> db::Result<()> {
    store::set_sentinel(tx, &key.seal(CONTEXT, PLAIN))
}

/// The vendors' keys that are set, by the name of their variable.
fn integrations(settings: &Settings) -> Vec<(&'static str, &Secret<String>)> {
    let vendors = &settings.integrations;
    let all = [
        ("ACTIVECAMPAIGN_API_KEY", vendors.activecampaign.key.as_ref()),
        ("OPENAI_API_KEY", vendors.openai.key.as_ref()),
        ("SENDGRID_API_KEY", vendors.sendgrid.key.as_ref()),
        ("HOTMART_WEBHOOK_SECRET", vendors.hotmart.secret.as_ref()),
    ];
    all.into_iter().filter_map(|(name, key)| key.map(|key| (name, key))).collect()
}

fn fact(name: &str) -> String {
    format!("key-seen/{name}")
}

/// Tells two keys apart and is too short to try guesses on.
fn fingerprint(name: &str, key: &Secret<String>) -> String {
    let digest = sha256_hex(format!("manero/key-seen/{name}/{}", key.expose()));
    digest.chars().take(8).collect()
}

/// Notes since when each vendor's key is the one it is. Returns the names of those that are
/// another than at the last look.
pub fn note_integrations(
    tx: &mut Tx<'_>,
    settings: &Settings,
    now_ms: i64,
) -> db::Result<Vec<&'static str>> {
    let mut replaced = Vec::new();
    for (name, key) in integrations(settings) {
        let print = fingerprint(name, key);
        let seen = store::seen(tx, &fact(name))?;
        if seen.as_ref().is_some_and(|(known, _)| *known == print) {
            continue;
        }
        store::set_seen(tx, &fact(name), &print, now_ms)?;
        if seen.is_some() {
            replaced.push(name);
        }
    }
    Ok(replaced)
}

/// Every key there is: the signing ones, the newest first, then the vendors'. A vendor's key that
/// the site has not been started with counts as new.
pub fn calendar(conn: &mut Conn<'_>, settings: &Settings, now_ms: i64) -> db::Result<Vec<Entry>> {
    let signing = store::keys(conn)?.into_iter().map(|row| Entry {
        purpose: Purpose::Jwt,
        id: row.id,
        created_at: row.created_at,
        retired_at: row.retired_at,
    });
    let mut entries: Vec<Entry> = signing.collect();
    for (name, key) in integrations(settings) {
        let seen = store::seen(conn, &fact(name))?;
        let since = seen.filter(|(print, _)| *print == fingerprint(name, key));
        entries.push(Entry {
            purpose: Purpose::Integration,
            id: name.to_owned(),
            created_at: since.map_or(now_ms, |(_, at)| at),
            retired_at: None,
        });
    }
    Ok(entries)
}

/// How many keys are due within a week.
pub fn due_soon(conn: &mut Conn<'_>, settings: &Settings, now_ms: i64) -> db::Result<i64> {
    let due = calendar(conn, settings, now_ms)?;
    Ok(due.iter().filter(|entry| entry.is_due_soon(now_ms)).count() as i64)
}

fn use_of(path: &str) -> String {
    format!("secret-used/{path}")
}

/// When the secret of this setting was last used, to the minute; epoch milliseconds.
pub fn last_used(conn: &mut Conn<'_>, path: &str) -> db::Result<Option<i64>> {
    Ok(store::seen(conn, &use_of(path))?.map(|(_, at)| at))
}

/// Writes down which secrets were used since the last time, if any were.
///
/// # Errors
/// What the database refused.
pub fn write_uses(db: &Db, live: &Live) -> db::Result<()> {
    let used = live.take_used();
    if used.is_empty() {
        return Ok(());
    }
    db.write_blocking(move |tx| {
        used.iter().try_for_each(|(path, at)| store::set_seen(tx, &use_of(path), "", *at))
    })
}
