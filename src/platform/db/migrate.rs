//! Migrations: refinery runs them, and we keep two more facts beside its history.
//!
//! For every applied version `schema_rules` stores `oldest_app` (the lowest schema version whose
//! program may still run on it, from the script's first line `-- oldest-app: N`) and the reverse
//! script. Stored in the database, they are known to an older program too: it can tell whether it
//! may run on a newer schema, and can undo a migration it has never seen.

use std::path::Path;

use refinery::Runner;

use super::conn::{Conn, Engine};
use super::engine::{Migrate, broken_or_away};
use super::row::{FromRow, Row};
use super::{Error, OpenError, Result};

mod main_set {
    refinery::embed_migrations!("migrations/main");
}
mod telemetry_set {
    refinery::embed_migrations!("migrations/telemetry");
}

#[derive(rust_embed::Embed)]
#[folder = "$CARGO_MANIFEST_DIR/migrations/main/down"]
struct DownScripts;

/// One family of migrations with its own history.
pub struct Set {
    name: &'static str,
    history: &'static str,
    runner: Runner,
}

/// One line of `manero migrate status`.
#[derive(Debug, serde::Serialize)]
pub struct Status {
    pub version: i64,
    pub name: String,
    /// Lowest schema version whose program may run on this one; known once applied.
    pub oldest_app: i64,
    pub applied: bool,
    pub reversible: bool,
}

crate::sql! {
    RULES = "SELECT version, name, oldest_app, down_sql FROM schema_rules ORDER BY version";
    ADD_RULE = "INSERT INTO schema_rules (version, name, oldest_app, down_sql) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (version) DO NOTHING";
    DROP_RULE = "DELETE FROM schema_rules WHERE version = ?1";
    DROP_HISTORY = "DELETE FROM refinery_schema_history WHERE version = CAST(?1 AS BIGINT)";
    // A variant, because only the catalogues know what exists.
    HAS_RULES = {
        sqlite: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_rules'",
        postgres: "SELECT count(*) FROM information_schema.tables WHERE table_name = 'schema_rules' AND table_schema = current_schema()"
    };
}

/// A stored rule: version, name, oldest app, reverse script.
pub struct Rule {
    pub version: i64,
    pub name: String,
    pub oldest_app: i64,
    pub down_sql: Option<String>,
}

impl FromRow for Rule {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            version: row.get(0)?,
            name: row.get(1)?,
            oldest_app: row.get(2)?,
            down_sql: row.get(3)?,
        })
    }
}

impl Set {
    /// The business schema.
    #[must_use]
    pub fn main() -> Self {
        Self {
            name: "main",
            history: "refinery_schema_history",
            runner: main_set::migrations::runner(),
        }
    }

    /// The telemetry schema.
    #[must_use]
    pub fn telemetry() -> Self {
        Self {
            name: "telemetry",
            history: "telemetry_schema_history",
            runner: telemetry_set::migrations::runner(),
        }
    }

    /// The newest version this program brings.
    #[must_use]
    pub fn newest(&self) -> i64 {
        self.runner.get_migrations().iter().map(|m| i64::from(m.version())).max().unwrap_or(0)
    }

    fn configured(&self, engine: &str) -> Result<Runner> {
        let written_for = |m: &refinery::Migration| {
            let name = format!("V{}__{}", m.version(), m.name());
            let sql = for_engine(m.sql().unwrap_or_default(), engine);
            refinery::Migration::unapplied(&name, &sql)
                .map_err(|error| Error::Engine(format!("migration {name}: {error}")))
        };
        let migrations: Vec<_> =
            self.runner.get_migrations().iter().map(written_for).collect::<Result<_>>()?;
        let mut runner = Runner::new(&migrations)
            // All or nothing, history included; refinery's default leaves a gap between the two.
            .set_grouped(true)
            // A newer program's migrations are not ours to miss.
            .set_abort_missing(false);
        runner.set_migration_table_name(self.history);
        Ok(runner)
    }

    fn rules(&self) -> Vec<Rule> {
        let rule = |m: &refinery::Migration| Rule {
            version: i64::from(m.version()),
            name: m.name().to_owned(),
            oldest_app: oldest_app(m.sql().unwrap_or_default()),
            down_sql: (self.name == "main").then(|| down_script(m.version())).flatten(),
        };
        self.runner.get_migrations().iter().map(rule).collect()
    }
}

/// `N` of a script's first line `-- oldest-app: N`; 1 when the line is missing.
fn oldest_app(script: &str) -> i64 {
    let first = script.lines().next().unwrap_or_default();
    first.strip_prefix("-- oldest-app:").and_then(|n| n.trim().parse().ok()).unwrap_or(1)
}

