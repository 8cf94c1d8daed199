//! A lead's way in: the form, the API, and what is stored of it.

use insta::assert_snapshot;
use rocket::http::Method;
use serde_json::{Value, json};

use crate::app::{Ask, TestApp, get, post, request};

pub(crate) fn good(email: &str) -> Value {
    json!({ "name": "Ana Souza", "email": email, "program": "prime", "gdprConsent": true, "page": "/programs/prime" })
}

fn good_form(email: &str) -> [(&str, &str); 5] {
    [
        ("name", "Ana Souza"),
        ("email", email),
        ("program", "prime"),
        ("gdprConsent", "true"),
        ("page", "/programs/prime"),
    ]
}

pub(crate) fn lead(app: &TestApp, email: &str) -> u16 {
    app.post_json("/api/leads", &good(email)).status
}

/// Nothing was stored and nothing is owed.
fn assert_untouched(app: &TestApp) {
    for table in ["leads", "consents", "outbox"] {
        assert_eq!(app.count(table), 0, "{table}");
    }
}

#[test]
fn the_api_tells_all_faults_of_a_lead_at_once() {
    let app = TestApp::start();
    let body =
        json!({ "name": "A", "email": "not-an-address", "program": "gold", "gdprConsent": false });
    let mut problem = app.post_json("/api/leads", &body).problem(400);
    problem["request_id"] = json!("[id]");
    assert_snapshot!(format!("{problem:#}"), @r#"
    {
      "detail": "4 invalid field(s).",
      "error": [
        {
          "code": "too_short",
          "message": "Your name must be 2 characters or more",
          "path": [
            "name"
          ]
        },
        {
          "code": "invalid",
          "message": "Enter an email address in the correct format, like name@example.com",
          "path": [
            "email"
          ]
        },
        {
          "code": "unknown",
          "message": "Choose a program from the list",
          "path": [
            "program"
          ]
        },
        {
          "code": "required",
          "message": "Tick the box to agree to our emails",
          "path": [
            "gdprConsent"
          ]
        }
      ],
      "request_id": "[id]",
      "status": 400,
      "title": "Invalid fields",
      "type": "/api/docs#invalid-fields"
    }
    "#);
    assert_untouched(&app);
}

#[test]
fn the_api_says_which_fields_have_the_wrong_type() {
    let app = TestApp::start();
    let body = json!({ "name": 5, "email": ["a@b.co"], "program": {}, "gdprConsent": "yes" });
    let problem = app.post_json("/api/leads", &body).problem(400);
    let faults: Vec<_> =
        problem["error"].as_array().unwrap().iter().map(|f| (&f["path"][0], &f["code"])).collect();
    assert_eq!(
        json!(faults),
        json!([
            ["name", "invalid_type"],
            ["email", "invalid_type"],
            ["program", "invalid_type"],
            ["gdprConsent", "invalid_type"]
        ])
    );
    assert_untouched(&app);
}

#[test]
fn consent_is_needed_and_only_true_gives_it() {
    let app = TestApp::start();
    for consent in [json!(null), json!(false)] {
        let mut body = good("ana@example.com");
        body["gdprConsent"] = consent;
        let problem = app.post_json("/api/leads", &body).problem(400);
        assert_eq!(problem["error"][0]["path"], json!(["gdprConsent"]));
    }
    let fields = [("name", "Ana"), ("email", "ana@example.com"), ("gdprConsent", "no")];
    assert!(app.post_form("/leads", &fields).page(400).contains("Tick the box to agree"));
    assert_untouched(&app);
}

#[test]
fn a_refused_form_comes_back_in_the_gov_uk_manner() {
    let app = TestApp::start();
    let fields =
        [("name", "Ana <b>"), ("email", "ana@localhost"), ("program", "mastery"), ("page", "/")];
    let answer = app.post_form("/leads", &fields);
    let html = answer.page(400);
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    assert!(html.contains("<title>Error: Join the list"), "the title begins with Error:");
    let (_, summary) = html.split_once("id=\"error-summary\"").expect("a summary on top");
    let (summary, rest) = summary.split_once("</ul>").unwrap();
    let links: Vec<&str> =
        summary.split("href=\"#").skip(1).map(|l| &l[..l.find('"').unwrap()]).collect();
    assert_eq!(links, ["lead-email", "lead-gdprConsent"]);
    for link in links {
        assert!(rest.contains(&format!("id=\"{link}\"")), "{link} leads to a field");
        assert!(
            rest.contains(&format!("id=\"{link}-error\"><span")),
            "{link} says its fault beside the field"
        );
    }
    assert!(rest.contains("value=\"Ana &#60;b&#62;\""), "the name is kept, escaped: {rest}");
    assert!(rest.contains("value=\"ana@localhost\""), "the address is kept");
    assert!(rest.contains("<option value=\"mastery\" selected>"), "the program is kept");
    assert!(!rest.contains(" checked"), "a box that was not ticked stays so");
    assert_untouched(&app);
}

#[test]
fn a_good_form_leads_to_thanks_and_a_good_post_to_201() {
    let app = TestApp::start();
    let answer = app.post_form("/leads", &good_form("Ana@Example.com"));
    assert_eq!((answer.status, answer.header("Location")), (303, Some("/thanks")));
    assert!(app.get("/thanks").page(200).contains("Thank you"));

    let answer = app.post_json("/api/leads", &good("bea@example.com"));
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["status"], "subscribed");
    assert_eq!(app.post_json("/api/v1/leads", &good("cleo@example.com")).status, 201);

    let prime = Some("prime".to_owned());
    let wanted = ["ana@example.com", "bea@example.com", "cleo@example.com"];
    assert_eq!(
        app.leads(),
        wanted.map(|email| (email.to_owned(), "Ana Souza".to_owned(), prime.clone()))
    );
}

