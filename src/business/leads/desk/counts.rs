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

/// How many leads each filter lets through, and the rarest of the words that are looked for, if any.
pub(super) fn count<'w>(conn: &mut Conn<'_>, wanted: &'w Wanted) -> Result<(Counts, &'w str)> {
    let mut one =
        |sql: Sql, params: &[&dyn Param]| -> Result<i64> { Ok(conn.one::<(i64,)>(sql, params)?.0) };
    let mut counts = Counts { total: one(TOTAL, &[])?, ..Counts::default() };
    if let Some(slug) = &wanted.program {
        counts.program = Some(one(PROGRAM, &[slug, &COUNT_TO])?);
    }
    if let Some(code) = wanted.lang.map(Lang::code) {
        counts.lang = Some(one(LANG, &[&code, &COUNT_TO])?);
    }
    if wanted.by() != By::Time && wanted.is_limited_in_time() {
        counts.time = Some(one(TIME, &[&wanted.from(), &wanted.to(), &COUNT_TO])?);
    }
    let mut words: Vec<&str> = Vec::new();
    if let Some(beginnings) = &wanted.looked_for {
        words.extend(beginnings.words().iter().map(String::as_str));
    }
    // Long ones tend to be rare.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rarest = "";
    for word in words.into_iter().take(WORDS_COUNTED) {
        let fewest = counts.word.unwrap_or(COUNT_TO);
        let count = one(WORD, &[&word, &after_all_with(word), &fewest])?;
        if rarest.is_empty() || count < fewest {
            rarest = word;
            counts.word = Some(count);
        }
    }
    if let Some(tag) = &wanted.tag {
        counts.tag = Some(tags::leads_with(conn, tag)?);
    }
    Ok((counts, rarest))
}
