//! The shapes of `/api/v1/settings`.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{
    ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type,
};

use super::Line;
use crate::platform::clock;
use crate::platform::config::keys::{Change, Mask};
use crate::platform::config::{
    Area, ENTRY_MAX, Entry, Kind, LIST_MAX, NUMBER_MAX, Origin as From, Plain, TEXT_MAX,
};
use crate::platform::http::query::Chosen;
use crate::platform::word::Word;

/// Settings in the order of `manero config`.
#[derive(Serialize, ToSchema)]
#[schema(as = SettingList)]
pub struct List {
    #[schema(value_type = Vec<Item>)]
    pub(super) items: Vec<Chosen<Item>>,
    /// Always null: they come on one page.
    #[schema(required = true, example = json!(null))]
    pub(super) next: Option<String>,
}

/// A setting: what it is now, where that comes from, and whether it can be changed here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Setting)]
pub struct Item {
    /// As in the files: group and name.
    #[schema(example = "site.app_name")]
    pub(super) key: &'static str,
    #[schema(value_type = Area)]
    pub(super) group: &'static str,
    #[schema(example = "name of the site in titles, mails and structured data")]
    pub(super) description: &'static str,
    /// What kind of value it takes: `boolean`, `number`, `duration`, `text`, `choice`, `address`,
    /// `ranges`, `domain`, `email`, `url`, `database`, `origins` or `path`.
    #[schema(example = "text")]
    pub(super) kind: &'static str,
    /// The same for people; goes after "must be".
    #[schema(example = "a text")]
    pub(super) must_be: String,
    /// The words of a `choice`.
    #[schema(example = json!([]))]
    pub(super) choices: Vec<&'static str>,
    /// Of a `number`.
    #[schema(required = true, example = json!(null))]
    pub(super) minimum: Option<i64>,
    #[schema(required = true, example = json!(null))]
    pub(super) maximum: Option<i64>,
    /// Whether it can be written and never read.
    #[schema(example = false)]
    pub(super) is_secret: bool,
    #[schema(required = true, schema_with = value_of_now)]
    pub(super) value: Option<Plain>,
    /// Whether anything counts now, secret or not.
    #[schema(example = true)]
    pub(super) is_set: bool,
    /// How a secret ends, to tell it from others; null for others, and for short ones.
    #[schema(required = true, example = json!(null))]
    pub(super) last_four: Option<String>,
    #[schema(required = true, schema_with = built_in)]
    pub(super) default: Option<Plain>,
    pub(super) origin: Origin,
    /// Whether it can be changed here now.
    #[schema(example = true)]
    pub(super) editable: bool,
    /// Why it cannot be.
    #[schema(required = true, example = json!(null))]
    pub(super) why_not: Option<String>,
    /// From when on a change counts; null for what can never be changed here.
    #[schema(required = true)]
    pub(super) takes_effect: Option<TakesEffect>,
    /// What is wrong with the value that was set here, which then does not count.
    #[schema(required = true, example = json!(null))]
    pub(super) problem: Option<String>,
    /// When it was set here; null when it was not.
    #[schema(required = true, example = "2026-11-25T14:00:00.000Z", format = "date-time")]
    pub(super) updated_at: Option<String>,
    /// Who set it here.
    #[schema(required = true, example = "ana@example.com")]
    pub(super) updated_by: Option<String>,
}

/// The members of [`Item`], as `fields` names them.
pub(super) const FIELDS: &[&str] = &[
    "key",
    "group",
    "description",
    "kind",
    "must_be",
    "choices",
    "minimum",
    "maximum",
    "is_secret",
    "value",
    "is_set",
    "last_four",
    "default",
    "origin",
    "editable",
    "why_not",
    "takes_effect",
    "problem",
    "updated_at",
    "updated_by",
];

/// Where a value comes from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SettingOrigin)]
pub struct Origin {
    pub(super) kind: OriginKind,
    /// The file that says it.
    #[schema(required = true, example = json!(null))]
    pub(super) file: Option<String>,
    /// Its line, from 1.
    #[schema(required = true, example = json!(null))]
    pub(super) line: Option<i64>,
    /// The variable that says it.
    #[schema(required = true, example = json!(null))]
    pub(super) variable: Option<String>,
}

/// The layers, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SettingOriginKind, rename_all = "lowercase", example = "dashboard")]
pub enum OriginKind {
    /// Built in, or following from other settings.
    Default,
    /// A file in the folder `config`.
    File,
    /// Set here.
    Dashboard,
    /// A variable, of the environment or of `.env`.
    Environment,
}

/// From when on a change counts.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = SettingTakesEffect, example = "at once")]
pub enum TakesEffect {
    /// In every process within a second.
    #[serde(rename = "at once")]
    AtOnce,
    #[serde(rename = "at the next start")]
    AtNextStart,
}

