//! `GET /api/v1/programs` and one of them.

use rocket::{State, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Module, Program, Question, duration};
use super::store;
use crate::platform::clock;
use crate::platform::error::Error;
use crate::platform::http::query::{self, Chosen, Fields, gather};
use crate::platform::http::{Api, Cached, PageCache, RawQuery, Rendered};
use crate::platform::lang::{Lang, format};

#[derive(Serialize, ToSchema)]
#[schema(as = ProgramList)]
pub struct List {
    #[schema(value_type = Vec<Item>)]
    items: Vec<Chosen<Item>>,
    /// Programs are few: there is never a next page.
    #[schema(required = true, example = json!(null))]
    next: Option<String>,
}

/// A program as the API shows it in a list; columns that are added do not leak.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgramSummary)]
pub struct Item {
    #[schema(example = "prime")]
    slug: String,
    /// The language of the words: English where there are none in the one asked for.
    #[schema(value_type = Lang)]
    lang: &'static str,
    #[schema(example = "PRIME")]
    name: String,
    #[schema(example = "The foundation: what you stand for, said plainly.")]
    tagline: String,
    #[schema(example = "For people who are good at their work and vague about it in public.")]
    description: String,
    price: Price,
    #[schema(example = 8, minimum = 1)]
    duration_weeks: i64,
    /// The length in the words of the language.
    #[schema(example = "8 weeks")]
    duration: String,
    modules: Vec<ModuleItem>,
    /// Where it can be bought; null while there is nothing to buy yet.
    #[schema(required = true, example = json!(null))]
    checkout_url: Option<String>,
    /// Path of its page.
    #[schema(example = "/programs/prime")]
    url: String,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    updated_at: String,
}

/// The members of [`Item`], as `fields` names them.
pub const FIELDS: &[&str] = &[
    "slug",
    "lang",
    "name",
    "tagline",
    "description",
    "price",
    "duration_weeks",
    "duration",
    "modules",
    "checkout_url",
    "url",
    "updated_at",
];

/// A program with all that its page says.
#[derive(Serialize, ToSchema)]
#[schema(as = Program)]
pub struct Whole {
    #[serde(flatten)]
    item: Item,
    /// What somebody has at the end.
    #[schema(example = json!(["A sentence that says what you do"]))]
    outcomes: Vec<String>,
    #[schema(example = json!(["Who wants it done for them"]))]
    not_for: Vec<String>,
    faq: Vec<QuestionItem>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Price)]
pub struct Price {
    /// Minor units: 49900 is 499.00.
    #[schema(example = 49900, minimum = 0)]
    amount: i64,
    /// ISO 4217.
    #[schema(example = "EUR", pattern = "^[A-Z]{3}$")]
    currency: String,
    /// As people read it in the language.
    #[schema(example = "€499")]
    formatted: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Module)]
pub struct ModuleItem {
    #[schema(example = "Take stock")]
    title: String,
    #[schema(example = "What people already come to you for.")]
    summary: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Question)]
pub struct QuestionItem {
    #[schema(example = "How much time does it take?")]
    question: String,
    #[schema(example = "About three hours a week.")]
    answer: String,
}

impl Item {
    fn new(program: Program, lang: Lang) -> Self {
        let module = |m: Module| ModuleItem { title: m.title, summary: m.summary };
        Self {
            duration: duration(lang, program.duration_weeks),
            url: lang.path(&format!("/programs/{}", program.slug)),
            price: Price {
                amount: program.price_minor,
                formatted: format::money(lang, program.price_minor, &program.currency),
                currency: program.currency,
            },
            slug: program.slug,
            lang: program.lang.code(),
            name: program.name,
            tagline: program.tagline,
            description: program.description,
            duration_weeks: program.duration_weeks,
            modules: program.details.modules.into_iter().map(module).collect(),
            checkout_url: program.checkout_url,
            updated_at: clock::rfc3339(program.updated_at),
        }
    }
}

/// All programs on offer, in their order.
#[utoipa::path(
    get, path = "/api/v1/programs", operation_id = "listPrograms", tag = "Programs",
    params(
        ("lang" = Option<Lang>, Query, description = "The language of the words; English when absent."),
        ("fields" = Option<Vec<String>>, Query, style = Form, explode = false, description = "Which members of each item to send, apart by commas; all when absent."),
    ),
    responses((status = 200, description = "The programs.", body = List, headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/programs")]
pub async fn list(pages: &State<PageCache>, raw: RawQuery) -> Api<Cached> {
    let [lang, fields] = query::parse(raw.0.as_deref(), ["lang", "fields"])?;
    let mut faults = Vec::new();
    let lang = gather(query::lang(lang.as_deref(), Lang::En), &mut faults)?;
    let fields = gather(Fields::parse(fields.as_deref(), FIELDS), &mut faults)?;
    let (Some(lang), Some(fields)) = (lang, fields) else {
        return Err(Error::Invalid(faults).into());
    };
    let list = pages
        .get(&format!("/api/v1/programs?{}&{}", lang.code(), fields.key()), move |conn| {
            let programs = store::published(conn, lang)?.into_iter();
            let items =
                programs.map(|p| fields.of(Item::new(p, lang))).collect::<Result<_, _>>()?;
            Rendered::public_json(&List { items, next: None })
        })
        .await?;
    Ok(list)
}

/// One program, with outcomes and questions.
#[utoipa::path(
    get, path = "/api/v1/programs/{slug}", operation_id = "showProgram", tag = "Programs",
    params(
        ("slug" = String, Path, description = "As in its address.", pattern = "^[a-z0-9-]{1,63}$", example = "prime"),
        ("lang" = Option<Lang>, Query, description = "The language of the words; English when absent."),
    ),
    responses((status = 200, description = "The program.", body = Whole, headers(("ETag" = String, description = "Send it back in `If-None-Match`."))))
)]
#[get("/programs/<slug>")]
pub async fn show(pages: &State<PageCache>, slug: &str, raw: RawQuery) -> Api<Cached> {
    let [lang] = query::parse(raw.0.as_deref(), ["lang"])?;
    let lang = query::lang(lang.as_deref(), Lang::En)?;
    let key = format!("/api/v1/programs/{slug}?{}", lang.code());
    let slug = slug.to_owned();
    let shown = pages
        .get(&key, move |conn| {
            let mut program = store::by_slug(conn, &slug, lang)?;
            let outcomes = std::mem::take(&mut program.details.outcomes);
            let not_for = std::mem::take(&mut program.details.not_for);
            let question = |q: Question| QuestionItem { question: q.question, answer: q.answer };
            let faq = std::mem::take(&mut program.details.faq).into_iter().map(question).collect();
            let item = Item::new(program, lang);
            Rendered::public_json(&Whole { item, outcomes, not_for, faq })
        })
        .await?;
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_that_can_be_chosen_are_the_members_of_an_item() {
        let program = Program {
            slug: "a".into(),
            name: String::new(),
            tagline: String::new(),
            description: String::new(),
            price_minor: 1,
            currency: "EUR".into(),
            duration_weeks: 1,
            details: super::super::model::Details::default(),
            checkout_url: None,
            updated_at: 0,
            lang: Lang::En,
        };
        let value = serde_json::to_value(Item::new(program, Lang::Es)).unwrap();
        let mut members: Vec<&str> =
            value.as_object().unwrap().keys().map(String::as_str).collect();
        let mut fields = FIELDS.to_vec();
        members.sort_unstable();
        fields.sort_unstable();
        assert_eq!(members, fields);
    }
}
