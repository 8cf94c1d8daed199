//! The dashboard's door: the set-up link, log-in and log-out, the second factor, the password once more, and forms
//! that nothing is lost of.

use manero::admin::accounts::links;
use manero::platform::db::Result;

use crate::app::{Answer, Browser, PASSWORD, TestApp, browser, get, post};

const DAY: i64 = 86_400_000;

fn set_up_link(app: &TestApp) -> String {
    let now = app.context.accounts.clock.now_ms();
    let token: Result<String> = app.db().write_blocking(move |tx| links::for_an_owner(tx, now));
    links::path(&token.unwrap())
}

fn owner_form<'f>(password: &'f str, again: &'f str) -> [(&'f str, &'f str); 4] {
    [("name", "Ana Souza"), ("email", "Ana@Example.com"), ("password", password), ("again", again)]
}

/// What the page after a redirect says first.
fn said(app: &TestApp, browser: &Browser, answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = browser.keeping(answer).get(app, answer.header("Location").unwrap());
    page.page(200).to_owned()
}

/// The code that an authenticator app shows for this base32 secret.
fn code_of(app: &TestApp, secret: &str) -> String {
    crate::factor::code_of(secret, app.context.accounts.clock.now_ms())
}

#[test]
fn a_set_up_link_makes_an_owner_once_and_shows_the_recovery_key_once() {
    let app = TestApp::unlimited();
    let link = set_up_link(&app);
    assert!(app.get(&link).page(200).contains("Become the owner"));
    let refused = app.post_form(&link, &owner_form("short", "other"));
    let page = refused.page(422);
    assert!(page.contains("10 characters or more") && page.contains("not the same password"));
    assert!(
        page.contains("value=\"Ana Souza\"") && !page.contains("short"),
        "names stay, passwords do not"
    );

    let done = app.post_form(&link, &owner_form(PASSWORD, PASSWORD));
    let key = app.context.accounts.data_key.recovery_text().expose().clone();
    assert!(done.page(200).contains(&key));
    let owner = browser(&app, &done);
    let home = owner.get(&app, "/admin");
    assert!(home.page(200).contains("Ana Souza") && home.text().contains("ana@example.com"));
    assert!(!home.text().contains(&key));

    assert!(app.get(&link).page(410).contains("This link is over"));
    assert_eq!(app.post_form(&link, &owner_form(PASSWORD, PASSWORD)).status, 410);
    let people: Vec<(String, String)> = app.query("SELECT email, role FROM users");
    assert_eq!(people, [("ana@example.com".to_owned(), "owner".to_owned())]);
    assert_eq!(app.audit(), ["keys.rotate", "user.create", "auth.log_in"]);
}

#[test]
fn a_set_up_link_counts_for_thirty_minutes_and_until_there_is_a_newer_one() {
    let app = TestApp::unlimited();
    let clock = &app.context.accounts.clock;
    let now = clock.now_ms();
    clock.stop_at(now);
    let first = set_up_link(&app);
    let link = set_up_link(&app);
    assert_eq!(app.get(&first).status, 410, "the newer one counts");
    clock.stop_at(now + links::LINK_MS - 1);
    assert_eq!(app.get(&link).status, 200);
    clock.stop_at(now + links::LINK_MS);
    assert_eq!(app.get(&link).status, 410);
    assert_eq!(app.get("/admin/set-up/no-such-link").status, 410);
}

#[test]
fn somebody_with_a_link_chooses_a_password_and_every_session_before_it_ends() {
    let app = TestApp::unlimited();
    let before = app.at_the_dashboard("editor");
    let id = app.query::<(String,)>("SELECT id FROM users")[0].0.clone();
    let now = app.context.accounts.clock.now_ms();
    let token: Result<String> =
        app.db().write_blocking(move |tx| links::for_user(tx, &id, now, links::LINK_MS));
    let link = links::path(&token.unwrap());
    assert!(app.get(&link).page(200).contains("editor@example.com"));
    let other = "another good password";
    let done = app
        .post_form(&link, &[("password", other), ("again", other), ("email", "root@example.com")]);
    assert_eq!(done.header("Location"), Some("/admin"));
    assert_eq!(browser(&app, &done).get(&app, "/admin").status, 200);
    assert_eq!(before.get(&app, "/admin").status, 303);
    assert_eq!(app.try_log_in("editor", other).status, 200);
}

