//! Who may see and send what below `/admin`: one line for every address, as [`super::policy`] has them for the API. A
//! test compares this with the addresses that are mounted, and asks each of them as everybody.

use super::model::Capability as C;
use super::policy::Access::{self, Needs, Person, Public};

/// Method, address, whom it answers.
#[rustfmt::skip] // one address, one line
pub const PAGES: &[(&str, &str, Access)] = &[
    ("GET", "/admin/log-in", Public),
    ("POST", "/admin/log-in", Public),
    ("GET", "/admin/set-up/<token>", Public),
    ("POST", "/admin/set-up/<token>", Public),
    ("POST", "/admin/log-out", Person),
    ("POST", "/admin/confirm", Person),
    ("GET", "/admin", Person),
    ("GET", "/admin/search", Person),
    ("GET", "/admin/account", Person),
    ("POST", "/admin/account", Person),
    ("POST", "/admin/account/password", Person),
    ("POST", "/admin/account/sessions/<id>/end", Person),
    ("POST", "/admin/account/sessions/end", Person),
    ("POST", "/admin/account/second-factor", Person),
    ("GET", "/admin/account/second-factor", Person),
    ("POST", "/admin/account/second-factor/confirm", Person),
    ("POST", "/admin/account/second-factor/remove", Person),
    ("GET", "/admin/media", Needs(C::ReadContent)),
    ("POST", "/admin/media", Needs(C::EditContent)),
    ("GET", "/admin/media/<id>", Needs(C::ReadContent)),
    ("POST", "/admin/media/<id>", Needs(C::EditContent)),
    ("POST", "/admin/media/<id>/file", Needs(C::EditContent)),
    ("POST", "/admin/media/<id>/file/previous", Needs(C::EditContent)),
    ("POST", "/admin/media/<id>/remove", Needs(C::EditContent)),
    ("GET", "/admin/theme", Needs(C::ReadContent)),
    ("POST", "/admin/theme", Needs(C::EditContent)),
    ("POST", "/admin/theme/draft", Needs(C::EditContent)),
    ("POST", "/admin/theme/check", Needs(C::EditContent)),
    ("POST", "/admin/theme/wear", Needs(C::EditContent)),
    ("POST", "/admin/theme/reset", Needs(C::EditContent)),
    ("GET", "/admin/theme/preview/<id>", Needs(C::EditContent)),
];
