//! The list of leads for those who run the business, quick also with a million of them.
//!
//! Most lists end after a short walk along an index in their order. Where that finds too few, `counts` and `plan` choose
//! another way: a longer walk, or gathering those of the rarest filter. `walks` (which `edges` cut into parts) and
//! `gathers` are the ways: each finds the same leads in the same order, so that one can go on where another stopped.
//!
//! The work of one answer is limited, whatever is asked and of however many. Where it is used up, the answer ends before
//! the list does and says from where to go on.

pub mod api;
pub mod counts;
pub mod edges;
pub mod gathers;
pub mod model;
pub mod plan;
pub mod tallies;
pub mod walks;

use std::time::Instant;

use self::model::{By, Key, Place, Span, Wanted, after_all_with};
use self::plan::{Allowance, Counts, Way, choose, leads_there};
use super::{Lead, detail};
use crate::platform::db::{Conn, FromRow, Param, Result, Sql};
use crate::platform::lang::Lang;

/// A part of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    pub leads: Vec<Lead>,
    /// What the next part comes after; `None` at the end of the list.
    pub next: Option<Place>,
    /// It has fewer leads than were asked for, because enough had been looked at; there may or may not be more.
    pub is_short: bool,
}

/// The first leads of what is asked for: `limit`, or fewer at the end or when enough has been looked at.
pub fn list(conn: &mut Conn<'_>, wanted: &Wanted, limit: i64) -> Result<Page> {
    list_within(conn, wanted, limit, &Allowance::ONE_ANSWER)
}

/// The same with another limit to the work.
pub fn list_within(
    conn: &mut Conn<'_>,
    wanted: &Wanted,
    limit: i64,
    allowance: &Allowance,
) -> Result<Page> {
    let address = wanted.looked_for.as_ref().and_then(|beginnings| beginnings.address());
    if let Some(address) = address
        && let Some(lead) = detail::by_address(conn, address)?
    {
        let leads = if wanted.lets_through(&lead) { vec![lead] } else { Vec::new() };
        return Ok(Page { leads, ..Page::default() });
    }
    // One more tells whether there is more.
    let Some(search) = Search::new(wanted, limit + 1) else { return Ok(Page::default()) };
    let until = Instant::now() + allowance.time;
    let mut seen = Seen { found: Vec::new(), rest: Some(wanted.span()) };
    search.walk(conn, search.nearest_walk(), allowance.first_look, until, &mut seen)?;
    if !search.is_done(&seen) {
        let (counts, word) = counts::count(conn, wanted)?;
        let missing = search.limit - seen.found.len() as i64;
        let plan = choose(wanted.by(), missing, &counts, allowance);
        if let Some((way, entries)) = plan.walk {
            search.walk(conn, way, entries, until, &mut seen)?;
        }
        if let (false, Some(way)) = (search.is_done(&seen), plan.gather) {
            search.gather_rest(conn, way, word, &mut seen)?;
        }
    }
    Ok(search.page(seen))
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
    search.go(conn, way, word, &wanted.span(), limit).map(Some)
}

/// How far a search is.
struct Seen {
    found: Vec<Lead>,
    /// What has not been looked at; `None` when that is nothing.
    rest: Option<Span>,
}

