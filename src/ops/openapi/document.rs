//! The document: what the handlers say about themselves, and what is true of all of them.

use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::admin::accounts::policy::{Access, policy};
use crate::platform::error::Error;
use crate::platform::http::paging::TimeOrder;
use crate::platform::http::problem::ProblemBody;
use crate::platform::text;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Manero",
        description = "What the pages of the site use, for other front ends and for automations. Below `/api` every error is `application/problem+json` (RFC 9457). Times are RFC 3339 in UTC."
    ),
    components(schemas(ProblemBody<'_>, TimeOrder)),
)]
struct Described;

/// What every address below `/api` may answer beside its own: status, name, when.
const ERRORS: &[(u16, &str, &str)] = &[
    (
        400,
        "BadRequest",
        "Fields are not acceptable (`error` lists every fault), or the request cannot be read.",
    ),
    (
        401,
        "Unauthorized",
        "Nobody said who asks, or the token does not count; `WWW-Authenticate` says which.",
    ),
    (
        403,
        "Forbidden",
        "Known, and may not: the role or the scopes do not reach; `detail` names what is missing.",
    ),
    (404, "NotFound", "There is nothing at this address."),
    (409, "Conflict", "A request with this `Idempotency-Key` is being worked on."),
    (
        413,
        "TooLarge",
        "The body is larger than this address takes; `detail` says how large that is.",
    ),
    (415, "UnsupportedMediaType", "The body is not `application/json`."),
    (421, "MisdirectedRequest", "The `Host` is not one of ours."),
    (422, "Unprocessable", "This `Idempotency-Key` came with another body before."),
    (
        429,
        "TooManyRequests",
        "Over the limit of this kind of request; `Retry-After` says for how long.",
    ),
    (500, "InternalError", "Our fault; the log knows the request's id."),
    (503, "TemporarilyUnavailable", "Nothing was stored; trying again soon is right."),
];

/// The whole document: what each slice says about its addresses, and what is true of all.
///
/// # Errors
/// Only when it cannot be written as JSON.
pub fn document(parts: impl IntoIterator<Item = utoipa::openapi::OpenApi>) -> Result<Value, Error> {
    let mut described = Described::openapi();
    for part in parts {
        described.merge(part);
    }
    let written = serde_json::to_value(described);
    let mut document = written.map_err(|error| Error::Internal(error.to_string()))?;
    document["components"]["responses"] = responses();
    document["components"]["securitySchemes"] = json!({ "bearer": {
        "type": "http", "scheme": "bearer",
        "description": "The access token of a log-in, or a token for programs (`manero_…`).",
    } });
    patterns(&mut document);
    let mut paths = document["paths"].take();
    places(&mut paths);
    for (path, methods) in paths.as_object_mut().into_iter().flatten() {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            parameters(operation);
            partial_items(operation, &mut document);
            errors(method, path, operation);
            examples(operation, &document);
        }
    }
    let mut sent = Vec::new();
    for operation in paths.as_object().into_iter().flatten().filter_map(|(_, m)| m.as_object()) {
        operation.values().for_each(|o| references(&o["requestBody"], &mut sent));
    }
    close(sent, &mut document);
    document["paths"] = paths;
    Ok(document)
}

/// What is made below an address that can be read is said by `Location`.
fn places(paths: &mut Value) {
    let Some(all) = paths.as_object_mut() else { return };
    let is_read = |(path, methods): (&String, &Value)| {
        let (above, last) = path.rsplit_once('/')?;
        (last.starts_with('{') && methods.get("get").is_some()).then(|| above.to_owned())
    };
    for above in all.iter().filter_map(is_read).collect::<Vec<_>>() {
        let made = all
            .get_mut(&above)
            .and_then(|methods| methods.pointer_mut("/post/responses/201/headers"));
        if let Some(headers) = made {
            headers["Location"] = json!({
                "description": "The address of what was made.", "required": true,
                "schema": { "type": "string", "format": "uri-reference" },
            });
        }
    }
}

