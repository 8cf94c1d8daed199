//! The form's `POST /leads`, and `/thanks`.

use askama::Template;
use rocket::http::Status;
use rocket::response::Redirect;
use rocket::{Responder, get, post};

use super::model::LeadInput;
use super::receive::Desk;
use super::view::LeadFormView;
use crate::platform::error::Error;
use crate::platform::http::page::write;
use crate::platform::http::{Cached, FormFields, Html, Oops, Page, Rendered, Shell, Visit};

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
    /// To a page that says so, so that reloading sends nothing again.
    Stored(Box<Redirect>),
    /// The form once more, with what is wrong.
    Refused(Html),
}

#[post("/leads", data = "<body>")]
pub async fn create(desk: Desk<'_>, visit: Visit<'_>, body: FormFields) -> Page<Sent> {
    let fields = body.0.map_err(|error| Oops(desk.count_failure(error)))?;
    let input = input(&fields, visit.lang.code());
    let error = match desk.take_in(&input, None).await {
        Ok(_) => return Ok(Sent::Stored(Box::new(Redirect::to(visit.lang.path("/thanks"))))),
        Err(error) => desk.count_failure(error),
    };
    let Error::Invalid(faults) = &error else { return Err(Oops(error)) };
    let frame = visit.frame().await?;
    let programs = desk.catalogue.options(frame.lang).await?;
    let form = LeadFormView::refused(&input, faults, programs.to_vec(), &frame.site, frame.lang);
    // The address answers only what is sent to it: the switch leads to the home page.
    let shell = frame.shell("", &frame.t.form.refused_title, "").unlisted();
    let html = write(&InvalidPage { shell, form })?;
    Ok(Sent::Refused(Html(Status::BadRequest, html)))
}

fn input(fields: &[(String, String)], lang: &str) -> LeadInput {
    let text = |name: &str| FormFields::get(fields, name).map(str::to_owned);
    LeadInput {
        name: text("name"),
        email: text("email"),
        program: text("program"),
        consent: FormFields::get(fields, "gdprConsent").map(|v| matches!(v, "true" | "on" | "1")),
        page: text("page"),
        lang: Some(lang.to_owned()),
        website: text("website"),
    }
}

#[get("/thanks")]
pub async fn thanks(visit: Visit<'_>) -> Page<Cached> {
    let shown = visit
        .page("/thanks", |_, frame| {
            let shell = frame.shell("/thanks", &frame.t.thanks.page_title, "").unlisted();
            Rendered::page(&ThanksPage { shell })
        })
        .await?;
    Ok(shown)
}
