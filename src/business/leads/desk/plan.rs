//! Which way leads soonest to a page of leads. No IO.
//!
//! Every way finds the same. One walks along the order and tests each lead; the others begin with those whom one of
//! the filters lets through. How many that are is counted, up to a limit, before one is chosen.

use super::model::By;

/// Leads of a filter are counted up to here: of more than that a walk finds some soon.
pub const COUNT_TO: i64 = 30_000;

/// Entries of an index that are looked at before anything is counted: most lists end there.
pub const FIRST_LOOK: i64 = 1000;

/// What a walk may cost before another way is tried, in tenths of a microsecond.
const PATIENCE: i64 = 150_000;

/// Which filter leads; `Along` is the order itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Along,
    Tag,
    Program,
    Lang,
    /// Only where the order is another.
    Time,
    Word,
}

impl Way {
    pub const ALL: [Self; 6] =
        [Self::Along, Self::Tag, Self::Program, Self::Lang, Self::Time, Self::Word];
}

/// How many leads each filter that was given lets through, counted up to [`COUNT_TO`]: that many may be more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Of all leads; may be more than there are.
    pub total: i64,
    /// Of the rarest word.
    pub word: Option<i64>,
    /// Known, however many.
    pub tag: Option<i64>,
    pub program: Option<i64>,
    pub lang: Option<i64>,
    /// Only where the order is another.
    pub time: Option<i64>,
}

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub way: Way,
    /// A walk that has looked at so many entries is given up, and the other way is gone.
    pub at_most: Option<(i64, Way)>,
}

/// What one step costs, in tenths of a microsecond, as it was measured on SQLite.
mod cost {
    /// An entry of an index, tested by what stands in it.
    pub(super) const ENTRY: i64 = 2;
    /// Whether an entry has a word.
    pub(super) const LIKE: i64 = 1;
    /// Whether a lead has a tag.
    pub(super) const TAG: i64 = 5;
    /// A lead's row, where rows stand in the order of the walk.
    pub(super) const NEAR: i64 = 10;
    /// What a lead that has a word is sorted by.
    pub(super) const KEY: i64 = 14;
    /// A lead's row anywhere.
    pub(super) const FAR: i64 = 40;
    /// How many there may be of what was counted to the end of the count.
    pub(super) const MANY: i64 = 10;
}

/// Whether a way is a walk in the order of the list, which ends when there are enough.
#[must_use]
pub fn is_walk(by: By, way: Way) -> bool {
    match way {
        Way::Along | Way::Tag => true,
        Way::Program | Way::Lang => by == By::Time,
        Way::Time | Way::Word => false,
    }
}

impl Counts {
    /// How many of those that `way` begins with.
    fn of(&self, way: Way) -> Option<i64> {
        match way {
            Way::Along => Some(self.total),
            Way::Tag => self.tag,
            Way::Program => self.program,
            Way::Lang => self.lang,
            Way::Time => self.time,
            Way::Word => self.word,
        }
    }

    /// How many leads a walk looks at until it has found `need`, if the filters have nothing to do with each other and
    /// with the order.
    fn looked_at(&self, way: Way, need: i64) -> Option<i64> {
        let counted = self.of(way)?;
        let is_known = way == Way::Along || way == Way::Tag || counted < COUNT_TO;
        let most = if is_known { counted } else { self.total };
        let total = self.total.max(1) as f64;
        let share = |n: i64| (n as f64 / total).clamp(1.0 / total, 1.0);
        let others = Way::ALL.into_iter().filter(|other| *other != way && *other != Way::Along);
        let pass: f64 = others.filter_map(|other| self.of(other)).map(share).product();
        Some(((need as f64 / pass) as i64).clamp(need.min(most), most))
    }

    /// What a walk pays for each entry.
    fn step(&self, by: By, way: Way) -> i64 {
        let tag = if self.tag.is_some() && way != Way::Tag { cost::TAG } else { 0 };
        let word = match (self.word, by, way) {
            (None, ..) => 0,
            (Some(_), _, Way::Along) => cost::LIKE,
            (Some(_), By::Time, _) => cost::NEAR,
            (Some(_), ..) => cost::FAR,
        };
        cost::ENTRY + tag + word
    }

    /// What `way` costs, in tenths of a microsecond; `None` where it does not lead.
    fn cost(&self, by: By, way: Way, need: i64) -> Option<i64> {
        let counted = self.of(way)?;
        if is_walk(by, way) {
            return Some(self.looked_at(way, need)? * self.step(by, way));
        }
        let all = if counted < COUNT_TO { counted } else { counted * cost::MANY };
        let tag = if self.tag.is_some() { cost::TAG } else { 0 };
        let is_alone = self.program.is_none() && self.lang.is_none();
        let each = match (way, by) {
            // An order by time is a span of it.
            (Way::Time, By::Time) => return None,
            (Way::Time, _) => cost::ENTRY + cost::LIKE,
            (Way::Word, By::Time) if is_alone => 2 * cost::ENTRY,
            (Way::Word, _) => 2 * cost::ENTRY + cost::KEY,
            _ => cost::NEAR,
        };
        Some(all * (each + tag))
    }
}

