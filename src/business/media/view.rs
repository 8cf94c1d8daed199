//! What the API shows of a picture, and what it takes.

use serde::Serialize;
use utoipa::ToSchema;

use super::desk::{Alt, Item};
use super::uses::{Use, UseKind};
use crate::platform::clock;
use crate::platform::http::query::Chosen;
use crate::platform::word::Word;

#[derive(Serialize, ToSchema)]
#[schema(as = PictureList)]
pub struct List {
    #[schema(value_type = Vec<View>)]
    pub(super) items: Vec<Chosen<View>>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    pub(super) next: Option<String>,
}

/// A picture of the library.
#[derive(Serialize, ToSchema)]
#[schema(as = Picture)]
pub struct View {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    /// Texts show it as `![…](media/<name>)`.
    #[schema(example = "six-part-page")]
    name: String,
    /// As the file was called where it came from; empty when it came with the content.
    #[schema(example = "Six part page.png")]
    file_name: String,
    alt: Alt,
    /// It shows nothing that anybody misses, and has no alternative text.
    #[schema(example = false)]
    decorative: bool,
    /// Of the kept file.
    #[schema(example = "image/webp")]
    content_type: String,
    /// Pixels.
    #[schema(example = 1600, minimum = 1)]
    width: i64,
    #[schema(example = 900, minimum = 1)]
    height: i64,
    /// Of the kept file.
    #[schema(example = 55464, minimum = 0)]
    bytes: i64,
    /// Widths in pixels of the smaller files, rising; empty until they are made.
    #[schema(example = json!([160, 480, 800, 1200, 1600]))]
    variants: Vec<i64>,
    /// Path of the largest file.
    #[schema(example = "/media/0123456789abcdef-1600.webp")]
    url: String,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    created_at: String,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    updated_at: String,
}

/// The members of [`View`], as `fields` names them.
pub const FIELDS: &[&str] = &[
    "id",
    "name",
    "file_name",
    "alt",
    "decorative",
    "content_type",
    "width",
    "height",
    "bytes",
    "variants",
    "url",
    "created_at",
    "updated_at",
];

impl From<Item> for View {
    fn from(item: Item) -> Self {
        Self {
            id: item.id,
            url: item.picture.src(),
            name: item.picture.name,
            file_name: item.file_name,
            alt: item.alt,
            decorative: item.decorative,
            content_type: item.picture.content_type,
            width: item.picture.width,
            height: item.picture.height,
            bytes: item.bytes,
            variants: item.picture.variants,
            created_at: clock::rfc3339(item.created_at),
            updated_at: clock::rfc3339(item.updated_at),
        }
    }
}

/// A picture that was taken in.
#[derive(Serialize, ToSchema)]
#[schema(as = ReceivedPicture)]
pub struct Received {
    #[serde(flatten)]
    pub(super) picture: View,
    /// What was done that may not be expected, for people: a moving picture stands still, and the like.
    #[schema(example = json!(["It moved; its first picture was kept, because pictures here stand still."]))]
    pub(super) notes: Vec<&'static str>,
}

/// Alternative texts; what is absent or null stays.
#[derive(ToSchema)]
#[schema(as = AlternativeTextChanges)]
#[allow(dead_code, reason = "the shape that is documented; `api::read_edit` reads it")]
pub struct AltChanges {
    #[schema(example = "A page with six numbered parts", format = "line", max_length = 500)]
    en: Option<String>,
    #[schema(example = "Una página con seis partes", format = "line", max_length = 500)]
    es: Option<String>,
    #[schema(example = "Uma página com seis partes", format = "line", max_length = 500)]
    pt: Option<String>,
}

/// What is to become of what is said about a picture; what is absent or null stays.
#[derive(ToSchema)]
#[schema(as = PictureChanges)]
#[allow(dead_code, reason = "the shape that is documented; `api::read_edit` reads it")]
pub struct Changes {
    #[schema(example = "Six part page.png", format = "line", min_length = 1, max_length = 150)]
    file_name: Option<String>,
    alt: Option<AltChanges>,
    /// True takes the alternative texts away.
    #[schema(example = false)]
    decorative: Option<bool>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PictureUses)]
pub struct Uses {
    pub(super) items: Vec<UseView>,
}

/// A text that shows a picture.
#[derive(Serialize, ToSchema)]
#[schema(as = PictureUse)]
pub struct UseView {
    #[schema(value_type = UseKind)]
    kind: &'static str,
    #[schema(example = "A page with six parts")]
    title: String,
    /// Path of its page, where a draft will stand too.
    #[schema(example = "/articles/a-page-with-six-parts")]
    url: String,
}

impl From<Use> for UseView {
    fn from(one: Use) -> Self {
        Self { kind: one.kind.word(), title: one.title, url: one.path }
    }
}
