//! The list of leads for those who run the business, quick also with a million of them.
//!
//! Most lists end after a short walk along an index in their order. Where that finds too few, `counts` and `plan` choose
//! another way: a longer walk, or gathering those of the rarest filter. `walks` (which `edges` cut into parts) and
//! `gathers` are the ways: each finds the same leads in the same order.

pub mod api;
pub mod counts;
pub mod edges;
pub mod gathers;
pub mod model;
pub mod plan;
pub mod walks;

use self::model::{By, Key, Place, Span, Wanted, after_all_with};
use self::plan::{FIRST_LOOK, Way, choose, leads_there};
use super::{Lead, detail};
use crate::platform::db::{Conn, Param, Result, Sql};
use crate::platform::lang::Lang;

/// The first `limit` leads of what is asked for.
pub fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> Result<Vec<Lead>> {
    let address = wanted.looked_for.as_ref().and_then(|beginnings| beginnings.address());
    if let Some(address) = address
        && let Some(lead) = detail::by_address(conn, address)?
    {
        return Ok(if wanted.lets_through(&lead) { vec![lead] } else { Vec::new() });
    }
    let Some(search) = Search::new(wanted, limit) else { return Ok(Vec::new()) };
    if let Some(found) = search.walk(conn, search.nearest_walk(), FIRST_LOOK)? {
        return Ok(found);
    }
    let (counts, word) = counts::count(conn, wanted)?;
    let plan = choose(wanted.by(), limit, &counts);
    match plan.at_most {
        None => search.go(conn, plan.way, word),
        Some((entries, other)) => match search.walk(conn, plan.way, entries)? {
            Some(found) => Ok(found),
            None => search.go(conn, other, word),
        },
    }
}

/// The same on a way of one's own choice; `None` where it does not lead there. For tests and measurements.
pub fn list_by(
    conn: &mut Conn<'_>,
    wanted: &Wanted,
    limit: i64,
    way: Way,
) -> Result<Option<Vec<Lead>>> {
    let Some(search) = Search::new(wanted, limit) else { return Ok(Some(Vec::new())) };
    let (counts, word) = counts::count(conn, wanted)?;
    if !leads_there(wanted.by(), way, &counts) {
        return Ok(None);
    }
    search.go(conn, way, word).map(Some)
}

/// What is asked for, as the statements take it.
struct Search<'w> {
    wanted: &'w Wanted,
    limit: i64,
    span: Span,
    program: &'w str,
    lang: &'w str,
    tag: &'w str,
    /// Every word of what is looked for.
    pattern: String,
}

impl<'w> Search<'w> {
    /// `None` where nothing can be found.
    fn new(wanted: &'w Wanted, limit: i64) -> Option<Self> {
        let beginnings = wanted.looked_for.as_ref();
        let of_nothing = beginnings.is_some_and(|beginnings| beginnings.words().is_empty());
        if of_nothing || wanted.tag.as_deref() == Some("") {
            return None;
        }
        Some(Self {
            wanted,
            limit,
            span: wanted.span(),
            program: wanted.program.as_deref().unwrap_or_default(),
            lang: wanted.lang.map_or("", Lang::code),
            tag: wanted.tag.as_deref().unwrap_or_default(),
            pattern: beginnings.map_or_else(|| "%".to_owned(), super::model::Beginnings::pattern),
        })
    }

    /// The walk that most lists end on soon.
    fn nearest_walk(&self) -> Way {
        let is_by_time = self.wanted.by() == By::Time;
        match () {
            () if !self.tag.is_empty() => Way::Tag,
            () if is_by_time && !self.program.is_empty() => Way::Program,
            () if is_by_time && !self.lang.is_empty() => Way::Lang,
            () => Way::Along,
        }
    }

    /// The first leads on a walk that looks at some `most` entries and no more; `None` where that is not enough.
    fn walk(&self, conn: &mut Conn<'_>, way: Way, most: i64) -> Result<Option<Vec<Lead>>> {
        let order = self.wanted.order;
        let (Some(walk), Some(edge)) = (walks::walk(way, order), edges::edge(way, order)) else {
            return Ok(None);
        };
        let (mut found, mut rest) = (Vec::new(), self.span.clone());
        // Short at first: where it ends has to be found as well.
        let (mut entries, mut walked) = (2 * self.limit, 0);
        loop {
            let (part, after) = self.cut(conn, edge, way, &rest, entries)?;
            let missing = self.limit - found.len() as i64;
            found.extend(self.run(conn, walk, &part, &self.pattern, missing, &[])?);
            let is_full = found.len() as i64 == self.limit;
            match after {
                Some(after) if !is_full => rest = after,
                _ => return Ok(Some(found)),
            }
            walked += entries;
            if walked >= most {
                return Ok(None);
            }
            entries = (4 * entries).min(most - walked).max(1);
        }
    }

