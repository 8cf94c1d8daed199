//! What a page handler asks for: the visitor's language, the page cache, and the frame that every
//! page stands in.

use std::sync::Arc;

use rocket::request::{FromRequest, Outcome};
use rocket::{Request, State};

use super::cache::PageCache;
use super::meta::Meta;
use super::rendered::{Cached, Rendered};
use super::shell::Shell;
use super::site::{SiteView, Sites};
use crate::platform::db::Conn;
use crate::platform::error::Error;
use crate::platform::lang::{Lang, Words};

/// One request for a page.
pub struct Visit<'r> {
    /// The language of the address.
    pub lang: Lang,
    /// The language the browser prefers, when it is another one of ours. It is offered, never
    /// forced: the address alone decides.
    pub offer: Option<Lang>,
    cache: &'r PageCache,
    sites: &'r Arc<Sites>,
}

/// Language, words and site of one page.
pub struct Frame {
    pub lang: Lang,
    pub t: &'static Words,
    pub site: Arc<SiteView>,
    offer: Option<Lang>,
}

impl Visit<'_> {
    /// The page called `key` in this language, from memory when the content has not changed.
    /// `render` runs on a blocking thread with a read connection.
    pub async fn page<F>(&self, key: &str, render: F) -> Result<Cached, Error>
    where
        F: FnOnce(&mut Conn<'_>, Frame) -> Result<Rendered, Error> + Send + 'static,
    {
        let key = match self.offer {
            None => self.lang.path(key),
            Some(offer) => format!("{} {}", self.lang.path(key), offer.code()),
        };
        let (sites, lang, offer) = (Arc::clone(self.sites), self.lang, self.offer);
        let render = move |conn: &mut Conn<'_>| {
            let site = sites.view(conn, lang)?;
            render(conn, Frame { lang, t: lang.words(), site, offer })
        };
        self.cache.get(&key, render).await
    }

    /// The same for a file that looks alike whatever the browser prefers: a feed, a site map.
    pub async fn file<F>(&self, key: &str, render: F) -> Result<Cached, Error>
    where
        F: FnOnce(&mut Conn<'_>, Frame) -> Result<Rendered, Error> + Send + 'static,
    {
        let plain = Visit { offer: None, ..*self };
        plain.page(key, render).await
    }

    /// The frame of a page that is made for one request.
    pub async fn frame(&self) -> Result<Frame, Error> {
        let site = self.sites.current(self.lang).await?;
        Ok(Frame { lang: self.lang, t: self.lang.words(), site, offer: self.offer })
    }
}

impl Frame {
    /// The frame of a page in `lang` that is shown to whoever edits it.
    #[must_use]
    pub fn of(lang: Lang, site: Arc<SiteView>) -> Self {
        Self { lang, t: lang.words(), site, offer: None }
    }

    /// The shell of the page at `path` (without the language).
    #[must_use]
    pub fn shell(
        &self,
        path: &str,
        title: impl std::fmt::Display,
        description: impl std::fmt::Display,
    ) -> Shell {
        let mut shell = Shell::new(self.lang, Arc::clone(&self.site), path, title, description);
        shell.offer = self.offer;
        shell
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Visit<'r> {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let cache = request.guard::<&State<PageCache>>().await.succeeded();
        let sites = request.guard::<&State<Arc<Sites>>>().await.succeeded();
        let (Some(cache), Some(sites)) = (cache, sites) else {
            return Outcome::Forward(rocket::http::Status::InternalServerError);
        };
        let lang = Meta::of(request).lang;
        let asked = request.headers().get_one("Accept-Language").and_then(Lang::preferred);
        Outcome::Success(Self {
            lang,
            offer: asked.filter(|preferred| *preferred != lang),
            cache: cache.inner(),
            sites: sites.inner(),
        })
    }
}
