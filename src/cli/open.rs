//! Opening what most verbs need.

use std::time::Duration;

use super::{Failure, print};
use crate::admin::settings;
use crate::platform::config::{Database, Loaded};
use crate::platform::crypto::DataKey;
use crate::platform::db::{self, Db, Migrate, OpenError, Options, has_content};

/// How the business database of these settings is opened.
pub(super) fn options(loaded: &Loaded, migrate: Migrate) -> Options {
    let settings = &loaded.settings;
    Options {
        database: settings.database.clone(),
        migrate_at: settings.direct_url.clone(),
        migrate,
        slow_query: Duration::from_millis(settings.log.slow_query_ms),
    }
}

/// The database for a command that must not create or migrate one.
pub(super) fn existing(loaded: &Loaded, migrate: Migrate) -> Result<Db, Failure> {
    if let Database::Sqlite { path } = &loaded.settings.database
        && !path.exists()
    {
        return Err(Failure::Failed(format!(
            "there is no database at {} yet; start the site once with `manero`, or set MANERO_DATA",
            path.display()
        )));
    }
    open(loaded, migrate)
}

/// The database, made when there is none.
pub(super) fn open(loaded: &Loaded, migrate: Migrate) -> Result<Db, Failure> {
    Db::open(&options(loaded, migrate)).map_err(|error: OpenError| Failure::of(error))
}

/// The settings with what was set in the dashboard among them. Where there is no database, or none
/// that can be read, they are what files and environment say; nothing is made or written.
pub(super) fn with_dashboard(loaded: &Loaded) -> Loaded {
    if let Database::Sqlite { path } = &loaded.settings.database
        && !has_content(path)
    {
        return loaded.clone();
    }
    match Db::look(&options(loaded, Migrate::Refuse)) {
        Ok(db) => with_dashboard_of(loaded, &db),
        // An older schema holds no settings of the dashboard.
        Err(OpenError::Behind { .. }) => loaded.clone(),
        Err(error) => {
            print::error(&format!("warning: the dashboard's settings are not shown: {error}"));
            loaded.clone()
        }
    }
}

/// The same on a database that is open.
pub(super) fn with_dashboard_of(loaded: &Loaded, db: &Db) -> Loaded {
    let key = present_key(loaded);
    let read: db::Result<(Loaded, Vec<String>)> =
        db.read_blocking(|conn| settings::layered(conn, loaded, key.as_ref()));
    match read {
        Ok((layered, told)) => {
            for sentence in told {
                print::error(&format!("warning: {sentence}"));
            }
            layered
        }
        Err(error) => {
            print::error(&format!("warning: the dashboard's settings are not shown: {error}"));
            loaded.clone()
        }
    }
}

/// The data key, when there is one: a command that looks makes none.
fn present_key(loaded: &Loaded) -> Option<DataKey> {
    let data = &loaded.settings.data;
    let is_there = data.data_key.is_some() || data.dir.join("keys/data.key").exists();
    let key = is_there.then(|| DataKey::load(data.data_key.as_ref(), &data.dir))?;
    key.inspect_err(|error| print::error(&format!("warning: {error}"))).ok().map(|(key, _)| key)
}
