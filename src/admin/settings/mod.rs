//! Settings that the owner changes while the site runs: kept in the database, secrets sealed, put
//! between files and environment, and followed by every process within a second.
//!
//! Which settings there are, which may be changed here, and what a value must be: `platform::config`.
//! What follows a change asks `platform::config::Live` and knows nothing of this slice.

pub mod admin;
pub mod api;
mod edit;
mod follow;
pub mod store;
pub mod trial;
pub mod view;

use std::sync::Arc;

use rocket::{Route, routes};
use tokio::sync::Semaphore;

pub use follow::Follow;

use crate::platform::config::{
    DashboardValue, Entry, Layered, Live, Loaded, Plain, Refused, Settings, keys,
};
use crate::platform::crypto::DataKey;
use crate::platform::db::{self, Conn, Db};

/// Addresses below `/api/v1`.
pub fn api_routes() -> Vec<Route> {
    routes![api::list, api::show, api::update, api::remove, trial::create]
}

/// Pages of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![
        admin::list::list,
        admin::one::show,
        admin::one::update,
        admin::one::remove,
        admin::list::test_mail,
    ]
}

/// A setting as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    key: String,
    /// JSON; of a secret what the data key sealed.
    value: String,
    sealed: bool,
    last_four: Option<String>,
    /// Epoch milliseconds.
    updated_at: i64,
    updated_by: String,
}

/// Where a sealed setting belongs.
fn context(key: &str) -> String {
    format!("setting/{key}")
}

impl Stored {
    /// The value as a layer of settings has it; otherwise why it cannot be read.
    fn open(&self, data_key: Option<&DataKey>) -> Result<DashboardValue, String> {
        let text = if self.sealed {
            let opened = data_key.and_then(|key| key.open(&context(&self.key), &self.value).ok());
            let plain = opened.and_then(|plain| String::from_utf8(plain).ok());
            plain.ok_or("cannot be opened with this data key; enter it again")?
        } else {
            let plain = serde_json::from_str::<Plain>(&self.value).ok();
            let kind = keys::by_path(&self.key).map(|row| row.kind);
            let written = plain.zip(kind).and_then(|(plain, kind)| plain.written(kind));
            written.ok_or("is stored in a form that this program cannot read")?
        };
        Ok(DashboardValue { key: self.key.clone(), text: text.into() })
    }
}

/// The settings of `loaded` with what is stored among them. Without the data key secrets do not
/// count.
fn put_in(loaded: &Loaded, rows: &[Stored], data_key: Option<&DataKey>) -> Layered {
    let (mut values, mut unreadable) = (Vec::new(), Vec::new());
    for row in rows {
        match row.open(data_key) {
            Ok(value) => values.push(value),
            Err(problem) => unreadable.push(Refused { key: row.key.clone(), problem }),
        }
    }
    let mut layered = loaded.with(&values);
    layered.refused.extend(unreadable);
    layered
}

/// For commands: the settings with the dashboard's among them, and a sentence for each that does
/// not count. Only reads.
pub fn layered(
    conn: &mut Conn<'_>,
    loaded: &Loaded,
    data_key: Option<&DataKey>,
) -> db::Result<(Loaded, Vec<String>)> {
    let layered = put_in(loaded, &store::all(conn)?, data_key);
    let told = layered.refused.iter().map(unused).collect();
    Ok((layered.loaded, told))
}

fn unused(refused: &Refused) -> String {
    let Refused { key, problem } = refused;
    format!("the dashboard's value of {key} {problem}; it does not count")
}

/// What changing settings needs; one for each program.
pub struct Desk {
    pub db: Db,
    pub live: Live,
    /// What files and environment said at the start.
    loaded: Loaded,
    data_key: DataKey,
    /// One test of the mail at a time: each holds a thread for as long as the relay keeps silent.
    mail_tests: Arc<Semaphore>,
}

impl Desk {
    #[must_use]
    pub fn new(db: &Db, loaded: &Loaded, data_key: DataKey) -> Self {
        let live = Live::new(loaded);
        let mail_tests = Arc::new(Semaphore::new(1));
        Self { db: db.clone(), live, loaded: loaded.clone(), data_key, mail_tests }
    }

    fn layered(&self, rows: &[Stored]) -> Layered {
        put_in(&self.loaded, rows, Some(&self.data_key))
    }

    /// Looks whether the settings of now are still those of the database, and takes those if not.
    /// Returns whether there were others.
    ///
    /// # Errors
    /// What is wrong with the database; the settings stay as they are.
    pub fn look(&self) -> db::Result<bool> {
        let known = self.live.version();
        let found = self.db.read_blocking(|conn| -> db::Result<_> {
            // The version first: rows that are newer than it are read once more.
            let version = store::version(conn)?;
            if version <= known {
                return Ok(None);
            }
            Ok(Some((version, store::all(conn)?)))
        })?;
        let Some((version, rows)) = found else { return Ok(false) };
        if known > 0 {
            log::info!("the settings were changed by another process");
        }
        let layered = self.layered(&rows);
        for refused in &layered.refused {
            log::warn!("{}", unused(refused));
        }
        Ok(self.live.take(version, &layered.loaded))
    }
}

/// A setting with what is known about its place in the dashboard.
struct Line<'a> {
    entry: &'a Entry,
    stored: Option<&'a Stored>,
    refused: Option<&'a Refused>,
}

fn lines<'a>(layered: &'a Layered, rows: &'a [Stored]) -> impl Iterator<Item = Line<'a>> {
    layered.loaded.entries.iter().map(|entry| Line {
        entry,
        stored: rows.iter().find(|row| row.key == entry.key),
        refused: layered.refused.iter().find(|refused| refused.key == entry.key),
    })
}

/// Hosts that are answered under these settings are those of a request that changes them: nobody
/// closes the door behind which they stand.
fn still_answers(before: &Settings, after: &Settings, host: &str) -> bool {
    use crate::platform::http::door::answers;
    answers(&after.http, host) || !answers(&before.http, host)
}