/// The names of the schemas that `value` refers to.
fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            names.extend(members.get("$ref").and_then(Value::as_str).map(name_of));
            members.values().for_each(|member| references(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

/// What is sent has no members but those described, at any depth: every body is read that way.
fn close(mut sent: Vec<String>, document: &mut Value) {
    let mut done = Vec::new();
    while let Some(name) = sent.pop() {
        if done.contains(&name) {
            continue;
        }
        let schema = &mut document["components"]["schemas"][&name];
        references(schema, &mut sent);
        if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
            schema["additionalProperties"] = json!(false);
        }
        done.push(name);
    }
}

/// Formats of ours stand for a pattern: the rule that a text is checked by says what it is.
fn patterns(value: &mut Value) {
    match value {
        Value::Object(members) => {
            // `line 40` is one line of 1 to 40 characters: a type of its own has no other way to say so.
            let line = members.get("format").and_then(Value::as_str);
            if let Some(max) = line.and_then(|f| f.strip_prefix("line ")?.parse::<u64>().ok()) {
                members.insert("format".to_owned(), json!("line"));
                members.insert("minLength".to_owned(), json!(1));
                members.insert("maxLength".to_owned(), json!(max));
            }
            let is_full = members.get("minLength").and_then(Value::as_u64) > Some(0);
            let pattern = match members.get("format").and_then(Value::as_str) {
                Some("line") if is_full => text::FULL_LINE_PATTERN,
                Some("line") => text::LINE_PATTERN,
                Some("lines") if is_full => text::FULL_LINES_PATTERN,
                Some("lines") => text::LINES_PATTERN,
                Some("person-name") => text::NAME_PATTERN,
                Some("https") => text::HTTPS_PATTERN,
                Some("path") => text::PATH_PATTERN,
                Some("bare-path") => text::BARE_PATH_PATTERN,
                Some("path-or-https") => text::PATH_OR_HTTPS_PATTERN,
                _ => "",
            };
            if !pattern.is_empty() {
                members.remove("format");
                members.insert("pattern".to_owned(), json!(pattern));
            }
            members.iter_mut().for_each(|(_, member)| patterns(member));
        }
        Value::Array(items) => items.iter_mut().for_each(patterns),
        _ => {}
    }
}

/// The document with the programs that a lead may name.
#[must_use]
pub fn with_programs(mut document: Value, slugs: Vec<String>) -> Value {
    let mut values: Vec<Value> = slugs.into_iter().map(Value::from).collect();
    values.extend([json!(""), Value::Null]);
    document["components"]["schemas"]["Lead"]["properties"]["program"]["enum"] = values.into();
    document
}

fn responses() -> Value {
    let mut all = Map::new();
    for (status, name, when) in ERRORS {
        let content = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        let mut response =
            json!({ "description": when, "content": { "application/problem+json": content } });
        if matches!(status, 429 | 503) {
            response["headers"]["Retry-After"] = retry_after();
        }
        if *status == 401 {
            response["headers"]["WWW-Authenticate"] = challenge();
        }
        all.insert((*name).to_owned(), response);
    }
    all.into()
}

fn retry_after() -> Value {
    json!({
        "description": "Seconds.", "required": true,
        "schema": { "type": "integer", "minimum": 1 },
    })
}

fn challenge() -> Value {
    json!({
        "description": "`Bearer`, with `error=\"invalid_token\"` when a token was sent.",
        "required": true, "schema": { "type": "string" },
    })
}

/// A parameter that may be left out is never null: an address has no null.
fn parameters(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for schema in parameters.into_iter().flatten().filter_map(|p| p.get_mut("schema")) {
        if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                schema["type"] = only.clone();
            }
        }
        if let Some(one_of) = schema.get("oneOf").and_then(Value::as_array) {
            let real = one_of.iter().find(|s| s["type"] != "null").cloned();
            *schema = real.unwrap_or_default();
        }
    }
}

fn remove(object: &mut Value, name: &str) {
    if let Some(members) = object.as_object_mut() {
        members.remove(name);
    }
}

/// Where `fields` can be chosen an item may be a part of what it is.
fn partial_items(operation: &mut Value, document: &mut Value) {
    const JSON: &str = "/responses/200/content/application~1json/schema/$ref";
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let Some(at) = parameters.and_then(|all| all.iter().position(|p| p["name"] == "fields")) else {
        return;
    };
    let list = operation.pointer(JSON).and_then(Value::as_str).map(name_of).unwrap_or_default();
    let schemas = &mut document["components"]["schemas"];
    let items = &mut schemas[&list]["properties"]["items"]["items"];
    let whole = items.clone();
    let name = whole["$ref"].as_str().map(name_of).unwrap_or_default();
    let part = format!("{name}Part");
    *items = json!({ "anyOf": [whole, { "$ref": format!("#/components/schemas/{part}") }] });
    let mut shape = schemas[&name].clone();
    remove(&mut shape, "required");
    shape["description"] = json!("The members that `fields` names.");
    shape["minProperties"] = json!(1);
    shape["additionalProperties"] = json!(false);
    let names: Vec<Value> =
        shape["properties"].as_object().into_iter().flatten().map(|(n, _)| json!(n)).collect();
    schemas[&part] = shape;
    operation["parameters"][at]["schema"] = json!({
        "type": "array", "minItems": 1, "maxItems": 64, "items": { "type": "string", "enum": names },
    });
}