/// What is asked for, as the statements take it.
struct Search<'w> {
    wanted: &'w Wanted,
    /// One more than a page holds.
    limit: i64,
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

    fn is_done(&self, seen: &Seen) -> bool {
        seen.rest.is_none() || seen.found.len() as i64 >= self.limit
    }

    /// What has been found, as it is answered.
    fn page(&self, seen: Seen) -> Page {
        let Seen { found: mut leads, rest } = seen;
        if leads.len() as i64 >= self.limit {
            leads.truncate(usize::try_from(self.limit - 1).unwrap_or(0));
            let next = leads.last().map(|lead| lead.place(self.wanted.by()));
            return Page { leads, next, is_short: false };
        }
        let goes_up = self.wanted.order.goes_up();
        let next = rest.map(|rest| if goes_up { rest.low } else { rest.high });
        Page { leads, is_short: next.is_some(), next }
    }

    /// Goes on along a walk, and looks at some `most` entries and no more, and at no other part of it after `until`.
    fn walk(
        &self,
        conn: &mut Conn<'_>,
        way: Way,
        most: i64,
        until: Instant,
        seen: &mut Seen,
    ) -> Result<()> {
        let order = self.wanted.order;
        let longest = Counts::given(self.wanted).part(order.by(), way);
        let (Some(walk), Some(edge)) = (walks::walk(way, order), edges::edge(way, order)) else {
            return Ok(());
        };
        // Short at first: where it ends has to be found as well.
        let (mut entries, mut walked) =
            ((2 * self.limit).min(longest.max(self.limit)).min(most).max(1), 0);
        while let (false, Some(rest)) = (self.is_done(seen), seen.rest.take()) {
            let (part, after) = self.cut(conn, edge, way, &rest, entries)?;
            let missing = self.limit - seen.found.len() as i64;
            seen.found.extend(self.run::<Lead>(conn, walk, &part, &self.pattern, missing, &[])?);
            seen.rest = after;
            walked += entries;
            if walked >= most || Instant::now() > until {
                break;
            }
            entries = (4 * entries).min(longest).min(most - walked);
        }
        Ok(())
    }

    /// Everything that has not been looked at.
    fn gather_rest(
        &self,
        conn: &mut Conn<'_>,
        way: Way,
        word: &str,
        seen: &mut Seen,
    ) -> Result<()> {
        if let Some(rest) = seen.rest.take() {
            let missing = self.limit - seen.found.len() as i64;
            seen.found.extend(self.go(conn, way, word, &rest, missing)?);
        }
        Ok(())
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

    /// The first `limit` leads of `span` on this way, however long it is; `word` is the rarest of those that are looked for.
    fn go(
        &self,
        conn: &mut Conn<'_>,
        way: Way,
        word: &str,
        span: &Span,
        limit: i64,
    ) -> Result<Vec<Lead>> {
        let (by, order) = (self.wanted.by(), self.wanted.order);
        if let Some(sql) = walks::walk(way, order) {
            return self.run(conn, sql, span, &self.pattern, limit, &[]);
        }
        let Some(sql) = gathers::gather(way, by) else { return Ok(Vec::new()) };
        let direction = if order.goes_up() { "up" } else { "down" };
        let end = after_all_with(word);
        let key = self.key_name();
        let (pattern, more): (&str, &[&dyn Param]) = match (way, by) {
            (Way::Word, By::Time) => (self.beside_the_word(), &[&direction, &word, &end]),
            (Way::Word, _) => return self.by_word(conn, sql, word, span, limit),
            _ => (&self.pattern, &[&direction, &key]),
        };
        self.run(conn, sql, span, pattern, limit, more)
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
        span: &Span,
        limit: i64,
    ) -> Result<Vec<Lead>> {
        let (by, order) = (self.wanted.by(), self.wanted.order);
        let direction = if order.goes_up() { "up" } else { "down" };
        let (end, all, shorter) = (after_all_with(word), i64::MAX, word.len() as i64);
        let (in_name, in_email) = match by {
            By::Email => (all, shorter),
            By::Name | By::Time => (shorter, all),
        };
        let key = self.key_name();
        let more: [&dyn Param; 6] = [&direction, &key, &word, &end, &in_name, &in_email];
        let beside = self.beside_the_word();
        let mut found: Vec<Lead> = self.run(conn, sql, span, beside, limit, &more)?;
        if let Some(sql) = walks::walk(Way::Along, order) {
            let together = span.clone().within(Span::of_beginning(word));
            found.extend(self.run::<Lead>(conn, sql, &together, &self.pattern, limit, &[])?);
        }
        found.sort_by_cached_key(|lead| lead.place(by));
        // One whose name begins with the word may have another that does, too.
        found.dedup_by_key(|lead| lead.number);
        if !order.goes_up() {
            found.reverse();
        }
        found.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(found)
    }

    fn run<T: FromRow>(
        &self,
        conn: &mut Conn<'_>,
        sql: Sql,
        span: &Span,
        pattern: &str,
        limit: i64,
        more: &[&dyn Param],
    ) -> Result<Vec<T>> {
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
