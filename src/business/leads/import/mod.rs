//! Lists of leads that are brought in as CSV files: read, mapped, checked, run, and for a day undone.
//!
//! A file waits in the database in parts of some lines (`reading`), so that whoever checks and runs it (`work`) goes from
//! one part to the next in transactions of some milliseconds, can be left, and goes on where it stopped. `model` says
//! what becomes of a line, the same in the check and in the run. Nobody is written to: those who are brought in get no
//! mail, and no webhook is told of them. What the owner says about their consent is kept with each as the evidence.

pub mod columns;
pub mod model;
pub mod reading;
pub mod store;
pub mod work;

use serde_json::json;

pub use self::model::{Finding, Known, Mapping, Outcome};
pub use self::reading::{Contents, Line, Sheet};
pub use self::work::{ImportWork, go_on};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::leads::tags::model::{NAME_MAX, ON_A_LEAD, key};
use crate::platform::db::{self, Conn, Db, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::lang::Lang;
use crate::platform::text::{Rule, parse_email};
use crate::platform::word::Word;
use crate::platform::{id, outbox};

use self::columns::Target;

const HOUR_MS: i64 = 3_600_000;
/// An import can be undone for so long.
pub const UNDO_MS: i64 = 24 * HOUR_MS;
/// A file that nobody goes on with is removed.
const ABANDONED_MS: i64 = 24 * HOUR_MS;
/// That there was an import is remembered so long.
const KEPT_MS: i64 = 90 * 24 * HOUR_MS;
/// Parts that are written in one transaction: some megabytes.
const PARTS_AT_ONCE: usize = 40;
/// Characters of what is said about consent.
const CONSENT_MAX: usize = 500;
const FILE_NAME_MAX: usize = 120;

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for its owner to say what the columns are.
    Mapping,
    Checking,
    /// Waits for its owner to begin.
    Checked,
    Running,
    Done,
    Undoing,
    Undone,
    Stopped,
    Failed,
}

