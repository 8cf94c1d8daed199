//! How many leads each filter lets through, counted as far as a choice needs it.

use super::model::{By, Wanted, after_all_with};
use super::plan::{COUNT_TO, Counts};
use crate::business::leads::tags;
use crate::platform::db::{Conn, Param, Result, Sql};
use crate::platform::lang::Lang;

crate::sql! {
    PROGRAM = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM leads WHERE program_slug = ?1 LIMIT ?2) f";
    LANG = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM leads WHERE lang = ?1 LIMIT ?2) f";
    TIME = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM leads WHERE created_at >= ?1 AND created_at < ?2 LIMIT ?3) f";
    WORD = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM lead_words WHERE word >= ?1 AND word < ?2 LIMIT ?3) f";
    // Numbers are given in turn, so that the last one is as good as a count.
    EVERYBODY = "SELECT CAST(count(*) AS BIGINT) FROM leads";
    TOTAL = "SELECT coalesce(max(number), 0) FROM leads";
}

/// Words that are counted to find the rarest.
const WORDS_COUNTED: usize = 4;

/// How many leads there are: on SQLite some 10 ms of a million.
pub fn everybody(conn: &mut Conn<'_>) -> Result<i64> {
    Ok(conn.one::<(i64,)>(EVERYBODY, &[])?.0)
}

fn one(conn: &mut Conn<'_>, sql: Sql, params: &[&dyn Param]) -> Result<i64> {
    Ok(conn.one::<(i64,)>(sql, params)?.0)
}

/// The rarest of the words that are looked for, and in how many places it stands, counted up to `to`.
pub(super) fn rarest<'w>(
    conn: &mut Conn<'_>,
    wanted: &'w Wanted,
    to: i64,
) -> Result<(i64, &'w str)> {
    let mut words: Vec<&str> = Vec::new();
    if let Some(beginnings) = &wanted.looked_for {
        words.extend(beginnings.words().iter().map(String::as_str));
    }
    // Long ones tend to be rare.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let (mut fewest, mut rarest) = (to, words.first().copied().unwrap_or_default());
    for word in words.into_iter().take(WORDS_COUNTED) {
        let count = one(conn, WORD, &[&word, &after_all_with(word), &fewest])?;
        if count < fewest {
            (fewest, rarest) = (count, word);
        }
    }
    Ok((fewest, rarest))
}

/// How many leads each filter lets through, and the rarest of the words that are looked for, if any.
pub(super) fn count<'w>(conn: &mut Conn<'_>, wanted: &'w Wanted) -> Result<(Counts, &'w str)> {
    let mut counts = Counts { total: one(conn, TOTAL, &[])?, ..Counts::default() };
    if let Some(slug) = &wanted.program {
        counts.program = Some(one(conn, PROGRAM, &[slug, &COUNT_TO])?);
    }
    if let Some(code) = wanted.lang.map(Lang::code) {
        counts.lang = Some(one(conn, LANG, &[&code, &COUNT_TO])?);
    }
    if wanted.by() != By::Time && wanted.is_limited_in_time() {
        counts.time = Some(one(conn, TIME, &[&wanted.from(), &wanted.to(), &COUNT_TO])?);
    }
    let mut word = "";
    if wanted.looked_for.is_some() {
        let (count, rarest) = rarest(conn, wanted, COUNT_TO)?;
        (counts.word, word) = (Some(count), rarest);
        counts.more_words = wanted.has_more_words();
    }
    if let Some(tag) = &wanted.tag {
        counts.tag = Some(tags::leads_with(conn, tag)?);
    }
    Ok((counts, word))
}
