//! `/theme/<file>`: the style sheets of themes, kept by browsers for a year.

use rocket::{State, get};

use super::store;
use super::tokens::style_sheet;
use crate::platform::error::Error;
use crate::platform::http::{Cached, Page, PageCache, Rendered};

/// The name is made of the content. Those of drafts and of earlier themes are answered too: whoever has a page of a
/// moment ago still gets what belongs to it.
#[get("/theme/<file>")]
pub(super) async fn show(pages: &State<PageCache>, file: &str) -> Page<Cached> {
    let hash = file.strip_suffix(".css").filter(|hash| is_hash(hash)).ok_or(Error::NotFound)?;
    let (key, hash) = (format!("/theme/{hash}"), hash.to_owned());
    let cached = pages
        .get(&key, move |conn| {
            let sheet = style_sheet(&store::by_hash(conn, &hash)?.choices).into_bytes();
            let kept = "public, max-age=31536000, immutable";
            Ok(Rendered::new("text/css; charset=utf-8", kept, sheet))
        })
        .await?;
    Ok(cached)
}

fn is_hash(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
