//! What a store can run into, the same words for both engines.

pub type Result<T> = std::result::Result<T, Error>;

/// Cloned when one failed commit is the answer to a whole batch.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    #[error("no such row")]
    NotFound,
    /// A uniqueness rule refused the row; the text names the index or columns.
    #[error("already exists: {0}")]
    Unique(String),
    /// The queue is full or a lock did not come free in time. Nothing was stored.
    #[error("the database is busy")]
    Busy,
    /// The disk is full or read-only, or the server is away. Nothing was stored.
    #[error("the database cannot be written: {0}")]
    Unavailable(String),
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    #[error("{0}")]
    Engine(String),
}

impl Error {
    /// After these the connection itself is suspect and is opened anew.
    pub(super) fn taints_connection(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Corrupt(_))
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        if matches!(error, rusqlite::Error::QueryReturnedNoRows) {
            return Self::NotFound;
        }
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return Self::Engine(error.to_string());
        };
        let text = message.clone().unwrap_or_else(|| failure.to_string());
        match failure.code {
            Code::DatabaseBusy | Code::DatabaseLocked => Self::Busy,
            Code::DiskFull => Self::Unavailable("the disk is full".into()),
            Code::ReadOnly => Self::Unavailable("the database is read-only".into()),
            Code::SystemIoFailure | Code::CannotOpen | Code::PermissionDenied => {
                Self::Unavailable(text)
            }
            Code::DatabaseCorrupt | Code::NotADatabase => Self::Corrupt(text),
            Code::ConstraintViolation
                if failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                    || failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY =>
            {
                Self::Unique(text)
            }
            _ => Self::Engine(text),
        }
    }
}

/// Why the database could not be opened: one sentence, and the way back.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the database at {place} was written by a newer Manero (schema {found}, of which programs \
         with schema {needs} or later can still run; this one has {ours}). Start the newer program \
         again, or run its `manero migrate down --yes` first"
    )]
    TooNew { place: String, found: i64, needs: i64, ours: i64 },
    #[error(
        "{place} is not a usable database ({why}). Nothing was changed. Move the file aside and \
         start again for an empty one, or restore a backup in its place"
    )]
    Broken { place: String, why: String },
    /// Only said to commands that must not migrate.
    #[error(
        "the schema of the database at {place} is {at}, this program needs {needs}; run \
         `manero migrate up`"
    )]
    Behind { place: String, at: i64, needs: i64 },
    #[error("cannot open the database at {place}: {why}")]
    Unavailable { place: String, why: String },
    #[error("migrating the database at {place} failed and was rolled back: {why}")]
    Migration { place: String, why: String },
    #[error(
        "the bundled SQLite is {found}; at least 3.51.3 is needed (earlier ones can corrupt a WAL)"
    )]
    OldSqlite { found: &'static str },
}
