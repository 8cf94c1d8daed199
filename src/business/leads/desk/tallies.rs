//! How many leads a filter lets through, without a look at their rows and with no more work than is allowed.
//!
//! The parameters are those of the walks; a word stands from ?12 to ?13.

use super::model::{By, Order, Wanted, after_all_with};
use super::plan::{Counts, Way};
use super::{Search, counts};
use crate::platform::db::{Conn, Param, Result};

crate::sql! {
    ALONG = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM leads
               WHERE (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?7 = '' OR program_slug = ?7) AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               LIMIT ?11) f";
    OF_TAG = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM lead_tags t
               WHERE t.tag = ?9 AND (t.created_at, t.number) > (?1, ?2) AND (t.created_at, t.number) < (?3, ?4)
                   AND +t.created_at >= ?5 AND +t.created_at < ?6 AND (?7 = '' OR t.program_slug = ?7) AND (?8 = '' OR t.lang = ?8)
                   AND (?10 = '%' OR EXISTS (SELECT 1 FROM leads l WHERE l.number = t.number AND l.words LIKE ?10))
               LIMIT ?11) f";
    OF_PROGRAM = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM leads
               WHERE program_slug = ?7 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               LIMIT ?11) f";
    OF_LANG = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM leads
               WHERE lang = ?8 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?7 = '' OR program_slug = ?7) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               LIMIT ?11) f";
    OF_WORD = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1
               FROM (
                   SELECT created_at, number FROM lead_words
                   WHERE word >= ?12 AND word < ?13 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4)
                       AND created_at >= ?5 AND created_at < ?6
                   GROUP BY created_at, number
               ) w
               WHERE (?7 = '' AND ?8 = '' AND ?10 = '%' OR EXISTS (
                       SELECT 1 FROM leads f
                       WHERE f.created_at = w.created_at AND f.number >= w.number AND f.number <= w.number
                           AND (?7 = '' OR f.program_slug = ?7) AND (?8 = '' OR f.lang = ?8) AND (?10 = '%' OR f.words LIKE ?10)))
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = w.number AND t.tag = ?9))
               LIMIT ?11) f";
    // Unlike the other it need not look at all of them.
    OF_WORD_ALONE = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT DISTINCT created_at, number FROM lead_words WHERE word >= ?1 AND word < ?2 LIMIT ?3) f";
}

/// How many there are, as far as they were counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub leads: i64,
    /// There may be more.
    pub more: bool,
}

/// Counts up to `up_to` leads, with `work` in tenths of a microsecond. Order and place of `wanted` make no difference.
pub fn tally(conn: &mut Conn<'_>, wanted: &Wanted, up_to: i64, work: i64) -> Result<Tally> {
    let wanted = Wanted { order: Order::Oldest, after: None, ..wanted.clone() };
    if wanted.looked_for.as_ref().is_some_and(|beginnings| beginnings.address().is_some()) {
        let page = super::list(conn, &wanted, up_to.min(100))?;
        return Ok(Tally { leads: page.leads.len() as i64, more: page.next.is_some() });
    }
    let Some(search) = Search::new(&wanted, up_to) else { return Ok(Tally::default()) };
    let given = Counts::given(&wanted);
    if given.word.is_some() {
        let is_alone = search.beside_the_word() == "%"
            && Counts { word: None, ..given } == Counts::default()
            && !wanted.is_limited_in_time();
        // Each who has the word costs so much.
        let few = (work / given.step_of_word()).max(1);
        let (found, rarest) = counts::rarest(conn, &wanted, few)?;
        if is_alone {
            let up_to = up_to.min(few);
            let end = after_all_with(rarest);
            let (leads,) = conn.one::<(i64,)>(OF_WORD_ALONE, &[&rarest, &end, &up_to])?;
            return Ok(Tally { leads, more: leads >= up_to });
        }
        if found < few {
            return search.tally_of_word(conn, rarest, up_to);
        }
    }
    let way = search.nearest_walk();
    let entries = (work / given.step(By::Time, way)).max(1);
    search.tally_walk(conn, way, entries, up_to)
}

impl Search<'_> {
    fn tally_of_word(&self, conn: &mut Conn<'_>, word: &str, up_to: i64) -> Result<Tally> {
        let end = after_all_with(word);
        let more: [&dyn Param; 2] = [&word, &end];
        let pattern = self.beside_the_word();
        let found: Vec<(i64,)> =
            self.run(conn, OF_WORD, &self.wanted.span(), pattern, up_to, &more)?;
        let leads = found.first().map_or(0, |(leads,)| *leads);
        Ok(Tally { leads, more: leads >= up_to })
    }

    fn tally_walk(&self, conn: &mut Conn<'_>, way: Way, entries: i64, up_to: i64) -> Result<Tally> {
        let span = self.wanted.span();
        let (part, after) = match super::edges::edge(way, self.wanted.order) {
            Some(edge) => self.cut(conn, edge, way, &span, entries)?,
            None => (span, None),
        };
        let sql = match way {
            Way::Tag => OF_TAG,
            Way::Program => OF_PROGRAM,
            Way::Lang => OF_LANG,
            Way::Along | Way::Time | Way::Word => ALONG,
        };
        let found: Vec<(i64,)> = self.run(conn, sql, &part, &self.pattern, up_to, &[])?;
        let leads = found.first().map_or(0, |(leads,)| *leads);
        Ok(Tally { leads, more: after.is_some() || leads >= up_to })
    }
}
