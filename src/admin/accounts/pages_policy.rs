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
    ("GET", "/admin/settings", Needs(C::ReadSettings)),
    ("GET", "/admin/settings/<key>", Needs(C::ReadSettings)),
    ("POST", "/admin/settings/<key>", Needs(C::EditSettings)),
    ("POST", "/admin/settings/<key>/reset", Needs(C::EditSettings)),
    ("POST", "/admin/settings/mail/test", Needs(C::EditSettings)),
    ("GET", "/admin/team", Needs(C::ManageUsers)),
    ("POST", "/admin/team", Needs(C::ManageUsers)),
    ("GET", "/admin/team/new", Needs(C::ManageUsers)),
    ("GET", "/admin/team/<id>", Needs(C::ManageUsers)),
    ("POST", "/admin/team/<id>", Needs(C::ManageUsers)),
    ("POST", "/admin/team/<id>/suspend", Needs(C::ManageUsers)),
    ("POST", "/admin/team/<id>/lift", Needs(C::ManageUsers)),
    ("POST", "/admin/team/<id>/link", Needs(C::ManageUsers)),
    ("POST", "/admin/team/<id>/sessions/end", Needs(C::ManageUsers)),
    ("POST", "/admin/team/<id>/remove", Needs(C::ManageUsers)),
    ("GET", "/admin/jobs", Needs(C::ReadJobs)),
    ("GET", "/admin/jobs/<id>", Needs(C::ReadJobs)),
    ("POST", "/admin/jobs/retry", Needs(C::RunJobs)),
    ("POST", "/admin/jobs/discard", Needs(C::RunJobs)),
    ("GET", "/admin/tasks", Needs(C::ReadJobs)),
    ("POST", "/admin/tasks/<name>/run", Needs(C::RunJobs)),
];
