//! Getting in: log-in and log-out, the set-up link, the password once more, one's own account.
//!
//! What a session is and who is let in is decided in `admin::accounts`; these are its pages.

pub mod account;
pub mod factor;
pub mod log_in;
pub mod setup;

use rocket::{Route, routes};

/// Addresses of the dashboard.
pub fn routes() -> Vec<Route> {
    routes![
        log_in::show,
        log_in::create,
        log_in::remove,
        log_in::confirm,
        setup::show,
        setup::create,
        account::show,
        account::update,
        account::change_password,
        account::remove_session,
        account::remove_other_sessions,
        factor::create,
        factor::show,
        factor::confirm,
        factor::remove,
    ]
}
