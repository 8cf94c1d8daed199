//! The page on which versions are listed and compared. The slice that owns the thing mounts it.

use askama::Template;

use super::compare::{Difference, Fate, Member, difference};
use super::model::{Kind, Listed};
use super::store;
use crate::admin::shell::{Asked, View, times};
use crate::platform::db::Conn;
use crate::platform::error::Error;
use crate::platform::id;

/// Versions on one page.
const SHOWN: i64 = 50;

/// How a version is brought back.
pub struct Back {
    /// Where the form leads; it sends `version`.
    pub to: String,
    /// What comes back, and what does not.
    pub note: &'static str,
}

#[derive(Template)]
#[template(path = "admin/revisions/list.html")]
pub struct HistoryPage {
    view: View,
    /// Of this page.
    path: String,
    /// The language in the address, where there is one.
    lang: String,
    rows: Vec<Row>,
    /// The two that are compared: the older and the newer.
    pair: Option<(Listed, Listed)>,
    difference: Difference,
    back: Option<Back>,
    /// Where the list goes on.
    older: Option<String>,
}

struct Row {
    version: Listed,
    /// Where it is compared with the one before it.
    compare: String,
    is_newest: bool,
    is_shown: bool,
}

impl HistoryPage {
    /// The versions of a thing, and how the ones called `from` and `to` in the address differ: of the newest, and the
    /// one before it, when the address does not say.
    ///
    /// # Errors
    /// Not found for a version that is none of this thing.
    pub fn of(
        conn: &mut Conn<'_>,
        view: View,
        place: (Kind, &str),
        asked: &Asked,
        back: Option<Back>,
    ) -> Result<Self, Error> {
        let before = asked.parsed("before", id::parse).unwrap_or_default();
        let mut listed = store::list(conn, place, &before, SHOWN + 1)?;
        let more = listed.len() > SHOWN as usize;
        listed.truncate(SHOWN as usize);
        let older = listed.last().filter(|_| more).map(|last| asked.with("before", &last.id));
        let newest = store::list(conn, place, "", 1)?.pop().map(|version| version.id);
        let to = asked.parsed("to", id::parse).or_else(|| listed.first().map(|v| v.id.clone()));
        let from = asked.parsed("from", id::parse);
        let (mut pair, mut found) = (None, Difference::default());
        if let Some(to) = &to {
            let new = store::one(conn, place, to)?;
            let old = match from {
                Some(from) => Some(store::one(conn, place, &from)?),
                None => store::before(conn, place, to)?,
            };
            if let Some(old) = old {
                found = difference(&old.state, &new.state);
                pair = Some((old.listed, new.listed));
            }
        }
        let lang = asked.get("lang").to_owned();
        let compare = |id: &str| match lang.as_str() {
            "" => format!("{}?to={id}", asked.path),
            lang => format!("{}?lang={lang}&to={id}", asked.path),
        };
        let row = |version: Listed| Row {
            compare: compare(&version.id),
            is_newest: newest.as_deref() == Some(version.id.as_str()),
            is_shown: to.as_deref() == Some(version.id.as_str()),
            version,
        };
        let rows = listed.into_iter().map(row).collect();
        let path = asked.path.clone();
        Ok(Self { view, path, lang, rows, pair, difference: found, back, older })
    }
}

impl HistoryPage {
    /// What a version is called in the choice.
    fn label(&self, row: &Row) -> String {
        format!("{}, {}", times::exact(row.version.created_at, &self.view.zone), row.version.who())
    }
}

impl Member {
    /// What it is called in words.
    pub fn label(&self) -> String {
        sentence_case(&named(&self.name))
    }
}

/// What a member is called in words.
fn named(member: &str) -> String {
    match member {
        "body" => "text".to_owned(),
        "published_at" | "dated_at" => "date".to_owned(),
        "lang" => "language".to_owned(),
        "slug" => "address".to_owned(),
        "tags" => "topics".to_owned(),
        other => other.replace('_', " "),
    }
}

fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

impl Listed {
    /// Who saved it.
    fn who(&self) -> &str {
        if self.author.is_empty() { "Before the first change" } else { &self.author }
    }

    /// What was changed, in words.
    fn what(&self) -> String {
        let names: Vec<String> = self.members.iter().map(|member| named(member)).collect();
        names.join(", ")
    }
}

impl Fate {
    /// The class of a line in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Removed => "removed",
            Self::Added => "added",
        }
    }

    /// What a screen reader says before the line.
    pub fn label(self) -> &'static str {
        match self {
            Self::Kept => "",
            Self::Removed => "Removed: ",
            Self::Added => "Added: ",
        }
    }
}
