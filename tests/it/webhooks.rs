//! Webhooks as the owner keeps them: added, changed, tested, looked through, removed.

use manero::business::webhooks::{self, Event, model::State};
use manero::platform::clock;
use manero::platform::word::Word;
use rocket::http::Method;
use serde_json::{Value, json};

use crate::app::{Receiver, TestApp, post, request};

const PATH: &str = "/api/v1/webhooks";

#[test]
fn a_webhook_is_added_shown_changed_and_removed() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let body = json!({ "url": "https://hooks.example.com/a?token=geheim", "description": " newsletter ", "events": ["lead.created", "lead.created"] });
    let made = app.post_as(&owner, PATH, &body);
    assert_eq!(made.status, 201, "{}", made.text());
    let mut made = made.json();
    let secret = made.as_object_mut().unwrap().remove("secret").unwrap();
    assert!(secret.as_str().unwrap().starts_with("whsec_"), "{secret}");
    assert_eq!(
        (&made["description"], &made["events"]),
        (&json!("newsletter"), &json!(["lead.created"]))
    );
    assert_eq!((&made["active"], &made["last_success_at"]), (&json!(true), &Value::Null));

    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let shown = app.get_as(&owner, &path);
    assert_eq!(shown.json(), made);
    let tag = shown.header("ETag").unwrap().to_owned();
    let change = |tag: &str, body: &Value| {
        app.send(&request(Method::Patch, &path).bearer(&owner).header("If-Match", tag).json(body))
    };
    let changed = change(&tag, &json!({ "events": null, "active": false, "description": "" }));
    assert_eq!(changed.status, 200, "{}", changed.text());
    let now = changed.json();
    assert_eq!(
        (&now["events"], &now["active"], &now["url"]),
        (&Value::Null, &json!(false), &made["url"])
    );
    change(&tag, &json!({ "active": true })).problem(412);
    let same = app.patch_as(&owner, &path, &json!({ "active": false }));
    assert_eq!(same.json(), now, "what changes nothing leaves no trace");
    assert_eq!(app.audit().iter().filter(|action| *action == "webhook.update").count(), 1);

    app.send(&request(Method::Delete, &path).bearer(&owner).header("If-Match", &tag)).problem(412);
    assert_eq!(app.delete_as(&owner, &path).status, 204);
    app.get_as(&owner, &path).problem(404);
    app.delete_as(&owner, &path).problem(404);
}

