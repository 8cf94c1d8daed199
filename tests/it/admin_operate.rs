//! The mailbox, the log and slow statements at the dashboard.

use std::time::Duration;

use manero::business::mail::Draft;
use manero::ops::logs;

use crate::app::TestApp;

fn keep_a_mail(app: &TestApp, to: &str, subject: &str) -> String {
    let id = manero::platform::id::new_id();
    let draft = Draft {
        id: id.clone(),
        to: to.into(),
        reply_to: None,
        subject: subject.into(),
        text: format!("The text to {to}"),
        html: "<script>alert(1)</script>".into(),
    };
    app.context.mailer.hand_over(draft).unwrap();
    id
}

#[test]
fn mails_are_listed_found_and_read_and_nothing_in_them_runs() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    assert!(owner.get(&app, "/admin/mailbox").page(200).contains("No mails"));
    let first = keep_a_mail(&app, "ana@example.com", "Welcome 100%");
    keep_a_mail(&app, "eva@example.com", "Another <b>one</b>");
    let list = owner.get(&app, "/admin/mailbox");
    let page = list.page(200);
    assert!(page.contains("No mail server is set") && page.contains("&lt;b&gt;one"));
    assert!(page.find("eva@example.com") < page.find("ana@example.com"), "the newest first");
    for (words, found) in [("ANA@", true), ("100%25", true), ("eva", false), ("100_", false)] {
        let narrowed = owner.get(&app, &format!("/admin/mailbox?q={words}"));
        assert_eq!(narrowed.page(200).contains("ana@example.com"), found, "{words}");
    }
    assert!(owner.get(&app, "/admin/mailbox?way=smtp").page(200).contains("Nothing fits"));
    let one = owner.get(&app, &format!("/admin/mailbox/{first}"));
    assert!(one.page(200).contains("The text to ana@example.com"));
    assert!(one.text().contains("&#60;script&#62;") && !one.text().contains("<script>alert"));
}

#[test]
fn the_log_shows_its_newest_lines_by_level_and_words() {
    let app = TestApp::configured(&[("MANERO_RATE_LIMITS", "off")], "[log]\nfiles = true\n");
    let owner = app.at_the_dashboard("owner");
    let dir = app.loaded.settings.data.dir.join("logs");
    std::fs::create_dir_all(&dir).unwrap();
    let line = |level: &str, message: &str| {
        format!(
            "{{\"time\":\"2026-11-25T14:00:00.000Z\",\"level\":\"{level}\",\"target\":\"mail\",\"message\":\"{message}\"}}\n"
        )
    };
    let mut text = line("info", "the site <is> up") + &line("error", "the relay is gone");
    std::fs::write(dir.join("manero.log"), &text).unwrap();
    let page = owner.get(&app, "/admin/log");
    let shown = page.page(200);
    assert!(shown.contains("the site &lt;is&gt; up") && shown.contains("25 Nov 14:00:00"));
    assert!(shown.find("the relay is gone") < shown.find("the site &lt;is"), "the newest first");
    let errors = owner.get(&app, "/admin/log?level=warn");
    assert!(
        errors.page(200).contains("the relay is gone") && !errors.text().contains("the site &lt;")
    );
    assert!(owner.get(&app, "/admin/log?q=zebra").page(200).contains("Nothing fits"));
    for at in 0..300 {
        text += &line("info", &format!("line {at}."));
    }
    std::fs::write(dir.join("manero.log"), &text).unwrap();
    let page = owner.get(&app, "/admin/log");
    assert!(page.page(200).contains("line 299.") && page.text().contains("line 100."));
    assert!(!page.text().contains("line 99."), "200 and no more");
}

#[test]
fn without_a_log_there_is_an_empty_page() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    assert!(owner.get(&app, "/admin/log").page(200).contains("Nothing yet"));
}

#[test]
fn slow_statements_are_summed_up_without_their_values() {
    let app = TestApp::unlimited();
    let owner = app.at_the_dashboard("owner");
    assert!(owner.get(&app, "/admin/queries").page(200).contains("Nothing was slow"));
    let slow = manero::platform::db::Options { slow_query: Duration::ZERO, ..app.options() };
    let db = manero::platform::db::Db::open(&slow).unwrap();
    for _ in 0..3 {
        db.read_blocking(|conn| manero::business::mail::store::newest(conn, 77_777)).unwrap();
    }
    logs::flush(&db, &app.context.missing, &app.context.telemetry);
    app.context.telemetry.close();
    db.close();
    let page = owner.get(&app, "/admin/queries?days=1&sort=-times");
    let shown = page.page(200);
    assert!(shown.contains("FROM mails ORDER BY created_at") && shown.contains(">3</td>"));
    assert!(!shown.contains("77777") && !shown.contains("77,777"));
}
