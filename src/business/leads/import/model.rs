//! What the columns of a file are, and what becomes of one of its lines. No IO.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::columns::Target;
use super::reading::Line;
use crate::business::leads::Lead;
use crate::business::leads::detail::Edit;
use crate::business::leads::filter::day_ms;
use crate::business::leads::tags::model::{NAME_MAX, ON_A_LEAD, key};
use crate::business::programs::ProgramOption;
use crate::business::search;
use crate::platform::clock;
use crate::platform::lang::Lang;
use crate::platform::text::{Rule, parse_email, parse_name};
use crate::platform::word::Word;

/// Findings that are kept; the others are counted.
pub const FINDINGS: usize = 200;
/// Nobody left an address on the web before that.
const OLDEST_MS: i64 = 631_152_000_000;

/// What happens to people who are known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// What is empty is filled, tags are added.
    Fill,
    /// What the file says counts, tags are added.
    Overwrite,
    /// Nothing.
    Leave,
}

impl Word for Known {
    const ALL: &'static [Self] = &[Self::Fill, Self::Overwrite, Self::Leave];

    fn word(self) -> &'static str {
        match self {
            Self::Fill => "fill",
            Self::Overwrite => "overwrite",
            Self::Leave => "leave",
        }
    }
}

/// How a file is to be brought in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// One for each column.
    pub targets: Vec<Target>,
    pub known: Known,
    /// Given to everybody in the file.
    pub tags: Vec<String>,
    /// The code of the language of whoever has none in the file.
    pub lang: String,
    /// Where these people agreed, in the owner's words: kept as the evidence.
    pub consent: String,
}

/// Somebody in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// In its one spelling.
    pub email: String,
    /// May be empty.
    pub name: String,
    pub tags: Vec<String>,
    pub lang: Option<Lang>,
    pub program: Option<String>,
    /// Epoch milliseconds.
    pub created_at: Option<i64>,
}

/// Something about one line that its owner should know. Says nothing of what stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub line: i64,
    pub what: String,
}

/// What a check found, or a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub new: i64,
    /// Known, and something of them changes.
    pub changed: i64,
    /// Known, and nothing changes.
    pub same: i64,
    /// Again in the same file: the first line counts.
    pub doubled: i64,
    pub bad: i64,
    /// The first [`FINDINGS`].
    pub findings: Vec<Finding>,
}

impl Outcome {
    pub fn find(&mut self, line: i64, what: String) {
        if self.findings.len() < FINDINGS {
            self.findings.push(Finding { line, what });
        }
    }
}

/// Reads the lines of a file in their order, with the same verdict each time.
pub struct Judge<'m> {
    mapping: &'m Mapping,
    programs: &'m [ProgramOption],
    now_ms: i64,
    /// Whose line was which.
    seen: HashMap<String, i64>,
}

impl<'m> Judge<'m> {
    #[must_use]
    pub fn new(mapping: &'m Mapping, programs: &'m [ProgramOption], now_ms: i64) -> Self {
        Self { mapping, programs, now_ms, seen: HashMap::new() }
    }

    /// Who stands in this line; counts and notes those of whom nothing becomes.
    pub fn read(&mut self, (line, fields): &Line, outcome: &mut Outcome) -> Option<Person> {
        let person = match self.person(fields) {
            Ok(person) => person,
            Err(faults) => {
                outcome.bad += 1;
                outcome.find(*line, faults.join("; "));
                return None;
            }
        };
        if let Some(first) = self.seen.get(&person.email) {
            outcome.doubled += 1;
            outcome.find(*line, format!("the same address as in line {first}, which counts"));
            return None;
        }
        self.seen.insert(person.email.clone(), *line);
        Some(person)
    }

    fn person(&self, fields: &[String]) -> Result<Person, Vec<String>> {
        let mut faults = Vec::new();
        if fields.iter().skip(self.mapping.targets.len()).any(|field| !field.is_empty()) {
            faults.push(
                "more fields than there are columns; a quotation mark may be missing".to_owned(),
            );
        }
        let of = |target: Target| {
            let pairs = self.mapping.targets.iter().zip(fields);
            pairs
                .filter(move |(t, field)| **t == target && !field.is_empty())
                .map(|(_, field)| field.as_str())
        };
        let one = |target: Target| of(target).next();
        let email = match one(Target::Email) {
            None => Err("no e-mail address".to_owned()),
            given => parse_email(given).map_err(|_| "not a valid e-mail address".to_owned()),
        };
        let whole = [Target::Name, Target::FirstName, Target::LastName].into_iter().flat_map(of);
        let name = name(&whole.collect::<Vec<_>>().join(" "));
        let lang = one(Target::Lang).map(lang).transpose();
        let program = one(Target::Program).map(|given| self.program(given)).transpose();
        let created_at = one(Target::Created).map(|given| date(given, self.now_ms)).transpose();
        let tags = tags(of(Target::Tags).chain(self.mapping.tags.iter().map(String::as_str)));
        faults.extend([email.as_ref().err(), name.as_ref().err()].into_iter().flatten().cloned());
        faults.extend([lang.as_ref().err(), program.as_ref().err()].into_iter().flatten().cloned());
        faults.extend(
            [created_at.as_ref().err(), tags.as_ref().err()].into_iter().flatten().cloned(),
        );
        match (email, name, lang, program, created_at, tags) {
            (Ok(email), Ok(name), Ok(lang), Ok(program), Ok(created_at), Ok(tags))
                if faults.is_empty() =>
            {
                Ok(Person { email, name, tags, lang, program, created_at })
            }
            _ => Err(faults),
        }
    }

