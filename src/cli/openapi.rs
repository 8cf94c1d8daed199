//! `manero openapi`: the API's description, for generators of clients.

use super::{Failure, print};
use crate::app::document;
use crate::ops::openapi::markdown::markdown;
use crate::ops::openapi::model::Reference;

pub(super) fn run(as_markdown: bool) -> Result<(), Failure> {
    let document = document().map_err(Failure::of)?;
    if as_markdown {
        print::text(&markdown(&Reference::of(&document)))
    } else {
        print::json(&document)
    }
}
