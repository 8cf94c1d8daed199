//! What the API shows of a program, and what it takes. Columns that are added do not leak.

use serde::Serialize;
use utoipa::ToSchema;

use super::edit::{Stored, Texts};
use super::model::{Module, Program, Question, duration};
use super::offers::{OfferItem, Running};
use crate::platform::clock;
use crate::platform::http::query::Chosen;
use crate::platform::lang::{Lang, format};

#[derive(Serialize, ToSchema)]
#[schema(as = ProgramList)]
pub struct List {
    #[schema(value_type = Vec<Item>)]
    pub(super) items: Vec<Chosen<Item>>,
    /// Programs are few: there is never a next page.
    #[schema(required = true, example = json!(null))]
    pub(super) next: Option<String>,
}

/// A program in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgramSummary)]
pub struct Item {
    #[schema(example = "prime")]
    slug: String,
    /// The language of the words: English where there are none in the one asked for.
    #[schema(value_type = Lang)]
    lang: &'static str,
    /// Whether it is on offer.
    #[schema(example = true)]
    published: bool,
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
    /// The offer that counts now; price and checkout are its. Null when none does.
    #[schema(required = true, example = json!(null))]
    offer: Option<RunningItem>,
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
    "published",
    "name",
    "tagline",
    "description",
    "price",
    "duration_weeks",
    "duration",
    "modules",
    "checkout_url",
    "offer",
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
    /// Only for whoever may `content:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    source: Option<Source>,
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

/// An offer that counts now.
#[derive(Serialize, ToSchema)]
#[schema(as = RunningOffer)]
pub struct RunningItem {
    #[schema(example = "Early bird")]
    name: String,
    regular_price: Price,
    /// When it is over; null: nobody knows yet.
    #[schema(required = true, example = "2026-12-08T08:00:00.000Z", format = "date-time")]
    ends_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Module)]
pub struct ModuleItem {
    #[schema(example = "Take stock", format = "line", min_length = 1, max_length = 120)]
    title: String,
    #[schema(example = "What people already come to you for.", format = "line", max_length = 500)]
    summary: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Question)]
pub struct QuestionItem {
    #[schema(
        example = "How much time does it take?",
        format = "line",
        min_length = 1,
        max_length = 300
    )]
    question: String,
    #[schema(
        example = "About three hours a week.",
        format = "lines",
        min_length = 1,
        max_length = 2000
    )]
    answer: String,
}

/// What a program is made of.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgramSource)]
pub struct Source {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    /// Its place among the programs.
    #[schema(example = 1, minimum = 1)]
    position: i64,
    /// What it costs when no offer counts.
    price: Price,
    /// Where it can be bought when no offer says otherwise.
    #[schema(required = true, example = json!(null))]
    checkout_url: Option<String>,
    #[schema(max_items = 12)]
    offers: Vec<OfferItem>,
    texts: SourceTexts,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    created_at: String,
    /// Null for what came with the program and has not been touched.
    #[schema(required = true, example = json!(null), format = "date-time")]
    edited_at: Option<String>,
}

/// The words in each language; null where there are none.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgramTextsByLanguage)]
pub struct SourceTexts {
    en: TextsItem,
    #[schema(required = true, example = json!(null))]
    es: Option<TextsItem>,
    #[schema(required = true, example = json!(null))]
    pt: Option<TextsItem>,
}

/// What a program says in one language.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgramTexts)]
pub struct TextsItem {
    #[schema(example = "PRIME", format = "line", min_length = 1, max_length = 80)]
    name: String,
    #[schema(
        example = "The foundation: what you stand for, said plainly.",
        format = "line",
        max_length = 200
    )]
    tagline: String,
    #[schema(
        example = "For people who are good at their work and vague about it in public.",
        format = "lines",
        max_length = 2000
    )]
    description: String,
    #[schema(max_items = 60)]
    modules: Vec<ModuleItem>,
    #[schema(value_type = Vec<Point>, max_items = 30)]
    outcomes: Vec<String>,
    #[schema(value_type = Vec<Point>, max_items = 30)]
    not_for: Vec<String>,
    #[schema(max_items = 40)]
    faq: Vec<QuestionItem>,
}

