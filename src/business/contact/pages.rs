//! `/contact`, what it sends, and `/contact/sent`.

use askama::Template;
use rocket::http::Status;
use rocket::response::Redirect;
use rocket::{get, post};

use super::model::MessageInput;
use super::store;
use crate::business::leads::Desk;
use crate::business::leads::pages::Sent;
use crate::business::leads::view::{FaultView, fault_of, shown};
use crate::platform::error::Error;
use crate::platform::http::page::write;
use crate::platform::http::{Cached, FormFields, Html, Oops, Page, Rendered, Shell, Visit};

#[derive(Template)]
#[template(path = "contact/show.html")]
struct ContactPage {
    shell: Shell,
    name: String,
    email: String,
    message: String,
    faults: Vec<FaultView>,
}

impl ContactPage {
    fn fault(&self, field: &str) -> Option<&str> {
        fault_of(&self.faults, field)
    }
}

#[derive(Template)]
#[template(path = "contact/sent.html")]
struct SentPage {
    shell: Shell,
}

#[get("/contact")]
pub async fn show(visit: Visit<'_>) -> Page<Cached> {
    let shown = visit
        .page("/contact", |_, frame| {
            let t = &frame.t.contact;
            Rendered::page(&ContactPage {
                shell: frame.shell("/contact", &t.title, &t.description),
                name: String::new(),
                email: String::new(),
                message: String::new(),
                faults: Vec::new(),
            })
        })
        .await?;
    Ok(shown)
}

#[post("/contact", data = "<body>")]
pub async fn create(desk: Desk<'_>, visit: Visit<'_>, body: FormFields) -> Page<Sent> {
    let fields = body.0.map_err(|error| Oops(desk.count_failure(error)))?;
    let text = |name: &str| FormFields::get(&fields, name).map(str::to_owned);
    let input = MessageInput {
        name: text("name"),
        email: text("email"),
        message: text("message"),
        website: text("website"),
    };
    let error = match take_in(&desk, &input).await {
        Ok(()) => {
            let sent = Redirect::to(visit.lang.path("/contact/sent"));
            return Ok(Sent::Stored(Box::new(sent)));
        }
        Err(error) => desk.count_failure(error),
    };
    let Error::Invalid(faults) = &error else { return Err(Oops(error)) };
    let frame = visit.frame().await?;
    let html = write(&ContactPage {
        shell: frame.shell("/contact", &frame.t.contact.refused_title, "").unlisted(),
        name: shown(&input.name),
        email: shown(&input.email),
        message: input.message.unwrap_or_default().chars().take(8000).collect(),
        faults: faults.iter().map(|fault| FaultView::new(fault, frame.lang)).collect(),
    })?;
    Ok(Sent::Refused(Html(Status::BadRequest, html)))
}

async fn take_in(desk: &Desk<'_>, input: &MessageInput) -> Result<(), Error> {
    if input.is_trapped() {
        // A program filled in the hidden field: it hears what everybody hears.
        return desk.spend_accepted();
    }
    let message = input.parse().map_err(Error::Invalid)?;
    desk.spend_accepted()?;
    let lang = desk.lang();
    desk.db.write(move |tx| Ok(store::insert(tx, &message, lang)?)).await
}

#[get("/contact/sent")]
pub async fn sent(visit: Visit<'_>) -> Page<Cached> {
    let shown = visit
        .page("/contact/sent", |_, frame| {
            let shell = frame.shell("/contact/sent", &frame.t.contact.sent_title, "").unlisted();
            Rendered::page(&SentPage { shell })
        })
        .await?;
    Ok(shown)
}
