//! What is told to whom, when: each event once, with the thing as it is when it is sent.

use manero::business::articles;
use manero::business::webhooks::Event;
use manero::platform::clock::{self, now_ms};
use manero::platform::db::{Db, Result, migrate};
use manero::platform::word::Word;
use serde_json::{Value, json};

use crate::app::{Got, Hook, Receiver, Session, TestApp, TestDatabase};
use crate::source;

struct Site {
    app: TestApp,
    owner: Session,
    receiver: Receiver,
    hook: Hook,
}

impl Site {
    /// A site with a webhook that wants everything.
    fn new() -> Self {
        let (app, owner) = TestApp::with_webhooks();
        let receiver = Receiver::answering(200);
        let hook = app.hook(&owner, &receiver.url, &[]);
        Self { app, owner, receiver, hook }
    }

    /// Sends what waits; returns what came in, in the order of the events.
    fn told(&self) -> Vec<Value> {
        let all = self.app.deliveries(&self.owner, &self.hook);
        let waiting = all.iter().filter(|delivery| delivery["state"] == "waiting").count();
        self.app.drain_outbox();
        let mut got: Vec<Got> = (0..waiting).map(|_| self.receiver.got()).collect();
        self.receiver.got_nothing();
        got.sort_by(|a, b| a.header("webhook-id").cmp(b.header("webhook-id")));
        for one in &got {
            assert_eq!(one.signed_with(&[&self.hook.secret]), [&self.hook.secret]);
        }
        got.iter().map(Got::json).collect()
    }

    /// The types of what is told.
    fn types(&self) -> Vec<String> {
        self.told().iter().map(|told| told["type"].as_str().unwrap().to_owned()).collect()
    }

    fn write(&self, method: &str, path: &str, body: &Value) -> Value {
        let token = &self.owner.access;
        let answer = match method {
            "POST" => self.app.post_as(token, path, body),
            "PATCH" => self.app.patch_as(token, path, body),
            _ => self.app.delete_as(token, path),
        };
        assert!(answer.status < 300, "{}", answer.text());
        if answer.status == 204 { Value::Null } else { answer.json() }
    }
}

#[test]
fn a_lead_is_told_signed_to_whoever_wants_to_know_and_to_nobody_else() {
    let site = Site::new();
    let (app, owner) = (&site.app, &site.owner);
    let elsewhere = Receiver::answering(200);
    app.hook(owner, &elsewhere.url, &["article.published", "webhook.test"]);
    let also = Receiver::answering(200);
    let also_hook = app.hook(owner, &also.url, &["contact.created", "lead.created"]);
    let off = Receiver::answering(200);
    let off_hook = app.hook(owner, &off.url, &[]);
    app.patch_as(&owner.access, &off_hook.path, &json!({ "active": false }));

    let before = now_ms();
    let lead = app.lead("ana@example.com");
    assert_eq!(app.drain_outbox(), 3, "a mail and two messages");
    let (got, too) = (site.receiver.got(), also.got());
    assert_eq!(got.line, "POST / HTTP/1.1");
    assert_eq!(got.header("content-type"), "application/json");
    assert_eq!(got.header("user-agent"), concat!("manero/", env!("CARGO_PKG_VERSION")));
    assert_eq!(got.signed_with(&[&also_hook.secret, &site.hook.secret]), [&site.hook.secret]);
    assert_eq!(too.signed_with(&[&also_hook.secret, &site.hook.secret]), [&also_hook.secret]);
    let seconds: i64 = got.header("webhook-timestamp").parse().unwrap();
    assert!((before / 1000..=now_ms() / 1000).contains(&seconds), "{seconds}");
    let body = got.json();
    assert_eq!(body, too.json(), "the event is the same for all");
    assert_eq!(body["id"], got.header("webhook-id"));
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["created_at", "data", "id", "type"]);
    assert_eq!(body["type"], "lead.created");
    let data = &body["data"];
    assert_eq!((&data["id"], &data["email"]), (&json!(lead), &json!("ana@example.com")));
    assert_eq!(
        (&data["name"], &data["program"], &data["lang"]),
        (&json!("Ana Souza"), &json!("prime"), &json!("en"))
    );
    for quiet in [&elsewhere, &off] {
        quiet.got_nothing();
    }

    let delivery = &app.deliveries(owner, &site.hook)[0];
    let told = [
        "event",
        "event_id",
        "subject",
        "state",
        "attempts",
        "last_status",
        "last_error",
        "next_try_at",
    ];
    assert_eq!(
        told.map(|name| delivery[name].clone()),
        [
            json!("lead.created"),
            body["id"].clone(),
            json!(lead),
            json!("delivered"),
            json!(1),
            json!(200),
            Value::Null,
            Value::Null
        ]
    );
    assert_eq!(delivery["created_at"], body["created_at"]);
    let shown = app.get_as(&owner.access, &site.hook.path).json();
    assert_eq!(
        (&shown["last_success_at"], &shown["last_failure_at"]),
        (&delivery["delivered_at"], &Value::Null)
    );
}

