//! What is written can be compared with what was, and brought back; what is typed and not saved is not lost.

use manero::admin::accounts::audit::Actor;
use manero::business::articles::drafts::{self, Draft, Fields};
use manero::business::articles::edit;
use manero::business::revisions::{self, Kind, Listed, Revision};
use manero::platform::db::{self, Tx};
use manero::platform::error::Error;
use serde_json::json;

use crate::app::TestApp;
use crate::editing::editor;

fn id_of(app: &TestApp, token: &str, path: &str) -> String {
    let found = app.get_as(token, path).json();
    let id = if found["id"].is_string() { &found["id"] } else { &found["source"]["id"] };
    id.as_str().unwrap().to_owned()
}

fn versions(app: &TestApp, kind: Kind, id: &str) -> Vec<Listed> {
    app.db().read_blocking(|conn| revisions::list(conn, (kind, id), "", 1000)).unwrap()
}

fn version(app: &TestApp, kind: Kind, id: &str, version: &str) -> Revision {
    app.db().read_blocking(|conn| revisions::one(conn, (kind, id), version)).unwrap()
}

#[test]
fn each_saved_change_of_an_article_is_kept_with_who_and_what() {
    let (app, token) = editor();
    let path = "/api/v1/articles/two-hours-a-week";
    let id = id_of(&app, &token, path);
    let original = app.get_as(&token, path).json();
    assert!(versions(&app, Kind::Article, &id).is_empty(), "nobody has changed it yet");

    app.patch_as(&token, path, &json!({ "title": "Another", "body": "One.\n\nTwo." }));
    app.patch_as(&token, path, &json!({ "body": "One.\n\nThree." }));
    app.patch_as(&token, path, &json!({ "body": "One.\n\nThree." }));
    let found = versions(&app, Kind::Article, &id);
    let members: Vec<Vec<String>> = found.iter().map(|v| v.members.clone()).collect();
    assert_eq!(members, [vec!["body".to_owned()], vec!["body".into(), "title".into()], vec![]]);
    assert_eq!(found[0].author, "editor@example.com");
    assert_eq!(found[2].author, "", "as it came with the program");

    let first = version(&app, Kind::Article, &id, &found[2].id);
    assert_eq!(first.text("title"), original["title"]);
    assert_eq!(first.text("body"), original["source"]["body"]);
    let last = version(&app, Kind::Article, &id, &found[0].id);
    let second = version(&app, Kind::Article, &id, &found[1].id);
    let difference = revisions::difference(&second.state, &last.state);
    assert!(difference.members.is_empty(), "{difference:?}");
    assert_eq!((difference.added, difference.removed), (1, 1));

    // Brought back: a version more, and the address stays.
    app.patch_as(&token, path, &json!({ "slug": "moved" }));
    let brought: Result<_, Error> = app.db().write_blocking(move |tx: &mut Tx<'_>| {
        let now = edit::by_slug(tx, "moved")?;
        edit::update(tx, &Actor::command(), now, edit::edit_back_to(&first), 9_000)
    });
    let brought = brought.unwrap();
    assert_eq!(brought.article.summary.slug, "moved");
    assert_eq!(brought.article.summary.title, original["title"]);
    assert_eq!(brought.body_markdown, original["source"]["body"]);
    assert_eq!(versions(&app, Kind::Article, &id).len(), 5);

    app.delete_as(&token, "/api/v1/articles/moved");
    assert!(versions(&app, Kind::Article, &id).is_empty(), "removed for good");
}

#[test]
fn of_many_versions_the_newest_stay_and_of_older_days_the_last() {
    let app = TestApp::start();
    let place = (Kind::Article, "0199f1c2-0000-7000-8000-000000000001");
    let day = 86_400_000;
    app.db()
        .write_blocking(move |tx: &mut Tx<'_>| -> db::Result<()> {
            for n in 0..130 {
                // Ten a day.
                let (before, after) = (json!({ "body": n }), json!({ "body": n + 1 }));
                let at = n / 10 * day + n % 10;
                revisions::note(tx, place, Some((&before, at)), &after, "ana", at)?;
            }
            Ok(())
        })
        .unwrap();
    let found = versions(&app, place.0, place.1);
    assert_eq!(found.len(), 103, "a hundred, and one for each of three days");
    let older: Vec<i64> = found[100..].iter().map(|v| v.created_at).collect();
    assert_eq!(older, [2 * day + 9, day + 9, 9]);
}

