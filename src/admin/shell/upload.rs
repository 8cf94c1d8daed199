//! A form with a file, read within limits.

use std::marker::PhantomData;

use rocket::Request;
use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use rocket::form::{self, DataField, Form, FromForm, Options, ValueField};

use super::confirmed::Proof;
use super::dashboard::Dashboard;
use super::posted::{Fields, For, accept, frame, read, refuse};
use crate::admin::accounts::caller::Caller;
use crate::platform::error::Error;

/// The largest file of any form; `Rocket.toml` lets a whole form be a little larger.
pub const FILE_MIB: u64 = 20;
const MAX_FIELDS: usize = 64;
const MAX_FIELD_BYTES: usize = 64 * 1024;

/// A file as it was sent.
#[derive(Debug, Clone)]
pub struct File {
    /// What the sender calls it. Good for showing, for nothing else.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A form with one file in the field `file`, sent by somebody who may do what `G` stands for.
pub struct Uploaded<G> {
    pub who: Caller,
    /// The frame for a page that answers.
    pub dashboard: Dashboard,
    pub fields: Fields,
    /// `None` when no file was chosen.
    pub file: Option<File>,
    pub(super) proof: Proof,
    guard: PhantomData<fn() -> G>,
}

impl<G> Uploaded<G> {
    /// As [`super::Posted::confirmed`]; the file has to be chosen again.
    ///
    /// # Errors
    /// What leads to the page that asks.
    pub fn confirmed(&self) -> Result<(), Error> {
        self.proof.check()
    }
}

#[derive(Default)]
struct Parts {
    fields: Vec<(String, String)>,
    file: Option<File>,
    fault: Option<Error>,
}

#[rocket::async_trait]
impl<'r> FromForm<'r> for Parts {
    type Context = Self;

    fn init(_: Options) -> Self {
        <Self as Default>::default()
    }

    fn push_value(parts: &mut Self, field: ValueField<'r>) {
        let name = field.name.source().as_str();
        if parts.fields.len() >= MAX_FIELDS || field.value.len() > MAX_FIELD_BYTES {
            parts.fault = Some(Error::BadRequest(format!(
                "a form with a file has at most {MAX_FIELDS} fields of {MAX_FIELD_BYTES} bytes"
            )));
            return;
        }
        let value = field.value.replace('\0', "").replace("\r\n", "\n");
        parts.fields.push((name.to_owned(), value));
    }

    async fn push_data(parts: &mut Self, field: DataField<'r, '_>) {
        let name = field.file_name.map(|name| name.dangerous_unsafe_unsanitized_raw().to_string());
        let is_file = field.name.source().as_str() == "file";
        let read = field.data.open(FILE_MIB.mebibytes()).into_bytes().await;
        match read {
            Ok(bytes) if !bytes.is_complete() => {
                parts.fault = Some(Error::TooLarge { limit_bytes: FILE_MIB * 1024 * 1024 });
            }
            // A browser sends an empty part for a field in which nothing was chosen.
            Ok(bytes) if bytes.is_empty() && name.as_deref().is_none_or(str::is_empty) => {}
            Ok(bytes) if is_file && parts.file.is_none() => {
                let file = File { name: name.unwrap_or_default(), bytes: bytes.into_inner() };
                parts.file = Some(file);
            }
            Ok(_) => parts.fault = Some(Error::BadRequest("send one file at a time".into())),
            Err(_) => parts.fault = Some(Error::BadRequest("the file ended too early".into())),
        }
    }

    /// Without this a form that is cut off would look like one that somebody else has sent.
    fn push_error(parts: &mut Self, error: form::Error<'r>) {
        let fault = if error.status() == rocket::http::Status::PayloadTooLarge {
            Error::TooLarge { limit_bytes: FILE_MIB * 1024 * 1024 }
        } else {
            Error::BadRequest("the form with the file could not be read".into())
        };
        parts.fault.get_or_insert(fault);
    }

    fn finalize(parts: Self) -> form::Result<'r, Self> {
        Ok(parts)
    }
}

#[rocket::async_trait]
impl<'r, G: For> FromData<'r> for Uploaded<G> {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        // Who sends is known before anything large is read.
        let sender = match G::sender(request).await {
            Ok(sender) => sender,
            Err(error) => return refuse(request, error),
        };
        // Sent without its file, as by a page that has lost the form's type.
        if request.content_type().is_some_and(|kind| kind.is_form()) {
            return match read(request, data).await {
                Ok(fields) => ready(request, sender, fields, None).await,
                Err(error) => refuse(request, error),
            };
        }
        if !request.content_type().is_some_and(|kind| kind.is_form_data()) {
            let expected = "multipart/form-data";
            return refuse(request, Error::UnsupportedMediaType { expected });
        }
        let parts = match Form::<Parts>::from_data(request, data).await {
            Outcome::Success(form) => form.into_inner(),
            Outcome::Error((_, errors)) => {
                let too_large =
                    errors.iter().any(|e| e.status() == rocket::http::Status::PayloadTooLarge);
                return refuse(
                    request,
                    if too_large {
                        Error::TooLarge { limit_bytes: FILE_MIB * 1024 * 1024 }
                    } else {
                        Error::BadRequest("the form with the file could not be read".into())
                    },
                );
            }
            Outcome::Forward(_) => {
                return refuse(request, Error::BadRequest("the form could not be read".into()));
            }
        };
        if let Some(fault) = parts.fault {
            return refuse(request, fault);
        }
        ready(request, sender, Fields(parts.fields), parts.file).await
    }
}

/// The form, when it comes from a page of whoever sends it.
async fn ready<'r, G: For>(
    request: &'r Request<'_>,
    sender: Caller,
    fields: Fields,
    file: Option<File>,
) -> Outcome<'r, Uploaded<G>> {
    let (who, proof) = match accept(request, Ok(sender), &fields).await {
        Ok(accepted) => accepted,
        Err(error) => return refuse(request, error),
    };
    match frame(request, &who).await {
        Ok(dashboard) => {
            Outcome::Success(Uploaded { who, dashboard, fields, file, proof, guard: PhantomData })
        }
        Err(error) => refuse(request, error),
    }
}
