//! A lead as it is stored, and what is agreed about it.

use super::desk::model::{By, Key, Place};
use super::filing::Filed;
use crate::platform::db::{self, FromRow, Result, Row};
use crate::platform::lang::Lang;

/// Somebody who left an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    pub id: String,
    /// Small, never changes; what words and tags point to.
    pub number: i64,
    /// Lower case.
    pub email: String,
    pub name: String,
    /// The beginning of the folded name.
    pub name_key: String,
    /// A slug; the program may be gone.
    pub program: Option<String>,
    pub lang: Lang,
    /// Names of tags, sorted by what makes them one.
    pub tags: Vec<String>,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// Epoch milliseconds.
    pub updated_at: i64,
}

impl FromRow for Lead {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let tags: String = row.get(7)?;
        Ok(Self {
            id: row.get(0)?,
            number: row.get(1)?,
            email: row.get(2)?,
            name: row.get(3)?,
            name_key: row.get(4)?,
            program: row.get(5)?,
            lang: Lang::from_code(&row.get::<String>(6)?).unwrap_or(Lang::En),
            tags: serde_json::from_str(&tags)
                .map_err(|error| db::Error::Corrupt(format!("tags of a lead: {error}")))?,
            created_at: row.get(8)?,
            updated_at: row.get(9)?,
        })
    }
}

impl Lead {
    /// Where it stands in a list.
    #[must_use]
    pub fn place(&self, by: By) -> Place {
        let key = match by {
            By::Time => Key::Time(self.created_at),
            By::Name => Key::Text(self.name_key.clone()),
            By::Email => Key::Text(self.email.clone()),
        };
        Place { key, number: self.number }
    }

    /// As it is filed, with the words it was filed under.
    pub(super) fn filed(&self, words: String) -> Filed {
        Filed {
            number: self.number,
            created_at: self.created_at,
            email: self.email.clone(),
            name: self.name.clone(),
            name_key: self.name_key.clone(),
            words,
        }
    }
}
