//! What the API takes of a program: its shapes, and how they are read.

use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::edit::{Edit, Texts, parse_currency};
use super::model::{Details, Module, Question};
use super::offers::{self, OfferItem};
use super::view::{ModuleItem, Point, QuestionItem};
use crate::platform::error::Error;
use crate::platform::http::Input;
use crate::platform::lang::Lang;
use crate::platform::text::Rule;

/// The last place a program can have.
pub const POSITION_MAX: i64 = 10_000;
/// Minor units; nothing is dearer.
pub const PRICE_MAX: i64 = 1_000_000_000_000;
/// Ten years.
const WEEKS_MAX: i64 = 520;

/// A price in minor units: 49900 is 499.00.
#[derive(ToSchema)]
#[schema(as = NewPrice)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct PriceBody {
    #[schema(example = 49900, minimum = 0, maximum = 1_000_000_000_000_i64)]
    amount: i64,
    /// ISO 4217.
    #[schema(example = "EUR", pattern = "^[A-Z]{3}$")]
    currency: String,
}

/// What a program says in one language. A list that is left out is empty.
#[derive(ToSchema)]
#[schema(as = NewProgramTexts)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct TextsBody {
    #[schema(example = "PRIME", format = "line", min_length = 1, max_length = 80)]
    name: String,
    #[schema(example = "The foundation.", format = "line", max_length = 200)]
    tagline: Option<String>,
    #[schema(example = "For people who are vague in public.", format = "lines", max_length = 2000)]
    description: Option<String>,
    #[schema(max_items = 60)]
    modules: Option<Vec<ModuleItem>>,
    #[schema(value_type = Option<Vec<Point>>, max_items = 30)]
    outcomes: Option<Vec<String>>,
    #[schema(value_type = Option<Vec<Point>>, max_items = 30)]
    not_for: Option<Vec<String>>,
    #[schema(max_items = 40)]
    faq: Option<Vec<QuestionItem>>,
}

/// The words of a new program: English, and what else there is.
#[derive(ToSchema)]
#[schema(as = NewProgramTextsByLanguage)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct AllTextsBody {
    en: TextsBody,
    es: Option<TextsBody>,
    pt: Option<TextsBody>,
}

/// Words that take the place of those there are; what is absent stays, and null takes a language away, but for English.
#[derive(ToSchema)]
#[schema(as = ProgramTextsChanges)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct SomeTextsBody {
    en: Option<TextsBody>,
    es: Option<TextsBody>,
    pt: Option<TextsBody>,
}

/// A new program. Hidden, unless it is to be published.
#[derive(ToSchema)]
#[schema(as = NewProgram)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct New {
    /// The last part of its address.
    #[schema(example = "prime", pattern = "^[a-z0-9-]{1,63}$")]
    slug: String,
    price: PriceBody,
    #[schema(example = 8, minimum = 1, maximum = 520)]
    duration_weeks: i64,
    texts: AllTextsBody,
    /// Where it can be bought; null while there is nothing to buy yet.
    #[schema(example = "https://pay.hotmart.com/A1", format = "https", max_length = 2000)]
    checkout_url: Option<String>,
    /// Other prices, each for a time; the first whose time is now counts.
    #[schema(max_items = 12)]
    offers: Option<Vec<OfferItem>>,
    #[schema(example = false)]
    published: Option<bool>,
    /// Its place among the programs; the last when absent.
    #[schema(example = 1, minimum = 1, maximum = 10_000)]
    position: Option<i64>,
}

/// What is to become of a program; what is absent or null stays, but for `checkout_url`.
#[derive(ToSchema)]
#[schema(as = ProgramChanges)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct Changes {
    /// Another one moves the program; its old address leads to the new one.
    #[schema(example = "prime", pattern = "^[a-z0-9-]{1,63}$")]
    slug: Option<String>,
    price: Option<PriceBody>,
    #[schema(example = 8, minimum = 1, maximum = 520)]
    duration_weeks: Option<i64>,
    texts: Option<SomeTextsBody>,
    /// Null: nothing to buy any more.
    #[schema(example = "https://pay.hotmart.com/A1", format = "https", max_length = 2000)]
    checkout_url: Option<String>,
    /// These take the place of those there are.
    #[schema(max_items = 12)]
    offers: Option<Vec<OfferItem>>,
    #[schema(example = true)]
    published: Option<bool>,
    #[schema(example = 1, minimum = 1, maximum = 10_000)]
    position: Option<i64>,
}

/// What a body asks for.
///
/// # Errors
/// Every fault of it.
pub(super) fn read(object: &Map<String, Value>, is_new: bool) -> Result<Edit, Error> {
    let mut input = Input::new(object);
    if is_new {
        input.require(&["slug", "price", "duration_weeks", "texts"]);
    }
    let slug = input.slug("slug");
    let price = input.object("price", |price| {
        price.require(&["amount", "currency"]);
        (price.number("amount", (0, PRICE_MAX)), price.parsed("currency", parse_currency))
    });
    let (price_minor, currency) = price.unwrap_or_default();
    let edit = Edit {
        slug,
        price_minor,
        currency,
        duration_weeks: input.number("duration_weeks", (1, WEEKS_MAX)),
        texts: input.object("texts", |all| read_texts(all, is_new)).unwrap_or_default(),
        checkout_url: input.clearable("checkout_url", Input::https),
        offers: offers::read(&mut input),
        published: input.truth("published"),
        position: input.number("position", (1, POSITION_MAX)),
    };
    input.end()?;
    Ok(edit)
}

fn read_texts(all: &mut Input<'_>, is_new: bool) -> Vec<(Lang, Option<Texts>)> {
    if is_new {
        all.require(&["en"]);
    }
    let mut found = Vec::new();
    for lang in Lang::ALL {
        let one = |all: &mut Input<'_>, name| all.object(name, read_language);
        if let Some(texts) = all.clearable(lang.code(), one) {
            found.push((lang, texts));
        }
    }
    found
}

fn read_language(texts: &mut Input<'_>) -> Texts {
    texts.require(&["name"]);
    let mut text = |name, rule| texts.text(name, rule).unwrap_or_default();
    let name = text("name", Rule::line(80));
    let tagline = text("tagline", Rule::line(200).or_empty());
    let description = text("description", Rule::lines(2000).or_empty());
    let modules = texts.objects("modules", 60, |module| {
        module.require(&["title", "summary"]);
        Module {
            title: module.text("title", Rule::line(120)).unwrap_or_default(),
            summary: module.text("summary", Rule::line(500).or_empty()).unwrap_or_default(),
        }
    });
    let outcomes = texts.texts("outcomes", 30, Rule::line(300));
    let not_for = texts.texts("not_for", 30, Rule::line(300));
    let faq = texts.objects("faq", 40, |entry| {
        entry.require(&["question", "answer"]);
        Question {
            question: entry.text("question", Rule::line(300)).unwrap_or_default(),
            answer: entry.text("answer", Rule::lines(2000)).unwrap_or_default(),
        }
    });
    let details = Details {
        modules: modules.unwrap_or_default(),
        outcomes: outcomes.unwrap_or_default(),
        not_for: not_for.unwrap_or_default(),
        faq: faq.unwrap_or_default(),
    };
    Texts { name, tagline, description, details }
}
