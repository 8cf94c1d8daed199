//! `/admin/leads/import`: a list is chosen, mapped, checked, brought in, and for a day undone.

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::audit::Actor;
use crate::admin::accounts::caller::{Caller, EditLeads};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::table::grouped;
use crate::admin::shell::upload::File;
use crate::admin::shell::{Answer, Dashboard, Faults, Fields, Flash, Posted, Uploaded, View};
use crate::business::leads::import::columns::Target;
use crate::business::leads::import::reading::{self, guess};
use crate::business::leads::import::{self, Import, Known, Line, Outcome, State as Stand};
use crate::platform::clock;
use crate::platform::db::{self, Db, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::id;
use crate::platform::lang::Lang;
use crate::platform::word::Word as _;

const PATH: &str = "/admin/leads/import";

#[derive(Template)]
#[template(path = "admin/leads/import.html")]
struct ListPage {
    view: View,
    imports: Vec<Import>,
    /// One that is not at its end.
    open: Option<Import>,
    faults: Faults,
}

async fn list_page(dashboard: &Dashboard, db: &Db) -> Result<ListPage, Error> {
    let found: db::Result<Vec<Import>> = db.read(|conn| import::newest(conn, 20)).await;
    let (open, imports) = found?.into_iter().partition::<Vec<_>, _>(|import| is_open(import.state));
    Ok(ListPage {
        view: dashboard.view("Import leads").below("Leads", "/admin/leads"),
        imports,
        open: open.into_iter().next(),
        faults: Faults::default(),
    })
}

fn is_open(state: Stand) -> bool {
    use Stand::{Checked, Checking, Mapping, Running, Undoing};
    matches!(state, Mapping | Checking | Checked | Running | Undoing)
}

/// Where an import stands, for people.
fn stand(import: &Import) -> &'static str {
    match import.state {
        Stand::Mapping => "Waits for you to say what the columns are",
        Stand::Checking => "Is being checked",
        Stand::Checked => "Waits for you to begin",
        Stand::Running => "Is being brought in",
        Stand::Done => "Done",
        Stand::Undoing => "Is being undone",
        Stand::Undone => "Undone",
        Stand::Stopped => "Discarded",
        Stand::Failed => "Failed",
    }
}

impl ListPage {
    fn grouped(number: i64) -> String {
        grouped(number)
    }

    fn stand(import: &Import) -> &'static str {
        stand(import)
    }
}

#[get("/leads/import")]
pub(super) async fn list(_caller: EditLeads, dashboard: Dashboard, db: &State<Db>) -> Paged {
    Answer::page(&list_page(&dashboard, db).await?)
}

async fn take_in(who: &Caller, file: Option<File>, db: &Db) -> Result<String, Error> {
    let told = |message: String| Error::Invalid(vec![Fault::of("file", "invalid", message)]);
    let file = file.ok_or_else(|| told("Choose a file".to_owned()))?;
    let bytes = file.bytes;
    let read = rocket::tokio::task::spawn_blocking(move || reading::read(&bytes))
        .await
        .map_err(|_| Error::Internal("reading a list panicked".into()))?;
    let contents = read.map_err(told)?;
    import::create(db, &who.actor(), &file.name, contents, clock::now_ms()).await
}

#[post("/leads/import", data = "<sent>")]
pub(super) async fn create(sent: Uploaded<EditLeads>, db: &State<Db>) -> Paged {
    match take_in(&sent.who, sent.file, db).await {
        Ok(id) => Ok(Answer::quietly_to(format!("{PATH}/{id}"))),
        Err(error) => {
            let faults = Faults::of(error)?;
            let mut page = list_page(&sent.dashboard, db).await?;
            page.faults = faults;
            Answer::refused(&page)
        }
    }
}

/// A column, what stands in it, and what it is taken for.
struct Column {
    at: usize,
    name: String,
    samples: Vec<String>,
    target: Target,
}

#[derive(Template)]
#[template(path = "admin/leads/import_one.html")]
struct ImportPage {
    view: View,
    import: Import,
    columns: Vec<Column>,
    form: Form,
    faults: Faults,
    can_be_undone: bool,
}

/// The other fields of the mapping.
#[derive(Default)]
struct Form {
    known: &'static str,
    tags: String,
    lang: &'static str,
    consent: String,
}

impl ImportPage {
    fn grouped(number: i64) -> String {
        grouped(number)
    }

    fn targets() -> &'static [Target] {
        Target::ALL
    }

    fn stand(&self) -> &'static str {
        stand(&self.import)
    }

    /// Of a hundred.
    fn progress(&self) -> i64 {
        self.import.done * 100 / self.import.total.max(1)
    }

    fn is_at_work(&self) -> bool {
        matches!(self.import.state, Stand::Checking | Stand::Running | Stand::Undoing)
    }

    fn is(&self, state: &str) -> bool {
        self.import.state.word() == state
    }

    /// What the check found or the run did.
    fn outcome(&self) -> Option<&Outcome> {
        self.import.ran.as_ref().or(self.import.checked.as_ref())
    }

    fn untold(outcome: &Outcome) -> i64 {
        outcome.bad + outcome.doubled - outcome.findings.len() as i64
    }

    fn separator(&self) -> &'static str {
        match self.import.sheet.separator {
            ';' => "semicolons",
            '\t' => "tabs",
            _ => "commas",
        }
    }
}