#[test]
fn who_is_erased_before_it_is_sent_is_told_of_by_id_alone() {
    let site = Site::new();
    let lead = site.app.lead("ana@example.com");
    site.app.lead("ana@example.com");
    site.write("DELETE", &format!("/api/v1/leads/{lead}"), &Value::Null);
    let events = site.told();
    let types: Vec<&Value> = events.iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["lead.created", "lead.updated", "lead.deleted"]);
    assert!(events.iter().all(|event| event["data"] == json!({ "id": lead })), "{events:?}");
}

#[test]
fn what_the_owner_changes_of_a_lead_is_told() {
    let site = Site::new();
    let path = format!("/api/v1/leads/{}", site.app.lead("ana@example.com"));
    assert_eq!(site.types(), ["lead.created"]);
    site.write("PATCH", &path, &json!({ "name": "Ana de Souza", "tags": ["called"] }));
    site.write("PATCH", &path, &json!({ "name": "Ana de Souza" }));
    let told = site.told();
    let [event] = told.as_slice() else {
        panic!("once, and not for what changes nothing: {told:?}")
    };
    assert_eq!(event["type"], "lead.updated");
    assert_eq!(
        (&event["data"]["name"], &event["data"]["tags"]),
        (&json!("Ana de Souza"), &json!(["called"]))
    );
}

#[test]
fn nothing_of_a_person_is_kept_with_what_is_queued_or_was_told() {
    let site = Site::new();
    site.app.lead("ana@example.com");
    let kept = |table: &str| {
        let columns = match table {
            "outbox" => "SELECT payload || coalesce(last_error, '') FROM outbox",
            _ => {
                "SELECT event || event_id || subject || job_id || state || coalesce(last_error, '') FROM webhook_deliveries"
            }
        };
        let rows: Vec<(String,)> = site.app.query(columns);
        assert!(!rows.is_empty());
        format!("{rows:?}")
    };
    assert!(!kept("outbox").contains("ana"));
    assert_eq!(site.types(), ["lead.created"]);
    assert!(!kept("webhook_deliveries").contains("ana@"));
}

