//! `/admin/mailbox`: what went out, and what the built-in mailbox keeps.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get};

use super::Mailer;
use super::model::{Mail, MailSummary};
use super::store;
use crate::admin::accounts::caller::ReadLeads;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table, Tone};
use crate::admin::shell::{Answer, Asked, Dashboard, View};
use crate::platform::db::{self, Db};
use crate::platform::error::Error;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::id;

const PATH: &str = "/admin/mailbox";

#[derive(Template)]
#[template(path = "admin/mail/list.html")]
struct ListPage {
    view: View,
    table: Table,
    reaches_people: bool,
}

#[derive(Template)]
#[template(path = "admin/mail/one.html")]
struct OnePage {
    view: View,
    mail: Mail,
}

#[get("/admin/mailbox")]
pub async fn list(
    _caller: ReadLeads,
    dashboard: Dashboard,
    db: &State<Db>,
    mailer: &State<Arc<Mailer>>,
    asked: Asked,
) -> Paged {
    let limit = asked.limit();
    let after = asked.parsed("cursor", paging::decode);
    let after = after.unwrap_or_else(|| TimeOrder::Newest.start());
    let words = asked.text("q").unwrap_or_default();
    let transport = asked.get("way").to_owned();
    let found: db::Result<Vec<MailSummary>> =
        db.read(move |conn| store::page(conn, (&after, &words, &transport), limit + 1)).await;
    let mut found = found?;
    let view = dashboard.view("Mailbox");
    let columns =
        vec![Column::new("Mail and to whom"), Column::new("Way").minor(), Column::new("When")];
    let mut table = Table::new(&view, &asked, "mails", columns);
    let ways = [("smtp", "sent"), ("local", "kept here")];
    table.filters = vec![
        Filter::Search { name: "q", label: "Address or subject" },
        Filter::Choice {
            name: "way",
            label: "Way",
            choices: ways.map(|(v, l)| (v.to_owned(), l.to_owned())).to_vec(),
        },
    ];
    table.next = paging::cut(&mut found, limit).map(|mail| paging::encode(&mail.id));
    table.rows = found.iter().map(row).collect();
    table.empty = Empty {
        title: "No mails",
        text: "Every mail to a lead or to you stands here for a while, whether it went out or was kept because no mail server is set.",
        action: None,
    };
    Answer::page(&ListPage { view, table, reaches_people: mailer.reaches_people() })
}

fn row(mail: &MailSummary) -> Row {
    let way = match mail.transport.as_str() {
        "smtp" => Cell::Badge("sent".into(), Tone::Good),
        _ => Cell::Badge("kept here".into(), Tone::Plain),
    };
    Row {
        id: mail.id.clone(),
        label: mail.subject.clone(),
        cells: vec![
            Cell::Name {
                text: mail.subject.clone(),
                href: format!("{PATH}/{}", mail.id),
                sub: mail.to.clone(),
            },
            way,
            Cell::Time(mail.created_at),
        ],
    }
}

#[get("/admin/mailbox/<id>")]
pub async fn show(_caller: ReadLeads, dashboard: Dashboard, db: &State<Db>, id: &str) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let found: db::Result<Mail> = db.read(move |conn| store::by_id(conn, &id)).await;
    let mail = found?;
    let view = dashboard.view(mail.summary.subject.clone()).below("Mailbox", PATH);
    Answer::page(&OnePage { view, mail })
}
