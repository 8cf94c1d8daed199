//! Parameters and columns that both drivers can bind and read.
//!
//! There is no value enum and no copy: a parameter is anything both drivers accept. Integers are
//! `i64` only (Postgres refuses an `i32` for BIGINT).

use super::Result;

#[cfg(feature = "postgres")]
mod pg {
    pub trait PgParam: postgres::types::ToSql + Sync {}
    impl<T: postgres::types::ToSql + Sync> PgParam for T {}
    pub trait PgColumn: for<'a> postgres::types::FromSql<'a> {}
    impl<T: for<'a> postgres::types::FromSql<'a>> PgColumn for T {}
}
#[cfg(not(feature = "postgres"))]
mod pg {
    pub trait PgParam {}
    impl<T> PgParam for T {}
    pub trait PgColumn {}
    impl<T> PgColumn for T {}
}
use pg::{PgColumn, PgParam};

/// Anything that can stand for a placeholder on both engines.
pub trait Param: rusqlite::ToSql + PgParam {}
impl<T: rusqlite::ToSql + PgParam> Param for T {}

/// Anything that can be read from a column on both engines.
pub trait Column: rusqlite::types::FromSql + PgColumn {}
impl<T: rusqlite::types::FromSql + PgColumn> Column for T {}

/// One row of a result.
pub enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    #[cfg(feature = "postgres")]
    Postgres(&'a postgres::Row),
}

impl Row<'_> {
    /// The value of column `index`, counted from 0.
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        match self {
            Row::Sqlite(row) => Ok(row.get(index)?),
            #[cfg(feature = "postgres")]
            Row::Postgres(row) => Ok(row.try_get(index)?),
        }
    }
}

/// A type that one row fills; written beside the statement whose columns it reads, in that order.
pub trait FromRow: Sized {
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

macro_rules! tuple_from_row {
    ($($column:ident $index:tt),+) => {
        impl<$($column: Column),+> FromRow for ($($column,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self> {
                Ok(($(row.get::<$column>($index)?,)+))
            }
        }
    };
}
tuple_from_row!(A 0);
tuple_from_row!(A 0, B 1);
tuple_from_row!(A 0, B 1, C 2);
tuple_from_row!(A 0, B 1, C 2, D 3);
tuple_from_row!(A 0, B 1, C 2, D 3, E 4);
tuple_from_row!(A 0, B 1, C 2, D 3, E 4, F 5);
