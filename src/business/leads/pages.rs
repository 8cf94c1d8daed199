//! The form's `POST /leads`, and `/thanks`.

use std::sync::Arc;

use askama::Template;
use rocket::http::Status;
use rocket::response::Redirect;
use rocket::{Responder, State, get, post};

use super::model::{LeadFormView, LeadInput};
use super::receive::Desk;
use crate::platform::error::Error;
use crate::platform::http::page::write;
use crate::platform::http::{
    Cached, FormFields, Html, Oops, Page, PageCache, Rendered, Shell, SiteView,
};

#[derive(Template)]
#[template(path = "leads/invalid.html")]
struct InvalidPage {
    shell: Shell,
    form: LeadFormView,
}

#[derive(Template)]
#[template(path = "leads/thanks.html")]
struct ThanksPage {
    shell: Shell,
}

/// What a sent form leads to.
#[derive(Responder)]
pub enum Sent {
    /// To `/thanks`, so that reloading sends nothing again.
    Stored(Box<Redirect>),
    /// The form once more, with what is wrong.
    Refused(Html),
}

#[post("/leads", data = "<body>")]
pub async fn create(desk: Desk<'_>, site: &State<Arc<SiteView>>, body: FormFields) -> Page<Sent> {
    let fields = body.0.map_err(|error| Oops(desk.count_failure(error)))?;
    let input = input(&fields);
    let error = match desk.take_in(&input).await {
        Ok(_) => return Ok(Sent::Stored(Box::new(Redirect::to("/thanks")))),
        Err(error) => desk.count_failure(error),
    };
    let Error::Invalid(faults) = &error else { return Err(Oops(error)) };
    let programs = desk.catalogue.options().await?;
    let form = LeadFormView::refused(&input, faults, programs.to_vec(), desk.consent);
    let shell = Shell::new(site, "/leads", "Join the list", "").unlisted();
    let html = write(&InvalidPage { shell, form })?;
    Ok(Sent::Refused(Html(Status::BadRequest, html)))
}

fn input(fields: &[(String, String)]) -> LeadInput {
    let text = |name: &str| FormFields::get(fields, name).map(str::to_owned);
    LeadInput {
        name: text("name"),
        email: text("email"),
        program: text("program"),
        consent: FormFields::get(fields, "gdprConsent").map(|v| matches!(v, "true" | "on" | "1")),
        page: text("page"),
        website: text("website"),
    }
}

#[get("/thanks")]
pub async fn thanks(pages: &State<PageCache>, site: &State<Arc<SiteView>>) -> Page<Cached> {
    let shell = Shell::new(site, "/thanks", "Thank you", "").unlisted();
    Ok(pages.get("/thanks", |_| Rendered::page(&ThanksPage { shell })).await?)
}
