//! Jobs and tasks at the dashboard: seen, tried again, discarded with a reason, run by hand.

use manero::platform::outbox::{self, Failure, Runner, Work};
use std::sync::Arc;

use crate::admin_settings::followed;
use crate::app::{Browser, TestApp};

#[derive(serde::Serialize, serde::Deserialize)]
struct Mail {
    lead: String,
}

impl Work for Mail {
    const KIND: &'static str = "welcome_mail";
}

/// A site with `count` dead letters.
fn with_dead(count: usize) -> (TestApp, Browser) {
    let app = TestApp::unlimited();
    for at in 0..count {
        let work = Mail { lead: format!("secret-lead-{at}") };
        let queued: manero::platform::db::Result<()> =
            app.db().write_blocking(move |tx| outbox::enqueue(tx, &work));
        queued.unwrap();
    }
    let broken: Runner = Arc::new(|_| Failure::dead("the relay said <no>").into());
    assert_eq!(app.drain_lanes(&broken), count);
    let owner = app.at_the_dashboard("owner");
    (app, owner)
}

fn ids(app: &TestApp) -> Vec<String> {
    app.query::<(String,)>("SELECT id FROM outbox ORDER BY id")
        .into_iter()
        .map(|row| row.0)
        .collect()
}

#[test]
fn an_empty_queue_says_what_it_is() {
    let app = TestApp::unlimited();
    let page = app.at_the_dashboard("owner").get(&app, "/admin/jobs");
    assert!(page.page(200).contains("Nothing waits"));
}

#[test]
fn dead_letters_are_shown_with_their_error_and_not_with_what_they_are_about() {
    let (app, owner) = with_dead(2);
    let list = owner.get(&app, "/admin/jobs?state=dead");
    let page = list.page(200);
    assert!(page.contains("2 pieces of work failed for good") && page.contains("the relay said"));
    assert!(page.contains("Welcome mail") && !page.contains("secret-lead"));
    assert!(!page.contains("<no>"), "escaped");
    let rail = page.split("href=\"/admin/jobs\"").nth(1).unwrap();
    assert!(rail.split("</a>").next().unwrap().contains("needs you: </span>2"), "the badge");
    let one = owner.get(&app, &format!("/admin/jobs/{}", ids(&app)[0]));
    assert!(
        one.page(200).contains("the relay said &#60;no&#62;")
            && !one.text().contains("secret-lead")
    );
    let waiting = owner.get(&app, "/admin/jobs?state=waiting");
    assert!(waiting.page(200).contains("Nothing fits"));
}

#[test]
fn chosen_dead_letters_are_tried_again_and_then_all_of_them() {
    let (app, owner) = with_dead(3);
    let ids = ids(&app);
    let form = [("id", ids[0].as_str()), ("id", ids[1].as_str())];
    let said = followed(&app, &owner, &owner.post(&app, "/admin/jobs/retry", &form));
    assert!(said.contains("2 jobs tried again now."));
    let again = followed(&app, &owner, &owner.post(&app, "/admin/jobs/retry", &form));
    assert!(again.contains("Nothing was done"));
    let all = [("all", "yes"), ("filters", "kind=welcome_mail")];
    let said = followed(&app, &owner, &owner.post(&app, "/admin/jobs/retry", &all));
    assert!(said.contains("1 job tried again now."));
    assert!(
        app.query::<(Option<i64>,)>("SELECT dead_at FROM outbox").iter().all(|row| row.0.is_none())
    );
    let none = followed(&app, &owner, &owner.post(&app, "/admin/jobs/retry", &[]));
    assert!(none.contains("Choose jobs first."));
    assert_eq!(app.audit().iter().filter(|action| *action == "job.retry").count(), 3);
}

#[test]
fn a_dead_letter_is_discarded_only_with_a_reason_and_the_record_has_it() {
    let (app, owner) = with_dead(2);
    let ids = ids(&app);
    let without = owner.post(&app, "/admin/jobs/discard", &[("id", &ids[0])]);
    assert!(without.page(422).contains("Say why they are discarded"));
    let one = [("id", ids[0].as_str()), ("one", "yes"), ("reason", "\u{202e}hidden")];
    let refused = owner.post(&app, "/admin/jobs/discard", &one);
    assert!(refused.page(422).contains("id=\"reason-fault\""));
    let waiting = [("all", "yes"), ("filters", "state=waiting"), ("reason", "because")];
    let refused = owner.post(&app, "/admin/jobs/discard", &waiting);
    assert!(refused.page(422).contains("only what failed for good"));
    assert_eq!(app.count("outbox"), 2);
    let form = [("id", ids[0].as_str()), ("reason", "the address does not exist")];
    let said = followed(&app, &owner, &owner.post(&app, "/admin/jobs/discard", &form));
    assert!(said.contains("1 job discarded"));
    let kept: Vec<(String,)> =
        app.query("SELECT after_change FROM audit WHERE action = 'job.discard'");
    assert!(kept[0].0.contains("the address does not exist"));
    assert_eq!(owner.get(&app, &format!("/admin/jobs/{}", ids[0])).status, 404);
}

#[test]
fn all_dead_letters_that_fit_are_discarded_at_once_and_the_record_has_one_line() {
    let (app, owner) = with_dead(30);
    let other = [("all", "yes"), ("filters", "kind=contact_mail"), ("reason", "because")];
    let said = followed(&app, &owner, &owner.post(&app, "/admin/jobs/discard", &other));
    assert!(said.contains("0 jobs discarded"));
    assert_eq!(app.count("outbox"), 30);
    let all =
        [("all", "yes"), ("filters", "state=dead&kind=welcome_mail"), ("reason", "an old list")];
    let said = followed(&app, &owner, &owner.post(&app, "/admin/jobs/discard", &all));
    assert!(said.contains("30 jobs discarded; the record has the reason."));
    assert_eq!(app.count("outbox"), 0);
    let kept: Vec<(String,)> =
        app.query("SELECT after_change FROM audit WHERE action = 'job.discard'");
    assert!(kept.len() == 1 && kept[0].0.contains("an old list") && kept[0].0.contains("30"));
}

#[test]
fn every_task_stands_there_and_runs_when_asked_to() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let page = owner.get(&app, "/admin/tasks");
    for name in ["prune-sessions", "publish-due", "prune-mails"] {
        assert!(page.page(200).contains(&format!("action=\"/admin/tasks/{name}/run\"")), "{name}");
    }
    let asked = owner.post(&app, "/admin/tasks/prune-sessions/run", &[]);
    assert!(followed(&app, &owner, &asked).contains("“Prune sessions” begins in a moment"));
    let marks: Vec<(String,)> = app.query("SELECT name FROM leases WHERE asked_at IS NOT NULL");
    assert_eq!(marks, [("prune-sessions".to_owned(),)]);
    assert!(app.audit().ends_with(&["task.run".to_owned()]));
    assert_eq!(owner.post(&app, "/admin/tasks/no-such-task/run", &[]).status, 404);
}
