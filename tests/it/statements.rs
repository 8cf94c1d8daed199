//! Every statement of the product, on the engine that the tests run on.

use manero::admin::{accounts, settings};
use manero::business::{
    articles, contact, content, leads, mail, media, pages, privacy, programs, redirects, revisions,
    search, theme, webhooks,
};
use manero::ops::{jobs, logs, rotation, uptime};
use manero::platform::db::{self, Error, Sql};
use manero::platform::http::idempotency;
use manero::platform::outbox;

use crate::app::TestApp;
use crate::source;

fn statements() -> Vec<(&'static str, Sql)> {
    [
        &db::queries()[..],
        idempotency::QUERIES,
        outbox::QUERIES,
        outbox::PERIODIC_QUERIES,
        programs::store::QUERIES,
        programs::edit::QUERIES,
        programs::news::QUERIES,
        programs::offers::QUERIES,
        articles::store::QUERIES,
        articles::seed::QUERIES,
        articles::desk::QUERIES,
        articles::drafts::QUERIES,
        articles::edit::QUERIES,
        articles::news::QUERIES,
        content::store::QUERIES,
        contact::store::QUERIES,
        contact::news::QUERIES,
        media::store::QUERIES,
        media::desk::QUERIES,
        media::edit::QUERIES,
        media::uses::QUERIES,
        pages::store::QUERIES,
        pages::edit::QUERIES,
        redirects::store::QUERIES,
        revisions::store::QUERIES,
        search::store::QUERIES,
        leads::store::QUERIES,
        leads::figures::QUERIES,
        leads::filing::QUERIES,
        leads::desk::walks::QUERIES,
        leads::desk::edges::QUERIES,
        leads::desk::gathers::QUERIES,
        leads::desk::counts::QUERIES,
        leads::desk::tallies::QUERIES,
        leads::detail::store::QUERIES,
        leads::tags::store::QUERIES,
        leads::notes::store::QUERIES,
        leads::news::QUERIES,
        leads::import::store::QUERIES,
        leads::merge::store::QUERIES,
        leads::segments::store::QUERIES,
        leads::bulk::store::QUERIES,
        privacy::store::QUERIES,
        mail::store::QUERIES,
        theme::store::QUERIES,
        webhooks::store::QUERIES,
        rotation::store::QUERIES,
        accounts::links::QUERIES,
        accounts::audit::store::QUERIES,
        accounts::auth::store::QUERIES,
        accounts::tokens::store::QUERIES,
        accounts::users::store::QUERIES,
        uptime::api::QUERIES,
        settings::store::QUERIES,
        jobs::store::QUERIES,
    ]
    .concat()
}

#[test]
fn every_statement_of_the_business_database_prepares() {
    let app = TestApp::start();
    for (name, sql) in statements() {
        let prepared = app.db().read_blocking(|conn| conn.check(sql));
        prepared.unwrap_or_else(|error: Error| panic!("{name}: {error}\n{}", sql.for_people()));
    }
}

#[test]
fn every_statement_of_the_telemetry_database_prepares() {
    let app = TestApp::start();
    for (name, sql) in logs::store::QUERIES {
        let prepared = app.context.telemetry.read_blocking(|conn| conn.check(*sql));
        prepared.unwrap_or_else(|error| panic!("{name}: {error}\n{}", sql.for_people()));
    }
}

#[test]
fn the_lists_of_statements_are_complete_and_few_have_variants() {
    let (mut written, mut variants) = (Vec::new(), 0);
    for file in source::files("src", "rs") {
        let mut inside = false;
        for line in file.text.lines() {
            inside = (inside || line.starts_with("crate::sql! {")) && line != "}";
            let name = line.trim().split_once(" = ").map(|(name, _)| name);
            let name = name.filter(|n| {
                n.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
            });
            if let Some(name) =
                name.filter(|_| inside && line.starts_with("    ") && !line.starts_with("     "))
            {
                written.push(name.to_owned());
                variants += usize::from(line.contains("= { sqlite:"));
            }
        }
    }
    let listed = [&statements()[..], logs::store::QUERIES].concat();
    let mut listed: Vec<String> = listed.iter().map(|(name, _)| (*name).to_owned()).collect();
    written.sort();
    listed.sort();
    assert_eq!(written, listed, "a statement is not in the list that is prepared on both engines");
    assert!(variants <= 5, "{variants} statements have a text for each engine");
}

#[test]
fn statements_have_no_question_mark_but_their_placeholders() {
    for (name, sql) in statements().into_iter().chain(logs::store::QUERIES.iter().copied()) {
        let text = sql.for_people();
        let placeholders = text
            .match_indices('?')
            .all(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
        assert!(placeholders, "{name}: on PostgreSQL every ? becomes $: {text}");
    }
}
