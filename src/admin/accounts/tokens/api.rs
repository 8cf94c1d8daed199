//! `/api/v1/tokens`.

use std::sync::Arc;

use rocket::{State, delete, get, post};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{OpenApi, ToSchema};

use super::{
    DAYS_DEFAULT, DAYS_MAX, FIELDS, Listed, NAME_MAX, NewToken, SCOPES_MAX, Standing, View, Wanted,
    parse_scopes,
};
use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::ManageTokens;
use crate::admin::accounts::model::Capability;
use crate::platform::db;
use crate::platform::error::Error;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::http::query::Chosen;
use crate::platform::http::{Api, Done, Input, JsonObject, Kept, Once, Private, Query, RawQuery};
use crate::platform::id;
use crate::platform::text::Rule;

#[derive(OpenApi)]
#[openapi(
    paths(list, create, remove),
    components(schemas(Standing)),
    tags((name = "Tokens", description = "What programs are let in with. For whoever may `tokens:manage`."))
)]
pub struct Described;

/// Tokens in the order they were made.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenList)]
pub struct List {
    #[schema(value_type = Vec<View>)]
    items: Vec<Chosen<View>>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// A new token; `token` is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedToken)]
pub struct Created {
    #[serde(flatten)]
    view: View,
    /// Sent as `Authorization: Bearer manero_…`.
    #[schema(example = "manero_…")]
    token: String,
}

/// A token that is to be made.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
#[allow(
    dead_code,
    reason = "the shape that is documented; fields are read so that all faults are told at once"
)]
pub struct Body {
    /// What it is for; no hidden characters.
    #[schema(example = "newsletter tool", format = "line", min_length = 1, max_length = 100)]
    name: String,
    /// What it may do; nothing that you may not do yourself.
    #[schema(value_type = Vec<Capability>, min_items = 1, max_items = 64)]
    scopes: Vec<String>,
    /// How long it counts; 90 when absent.
    #[schema(example = 90, minimum = 1, maximum = 366)]
    days: Option<i64>,
}

/// Tokens for programs, in pages.
///
/// Also those that were revoked or have expired.
#[utoipa::path(
    get, path = "/api/v1/tokens", operation_id = "listTokens", tag = "Tokens", security(("bearer" = [])),
    params(
        ("standing" = Option<Standing>, Query, description = "Only tokens that count, or only those that do so no longer."),
        ("sort" = Option<TimeOrder>, Query, description = "The order; the oldest first when absent."),
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9a-f]{32}$"),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of tokens.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/tokens")]
pub async fn list(
    _caller: ManageTokens,
    accounts: &State<Arc<Accounts>>,
    raw: RawQuery,
) -> Api<Private> {
    let mut query = Query::read(&raw);
    let limit = query.limit();
    let standing = query.word("standing");
    let order = query.word("sort").unwrap_or(TimeOrder::Oldest);
    let after = query.cursor(paging::decode).unwrap_or_else(|| order.start());
    let fields = query.fields(FIELDS);
    let asked = query.end()?;
    let wanted = Wanted { standing, order, after, now_ms: accounts.clock.now_ms() };
    let found: db::Result<Vec<Listed>> =
        accounts.db.read(move |conn| super::list(conn, &wanted, limit + 1)).await;
    let mut found = found?;
    let next = paging::cut(&mut found, limit).map(|token| paging::encode(token.id()));
    let link = next.as_ref().map(|cursor| asked.next("/api/v1/tokens", cursor));
    let items = paging::chosen(found, &fields)?;
    Ok(Private::new(&List { items, next })?.followed_by(link.as_deref()))
}

/// Makes a token for a program.
///
/// For the caller itself, and with nothing that the caller may not do.
#[utoipa::path(
    post, path = "/api/v1/tokens", operation_id = "createToken", tag = "Tokens", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same again; 1 to 255 visible ASCII characters, best a UUID.", pattern = r"^[!-~]{1,255}$")),
    request_body = Body,
    responses(
        (status = 201, description = "Made.", body = Created, headers(("Idempotent-Replayed" = String, description = "`true` when this answer was given before."))),
        (status = 403, description = "You may not do this, or not name a scope that you do not have; `detail` says which."),
    )
)]
#[post("/tokens", data = "<body>")]
pub async fn create(
    caller: ManageTokens,
    accounts: &State<Arc<Accounts>>,
    once: Once<'_>,
    body: JsonObject,
) -> Api<Kept> {
    let JsonObject(object, hash) = body;
    let caller = caller.0;
    let new = input(&object?, &caller.user.id)?;
    super::within_reach(&caller, &new)?;
    let now = accounts.clock.now_ms();
    let who = caller.id().to_owned();
    let work = move |tx: &mut db::Tx<'_>| {
        let (view, token) = super::create(tx, &caller.actor(), &new, now)?;
        Ok(Created { view, token })
    };
    Ok(once.create(&accounts.db, &who, &hash, work).await?)
}

/// A token as it was asked for.
pub fn input(object: &Map<String, Value>, user_id: &str) -> Result<NewToken, Error> {
    let mut input = Input::new(object);
    input.require(&["name", "scopes"]);
    let name = input.text("name", Rule::line(NAME_MAX));
    let words = input.texts("scopes", SCOPES_MAX, Rule::line(100));
    let days = input.number("days", (1, DAYS_MAX)).unwrap_or(DAYS_DEFAULT);
    let scopes = words.map(|words| parse_scopes(words.iter().map(String::as_str)));
    if let Some(Err(faults)) = &scopes {
        for fault in faults {
            input.refuse(fault.clone());
        }
    }
    input.end()?;
    Ok(NewToken {
        user_id: user_id.to_owned(),
        name: name.unwrap_or_default(),
        scopes: scopes.and_then(Result::ok).unwrap_or_default(),
        days,
    })
}

/// Revokes a token.
///
/// It counts for nothing from then on. Revoking it again changes nothing.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}", operation_id = "removeToken", tag = "Tokens", security(("bearer" = [])),
    params(("id" = String, Path, description = "The token's id, not the token.", format = "uuid", example = "01a203bc-484e-7687-92b1-2747feac7f2e")),
    responses(
        (status = 204, description = "It no longer counts."),
        (status = 403, description = "You may not do this, or not to the token of somebody above your own role; `detail` says which."),
    )
)]
#[delete("/tokens/<id>")]
pub async fn remove(caller: ManageTokens, accounts: &State<Arc<Accounts>>, id: &str) -> Api<Done> {
    let (caller, id) = (caller.0, id::parse(id).ok_or(Error::NotFound)?);
    let now = accounts.clock.now_ms();
    accounts.db.write(move |tx| super::take_back(tx, &caller, &id, now)).await?;
    Ok(Done)
}
