//! What is done with many leads at once, saved filters, and the list as a file.

use jiff::tz::TimeZone;
use manero::admin::accounts::audit::Actor;
use manero::business::leads::bulk::{self, Deed, Whom};
use manero::business::leads::desk::model::Order;
use manero::business::leads::export::Export;
use manero::business::leads::filter::Filter;
use manero::business::leads::segments;
use manero::platform::clock;
use manero::platform::error::Error;
use rocket::tokio::io::AsyncReadExt as _;

use crate::app::TestApp;

impl TestApp {
    /// Brings in `n` people: `p0@example.com`, … , a third of each tag.
    pub(crate) fn with_people(&self, n: usize) {
        let mut text = "email,name,tags\n".to_owned();
        for at in 0..n {
            text.push_str(&format!("p{at}@example.com,Person {at},t{}\n", at % 3));
        }
        let id = self.choose_file(&text).unwrap();
        self.check_import(&id, &[("consent", "At the fair")]);
        self.run_import(&id);
    }

    fn begin(&self, deed: Deed, tag: &'static str, whom: Whom) -> Result<String, Error> {
        let (actor, now) = (Actor::command(), clock::now_ms());
        self.db()
            .write_blocking(move |tx| bulk::begin(tx, &actor, deed, tag, whom, &TimeZone::UTC, now))
    }

    fn file_of(&self, query: &str) -> String {
        let mut export = Export::new(
            self.db(),
            &Filter::parse(query).unwrap().wanted(Order::Name, None, &TimeZone::UTC),
        );
        let mut text = String::new();
        self.wait(export.read_to_string(&mut text)).unwrap();
        text
    }
}

#[test]
fn all_that_match_are_tagged_untagged_and_erased() {
    let app = TestApp::start();
    app.with_people(600);
    let filter = || Whom::All(Filter::parse("tag=T1").unwrap());
    let id = app.begin(Deed::Tag, "chosen", filter()).unwrap();
    let other = app.begin(Deed::Tag, "other", filter());
    assert!(matches!(other, Err(Error::Conflict(_))), "one after the other");
    app.drain_outbox();
    let done = app.db().read_blocking(|conn| bulk::by_id(conn, &id)).unwrap();
    assert_eq!((done.state.as_str(), done.total, done.done, done.changed), ("done", 200, 200, 200));
    assert_eq!(app.count("lead_tags WHERE tag = 'chosen'"), 200);
    assert_eq!(app.count("bulk_actions WHERE query IS NOT NULL OR ids IS NOT NULL"), 0);
    // The filter asks for what the work takes away.
    app.begin(Deed::Untag, "t1", filter()).unwrap();
    app.drain_outbox();
    assert_eq!(app.count("lead_tags WHERE tag = 't1'"), 0);
    app.begin(Deed::Erase, "", Whom::All(Filter::parse("tag=chosen").unwrap())).unwrap();
    app.drain_outbox();
    assert_eq!((app.count("leads"), app.count("privacy_erasures")), (400, 200));
    let none = app.begin(Deed::Untag, "t1", filter());
    assert!(matches!(none, Err(Error::Conflict(_))), "nobody is left");
}

#[test]
fn only_those_who_were_ticked_are_meant() {
    let app = TestApp::start();
    app.with_people(250);
    let ids: Vec<(String,)> = app.query("SELECT id FROM leads ORDER BY number LIMIT 150");
    let ids: Vec<String> = ids.into_iter().map(|(id,)| id).chain(["nonsense".to_owned()]).collect();
    let id = app.begin(Deed::Tag, "ticked", Whom::Ids(ids)).unwrap();
    app.drain_outbox();
    let done = app.db().read_blocking(|conn| bulk::by_id(conn, &id)).unwrap();
    assert_eq!((done.done, done.changed), (150, 150));
    assert_eq!(app.count("lead_tags WHERE tag = 'ticked'"), 150);
    let refused = app.begin(Deed::Tag, " ", Whom::Ids(vec![id]));
    assert!(matches!(refused, Err(Error::Invalid(_))));
}

#[test]
fn work_that_is_stopped_ends_where_it_stands() {
    let app = TestApp::start();
    app.with_people(300);
    let id = app.begin(Deed::Tag, "x", Whom::All(Filter::default())).unwrap();
    let stopped = id.clone();
    app.db()
        .write_blocking(move |tx| bulk::stop(tx, &Actor::command(), &stopped, clock::now_ms()))
        .unwrap();
    app.drain_outbox();
    assert_eq!(app.count("lead_tags WHERE tag = 'x'"), 0);
    let end = app.db().read_blocking(|conn| bulk::by_id(conn, &id)).unwrap();
    assert_eq!((end.state.as_str(), end.done), ("stopped", 0));
}

#[test]
fn segments_have_names_of_their_own_and_count_what_they_let_through() {
    let app = TestApp::start();
    app.with_people(300);
    let create = |name: &'static str, query: &str| {
        let filter = Filter::parse(query).unwrap();
        app.db().write_blocking(move |tx| {
            segments::create(tx, &Actor::command(), name, &filter, clock::now_ms())
        })
    };
    let first = create("The first third", "tag=t0").unwrap();
    create("Everybody", "").unwrap();
    create("Nines", "q=p9&lang=en").unwrap();
    assert!(matches!(create("the FIRST third", "tag=t1"), Err(Error::Invalid(_))));
    assert!(matches!(create(" ", "tag=t1"), Err(Error::Invalid(_))));
    let all = app.db().read_blocking(segments::all).unwrap();
    let counted: Vec<(String, String)> = all
        .iter()
        .map(|segment| {
            let filter = Filter::parse(&segment.query).unwrap();
            let count = app
                .db()
                .read_blocking(|conn| {
                    segments::count(conn, &filter, &TimeZone::UTC, segments::MUCH_WORK)
                })
                .unwrap();
            (segment.name.clone(), count.words())
        })
        .collect();
    let wanted = [("Everybody", "300"), ("Nines", "11"), ("The first third", "100")];
    assert_eq!(counted, wanted.map(|(name, count)| (name.to_owned(), count.to_owned())));
    let id = first.id.clone();
    let rename = move |tx: &mut manero::platform::db::Tx<'_>| {
        segments::rename(tx, &Actor::command(), &id, "One third", clock::now_ms())
    };
    assert_eq!(app.db().write_blocking(rename).unwrap().name, "One third");
    app.db()
        .write_blocking(move |tx| {
            segments::remove(tx, &Actor::command(), &first.id, clock::now_ms())
        })
        .unwrap();
    assert_eq!(app.count("segments"), 2);
}

#[test]
fn the_list_is_written_to_a_file_whatever_its_length_and_without_formulas() {
    let app = TestApp::start();
    app.with_people(2500);
    app.change("UPDATE leads SET name = '=HYPERLINK(1)' WHERE email = 'p7@example.com'");
    let text = app.file_of("");
    assert!(
        text.starts_with("\u{feff}email,name,program,language,tags,created_at,updated_at,id\r\n")
    );
    assert_eq!(text.lines().count(), 2501);
    assert!(text.contains("p7@example.com,\"'=HYPERLINK(1)\",,en,t1,"), "{}", &text[..500]);
    let third = app.file_of("tag=t0");
    assert_eq!(third.lines().count(), 835);
    assert_eq!(app.file_of("q=nobody").lines().count(), 1);
    // It can be brought in again.
    let id = app.choose_file(&text).unwrap();
    let import = app.check_import(&id, &[("consent", "Our own list")]);
    let found = import.checked.unwrap();
    assert_eq!((found.new, found.same, found.bad), (0, 2500, 0), "{:?}", found.findings);
}
