//! Privacy in the dashboard: requests, certificates, rules.

use manero::platform::clock;

use crate::app::TestApp;
use crate::audience_pages::{next, to};

#[test]
fn a_request_is_written_down_answered_and_its_person_erased() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    app.joins("Ana Souza", "ana@example.com");
    assert!(owner.get(&app, "/admin/privacy").shows(200).contains("Nobody waits for an answer"));
    let today = clock::iso_date(clock::now_ms());
    let wrong = owner.post(
        &app,
        "/admin/privacy",
        &[("email", "ana@"), ("note", "Ana called"), ("received", "2031-01-01")],
    );
    let page = wrong.shows(422);
    for told in ["Choose what they ask for", "correct format", "today or before", "Ana called"] {
        assert!(page.contains(told), "{told}");
    }
    let fields = [
        ("kind", "erase"),
        ("email", "Ana@Example.com"),
        ("note", "Ana called"),
        ("received", &today),
    ];
    let path = to(&owner.post(&app, "/admin/privacy", &fields));
    let page = owner.get(&app, &path).shows(200);
    assert!(page.contains("The entry in your list") && page.contains("in 2"), "{page}");
    let zip = owner.get(&app, &format!("{path}/export"));
    assert_eq!(zip.status, 200);
    assert!(zip.body.starts_with(b"PK") && zip.header("Content-Type").unwrap().contains("zip"));
    let erased = owner.post(&app, &format!("{path}/erase"), &[("typed", "ana@example.com")]);
    let page = next(&app, &owner, &erased);
    assert!(page.contains("Certificate of erasure") && !page.contains("ana@example.com"));
    let page = owner.get(&app, &path).shows(200);
    assert!(page.contains("Somebody who was erased") && !page.contains("Ana called"));
    assert!(
        owner
            .get(&app, "/admin/privacy?show=closed")
            .shows(200)
            .contains("Somebody who was erased")
    );
    let asked = owner.post(&app, "/admin/privacy/certificates", &[("email", "ANA@example.com")]);
    assert!(asked.shows(200).contains("Yes: this address was erased."));
    let asked = owner.post(&app, "/admin/privacy/certificates", &[("email", "eva@example.com")]);
    assert!(asked.shows(200).contains("No certificate for this address"));

    let other =
        [("kind", "access"), ("email", "eva@example.com"), ("note", ""), ("received", &today)];
    let path = to(&owner.post(&app, "/admin/privacy", &other));
    assert!(owner.get(&app, &path).shows(200).contains("Nothing about this address"));
    assert!(
        owner.post(&app, &format!("{path}/close"), &[]).shows(422).contains("Choose how it ended")
    );
    let closed = owner.post(&app, &format!("{path}/close"), &[("outcome", "nothing-kept")]);
    assert!(
        next(&app, &owner, &closed).contains(&format!("{path}/reopen")),
        "and can be opened again"
    );
}

#[test]
fn a_rule_shows_what_would_go_before_it_is_set() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let form = [("name", "Ana"), ("email", "ana@example.com"), ("message", "Is there room?")];
    app.post_form("/contact", &form);
    app.change("UPDATE messages SET created_at = created_at - 8640000000");
    let path = "/admin/privacy/retention/messages";
    let page = owner.post(&app, path, &[("days", "30"), ("does", "look")]).shows(200);
    assert!(page.contains("<strong>1 would go.</strong>"), "{page}");
    assert_eq!(app.count("retention_rules"), 0);
    assert!(
        owner
            .post(&app, path, &[("days", "0"), ("does", "set")])
            .shows(422)
            .contains("from 1 to 3650")
    );
    let set = owner.post(&app, path, &[("days", "30"), ("does", "set")]);
    let page = next(&app, &owner, &set);
    assert!(page.contains("Kept for 30 days") && page.contains("by owner@example.com"));
    app.run_task("prune-messages");
    assert_eq!(app.count("messages"), 0);
    to(&owner.post(&app, path, &[("does", "default")]));
    assert_eq!(app.count("retention_rules"), 0);
}
