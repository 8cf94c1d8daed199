//! Articles written over the API, and what holds for everything that is written there.

use rocket::http::Method;
use serde_json::json;

use crate::app::{Answer, Ask, TestApp, get, post, request};

pub(crate) fn editor() -> (TestApp, String) {
    let app = TestApp::unlimited();
    let token = app.session_of("editor").access;
    (app, token)
}

fn if_match(method: Method, path: &str, token: &str, tag: &str) -> Ask {
    request(method, path).bearer(token).header("If-Match", tag)
}

pub(crate) fn location(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.header("Location"))
}

#[test]
fn an_article_is_written_dated_moved_and_removed_and_visitors_see_each_step() {
    let (app, token) = editor();
    let body = json!({ "title": "Ask three clients, then write", "tags": ["Clients", "Habits"], "body": "## First\n\nAsk **three** clients.\n\n<script>alert(1)</script>" });
    let written = app.post_as(&token, "/api/v1/articles", &body);
    assert_eq!(written.status, 201, "{}", written.text());
    let draft = written.json();
    assert_eq!(
        (&draft["slug"], &draft["state"]),
        (&json!("ask-three-clients-then-write"), &json!("draft"))
    );
    assert_eq!(draft["excerpt"], "First Ask three clients.");
    assert!(!draft["body_html"].as_str().unwrap().contains("script"), "{draft}");
    let (path, page) =
        ("/api/v1/articles/ask-three-clients-then-write", "/articles/ask-three-clients-then-write");
    app.get(path).problem(404);
    app.get(page).page(404);
    assert_eq!(app.get_as(&token, path).json(), draft, "whoever edits sees it");

    let soon = json!({ "published_at": "2999-01-01T00:00:00Z" });
    assert_eq!(app.patch_as(&token, path, &soon).json()["state"], "scheduled");
    app.get(page).page(404);
    let now = json!({ "published_at": "2026-01-02T03:04:05+01:00", "author": "Ana Souza" });
    let public = app.patch_as(&token, path, &now).json();
    assert_eq!(
        (&public["state"], &public["published_at"]),
        (&json!("published"), &json!("2026-01-02T02:04:05.000Z"))
    );
    assert!(app.get(page).page(200).contains("Ana Souza"));
    assert_eq!(app.get(path).json().get("source"), None, "the source is for editors");
    assert!(app.get("/search?q=three+clients").text().contains(page));
    assert!(app.get("/articles/topics/habits").page(200).contains("Ask three clients"));

    let moved = json!({ "slug": "three-clients", "lang": "es" });
    assert_eq!(app.patch_as(&token, path, &moved).json()["url"], "/es/articles/three-clients");
    assert_eq!(location(&app.get(page)), (308, Some("/es/articles/three-clients")));
    app.get("/es/articles/three-clients").page(200);
    app.get_as(&token, path).problem(404);
    let back = json!({ "published_at": null });
    assert_eq!(
        app.patch_as(&token, "/api/v1/articles/three-clients", &back).json()["state"],
        "draft"
    );
    app.get("/es/articles/three-clients").page(404);

    assert_eq!(app.delete_as(&token, "/api/v1/articles/three-clients").status, 204);
    app.delete_as(&token, "/api/v1/articles/three-clients").problem(404);
    assert!(!app.get("/es/search?q=three").text().contains("three-clients"));
    let audit = app.audit();
    let of = |action: &str| audit.iter().filter(|a| *a == action).count();
    assert_eq!((of("article.create"), of("article.update"), of("article.delete")), (1, 4, 1));
}

#[test]
fn an_edit_that_changes_nothing_leaves_no_trace() {
    let (app, token) = editor();
    let path = "/api/v1/articles/two-hours-a-week";
    let before = app.get_as(&token, path);
    let title = before.json()["title"].clone();
    let after = app.patch_as(&token, path, &json!({ "title": title }));
    assert_eq!((after.status, after.json()), (200, before.json()));
    assert!(!app.audit().contains(&"article.update".to_owned()));
}