#[test]
fn the_log_in_says_the_same_for_an_unknown_address_and_a_wrong_password() {
    let app = TestApp::start();
    app.person("ana", "owner");
    let compared = || app.context.accounts.passwords.compared();
    let mut told = Vec::new();
    for (email, password) in [("ana@example.com", "wrong password"), ("eva@example.com", PASSWORD)]
    {
        let before = compared();
        let answer = app.post_form("/admin/log-in", &[("email", email), ("password", password)]);
        assert_eq!(compared() - before, 1, "the same work for both");
        assert!(answer.all("Set-Cookie").is_empty());
        told.push(answer.page(401).replace(email, "…"));
    }
    assert_eq!(told[0], told[1]);
    let many = (0..20).map(|_| {
        app.post_form("/admin/log-in", &[("email", "ana@example.com"), ("password", "x")]).status
    });
    assert!(many.last() == Some(429), "throttled");
}

#[test]
fn a_cookie_is_for_this_site_alone_and_over_https_for_nobody_else() {
    let app = TestApp::with(&[("MANERO_TRUSTED_PROXIES", "203.0.113.0/24")]);
    app.person("ana", "owner");
    let form = [("email", "ana@example.com"), ("password", PASSWORD), ("next", "/admin/account")];
    let plain = app.post_form("/admin/log-in", &form);
    let cookie = plain.all("Set-Cookie")[0].to_owned();
    for part in ["manero_session=", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"));
    assert_eq!(plain.header("Location"), Some("/admin/account"));
    let secure = app.send(&post("/admin/log-in").header("X-Forwarded-Proto", "https").form(&form));
    let cookie = secure.all("Set-Cookie")[0].to_owned();
    assert!(cookie.starts_with("__Host-manero=") && cookie.contains("; Secure"), "{cookie}");
    let stored: Vec<(Option<String>,)> = app.query("SELECT token_hash FROM sessions");
    let token = cookie.split(['=', ';']).nth(1).unwrap();
    assert!(stored.iter().all(|(hash,)| hash.as_deref().is_some_and(|hash| hash != token)));
    for evil in ["//evil.example", "https://evil.example/admin", "/", "/admin/\\evil.example"] {
        let form = [("email", "ana@example.com"), ("password", PASSWORD), ("next", evil)];
        assert_eq!(app.post_form("/admin/log-in", &form).header("Location"), Some("/admin"));
    }
}

#[test]
fn the_api_takes_no_cookie_and_the_dashboard_no_token() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    app.send(&get("/api/v1/users").header("Cookie", &owner.cookie)).problem(401);
    let token = app.log_in("owner").access;
    assert_eq!(app.send(&get("/admin").bearer(&token)).status, 303);
}

#[test]
fn logging_out_ends_this_session_and_no_other() {
    let app = TestApp::unlimited();
    let (here, there) = (app.at_the_dashboard("owner"), app.log_in_to_the_dashboard("owner"));
    let out = here.post(&app, "/admin/log-out", &[]);
    assert_eq!(out.header("Location"), Some("/admin/log-in"));
    assert!(out.all("Set-Cookie").iter().any(|line| line.contains("manero_session=;")));
    assert_eq!(here.get(&app, "/admin").status, 303);
    let page = there.get(&app, "/admin/account");
    assert_eq!(page.page(200).matches("class=\"sub\"").count(), 1);
    let third = app.log_in_to_the_dashboard("owner");
    let told = said(&app, &there, &there.post(&app, "/admin/account/sessions/end", &[]));
    assert!(told.contains("Every other session has ended"));
    assert_eq!(third.get(&app, "/admin").status, 303);
}

