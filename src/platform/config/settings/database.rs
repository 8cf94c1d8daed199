//! Which engine holds the data, taken from `DATABASE_URL` in Prisma's dialect.
//!
//! Opening a connection is `platform::db`.

use std::path::{Path, PathBuf};

use url::Url;

use crate::platform::config::reader::Reader;
use crate::platform::secret::Secret;

/// Parameters that Prisma understands and a PostgreSQL client does not; they have no use here.
const PRISMA_ONLY: [&str; 8] = [
    "pool_timeout",
    "socket_timeout",
    "statement_cache_size",
    "single_use_connections",
    "sslaccept",
    "sslcert",
    "sslidentity",
    "sslpassword",
];

#[derive(Debug, Clone)]
pub enum Database {
    Sqlite {
        path: PathBuf,
    },
    Postgres {
        /// Without Prisma's own parameters.
        url: Secret<String>,
        schema: Option<String>,
        /// The server is a pooler in transaction mode: no prepared statements by name.
        pgbouncer: bool,
        connection_limit: Option<u32>,
    },
}

impl Database {
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }
}

/// The database, and the direct way to it for migrations. After a fault the first is the default.
pub(super) fn read(data_dir: &Path, reader: &mut Reader<'_>) -> (Database, Option<Database>) {
    let default = Database::Sqlite { path: data_dir.join("manero.db") };
    let database = one("database.url", reader).unwrap_or(default);
    if let Database::Sqlite { .. } = database {
        if reader.resolved.get("database.direct_url").is_some() {
            reader.warn("DIRECT_URL is ignored: it is for PostgreSQL, and the data is in SQLite");
        }
        return (database, None);
    }
    let mut direct = one("database.direct_url", reader);
    // Migrating another schema than the one the program reads is never meant.
    if let Some(Database::Postgres { schema, .. }) = &mut direct
        && let Database::Postgres { schema: Some(of_database), .. } = &database
        && schema.is_none()
    {
        *schema = Some(of_database.clone());
    }
    (database, direct)
}

fn one(path: &str, reader: &mut Reader<'_>) -> Option<Database> {
    let url = reader.secret(path)?;
    if let Some(file) = url.expose().strip_prefix("sqlite://") {
        if file.contains('?') || file == ":memory:" {
            reader.fault(path, "must be sqlite://PATH: a file, without parameters");
            return None;
        }
        return Some(Database::Sqlite { path: reader.in_dir(file) });
    }
    if !cfg!(feature = "postgres") {
        reader.fault(
            path,
            "this build has no PostgreSQL support; build one with \
             `cargo build --release --features postgres`, or use sqlite://PATH",
        );
        return None;
    }
    let (database, ignored) =
        postgres(url.expose()).map_err(|problem| reader.fault(path, problem)).ok()?;
    if !ignored.is_empty() {
        reader.warn(format!("{path}: Prisma's {} has no use here", ignored.join(", ")));
    }
    Some(database)
}

/// Takes Prisma's parameters out of `url`; also the names of those that are ignored.
fn postgres(url: &str) -> Result<(Database, Vec<String>), String> {
    let mut url = Url::parse(url).map_err(|error| format!("is not a URL: {error}"))?;
    let (mut schema, mut pgbouncer, mut connection_limit) = (None, false, None);
    let (mut kept, mut ignored) = (Vec::new(), Vec::new());
    for (name, value) in url.query_pairs() {
        match name.as_ref() {
            "schema" => schema = Some(identifier(&value)?),
            "pgbouncer" => {
                pgbouncer = value.parse().map_err(|_| "pgbouncer must be true or false")?;
            }
            "connection_limit" => {
                let limit: Option<u32> = value.parse().ok().filter(|limit| *limit > 0);
                connection_limit = Some(limit.ok_or("connection_limit must be 1 or more")?);
            }
            name if PRISMA_ONLY.contains(&name) => ignored.push(name.to_owned()),
            _ => kept.push((name.into_owned(), value.into_owned())),
        }
    }
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    let url = Secret::new(String::from(url));
    Ok((Database::Postgres { url, schema, pgbouncer, connection_limit }, ignored))
}

/// A schema's name goes into `search_path`, where no placeholder can stand.
fn identifier(name: &str) -> Result<String, String> {
    let mut chars = name.chars();
    let begins = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let plain = begins && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && name.len() <= 63 {
        Ok(name.to_owned())
    } else {
        Err("schema must be letters, digits and _, at most 63, not beginning with a digit".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prismas_parameters_are_taken_out_of_the_url() {
        let given = "postgresql://u:p%40@h:6432/d?schema=public&pgbouncer=true&connection_limit=5\
                     &sslmode=require&pool_timeout=3";
        let (database, ignored) = postgres(given).unwrap();
        let Database::Postgres { url, schema, pgbouncer, connection_limit } = database else {
            panic!("not PostgreSQL");
        };
        assert_eq!(url.expose(), "postgresql://u:p%40@h:6432/d?sslmode=require");
        assert_eq!(schema.as_deref(), Some("public"));
        assert!(pgbouncer);
        assert_eq!(connection_limit, Some(5));
        assert_eq!(ignored, ["pool_timeout"]);
    }

    #[test]
    fn a_schema_that_could_break_out_of_a_statement_is_refused() {
        for bad in ["a;drop", "\"a\"", "1a", "", "a-b"] {
            assert!(identifier(bad).is_err(), "{bad}");
        }
        let bad = postgres("postgres://h/d?connection_limit=0").unwrap_err();
        assert!(bad.contains("connection_limit"), "{bad}");
    }
}
