//! Webhooks at the dashboard: added, changed, tried, given another secret, and removed.

use crate::admin_settings::{followed, hidden};
use crate::app::{Browser, TestApp};

const URL: &str = "https://hooks.example.com/manero?token=not-to-be-listed";

fn secret_in(page: &str) -> String {
    page.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

/// A site with a webhook; its path and its secret.
fn with_webhook() -> (TestApp, Browser, String, String) {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let form = [
        ("url", URL),
        ("description", "newsletter tool"),
        ("events", "lead.created"),
        ("active", "yes"),
    ];
    let made = owner.post(&app, "/admin/webhooks", &form);
    let secret = secret_in(made.page(200));
    let id = app.query::<(String,)>("SELECT id FROM webhooks")[0].0.clone();
    (app, owner, format!("/admin/webhooks/{id}"), secret)
}

#[test]
fn a_webhook_is_added_and_its_secret_shown_once() {
    let (app, owner, path, secret) = with_webhook();
    assert!(secret.starts_with("whsec_"));
    let list = owner.get(&app, "/admin/webhooks");
    assert!(list.page(200).contains("newsletter tool") && list.text().contains("lead.created"));
    assert!(!list.text().contains("not-to-be-listed"), "what follows the path may be secret");
    let one = owner.get(&app, &path);
    assert!(one.page(200).contains("Told of nothing yet") && !one.text().contains(&secret));
    assert!(one.text().contains("value=\"lead.created\" checked"));
    let empty = owner.get(&app, "/admin/webhooks?active=off");
    assert!(empty.page(200).contains("Nothing fits"));
}

#[test]
fn a_webhook_that_does_not_fit_keeps_what_was_typed() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let form = [("url", "ftp://example.com/x"), ("description", "a tool"), ("active", "yes")];
    let page = owner.post(&app, "/admin/webhooks", &form);
    let page = page.page(422);
    assert!(page.contains("value=\"ftp://example.com/x\"") && page.contains("id=\"url-fault\""));
    assert!(page.contains("value=\"a tool\"") && page.contains("Tick everything, or at least one"));
    let inside = [("url", "https://127.0.0.1/x"), ("everything", "yes")];
    assert_eq!(owner.post(&app, "/admin/webhooks", &inside).status, 422);
    assert_eq!(app.count("webhooks"), 0);
}

#[test]
fn a_webhook_is_changed_and_a_stale_form_hears_of_it() {
    let (app, owner, path, _) = with_webhook();
    let tag = hidden(owner.get(&app, &path).page(200), &path, "tag").replace("&#34;", "\"");
    let form = |description: &'static str, tag: &str| {
        let tag = tag.to_owned();
        let fields = [("url", URL), ("description", description), ("everything", "yes")];
        let mut all: Vec<(&str, String)> = fields.map(|(n, v)| (n, v.to_owned())).to_vec();
        all.push(("tag", tag));
        all
    };
    let send = |fields: Vec<(&str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        owner.post(&app, &path, &fields)
    };
    app.change("UPDATE webhooks SET updated_at = updated_at + 1");
    let late = send(form("another tool", &tag));
    assert!(late.page(422).contains("Somebody has changed this webhook"));
    assert!(late.text().contains("value=\"another tool\""));
    assert!(followed(&app, &owner, &send(form("another tool", ""))).contains("Saved."));
    let kept: Vec<(String, Option<String>, bool)> =
        app.query("SELECT description, events, active FROM webhooks");
    assert_eq!(kept, [("another tool".to_owned(), None, false)], "a box that is not ticked is off");
    let test = owner.post(&app, &format!("{path}/test"), &[]);
    assert!(test.page(422).contains("This webhook is switched off"));
}

#[test]
fn a_test_is_queued_seen_and_sent_again() {
    let (app, owner, path, _) = with_webhook();
    let sent = owner.post(&app, &format!("{path}/test"), &[]);
    let page = followed(&app, &owner, &sent);
    assert!(page.contains("A test is on its way") && page.contains("webhook.test"));
    let delivery = app.query::<(String,)>("SELECT id FROM webhook_deliveries")[0].0.clone();
    let again = owner.post(&app, &format!("{path}/deliveries/{delivery}/resend"), &[]);
    assert!(followed(&app, &owner, &again).contains("webhook.test is sent again"));
    let narrowed = owner.get(&app, &format!("{path}?state=dead"));
    assert!(narrowed.page(200).contains("Nothing fits"));
    let unknown = owner.post(
        &app,
        &format!("{path}/deliveries/0199f1c2-0000-7000-8000-000000000000/resend"),
        &[],
    );
    assert_eq!(unknown.status, 404);
}

#[test]
fn a_new_secret_is_shown_once_and_asks_for_the_password() {
    let (app, owner, path, first) = with_webhook();
    let made = owner.post(&app, &format!("{path}/secret"), &[]);
    let second = secret_in(made.page(200));
    assert!(second.starts_with("whsec_") && second != first);
    assert!(made.text().contains("The one before signs too, until"));
    app.change("UPDATE sessions SET confirmed_until = 0");
    let asked = owner.post(&app, &format!("{path}/secret"), &[]);
    assert!(asked.page(403).contains("name=\"_password\""));
}

#[test]
fn a_webhook_is_removed_by_typing_its_host() {
    let (app, owner, path, _) = with_webhook();
    let wrong = owner.post(&app, &format!("{path}/remove"), &[("typed", "hooks")]);
    assert!(wrong.page(422).contains("nothing was removed"));
    let gone = owner.post(&app, &format!("{path}/remove"), &[("typed", "hooks.example.com")]);
    assert!(followed(&app, &owner, &gone).contains("Removed, with its deliveries"));
    assert_eq!(owner.get(&app, &path).status, 404);
    assert!(app.audit().ends_with(&["webhook.delete".to_owned()]));
}
