//! The list of pages.

use askama::Template;
use rocket::{State, get};

use crate::admin::accounts::caller::ReadContent;
use crate::admin::accounts::model::Capability;
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table, Tone};
use crate::admin::shell::{Asked, Dashboard, View};
use crate::business::pages::edit::{self, Stored};
use crate::business::pages::view::States;
use crate::platform::db::{self, Db};
use crate::platform::lang::Lang;

#[derive(Template)]
#[template(path = "admin/pages/list.html")]
struct ListPage {
    view: View,
    table: Table,
}

#[get("/admin/pages")]
pub async fn list(_who: ReadContent, here: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    let (view, may_edit) = (here.view("Pages"), here.may(Capability::EditContent));
    let found: db::Result<Vec<Stored>> = db.read(edit::all).await;
    let mut found = found?;
    let (lang, states) = (asked.word::<Lang>("lang"), asked.word::<States>("state"));
    let words = asked.get("q").to_lowercase();
    found.retain(|page| {
        lang.is_none_or(|lang| page.lang == lang)
            && states.is_none_or(|states| states.fits(page))
            && (page.title.to_lowercase().contains(&words) || page.slug.contains(&words))
    });
    let columns = vec![
        Column::new("Title"),
        Column::new("State"),
        Column::new("Language"),
        Column::new("Version of").minor(),
        Column::new("Changed").minor(),
    ];
    let mut table = Table::new(&view, &asked, "pages", columns);
    table.total = Some(found.len().to_string());
    table.rows = found.into_iter().map(|page| row(page, may_edit)).collect();
    let choice = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let language = |lang: Lang| choice(lang.code(), lang.words().site.name_of_language.as_str());
    table.filters = vec![
        Filter::Search { name: "q", label: "Title or address" },
        Filter::Choice {
            name: "state",
            label: "State",
            choices: vec![choice("draft", "Drafts"), choice("published", "Published")],
        },
        Filter::Choice {
            name: "lang",
            label: "Language",
            choices: Lang::ALL.into_iter().map(language).collect(),
        },
    ];
    table.empty = Empty {
        title: "No pages yet",
        text: "Pages are texts that stand at an address of their own, such as an imprint or who you are.",
        action: may_edit.then(|| ("Write a page", "/admin/pages/new".to_owned())),
    };
    Answer::page(&ListPage { view, table })
}

fn row(page: Stored, may_edit: bool) -> Row {
    let path = page.lang.path(&format!("/{}", page.slug));
    let href = if may_edit { super::address(&page) } else { path.clone() };
    let state = if page.dated_at.is_some() {
        Cell::Badge("Published".into(), Tone::Good)
    } else {
        Cell::Badge("Draft".into(), Tone::Plain)
    };
    Row {
        label: page.title.clone(),
        cells: vec![
            Cell::Name { text: page.title, href, sub: path },
            state,
            Cell::text(page.lang.code().to_uppercase()),
            Cell::TimeOr(page.dated_at, "–"),
            Cell::Time(page.updated_at),
        ],
        id: page.id,
    }
}
