//! Which way leads soonest to a page of leads. No IO.
//!
//! Every way finds the same. One walks along the order and tests each lead; the others begin with those whom one of
//! the filters lets through. How many that are is counted, up to a limit, before one is chosen.

use std::time::Duration;

use super::model::{By, Wanted};

/// Leads of a filter are counted up to here: of more than that a walk finds some soon.
pub const COUNT_TO: i64 = 30_000;

/// How much work there may be for one answer. What is not found by then is left for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Entries of an index that are looked at before anything is counted: most lists end there.
    pub first_look: i64,
    /// What a walk may cost before another way is tried, in tenths of a microsecond.
    pub patience: i64,
    /// What all of it may cost, in tenths of a microsecond.
    pub all: i64,
    /// When a walk ends that takes longer than it should: the machine is busy, or most entries are tested by everything.
    pub time: Duration,
}

impl Allowance {
    /// Some 20 ms; with what is counted before and the rows themselves some 30 ms.
    pub const ONE_ANSWER: Self =
        Self { first_look: 1000, patience: 50_000, all: 200_000, time: Duration::from_millis(20) };
}

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

/// What the parts of a walk may cost, in tenths of a microsecond: after each it is known how long it takes.
const PART: i64 = 60_000;

/// How many leads each filter that was given lets through, counted up to [`COUNT_TO`]: that many may be more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Of all leads; may be more than there are.
    pub total: i64,
    /// Of the rarest word.
    pub word: Option<i64>,
    /// Others are looked for as well.
    pub more_words: bool,
    /// Known, however many.
    pub tag: Option<i64>,
    pub program: Option<i64>,
    pub lang: Option<i64>,
    /// Only where the order is another.
    pub time: Option<i64>,
}

/// What is tried: a walk, after which the answer may end before the list does; or a gather, which finds all; or a walk
/// first and then a gather.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Plan {
    /// Along which way, and how many entries are looked at.
    pub walk: Option<(Way, i64)>,
    pub gather: Option<Way>,
}

/// What one step costs, in tenths of a microsecond, as it was measured on SQLite.
mod cost {
    /// An entry of an index, tested by what stands in it, and finding where a part of a walk ends.
    pub(super) const ENTRY: i64 = 3;
    /// Whether an entry has a word.
    pub(super) const LIKE: i64 = 1;
    /// Whether a lead has a tag, where leads are looked at as they came.
    pub(super) const TAG: i64 = 5;
    /// The same in any other order.
    pub(super) const FAR_TAG: i64 = 32;
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
    /// Which filters were given, nothing being counted.
    #[must_use]
    pub fn given(wanted: &Wanted) -> Self {
        Self {
            total: 0,
            word: wanted.looked_for.as_ref().map(|_| 0),
            more_words: wanted.has_more_words(),
            tag: wanted.tag.as_ref().map(|_| 0),
            program: wanted.program.as_ref().map(|_| 0),
            lang: wanted.lang.map(|_| 0),
            time: None,
        }
    }

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

    /// What a walk pays for each entry, when few of them are tested by everything.
    #[must_use]
    pub fn step(&self, by: By, way: Way) -> i64 {
        let (entry, tag) = self.steps(by, way);
        // A tag is asked for last.
        let is_seldom = self.word.is_some() || self.program.is_some() || self.lang.is_some();
        entry + if is_seldom { tag / 4 } else { tag }
    }

    /// What a walk may pay for an entry.
    #[must_use]
    pub fn longest_step(&self, by: By, way: Way) -> i64 {
        let (entry, tag) = self.steps(by, way);
        entry + tag
    }

    /// For an entry, and for asking whether it has the tag.
    fn steps(&self, by: By, way: Way) -> (i64, i64) {
        let tag = match by {
            _ if self.tag.is_none() || way == Way::Tag => 0,
            By::Time => cost::TAG,
            By::Name | By::Email => cost::FAR_TAG,
        };
        let word = match (self.word, by, way) {
            (None, ..) => 0,
            (Some(_), _, Way::Along) => cost::LIKE,
            (Some(_), By::Time, _) => cost::NEAR,
            (Some(_), ..) => cost::FAR,
        };
        (cost::ENTRY + word, tag)
    }

