//! `/admin/search`: pages, leads, articles, settings and actions, from one field.

use askama::Template;
use rocket::{State, get};

use crate::admin::accounts::model::Capability;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::{Answer, Dashboard, View};
use crate::business::articles::desk::{self as articles, States};
use crate::business::leads::desk as leads;
use crate::business::leads::desk::model::{Order, Wanted};
use crate::business::leads::model::Beginnings;
use crate::business::search::fold;
use crate::platform::clock;
use crate::platform::config::GROUPS;
use crate::platform::db::{self, Conn, Db};
use crate::platform::error::Error;

/// Of each kind.
const AT_MOST: usize = 6;

/// Something that was found.
struct Hit {
    label: String,
    sub: String,
    href: String,
}

struct Group {
    label: &'static str,
    hits: Vec<Hit>,
}

#[derive(Template)]
#[template(path = "admin/dashboard/search.html")]
struct SearchPage {
    view: View,
    query: String,
    groups: Vec<Group>,
}

/// The list alone, for the field that opens above a page.
#[derive(Template)]
#[template(path = "admin/dashboard/_found.html")]
struct Part {
    query: String,
    groups: Vec<Group>,
}

#[get("/admin/search?<q>&<part>")]
pub async fn show(
    dashboard: Dashboard,
    db: &State<Db>,
    q: Option<&str>,
    part: Option<&str>,
) -> Paged {
    let query: String = q.unwrap_or_default().trim().chars().take(100).collect();
    let mut groups = vec![Group { label: "Pages", hits: pages(&dashboard.view(""), &query) }];
    if !query.is_empty() && !query.contains('\0') {
        if dashboard.may(Capability::ReadSettings) {
            groups.push(Group { label: "Settings", hits: settings(&query) });
        }
        let (text, people_too) = (query.clone(), dashboard.may(Capability::ReadLeads));
        let content = dashboard.may(Capability::ReadContent);
        let found: Result<Vec<Group>, Error> = db
            .read(move |conn| {
                let mut groups = Vec::new();
                if people_too {
                    groups.push(Group { label: "Leads", hits: people(conn, &text)? });
                }
                if content {
                    groups.push(Group { label: "Articles", hits: written(conn, &text)? });
                }
                Ok(groups)
            })
            .await;
        groups.extend(found?);
    }
    groups.retain(|group| !group.hits.is_empty());
    if part.is_some() {
        return Answer::page(&Part { query, groups });
    }
    let title = if query.is_empty() { "Search".to_owned() } else { format!("Search: {query}") };
    Answer::page(&SearchPage { view: dashboard.view(title), query, groups })
}

/// Whether every word of `query` begins a word of `text`.
fn fits(text: &str, query: &str) -> bool {
    let (text, query) = (fold(text), fold(query));
    query.split(' ').all(|part| text.split(' ').any(|word| word.starts_with(part)))
}

/// Places of the dashboard, and what can be begun there.
fn pages(view: &View, query: &str) -> Vec<Hit> {
    let actions = [
        ("Write an article", "/admin/articles/new", "/admin/articles"),
        ("Import leads", "/admin/leads/import", "/admin/leads"),
        ("Invite somebody", "/admin/team/new", "/admin/team"),
        ("Add a webhook", "/admin/webhooks/new", "/admin/webhooks"),
        ("Make a token", "/admin/tokens/new", "/admin/tokens"),
    ];
    let items = view.rail.iter().flat_map(|group| {
        group.items.iter().map(|item| Hit {
            label: item.label.to_owned(),
            sub: if group.label == item.label { String::new() } else { group.label.to_owned() },
            href: item.path.to_owned(),
        })
    });
    let is_there =
        |path: &str| view.rail.iter().flat_map(|g| &g.items).any(|item| item.path == path);
    let begun = actions.iter().filter(|(_, _, home)| is_there(home)).map(|(label, href, _)| Hit {
        label: (*label).to_owned(),
        sub: "Action".into(),
        href: (*href).to_owned(),
    });
    let all = items.chain(begun);
    all.filter(|hit| query.is_empty() || fits(&format!("{} {}", hit.label, hit.sub), query))
        .take(if query.is_empty() { 40 } else { 2 * AT_MOST })
        .collect()
}

fn settings(query: &str) -> Vec<Hit> {
    let keys = GROUPS.iter().flat_map(|group| group.keys);
    let hit = |key: &crate::platform::config::keys::Key| Hit {
        label: key.path.to_owned(),
        sub: key.help.to_owned(),
        href: format!("/admin/settings/{}", key.path),
    };
    let found = keys.filter(|key| {
        let text =
            format!("{} {} {}", key.path.replace(['.', '_'], " "), key.help, key.env.join(" "));
        fits(&text, query)
    });
    found.map(hit).take(AT_MOST).collect()
}

fn people(conn: &mut Conn<'_>, query: &str) -> db::Result<Vec<Hit>> {
    let wanted = Wanted { looked_for: Some(Beginnings::of(query)), ..Wanted::all(Order::Newest) };
    let found = leads::list(conn, &wanted, AT_MOST as i64)?.leads;
    let hit = |lead: crate::business::leads::Lead| Hit {
        label: lead.name,
        sub: lead.email,
        href: format!("/admin/leads/{}", lead.id),
    };
    Ok(found.into_iter().map(hit).collect())
}

/// Among the articles that were changed last.
fn written(conn: &mut Conn<'_>, query: &str) -> db::Result<Vec<Hit>> {
    let wanted = articles::Wanted {
        states: States::Any,
        lang: None,
        topic: None,
        words: String::new(),
        by_change: true,
        newest_first: true,
        after: None,
        now_ms: clock::now_ms(),
    };
    let found = articles::list(conn, &wanted, 500)?;
    let hits = found.into_iter().filter(|article| fits(&article.title, query)).map(|article| Hit {
        href: format!("/admin/articles/{}", article.slug),
        label: article.title,
        sub: article.lang,
    });
    Ok(hits.take(AT_MOST).collect())
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn what_is_looked_for_are_beginnings_of_words() {
        assert!(fits("Slow queries Operate", "que slo"));
        assert!(fits("Página de inicio", "pagina"));
        assert!(!fits("Slow queries", "low"));
    }
}
