//! The team: invited, changed, kept out and removed; and nobody reaches above their own role.

use crate::admin_settings::{followed, hidden};
use crate::app::{PASSWORD, TestApp, browser};

const INVITE: [(&str, &str); 3] =
    [("email", "Eva@Example.com"), ("name", "Eva Lima"), ("role", "editor")];

fn id_of(app: &TestApp, email: &str) -> String {
    let rows: Vec<(String, String)> = app.query("SELECT email, id FROM users");
    rows.into_iter().find(|(known, _)| known == email).unwrap().1
}

/// The path of the set-up link that a page shows.
fn link_in(page: &str) -> String {
    let rest = page.split("/admin/set-up/").nth(1).unwrap_or_else(|| panic!("no link: {page}"));
    let token: String =
        rest.chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).collect();
    format!("/admin/set-up/{token}")
}

#[test]
fn somebody_who_is_invited_chooses_a_password_and_is_in() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    assert!(owner.get(&app, "/admin/team/new").page(200).contains("no mail server is set"));
    let made = owner.post(&app, "/admin/team", &INVITE);
    let link = link_in(made.page(200));
    assert!(made.text().contains("shown this once"));
    let id = id_of(&app, "eva@example.com");
    let shown = owner.get(&app, &format!("/admin/team/{id}"));
    assert!(shown.page(200).contains("Link waiting"));
    assert!(!shown.text().contains("/admin/set-up/"), "not a second time");
    assert_eq!(app.count("mails"), 0);
    assert_eq!(app.drain_outbox(), 0, "without a mail server nothing is sent");

    let chosen =
        app.post_form(&link, &[("password", "three good words"), ("again", "three good words")]);
    let eva = browser(&app, &chosen);
    assert!(eva.get(&app, "/admin").page(200).contains("eva@example.com"));
    assert_eq!(app.get(&link).status, 410);
    assert!(
        app.audit().ends_with(
            &["user.create", "user.link", "user.password", "auth.log_in"].map(str::to_owned)
        ),
        "{:?}",
        app.audit()
    );
}

#[test]
fn a_form_that_is_sent_twice_invites_once() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let mut form = INVITE.to_vec();
    form.push(("_once", "abcdefgh"));
    assert_eq!(owner.post(&app, "/admin/team", &form).status, 200);
    let again = owner.post(&app, "/admin/team", &form);
    let id = id_of(&app, "eva@example.com");
    assert_eq!(again.header("Location"), Some(format!("/admin/team/{id}").as_str()));
}

#[test]
fn an_invitation_that_does_not_fit_keeps_what_was_typed() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let refused = owner.post(
        &app,
        "/admin/team",
        &[("email", "not an address"), ("name", "Eva Lima"), ("role", "editor")],
    );
    let page = refused.page(422);
    assert!(page.contains("value=\"not an address\"") && page.contains("id=\"email-fault\""));
    assert!(page.contains("value=\"Eva Lima\""));
    let taken = [("email", "owner@example.com"), ("name", "Eva Lima"), ("role", "editor")];
    assert!(owner.post(&app, "/admin/team", &taken).page(422).contains("here already"));
    assert_eq!(app.count("users"), 1);
}

#[test]
fn an_admin_neither_makes_nor_touches_an_owner() {
    let app = TestApp::unlimited();
    let owner = app.person("root", "owner");
    let admin = app.at_the_dashboard("admin");
    let invite = [("email", "eva@example.com"), ("name", "Eva Lima"), ("role", "owner")];
    assert_eq!(admin.post(&app, "/admin/team", &invite).status, 403);
    let page = admin.get(&app, &format!("/admin/team/{owner}"));
    assert!(page.page(200).contains("above yours") && !page.text().contains("type=\"radio\""));
    for act in ["", "/suspend", "/lift", "/link", "/sessions/end", "/remove"] {
        let form = [("name", "Somebody"), ("role", "editor"), ("typed", "root@example.com")];
        let sent = admin.post(&app, &format!("/admin/team/{owner}{act}"), &form);
        assert_eq!(sent.status, 403, "{act}");
    }
    let kept: Vec<(String, Option<i64>)> =
        app.query("SELECT role, suspended_at FROM users WHERE email = 'root@example.com'");
    assert_eq!(kept, [("owner".to_owned(), None)]);
}

