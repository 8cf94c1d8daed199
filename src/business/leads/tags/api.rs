//! `/api/v1/tags`, and the tags of a lead.

use rocket::{State, delete, get, put};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{NAME_MAX, Order, Place, Tag};
use crate::admin::accounts::caller::{EditLeads, ReadLeads};
use crate::business::leads::detail;
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::paging;
use crate::platform::http::query::Chosen;
use crate::platform::http::{Api, Done, Private, Query, RawQuery};
use crate::platform::id;
use crate::platform::text::Rule;

const PATH: &str = "/api/v1/tags";

#[derive(Serialize, ToSchema)]
#[schema(as = TagList)]
pub struct List {
    #[schema(value_type = Vec<View>)]
    items: Vec<Chosen<View>>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// A tag that somebody has.
#[derive(Serialize, ToSchema)]
#[schema(as = LeadTag)]
pub struct View {
    /// As first written.
    #[schema(example = "workshop")]
    name: String,
    /// How many leads have it.
    #[schema(example = 120, minimum = 0)]
    leads: i64,
}

/// The members of [`View`], as `fields` names them.
const FIELDS: &[&str] = &["name", "leads"];

impl From<Tag> for View {
    fn from(tag: Tag) -> Self {
        Self { name: tag.name, leads: tag.leads }
    }
}

/// The tags that leads have, in pages.
#[utoipa::path(
    get, path = "/api/v1/tags", operation_id = "listTags", tag = "Leads", security(("bearer" = [])),
    params(
        ("sort" = Option<Order>, Query, description = "The order; by name when absent."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{1,15}-([0-9a-f]{2}){0,240}$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of tags.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/v1/tags")]
pub async fn list(_caller: ReadLeads, db: &State<Db>, raw: RawQuery) -> Api<Private> {
    let mut query = Query::read(&raw);
    let limit = query.limit();
    let order = query.word("sort").unwrap_or(Order::Name);
    let after = query.cursor(Place::parse);
    let fields = query.fields(FIELDS);
    let asked = query.end()?;
    let found: db::Result<Vec<Tag>> =
        db.read(move |conn| super::list(conn, order, after.as_ref(), limit + 1)).await;
    let mut found = found?;
    let next = paging::cut(&mut found, limit)
        .map(|Tag { tag, leads, .. }| Place { leads: *leads, tag: tag.clone() }.cursor());
    let link = next.as_ref().map(|cursor| asked.next(PATH, cursor));
    let items = paging::chosen(found, &fields)?;
    Ok(Private::new(&List { items, next })?.followed_by(link.as_deref()))
}

/// Gives a lead a tag.
///
/// Whoever has it already keeps it; upper and lower case are one.
#[utoipa::path(
    put, path = "/api/v1/leads/{id}/tags/{tag}", operation_id = "tagLead", tag = "Leads", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The lead's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("tag" = String, Path, description = "One line.", format = "line", min_length = 1, max_length = 40, example = "workshop"),
    ),
    responses(
        (status = 204, description = "The lead has it."),
        (status = 409, description = "The lead has 50 tags, or there are 10,000 different ones."),
    )
)]
#[put("/v1/leads/<id>/tags/<tag>")]
pub async fn update(caller: EditLeads, db: &State<Db>, id: &str, tag: &str) -> Api<Done> {
    let (id, tag) = (id::parse(id).ok_or(Error::NotFound)?, read(tag)?);
    let now = clock::now_ms();
    db.write(move |tx| detail::tag(tx, &caller.0.actor(), &id, &tag, now)).await?;
    Ok(Done)
}

/// Takes a tag back from a lead.
///
/// Whoever does not have it is left as it is.
#[utoipa::path(
    delete, path = "/api/v1/leads/{id}/tags/{tag}", operation_id = "untagLead", tag = "Leads", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The lead's id.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e"),
        ("tag" = String, Path, description = "One line.", format = "line", min_length = 1, max_length = 40, example = "workshop"),
    ),
    responses((status = 204, description = "The lead does not have it."))
)]
#[delete("/v1/leads/<id>/tags/<tag>")]
pub async fn remove(caller: EditLeads, db: &State<Db>, id: &str, tag: &str) -> Api<Done> {
    let (id, tag) = (id::parse(id).ok_or(Error::NotFound)?, read(tag)?);
    let now = clock::now_ms();
    db.write(move |tx| detail::untag(tx, &caller.0.actor(), &id, &tag, now)).await?;
    Ok(Done)
}

fn read(tag: &str) -> Result<String, Error> {
    let checked = Rule::line(NAME_MAX).check("tag", tag);
    checked.map_err(|(code, message)| Error::Invalid(vec![Fault::of("tag", code, message)]))
}

#[cfg(test)]
mod tests {
    use super::super::model::CURSOR;
    use super::*;

    #[test]
    fn the_document_describes_the_cursor_that_is_read() {
        let document = crate::app::document().unwrap();
        let parameters = &document["paths"][PATH]["get"]["parameters"];
        let cursor = parameters.as_array().unwrap().iter().find(|p| p["name"] == "cursor");
        assert_eq!(cursor.unwrap()["schema"]["pattern"], CURSOR);
    }
}
