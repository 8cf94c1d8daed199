//! The site as every page shows it, in each language: name, navigation, owner. Kept in memory and
//! read again when content or settings have changed.

use std::sync::{Arc, PoisonError, RwLock};

use crate::platform::config::Live;
use crate::platform::db::{Conn, Db};
use crate::platform::error::Error;
use crate::platform::lang::Lang;

/// The site in one language. Any text may be empty except the names.
#[derive(Debug, Clone, Default)]
pub struct SiteView {
    pub name: String,
    pub tagline: String,
    pub owner_name: String,
    pub owner_address: String,
    pub contact_email: String,
    /// Scheme and host for absolute links, without a trailing slash.
    pub base_url: String,
    pub year: i16,
    pub nav: Vec<Link>,
    /// Links at the foot of each page, besides the legal ones.
    pub footer: Vec<Link>,
    /// Where somebody who found nothing is sent: the three best pages.
    pub ways: Vec<Link>,
    /// What a visitor agrees to, word for word, and the version of these words.
    pub consent_text: String,
    pub consent_version: String,
    /// Languages that the owner does not show.
    pub hidden: Vec<Lang>,
    /// The look that the owner has chosen; none for the built-in one.
    pub theme: Option<Worn>,
}

impl SiteView {
    /// The languages that visitors see, in the order of the switch.
    #[must_use]
    pub fn languages(&self) -> Vec<Lang> {
        Lang::ALL.into_iter().filter(|lang| !self.hidden.contains(lang)).collect()
    }
}

/// What a page needs to know of the theme that the site wears.
#[derive(Debug, Clone)]
pub struct Worn {
    /// The address of its style sheet.
    pub href: String,
    /// Colours such as `#FBF8F3`, for the browser's own frame.
    pub paper_light: String,
    pub paper_dark: String,
    pub logo: Option<Logo>,
}

/// A picture in the place of the mark.
#[derive(Debug, Clone)]
pub struct Logo {
    pub src: String,
    /// Pixels, as shown.
    pub width: i64,
    pub height: i64,
    /// The site's name stands in it, and not beside it.
    pub says_the_name: bool,
}

/// A link inside the site, its path without the language.
//
// At the foot of a page it may also be an address elsewhere.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields)]
#[schema(as = NavigationLink)]
pub struct Link {
    pub label: String,
    pub path: String,
}

impl Link {
    /// Where it leads in `lang`: a path of this site, or an address elsewhere as it stands.
    #[must_use]
    pub fn href(&self, lang: Lang) -> String {
        if self.path.starts_with('/') { lang.path(&self.path) } else { self.path.clone() }
    }
}

/// One view for each language, in the order of [`Lang::ALL`].
pub type SiteViews = [Arc<SiteView>; 3];

/// Reads the views from the database.
pub type LoadSite = Box<dyn Fn(&mut Conn<'_>) -> Result<SiteViews, Error> + Send + Sync>;

/// The views of one process.
pub struct Sites {
    db: Db,
    live: Live,
    load: LoadSite,
    /// The versions of content and settings they were read at; none before the first time.
    known: RwLock<(Option<(u64, u64)>, SiteViews)>,
}

impl Sites {
    #[must_use]
    pub fn new(db: &Db, live: &Live, load: LoadSite) -> Self {
        Self { db: db.clone(), live: live.clone(), load, known: RwLock::default() }
    }

    fn version(&self) -> (u64, u64) {
        (self.db.content_version(), self.live.version())
    }

    /// The view of now.
    pub fn view(&self, conn: &mut Conn<'_>, lang: Lang) -> Result<Arc<SiteView>, Error> {
        // The version is the one from before reading: a change meanwhile is read once more.
        let version = self.version();
        if let Some(view) = self.of_version(version, lang) {
            return Ok(view);
        }
        let views = (self.load)(conn)?;
        let view = Arc::clone(&views[lang as usize]);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = (Some(version), views);
        Ok(view)
    }

    /// The view of now, for a handler that has no connection at hand.
    pub async fn current(self: &Arc<Self>, lang: Lang) -> Result<Arc<SiteView>, Error> {
        if let Some(view) = self.of_version(self.version(), lang) {
            return Ok(view);
        }
        let sites = Arc::clone(self);
        self.db.read(move |conn| sites.view(conn, lang)).await
    }

    /// [`Sites::current`] for threads of our own.
    pub fn current_blocking(&self, lang: Lang) -> Result<Arc<SiteView>, Error> {
        self.db.read_blocking(|conn| self.view(conn, lang))
    }

    /// What was read last: for error pages, which must not depend on the database.
    #[must_use]
    pub fn last(&self, lang: Lang) -> Arc<SiteView> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&known.1[lang as usize])
    }

    fn of_version(&self, version: (u64, u64), lang: Lang) -> Option<Arc<SiteView>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        (known.0 == Some(version)).then(|| Arc::clone(&known.1[lang as usize]))
    }
}
