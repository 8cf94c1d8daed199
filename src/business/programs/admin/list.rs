//! The list of programs.

use askama::Template;
use rocket::{State, get};

use crate::admin::accounts::caller::ReadContent;
use crate::admin::accounts::model::Capability;
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::table::{Cell, Column, Empty, Row, Table, Tone};
use crate::admin::shell::{Asked, Dashboard, View};
use crate::business::programs::edit::{self, Stored};
use crate::business::programs::model::duration;
use crate::platform::db::{self, Db};
use crate::platform::lang::{Lang, format};

#[derive(Template)]
#[template(path = "admin/programs/list.html")]
struct ListPage {
    view: View,
    table: Table,
}

#[get("/admin/programs")]
pub async fn list(_who: ReadContent, here: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    let (view, may_edit) = (here.view("Programs"), here.may(Capability::EditContent));
    let found: db::Result<Vec<Stored>> = db.read(edit::all).await;
    let columns = vec![
        Column::new("Name"),
        Column::new("State"),
        Column::new("Price").number(),
        Column::new("Offer now").minor(),
        Column::new("Length").minor(),
        Column::new("Languages").minor(),
        Column::new("Changed").minor(),
    ];
    let mut table = Table::new(&view, &asked, "programs", columns);
    table.rows = found?.into_iter().map(|program| row(program, may_edit)).collect();
    table.total = Some(table.rows.len().to_string());
    table.empty = Empty {
        title: "Nothing is for sale yet",
        text: "A program is what you sell: its price, what it consists of, and where it can be bought.",
        action: may_edit.then(|| ("Add a program", "/admin/programs/new".to_owned())),
    };
    Answer::page(&ListPage { view, table })
}

fn row(program: Stored, may_edit: bool) -> Row {
    let path = format!("/programs/{}", program.slug);
    let href = if may_edit { super::address(&program, Lang::En) } else { path.clone() };
    let sold = program.shown(Lang::En);
    let state = match (program.published, sold.checkout_url.is_some()) {
        (false, _) => Cell::Badge("Hidden".into(), Tone::Plain),
        (true, false) => Cell::Badge("List only".into(), Tone::Warn),
        (true, true) => Cell::Badge("On sale".into(), Tone::Good),
    };
    let others = program.others.iter().map(|(lang, _)| lang.code().to_uppercase());
    let languages: Vec<String> = ["EN".to_owned()].into_iter().chain(others).collect();
    Row {
        label: program.english.name.clone(),
        cells: vec![
            Cell::Name { text: program.english.name, href, sub: path },
            state,
            Cell::text(format::money(Lang::En, program.price_minor, &program.currency)),
            sold.offer.map_or(Cell::Nothing, |offer| Cell::text(offer.name)),
            Cell::text(duration(Lang::En, program.duration_weeks)),
            Cell::text(languages.join(", ")),
            Cell::Time(program.updated_at),
        ],
        id: program.id,
    }
}
