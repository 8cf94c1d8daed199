//! Tokens, keys and the record at the dashboard: made and shown once, replaced, read and exported.

use crate::admin_settings::followed;
use crate::app::{Browser, TestApp, get};

const DAY: i64 = 86_400_000;

fn row_id(app: &TestApp, sql: &'static str) -> String {
    app.query::<(String,)>(sql)[0].0.clone()
}

#[test]
fn a_token_is_shown_once_counts_and_is_revoked() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    assert!(owner.get(&app, "/admin/tokens").page(200).contains("No tokens"));
    let form = [
        ("name", "newsletter tool"),
        ("scopes", "leads:read"),
        ("scopes", "content:read"),
        ("days", "30"),
        ("_once", "one-form"),
    ];
    let made = owner.post(&app, "/admin/tokens", &form);
    let page = made.page(200);
    let token: String =
        page.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().into();
    assert!(token.starts_with("manero_") && page.contains("shown this once"));
    assert_eq!(app.get_as(&token, "/api/v1/leads").status, 200);
    assert_eq!(app.get_as(&token, "/api/v1/users").status, 403);
    let again = owner.post(&app, "/admin/tokens", &form);
    assert_eq!(again.header("Location"), Some("/admin/tokens"), "a reload makes no second one");
    assert_eq!(app.count("api_tokens"), 1);

    let list = owner.get(&app, "/admin/tokens");
    assert!(list.page(200).contains("newsletter tool") && list.text().contains("leads:read"));
    assert!(!list.text().contains(&token));
    let id = row_id(&app, "SELECT id FROM api_tokens");
    let revoked = owner.post(&app, &format!("/admin/tokens/{id}/revoke"), &[]);
    assert!(followed(&app, &owner, &revoked).contains("Revoked."));
    assert_eq!(app.get_as(&token, "/api/v1/leads").status, 401);
    let ended = owner.get(&app, "/admin/tokens?standing=active");
    assert!(ended.page(200).contains("Nothing fits"));
}

#[test]
fn a_token_that_does_not_fit_keeps_what_was_chosen() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let form = [("name", ""), ("scopes", "leads:read"), ("days", "999")];
    let page = owner.post(&app, "/admin/tokens", &form);
    let page = page.page(422);
    assert!(page.contains("id=\"name-fault\"") && page.contains("id=\"days-fault\""));
    assert!(page.contains("value=\"leads:read\" checked") && page.contains("value=\"999\""));
    let none = owner.post(&app, "/admin/tokens", &[("name", "tool"), ("days", "5")]);
    assert!(none.page(422).contains("class=\"fault\""));
    app.person("admin", "admin");
    let admin = app.log_in_to_the_dashboard("admin");
    let new = admin.get(&app, "/admin/tokens/new");
    assert!(!new.page(200).contains("keys:manage"), "what one may not do is not offered");
    let beyond = [("name", "tool"), ("scopes", "keys:manage"), ("days", "5")];
    assert_eq!(admin.post(&app, "/admin/tokens", &beyond).status, 403);
    assert_eq!(app.count("api_tokens"), 0);
}

/// Somebody whose password was given too long ago.
fn unconfirmed(app: &TestApp) -> Browser {
    let owner = app.at_the_dashboard("owner");
    app.change("UPDATE sessions SET confirmed_until = 0");
    owner
}

#[test]
fn what_lets_somebody_in_or_takes_much_out_asks_for_the_password() {
    let app = TestApp::unlimited();
    let owner = unconfirmed(&app);
    let token = [("name", "tool"), ("scopes", "leads:read"), ("days", "5")];
    let invite = [("email", "eva@example.com"), ("name", "Eva Lima"), ("role", "editor")];
    for (path, form) in [
        ("/admin/keys/jwt/rotate", &[][..]),
        ("/admin/tokens", &token[..]),
        ("/admin/team", &invite[..]),
    ] {
        let asked = owner.post(&app, path, form);
        assert!(asked.page(403).contains("name=\"_password\""), "{path}");
    }
    assert!(owner.get(&app, "/admin/audit.csv").page(403).contains("name=\"_password\""));
    assert_eq!((app.count("api_tokens"), app.count("users")), (0, 1));
    let with = [("_password", crate::app::PASSWORD)];
    let done = owner.post(&app, "/admin/keys/jwt/rotate", &with);
    assert!(followed(&app, &owner, &done).contains("A new key signs"));
}

