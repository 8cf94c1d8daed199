//! `GET /api/v1/articles` and one of them.

use rocket::{State, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Article, Order, Summary};
use super::store::{self, After, Selection};
use crate::business::programs::is_slug;
use crate::platform::clock;
use crate::platform::error::Error;
use crate::platform::http::query::{self, Chosen, Fields, gather, wrong};
use crate::platform::http::{Api, Cached, PageCache, RawQuery, Rendered};
use crate::platform::lang::Lang;

const PATH: &str = "/api/v1/articles";

#[derive(Serialize, ToSchema)]
#[schema(as = ArticleList)]
pub struct List {
    #[schema(value_type = Vec<Item>)]
    items: Vec<Chosen<Item>>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// An article in a list; columns that are added do not leak.
#[derive(Serialize, ToSchema)]
#[schema(as = ArticleSummary)]
pub struct Item {
    #[schema(example = "two-hours-a-week")]
    slug: String,
    /// The language it is written in.
    #[schema(value_type = Lang)]
    lang: String,
    #[schema(example = "Two hours a week: a publishing routine you can keep")]
    title: String,
    #[schema(example = "Most people publish for three weeks and then vanish.")]
    excerpt: String,
    #[schema(example = "Manuel Manero")]
    author: String,
    /// Topics as the author writes them.
    #[schema(example = json!(["publishing", "routine"]))]
    tags: Vec<String>,
    #[schema(example = 5, minimum = 1)]
    reading_minutes: i64,
    /// Path of its page.
    #[schema(example = "/articles/two-hours-a-week")]
    url: String,
    #[schema(example = "2026-11-09T00:00:00.000Z", format = "date-time")]
    published_at: String,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    updated_at: String,
}

/// The members of [`Item`], as `fields` names them.
pub const FIELDS: &[&str] = &[
    "slug",
    "lang",
    "title",
    "excerpt",
    "author",
    "tags",
    "reading_minutes",
    "url",
    "published_at",
    "updated_at",
];

/// An article with its text.
#[derive(Serialize, ToSchema)]
#[schema(as = Article)]
pub struct Whole {
    #[serde(flatten)]
    item: Item,
    /// Without scripts, styles and unknown attributes.
    #[schema(example = "<p>Most people publish for three weeks.</p>")]
    body_html: String,
}

impl From<Summary> for Item {
    fn from(summary: Summary) -> Self {
        let lang = Lang::from_code(&summary.lang).unwrap_or(Lang::En);
        Self {
            url: lang.path(&format!("/articles/{}", summary.slug)),
            slug: summary.slug,
            lang: summary.lang,
            title: summary.title,
            excerpt: summary.excerpt,
            author: summary.author,
            tags: summary.tags,
            reading_minutes: summary.reading_minutes,
            published_at: clock::rfc3339(summary.published_at),
            updated_at: clock::rfc3339(summary.updated_at),
        }
    }
}

/// What a client asks of the list, understood.
struct Asked {
    limit: i64,
    selection: Selection,
    fields: Fields,
}

/// Articles whose time has come, in pages.
///
/// An article dated ahead is in the list at most 30 seconds after its time.
#[utoipa::path(
    get, path = "/api/v1/articles", operation_id = "listArticles", tag = "Articles",
    params(
        ("limit" = Option<i64>, Query, description = "Items on a page; 20 when absent.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before.", pattern = "^[0-9]{1,15}-[0-9a-f]{32}$"),
        ("lang" = Option<Lang>, Query, description = "Only articles in this language."),
        ("tag" = Option<String>, Query, description = "Only articles on this topic, as it stands in the address of its page.", pattern = "^[a-z0-9-]{1,63}$"),
        ("sort" = Option<Order>, Query, description = "The order; newest first when absent."),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "A page of articles.", body = List, headers(
        ("ETag" = String, description = "Send it back in `If-None-Match`."),
        ("Link" = String, description = "The address of the next page with `rel=\"next\"`; absent on the last one."),
    )))
)]
#[get("/articles")]
pub async fn list(pages: &State<PageCache>, raw: RawQuery) -> Api<Cached> {
    let asked = read(raw.0.as_deref())?;
    // Only what has been understood is part of the key, so that noise cannot fill the memory.
    let key = asked.key();
    let list = pages
        .get(&key, move |conn| {
            let mut found = store::select(conn, &asked.selection, asked.limit + 1)?;
            let more = found.len() as i64 > asked.limit;
            found.truncate(usize::try_from(asked.limit).unwrap_or(100));
            let next = if more { found.last().map(encode) } else { None };
            let link = next.as_deref().map(|cursor| asked.next(cursor));
            let items = found.into_iter().map(|summary| asked.fields.of(Item::from(summary)));
            let items = items.collect::<Result<_, _>>()?;
            let page = Rendered::public_json(&List { items, next })?;
            Ok(page.followed_by(link.as_deref()))
        })
        .await?;
    Ok(list)
}

