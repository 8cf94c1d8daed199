//! What the API's description says about accounts: `ops` may not ask `admin`, so door 1 hands it over.

use utoipa::OpenApi;

use super::{audit, auth, tokens, users};

#[derive(OpenApi)]
#[openapi(
    paths(
        auth::api::log_in,
        auth::api::refresh,
        auth::api::log_out,
        auth::api::change_password,
        auth::api::me,
        auth::factor::begin,
        auth::factor::confirm,
        auth::factor::remove,
        auth::devices::list,
        auth::devices::remove,
        users::api::list,
        users::api::show,
        users::api::create,
        users::api::update,
        users::api::remove,
        tokens::api::list,
        tokens::api::create,
        tokens::api::remove,
        audit::api::list,
    ),
    tags(
        (name = "Getting in", description = "Log in, stay in, a second factor. What needs a token takes it as `Authorization: Bearer …`."),
        (name = "People", description = "Who may log in, and as what. For whoever may `users:manage`."),
        (name = "Tokens", description = "What programs are let in with. For whoever may `tokens:manage`."),
        (name = "Record", description = "Who changed what. For whoever may `audit:read`."),
    )
)]
struct Described;

/// Every address of [`super::api_routes`].
#[must_use]
pub fn described() -> utoipa::openapi::OpenApi {
    Described::openapi()
}
