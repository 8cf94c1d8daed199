//! `/api/v1/theme`: how the site looks.

use rocket::{State, get, patch, post};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{OpenApi, ToSchema};

use super::colour::Colour;
use super::edit;
use super::model::{Choices, Corners, Headings, LogoPlace, Pair};
use super::store::{self, Theme};
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::business::media::model::is_name;
use crate::platform::clock;
use crate::platform::db::{self, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::{Api, IfMatch, Input, JsonObject, Private};
use crate::platform::word::Word;

#[derive(OpenApi)]
#[openapi(
    paths(show, update, reset),
    components(schemas(Headings, Corners, LogoPlace)),
    tags((name = "Theme", description = "How the site looks: colours, faces of headings, corners, the logo."))
)]
pub struct Described;

/// A colour for each kind of screen.
#[derive(Serialize, ToSchema)]
#[schema(as = ColourPair)]
struct Colours {
    #[schema(example = "#A63A1E", pattern = "^#[0-9A-F]{6}$")]
    light: String,
    #[schema(example = "#F08A6B", pattern = "^#[0-9A-F]{6}$")]
    dark: String,
}

impl From<Pair> for Colours {
    fn from(pair: Pair) -> Self {
        Self { light: pair.light.to_string(), dark: pair.dark.to_string() }
    }
}

/// How the site looks.
#[derive(Serialize, ToSchema)]
#[schema(as = Theme)]
struct Look {
    /// Of links and buttons.
    accent: Colours,
    /// What pages are written on.
    paper: Colours,
    #[schema(value_type = Headings)]
    headings: &'static str,
    #[schema(value_type = Corners)]
    corners: &'static str,
    /// The name of a picture of the library; null for the mark that is drawn.
    #[schema(required = true, example = json!(null))]
    logo: Option<String>,
    #[schema(value_type = LogoPlace)]
    logo_place: &'static str,
    /// Path of the style sheet with these colours; null for the built-in look.
    #[schema(required = true, example = "/theme/0123456789abcdef.css")]
    style_sheet: Option<String>,
}

impl From<Option<Theme>> for Look {
    fn from(worn: Option<Theme>) -> Self {
        let style_sheet = worn.as_ref().map(Theme::href);
        let choices = worn.map_or_else(Choices::default, |theme| theme.choices);
        Self {
            accent: choices.accent.into(),
            paper: choices.paper.into(),
            headings: choices.headings.word(),
            corners: choices.corners.word(),
            logo: choices.logo,
            logo_place: choices.logo_place.word(),
            style_sheet,
        }
    }
}

/// Colours; what is absent or null stays.
#[derive(ToSchema)]
#[schema(as = ColourPairChanges)]
#[allow(dead_code, reason = "the shape that is documented; `pair` reads it")]
struct ColourChanges {
    #[schema(example = "#1F6B45", pattern = "^#[0-9A-Fa-f]{6}$")]
    light: Option<String>,
    #[schema(example = "#6FCF97", pattern = "^#[0-9A-Fa-f]{6}$")]
    dark: Option<String>,
}

/// What is to become of the look; what is absent or null stays, but for `logo`.
#[derive(ToSchema)]
#[schema(as = ThemeChanges)]
#[allow(dead_code, reason = "the shape that is documented; `changed` reads it")]
struct Changes {
    accent: Option<ColourChanges>,
    paper: Option<ColourChanges>,
    headings: Option<Headings>,
    corners: Option<Corners>,
    /// Null: the mark that is drawn.
    #[schema(example = json!(null), pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")]
    logo: Option<String>,
    logo_place: Option<LogoPlace>,
}

/// How the site looks.
#[utoipa::path(
    get, path = "/api/v1/theme", operation_id = "showTheme", tag = "Theme", security(("bearer" = [])),
    responses((status = 200, description = "What the site wears.", body = Look, headers(("ETag" = String, description = "Send it back in `If-None-Match`, or in `If-Match` with a change."))))
)]
#[get("/theme")]
pub async fn show(_caller: ReadContent, db: &State<Db>) -> Api<Private> {
    let worn: db::Result<_> = db.read(store::live).await;
    Ok(Private::new(&Look::from(worn?))?)
}

