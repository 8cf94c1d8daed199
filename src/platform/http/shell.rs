//! What `base.html` needs of every page: language, titles, addresses, and the facts that search
//! engines and social networks read.

use std::sync::Arc;

use serde_json::{Value, json};

use super::site::{Logo, SiteView};
use crate::platform::lang::{Lang, Words};

/// The head and the frame of one page.
#[derive(Debug, Clone)]
pub struct Shell {
    pub lang: Lang,
    pub t: &'static Words,
    pub site: Arc<SiteView>,
    pub title: String,
    pub description: String,
    /// Path of the page without the language, for the navigation; empty for an error page.
    pub path: String,
    /// The languages this page exists in, its own included.
    pub languages: Vec<Lang>,
    /// Where the language switch leads when the page does not exist in that language.
    pub otherwise: &'static str,
    /// The language that the visitor's browser asks for, when it is another one.
    pub offer: Option<Lang>,
    pub noindex: bool,
    /// Path of the picture that social networks show, 1200 × 630.
    pub picture: String,
    /// Open Graph's type: `website` or `article`.
    pub kind: &'static str,
    /// Structured data, ready to stand in a script element.
    pub json_ld: Vec<String>,
    /// `?page=2`, where a canonical address has one.
    pub query: String,
}

/// One entry of the language switch.
pub struct Switch {
    pub lang: Lang,
    pub label: &'static str,
    pub href: String,
    pub current: bool,
}

/// A language version of a page, as `hreflang` wants it.
pub struct Alternate {
    pub code: &'static str,
    pub url: String,
}

impl Shell {
    #[must_use]
    pub fn new(
        lang: Lang,
        site: Arc<SiteView>,
        path: &str,
        title: impl std::fmt::Display,
        description: impl std::fmt::Display,
    ) -> Self {
        Self {
            lang,
            t: lang.words(),
            languages: site.languages(),
            site,
            title: title.to_string(),
            description: description.to_string(),
            path: path.to_owned(),
            otherwise: "/",
            offer: None,
            noindex: false,
            picture: "/art/site.png".to_owned(),
            kind: "website",
            json_ld: Vec::new(),
            query: String::new(),
        }
    }

    /// The same shell for a page that search engines should leave out.
    #[must_use]
    pub fn unlisted(mut self) -> Self {
        self.noindex = true;
        self
    }

    /// The same shell for a page that exists in these languages only; the switch leads to
    /// `otherwise` for the others.
    #[must_use]
    pub fn only_in(mut self, languages: &[Lang], otherwise: &'static str) -> Self {
        self.languages.retain(|lang| languages.contains(lang));
        self.otherwise = otherwise;
        self
    }

    /// The same shell with structured data.
    #[must_use]
    pub fn described_by(mut self, data: &Value) -> Self {
        // `<` could end the script element.
        self.json_ld.push(data.to_string().replace('<', "\\u003c"));
        self
    }

    /// The same shell with a picture of its own for social networks.
    #[must_use]
    pub fn pictured(mut self, path: String) -> Self {
        self.picture = path;
        self
    }

    /// `BreadcrumbList` of names and paths (without the language), from the home page to here.
    #[must_use]
    pub fn breadcrumb(&self, trail: &[(&str, &str)]) -> Value {
        let item = |(index, (name, path)): (usize, &(&str, &str))| {
            json!({
                "@type": "ListItem", "position": index + 1, "name": name, "item": self.url(path),
            })
        };
        let items: Vec<Value> = trail.iter().enumerate().map(item).collect();
        json!({
            "@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items,
        })
    }

    /// The picture in the place of the mark.
    #[must_use]
    pub fn logo(&self) -> Option<&Logo> {
        self.site.theme.as_ref()?.logo.as_ref()
    }

    /// A path of this site in the page's language.
    #[must_use]
    pub fn to(&self, path: &str) -> String {
        self.lang.path(path)
    }

    /// The absolute address of `path` in the page's language.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        address(&self.site.base_url, self.lang, path)
    }

    /// The absolute address of a path that has no language.
    #[must_use]
    pub fn file(&self, path: &str) -> String {
        format!("{}{path}", self.site.base_url)
    }

    /// The address search engines should remember; none for a page they should leave out.
    #[must_use]
    pub fn canonical(&self) -> Option<String> {
        (!self.noindex).then(|| format!("{}{}", self.url(&self.path), self.query))
    }

    /// The versions of this page in other languages, and itself; empty when there is only one.
    #[must_use]
    pub fn alternates(&self) -> Vec<Alternate> {
        if self.noindex || self.languages.len() < 2 || !self.query.is_empty() {
            return Vec::new();
        }
        let own = |lang: &Lang| Alternate {
            code: lang.code(),
            url: address(&self.site.base_url, *lang, &self.path),
        };
        self.languages.iter().map(own).collect()
    }

    /// The entries of the language switch.
    #[must_use]
    pub fn switches(&self) -> Vec<Switch> {
        let entry = |lang: Lang| Switch {
            lang,
            label: lang.words().site.name_of_language.as_str(),
            href: self.in_language(lang),
            current: lang == self.lang,
        };
        let shown = self.site.languages();
        // One alone is nothing to switch.
        shown.iter().filter(|_| shown.len() > 1).copied().map(entry).collect()
    }

    /// The offer to read this page in the language the browser asks for.
    #[must_use]
    pub fn offered(&self) -> Option<Switch> {
        let lang = self.offer.filter(|lang| self.languages.contains(lang))?;
        let label = lang.words().site.name_of_language.as_str();
        Some(Switch { lang, label, href: self.in_language(lang), current: false })
    }

    fn in_language(&self, lang: Lang) -> String {
        let exists = self.languages.contains(&lang) && !self.path.is_empty();
        let path = if exists { self.path.as_str() } else { self.otherwise };
        lang.path(path)
    }

    /// `page` for the link to this very page, `true` for the section it stands in.
    #[must_use]
    pub fn here(&self, path: &str) -> Option<&'static str> {
        let below = |p: &str| self.path.strip_prefix(p).is_some_and(|rest| rest.starts_with('/'));
        if self.path == path {
            Some("page")
        } else {
            (path != "/" && below(path)).then_some("true")
        }
    }
}

/// Scheme, host, language and path; the home page in English ends in a slash.
#[must_use]
pub fn address(base_url: &str, lang: Lang, path: &str) -> String {
    format!("{base_url}{}", lang.path(path))
}