#[test]
fn two_people_who_edit_the_same_hear_of_each_other() {
    let (app, token) = editor();
    for path in [
        "/api/v1/articles/two-hours-a-week",
        "/api/v1/programs/prime",
        "/api/v1/pages/terms",
        "/api/v1/texts/home",
    ] {
        let tag = app.get_as(&token, path).header("ETag").unwrap().to_owned();
        let title = if path.contains("texts") {
            "hero_title"
        } else if path.contains("programs") {
            "published"
        } else {
            "title"
        };
        let value = if path.contains("programs") { json!(false) } else { json!("Another title") };
        let change = json!({ title: value });
        let first = app.send(&if_match(Method::Patch, path, &token, &tag).json(&change));
        assert_eq!(first.status, 200, "{path}: {}", first.text());
        let late = app.send(&if_match(Method::Patch, path, &token, &tag).json(&change));
        assert_eq!(late.problem(412)["type"], "/api/docs#stale", "{path}");
        let fresh = first.header("ETag").unwrap();
        assert_ne!(fresh, tag);
        let again = app.send(&if_match(Method::Patch, path, &token, fresh).json(&change));
        assert_eq!(again.status, 200, "{path}");
    }
    let path = "/api/v1/articles/two-hours-a-week";
    app.send(&if_match(Method::Delete, path, &token, "\"x\"")).problem(412);
    app.get(path).json();
}

#[test]
fn drafts_are_listed_for_whoever_may_and_for_nobody_else() {
    let (app, token) = editor();
    for n in 0..5 {
        let body = json!({ "title": format!("Draft {n}"), "lang": if n % 2 == 0 { "en" } else { "pt" }, "tags": ["plans"] });
        assert_eq!(app.post_as(&token, "/api/v1/articles", &body).status, 201);
    }
    let later = json!({ "title": "Later", "published_at": "2999-01-01T00:00:00Z" });
    app.post_as(&token, "/api/v1/articles", &later);
    let titles = |query: &str| -> Vec<String> {
        let (mut path, mut found) = (format!("/api/v1/articles?{query}"), Vec::new());
        loop {
            let answer = app.get_as(&token, &path);
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            assert_eq!(answer.header("Cache-Control"), Some("private, no-cache"));
            let page = answer.json();
            found.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|i| i["title"].as_str().unwrap().to_owned()),
            );
            let Some(link) = answer.header("Link") else { return found };
            path = link.strip_prefix('<').unwrap().split('>').next().unwrap().to_owned();
        }
    };
    for limit in [1, 2, 100] {
        assert_eq!(
            titles(&format!("state=draft&limit={limit}")),
            ["Draft 4", "Draft 3", "Draft 2", "Draft 1", "Draft 0"]
        );
        assert_eq!(
            titles(&format!("state=draft&lang=pt&sort=published_at&limit={limit}")),
            ["Draft 1", "Draft 3"]
        );
        assert_eq!(
            titles(&format!("state=draft&tag=plans&sort=updated_at&limit={limit}")).len(),
            5
        );
        assert_eq!(titles(&format!("state=scheduled&limit={limit}")), ["Later"]);
        let all = titles(&format!("state=any&limit={limit}"));
        assert_eq!((all.len(), &all[5]), (app.count("articles") as usize, &"Later".to_owned()));
        let published = titles(&format!("state=published&sort=-updated_at&limit={limit}"));
        assert_eq!(published.len(), app.count("articles") as usize - 6);
    }
    app.get("/api/v1/articles?state=draft").problem(401);
    app.get("/api/v1/programs?state=any").problem(401);
    app.get("/api/v1/pages?state=any").problem(401);
    let owner = app.session_of("owner").access;
    let scoped = json!({ "name": "x", "scopes": ["jobs:read"] });
    let other =
        app.post_as(&owner, "/api/v1/tokens", &scoped).json()["token"].as_str().unwrap().to_owned();
    app.get_as(&other, "/api/v1/articles?state=draft").problem(403);
    let as_anybody = app.get_as(&other, "/api/v1/articles/two-hours-a-week");
    assert_eq!(
        as_anybody.json().get("source"),
        None,
        "a token without the scope is one of everybody"
    );
    assert!(
        app.get("/api/v1/articles?sort=-updated_at").json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|i| i["state"] == "published")
    );
    assert!(app.get("/api/v1/articles").all("Vary").join(",").contains("Authorization"));
}