impl Word for State {
    const ALL: &'static [Self] = &[
        Self::Mapping,
        Self::Checking,
        Self::Checked,
        Self::Running,
        Self::Done,
        Self::Undoing,
        Self::Undone,
        Self::Stopped,
        Self::Failed,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Mapping => "mapping",
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Running => "running",
            Self::Done => "done",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// A file that is being brought in, or was.
#[derive(Debug, Clone)]
pub struct Import {
    pub id: String,
    pub file_name: String,
    pub state: State,
    pub sheet: Sheet,
    pub mapping: Option<Mapping>,
    /// People in the file.
    pub total: i64,
    /// How many of them have been seen by the work at hand.
    pub done: i64,
    pub parts: i64,
    pub done_parts: i64,
    pub checked: Option<Outcome>,
    pub ran: Option<Outcome>,
    pub error: Option<String>,
    pub(super) actor: String,
    /// Epoch milliseconds, like the others.
    pub created_at: i64,
    pub updated_at: i64,
    pub finished_at: Option<i64>,
}

impl Import {
    /// Whether it can still be undone.
    #[must_use]
    pub fn can_be_undone(&self, now_ms: i64) -> bool {
        self.state == State::Done && self.finished_at.is_some_and(|at| now_ms - at < UNDO_MS)
    }
}

/// Keeps a file until its owner has said what its columns are; returns the id. Not in one transaction: others are to
/// be written between its parts.
///
/// # Errors
/// 409 while another waits.
pub async fn create(
    db: &Db,
    actor: &Actor,
    file_name: &str,
    contents: Contents,
    now_ms: i64,
) -> Result<String, Error> {
    let name: String = file_name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(FILE_NAME_MAX)
        .collect();
    let Contents { sheet, parts, total } = contents;
    let import = Import {
        id: id::new_id(),
        file_name: if name.is_empty() { "list.csv".to_owned() } else { name },
        state: State::Mapping,
        sheet,
        mapping: None,
        total: total as i64,
        done: 0,
        parts: parts.len() as i64,
        done_parts: 0,
        checked: None,
        ran: None,
        error: None,
        actor: actor.to_json(),
        created_at: now_ms,
        updated_at: now_ms,
        finished_at: None,
    };
    let id = import.id.clone();
    db.write(move |tx| -> Result<(), Error> {
        if store::open(tx)?.is_some() {
            return Err(Error::Conflict(
                "another list is being brought in; finish or discard it first".into(),
            ));
        }
        Ok(store::add(tx, &import)?)
    })
    .await?;
    for (turn, some) in parts.chunks(PARTS_AT_ONCE).enumerate() {
        let (some, import) = (some.to_vec(), id.clone());
        let written: db::Result<()> = db
            .write(move |tx| {
                for (at, lines) in some.iter().enumerate() {
                    store::add_part(tx, &import, (turn * PARTS_AT_ONCE + at) as i64, lines)?;
                }
                Ok(())
            })
            .await;
        if let Err(error) = written {
            let gone = id.clone();
            // The file is not whole: it must not be brought in as if it were.
            db.write(move |tx| {
                store::end(tx, &gone, State::Failed, Some("it could not be stored whole"), now_ms)
            })
            .await?;
            return Err(error.into());
        }
    }
    Ok(id)
}

/// One import.
pub fn by_id(conn: &mut Conn<'_>, id: &str) -> db::Result<Import> {
    store::by_id(conn, id)
}

/// The newest, the newest first.
pub fn newest(conn: &mut Conn<'_>, limit: i64) -> db::Result<Vec<Import>> {
    store::newest(conn, limit)
}

/// Whether a file waits, or is being worked on.
pub fn is_open(conn: &mut Conn<'_>) -> db::Result<bool> {
    Ok(store::open(conn)?.is_some())
}

/// The first lines of a file that waits.
pub fn first_lines(conn: &mut Conn<'_>, id: &str) -> db::Result<Vec<Line>> {
    store::part(conn, id, 0).map(reading::shown)
}

/// How a file is to be brought in, as a form says it.
///
/// # Errors
/// Every fault, beside its field: `column-2`, `known`, `tags`, `lang`, `consent`.
pub fn mapping(
    sheet: &Sheet,
    field: impl Fn(&str) -> Option<String>,
) -> Result<Mapping, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut targets = Vec::new();
    for at in 0..sheet.columns.len() {
        let name = format!("column-{at}");
        let target = field(&name).and_then(|word| Target::of_word(&word)).unwrap_or(Target::Ignore);
        if target != Target::Ignore && target != Target::Tags && targets.contains(&target) {
            faults.push(Fault::of(
                &name,
                "repeated",
                format!("Another column is the {} already", target.label().to_lowercase()),
            ));
        }
        targets.push(target);
    }
    if !targets.contains(&Target::Email) {
        faults.push(Fault::of(
            "columns",
            "required",
            "Choose the column with the e-mail addresses",
        ));
    }
    let known = field("known").and_then(|word| Known::of_word(&word)).unwrap_or(Known::Fill);
    let mut tags: Vec<String> = Vec::new();
    for tag in
        field("tags").unwrap_or_default().split(',').map(str::trim).filter(|tag| !tag.is_empty())
    {
        match Rule::line(NAME_MAX).check("A tag", tag) {
            Ok(tag) if tags.iter().all(|other| key(other) != key(&tag)) => tags.push(tag),
            Ok(_) => {}
            Err((code, message)) => faults.push(Fault::of("tags", code, message)),
        }
    }
    if tags.len() > ON_A_LEAD {
        faults.push(Fault::of("tags", "too_long", "50 tags at most"));
    }
    let lang =
        field("lang").and_then(|code| Lang::from_code(&code)).unwrap_or(Lang::En).code().to_owned();
    let consent =
        Rule::lines(CONSENT_MAX).check("This", field("consent").unwrap_or_default().as_str());
    let consent = consent.map_err(|(code, message)| match code {
        "required" => faults.push(Fault::of(
            "consent",
            code,
            "Say where these people agreed to hear from you",
        )),
        _ => faults.push(Fault::of("consent", code, message)),
    });
    match consent {
        Ok(consent) if faults.is_empty() => Ok(Mapping { targets, known, tags, lang, consent }),
        _ => Err(faults),
    }
}

