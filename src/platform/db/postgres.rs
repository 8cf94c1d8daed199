//! The Postgres engine: a pool, a statement map for each connection, and `?1` → `$1`.
//!
//! The synchronous client must never be used or dropped on an async thread; `Db` sees to that.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use postgres::types::ToSql;
use postgres::{Client, Config, Statement};

use super::conn::{Conn, Effects, Engine, Tx};
use super::engine::{Migrate, Options, broken_or_away};
use super::migrate::{self, Set};
use super::row::{Param, Row};
use super::slow::SlowQueries;
use super::sql::Sql;
use super::{Error, OpenError, Result};
use crate::platform::config::Database;

const DEFAULT_CONNECTIONS: u32 = 10;

/// A client and what it has prepared.
pub(super) struct PgConn {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    /// Behind a transaction pooler prepared statements do not survive, so none is kept.
    keep_statements: bool,
}

impl PgConn {
    fn statement(&mut self, sql: Sql) -> Result<Statement> {
        if let Some(known) = self.statements.get(sql.postgres) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(&numbered(sql.postgres))?;
        if self.keep_statements {
            self.statements.insert(sql.postgres, statement.clone());
        }
        Ok(statement)
    }

    pub(super) fn exec(&mut self, sql: Sql, params: &[&dyn Param]) -> Result<u64> {
        let statement = self.statement(sql)?;
        Ok(self.client.execute(&statement, &as_postgres(params))?)
    }

    pub(super) fn walk(
        &mut self,
        sql: Sql,
        params: &[&dyn Param],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let statement = self.statement(sql)?;
        for row in self.client.query(&statement, &as_postgres(params))? {
            each(&Row::Postgres(&row))?;
        }
        Ok(())
    }

    pub(super) fn check(&mut self, sql: Sql) -> Result<()> {
        self.client.prepare(&numbered(sql.postgres))?;
        Ok(())
    }

    pub(super) fn script(&mut self, script: &str) -> Result<()> {
        Ok(self.client.batch_execute(script)?)
    }
}

fn as_postgres<'p>(params: &[&'p dyn Param]) -> Vec<&'p (dyn ToSql + Sync)> {
    params.iter().map(|p| *p as &(dyn ToSql + Sync)).collect()
}

/// `?1` → `$1`. Statements contain no other question mark; a test sees to it.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

struct Manager {
    config: Config,
    keep_statements: bool,
}

impl r2d2::ManageConnection for Manager {
    type Connection = PgConn;
    type Error = postgres::Error;

    fn connect(&self) -> std::result::Result<PgConn, postgres::Error> {
        Ok(PgConn {
            client: connect(&self.config)?,
            statements: HashMap::new(),
            keep_statements: self.keep_statements,
        })
    }

    fn is_valid(&self, conn: &mut PgConn) -> std::result::Result<(), postgres::Error> {
        conn.client.simple_query("").map(drop)
    }

    fn has_broken(&self, conn: &mut PgConn) -> bool {
        conn.client.is_closed()
    }
}

/// Connects with TLS as `sslmode` asks, trusting the public certificate authorities.
fn connect(config: &Config) -> std::result::Result<Client, postgres::Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    match rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
    {
        Ok(builder) => {
            let tls = builder.with_root_certificates(roots).with_no_client_auth();
            config.connect(tokio_postgres_rustls::MakeRustlsConnect::new(tls))
        }
        // Cannot happen with ring's default suites; without TLS `sslmode=require` is still refused.
        Err(_) => config.connect(postgres::NoTls),
    }
}

pub(super) struct PgEngine {
    pool: r2d2::Pool<Manager>,
    failing: AtomicBool,
}

impl PgEngine {
    pub(super) fn open(
        database: &Database,
        options: &Options,
        slow: &Arc<SlowQueries>,
    ) -> std::result::Result<Self, OpenError> {
        let migrate_at = options.migrate_at.as_ref().unwrap_or(database);
        let (config, place) = configured(migrate_at)?;
        let mut client = connect(&config).map_err(|error| broken_or_away(&place, error.into()))?;
        let apply = options.migrate == Migrate::Apply;
        if apply {
            create_schema(&mut client, migrate_at)
                .map_err(|error| broken_or_away(&place, error))?;
            migrate::postgres(&mut client, &Set::main(), &place)?;
            migrate::postgres(&mut client, &Set::telemetry(), &place)?;
        }
        let mut conn = PgConn { client, statements: HashMap::new(), keep_statements: false };
        let mut conn = Conn::new(Engine::Postgres(&mut conn), slow);
        if apply {
            migrate::remember(&mut conn, &Set::main())
                .map_err(|error| broken_or_away(&place, error))?;
        }
        migrate::check(&mut conn, &Set::main(), &place)?;
        if options.migrate == Migrate::Refuse {
            migrate::refuse_behind(&mut conn, &Set::main(), &place)?;
        }
        Self::pool(database)
    }

    /// The pool alone, for telemetry, which lives in the same database.
    pub(super) fn pool(database: &Database) -> std::result::Result<Self, OpenError> {
        let (config, _) = configured(database)?;
        let (size, keep_statements) = match database {
            Database::Postgres { connection_limit, pgbouncer, .. } => {
                (connection_limit.unwrap_or(DEFAULT_CONNECTIONS).max(1), !pgbouncer)
            }
            Database::Sqlite { .. } => (1, true),
        };
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .connection_timeout(Duration::from_secs(3))
            .test_on_check_out(false)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build_unchecked(Manager { config, keep_statements });
        Ok(Self { pool, failing: AtomicBool::new(false) })
    }

