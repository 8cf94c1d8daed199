//! Who may ask what: one line for every address of the API. A test compares this table with the
//! addresses that are mounted, and asks each of them as everybody.

use super::model::Capability;

/// Whom an address answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Public,
    /// Everybody, and whoever may gets more.
    PublicAnd(Capability),
    /// Anybody who is known: a person or a token.
    Known,
    /// A person who has logged in; no token.
    Person,
    /// Whose role, and whose token's scopes, allow it.
    Needs(Capability),
}

use Access::{Known, Needs, Person, Public, PublicAnd};
use Capability as C;

/// Method, address, whom it answers.
#[rustfmt::skip] // one address, one line: the table is read down its columns
pub const POLICY: &[(&str, &str, Access)] = &[
    ("GET", "/api/v1", Public),
    ("GET", "/api/v1/site", Public),
    ("GET", "/api/v1/openapi.json", Public),
    ("GET", "/api/docs", Public),
    ("GET", "/api/v1/search", Public),
    ("POST", "/api/v1/search", Public),
    ("POST", "/api/search", Public),
    ("GET", "/api/v1/programs", PublicAnd(C::ReadContent)),
    ("POST", "/api/v1/programs", Needs(C::EditContent)),
    ("GET", "/api/v1/programs/<slug>", PublicAnd(C::ReadContent)),
    ("PATCH", "/api/v1/programs/<slug>", Needs(C::EditContent)),
    ("DELETE", "/api/v1/programs/<slug>", Needs(C::EditContent)),
    ("GET", "/api/v1/articles", PublicAnd(C::ReadContent)),
    ("POST", "/api/v1/articles", Needs(C::EditContent)),
    ("GET", "/api/v1/articles/<slug>", PublicAnd(C::ReadContent)),
    ("PATCH", "/api/v1/articles/<slug>", Needs(C::EditContent)),
    ("DELETE", "/api/v1/articles/<slug>", Needs(C::EditContent)),
    ("GET", "/api/v1/pages", PublicAnd(C::ReadContent)),
    ("POST", "/api/v1/pages", Needs(C::EditContent)),
    ("GET", "/api/v1/pages/<slug>", PublicAnd(C::ReadContent)),
    ("PATCH", "/api/v1/pages/<slug>", Needs(C::EditContent)),
    ("DELETE", "/api/v1/pages/<slug>", Needs(C::EditContent)),
    ("GET", "/api/v1/texts/owner", Needs(C::ReadContent)),
    ("PATCH", "/api/v1/texts/owner", Needs(C::EditContent)),
    ("GET", "/api/v1/texts/site", Needs(C::ReadContent)),
    ("PATCH", "/api/v1/texts/site", Needs(C::EditContent)),
    ("GET", "/api/v1/texts/home", Needs(C::ReadContent)),
    ("PATCH", "/api/v1/texts/home", Needs(C::EditContent)),
    ("GET", "/api/v1/redirects", Needs(C::ReadContent)),
    ("POST", "/api/v1/redirects", Needs(C::EditContent)),
    ("GET", "/api/v1/redirects/<id>", Needs(C::ReadContent)),
    ("PATCH", "/api/v1/redirects/<id>", Needs(C::EditContent)),
    ("DELETE", "/api/v1/redirects/<id>", Needs(C::EditContent)),
    ("GET", "/api/v1/media", Needs(C::ReadContent)),
    ("POST", "/api/v1/media", Needs(C::EditContent)),
    ("GET", "/api/v1/media/<id>", Needs(C::ReadContent)),
    ("PATCH", "/api/v1/media/<id>", Needs(C::EditContent)),
    ("DELETE", "/api/v1/media/<id>", Needs(C::EditContent)),
    ("PUT", "/api/v1/media/<id>/file", Needs(C::EditContent)),
    ("GET", "/api/v1/media/<id>/uses", Needs(C::ReadContent)),
    ("GET", "/api/v1/theme", Needs(C::ReadContent)),
    ("PATCH", "/api/v1/theme", Needs(C::EditContent)),
    ("POST", "/api/v1/theme/reset", Needs(C::EditContent)),
    ("POST", "/api/leads", Public),
    ("POST", "/api/v1/leads", Public),
    ("GET", "/api/v1/leads", Needs(C::ReadLeads)),
    ("GET", "/api/v1/leads/<id>", Needs(C::ReadLeads)),
    ("PATCH", "/api/v1/leads/<id>", Needs(C::EditLeads)),
    ("DELETE", "/api/v1/leads/<id>", Needs(C::EditLeads)),
    ("PUT", "/api/v1/leads/<id>/tags/<tag>", Needs(C::EditLeads)),
    ("DELETE", "/api/v1/leads/<id>/tags/<tag>", Needs(C::EditLeads)),
    ("GET", "/api/v1/leads/<id>/notes", Needs(C::ReadLeads)),
    ("POST", "/api/v1/leads/<id>/notes", Needs(C::EditLeads)),
    ("GET", "/api/v1/leads/<id>/notes/<note>", Needs(C::ReadLeads)),
    ("PATCH", "/api/v1/leads/<id>/notes/<note>", Needs(C::EditLeads)),
    ("DELETE", "/api/v1/leads/<id>/notes/<note>", Needs(C::EditLeads)),
    ("GET", "/api/v1/tags", Needs(C::ReadLeads)),
    ("POST", "/api/v1/auth/login", Public),
    ("POST", "/api/v1/auth/refresh", Public),
    ("GET", "/api/v1/auth/me", Known),
    ("POST", "/api/v1/auth/logout", Person),
    ("POST", "/api/v1/auth/password", Person),
    ("POST", "/api/v1/auth/totp", Person),
    ("POST", "/api/v1/auth/totp/confirm", Person),
    ("POST", "/api/v1/auth/totp/remove", Person),
    ("GET", "/api/v1/auth/sessions", Person),
    ("DELETE", "/api/v1/auth/sessions/<id>", Person),
    ("GET", "/api/v1/users", Needs(C::ManageUsers)),
    ("POST", "/api/v1/users", Needs(C::ManageUsers)),
    ("GET", "/api/v1/users/<id>", Needs(C::ManageUsers)),
    ("PATCH", "/api/v1/users/<id>", Needs(C::ManageUsers)),
    ("DELETE", "/api/v1/users/<id>", Needs(C::ManageUsers)),
    ("GET", "/api/v1/tokens", Needs(C::ManageTokens)),
    ("POST", "/api/v1/tokens", Needs(C::ManageTokens)),
    ("DELETE", "/api/v1/tokens/<id>", Needs(C::ManageTokens)),
    ("GET", "/api/v1/webhooks", Needs(C::ManageWebhooks)),
    ("POST", "/api/v1/webhooks", Needs(C::ManageWebhooks)),
    ("GET", "/api/v1/webhooks/<id>", Needs(C::ManageWebhooks)),
    ("PATCH", "/api/v1/webhooks/<id>", Needs(C::ManageWebhooks)),
    ("DELETE", "/api/v1/webhooks/<id>", Needs(C::ManageWebhooks)),
    ("POST", "/api/v1/webhooks/<id>/secret", Needs(C::ManageWebhooks)),
    ("POST", "/api/v1/webhooks/<id>/test", Needs(C::ManageWebhooks)),
    ("GET", "/api/v1/webhooks/<id>/deliveries", Needs(C::ManageWebhooks)),
    ("GET", "/api/v1/webhooks/<id>/deliveries/<delivery>", Needs(C::ManageWebhooks)),
    ("POST", "/api/v1/webhooks/<id>/deliveries/<delivery>/resend", Needs(C::ManageWebhooks)),
    ("GET", "/api/v1/audit", Needs(C::ReadAudit)),
    ("GET", "/api/v1/settings", Needs(C::ReadSettings)),
    ("GET", "/api/v1/settings/<key>", Needs(C::ReadSettings)),
    ("PUT", "/api/v1/settings/<key>", Needs(C::EditSettings)),
    ("DELETE", "/api/v1/settings/<key>", Needs(C::EditSettings)),
    ("POST", "/api/v1/settings/mail/test", Needs(C::EditSettings)),
    ("GET", "/api/v1/jobs", Needs(C::ReadJobs)),
    ("POST", "/api/v1/jobs/retry", Needs(C::RunJobs)),
    ("GET", "/api/v1/jobs/<id>", Needs(C::ReadJobs)),
    ("DELETE", "/api/v1/jobs/<id>", Needs(C::RunJobs)),
    ("POST", "/api/v1/jobs/<id>/retry", Needs(C::RunJobs)),
    ("GET", "/api/v1/tasks", Needs(C::ReadJobs)),
    ("POST", "/api/v1/tasks/<name>/run", Needs(C::RunJobs)),
];

/// What the table says about an address, if it stands there.
#[must_use]
pub fn policy(method: &str, path: &str) -> Option<Access> {
    POLICY.iter().find(|(m, p, _)| *m == method && *p == path).map(|(_, _, access)| *access)
}
