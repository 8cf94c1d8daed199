//! Leads in the dashboard: the list, one lead, lists that are brought in, work on many, duplicates, segments.

mod bulk;
mod duplicates;
mod import;
mod lead;
mod list;
mod notes;
mod segments;

use rocket::{Route, routes};

/// Addresses below `/admin`.
pub fn routes() -> Vec<Route> {
    routes![
        list::list,
        list::download,
        lead::show,
        lead::update,
        lead::tag,
        lead::untag,
        lead::remove,
        lead::download,
        notes::create,
        notes::update,
        notes::remove,
        duplicates::list,
        duplicates::show,
        duplicates::update,
        import::list,
        import::create,
        import::show,
        import::check,
        import::run,
        import::stop,
        import::undo,
        bulk::tag,
        bulk::untag,
        bulk::remove,
        bulk::show,
        bulk::stop,
        segments::list,
        segments::create,
        segments::update,
        segments::remove,
    ]
}