/// The last part of a reference.
#[must_use]
pub fn name_of(reference: &str) -> String {
    reference.rsplit('/').next().unwrap_or_default().to_owned()
}

fn errors(method: &str, path: &str, operation: &mut Value) {
    let is_keyed = operation["parameters"]
        .as_array()
        .is_some_and(|all| all.iter().any(|p| p["name"] == "Idempotency-Key"));
    let mounted = path.replace('{', "<").replace('}', ">");
    let access = policy(&method.to_uppercase(), &mounted).unwrap_or(Access::Public);
    let has_body = operation.get("requestBody").is_some();
    let is_kept = operation.pointer("/responses/200/headers/ETag").is_some();
    let in_api = path.starts_with("/api");
    for (status, name, when) in ERRORS {
        let applies = match status {
            401 => access != Access::Public,
            // Whoever is known at all gets in.
            403 => !matches!(access, Access::Public | Access::Known),
            404 => path.contains('{'),
            409 | 422 => is_keyed,
            413 | 415 => has_body,
            400 | 421 => true,
            _ => in_api,
        };
        let code = status.to_string();
        if let Some(own) = operation["responses"].get_mut(&code) {
            own_refusal(own, *status);
            continue;
        }
        if !applies {
            continue;
        }
        operation["responses"][code] = if in_api {
            json!({ "$ref": format!("#/components/responses/{name}") })
        } else {
            let page = json!({ "text/html": { "schema": { "type": "string" } } });
            json!({ "description": when, "content": page })
        };
    }
    if is_kept {
        operation["responses"]["304"] =
            json!({ "description": "Nothing has changed since the `ETag` in `If-None-Match`." });
    }
}

/// A refusal that a handler describes in its own words has the shape of all the others.
fn own_refusal(response: &mut Value, status: u16) {
    if response.get("content").is_some() {
        return;
    }
    let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    response["content"] = json!({ "application/problem+json": schema });
    match status {
        401 => response["headers"]["WWW-Authenticate"] = challenge(),
        429 | 503 => response["headers"]["Retry-After"] = retry_after(),
        _ => {}
    }
}

/// An example of every JSON body, put together from those of its members.
fn examples(operation: &mut Value, document: &Value) {
    let put = |content: &mut Value| {
        for (kind, media) in content.as_object_mut().into_iter().flatten() {
            // A problem's example would say 400 whatever the status is.
            if kind == "application/json" && media["schema"].get("$ref").is_some() {
                media["example"] = example(&media["schema"], document);
            }
        }
    };
    if let Some(content) = operation.pointer_mut("/requestBody/content") {
        put(content);
    }
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for (_, response) in responses.into_iter().flatten() {
        if let Some(content) = response.get_mut("content") {
            put(content);
        }
    }
}

/// An example of what `schema` describes.
#[must_use]
pub fn example(schema: &Value, document: &Value) -> Value {
    if let Some(given) = schema.get("example").or_else(|| schema.pointer("/examples/0")) {
        return given.clone();
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return example(&document["components"]["schemas"][name_of(reference)], document);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(members) = example(part, document) {
                whole.extend(members);
            }
        }
        return whole.into();
    }
    let choices = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array);
    if let Some(real) = choices.and_then(|all| all.iter().find(|s| s["type"] != "null")) {
        return example(real, document);
    }
    if let Some(properties) = schema["properties"].as_object() {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let told = |name: &String, member: &Value| {
            let said = ["example", "examples", "$ref", "oneOf"];
            required.contains(&json!(name)) || said.iter().any(|key| member.get(key).is_some())
        };
        let members = properties.iter().filter(|(name, member)| told(name, member));
        return members.map(|(name, member)| (name.clone(), example(member, document))).collect();
    }
    match schema["type"].as_str() {
        Some("array") => json!([example(&schema["items"], document)]),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(0)),
        Some("boolean") => json!(true),
        Some("string") => schema.pointer("/enum/0").cloned().unwrap_or(json!("")),
        _ => Value::Null,
    }
}