/// One line of a list.
#[derive(ToSchema)]
#[schema(as = Point, value_type = String, example = "A sentence that says what you do", format = "line 300")]
pub struct Point(#[allow(dead_code, reason = "only its shape is documented")] String);

fn modules(modules: Vec<Module>) -> Vec<ModuleItem> {
    modules.into_iter().map(|m| ModuleItem { title: m.title, summary: m.summary }).collect()
}

fn questions(faq: Vec<Question>) -> Vec<QuestionItem> {
    faq.into_iter().map(|q| QuestionItem { question: q.question, answer: q.answer }).collect()
}

impl Price {
    fn new(lang: Lang, amount: i64, currency: String) -> Self {
        Self { amount, formatted: format::money(lang, amount, &currency), currency }
    }
}

impl RunningItem {
    fn new(offer: Running, lang: Lang, currency: &str) -> Self {
        Self {
            name: offer.name,
            regular_price: Price::new(lang, offer.regular_minor, currency.to_owned()),
            ends_at: offer.ends_at.map(clock::rfc3339),
        }
    }
}

impl Item {
    /// A program as people who read `lang` see it.
    #[must_use]
    pub fn new(program: Program, lang: Lang, published: bool) -> Self {
        Self {
            duration: duration(lang, program.duration_weeks),
            url: lang.path(&format!("/programs/{}", program.slug)),
            offer: program.offer.map(|offer| RunningItem::new(offer, lang, &program.currency)),
            price: Price::new(lang, program.price_minor, program.currency),
            slug: program.slug,
            lang: program.lang.code(),
            published,
            name: program.name,
            tagline: program.tagline,
            description: program.description,
            duration_weeks: program.duration_weeks,
            modules: modules(program.details.modules),
            checkout_url: program.checkout_url,
            updated_at: clock::rfc3339(program.updated_at),
        }
    }
}

impl Whole {
    /// A program on offer.
    #[must_use]
    pub fn public(mut program: Program, lang: Lang) -> Self {
        let details = &mut program.details;
        let outcomes = std::mem::take(&mut details.outcomes);
        let not_for = std::mem::take(&mut details.not_for);
        let faq = questions(std::mem::take(&mut details.faq));
        Self { item: Item::new(program, lang, true), outcomes, not_for, faq, source: None }
    }

    /// Any program, with what it is made of.
    #[must_use]
    pub fn edited(program: &Stored, lang: Lang) -> Self {
        let texts = |lang| program.texts(lang).cloned().map(TextsItem::from);
        let source = Source {
            id: program.id.clone(),
            position: program.position,
            price: Price::new(lang, program.price_minor, program.currency.clone()),
            checkout_url: program.checkout_url.clone(),
            offers: program.offers.iter().map(OfferItem::from).collect(),
            texts: SourceTexts {
                en: program.english.clone().into(),
                es: texts(Lang::Es),
                pt: texts(Lang::Pt),
            },
            created_at: clock::rfc3339(program.created_at),
            edited_at: program.edited_at.map(clock::rfc3339),
        };
        let mut whole = Self::public(program.shown(lang), lang);
        whole.item.published = program.published;
        Self { source: Some(source), ..whole }
    }
}

impl From<Texts> for TextsItem {
    fn from(texts: Texts) -> Self {
        Self {
            name: texts.name,
            tagline: texts.tagline,
            description: texts.description,
            modules: modules(texts.details.modules),
            outcomes: texts.details.outcomes,
            not_for: texts.details.not_for,
            faq: questions(texts.details.faq),
        }
    }
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
            offer: None,
            updated_at: 0,
            lang: Lang::En,
        };
        let value = serde_json::to_value(Item::new(program, Lang::Es, true)).unwrap();
        let mut members: Vec<&str> =
            value.as_object().unwrap().keys().map(String::as_str).collect();
        let mut fields = FIELDS.to_vec();
        members.sort_unstable();
        fields.sort_unstable();
        assert_eq!(members, fields);
    }
}