/// The script as `engine` gets it: what follows a line `-- only sqlite` or `-- only postgres` is for
/// that engine alone, until the next such line or `-- both`.
fn for_engine(script: &str, engine: &str) -> String {
    let mut ours = true;
    let mut kept = String::with_capacity(script.len());
    for line in script.split_inclusive('\n') {
        match line.trim_end().strip_prefix("-- only ") {
            Some(only) => ours = only == engine,
            None if line.trim_end() == "-- both" => ours = true,
            None if ours => kept.push_str(line),
            None => {}
        }
    }
    kept
}

fn down_script(version: impl std::fmt::Display) -> Option<String> {
    let file = DownScripts::get(&format!("{version}.sql"))?;
    String::from_utf8(file.data.into_owned()).ok()
}

/// Brings a SQLite file up to date and returns the connection.
pub(super) fn sqlite(
    mut conn: rusqlite::Connection,
    path: &Path,
    set: &Set,
    wanted: Migrate,
    place: &str,
) -> std::result::Result<rusqlite::Connection, OpenError> {
    let slow = std::sync::Arc::new(super::SlowQueries::new(std::time::Duration::MAX));
    let away = |error: Error| broken_or_away(place, error);
    let at = sqlite_version_applied(&conn, set).map_err(away)?;
    if at < set.newest() {
        match wanted {
            Migrate::Apply => {}
            Migrate::Refuse => return Err(behind(place, at, set)),
            Migrate::Ignore => return Ok(conn),
        }
        // Two programs that start at once must not both migrate.
        let lock = std::fs::File::create(path.with_extension("migrate.lock"));
        let _held = lock.and_then(|file| file.lock().map(|()| file)).map_err(|error| {
            OpenError::Unavailable { place: place.to_owned(), why: error.to_string() }
        })?;
        let runner = set.configured("sqlite").map_err(away)?;
        runner.run(&mut conn).map_err(|error| migration_failed(place, &error))?;
        remember(&mut Conn::new(Engine::Sqlite(&conn), &slow), set).map_err(away)?;
        conn.flush_prepared_statement_cache();
    }
    if set.name == "main" && wanted != Migrate::Ignore {
        check(&mut Conn::new(Engine::Sqlite(&conn), &slow), set, place)?;
    }
    Ok(conn)
}

fn sqlite_version_applied(conn: &rusqlite::Connection, set: &Set) -> Result<i64> {
    let exists: bool = conn.query_row(
        "SELECT count(*) > 0 FROM sqlite_master WHERE type = 'table' AND name = ?1",
        [set.history],
        |row| row.get(0),
    )?;
    if !exists {
        return Ok(0);
    }
    let sql = format!("SELECT coalesce(max(version), 0) FROM {}", set.history);
    Ok(conn.query_row(&sql, [], |row| row.get(0))?)
}

fn behind(place: &str, at: i64, set: &Set) -> OpenError {
    OpenError::Behind { place: place.to_owned(), at, needs: set.newest() }
}

fn migration_failed(place: &str, error: &refinery::Error) -> OpenError {
    let mut why = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        why = format!("{why}: {cause}");
        source = cause.source();
    }
    OpenError::Migration { place: place.to_owned(), why }
}

/// Applies what is missing on Postgres, one program at a time.
#[cfg(feature = "postgres")]
pub(super) fn postgres(
    client: &mut postgres::Client,
    set: &Set,
    place: &str,
) -> std::result::Result<(), OpenError> {
    /// Any number that no other program uses for its advisory lock.
    const LOCK: i64 = 0x004d_616e_6572_6f01;
    let away = |error: postgres::Error| broken_or_away(place, error.into());
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).map_err(away)?;
    let outcome = set
        .configured("postgres")
        .map_err(|error| broken_or_away(place, error))
        .and_then(|r| r.run(client).map_err(|error| migration_failed(place, &error)));
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).map_err(away)?;
    outcome.map(drop)
}

/// Stores the rules of what has been applied; harmless when repeated.
pub(super) fn remember(conn: &mut Conn<'_>, set: &Set) -> Result<()> {
    if set.name != "main" {
        return Ok(());
    }
    for rule in set.rules() {
        // As this engine runs it: an older program, which may have to, reads no marks.
        let down = rule.down_sql.map(|script| for_engine(&script, conn.engine_name()));
        conn.exec(ADD_RULE, &[&rule.version, &rule.name, &rule.oldest_app, &down])?;
    }
    Ok(())
}