#[test]
fn a_browser_that_is_not_used_for_two_weeks_is_logged_out_and_any_after_sixty_days() {
    let app = TestApp::unlimited();
    let clock = &app.context.accounts.clock;
    let begun = clock.now_ms();
    clock.stop_at(begun);
    let owner = app.at_the_dashboard("owner");
    for day in (10..60).step_by(10) {
        clock.stop_at(begun + day * DAY);
        assert_eq!(owner.get(&app, "/admin").status, 200, "day {day}");
    }
    clock.stop_at(begun + 60 * DAY);
    assert_eq!(owner.get(&app, "/admin").status, 303);
    let other = app.log_in_to_the_dashboard("owner");
    clock.stop_at(begun + 74 * DAY);
    assert_eq!(other.get(&app, "/admin").status, 303);
}

#[test]
fn a_second_factor_is_set_up_asked_for_and_removed() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let begun = owner.post(&app, "/admin/account/second-factor", &[]);
    let path = "/admin/account/second-factor";
    assert_eq!(begun.header("Location"), Some(path));
    let page = owner.get(&app, path).page(200).to_owned();
    assert!(page.contains("<svg"));
    let secret =
        page.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let wrong = owner.post(&app, &format!("{path}/confirm"), &[("code", "000000")]);
    assert!(wrong.page(422).contains("not the code"));
    let on = owner.post(&app, &format!("{path}/confirm"), &[("code", &code_of(&app, &secret))]);
    let codes: Vec<&str> = on
        .page(200)
        .split("<li>")
        .skip(1)
        .filter_map(|part| part.split('<').next())
        .filter(|text| text.len() == 11)
        .collect();
    assert_eq!(codes.len(), 10);

    let form = [("email", "owner@example.com"), ("password", PASSWORD)];
    let asked = app.post_form("/admin/log-in", &form);
    assert!(asked.page(200).contains("Code of your authenticator app"));
    assert!(asked.all("Set-Cookie").is_empty());
    let with = |code: &str| app.post_form("/admin/log-in", &[form[0], form[1], ("code", code)]);
    assert_eq!(with("123456").status, 401);
    let clock = &app.context.accounts.clock;
    clock.stop_at(clock.now_ms() + 30_000);
    assert_eq!(with(&code_of(&app, &secret)).status, 303);
    assert_eq!(with(&code_of(&app, &secret)).status, 401, "no code counts twice");
    assert_eq!(with(codes[0]).status, 303);
    assert_eq!(with(codes[0]).status, 401);
    assert!(
        said(&app, &owner, &owner.post(&app, &format!("{path}/remove"), &[]))
            .contains("password alone")
    );
    assert_eq!(app.post_form("/admin/log-in", &form).status, 303);
}

#[test]
fn the_password_is_asked_for_again_after_ten_minutes_and_what_was_sent_goes_on() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let clock = &app.context.accounts.clock;
    clock.stop_at(clock.now_ms() + 10 * 60_000);
    let path = "/admin/account/second-factor";
    let asked = owner.post(&app, path, &[("kept", "what was typed")]);
    let page = asked.page(403);
    assert!(page.contains("name=\"_password\"") && page.contains("value=\"what was typed\""));
    assert!(page.contains(&format!("action=\"{path}\"")));
    let wrong = owner.post(&app, path, &[("kept", "what was typed"), ("_password", "wrong")]);
    assert!(
        wrong.page(403).contains("not your password") && wrong.text().contains("what was typed")
    );
    assert_eq!(app.count("recovery_codes"), 0);
    let done = owner.post(&app, path, &[("_password", PASSWORD)]);
    assert_eq!(done.header("Location"), Some(path));
    assert_eq!(owner.post(&app, path, &[]).status, 303, "for ten minutes it is not asked again");
}

#[test]
fn a_form_sent_after_the_session_has_ended_is_kept_through_the_log_in() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    app.change("DELETE FROM sessions");
    let sent = owner.post(&app, "/admin/account", &[("name", "Ana & <Söhne>"), ("_once", "a")]);
    let page = sent.page(401);
    assert!(page.contains("what you have typed is kept"));
    let packed =
        page.split("name=\"waiting_fields\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let packed = packed.replace("&#38;", "&").replace("&amp;", "&");
    let back = app.post_form(
        "/admin/log-in",
        &[
            ("email", "owner@example.com"),
            ("password", PASSWORD),
            ("waiting_path", "/admin/account"),
            ("waiting_fields", &packed),
        ],
    );
    let page = back.page(200);
    assert!(page.contains("action=\"/admin/account\"") && page.contains("Send it now"));
    assert!(
        page.contains("Ana &#38; &#60;Söhne&#62;") || page.contains("Ana &amp; &lt;Söhne&gt;"),
        "{page}"
    );
    assert!(!page.contains("name=\"_csrf\" value=\"\""));
    let fresh = browser(&app, &back);
    assert!(page.contains(&fresh.csrf), "it can be sent as it stands");
}

