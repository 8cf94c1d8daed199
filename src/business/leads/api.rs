//! `POST /api/leads` and `POST /api/v1/leads`.

use rocket::http::Status;
use rocket::post;
use serde::Serialize;
use serde_json::{Map, Value};

use super::model::LeadInput;
use super::receive::Desk;
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Api, Json, JsonObject, Problem};

/// The same for a new and a known address: the API does not tell who is on the list.
#[derive(Serialize)]
pub struct Created {
    id: String,
    status: &'static str,
}

#[post("/leads", data = "<body>")]
pub async fn create(desk: Desk<'_>, body: JsonObject) -> Api<Json<Created>> {
    let stored = match body.0.and_then(|object| input(&object)) {
        Ok(input) => desk.take_in(&input).await,
        Err(error) => Err(error),
    };
    match stored {
        Ok(id) => Ok(Json(Status::Created, Created { id, status: "subscribed" })),
        Err(error) => Err(Problem(desk.count_failure(error))),
    }
}

/// The versioned name of the same thing.
#[post("/v1/leads", data = "<body>")]
pub async fn create_v1(desk: Desk<'_>, body: JsonObject) -> Api<Json<Created>> {
    create(desk, body).await
}

/// Types first: with a field of the wrong type the rules about its text say nothing useful.
fn input(object: &Map<String, Value>) -> Result<LeadInput, Error> {
    let mut faults = Vec::new();
    let input = LeadInput {
        name: JsonObject::text(object, "name", &mut faults),
        email: JsonObject::text(object, "email", &mut faults),
        program: JsonObject::text(object, "program", &mut faults),
        page: JsonObject::text(object, "page", &mut faults),
        lang: JsonObject::text(object, "lang", &mut faults),
        website: JsonObject::text(object, "website", &mut faults),
        consent: match object.get("gdprConsent") {
            None | Some(Value::Null) => None,
            Some(Value::Bool(agreed)) => Some(*agreed),
            Some(_) => {
                let message = "gdprConsent must be true or false";
                faults.push(Fault::of("gdprConsent", "invalid_type", message));
                None
            }
        },
    };
    if faults.is_empty() { Ok(input) } else { Err(Error::Invalid(faults)) }
}
