//! A connection in use: the five calls that every store is written with.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::row::{FromRow, Param, Row};
use super::slow::SlowQueries;
use super::sql::Sql;
use super::{Error, Result};

pub(super) enum Engine<'c> {
    Sqlite(&'c rusqlite::Connection),
    #[cfg(feature = "postgres")]
    Postgres(&'c mut super::postgres::PgConn),
}

impl Engine<'_> {
    fn exec(&mut self, sql: Sql, params: &[&dyn Param]) -> Result<u64> {
        match self {
            Engine::Sqlite(c) => {
                let mut statement = c.prepare_cached(sql.sqlite)?;
                bind(&mut statement, params)?;
                Ok(statement.raw_execute()? as u64)
            }
            #[cfg(feature = "postgres")]
            Engine::Postgres(c) => c.exec(sql, params),
        }
    }

    fn walk(
        &mut self,
        sql: Sql,
        params: &[&dyn Param],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        match self {
            Engine::Sqlite(c) => {
                let mut statement = c.prepare_cached(sql.sqlite)?;
                bind(&mut statement, params)?;
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next()? {
                    each(&Row::Sqlite(row))?;
                }
                Ok(())
            }
            #[cfg(feature = "postgres")]
            Engine::Postgres(c) => c.walk(sql, params, each),
        }
    }
}

/// A borrowed connection of either engine. Lives only inside a `read` or `write` closure.
pub struct Conn<'c> {
    engine: Engine<'c>,
    slow: Arc<SlowQueries>,
    /// The disk or the server refused something; the connection is suspect.
    pub(super) tainted: bool,
    /// A statement failed. On Postgres the whole transaction is lost from then on.
    pub(super) failed: bool,
}

impl<'c> Conn<'c> {
    pub(super) fn new(engine: Engine<'c>, slow: &Arc<SlowQueries>) -> Self {
        Self { engine, slow: Arc::clone(slow), tainted: false, failed: false }
    }

    /// Runs a statement and returns the number of rows it changed.
    pub fn exec(&mut self, sql: Sql, params: &[&dyn Param]) -> Result<u64> {
        let timer = self.slow.start(sql);
        let changed = self.engine.exec(sql, params);
        timer.stop();
        self.noted(changed)
    }

    fn noted<T>(&mut self, outcome: Result<T>) -> Result<T> {
        self.tainted |= matches!(&outcome, Err(error) if error.taints_connection());
        self.failed |= outcome.is_err();
        outcome
    }

    /// The one row of a result; [`Error::NotFound`] when there is none.
    pub fn one<T: FromRow>(&mut self, sql: Sql, params: &[&dyn Param]) -> Result<T> {
        self.opt(sql, params)?.ok_or(Error::NotFound)
    }

    /// The first row of a result, if any.
    pub fn opt<T: FromRow>(&mut self, sql: Sql, params: &[&dyn Param]) -> Result<Option<T>> {
        let mut first = None;
        self.walk(sql, params, &mut |row| {
            if first.is_none() {
                first = Some(T::from_row(row)?);
            }
            Ok(())
        })?;
        Ok(first)
    }

    /// All rows of a result. Only for statements with a `LIMIT` or a small table.
    pub fn all<T: FromRow>(&mut self, sql: Sql, params: &[&dyn Param]) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.walk(sql, params, &mut |row| {
            rows.push(T::from_row(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Calls `each` with every row in turn.
    pub fn each<T: FromRow>(
        &mut self,
        sql: Sql,
        params: &[&dyn Param],
        mut each: impl FnMut(T) -> Result<()>,
    ) -> Result<()> {
        self.walk(sql, params, &mut |row| each(T::from_row(row)?))
    }

    fn walk(
        &mut self,
        sql: Sql,
        params: &[&dyn Param],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let timer = self.slow.start(sql);
        let walked = self.engine.walk(sql, params, each);
        timer.stop();
        self.noted(walked)
    }

    /// What a migration calls the engine.
    pub(super) fn engine_name(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite(_) => "sqlite",
            #[cfg(feature = "postgres")]
            Engine::Postgres(_) => "postgres",
        }
    }

    /// Runs a script of several statements: migrations only.
    pub(super) fn script(&mut self, script: &str) -> Result<()> {
        match &mut self.engine {
            Engine::Sqlite(c) => c.execute_batch(script)?,
            #[cfg(feature = "postgres")]
            Engine::Postgres(c) => c.script(script)?,
        }
        Ok(())
    }

    /// Prepares `sql` without running it: what the both-engines test calls.
    pub fn check(&mut self, sql: Sql) -> Result<()> {
        match &mut self.engine {
            Engine::Sqlite(c) => {
                c.prepare(sql.sqlite)?;
            }
            #[cfg(feature = "postgres")]
            Engine::Postgres(c) => c.check(sql)?,
        }
        Ok(())
    }
}

fn bind(statement: &mut rusqlite::CachedStatement<'_>, params: &[&dyn Param]) -> Result<()> {
    for (index, param) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, *param as &dyn rusqlite::ToSql)?;
    }
    Ok(())
}

/// What a transaction touched that others wait for; acted on only after it has committed.
#[derive(Debug, Default, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each happens without regard to the others")]
pub(super) struct Effects {
    pub(super) outbox: bool,
    pub(super) content: bool,
    /// The file is to be written anew.
    pub(super) wipe: bool,
    /// A statement met a full or read-only disk, whatever became of the transaction.
    pub(super) tainted: bool,
}

impl Effects {
    pub(super) fn merge(&mut self, other: Self) {
        self.outbox |= other.outbox;
        self.content |= other.content;
        self.wipe |= other.wipe;
        self.tainted |= other.tainted;
    }
}

/// A connection inside a transaction. Only `Db::write` makes one, so a function that takes
/// `&mut Tx` cannot be called outside a transaction.
pub struct Tx<'c> {
    conn: Conn<'c>,
    pub(super) effects: Effects,
}

crate::sql! {
    TOUCH_CONTENT = "UPDATE content_version SET version = version + 1 WHERE id = 1";
}

impl<'c> Tx<'c> {
    pub(super) fn new(conn: Conn<'c>) -> Self {
        Self { conn, effects: Effects::default() }
    }

    /// Marks what the public pages are made of as changed; every cached page is rendered anew.
    pub fn touch_content(&mut self) -> Result<()> {
        if !self.effects.content {
            self.conn.exec(TOUCH_CONTENT, &[])?;
            self.effects.content = true;
        }
        Ok(())
    }

    /// Wakes the outbox workers as soon as this transaction has committed.
    pub fn wake_outbox(&mut self) {
        self.effects.outbox = true;
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Conn<'c>;
    fn deref(&self) -> &Self::Target {
        &self.conn
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.conn
    }
}