/// Whether `way` can be gone at all: its filter was given.
#[must_use]
pub fn leads_there(by: By, way: Way, counts: &Counts) -> bool {
    counts.cost(by, way, 1).is_some()
}

/// The way to the first `need` leads.
#[must_use]
pub fn choose(by: By, need: i64, counts: &Counts) -> Plan {
    let mut ways: Vec<(i64, Way)> =
        Way::ALL.into_iter().filter_map(|way| Some((counts.cost(by, way, need)?, way))).collect();
    ways.sort_by_key(|(cost, _)| *cost);
    let way = ways.first().map_or(Way::Along, |(_, way)| *way);
    // Walking on the order itself is what nobody gives up for.
    let other = ways.iter().skip(1).map(|(_, other)| *other).find(|other| *other != Way::Along);
    let most = counts.looked_at(way, need).unwrap_or(need);
    let patient = (3 * most).max(PATIENCE / counts.step(by, way));
    Plan { way, at_most: other.filter(|_| is_walk(by, way)).map(|other| (patient, other)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLION: Counts =
        Counts { total: 1_000_000, word: None, tag: None, program: None, lang: None, time: None };

    #[test]
    fn without_filters_and_with_frequent_ones_the_order_leads() {
        assert_eq!(choose(By::Name, 21, &MILLION), Plan { way: Way::Along, at_most: None });
        let gmail = Counts { word: Some(COUNT_TO), ..MILLION };
        let plan = choose(By::Name, 21, &gmail);
        assert_eq!(plan.way, Way::Along);
        let (entries, other) = plan.at_most.unwrap();
        assert!((20_000..100_000).contains(&entries) && other == Way::Word, "{plan:?}");
    }

    #[test]
    fn the_rarest_filter_leads_where_it_is_rare() {
        let counts = Counts {
            word: Some(5000),
            program: Some(COUNT_TO),
            lang: Some(15_000),
            tag: Some(900_000),
            ..MILLION
        };
        for by in [By::Time, By::Name, By::Email] {
            assert_eq!(choose(by, 101, &Counts { word: Some(50), ..counts }).way, Way::Word);
            assert_eq!(choose(by, 101, &Counts { program: Some(3), ..counts }).way, Way::Program);
            assert_eq!(choose(by, 101, &Counts { tag: Some(3), ..counts }).way, Way::Tag);
            assert_eq!(choose(by, 101, &Counts { lang: Some(3), ..counts }).way, Way::Lang);
        }
        let day = Counts { time: Some(1400), program: Some(COUNT_TO), ..MILLION };
        assert_eq!(choose(By::Email, 101, &day).way, Way::Time);
    }

    #[test]
    fn in_the_order_of_time_each_filter_has_a_walk_of_its_own() {
        let program = Counts { program: Some(COUNT_TO), ..MILLION };
        assert_eq!(choose(By::Time, 21, &program), Plan { way: Way::Program, at_most: None });
        let both = Counts { tag: Some(900_000), lang: Some(COUNT_TO), ..MILLION };
        assert_eq!(choose(By::Time, 21, &both).way, Way::Lang);
        assert_eq!(choose(By::Time, 21, &Counts { tag: Some(10_000), ..both }).way, Way::Tag);
    }

    #[test]
    fn no_way_that_is_chosen_should_take_long() {
        let shares = [1, 100, 5000, 10_000, 20_000, COUNT_TO - 1, COUNT_TO];
        for by in [By::Time, By::Name, By::Email] {
            for (a, b) in shares.iter().flat_map(|a| shares.map(|b| (*a, b))) {
                for counts in [
                    Counts { word: Some(a), program: Some(b), ..MILLION },
                    Counts { word: Some(a), tag: Some(b), ..MILLION },
                    Counts { tag: Some(a), lang: Some(b), ..MILLION },
                    Counts { program: Some(a), lang: Some(b), ..MILLION },
                ] {
                    let plan = choose(by, 101, &counts);
                    // Of what was counted to the end there may be more, and then a walk ends sooner.
                    let cost = counts.cost(by, plan.way, 101).unwrap();
                    assert!(cost <= 520_000, "{by:?} {counts:?}: {plan:?} {cost}");
                }
            }
        }
    }
}
