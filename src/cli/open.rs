//! Opening what most verbs need.

use std::time::Duration;

use super::Failure;
use crate::platform::config::Loaded;
use crate::platform::db::{Db, Migrate, OpenError, Options};

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
    use crate::platform::config::Database;
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
