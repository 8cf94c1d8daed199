//! The pages about who may come in: the team, tokens for programs, keys, and the record of what everybody did.
//!
//! What may become of a person, a token or a key, and what is written down, is `admin::accounts` and `ops::rotation`.

pub mod invitation;
pub mod keys;
pub mod person;
pub mod record;
pub mod team;
pub mod tokens;

use rocket::{Route, routes};

/// Pages of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![
        team::list,
        team::new,
        team::create,
        person::show,
        person::update,
        person::suspend,
        person::lift,
        person::link,
        person::end_sessions,
        person::remove,
        tokens::list,
        tokens::new,
        tokens::create,
        tokens::revoke,
        keys::list,
        keys::rotate,
        record::list,
        record::show,
        record::export,
    ]
}

/// What a role may do, for whoever chooses one.
fn about(role: crate::admin::accounts::model::Role) -> &'static str {
    use crate::admin::accounts::model::Role;
    match role {
        Role::Owner => "everything, keys included",
        Role::Admin => "everything but the keys",
        Role::Editor => "content only",
        Role::Analyst => "reads figures and content, no personal data",
    }
}