async fn page(
    dashboard: &Dashboard,
    db: &Db,
    id: &str,
    typed: Option<&Fields>,
) -> Result<ImportPage, Error> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (import, lines) = db
        .read(move |conn| -> db::Result<(Import, Vec<Line>)> {
            let import = import::by_id(conn, &id)?;
            let lines = match import::first_lines(conn, &id) {
                Err(db::Error::NotFound) => Vec::new(),
                other => other?,
            };
            Ok((import, lines))
        })
        .await?;
    let guessed = match &import.mapping {
        Some(mapping) => mapping.targets.clone(),
        None => guess(&import.sheet, &lines),
    };
    let column = |(at, name): (usize, &String)| Column {
        at,
        name: name.clone(),
        samples: samples(&lines, at),
        target: typed
            .and_then(|fields| Target::of_word(fields.get(&format!("column-{at}"))))
            .or_else(|| guessed.get(at).copied())
            .unwrap_or(Target::Ignore),
    };
    let columns = import.sheet.columns.iter().enumerate().map(column).collect();
    let now = clock::now_ms();
    Ok(ImportPage {
        view: dashboard
            .view(import.file_name.clone())
            .below("Leads", "/admin/leads")
            .below("Import", PATH),
        columns,
        form: form(&import, typed),
        faults: Faults::default(),
        can_be_undone: import.can_be_undone(now),
        import,
    })
}

fn samples(lines: &[Line], at: usize) -> Vec<String> {
    let short = |text: &String| text.chars().take(60).collect();
    lines
        .iter()
        .filter_map(|(_, fields)| fields.get(at))
        .filter(|text| !text.is_empty())
        .take(3)
        .map(short)
        .collect()
}

fn form(import: &Import, typed: Option<&Fields>) -> Form {
    if let Some(fields) = typed {
        return Form {
            known: Known::of_word(fields.get("known")).unwrap_or(Known::Fill).word(),
            tags: fields.get("tags").chars().take(1000).collect(),
            lang: Lang::of_word(fields.get("lang")).unwrap_or(Lang::En).code(),
            consent: fields.get("consent").chars().take(2000).collect(),
        };
    }
    match &import.mapping {
        Some(mapping) => Form {
            known: mapping.known.word(),
            tags: mapping.tags.join(", "),
            lang: Lang::from_code(&mapping.lang).unwrap_or(Lang::En).code(),
            consent: mapping.consent.clone(),
        },
        None => Form { known: "fill", lang: "en", ..Form::default() },
    }
}

#[get("/leads/import/<id>")]
pub(super) async fn show(
    _caller: EditLeads,
    dashboard: Dashboard,
    db: &State<Db>,
    id: &str,
) -> Paged {
    Answer::page(&page(&dashboard, db, id, None).await?)
}

#[post("/leads/import/<id>/check", data = "<posted>")]
pub(super) async fn check(posted: Posted<EditLeads>, db: &State<Db>, id: &str) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let fields = &posted.fields;
    let mut page = page(&posted.dashboard, db, &id, Some(fields)).await?;
    let mapping = import::mapping(&page.import.sheet, |name| fields.text(name));
    let done = match mapping {
        Ok(mapping) => {
            let (of, now) = (id.clone(), clock::now_ms());
            db.write(move |tx| import::check(tx, &of, &mapping, now)).await
        }
        Err(faults) => Err(Error::Invalid(faults)),
    };
    match done {
        Ok(()) => Ok(Answer::quietly_to(format!("{PATH}/{id}"))),
        Err(error) => {
            page.faults = Faults::of(error)?;
            Answer::refused(&page)
        }
    }
}

/// Has `work` done in the name of whoever posted.
async fn act<F>(posted: &Posted<EditLeads>, db: &Db, id: &str, work: F) -> Result<String, Error>
where
    F: FnOnce(&mut Tx<'_>, &Actor, &str, i64) -> Result<(), Error> + Send + 'static,
{
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (actor, of, now) = (posted.who.actor(), id.clone(), clock::now_ms());
    db.write(move |tx| work(tx, &actor, &of, now)).await?;
    Ok(format!("{PATH}/{id}"))
}

#[post("/leads/import/<id>/run", data = "<posted>")]
pub(super) async fn run(posted: Posted<EditLeads>, db: &State<Db>, id: &str) -> Paged {
    let path = act(&posted, db, id, import::run).await?;
    Ok(Answer::to(path, Flash::good("It has begun. You can leave this page.")))
}

#[post("/leads/import/<id>/stop", data = "<posted>")]
pub(super) async fn stop(posted: Posted<EditLeads>, db: &State<Db>, id: &str) -> Paged {
    act(&posted, db, id, import::stop).await?;
    Ok(Answer::to(PATH, Flash::good("Stopped. The file is gone from here.")))
}

#[post("/leads/import/<id>/undo", data = "<posted>")]
pub(super) async fn undo(posted: Posted<EditLeads>, db: &State<Db>, id: &str) -> Paged {
    let path = act(&posted, db, id, import::undo).await?;
    Ok(Answer::to(path, Flash::good("It is being undone. You can leave this page.")))
}
