//! Files that a browser keeps.

use rocket::futures::Stream;
use rocket::futures::stream::BoxStream;
use rocket::http::{ContentType, Header};
use rocket::response::Responder;
use rocket::response::stream::TextStream;
use rocket::tokio::io::AsyncRead;
use rocket::{Request, Response};

/// A file of our making, under a name of our making.
pub struct Download {
    name: String,
    kind: ContentType,
    body: Body,
}

enum Body {
    Whole(Vec<u8>),
    /// Written while it is sent.
    Flowing(Box<dyn AsyncRead + Send + Unpin>),
    Lines(BoxStream<'static, String>),
}

impl Download {
    /// An archive.
    #[must_use]
    pub fn zip(name: String, bytes: Vec<u8>) -> Self {
        Self { name, kind: ContentType::ZIP, body: Body::Whole(bytes) }
    }

    /// A table of any length.
    #[must_use]
    pub fn csv(name: String, lines: impl AsyncRead + Send + Unpin + 'static) -> Self {
        Self { name, kind: ContentType::CSV, body: Body::Flowing(Box::new(lines)) }
    }

    /// A table of any length, a few lines at a time.
    #[must_use]
    pub fn csv_lines(name: String, lines: impl Stream<Item = String> + Send + 'static) -> Self {
        Self { name, kind: ContentType::CSV, body: Body::Lines(Box::pin(lines)) }
    }
}

impl<'r> Responder<'r, 'r> for Download {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'r> {
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        let mut response = match self.body {
            Body::Whole(bytes) => bytes.respond_to(request)?,
            Body::Flowing(lines) => Response::build().streamed_body(lines).finalize(),
            Body::Lines(lines) => TextStream::from(lines).respond_to(request)?,
        };
        response.set_header(self.kind);
        response.set_header(Header::new("Content-Disposition", disposition));
        response.set_header(Header::new("Cache-Control", "no-store"));
        Ok(response)
    }
}