/// One article with its text as HTML.
#[utoipa::path(
    get, path = "/api/v1/articles/{slug}", operation_id = "showArticle", tag = "Articles",
    params(("slug" = String, Path, description = "As in its address.", pattern = "^[a-z0-9-]{1,63}$", example = "two-hours-a-week")),
    responses((status = 200, description = "The article.", body = Whole, headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/articles/<slug>")]
pub async fn show(pages: &State<PageCache>, slug: &str, raw: RawQuery) -> Api<Cached> {
    let [] = query::parse(raw.0.as_deref(), [])?;
    let key = format!("{PATH}/{slug}");
    let slug = slug.to_owned();
    let shown = pages
        .get(&key, move |conn| {
            let Article { summary, body_html } = store::by_slug(conn, &slug)?;
            Rendered::public_json(&Whole { item: summary.into(), body_html })
        })
        .await?;
    Ok(shown)
}

fn read(raw: Option<&str>) -> Result<Asked, Error> {
    let known = ["limit", "cursor", "lang", "tag", "sort", "fields"];
    let [limit, cursor, lang, tag, sort, fields] = query::parse(raw, known)?;
    let mut faults = Vec::new();
    let limit = gather(query::number("limit", limit.as_deref(), 1, 100, 20), &mut faults)?;
    let order = sort.as_deref().map_or(Ok(Order::Newest), order);
    let order = gather(order, &mut faults)?;
    let start = || After::start(order.unwrap_or(Order::Newest));
    let after = gather(cursor.as_deref().map_or_else(|| Ok(start()), decode), &mut faults)?;
    let lang = lang.as_deref().map(|code| query::lang(Some(code), Lang::En)).transpose();
    let lang = gather(lang, &mut faults)?;
    let tag = match tag {
        Some(tag) if !is_slug(&tag) => {
            Err(wrong("tag", "tag must be a topic as in an address: a-z, 0-9 and dashes"))
        }
        tag => Ok(tag),
    };
    let tag = gather(tag, &mut faults)?;
    let fields = gather(Fields::parse(fields.as_deref(), FIELDS), &mut faults)?;
    match (limit, order, after, lang, tag, fields) {
        (Some(limit), Some(order), Some(after), Some(lang), Some(topic), Some(fields)) => {
            Ok(Asked { limit, selection: Selection { lang, topic, order, after }, fields })
        }
        _ => Err(Error::Invalid(faults)),
    }
}

fn order(code: &str) -> Result<Order, Error> {
    Order::from_code(code).ok_or_else(|| {
        wrong("sort", format!("sort must be {}", Order::ALL.map(Order::code).join(" or ")))
    })
}

impl Asked {
    /// Everything but the place in the list.
    fn filters(&self) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("limit", &self.limit.to_string());
        if let Some(lang) = self.selection.lang {
            pairs.append_pair("lang", lang.code());
        }
        if let Some(topic) = &self.selection.topic {
            pairs.append_pair("tag", topic);
        }
        if self.selection.order != Order::Newest {
            pairs.append_pair("sort", self.selection.order.code());
        }
        if !self.fields.key().is_empty() {
            pairs.append_pair("fields", &self.fields.key());
        }
        pairs.finish()
    }

    fn key(&self) -> String {
        let After { published_at, id } = &self.selection.after;
        format!("{PATH}?{} {published_at} {id}", self.filters())
    }

    fn next(&self, cursor: &str) -> String {
        format!("{PATH}?{}&cursor={cursor}", self.filters())
    }
}

fn encode(last: &Summary) -> String {
    format!("{}-{}", last.published_at, last.id.replace('-', ""))
}

fn decode(cursor: &str) -> Result<After, Error> {
    let read = || {
        let (published_at, id) = cursor.split_once('-')?;
        let is_time = (1..=15).contains(&published_at.len())
            && published_at.bytes().all(|b| b.is_ascii_digit());
        let is_id = id.len() == 32 && !id.bytes().any(|b| b.is_ascii_uppercase());
        let id = uuid::Uuid::parse_str(id).ok().filter(|_| is_time && is_id)?;
        Some(After { published_at: published_at.parse().ok()?, id: id.hyphenated().to_string() })
    };
    read().ok_or_else(|| wrong("cursor", "cursor must be the `next` of an earlier page"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_that_can_be_chosen_are_the_members_of_an_item() {
        let item = Item::from(Summary {
            id: String::new(),
            slug: "a".into(),
            lang: "es".into(),
            title: String::new(),
            excerpt: String::new(),
            author: String::new(),
            tags: Vec::new(),
            reading_minutes: 1,
            published_at: 0,
            updated_at: 0,
            edited_at: None,
        });
        assert_eq!(item.url, "/es/articles/a");
        let value = serde_json::to_value(item).unwrap();
        let mut members: Vec<&str> =
            value.as_object().unwrap().keys().map(String::as_str).collect();
        let mut fields = FIELDS.to_vec();
        members.sort_unstable();
        fields.sort_unstable();
        assert_eq!(members, fields);
    }

    #[test]
    fn every_fault_of_a_query_is_told_at_once() {
        let Err(Error::Invalid(faults)) =
            read(Some("limit=0&cursor=x&lang=de&tag=%20&sort=title&fields=titel"))
        else {
            panic!("it was accepted")
        };
        let named: Vec<&str> = faults.iter().map(crate::platform::error::Fault::field).collect();
        assert_eq!(named, ["limit", "sort", "cursor", "lang", "tag", "fields"]);
        assert_eq!(faults[1].message, "sort must be -published_at or published_at");
    }
}