/// Changes the look, on every page at once.
///
/// Nothing that could not be read is worn: every pair of colours that pages make keeps the contrast of WCAG 2.2 AA, on
/// light and on dark screens. What does not is refused with the nearest colours that would.
#[utoipa::path(
    patch, path = "/api/v1/theme", operation_id = "updateTheme", tag = "Theme", security(("bearer" = [])),
    request_body = Changes,
    responses(
        (status = 200, description = "What the site wears now.", body = Look),
        (status = 409, description = "Something could not be read, or the logo is no picture of the library."),
        (status = 412, description = "Changed since the `ETag` in `If-Match`."),
    )
)]
#[patch("/theme", data = "<body>")]
pub async fn update(
    caller: EditContent,
    db: &State<Db>,
    if_match: IfMatch,
    body: JsonObject,
) -> Api<Private> {
    let change = read(&body.0?)?;
    let now = clock::now_ms();
    let worn = db
        .write(move |tx| {
            let before = store::live(tx)?;
            if_match.check(&Look::from(before.clone()))?;
            let choices = before.map_or_else(Choices::default, |theme| theme.choices);
            edit::wear(tx, &caller.0.actor(), change(choices), now).map_err(as_conflict)
        })
        .await?;
    Ok(Private::new(&Look::from(worn))?)
}

/// Goes back to the built-in look.
#[utoipa::path(
    post, path = "/api/v1/theme/reset", operation_id = "resetTheme", tag = "Theme", security(("bearer" = [])),
    responses((status = 200, description = "The built-in look.", body = Look))
)]
#[post("/theme/reset")]
pub async fn reset(caller: EditContent, db: &State<Db>) -> Api<Private> {
    let now = clock::now_ms();
    db.write(move |tx| edit::take_off(tx, &caller.0.actor(), now)).await?;
    Ok(Private::new(&Look::from(None))?)
}

/// What no schema can say.
fn as_conflict(error: Error) -> Error {
    match error {
        Error::Invalid(faults) => {
            let why: Vec<String> = faults.into_iter().map(|fault| fault.message).collect();
            Error::Conflict(why.join("; "))
        }
        other => other,
    }
}

/// What a body makes of the choices that there are.
fn read(object: &Map<String, Value>) -> Result<impl FnOnce(Choices) -> Choices + use<>, Error> {
    let mut input = Input::new(object);
    let (accent, paper) = (pair(&mut input, "accent"), pair(&mut input, "paper"));
    let (headings, corners) = (input.word("headings"), input.word("corners"));
    let logo = input.clearable("logo", |input, name| {
        input.parsed(name, |text| {
            let message = "logo must be the name of a picture of the library";
            if is_name(text) {
                Ok(text.to_owned())
            } else {
                Err(Fault::of(name, "invalid", message))
            }
        })
    });
    let logo_place = input.word("logo_place");
    input.end()?;
    Ok(move |now: Choices| Choices {
        accent: mixed(now.accent, accent),
        paper: mixed(now.paper, paper),
        headings: headings.unwrap_or(now.headings),
        corners: corners.unwrap_or(now.corners),
        logo: logo.unwrap_or(now.logo),
        logo_place: logo_place.unwrap_or(now.logo_place),
    })
}

/// Light, dark.
type Given = (Option<Colour>, Option<Colour>);

fn pair(input: &mut Input<'_>, name: &'static str) -> Given {
    let given = input.object(name, |pair| (colour(pair, "light"), colour(pair, "dark")));
    given.unwrap_or_default()
}

fn mixed(now: Pair, (light, dark): Given) -> Pair {
    Pair { light: light.unwrap_or(now.light), dark: dark.unwrap_or(now.dark) }
}

fn colour(input: &mut Input<'_>, name: &'static str) -> Option<Colour> {
    input.parsed(name, |text| {
        let message = format!("{name} must be a colour such as #A63A1E");
        let whole = Colour::parse(text).filter(|_| text.len() == 7 && text.starts_with('#'));
        whole.ok_or_else(|| Fault::of(name, "invalid", message))
    })
}