/// Refuses a schema that this program is too old for.
pub(super) fn check(
    conn: &mut Conn<'_>,
    set: &Set,
    place: &str,
) -> std::result::Result<(), OpenError> {
    let rules = stored_rules(conn).map_err(|error| broken_or_away(place, error))?;
    let found = rules.iter().map(|r| r.version).max().unwrap_or(0);
    let needs = rules.iter().map(|r| r.oldest_app).max().unwrap_or(0);
    let ours = set.newest();
    if needs > ours {
        return Err(OpenError::TooNew { place: place.to_owned(), found, needs, ours });
    }
    Ok(())
}

/// What has been applied; nothing on a database that has never been migrated.
fn stored_rules(conn: &mut Conn<'_>) -> Result<Vec<Rule>> {
    let (tables,): (i64,) = conn.one(HAS_RULES, &[])?;
    if tables == 0 { Ok(Vec::new()) } else { conn.all(RULES, &[]) }
}

/// Refuses a schema that would have to be migrated first.
#[cfg(feature = "postgres")]
pub(super) fn refuse_behind(
    conn: &mut Conn<'_>,
    set: &Set,
    place: &str,
) -> std::result::Result<(), OpenError> {
    let rules = stored_rules(conn).map_err(|error| broken_or_away(place, error))?;
    let at = rules.iter().map(|r| r.version).max().unwrap_or(0);
    if at < set.newest() { Err(behind(place, at, set)) } else { Ok(()) }
}

/// Refuses a schema older than this program's, where nothing can be applied.
pub(super) fn refuse_pending(
    conn: &mut Conn<'_>,
    set: &Set,
    place: &str,
) -> std::result::Result<(), OpenError> {
    let rules = stored_rules(conn).map_err(|error| broken_or_away(place, error))?;
    let at = rules.iter().map(|r| r.version).max().unwrap_or(0);
    if at < set.newest() { Err(behind(place, at, set)) } else { Ok(()) }
}

/// Every migration this program or the database knows.
pub fn status(conn: &mut Conn<'_>) -> Result<Vec<Status>> {
    let stored = stored_rules(conn)?;
    let ours = Set::main().rules();
    let line = |rule: &Rule, applied: bool| Status {
        version: rule.version,
        name: rule.name.clone(),
        oldest_app: rule.oldest_app,
        applied,
        reversible: rule.down_sql.is_some(),
    };
    let mut lines: Vec<Status> = stored.iter().map(|rule| line(rule, true)).collect();
    let pending = ours.iter().filter(|r| stored.iter().all(|s| s.version != r.version));
    lines.extend(pending.map(|rule| line(rule, false)));
    lines.sort_by_key(|l| l.version);
    Ok(lines)
}

/// Undoes the newest applied migration with the script stored beside it, in one transaction.
/// Returns what was undone.
pub fn down(tx: &mut super::Tx<'_>) -> Result<(i64, String)> {
    let rules: Vec<Rule> = tx.all(RULES, &[])?;
    let newest = rules.into_iter().next_back().ok_or(Error::NotFound)?;
    let Some(script) = newest.down_sql else {
        return Err(Error::Engine(format!("migration {} has no reverse script", newest.version)));
    };
    // The history goes first: the script of the very first migration drops these tables too.
    tx.exec(DROP_RULE, &[&newest.version])?;
    tx.exec(DROP_HISTORY, &[&newest.version])?;
    tx.script(&script)?;
    Ok((newest.version, newest.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_says_which_programs_may_still_run_on_it() {
        for set in [Set::main(), Set::telemetry()] {
            for migration in set.runner.get_migrations() {
                let sql = migration.sql().unwrap_or_default();
                assert!(sql.starts_with("-- oldest-app: "), "{} of {}", migration.name(), set.name);
                assert!(oldest_app(sql) <= i64::from(migration.version()));
            }
        }
    }

    #[test]
    fn a_script_says_which_of_its_lines_are_for_one_engine_alone() {
        let script = "a;\n-- only sqlite\nb;\n-- only postgres\nc;\n-- both\nd;\n";
        assert_eq!(for_engine(script, "sqlite"), "a;\nb;\nd;\n");
        assert_eq!(for_engine(script, "postgres"), "a;\nc;\nd;\n");
    }

    #[test]
    fn the_newest_migration_has_a_reverse_script() {
        let set = Set::main();
        assert!(down_script(set.newest()).is_some_and(|sql| sql.contains("DROP")));
    }
}
