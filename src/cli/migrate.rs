//! `manero migrate [status|up|down]`.

use super::args::Step;
use super::{Failure, open, print};
use crate::platform::config::Loaded;
use crate::platform::db::{Db, Migrate, migrate};

pub(super) fn run(loaded: &Loaded, step: Option<Step>, json: bool) -> Result<(), Failure> {
    match step.unwrap_or(Step::Status) {
        Step::Status => {
            let db = open::existing(loaded, Migrate::Ignore)?;
            status(&db, json)
        }
        Step::Up => {
            let db = open::open(loaded, Migrate::Apply)?;
            let shown = status(&db, json);
            db.close();
            shown
        }
        Step::Down { yes: false } => Err(Failure::Failed(
            "this deletes what only the newest schema can hold (undoing version 1: everything). \
             Stop the site, keep a copy of the database, and say `manero migrate down --yes`"
                .into(),
        )),
        Step::Down { yes: true } => {
            let db = open::existing(loaded, Migrate::Ignore)?;
            let (version, name) = db.write_blocking(migrate::down).map_err(Failure::of)?;
            db.close();
            if json {
                return print::json(&serde_json::json!({ "undone": version, "name": name }));
            }
            print::text(&format!(
                "undid migration {version} ({name}); a start of this program would apply it again"
            ))
        }
    }
}

fn status(db: &Db, json: bool) -> Result<(), Failure> {
    let lines = db.read_blocking(migrate::status).map_err(Failure::of)?;
    if json {
        return print::json(&lines);
    }
    let row = |line: &migrate::Status| {
        vec![
            line.version.to_string(),
            line.name.clone(),
            if line.applied { "applied" } else { "pending" }.to_owned(),
            line.oldest_app.to_string(),
            if line.reversible { "yes" } else { "no" }.to_owned(),
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    print::text(&print::table(&["VERSION", "NAME", "STATE", "OLDEST APP", "REVERSIBLE"], &rows))
}