#[test]
fn a_role_is_changed_with_the_way_back_and_ends_sessions() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let editor = app.at_the_dashboard("editor");
    let id = id_of(&app, "editor@example.com");
    let path = format!("/admin/team/{id}");
    let form = [("name", "Eva Lima"), ("role", "analyst")];
    let said = followed(&app, &owner, &owner.post(&app, &path, &form));
    assert!(said.contains("They log in again to use the new role"));
    assert_eq!(hidden(&said, &path, "role"), "editor", "undo");
    assert_eq!(editor.get(&app, "/admin").status, 303, "logged out");
    let refused = owner.post(&app, &path, &[("name", "E"), ("role", "analyst")]);
    assert!(refused.page(422).contains("id=\"name-fault\""));
}

#[test]
fn the_last_owner_stays_and_says_why() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let path = format!("/admin/team/{}", id_of(&app, "owner@example.com"));
    let form = [("name", "Ana Souza"), ("role", "editor")];
    assert!(owner.post(&app, &path, &form).page(422).contains("last owner"));
    let typed = [("typed", "owner@example.com")];
    let removed = owner.post(&app, &format!("{path}/remove"), &typed);
    assert!(removed.page(422).contains("last owner"));
    let page = owner.get(&app, &path);
    assert!(!page.page(200).contains(&format!("{path}/suspend")), "nobody keeps themselves out");
}

#[test]
fn somebody_is_suspended_let_in_again_logged_out_and_removed() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let editor = app.at_the_dashboard("editor");
    let path = format!("/admin/team/{}", id_of(&app, "editor@example.com"));
    let act = |what: &str, form: &[(&str, &str)]| owner.post(&app, &format!("{path}/{what}"), form);
    let said = followed(&app, &owner, &act("suspend", &[]));
    assert!(said.contains("Suspended.") && said.contains(&format!("{path}/lift")), "undo");
    assert_eq!(editor.get(&app, "/admin").status, 303);
    assert!(act("link", &[]).page(422).contains("Lift the suspension first."));
    let list = owner.get(&app, "/admin/team?standing=suspended");
    assert!(list.page(200).contains("editor@example.com"));
    assert!(!list.text().contains("<span class=\"sub\">owner@example.com"));
    assert!(followed(&app, &owner, &act("lift", &[])).contains("may log in again"));
    let editor = app.log_in_to_the_dashboard("editor");
    followed(&app, &owner, &act("sessions/end", &[]));
    assert_eq!(editor.get(&app, "/admin").status, 303);
    assert!(app.try_log_in("editor", PASSWORD).status == 200);
    assert!(act("remove", &[("typed", "editor")]).page(422).contains("nothing was removed"));
    let gone = followed(&app, &owner, &act("remove", &[("typed", " Editor@example.com ")]));
    assert!(gone.contains("is removed"));
    assert_eq!(owner.get(&app, &path).status, 404);
}

#[test]
fn an_invitation_is_mailed_when_mail_works_and_no_record_lets_anybody_in() {
    // Nobody answers there: the mail waits in the queue, and the link in it is sealed.
    let app = TestApp::with(&[("MANERO_RATE_LIMITS", "off"), ("SMTP_URL", "smtp://127.0.0.1:1")]);
    let owner = app.at_the_dashboard("owner");
    let made = owner.post(&app, "/admin/team", &INVITE);
    assert!(made.page(200).contains("on its way to eva@example.com"));
    let link = link_in(made.text());
    let token = link.rsplit('/').next().unwrap();
    let queued: Vec<(String, String)> = app.query("SELECT kind, payload FROM outbox");
    assert_eq!(queued[0].0, "invitation_mail");
    assert!(!queued[0].1.contains(token), "sealed");
    assert_eq!(app.drain_outbox(), 1);

    // The mail server is taken away: what was queued goes to the built-in mailbox.
    let beside = app.beside_with(&[("MANERO_RATE_LIMITS", "off"), ("SMTP_URL", "")]);
    app.change("UPDATE outbox SET due_at = 0");
    assert_eq!(beside.drain_outbox(), 1);
    let mail = app.mail(&app.mails()[0].id);
    assert!(mail.summary.subject.starts_with("Your account at"));
    assert!(mail.text.contains("/admin/set-up/…") && mail.html.contains("/admin/set-up/…"));
    assert!(!mail.text.contains(token) && !mail.html.contains(token));
}
