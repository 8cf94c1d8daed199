//! The list of articles, and what is done with several at once.

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::admin::accounts::model::Capability;
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::table::{Bulk, Cell, Column, Empty, Filter, Row, Table, Tone, grouped};
use crate::admin::shell::{Asked, Dashboard, Fields, Flash, Posted, View};
use crate::business::articles::desk::{self, States, Wanted};
use crate::business::articles::edit::{self, Edit, Stored};
use crate::business::articles::model::{Order, Summary};
use crate::business::articles::store::After;
use crate::platform::clock;
use crate::platform::db::{Conn, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::paging;
use crate::platform::id;
use crate::platform::lang::Lang;
use crate::platform::word::Word;

/// Articles that are changed at once at most.
const AT_ONCE: i64 = 500;

#[derive(Template)]
#[template(path = "admin/articles/list.html")]
struct ListPage {
    view: View,
    table: Table,
}

/// Asked before several articles are removed.
#[derive(Template)]
#[template(path = "admin/articles/remove.html")]
struct RemovePage {
    view: View,
    ids: Vec<String>,
    titles: Vec<String>,
    /// What has to be typed.
    words: String,
    is_wrong: bool,
}

#[get("/admin/articles")]
pub async fn list(_who: ReadContent, here: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    let view = here.view("Articles");
    let may_edit = here.may(Capability::EditContent);
    let wanted = wanted(&asked);
    let limit = asked.limit();
    let (found, total) = db
        .read(move |conn| -> Result<_, Error> {
            Ok((desk::list(conn, &wanted, limit + 1)?, desk::count(conn, &wanted)?))
        })
        .await?;
    let table = table(&view, &asked, may_edit, found, total);
    Answer::page(&ListPage { view, table })
}

/// What the address asks for; what makes no sense is left out.
fn wanted(asked: &Asked) -> Wanted {
    let order = asked.word("sort").unwrap_or(Order::LastChanged);
    Wanted {
        states: asked.word("state").unwrap_or(States::Any),
        lang: asked.word("lang"),
        topic: asked.text("tag"),
        words: asked.text("q").unwrap_or_default(),
        by_change: order.is_by_change(),
        newest_first: order.is_newest_first(),
        after: asked.parsed("cursor", decode),
        now_ms: clock::now_ms(),
    }
}

fn decode(cursor: &str) -> Option<After> {
    let (key, id) = cursor.split_once('-')?;
    Some(After { key: key.parse().ok()?, id: paging::decode(id)? })
}

fn table(view: &View, asked: &Asked, may_edit: bool, mut found: Vec<Summary>, total: i64) -> Table {
    let columns = vec![
        Column::new("Title"),
        Column::new("State"),
        Column::new("Topics").minor(),
        Column::new("Language").minor(),
        Column::new("Date").sorted_down("published_at").minor(),
        Column::new("Changed").sorted_down("updated_at").minor(),
    ];
    let mut table = Table::new(view, asked, "articles", columns);
    table.order = "-updated_at";
    table.next = paging::cut(&mut found, asked.limit()).map(|last| {
        let After { key, id } = wanted(asked).after(last);
        format!("{key}-{}", paging::encode(&id))
    });
    table.rows = found.into_iter().map(|summary| row(summary, may_edit, view.now_ms)).collect();
    table.total = Some(grouped(total));
    let choice = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
    };
    let mut languages = Vec::new();
    for lang in Lang::ALL {
        let name = lang.words().site.name_of_language.as_str();
        languages.push((lang.code().to_owned(), name.to_owned()));
    }
    let states =
        choice(&[("draft", "Drafts"), ("scheduled", "Scheduled"), ("published", "Published")]);
    table.filters = vec![
        Filter::Search { name: "q", label: "Title or address" },
        Filter::Choice { name: "state", label: "State", choices: states },
        Filter::Choice { name: "lang", label: "Language", choices: languages },
    ];
    let act = |name: &str, label, is_danger| Bulk {
        action: format!("/admin/bulk/articles/{name}"),
        label,
        is_danger,
        field: None,
    };
    if may_edit {
        table.bulk = vec![
            act("publish", "Publish", false),
            act("take-back", "Take back", false),
            act("remove", "Remove …", true),
        ];
    }
    table.empty = Empty {
        title: "No articles yet",
        text: "Articles are what visitors come to read, and how search engines find you. Each teaches one thing that can be used the same day.",
        action: may_edit.then(|| ("Write the first article", "/admin/articles/new".to_owned())),
    };
    table
}

fn row(summary: Summary, may_edit: bool, now_ms: i64) -> Row {
    let state = desk::State::of(summary.published_at, now_ms);
    let tone = match state {
        desk::State::Draft => Tone::Plain,
        desk::State::Scheduled => Tone::Warn,
        desk::State::Published => Tone::Good,
    };
    let lang = Lang::from_code(&summary.lang).unwrap_or(Lang::En);
    let path = lang.path(&format!("/articles/{}", summary.slug));
    let href = if may_edit { super::address(&summary) } else { path.clone() };
    let mut word = state.word().to_owned();
    word[..1].make_ascii_uppercase();
    Row {
        id: summary.id,
        label: summary.title.clone(),
        cells: vec![
            Cell::Name { text: summary.title, href, sub: path },
            Cell::Badge(word, tone),
            Cell::Tags(summary.tags),
            Cell::text(lang.code().to_uppercase()),
            Cell::TimeOr(summary.published_at, "–"),
            Cell::Time(summary.updated_at),
        ],
    }
}

