//! The site's own words: whose it is, what every page says, the home page, and pages in Markdown.

use serde::{Deserialize, Serialize};

use crate::platform::http::Link;
use crate::platform::http::page::escape;
use crate::platform::lang::{Lang, Words};

/// What no page of the owner's can be called: first parts of addresses that the site itself has, or will have.
pub const RESERVED: &[&str] = &[
    "admin",
    "api",
    "art",
    "articles",
    "blog",
    "chat",
    "confirm",
    "contact",
    "en",
    "es",
    "favicon",
    "feed",
    "health",
    "leads",
    "llms",
    "metrics",
    "media",
    "programs",
    "pt",
    "quiz",
    "robots",
    "search",
    "sitemap",
    "static",
    "status",
    "thanks",
    "theme",
    "unsubscribe",
];

/// Whose site this is, the same in every language.
//
// `config/content/site.toml`
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OwnerTexts)]
pub struct Owner {
    pub owner_name: String,
    pub owner_address: String,
    pub contact_email: String,
}

/// What every page of a language says.
//
// `config/content/<language>/site.toml`
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteTexts {
    pub tagline: String,
    /// What a visitor agrees to, word for word.
    pub consent_text: String,
    /// Changes whenever the words change; stored with each consent.
    pub consent_version: String,
    pub nav: Vec<Link>,
}

/// The home page, in the order in which it is read.
//
// `config/content/<language>/home.toml`
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HomeTexts {
    pub hero_title: String,
    pub hero_lead: String,
    pub hero_action: String,
    pub hero_note: String,
    pub promise_title: String,
    pub promise_text: String,
    pub fit_title: String,
    pub for_title: String,
    pub for_whom: Vec<String>,
    pub not_for_title: String,
    pub not_for_whom: Vec<String>,
    pub programs_title: String,
    pub programs_lead: String,
    pub steps_title: String,
    pub steps: Vec<StepText>,
    #[serde(default)]
    #[schema(required = true)]
    pub testimonials_title: String,
    #[serde(default)]
    #[schema(required = true)]
    pub testimonials_note: String,
    #[serde(default)]
    #[schema(required = true)]
    pub testimonials: Vec<Testimonial>,
    pub articles_title: String,
    pub join_title: String,
    pub join_lead: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Step)]
pub struct StepText {
    pub title: String,
    pub text: String,
}

/// What somebody has said; a sample is marked as one, and never told to search engines.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Testimonial {
    pub quote: String,
    pub name: String,
    pub role: String,
    #[serde(default)]
    #[schema(required = true)]
    pub sample: bool,
}

/// Front matter of `config/content/<language>/<slug>.md`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageMatter {
    pub title: String,
    pub description: String,
    pub updated: toml_edit::Datetime,
}

/// A page in Markdown read from a file, ready to be stored.
#[derive(Debug)]
pub struct SeedPage {
    pub slug: String,
    pub lang: Lang,
    pub title: String,
    pub description: String,
    pub body_markdown: String,
    /// Epoch milliseconds.
    pub dated_at: i64,
}

/// A page in Markdown as stored.
#[derive(Debug, Clone)]
pub struct MarkdownPage {
    pub slug: String,
    pub lang: String,
    pub title: String,
    pub description: String,
    pub body_html: String,
    /// Epoch milliseconds.
    pub dated_at: i64,
    pub updated_at: i64,
}

/// Replaces `{site}`, `{owner}` and `{contact}` in the HTML of a page. The values are escaped here:
/// the HTML around them has been sanitised already.
#[must_use]
pub fn with_owner(
    html: &str,
    site_name: &str,
    owner: &Owner,
    contact_path: &str,
    t: &Words,
) -> String {
    let mut who = escape(&owner.owner_name);
    if !owner.owner_address.is_empty() {
        who = format!("{who}, {}", escape(&owner.owner_address));
    }
    let page = format!("<a href=\"{contact_path}\">{}</a>", escape(t.contact.title.as_str()));
    let contact = if owner.contact_email.is_empty() {
        page
    } else {
        let email = escape(&owner.contact_email);
        format!("<a href=\"mailto:{email}\">{email}</a>, {page}")
    };
    html.replace("{site}", &escape(site_name))
        .replace("{owner}", &who)
        .replace("{contact}", &contact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owners_details_are_put_in_and_cannot_break_the_page() {
        let owner = Owner {
            owner_name: "A & <b>".into(),
            owner_address: "Street 1".into(),
            contact_email: "a@b.co".into(),
        };
        let html = with_owner(
            "<p>{owner}: {contact} {site}</p>",
            "S",
            &owner,
            "/contact",
            Lang::En.words(),
        );
        assert_eq!(
            html,
            "<p>A &amp; &lt;b&gt;, Street 1: <a href=\"mailto:a@b.co\">a@b.co</a>, \
             <a href=\"/contact\">Contact</a> S</p>"
        );
    }
}
