//! `POST /api/leads` and `POST /api/v1/leads`.

use rocket::http::Status;
use rocket::post;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};
use utoipa::{OpenApi, ToSchema};

use super::model::LeadInput;
use super::receive::{Beside, Desk};
use crate::platform::error::Error;
use crate::platform::http::{Api, Begun, Input, JsonObject, Kept, Once, Problem};
use crate::platform::lang::Lang;
use crate::platform::word::Word as _;

#[derive(OpenApi)]
#[openapi(
    paths(
        create,
        create_v1,
        super::desk::api::list,
        super::detail::api::show,
        super::detail::api::update,
        super::detail::api::remove,
        super::tags::api::list,
        super::tags::api::update,
        super::tags::api::remove,
        super::notes::api::list,
        super::notes::api::show,
        super::notes::api::create,
        super::notes::api::update,
        super::notes::api::remove
    ),
    components(schemas(super::desk::model::Order, super::tags::model::Order)),
    tags((name = "Leads", description = "Who wants to hear from us. Everybody may join; the rest is for whoever may `leads:read` or `leads:write`."))
)]
pub struct Described;

/// The same for a new and a known address: the API does not tell who is on the list.
#[derive(Serialize, ToSchema)]
#[schema(as = StoredLead)]
pub struct Created {
    /// The lead; the same again for the same address.
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    #[schema(example = "subscribed")]
    status: &'static str,
}

/// Somebody who wants to hear from us, and agrees to that.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Lead)]
#[allow(
    dead_code,
    reason = "the shape that is documented; fields are read so that all faults are told at once"
)]
pub struct Body {
    /// 2 to 100 characters; no hidden characters, no web address.
    #[schema(example = "Ana Souza", format = "person-name")]
    name: String,
    /// An address that mail can reach from the internet. Stored in lower case.
    #[schema(example = "ana@example.com", format = "email", max_length = 255)]
    email: String,
    /// The `slug` of a program on offer; an empty text is none.
    #[schema(example = "prime")]
    program: Option<String>,
    /// Agreed to the words that the site shows beside the form.
    #[serde(rename = "gdprConsent")]
    #[schema(example = true, schema_with = only_true)]
    gdpr_consent: bool,
    /// The language of the consent's words and of our mails; English when absent or empty.
    #[schema(schema_with = lang_or_empty)]
    lang: Option<Lang>,
    /// The path of the page the form stands on, kept with the consent.
    #[schema(example = "/programs/prime")]
    page: Option<String>,
    /// The version of the consent's words that were shown.
    consent_version: Option<String>,
    /// How long the form was open, in milliseconds.
    #[schema(value_type = Option<f64>)]
    elapsed_ms: Option<f64>,
}

fn only_true() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .description(Some("Must be true: agreed to the words that the site shows beside the form."))
        .examples([true])
        .enum_values(Some([true]))
        .build()
}

fn lang_or_empty() -> Object {
    let codes = Lang::ALL.map(|lang| json!(lang.code()));
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(
            "The language of the consent's words and of our mails; English when absent or empty.",
        ))
        .examples(["en"])
        .enum_values(Some(codes.into_iter().chain([json!(""), Value::Null])))
        .build()
}

/// Stores a lead.
///
/// 201 means that lead, consent and the owed welcome mail are committed and on the disk. The same
/// address again updates the one lead, and the answer is the same.
#[utoipa::path(
    post, path = "/api/leads", operation_id = "createLead", tag = "Leads",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$")),
    request_body = Body,
    responses((status = 201, description = "Stored.", body = Created, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))))
)]
#[post("/leads", data = "<body>")]
pub async fn create(desk: Desk<'_>, once: Once<'_>, body: JsonObject) -> Api<Kept> {
    match take_in(&desk, &once, body).await {
        Ok(answer) => Ok(answer),
        Err(error) => Err(Problem(desk.count_failure(error))),
    }
}

/// Stores a lead, under the versioned name of the address.
///
/// The same as `POST /api/leads`.
#[utoipa::path(
    post, path = "/api/v1/leads", operation_id = "createLeadV1", tag = "Leads",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$")),
    request_body = Body,
    responses((status = 201, description = "Stored.", body = Created, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))))
)]
#[post("/v1/leads", data = "<body>")]
pub async fn create_v1(desk: Desk<'_>, once: Once<'_>, body: JsonObject) -> Api<Kept> {
    create(desk, once, body).await
}

async fn take_in(desk: &Desk<'_>, once: &Once<'_>, body: JsonObject) -> Result<Kept, Error> {
    let JsonObject(object, hash) = body;
    let object = object?;
    let ticket = match once.begin(desk.db, "", &hash).await? {
        Begun::Done(answer) => return Ok(answer),
        Begun::Fresh(ticket) => ticket,
    };
    let beside = ticket.record().map(|record| -> Beside {
        Box::new(move |tx, id| record.keep(tx, &answer(id.to_owned())?))
    });
    let input = input(&object)?;
    // The document says what is refused, so that holds for the hidden field too.
    desk.check(&input).await?;
    let id = desk.take_in(&input, beside).await?;
    answer(id)
}

fn answer(id: String) -> Result<Kept, Error> {
    Kept::json(Status::Created, &Created { id, status: "subscribed" })
}

/// Types first: with a field of the wrong type the rules about its text say nothing useful.
fn input(object: &Map<String, Value>) -> Result<LeadInput, Error> {
    let mut input = Input::new(object);
    let mut text = |name| input.raw(name).map(str::to_owned);
    let lead = LeadInput {
        name: text("name"),
        email: text("email"),
        program: text("program"),
        page: text("page"),
        lang: text("lang"),
        website: text("website"),
        consent: input.truth("gdprConsent"),
    };
    // A form sends what is left open as an empty text.
    if let Some(code) = lead.lang.as_deref().filter(|code| !code.is_empty())
        && Lang::from_code(code).is_none()
    {
        input.fault("lang", "unknown", format!("lang must be {}", Lang::choices()));
    }
    // What the page's form tells beside: checked, and not needed.
    input.raw("consent_version");
    input.any_number("elapsed_ms");
    input.end()?;
    Ok(lead)
}
