//! Versions of programs: what is kept of one, and how one is brought back.

use serde_json::{Value, json};

use super::edit::{Stored, Texts};
use crate::admin::accounts::audit::Actor;
use crate::business::revisions::{self, Kind};
use crate::platform::db::{self, Tx};
use crate::platform::lang::Lang;

/// Keeps `after`, and what was there before the first change that is kept.
pub(super) fn note(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: Option<&Stored>,
    after: &Stored,
    now_ms: i64,
) -> db::Result<()> {
    let was = before.map(|program| (version(program), program.updated_at));
    let since = was.as_ref().map(|(was, at)| (was, *at));
    let place = (Kind::Program, after.id.as_str());
    revisions::note(tx, place, since, &version(after), actor.label(), now_ms)
}

/// Forgets the versions of a program that is removed.
pub(super) fn forget(tx: &mut Tx<'_>, id: &str) -> db::Result<()> {
    revisions::forget(tx, (Kind::Program, id))
}

fn version(program: &Stored) -> Value {
    let words = |texts: &Texts| {
        json!({
            "name": texts.name,
            "tagline": texts.tagline,
            "description": texts.description,
            "details": texts.details,
        })
    };
    let mut texts = serde_json::Map::new();
    for lang in Lang::ALL {
        if let Some(found) = program.texts(lang) {
            texts.insert(lang.code().to_owned(), words(found));
        }
    }
    json!({
        "slug": program.slug,
        "position": program.position,
        "published": program.published,
        "price_minor": program.price_minor,
        "currency": program.currency,
        "duration_weeks": program.duration_weeks,
        "checkout_url": program.checkout_url,
        "offers": program.offers,
        "texts": texts,
    })
}