    fn program(&self, given: &str) -> Result<String, String> {
        let is = |p: &&ProgramOption| {
            p.slug.eq_ignore_ascii_case(given) || search::fold(&p.name) == search::fold(given)
        };
        let found = self.programs.iter().find(is);
        found.map(|p| p.slug.clone()).ok_or_else(|| "there is no program of this name".to_owned())
    }
}

fn name(given: &str) -> Result<String, String> {
    if given.is_empty() {
        return Ok(String::new());
    }
    parse_name(Some(given)).map_err(|fault| match fault.code {
        "too_short" => "a name has 2 characters or more".to_owned(),
        "too_long" => "a name has 100 characters at most".to_owned(),
        _ => "a name has letters, and no web address or hidden characters".to_owned(),
    })
}

fn lang(given: &str) -> Result<Lang, String> {
    let code = given.get(..2).unwrap_or_default().to_lowercase();
    let word = search::fold(given);
    let is_code =
        given.get(2..).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']));
    let found = match word.as_str() {
        "english" | "ingles" => Some(Lang::En),
        "spanish" | "espanol" | "castellano" | "espanhol" => Some(Lang::Es),
        "portuguese" | "portugues" => Some(Lang::Pt),
        _ => Lang::from_code(&code).filter(|_| is_code),
    };
    found.ok_or_else(|| "the language is English, Spanish or Portuguese".to_owned())
}

/// A day, or a day and a time, the year first; without a zone in UTC.
fn date(given: &str, now_ms: i64) -> Result<i64, String> {
    let shown = "a date is written like 2026-11-30 or 2026-11-30 14:05";
    let day = given.get(..10).and_then(day_ms).ok_or(shown)?;
    let rest = given[10..].trim_start_matches(['T', ' ']);
    let ms = if rest.is_empty() {
        day
    } else {
        let seconds = if rest.len() == 5 { ":00" } else { "" };
        let zone =
            if rest.ends_with('Z') || rest.contains('+') || rest.contains('-') { "" } else { "Z" };
        clock::parse_rfc3339(&format!("{}T{rest}{seconds}{zone}", &given[..10])).ok_or(shown)?
    };
    if ms > now_ms {
        return Err("the date is in the future".to_owned());
    }
    if ms < OLDEST_MS { Err("the date is before 1990".to_owned()) } else { Ok(ms) }
}

fn tags<'t>(given: impl Iterator<Item = &'t str>) -> Result<Vec<String>, String> {
    let mut tags: Vec<String> = Vec::new();
    for one in given.flat_map(|text| text.split([',', ';', '|'])) {
        let one = one.trim().trim_matches('"').trim();
        if one.is_empty() || tags.iter().any(|known| key(known) == key(one)) {
            continue;
        }
        let clean = Rule::line(NAME_MAX).check("tag", one);
        tags.push(
            clean.map_err(|_| "a tag has 40 characters at most, without hidden ones".to_owned())?,
        );
    }
    if tags.len() > ON_A_LEAD { Err("50 tags at most".to_owned()) } else { Ok(tags) }
}

