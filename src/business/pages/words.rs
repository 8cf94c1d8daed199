//! `/api/v1/texts`: the site's own words, for whoever edits. What they become for visitors is `/api/v1/site`.

use rocket::{State, get, patch};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::{OpenApi, ToSchema};

use super::model::{Owner, SiteTexts};
use super::{home, store};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::business::revisions::{self, Kind};
use crate::platform::clock;
use crate::platform::db::{self, Conn, Db, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Api, IfMatch, Input, LargeJson, Link, Private, Query, RawQuery};
use crate::platform::lang::Lang;
use crate::platform::text::{Rule, is_path, parse_email};

#[derive(OpenApi)]
#[openapi(
    paths(show_owner, update_owner, show_site, update_site, home::show, home::update),
    tags((name = "Texts", description = "The site's own words: whose it is, what every page says, and the home page."))
)]
pub struct Described;

/// One of the texts: what it is called, and in which language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) name: &'static str,
    /// Empty for what is the same in all.
    pub(super) lang: &'static str,
}

impl Place {
    /// `en/site`; without a language only the name.
    pub(super) fn id(self) -> String {
        let id = format!("{}/{}", self.lang, self.name);
        id.trim_start_matches('/').to_owned()
    }
}

pub(super) fn asked_lang(raw: &RawQuery) -> Result<Lang, Error> {
    let mut query = Query::read(raw);
    let lang = query.word("lang").unwrap_or(Lang::En);
    query.end().map(|_| lang)
}

pub(super) async fn show<T>(db: &Db, place: Place) -> Api<Private>
where
    T: DeserializeOwned + Serialize + Default + Send + 'static,
{
    let read = move |conn: &mut Conn<'_>| store::text::<T>(conn, place.name, place.lang);
    let found: db::Result<T> = db.read(read).await;
    Ok(Private::new(&found?)?)
}

pub(super) async fn update<T>(
    db: &Db,
    place: Place,
    caller: EditContent,
    if_match: IfMatch,
    change: impl FnOnce(&mut T) + Send + 'static,
) -> Api<Private>
where
    T: DeserializeOwned + Serialize + Default + Clone + Send + 'static,
{
    let now = clock::now_ms();
    let updated = db
        .write(move |tx| -> Result<T, Error> {
            let before: T = store::text(tx, place.name, place.lang)?;
            if_match.check(&before)?;
            rewrite(tx, &caller.0.actor(), place, before, change, now)
        })
        .await?;
    Ok(Private::new(&updated)?)
}

/// Changes one of the texts, which is `before` now.
pub(super) fn rewrite<T: Serialize + Clone>(
    tx: &mut Tx<'_>,
    actor: &Actor,
    place: Place,
    before: T,
    change: impl FnOnce(&mut T),
    now_ms: i64,
) -> Result<T, Error> {
    let mut after = before.clone();
    change(&mut after);
    put(tx, actor, place, (&before, &after), now_ms)?;
    Ok(after)
}

fn put<T: Serialize>(
    tx: &mut Tx<'_>,
    actor: &Actor,
    place: Place,
    (before, after): (&T, &T),
    now_ms: i64,
) -> Result<(), Error> {
    let (was, is) = (json!(before), json!(after));
    if was == is {
        return Ok(());
    }
    store::put_text(tx, place.name, place.lang, &is.to_string(), now_ms)?;
    let id = place.id();
    // When it was written before is not known here; it was before now.
    let since = Some((&was, now_ms));
    revisions::note(tx, (Kind::Texts, &id), since, &is, actor.label(), now_ms)?;
    let (was, is) = different(was, is);
    let change = Change::of("texts.update", "texts", &id).before(was).after(is);
    audit::record(tx, actor, &change, now_ms)?;
    Ok(tx.touch_content()?)
}

/// Only the members in which two objects differ.
fn different(before: Value, after: Value) -> (Value, Value) {
    match (before, after) {
        (Value::Object(mut before), Value::Object(mut after)) => {
            let same: Vec<String> = after
                .iter()
                .filter(|(k, v)| before.get(*k) == Some(v))
                .map(|(k, _)| k.clone())
                .collect();
            for name in same {
                before.remove(&name);
                after.remove(&name);
            }
            (before.into(), after.into())
        }
        other => other,
    }
}

/// Puts a new value in the place of an old one, where there is a new one.
fn take<T>(place: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *place = new;
    }
}

/// Whose site this is.
pub(super) const OWNER: Place = Place { name: "owner", lang: "" };