#[test]
fn the_form_on_every_page_sends_what_the_site_accepts() {
    let app = TestApp::start();
    for (number, page) in ["/", "/programs/prime"].into_iter().enumerate() {
        let answer = app.get(page);
        let html = answer.page(200);
        let (_, form) = html.split_once("<form").unwrap();
        let names: Vec<&str> =
            form.split(" name=\"").skip(1).map(|n| &n[..n.find('"').unwrap()]).collect();
        let email = format!("visitor{number}@example.com");
        let fields: Vec<(&str, &str)> = names
            .iter()
            .map(|name| match *name {
                "name" => ("name", "Ana"),
                "email" => ("email", email.as_str()),
                "gdprConsent" => ("gdprConsent", "true"),
                "page" => ("page", page),
                other => (other, ""),
            })
            .collect();
        assert!(fields.len() > 4, "{names:?}");
        assert_eq!(app.post_form("/leads", &fields).status, 303, "{page}");
    }
    assert_eq!(
        app.query::<(String,)>("SELECT page FROM consents ORDER BY page"),
        [("/".into(),), ("/programs/prime".into(),)]
    );
}

#[test]
fn the_same_address_again_updates_one_lead_and_sends_one_mail() {
    let app = TestApp::start();
    let first = app.post_json("/api/leads", &good("ana@example.com")).json();
    let again = json!({ "name": "Ana Maria", "email": " ANA@example.com ", "gdprConsent": true });
    let second = app.send(&post("/api/leads").json(&again).peer("198.51.100.99")).json();
    assert_eq!(first["id"], second["id"]);
    assert_eq!(
        app.leads(),
        [("ana@example.com".to_owned(), "Ana Maria".to_owned(), Some("prime".to_owned()))],
        "a program once chosen is not unchosen"
    );
    assert_eq!(app.drain_outbox(), 1);
    let mails = app.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].to.as_str(), mails[0].transport.as_str()), ("ana@example.com", "local"));

    let consents: Vec<(String, bool, String, String, String)> =
        app.query("SELECT purpose, granted, text_version, page, address FROM consents ORDER BY created_at, id");
    let site: Vec<_> =
        consents.iter().map(|c| (c.0.as_str(), c.1, c.3.as_str(), c.4.as_str())).collect();
    assert_eq!(
        site,
        [("email", true, "/programs/prime", "203.0.113.0"), ("email", true, "api", "198.51.100.0")]
    );
    assert!(consents.iter().all(|c| !c.2.is_empty()), "the version of the words: {consents:?}");
    let texts = app.query::<(String,)>("SELECT DISTINCT text FROM consents");
    assert_eq!(texts.len(), 1);
    assert!(app.get("/").page(200).contains(&texts[0].0), "the very words of the form");
}

#[test]
fn many_submits_at_once_make_one_lead_and_one_mail() {
    let app = TestApp::configured(&[], "[limits]\nlead_address = { max = 100, window = \"1h\" }");
    let asks: Vec<Ask> = (0..20)
        .map(|i| match i % 2 {
            0 => post("/leads").form(&good_form("ana@example.com")),
            _ => post("/api/leads").json(&good("ana@example.com")),
        })
        .collect();
    let answers = app.send_all(&asks);
    assert!(answers.iter().all(|a| a.status == 303 || a.status == 201));
    assert_eq!(app.leads().len(), 1);
    assert_eq!(app.count("consents"), 20);
    app.drain_outbox();
    assert_eq!(app.mails().len(), 1);
}

