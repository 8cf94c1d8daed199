//! What is deleted must not stay readable in the file.
//!
//! `secure_delete` overwrites what is deleted, but SQLite also leaves copies of cells behind where it moves them from one
//! page to another, and the WAL keeps older pages until it is cut back. So whoever erases a person owes a wipe: the
//! writer writes the file anew (`VACUUM`) between two transactions, and the checkpointer empties the WAL. Writes wait
//! while that lasts. PostgreSQL does its own cleaning.

use super::engine::Backend;
use super::{Db, Error, Result, Tx};
use crate::platform::{clock, id};

/// Files above this are wiped once a day at most: a gigabyte takes many seconds.
const LARGE_BYTES: i64 = 256 << 20;
const DAY_MS: i64 = 86_400_000;

crate::sql! {
    OWE = "INSERT INTO facts (name, value, updated_at) VALUES ('wipe_owed', ?1, ?2)
           ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    OWED = "SELECT value, updated_at FROM facts WHERE name = 'wipe_owed'";
    PAID = "DELETE FROM facts WHERE name = 'wipe_owed' AND value = ?1";
}

impl Tx<'_> {
    /// Notes that something has been deleted that must not be found in the file either.
    pub fn owe_wipe(&mut self) -> Result<()> {
        self.exec(OWE, &[&id::new_id(), &clock::now_ms()]).map(drop)
    }
}

impl Db {
    /// Wipes the file when that is owed; whether it was. A large one waits for a day for others to come along.
    /// For threads of our own.
    pub fn wipe_if_owed(&self) -> Result<bool> {
        let owed: Option<(String, i64)> = self.read_blocking(|conn| conn.opt(OWED, &[]))?;
        let Some((mark, since)) = owed else { return Ok(false) };
        let bytes = match &self.0.backend {
            Backend::Sqlite(engine) => engine.bytes()?,
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => {
                self.write_blocking(move |tx| tx.exec(PAID, &[&mark]).map(drop))?;
                return Ok(false);
            }
        };
        if bytes > LARGE_BYTES && clock::now_ms() - since < DAY_MS {
            return Ok(false);
        }
        let before = self.0.storage.wipes();
        let asked: Result<()> = self.write_blocking(|tx| {
            tx.effects.wipe = true;
            Ok(())
        });
        asked?;
        if self.0.storage.wipes() == before {
            return Err(Error::Unavailable("the file could not be written anew".into()));
        }
        self.write_blocking(move |tx| tx.exec(PAID, &[&mark]).map(drop))?;
        Ok(true)
    }
}
