//! Static files: embedded, content-hashed names, compressed once, cached by browsers for a year.
//!
//! `href("css/site.css")` is `/static/css/site.xQ3-a_8Z.css`. A name with another hash is a
//! 404: a page and its files always come from the same release.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::{Route, get, routes};
use rust_embed::Embed;

use super::page::Page;
use super::rendered::{Cached, Rendered};
use crate::platform::error::Error;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/static"]
struct Files;

struct Asset {
    name: String,
    href: String,
    rendered: OnceLock<Arc<Rendered>>,
}

/// By hashed path without the leading `/static/`. The files are part of the program, so this is a
/// constant that happens to be computed.
static BY_PATH: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let assets = Files::iter().filter_map(|name| {
        let file = Files::get(&name)?;
        let digest = file.metadata.sha256_hash();
        let hash = URL_SAFE_NO_PAD.encode(&digest[..6]);
        let (stem, extension) = name.rsplit_once('.')?;
        let path = format!("{stem}.{hash}.{extension}");
        let href = format!("/static/{path}");
        Some((path, Asset { name: name.into_owned(), href, rendered: OnceLock::new() }))
    });
    assets.collect()
});

static BY_NAME: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    BY_PATH.values().map(|asset| (asset.name.as_str(), asset.href.as_str())).collect()
});

/// The address of the file `name` below `static/`; a name that does not exist leads to a 404 and
/// fails the test that renders every page.
#[must_use]
pub fn href(name: &str) -> &'static str {
    BY_NAME.get(name).copied().unwrap_or("/static/missing")
}

/// The text of the file `name` below `static/`.
#[must_use]
pub fn text(name: &str) -> Option<String> {
    String::from_utf8(Files::get(name)?.data.into_owned()).ok()
}

pub fn routes() -> Vec<Route> {
    routes![show, favicon]
}

#[get("/static/<path..>")]
async fn show(path: std::path::PathBuf) -> Page<Cached> {
    let path = path.to_string_lossy();
    let asset = BY_PATH.get(path.as_ref()).ok_or(Error::NotFound)?;
    send(asset).await
}

/// Browsers ask for this name whatever the page says.
#[get("/favicon.ico")]
fn favicon() -> rocket::response::Redirect {
    rocket::response::Redirect::moved(href("img/favicon.svg"))
}

async fn send(asset: &'static Asset) -> Page<Cached> {
    if let Some(rendered) = asset.rendered.get() {
        return Ok(Cached(Arc::clone(rendered)));
    }
    let rendered = tokio::task::spawn_blocking(|| render(asset))
        .await
        .map_err(|_| Error::Internal("compressing a static file panicked".into()))?
        .ok_or(Error::NotFound)?;
    Ok(Cached(Arc::clone(asset.rendered.get_or_init(|| Arc::new(rendered)))))
}

fn render(asset: &Asset) -> Option<Rendered> {
    const KEPT: &str = "public, max-age=31536000, immutable";
    let body = Files::get(&asset.name)?.data.into_owned();
    let content_type = match asset.name.rsplit_once('.').map_or("", |(_, e)| e) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "png" => return Some(Rendered::packed("image/png", KEPT, body)),
        "webp" => return Some(Rendered::packed("image/webp", KEPT, body)),
        _ => return Some(Rendered::packed("application/octet-stream", KEPT, body)),
    };
    let rendered = Rendered::new(content_type, KEPT, body);
    // Few, small, and the same until the next release.
    rendered.pack_densely();
    Some(rendered)
}
