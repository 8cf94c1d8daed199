//! Tags of leads: one whatever their case, and counted rightly.

use manero::platform::db::{Result, Sql};
use rocket::http::Method;
use serde_json::json;

use crate::app::{TestApp, request};
use crate::lead_details::{NOBODY, found, join, one, put, tags};
use crate::lists::walk_as;

#[test]
fn tags_are_one_whatever_their_case_and_are_counted() {
    let (app, owner, ana) = one();
    let bea = join(&app, "bea@example.com");
    let tagged = |path: &str, tag: &str| app.send(&put(&owner, &format!("{path}/tags/{tag}")));
    for tag in ["Big%20Spender", "big%20spender", "%20BIG%20SPENDER", "a%2Fb", "%C3%89lan"] {
        assert_eq!(tagged(&ana, tag).status, 204, "{tag}");
    }
    assert_eq!(tagged(&bea, "BIG%20spender").status, 204);
    let names = app.get_as(&owner, &ana).json()["tags"].clone();
    assert_eq!(names, json!(["a/b", "Big Spender", "Élan"]), "as first written");
    assert_eq!(
        tags(&app, &owner),
        [("a/b".into(), 1), ("Big Spender".into(), 2), ("Élan".into(), 1)]
    );
    let most = walk_as(&app, &owner, "/api/v1/tags?limit=1&sort=-leads&fields=name");
    assert_eq!(
        most,
        [json!({ "name": "Big Spender" }), json!({ "name": "Élan" }), json!({ "name": "a/b" })]
    );
    for sort in ["name", "-name", "leads", "-leads"] {
        let mut names: Vec<String> =
            walk_as(&app, &owner, &format!("/api/v1/tags?limit=1&sort={sort}"))
                .iter()
                .map(|tag| tag["name"].as_str().unwrap().to_owned())
                .collect();
        names.sort();
        assert_eq!(names, ["Big Spender", "a/b", "Élan"], "{sort}");
    }
    for _ in 0..2 {
        assert_eq!(app.delete_as(&owner, &format!("{ana}/tags/BIG%20SPENDER")).status, 204);
    }
    assert_eq!(found(&app, &owner, "tag=Big+Spender"), ["bea@example.com"]);
    assert_eq!(app.delete_as(&owner, &format!("{bea}/tags/big%20spender")).status, 204);
    assert_eq!(
        tags(&app, &owner),
        [("a/b".into(), 1), ("Élan".into(), 1)],
        "what nobody has is gone"
    );
    let of_lead: Vec<(String,)> = app.query("SELECT action FROM audit WHERE object_kind = 'lead'");
    assert_eq!(of_lead.len(), 6, "only what changed something");
    tagged(&ana, &"x".repeat(41)).problem(400);
    tagged(&ana, "%20").problem(400);
    tagged(&ana, "a%0Ab").problem(400);
    tagged(&format!("/api/v1/leads/{NOBODY}"), "vip").problem(404);
    app.delete_as(&owner, &format!("/api/v1/leads/{NOBODY}/tags/vip")).problem(404);
}

#[test]
fn a_lead_has_fifty_tags_and_no_more() {
    let (app, owner, path) = one();
    let fifty: Vec<String> = (0..50).map(|n| format!("t{n}")).collect();
    assert_eq!(app.patch_as(&owner, &path, &json!({ "tags": fifty })).status, 200);
    app.send(&put(&owner, &format!("{path}/tags/another"))).problem(409);
    assert_eq!(app.send(&put(&owner, &format!("{path}/tags/T49"))).status, 204, "it has that one");
    assert_eq!(app.count("lead_tags"), 50);
}

#[test]
fn there_is_an_end_to_different_tags() {
    let (app, owner, path) = one();
    let fill = |app: &TestApp| {
        app.db()
            .write_blocking(|tx| -> Result<()> {
                for n in 0..9_999 {
                    let sql =
                        "INSERT INTO tags (tag, name, leads, created_at) VALUES (?1, ?1, 1, 0)";
                    tx.exec(Sql::portable(sql), &[&format!("t{n}")])?;
                }
                Ok(())
            })
            .unwrap();
    };
    fill(&app);
    assert_eq!(app.send(&put(&owner, &format!("{path}/tags/last"))).status, 204);
    app.send(&put(&owner, &format!("{path}/tags/beyond"))).problem(409);
    app.patch_as(&owner, &path, &json!({ "tags": ["beyond"], "name": "Other" })).problem(409);
    assert_eq!(app.get_as(&owner, &path).json()["name"], "Ana Souza", "all or nothing");
    assert_eq!(app.send(&put(&owner, &format!("{path}/tags/t5"))).status, 204, "known ones fit");
}

#[test]
fn tags_given_and_taken_at_once_are_counted_rightly() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let paths: Vec<String> = (0..6).map(|n| join(&app, &format!("ana{n}@example.com"))).collect();
    let mut asks = Vec::new();
    for round in 0..4 {
        for (n, path) in paths.iter().enumerate() {
            for tag in ["a", "b", "c"] {
                let path = format!("{path}/tags/{tag}");
                let takes = (n + round + tag.len()) % 3 == 0;
                let method = if takes { Method::Delete } else { Method::Put };
                asks.push(request(method, &path).bearer(&owner));
            }
            let all = if n % 2 == 0 { json!(["c", "B"]) } else { json!(["a", "c"]) };
            asks.push(request(Method::Patch, path).bearer(&owner).json(&json!({ "tags": all })));
        }
    }
    for answer in app.send_all(&asks) {
        assert!(matches!(answer.status, 200 | 204), "{}", answer.text());
    }
    let counted = "SELECT t.tag, t.leads, (SELECT CAST(count(*) AS BIGINT) FROM lead_tags l WHERE l.tag = t.tag) FROM tags t";
    let rows: Vec<(String, i64, i64)> = app.query(counted);
    assert!(!rows.is_empty() && rows.iter().all(|(_, known, real)| known == real), "{rows:?}");
    let shown = walk_as(&app, &owner, "/api/v1/leads");
    let on_leads: usize = shown.iter().map(|lead| lead["tags"].as_array().unwrap().len()).sum();
    assert_eq!(on_leads as i64, rows.iter().map(|row| row.2).sum::<i64>());
}
