//! The queued work of an import: the check, the run, the undoing. Each piece does some parts and queues the next.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::{Judge, Mapping, Outcome, Person, change};
use super::reading::Line;
use super::{Import, State, store};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::leads::model::Filing;
use crate::business::leads::store::{Evidence, add_consent};
use crate::business::leads::{Lead, detail, filing, tags};
use crate::business::programs::{self, Program, ProgramOption};
use crate::platform::db::{self, Db, Tx};
use crate::platform::error::Error;
use crate::platform::lang::Lang;
use crate::platform::outbox::{self, Failure, Work};

/// Parts that one piece of work does: some seconds, so that a stop does not wait for long.
const PARTS: i64 = 20;
/// Leads that are removed in one transaction.
const REMOVED_AT_ONCE: i64 = 100;
/// What the evidence of consent is called.
const PURPOSE: &str = "import";

/// Owed to an import until it waits for its owner or is at its end.
#[derive(Debug, Serialize, Deserialize)]
pub struct ImportWork {
    /// The import's id.
    pub import: String,
}

impl Work for ImportWork {
    const KIND: &'static str = "import_leads";
}

/// Goes on with an import. One that is gone, or waits for its owner, is left alone.
pub fn go_on(work: &ImportWork, db: &Db, now_ms: i64) -> Result<(), Failure> {
    let id = &work.import;
    let import = match db.read_blocking(|conn| store::by_id(conn, id)) {
        Ok(import) => import,
        Err(db::Error::NotFound) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let done = match import.state {
        State::Checking => check(&import, db, now_ms),
        State::Running => run(&import, db, now_ms),
        State::Undoing => undo(&import, db, now_ms),
        _ => Ok(()),
    };
    match done {
        // No try will mend it: the owner is told where it stands.
        Err(Error::Conflict(why)) => {
            let id = id.clone();
            db.write_blocking(move |tx| store::end(tx, &id, State::Failed, Some(&why), now_ms))?;
            Ok(())
        }
        Err(other) => Err(Failure::retry(other.to_string())),
        Ok(()) => Ok(()),
    }
}

fn offered(db: &Db) -> db::Result<Vec<ProgramOption>> {
    let published = db.read_blocking(|conn| programs::published(conn, Lang::En))?;
    Ok(published.iter().map(Program::option).collect())
}

fn part(db: &Db, import: &str, part: i64) -> Result<Vec<Line>, Error> {
    db.read_blocking(|conn| store::part(conn, import, part)).map_err(|error| match error {
        // The program ended before it had taken in the whole file.
        db::Error::NotFound => {
            Error::Conflict("the file is not here as a whole; choose it again".into())
        }
        other => other.into(),
    })
}

fn check(import: &Import, db: &Db, now_ms: i64) -> Result<(), Error> {
    let Some(mapping) = &import.mapping else { return Ok(()) };
    let programs = offered(db)?;
    let (mut judge, mut found) = (Judge::new(mapping, &programs, now_ms), Outcome::default());
    let mut seen = 0;
    for at in 0..import.parts {
        let lines = part(db, &import.id, at)?;
        seen += lines.len() as i64;
        let people: Vec<Person> =
            lines.iter().filter_map(|line| judge.read(line, &mut found)).collect();
        db.read_blocking(|conn| -> db::Result<()> {
            for person in people {
                match detail::by_address(conn, &person.email)? {
                    None => found.new += 1,
                    Some(lead) if change(&lead, &person, mapping.known).is_some() => {
                        found.changed += 1;
                    }
                    Some(_) => found.same += 1,
                }
            }
            Ok(())
        })?;
        if at % PARTS == PARTS - 1 {
            let id = import.id.clone();
            let goes_on: bool = db.write_blocking(move |tx| store::seen(tx, &id, seen))?;
            if !goes_on {
                return Ok(());
            }
        }
    }
    let id = import.id.clone();
    Ok(db.write_blocking(move |tx| store::checked(tx, &id, &found, now_ms))?)
}

fn run(import: &Import, db: &Db, now_ms: i64) -> Result<(), Error> {
    let Some(mapping) = &import.mapping else { return Ok(()) };
    let programs = offered(db)?;
    // What a date may be was settled when it was checked.
    let mut judge = Judge::new(mapping, &programs, now_ms);
    let mut ignored = Outcome::default();
    for at in 0..import.done_parts {
        for line in part(db, &import.id, at)? {
            judge.read(&line, &mut ignored);
        }
    }
    let mut outcome = import.ran.clone().unwrap_or_default();
    let end = import.parts.min(import.done_parts + PARTS);
    for at in import.done_parts..end {
        let lines = part(db, &import.id, at)?;
        let people: Vec<Person> =
            lines.iter().filter_map(|line| judge.read(line, &mut outcome)).collect();
        let step = Step {
            import: import.id.clone(),
            mapping: mapping.clone(),
            part: at,
            lines: lines.len() as i64,
            people,
            outcome: outcome.clone(),
            is_last: at + 1 == import.parts,
            goes_on: at + 1 == end,
            actor: Actor::from_json(&import.actor),
            now_ms,
        };
        match db.write_blocking(move |tx| step.take(tx))? {
            Some(after) => outcome = after,
            // Stopped, or another is at it.
            None => return Ok(()),
        }
    }
    Ok(())
}

/// One part of a run, which is one transaction.
struct Step {
    import: String,
    mapping: Mapping,
    part: i64,
    lines: i64,
    people: Vec<Person>,
    outcome: Outcome,
    is_last: bool,
    /// This piece of work ends with it.
    goes_on: bool,
    actor: Actor,
    now_ms: i64,
}

impl Step {
    fn take(mut self, tx: &mut Tx<'_>) -> Result<Option<Outcome>, Error> {
        let (import, now) = (self.import.clone(), self.now_ms);
        if !store::step(tx, &import, self.part, self.lines, now)? {
            return Ok(None);
        }
        for person in std::mem::take(&mut self.people) {
            self.bring_in(tx, person)?;
        }
        store::ran(tx, &import, &self.outcome)?;
        if self.is_last {
            store::end(tx, &import, State::Done, None, now)?;
            let Outcome { new, changed, .. } = self.outcome;
            let what = json!({ "created": new, "changed": changed });
            let change = Change::of("import.done", "import", &import).after(what);
            audit::record(tx, &self.actor, &change, now)?;
        } else if self.goes_on {
            outbox::enqueue(tx, &ImportWork { import })?;
        }
        Ok(Some(self.outcome))
    }

    fn bring_in(&mut self, tx: &mut Tx<'_>, person: Person) -> Result<(), Error> {
        let now = self.now_ms;
        let lead = match detail::by_address(tx, &person.email)? {
            Some(lead) => {
                if let Some(edit) = change(&lead, &person, self.mapping.known) {
                    detail::change(tx, &lead.id, edit, now)?;
                    self.outcome.changed += 1;
                } else {
                    self.outcome.same += 1;
                }
                lead
            }
            None => self.create(tx, &person)?,
        };
        let evidence = Evidence {
            purpose: PURPOSE,
            text: &self.mapping.consent,
            text_version: "",
            page: "import",
            address: "",
        };
        Ok(add_consent(tx, &lead.id, &evidence, now)?)
    }

    fn create(&mut self, tx: &mut Tx<'_>, person: &Person) -> Result<Lead, Error> {
        let now = self.now_ms;
        let lang = person.lang.or_else(|| Lang::from_code(&self.mapping.lang)).unwrap_or(Lang::En);
        let filing = Filing::of(&person.name, &person.email);
        let id = store::add_lead(tx, person, lang, &filing, now)?;
        let mut lead = detail::by_address(tx, &person.email)?.ok_or(Error::NotFound)?;
        if id.is_some() {
            filing::add(tx, &filing, lead.number, lead.created_at)?;
            if !person.tags.is_empty() {
                lead.tags.clone_from(&person.tags);
                lead.tags = tags::set(tx, &lead, &[], now)?;
                detail::store::set(tx, &lead)?;
            }
            store::remember(tx, &self.import, &lead.id, now)?;
            self.outcome.new += 1;
        }
        Ok(lead)
    }
}

fn undo(import: &Import, db: &Db, now_ms: i64) -> Result<(), Error> {
    for turn in 1..=PARTS {
        let (id, actor) = (import.id.clone(), Actor::from_json(&import.actor));
        let is_done = db.write_blocking(move |tx| -> Result<bool, Error> {
            let some = store::remembered(tx, &id, REMOVED_AT_ONCE)?;
            for (lead, stored_at) in &some {
                if !store::is_touched(tx, lead, *stored_at)? {
                    detail::take_out(tx, lead, now_ms)?;
                }
                store::forget(tx, &id, lead)?;
            }
            if some.len() as i64 == REMOVED_AT_ONCE {
                if turn == PARTS {
                    outbox::enqueue(tx, &ImportWork { import: id })?;
                }
                return Ok(false);
            }
            store::end(tx, &id, State::Undone, None, now_ms)?;
            audit::record(tx, &actor, &Change::of("import.undone", "import", &id), now_ms)?;
            Ok(true)
        })?;
        if is_done {
            break;
        }
    }
    Ok(())
}
