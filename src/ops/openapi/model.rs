//! The document as people read it: operations and shapes in words.

use serde_json::Value;

use super::document::name_of;

/// All that is shown.
#[derive(Debug)]
pub struct Reference {
    pub groups: Vec<Group>,
    pub shapes: Vec<Shape>,
}

/// Operations that belong together.
#[derive(Debug)]
pub struct Group {
    pub name: String,
    pub description: String,
    pub operations: Vec<Operation>,
}

#[derive(Debug)]
pub struct Operation {
    /// Anchor on the page.
    pub id: String,
    /// In capitals.
    pub method: String,
    pub path: String,
    pub summary: String,
    pub description: String,
    pub parameters: Vec<Member>,
    /// Name of the shape of the body.
    pub body: Option<String>,
    /// JSON.
    pub body_example: Option<String>,
    pub answers: Vec<Answer>,
    /// JSON of the first answer.
    pub example: Option<String>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: String,
    pub description: String,
    /// Name of the shape, where it is one of its own.
    pub shape: Option<String>,
}

/// A parameter, or a member of a shape.
#[derive(Debug)]
pub struct Member {
    pub name: String,
    /// `query`, `path`, `header`; empty for a member.
    pub place: String,
    pub required: bool,
    pub kind: String,
    pub description: String,
}

/// A JSON object, or a word from a list.
#[derive(Debug)]
pub struct Shape {
    pub name: String,
    pub description: String,
    /// The shape whose members it has too.
    pub also: Option<String>,
    pub members: Vec<Member>,
    /// The words, when it is one of a list.
    pub words: Vec<String>,
}

fn text(value: &Value) -> String {
    // Lines of a comment are lines of the source, not of the reader.
    value.as_str().unwrap_or_default().replace('\n', " ")
}

impl Reference {
    #[must_use]
    pub fn of(document: &Value) -> Self {
        let group = |tag: &Value| Group {
            name: text(&tag["name"]),
            description: text(&tag["description"]),
            operations: operations(document, &tag["name"]),
        };
        let schemas = document["components"]["schemas"].as_object();
        Self {
            groups: document["tags"].as_array().into_iter().flatten().map(group).collect(),
            shapes: schemas.into_iter().flatten().map(|(name, s)| shape(name, s)).collect(),
        }
    }
}

fn operations(document: &Value, tag: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            if operation["tags"].as_array().is_some_and(|tags| tags.contains(tag)) {
                found.push(one(document, method, path, operation));
            }
        }
    }
    found
}

fn one(document: &Value, method: &str, path: &str, operation: &Value) -> Operation {
    const BODY: &str = "/requestBody/content/application~1json";
    let answers = operation["responses"].as_object().into_iter().flatten();
    let answers: Vec<Answer> = answers.map(|(status, a)| answer(document, status, a)).collect();
    let mut own = operation["responses"].as_object().into_iter().flatten();
    let example = own.find_map(|(_, a)| a.pointer("/content/application~1json/example"));
    Operation {
        id: format!("operation-{}", text(&operation["operationId"])),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        parameters: operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(parameter)
            .collect(),
        body: operation.pointer(&format!("{BODY}/schema/$ref")).map(|r| name_of(&text(r))),
        body_example: operation.pointer(&format!("{BODY}/example")).map(pretty),
        answers,
        example: example.map(pretty),
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn answer(document: &Value, status: &str, answer: &Value) -> Answer {
    let shared = answer["$ref"].as_str().map(name_of);
    let answer = match &shared {
        Some(name) => &document["components"]["responses"][name],
        None => answer,
    };
    let content = answer["content"].as_object().and_then(|content| content.values().next());
    let shape = content.and_then(|media| media["schema"]["$ref"].as_str()).map(name_of);
    Answer { status: status.to_owned(), description: text(&answer["description"]), shape }
}

fn parameter(parameter: &Value) -> Member {
    Member {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        required: parameter["required"] == true,
        kind: kind(&parameter["schema"]),
        description: text(&parameter["description"]),
    }
}

fn shape(name: &str, schema: &Value) -> Shape {
    let mut shape = Shape {
        name: name.to_owned(),
        description: text(&schema["description"]),
        also: None,
        members: Vec::new(),
        words: Vec::new(),
    };
    let alone = std::slice::from_ref(schema);
    for part in schema["allOf"].as_array().map_or(alone, Vec::as_slice) {
        if let Some(reference) = part["$ref"].as_str() {
            shape.also = Some(name_of(reference));
        }
        let required = part["required"].as_array().cloned().unwrap_or_default();
        for (name, member) in part["properties"].as_object().into_iter().flatten() {
            shape.members.push(Member {
                name: name.clone(),
                place: String::new(),
                required: required.contains(&Value::from(name.as_str())),
                kind: kind(member),
                description: text(&member["description"]),
            });
        }
    }
    if schema["type"] == "string" {
        shape.words = schema["enum"].as_array().into_iter().flatten().map(text).collect();
    }
    shape
}

/// The type in words: `integer, 1 to 100`.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return name_of(reference);
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        if let Some(all) = schema[choice].as_array() {
            // What may be null is said last.
            let (null, real): (Vec<_>, Vec<_>) = all.iter().partition(|s| s["type"] == "null");
            let words: Vec<String> = real.into_iter().chain(null).map(kind).collect();
            return words.join(" or ");
        }
    }
    let base = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        one => text(one),
    };
    if base == "array" {
        return format!("list of {}", kind(&schema["items"]));
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().map(|w| format!("`{}`", bare(w))).collect();
        return words.join(", ");
    }
    let mut said = vec![if base.is_empty() { "anything".to_owned() } else { base }];
    if let Some(format) = schema["format"].as_str().filter(|f| !f.starts_with("int")) {
        said.push(format.to_owned());
    }
    let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
    match (bound("minimum"), bound("maximum")) {
        (Some(low), Some(high)) => said.push(format!("{low} to {high}")),
        (Some(low), None) => said.push(format!("at least {low}")),
        _ => {}
    }
    match (bound("minLength"), bound("maxLength")) {
        (Some(low), Some(high)) => said.push(format!("{low} to {high} characters")),
        (None, Some(high)) => said.push(format!("at most {high} characters")),
        _ => {}
    }
    said.join(", ")
}

fn bare(word: &Value) -> String {
    word.as_str().map_or_else(|| word.to_string(), str::to_owned)
}
