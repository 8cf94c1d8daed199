//! How the site looks, as far as the owner chooses: accent and paper for light and dark screens, the faces of
//! headings, corners, the logo.
//!
//! A theme is one small style sheet that overrides the tokens of `static/css/site.css`; its address has its hash, and
//! every page links it. Nothing that could not be read is worn: see `tokens`. Drawings, icons and link previews keep
//! the built-in colours.

pub mod admin;
pub mod api;
pub mod colour;
pub mod edit;
pub mod model;
pub mod pages;
pub mod store;
pub mod tokens;

use rocket::{Route, routes};

use crate::business::media;
use crate::platform::db::{Conn, Result};
use crate::platform::http::site::{Logo, Worn};
use model::{Choices, LogoPlace, Scheme};
use store::Theme;
use tokens::Tokens;

/// Height in pixels of a logo at the head of a page.
const LOGO_HEIGHT: i64 = 40;
/// Widest logo in pixels.
const LOGO_WIDTH: i64 = 200;

/// Addresses of the site.
pub fn routes() -> Vec<Route> {
    routes![pages::show]
}

/// Addresses below `/api/v1`.
pub fn api_routes() -> Vec<Route> {
    routes![api::show, api::update, api::reset]
}

/// What every page needs to know of the theme that the site wears; none for the built-in look.
pub fn worn(conn: &mut Conn<'_>) -> Result<Option<Worn>> {
    match store::live(conn)? {
        Some(theme) => shown(conn, &theme).map(Some),
        None => Ok(None),
    }
}

/// The same of any theme.
pub fn shown(conn: &mut Conn<'_>, theme: &Theme) -> Result<Worn> {
    let choices = &theme.choices;
    let paper = |scheme| Tokens::of(choices, scheme).paper.to_string();
    Ok(Worn {
        href: theme.href(),
        paper_light: paper(Scheme::Light),
        paper_dark: paper(Scheme::Dark),
        logo: logo(conn, choices)?,
    })
}

/// A logo that is gone from the library is as none.
fn logo(conn: &mut Conn<'_>, choices: &Choices) -> Result<Option<Logo>> {
    let Some(name) = &choices.logo else { return Ok(None) };
    let Some(picture) = media::by_name(conn, name)? else { return Ok(None) };
    let (width, height) = fitted(picture.width, picture.height);
    // Screens of twice the density need the double; the smallest file that has it.
    let file = picture.variants.iter().find(|variant| **variant >= 2 * width);
    let src =
        file.map_or_else(|| picture.src(), |width| format!("/media/{}", picture.variant(*width)));
    Ok(Some(Logo {
        src,
        width,
        height,
        says_the_name: choices.logo_place == LogoPlace::InsteadOfName,
    }))
}

/// The size in which a picture of `width` and `height` stands at the head of a page.
fn fitted(width: i64, height: i64) -> (i64, i64) {
    let (width, height) = (width.max(1), height.max(1));
    let wide = (width * LOGO_HEIGHT / height).max(1);
    if wide <= LOGO_WIDTH {
        (wide, LOGO_HEIGHT)
    } else {
        (LOGO_WIDTH, (height * LOGO_WIDTH / width).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_keeps_its_shape_and_fits_the_head_of_a_page() {
        for (size, shown) in [
            ((400, 400), (40, 40)),
            ((800, 200), (160, 40)),
            ((2000, 100), (200, 10)),
            ((10, 4000), (1, 40)),
        ] {
            assert_eq!(fitted(size.0, size.1), shown);
        }
    }
}