    pub(super) fn connections(&self) -> usize {
        self.pool.max_size() as usize
    }

    fn get(&self) -> Result<r2d2::PooledConnection<Manager>> {
        self.pool.get().map_err(|error| Error::Unavailable(error.to_string()))
    }

    /// Whether the last write met a server that could not store it.
    pub(super) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    pub(super) fn read<T, E, F>(
        &self,
        slow: &Arc<SlowQueries>,
        work: F,
    ) -> std::result::Result<T, E>
    where
        F: FnOnce(&mut Conn<'_>) -> std::result::Result<T, E>,
        E: From<Error>,
    {
        let mut conn = self.get()?;
        if conn.keep_statements {
            return work(&mut Conn::new(Engine::Postgres(&mut conn), slow));
        }
        // A transaction keeps the pooler on one server between preparing and running.
        conn.script("BEGIN READ ONLY")?;
        let result = work(&mut Conn::new(Engine::Postgres(&mut conn), slow));
        conn.script("ROLLBACK")?;
        result
    }

    pub(super) fn write<T, E, F>(
        &self,
        slow: &Arc<SlowQueries>,
        work: F,
    ) -> std::result::Result<(T, Effects), E>
    where
        F: FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
        E: From<Error>,
    {
        let begun = self.get().and_then(|mut conn| conn.script("BEGIN").map(|()| conn));
        self.failing.store(begun.is_err(), Ordering::Relaxed);
        let mut conn = begun?;
        let mut tx = Tx::new(Conn::new(Engine::Postgres(&mut conn), slow));
        // A panic must not hand a connection inside a transaction back to the pool.
        let mut outcome = catch_unwind(AssertUnwindSafe(|| work(&mut tx)))
            .unwrap_or_else(|_| Err(Error::Engine("a write closure panicked".into()).into()))
            .map(|result| (result, tx.effects));
        let (failed, tainted) = (tx.failed, tx.tainted);
        drop(tx);
        self.failing.store(tainted, Ordering::Relaxed);
        if failed && outcome.is_ok() {
            // COMMIT would answer well and store nothing.
            outcome = Err(Error::Engine("a write went on after a failed statement".into()).into());
        }
        match outcome {
            Ok(done) => {
                let committed = conn.script("COMMIT");
                self.failing.store(committed.is_err(), Ordering::Relaxed);
                committed?;
                Ok(done)
            }
            Err(error) => {
                if let Err(rollback) = conn.script("ROLLBACK") {
                    log::warn!("rolling back failed: {rollback}");
                }
                Err(error)
            }
        }
    }
}

fn configured(database: &Database) -> std::result::Result<(Config, String), OpenError> {
    let Database::Postgres { url, schema, .. } = database else {
        return Err(OpenError::Unavailable {
            place: "PostgreSQL".into(),
            why: "the address is not a postgresql:// URL".into(),
        });
    };
    let mut config: Config = url.expose().parse().map_err(|error: postgres::Error| {
        OpenError::Unavailable { place: "PostgreSQL".into(), why: error.to_string() }
    })?;
    config.application_name("manero").connect_timeout(Duration::from_secs(5));
    if let Some(schema) = schema {
        config.options(&format!("-c search_path=\"{}\"", schema.replace('"', "")));
    }
    let place = format!("PostgreSQL database {}", config.get_dbname().unwrap_or("(default)"));
    Ok((config, place))
}

fn create_schema(client: &mut Client, database: &Database) -> Result<()> {
    if let Database::Postgres { schema: Some(schema), .. } = database
        && schema != "public"
    {
        let quoted = schema.replace('"', "");
        let made = client.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS \"{quoted}\""));
        // Two programs that begin at once both find none; the server lets one of them make it.
        let by_another = |error: &postgres::Error| {
            use postgres::error::SqlState as State;
            error.code() == Some(&State::UNIQUE_VIOLATION)
                || error.code() == Some(&State::DUPLICATE_SCHEMA)
        };
        match made {
            Err(error) if by_another(&error) => {}
            made => made?,
        }
    }
    Ok(())
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState as State;
        let Some(db) = error.as_db_error() else {
            // Without an answer of the server it is either the connection or a misuse of ours.
            let source = std::error::Error::source(&error);
            let io = source.is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
            return if error.is_closed() || io {
                Self::Unavailable(error.to_string())
            } else {
                Self::Engine(error.to_string())
            };
        };
        let text = format!("{} ({})", db.message(), db.code().code());
        match db.code() {
            &State::UNIQUE_VIOLATION => {
                Self::Unique(db.constraint().unwrap_or("a unique index").to_owned())
            }
            &State::LOCK_NOT_AVAILABLE
            | &State::T_R_SERIALIZATION_FAILURE
            | &State::T_R_DEADLOCK_DETECTED => Self::Busy,
            &State::DISK_FULL | &State::READ_ONLY_SQL_TRANSACTION => Self::Unavailable(text),
            // A text with a NUL byte: SQLite looks for it and finds no row, and neither is there one here.
            &State::CHARACTER_NOT_IN_REPERTOIRE => Self::NotFound,
            &State::DATA_CORRUPTED | &State::INDEX_CORRUPTED => Self::Corrupt(text),
            code if code.code().starts_with("08") || code.code().starts_with("57") => {
                Self::Unavailable(text)
            }
            _ => Self::Engine(text),
        }
    }
}
