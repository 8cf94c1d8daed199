//! The pages of settings: shown by what owners look for, changed, taken back, and never a secret in them.

use manero::platform::config::keys::{self, Change};

use crate::app::{Answer, Browser, TestApp};

const SECRET: &str = "sk-not-to-be-shown-8f3a";

/// The value of the hidden field `name` in the form that posts to `action`.
pub(crate) fn hidden(page: &str, action: &str, name: &str) -> String {
    let begins = format!("action=\"{action}\"");
    let forms = page.split(&begins).skip(1);
    let mut forms = forms.filter_map(|rest| rest.split("</form>").next());
    let start = format!("name=\"{name}\" value=\"");
    let value = forms.find_map(|form| form.split(&start).nth(1)?.split('"').next());
    value.unwrap_or_default().to_owned()
}

/// What the page after a redirect shows.
pub(crate) fn followed(app: &TestApp, browser: &Browser, answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = browser.keeping(answer).get(app, answer.header("Location").unwrap());
    page.page(200).to_owned()
}

fn page(app: &TestApp, browser: &Browser, path: &str) -> String {
    browser.get(app, path).page(200).to_owned()
}

fn set(app: &TestApp, browser: &Browser, key: &str, value: &str) -> Answer {
    browser.post(app, &format!("/admin/settings/{key}"), &[("value", value)])
}

#[test]
fn every_setting_stands_on_the_page_of_one_topic_and_is_found_by_its_words() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let topics = ["site", "mail", "security", "integrations", "monitoring", "server"];
    let pages = topics.map(|topic| page(&app, &owner, &format!("/admin/settings?group={topic}")));
    for key in keys::all() {
        let link = format!("href=\"/admin/settings/{}\"", key.path);
        assert_eq!(pages.iter().filter(|page| page.contains(&link)).count(), 1, "{}", key.path);
        let own = page(&app, &owner, &format!("/admin/settings/{}", key.path));
        let can = matches!(key.change, Change::Never(_)) || key.path == "http.rate_limits";
        assert_eq!(own.contains("name=\"value\""), !can, "{}", key.path);
    }
    let found = page(&app, &owner, "/admin/settings?q=SMTP_URL");
    assert!(found.contains("/admin/settings/mail.smtp_url") && !found.contains("mail.keep_days"));
    assert!(page(&app, &owner, "/admin/settings?q=zebra").contains("Nothing fits"));
    assert_eq!(owner.get(&app, "/admin/settings/no.such").status, 404);
}

#[test]
fn a_setting_is_changed_and_taken_back_and_the_change_is_undone() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let name = "/admin/settings/site.app_name";
    let saved = set(&app, &owner, "site.app_name", "Ana Souza");
    let said = followed(&app, &owner, &saved);
    assert!(said.contains("Saved. It counts from now on.") && said.contains("value=\"Ana Souza\""));
    assert!(said.contains("by owner@example.com"), "who changed it");
    assert!(said.contains(&format!("action=\"{name}/reset\"")), "undo");
    assert!(app.get("/").page(200).contains("Ana Souza"), "it counts");

    let second = followed(&app, &owner, &set(&app, &owner, "site.app_name", "Eva Souza"));
    assert_eq!(hidden(&second, name, "value"), "Ana Souza", "undo is what it was");
    let same = followed(&app, &owner, &set(&app, &owner, "site.app_name", "Eva Souza"));
    assert!(same.contains("Nothing was changed"));
    let back = followed(&app, &owner, &owner.post(&app, &format!("{name}/reset"), &[]));
    assert!(back.contains("<dd>default</dd>") && !back.contains("Take back"));
    let changes = ["auth.log_in", "setting.update", "setting.update", "setting.reset"];
    assert_eq!(app.audit()[2..], changes);
}

#[test]
fn what_does_not_fit_stays_as_it_was_typed_with_the_reason() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    for (key, typed, why) in [
        ("jwt.expiry", "seven days", "duration"),
        ("mail.keep_days", "0", "1 to 3650"),
        ("site.time_zone", "Mars/Base", "time zone"),
        ("http.extra_origins", "https://a.example/path", "no path"),
        ("mail.from_address", "nobody", "e-mail address"),
        ("site.app_name", " ", "Type a value"),
    ] {
        let refused = set(&app, &owner, key, typed);
        let page = refused.page(422);
        assert!(page.contains(why), "{key}: {page}");
        assert!(page.contains("aria-invalid=\"true\""), "{key}");
        assert!(typed == " " || page.contains(typed), "{key}");
    }
    assert_eq!(app.count("settings"), 0);
    let list = "https://a.example\nhttps://b.example\n";
    let saved = followed(&app, &owner, &set(&app, &owner, "http.extra_origins", list));
    assert!(saved.contains("https://a.example\nhttps://b.example</textarea>"));
}

