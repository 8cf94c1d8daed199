//! `/search`: the form, and what was found.

use askama::Template;
use rocket::http::Status;
use rocket::{State, get};

use super::model::{Kind, Query, path_of};
use super::snippet::{Piece, highlight, snippet};
use super::store::{self, Found};
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::http::page::write;
use crate::platform::http::{Html, Page, RawQuery, Shell, Visit};
use crate::platform::lang::{Lang, Text, format};

const SHOWN: i64 = 10;
/// Nobody reads on from here; a better word is quicker.
const PAGES: i64 = 10;

#[derive(Template)]
#[template(path = "search/show.html")]
struct ShowPage<'a> {
    shell: Shell,
    query: &'a str,
    /// None when there is nothing to search for.
    results: Option<Results>,
}

struct Results {
    /// `3 results for “brand”`.
    heading: Text,
    items: Vec<Item>,
    previous: Option<String>,
    next: Option<String>,
}

struct Item {
    kind: &'static Text,
    href: String,
    title: Vec<Piece>,
    text: Vec<Piece>,
}

#[get("/search")]
pub async fn show(visit: Visit<'_>, db: &State<Db>, raw: RawQuery) -> Page<Html> {
    let (query, page) = read(raw.0.as_deref());
    let frame = visit.frame().await?;
    let t = &frame.t.search;
    let title = match query.text() {
        "" => t.title.to_string(),
        text => format!("{}: {text}", t.title),
    };
    let shell = frame.shell("/search", title, &t.description).unlisted();
    let results = if query.is_empty() {
        None
    } else {
        let (lang, asked) = (frame.lang, query.clone());
        let (page, found) = db.read(move |conn| found(conn, lang, &asked, page)).await?;
        Some(Results::new(&shell, &query, page, found))
    };
    let html = write(&ShowPage { shell, query: query.text(), results })?;
    Ok(Html(Status::Ok, html))
}

/// Query and page. Links are passed on with the parameters of others, so those are ignored here,
/// and so is a page that makes no sense.
fn read(raw: Option<&str>) -> (Query, i64) {
    let (mut query, mut page) = (Query::default(), 1);
    for (name, value) in url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).take(32) {
        match &*name {
            "q" => query = Query::parse(&value),
            "page" => page = value.parse().unwrap_or(1).clamp(1, PAGES),
            _ => {}
        }
    }
    (query, page)
}

/// One row more than a page shows, and the page they are of: a link to a page that is no longer
/// there leads to the first.
fn found(
    conn: &mut db::Conn<'_>,
    lang: Lang,
    query: &Query,
    page: i64,
) -> db::Result<(i64, Vec<Found>)> {
    let now = clock::now_ms();
    let rows = store::find(conn, lang, query, now, (page - 1) * SHOWN, SHOWN + 1)?;
    if rows.is_empty() && page > 1 {
        return Ok((1, store::find(conn, lang, query, now, 0, SHOWN + 1)?));
    }
    Ok((page, rows))
}

impl Results {
    fn new(shell: &Shell, query: &Query, page: i64, mut found: Vec<Found>) -> Self {
        let t = &shell.t.search;
        let more = found.len() as i64 > SHOWN;
        found.truncate(SHOWN as usize);
        let n = (page - 1) * SHOWN + found.len() as i64;
        let heading = match n {
            0 => &t.results_none,
            _ if more => &t.results_more,
            1 => &t.results_one,
            _ => &t.results_many,
        };
        let link = |page: i64| {
            let mut pairs = url::form_urlencoded::Serializer::new(String::new());
            pairs.append_pair("q", query.text());
            if page > 1 {
                pairs.append_pair("page", &page.to_string());
            }
            format!("{}?{}", shell.to("/search"), pairs.finish())
        };
        Self {
            // The query last: what somebody typed is no placeholder.
            heading: heading.with("n", format::number(shell.lang, n)).with("query", query.text()),
            items: found.into_iter().map(|found| Item::new(shell, query, &found)).collect(),
            previous: (page > 1).then(|| link(page - 1)),
            next: (more && page < PAGES).then(|| link(page + 1)),
        }
    }
}

impl Item {
    fn new(shell: &Shell, query: &Query, found: &Found) -> Self {
        let t = &shell.t.search;
        let mut text = snippet(&found.body, query);
        // Found by its title or its summary: then the summary says best what it is.
        if !found.summary.is_empty() && !text.iter().any(|piece| piece.hit) {
            text = highlight(&found.summary, query);
        }
        Self {
            kind: match found.kind {
                Kind::Article => &t.kind_article,
                Kind::Program => &t.kind_program,
                Kind::Page => &t.kind_page,
            },
            href: shell.to(&path_of(found.kind, &found.slug)),
            title: highlight(&found.title, query),
            text,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn parameters_of_others_and_senseless_pages_are_ignored() {
        for (raw, text, page) in [
            (None, "", 1),
            (Some("utm_source=x&q=a+b%26&page=3"), "a b&", 3),
            (Some("page=0&q=x"), "x", 1),
            (Some("page=99"), "", 10),
            (Some("page=two&q"), "", 1),
        ] {
            let (query, found) = read(raw);
            assert_eq!((query.text(), found), (text, page), "{raw:?}");
        }
    }

    #[test]
    fn a_result_is_marked_and_nothing_typed_or_stored_is_html() {
        let shell = Shell::new(Lang::Es, Arc::default(), "/search", "<i>", "").unlisted();
        let query = Query::parse("<i> acción {n}");
        let found = Found {
            kind: Kind::Article,
            slug: "x".into(),
            title: "Accion & <b>".into(),
            summary: "La acción".into(),
            body: "Nada".into(),
        };
        let results = Results::new(&shell, &query, 2, vec![found; 11]);
        let html = write(&ShowPage { shell, query: query.text(), results: Some(results) }).unwrap();
        for part in [
            "Más de 20 resultados para «&#60;i&#62; acción {n}»",
            "<a href=\"/es/articles/x\"><mark>Accion</mark> &#38; &#60;b&#62;</a>",
            "<p>La <mark>acción</mark></p>",
            "href=\"/es/search?q=%3Ci%3E+acci%C3%B3n+%7Bn%7D\"",
            "&#38;page=3\"",
            "value=\"&#60;i&#62; acción {n}\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }
}
