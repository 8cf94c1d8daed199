//! The part of `docs/API.md` that is made of the document.

use std::fmt::Write as _;

use super::model::{Member, Operation, Reference, Shape};

/// Between these lines of `docs/API.md` it stands.
pub const BEGIN: &str = "<!-- made by `manero openapi --markdown` -->";
pub const END: &str = "<!-- end of what is made -->";

/// The whole part, markers included.
#[must_use]
pub fn markdown(reference: &Reference) -> String {
    let mut out = format!("{BEGIN}\n");
    for group in &reference.groups {
        let _ = write!(out, "\n### {} addresses\n\n{}\n", group.name, group.description);
        for operation in &group.operations {
            one(&mut out, operation);
        }
    }
    out.push_str("\n### Shapes\n");
    for shape in &reference.shapes {
        members_of(&mut out, shape);
    }
    let _ = write!(out, "\n{END}\n");
    out
}

fn one(out: &mut String, operation: &Operation) {
    let _ =
        write!(out, "\n#### {} `{}`\n\n{}\n", operation.method, operation.path, operation.summary);
    if !operation.description.is_empty() {
        let _ = write!(out, "\n{}\n", operation.description);
    }
    if !operation.parameters.is_empty() {
        out.push_str("\n| Parameter | In | Type | |\n|---|---|---|---|\n");
        for member in &operation.parameters {
            let place =
                format!("{}{}", member.place, if member.required { ", required" } else { "" });
            let _ = writeln!(
                out,
                "| `{}` | {place} | {} | {} |",
                member.name, member.kind, member.description
            );
        }
    }
    if let (Some(body), Some(example)) = (&operation.body, &operation.body_example) {
        let _ = write!(out, "\nThe body is a {body}:\n\n```json\n{example}\n```\n");
    }
    out.push_str("\n| Status | Body | When |\n|---|---|---|\n");
    for answer in &operation.answers {
        let shape = answer.shape.as_deref().unwrap_or("–");
        let _ = writeln!(out, "| {} | {shape} | {} |", answer.status, answer.description);
    }
    if let Some(example) = &operation.example {
        let _ = write!(out, "\n```json\n{example}\n```\n");
    }
}

fn members_of(out: &mut String, shape: &Shape) {
    let _ = write!(out, "\n#### {}\n", shape.name);
    if !shape.description.is_empty() {
        let _ = write!(out, "\n{}\n", shape.description);
    }
    if !shape.words.is_empty() {
        let words: Vec<String> = shape.words.iter().map(|word| format!("`{word}`")).collect();
        let _ = write!(out, "\nOne of {}.\n", words.join(", "));
    }
    if let Some(also) = &shape.also {
        let _ = write!(out, "\nAll members of {also}, and:\n");
    }
    if !shape.members.is_empty() {
        out.push_str("\n| Member | Type | |\n|---|---|---|\n");
        shape.members.iter().for_each(|member| line(out, member));
    }
}

fn line(out: &mut String, member: &Member) {
    let optional = if member.required { "" } else { ", may be absent" };
    let _ =
        writeln!(out, "| `{}` | {}{optional} | {} |", member.name, member.kind, member.description);
}