fn stale() -> Error {
    Error::Conflict("this list has been gone on with elsewhere; look at where it stands now".into())
}

/// Has a file checked: nothing is stored but what would become of it.
///
/// # Errors
/// 409 when it does not wait for that.
pub fn check(tx: &mut Tx<'_>, id: &str, mapping: &Mapping, now_ms: i64) -> Result<(), Error> {
    if !store::map(tx, id, mapping, now_ms)? {
        return Err(stale());
    }
    Ok(outbox::enqueue(tx, &ImportWork { import: id.to_owned() })?)
}

/// Begins with a file that has been checked.
///
/// # Errors
/// 409 when it does not wait for that.
pub fn run(tx: &mut Tx<'_>, actor: &Actor, id: &str, now_ms: i64) -> Result<(), Error> {
    if !store::begin(tx, id, &actor.to_json(), now_ms)? {
        return Err(stale());
    }
    let import = store::by_id(tx, id)?;
    let consent = import.mapping.map(|mapping| mapping.consent).unwrap_or_default();
    let what = json!({ "people": import.total, "consent": consent });
    audit::record(tx, actor, &Change::of("import.run", "import", id).after(what), now_ms)?;
    Ok(outbox::enqueue(tx, &ImportWork { import: id.to_owned() })?)
}

/// Ends what has not been done: a file that waits is gone, one that is being brought in stops where it is.
///
/// # Errors
/// 409 when it is at its end.
pub fn stop(tx: &mut Tx<'_>, actor: &Actor, id: &str, now_ms: i64) -> Result<(), Error> {
    let import = store::by_id(tx, id)?;
    if !matches!(import.state, State::Mapping | State::Checking | State::Checked | State::Running) {
        return Err(stale());
    }
    // What a run has done can be undone like that of one that has come to its end.
    let state = if import.state == State::Running { State::Done } else { State::Stopped };
    let why = (import.state == State::Running)
        .then(|| format!("stopped after {} of {} people", import.done, import.total));
    store::end(tx, id, state, why.as_deref(), now_ms)?;
    Ok(audit::record(tx, actor, &Change::of("import.stop", "import", id), now_ms)?)
}

/// Has the leads removed that are here only because of it and that nothing has happened with since.
///
/// # Errors
/// 409 when it is not done, or was more than a day ago.
pub fn undo(tx: &mut Tx<'_>, actor: &Actor, id: &str, now_ms: i64) -> Result<(), Error> {
    let import = store::by_id(tx, id)?;
    if !import.can_be_undone(now_ms) {
        return Err(Error::Conflict("an import can be undone for 24 hours, and once".into()));
    }
    if !store::shift(tx, id, State::Done, State::Undoing, now_ms)? {
        return Err(stale());
    }
    audit::record(tx, actor, &Change::of("import.undo", "import", id), now_ms)?;
    Ok(outbox::enqueue(tx, &ImportWork { import: id.to_owned() })?)
}

/// Takes whatever names `address` out of the files that wait here; returns how many lines.
pub fn forget(tx: &mut Tx<'_>, address: &str) -> db::Result<i64> {
    store::drop_lines(tx, |field| {
        field.contains('@')
            && (field.to_lowercase().contains(address)
                || parse_email(Some(field)).is_ok_and(|email| email == address))
    })
}

/// Removes files that nobody goes on with, and what is remembered only to undo.
pub fn prune(tx: &mut Tx<'_>, now_ms: i64) -> db::Result<()> {
    for id in store::abandoned(tx, now_ms - ABANDONED_MS)? {
        store::end(tx, &id, State::Stopped, Some("nobody went on with it for a day"), now_ms)?;
    }
    store::forget_old(tx, now_ms - UNDO_MS)?;
    store::prune(tx, now_ms - KEPT_MS)
}
