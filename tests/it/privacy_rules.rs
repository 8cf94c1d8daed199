//! Requests with their thirty days, and how long things are kept.

use manero::admin::accounts::audit::Actor;
use manero::business::privacy::model::{DAY_MS, Kept, Outcome};
use manero::business::privacy::{requests, retention};
use manero::platform::clock;
use manero::platform::error::Error;

use crate::app::TestApp;

impl TestApp {
    #[allow(
        clippy::option_option,
        reason = "as the rule takes it: no rule, for ever, or so many days"
    )]
    fn keeps(&self, kept: Kept, days: Option<Option<i64>>) {
        let set: Result<(), Error> = self.db().write_blocking(move |tx| {
            retention::set(tx, &Actor::command(), kept, days, clock::now_ms())
        });
        set.unwrap();
    }

    fn would_go(&self, kept: Kept, days: i64) -> Option<i64> {
        let now = clock::now_ms();
        self.db().read_blocking(|conn| retention::preview(conn, kept, Some(days), now)).unwrap()
    }

    pub(crate) fn run_task(&self, name: &str) {
        let tasks = manero::jobs::tasks(&self.context);
        let task = tasks.iter().find(|task| task.name == name).unwrap();
        (task.run)().unwrap();
    }
}

#[test]
fn a_request_has_thirty_days_and_ends_with_an_outcome() {
    let app = TestApp::start();
    let (clock, now) = (&app.context.accounts.clock, clock::now_ms());
    clock.stop_at(now);
    let later = app.asks("access", "eva@example.com", "");
    clock.stop_at(now - 31 * DAY_MS);
    let first = app.asks("erase", "ana@example.com", "by telephone");
    clock.stop_at(now);
    let open = app.db().read_blocking(|conn| requests::open(conn, (0, ""), 10)).unwrap();
    let ids: Vec<&str> = open.iter().map(|request| request.id.as_str()).collect();
    assert_eq!(ids, [first.as_str(), later.as_str()], "the one that is due first");
    assert_eq!((open[0].days_left(now), open[1].days_left(now)), (-1, 30));
    assert!(open[0].is_overdue(now) && !open[1].is_overdue(now));
    assert_eq!(app.db().read_blocking(|conn| requests::overdue(conn, now)).unwrap(), 1);

    let close = |id: &str, outcome| {
        let id = id.to_owned();
        app.db().write_blocking(move |tx| {
            requests::close(tx, &Actor::command(), &id, outcome, "told by mail", now)
        })
    };
    close(&first, Outcome::Done).unwrap();
    assert!(matches!(close(&first, Outcome::Refused), Err(Error::Conflict(_))));
    assert!(matches!(close("none", Outcome::Refused), Err(Error::NotFound)));
    let closed = app.db().read_blocking(|conn| requests::closed(conn, (i64::MAX, ""), 10)).unwrap();
    assert_eq!((closed.len(), closed[0].outcome), (1, Some(Outcome::Done)));
    let id = first.clone();
    app.db().write_blocking(move |tx| requests::reopen(tx, &Actor::command(), &id, now)).unwrap();
    assert_eq!(app.db().read_blocking(|conn| requests::overdue(conn, now)).unwrap(), 1);

    let faults = requests::parse(Some("x"), Some("ana@"), Some("a\u{7}"), Some(now + DAY_MS), now);
    let fields: Vec<String> = faults.unwrap_err().iter().map(|f| f.field().to_owned()).collect();
    assert_eq!(fields, ["kind", "email", "note", "received"]);
}

#[test]
fn what_is_older_than_its_rule_goes_and_nothing_else() {
    let app = TestApp::unlimited();
    let form = [("name", "Ana"), ("email", "ana@example.com"), ("message", "Is there room?")];
    for days in [400, 200, 10] {
        app.post_form("/contact", &form);
        app.drain_outbox();
        let at = clock::now_ms() - days * DAY_MS;
        let sql = format!(
            "UPDATE messages SET created_at = {at} WHERE created_at > {}",
            clock::now_ms() - DAY_MS
        );
        app.change(sql.leak());
    }
    assert_eq!(
        (app.would_go(Kept::Messages, 365), app.would_go(Kept::Messages, 100)),
        (Some(1), Some(2))
    );
    app.run_task("prune-messages");
    assert_eq!(app.count("messages"), 2, "a year where nobody has said otherwise");
    app.keeps(Kept::Messages, Some(None));
    app.change("UPDATE messages SET created_at = 0");
    app.run_task("prune-messages");
    assert_eq!(app.count("messages"), 2, "for ever");
    app.keeps(Kept::Messages, Some(Some(100)));
    app.run_task("prune-messages");
    assert_eq!(app.count("messages"), 0);
    app.keeps(Kept::Messages, None);
    assert_eq!(app.count("retention_rules"), 0);

    assert_eq!(app.mails().len(), 3);
    app.change("UPDATE mails SET created_at = 0");
    app.keeps(Kept::Mails, Some(None));
    app.run_task("prune-mails");
    assert_eq!(app.mails().len(), 3);
    app.keeps(Kept::Mails, None);
    app.run_task("prune-mails");
    assert_eq!(app.mails().len(), 0, "the setting of the mailbox counts again");
}

#[test]
fn leads_with_whom_nothing_happens_are_erased_only_by_a_rule() {
    let app = TestApp::unlimited();
    for name in ["ana", "eva", "iva"] {
        app.joins("Somebody", &format!("{name}@example.com"));
    }
    app.drain_outbox();
    app.change("UPDATE leads SET updated_at = 0, filed_at = 0 WHERE email <> 'iva@example.com'");
    let form = [("name", "Eva"), ("email", "eva@example.com"), ("message", "Is there room?")];
    app.post_form("/contact", &form);
    app.run_task("erase-inactive-leads");
    assert_eq!(app.count("leads"), 3);
    assert_eq!(app.would_go(Kept::InactiveLeads, 730), Some(1));
    app.keeps(Kept::InactiveLeads, Some(Some(730)));
    app.run_task("erase-inactive-leads");
    let left: Vec<String> = app.leads().into_iter().map(|(email, ..)| email).collect();
    assert_eq!(left, ["eva@example.com", "iva@example.com"]);
    let by: Vec<(String,)> = app.query("SELECT actor_label FROM privacy_erasures");
    assert_eq!(by, [("manero".to_owned(),)]);
}

#[test]
fn days_are_numbers_within_bounds_or_nothing() {
    assert_eq!(retention::parse(Kept::Messages, " 30 ").unwrap(), Some(30));
    assert_eq!(retention::parse(Kept::Messages, "").unwrap(), None);
    for odd in ["0", "-1", "x", "3651", "1.5"] {
        assert!(retention::parse(Kept::Messages, odd).is_err(), "{odd}");
    }
    assert!(retention::parse(Kept::InactiveLeads, "30").is_err());
}
