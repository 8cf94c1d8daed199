//! `/media/<file>`: the files of the pictures, kept by browsers for a year.

use std::io::{Cursor, ErrorKind};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::http::{Header, Status};
use rocket::response::Responder;
use rocket::{Request, Response, State, get};
use sha2::{Digest, Sha256};

use super::Shelf;
use crate::platform::error::Error;
use crate::platform::http::Page;

/// A file of the shelf on its way out. Pictures are packed as they are: compressing them again
/// would cost time and save nothing.
pub struct PictureFile {
    content_type: &'static str,
    etag: String,
    bytes: Vec<u8>,
}

/// The name is made of the content, so what was got once is never asked for again.
#[get("/media/<file>")]
pub(super) async fn show(file: &str, shelf: &State<Arc<Shelf>>) -> Page<PictureFile> {
    let (file, shelf) = (file.to_owned(), Arc::clone(shelf));
    let read = tokio::task::spawn_blocking(move || PictureFile::read(&shelf, &file))
        .await
        .map_err(|_| Error::Internal("reading a picture panicked".into()))?;
    Ok(read?)
}

impl PictureFile {
    fn read(shelf: &Shelf, file: &str) -> Result<Self, Error> {
        let bytes = shelf.read(file).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::NotFound,
            _ => Error::Internal(format!("media/{file}: {error}")),
        })?;
        let content_type = match file.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "png" => "image/png",
            "jpg" => "image/jpeg",
            _ => "image/webp",
        };
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..12]));
        Ok(Self { content_type, etag, bytes })
    }
}

impl<'r> Responder<'r, 'static> for PictureFile {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let mut response = Response::new();
        response.set_header(Header::new("Cache-Control", "public, max-age=31536000, immutable"));
        response.set_header(Header::new("ETag", self.etag.clone()));
        let known = request.headers().get_one("If-None-Match");
        if known.is_some_and(|tags| is_among(&self.etag, tags)) {
            response.set_status(Status::NotModified);
            return Ok(response);
        }
        response.set_header(Header::new("Content-Type", self.content_type));
        let size = self.bytes.len();
        response.set_sized_body(size, Cursor::new(self.bytes));
        // Rocket's default of 4 KiB costs a channel hop for each piece.
        response.set_max_chunk_size(size.min(256 * 1024) + 1);
        Ok(response)
    }
}

/// Whether `If-None-Match` names `etag`; weak tags compare like strong ones (RFC 9110 §13.1.2).
fn is_among(etag: &str, tags: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

#[cfg(test)]
mod tests {
    use rocket::local::blocking::Client;

    use super::*;

    #[test]
    fn a_file_is_sent_whole_once_and_then_known_by_its_tag() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(dir.path());
        shelf.put("0123456789abcdef-480.webp", b"RIFF").unwrap();
        let rocket = rocket::build().manage(Arc::new(shelf)).mount("/", super::super::routes());
        let client = Client::untracked(rocket).unwrap();
        let at = "/media/0123456789abcdef-480.webp";
        let first = client.get(at).dispatch();
        assert_eq!(first.status(), Status::Ok);
        let one = |name| first.headers().get_one(name).unwrap_or_default().to_owned();
        assert_eq!(one("Content-Type"), "image/webp");
        assert_eq!(one("Cache-Control"), "public, max-age=31536000, immutable");
        let etag = one("ETag");
        assert_eq!(first.into_bytes().unwrap(), b"RIFF");
        let tag = Header::new("If-None-Match", format!("\"x\", W/{etag}"));
        let second = client.get(at).header(tag).dispatch();
        assert_eq!(second.status(), Status::NotModified);
        assert_eq!(second.headers().get_one("ETag"), Some(etag.as_str()));
    }
}