#[test]
fn a_program_that_fills_in_the_hidden_field_hears_the_same_and_stores_nothing() {
    let app = TestApp::start();
    let mut trapped = good("bot@example.com");
    trapped["website"] = json!("https://spam.example");
    let (caught, taken) = (
        app.post_json("/api/leads", &trapped),
        app.post_json("/api/leads", &good("ana@example.com")),
    );
    assert_eq!(caught.status, taken.status);
    let names = |answer: &crate::app::Answer| {
        let mut names: Vec<String> = answer.headers.iter().map(|(n, _)| n.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&caught), names(&taken), "the headers give nothing away");
    let keys = |answer: &crate::app::Answer| {
        answer.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(keys(&caught), keys(&taken));
    assert_eq!(
        caught.json()["id"].as_str().unwrap().len(),
        taken.json()["id"].as_str().unwrap().len()
    );

    let form = [&good_form("bot@example.com")[..], &[("website", "x")]].concat();
    assert_eq!(app.post_form("/leads", &form).header("Location"), Some("/thanks"));
    assert_eq!(app.leads().len(), 1);
    assert_eq!(app.count("outbox"), 1);
}

#[test]
fn bodies_that_cannot_be_read_are_the_clients_fault_and_say_where() {
    let app = TestApp::start();
    let json = |body: &[u8]| app.send(&post("/api/leads").body("application/json", body));
    let problem = json(b"{\n  \"name\": oops").problem(400);
    assert_eq!(problem["detail"], "The body is not valid JSON (line 2, column 11).");
    for body in
        [&b""[..], b"null", b"[]", b"\"a\"", b"{\"name\":\"\xff\xfe\"}", b"{\"name\":\"\\ud800\"}"]
    {
        json(body).problem(400);
    }
    json("[".repeat(10_000).as_bytes()).problem(400);
    assert_untouched(&app);
}

#[test]
fn invalid_utf_8_in_a_form_is_replaced_and_never_a_server_error() {
    let app = TestApp::start();
    let body = b"name=%ff%feAna&email=a%80@example.com&gdprConsent=true".to_vec();
    let form = "application/x-www-form-urlencoded";
    app.send(&post("/leads").body(form, body)).page(400);
    app.send(&post("/leads").body(form, vec![0xff; 64])).page(400);
    assert_untouched(&app);
}

#[test]
fn another_content_type_is_415_and_names_the_right_one() {
    let app = TestApp::start();
    for kind in ["", "text/plain", "application/x-www-form-urlencoded", "application/xml"] {
        let problem = app.send(&post("/api/leads").body(kind, "{}")).problem(415);
        assert!(problem["detail"].as_str().unwrap().contains("application/json"), "{problem}");
    }
    for kind in ["", "application/json", "multipart/form-data; boundary=x"] {
        app.send(&post("/leads").body(kind, "name=a")).page(415);
    }
    assert_untouched(&app);
}

#[test]
fn json_with_a_charset_is_still_json() {
    let app = TestApp::start();
    let body = good("ana@example.com").to_string();
    let ask = post("/api/leads").body("application/json; charset=utf-8", body);
    assert_eq!(app.send(&ask).status, 201);
}

#[test]
fn a_body_that_is_too_large_is_413() {
    let app = TestApp::start();
    let mut body = good("ana@example.com");
    body["name"] = json!("x".repeat(17 * 1024));
    let problem = app.post_json("/api/leads", &body).problem(413);
    assert!(problem["detail"].as_str().unwrap().contains("16384"), "{problem}");
    app.post_form("/leads", &[("name", &"x".repeat(17 * 1024))]).page(413);
    assert_untouched(&app);
}

#[test]
fn a_form_of_more_than_64_fields_is_refused_and_one_of_64_is_read() {
    let app = TestApp::start();
    let padded = |n: usize| {
        let mut fields = good_form("ana@example.com").to_vec();
        fields.resize(n, ("pad", "x"));
        app.post_form("/leads", &fields).status
    };
    assert_eq!(padded(65), 400);
    assert_untouched(&app);
    assert_eq!(padded(64), 303);
}

#[test]
fn a_form_on_another_site_is_refused() {
    let app = TestApp::with(&[("FRONTEND_URL", "https://shop.example")]);
    let send = |headers: &[(&str, &str)]| {
        let ask = post("/leads").host("shop.example").form(&good_form("ana@example.com"));
        let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
        app.send(&ask).status
    };
    for foreign in [
        &[("Origin", "https://evil.example")][..],
        &[("Origin", "null")],
        &[("Origin", "https://shop.example.evil.example")],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://shop.example")],
    ] {
        assert_eq!(send(foreign), 403, "{foreign:?}");
    }
    assert_untouched(&app);
    for own in [
        &[][..],
        &[("Origin", "https://shop.example")],
        &[("Sec-Fetch-Site", "same-origin")],
        &[("Sec-Fetch-Site", "none")],
        &[("Sec-Fetch-Site", "same-origin"), ("Origin", "null")],
    ] {
        assert_eq!(send(own), 303, "{own:?}");
    }
}

#[test]
fn a_refused_cross_site_form_is_a_friendly_page() {
    let app = TestApp::start();
    let ask =
        post("/leads").form(&good_form("ana@example.com")).header("Sec-Fetch-Site", "cross-site");
    assert!(app.send(&ask).page(403).contains("That form came from another site"));
}

#[test]
fn the_form_is_not_an_address_to_read() {
    let app = TestApp::start();
    for (path, allowed) in
        [("/leads", "POST"), ("/api/leads", "POST"), ("/api/v1/leads", "POST, GET, HEAD")]
    {
        let answer = app.send(&request(Method::Put, path));
        assert_eq!(answer.status, 405, "{path}");
        let told: std::collections::BTreeSet<&str> =
            answer.header("Allow").unwrap().split(", ").collect();
        assert_eq!(told, allowed.split(", ").collect(), "{path}");
    }
    for path in ["/leads", "/api/leads"] {
        assert_eq!(app.send(&get(path)).status, 405, "{path}");
    }
    app.get("/api/v1/leads").problem(401);
}
