//! Programs in the dashboard: the list, one program in a language, and its versions.

mod form;
pub mod list;
pub mod page;

use rocket::{Route, routes};

use super::edit::Stored;
use crate::platform::lang::Lang;

/// Addresses of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![list::list, page::create, page::show, page::save, page::remove, page::versions,]
}

/// Where a program is edited. One that is called like an address of the dashboard is found by its id.
fn address(program: &Stored, lang: Lang) -> String {
    let name = if program.slug == "new" { &program.id } else { &program.slug };
    match lang {
        Lang::En => format!("/admin/programs/{name}"),
        other => format!("/admin/programs/{name}?lang={}", other.code()),
    }
}
