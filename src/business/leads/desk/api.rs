//! `GET /api/v1/leads`.

use rocket::{State, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::Page;
use super::model::{Cursor, Order, Wanted};
use crate::admin::accounts::caller::ReadLeads;
use crate::business::leads::model::Beginnings;
use crate::business::leads::tags::model::key;
use crate::business::leads::{Lead, tags};
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::http::paging;
use crate::platform::http::query::Chosen;
use crate::platform::http::{Api, Private, Query, RawQuery};
use crate::platform::lang::Lang;

const PATH: &str = "/api/v1/leads";
/// Characters of what is looked for.
const LOOKED_FOR_MAX: usize = 200;

#[derive(Serialize, ToSchema)]
#[schema(as = LeadList)]
pub struct List {
    #[schema(value_type = Vec<Item>)]
    items: Vec<Chosen<Item>>,
    /// Give this as `cursor` to read on; null on the last page, and only there.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// Somebody who left an address.
#[derive(Serialize, ToSchema)]
#[schema(as = LeadItem)]
pub struct Item {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    /// In lower case.
    #[schema(example = "ana@example.com")]
    email: String,
    #[schema(example = "Ana Souza")]
    name: String,
    /// The `slug` of the program that was chosen; null for none.
    #[schema(required = true, example = "prime")]
    program: Option<String>,
    /// The language of our mails.
    #[schema(value_type = Lang)]
    lang: &'static str,
    /// As they were first written.
    #[schema(example = json!(["workshop"]))]
    tags: Vec<String>,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    created_at: String,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    updated_at: String,
}

/// The members of [`Item`], as `fields` names them.
const FIELDS: &[&str] =
    &["id", "email", "name", "program", "lang", "tags", "created_at", "updated_at"];

impl From<Lead> for Item {
    fn from(lead: Lead) -> Self {
        Self {
            id: lead.id,
            email: lead.email,
            name: lead.name,
            program: lead.program,
            lang: lead.lang.code(),
            tags: lead.tags,
            created_at: clock::rfc3339(lead.created_at),
            updated_at: clock::rfc3339(lead.updated_at),
        }
    }
}

/// Leads in pages.
///
/// The work of one answer is limited. Where filters let few through of very many, a page may hold fewer than `limit`, or
/// nobody, and still have a `next`, which goes on from there; only the absence of `next` is the end.
#[utoipa::path(
    get, path = "/api/v1/leads", operation_id = "listLeads", tag = "Leads", security(("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "Beginnings of words of name and e-mail address, all of which must occur; or a whole address. Upper case and accents make no difference.", pattern = r"^[^\u0000]*$", min_length = 1, max_length = 200),
        ("tag" = Option<String>, Query, description = "Only leads with this tag; upper and lower case are one.", pattern = r"^[^\u0000]*$", min_length = 1, max_length = 40),
        ("program" = Option<String>, Query, description = "Only leads that chose the program of this `slug`.", pattern = "^[a-z0-9-]{1,63}$"),
        ("lang" = Option<Lang>, Query, description = "Only leads of this language."),
        ("since" = Option<String>, Query, description = "Only leads that came then or later.", format = "date-time"),
        ("until" = Option<String>, Query, description = "Only leads that came before.", format = "date-time"),
        ("sort" = Option<Order>, Query, description = "The order; the newest first when absent. Names are sorted without regard to upper case and accents."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^([0-9a-f]{2}){0,1020}-[0-9a-f]{1,15}$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of leads.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/v1/leads")]
pub async fn list(_caller: ReadLeads, db: &State<Db>, raw: RawQuery) -> Api<Private> {
    let mut query = Query::read(&raw);
    let limit = query.limit();
    let looked_for = query.text("q", LOOKED_FOR_MAX).map(|typed| Beginnings::of(&typed));
    let tag = query.text("tag", tags::model::NAME_MAX).map(|name| key(&name));
    let program = query.slug("program");
    let lang = query.word("lang");
    let since = query.time("since");
    let until = query.time("until");
    let order = query.word("sort").unwrap_or(Order::Newest);
    let after = query.cursor(Cursor::parse).map(|cursor| cursor.place(order.by()));
    let fields = query.fields(FIELDS);
    let asked = query.end()?;
    let wanted = Wanted { looked_for, tag, program, lang, since, until, order, after };
    let found: db::Result<Page> = db.read(move |conn| super::list(conn, &wanted, limit)).await;
    let Page { leads: found, next, .. } = found?;
    let next = next.map(|place| place.cursor());
    let link = next.as_ref().map(|cursor| asked.next(PATH, cursor));
    let items = paging::chosen(found, &fields)?;
    Ok(Private::new(&List { items, next })?.followed_by(link.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::super::model::CURSOR;
    use super::*;

    #[test]
    fn the_fields_that_can_be_chosen_are_the_members_of_an_item() {
        let item = Item::from(Lead {
            id: String::new(),
            number: 1,
            email: String::new(),
            name: String::new(),
            name_key: String::new(),
            program: None,
            lang: Lang::Es,
            tags: Vec::new(),
            created_at: 0,
            updated_at: 0,
        });
        let value = serde_json::to_value(item).unwrap();
        let members: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        let mut fields = FIELDS.to_vec();
        fields.sort_unstable();
        assert_eq!(members, fields);
    }

    #[test]
    fn the_document_describes_the_cursor_that_is_read() {
        let document = crate::app::document().unwrap();
        let parameters = &document["paths"][PATH]["get"]["parameters"];
        let cursor = parameters.as_array().unwrap().iter().find(|p| p["name"] == "cursor");
        assert_eq!(cursor.unwrap()["schema"]["pattern"], CURSOR);
    }
}