/// Another value.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSetting)]
#[allow(dead_code, reason = "the shape that is documented; `api` reads it")]
pub struct Body {
    #[schema(schema_with = new_value)]
    value: Plain,
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn value_of_now() -> Schema {
    value_or_null(
        "What counts now; null when nothing does, and for a secret. A URL that may hold a password \
         is shown without it.",
    )
}

fn built_in() -> Schema {
    value_or_null("What is built in; null when that is nothing, or follows from other settings.")
}

fn value_or_null(description: &str) -> Schema {
    let kinds = [Type::Boolean, Type::Integer, Type::String];
    let plain = kinds.map(|kind| ObjectBuilder::new().schema_type(kind).build());
    let list = ArrayBuilder::new().items(text().build());
    let null = ObjectBuilder::new().schema_type(Type::Null).build();
    let all = plain.into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item::<Object>);
    let any = all.item(list).item(null).description(Some(description));
    Schema::OneOf(any.examples([serde_json::json!("Manuel Manero")]).build())
}

fn new_value() -> Schema {
    let line = text()
        .format(Some(SchemaFormat::Custom("line".into())))
        .min_length(Some(1))
        .max_length(Some(TEXT_MAX));
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0_i64))
        .maximum(Some(NUMBER_MAX));
    let entry = text().format(Some(SchemaFormat::Custom(format!("line {ENTRY_MAX}")))).build();
    let any = OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Boolean))
        .item(number)
        .item(line)
        .item(ArrayBuilder::new().items(entry).max_items(Some(LIST_MAX)))
        .description(Some(
            "What `must_be` of the setting says: true or false, a whole number, a text, or a list \
             of texts. Each may be given as a text too.",
        ))
        .examples([serde_json::json!("Ana Souza")]);
    Schema::OneOf(any.build())
}

impl Item {
    pub(super) fn of(line: &Line<'_>) -> Self {
        let (entry, row) = (line.entry, line.entry.row);
        let never = matches!(row.change, Change::Never(_));
        let shown = match row.mask {
            Mask::Whole => None,
            Mask::Password => Some(Plain::Text(entry.value.clone())),
            Mask::Open => Some(Plain::of(row.kind, &entry.value)),
        };
        let (minimum, maximum) = bounds(row.kind);
        let why_not = why_not(entry);
        Self {
            key: entry.key,
            group: entry.area.word(),
            description: entry.help,
            kind: row.kind.word(),
            must_be: row.kind.shape(),
            choices: if let Kind::Choice(words) = row.kind { words.to_vec() } else { Vec::new() },
            minimum,
            maximum,
            is_secret: row.is_secret(),
            value: shown.filter(|_| !entry.value.is_empty()),
            is_set: !entry.value.is_empty(),
            // Of keys that belong to the machine nothing at all is shown.
            last_four: entry.last_four.clone().filter(|_| !never),
            default: entry.default.as_ref().map(|text| Plain::of(row.kind, text)),
            origin: Origin::of(entry),
            editable: why_not.is_none(),
            why_not,
            takes_effect: match row.change {
                Change::AtOnce => Some(TakesEffect::AtOnce),
                Change::AtNextStart => Some(TakesEffect::AtNextStart),
                Change::Never(_) => None,
            },
            problem: line.refused.map(|refused| format!("{} {}", entry.key, refused.problem)),
            updated_at: line.stored.map(|stored| clock::rfc3339(stored.updated_at)),
            updated_by: line.stored.map(|stored| stored.updated_by.clone()),
        }
    }

    /// What the record of changes shows of it: of a secret only whether there is one.
    pub(super) fn facts(&self) -> serde_json::Value {
        if self.is_secret {
            serde_json::json!({ "is_set": self.is_set })
        } else {
            serde_json::json!({ "value": self.value })
        }
    }
}

/// Why a setting cannot be changed here now.
pub(super) fn why_not(entry: &Entry) -> Option<String> {
    match (entry.row.change, &entry.fixed_by) {
        (Change::Never(why), _) => Some(why.to_owned()),
        (_, Some(variable)) => Some(match &entry.origin {
            From::File { name, .. } => format!("{variable} in {name} sets it"),
            _ => format!("the environment sets it: {variable}"),
        }),
        (_, None) => None,
    }
}

/// The least and the greatest number of a kind.
fn bounds(kind: Kind) -> (Option<i64>, Option<i64>) {
    match kind {
        Kind::Port => (Some(1), Some(65_535)),
        Kind::Count { min, max } => (i64::try_from(min).ok(), i64::try_from(max).ok()),
        _ => (None, None),
    }
}

impl Origin {
    fn of(entry: &Entry) -> Self {
        let variable = entry.fixed_by.clone();
        let (kind, file, line) = match &entry.origin {
            From::Default => (OriginKind::Default, None, None),
            From::Dashboard => (OriginKind::Dashboard, None, None),
            From::Environment { .. } => (OriginKind::Environment, None, None),
            From::File { name, line } => {
                let kind =
                    if variable.is_some() { OriginKind::Environment } else { OriginKind::File };
                (kind, Some(name.clone()), i64::try_from(*line).ok())
            }
            From::SecretFile { path, .. } => {
                (OriginKind::Environment, Some(path.display().to_string()), None)
            }
        };
        Self { kind, file, line, variable }
    }
}
