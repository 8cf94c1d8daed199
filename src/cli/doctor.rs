//! `manero doctor`.

use super::{Failure, open, print};
use crate::ops::doctor::{Check, Verdict, examine};
use crate::platform::config::Loaded;
use crate::platform::db::Migrate;

pub(super) fn run(loaded: &Loaded, json: bool) -> Result<(), Failure> {
    let loaded = &open::with_dashboard(loaded);
    let db = open::existing(loaded, Migrate::Ignore);
    let checks = examine(loaded, db.as_ref().map_err(ToString::to_string));
    if json {
        print::json(&checks)?;
    } else {
        let rows: Vec<_> = checks.iter().map(row).collect();
        print::text(&print::table(&["", "CHECK", "FOUND", "WHAT TO DO"], &rows))?;
    }
    let failed = checks.iter().filter(|c| c.verdict == Verdict::Fail).count();
    if failed == 0 { Ok(()) } else { Err(Failure::Failed(format!("{failed} check(s) failed"))) }
}

fn row(check: &Check) -> Vec<String> {
    let mark = match check.verdict {
        Verdict::Ok => "ok",
        Verdict::Warn => "warn",
        Verdict::Fail => "FAIL",
    };
    vec![mark.into(), check.name.into(), check.found.clone(), check.fix.clone().unwrap_or_default()]
}