/// What the file changes of somebody who is known; `None` for nothing.
#[must_use]
pub fn change(lead: &Lead, person: &Person, known: Known) -> Option<Edit> {
    if known == Known::Leave {
        return None;
    }
    let counts = |is_empty: bool| known == Known::Overwrite || is_empty;
    let mut edit = Edit::default();
    if !person.name.is_empty() && counts(lead.name.is_empty()) && person.name != lead.name {
        edit.name = Some(person.name.clone());
    }
    if person.program.is_some() && counts(lead.program.is_none()) && person.program != lead.program
    {
        edit.program = Some(person.program.clone());
    }
    if let Some(lang) = person.lang.filter(|lang| known == Known::Overwrite && *lang != lead.lang) {
        edit.lang = Some(lang);
    }
    let has = |tag: &String| lead.tags.iter().any(|name| key(name) == key(tag));
    let mut added: Vec<String> = person.tags.iter().filter(|tag| !has(tag)).cloned().collect();
    // As many as fit.
    added.truncate(ON_A_LEAD.saturating_sub(lead.tags.len()));
    if !added.is_empty() {
        edit.tags = Some(lead.tags.iter().cloned().chain(added).collect());
    }
    let changes =
        edit.name.is_some() || edit.program.is_some() || edit.lang.is_some() || edit.tags.is_some();
    changes.then_some(edit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    fn mapping(targets: &[Target]) -> Mapping {
        Mapping {
            targets: targets.to_vec(),
            known: Known::Fill,
            tags: vec!["list".into()],
            lang: "es".into(),
            consent: "They ticked the box".into(),
        }
    }

    fn read(targets: &[Target], fields: &[&str]) -> Result<Person, String> {
        let (mapping, programs) =
            (mapping(targets), [ProgramOption { slug: "prime".into(), name: "PRIME".into() }]);
        let mut outcome = Outcome::default();
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        let person = Judge::new(&mapping, &programs, NOW).read(&(2, fields), &mut outcome);
        person.ok_or_else(|| outcome.findings[0].what.clone())
    }

    #[test]
    fn a_line_becomes_a_person() {
        use Target::{
            Created, Email, FirstName, Ignore, Lang as Language, LastName, Program, Tags,
        };
        let all = [Email, FirstName, LastName, Tags, Language, Program, Created, Ignore];
        let person = read(
            &all,
            &[
                "Ana@Example.com",
                "Ana",
                "Souza",
                "vip; LIST,workshop",
                "pt-BR",
                "Prime",
                "2024-05-06 07:08",
                "x",
            ],
        )
        .unwrap();
        assert_eq!((person.email.as_str(), person.name.as_str()), ("ana@example.com", "Ana Souza"));
        assert_eq!(person.tags, ["vip", "LIST", "workshop"]);
        assert_eq!((person.lang, person.program.as_deref()), (Some(Lang::Pt), Some("prime")));
        assert_eq!(person.created_at, clock::parse_rfc3339("2024-05-06T07:08:00Z"));
        let bare = read(&all, &["ana@example.com"]).unwrap();
        assert_eq!(
            (bare.name.as_str(), bare.tags.as_slice(), bare.lang),
            ("", &["list".to_owned()][..], None)
        );
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told_at_once() {
        use Target::{Created, Email, Lang as Language, Name, Program, Tags};
        let all = [Email, Name, Language, Program, Created, Tags];
        let long = "x".repeat(41);
        let told =
            read(&all, &["ana@", "see evil.com", "klingon", "gold", "30/11/2026", &long, "more"])
                .unwrap_err();
        assert_eq!(told.split("; ").count(), 8, "{told}");
        assert!(read(&[Email], &[""]).unwrap_err().contains("no e-mail address"));
        for odd in
            ["2031-01-01", "1980-01-01", "2026-13-01", "x", "2026-11-30x", "2024-01-01 25:00"]
        {
            assert!(read(&[Email, Created], &["a@b.co", odd]).is_err(), "{odd}");
        }
        assert!(read(&[Email, Created], &["a@b.co", "2024-01-01T10:00:00+02:00"]).is_ok());
        assert!(read(&[Email, Language], &["a@b.co", "é"]).is_err());
    }

    #[test]
    fn who_is_known_is_filled_or_overwritten_or_left() {
        let lead = Lead {
            id: String::new(),
            number: 1,
            email: "ana@example.com".into(),
            name: "Ana".into(),
            name_key: String::new(),
            program: None,
            lang: Lang::En,
            tags: vec!["VIP".into()],
            created_at: 0,
            updated_at: 0,
        };
        let person = Person {
            email: lead.email.clone(),
            name: "Ana Souza".into(),
            tags: vec!["vip".into(), "new".into()],
            lang: Some(Lang::Pt),
            program: Some("prime".into()),
            created_at: Some(1),
        };
        let filled = change(&lead, &person, Known::Fill).unwrap();
        assert_eq!((filled.name, filled.lang), (None, None));
        assert_eq!(
            (filled.program, filled.tags.unwrap().join(",")),
            (Some(Some("prime".into())), "VIP,new".into())
        );
        let written = change(&lead, &person, Known::Overwrite).unwrap();
        assert_eq!((written.name.as_deref(), written.lang), (Some("Ana Souza"), Some(Lang::Pt)));
        assert!(change(&lead, &person, Known::Leave).is_none());
        let nothing = Person { tags: vec!["vip".into()], program: None, ..person };
        assert!(change(&lead, &nothing, Known::Fill).is_none());
    }
}