#[test]
fn a_message_of_the_contact_page_is_told() {
    let site = Site::new();
    let fields = [
        ("name", "Ana Souza"),
        ("email", "ana@example.com"),
        ("message", "Is there room in March?"),
        ("website", ""),
    ];
    assert_eq!(site.app.post_form("/es/contact", &fields).status, 303);
    let told = site.told();
    assert_eq!((told.len(), &told[0]["type"]), (1, &json!("contact.created")));
    let mut data = told[0]["data"].clone();
    assert_eq!(data["id"].as_str().unwrap().len(), 36);
    assert!(data["created_at"].as_str().unwrap().ends_with('Z'));
    for name in ["id", "created_at"] {
        data.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(
        data,
        json!({ "name": "Ana Souza", "email": "ana@example.com", "message": "Is there room in March?", "lang": "es" })
    );
}

#[test]
fn a_program_is_told_of_when_it_is_added_changed_and_removed() {
    let site = Site::new();
    let price = json!({ "amount": 100, "currency": "EUR" });
    let texts = json!({ "en": { "name": "GOLD" } });
    let body = json!({ "slug": "gold", "price": price, "duration_weeks": 1, "texts": texts });
    let made = site.write("POST", "/api/v1/programs", &body);
    let told = site.told();
    assert_eq!((told.len(), &told[0]["type"]), (1, &json!("program.updated")));
    assert_eq!(told[0]["data"]["id"], made["source"]["id"]);
    assert_eq!(told[0]["data"]["name"], "GOLD");
    site.write("PATCH", "/api/v1/programs/prime", &json!({ "published": false }));
    let told = site.told();
    assert_eq!((told.len(), &told[0]["type"]), (1, &json!("program.updated")));
    let data = &told[0]["data"];
    assert_eq!(
        (&data["slug"], &data["published"], &data["name"]),
        (&json!("prime"), &json!(false), &json!("PRIME"))
    );
    let id = data["id"].clone();
    site.write("PATCH", "/api/v1/programs/prime", &json!({ "published": false }));
    assert_eq!(site.types(), Vec::<String>::new(), "nothing has changed");
    site.write("DELETE", "/api/v1/programs/prime", &Value::Null);
    assert_eq!(site.told()[0]["data"], json!({ "id": id }));
}

#[test]
fn a_test_is_told_to_its_webhook_alone_whatever_it_wants() {
    let site = Site::new();
    let receiver = Receiver::answering(200);
    let hook = site.app.hook(&site.owner, &receiver.url, &["article.published"]);
    let queued = site.write("POST", &format!("{}/test", hook.path), &json!({}));
    assert_eq!((&queued["state"], &queued["event"]), (&json!("waiting"), &json!("webhook.test")));
    assert_eq!(site.types(), Vec::<String>::new());
    let body = receiver.got().json();
    assert_eq!((&body["type"], &body["id"]), (&json!("webhook.test"), &queued["event_id"]));
    assert_eq!(body["data"], json!({ "id": hook.id, "description": "" }));
    assert_eq!(site.app.audit().last().map(String::as_str), Some("webhook.test"));
}

const ARTICLES: &str = "/api/v1/articles";

#[test]
fn of_an_article_is_told_what_the_public_sees_of_it() {
    let site = Site::new();
    let own = format!("{ARTICLES}/mine");
    let later = clock::rfc3339(now_ms() + 3_600_000);
    let now = clock::rfc3339(now_ms() - 1000);
    site.write("POST", ARTICLES, &json!({ "title": "Mine", "slug": "mine" }));
    site.write("PATCH", &own, &json!({ "title": "Mine!" }));
    site.write("PATCH", &own, &json!({ "published_at": later }));
    assert_eq!(
        site.types(),
        Vec::<String>::new(),
        "drafts and what is to come are nobody's business"
    );
    site.write("PATCH", &own, &json!({ "published_at": now }));
    let told = site.told();
    assert_eq!((told.len(), &told[0]["type"]), (1, &json!("article.published")));
    let data = &told[0]["data"];
    assert_eq!(
        (&data["slug"], &data["state"], &data["url"]),
        (&json!("mine"), &json!("published"), &json!("/articles/mine"))
    );
    let id = data["id"].clone();
    site.write("PATCH", &own, &json!({ "body": "More." }));
    site.write("PATCH", &own, &json!({ "body": "More." }));
    site.write("PATCH", &own, &json!({ "published_at": null }));
    site.write("PATCH", &own, &json!({ "published_at": now }));
    site.write("PATCH", &own, &json!({ "published_at": later }));
    let types = site.types();
    assert_eq!(
        types,
        ["article.updated", "article.removed", "article.published", "article.removed"]
    );
    site.write("DELETE", &own, &Value::Null);
    assert_eq!(site.types(), Vec::<String>::new(), "it was not public any more");
    site.write("POST", ARTICLES, &json!({ "title": "Mine", "slug": "mine", "published_at": now }));
    site.write("DELETE", &own, &Value::Null);
    let told = site.told();
    assert_eq!(
        told.iter().map(|t| &t["type"]).collect::<Vec<_>>(),
        ["article.published", "article.removed"]
    );
    assert_eq!(told[1]["data"].as_object().unwrap().len(), 1, "it is gone");
    assert_ne!(told[1]["data"]["id"], id);
    site.write("PATCH", &format!("{ARTICLES}/two-hours-a-week"), &json!({ "title": "Two hours" }));
    assert_eq!(site.types(), ["article.updated"], "what came with the program was public before");
}

#[test]
fn an_article_dated_ahead_is_told_of_once_when_its_time_comes_whoever_looks() {
    let site = Site::new();
    let due = now_ms() + 3_600_000;
    let body = json!({ "title": "Later", "slug": "later", "published_at": clock::rfc3339(due) });
    site.write("POST", ARTICLES, &body);
    let announce = |db: &Db, now| articles::announce_due(db, now).unwrap();
    announce(site.app.db(), due - 1);
    assert_eq!(site.types(), Vec::<String>::new());
    // Several processes look at the same time.
    let others = [(); 3].map(|()| site.app.another_db());
    std::thread::scope(|scope| {
        for db in others.iter().chain([site.app.db()]) {
            scope.spawn(|| (0..5).for_each(|_| announce(db, due)));
        }
    });
    others.iter().for_each(Db::close);
    assert_eq!(site.types(), ["article.published"]);
    site.write("PATCH", &format!("{ARTICLES}/later"), &json!({ "published_at": null }));
    announce(site.app.db(), due);
    let again = json!({ "published_at": clock::rfc3339(due + 1) });
    site.write("PATCH", &format!("{ARTICLES}/later"), &again);
    announce(site.app.db(), due + 1);
    assert_eq!(site.types(), ["article.removed", "article.published"]);
}

#[test]
fn what_comes_from_files_is_no_news() {
    let site = Site::new();
    site.app.change("UPDATE articles SET published_at = published_at + 1000000000000, announced_at = NULL WHERE slug = 'two-hours-a-week'");
    articles::announce_due(site.app.db(), now_ms() + 2_000_000_000_000).unwrap();
    let unannounced: Vec<(String,)> = site
        .app
        .query("SELECT slug FROM articles WHERE announced_at IS NULL AND published_at IS NOT NULL");
    assert_eq!((site.types(), unannounced), (Vec::new(), Vec::new()));
}

#[test]
fn what_was_public_before_the_migration_is_no_news_and_what_was_to_come_is() {
    let database = TestDatabase::new();
    let db = Db::open(&database.options()).unwrap();
    while db.write_blocking(migrate::down).unwrap().1 != "webhooks" {}
    let queued: Result<()> = db.write_blocking(|tx| {
        for (slug, at) in [("past", Some(5)), ("future", Some(now_ms() + 3_600_000)), ("draft", None)] {
            let sql = "INSERT INTO articles (id, slug, lang, title, excerpt, author, body_markdown, body_html, tags, reading_minutes, published_at, created_at, updated_at, edited_at)
                       VALUES (?1, ?1, 'en', 'A', '', 'A', '', '', '[]', 1, ?2, 1, 1, 1)";
            tx.exec(manero::platform::db::Sql::portable(sql), &[&slug, &at])?;
        }
        Ok(())
    });
    queued.unwrap();
    db.close();
    drop(db);
    let db = Db::open(&database.options()).unwrap();
    let announced: Vec<(String,)> = db
        .read_blocking(|conn| {
            let sql = "SELECT slug FROM articles WHERE announced_at IS NOT NULL";
            conn.all(manero::platform::db::Sql::portable(sql), &[])
        })
        .unwrap();
    assert_eq!(announced, [("past".to_owned(),)]);
    db.close();
}

#[test]
fn the_documentation_shows_every_event_as_it_is_told() {
    let site = Site::new();
    site.app.lead("ana@example.com");
    let lead = site.app.lead("ana@example.com");
    let message = [("name", "Ana"), ("email", "ana@example.com"), ("message", "Is there room?")];
    assert_eq!(site.app.post_form("/contact", &message).status, 303);
    site.write("PATCH", "/api/v1/programs/prime", &json!({ "published": false }));
    let mine = json!({ "title": "Mine", "slug": "mine", "published_at": "2026-01-01T00:00:00Z" });
    site.write("POST", ARTICLES, &mine);
    site.write("PATCH", &format!("{ARTICLES}/mine"), &json!({ "title": "Mine!" }));
    site.write("POST", &format!("{}/test", site.hook.path), &json!({}));
    let mut told = site.told();
    site.write("DELETE", &format!("{ARTICLES}/mine"), &Value::Null);
    site.write("DELETE", &format!("/api/v1/leads/{lead}"), &Value::Null);
    told.extend(site.told());
    let documentation = source::read("docs/API.md");
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for event in Event::ALL {
        let is_it = |value: &Value| value["type"] == event.word();
        let Some(real) = told.iter().find(|value| is_it(value)) else {
            panic!("{} was not told", event.word())
        };
        let lines = documentation.lines().filter(|line| line.starts_with("{ \"id\": "));
        let mut examples = lines.filter_map(|line| serde_json::from_str(line).ok()).filter(is_it);
        let Some(example): Option<Value> = examples.next() else {
            panic!("{} has no example", event.word())
        };
        assert_eq!(members(&example), members(real), "{}", event.word());
        assert_eq!(members(&example["data"]), members(&real["data"]), "{}", event.word());
        let row = format!("| `{}` | ", event.word());
        assert_eq!(documentation.matches(&row).count(), 1, "{row}");
    }
}