#[test]
fn what_is_wrong_with_a_webhook_is_said_at_once() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let faults = |body: &Value| {
        let problem = app.post_as(&owner, PATH, body).problem(400);
        let faults = problem["error"].as_array().unwrap().clone();
        faults
            .iter()
            .map(|f| format!("{} {}", f["path"][0].as_str().unwrap(), f["code"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(faults(&json!({})), ["url required"]);
    let body = json!({ "url": 1, "description": "a\nb", "events": [], "active": "yes", "urll": 1 });
    assert_eq!(
        faults(&body),
        [
            "url invalid_type",
            "description invalid",
            "events too_short",
            "active invalid_type",
            "urll unknown"
        ]
    );
    let body =
        json!({ "url": "https://a.co/", "events": ["lead.created", "lead.made", " lead.created"] });
    assert_eq!(faults(&body), ["events unknown", "events unknown"]);
    assert_eq!(
        faults(&json!({ "url": "https://a.co/", "events": "lead.created" })),
        ["events invalid_type"]
    );
    assert_eq!(app.count("webhooks"), 0);
}

#[test]
fn an_address_that_is_not_on_the_internet_is_not_taken() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let ask = |url: &str| app.post_as(&owner, PATH, &json!({ "url": url }));
    for url in [
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://localhost/",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com:8443/",
        "ftp://hooks.example.com/",
        "",
    ] {
        assert_eq!(ask(url).problem(400)["error"][0]["path"], json!(["url"]), "{url}");
    }
    for url in
        ["https://nas.local/", "https://a.internal/", "https://x.localhost/", "https://router.lan/"]
    {
        let problem = ask(url).problem(409);
        assert!(problem["detail"].as_str().unwrap().contains("local network"), "{url}: {problem}");
    }
    let good = ask("https://hooks.example.com/");
    assert_eq!(good.status, 201);
    let path = format!("{PATH}/{}", good.json()["id"].as_str().unwrap());
    app.patch_as(&owner, &path, &json!({ "url": "https://127.0.0.1/" })).problem(400);
    app.patch_as(&owner, &path, &json!({ "url": "https://nas.local/" })).problem(409);
}

#[test]
fn there_are_at_most_fifty() {
    let app = TestApp::unlimited();
    let owner = app.session_of("owner").access;
    let ask = || app.post_as(&owner, PATH, &json!({ "url": "https://hooks.example.com/" }));
    let made: Vec<u16> = (0..50).map(|_| ask().status).collect();
    assert_eq!(made, [201; 50]);
    ask().problem(409);
    let walk = |path: &str| {
        let page = app.get_as(&owner, path).json();
        let ids = page["items"].as_array().unwrap().iter().map(|item| item["id"].to_string());
        (ids.collect::<Vec<_>>(), page["next"].as_str().map(str::to_owned))
    };
    let (mut all, mut next) = walk(&format!("{PATH}?limit=30&active=true&fields=id"));
    while let Some(cursor) = next {
        let (more, after) = walk(&format!("{PATH}?limit=30&active=true&fields=id&cursor={cursor}"));
        all.extend(more);
        next = after;
    }
    let mut newest = walk(&format!("{PATH}?limit=100&sort=-created_at")).0;
    newest.reverse();
    assert_eq!((all.len(), &all), (50, &newest));
    assert_eq!(walk(&format!("{PATH}?active=false")).0, Vec::<String>::new());
}

#[test]
fn a_post_that_comes_again_under_its_key_is_done_once_and_hears_the_secret_again() {
    let (app, owner) = TestApp::with_webhooks();
    let again = |path: &str, body: Option<&Value>| {
        let ask = post(path).bearer(&owner.access).header("Idempotency-Key", path);
        let ask = body.map_or(ask.clone(), |body| ask.json(body));
        let (first, second) = (app.send(&ask), app.send(&ask));
        assert_eq!((first.status, first.text()), (second.status, second.text()));
        assert_eq!(second.header("Idempotent-Replayed"), Some("true"));
        assert_eq!(second.header("Cache-Control"), Some("no-store"));
        first
    };
    let made = again(PATH, Some(&json!({ "url": "http://127.0.0.1:9/" })));
    assert_eq!((made.status, app.count("webhooks")), (201, 1));
    let path = format!("{PATH}/{}", made.json()["id"].as_str().unwrap());
    let secret = again(&format!("{path}/secret"), None);
    assert_eq!(secret.status, 201);
    assert_ne!(secret.json()["secret"], made.json()["secret"]);
    assert_eq!(secret.json()["id"], made.json()["id"]);
    let test = again(&format!("{path}/test"), None);
    assert_eq!((test.status, app.count("webhook_deliveries"), app.count("outbox")), (202, 1, 1));
    let delivery = format!("{path}/deliveries/{}", test.json()["id"].as_str().unwrap());
    assert_eq!(again(&format!("{delivery}/resend"), None).status, 202);
    assert_eq!((app.count("webhook_deliveries"), app.count("outbox")), (1, 1));
}

#[test]
fn no_secret_is_ever_shown_again_or_stored_readable() {
    let (app, owner) = TestApp::with_webhooks();
    let receiver = Receiver::answering(500);
    let hook = app.hook(&owner, &format!("{}/path?token=geheim", receiver.url), &[]);
    let replaced = app.post_as(&owner.access, &format!("{}/secret", hook.path), &json!({})).json();
    let other = replaced["secret"].as_str().unwrap().to_owned();
    app.lead("ana@example.com");
    app.drain_outbox();
    app.patch_as(&owner.access, &hook.path, &json!({ "description": "x" }));
    let mut shown = String::new();
    for path in [PATH, &hook.path, &format!("{}/deliveries", hook.path)] {
        shown.push_str(app.get_as(&owner.access, path).text());
    }
    let audit = app.get_as(&owner.access, "/api/v1/audit?object=webhook");
    let kept: Vec<(String,)> = app.query("SELECT secret || old_secret FROM webhooks");
    let notes: Vec<(String,)> = app.query(
        "SELECT coalesce(last_error, '') || payload FROM outbox UNION SELECT last_error FROM webhook_deliveries",
    );
    let everything = format!("{shown}{}{kept:?}{notes:?}", audit.text());
    for secret in [&hook.secret, &other] {
        let bare = secret.strip_prefix("whsec_").unwrap();
        assert!(!everything.contains(bare), "{everything}");
    }
    let told = format!("{}{notes:?}", audit.text());
    assert!(audit.text().contains("/path") && !told.contains("geheim"), "{told}");
    assert!(!format!("{notes:?}").contains("/path"), "{notes:?}");
}

#[test]
fn deliveries_are_found_by_state_and_event_and_belong_to_their_webhook() {
    let (app, owner) = TestApp::with_webhooks();
    let (good, bad) = (Receiver::answering(204), Receiver::answering(500));
    let hook = app.hook(&owner, &good.url, &[]);
    let failing = app.hook(&owner, &bad.url, &["lead.created"]);
    for number in 0..5 {
        app.lead(&format!("ana{number}@example.com"));
    }
    app.lead("ana0@example.com");
    app.drain_outbox();
    app.lead("eva@example.com");
    let count = |hook: &str, query: &str| {
        let list = app.get_as(&owner.access, &format!("{hook}/deliveries?{query}"));
        assert_eq!(list.status, 200, "{}", list.text());
        list.json()["items"].as_array().unwrap().len()
    };
    for (query, found) in [
        ("", 7),
        ("state=delivered", 6),
        ("state=waiting", 1),
        ("state=failed", 0),
        ("event=lead.updated", 1),
        ("event=lead.created&state=delivered", 5),
        ("event=article.published", 0),
        ("limit=2", 2),
    ] {
        assert_eq!(count(&hook.path, query), found, "{query}");
    }
    assert_eq!(
        (count(&failing.path, "state=failed"), count(&failing.path, "state=waiting")),
        (5, 1)
    );
    for (sort, state) in [("created_at", ""), ("-created_at", "&state=delivered")] {
        let mut path = Some(format!("{}/deliveries?limit=4&sort={sort}{state}", hook.path));
        let mut seen = Vec::new();
        while let Some(at) = path {
            let page = app.get_as(&owner.access, &at);
            let items = page.json()["items"].as_array().unwrap().clone();
            seen.extend(items.iter().map(|item| item["id"].to_string()));
            path = page
                .header("Link")
                .map(|link| link.strip_prefix('<').unwrap().split('>').next().unwrap().to_owned());
        }
        let mut sorted = seen.clone();
        sorted.sort();
        if sort.starts_with('-') {
            sorted.reverse();
        }
        assert_eq!((seen.len(), &seen), (if state.is_empty() { 7 } else { 6 }, &sorted));
    }
    let one = app.deliveries(&owner, &hook)[0]["id"].as_str().unwrap().to_owned();
    let own = app.get_as(&owner.access, &format!("{}/deliveries/{one}", hook.path));
    assert_eq!(own.json()["id"], json!(one));
    app.get_as(&owner.access, &format!("{}/deliveries/{one}", failing.path)).problem(404);
    app.post_as(&owner.access, &format!("{}/deliveries/{one}/resend", failing.path), &json!({}))
        .problem(404);
    app.get_as(&owner.access, &format!("{}/deliveries?state=lost", hook.path)).problem(400);
    let nobody = format!("{PATH}/0199f1c2-0000-7000-8000-000000000000/deliveries");
    app.get_as(&owner.access, &nobody).problem(404);
}

#[test]
fn a_removed_webhook_is_told_nothing_more_and_leaves_nothing_behind() {
    let (app, owner) = TestApp::with_webhooks();
    let receiver = Receiver::answering(200);
    let hook = app.hook(&owner, &receiver.url, &["lead.created"]);
    let other = app.hook(&owner, &receiver.url, &["lead.created"]);
    app.lead("ana@example.com");
    // One that a worker holds while the webhook is removed.
    let held: Vec<(String, String)> =
        app.query("SELECT id, payload FROM outbox WHERE kind = 'deliver_webhook' ORDER BY id");
    assert_eq!(held.len(), 2);
    assert_eq!(app.delete_as(&owner.access, &hook.path).status, 204);
    assert_eq!(app.count("webhook_deliveries"), 1);
    assert_eq!(app.count("outbox WHERE kind = 'deliver_webhook'"), 1);
    for (id, payload) in held {
        app.change("DELETE FROM outbox WHERE kind = 'deliver_webhook'");
        let queued: manero::platform::db::Result<u64> = app.db().write_blocking(move |tx| {
            let sql = "INSERT INTO outbox (id, kind, payload, due_at, created_at) VALUES (?1, 'deliver_webhook', ?2, 0, 0)";
            tx.exec(manero::platform::db::Sql::portable(sql), &[&id, &payload])
        });
        queued.unwrap();
        app.drain_outbox();
        assert_eq!(app.count("outbox WHERE kind = 'deliver_webhook'"), 0);
    }
    assert_eq!(receiver.got().signed_with(&[&other.secret]), [&other.secret]);
    receiver.got_nothing();
}

#[test]
fn deliveries_are_forgotten_after_thirty_days_with_their_dead_letters() {
    let (app, owner) = TestApp::with_webhooks();
    let hook = app.hook(&owner, &Receiver::answering(500).url, &["lead.created"]);
    app.lead("ana@example.com");
    app.drain_outbox();
    app.change("UPDATE outbox SET dead_at = 5 WHERE kind = 'deliver_webhook'");
    app.change("UPDATE webhook_deliveries SET state = 'dead'");
    let prune = |now| app.db().write_blocking(move |tx| webhooks::prune(tx, now)).unwrap();
    let now = clock::now_ms();
    assert_eq!(prune(now + 30 * 86_400_000 - 60_000), 0);
    assert_eq!((app.deliveries(&owner, &hook).len(), app.count("outbox")), (1, 1));
    assert_eq!(prune(now + 30 * 86_400_000 + 60_000), 1);
    assert_eq!((app.deliveries(&owner, &hook).len(), app.count("outbox")), (0, 0));
}

#[test]
fn the_document_names_the_events_and_states_by_their_words() {
    let document = manero::app::document().unwrap();
    let words = |name: &str| document["components"]["schemas"][name]["enum"].clone();
    let of = |words: Vec<&str>| json!(words);
    assert_eq!(words("WebhookEvent"), of(Event::ALL.iter().map(|event| event.word()).collect()));
    assert_eq!(words("DeliveryState"), of(State::ALL.iter().map(|state| state.word()).collect()));
}