#[test]
fn a_form_from_before_another_log_in_is_offered_to_be_sent_again() {
    let app = TestApp::unlimited();
    let old = app.at_the_dashboard("owner");
    let new = app.log_in_to_the_dashboard("owner");
    let mixed = Browser { cookie: new.cookie.clone(), csrf: old.csrf };
    let page = mixed.post(&app, "/admin/account", &[("name", "Ana Maria")]);
    assert!(page.page(409).contains("value=\"Ana Maria\"") && page.text().contains(&new.csrf));
    assert_ne!(app.query::<(String,)>("SELECT name FROM users")[0].0, "Ana Maria");
    let from_elsewhere = new
        .form("/admin/account", &[("name", "Ana")])
        .without("Sec-Fetch-Site")
        .header("Sec-Fetch-Site", "cross-site");
    assert_eq!(app.send(&from_elsewhere).status, 403);
}

#[test]
fn a_second_click_does_nothing_and_leads_to_the_same_place() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let fields = [("name", "Ana Souza"), ("_once", "the same form")];
    let first = owner.post(&app, "/admin/account", &fields);
    assert!(said(&app, &owner, &first).contains("role=\"status\""));
    let lines = app.count("audit");
    let again =
        owner.post(&app, "/admin/account", &[("name", "Another"), ("_once", "the same form")]);
    assert_eq!(again.header("Location"), first.header("Location"));
    assert_eq!(app.count("audit"), lines);
    assert_eq!(app.query::<(String,)>("SELECT name FROM users")[0].0, "Ana Souza");
    let refused =
        owner.post(&app, "/admin/account", &[("name", "x"), ("_once", "one with a fault")]);
    assert_eq!(refused.status, 422);
    let mended =
        owner.post(&app, "/admin/account", &[("name", "Ana"), ("_once", "one with a fault")]);
    assert_eq!(mended.status, 303, "what was refused may be sent again");
}

#[test]
fn pages_of_the_dashboard_are_kept_by_nobody_and_carry_every_header() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    for path in ["/admin", "/admin/account", "/admin/search?q=ana", "/admin/no-such-page"] {
        let answer = owner.get(&app, path);
        assert_eq!(answer.header("Cache-Control"), Some("no-store"), "{path}");
        assert!(answer.header("Content-Security-Policy").unwrap().contains("default-src 'none'"));
        assert_eq!(answer.header("X-Frame-Options"), Some("DENY"));
        assert!(
            !answer.text().contains("style=\"") && !answer.text().contains("<script>"),
            "{path}"
        );
    }
    assert!(owner.get(&app, "/admin/no-such-page").page(404).contains("Not here"));
    assert_eq!(app.get("/admin/no-such-page").status, 404);
}

#[test]
fn the_search_finds_places_settings_leads_and_articles_by_beginnings() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    app.lead("ana@example.com");
    let found = |query: &str| {
        owner.get(&app, &format!("/admin/search?part=yes&q={query}")).page(200).to_owned()
    };
    assert!(found("ana").contains("ana@example.com"));
    assert!(found("two+hours").contains("/admin/articles/two-hours-a-week"));
    assert!(
        found("mail+server").contains("/admin/settings/mail.smtp_url")
            || found("smtp").contains("/admin/settings/mail.smtp_url")
    );
    assert!(found("account").contains("/admin/account"));
    assert!(found("%3Cscript%3E").contains("&#60;script&#62;"), "what was typed is text");
    let editor = app.at_the_dashboard("editor");
    let page = editor.get(&app, "/admin/search?q=ana");
    assert!(!page.page(200).contains("ana@example.com"), "no personal data for an editor");
}
