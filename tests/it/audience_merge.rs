//! Leads that are one person: found, made one, and what happened with them told in one line of time.

use manero::admin::accounts::audit::Actor;
use manero::business::leads::merge::model::Likeness;
use manero::business::leads::timeline::{self, START, What};
use manero::business::leads::{detail, merge};
use manero::platform::clock;
use manero::platform::error::Error;
use serde_json::json;

use crate::app::TestApp;

impl TestApp {
    /// Somebody joins; returns the id.
    pub(crate) fn joins(&self, name: &str, email: &str) -> String {
        let body = json!({ "name": name, "email": email, "gdprConsent": true });
        let answer = self.post_json("/api/v1/leads", &body);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    fn merge(&self, kept: &str, gone: &str) -> Result<(), Error> {
        let (kept, gone) = (kept.to_owned(), gone.to_owned());
        let now = clock::now_ms();
        self.db().write_blocking(move |tx| merge::merge(tx, &Actor::command(), &kept, &gone, now))
    }
}

#[test]
fn leads_that_look_like_one_person_are_found() {
    let app = TestApp::unlimited();
    app.joins("Ana Souza", "ana.souza@gmail.com");
    app.joins("Ana  SOUZA", "anasouza+shop@gmail.com");
    app.joins("Ana Souza", "ana.other@gmail.com");
    app.joins("Eva Luz", "eva.luz@a.example");
    app.joins("Eva Luz", "eva.luz@b.example");
    let (pairs, further) = app.db().read_blocking(|conn| merge::candidates(conn, "")).unwrap();
    let found: Vec<(&str, &str, Likeness)> = pairs
        .iter()
        .map(|pair| (pair.one.email.as_str(), pair.other.email.as_str(), pair.likeness))
        .collect();
    assert_eq!(
        found,
        [
            ("ana.souza@gmail.com", "anasouza+shop@gmail.com", Likeness::SameMailbox),
            ("eva.luz@a.example", "eva.luz@b.example", Likeness::OtherDomain),
        ]
    );
    assert_eq!(further, None);
}

#[test]
fn a_name_that_many_have_hides_nobody() {
    let app = TestApp::start();
    let mut list = "email,name\n".to_owned();
    for n in 0..400 {
        list.push_str(&format!("maria{n}@example.com,María García\n"));
    }
    list.push_str("m.garcia@gmail.com,Maria Garcia\nmgarcia+x@gmail.com,María García\n");
    let id = app.choose_file(&list).unwrap();
    app.check_import(&id, &[("consent", "At the fair")]);
    app.run_import(&id);
    let (pairs, _) = app.db().read_blocking(|conn| merge::candidates(conn, "")).unwrap();
    assert_eq!(pairs.len(), 1);
    assert_eq!(pairs[0].other.email, "mgarcia+x@gmail.com");
}

#[test]
fn of_two_leads_one_stays_with_everything_of_both() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let kept = app.joins("Ana Souza", "ana@a.example");
    let gone = app.joins("Ana Souza", "ana@b.example");
    app.drain_outbox();
    for (id, tag) in [(&kept, "vip"), (&gone, "VIP"), (&gone, "fair")] {
        app.put_as(&owner, &format!("/api/v1/leads/{id}/tags/{tag}"), &json!({}));
    }
    let path = format!("/api/v1/leads/{gone}/notes");
    assert_eq!(app.post_as(&owner, &path, &json!({ "text": "called" })).status, 201);
    let form =
        [("name", "Ana"), ("email", "ana@b.example"), ("message", "Is there room in March?")];
    assert_eq!(app.post_form("/contact", &form).status, 303);

    assert!(matches!(app.merge(&kept, &kept), Err(Error::Conflict(_))));
    app.merge(&kept, &gone).unwrap();
    assert!(matches!(app.merge(&kept, &gone), Err(Error::NotFound)));
    let lead = app.db().read_blocking(|conn| detail::by_id(conn, &kept)).unwrap();
    assert_eq!(lead.lead.email, "ana@a.example");
    assert_eq!(lead.lead.tags, ["fair", "vip"]);
    assert_eq!(lead.consents.len(), 2);
    assert_eq!(
        (app.count("leads"), app.count("lead_tags"), app.count("lead_words WHERE number = 2")),
        (1, 2, 0)
    );

    let moments =
        app.db().read_blocking(|conn| timeline::of(conn, &lead.lead, START, 100)).unwrap();
    let kinds = |kind: fn(&What) -> bool| moments.iter().filter(|m| kind(&m.what)).count();
    assert_eq!(kinds(|w| matches!(w, What::Consent(_))), 2);
    assert_eq!(kinds(|w| matches!(w, What::Mail(_))), 2, "also the one to the other address");
    assert_eq!(kinds(|w| matches!(w, What::Message(_))), 1);
    assert_eq!(kinds(|w| matches!(w, What::Note(_))), 1);
    assert!(kinds(|w| matches!(w, What::Change(_))) >= 2);
    assert!(moments.windows(2).all(|pair| pair[0].at >= pair[1].at));

    // In pages of two it is the same.
    let (mut walked, mut place) = (Vec::new(), (i64::MAX, String::new()));
    loop {
        let some = app
            .db()
            .read_blocking(|conn| timeline::of(conn, &lead.lead, (place.0, &place.1), 2))
            .unwrap();
        let Some(last) = some.last() else { break };
        place = (last.at, last.id.clone());
        walked.extend(some.into_iter().map(|moment| moment.id));
    }
    let all: Vec<String> = moments.into_iter().map(|moment| moment.id).collect();
    assert_eq!(walked, all);
}

#[test]
fn who_joins_again_with_the_address_of_before_is_a_lead_of_their_own() {
    let app = TestApp::unlimited();
    let kept = app.joins("Ana Souza", "ana@a.example");
    let gone = app.joins("Ana Souza", "ana@b.example");
    app.merge(&kept, &gone).unwrap();
    let again = app.joins("Ana Souza", "ana@b.example");
    assert_ne!(again, gone);
    app.merge(&again, &kept).unwrap();
    let lead = app.db().read_blocking(|conn| merge::owner_of(conn, "ana@a.example")).unwrap();
    assert_eq!(lead.unwrap().id, again);
    let before: Vec<(String,)> = app.query("SELECT address FROM lead_addresses");
    assert_eq!(before, [("ana@a.example".to_owned(),)]);
}
