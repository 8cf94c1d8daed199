//! `/api/v1/texts/home`: the words of the home page, for whoever edits.

use rocket::{State, get, patch};
use utoipa::ToSchema;

use super::model::{HomeTexts, StepText, Testimonial};
use super::words::{self, Place, asked_lang};
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::platform::db::Db;
use crate::platform::http::{Api, IfMatch, Input, LargeJson, Private, RawQuery};
use crate::platform::lang::Lang;
use crate::platform::text::Rule;

/// The home page in a language.
#[utoipa::path(
    get, path = "/api/v1/texts/home", operation_id = "showHomeTexts", tag = "Texts", security(("bearer" = [])),
    params(("lang" = Option<Lang>, Query, description = "The language; English when absent.")),
    responses((status = 200, description = "The words.", body = HomeTexts, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/texts/home")]
pub async fn show(_caller: ReadContent, db: &State<Db>, raw: RawQuery) -> Api<Private> {
    let lang = asked_lang(&raw)?.code();
    words::show::<HomeTexts>(db, Place { name: "home", lang }).await
}

/// Changes the home page in a language.
#[utoipa::path(
    patch, path = "/api/v1/texts/home", operation_id = "updateHomeTexts", tag = "Texts", security(("bearer" = [])),
    params(("lang" = Option<Lang>, Query, description = "The language; English when absent.")),
    request_body = HomeBody,
    responses(
        (status = 200, description = "The words as they are now.", body = HomeTexts),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/texts/home", data = "<body>")]
pub async fn update(
    caller: EditContent,
    db: &State<Db>,
    raw: RawQuery,
    if_match: IfMatch,
    body: LargeJson,
) -> Api<Private> {
    let lang = asked_lang(&raw)?.code();
    let object = body.0?;
    let mut input = Input::new(&object);
    let edits = read(&mut input);
    input.end()?;
    let change = move |home: &mut HomeTexts| edits.into_iter().for_each(|edit| edit(home));
    words::update(db, Place { name: "home", lang }, caller, if_match, change).await
}

/// The home page, in the order in which it is read; what is absent or null stays.
#[derive(ToSchema)]
#[schema(as = HomeTextsChanges)]
#[allow(dead_code, reason = "the shape that is documented; `read` reads it")]
pub struct HomeBody {
    #[schema(format = "line", max_length = 200, example = "Be the name people say.")]
    hero_title: Option<String>,
    #[schema(format = "lines", max_length = 2000, example = "You do good work.")]
    hero_lead: Option<String>,
    #[schema(format = "line", max_length = 200, example = "Join the list")]
    hero_action: Option<String>,
    #[schema(format = "lines", max_length = 2000, example = "Free.")]
    hero_note: Option<String>,
    #[schema(format = "line", max_length = 200, example = "What you get")]
    promise_title: Option<String>,
    #[schema(format = "lines", max_length = 2000, example = "One method in each article.")]
    promise_text: Option<String>,
    #[schema(format = "line", max_length = 200, example = "Is this for you?")]
    fit_title: Option<String>,
    #[schema(format = "line", max_length = 200, example = "It is for you if")]
    for_title: Option<String>,
    #[schema(value_type = Option<Vec<Entry>>, max_items = 12)]
    for_whom: Option<Vec<String>>,
    #[schema(format = "line", max_length = 200, example = "It is not for you if")]
    not_for_title: Option<String>,
    #[schema(value_type = Option<Vec<Entry>>, max_items = 12)]
    not_for_whom: Option<Vec<String>>,
    #[schema(format = "line", max_length = 200, example = "Two programs")]
    programs_title: Option<String>,
    #[schema(format = "lines", max_length = 2000, example = "One after the other.")]
    programs_lead: Option<String>,
    #[schema(format = "line", max_length = 200, example = "How it works")]
    steps_title: Option<String>,
    #[schema(max_items = 12)]
    steps: Option<Vec<StepBody>>,
    #[schema(format = "line", max_length = 200, example = "What people say")]
    testimonials_title: Option<String>,
    #[schema(format = "lines", max_length = 2000, example = "These are samples.")]
    testimonials_note: Option<String>,
    #[schema(max_items = 24)]
    testimonials: Option<Vec<VoiceBody>>,
    #[schema(format = "line", max_length = 200, example = "Latest articles")]
    articles_title: Option<String>,
    #[schema(format = "line", max_length = 200, example = "Join the list")]
    join_title: Option<String>,
    #[schema(format = "lines", max_length = 2000, example = "Tell me where to write.")]
    join_lead: Option<String>,
}

/// One thing that is to become of the home page.
pub(super) type Edit = Box<dyn FnOnce(&mut HomeTexts) + Send>;

pub(super) fn read(input: &mut Input<'_>) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    macro_rules! read {
        ($($field:ident: $given:expr;)+) => { $(
            if let Some(new) = $given {
                edits.push(Box::new(move |home| home.$field = new));
            }
        )+ };
    }
    let (line, lines) = (Rule::line(200).or_empty(), Rule::lines(2000).or_empty());
    let entry = Rule::line(300);
    read! {
        hero_title: input.text("hero_title", line);
        hero_lead: input.text("hero_lead", lines);
        hero_action: input.text("hero_action", line);
        hero_note: input.text("hero_note", lines);
        promise_title: input.text("promise_title", line);
        promise_text: input.text("promise_text", lines);
        fit_title: input.text("fit_title", line);
        for_title: input.text("for_title", line);
        for_whom: input.texts("for_whom", 12, entry);
        not_for_title: input.text("not_for_title", line);
        not_for_whom: input.texts("not_for_whom", 12, entry);
        programs_title: input.text("programs_title", line);
        programs_lead: input.text("programs_lead", lines);
        steps_title: input.text("steps_title", line);
        steps: input.objects("steps", 12, read_step);
        testimonials_title: input.text("testimonials_title", line);
        testimonials_note: input.text("testimonials_note", lines);
        testimonials: input.objects("testimonials", 24, read_voice);
        articles_title: input.text("articles_title", line);
        join_title: input.text("join_title", line);
        join_lead: input.text("join_lead", lines);
    }
    edits
}

/// One line of a list on the home page.
#[derive(ToSchema)]
#[schema(as = HomeEntry, value_type = String, example = "you sell what you know", format = "line 300")]
pub struct Entry(#[allow(dead_code, reason = "only its shape is documented")] String);

/// One step of how it works.
#[derive(ToSchema)]
#[schema(as = NewStep)]
#[allow(dead_code, reason = "the shape that is documented; `read_step` reads it")]
pub struct StepBody {
    #[schema(example = "You join the list", format = "line", min_length = 1, max_length = 120)]
    title: String,
    #[schema(example = "It costs nothing.", format = "lines", min_length = 1, max_length = 1000)]
    text: String,
}

fn read_step(step: &mut Input<'_>) -> StepText {
    step.require(&["title", "text"]);
    StepText {
        title: step.text("title", Rule::line(120)).unwrap_or_default(),
        text: step.text("text", Rule::lines(1000)).unwrap_or_default(),
    }
}

/// What somebody has said.
#[derive(ToSchema)]
#[schema(as = NewTestimonial)]
#[allow(dead_code, reason = "the shape that is documented; `read_voice` reads it")]
pub struct VoiceBody {
    #[schema(
        example = "The page took three weekends.",
        format = "lines",
        min_length = 1,
        max_length = 1000
    )]
    quote: String,
    #[schema(example = "Daniel K.", format = "line", min_length = 1, max_length = 120)]
    name: String,
    #[schema(example = "A physiotherapist", format = "line", max_length = 120)]
    role: Option<String>,
    /// Nobody has said it; it is marked as a sample.
    #[schema(example = false)]
    sample: Option<bool>,
}

fn read_voice(voice: &mut Input<'_>) -> Testimonial {
    voice.require(&["quote", "name"]);
    Testimonial {
        quote: voice.text("quote", Rule::lines(1000)).unwrap_or_default(),
        name: voice.text("name", Rule::line(120)).unwrap_or_default(),
        role: voice.text("role", Rule::line(120).or_empty()).unwrap_or_default(),
        sample: voice.truth("sample").unwrap_or_default(),
    }
}