    /// Entries of a part of a walk.
    #[must_use]
    pub fn part(&self, by: By, way: Way) -> i64 {
        PART / self.longest_step(by, way)
    }

    /// What it costs to count one who has a word, with the other filters that were given.
    #[must_use]
    pub fn step_of_word(&self) -> i64 {
        cost::ENTRY + cost::LIKE + self.beside_a_word()
    }

    /// What `way` costs, in tenths of a microsecond; `None` where it does not lead.
    fn cost(&self, by: By, way: Way, need: i64) -> Option<i64> {
        let counted = self.of(way)?;
        if is_walk(by, way) {
            return Some(self.looked_at(way, need)? * self.step(by, way));
        }
        let all = if counted < COUNT_TO { counted } else { counted * cost::MANY };
        let tag = if self.tag.is_some() { cost::TAG } else { 0 };
        let each = match (way, by) {
            // An order by time is a span of it.
            (Way::Time, By::Time) => return None,
            (Way::Time, _) => cost::ENTRY + cost::LIKE + tag,
            (Way::Word, By::Time) => cost::ENTRY + cost::LIKE + self.beside_a_word(),
            (Way::Word, _) => cost::ENTRY + cost::LIKE + cost::KEY + tag,
            _ => cost::NEAR + tag,
        };
        Some(all * each)
    }

    /// What it costs to test one who has a word by the other filters, in the order of time.
    fn beside_a_word(&self) -> i64 {
        let is_looked_at = self.program.is_some() || self.lang.is_some() || self.more_words;
        match (is_looked_at, self.tag.is_some()) {
            (false, false) => cost::LIKE,
            (false, true) => 2 * cost::TAG,
            (true, false) => cost::KEY,
            (true, true) => cost::KEY + cost::TAG,
        }
    }
}

/// Whether `way` can be gone at all: its filter was given.
#[must_use]
pub fn leads_there(by: By, way: Way, counts: &Counts) -> bool {
    counts.cost(by, way, 1).is_some()
}

