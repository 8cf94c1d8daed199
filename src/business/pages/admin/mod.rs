//! Pages, the home page, the navigation and the words of consent in the dashboard.

pub mod consent;
pub mod home;
pub mod list;
pub mod navigation;
pub mod owner;
pub mod written;

use rocket::{Route, routes};

use super::edit::Stored;
use crate::platform::error::{Error, Fault};
use crate::platform::lang::Lang;

/// Addresses of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![
        list::list,
        written::create,
        written::show,
        written::save,
        written::preview,
        written::remove,
        written::versions,
        written::restore,
        home::show,
        home::save,
        navigation::show,
        navigation::save,
        owner::show,
        owner::save,
        consent::show,
        consent::save,
    ]
}

/// Where a page is edited. One that is called like an address of the dashboard is found by its id.
fn address(page: &Stored) -> String {
    let name = if page.slug == "new" { &page.id } else { &page.slug };
    format!("/admin/pages/{name}?lang={}", page.lang.code())
}

/// The same for what stands below it.
fn below(page: &Stored, part: &str) -> String {
    let name = if page.slug == "new" { &page.id } else { &page.slug };
    format!("/admin/pages/{name}/{part}?lang={}", page.lang.code())
}

/// Faults that call a field what a program calls it, such as `hero_title`, with its name in words.
pub fn in_words(error: Error) -> Error {
    let Error::Invalid(faults) = error else { return error };
    let plain = |fault: Fault| {
        let name = fault.field().to_owned();
        let message = fault.message.replace(&name, &name.replace('_', " "));
        Fault { message, ..fault }
    };
    Error::Invalid(faults.into_iter().map(plain).collect())
}

/// A way to the same page of the dashboard in each language: code, name, address, whether it is this one.
fn languages(path: &str, own: Lang) -> Vec<(&'static str, &'static str, String, bool)> {
    let one = |lang: Lang| {
        let name = lang.words().site.name_of_language.as_str();
        (lang.code(), name, format!("{path}?lang={}", lang.code()), lang == own)
    };
    Lang::ALL.into_iter().map(one).collect()
}
