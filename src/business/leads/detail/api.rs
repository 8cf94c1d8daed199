//! `/api/v1/leads/{id}`: one lead.

use std::sync::Arc;

use rocket::{State, delete, get, patch};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Consent, Details, Edit};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::{EditLeads, ReadLeads};
use crate::business::leads::desk::api::Item;
use crate::business::leads::tags::model::{NAME_MAX, ON_A_LEAD};
use crate::business::privacy;
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::Error;
use crate::platform::http::{Api, Done, IfMatch, Input, LargeJson, Private, Query, RawQuery};
use crate::platform::id;
use crate::platform::lang::Lang;
use crate::platform::text::{Rule, parse_name};

/// A lead with what it agreed to.
#[derive(Serialize, ToSchema)]
#[schema(as = LeadDetails)]
pub struct Whole {
    #[serde(flatten)]
    item: Item,
    /// The newest 100, the newest first.
    consents: Vec<ConsentView>,
}

/// What somebody agreed to, in which words, where and when.
#[derive(Serialize, ToSchema)]
#[schema(as = LeadConsent)]
pub struct ConsentView {
    #[schema(example = "email")]
    purpose: String,
    granted: bool,
    /// The words that were shown.
    #[schema(example = "I agree to receive e-mails.")]
    text: String,
    #[schema(example = "2026-10-01")]
    text_version: String,
    /// The path of the page, or `api`.
    #[schema(example = "/programs/prime")]
    page: String,
    /// From where, shortened.
    #[schema(example = "203.0.113.0")]
    address: String,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    created_at: String,
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        Self {
            purpose: consent.purpose,
            granted: consent.granted,
            text: consent.text,
            text_version: consent.text_version,
            page: consent.page,
            address: consent.address,
            created_at: clock::rfc3339(consent.created_at),
        }
    }
}

impl From<Details> for Whole {
    fn from(details: Details) -> Self {
        let consents = details.consents.into_iter().map(ConsentView::from).collect();
        Self { item: details.lead.into(), consents }
    }
}

/// A tag as it is written.
#[derive(ToSchema)]
#[schema(as = LeadTagName, value_type = String, example = "workshop", format = "line 40")]
pub struct TagName(#[allow(dead_code, reason = "only its shape is documented")] String);

/// What is to become of a lead; what is absent or null stays, but for `program`. The address is who it is, and stays.
#[derive(ToSchema)]
#[schema(as = LeadChanges)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct Changes {
    /// 2 to 100 characters; no hidden characters, no web address.
    #[schema(example = "Ana Souza", format = "person-name")]
    name: Option<String>,
    /// The `slug` of a program; null for none.
    #[schema(example = "prime", pattern = "^[a-z0-9-]{1,63}$")]
    program: Option<String>,
    /// The language of our mails.
    lang: Option<Lang>,
    /// All of them; upper and lower case are one.
    #[schema(value_type = Option<Vec<TagName>>, max_items = 50)]
    tags: Option<Vec<String>>,
}

/// One lead, with what it agreed to.
#[utoipa::path(
    get, path = "/api/v1/leads/{id}", operation_id = "showLead", tag = "Leads", security(("bearer" = [])),
    params(("id" = String, Path, description = "The lead's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses((status = 200, description = "The lead.", body = Whole, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/v1/leads/<id>")]
pub async fn show(_caller: ReadLeads, db: &State<Db>, id: &str, raw: RawQuery) -> Api<Private> {
    Query::read(&raw).end()?;
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<Details> = db.read(move |conn| super::by_id(conn, &id)).await;
    Ok(Private::new(&Whole::from(found?))?)
}

/// Changes a lead.
#[utoipa::path(
    patch, path = "/api/v1/leads/{id}", operation_id = "updateLead", tag = "Leads", security(("bearer" = [])),
    params(("id" = String, Path, description = "The lead's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    request_body = Changes,
    responses(
        (status = 200, description = "The lead as it is now.", body = Whole),
        (status = 409, description = "There is no such program, or there are 10,000 different tags."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/v1/leads/<id>", data = "<body>")]
pub async fn update(
    caller: EditLeads,
    db: &State<Db>,
    id: &str,
    if_match: IfMatch,
    body: LargeJson,
) -> Api<Private> {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let edit = read(&body.0?)?;
    let now = clock::now_ms();
    let updated = db
        .write(move |tx| -> Result<Details, Error> {
            let Details { lead, consents } = super::take(tx, &id)?;
            let whole = Whole::from(Details { lead, consents: consents.clone() });
            if_match.check(&whole)?;
            let lead = super::update(tx, &caller.0.actor(), &id, edit, now)?;
            Ok(Details { lead, consents })
        })
        .await?;
    Ok(Private::new(&Whole::from(updated))?)
}

/// Removes a lead with all that is kept about it.
///
/// Consents, tags, notes, mails to it, what it wrote on the contact page, and work that is queued. Nothing of it can be
/// brought back.
#[utoipa::path(
    delete, path = "/api/v1/leads/{id}", operation_id = "removeLead", tag = "Leads", security(("bearer" = [])),
    params(("id" = String, Path, description = "The lead's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses(
        (status = 204, description = "Removed."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[delete("/v1/leads/<id>")]
pub async fn remove(
    caller: EditLeads,
    db: &State<Db>,
    accounts: &State<Arc<Accounts>>,
    id: &str,
    if_match: IfMatch,
) -> Api<Done> {
    let (id, now) = (id::parse(id).ok_or(Error::NotFound)?, clock::now_ms());
    let key = accounts.data_key.clone();
    db.write(move |tx| -> Result<(), Error> {
        let details = super::take(tx, &id)?;
        let address = details.lead.email.clone();
        if_match.check(&Whole::from(details))?;
        privacy::erase(tx, &caller.0.actor(), &key, &address, now).map(drop)
    })
    .await?;
    Ok(Done)
}

fn read(object: &Map<String, Value>) -> Result<Edit, Error> {
    let mut input = Input::new(object);
    let edit = Edit {
        name: input.parsed("name", |name| parse_name(Some(name))),
        program: input.clearable("program", Input::slug),
        lang: input.word("lang"),
        tags: input.texts("tags", ON_A_LEAD, Rule::line(NAME_MAX)),
    };
    input.end()?;
    Ok(edit)
}
