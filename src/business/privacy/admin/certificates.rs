//! `/admin/privacy/certificates`: that people were erased, and whether somebody was.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::ReadLeads;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::{Answer, Asked, Dashboard, Faults, Posted, View};
use crate::business::privacy::Certificate;
use crate::business::privacy::erase;
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::id;
use crate::platform::text::parse_email;

const AT_ONCE: i64 = 50;

#[derive(Template)]
#[template(path = "admin/privacy/certificates.html")]
struct ListPage {
    view: View,
    certificates: Vec<Certificate>,
    next: Option<String>,
    /// What was looked for; empty for the list.
    email: String,
    is_answer: bool,
    faults: Faults,
}

fn frame(dashboard: &Dashboard) -> View {
    dashboard.view("Certificates").below("Privacy", "/admin/privacy")
}

#[get("/privacy/certificates")]
pub(super) async fn list(
    _caller: ReadLeads,
    dashboard: Dashboard,
    asked: Asked,
    db: &State<Db>,
) -> Paged {
    let place = |text: &str| {
        let (at, id) = text.split_once('-')?;
        Some((at.parse::<i64>().ok()?, id::parse(id)?))
    };
    let (at, id) = asked.parsed("cursor", place).unwrap_or((i64::MAX, String::new()));
    let found: db::Result<Vec<Certificate>> =
        db.read(move |conn| erase::certificates(conn, (at, &id), AT_ONCE)).await;
    let certificates = found?;
    let last = certificates.last().filter(|_| certificates.len() as i64 == AT_ONCE);
    Answer::page(&ListPage {
        view: frame(&dashboard),
        next: last.map(|last| asked.with("cursor", &format!("{}-{}", last.erased_at, last.id))),
        certificates,
        email: String::new(),
        is_answer: false,
        faults: Faults::default(),
    })
}

/// Whether somebody was erased. Sent by POST, so that the address stands in no log and no history.
#[post("/privacy/certificates", data = "<posted>")]
pub(super) async fn find(
    posted: Posted<ReadLeads>,
    db: &State<Db>,
    accounts: &State<Arc<Accounts>>,
) -> Paged {
    let typed = posted.fields.get("email");
    let mut page = ListPage {
        view: frame(&posted.dashboard),
        certificates: Vec::new(),
        next: None,
        email: typed.chars().take(300).collect(),
        is_answer: true,
        faults: Faults::default(),
    };
    let Ok(address) = parse_email(Some(typed)) else {
        let fault = Fault::of("email", "invalid", "Enter an e-mail address");
        page.faults = Faults::of(Error::Invalid(vec![fault]))?;
        page.is_answer = false;
        return Answer::refused(&page);
    };
    let key = accounts.data_key.clone();
    let found: db::Result<Vec<Certificate>> =
        db.read(move |conn| erase::certificates_of(conn, &key, &address)).await;
    page.certificates = found?;
    Answer::page(&page)
}

#[derive(Template)]
#[template(path = "admin/privacy/certificate.html")]
struct CertificatePage {
    view: View,
    certificate: Certificate,
}

#[get("/privacy/certificates/<id>")]
pub(super) async fn show(
    _caller: ReadLeads,
    dashboard: Dashboard,
    db: &State<Db>,
    id: &str,
) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<Certificate> = db.read(move |conn| erase::certificate(conn, &id)).await;
    let view = dashboard
        .view("Certificate of erasure")
        .below("Privacy", "/admin/privacy")
        .below("Certificates", "/admin/privacy/certificates");
    Answer::page(&CertificatePage { view, certificate: found? })
}