/// What is done with the articles that were chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Publish,
    TakeBack,
    Remove,
    /// Gives each the date that it had: takes the others back.
    Undo,
}

impl Word for Act {
    const ALL: &'static [Self] = &[Self::Publish, Self::TakeBack, Self::Remove, Self::Undo];

    fn word(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::TakeBack => "take-back",
            Self::Remove => "remove",
            Self::Undo => "undo",
        }
    }
}

/// Does the same with several articles: publishes them, takes them back, or removes them for good.
#[post("/admin/bulk/articles/<name>", data = "<sent>")]
pub async fn bulk(db: &State<Db>, name: &str, sent: Posted<EditContent>) -> Paged {
    let here = sent.dashboard.clone();
    let act = Act::of_word(name).ok_or(Error::NotFound)?;
    let (fields, actor, now) = (sent.fields.clone(), sent.who.actor(), clock::now_ms());
    if act == Act::Remove {
        return remove(here, db, &sent).await;
    }
    let changed = db
        .write(move |tx| -> Result<Vec<(String, Option<i64>)>, Error> {
            let mut changed = Vec::new();
            for (stored, at) in chosen(tx, &fields, act, now)? {
                let was = stored.article.summary.published_at;
                let is_public = was.is_some_and(|at| at <= now);
                if act == Act::Publish && is_public || was == at {
                    continue;
                }
                let edit = Edit { published_at: Some(at), ..Edit::default() };
                let after = edit::update(tx, &actor, stored, edit, now)?;
                changed.push((after.article.summary.id, was));
            }
            Ok(changed)
        })
        .await?;
    let count = match changed.len() {
        0 => return Ok(Answer::to("/admin/articles", Flash::good("Nothing had to be changed."))),
        1 => "One article is".to_owned(),
        more => format!("{more} articles are"),
    };
    let what = match act {
        Act::Publish => "public now",
        Act::Undo => "as before",
        Act::TakeBack | Act::Remove => "drafts again",
    };
    let was: Vec<String> = changed
        .iter()
        .map(|(id, was)| format!("{id}:{}", was.map(|at| at.to_string()).unwrap_or_default()))
        .collect();
    let pairs: Vec<(&str, &str)> = was.iter().map(|was| ("was", was.as_str())).collect();
    let flash = Flash::good(format!("{count} {what}.")).undo("/admin/bulk/articles/undo", &pairs);
    Ok(Answer::to("/admin/articles", flash))
}

/// The articles that a form names, each with the date that it is to have.
fn chosen(
    conn: &mut Conn<'_>,
    fields: &Fields,
    act: Act,
    now: i64,
) -> Result<Vec<(Stored, Option<i64>)>, Error> {
    if act == Act::Undo {
        let mut found = Vec::new();
        for was in fields.all("was").into_iter().take(AT_ONCE as usize) {
            let Some((id, at)) = was.split_once(':') else { continue };
            let Some(stored) = edit::by_id(conn, id)? else { continue };
            found.push((stored, at.parse().ok().filter(|at| *at >= 0)));
        }
        return Ok(found);
    }
    let at = (act == Act::Publish).then_some(now);
    Ok(named(conn, fields)?.into_iter().map(|stored| (stored, at)).collect())
}

/// The articles whose boxes were ticked, or all that the filters let through.
fn named(conn: &mut Conn<'_>, fields: &Fields) -> Result<Vec<Stored>, Error> {
    let ids: Vec<String> = if fields.is_on("all") {
        let mut wanted = wanted(&Asked::read("/admin/articles", fields.get("filters")));
        wanted.after = None;
        let found = desk::list(conn, &wanted, AT_ONCE + 1)?;
        if found.len() > AT_ONCE as usize {
            let why = format!("{AT_ONCE} articles can be changed at once; narrow the list");
            return Err(Error::Conflict(why));
        }
        found.into_iter().map(|summary| summary.id).collect()
    } else {
        fields.all("id").into_iter().filter_map(id::parse).collect()
    };
    let mut found = Vec::new();
    for id in ids {
        found.extend(edit::by_id(conn, &id)?);
    }
    Ok(found)
}

/// Removes what was chosen, once how many they are was typed.
async fn remove(here: Dashboard, db: &Db, sent: &Posted<EditContent>) -> Paged {
    let (fields, actor, now) = (sent.fields.clone(), sent.who.actor(), clock::now_ms());
    let found = db.read(move |conn| named(conn, &fields)).await?;
    if found.is_empty() {
        return Ok(Answer::to(
            "/admin/articles",
            Flash::bad("Choose the articles to remove first."),
        ));
    }
    let words = format!("remove {}", found.len());
    let typed = sent.fields.get("typed").trim().to_owned();
    if typed != words {
        let page = RemovePage {
            view: here.view("Remove articles").below("Articles", "/admin/articles"),
            ids: found.iter().map(|stored| stored.article.summary.id.clone()).collect(),
            titles: found.into_iter().map(|stored| stored.article.summary.title).collect(),
            words,
            is_wrong: !typed.is_empty(),
        };
        return if page.is_wrong { Answer::refused(&page) } else { Answer::page(&page) };
    }
    let count = found.len();
    db.write(move |tx: &mut Tx<'_>| -> Result<(), Error> {
        for stored in &found {
            edit::remove(tx, &actor, stored, now)?;
        }
        Ok(())
    })
    .await?;
    let text = if count == 1 {
        "One article is removed.".into()
    } else {
        format!("{count} articles are removed.")
    };
    Ok(Answer::to("/admin/articles", Flash::good(text)))
}
