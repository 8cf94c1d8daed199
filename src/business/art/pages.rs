//! `/art/…`: the drawing of an article, and the pictures that social networks show.

use rocket::get;

use super::{drawing, social_picture};
use crate::business::{articles, programs};
use crate::platform::error::Error;
use crate::platform::http::{Cached, Page, Rendered, Visit, assets};
use crate::platform::lang::Lang;

/// A drawing follows from the slug alone; a week is short enough for the day it is drawn better.
const KEPT: &str = "public, max-age=604800";

/// The site's own picture.
#[get("/art/site.png")]
pub async fn site(visit: Visit<'_>) -> Page<Cached> {
    let shown = visit
        .file("/art/site.png", |_, _| png(&assets::text("img/hero.svg").ok_or(Error::NotFound)?))
        .await?;
    Ok(shown)
}

/// `<slug>.svg`, the drawing of an article, and `<slug>.png` for social networks.
#[get("/art/articles/<file>")]
pub async fn article(file: &str, visit: Visit<'_>) -> Page<Cached> {
    let (slug, extension) = file.rsplit_once('.').ok_or(Error::NotFound)?;
    let is_picture = match extension {
        "svg" => false,
        "png" => true,
        _ => return Err(Error::NotFound.into()),
    };
    let slug = slug.to_owned();
    let shown = visit
        .file(&format!("/art/articles/{file}"), move |conn, _| {
            // Only what exists is drawn and kept.
            let article = articles::by_slug(conn, &slug)?;
            let svg = drawing(&article.summary.slug);
            if is_picture {
                return png(&svg);
            }
            Ok(Rendered::new("image/svg+xml", KEPT, svg.into_bytes()))
        })
        .await?;
    Ok(shown)
}

/// `<slug>.png`, a program for social networks.
#[get("/art/programs/<file>")]
pub async fn program(file: &str, visit: Visit<'_>) -> Page<Cached> {
    let slug = file.strip_suffix(".png").ok_or(Error::NotFound)?.to_owned();
    let shown = visit
        .file(&format!("/art/programs/{file}"), move |conn, _| {
            let known = programs::published(conn, Lang::En)?.into_iter().any(|p| p.slug == slug);
            let own = known.then(|| assets::text(&format!("img/{slug}.svg"))).flatten();
            match own.or_else(|| known.then(|| assets::text("img/program.svg")).flatten()) {
                Some(svg) => png(&svg),
                None => Err(Error::NotFound),
            }
        })
        .await?;
    Ok(shown)
}

fn png(svg: &str) -> Result<Rendered, Error> {
    let bytes = social_picture(svg)
        .ok_or_else(|| Error::Internal("a drawing could not be made a picture".into()))?;
    Ok(Rendered::packed("image/png", KEPT, bytes))
}
