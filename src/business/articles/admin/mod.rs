//! Articles in the dashboard: the list, the editor, and what was there before.

pub mod editor;
mod form;
pub mod history;
pub mod list;
mod page;
pub mod saving;

use rocket::{Route, routes};

use super::model::Summary;

/// Addresses of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![
        list::list,
        list::bulk,
        editor::create,
        editor::show,
        editor::preview,
        editor::drawn,
        saving::save,
        saving::keep,
        saving::discard,
        saving::set_state,
        saving::remove,
        history::list,
        history::restore,
    ]
}

/// Where an article is edited. One that is called like an address of the dashboard is found by its id.
fn address(summary: &Summary) -> String {
    let name = if summary.slug == "new" { &summary.id } else { &summary.slug };
    format!("/admin/articles/{name}")
}