#[test]
fn keys_show_their_age_and_never_themselves_and_a_replaced_one_verifies_for_a_day() {
    let app = TestApp::with(&[
        ("MANERO_RATE_LIMITS", "off"),
        ("OPENAI_API_KEY", "sk-not-to-be-shown-1234"),
    ]);
    let owner = app.at_the_dashboard("owner");
    let session = app.log_in("owner").access;
    let page = owner.get(&app, "/admin/keys");
    assert!(page.page(200).contains("in use") && page.text().contains("OPENAI_API_KEY"));
    assert!(page.text().contains("/admin/settings/openai.key"));
    assert!(!page.text().contains("sk-not-to-be-shown"));
    app.change("UPDATE signing_keys SET created_at = 0");
    let due = app.beside_with(&[("MANERO_RATE_LIMITS", "off")]);
    let shown = due.send(&get("/admin/keys").header("Cookie", &owner.cookie));
    assert!(shown.page(200).contains("needs you: </span>1"), "the badge");
    let done = owner.post(&app, "/admin/keys/jwt/rotate", &[]);
    assert!(followed(&app, &owner, &done).contains("only verifies"));
    assert_eq!(app.me(&session), 200, "nobody is logged out");
    let clock = &app.context.accounts.clock;
    clock.stop_at(clock.now_ms() + DAY + 1);
    assert_eq!(app.me(&session), 401);
    assert!(app.audit().contains(&"keys.rotate".to_owned()));
}

#[test]
fn the_record_shows_what_was_before_and_after_and_is_narrowed() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    owner.post(&app, "/admin/settings/site.app_name", &[("value", "Ana <b>Souza</b>")]);
    let list = owner.get(&app, "/admin/audit");
    assert!(
        list.page(200).contains("setting.update") && list.text().contains("→ Ana &lt;b&gt;Souza")
    );
    let id = row_id(&app, "SELECT id FROM audit WHERE action = 'setting.update'");
    let one = owner.get(&app, &format!("/admin/audit/{id}"));
    assert!(one.page(200).contains("site.app_name") && one.text().contains("owner@example.com"));
    let narrowed =
        owner.get(&app, "/admin/audit?action=setting.update&object=setting:site.app_name");
    assert_eq!(narrowed.page(200).matches("class=\"name\" href=\"/admin/audit/").count(), 1);
    assert!(narrowed.text().contains("/admin/audit.csv?action=setting.update"));
    let who = row_id(&app, "SELECT id FROM users");
    let by = owner.get(&app, &format!("/admin/audit?actor={who}"));
    assert!(by.page(200).contains("auth.log_in") && !by.text().contains("href=\"/admin/audit/x"));
    assert!(owner.get(&app, "/admin/audit?until=2001-01-01").page(200).contains("Nothing fits"));
    assert!(owner.get(&app, "/admin/audit?since=2001-01-01").page(200).contains("setting.update"));
}

#[test]
fn the_record_is_exported_whole_and_no_cell_is_a_formula() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    for at in 0..3 {
        let name = format!("=HYPERLINK(\"{at}\")");
        let form = [("name", name.as_str()), ("scopes", "leads:read"), ("days", "5")];
        assert_eq!(owner.post(&app, "/admin/tokens", &form).status, 200);
    }
    app.change("UPDATE audit SET actor_label = '=cmd|calc' WHERE action = 'token.create'");
    let csv = owner.get(&app, "/admin/audit.csv?action=token.create");
    assert_eq!(csv.status, 200);
    assert!(csv.header("Content-Type").unwrap().starts_with("text/csv"));
    assert_eq!(csv.header("Content-Disposition"), Some("attachment; filename=\"record.csv\""));
    let lines: Vec<&str> = csv.text().lines().collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[0].starts_with("\"id\",\"at\""));
    assert!(lines[1..].iter().all(|line| line.contains("\"'=cmd|calc\"")));
    assert!(lines[1].contains("HYPERLINK"));
    assert!(app.audit().contains(&"audit.export".to_owned()));

    // More than one read.
    app.change(
        "INSERT INTO audit (id, created_at, actor_kind, actor_id, actor_label, action, object_kind, object_id, address)
         SELECT a.id || b.id, 0, 'system', '', 'manero', 'bulk.made', 'thing', a.id || c.id, ''
         FROM audit a CROSS JOIN audit b CROSS JOIN (SELECT id FROM audit ORDER BY id LIMIT 1) c",
    );
    let made = app
        .query::<(i64,)>("SELECT CAST(count(*) AS BIGINT) FROM audit WHERE action = 'bulk.made'")
        [0]
    .0;
    let csv = owner.get(&app, "/admin/audit.csv?action=bulk.made");
    assert_eq!(csv.text().lines().count(), usize::try_from(made).unwrap() + 1);
}