#[test]
fn a_stale_form_hears_of_it_and_keeps_what_was_typed() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let path = "/admin/settings/site.app_name";
    let tag = hidden(&page(&app, &owner, path), path, "tag");
    assert!(!tag.is_empty());
    set(&app, &owner, "site.app_name", "Ana Souza");
    let tag = tag.replace("&quot;", "\"").replace("&#34;", "\"");
    let late = owner.post(&app, path, &[("value", "Eva Souza"), ("tag", &tag)]);
    let shown = late.page(422);
    assert!(shown.contains("Somebody has changed this setting since"), "{shown}");
    assert!(shown.contains("value=\"Eva Souza\"") && shown.contains("<dd>Ana Souza</dd>"));
    let again = hidden(shown, path, "tag").replace("&quot;", "\"").replace("&#34;", "\"");
    let saved = owner.post(&app, path, &[("value", "Eva Souza"), ("tag", &again)]);
    assert!(followed(&app, &owner, &saved).contains("Saved."));
}

#[test]
fn secrets_are_written_and_never_shown() {
    let app = TestApp::with(&[
        ("MANERO_RATE_LIMITS", "off"),
        ("SMTP_URL", "smtp://ana:Hidden-Pass-77@127.0.0.1:1"),
        ("JWT_SECRET", "a-signing-key-that-nobody-may-see-0123456789"),
    ]);
    let owner = app.at_the_dashboard("owner");
    let saved = followed(&app, &owner, &set(&app, &owner, "openai.key", SECRET));
    assert!(saved.contains("set, ends in 8f3a") && !saved.contains(SECRET));
    let refused = set(&app, &owner, "slack.url", "not-a-url-Hidden-Pass-77");
    assert!(!refused.page(422).contains("Hidden-Pass-77"), "not even what was typed");
    let replaced = followed(&app, &owner, &set(&app, &owner, "openai.key", "sk-another-key-1b2c"));
    assert!(!replaced.contains("Undo"), "a secret cannot be put back");
    let mut paths: Vec<String> =
        keys::all().map(|key| format!("/admin/settings/{}", key.path)).collect();
    for topic in ["site", "mail", "security", "integrations", "monitoring", "server"] {
        paths.push(format!("/admin/settings?group={topic}"));
    }
    let data_key = app.context.accounts.data_key.recovery_text().expose().clone();
    for path in paths {
        let shown = page(&app, &owner, &path);
        for secret in [SECRET, "Hidden-Pass-77", "nobody-may-see", "sk-another-key", &data_key] {
            assert!(!shown.contains(secret), "{path} shows {secret}");
        }
    }
}

#[test]
fn what_the_environment_fixes_is_shown_with_its_variable_and_cannot_be_changed() {
    let app = TestApp::with(&[("MANERO_RATE_LIMITS", "off"), ("JWT_EXPIRY", "3d")]);
    let owner = app.at_the_dashboard("owner");
    let shown = page(&app, &owner, "/admin/settings/jwt.expiry");
    assert!(shown.contains("JWT_EXPIRY") && shown.contains("<dd>3d</dd>"));
    assert!(!shown.contains("name=\"value\"") && shown.contains("cannot be changed here"));
    let sent = set(&app, &owner, "jwt.expiry", "5d");
    assert!(sent.page(422).contains("JWT_EXPIRY"));
    let port = page(&app, &owner, "/admin/settings/http.port");
    assert!(port.contains("the program listens there from its start"));
}

#[test]
fn the_mail_is_tried_from_its_page() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    let mail = page(&app, &owner, "/admin/settings?group=mail");
    assert!(mail.contains("action=\"/admin/settings/mail/test\""));
    assert!(mail.contains("value=\"owner@example.com\""), "to oneself");
    let told = owner.post(&app, "/admin/settings/mail/test", &[("to", "ana@example.com")]);
    assert!(followed(&app, &owner, &told).contains("No mail server is set"));
    assert_eq!(app.mails()[0].to, "ana@example.com");
    let refused = owner.post(&app, "/admin/settings/mail/test", &[("to", "nobody at all")]);
    let shown = refused.page(422);
    assert!(shown.contains("value=\"nobody at all\"") && shown.contains("id=\"to-fault\""));
}
