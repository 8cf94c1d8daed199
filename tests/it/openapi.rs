//! The document: it says what is mounted, and is what the documentation says.

use std::collections::BTreeSet;

use manero::admin::accounts::policy::{Access, policy};
use manero::app::document;
use manero::ops::openapi::markdown::{BEGIN, END, markdown};
use manero::ops::openapi::model::Reference;
use serde_json::{Value, json};

use crate::app::{TestApp, manero};
use crate::pages::links;
use crate::source;

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .unwrap()
                .iter()
                .map(|(method, operation)| (method.to_uppercase(), path.clone(), operation.clone()))
        })
        .collect()
}

#[test]
fn the_document_describes_every_address_of_the_api_and_no_other() {
    let app = TestApp::start();
    let described: BTreeSet<(String, String)> =
        operations(&document().unwrap()).into_iter().map(|(m, p, _)| (m, p)).collect();
    let ours =
        |path: &str| path == "/api" || path.starts_with("/api/") || path.starts_with("/health");
    let mounted: BTreeSet<(String, String)> = app
        .routes()
        .into_iter()
        .filter(|(_, path)| ours(path) && !path.contains("/-/"))
        .map(|(method, path)| {
            let path = path.split('?').next().unwrap_or_default();
            (method, path.replace('<', "{").replace("..>", "}").replace('>', "}"))
        })
        .collect();
    let hidden: Vec<_> = mounted.difference(&described).collect();
    assert!(hidden.is_empty(), "mounted, and not in the document: {hidden:?}");
    let invented: Vec<_> = described.difference(&mounted).collect();
    assert!(invented.is_empty(), "in the document, and not mounted: {invented:?}");
    assert!(mounted.len() >= 16, "{mounted:?}");
}

/// Every body refuses members that it does not know, so the document must not promise otherwise.
#[test]
fn what_is_sent_has_no_members_but_those_described() {
    fn open_objects(schema: &Value, document: &Value, at: &str, open: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap();
            return open_objects(&document["components"]["schemas"][name], document, name, open);
        }
        if let Some(properties) = schema["properties"].as_object() {
            if schema["additionalProperties"] != json!(false) {
                open.push(at.to_owned());
            }
            for (name, member) in properties {
                open_objects(member, document, &format!("{at}.{name}"), open);
            }
        }
        if schema["items"].is_object() {
            open_objects(&schema["items"], document, &format!("{at}[]"), open);
        }
        for choice in ["anyOf", "oneOf", "allOf"] {
            for part in schema[choice].as_array().into_iter().flatten() {
                open_objects(part, document, at, open);
            }
        }
    }
    let document = document().unwrap();
    let (mut open, mut bodies) = (Vec::new(), 0);
    for (_, path, operation) in operations(&document) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_object() {
            bodies += 1;
            open_objects(schema, &document, &path, &mut open);
        }
    }
    assert!(bodies > 10, "{bodies}");
    assert!(open.is_empty(), "open to anything: {open:?}");
}

#[test]
fn every_operation_says_what_it_does_what_it_answers_and_how_it_refuses() {
    let document = document().unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let said = |name: &str| operation[name].as_str().is_some_and(|text| !text.is_empty());
        assert!(said("summary") && said("operationId"), "{method} {path}");
        assert!(
            ids.insert(operation["operationId"].to_string()),
            "{method} {path} has the id of another"
        );
        let mut refusals = vec!["400", "421"];
        if path.starts_with("/api") {
            refusals.extend(["429", "500", "503"]);
        }
        if path.contains('{') {
            refusals.push("404");
        }
        match policy(&method, &path.replace('{', "<").replace('}', ">")) {
            None | Some(Access::Public) => {}
            Some(Access::Known) => {
                refusals.push("401");
                assert!(operation["responses"]["403"].is_null(), "{method} {path}");
            }
            Some(_) => refusals.extend(["401", "403"]),
        }
        if operation["requestBody"].is_object() {
            refusals.extend(["413", "415"]);
            let content = &operation["requestBody"]["content"];
            // A picture is sent as it is.
            if content["image/png"].is_null() {
                assert!(content["application/json"]["example"].is_object());
            }
        }
        if path.ends_with("/leads") && method == "POST" {
            refusals.extend(["409", "422"]);
        }
        for status in refusals {
            assert!(operation["responses"][status].is_object(), "{method} {path}: {status}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{method} {path}: {parameter}");
            let text = parameter["schema"].to_string();
            assert!(!text.contains("null"), "{method} {path}: {parameter}");
        }
    }
}

#[test]
fn an_operation_asks_for_a_token_where_the_policy_says_so() {
    let document = document().unwrap();
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    for (method, path, operation) in operations(&document) {
        let mounted = path.replace('{', "<").replace('}', ">");
        let security = match policy(&method, &mounted) {
            None | Some(Access::Public) => json!(null),
            Some(Access::PublicAnd(_)) => json!([{}, { "bearer": [] }]),
            Some(_) => json!([{ "bearer": [] }]),
        };
        assert_eq!(operation["security"], security, "{method} {path}");
    }
}