/// Whose site this is.
#[utoipa::path(
    get, path = "/api/v1/texts/owner", operation_id = "showOwner", tag = "Texts", security(("bearer" = [])),
    responses((status = 200, description = "The owner's details.", body = Owner, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/texts/owner")]
pub async fn show_owner(_caller: ReadContent, db: &State<Db>, raw: RawQuery) -> Api<Private> {
    Query::read(&raw).end()?;
    show::<Owner>(db, OWNER).await
}

/// The owner's details; what is absent or null stays.
#[derive(ToSchema)]
#[schema(as = OwnerChanges)]
#[allow(dead_code, reason = "the shape that is documented; fields are read one by one")]
pub struct OwnerBody {
    #[schema(example = "Manuel Manero", format = "line", min_length = 1, max_length = 100)]
    owner_name: Option<String>,
    /// Postal address, on one line; may be empty.
    #[schema(example = "Rua Direita 1, Lisboa", format = "line", max_length = 300)]
    owner_address: Option<String>,
    /// Where messages go; null while there is none.
    #[schema(example = "hello@example.com", format = "email", max_length = 255)]
    contact_email: Option<String>,
}

/// Changes whose site this is.
#[utoipa::path(
    patch, path = "/api/v1/texts/owner", operation_id = "updateOwner", tag = "Texts", security(("bearer" = [])),
    request_body = OwnerBody,
    responses(
        (status = 200, description = "The owner's details as they are now.", body = Owner),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/texts/owner", data = "<body>")]
pub async fn update_owner(
    caller: EditContent,
    db: &State<Db>,
    if_match: IfMatch,
    body: LargeJson,
) -> Api<Private> {
    let object = body.0?;
    let mut input = Input::new(&object);
    let name = input.text("owner_name", Rule::line(100));
    let address = input.text("owner_address", Rule::line(300).or_empty());
    let email = input.clearable("contact_email", |input, field| {
        input.parsed(field, |text| parse_email(Some(text)))
    });
    input.end()?;
    let change = move |owner: &mut Owner| {
        take(&mut owner.owner_name, name);
        take(&mut owner.owner_address, address);
        take(&mut owner.contact_email, email.map(Option::unwrap_or_default));
    };
    update(db, OWNER, caller, if_match, change).await
}

/// What every page of a language says.
#[utoipa::path(
    get, path = "/api/v1/texts/site", operation_id = "showSiteTexts", tag = "Texts", security(("bearer" = [])),
    params(("lang" = Option<Lang>, Query, description = "The language; English when absent.")),
    responses((status = 200, description = "The words.", body = SiteTexts, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/texts/site")]
pub async fn show_site(_caller: ReadContent, db: &State<Db>, raw: RawQuery) -> Api<Private> {
    let lang = asked_lang(&raw)?.code();
    show::<SiteTexts>(db, Place { name: "site", lang }).await
}

/// An entry of the menu.
#[derive(ToSchema)]
#[schema(as = NewLink)]
#[allow(dead_code, reason = "the shape that is documented; fields are read one by one")]
pub struct LinkBody {
    #[schema(example = "Programs", format = "line", min_length = 1, max_length = 40)]
    label: String,
    /// A path of this site, without the language.
    #[schema(example = "/programs", format = "path", max_length = 200)]
    path: String,
}

/// What every page of a language says; what is absent or null stays.
#[derive(ToSchema)]
#[schema(as = SiteTextsChanges)]
#[allow(dead_code, reason = "the shape that is documented; fields are read one by one")]
pub struct SiteBody {
    #[schema(example = "A mentor for your personal brand", format = "line", max_length = 200)]
    tagline: Option<String>,
    /// What a visitor agrees to. Other words get another version.
    #[schema(example = "Yes, email me.", format = "line", min_length = 1, max_length = 500)]
    consent_text: Option<String>,
    #[schema(max_items = 12)]
    nav: Option<Vec<LinkBody>>,
}

/// Changes what every page of a language says.
#[utoipa::path(
    patch, path = "/api/v1/texts/site", operation_id = "updateSiteTexts", tag = "Texts", security(("bearer" = [])),
    params(("lang" = Option<Lang>, Query, description = "The language; English when absent.")),
    request_body = SiteBody,
    responses(
        (status = 200, description = "The words as they are now.", body = SiteTexts),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/texts/site", data = "<body>")]
pub async fn update_site(
    caller: EditContent,
    db: &State<Db>,
    raw: RawQuery,
    if_match: IfMatch,
    body: LargeJson,
) -> Api<Private> {
    let lang = asked_lang(&raw)?.code();
    let object = body.0?;
    let mut input = Input::new(&object);
    let tagline = input.text("tagline", Rule::line(200).or_empty());
    let consent = input.text("consent_text", Rule::line(500));
    let nav = input.objects("nav", 12, |link| {
        link.require(&["label", "path"]);
        Link {
            label: link.text("label", Rule::line(40)).unwrap_or_default(),
            path: link.parsed("path", parse_path).unwrap_or_default(),
        }
    });
    input.end()?;
    let today = clock::iso_date(clock::now_ms());
    let change = move |site: &mut SiteTexts| {
        take(&mut site.tagline, tagline);
        take(&mut site.nav, nav);
        if let Some(consent) = consent {
            site.agree_to(consent, &today);
        }
    };
    update(db, Place { name: "site", lang }, caller, if_match, change).await
}

impl SiteTexts {
    /// From now on (`today` is `2026-12-01`) visitors agree to these words; other words are another version.
    pub(super) fn agree_to(&mut self, words: String, today: &str) {
        if words != self.consent_text {
            self.consent_version = next_version(&self.consent_version, today);
            self.consent_text = words;
        }
    }
}

/// The version of words that are changed today: the date, and from the second time on a number.
fn next_version(old: &str, today: &str) -> String {
    match old.strip_prefix(today) {
        None => today.to_owned(),
        Some(rest) => {
            let times: u32 = rest.strip_prefix('.').and_then(|n| n.parse().ok()).unwrap_or(1);
            format!("{today}.{}", times.saturating_add(1))
        }
    }
}

fn parse_path(given: &str) -> Result<String, Fault> {
    if is_path(given) {
        return Ok(given.to_owned());
    }
    Err(Fault::of("path", "invalid", "path must be a path of this site such as /programs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_change_twice_in_a_day_have_two_versions() {
        assert_eq!(next_version("2026-11-1", "2026-12-01"), "2026-12-01");
        assert_eq!(next_version("2026-12-01", "2026-12-01"), "2026-12-01.2");
        assert_eq!(next_version("2026-12-01.9", "2026-12-01"), "2026-12-01.10");
    }
}