#[test]
fn pages_programs_and_words_have_versions_too() {
    let (app, token) = editor();
    let page = id_of(&app, &token, "/api/v1/pages/privacy");
    let program = id_of(&app, &token, "/api/v1/programs/prime");
    app.patch_as(
        &token,
        "/api/v1/pages/privacy",
        &json!({ "body": "New words.", "dated_at": "2026-11-20T00:00:00Z" }),
    );
    app.patch_as(&token, "/api/v1/programs/prime", &json!({ "duration_weeks": 9 }));
    app.patch_as(&token, "/api/v1/texts/site?lang=es", &json!({ "tagline": "Otro lema" }));
    for (kind, id, members) in [
        (Kind::Page, page.as_str(), &["body", "dated_at"][..]),
        (Kind::Program, &program, &["duration_weeks"]),
        (Kind::Texts, "es/site", &["tagline"]),
    ] {
        let found = versions(&app, kind, id);
        assert_eq!(found.len(), 2, "{kind:?}");
        assert_eq!(found[0].members, members, "{kind:?}");
        let (was, is) =
            (version(&app, kind, id, &found[1].id), version(&app, kind, id, &found[0].id));
        assert!(!revisions::difference(&was.state, &is.state).is_empty());
    }
    let foreign = versions(&app, Kind::Page, &page)[0].id.clone();
    let other =
        app.db().read_blocking(|conn| revisions::one(conn, (Kind::Program, &program), &foreign));
    assert!(matches!(other, Err(db::Error::NotFound)), "a version of something else");
}

#[test]
fn what_is_typed_is_kept_for_whoever_typed_it_until_it_is_saved_or_thrown_away() {
    let app = TestApp::start();
    let (ana, bea) = (app.person("ana", "owner"), app.person("bea", "editor"));
    let draft = |id: &str, title: &str, updated_at| Draft {
        article_id: id.to_owned(),
        fields: Fields { title: title.into(), ..Fields::default() },
        based_on: 0,
        updated_at,
    };
    let put = |user: &str, draft: Draft| {
        let user = user.to_owned();
        app.db().write_blocking(move |tx: &mut Tx<'_>| drafts::put(tx, &user, &draft)).unwrap();
    };
    let begun = |user: &str| -> Vec<String> {
        let found = app.db().read_blocking(|conn| drafts::begun(conn, user)).unwrap();
        found.into_iter().map(|draft| draft.fields.title).collect()
    };
    let (a, b) = ("0199f1c2-0000-7000-8000-00000000000a", "0199f1c2-0000-7000-8000-00000000000b");
    put(&ana, draft(a, "One", 1_000_000_000_000));
    put(&ana, draft(a, "One and a half", 1_000_000_000_001));
    put(&ana, draft(b, "Two", 1_000_000_000_002));
    assert_eq!(begun(&ana), ["Two", "One and a half"]);
    assert!(begun(&bea).is_empty());
    let (of, id) = (ana.clone(), a.to_owned());
    app.db().write_blocking(move |tx: &mut Tx<'_>| drafts::remove(tx, &of, &id)).unwrap();
    assert_eq!(begun(&ana), ["Two"]);
    // Many, and old ones, do not pile up.
    for n in 0..60 {
        put(
            &ana,
            draft(&format!("0199f1c2-0000-7000-8000-0000000001{n:02}"), "x", 1_000_000_001_000 + n),
        );
    }
    assert_eq!(app.count("article_drafts"), 50);
    put(&bea, draft(a, "Much later", 1_000_000_000_000 + 91 * 86_400_000));
    assert_eq!(app.count("article_drafts"), 1);
    app.change("DELETE FROM users WHERE email = 'bea@example.com'");
    assert_eq!(app.count("article_drafts"), 0, "they go with whoever typed them");
}