    /// The first `entries` entries of `span`, whether or not they are asked for, and what follows them, if anything.
    fn cut(
        &self,
        conn: &mut Conn<'_>,
        edge: Sql,
        way: Way,
        span: &Span,
        entries: i64,
    ) -> Result<(Span, Option<Span>)> {
        let (low, high) = (param(&span.low.key), param(&span.high.key));
        let mut params: Vec<&dyn Param> =
            vec![low, &span.low.number, high, &span.high.number, &entries];
        match way {
            Way::Tag => params.push(&self.tag),
            Way::Program => params.push(&self.program),
            Way::Lang => params.push(&self.lang),
            Way::Along | Way::Time | Way::Word => {}
        }
        let edge = match self.wanted.by() {
            By::Time => conn.opt::<(i64, i64)>(edge, &params)?.map(|(ms, n)| (Key::Time(ms), n)),
            By::Name | By::Email => {
                conn.opt::<(String, i64)>(edge, &params)?.map(|(text, n)| (Key::Text(text), n))
            }
        };
        let Some((key, number)) = edge else { return Ok((span.clone(), None)) };
        let at = |number| Place { key: key.clone(), number };
        let (low, high) = (span.low.clone(), span.high.clone());
        // The edge itself belongs to what follows.
        Ok(if self.wanted.order.goes_up() {
            (Span { low, high: at(number) }, Some(Span { low: at(number - 1), high }))
        } else {
            (Span { low: at(number), high }, Some(Span { low, high: at(number + 1) }))
        })
    }

    /// The first leads on this way, however long it is; `word` is the rarest of those that are looked for.
    fn go(&self, conn: &mut Conn<'_>, way: Way, word: &str) -> Result<Vec<Lead>> {
        let (by, order) = (self.wanted.by(), self.wanted.order);
        if let Some(sql) = walks::walk(way, order) {
            return self.run(conn, sql, &self.span, &self.pattern, self.limit, &[]);
        }
        let Some(sql) = gathers::gather(way, by) else { return Ok(Vec::new()) };
        let direction = if order.goes_up() { "up" } else { "down" };
        let end = after_all_with(word);
        let key = self.key_name();
        let (pattern, more): (&str, &[&dyn Param]) = match (way, by) {
            (Way::Word, By::Time) => (self.beside_the_word(), &[&direction, &word, &end]),
            (Way::Word, _) => return self.by_word(conn, sql, word, direction),
            _ => (&self.pattern, &[&direction, &key]),
        };
        self.run(conn, sql, &self.span, pattern, self.limit, more)
    }

    fn key_name(&self) -> &'static str {
        if self.wanted.by() == By::Name { "name" } else { "email" }
    }

    /// What is still to be tested of those who have the word.
    fn beside_the_word(&self) -> &str {
        let is_only = self.wanted.looked_for.as_ref().is_some_and(|b| b.words().len() == 1);
        if is_only { "%" } else { &self.pattern }
    }

    /// Those who have the word, in an order of texts: whoever's text begins with it stands side by side, and that part
    /// is walked along; the others are gathered.
    fn by_word(
        &self,
        conn: &mut Conn<'_>,
        sql: Sql,
        word: &str,
        direction: &str,
    ) -> Result<Vec<Lead>> {
        let (by, order) = (self.wanted.by(), self.wanted.order);
        let (end, all, shorter) = (after_all_with(word), i64::MAX, word.len() as i64);
        let (in_name, in_email) = match by {
            By::Email => (all, shorter),
            By::Name | By::Time => (shorter, all),
        };
        let key = self.key_name();
        let more: [&dyn Param; 6] = [&direction, &key, &word, &end, &in_name, &in_email];
        let beside = self.beside_the_word();
        let mut found = self.run(conn, sql, &self.span, beside, self.limit, &more)?;
        if let Some(sql) = walks::walk(Way::Along, order) {
            let together = self.span.clone().within(Span::of_beginning(word));
            found.extend(self.run(conn, sql, &together, &self.pattern, self.limit, &[])?);
        }
        found.sort_by_cached_key(|lead| lead.place(by));
        // One whose name begins with the word may have another that does, too.
        found.dedup_by_key(|lead| lead.number);
        if !order.goes_up() {
            found.reverse();
        }
        found.truncate(usize::try_from(self.limit).unwrap_or(0));
        Ok(found)
    }

    fn run(
        &self,
        conn: &mut Conn<'_>,
        sql: Sql,
        span: &Span,
        pattern: &str,
        limit: i64,
        more: &[&dyn Param],
    ) -> Result<Vec<Lead>> {
        let (low, high) = (param(&span.low.key), param(&span.high.key));
        let (from, to) = (self.wanted.from(), self.wanted.to());
        let mut params: Vec<&dyn Param> = vec![
            low,
            &span.low.number,
            high,
            &span.high.number,
            &from,
            &to,
            &self.program,
            &self.lang,
            &self.tag,
            &pattern,
            &limit,
        ];
        params.extend(more);
        conn.all(sql, &params)
    }
}

fn param(key: &Key) -> &dyn Param {
    match key {
        Key::Time(ms) => ms,
        Key::Text(text) => text,
    }
}
