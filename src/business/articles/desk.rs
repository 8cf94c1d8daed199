//! The editors' list: drafts and articles still to come among those that are published.

use super::model::{Summary, topic_slug};
use super::store::After;
use crate::platform::db::{Conn, Result};
use crate::platform::lang::Lang;
use crate::platform::word::Word;

/// Stands for the date of an article that has none: after every other, in fifteen digits.
const UNDATED: i64 = 999_999_999_999_999;
crate::sql! {
    // Between the dates ?3 and ?4; '' is any language and any topic.
    BY_DATE = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at FROM articles
               WHERE (coalesce(published_at, 999999999999999), id) < (?1, ?2)
                   AND coalesce(published_at, 999999999999999) >= ?3 AND coalesce(published_at, 999999999999999) <= ?4 AND (?5 = '' OR lang = ?5)
                   AND (?6 = '' OR EXISTS (SELECT 1 FROM article_topics t WHERE t.article_id = articles.id AND t.topic = ?6))
                   AND (?8 = '' OR lower(title) LIKE ?8 ESCAPE '!' OR slug LIKE ?9 ESCAPE '!')
               ORDER BY coalesce(published_at, 999999999999999) DESC, id DESC LIMIT ?7";
    BY_DATE_OLDEST = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at FROM articles
               WHERE (coalesce(published_at, 999999999999999), id) > (?1, ?2)
                   AND coalesce(published_at, 999999999999999) >= ?3 AND coalesce(published_at, 999999999999999) <= ?4 AND (?5 = '' OR lang = ?5)
                   AND (?6 = '' OR EXISTS (SELECT 1 FROM article_topics t WHERE t.article_id = articles.id AND t.topic = ?6))
                   AND (?8 = '' OR lower(title) LIKE ?8 ESCAPE '!' OR slug LIKE ?9 ESCAPE '!')
               ORDER BY coalesce(published_at, 999999999999999), id LIMIT ?7";
    BY_CHANGE = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at FROM articles
                 WHERE (updated_at, id) < (?1, ?2)
                     AND coalesce(published_at, 999999999999999) >= ?3 AND coalesce(published_at, 999999999999999) <= ?4 AND (?5 = '' OR lang = ?5)
                     AND (?6 = '' OR EXISTS (SELECT 1 FROM article_topics t WHERE t.article_id = articles.id AND t.topic = ?6))
                     AND (?8 = '' OR lower(title) LIKE ?8 ESCAPE '!' OR slug LIKE ?9 ESCAPE '!')
                 ORDER BY updated_at DESC, id DESC LIMIT ?7";
    BY_CHANGE_OLDEST = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at FROM articles
                 WHERE (updated_at, id) > (?1, ?2)
                     AND coalesce(published_at, 999999999999999) >= ?3 AND coalesce(published_at, 999999999999999) <= ?4 AND (?5 = '' OR lang = ?5)
                     AND (?6 = '' OR EXISTS (SELECT 1 FROM article_topics t WHERE t.article_id = articles.id AND t.topic = ?6))
                     AND (?8 = '' OR lower(title) LIKE ?8 ESCAPE '!' OR slug LIKE ?9 ESCAPE '!')
                 ORDER BY updated_at, id LIMIT ?7";
    COUNT = "SELECT CAST(count(*) AS BIGINT) FROM articles
             WHERE coalesce(published_at, 999999999999999) >= ?1 AND coalesce(published_at, 999999999999999) <= ?2 AND (?3 = '' OR lang = ?3)
                 AND (?4 = '' OR EXISTS (SELECT 1 FROM article_topics t WHERE t.article_id = articles.id AND t.topic = ?4))
                 AND (?5 = '' OR lower(title) LIKE ?5 ESCAPE '!' OR slug LIKE ?6 ESCAPE '!')";
}

/// Where an article stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = ArticleState, rename_all = "lowercase", example = "published")]
pub enum State {
    Draft,
    /// Has a date that is still to come.
    Scheduled,
    Published,
}

impl State {
    #[must_use]
    pub fn of(published_at: Option<i64>, now_ms: i64) -> Self {
        match published_at {
            None => Self::Draft,
            Some(at) if at > now_ms => Self::Scheduled,
            Some(_) => Self::Published,
        }
    }
}

impl Word for State {
    const ALL: &'static [Self] = &[Self::Draft, Self::Scheduled, Self::Published];

    fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
        }
    }
}

/// What somebody who edits wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = ArticleStates, rename_all = "lowercase", example = "draft")]
pub enum States {
    Any,
    Draft,
    Scheduled,
    Published,
}

impl Word for States {
    const ALL: &'static [Self] = &[Self::Any, Self::Draft, Self::Scheduled, Self::Published];

    fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
        }
    }
}

impl States {
    /// The first and the last date, [`UNDATED`] being one.
    fn dates(self, now_ms: i64) -> (i64, i64) {
        match self {
            Self::Any => (i64::MIN, i64::MAX),
            Self::Draft => (UNDATED, UNDATED),
            Self::Scheduled => (now_ms + 1, UNDATED - 1),
            Self::Published => (i64::MIN, now_ms),
        }
    }
}

/// Which articles a page of the editors' list is made of.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub states: States,
    pub lang: Option<Lang>,
    pub topic: Option<String>,
    /// What title or address have in them; empty for any.
    pub words: String,
    pub by_change: bool,
    pub newest_first: bool,
    /// Where the page begins.
    pub after: Option<After>,
    pub now_ms: i64,
}

impl Wanted {
    /// Where the page after `last` begins.
    #[must_use]
    pub fn after(&self, last: &Summary) -> After {
        let date = last.published_at.unwrap_or(UNDATED);
        After { key: if self.by_change { last.updated_at } else { date }, id: last.id.clone() }
    }
}

/// Up to `limit` articles, drafts and those still to come among them.
pub fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> Result<Vec<Summary>> {
    let sql = match (wanted.by_change, wanted.newest_first) {
        (false, true) => BY_DATE,
        (false, false) => BY_DATE_OLDEST,
        (true, true) => BY_CHANGE,
        (true, false) => BY_CHANGE_OLDEST,
    };
    let start = After::start(wanted.newest_first);
    let after = wanted.after.as_ref().unwrap_or(&start);
    let (from, to) = wanted.states.dates(wanted.now_ms);
    let lang = wanted.lang.map_or("", Lang::code);
    let topic = wanted.topic.as_deref().unwrap_or_default();
    let (title, slug) = patterns(&wanted.words);
    conn.all(sql, &[&after.key, &after.id, &from, &to, &lang, &topic, &limit, &title, &slug])
}

/// How many articles a list has, whatever page of it is asked for.
pub fn count(conn: &mut Conn<'_>, wanted: &Wanted) -> Result<i64> {
    let (from, to) = wanted.states.dates(wanted.now_ms);
    let lang = wanted.lang.map_or("", Lang::code);
    let topic = wanted.topic.as_deref().unwrap_or_default();
    let (title, slug) = patterns(&wanted.words);
    Ok(conn.one::<(i64,)>(COUNT, &[&from, &to, &lang, &topic, &title, &slug])?.0)
}

/// What a title, and a slug, that have these words in them are like.
fn patterns(words: &str) -> (String, String) {
    if words.trim().is_empty() {
        return (String::new(), String::new());
    }
    let plain = |text: &str| text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let slug = match topic_slug(words) {
        // Only what can stand in an address is looked for in one.
        nothing if nothing.is_empty() => "-".to_owned(),
        slug => format!("%{}%", plain(&slug)),
    };
    (format!("%{}%", plain(words.trim().to_lowercase().as_str())), slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_looked_for_as_they_are_typed() {
        assert_eq!(patterns(" "), (String::new(), String::new()));
        assert_eq!(patterns("50% Más_"), ("%50!% más!_%".into(), "%50-mas%".into()));
        assert_eq!(patterns("!?"), ("%!!?%".into(), "-".into()));
    }

    #[test]
    fn an_article_stands_where_its_date_says() {
        assert_eq!(State::of(None, 5), State::Draft);
        assert_eq!(State::of(Some(6), 5), State::Scheduled);
        assert_eq!(State::of(Some(5), 5), State::Published);
        for states in [States::Draft, States::Scheduled, States::Published] {
            let (from, to) = states.dates(5);
            for (date, state) in
                [(UNDATED, State::Draft), (6, State::Scheduled), (5, State::Published)]
            {
                assert_eq!(
                    (from..=to).contains(&date),
                    states.word() == state.word(),
                    "{states:?} {date}"
                );
            }
        }
    }
}