/// The way to the first `need` leads.
#[must_use]
pub fn choose(by: By, need: i64, counts: &Counts, allowance: &Allowance) -> Plan {
    let cheapest = |is_meant: &dyn Fn(i64, Way) -> bool| {
        let costs = Way::ALL.into_iter().filter_map(|way| Some((counts.cost(by, way, need)?, way)));
        costs.filter(|(cost, way)| is_meant(*cost, *way)).min_by_key(|(cost, _)| *cost)
    };
    // One that gathers cannot stop, so it is not begun where it may cost too much.
    let gather = cheapest(&|cost, way| !is_walk(by, way) && cost <= allowance.all);
    let Some((expected, way)) = cheapest(&|_, way| is_walk(by, way)) else {
        return Plan { walk: None, gather: gather.map(|(_, way)| way) };
    };
    let step = counts.step(by, way);
    match gather {
        Some((cost, gather)) if cost <= expected => Plan { walk: None, gather: Some(gather) },
        Some((cost, gather)) => {
            let patient = (3 * expected).max(allowance.patience).min(allowance.all - cost);
            Plan { walk: Some((way, (patient / step).max(1))), gather: Some(gather) }
        }
        None => Plan { walk: Some((way, (allowance.all / step).max(1))), gather: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLION: Counts = Counts {
        total: 1_000_000,
        word: None,
        more_words: false,
        tag: None,
        program: None,
        lang: None,
        time: None,
    };

    const ONE: Allowance = Allowance::ONE_ANSWER;

    fn begun(by: By, need: i64, counts: &Counts) -> Way {
        let plan = choose(by, need, counts, &ONE);
        plan.walk.map(|(way, _)| way).or(plan.gather).unwrap()
    }

    #[test]
    fn without_filters_and_with_frequent_ones_the_order_leads() {
        let gmail = Counts { word: Some(COUNT_TO), ..MILLION };
        for counts in [MILLION, gmail] {
            let plan = choose(By::Name, 21, &counts, &ONE);
            let (way, entries) = plan.walk.unwrap();
            assert_eq!((way, plan.gather), (Way::Along, None), "{plan:?}");
            assert!((50_000..80_000).contains(&entries), "{plan:?}");
        }
    }

    #[test]
    fn a_walk_that_finds_too_few_is_given_up_for_a_gather_that_ends() {
        let counts = Counts { word: Some(8000), ..MILLION };
        let plan = choose(By::Name, 21, &counts, &ONE);
        let (way, entries) = plan.walk.unwrap();
        assert_eq!((way, plan.gather), (Way::Along, Some(Way::Word)), "{plan:?}");
        assert!((2000..50_000).contains(&entries), "{plan:?}");
    }

    #[test]
    fn two_words_are_gathered_only_where_each_row_of_the_rarer_can_be_looked_at() {
        let one = Counts { word: Some(20_000), ..MILLION };
        let two = Counts { more_words: true, ..one };
        let gather = |counts| choose(By::Time, 1001, &counts, &ONE).gather;
        assert_eq!((gather(one), gather(two)), (Some(Way::Word), None));
        assert_eq!(gather(Counts { word: Some(10_000), ..two }), Some(Way::Word));
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
            assert_eq!(begun(by, 101, &Counts { word: Some(50), ..counts }), Way::Word);
            assert_eq!(begun(by, 101, &Counts { program: Some(3), ..counts }), Way::Program);
            assert_eq!(begun(by, 101, &Counts { tag: Some(3), ..counts }), Way::Tag);
            assert_eq!(begun(by, 101, &Counts { lang: Some(3), ..counts }), Way::Lang);
        }
        let day = Counts { time: Some(1400), program: Some(COUNT_TO), ..MILLION };
        assert_eq!(begun(By::Email, 101, &day), Way::Time);
    }

    #[test]
    fn in_the_order_of_time_each_filter_has_a_walk_of_its_own() {
        let program = Counts { program: Some(COUNT_TO), ..MILLION };
        assert_eq!(begun(By::Time, 21, &program), Way::Program);
        let both = Counts { tag: Some(900_000), lang: Some(COUNT_TO), ..MILLION };
        assert_eq!(begun(By::Time, 21, &both), Way::Lang);
        assert_eq!(begun(By::Time, 21, &Counts { tag: Some(10_000), ..both }), Way::Tag);
    }

    #[test]
    fn no_plan_costs_more_than_is_allowed() {
        let shares = [None, Some(1), Some(5000), Some(14_000), Some(COUNT_TO - 1), Some(COUNT_TO)];
        let tags = [None, Some(3), Some(20_000), Some(900_000)];
        let mut all = Vec::new();
        for word in shares {
            for (program, tag) in shares.iter().flat_map(|p| tags.map(|t| (*p, t))) {
                for (lang, time) in shares.iter().flat_map(|l| shares.map(|t| (*l, t))) {
                    all.push(Counts { word, tag, program, lang, time, ..MILLION });
                }
            }
        }
        for (by, counts) in
            [By::Time, By::Name, By::Email].iter().flat_map(|by| all.iter().map(|c| (*by, c)))
        {
            let counts = Counts { time: counts.time.filter(|_| by != By::Time), ..*counts };
            for need in [1, 21, 101, 1001] {
                let plan = choose(by, need, &counts, &ONE);
                let walk = plan.walk.map_or(0, |(way, entries)| entries * counts.step(by, way));
                let gather = plan.gather.map_or(0, |way| counts.cost(by, way, need).unwrap());
                assert!(plan != Plan::default() && walk >= 0, "{by:?} {counts:?}: {plan:?}");
                let part = plan
                    .walk
                    .map_or(0, |(way, _)| counts.part(by, way) * counts.longest_step(by, way));
                assert!(part <= PART, "{by:?} {counts:?}: {plan:?}");
                assert!(walk + gather <= ONE.all + 60, "{by:?} {counts:?}: {plan:?}");
            }
        }
    }
}
