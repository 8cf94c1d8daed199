//! Notes on leads.

use manero::platform::db::{Result, Sql};
use rocket::http::Method;
use serde_json::{Value, json};

use crate::app::{post, request};
use crate::lead_details::{NOBODY, join, one};
use crate::lists::walk_as;

#[test]
fn notes_are_written_listed_changed_and_removed() {
    let (app, owner, path) = one();
    let notes = format!("{path}/notes");
    let texts = ["First\r\nline", "Second", "Third"];
    let made: Vec<Value> = texts
        .iter()
        .map(|text| {
            let answer = app.post_as(&owner, &notes, &json!({ "text": text }));
            assert_eq!(answer.status, 201);
            answer.json()
        })
        .collect();
    assert_eq!(
        (&made[0]["author"], &made[0]["text"]),
        (&json!("owner@example.com"), &json!("First\nline"))
    );
    let listed = |query: &str| walk_as(&app, &owner, &format!("{notes}?limit=2{query}"));
    let newest: Vec<Value> = made.iter().rev().cloned().collect();
    assert_eq!(listed(""), newest);
    assert_eq!(listed("&sort=created_at"), made);
    assert_eq!(listed("&fields=text")[0], json!({ "text": "Third" }));
    let note = format!("{notes}/{}", made[1]["id"].as_str().unwrap());
    let shown = app.get_as(&owner, &note);
    assert_eq!(shown.json(), made[1]);
    let change =
        request(Method::Patch, &note).bearer(&owner).json(&json!({ "text": "Second, mended" }));
    let change = change.header("If-Match", shown.header("ETag").unwrap());
    assert_eq!(app.send(&change).json()["text"], "Second, mended");
    app.send(&change).problem(412);
    let other = join(&app, "bea@example.com");
    let elsewhere = note.replace(&path, &other);
    app.get_as(&owner, &elsewhere).problem(404);
    app.patch_as(&owner, &elsewhere, &json!({ "text": "x" })).problem(404);
    app.delete_as(&owner, &elsewhere).problem(404);
    assert_eq!(app.delete_as(&owner, &note).status, 204);
    app.get_as(&owner, &note).problem(404);
    app.delete_as(&owner, &note).problem(404);
    let record: Vec<(String, Option<String>, Option<String>)> =
        app.query("SELECT action, before_change, after_change FROM audit WHERE object_kind = 'lead' ORDER BY id");
    let actions: Vec<&str> = record.iter().map(|(action, ..)| action.as_str()).collect();
    assert_eq!(
        actions,
        ["note.create", "note.create", "note.create", "note.update", "note.delete"]
    );
    assert!(!format!("{record:?}").contains("Second"), "the record does not repeat notes");
    for body in [
        json!({}),
        json!({ "text": " \n" }),
        json!({ "text": "a\u{0}" }),
        json!({ "text": "x".repeat(5001) }),
    ] {
        app.post_as(&owner, &notes, &body).problem(400);
    }
    // The longest there is, written in the longest way.
    let escaped = format!("{{\"text\":\"{}\"}}", "\\ud83d\\ude00".repeat(5000));
    let longest = post(&notes).bearer(&owner).body("application/json", escaped);
    assert_eq!(app.send(&longest).status, 201);
    app.post_as(&owner, &format!("/api/v1/leads/{NOBODY}/notes"), &json!({ "text": "x" }))
        .problem(404);
    app.get_as(&owner, &format!("/api/v1/leads/{NOBODY}/notes")).problem(404);
}

#[test]
fn a_note_sent_again_is_written_once_and_there_is_an_end_to_notes() {
    let (app, owner, path) = one();
    let notes = format!("{path}/notes");
    let ask =
        post(&notes).bearer(&owner).json(&json!({ "text": "x" })).header("Idempotency-Key", "k");
    let first = app.send(&ask);
    assert_eq!((first.status, first.text()), (201, app.send(&ask).text()));
    assert_eq!(app.count("lead_notes"), 1);
    let lead = path.rsplit('/').next().unwrap().to_owned();
    app.db()
        .write_blocking(move |tx| -> Result<()> {
            for n in 1..500 {
                let sql = "INSERT INTO lead_notes (id, lead_id, author, text, created_at, updated_at) VALUES (?1, ?2, 'a', 'b', 0, 0)";
                let id = format!("00000000-0000-7000-8000-{n:012}");
                tx.exec(Sql::portable(sql), &[&id, &lead])?;
            }
            Ok(())
        })
        .unwrap();
    app.post_as(&owner, &notes, &json!({ "text": "y" })).problem(409);
}
