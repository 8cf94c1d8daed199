//! `/admin/leads`: the list, and the same as a file.

use askama::Template;
use jiff::tz::TimeZone;
use rocket::{State, get};

use crate::admin::accounts::caller::ReadLeads;
use crate::admin::shell::answer::{Paged, Refusal};
use crate::admin::shell::table::{Bulk, Cell, Column, Empty, Filter as Field, Row, Table};
use crate::admin::shell::{Answer, Asked, Confirmed, Dashboard, View};
use crate::business::leads::desk::Page;
use crate::business::leads::desk::model::{Cursor, Key, Order};
use crate::business::leads::export::{self, Export};
use crate::business::leads::filter::Filter;
use crate::business::leads::segments::{self, Count, Segment};
use crate::business::leads::tags::model::Order as TagOrder;
use crate::business::leads::{Lead, bulk, desk, tags};
use crate::business::programs::Catalogue;
use crate::platform::clock;
use crate::platform::db::{self, Conn, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::Download;
use crate::platform::http::page::escape;
use crate::platform::lang::Lang;

/// Tags that the list can be narrowed to by choosing; others stand in the address.
const TAGS: i64 = 200;

#[derive(Template)]
#[template(path = "admin/leads/list.html")]
struct ListPage {
    view: View,
    table: Table,
    /// What is wrong with the filters of the address.
    faults: Vec<String>,
    /// Of the filters, to be saved.
    query: String,
    words: String,
    /// The segment that asks for just this.
    segment: Option<Segment>,
    /// Work on many that goes on.
    work: Option<bulk::Bulk>,
}

/// What the list is read from.
struct Found {
    page: Page,
    count: Count,
    tags: Vec<String>,
    segments: Vec<Segment>,
    work: Option<bulk::Bulk>,
}

#[get("/leads")]
pub(super) async fn list(
    _caller: ReadLeads,
    dashboard: Dashboard,
    asked: Asked,
    db: &State<Db>,
    catalogue: &State<Catalogue>,
) -> Paged {
    let (filter, faults) = match Filter::read(&asked.filters()) {
        Ok(filter) => (filter, Vec::new()),
        Err(faults) => (Filter::default(), faults),
    };
    let order = asked.word("sort").unwrap_or(Order::Newest);
    let limit = asked.limit();
    let after = asked.parsed("cursor", Cursor::parse).map(|cursor| cursor.place(order.by()));
    let (is_first, wanted) = (after.is_none(), filter.wanted(order, after, &dashboard.zone));
    let (counted, zone) = (filter.clone(), dashboard.zone.clone());
    let found: Found = db
        .read(move |conn| -> db::Result<Found> {
            let page = desk::list(conn, &wanted, limit)?;
            Ok(Found {
                count: count(conn, &counted, &zone, &page, is_first)?,
                page,
                tags: tags::list(conn, TagOrder::Most, None, TAGS)?
                    .into_iter()
                    .map(|t| t.name)
                    .collect(),
                segments: segments::all(conn)?,
                work: bulk::running(conn)?,
            })
        })
        .await?;
    let view = dashboard.view("Leads");
    let mut table = table(&view, &asked, &found.page.leads);
    table.looked_to = looked_to(&view, &found.page);
    table.next = found.page.next.map(|place| place.cursor());
    table.total = Some(found.count.words());
    let programs = catalogue.options(Lang::En).await?;
    let programs = programs.iter().map(|p| (p.slug.clone(), p.name.clone())).collect();
    table.filters = fields(programs, found.tags, &filter.tag);
    let query = filter.query();
    Answer::page(&ListPage {
        segment: found
            .segments
            .into_iter()
            .find(|segment| segment.query == query && !query.is_empty()),
        words: filter.words(),
        query,
        table,
        faults: faults.iter().map(|fault: &Fault| fault.message.clone()).collect(),
        work: found.work,
        view,
    })
}

/// How many there are; a page that begins and ends the list says it itself.
fn count(
    conn: &mut Conn<'_>,
    filter: &Filter,
    zone: &TimeZone,
    page: &Page,
    is_first: bool,
) -> db::Result<Count> {
    let shown = page.leads.len() as i64;
    if is_first && page.next.is_none() {
        return Ok(Count { leads: shown, more: false });
    }
    let count = segments::count(conn, filter, zone, segments::SOME_WORK)?;
    Ok(Count { leads: if count.more { count.leads.max(shown) } else { count.leads }, ..count })
}

/// How far a page has looked that ended before it was full.
fn looked_to(view: &View, page: &Page) -> Option<String> {
    let place = page.next.as_ref().filter(|_| page.is_short)?;
    Some(match &place.key {
        Key::Time(at) => view.time(at),
        Key::Text(text) => format!("“{}”", escape(&text.chars().take(40).collect::<String>())),
    })
}

fn fields(programs: Vec<(String, String)>, tags: Vec<String>, chosen: &str) -> Vec<Field> {
    let mut tags: Vec<(String, String)> = tags.into_iter().map(|tag| (tag.clone(), tag)).collect();
    if !chosen.is_empty() && tags.iter().all(|(tag, _)| tag != chosen) {
        tags.push((chosen.to_owned(), chosen.to_owned()));
    }
    tags.sort_by_key(|(tag, _)| tag.to_lowercase());
    let langs = [("en", "English"), ("es", "Spanish"), ("pt", "Portuguese")];
    let langs = langs.map(|(code, name)| (code.to_owned(), name.to_owned())).to_vec();
    vec![
        Field::Search { name: "q", label: "Name or e-mail address" },
        Field::Choice { name: "tag", label: "Tag", choices: tags },
        Field::Choice { name: "program", label: "Program", choices: programs },
        Field::Choice { name: "lang", label: "Language", choices: langs },
        Field::Day { name: "since", label: "From" },
        Field::Day { name: "until", label: "To" },
    ]
}

fn table(view: &View, asked: &Asked, leads: &[Lead]) -> Table {
    let columns = vec![
        Column::new("Name").sorted("name"),
        Column::new("Tags").minor(),
        Column::new("Program").minor(),
        Column::new("Language").minor(),
        Column::new("Came").sorted_down("created_at"),
    ];
    let mut table = Table::new(view, asked, "leads", columns);
    table.order = "-created_at";
    table.rows = leads.iter().map(row).collect();
    table.export = Some("/admin/leads.csv");
    if view.may("leads:write") {
        let bulk = |action: &str, label, is_danger, field| Bulk {
            action: format!("/admin/leads/bulk/{action}"),
            label,
            is_danger,
            field,
        };
        table.bulk = vec![
            bulk("tag", "Add tag", false, Some(("tag", "Tag"))),
            bulk("untag", "Remove tag", false, None),
            bulk("erase", "Erase", true, None),
        ];
    }
    table.empty = Empty {
        title: "Nobody has left an address yet",
        text: "Whoever fills in a form of your site stands here a moment later. You can also bring in a list that you have.",
        action: Some(("Import a list", "/admin/leads/import".to_owned())),
    };
    table
}

fn row(lead: &Lead) -> Row {
    let name = if lead.name.is_empty() { &lead.email } else { &lead.name };
    Row {
        id: lead.id.clone(),
        label: lead.email.clone(),
        cells: vec![
            Cell::Name {
                text: name.clone(),
                href: format!("/admin/leads/{}", lead.id),
                sub: lead.email.clone(),
            },
            if lead.tags.is_empty() { Cell::Nothing } else { Cell::Tags(lead.tags.clone()) },
            lead.program.as_ref().map_or(Cell::Nothing, |slug| Cell::text(slug.clone())),
            Cell::text(lead.lang.code()),
            Cell::Time(lead.created_at),
        ],
    }
}

#[get("/leads.csv")]
pub(super) async fn download(
    caller: ReadLeads,
    _confirmed: Confirmed,
    dashboard: Dashboard,
    asked: Asked,
    db: &State<Db>,
) -> Result<Download, Refusal> {
    let filter = Filter::read(&asked.filters()).map_err(Error::Invalid)?;
    let order = asked.word("sort").unwrap_or(Order::Newest);
    let (actor, narrowed, now) = (caller.0.actor(), !filter.is_empty(), clock::now_ms());
    db.write(move |tx| export::record(tx, &actor, narrowed, now)).await?;
    let name = format!("leads-{}.csv", clock::iso_date(now));
    Ok(Download::csv(name, Export::new(db, &filter.wanted(order, None, &dashboard.zone))))
}