#[test]
fn every_reference_in_the_document_leads_somewhere_and_every_shape_is_used() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str() {
                        Some(to) if name == "$ref" => drop(found.insert(to.to_owned())),
                        _ => references(member, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = document().unwrap();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for to in &found {
        let place = to.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{to} leads nowhere");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(found.contains(&format!("#/components/schemas/{name}")), "nothing uses {name}");
    }
}

#[test]
fn real_answers_have_the_members_that_the_document_names() {
    let app = TestApp::unlimited();
    let document = document().unwrap();
    let owner = app.session_of("owner").access;
    let token = json!({ "name": "one", "scopes": ["content:read"] });
    app.post_as(&owner, "/api/v1/tokens", &token);
    let me = app.get_as(&owner, "/api/v1/auth/me").json();
    let moved = json!({ "from": "/old", "to": "/programs" });
    let moved = app.post_as(&owner, "/api/v1/redirects", &moved).json();
    let lead = app.post_json("/api/v1/leads", &crate::leads::good("ana@example.com")).json();
    let of_lead = |rest: &str| format!("/api/v1/leads/{}{rest}", lead["id"].as_str().unwrap());
    let note = app.post_as(&owner, &of_lead("/notes"), &json!({ "text": "one" })).json();
    app.patch_as(&owner, &of_lead(""), &json!({ "tags": ["one"] }));
    let webhook = json!({ "url": "https://hooks.example.com/", "events": ["lead.created"] });
    let webhook = app.post_as(&owner, "/api/v1/webhooks", &webhook).json();
    let delivery = format!("/api/v1/webhooks/{}/test", webhook["id"].as_str().unwrap());
    let delivery = app.post_as(&owner, &delivery, &json!({})).json();
    let picture = crate::media_uploads::picture(&app, &owner, "one.png", 1);
    let job = app.get_as(&owner, "/api/v1/jobs").json()["items"][0].clone();
    let mut compared = 0;
    for (method, path, operation) in operations(&document) {
        let reference =
            operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].as_str();
        let (Some(reference), "GET") = (reference, method.as_str()) else { continue };
        let example = &operation["responses"]["200"]["content"]["application/json"]["example"];
        let place = |part: &str| path.contains(part);
        let slug = match () {
            () if place("programs") => "prime",
            () if place("pages") => "privacy",
            () => "two-hours-a-week",
        };
        let one = match () {
            () if place("redirects") => &moved,
            () if place("media") => &picture,
            () if place("jobs") => &job,
            () if place("leads") => &lead,
            () if place("webhooks") => &webhook,
            () => &me,
        };
        let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
        let mut asked = path.replace("{slug}", slug).replace("{id}", &id(one));
        asked = asked.replace("{note}", &id(&note)).replace("{delivery}", &id(&delivery));
        asked = asked.replace("{key}", "site.app_name");
        if path.ends_with("/search") {
            asked += "?q=routine";
        }
        let answer = app.get_as(&owner, &asked).json();
        same_members(&answer, example, &format!("{asked} is a {reference}"));
        compared += 1;
    }
    assert!(compared >= 27, "{compared}");
}

/// Asserts that both have the same members, all the way down; of a list the first item counts.
fn same_members(real: &Value, example: &Value, place: &str) {
    match (real, example) {
        (Value::Object(real), Value::Object(example)) => {
            let names = |members: &serde_json::Map<String, Value>| -> BTreeSet<String> {
                members.keys().cloned().collect()
            };
            assert_eq!(names(real), names(example), "{place}");
            for (name, member) in real {
                same_members(member, &example[name], &format!("{place}.{name}"));
            }
        }
        (Value::Array(real), Value::Array(example)) => {
            if let (Some(real), Some(example)) = (real.first(), example.first()) {
                same_members(real, example, &format!("{place}[]"));
            }
        }
        _ => {}
    }
}

#[test]
fn the_document_is_served_with_the_programs_on_offer_and_printed_by_the_command() {
    let app = TestApp::start();
    let answer = app.get("/api/v1/openapi.json");
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    assert_eq!(answer.header("Cache-Control"), Some("public, max-age=60"));
    assert!(answer.header("ETag").is_some());
    let mut served = answer.json();
    let program = &mut served["components"]["schemas"]["Lead"]["properties"]["program"];
    assert_eq!(program["enum"], json!(["prime", "mastery", "", null]));
    program.as_object_mut().unwrap().remove("enum");
    assert_eq!(served, document().unwrap());
    let home = tempfile::tempdir().unwrap();
    let printed = manero(home.path(), &["openapi"]);
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(printed, served);
}

#[test]
fn the_documentation_holds_what_is_made_of_the_document() {
    let made = markdown(&Reference::of(&document().unwrap()));
    let prose = source::read("docs/API.md");
    let part = prose.find(BEGIN).and_then(|from| {
        let to = prose.find(END)? + END.len();
        Some(&prose[from..to])
    });
    assert!(part == Some(made.trim_end()), "put this into docs/API.md:\n{made}");
}

#[test]
fn the_page_of_the_api_has_an_anchor_for_every_problem_and_every_link() {
    let app = TestApp::start();
    let answer = app.get("/api/docs");
    let html = answer.page(200);
    let has = |anchor: &str| html.contains(&format!(" id=\"{anchor}\""));
    let problems = source::read("src/platform/http/problem.rs");
    let anchors = problems.split("\"/api/docs#").skip(1).filter_map(|rest| rest.split('"').next());
    for anchor in anchors {
        assert!(has(anchor), "/api/docs has no #{anchor}");
    }
    for link in links(html) {
        if let Some(anchor) = link.strip_prefix('#') {
            assert!(has(anchor), "{link} leads nowhere");
        }
    }
    for (method, path, operation) in operations(&document().unwrap()) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(has(&format!("operation-{id}")), "{method} {path}");
    }
    assert!(
        html.contains("css/docs.") && !html.contains("<style"),
        "own style sheet, nothing inline"
    );
    assert!(answer.header("Content-Security-Policy").unwrap().contains("default-src 'none'"));
}
