//! `GET /api/docs`: the document and the problems, for people.

use askama::Template;
use rocket::{State, get};

use super::Source;
use super::model::Reference;
use crate::business::articles::model::{html_of, with_headings};
use crate::platform::http::{Api, Cached, Rendered, Shell, Visit};
use crate::platform::lang::Lang;

/// Its section on errors is where the `type` of a problem leads.
const PROSE: &str = include_str!("../../../docs/API.md");

#[derive(Template)]
#[template(path = "api/docs.html")]
struct DocsPage {
    shell: Shell,
    reference: Reference,
    errors_html: String,
}

/// This document, for people; every `type` of a problem leads here.
#[utoipa::path(
    get, path = "/api/docs", operation_id = "showDocs", tag = "Site",
    responses((status = 200, description = "A page in English.", body = String, content_type = "text/html", headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/docs")]
pub async fn show(visit: Visit<'_>, source: &State<Source>) -> Api<Cached> {
    let document = source.0;
    let shown = visit
        .page("/api/docs", move |_, frame| {
            let title = "API";
            let about = "Every address of the API, what it takes and what it answers.";
            let shell = frame.shell("/api/docs", title, about).only_in(&[Lang::En], "/").unlisted();
            let (errors_html, _) = with_headings(&html_of(errors_of(PROSE)));
            let reference = Reference::of(&document()?);
            Rendered::page(&DocsPage { shell, reference, errors_html })
        })
        .await?;
    Ok(shown)
}

/// The section `Errors`, from its heading to the next of the same rank.
fn errors_of(prose: &str) -> &str {
    let from = prose.find("\n## Errors\n").map_or(prose.len(), |at| at + 1);
    let rest = &prose[from..];
    let to = rest.match_indices("\n## ").map(|(at, _)| at).next().unwrap_or(rest.len());
    &rest[..to]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_on_errors_ends_where_the_next_begins() {
        assert_eq!(
            errors_of("# A\n\n## Errors\n\n### X\n\ny\n\n## Next\n"),
            "## Errors\n\n### X\n\ny\n"
        );
        assert_eq!(errors_of("nothing"), "");
        assert!(errors_of(PROSE).contains("### Invalid fields"));
    }
}