#[test]
fn what_is_wrong_with_an_article_is_told_at_once_and_a_taken_slug_is_a_conflict() {
    let (app, token) = editor();
    let body = json!({ "title": " ", "slug": "A b", "lang": "de", "tags": ["", 5], "published_at": "soon", "body": 1, "bodi": "x" });
    let problem = app.post_as(&token, "/api/v1/articles", &body).problem(400);
    let told: Vec<&str> = problem["error"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["path"][0].as_str().unwrap())
        .collect();
    assert_eq!(told, ["title", "slug", "lang", "tags", "tags", "body", "published_at", "bodi"]);
    let duplicate = json!({ "title": "x", "slug": "two-hours-a-week" });
    app.post_as(&token, "/api/v1/articles", &duplicate).problem(409);
    app.patch_as(
        &token,
        "/api/v1/articles/choose-one-thing",
        &json!({ "slug": "two-hours-a-week" }),
    )
    .problem(409);
    let same = json!({ "title": "Two hours a week" });
    assert_eq!(app.post_as(&token, "/api/v1/articles", &same).json()["slug"], "two-hours-a-week-2");
    let large = json!({ "title": "x", "body": "a".repeat(1_100_000) });
    app.post_as(&token, "/api/v1/articles", &large).problem(413);
    let long = json!({ "title": "x", "body": "word ".repeat(40_000) });
    assert_eq!(app.post_as(&token, "/api/v1/articles", &long).status, 201, "200,000 characters");
}

#[test]
fn every_post_that_creates_is_safe_to_send_again_and_a_token_is_kept_sealed() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let text = json!({ "en": { "name": "X" } });
    for (path, body) in [
        ("/api/v1/articles", json!({ "title": "Once" })),
        (
            "/api/v1/programs",
            json!({ "slug": "once", "price": { "amount": 1, "currency": "EUR" }, "duration_weeks": 1, "texts": text }),
        ),
        ("/api/v1/pages", json!({ "slug": "once", "title": "Once" })),
        ("/api/v1/redirects", json!({ "from": "/once", "to": "/" })),
        ("/api/v1/users", json!({ "email": "once@example.com", "name": "Once", "role": "editor" })),
        ("/api/v1/tokens", json!({ "name": "once", "scopes": ["audit:read"] })),
    ] {
        let ask = post(path).bearer(&owner).header("Idempotency-Key", "k").json(&body);
        let (first, again) = (app.send(&ask), app.send(&ask));
        assert_eq!((first.status, again.status), (201, 201), "{path}: {}", first.text());
        assert_eq!(first.body, again.body, "{path}");
        assert_eq!(again.header("Idempotent-Replayed"), Some("true"), "{path}");
        let other = post(path).bearer(&owner).header("Idempotency-Key", "k").json(&json!({}));
        assert!([400, 422].contains(&app.send(&other).status), "{path}");
    }
    assert_eq!(app.count("api_tokens"), 1);
    let kept: Vec<(String,)> = app.query("SELECT answer FROM idempotency_keys");
    assert!(kept.iter().all(|(answer,)| answer.starts_with("v1.") && !answer.contains("manero_")));
    // Another caller has keys of its own.
    let admin = app.session_of("admin").access;
    let ask = post("/api/v1/articles")
        .bearer(&admin)
        .header("Idempotency-Key", "k")
        .json(&json!({ "title": "Once" }));
    assert_eq!(app.send(&ask).header("Idempotent-Replayed"), None);
}

#[test]
fn what_one_caller_is_shown_is_kept_by_nobody_else_and_not_sent_twice() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    for path in [
        "/api/v1/users",
        "/api/v1/tokens",
        "/api/v1/redirects",
        "/api/v1/auth/me",
        "/api/v1/texts/site",
        "/api/v1/articles/two-hours-a-week",
    ] {
        let first = app.get_as(&owner, path);
        assert_eq!(first.header("Cache-Control"), Some("private, no-cache"), "{path}");
        assert!(first.all("Vary").join(", ").contains("Authorization"), "{path}");
        let tag = first.header("ETag").unwrap();
        let again = app.send(&get(path).bearer(&owner).header("If-None-Match", tag));
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
    let chosen =
        app.get_as(&owner, "/api/v1/users?fields=email,role&sort=-created_at&limit=1").json();
    assert_eq!(chosen["items"], json!([{ "email": "owner@example.com", "role": "owner" }]));
    app.get_as(&owner, "/api/v1/users?role=king").problem(400);
    assert_eq!(app.get_as(&owner, "/api/v1/users?suspended=true").json()["items"], json!([]));
    let since = "since=2999-01-01T00:00:00Z";
    assert_eq!(app.get_as(&owner, &format!("/api/v1/audit?{since}")).json()["items"], json!([]));
}
