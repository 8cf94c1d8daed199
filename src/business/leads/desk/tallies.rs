//! How many leads a filter lets through, without a look at their rows and with no more work than is allowed.
//!
//! The parameters are those of the walks; a word stands from ?12 to ?13.

use super::model::{By, Order, Wanted, after_all_with};
use super::plan::{Counts, Way};
use super::{Search, counts};
use crate::platform::db::{Conn, Param, Result, Sql};

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
    OF_WORD = "SELECT CAST(count(*) AS BIGINT) FROM (SELECT DISTINCT created_at, number FROM lead_words
               WHERE word >= ?12 AND word < ?13 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4)
                   AND created_at >= ?5 AND created_at < ?6
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = lead_words.number AND t.tag = ?9))
                   AND (?7 = '' AND ?8 = '' AND ?10 = '%' OR EXISTS (
                       SELECT 1 FROM leads f
                       WHERE f.created_at = lead_words.created_at AND f.number >= lead_words.number AND f.number <= lead_words.number
                           AND (?7 = '' OR f.program_slug = ?7) AND (?8 = '' OR f.lang = ?8) AND (?10 = '%' OR f.words LIKE ?10)))
               LIMIT ?11) f";
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
        // Each who has the word costs so much.
        let few = (work / given.step_of_word()).max(1);
        let (found, word) = counts::rarest(conn, &wanted, few)?;
        let is_alone = search.beside_the_word() == "%"
            && Counts { word: None, ..given } == Counts::default()
            && !wanted.is_limited_in_time();
        if found < few || is_alone {
            let most = up_to.min(few);
            return search.tally(conn, OF_WORD, word, most);
        }
    }
    let way = search.nearest_walk();
    let entries = (work / given.step(By::Time, way)).max(1);
    search.tally_walk(conn, way, entries, up_to)
}

impl Search<'_> {
    fn tally(&self, conn: &mut Conn<'_>, sql: Sql, word: &str, up_to: i64) -> Result<Tally> {
        let end = after_all_with(word);
        let more: [&dyn Param; 2] = [&word, &end];
        let pattern = self.beside_the_word();
        let found: Vec<(i64,)> = self.run(conn, sql, &self.wanted.span(), pattern, up_to, &more)?;
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
